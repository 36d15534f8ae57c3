"""The plan of a small area that needs the least tolerances, exactly: no plan is inside the bounds with less of one.

Every connected set of blocks is listed with the tolerance it needs, and CP-SAT covers every block once with them, so
that the tolerances add up to the least.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem, IntArray
from redistrict.model.result import SolveStatus
from redistrict.solver.exact.listing import kept_rewards
from redistrict.solver.exact.nearest_cover import list_connected
from redistrict.solver.exact.set_partition import cover_once
from redistrict.solver.sweep.dual_prices import may_be_outlines
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

THOUSAND = 1000
"""Tolerances are given in thousandths, the least that holds; none reaches the whole."""
_MOST_LISTED, _MOST_SETS = 20_000, 4_000
"""Connected sets that are listed at most, and that are left at most without those that no tolerance admits."""


@dataclass(frozen=True, eq=False)
class LeastCover:
    """The plan that needs the least tolerances; none where it is proved that no tolerance below 1 admits any.

    Attributes
    ----------
    assignment : (n_blocks,) int32 or None
    """

    assignment: NDArray[np.int32] | None


def cover_with_least_tolerance(
    problem: AreaProblem, shared: Sequence[int], stop: Stop, *, effort: float, seed: int
) -> LeastCover | None:
    """Give the plan of an area that needs the least tolerances; none if it has too many connected sets to tell.

    Roads never to be crossed, the limits of shape and the most residents who may change are kept.

    Parameters
    ----------
    shared : sequence of int
        Number of the tolerance that holds for each quantity: later years share that of today.
    effort : float
        CP-SAT's deterministic time, roughly seconds.
    """
    sets = list_connected(problem, most=_MOST_LISTED)
    if sets is None:
        return None
    rows = np.array([[mask >> i & 1 for i in range(problem.n_blocks)] for mask in sets], dtype=bool)
    rows = rows[may_be_outlines(problem, rows)]
    totals = rows.astype(np.int64) @ problem.size
    is_outside = (totals < problem.lower) | (totals > problem.upper)
    needed = np.where(is_outside, needed_tolerances(problem, totals), 0)
    rows, needed = rows[(needed < THOUSAND).all(axis=1)], needed[(needed < THOUSAND).all(axis=1)]
    if len(rows) > _MOST_SETS:
        return None
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in rows]
    cover_once(model, [np.flatnonzero(row).tolist() for row in rows], chosen, problem.n_blocks)
    model.add(sum(chosen) == problem.n_communities)
    kept_rewards(model, problem, rows, chosen)
    tolerances = [model.new_int_var(0, THOUSAND - 1, "") for _ in range(max(shared) + 1)]
    for q, number in enumerate(shared):
        for var, least in zip(chosen, needed[:, q].tolist(), strict=True):
            if least:
                model.add(tolerances[number] >= least * var)
    model.minimize(sum(tolerances))
    answer = run_model(model, chosen, stop, effort=effort, seed=seed)
    if answer.status is SolveStatus.INFEASIBLE:
        return LeastCover(None)
    if answer.status is not SolveStatus.OPTIMAL:
        return None
    found = rows[np.array(answer.chosen)].argmax(axis=0)
    return LeastCover(np.array(canonical_plan(found).assignment, dtype=np.int32))


def needed_tolerances(problem: AreaProblem, totals: IntArray) -> IntArray:
    """Give the thousandths of tolerance that communities need to be inside the bounds.

    Bounds are ``ceil(center * (1 - share))`` and ``floor(center * (1 + share))``, as `model.areas` makes them, so a
    total lies inside when ``share >= |total - center| / center``.

    Parameters
    ----------
    totals : (k, n_quantities) int64

    Returns
    -------
    (k, n_quantities) int64
        A thousand where no tolerance below 1 is enough.
    """
    centers = problem.center or tuple(Fraction(int(target)) for target in problem.target)
    needed = np.zeros_like(totals)
    for q, center in enumerate(centers):
        values, place = np.unique(totals[:, q], return_inverse=True)
        known = [_needed(total, center if problem.target[q] > 0 else Fraction(0)) for total in values.tolist()]
        needed[:, q] = np.array(known, dtype=np.int64)[place]
    return needed


def _needed(total: int, center: Fraction) -> int:
    return min(THOUSAND, ceil(THOUSAND * abs(total - center) / center)) if center > 0 else THOUSAND
