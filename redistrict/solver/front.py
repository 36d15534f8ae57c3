"""The trade-off front: plans of which none is better than another in every measure.

The epsilon-constraint method (Haimes et al. 1971), area by area: after the plan of the scenario each end of the front
is sought by a price on its measure, and then, round after round, every area is searched anew with a limit in the middle
of its widest gap, starting from the division at the near side of it, which keeps to the limit. As areas are
independent, the front of the whole is that of all sums of their divisions; from it the plans are chosen that lie
farthest apart. All measures are whole numbers, and less of them is better; all plans obey the scenario.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.model.areas import Limits
from redistrict.model.plan import Plan, canonical_plan, join_divisions
from redistrict.model.problem import Problem
from redistrict.model.result import Result
from redistrict.model.terms import Stay
from redistrict.scenario.models import Solve
from redistrict.solver.measuring import PPM, Measure, Measuring, Values
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal, fingerprint
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]
IntArray = NDArray[np.int64]

_EFFORT = 0.25
"""Share of the scenario's effort that a search of one round gets."""
_OTHERS = 0.3
"""What the prices of borders and deviation count where the crossings are to be few: at less, communities interlock.

Sample city, effort 0.05: at 1, 0.6, 0.4, 0.2 and 0.05 crossings are 115, 94, 87, 76 and 71 km, borders 139, 162, 189,
217 and 267 km, all weighted.
"""
_DEAR = 30
"""At an end of the front its measure costs so many times what all crossings and borders of the plan do."""
_FINEST = 200
"""Gaps narrower than this part of an area's range are not searched any more."""
_MOST = 4_000
"""Sums of divisions that are kept at once; of more, some at even distances."""


@dataclass(frozen=True, eq=False)
class FrontPlan:
    """A plan of the front, with its measures in the order asked for; and whether it is the knee."""

    plan: Plan
    values: Values
    is_knee: bool


@dataclass(frozen=True, eq=False)
class _Division:
    """A division of an area, canonical, and its measures."""

    labels: Assignment
    values: Values


def find_front(
    problem: Problem,
    best: Result,
    measures: Sequence[Measure],
    count: int,
    rules: Solve,
    stop: Stop,
    on_progress: OnProgress | None = None,
    *,
    journal: Journal | None = None,
    hopeless: Collection[int] = (),
) -> list[FrontPlan]:
    """Give plans of which none is better in all measures, at most `count`, the fewest of the second measure first.

    Parameters
    ----------
    problem : Problem
        With `stay` where residents are a measure, and with `compactness` where that is.
    best : Result
        The plan of the scenario. Areas of it with exceptions from the bounds stay as they are.
    measures : sequence of Measure
        The first is a price, the others are none.
    rules : Solve
        Seed, effort, workers and method of the scenario.
    journal : Journal, optional
        What an earlier search has found.
    hopeless : collection of int
        As `solve` takes it.

    Returns
    -------
    list of FrontPlan
        They depend neither on the number of workers nor on the journal, unless the time was up or the user struck.
    """
    pools = _Pools(problem, best, measures)
    priced = _priced(problem, measures[0])
    n_rounds = len(measures) + count

    def search(asked: Problem, start: Assignment, number: int) -> None:
        changes = {"effort": _EFFORT * rules.effort, "seed": (rules.seed + number) % 2**32, "bound": "quick"}
        found = solve(
            asked,
            rules.model_copy(update=changes),
            stop,
            _told(on_progress, number, n_rounds),
            start=start,
            journal=journal.part(fingerprint(asked, start, number)) if journal else None,
            hopeless=hopeless,
        )
        pools.take_in(found)

    begin = pools.best()
    search(priced, begin, 0)
    for number, measure in enumerate(measures[1:], start=1):
        search(_dear(priced, problem, measure), begin, number)
    for number in range(len(measures), n_rounds):
        m = 1 + (number - len(measures)) % (len(measures) - 1)
        if stop.reason:
            break
        limits, start = pools.widest_gaps(m)
        if limits:
            search(_limited(priced, measures[m], limits), start, number)
    return pools.choose(count)


def _told(on_progress: OnProgress | None, number: int, n_rounds: int) -> OnProgress:
    """Tell a search as a part of all; its cost and bound are those of other prices, and kept back."""

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            phase = Message(f"Round {number + 1} of {n_rounds}: ", f"第 {number + 1}/{n_rounds} 轮：") + progress.phase
            on_progress(Progress(phase, (number + progress.fraction) / n_rounds))

    return tell


def _priced(problem: Problem, measure: Measure) -> Problem:
    """Give the problem with the prices that make the first measure least."""
    if measure is Measure.COST:
        return problem
    return replace(
        problem,
        boundary_cost=np.rint(problem.boundary_cost * _OTHERS).astype(np.int64),
        deviation_rate=np.rint(problem.deviation_rate * _OTHERS).astype(np.int64),
    )


def _dear(priced: Problem, problem: Problem, measure: Measure) -> Problem:
    """Give a problem that makes another measure least by its price, or by as few communities as can be."""
    everything = int(problem.crossing_cost.sum() + problem.boundary_cost.sum())
    if measure is Measure.MOVED:
        assert priced.stay is not None, "residents are measured where they have communities today"
        rate = max(1, _DEAR * everything // max(1, priced.stay.n_residents))
        return replace(priced, stay=replace(priced.stay, rate=rate))
    if measure is Measure.BALANCE:
        rates = _DEAR * everything // np.maximum(1, problem.size.sum(axis=0))
        return replace(priced, deviation_rate=np.maximum(1, rates))
    if measure is Measure.COMPACTNESS:
        return replace(priced, boundary_cost=problem.boundary_cost * _DEAR)
    return replace(priced, areas=tuple(replace(area, options=area.options[:1]) for area in priced.areas))


def _limited(priced: Problem, measure: Measure, limits: dict[int, int]) -> Problem:
    """Give the problem with a limit on a measure in some areas; that on outlines is the widest of them for all."""
    if measure is Measure.MOVED:
        assert priced.stay is not None, "residents are measured where they have communities today"
        return replace(priced, stay=_moving_at_most(priced, priced.stay, limits))
    if measure is Measure.COMPACTNESS:
        assert priced.compactness is not None, "outlines are measured where their compactness is known"
        least = max(priced.compactness.least, 1 - max(limits.values()) / PPM)
        return replace(priced, compactness=replace(priced.compactness, least=least))
    narrow = _narrowed if measure is Measure.BALANCE else _fewer
    areas = (
        replace(area, options=narrow(area.options, limits[n])) if n in limits else area
        for n, area in enumerate(priced.areas)
    )
    return replace(priced, areas=tuple(areas))


def _moving_at_most(priced: Problem, stay: Stay, limits: dict[int, int]) -> Stay:
    """Limit the residents who are moved in some areas, as shares of those there."""
    shares = np.full(len(stay.current), 1.0 if stay.max_share is None else stay.max_share)
    for number, most in limits.items():
        members = list(priced.areas[number].blocks)
        share = (most + 0.5) / max(1, stay.take(np.array(members)).n_residents)
        shares[members] = np.minimum(shares[members], share)
    return replace(stay, shares=shares)


def _narrowed(options: Sequence[Limits], most: int) -> tuple[Limits, ...]:
    """Narrow the bounds to a largest deviation, in millionths of what they lie around."""
    share = Fraction(most, PPM)
    found = []
    for option in options:
        centers = [Fraction(center) for center in option.center or option.target]
        lower = zip(option.lower, centers, strict=True)
        upper = zip(option.upper, centers, strict=True)
        found.append(
            replace(
                option,
                lower=tuple(max(low, ceil(center * (1 - share))) for low, center in lower),
                upper=tuple(min(high, floor(center * (1 + share))) for high, center in upper),
            )
        )
    return tuple(found)


def _fewer(options: Sequence[Limits], most: int) -> tuple[Limits, ...]:
    return tuple(option for option in options if option.n_communities <= most)


@dataclass(eq=False)
class _Pool:
    """The divisions of one area met so far, and how far the gaps between them were searched: by measure and ends."""

    blocks: IntArray
    is_fixed: bool
    divisions: list[_Division] = field(default_factory=list)
    searched: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def add(self, division: _Division) -> None:
        """Take in a division if it is new and no other is as good in every measure."""
        values = np.array(division.values)
        if not any((np.array(one.values) <= values).all() for one in self.divisions):
            self.divisions = [one for one in self.divisions if not (values <= np.array(one.values)).all()]
            self.divisions.append(division)

    def widest_gap(self, m: int) -> tuple[int, _Division] | None:
        """Give the middle of what was not searched of the widest gap in a measure, and the division below it."""
        values = np.array([one.values for one in self.divisions])
        spread = np.maximum(1, values.max(axis=0) - values.min(axis=0))
        order = sorted(_undominated(values[:, [m, 0]]).tolist(), key=lambda n: int(values[n, m]))
        gaps = []
        for a, b in pairwise(order):
            gap = (m, int(values[a, m]), int(values[b, m]))
            low, high = self.searched.get(gap, gap[1]), gap[2]
            if high - low > max(1, spread[m] // _FINEST):
                share = (high - low) / (high - gap[1])
                size = (high - low) / spread[m] + share * (values[a, 0] - values[b, 0]) / spread[0]
                gaps.append((size, gap, (low + high) // 2, a))
        if not gaps:
            return None
        _, gap, limit, below = max(gaps)
        self.searched[gap] = limit
        return limit, self.divisions[below]


class _Pools:
    """The divisions of all areas."""

    def __init__(self, problem: Problem, best: Result, measures: Sequence[Measure]) -> None:
        assert best.plan is not None, "a front begins at a plan"
        self._measure = Measuring(problem, measures)
        self._is_worst = np.array([measure.is_worst for measure in measures])
        self._n_blocks = problem.n_blocks
        self._pools = [
            _Pool(np.array(area.blocks, dtype=np.int64), best.areas[number].exceptions is not None)
            for number, area in enumerate(problem.areas)
        ]
        self._first = [canonical_plan(best.plan.assignment[pool.blocks]).assignment for pool in self._pools]
        for number, (pool, first) in enumerate(zip(self._pools, self._first, strict=True)):
            pool.add(_Division(first, self._measure.of(number, first)))

    def best(self) -> Assignment:
        """Give the plan of the scenario."""
        return self._put_together(self._first)

    def take_in(self, found: Result) -> None:
        """Take in the divisions of a result, those of areas without a plan left out."""
        for number, (pool, area) in enumerate(zip(self._pools, found.areas, strict=True)):
            if area.assignment is not None and area.exceptions is None and not pool.is_fixed:
                labels = canonical_plan(np.array(area.assignment, dtype=np.int32)).assignment
                pool.add(_Division(labels, self._measure.of(number, labels)))

    def widest_gaps(self, m: int) -> tuple[dict[int, int], Assignment]:
        """Give for each area with a gap the limit in its middle, and the plan that keeps to all of them."""
        limits, parts = dict[int, int](), list(self._first)
        for number, pool in enumerate(self._pools):
            if not pool.is_fixed and (gap := pool.widest_gap(m)) is not None:
                limits[number], below = gap
                parts[number] = below.labels
        return limits, self._put_together(parts)

    def choose(self, count: int) -> list[FrontPlan]:
        """Choose plans of the front: the ends and the knee, and then always the one farthest from those chosen."""
        values, numbers = self._sums()
        order = np.lexsort((values[:, 0], values[:, 1]))
        values, numbers = values[order], numbers[order]
        knee = find_knee(values)
        chosen = sorted(spread_out(values, count, knee))
        return [
            FrontPlan(
                canonical_plan(
                    self._put_together(
                        [pool.divisions[n].labels for pool, n in zip(self._pools, numbers[i].tolist(), strict=True)]
                    )
                ),
                tuple(values[i].tolist()),
                i == knee,
            )
            for i in chosen
        ]

    def _sums(self) -> tuple[IntArray, IntArray]:
        """Give the measures of every sum that no other is as good as, and the division of each area in it."""
        values = np.zeros((1, len(self._is_worst)), dtype=np.int64)
        numbers = np.zeros((1, 0), dtype=np.int64)
        for pool in self._pools:
            own = np.array([one.values for one in pool.divisions])
            a, b = np.repeat(np.arange(len(values)), len(own)), np.tile(np.arange(len(own)), len(values))
            values = np.where(self._is_worst, np.maximum(values[a], own[b]), values[a] + own[b])
            kept = _undominated(values)
            if len(kept) > _MOST:
                kept = kept[np.lexsort(values[kept].T[::-1])]  # from end to end, so that both stay
                kept = kept[np.linspace(0, len(kept) - 1, _MOST).astype(np.int64)]
            values, numbers = values[kept], np.column_stack([numbers[a[kept]], b[kept]])
        return values, numbers

    def _put_together(self, parts: Sequence[Assignment]) -> Assignment:
        return join_divisions(self._n_blocks, zip([pool.blocks for pool in self._pools], parts, strict=True))


def _undominated(values: IntArray) -> IntArray:
    """Give the rows that no other row is as good as in every column, the first of equal ones, in their order."""
    order = np.lexsort(values.T[::-1])
    kept: list[int] = []
    front = np.empty_like(values)
    for i in order.tolist():
        if not (front[: len(kept)] <= values[i]).all(axis=1).any():
            front[len(kept)] = values[i]
            kept.append(i)
    return np.array(sorted(kept), dtype=np.int64)


def find_knee(values: IntArray) -> int | None:
    """Give the row of the knee: the one farthest below the straight line between the ends of the first two measures.

    Each measure counts by its range over the front (Das 1999, "On characterizing the knee of the Pareto curve").

    Returns
    -------
    int or None
        None where no row lies below the line.
    """
    part = values[:, :2].astype(np.float64)
    spread = part.max(axis=0) - part.min(axis=0)
    if (spread == 0).any():
        return None
    below = 1 - ((part - part.min(axis=0)) / spread).sum(axis=1)
    return int(below.argmax()) if below.max() > 0 else None


def spread_out(values: IntArray, count: int, knee: int | None) -> list[int]:
    """Choose rows: the least of each measure and the knee, then always the one farthest from those (Gonzalez 1985)."""
    spread = np.maximum(1, values.max(axis=0) - values.min(axis=0))
    scaled = values / spread
    ends = [int(np.lexsort((scaled.sum(axis=1), values[:, m]))[0]) for m in range(values.shape[1])]
    chosen = list(dict.fromkeys([*ends, *([] if knee is None else [knee])]))[:count]
    far = np.min([np.linalg.norm(scaled - scaled[i], axis=1) for i in chosen], axis=0)
    while len(chosen) < min(count, len(values)) and far.max() > 0:
        i = int(far.argmax())
        chosen.append(i)
        far = np.minimum(far, np.linalg.norm(scaled - scaled[i], axis=1))
    return chosen
