"""The strategy: every area and number of communities is a case; cases are proved when small, searched when large.

A search has rounds. The first anneals from scratch, the later ones from the best plan so far; after each an exact
cover recombines what was met. At the end neighbouring communities are redrawn two by two. All cases go through a round
together, so all threads have work.
"""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from redistrict.messages import Message
from redistrict.plan import Plan, canonical_plan
from redistrict.problem import AreaProblem, Problem, area_problem
from redistrict.result import AreaResult, Result, SolveStatus, StoppedBy
from redistrict.scenario.models import Solve
from redistrict.solver.bound import edge_bound
from redistrict.solver.costs import is_feasible, plan_cost
from redistrict.solver.mergers import solve_mergers
from redistrict.solver.model import solve_exactly
from redistrict.solver.polish import Polished, polish
from redistrict.solver.progress import OnProgress, Progress
from redistrict.solver.search import AGAIN, FROM_SCRATCH, Found, Schedule, anneal_run, recombine
from redistrict.solver.stop import Stop

EXACT_UP_TO = 60
"""Areas of at most this many blocks are proved by the exact model when the method is `auto`."""
_T = TypeVar("_T")
_N_STARTS = 8
_N_AGAIN = 4
_N_ROUNDS = 3
_COVER_EFFORT = 8.0
_EXACT_EFFORT = 60.0
_POLISH_EFFORT = 0.2
"""CP-SAT's deterministic time for each community of an area, over all its pairs."""


@dataclass(frozen=True, eq=False)
class _Case:
    """One area with one number of communities."""

    area: int
    problem: AreaProblem
    seed: int

    def sequence(self, *key: int) -> np.random.SeedSequence:
        """Give the source of randomness of one task."""
        return np.random.SeedSequence(self.seed, spawn_key=(self.area, self.problem.n_communities, *key))

    @property
    def cp_seed(self) -> int:
        """Seed of the CP-SAT models."""
        return int(self.sequence(0).generate_state(1)[0] % 2**31)


def solve(problem: Problem, rules: Solve, stop: Stop, on_progress: OnProgress | None = None) -> Result:
    """Find the best plan of every area within the effort, the time limit and the user's patience.

    Parameters
    ----------
    problem : Problem
    rules : Solve
        Seed, effort, workers and method.
    stop : Stop
        Time limit and interrupt.
    on_progress : callable, optional
        Called from this thread as work is finished.

    Returns
    -------
    Result
        The plan does not depend on the number of workers unless the time limit or the user struck first.
    """
    if problem.mergers is not None:
        return solve_mergers(problem, problem.mergers, rules, stop)
    began = time.monotonic()
    cases = [
        _Case(number, area_problem(problem, number, option.n_communities), rules.seed)
        for number, area in enumerate(problem.areas)
        for option in area.options
    ]
    with ThreadPoolExecutor(rules.workers or os.cpu_count() or 1) as pool:
        results = _run_rounds(cases, rules, stop, _Runner(pool, stop, on_progress, _least(cases)))
    areas = [
        _best_option([r for case, r in zip(cases, results, strict=True) if case.area == number])
        for number in range(len(problem.areas))
    ]
    return _gather(problem, areas, stop, time.monotonic() - began)


class _Runner:
    """Runs tasks on a pool and gives their answers in the order they were asked, telling progress meanwhile."""

    def __init__(self, pool: ThreadPoolExecutor, stop: Stop, on_progress: OnProgress | None, bound: int) -> None:
        self._pool = pool
        self._stop = stop
        self._bound = bound
        self._on_progress = on_progress or (lambda _progress: None)

    def run(
        self, phase: Message, tasks: Iterable[Callable[[], _T]], *, share: tuple[float, float], cost: int | None
    ) -> list[_T]:
        """Wait for all tasks, moving the fraction done through `share`."""
        futures: list[Future[_T]] = [self._pool.submit(task) for task in tasks]
        left = set(futures)
        low, high = share
        while left:
            done = 1.0 - len(left) / len(futures)
            self._on_progress(Progress(phase, low + done * (high - low), cost, self._bound))
            left = wait(left, timeout=0.5, return_when=FIRST_COMPLETED).not_done
            if self._stop.reason is StoppedBy.INTERRUPT:
                self._stop.interrupt()
        return [future.result() for future in futures]


_SEARCHING = Message("Searching for plans", "搜索方案")
_COMBINING = Message("Combining the best communities", "组合最优社区")
_POLISHING = Message("Redrawing neighbouring communities", "逐对优化相邻社区")
_PROVING = Message("Proving small areas", "求解小区域的最优方案")


def _run_rounds(cases: list[_Case], rules: Solve, stop: Stop, runner: _Runner) -> list[AreaResult]:
    found = [_alone(case.problem) for case in cases]
    open_cases = [n for n, case in enumerate(cases) if _needs_search(case.problem)]
    exact = [n for n in open_cases if _is_exact(cases[n], rules)]
    for round_ in range(_N_ROUNDS):
        share = (round_ / (_N_ROUNDS + 1), (round_ + 0.8) / (_N_ROUNDS + 1))
        plan = _plan_round(open_cases if round_ == 0 else [n for n in open_cases if n not in exact], round_, rules)
        runs = runner.run(
            _SEARCHING,
            [_anneal_task(cases[n], found[n], schedule, round_, s, stop, rules) for n, s, schedule in plan],
            share=share,
            cost=_total(cases, found),
        )
        met: dict[int, list[Found]] = {n: [found[n]] for n, _, _ in plan}
        for (n, _, _), run in zip(plan, runs, strict=True):
            met[n].append(run)
        combined = runner.run(
            _COMBINING,
            [_cover_task(cases[n], runs_of, round_, stop, rules) for n, runs_of in met.items()],
            share=(share[1], (round_ + 1) / (_N_ROUNDS + 1)),
            cost=_total(cases, found),
        )
        for n, better in zip(met, combined, strict=True):
            found[n] = better
    large = [n for n in open_cases if n not in exact and found[n].best is not None]
    polished = runner.run(
        _POLISHING,
        [_polish_task(cases[n], found[n], stop, rules) for n in large],
        share=(_N_ROUNDS / (_N_ROUNDS + 1), (_N_ROUNDS + 0.5) / (_N_ROUNDS + 1)),
        cost=_total(cases, found),
    )
    for n, redrawn in zip(large, polished, strict=True):
        found[n] = replace(found[n], best=redrawn.assignment, cost=redrawn.cost)
    proved = runner.run(
        _PROVING,
        [_exact_task(cases[n], found[n], stop, rules) for n in exact],
        share=((_N_ROUNDS + 0.5) / (_N_ROUNDS + 1), 1.0),
        cost=_total(cases, found),
    )
    results = [_as_result(case.problem, f, stop) for case, f in zip(cases, found, strict=True)]
    for n, redrawn in zip(large, polished, strict=True):
        results[n] = replace(results[n], pairs=redrawn.pairs, pairs_proved=redrawn.pairs_proved)
    for n, result in zip(exact, proved, strict=True):
        results[n] = replace(result, nearest=results[n].nearest)
    return results


def _least(cases: list[_Case]) -> int:
    """Give a bound on the cost of any plan, known before the search."""
    bounds: dict[int, int] = {}
    for case in cases:
        bound = edge_bound(case.problem)
        bounds[case.area] = min(bound, bounds.get(case.area, bound))
    return sum(bounds.values())


def _plan_round(cases: list[int], round_: int, rules: Solve) -> list[tuple[int, int, Schedule]]:
    """Give (case, number of the start, schedule) for every run of a round."""
    n_starts = round((_N_AGAIN if round_ else _N_STARTS) * max(1.0, rules.effort))
    schedule = AGAIN if round_ else FROM_SCRATCH
    return [(n, s, schedule) for s in range(n_starts) for n in cases]


def _is_exact(case: _Case, rules: Solve) -> bool:
    small = case.problem.n_blocks <= EXACT_UP_TO
    return rules.method == "exact" or (rules.method == "auto" and small)


def _anneal_task(
    case: _Case, found: Found, schedule: Schedule, round_: int, number: int, stop: Stop, rules: Solve
) -> Callable[[], Found]:
    start = found.best if found.best is not None else found.nearest
    return lambda: anneal_run(
        case.problem,
        schedule,
        stop,
        start=None if round_ == 0 else start,
        seed=case.sequence(1, round_, number),
        effort=min(1.0, rules.effort),
    )


def _cover_task(case: _Case, runs: list[Found], round_: int, stop: Stop, rules: Solve) -> Callable[[], Found]:
    return lambda: recombine(case.problem, runs, stop, seed=case.cp_seed + round_, effort=_COVER_EFFORT * rules.effort)


def _polish_task(case: _Case, found: Found, stop: Stop, rules: Solve) -> Callable[[], Polished]:
    assert found.best is not None, "only plans are polished"
    best, effort = found.best, _POLISH_EFFORT * case.problem.n_communities * rules.effort
    return lambda: polish(case.problem, best, stop, effort=effort, seed=case.cp_seed)


def _exact_task(case: _Case, found: Found, stop: Stop, rules: Solve) -> Callable[[], AreaResult]:
    return lambda: solve_exactly(
        case.problem, stop, hint=found.best, effort=_EXACT_EFFORT * rules.effort, seed=case.cp_seed
    )


def _needs_search(problem: AreaProblem) -> bool:
    """One community is the whole area, and there are never more communities than blocks."""
    return 1 < problem.n_communities <= problem.n_blocks


def _alone(problem: AreaProblem) -> Found:
    """One community needs no search: the whole area, if it is inside the bounds."""
    if problem.n_communities > 1:
        return Found()
    whole = np.zeros(problem.n_blocks, dtype=np.int32)
    if not is_feasible(problem, whole):
        return Found(nearest=whole)
    return Found(best=whole, cost=plan_cost(problem, whole))


def _total(cases: list[_Case], found: list[Found]) -> int | None:
    """Add up the cheapest plan of every area, once each has one."""
    cheapest: dict[int, int] = {}
    for case, f in zip(cases, found, strict=True):
        if f.cost is not None:
            cheapest[case.area] = min(f.cost, cheapest.get(case.area, f.cost))
    return sum(cheapest.values()) if len(cheapest) == len({case.area for case in cases}) else None


def _as_result(problem: AreaProblem, found: Found, stop: Stop) -> AreaResult:
    bound = edge_bound(problem)
    decided = not _needs_search(problem)
    stopped = StoppedBy.PROOF if decided else stop.reason or StoppedBy.EFFORT
    nearest = None if found.nearest is None else tuple(found.nearest.tolist())
    if found.best is None or found.cost is None:
        if decided:
            return AreaResult(problem.n_communities, SolveStatus.INFEASIBLE, stopped, None, None, None, nearest)
        return AreaResult(problem.n_communities, SolveStatus.UNKNOWN, stopped, None, None, bound, nearest)
    proved = decided or bound >= found.cost
    return AreaResult(
        n_communities=problem.n_communities,
        status=SolveStatus.OPTIMAL if proved else SolveStatus.FEASIBLE,
        stopped_by=StoppedBy.PROOF if proved else stopped,
        assignment=tuple(found.best.tolist()),
        cost=found.cost,
        bound=found.cost if proved else bound,
        nearest=nearest,
    )


def _best_option(results: list[AreaResult]) -> AreaResult:
    """Choose the cheapest number of communities of one area; its bound holds for all of them."""
    possible = [r for r in results if r.status is not SolveStatus.INFEASIBLE]
    if not possible:
        return results[0]
    bounds = [r.bound for r in possible]
    bound = None if None in bounds else min(b for b in bounds if b is not None)
    unproved = [r.stopped_by for r in possible if r.stopped_by is not StoppedBy.PROOF]
    solved = [r for r in possible if r.cost is not None]
    if not solved:
        return replace(possible[0], bound=bound)
    best = min(solved, key=lambda r: (r.cost, r.n_communities))
    if bound is not None and best.cost is not None and bound >= best.cost:
        return replace(best, bound=bound, status=SolveStatus.OPTIMAL, stopped_by=StoppedBy.PROOF)
    return replace(best, bound=bound, status=SolveStatus.FEASIBLE, stopped_by=unproved[0])


def _gather(problem: Problem, areas: list[AreaResult], stop: Stop, runtime_s: float) -> Result:
    statuses = {area.status for area in areas}
    bounds = [area.bound for area in areas]
    bound = None if None in bounds else sum(b for b in bounds if b is not None)
    for failed, stopped in (
        (SolveStatus.INFEASIBLE, StoppedBy.PROOF),
        (SolveStatus.UNKNOWN, stop.reason or StoppedBy.EFFORT),
    ):
        if failed in statuses:
            return Result(None, failed, stopped, None, bound, tuple(areas), runtime_s)
    proved = statuses == {SolveStatus.OPTIMAL}
    return Result(
        plan=_whole_plan(problem, areas),
        status=SolveStatus.OPTIMAL if proved else SolveStatus.FEASIBLE,
        stopped_by=StoppedBy.PROOF if proved else stop.reason or StoppedBy.EFFORT,
        cost=sum(area.cost for area in areas if area.cost is not None),
        bound=bound,
        areas=tuple(areas),
        runtime_s=runtime_s,
    )


def _whole_plan(problem: Problem, results: list[AreaResult]) -> Plan:
    assignment = np.full(problem.n_blocks, -1, dtype=np.int32)
    offset = 0
    for area, result in zip(problem.areas, results, strict=True):
        if result.assignment is not None:
            assignment[list(area.blocks)] = np.array(result.assignment, dtype=np.int32) + offset
            offset += result.n_communities
    return canonical_plan(assignment)
