"""Loose ends: lines that stop just short of the line they are meant to meet."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M

MISS_M = 0.5
"""A line that ends so near another is meant to meet it: data are kept to centimetres, and drawn by hand."""


def close_ends(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give short lines from each loose end to the nearest other line and a little past it.

    Where a street misses another by a centimetre the ground on its two sides hangs together, and what is drawn there
    bends around the gap.

    Parameters
    ----------
    lines : (n_lines,) lines or multilines, in metres

    Returns
    -------
    (n_loose,) linestrings
    """
    parts = shapely.get_parts(lines)
    end = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    of = np.tile(np.arange(len(parts)), 2)
    near, other = shapely.STRtree(parts).query(end, predicate="dwithin", distance=MISS_M)
    near, other = near[of[near] != other], other[of[near] != other]
    gap = shapely.shortest_line(end[near], parts[other])
    order = np.lexsort((shapely.length(gap), near))
    near, gap = near[order], gap[order]
    first = np.append(True, near[1:] != near[:-1])[: near.size]
    gap = gap[first & (shapely.length(gap) > 0)]
    a, b = (shapely.get_coordinates(shapely.get_point(gap, n)) for n in (0, 1))
    past = b + (b - a) / shapely.length(gap)[:, None] * 2 * GRID_M
    return np.asarray(shapely.linestrings(np.stack([a, past], axis=1)))
