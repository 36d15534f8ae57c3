"""Costs of whole assignments and of single communities, in weighted centimetres."""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem

IntArray = NDArray[np.int64]


def community_totals(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the size of every community, (k, n_quantities)."""
    totals = np.zeros((problem.n_communities, problem.size.shape[1]), dtype=np.int64)
    np.add.at(totals, assignment, problem.size)
    return totals


def community_costs(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the cost of every community, (k,): weights of the edges inside it, deviation, and idle workers."""
    ends = assignment[problem.edges]
    inside = ends[:, 0] == ends[:, 1]
    costs = np.zeros(problem.n_communities, dtype=np.int64)
    np.add.at(costs, ends[inside, 0], problem.edge_weight[inside])
    totals = community_totals(problem, assignment)
    costs += np.abs(totals - problem.target) @ problem.deviation_rate
    return costs if problem.idle is None else costs + problem.idle.cost(totals)


def plan_cost(problem: AreaProblem, assignment: NDArray[np.int32]) -> int:
    """Give the cost of an assignment."""
    stay = problem.stay
    moved = stay.rate * stay.moved(assignment) if stay and stay.rate else 0
    return problem.base_cost + int(community_costs(problem, assignment).sum()) + moved


def is_allowed(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell of every community whether its quantities are inside the bounds and no pair shares it that may not, (k,)."""
    totals = community_totals(problem, assignment)
    allowed = np.asarray(((totals >= problem.lower) & (totals <= problem.upper)).all(axis=1))
    allowed[assignment[_pairs_together(problem, assignment)[:, 0]]] = False
    return allowed


def is_feasible(problem: AreaProblem, assignment: NDArray[np.int32]) -> bool:
    """Tell whether every community is allowed and no more residents change than may."""
    return bool(is_allowed(problem, assignment).all()) and _moved_too_many(problem, assignment) == 0


def overflow(problem: AreaProblem, assignment: NDArray[np.int32]) -> float:
    """Give how far a plan is from being feasible, in communities.

    The sum of what lies outside the bounds as a share of the target, of pairs that should be apart, and of
    residents moved above the limit as a share of a community's mean.
    """
    totals = community_totals(problem, assignment)
    outside = np.maximum(problem.lower - totals, 0) + np.maximum(totals - problem.upper, 0)
    n_together = len(_pairs_together(problem, assignment))
    residents = max(1, problem.stay.n_residents) if problem.stay else 1
    moved = _moved_too_many(problem, assignment) * problem.n_communities / residents
    return float((outside / np.maximum(problem.target, 1)).sum()) + n_together + moved


def _pairs_together(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.int32]:
    ends = assignment[problem.apart]
    return np.asarray(problem.apart[ends[:, 0] == ends[:, 1]])


def _moved_too_many(problem: AreaProblem, assignment: NDArray[np.int32]) -> int:
    stay = problem.stay
    if stay is None or stay.max_moved is None:
        return 0
    return max(0, stay.moved(assignment) - stay.max_moved)
