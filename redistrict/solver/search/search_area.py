"""The search of one area: many annealed starts, recombined by an exact cover, annealed again from there by places.

Every function here is one task for one thread: given the same problem and seed it does the same work, so the plan
does not depend on how many threads there are. Only a time limit or the user can cut a task short.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import overflow, plan_cost, rank_miss
from redistrict.solver.search.anneal import State, start_state, try_moves
from redistrict.solver.search.candidates import CandidatePool
from redistrict.solver.search.coarsen import coarsen
from redistrict.solver.search.cover import best_cover
from redistrict.solver.search.seeds import first_plan
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]


@dataclass(frozen=True)
class Schedule:
    """How one run of annealing cools.

    Temperatures are shares of the mean edge weight; penalties are mean edge weights for one per cent of the
    target outside the bounds. Both change geometrically from the first to the last sweep.
    """

    n_sweeps: int
    hot: float
    cold: float
    soft: float
    hard: float

    def at(self, x: float) -> tuple[float, float]:
        """Give temperature and penalty when a share of it is done."""
        return float(self.hot * (self.cold / self.hot) ** x), float(self.soft * (self.hard / self.soft) ** x)

    def part(self, number: int, n_parts: int) -> "Schedule":
        """Give one of as many equal parts, the first of number 0."""
        (hot, soft), (cold, hard) = (self.at(n / n_parts) for n in (number, number + 1))
        return Schedule(self.n_sweeps // n_parts, hot, cold, soft, hard)


class Manner(NamedTuple):
    """A way of annealing: how it cools from scratch and in a place, and whether it is thorough.

    A thorough one lets blocks take along what hangs on them, and keeps the cheapest plan that its moves led through.

    Which is better lies in the map. Where blocks are small and sizes come out easily, plans become the better the freer
    they are at first. Where large blocks, dead ends and empty blocks leave few plans inside the bounds, what was free
    ends beside them, often in all starts.
    """

    from_scratch: Schedule
    place: Schedule
    is_thorough: bool


LENIENT = Manner(
    from_scratch=Schedule(n_sweeps=160, hot=4.0, cold=0.1, soft=0.3, hard=9.0),
    place=Schedule(n_sweeps=40, hot=2.0, cold=0.1, soft=1.0, hard=9.0),
    is_thorough=False,
)
STRICT = Manner(
    from_scratch=Schedule(n_sweeps=160, hot=4.0, cold=0.1, soft=3.0, hard=9.0),
    place=Schedule(n_sweeps=40, hot=2.0, cold=0.1, soft=3.0, hard=9.0),
    is_thorough=True,
)
_CLUSTERED = Schedule(n_sweeps=640, hot=4.0, cold=0.1, soft=0.3, hard=9.0)
_AGAIN = Schedule(n_sweeps=80, hot=0.8, cold=0.05, soft=3.0, hard=30.0)
MANNERS = LENIENT, STRICT
"""They take turns from scratch; from then on an area has the one of the better starts."""
_MOVES_PER_BLOCK = 60
_N_IN_PLACE = 6
_N_PASSES = 2
"""From a feasible plan six neighbours at a time are heated, half as hot as from scratch, each twice a run."""
_SQUEEZE_SWEEPS = 40
_CLUSTERS = 40
"""Clusters for each community, where it has more than twice as many blocks on average."""
_N_CLUSTERINGS = 32
"""How often blocks are joined anew while clusters are annealed."""
_EASE = 0.05
"""Share of the penalty outside the bounds that a community set free pays."""
_KEEP_AFTER = 0.75
"""Where in a run communities begin to be kept: earlier ones make the exact cover slow and are hardly ever chosen.

Where they have many blocks hardly two are ever alike, and only those of its end are kept.
"""


@dataclass(frozen=True, eq=False)
class Found:
    """What tasks have found for an area: the best plan inside the bounds, the nearest miss, the candidates.

    Only the task that makes the pool adds to it, while it runs; once the finding is handed on nobody does.
    """

    best: Assignment | None = None
    cost: int | None = None
    nearest: Assignment | None = None
    miss: float = inf
    pool: CandidatePool = field(default_factory=CandidatePool)

    @property
    def plan(self) -> Assignment | None:
        """The best plan, or else the nearest miss."""
        return self.nearest if self.best is None else self.best


def anneal_run(
    problem: AreaProblem,
    stop: Stop,
    *,
    start: Assignment | None,
    seed: np.random.SeedSequence,
    effort: float,
    manner: Manner = LENIENT,
    goes_on: bool = False,
) -> Found:
    """Anneal once, keeping every feasible community met on the way.

    A feasible plan to start from is heated place by place, and a place left as it was unless it became better. Any
    other is annealed whole, and so is, hotter, a freshly grown one, which then goes on by places where that is asked
    for. Where communities have many blocks, it is clusters of them that are annealed from scratch, and the plan found
    is the one to start from.
    """
    if stop.reason:
        return Found()
    rng = np.random.default_rng(seed)
    if start is None and n_coarse(problem) < problem.n_blocks:
        start = _anneal_clusters(problem, stop, rng, effort)
    keep_after = _KEEP_AFTER if n_coarse(problem) == problem.n_blocks else 1.0
    run = _Run(problem, stop, rng, effort, keep_after=keep_after, manner=manner)
    if start is not None:
        return run.go_on(start)
    found = run.from_scratch()
    return run.go_on(found.best) if goes_on and found.best is not None else found


def concentrate(
    problem: AreaProblem,
    plan: Assignment,
    is_free: NDArray[np.bool_],
    stop: Stop,
    *,
    seed: np.random.SeedSequence,
    effort: float,
) -> Assignment:
    """Anneal a plan so that what lies outside the bounds gathers in a few communities; give the nearest one met.

    Parameters
    ----------
    is_free : (k,) bool
        Communities where being outside costs little: as much as must be gathers there, and no more.
    """
    run = _Run(problem, stop, np.random.default_rng(seed), effort, keep_after=inf, is_free=is_free)
    return run.concentrate(plan)


def n_coarse(problem: AreaProblem) -> int:
    """Give the number of clusters that the search from scratch works on; of blocks, where it takes them one by one."""
    clusters = _CLUSTERS * problem.n_communities
    return clusters if problem.n_blocks > 2 * clusters else problem.n_blocks


def _anneal_clusters(problem: AreaProblem, stop: Stop, rng: np.random.Generator, effort: float) -> Assignment:
    """Anneal clusters of blocks from scratch, joined anew inside the communities again and again as it cools.

    What no move of one set of clusters can mend, one of another can.
    """
    plan: Assignment | None = None
    for number in range(_N_CLUSTERINGS):
        coarse = coarsen(problem, rng, n_clusters=n_coarse(problem), plan=plan)
        run = _Run(coarse.problem, stop, rng, effort, keep_after=inf)
        start = run.grow() if plan is None else coarse.lift(plan)
        plan = run.cool(start, _CLUSTERED.part(number, _N_CLUSTERINGS)).assignment[coarse.cluster]
        if stop.reason:
            break
    assert plan is not None, "there are clusterings"
    return plan


class _Run:
    """What one run of annealing works with, and what it has found."""

    def __init__(
        self,
        problem: AreaProblem,
        stop: Stop,
        rng: np.random.Generator,
        effort: float,
        *,
        keep_after: float,
        is_free: NDArray[np.bool_] | None = None,
        manner: Manner = LENIENT,
    ) -> None:
        self._manner = manner
        self._strictness = None if is_free is None else np.where(is_free, _EASE, 1.0)
        self._rng = rng
        self._adjacency = build_adjacency(problem.n_blocks, problem.edges)
        self.found = Found()
        self._problem = problem
        self._stop = stop
        self._effort = effort
        self._keep_after = keep_after
        self._unit = max(1.0, float(np.abs(problem.edge_weight).mean())) if problem.edge_weight.size else 1.0
        self._per_cent = 100.0 / np.maximum(problem.target, 1)

    def from_scratch(self) -> Found:
        """Grow a plan and anneal it."""
        first = self.grow()
        self._take_in(first)
        self._anneal_whole(first, self._manner.from_scratch)
        return self.found

    def grow(self) -> Assignment:
        """Grow a plan."""
        return first_plan(self._problem, self._adjacency, self._rng)

    def cool(self, first: Assignment, schedule: Schedule) -> State:
        """Anneal all communities, whether they end inside the bounds or not."""
        state = start_state(self._problem, first)
        self._cool(state, schedule, self._problem.n_blocks)
        return state

    def go_on(self, start: Assignment) -> Found:
        """Anneal a plan: place by place if it is feasible."""
        self._take_in(start)
        if self.found.best is None:
            self._anneal_whole(start, _AGAIN)
        else:
            for _ in range(-(-_N_PASSES * self._problem.n_communities // _N_IN_PLACE)):
                self._anneal_place()
        return self.found

    def concentrate(self, plan: Assignment) -> Assignment:
        """Anneal all communities, press harder and harder, and give the nearest plan met by the rank of misses."""
        state, penalty, best = self.cool(plan, _AGAIN), _AGAIN.hard, plan
        for _ in range(_SQUEEZE_SWEEPS):
            best = min(best, state.assignment.copy(), key=lambda one: rank_miss(self._problem, one))
            if self._stop.reason:
                break
            penalty *= 1.3
            self._sweep(state, self._problem.n_blocks, _AGAIN.hot / 4, penalty)
        return best

    def _anneal_whole(self, first: Assignment, schedule: Schedule) -> None:
        """Anneal all communities, and press harder as long as some are outside the bounds."""
        state = self.cool(first, schedule)
        penalty = schedule.hard
        for _ in range(_SQUEEZE_SWEEPS):
            if self._stop.reason or overflow(self._problem, state.assignment) == 0:
                break
            penalty *= 1.3
            self._sweep(state, self._problem.n_blocks, schedule.hot / 4, penalty)
            self._take_in(state.assignment)

    def _anneal_place(self) -> None:
        """Anneal a few neighbouring communities of the best plan."""
        assert self.found.best is not None, "only plans are annealed place by place"
        is_open = _draw_place(self._problem, self.found.best, self._rng)
        state = start_state(self._problem, self.found.best, is_open=is_open)
        self._cool(state, self._manner.place, int(is_open.sum()))

    def _cool(self, state: State, schedule: Schedule, n_blocks: int) -> None:
        for x in np.linspace(0.0, 1.0, schedule.n_sweeps).tolist():
            if self._stop.reason:
                break
            self._sweep(state, n_blocks, *schedule.at(x))
            if x >= self._keep_after:
                self._take_in(state.assignment)

    def _take_in(self, assignment: Assignment) -> None:
        """Keep the feasible communities of an assignment, and itself if it is the best or the nearest so far."""
        self.found.pool.add(self._problem, assignment)
        self.found = keep_better(self.found, self._problem, assignment)

    def _sweep(self, state: State, n_blocks: int, temperature: float, penalty: float) -> None:
        """Try some moves for each block, at a temperature and penalty in units of `Schedule`."""
        best = np.empty_like(state.assignment) if self._manner.is_thorough else None
        is_met = try_moves(
            self._problem,
            self._adjacency,
            state,
            self._rng,
            n_moves=max(1, round(n_blocks * _MOVES_PER_BLOCK * self._effort)),
            temperature=self._unit * temperature,
            penalty=self._unit * penalty * self._per_cent,
            rule_penalty=self._unit * penalty,
            strictness=self._strictness,
            best=best,
            carries=self._manner.is_thorough,
        )
        if best is not None and is_met:
            self.found = keep_better(self.found, self._problem, best)


def _draw_place(problem: AreaProblem, assignment: Assignment, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Draw a few neighbouring communities, long borders more often; tell which blocks are theirs, (n_blocks,)."""
    k = problem.n_communities
    ends = assignment[problem.edges]
    chosen = np.zeros(k, dtype=bool)
    chosen[rng.integers(k)] = True
    while chosen.sum() < min(k, _N_IN_PLACE):
        is_border = chosen[ends[:, 0]] != chosen[ends[:, 1]]
        outside = np.where(chosen[ends[is_border, 0]], ends[is_border, 1], ends[is_border, 0])
        chosen[np.argmax(np.bincount(outside, minlength=k) * rng.random(k))] = True
    return chosen[assignment]


def better_manner(runs: Sequence[Found]) -> Manner:
    """Give the manner of the better runs, in which the manners took turns: by the median, as the best is luck."""

    def rank(number: int) -> list[tuple[float, float]]:
        costs = sorted((inf if run.cost is None else run.cost, run.miss) for run in runs[number :: len(MANNERS)])
        return [costs[len(costs) // 2], costs[0]]

    return MANNERS[min(range(len(MANNERS)), key=rank)]


def recombine(problem: AreaProblem, runs: list[Found], stop: Stop, *, seed: int, effort: float) -> Found:
    """Gather what the runs found and let CP-SAT pick the cheapest exact cover of their candidates."""
    pool = CandidatePool()
    for run in runs:
        pool.merge(run.pool)
    found = replace(reduce(pick_better, runs), pool=pool)
    if stop.reason:
        return found
    cover = best_cover(problem, pool, stop, hint=found.best, effort=effort, seed=seed)
    return found if cover is None else keep_better(found, problem, cover)


def as_found(problem: AreaProblem, assignment: Assignment) -> Found:
    """Give what a single plan says: itself, if it is inside the bounds, and its communities that are."""
    pool = CandidatePool()
    pool.add(problem, assignment)
    return keep_better(Found(pool=pool), problem, assignment)


def keep_better(found: Found, problem: AreaProblem, assignment: Assignment) -> Found:
    """Take in an assignment if it is the best plan or the nearest miss so far; the candidates stay as they are."""
    miss = overflow(problem, assignment)
    if miss > 0:
        return replace(found, nearest=assignment.copy(), miss=miss) if miss < found.miss else found
    cost = plan_cost(problem, assignment)
    if found.cost is None or cost < found.cost:
        return replace(found, best=assignment.copy(), cost=cost)
    return found


def pick_better(a: Found, b: Found) -> Found:
    """Give the better plan and the nearer miss of two findings, with the candidates of the first alone.

    Ties go to the first, so the order of tasks decides, not their speed.
    """
    if b.cost is not None and (a.cost is None or b.cost < a.cost):
        a = replace(a, best=b.best, cost=b.cost)
    return replace(a, nearest=b.nearest, miss=b.miss) if b.miss < a.miss else a
