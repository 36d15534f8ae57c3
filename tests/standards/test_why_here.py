"""Why here: every single move against the whole plan counted again."""

import math
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.model.dear import DearLevel, build_dear_levels
from redistrict.model.measures import community_sizes, community_targets, plan_cost_parts
from redistrict.model.pins import Demand
from redistrict.model.plan import Plan, canonical_plan
from redistrict.model.problem import Problem, build_problem
from redistrict.scenario.models import Communities, Contiguity, Objective
from redistrict.standards.why_here import Forbidden, Rule, explain_blocks
from tests.geo.drawing import cells, line, make_blocks, surroundings

# Blocks of 100 m, streets of 20 m; the primary road runs between the rows, the trunk road between b and c.
TOWN = cells("a b c d\ne f g h", street_m=20)
ROADS = surroundings(
    roads=[("primary", "甲路", line((-50, 110), (600, 110))), ("trunk", "乙路", line((230, -50), (230, 300)))]
)
HOUSEHOLDS = {name: 60 + 17 * n % 50 for n, name in enumerate("abcdefgh")}
BLOCKS = make_blocks(TOWN, households=HOUSEHOLDS, people=250)
PRICES = {"crossing": {"primary": 6, "trunk": 10}, "boundary": 2, "deviation": 20}
GRAPH = build_graph(BLOCKS, ROADS, Contiguity())
TODAY = CurrentPlan(
    ids=("1", "2", "3"),
    names=("甲", "乙", "丙"),
    districts=("", "", ""),
    of_block=np.array([0, 0, 1, 1, 0, 2, 1, -1], dtype=np.int32),
    staff=None,
    is_locked=np.array([False, True, False]),
)
HALVES = Plan(np.array([0, 0, 1, 1, 0, 0, 1, 1]))  # abef | cdgh


def _problem(graph: ContiguityGraph = GRAPH, blocks=BLOCKS, *, prices=PRICES, **rules) -> Problem:
    dear = rules.pop("dear", None)
    communities = {"count": {"min": 1, "max": 8}, "around": "means", "tolerance": {"households": 0.3, "people": 0.3}}
    problem = build_problem(
        blocks,
        graph,
        Communities.model_validate(communities | rules),
        Objective.model_validate(prices),
        current=TODAY,
    )
    return replace(problem, dear=dear)


def _expected(problem: Problem, plan: Plan, i: int, c: int) -> tuple[int | None, set[Forbidden]]:
    """Move one block, count the whole plan again, and look at every rule."""
    old, changed = int(plan.assignment[i]), plan.assignment.copy()
    changed[i] = c
    rest = [int(j) for j in np.flatnonzero(changed == old)]
    if not rest:
        return None, {Forbidden("last")}
    after = Plan(changed)
    broken = set()
    if not nx.is_connected(nx.Graph(problem.edges.tolist()).subgraph(rest)):
        broken.add(Forbidden("pieces"))
    _, lower, upper = community_targets(problem, after)
    size = community_sizes(problem, after)
    for q, name in enumerate(problem.quantities):
        if size[old, q] < lower[old, q]:
            broken.add(Forbidden("lower", name, int(size[old, q]), int(lower[old, q])))
        if size[c, q] > upper[c, q]:
            broken.add(Forbidden("upper", name, int(size[c, q]), int(upper[c, q])))
    if problem.compactness is not None:
        for ground in (shapely.union_all(GRAPH.cells.shapes[changed == one]) for one in (old, c)):
            if 4 * math.pi * ground.area / ground.length**2 < problem.compactness.least:
                broken.add(Forbidden("thin"))
    stay = problem.stay
    if stay is not None and stay.max_moved is not None and stay.moved(changed) > stay.max_moved:
        broken.add(Forbidden("moved", "", stay.moved(changed), stay.max_moved))
    return plan_cost_parts(problem, after).total - plan_cost_parts(problem, plan).total, broken


@pytest.mark.parametrize(
    ("prices", "rules"),
    [
        ({}, {}),
        ({"disruption": 3, "idle_staff": 40}, {}),
        ({"disruption": 0.5}, {"max_moved_share": 0.2}),
        ({}, {"min_compactness": 0.5}),
        (
            {},
            {
                "dear": build_dear_levels(
                    [DearLevel(np.arange(8) % 3, 2), DearLevel(np.arange(8) // 4, 5)], 1 + np.arange(8)
                )
            },
        ),
        ({"neck": {"width_m": 90, "each": 7}}, {}),
    ],
)
@settings(max_examples=40, derandomize=True)
@given(labels=st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_moves_agree_with_the_whole_plan_counted_again(labels: list[int], prices: dict, rules: dict) -> None:
    """Cost and broken rules of every move are those of the plan with the block moved, and no move is missing."""
    problem, plan = _problem(prices=PRICES | prices, **rules), canonical_plan(np.array(labels, dtype=np.int32))
    moves = {(move.block, move.community): move for move in explain_blocks(problem, GRAPH, plan)}
    beyond = {(i, int(plan.assignment[j])) for a, b in GRAPH.edges.tolist() for i, j in ((a, b), (b, a))}
    assert sorted(moves) == sorted((i, c) for i, c in beyond if plan.assignment[i] != c)
    for (i, c), move in moves.items():
        is_whole = all(_is_connected(problem, plan, e) for e in (int(plan.assignment[i]), c))
        change, broken = _expected(problem, plan, i, c)
        assert move.cost_change == change
        assert not is_whole or set(move.forbidden) == broken


def _is_connected(problem: Problem, plan: Plan, c: int) -> bool:
    blocks = np.flatnonzero(plan.assignment == c).tolist()
    return nx.is_connected(nx.Graph(problem.edges.tolist()).subgraph(blocks))


def test_blocks_inside_a_community_have_no_moves() -> None:
    """Only blocks at a border can go anywhere: a, e, d and h lie inside."""
    moves = explain_blocks(_problem(), GRAPH, HALVES)
    assert sorted({sorted(TOWN)[move.block] for move in moves}) == ["b", "c", "f", "g"]


@pytest.mark.parametrize(
    ("districts", "units", "rule"),
    [("东西", "  ", "district"), ("东西", "甲乙", "district"), ("东东", "甲乙", "unit"), ("东东", "甲甲", "area")],
)
def test_another_area_is_out_of_reach(districts: str, units: str, rule: Rule) -> None:
    """Over its border there is no cost to compare; the reason is the outermost of what differs."""
    blocks = make_blocks(
        TOWN, households=HOUSEHOLDS, people=250, district={name: "东" if name in "cdgh" else "西" for name in TOWN}
    )
    graph = build_graph(blocks, ROADS, Contiguity())
    problem = _problem(graph, blocks)
    named = zip(problem.areas, districts, units, strict=True)
    areas = tuple(replace(area, district=district, unit=unit) for area, district, unit in named)
    moves = explain_blocks(replace(problem, areas=areas), graph, HALVES)
    assert {(move.cost_change, move.forbidden) for move in moves} == {(None, (Forbidden(rule),))}


def test_a_road_that_must_never_be_crossed_is_the_reason() -> None:
    """Block f may not join gh over a road that is never crossed, but may join ab over a road that only costs."""
    around = surroundings(roads=[("trunk", "乙路", line((230, -50), (230, 105)))])
    graph = build_graph(BLOCKS, around, Contiguity())
    plan = Plan(np.array([0, 0, 1, 1, 2, 2, 3, 3]))  # ab | cd | ef | gh
    moves = explain_blocks(_problem(graph, prices={"crossing": {"trunk": "never"}}), graph, plan)
    rules = {move.community: {rule.rule for rule in move.forbidden} for move in moves if move.block == 5}
    assert "never" in rules[3]
    assert "never" not in rules[0]


def test_a_block_that_would_close_a_ring_may_not_go() -> None:
    """Of three rows of three, e in the middle reaches the outside by h alone: h may not go to the ring around them.

    ::

        a a a
        a e a
        a e a
    """
    blocks = make_blocks(cells("a b c\nd e f\ng h i", street_m=20))
    graph, plan = build_graph(blocks, surroundings(), Contiguity()), Plan(np.array([0, 0, 0, 0, 1, 0, 0, 1, 0]))
    for enclaves, rules in (("refuse", {"ring"}), ("note", set())):
        moves = explain_blocks(_problem(graph, blocks, enclaves=enclaves), graph, plan)
        found = {(move.block, rule.rule) for move in moves for rule in move.forbidden}
        assert {rule for block, rule in found if block == 7 and rule == "ring"} == rules
        assert not any(rule == "ring" for block, rule in found if block != 7)


def test_what_surrounds_already_may_not_grow() -> None:
    """The ring around e holds it whatever it takes in beside it: j, k and l may not go there.

    ::

        a a a j
        a e a k
        a a a l
    """
    blocks = make_blocks(cells("a b c j\nd e f k\ng h i l", street_m=20))
    graph = build_graph(blocks, surroundings(), Contiguity())
    plan = Plan(np.array([0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 2, 2]))
    moves = explain_blocks(_problem(graph, blocks, enclaves="refuse"), graph, plan)
    found = {move.block for move in moves if move.community == 0 and Forbidden("ring") in move.forbidden}
    assert found == {9, 10, 11}


def test_a_block_that_would_leave_or_get_a_neck_may_not_go() -> None:
    """The row d e f lies 85 m to the right of a b c: with a b c, d hangs by 85 m on b, and on a by 15 m alone."""
    low, high = cells("a b c"), cells("d e f")
    blocks = make_blocks(low | {name: shapely.affinity.translate(shape, 85, 100) for name, shape in high.items()})
    graph, plan = build_graph(blocks, surroundings(), Contiguity()), Plan(np.array([0, 1, 1, 1, 1, 1]))
    for least_m, rules in ((60, {"neck"}), (10, set())):
        moves = explain_blocks(_problem(graph, blocks, min_neck_m=least_m), graph, plan)
        found = {(move.block, move.community): {rule.rule for rule in move.forbidden} for move in moves}
        assert found[3, 0] & {"neck"} == rules
        assert not found[1, 0] & {"neck"}


@pytest.mark.parametrize(("pairs", "rule"), [("far", "far"), ("apart", "never")])
def test_a_block_kept_from_one_of_the_new_community_is_named(pairs: str, rule: Rule) -> None:
    """Blocks f and h may not be in one community: f cannot go to cdgh, but every other move is free to."""
    problem = replace(_problem(), **{pairs: np.array([[5, 7]], dtype=np.int32)})
    moves = explain_blocks(problem, GRAPH, HALVES)
    assert [sorted(TOWN)[move.block] for move in moves if Forbidden(rule) in move.forbidden] == ["f"]


def _moved_too_many(limit: int) -> dict[tuple[int, int], int]:
    """Give the moves after which more residents than allowed have changed community, and how many."""
    stay = _problem(max_moved_share=0.5).stay
    assert stay is not None
    problem = _problem(max_moved_share=(limit + 0.5) / stay.n_residents)
    moves = explain_blocks(problem, GRAPH, HALVES)
    return {(m.block, m.community): rule.found for m in moves for rule in m.forbidden if rule.rule == "moved"}


def test_as_many_may_move_as_are_allowed() -> None:
    """A move after which just as many residents as allowed have changed community is free."""
    found = _moved_too_many(0)
    limit = min(found.values())
    assert _moved_too_many(limit) == {move: n for move, n in found.items() if n > limit}
    assert _moved_too_many(limit - 1) == found


def test_a_community_may_reach_its_very_bounds() -> None:
    """Of 400 households give or take a quarter, 300 are still enough and 500 not too many."""
    blocks = make_blocks(TOWN, households=100)
    size = {"target": {"households": 400}, "around": "targets", "tolerance": {"households": 0.25}}
    problem = build_problem(blocks, GRAPH, Communities.model_validate(size | {"count": 2}), Objective())
    assert [bound.tolist() for bound in community_targets(problem, HALVES)[1:]] == [[[300], [300]], [[500], [500]]]
    assert {move.forbidden for move in explain_blocks(problem, GRAPH, HALVES)} == {()}


def test_whom_nobody_follows_breaks_no_bound() -> None:
    """Beside 299 and 501 households, 300 to 500 allowed, an empty block may go, and one household makes it worse."""
    blocks = make_blocks(TOWN, households={"a": 298, "b": 1, "f": 0, "c": 1, "g": 0, "d": 500})
    size = {"target": {"households": 400}, "around": "targets", "tolerance": {"households": 0.25}}
    problem = build_problem(blocks, GRAPH, Communities.model_validate(size | {"count": 2}), Objective())
    found = {sorted(TOWN)[move.block]: move.forbidden for move in explain_blocks(problem, GRAPH, HALVES)}
    worse = (Forbidden("lower", "households", 298, 300), Forbidden("upper", "households", 502, 500))
    assert found == {"b": worse, "c": (), "f": (), "g": ()}


def test_merged_communities_move_whole_and_locked_ones_not_at_all() -> None:
    """Where today's communities are only merged no single block moves; those that are locked say so."""
    today = TODAY.of_block.copy()
    today[7] = 1
    problem = build_problem(
        BLOCKS,
        GRAPH,
        Communities.model_validate({"change": "merge_only", "target": {"households": 800, "people": 2500}}),
        Objective.model_validate(PRICES),
        current=CurrentPlan(TODAY.ids, TODAY.names, TODAY.districts, today, None, TODAY.is_locked),
    )
    moves = explain_blocks(problem, GRAPH, HALVES)
    rules = {sorted(TOWN)[move.block]: {rule.rule for rule in move.forbidden} & {"whole", "locked"} for move in moves}
    assert rules == {"b": {"locked"}, "c": {"locked"}, "f": {"locked"}, "g": {"locked"}}
    unlocked = replace(problem, mergers=replace(problem.mergers, is_locked=np.zeros(3, dtype=bool)))
    assert all(Forbidden("whole") in move.forbidden for move in explain_blocks(unlocked, GRAPH, HALVES))


def test_pins_that_a_move_would_break_are_named() -> None:
    """A move is refused with exactly the pins that the plan after it does not keep to (issue 17)."""
    demands = (
        Demand(1, "together", "one gate", together=(0, 1)),
        Demand(2, "apart", "a quarrel", apart=((1, 2), (4, 6))),
        Demand(3, "count", "the east", own=(2, 3, 6, 7), count=1),
    )
    problem, seen = replace(_problem(), demands=demands), set[int]()
    for move in explain_blocks(problem, GRAPH, HALVES):
        after = HALVES.assignment.copy()
        after[move.block] = move.community
        broken = {one.pin for one in demands if not one.holds(after)}
        assert {rule.found for rule in move.forbidden if rule.rule == "pin"} == broken
        seen |= broken
    assert seen == {1, 2, 3}
