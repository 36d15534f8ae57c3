"""Necks: where two neighbouring blocks, with the ground they were given, hang together widely enough."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.cells import Cells

Shapes = NDArray[np.object_]
BoolArray = NDArray[np.bool_]

_ROUND = 16
"""Segments in a quarter of a circle: corners are off by 0.1 % of its radius."""
_AT_ONCE = 1024


def find_wide(cells: Cells, edges: NDArray[np.int32], width_m: float) -> tuple[BoolArray, BoolArray]:
    """Tell which neighbours hang together by their own ground over a width, and which blocks are themselves so wide.

    Two cells hang together over a width if taking off half of it all around both, as one, leaves their cores in one
    part. What is left of a set of cells never becomes less by a cell more, so blocks that hang together one by one do
    so in any community. The core is what is left of the block, or else of its cell, in the largest part.

    Parameters
    ----------
    edges : (m, 2) int32
    width_m : float

    Returns
    -------
    is_wide : (m,) bool
    is_core : (n_blocks,) bool
        Blocks of which something is left without the street space around them.
    """
    cores = _largest_parts(erode(cells.blocks, width_m))
    is_core = ~shapely.is_empty(cores)
    kept = shapely.point_on_surface(np.where(is_core, cores, _largest_parts(erode(cells.shapes, width_m))))
    is_wide = np.zeros(len(edges), dtype=bool)
    asked = np.flatnonzero(~shapely.is_empty(kept[edges]).any(axis=1))
    for at in range(0, asked.size, _AT_ONCE):
        rows = asked[at : at + _AT_ONCE]
        i, j = edges[rows].T
        both = erode(shapely.union(cells.shapes[i], cells.shapes[j]), width_m)
        parts, row = shapely.get_parts(both, return_index=True)
        joined = shapely.intersects(parts, kept[i][row]) & shapely.intersects(parts, kept[j][row])
        is_wide[rows[row[joined]]] = True
    return is_wide, is_core


def erode(shapes: Shapes, width_m: float) -> Shapes:
    """Take half of a width off shapes, all around."""
    return np.asarray(shapely.buffer(shapes, -width_m / 2, quad_segs=_ROUND))


def _largest_parts(shapes: Shapes) -> Shapes:
    """Give the largest polygon of each shape; an empty one of an empty shape."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((shapely.area(parts), row))
    last = np.flatnonzero(np.diff(row[order], append=-1))
    largest = np.full(len(shapes), shapely.Polygon(), dtype=object)
    largest[row[order[last]]] = parts[order[last]]
    return largest
