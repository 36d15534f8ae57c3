"""Names of a healed plan (issue 17): those of the plan before stay with who keeps its residents."""

import numpy as np
import pytest

from redistrict.model.before import PlanBefore, number_plan
from redistrict.model.plan import canonical_plan
from redistrict.standards.naming import Named, keep_names

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


def test_a_plan_in_any_order_is_put_in_that_of_the_blocks() -> None:
    """Rows of a file may be shuffled; communities are numbered by their keys."""
    rows = (("2", "y", "乙"), ("1", "x", "甲"), ("3", "x", "甲"))
    before = number_plan(rows, ("1", "2", "3"))
    assert (before.ids, before.names, before.of_block.tolist()) == (("x", "y"), ("甲", "乙"), [0, 1, 0])
