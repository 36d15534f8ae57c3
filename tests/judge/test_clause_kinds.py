"""What clauses of each kind find of a community, and whether they hold, by figures one can check by hand."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter

from redistrict.judge.clause_kinds import EITHER, Facts, GridHeld, Grids, Walks, judge_clause
from redistrict.scenario.clauses import AnyClause

HOLDS, BROKEN, UNKNOWN = frozenset({True}), frozenset({False}), frozenset({None})
WALKS = Walks(
    metres=np.array([[100.0, 200.0, 300.0, 120.0], [np.inf] * 4]),
    is_tied=np.array([False, False]),
    community=np.array([0, 0, 0, 1]),
    counts={"households": np.array([10, 10, 40, 0]), "people": np.array([30, 60, 90, 0])},
    dwellings=None,
    by_line=np.array([[True, True, False, False], [False] * 4]),
)
"""Blocks at 100, 200 and 300 m from the rooms of the first community; nobody lives in the second."""
FACTS = Facts(
    sums={"households": [1000, 0], "people": [2500, 0]},
    dwellings=None,
    workers=[4, 4],
    staff_today=None,
    premises_m2=[300.0, None],
    border_share=[0.8, 0.0],
    inside_m={"primary": [60.0, 0.0], "trunk": [40.0, 0.0]},
    n_districts=[1, 1],
    n_pieces=[1, 1],
    compactness=[0.5, 0.5],
    estates=None,
    n_units={"street": [2, 1]},
    walks=WALKS,
    grids=Grids([[GridHeld("7", 300, 1, 1), GridHeld("8", 400, 2, 2)], []], 300, 350),
)


def judge(facts: Facts = FACTS, *, c: int = 0, **asked: object) -> tuple[frozenset, list | None, list | None]:
    """Judge one community by a clause."""
    words = {"zh": "字", "en": "words"}
    clause = TypeAdapter(AnyClause).validate_python({"key": "k", "text": words, "cited": "句", **asked})
    found = judge_clause(clause, facts, c)
    return found.holds, *(one and [round(number, 6) for number in one] for one in (found.found, found.allowed))


@pytest.mark.parametrize(
    ("most_m", "classes", "holds"),
    [
        (100.03, ("primary", "trunk"), HOLDS),
        (99.98, ("primary", "trunk"), EITHER),  # each of two numbers is rounded to the hundredth
        (99.97, ("primary", "trunk"), BROKEN),
        (59.99, ("primary", "rail"), EITHER),
        (59.98, ("primary", "rail"), BROKEN),
        (0, ("rail",), UNKNOWN),
    ],
)
def test_metres_inside_are_added_up_and_as_exact_as_published(
    most_m: float, classes: tuple[str, ...], holds: frozenset
) -> None:
    """Each class that the data have adds a hundredth to what is left open."""
    known = [{"primary": 60.0, "trunk": 40.0}[name] for name in classes if name != "rail"]
    assert judge(check="road_inside", classes=classes, most_m=most_m) == (holds, known, [most_m])


def test_no_metres_at_all_are_surely_not_too_many() -> None:
    """Where none are allowed, none are inside beyond doubt."""
    assert judge(c=1, check="road_inside", classes=("trunk",), most_m=0) == (HOLDS, [0], [0])


@pytest.mark.parametrize(("asked", "holds"), [(0.79, HOLDS), (0.8, EITHER), (0.81, BROKEN)])
def test_shares_and_compactness_are_told_in_per_cent(asked: float, holds: frozenset) -> None:
    """Of the border 80 % run along lines with a name; a compactness of a half is told as 50."""
    assert judge(check="outline_along", min_share=asked) == (holds, [80], [100 * asked])
    assert judge(check="simple_outline", min_compactness=asked - 0.3) == (holds, [50], [round(100 * asked - 30, 6)])


def test_without_polygons_any_compactness_may_be() -> None:
    """What is asked is known all the same."""
    unread = replace(FACTS, compactness=None)
    assert judge(unread, check="simple_outline", min_compactness=0.6) == (EITHER, None, [60])


@pytest.mark.parametrize(
    ("asked", "holds", "allowed"),
    [
        ({"check": "size_limits", "households": {"min": 1000, "max": 1000}}, HOLDS, [1000, 1000]),
        ({"check": "size_limits", "households": {"min": 1001}}, BROKEN, [1001]),
        ({"check": "size_limits", "households": {"max": 999}}, BROKEN, [999]),
        ({"check": "split_above", "households": 1000}, HOLDS, [1000]),
        ({"check": "merge_below", "households": 1000}, HOLDS, [1000]),
        ({"check": "target_size", "households": 1250, "tolerance": 0.2}, HOLDS, [1000, 1500]),
        ({"check": "target_size", "households": 800, "tolerance": 0.24}, BROKEN, [608, 992]),
    ],
)
def test_a_size_may_stand_on_its_limits(asked: dict[str, object], holds: frozenset, allowed: list[float]) -> None:
    """The first community has 1000 households."""
    assert judge(**asked) == (holds, [1000], allowed)
    without = replace(FACTS, sums={"people": [2500, 0]})
    assert judge(without, **asked) == (UNKNOWN, [], allowed)


@pytest.mark.parametrize(
    ("asked", "holds", "allowed"),
    [
        ({"households_per_worker": 240}, BROKEN, 5),  # 4.17
        ({"households_per_worker": 240, "rounding": "nearest"}, HOLDS, 4),
        ({"households_per_worker": 400, "rounding": "nearest"}, HOLDS, 3),  # 2.5
        ({"households_per_worker": 500, "people_per_worker": 500}, BROKEN, 5),  # 2 and 5
        ({"households_per_worker": 500, "people_per_worker": 500, "combine": "mean"}, HOLDS, 4),  # 3.5
    ],
)
def test_workers_are_held_against_whole_workers(asked: dict[str, object], holds: frozenset, allowed: int) -> None:
    """Four workers for 1000 households and 2500 people; halves are rounded up."""
    assert judge(check="staffing", **asked) == (holds, [4], [allowed])


@pytest.mark.parametrize(
    ("asked", "holds", "allowed"),
    [
        ({"minimum_m2": 300}, HOLDS, 300),
        ({"minimum_m2": 301}, BROKEN, 301),
        ({"m2_per_100_households": 30, "minimum_m2": 20}, HOLDS, 300),
        ({"m2_per_100_households": 30.1, "minimum_m2": 20}, BROKEN, 301),
    ],
)
def test_rooms_are_held_against_households_or_the_least(
    asked: dict[str, object], holds: frozenset, allowed: float
) -> None:
    """300 m² for 1000 households; without a rate the least alone counts, whether or not households are known."""
    assert judge(check="premises", **asked) == (holds, [300], [allowed])
    people_only = replace(FACTS, sums={"people": [2500, 0]})
    if "m2_per_100_households" not in asked:
        assert judge(people_only, check="premises", **asked) == (holds, [300], [allowed])
    else:
        assert judge(people_only, check="premises", **asked)[0] == UNKNOWN


def test_a_level_the_data_do_not_have_is_unknown() -> None:
    """Of streets there are two, and one; of quarters nobody knows."""
    assert judge(check="one_unit") == (BROKEN, [2], [1])
    assert judge(c=1, check="one_unit") == (HOLDS, [1], [1])
    assert judge(check="one_unit", level="quarter") == (UNKNOWN, [], [1])


@pytest.mark.parametrize(
    ("most_m", "share", "holds", "found"),
    [
        (150, 0.1, HOLDS, [16.666667, 1]),
        (250, 0.5, HOLDS, [50, 2]),  # one block each that no road leads to is told, of the community's own
        (250, 0.51, BROKEN, [50, 2]),
        (350, 1, HOLDS, [100, 2]),
    ],
)
def test_a_share_of_residents_lives_near_enough(
    most_m: float, share: float, holds: frozenset, found: list[float]
) -> None:
    """30, 60 and 90 people live 100, 200 and 300 m away."""
    assert judge(check="walk", most_m=most_m, min_share=share) == (holds, found, [100 * share, most_m])


def test_households_live_near_enough_where_people_are_not_counted() -> None:
    """Two of six in ten live within 250 m."""
    by_households = replace(FACTS, walks=replace(WALKS, counts={"households": WALKS.counts["households"]}))
    found = judge(by_households, check="walk", most_m=250, min_share=0.3)
    assert found == (HOLDS, [33.333333, 2], [30, 250])


def test_where_nobody_lives_everybody_is_near() -> None:
    """A community without residents is 100 % near."""
    assert judge(c=1, check="walk", most_m=150, min_share=1) == (HOLDS, [100], [100, 150])


def test_whoever_lives_near_counts_whatever_the_community() -> None:
    """Within 150 m live 30 people in 10 households, and where a neighbour's block is inhabited its people, too."""
    limits = {"most_m": 150, "people": {"min": 31}, "dwellings": {"max": 10}}
    assert judge(check="circle", **limits) == (BROKEN, [30, 10, 1], [31, 10])
    assert judge(check="circle", most_m=150, dwellings={"max": 10}) == (HOLDS, [10, 1], [10])
    counts = {"households": np.array([10, 10, 40, 1]), "people": np.array([30, 60, 90, 1])}
    by_line = np.array([[True, True, False, True], [False] * 4])
    beside = replace(FACTS, walks=replace(WALKS, counts=counts, by_line=by_line))
    assert judge(beside, check="circle", **limits) == (BROKEN, [31, 11, 2], [31, 10])
    assert judge(beside, check="walk", most_m=150, min_share=0.1)[1] == [16.666667, 1]


@pytest.mark.parametrize(
    ("asked", "holds", "found", "allowed"),
    [
        ({"check": "grid_count", "grids": {"min": 2, "max": 2}}, HOLDS, [2], [2, 2]),
        ({"check": "grid_count", "grids": {"max": 1}}, BROKEN, [2], [1]),
        ({"check": "grid_size", "households": {"min": 300}}, HOLDS, [2], [300]),
        ({"check": "grid_size"}, BROKEN, [2, 1, 8, 400], [300, 350]),
        ({"check": "grid_posts", "min_posts": 2}, BROKEN, [2, 1, 7, 1], [2]),
        ({"check": "grid_one_piece"}, BROKEN, [2, 1, 8, 2], [1]),
    ],
)
def test_grids_that_break_a_clause_are_counted_and_named(
    asked: dict[str, object], holds: frozenset, found: list[float], allowed: list[float]
) -> None:
    """Of the grids 7 and 8 with 300 and 400 households, the second has two posts and lies in two pieces."""
    assert judge(**asked) == (holds, found, allowed)
    assert judge(c=1, **asked)[1] == [0]
