"""The exact solution of one area: by listing communities where they can be drawn, else by a model of all blocks."""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.model.result import AreaResult, SolveStatus, StoppedBy
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.divide_group import divide_group
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.listing import prove_by_listing
from redistrict.solver.exact.proof import Proof, start_proof
from redistrict.solver.exact.representatives import prove_by_representatives
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]


def solve_exactly(problem: AreaProblem, stop: Stop, *, hint: Assignment | None, effort: float, seed: int) -> AreaResult:
    """Find the cheapest plan of one area and prove it.

    Parameters
    ----------
    hint : (n_blocks,) int32 or None
        A feasible plan to fall back on; what costs as much is not looked at.
    effort : float
        Work allowed, roughly seconds.

    Returns
    -------
    AreaResult
        OPTIMAL with bound = cost, or INFEASIBLE, when proved; else the best plan with the best bound so far.
    """
    known = start_proof(problem, edge_bound(problem), hint)
    for prove in (prove_by_listing, _prove_by_dividing_in_two, prove_by_representatives):
        left = effort - known.effort
        if not known.is_proved and left > 0 and not stop.reason:
            known = prove(known, stop, effort=left, seed=seed)
    return _as_result(known, stop)


def _prove_by_dividing_in_two(known: Proof, stop: Stop, *, effort: float, seed: int) -> Proof:
    """Two communities need one Boolean a block."""
    if known.problem.n_communities != 2 or known.problem.stay is not None or known.best is None:
        return known
    division = divide_group(known.problem, known.best, stop, effort=effort, seed=seed)
    known = known.learn(plan=division.assignment).spend(division.effort)
    return known.learn(bound=known.worst + 1) if division.is_proved else known


def _as_result(known: Proof, stop: Stop) -> AreaResult:
    n, stopped = known.problem.n_communities, stop.reason or StoppedBy.EFFORT
    if known.best is None:
        if known.is_proved:
            return AreaResult(n, SolveStatus.INFEASIBLE, StoppedBy.PROOF, None, None, None)
        return AreaResult(n, SolveStatus.UNKNOWN, stopped, None, None, known.bound)
    cost = plan_cost(known.problem, known.best)
    return AreaResult(
        n_communities=n,
        status=SolveStatus.OPTIMAL if known.is_proved else SolveStatus.FEASIBLE,
        stopped_by=StoppedBy.PROOF if known.is_proved else stopped,
        assignment=tuple(known.best.tolist()),
        cost=cost,
        bound=min(known.bound, cost),
    )
