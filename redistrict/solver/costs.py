"""Costs of whole assignments and of single communities, in units of cost."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem

IntArray = NDArray[np.int64]
_MILLION = 1_000_000


def community_totals(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the size of every community, (k, n_quantities)."""
    totals = np.zeros((problem.n_communities, problem.size.shape[1]), dtype=np.int64)
    np.add.at(totals, assignment, problem.size)
    return totals


def community_costs(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the cost of every community, (k,): weights of edges inside, deviation, idle workers, necks, levels."""
    ends = assignment[problem.edges]
    inside = ends[:, 0] == ends[:, 1]
    costs = np.zeros(problem.n_communities, dtype=np.int64)
    np.add.at(costs, ends[inside, 0], problem.edge_weight[inside])
    totals = community_totals(problem, assignment)
    costs += np.abs(totals - problem.target) @ problem.deviation_rate
    if problem.necks is not None and problem.necks.price is not None:
        costs += problem.necks.price * loose_parts(problem, assignment)
    if problem.dear is not None:
        costs += problem.dear.cost(assignment, problem.n_communities)
    return costs if problem.idle is None else costs + problem.idle.cost(totals)


def plan_cost(problem: AreaProblem, assignment: NDArray[np.int32]) -> int:
    """Give the cost of an assignment."""
    stay = problem.stay
    moved = stay.rate * stay.moved(assignment) if stay and stay.rate else 0
    return problem.base_cost + int(community_costs(problem, assignment).sum()) + moved


def is_allowed(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell of every community whether its quantities, its pairs of blocks and its outline are as they may be, (k,)."""
    totals = community_totals(problem, assignment)
    allowed = np.asarray(((totals >= problem.lower) & (totals <= problem.upper)).all(axis=1))
    allowed[assignment[_pairs_together(problem, assignment)[:, 0]]] = False
    allowed &= excess_perimeter(problem, assignment) == 0
    allowed &= ~are_around(problem, assignment) & (forbidden_parts(problem, assignment) == 0)
    return allowed


def is_feasible(problem: AreaProblem, assignment: NDArray[np.int32]) -> bool:
    """Tell whether every community is allowed and no more residents change than may."""
    return bool(is_allowed(problem, assignment).all()) and _moved_too_many(problem, assignment) == 0


def overflow(problem: AreaProblem, assignment: NDArray[np.int32]) -> float:
    """Give how far a plan is from being feasible, in communities.

    The sum of what lies outside the bounds as a share of the target, of pairs that should be apart, of residents moved
    above the limit as a share of a community's mean, of the shares by which outlines are too long, of communities
    around others, and of parts behind necks.
    """
    totals = community_totals(problem, assignment)
    outside = np.maximum(problem.lower - totals, 0) + np.maximum(totals - problem.upper, 0)
    n_together = len(_pairs_together(problem, assignment))
    residents = max(1, problem.stay.n_residents) if problem.stay else 1
    moved = _moved_too_many(problem, assignment) * problem.n_communities / residents
    shape = float(excess_perimeter(problem, assignment).sum() + are_around(problem, assignment).sum())
    shape += float(forbidden_parts(problem, assignment).sum())
    return float((outside / np.maximum(problem.target, 1)).sum()) + n_together + moved + shape


class MissRank(NamedTuple):
    """How near a plan is to its bounds; of two plans the lesser is nearer, and of equally near ones the cheaper.

    Attributes
    ----------
    broken : int
        Pairs that should be apart, plus residents moved above the limit, plus communities not compact enough
        or around others, plus parts behind necks: no exception is made from these.
    n_outside : int
        Communities outside the bounds.
    outside : int
        What lies outside them, in millionths of the target, over all communities and quantities.
    cost : int
    """

    broken: int
    n_outside: int
    outside: int
    cost: int


def rank_miss(problem: AreaProblem, assignment: NDArray[np.int32]) -> MissRank:
    """Rank a plan by how near it is to the bounds: fewest communities outside first, then least outside."""
    outside = sizes_outside(problem, assignment)
    return MissRank(
        len(_pairs_together(problem, assignment))
        + _moved_too_many(problem, assignment)
        + int(np.count_nonzero(excess_perimeter(problem, assignment)))
        + int(are_around(problem, assignment).sum())
        + int(forbidden_parts(problem, assignment).sum()),
        int((outside != 0).any(axis=1).sum()),
        int((np.abs(outside) @ miss_weights(problem)).sum()),
        plan_cost(problem, assignment),
    )


def sizes_outside(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give how much every community lies above, or (negative) below, its bounds, (k, n_quantities)."""
    totals = community_totals(problem, assignment)
    above, below = np.maximum(totals - problem.upper, 0), np.maximum(problem.lower - totals, 0)
    return np.asarray(np.where(above >= below, above, -below))


def miss_weights(problem: AreaProblem) -> IntArray:
    """Give what one of each quantity outside the bounds counts, in millionths of the target, (n_quantities,)."""
    return np.asarray(np.maximum(1, np.rint(_MILLION / np.maximum(problem.target, 1))), dtype=np.int64)


def excess_perimeter(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.float64]:
    """Give by what share the perimeter of every community is longer than it may be, (k,)."""
    asked = problem.compactness
    if asked is None:
        return np.zeros(problem.n_communities)
    return asked.excess(asked.outlines(assignment, problem.n_communities))


def are_around(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which communities surround another, where none may, (k,)."""
    if problem.enclosure is None:
        return np.zeros(problem.n_communities, dtype=bool)
    from redistrict.solver.surround import find_surrounded  # numba, which few checks need

    rows = assignment == np.arange(problem.n_communities)[:, None]
    return np.asarray(find_surrounded(problem.enclosure, rows).any(axis=1))


def loose_parts(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give how many parts of every community hang on the rest by a neck that is too narrow, (k,)."""
    if problem.necks is None:
        return np.zeros(problem.n_communities, dtype=np.int64)
    from redistrict.solver.necks import count_loose_parts  # numba, which few checks need

    return count_loose_parts(problem.necks, assignment == np.arange(problem.n_communities)[:, None])


def forbidden_parts(problem: AreaProblem, assignment: NDArray[np.int32]) -> IntArray:
    """Give the same where no community may have such parts; where they have a price there are none, (k,)."""
    if problem.necks is None or problem.necks.price is not None:
        return np.zeros(problem.n_communities, dtype=np.int64)
    return loose_parts(problem, assignment)


def _pairs_together(problem: AreaProblem, assignment: NDArray[np.int32]) -> NDArray[np.int32]:
    ends = assignment[problem.apart]
    return np.asarray(problem.apart[ends[:, 0] == ends[:, 1]])


def _moved_too_many(problem: AreaProblem, assignment: NDArray[np.int32]) -> int:
    stay = problem.stay
    if stay is None or stay.max_moved is None:
        return 0
    return max(0, stay.moved(assignment) - stay.max_moved)
