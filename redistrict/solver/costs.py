"""Costs of whole assignments and of single communities, in weighted centimetres."""

import numpy as np
from numpy.typing import NDArray

from redistrict.problem import AreaProblem

IntArray = NDArray[np.int64]


def community_totals(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the size of every community, (k, n_quantities)."""
    totals = np.zeros((problem.n_communities, problem.size.shape[1]), dtype=np.int64)
    np.add.at(totals, assignment, problem.size)
    return totals


def community_costs(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the cost of every community, (k,): weights of the edges inside it, plus its deviation."""
    ends = assignment[problem.edges]
    inside = ends[:, 0] == ends[:, 1]
    costs = np.zeros(problem.n_communities, dtype=np.int64)
    np.add.at(costs, ends[inside, 0], problem.edge_weight[inside])
    deviation = np.abs(community_totals(problem, assignment) - problem.target)
    return np.asarray(costs + deviation @ problem.deviation_rate)


def plan_cost(problem: AreaProblem, assignment: NDArray[np.int32]) -> int:
    """Give the cost of an assignment."""
    return problem.base_cost + int(community_costs(problem, assignment).sum())


def is_within_bounds(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell of every community whether all its quantities are inside the bounds, (k,)."""
    totals = community_totals(problem, assignment)
    return np.asarray(((totals >= problem.lower) & (totals <= problem.upper)).all(axis=1))


def overflow(problem: AreaProblem, assignment: NDArray[np.int32]) -> float:
    """Give how far a plan is outside its bounds: the sum over communities of the share of the target."""
    totals = community_totals(problem, assignment)
    outside = np.maximum(problem.lower - totals, 0) + np.maximum(totals - problem.upper, 0)
    return float((outside / np.maximum(problem.target, 1)).sum())
