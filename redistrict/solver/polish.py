"""Polish a plan until no two neighbouring communities can be redrawn better, and certify what is proved of that.

Every pair of neighbouring communities is cut out and divided anew, exactly. What is proved of a pair holds until one of
the two changes, so after an improvement only the pairs around it are looked at again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from math import inf

import numpy as np
from numpy.typing import NDArray

from redistrict.plan import canonical_plan
from redistrict.problem import AreaProblem
from redistrict.solver.costs import is_feasible, plan_cost
from redistrict.solver.divide import cut_out
from redistrict.solver.halve import halve, plan_frontier
from redistrict.solver.redivide import Division, redivide
from redistrict.solver.stop import Stop

Assignment = NDArray[np.int32]
Group = tuple[int, ...]

_EFFORTS = (0.1, 1.0, 8.0)
"""Effort for one group: first a little for each, then more for those not yet proved."""


@dataclass(frozen=True, eq=False)
class Polished:
    """A plan and the certificate of its local optimality.

    Attributes
    ----------
    assignment : (n_blocks,) int32
    cost : int
        Weighted centimetres; never above the cost before.
    pairs, triples : int
        Pairs of neighbouring communities, and threes of which each touches the others; no triples are counted
        unless they were asked for.
    pairs_proved, triples_proved : int
        Those of which it is proved that no other division of their blocks makes a cheaper plan.
    effort : float
        Deterministic time spent, roughly seconds.
    """

    assignment: Assignment
    cost: int
    pairs: int
    pairs_proved: int
    triples: int
    triples_proved: int
    effort: float

    @property
    def is_locally_optimal(self) -> bool:
        """No pair of neighbouring communities can be redrawn better, and that is proved of every pair."""
        return self.pairs_proved == self.pairs


def polish(
    problem: AreaProblem, assignment: Assignment, stop: Stop, *, effort: float, seed: int, deep: bool = False
) -> Polished:
    """Redraw neighbouring communities, two at a time, until no pair can be improved.

    Parameters
    ----------
    assignment : (n_blocks,) int32
        A feasible plan.
    effort : float
        Deterministic time over all pairs, roughly seconds.
    deep : bool
        Redraw threes of neighbours, too, once all pairs are done.

    Returns
    -------
    Polished
        The same for the same problem, plan and seed, unless the time limit or the user struck.

    Notes
    -----
    Who continues whom is decided over the whole area, so a pair is divided without a look at `stay`, and the result
    accepted only if the whole plan is feasible and cheaper. Where moving a resident has a price nothing is
    certified; where only their number is limited, what is best without the limit is best with it.
    """
    polisher = _Polisher(problem, assignment, stop, effort, seed)
    for each in _EFFORTS:
        while polisher.sweep(_pairs, each) or (deep and polisher.sweep(_triples, each)):
            pass
    return polisher.certificate(deep)


class _Polisher:
    """The incumbent, what has been tried of each group, and the effort left."""

    def __init__(self, problem: AreaProblem, assignment: Assignment, stop: Stop, effort: float, seed: int) -> None:
        self._problem = problem
        self._incumbent = assignment.astype(np.int32)
        self._cost = plan_cost(problem, assignment)
        self._stop = stop
        self._effort = effort
        self._spent = 0.0
        self._seed = seed
        self._certifies = problem.stay is None or problem.stay.rate == 0
        self._tried: dict[bytes, float] = {}

    def sweep(self, groups: Callable[[AreaProblem, Assignment], list[Group]], each: float) -> bool:
        """Redraw every group on which less than `each` effort was spent; tell whether the plan is better now."""
        before = self._cost
        for group in groups(self._problem, self._incumbent):
            members, present = self._cut_out(group)
            if self._spent >= self._effort or self._stop.reason:
                break
            if self._tried.get(_key(members, present), 0.0) < each:
                self._redraw(group, members, present, min(each, self._effort - self._spent))
        return self._cost < before

    def certificate(self, deep: bool) -> Polished:
        """Count the groups of the incumbent and those proved."""
        pairs = _pairs(self._problem, self._incumbent)
        triples = _triples(self._problem, self._incumbent) if deep else []
        return Polished(
            assignment=self._incumbent,
            cost=self._cost,
            pairs=len(pairs),
            pairs_proved=sum(map(self._is_proved, pairs)),
            triples=len(triples),
            triples_proved=sum(map(self._is_proved, triples)),
            effort=self._spent,
        )

    def _redraw(self, group: Group, members: NDArray[np.int64], present: Assignment, effort: float) -> None:
        part = replace(cut_out(self._problem, members, len(group)), stay=None)
        division = _divide(part, present, self._stop, effort=effort, seed=self._seed)
        self._spent += division.effort
        self._tried[_key(members, present)] = _EFFORTS[-1] if division.is_proved else effort
        if division.is_proved and self._certifies:
            self._tried[_key(members, division.assignment)] = inf
        candidate = self._incumbent.copy()
        candidate[members] = np.array(group, dtype=np.int32)[division.assignment]
        cost = plan_cost(self._problem, candidate)
        if cost < self._cost and is_feasible(self._problem, candidate):
            self._incumbent, self._cost = candidate, cost

    def _cut_out(self, group: Group) -> tuple[NDArray[np.int64], Assignment]:
        """Give the blocks of a group, and their division numbered by lowest block."""
        members = np.flatnonzero(np.isin(self._incumbent, group))
        return members, canonical_plan(self._incumbent[members]).assignment

    def _is_proved(self, group: Group) -> bool:
        return self._tried.get(_key(*self._cut_out(group))) == inf


def _divide(problem: AreaProblem, present: Assignment, stop: Stop, *, effort: float, seed: int) -> Division:
    """Divide the blocks of two communities by a sweep, where its frontier is narrow; all others by the exact model."""
    if problem.n_communities == 2:
        frontier = plan_frontier(problem)
        if frontier.is_narrow:
            return halve(problem, present, frontier, stop, effort=effort)
    return redivide(problem, present, stop, effort=effort, seed=seed)


def _key(members: NDArray[np.int64], division: Assignment) -> bytes:
    return members.tobytes() + division.tobytes()


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
