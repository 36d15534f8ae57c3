"""Noding: lines are cut wherever they meet, to the millimetre."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M

Shapes = NDArray[np.object_]


def node_lines(lines: Shapes) -> Shapes:
    """Give lines on the grid that have nothing in common but their ends.

    Parameters
    ----------
    lines : (n_lines,) lines or multilines, in metres
    """
    return np.asarray(shapely.set_precision(shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M)), 0))
