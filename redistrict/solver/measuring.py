"""Measures of divisions, as whole numbers of which less is better: by them fronts are made, and ensembles read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil

import numpy as np
from numpy.typing import NDArray

from redistrict.model.compactness import Compactness
from redistrict.model.problem import AreaProblem, Problem, area_problem
from redistrict.model.subgraph import edges_among
from redistrict.model.terms import Stay
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


@dataclass(frozen=True, eq=False)
class _Place:
    """An area with a number of communities, and what measures need of it."""

    problem: AreaProblem
    crossing: NDArray[np.int64]
    stay: Stay | None
    ground: Compactness | None


class Measuring:
    """Measures divisions of areas."""

    def __init__(self, problem: Problem, measures: Sequence[Measure]) -> None:
        self._problem, self.measures = problem, tuple(measures)
        self._places: dict[tuple[int, int], _Place] = {}

    def of(self, number: int, labels: Assignment) -> Values:
        """Give the measures of a division of an area."""
        k = int(labels.max()) + 1
        if (number, k) not in self._places:
            self._places[number, k] = self._look_up(number, k)
        place = self._places[number, k]
        return tuple(_measure(measure, place, labels) for measure in self.measures)

    def _look_up(self, number: int, n_communities: int) -> _Place:
        problem = self._problem
        members = np.array(problem.areas[number].blocks, dtype=np.int64)
        return _Place(
            area_problem(problem, number, n_communities),
            problem.crossing_cost[edges_among(problem.edges, members, problem.n_blocks)[1]],
            problem.stay.take(members) if problem.stay else None,
            problem.compactness.take(members) if problem.compactness else None,
        )


def _measure(measure: Measure, place: _Place, labels: Assignment) -> int:
    area = place.problem
    if measure is Measure.COUNT:
        return area.n_communities
    if measure is Measure.COST:
        return plan_cost(area, labels)
    if measure is Measure.CROSSING:
        return int(place.crossing[labels[area.edges[:, 0]] == labels[area.edges[:, 1]]].sum())
    if measure is Measure.MOVED:
        assert place.stay is not None, "residents are measured where they have communities today"
        return place.stay.moved(labels)
    if measure is Measure.BALANCE:
        center = np.array([float(c) for c in area.center or area.target.tolist()])
        off = np.abs(community_totals(area, labels) - center) / np.maximum(center, 1e-9)
        return ceil(float(off.max()) * PPM - 1e-6)
    assert place.ground is not None, "outlines are measured where their compactness is known"
    lack = 1 - float(place.ground.of(place.ground.outlines(labels, area.n_communities)).min())
    return ceil(round(lack / _FINE_SHAPE, 6)) * round(_FINE_SHAPE * PPM)
