"""Problem: the integers the solver may see, and nothing else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.areas import Area, build_areas
from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import ContiguityGraph
from redistrict.scenario.models import Communities, Objective

COST_PER_METRE = 100
"""Costs are whole numbers of weighted centimetres: every metre is scaled by this, once, here."""

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """Divide the blocks of each area into connected communities inside bounds, at least cost.

    The cost of a plan is the `crossing_cost` of the edges inside communities, plus the `boundary_cost` of the
    edges between them, plus ``deviation_rate * |size - target|`` of every community and quantity.

    Attributes
    ----------
    quantities : tuple of str
        Names of the columns of `size`.
    size : (n_blocks, n_quantities) int64
    edges : (n_edges, 2) int32
        Neighbours i < j that lie in the same area.
    crossing_cost, boundary_cost : (n_edges,) int64
        Weighted centimetres.
    deviation_rate : (n_quantities,) int64
        Cost of one household or person off target.
    areas : tuple of Area
        The connected pieces that are divided independently; every block is in exactly one.
    """

    quantities: tuple[str, ...]
    size: IntArray
    edges: NDArray[np.int32]
    crossing_cost: IntArray
    boundary_cost: IntArray
    deviation_rate: IntArray
    areas: tuple[Area, ...]

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.size)


@dataclass(frozen=True, eq=False)
class AreaProblem:
    """One area with one number of communities: what a single search or model works on.

    Attributes
    ----------
    size : (n, n_quantities) int64
    edges : (m, 2) int32
        Positions within the area.
    edge_weight : (m,) int64
        Crossing cost minus boundary cost: what it costs to have the edge inside a community, not cut.
    base_cost : int
        Cost of cutting every edge; the cost of a plan is this, plus the weights inside, plus deviation.
    n_communities : int
    lower, upper, target, deviation_rate : (n_quantities,) int64
        Bounds of one community; deviation is measured from the target.
    """

    size: IntArray
    edges: NDArray[np.int32]
    edge_weight: IntArray
    base_cost: int
    n_communities: int
    lower: IntArray
    upper: IntArray
    target: IntArray
    deviation_rate: IntArray

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.size)


def build_problem(blocks: Blocks, graph: ContiguityGraph, communities: Communities, objective: Objective) -> Problem:
    """Put blocks, neighbours, areas and costs into integers.

    Raises
    ------
    InfeasibleScenarioError
        If the totals of some area cannot meet the bounds, with the sums.
    ScenarioError
        If the numbers of communities asked for cannot be shared out.
    """
    areas = build_areas(blocks, graph, communities)
    area_of = np.full(len(blocks), -1, dtype=np.int64)
    for number, area in enumerate(areas):
        area_of[list(area.blocks)] = number
    inside = area_of[graph.edges[:, 0]] == area_of[graph.edges[:, 1]]
    crossing, boundary = edge_costs(graph, objective)
    targets = [getattr(communities.target, name) for name in blocks.quantities]
    means = blocks.size.sum(axis=0) / max(1, sum(area.n_min for area in areas))
    return Problem(
        quantities=blocks.quantities,
        size=blocks.size,
        edges=graph.edges[inside],
        crossing_cost=crossing[inside],
        boundary_cost=boundary[inside],
        deviation_rate=np.array(
            [_deviation_rate(t or m, objective) for t, m in zip(targets, means, strict=True)], dtype=np.int64
        ),
        areas=areas,
    )


def edge_costs(graph: ContiguityGraph, objective: Objective) -> tuple[IntArray, IntArray]:
    """Give the cost of each edge when inside a community (crossing) and when cut (boundary).

    Returns
    -------
    crossing, boundary : (n_edges,) int64
        Weighted centimetres: metres x weight x `COST_PER_METRE`, rounded; the crossing of a served edge times
        `objective.served_share`.
    """
    weight = np.array([objective.crossing.get(name, 0.0) for name in graph.classes])
    share = np.where(graph.is_served, objective.served_share, 1.0)
    crossing = graph.crossing_m @ weight if weight.size else np.zeros(graph.n_edges)
    boundary = graph.frontage_m * objective.boundary
    return (
        np.rint(crossing * share * COST_PER_METRE).astype(np.int64),
        np.rint(boundary * COST_PER_METRE).astype(np.int64),
    )


def area_problem(problem: Problem, number: int, n_communities: int) -> AreaProblem:
    """Cut out one area, to be divided into `n_communities`."""
    area = problem.areas[number]
    limits = area.limits(n_communities)
    members = np.array(area.blocks, dtype=np.int64)
    position = np.full(problem.n_blocks, -1, dtype=np.int32)
    position[members] = np.arange(members.size, dtype=np.int32)
    inside = position[problem.edges[:, 0]] >= 0
    return AreaProblem(
        size=problem.size[members],
        edges=position[problem.edges[inside]],
        edge_weight=(problem.crossing_cost - problem.boundary_cost)[inside],
        base_cost=int(problem.boundary_cost[inside].sum()),
        n_communities=n_communities,
        lower=np.array(limits.lower, dtype=np.int64),
        upper=np.array(limits.upper, dtype=np.int64),
        target=np.array(limits.target, dtype=np.int64),
        deviation_rate=problem.deviation_rate,
    )


def _deviation_rate(target: float, objective: Objective) -> int:
    """Give the cost of one unit off target: `objective.deviation` metres for one per cent of the target."""
    return round(objective.deviation * 100 * COST_PER_METRE / max(target, 1.0))
