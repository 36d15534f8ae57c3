"""Which limits leave an area no plan: bounds, roads never crossed, shape, residents who may change."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from enum import Enum

import numpy as np

from redistrict.model.problem import AreaProblem, Problem, area_problem
from redistrict.model.result import SolveStatus
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.impossible_places import find_reasons

MOST_BLOCKS = 60
"""Larger areas are not asked of the exact model, which would take too long to answer."""
_EFFORT = 10.0
"""CP-SAT's deterministic time for each question."""


class Limit(Enum):
    """A limit that a plan must keep; all but the first are never freed."""

    BOUNDS = "bounds"
    ROADS = "roads"
    EXTENT = "extent"
    COMPACTNESS = "compactness"
    ENCLAVES = "enclaves"
    NECKS = "necks"
    MOVED = "moved"


def list_limits(problem: Problem) -> tuple[Limit, ...]:
    """Give the limits that plans of a problem must keep."""
    asked = {
        Limit.BOUNDS: not problem.frees,
        Limit.ROADS: problem.apart.size > 0,
        Limit.EXTENT: problem.far.size > 0,
        Limit.COMPACTNESS: problem.compactness is not None,
        Limit.ENCLAVES: problem.enclosure is not None,
        Limit.NECKS: problem.necks is not None and problem.necks.price is None,
        Limit.MOVED: problem.stay is not None and problem.stay.max_share is not None,
    }
    return tuple(limit for limit, is_asked in asked.items() if is_asked)


def find_binding(
    problem: Problem, number: int, n_communities: int, limits: Sequence[Limit], stop: Stop
) -> tuple[Limit, ...]:
    """Give limits of which it is proved that no plan of an area keeps them all; none if nothing is proved.

    Limits are let go one by one, the bounds last, as long as the proof holds without them. In a small area each of
    those that are left is needed for it.
    """
    kept = tuple(limits)
    is_impossible = _asker(problem, number, n_communities, stop)
    if not is_impossible(kept):
        return ()
    for limit in (*(limit for limit in Limit if limit is not Limit.BOUNDS), Limit.BOUNDS):
        rest = tuple(other for other in kept if other is not limit)
        if rest != kept and rest and is_impossible(rest):
            kept = rest
    return kept


def _asker(problem: Problem, number: int, n_communities: int, stop: Stop) -> Callable[[Collection[Limit]], bool]:
    """Tell, of some limits, whether it is proved that no plan of the area keeps them all."""

    def is_impossible(limits: Collection[Limit]) -> bool:
        area = keep_only(problem, number, n_communities, limits)
        if area.n_communities > area.n_blocks or find_reasons(area):
            return True
        if area.n_blocks > MOST_BLOCKS:
            return False
        from redistrict.solver.exact.solve_exactly import solve_exactly  # CP-SAT, which few checks need

        return solve_exactly(area, stop, hint=None, effort=_EFFORT, seed=0).status is SolveStatus.INFEASIBLE

    return is_impossible


def keep_only(problem: Problem, number: int, n_communities: int, limits: Collection[Limit]) -> AreaProblem:
    """Give an area with some of its limits only, and no costs."""
    none = problem.far[:0]
    stay = problem.stay
    if stay is not None:
        stay = replace(stay, rate=0) if Limit.MOVED in limits and stay.max_share is not None else None
    whole = replace(
        problem,
        apart=problem.apart if Limit.ROADS in limits else none,
        far=problem.far if Limit.EXTENT in limits else none,
        compactness=problem.compactness if Limit.COMPACTNESS in limits else None,
        enclosure=problem.enclosure if Limit.ENCLAVES in limits else None,
        necks=problem.necks if Limit.NECKS in limits else None,
        stay=stay,
        idle=None,
        dear=None,
        deviation_rate=np.zeros_like(problem.deviation_rate),
    )
    area = area_problem(whole, number, n_communities)
    area = replace(area, edge_weight=np.zeros_like(area.edge_weight), base_cost=0)
    if Limit.BOUNDS in limits:
        return area
    return replace(area, lower=np.zeros_like(area.lower), upper=area.size.sum(axis=0))
