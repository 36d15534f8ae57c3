"""Measures, worked out by hand on a town of six blocks."""

import numpy as np
import pytest

from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.model.measures import (
    boundary_m,
    community_areas,
    community_sizes,
    community_targets,
    crossing_m,
    plan_cost_parts,
)
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem, build_problem
from redistrict.scenario.models import Communities, Contiguity, Objective
from tests.geo.drawing import cells, line, make_blocks, surroundings

# Blocks of 100 m, streets of 20 m; the primary road runs between the rows, the trunk between b and c, e and f.
TOWN = cells("a b c\nd e f", street_m=20)
ROADS = surroundings(
    roads=[("primary", "甲路", line((-50, 110), (400, 110))), ("trunk", "乙路", line((230, -50), (230, 300)))]
)
BLOCKS = make_blocks(TOWN, households={"a": 100, "b": 90, "c": 60, "d": 120, "e": 50, "f": 80}, people=300)
RULES = Communities.model_validate(
    {"target": {"households": 250, "people": 900}, "tolerance": {"households": 0.3, "people": 0.3}, "count": 2}
)
OBJECTIVE = Objective(crossing={"primary": 6, "trunk": 10}, boundary=2, deviation=20)
ROWS = Plan(np.array([0, 0, 0, 1, 1, 1]))  # abc | def: the trunk is crossed twice, the primary kept outside
BENT = Plan(np.array([0, 0, 1, 0, 1, 1]))  # abd | cef: the primary is crossed by ad and cf, the trunk by ef


@pytest.fixture(scope="module")
def graph() -> ContiguityGraph:
    return build_graph(BLOCKS, ROADS, Contiguity())


@pytest.fixture(scope="module")
def problem(graph: ContiguityGraph) -> Problem:
    return build_problem(BLOCKS, graph, RULES, OBJECTIVE)


def test_sizes_and_targets_by_community(problem: Problem) -> None:
    """Households and people add up by community; every community has its area's target and bounds."""
    assert community_sizes(problem, BENT).tolist() == [[310, 900], [190, 900]]
    assert community_areas(problem, BENT).tolist() == [0, 0]
    target, lower, upper = community_targets(problem, BENT)
    assert target.tolist() == [[250, 900]] * 2
    assert lower.tolist() == [[175, 630]] * 2
    assert upper.tolist() == [[325, 1170]] * 2


def test_crossing_counts_roads_inside_by_class(graph: ContiguityGraph) -> None:
    """A road counts in the community that has blocks on both sides of it, and nowhere else."""
    assert graph.classes == ("primary", "trunk")
    assert crossing_m(graph, ROWS).tolist() == [[0, 100], [0, 100]]
    assert crossing_m(graph, BENT).tolist() == [[100, 0], [100, 100]]


def test_boundary_counts_frontage_to_other_communities(graph: ContiguityGraph) -> None:
    """Frontage between communities counts for both of them; the edge of the town and frontage inside do not."""
    assert boundary_m(graph, ROWS).tolist() == [300, 300]
    assert boundary_m(graph, BENT).tolist() == [300, 300]
    assert boundary_m(graph, Plan(np.zeros(6))).tolist() == [0]
    corners = Plan(np.array([0, 1, 1, 1, 1, 1]))
    assert boundary_m(graph, corners).tolist() == [200, 200]


def test_cost_parts_add_up_by_hand(problem: Problem) -> None:
    """Crossing, boundary and deviation are metres times weights, and per cent off target times its price."""
    parts = plan_cost_parts(problem, BENT)
    assert parts.crossing == (100 * 6 + 100 * 6 + 100 * 10) * problem.per_metre
    assert parts.boundary == 300 * 2 * problem.per_metre
    assert parts.deviation == (24 + 24) * 20 * problem.per_metre  # 60 households of 250 are 24 %, in each community
    assert parts.total == parts.crossing + parts.boundary + parts.deviation
    assert plan_cost_parts(problem, ROWS).deviation == 0


def test_one_community_pays_no_boundary(graph: ContiguityGraph) -> None:
    """With everything inside one community all roads are crossed and nothing is cut."""
    rules = RULES.model_copy(update={"count": 1, "exceptions": "widen"})
    problem = build_problem(BLOCKS, graph, rules, OBJECTIVE)
    parts = plan_cost_parts(problem, Plan(np.zeros(6)))
    assert parts.boundary == 0
    assert parts.crossing == (300 * 6 + 200 * 10) * problem.per_metre
