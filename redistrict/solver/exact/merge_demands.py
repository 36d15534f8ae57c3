"""What pins ask of mergers of today's communities: which candidates may be chosen, and how many of some."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.pins import Demand


def keep_demands(
    model: cp_model.CpModel,
    parts: Sequence[tuple[int, ...]],
    chosen: Sequence[cp_model.IntVar],
    part: NDArray[np.int32],
    demands: Sequence[Demand],
) -> None:
    """Choose only what keeps to the demands; one that would divide a community of today leaves no choice.

    Parameters
    ----------
    parts : sequence of tuple of int
        Communities of today of each candidate.
    part : (n_blocks,) int32
        Community of today of each block.
    """
    for one in demands:
        together, own = ({*part[list(blocks)].tolist()} for blocks in (one.together, one.own))
        apart = {frozenset(part[list(pair)].tolist()) for pair in one.apart}
        if np.isin(part, sorted(own)).sum() > len(one.own) or any(len(pair) == 1 for pair in apart):
            model.add_bool_or([])
        for members, var in zip(parts, chosen, strict=True):
            merged = {*members}
            is_kept = together <= merged or together.isdisjoint(merged)
            is_kept &= merged <= own or own.isdisjoint(merged)
            if not is_kept or any(pair <= merged for pair in apart):
                model.add(var == 0)
        if own:
            model.add(sum(var for members, var in zip(parts, chosen, strict=True) if {*members} <= own) == one.count)
