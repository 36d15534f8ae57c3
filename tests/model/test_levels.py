"""Hard levels: no area crosses a street, and numbers of communities add up from the district down to the piece."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import InfeasibleScenarioError, ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import build_graph
from redistrict.geo.levels import BlockLevel
from redistrict.messages import Message
from redistrict.model.counts import Pieces, Tier, share_counts
from redistrict.model.problem import Problem, build_problem
from redistrict.scenario.levels import Level
from redistrict.scenario.models import Communities, Contiguity, Objective
from tests.geo.drawing import cells, make_blocks, surroundings

ROW = cells("a b c d e f g h")
RULES = {"target": {"households": 200}, "tolerance": {"households": 0.2}}
EXACT = RULES | {"tolerance": {"households": 0.4}}
TITLES = {"zh": "街道", "en": "street"}


def with_level(blocks: Blocks, units: str, **asked: Any) -> Blocks:
    """Give the blocks a hard level below those they have, a letter a block in the order of their keys."""
    level = Level.model_validate(
        {"key": f"l{len(blocks.levels)}", "title": TITLES, "column": "x", "keep": "hard"} | asked
    )
    names, unit = np.unique(list(units), return_inverse=True)
    found = BlockLevel(level.key, tuple(names.tolist()), unit.astype(np.int32), level)
    return replace(blocks, levels=(*blocks.levels, found))


def divide(blocks: Blocks, rules: Mapping[str, Any] = RULES) -> Problem:
    """Put blocks in a row into a problem."""
    graph = build_graph(blocks, surroundings(), Contiguity())
    return build_problem(blocks, graph, Communities.model_validate(rules), Objective())


def counts(problem: Problem) -> dict[str, list[tuple[int, int]]]:
    """Give fewest and most communities of the areas of each unit."""
    found: dict[str, list[tuple[int, int]]] = {}
    for area in problem.areas:
        found.setdefault(area.unit, []).append((area.n_min, area.n_max))
    return found


def test_areas_lie_inside_streets() -> None:
    """Each street is an area of its own with its share, and no edge leads from one to another."""
    problem = divide(with_level(make_blocks(ROW), "aaaabbcc"))
    assert counts(problem) == {"a": [(2, 2)], "b": [(1, 1)], "c": [(1, 1)]}
    assert {area.name for area in problem.areas} == {"a", "b", "c"}
    assert [tuple(edge) for edge in problem.edges.tolist()] == [(0, 1), (1, 2), (2, 3), (4, 5), (6, 7)]
    assert not problem.notes


def test_numbers_of_streets_are_kept() -> None:
    """What is asked of a street it gets, and the others share the rest; an unknown street is refused by name."""
    wide = RULES | {"tolerance": {"households": 0.5}}
    assert counts(divide(with_level(make_blocks(ROW), "aaaabbcc", count_by={"a": 3}), wide)) == {
        "a": [(3, 3)], "b": [(1, 1)], "c": [(1, 1)],
    }  # fmt: skip
    asked = with_level(make_blocks(ROW), "aaaabbbb", count_by={"a": {"min": 1, "max": 3}})
    assert counts(divide(asked, wide | {"count": 4})) == {"a": [(2, 2)], "b": [(2, 2)]}
    with pytest.raises(ScenarioError, match=r"levels\[0\].count_by: there is no street z; the data have: a, b"):
        divide(with_level(make_blocks(ROW), "aaaabbbb", count_by={"z": 3}))


@pytest.mark.parametrize(
    ("streets", "count_by", "rules", "expected"),
    [
        ("aabbccdd", {"a": 2, "b": 1}, {"count_by_district": {"E": 2}},
         r"levels\[0\].count_by: district E gets 2 communities, but 3 are asked for inside it \(a 2, b 1\); mend one."),
        ("aabcddee", {"a": 2}, {"count_by_district": {"E": 3}, "tolerance": {"households": 0.5}},
         r"district E gets 3 communities, but 2 are asked for inside it \(a 2\), and b, c need one each; mend one."),
        ("aabbccdd", dict.fromkeys("abcd", 1), {"count": 5}, "communities.count asks for 5-5 communities"),
    ],
)  # fmt: skip
def test_sums_that_contradict_are_named(streets: str, count_by: dict[str, int], rules: Any, expected: str) -> None:
    """Numbers of streets that their district or the whole cannot have are refused with unit and sums."""
    district = dict.fromkeys("abcd", "E") | dict.fromkeys("efgh", "W")
    with pytest.raises(ScenarioError, match=expected):
        divide(with_level(make_blocks(ROW, district=district), streets, count_by=count_by), RULES | rules)


def test_a_street_too_small_is_a_community_of_its_own() -> None:
    """Block e alone is a street, and a piece of street b lies at the end: both are named, on top of the others."""
    problem = divide(with_level(make_blocks(ROW), "bbbbdaab"), EXACT)
    assert counts(problem) == {"a": [(1, 1)], "b": [(2, 2), (1, 1)], "d": [(1, 1)]}
    named = " ".join(area.exception.en for area in problem.areas if area.exception)
    assert "b: 1 blocks (h; 100 households) are a community of their own: too small for a community" in named
    assert "d: 1 blocks (e; 100 households)" in named
    assert "no community leaves its street" in named


def test_small_streets_are_joined() -> None:
    """A piece goes to the neighbour it shares most border with, and what that costs is said."""
    blocks = make_blocks(cells("a b c\nd e f"), people=30)
    problem = divide(with_level(blocks, "aabaab", pieces="join"), EXACT)
    assert sorted((area.unit, area.blocks) for area in problem.areas) == [("a", (0, 1, 3, 4)), ("b", (2, 5))]
    blocks = make_blocks(cells("a b c d\ne f g h"), people=30)
    problem = divide(with_level(blocks, "aabbaacb", pieces="join"), EXACT)
    assert sorted((area.unit, area.blocks) for area in problem.areas) == [("a", (0, 1, 4, 5)), ("b", (2, 3, 6, 7))]
    (note,) = problem.notes
    assert "1 blocks of c (g), too small for a community, are put to b: 30 residents change." in note.en
    with pytest.raises(InfeasibleScenarioError, match=r"levels\.pieces: refuse: c: 1 blocks"):
        divide(with_level(blocks, "aabbaacb", pieces="refuse"), EXACT)


def test_a_park_in_another_street_stays_with_its_own() -> None:
    """A block without residents, cut off from its street, belongs to its street all the same."""
    blocks = with_level(make_blocks(ROW, households=dict.fromkeys("abcdefg", 100)), "aaabbbba")
    problem = divide(blocks, RULES | {"tolerance": {"households": 0.5}})
    assert sorted((area.unit, area.blocks) for area in problem.areas) == [("a", (0, 1, 2, 7)), ("b", (3, 4, 5, 6))]


units = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 60)), min_size=1, max_size=9)


@settings(deadline=None)
@given(pieces=units, asked=st.dictionaries(st.integers(0, 11), st.integers(1, 5), max_size=4), total=st.integers(1, 30))
def test_shares_add_up_at_every_level(pieces: list[tuple[int, int, int]], asked: dict[int, int], total: int) -> None:
    """Pieces get what adds up to every number asked for, of streets and in all; or the sums that forbid it are told."""
    paths = [(f"d{d}", f"d{d}s{s}") for d, s, _ in pieces]
    given_counts = {f"d{key // 4}s{key % 4}": n for key, n in asked.items()}
    none = np.array([], dtype=object)
    tiers = (
        Tier("by_district", Message("district", "区"), none, {}),
        Tier("by_street", Message("street", "街道"), none, given_counts),
    )
    among = Pieces(paths, [n for _, _, n in pieces], tiers)
    for count in (None, (total, total), (total, total + 4)):
        try:
            ends = share_counts(among, count, 25)
        except ScenarioError:
            continue
        assert all(1 <= low <= high for low, high in ends)
        if count is not None:
            assert count[0] <= sum(low for low, _ in ends) <= sum(high for _, high in ends) <= count[1]
        for street, n in given_counts.items():
            own = [end for path, end in zip(paths, ends, strict=True) if path[1] == street]
            assert not own or (sum(low for low, _ in own), sum(high for _, high in own)) == (n, n)
