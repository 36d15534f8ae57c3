"""Extent and compactness: how far the blocks of a community lie apart, and how round its outline is."""

from math import pi

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_ROWS = 256
"""Blocks whose distances to all others are looked at together."""


def find_middles(shapes: NDArray[np.object_]) -> FloatArray:
    """Give the centroid of each block, (n, 2), metres."""
    return np.asarray(shapely.get_coordinates(shapely.centroid(shapes)))


def find_far_pairs(middles: FloatArray, edges: NDArray[np.int32], max_extent_m: float) -> NDArray[np.int32]:
    """Give pairs of blocks so far apart that no community holds both, as few as forbid every wider community.

    A pair is given where one block is beyond the limit from the other, and has a neighbour that is not. On the way
    through neighbours between two blocks that lie too far apart there is always such a block, so a connected
    community without such a pair is nowhere wider than the limit.

    Parameters
    ----------
    middles : (n_blocks, 2) float64
    edges : (n_edges, 2) int32
        All pairs of neighbours that may share a community.
    max_extent_m : float

    Returns
    -------
    (n_pairs, 2) int32
        Blocks i < j, sorted.
    """
    n_blocks, found = len(middles), [np.zeros(0, dtype=np.int64)]
    for first in range(0, n_blocks, _ROWS):
        rows = np.arange(first, min(first + _ROWS, n_blocks))
        is_near = np.hypot(*(middles[rows, None] - middles).transpose(2, 0, 1)) <= max_extent_m
        near = is_near[:, edges]
        row, edge = np.nonzero(near[..., 0] != near[..., 1])
        far = np.where(near[row, edge, 0], edges[edge, 1], edges[edge, 0])
        i, j = np.minimum(rows[row], far), np.maximum(rows[row], far)
        found.append(np.unique(i * n_blocks + j))
    return np.column_stack(np.divmod(np.unique(np.concatenate(found)), n_blocks)).astype(np.int32)


def measure_extents(middles: FloatArray, assignment: NDArray[np.int32]) -> FloatArray:
    """Give the distance of the two blocks of each community that lie farthest apart, (k,), metres."""
    return np.array([_widest(middles[assignment == c]) for c in range(np.bincount(assignment).size)])


def _widest(points: FloatArray) -> float:
    ends = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(points)))
    return float(np.hypot(*(ends[:, None] - ends).transpose(2, 0, 1)).max())


def measure_ground(shapes: NDArray[np.object_]) -> tuple[FloatArray, FloatArray]:
    """Give area and perimeter of shapes, (n,) each, in m² and metres."""
    return np.asarray(shapely.area(shapes)), np.asarray(shapely.length(shapes))


def measure_compactness(outlines: NDArray[np.object_]) -> FloatArray:
    """Give 4 pi area / perimeter^2 of each outline, (k,): 1 for a circle, near 0 for a string.

    References
    ----------
    Polsby and Popper (1991), "The third criterion: compactness as a procedural safeguard against partisan
    gerrymandering", Yale Law & Policy Review 9.
    """
    return np.asarray(4 * pi * shapely.area(outlines) / shapely.length(outlines) ** 2)
