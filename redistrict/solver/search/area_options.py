"""Cases: what is searched on its own, with one number of communities, and what becomes of it in the result."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from redistrict.model.plan import Plan, canonical_plan, join_divisions
from redistrict.model.problem import AreaProblem, Problem
from redistrict.model.result import AreaResult, Result, SolveStatus, StoppedBy
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.search.search_area import Found, as_found
from redistrict.solver.search.seeds import adapt_plan
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]


class Stream(IntEnum):
    """Streams of random numbers of a case, one a kind of task; a new value gives other plans for old seeds."""

    CP_SAT = 0
    ANNEAL = 1
    ADAPT = 5
    SPLIT = 6
    NEAREST = 7
    DRAW = 8


@dataclass(frozen=True, eq=False)
class Case:
    """One area, or a part of one, with one number of communities.

    Attributes
    ----------
    area : int
        Number of the unit; that of the area where it is one.
    labels : (n_blocks,) int32 or None
        Communities of a plan to start from, -1 where it says nothing.
    """

    area: int
    problem: AreaProblem
    seed: int
    labels: Assignment | None = None

    def sequence(self, stream: Stream, *key: int) -> np.random.SeedSequence:
        """Give the source of randomness of one task: its stream, and what tells it from others of its kind."""
        return np.random.SeedSequence(self.seed, spawn_key=(self.area, self.problem.n_communities, stream, *key))

    @property
    def cp_seed(self) -> int:
        """Seed of the CP-SAT models."""
        return int(self.sequence(Stream.CP_SAT).generate_state(1)[0] % 2**31)

    @cached_property
    def adapted(self) -> Assignment | None:
        """The plan to start from, pieces merged or divided until there are enough; none where none is given."""
        if self.labels is None:
            return None
        adjacency = build_adjacency(self.problem.n_blocks, self.problem.edges)
        return adapt_plan(self.problem, adjacency, self.labels, np.random.default_rng(self.sequence(Stream.ADAPT)))

    @property
    def needs_search(self) -> bool:
        """One community is the whole area, and there are never more communities than blocks."""
        return 1 < self.problem.n_communities <= self.problem.n_blocks


def alone(problem: AreaProblem) -> Found:
    """One community needs no search: the whole area, if it is inside the bounds."""
    return Found() if problem.n_communities > 1 else as_found(problem, np.zeros(problem.n_blocks, dtype=np.int32))


def as_result(case: Case, found: Found, bound: int, stop: Stop) -> AreaResult:
    """Say what was found for a case, and whether that is proved."""
    problem = case.problem
    decided = not case.needs_search
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


def best_options(known: Iterable[tuple[Case, AreaResult]]) -> dict[int, AreaResult]:
    """Give, by the number of the area, what is known of each area: of its best number of communities."""
    by_area: dict[int, list[AreaResult]] = {}
    for case, result in known:
        by_area.setdefault(case.area, []).append(result)
    return {number: best_option(results) for number, results in by_area.items()}


def best_option(results: Sequence[AreaResult]) -> AreaResult:
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


def gather(problem: Problem, areas: list[AreaResult], stop: Stop, runtime_s: float) -> Result:
    """Put the areas together."""
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
        per_metre=problem.per_metre,
    )


def _whole_plan(problem: Problem, results: list[AreaResult]) -> Plan:
    parts = (
        (np.array(area.blocks, dtype=np.int64), np.array(result.assignment, dtype=np.int32))
        for area, result in zip(problem.areas, results, strict=True)
        if result.assignment is not None
    )
    return canonical_plan(join_divisions(problem.n_blocks, parts))
