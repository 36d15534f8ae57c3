"""Measures: pure functions from a plan to numbers."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.geo.graph import ContiguityGraph
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class CostParts:
    """The cost of a plan by what causes it, in units of cost; `total` is their sum."""

    crossing: int
    boundary: int
    deviation: int
    disruption: int
    idle_staff: int
    neck: int
    levels: int

    @property
    def total(self) -> int:
        """The cost."""
        return sum(getattr(self, part.name) for part in fields(self))


def community_sizes(problem: Problem, plan: Plan) -> IntArray:
    """Give households and people of every community, (k, n_quantities)."""
    sizes = np.zeros((plan.n_communities, problem.size.shape[1]), dtype=np.int64)
    np.add.at(sizes, plan.assignment, problem.size)
    return sizes


def community_areas(problem: Problem, plan: Plan) -> IntArray:
    """Give the number of the area each community lies in, (k,)."""
    area = np.full(plan.n_communities, -1, dtype=np.int64)
    for number, members in enumerate(problem.areas):
        area[plan.assignment[list(members.blocks)]] = number
    return area


def fits_areas(problem: Problem, plan: Plan) -> bool:
    """Whether every community lies in one area, and every area has a number of communities that it may have."""
    area_of = np.full(len(plan.assignment), -1, dtype=np.int64)
    for number, area in enumerate(problem.areas):
        area_of[list(area.blocks)] = number
    n_in_area = np.bincount(community_areas(problem, plan), minlength=len(problem.areas))
    return bool((community_areas(problem, plan)[plan.assignment] == area_of).all()) and all(
        n in {option.n_communities for option in area.options}
        for n, area in zip(n_in_area.tolist(), problem.areas, strict=True)
    )


def community_targets(problem: Problem, plan: Plan) -> tuple[IntArray, IntArray, IntArray]:
    """Give target, lower and upper bound of every community, each (k, n_quantities)."""
    area = community_areas(problem, plan)
    n_in_area = np.bincount(area, minlength=len(problem.areas))
    limits = [problem.areas[a].limits(int(n_in_area[a])) for a in area.tolist()]
    target, lower, upper = (
        np.array([getattr(limit, name) for limit in limits], dtype=np.int64) for name in ("target", "lower", "upper")
    )
    return target, lower, upper


def plan_cost_parts(problem: Problem, plan: Plan) -> CostParts:
    """Give the cost of a plan by what causes it."""
    inside = _is_inside(problem.edges, plan)
    sizes = community_sizes(problem, plan)
    off = np.abs(sizes - community_targets(problem, plan)[0])
    stay, idle = problem.stay, problem.idle
    return CostParts(
        crossing=int(problem.crossing_cost[inside].sum()),
        boundary=int(problem.boundary_cost[~inside].sum()),
        deviation=int((off @ problem.deviation_rate).sum()),
        disruption=stay.rate * stay.moved(plan.assignment) if stay and stay.rate else 0,
        idle_staff=int(idle.cost(sizes).sum()) if idle else 0,
        neck=(problem.necks.price or 0) * int(count_loose(problem, plan).sum()) if problem.necks else 0,
        levels=int(problem.dear.cost(plan.assignment, plan.n_communities).sum()) if problem.dear else 0,
    )


def count_loose(problem: Problem, plan: Plan) -> IntArray:
    """Give the parts of each community that hang on it by a neck, (k,); none where an area is one community."""
    loose = np.zeros(plan.n_communities, dtype=np.int64)
    if problem.necks is not None:
        area = community_areas(problem, plan)
        for c in np.flatnonzero(np.bincount(area)[area] > 1).tolist():
            loose[c] = max(0, len(problem.necks.parts_of(np.flatnonzero(plan.assignment == c).tolist())) - 1)
    return loose


def crossing_m(graph: ContiguityGraph, plan: Plan) -> NDArray[np.float64]:
    """Give the metres of road of each class inside each community, (k, n_classes)."""
    inside = _is_inside(graph.edges, plan)
    metres = np.zeros((plan.n_communities, len(graph.classes)))
    np.add.at(metres, plan.assignment[graph.edges[inside, 0]], graph.crossing_m[inside])
    return np.round(metres, 2)


def boundary_m(graph: ContiguityGraph, plan: Plan) -> NDArray[np.float64]:
    """Give the metres of frontage each community shares with other communities, (k,)."""
    cut = ~_is_inside(graph.edges, plan)
    metres = np.zeros(plan.n_communities)
    for side in (0, 1):
        np.add.at(metres, plan.assignment[graph.edges[cut, side]], graph.frontage_m[cut])
    return np.round(metres, 2)


def count_pieces(graph: ContiguityGraph, plan: Plan) -> IntArray:
    """Give the connected pieces of each community, (k,)."""
    pieces = components(graph.n_blocks, graph.edges[_is_inside(graph.edges, plan)])
    return np.bincount(plan.assignment[[piece[0] for piece in pieces]], minlength=plan.n_communities)


def _is_inside(edges: NDArray[np.int32], plan: Plan) -> NDArray[np.bool_]:
    return np.asarray(plan.assignment[edges[:, 0]] == plan.assignment[edges[:, 1]])
