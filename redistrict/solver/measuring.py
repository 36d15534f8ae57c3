"""Measures of divisions, as whole numbers of which less is better: by them fronts are made, and ensembles read."""

from collections.abc import Sequence
from enum import Enum
from math import ceil

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import Problem, area_problem
from redistrict.model.subgraph import edges_among
from redistrict.solver.costs import community_totals, plan_cost

Assignment = NDArray[np.int32]
Values = tuple[int, ...]

PPM = 1_000_000
_FINE_SHAPE = 0.001
"""Compactness is told apart by so much: outlines are delivered with fewer vertices than cells have."""


class Measure(Enum):
    """What plans are measured by; less is better."""

    COST = "cost"
    """The cost of the scenario, in its units."""
    CROSSING = "crossing"
    """The part of it for roads inside communities."""
    MOVED = "moved"
    """Residents whose community changes."""
    BALANCE = "balance"
    """The largest deviation of a community from what its bounds lie around, in millionths."""
    COMPACTNESS = "compactness"
    """What the least compact outline lacks of a circle's compactness 1, in millionths."""
    COUNT = "count"
    """Communities."""

    @property
    def is_price(self) -> bool:
        """Whether searches make it least; the others are limited."""
        return self in (Measure.COST, Measure.CROSSING)

    @property
    def is_worst(self) -> bool:
        """Whether it is that of the worst community, not a sum."""
        return self in (Measure.BALANCE, Measure.COMPACTNESS)


class Measuring:
    """Measures divisions of areas."""

    def __init__(self, problem: Problem, measures: Sequence[Measure]) -> None:
        self._problem, self._measures = problem, measures

    def of(self, number: int, labels: Assignment) -> Values:
        """Give the measures of a division of an area."""
        return tuple(self._measure(measure, number, labels) for measure in self._measures)

    def _measure(self, measure: Measure, number: int, labels: Assignment) -> int:
        problem, k = self._problem, int(labels.max()) + 1
        members = np.array(problem.areas[number].blocks, dtype=np.int64)
        if measure is Measure.COUNT:
            return k
        if measure is Measure.MOVED:
            assert problem.stay is not None, "residents are measured where they have communities today"
            return problem.stay.take(members).moved(labels)
        if measure is Measure.CROSSING:
            edges, inside = edges_among(problem.edges, members, problem.n_blocks)
            ends = labels[edges]
            return int(problem.crossing_cost[inside][ends[:, 0] == ends[:, 1]].sum())
        area = area_problem(problem, number, k)
        if measure is Measure.COST:
            return plan_cost(area, labels)
        if measure is Measure.BALANCE:
            center = np.array([float(c) for c in area.center or area.target.tolist()])
            off = np.abs(community_totals(area, labels) - center) / np.maximum(center, 1e-9)
            return ceil(float(off.max()) * PPM - 1e-6)
        assert problem.compactness is not None, "outlines are measured where their compactness is known"
        ground = problem.compactness.take(members)
        lack = 1 - float(ground.of(ground.outlines(labels, k)).min())
        return ceil(round(lack / _FINE_SHAPE, 6)) * round(_FINE_SHAPE * PPM)
