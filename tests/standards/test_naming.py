"""Names of a healed plan (issue 17): those of the plan before stay with who keeps its residents."""

import numpy as np
import pytest

from redistrict.geo.current import CurrentPlan
from redistrict.model.before import PlanBefore, number_plan
from redistrict.model.plan import Plan, canonical_plan
from redistrict.model.succession import trace_succession
from redistrict.standards.naming import Named, follow_names, keep_names

RESIDENTS = np.array([30, 30, 30, 30, 30, 30, 30, 30])
BEFORE = PlanBefore(("a", "b"), ("甲", "乙"), np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int32))


def name(plan: list[int], today: list[Named | None] | None = None, taken: tuple[str, ...] = ()) -> list[str]:
    """Give the keys."""
    found = canonical_plan(np.array(plan, dtype=np.int32))
    continued = today or [None] * found.n_communities
    districts = ["东区"] * found.n_communities
    named = keep_names(found, BEFORE, RESIDENTS, today=continued, taken=taken, districts=districts, language="zh")
    assert len(set(named)) == len(named)
    return [key for key, _ in named]


@pytest.mark.parametrize(
    ("plan", "keys"),
    [
        ([0, 0, 0, 0, 1, 1, 1, 1], ["a", "b"]),
        ([0, 0, 0, 1, 1, 1, 1, 1], ["a", "b"]),
        ([0, 1, 1, 1, 1, 1, 0, 0], ["b", "a"]),  # each named as the one most of its residents come from
        ([0, 0, 0, 0, 0, 0, 0, 1], ["a", "b"]),
        ([0, 0, 0, 1, 2, 2, 2, 2], ["a", "东区-01", "b"]),  # split: the larger part keeps the name
        ([0, 1, 2, 2, 3, 3, 3, 3], ["东区-01", "东区-02", "a", "b"]),
        ([0, 0, 0, 0, 0, 0, 0, 0], ["a"]),
    ],
)
def test_who_keeps_most_residents_keeps_the_name(plan: list[int], keys: list[str]) -> None:
    """By the plan before alone, where there are no communities today."""
    assert name(plan) == keys


def test_today_decides_between_the_parts_and_names_the_new_one() -> None:
    """Of two parts of a community the one that continues today's keeps the name, the other may bear one of today."""
    today = [("c", "丙"), ("a", "甲"), ("b", "乙")]
    assert name([0, 0, 0, 1, 2, 2, 2, 2], [*today], ("a", "b", "c", "甲", "乙", "丙")) == ["c", "a", "b"]


def test_the_plan_before_is_stronger_than_today() -> None:
    """Few blocks that go over do not rename a community, though it continues another one of today now."""
    today = [("b", "乙"), ("a", "甲")]
    assert name([0, 0, 0, 0, 1, 1, 1, 1], [*today], ("a", "b", "甲", "乙")) == ["a", "b"]


def test_a_new_community_has_a_name_nobody_had() -> None:
    """Neither a key of today nor one of the plan before is given to what is new."""
    assert name([0, 0, 0, 1, 2, 2, 2, 2], None, ("东区-新01", "z")) == ["a", "东区-新02", "b"]


@pytest.mark.parametrize(
    ("plan", "named"),
    [
        ([0, 0, 0, 1, 2, 2, 2, 2], [("a", "甲"), ("b", "丁"), ("c", "丙")]),
        ([0, 1, 1, 1, 1, 0, 0, 0], [("c", "丙"), ("a", "丁")]),  # merged: who has most of its residents bears the name
        ([0, 0, 0, 1, 1, 1, 1, 1], [("a", "甲"), ("c", "丁")]),
    ],
)
def test_a_pin_renames_who_bears_the_key(plan: list[int], named: list[Named]) -> None:
    """Community b, the blocks 3 and 4, is to be called 丁; blocks before it are of a, those behind it of c."""
    found = canonical_plan(np.array(plan, dtype=np.int32))
    of_block = np.array([0, 0, 0, 1, 1, 2, 2, 2], dtype=np.int32)
    before = PlanBefore(("a", "b", "c"), ("甲", "乙", "丙"), of_block, renamed=((1, "丁"),))
    nobody, districts = [None] * found.n_communities, [""] * found.n_communities
    assert keep_names(found, before, RESIDENTS, today=nobody, taken=(), districts=districts, language="zh") == named


def test_who_bears_a_key_of_today_continues_that_community() -> None:
    """Whatever most of its residents come from: x is new and keeps nobody, b continues b, and a is given up.

    Blocks without a community today are nobody's residents, not even of who is new.
    """
    of_block = np.array([0, 0, 1, 1, 2, -1], dtype=np.int32)
    current = CurrentPlan(("a", "b", "c"), ("甲", "乙", "丙"), ("",) * 3, of_block, None, np.zeros(3, dtype=bool))
    plan, residents = Plan(np.array([0, 1, 1, 0, 2, 2])), np.array([1, 2, 4, 8, 16, 32])
    traced = trace_succession(plan.assignment, of_block, residents)
    for ids, predecessor, successor, kept in (
        (("b", "x", "c"), [1, -1, 2], [-1, 0, 2], [8, 0, 16]),
        (("a", "c", "x"), [0, 2, -1], [0, -1, 1], [1, 0, 0]),
        (("x", "a", "b"), [-1, 0, 1], [1, 2, -1], [0, 2, 0]),
    ):
        found = follow_names(traced, ids, current, plan, residents)
        columns = (found.predecessor, found.successor, found.kept, found.source)
        assert [column.tolist() for column in columns] == [predecessor, successor, kept, traced.source.tolist()]


def test_a_plan_in_any_order_is_put_in_that_of_the_blocks() -> None:
    """Rows of a file may be shuffled; communities are numbered by their keys."""
    rows = (("2", "y", "乙"), ("1", "x", "甲"), ("3", "x", "甲"))
    before = number_plan(rows, ("1", "2", "3"))
    assert (before.ids, before.names, before.of_block.tolist()) == (("x", "y"), ("甲", "乙"), [0, 1, 0])
