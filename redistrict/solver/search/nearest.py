"""The plan nearest to the bounds of an area that has none inside them, and what is left to divide around exceptions.

Small areas are solved exactly. In larger ones the nearest miss of the search is annealed on with a few communities set
free, where what lies outside the bounds gathers. Only bounds are broken: roads never to be crossed, the limits of
shape and the largest share of residents who may change are kept.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from redistrict.model.necessity import Necessity
from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem, IntArray, cut_out
from redistrict.model.result import AreaResult, SolveStatus, StoppedBy
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import MissRank, is_allowed, miss_weights, rank_miss, sizes_outside
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.nearest_cover import cover_nearest
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.search.area_options import Assignment, Case, Stream
from redistrict.solver.search.search_area import concentrate
from redistrict.solver.search.seeds import first_plan
from redistrict.solver.tasks.stop import Stop

_EFFORT = 10.0
"""CP-SAT's deterministic time for an area whose connected sets can be listed."""
_MOST_RUNS = 8
"""Runs of annealing in an area whose connected sets cannot: the first with one community set free."""


def nearest_plan(case: Case, known: AreaResult, stop: Stop, *, effort: float, is_hopeless: bool) -> AreaResult:
    """Give the plan of a case with the fewest communities outside the bounds that is found, and by the least.

    If the time is up it is the nearest miss of the search as it is, or a plan just grown: there is always one.

    Parameters
    ----------
    known : AreaResult
        What the search has found: no plan inside the bounds.
    effort : float
        1 is the standard amount.
    is_hopeless : bool
        That no plan is inside the bounds is proved already.

    Returns
    -------
    AreaResult
        Without a plan only where more communities than blocks are asked for, or what may not be freed is broken:
        INFEASIBLE where that is proved of every plan, whatever its sizes.
    """
    problem = case.problem
    if problem.n_communities > problem.n_blocks:
        return replace(known, status=SolveStatus.INFEASIBLE, stopped_by=StoppedBy.PROOF)
    if known.nearest is None:
        rng = np.random.default_rng(case.sequence(Stream.NEAREST))
        start = first_plan(problem, build_adjacency(problem.n_blocks, problem.edges), rng)
    else:
        start = np.array(known.nearest, dtype=np.int32)
    plan = _gather(case, start, stop, effort=effort)
    cover = cover_nearest(problem, plan, stop, effort=_EFFORT * effort, seed=case.cp_seed)
    plan = _nearer(problem, plan, cover.assignment)
    found = rank_miss(problem, plan)
    if found.broken:
        return _say_none(known, plan, stop, is_proved=cover.is_hopeless or problem.n_communities == 1)
    if cover.is_proved or problem.n_communities == 1:
        necessity = Necessity.LEAST
    else:
        is_needed = is_hopeless or known.status is SolveStatus.INFEASIBLE
        necessity = Necessity.NEEDED if is_needed else Necessity.UNPROVED
    return replace(
        known,
        status=SolveStatus.FEASIBLE,
        stopped_by=stop.reason or StoppedBy.EFFORT,
        assignment=tuple(canonical_plan(plan).assignment.tolist()),
        cost=found.cost,
        bound=edge_bound(problem),
        exceptions=necessity if found.n_outside else None,
    )


def _say_none(known: AreaResult, plan: Assignment, stop: Stop, *, is_proved: bool) -> AreaResult:
    """Say that no plan keeps what may not be freed, and whether that is proved; what was proved of sizes is not."""
    status = SolveStatus.INFEASIBLE if is_proved else SolveStatus.UNKNOWN
    stopped = StoppedBy.PROOF if is_proved else stop.reason or StoppedBy.EFFORT
    return replace(known, status=status, stopped_by=stopped, nearest=tuple(plan.tolist()))


def _nearer(problem: AreaProblem, first: Assignment, second: Assignment) -> Assignment:
    return min(first, second, key=lambda plan: rank_miss(problem, plan))


def _gather(case: Case, plan: Assignment, stop: Stop, *, effort: float) -> Assignment:
    """Gather what lies outside the bounds in as few communities as can be, then lessen it, there or elsewhere."""
    problem, number = case.problem, 0
    n_free, n_outside = 1, rank_miss(problem, plan).n_outside
    while n_outside and not stop.reason and number < _MOST_RUNS:
        outside = np.abs(sizes_outside(problem, plan)) @ miss_weights(problem)
        is_free = np.zeros(problem.n_communities, dtype=bool)
        seed = case.sequence(Stream.NEAREST, number)
        is_elsewhere = number % 2 == 1 and n_free == n_outside
        rank = np.random.default_rng(seed).random(outside.size) if is_elsewhere else -outside
        is_free[np.argsort(rank, kind="stable")[:n_free]] = True
        plan = _nearer(problem, plan, concentrate(problem, plan, is_free, stop, seed=seed, effort=min(1.0, effort)))
        number += 1
        n_outside = rank_miss(problem, plan).n_outside
        n_free = n_outside if n_free >= n_outside else min(2 * n_free, n_outside)
    return plan


def choose_nearest(found: Iterable[tuple[Case, AreaResult]]) -> list[tuple[Case, AreaResult]]:
    """Give of each area the number of communities whose plan is nearest to the bounds, if any has a plan."""
    best: dict[int, tuple[MissRank, Case, AreaResult]] = {}
    for case, result in found:
        if result.assignment is not None:
            rank = rank_miss(case.problem, np.array(result.assignment, dtype=np.int32))
            if case.area not in best or rank < best[case.area][0]:
                best[case.area] = rank, case, result
    return [(case, result) for _, case, result in best.values()]


def rest_of(case: Case, result: AreaResult, number: int) -> list[tuple[IntArray, Case]]:
    """Give what lies around the exceptions of a plan, piece by piece, as cases that start from the plan.

    Parameters
    ----------
    number : int
        Of the first piece: it takes the place of the area's where random numbers are drawn.
    """
    problem, plan = case.problem, np.array(result.assignment, dtype=np.int32)
    inside = is_allowed(problem, plan)
    pieces = pieces_of(np.flatnonzero(inside[plan]).tolist(), build_adjacency(problem.n_blocks, problem.edges))
    cases: list[tuple[IntArray, Case]] = []
    for piece in pieces:
        blocks = np.array(piece, dtype=np.int64)
        names, labels = np.unique(plan[blocks], return_inverse=True)
        part = cut_out(problem, blocks, len(names))
        cases.append((blocks, Case(number + len(cases), part, case.seed, labels.astype(np.int32))))
    return cases


def put_back(
    case: Case,
    result: AreaResult,
    pieces: list[tuple[IntArray, AreaResult]],
) -> AreaResult:
    """Put what was found around the exceptions of a plan into it, where that is cheaper and the whole as near."""
    problem, plan = case.problem, np.array(result.assignment, dtype=np.int32)
    for blocks, found in pieces:
        if found.assignment is not None:
            candidate = plan.copy()
            candidate[blocks] = np.unique(plan[blocks])[np.array(found.assignment)]
            plan = _nearer(problem, plan, candidate)
    return replace(
        result, assignment=tuple(canonical_plan(plan).assignment.tolist()), cost=rank_miss(problem, plan).cost
    )
