"""Units above the community (streets): which one a community belongs to, and whose unit changes by that."""

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.levels import BlockLevel

IntArray = NDArray[np.int64]


def home_units(level: BlockLevel, assignment: NDArray[np.int32], residents: IntArray) -> IntArray:
    """Give the unit in which most residents of each community live, of equals the first by name, (n_communities,).

    Parameters
    ----------
    assignment : (n_blocks,) int32
        Community of each block, from 0 up.
    residents : (n_blocks,) int64
        As `model.problem.count_residents` gives them.
    """
    held = np.full((int(assignment.max()) + 1, len(level.names)), -1, dtype=np.int64)
    held[assignment, level.unit] = 0
    np.add.at(held, (assignment, level.unit), residents)
    return np.asarray(held.argmax(axis=1), dtype=np.int64)


def count_changed(level: BlockLevel, assignment: NDArray[np.int32], residents: IntArray) -> IntArray:
    """Give the residents of each community who live in another unit than its own, whose unit changes."""
    abroad = home_units(level, assignment, residents)[assignment] != level.unit
    return np.bincount(assignment, residents * abroad).astype(np.int64)
