"""Exceptions: which communities of a plan lie outside the usual bounds, and why they may."""

from collections.abc import Sequence

import numpy as np

from redistrict.messages import Message
from redistrict.model.measures import community_areas, community_sizes, community_targets
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem
from redistrict.model.result import AreaResult
from redistrict.model.say_areas import say_exception


def list_exceptions(
    problem: Problem, plan: Plan, found: Sequence[AreaResult], ids: Sequence[str]
) -> tuple[Message | None, ...]:
    """Say of every community why it may lie outside the scenario's bounds, or none where it may not.

    Parameters
    ----------
    found : sequence of AreaResult
        One for each area.
    ids : sequence of str
        Keys of the blocks.
    """
    areas, sizes = community_areas(problem, plan).tolist(), community_sizes(problem, plan)
    _, lower, upper = community_targets(problem, plan)
    is_outside = (sizes < lower) | (sizes > upper)
    reasons: list[Message | None] = []
    for c, number in enumerate(areas):
        area, necessity = problem.areas[number], found[number].exceptions if found else None
        if necessity is None or not is_outside[c].any():
            reasons.append(area.exception)
            continue
        amounts = [
            (problem.quantities[q], int(sizes[c, q]), int(lower[c, q]), int(upper[c, q]))
            for q in np.flatnonzero(is_outside[c]).tolist()
        ]
        own = [ids[i] for i in np.flatnonzero(plan.assignment == c).tolist()]
        reasons.append(say_exception(area.name, own, amounts, necessity))
    return tuple(reasons)
