"""The cheapest choice of one division for each area that is far enough from some plans."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

IntArray = NDArray[np.int64]
_EFFORT = 5.0


def choose_parts(
    costs: Sequence[Sequence[int]], far: Sequence[IntArray], least: int, stop: Stop
) -> tuple[int, ...] | None:
    """Give the number of the division of each area, or none where no choice is far enough.

    Parameters
    ----------
    costs : sequence of sequence of int
        Of each area the cost of each division.
    far : sequence of (n_divisions, n_plans) int64
        Of each area the distance of each division from each plan there; over all areas distances add up.
    least : int
        Least distance from every plan.
    """
    model = cp_model.CpModel()
    chosen = [[model.new_bool_var("") for _ in own] for own in costs]
    for own in chosen:
        model.add_exactly_one(own)
    everything = [variable for own in chosen for variable in own]
    for distances in np.vstack(far).T.tolist():
        model.add(cp_model.LinearExpr.weighted_sum(everything, distances) >= least)
    model.minimize(cp_model.LinearExpr.weighted_sum(everything, [cost for own in costs for cost in own]))
    answer = run_model(model, everything, stop, effort=_EFFORT, seed=0)
    if not answer.chosen:
        return None
    picked = iter(answer.chosen)
    return tuple([next(picked) for _ in own].index(True) for own in chosen)
