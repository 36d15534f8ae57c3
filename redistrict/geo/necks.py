"""Necks: where neighbouring blocks hang together widely enough, and how narrow the ground in a community gets."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.cells import Cells
from redistrict.geo.components import components

Shapes = NDArray[np.object_]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

_ROUND = 16
"""Segments in a quarter of a circle: corners are off by 0.1 % of its radius."""
_AT_ONCE = 1024
NECK_LEVELS_M = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Necks are looked for below each of these widths, between blocks at least so wide."""
_NEAREST_M = 0.1


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


def measure_necks(
    outlines: Shapes, blocks: Shapes, is_peopled: BoolArray, assignment: NDArray[np.int32], links: NDArray[np.int32]
) -> FloatArray:
    """Give the width of the narrowest place by which blocks where people live hang on the rest of their community.

    Below each of `NECK_LEVELS_M` those blocks count that are so wide somewhere. A neck is as wide as what must be taken
    off the outline, one half on either side, until they no longer lie in one part. Links join parts.

    Parameters
    ----------
    outlines : (k,) polygons or multipolygons
    blocks : (n_blocks,) polygons or multipolygons
    is_peopled : (n_blocks,) bool
    assignment : (n_blocks,) int32
    links : (n_links, 2) int32

    Returns
    -------
    (k,) float64
        Metres, to 0.1; nan where there is no neck below the last level.
    """
    found_m = np.full(len(outlines), np.inf)
    for level_m in NECK_LEVELS_M:
        points = shapely.point_on_surface(_largest_parts(erode(blocks, level_m)))
        counts = is_peopled & ~shapely.is_empty(points)
        tied = links[counts[links].all(axis=1)]
        for c, outline in enumerate(outlines):
            own = np.flatnonzero(counts & (assignment == c))
            ties = np.searchsorted(own, tied[np.isin(tied, own).all(axis=1)])
            low, high = 0.0, min(level_m, found_m[c])
            if _fall_apart(outline, high, points[own], ties):
                while high - low > _NEAREST_M / 2:
                    middle = (low + high) / 2
                    low, high = (low, middle) if _fall_apart(outline, middle, points[own], ties) else (middle, high)
                found_m[c] = high
    return np.where(np.isfinite(found_m), np.round(found_m, 1), np.nan)


def _fall_apart(outline: shapely.Geometry, width_m: float, points: Shapes, ties: NDArray[np.integer]) -> bool:
    """Tell whether points lie in several parts of what is left of an outline; ties, pairs of points, join parts."""
    parts = shapely.get_parts(erode(outline, width_m))
    if len(parts) < 2:
        return False
    shapely.prepare(parts)
    holds = shapely.intersects(parts[:, None], points)
    part = np.where(holds.any(axis=0), holds.argmax(axis=0), -1)
    groups = components(len(parts), part[ties][(part[ties] >= 0).all(axis=1)])
    return sum(bool(holds[group].any()) for group in groups) > 1


def erode(shapes: Shapes | shapely.Geometry, width_m: float) -> Shapes:
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
