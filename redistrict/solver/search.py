"""The search of one area: many annealed starts, recombined by an exact cover, annealed again from there.

Every function here is one task for one thread: given the same problem and seed it does the same work, so the plan
does not depend on how many threads there are. Only a time limit or the user can cut a task short.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from redistrict.problem import AreaProblem
from redistrict.solver.anneal import start_state, sweep
from redistrict.solver.candidates import CandidatePool
from redistrict.solver.costs import is_feasible, overflow, plan_cost
from redistrict.solver.cover import best_cover
from redistrict.solver.csr import build_adjacency
from redistrict.solver.seeds import first_plan
from redistrict.solver.stop import Stop

Assignment = NDArray[np.int32]


@dataclass(frozen=True)
class Schedule:
    """How one run of annealing cools.

    Temperatures are shares of the mean edge weight; penalties are mean edge weights for one per cent of the
    target outside the bounds. Both change geometrically from the first to the last sweep.
    """

    n_sweeps: int
    moves_per_block: int
    hot: float
    cold: float
    soft: float
    hard: float


FROM_SCRATCH = Schedule(n_sweeps=160, moves_per_block=60, hot=4.0, cold=0.1, soft=0.3, hard=9.0)
AGAIN = Schedule(n_sweeps=80, moves_per_block=60, hot=0.8, cold=0.05, soft=3.0, hard=30.0)
_SQUEEZE_SWEEPS = 40
_KEEP_AFTER = 0.5


@dataclass(frozen=True, eq=False)
class Found:
    """What tasks have found for an area: the best plan inside the bounds, the nearest miss, the candidates."""

    best: Assignment | None = None
    cost: int | None = None
    nearest: Assignment | None = None
    miss: float = float("inf")
    pool: CandidatePool = field(default_factory=CandidatePool)


def anneal_run(
    problem: AreaProblem,
    schedule: Schedule,
    stop: Stop,
    *,
    start: Assignment | None,
    seed: np.random.SeedSequence,
    effort: float,
) -> Found:
    """Anneal once, from a plan or from a freshly grown one, keeping every feasible community met on the way."""
    if stop.reason:
        return Found()
    rng = np.random.default_rng(seed)
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    first = first_plan(problem, adjacency, rng) if start is None else start
    state = start_state(problem, first)
    unit = max(1.0, float(np.abs(problem.edge_weight).mean())) if problem.edge_weight.size else 1.0
    per_cent = 100.0 / np.maximum(problem.target, 1)
    n_moves = max(1, round(problem.n_blocks * schedule.moves_per_block * effort))
    found = _better(Found(), problem, first)
    for x in np.linspace(0.0, 1.0, schedule.n_sweeps).tolist():
        if stop.reason:
            break
        temperature = unit * schedule.hot * (schedule.cold / schedule.hot) ** x
        hard = unit * schedule.soft * (schedule.hard / schedule.soft) ** x
        penalty = hard * per_cent
        sweep(problem, adjacency, state, rng, n_moves=n_moves, temperature=temperature, penalty=penalty, hard=hard)
        if x >= _KEEP_AFTER:
            found = _better(found, problem, state.assignment)
    hard = unit * schedule.hard
    for _ in range(_SQUEEZE_SWEEPS):
        if stop.reason or overflow(problem, state.assignment) == 0:
            break
        hard, penalty, temperature = hard * 1.3, hard * 1.3 * per_cent, unit * schedule.hot / 4
        sweep(problem, adjacency, state, rng, n_moves=n_moves, temperature=temperature, penalty=penalty, hard=hard)
        found = _better(found, problem, state.assignment)
    return found


def recombine(problem: AreaProblem, runs: list[Found], stop: Stop, *, seed: int, effort: float) -> Found:
    """Gather what the runs found and let CP-SAT pick the cheapest exact cover of their candidates."""
    found = runs[0]
    for run in runs[1:]:
        found = _pick(found, run)
    pool = CandidatePool()
    for run in runs:
        pool.merge(run.pool)
    found = Found(found.best, found.cost, found.nearest, found.miss, pool)
    if stop.reason:
        return found
    cover = best_cover(problem, pool, stop, hint=found.best, effort=effort, seed=seed)
    return found if cover is None else _better(found, problem, cover)


def _better(found: Found, problem: AreaProblem, assignment: Assignment) -> Found:
    """Take in an assignment: its feasible communities always, itself if it is the best or the nearest so far."""
    found.pool.add(problem, assignment)
    miss = overflow(problem, assignment)
    if not is_feasible(problem, assignment):
        if miss < found.miss:
            return Found(found.best, found.cost, assignment.copy(), miss, found.pool)
        return found
    cost = plan_cost(problem, assignment)
    if found.cost is None or cost < found.cost:
        return Found(assignment.copy(), cost, found.nearest, found.miss, found.pool)
    return found


def _pick(a: Found, b: Found) -> Found:
    """Merge two findings; ties go to the first, so the order of tasks decides, not their speed."""
    best, cost = (b.best, b.cost) if a.cost is None or (b.cost is not None and b.cost < a.cost) else (a.best, a.cost)
    nearest, miss = (b.nearest, b.miss) if b.miss < a.miss else (a.nearest, a.miss)
    return Found(best, cost, nearest, miss, a.pool)
