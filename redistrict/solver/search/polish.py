"""Polish a plan until no two neighbouring communities can be redrawn better, and certify what is proved of that.

Every pair of neighbouring communities is cut out and divided anew, exactly. What is proved of a pair holds until one of
the two changes, so after an improvement only the pairs around it are looked at again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, starmap
from math import inf

import numpy as np
from numpy.typing import NDArray

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem, cut_out
from redistrict.model.result import LocalOptimality
from redistrict.solver.costs import is_feasible, loose_parts, plan_cost
from redistrict.solver.exact.divide_group import Division, divide_group
from redistrict.solver.exact.divide_pair import divide_pair, plan_frontier
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]
Group = tuple[int, ...]

_EFFORTS = (0.1, 1.0, 8.0)
"""Effort for one group: first a little for each, then more for those not yet proved."""


@dataclass(frozen=True, eq=False)
class _Job:
    """A group to redraw: its communities, their blocks, how these are divided now, and the effort for it."""

    group: Group
    members: NDArray[np.int64]
    present: Assignment
    effort: float

    @property
    def key(self) -> bytes:
        """Name the group by its blocks and their division."""
        return self.key_of(self.present)

    def key_of(self, division: Assignment) -> bytes:
        """Name the group as another division makes it."""
        return self.members.tobytes() + division.tobytes()


class Polisher:
    """Redraws neighbouring communities, two at a time, until no pair can be improved.

    It asks for batches of groups to be redrawn, no community in two of them, so that they may be redrawn side by side.

    Parameters
    ----------
    assignment : (n_blocks,) int32
        A feasible plan.
    effort : float
        Deterministic time over all groups, roughly seconds.
    deep : bool
        Redraw threes of neighbours, too, once all pairs are done.

    Attributes
    ----------
    assignment : (n_blocks,) int32
        The best plan so far.
    cost : int
        Weighted centimetres; never above the cost before.
    spent : float
        Deterministic time spent.

    Notes
    -----
    Who continues whom is decided over the whole area, so a pair is divided without a look at `stay`, and the result
    accepted only if the whole plan is feasible and cheaper. Where moving a resident has a price nothing is
    certified; where only their number is limited, what is best without the limit is best with it.
    """

    def __init__(
        self, problem: AreaProblem, assignment: Assignment, *, effort: float, seed: int, deep: bool = False
    ) -> None:
        self.assignment = assignment.astype(np.int32)
        self.cost = plan_cost(problem, assignment)
        self.spent = 0.0
        self._problem = problem
        self._effort = effort
        self._seed = seed
        self._kinds = (_pairs, _triples) if deep else (_pairs,)
        self._certifies = problem.stay is None or problem.stay.rate == 0
        self._tried: dict[bytes, float] = {}
        self._jobs: list[_Job] = []

    def tasks(self, stop: Stop) -> list[Callable[[], Division]]:
        """Give the next batch, each task to be run once and all answers to be taken in; empty when all is done."""
        wanted = ((groups, each) for each in _EFFORTS for groups in self._kinds)
        self._jobs = [] if stop.reason else next(filter(None, starmap(self._choose, wanted)), [])
        return [
            partial(_divide, self._part(job), job.present, stop, effort=job.effort, seed=self._seed)
            for job in self._jobs
        ]

    def take_in(self, divisions: Iterable[Division]) -> None:
        """Take in the answers to the last batch, in order."""
        for job, division in zip(self._jobs, divisions, strict=True):
            self.spent += division.effort
            self._tried[job.key] = _EFFORTS[-1] if division.is_proved else job.effort
            if division.is_proved and self._certifies:
                self._tried[job.key_of(division.assignment)] = inf
            candidate = self.assignment.copy()
            candidate[job.members] = np.array(job.group, dtype=np.int32)[division.assignment]
            cost = plan_cost(self._problem, candidate)
            if cost < self.cost and is_feasible(self._problem, candidate):
                self.assignment, self.cost = candidate, cost

    def certificate(self) -> LocalOptimality:
        """Count the groups of the plan and those proved."""
        counts = list[int]()
        for groups in self._kinds:
            found = groups(self._problem, self.assignment)
            proved = [self._tried.get(self._job(group, 0.0).key) == inf for group in found]
            counts += len(proved), sum(proved)
        return LocalOptimality(*counts)

    def _choose(self, groups: Callable[[AreaProblem, Assignment], list[Group]], each: float) -> list[_Job]:
        """Give groups on which less than `each` effort was spent, as many as the effort left is enough for."""
        left, jobs, taken = self._effort - self.spent, list[_Job](), set[int]()
        for group in groups(self._problem, self.assignment):
            if left > 0 and taken.isdisjoint(group):
                job = self._job(group, min(each, left))
                if self._tried.get(job.key, 0.0) < job.effort:
                    jobs.append(job)
                    taken.update(group)
                    left -= job.effort
        return jobs

    def _job(self, group: Group, effort: float) -> _Job:
        """Give a group with its blocks, and their division numbered by lowest block."""
        members = np.flatnonzero(np.isin(self.assignment, group))
        return _Job(group, members, canonical_plan(self.assignment[members]).assignment, effort)

    def _part(self, job: _Job) -> AreaProblem:
        return replace(cut_out(self._problem, job.members, len(job.group)), stay=None)


def _divide(problem: AreaProblem, present: Assignment, stop: Stop, *, effort: float, seed: int) -> Division:
    """Divide the blocks of two communities by a sweep, where its frontier is narrow; all others by the exact model.

    The sweep knows nothing of outlines: what it finds is proved only if these are as they must be, and cost nothing.
    Nor does it know of levels: pairs over the border of a dear one are left to the exact model.
    """
    if problem.n_communities == 2 and problem.dear is None:
        frontier = plan_frontier(problem)
        if frontier.is_narrow:
            division = divide_pair(problem, present, frontier, stop, effort=effort)
            is_present = np.array_equal(division.assignment, present)
            if is_feasible(problem, division.assignment) and (
                is_present or not loose_parts(problem, division.assignment).any()
            ):
                return division
            effort -= division.effort
    return divide_group(problem, present, stop, effort=effort, seed=seed)


def _pairs(problem: AreaProblem, assignment: Assignment) -> list[Group]:
    """Give the pairs of communities that touch, in order."""
    ends = np.sort(assignment[problem.edges], axis=1)
    return [(a, b) for a, b in np.unique(ends, axis=0).tolist() if a != b]


def _triples(problem: AreaProblem, assignment: Assignment) -> list[Group]:
    """Give the threes of communities of which each touches the others, in order."""
    pairs = set(_pairs(problem, assignment))
    after: dict[int, list[int]] = {}
    for a, b in sorted(pairs):
        after.setdefault(a, []).append(b)
    return [(a, b, c) for a, others in after.items() for b, c in combinations(others, 2) if (b, c) in pairs]
