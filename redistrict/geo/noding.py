"""Noding: lines are cut wherever they meet, to the millimetre; very many of them half by half, in two threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M, FloatArray, line_segments

Shapes = NDArray[np.object_]

_AT_ONCE = 200_000
"""Lines of fewer vertices are noded at once."""
_MARGIN_M = 200.0
"""A half knows all lines so far beyond it."""


def node_lines(lines: Shapes) -> Shapes:
    """Give lines on the grid that have nothing in common but their ends.

    Parameters
    ----------
    lines : (n_lines,) lines or multilines, in metres
    """
    parts = shapely.get_parts(lines)
    halves = _node_halves(parts) if shapely.get_num_coordinates(parts).sum() >= _AT_ONCE else None
    return _node(parts) if halves is None else halves


def _node(lines: Shapes) -> Shapes:
    return np.asarray(shapely.set_precision(shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M)), 0))


def _node_halves(parts: Shapes) -> Shapes | None:
    """Node the western and the eastern half, each with what lies around it.

    Where a line is cut depends on what lies within a millimetre of the place. So both are noded as the whole would be,
    but for the far ends of what leaves them: of a straight piece from one to the other each knows the end on its side.
    None is given where they know different pieces.
    """
    west, _, east, _ = shapely.bounds(parts).T
    cut = (np.floor(_middle(west, shapely.get_num_coordinates(parts)) / GRID_M) + 0.5) * GRID_M
    with ThreadPoolExecutor(2) as pool:
        noded = pool.map(_node, (parts[west < cut + _MARGIN_M], parts[east > cut - _MARGIN_M]))
    (lines, pieces, one), (others, rest, two) = (_split(some, cut, s) for some, s in zip(noded, (1, -1), strict=True))
    if one.shape != two.shape or not (one == two).all(axis=2).any(axis=1).all():
        return None
    across = np.stack([one[:, 0], two[:, 1]], axis=1)
    return np.concatenate([lines, others, shapely.linestrings(np.concatenate([pieces, across, rest]))])


def _middle(west: FloatArray, n_vertices: NDArray[np.integer]) -> float:
    """Give the place with as many vertices of lines that begin west of it as of others."""
    order = np.argsort(west, kind="stable")
    total = np.cumsum(n_vertices[order])
    return float(west[order][np.searchsorted(total, total[-1] / 2)])


def _split(noded: Shapes, cut: float, side: int) -> tuple[Shapes, FloatArray, FloatArray]:
    """Give the lines on one side of a cut (1: west, -1: east), and the straight pieces of lines across it.

    First those on that side, then those across it from south to north: (n_pieces, 2, 2), western ends first.
    """
    x = shapely.bounds(noded)[:, ::2]
    _, a, b = line_segments(noded[(x[:, 0] < cut) & (cut < x[:, 1])])
    pieces = np.stack([a, b], axis=1)
    pieces = np.where(a[:, None, :1] > b[:, None, :1], pieces[:, ::-1], pieces)
    (west, south), (east, north) = across = pieces[(pieces[:, 0, 0] < cut) & (cut < pieces[:, 1, 0])].transpose(1, 2, 0)
    order = np.argsort(south + (north - south) * (cut - west) / (east - west), kind="stable")
    here, there = ((side * (some - cut) < 0).all(axis=1) for some in (x, pieces[..., 0]))
    return noded[here], pieces[there], across[..., order].transpose(2, 0, 1)
