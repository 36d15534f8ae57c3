"""Rays: where rays that leave straight borders at a right angle meet straight segments.

Rays of one border are parallel, so a segment meets those, and only those, between its two ends as seen along the
border. That makes one search in the spatial index serve all rays of a border.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

_CHUNK = 200_000
_SLACK_M = 1e-4
GRID_M = 0.001
"""Points no farther apart than this are one."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rays:
    """Rays, those of one border together and in order along it.

    Attributes
    ----------
    border : (n_rays,) int64
        The straight border a ray leaves from; any numbers.
    start, normal : (n_rays, 2) float64
        Where it leaves, and the unit vector along it; the border runs to the left of `normal`.
    """

    border: IntArray
    start: FloatArray
    normal: FloatArray


def line_segments(lines: NDArray[np.object_]) -> tuple[IntArray, FloatArray, FloatArray]:
    """Take lines apart: the line each segment belongs to, and its two ends, (n_segments, 2)."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    keep = np.flatnonzero((line[1:] == line[:-1]) & np.any(points[1:] != points[:-1], axis=1))
    return line[keep].astype(np.int64), points[keep], points[keep + 1]


def cut_pieces(a: FloatArray, b: FloatArray, *, longest_m: float) -> tuple[IntArray, FloatArray, FloatArray]:
    """Cut straight segments into equal pieces of at most `longest_m`.

    Returns
    -------
    segment : (n_pieces,) int64
    middle : (n_pieces, 2) float64
    length_m : (n_pieces,) float64
    """
    along = b - a
    whole_m = np.hypot(along[:, 0], along[:, 1])
    n_pieces = np.maximum(1, np.ceil(whole_m / longest_m)).astype(np.int64)
    segment = np.repeat(np.arange(n_pieces.size), n_pieces)
    middle = a[segment] + along[segment] * ((count_anew(n_pieces) + 0.5) / n_pieces[segment])[:, None]
    return segment, middle, (whole_m / n_pieces)[segment]


def find_shared(a: FloatArray, b: FloatArray) -> tuple[IntArray, IntArray]:
    """Find the segments that exactly two have in common, end for end: the first and the second of each pair."""
    x, y = np.moveaxis(np.round(np.stack([a, b]) / GRID_M).astype(np.int64), -1, 0)
    place = np.sort(y * (np.ptp(x) + 1 if x.size else 1) + x, axis=0)
    order = np.lexsort(place)
    new = np.ones(order.size, dtype=bool)
    new[1:] = np.diff(place[:, order]).any(axis=0)
    first = np.flatnonzero(new)
    twin = first[np.diff(np.append(first, order.size)) == 2]
    return order[twin], order[twin + 1]


def meet_segments(
    rays: Rays, a: FloatArray, b: FloatArray, *, from_m: float, to_m: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find every segment a ray meets between `from_m` (negative: behind its start) and `to_m`.

    A segment parallel to a ray does not meet it.

    Parameters
    ----------
    a, b : (n_segments, 2) float64
        Ends of the segments, in metres.

    Returns
    -------
    ray, segment : (n_hits,) int64
    distance_m : (n_hits,) float64
        How far along the ray.
    """
    none = np.array([], dtype=np.int64)
    if not rays.border.size or not len(a):
        return none, none, np.array([])
    first = np.flatnonzero(np.append(True, rays.border[1:] != rays.border[:-1]))
    last = np.append(first[1:], rays.border.size) - 1
    tree = shapely.STRtree(shapely.linestrings(np.stack([a, b], axis=1)))
    found = []
    for low in range(0, first.size, _CHUNK):
        part = slice(low, low + _CHUNK)
        found.append(_meet_borders(rays, first[part], last[part], tree, (a, b), (from_m, to_m)))
    ray, segment, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return ray, segment, distance_m


def _meet_borders(
    rays: Rays,
    first: IntArray,
    last: IntArray,
    tree: shapely.STRtree,
    ends: tuple[FloatArray, FloatArray],
    reach: tuple[float, float],
) -> tuple[IntArray, IntArray, FloatArray]:
    """Meet the rays of the borders whose first and last rays are given."""
    border, segment = tree.query(_swept_boxes(rays, first, last, reach)).astype(np.int64)
    along_a, away_a = _seen_from(rays, first[border], ends[0][segment])
    along_b, away_b = _seen_from(rays, first[border], ends[1][segment])
    keep = np.maximum(away_a, away_b) >= reach[0] - _SLACK_M
    keep &= np.minimum(away_a, away_b) <= reach[1] + _SLACK_M
    keep &= np.abs(along_b - along_a) >= 1e-9
    border, segment = border[keep], segment[keep]
    along_a, along_b, away_a, away_b = along_a[keep], along_b[keep], away_a[keep], away_b[keep]
    own = np.arange(first[0], last[-1] + 1)
    whose = np.repeat(np.arange(first.size), last - first + 1)
    along, _ = _seen_from(rays, first[whose], rays.start[own])
    start, n_met = _between(along, whose, border, np.sort(np.stack([along_a, along_b]), axis=0))
    pair = np.repeat(np.arange(border.size), n_met)
    ray = start[pair] + count_anew(n_met)
    where = (along[ray] - along_a[pair]) / (along_b - along_a)[pair]
    distance_m = away_a[pair] + where * (away_b - away_a)[pair]
    met = (where >= -1e-9) & (where <= 1 + 1e-9) & (distance_m >= reach[0]) & (distance_m <= reach[1])
    return own[ray[met]], segment[pair[met]], distance_m[met]


def _swept_boxes(rays: Rays, first: IntArray, last: IntArray, reach: tuple[float, float]) -> NDArray[np.object_]:
    """Give boxes around the ground the rays of each border pass over."""
    normal = rays.normal[first]
    corners = np.stack([rays.start[end] + normal * distance for end in (first, last) for distance in reach])
    low, high = corners.min(axis=0), corners.max(axis=0)
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))


def _seen_from(rays: Rays, ray: IntArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give points by their metres along the border and away from it, as seen from the start of a ray each."""
    offset, normal = points - rays.start[ray], rays.normal[ray]
    along = offset[:, 1] * normal[:, 0] - offset[:, 0] * normal[:, 1]
    away = offset[:, 0] * normal[:, 0] + offset[:, 1] * normal[:, 1]
    return along, away


def _between(along: FloatArray, whose: IntArray, border: IntArray, ends_m: FloatArray) -> tuple[IntArray, IntArray]:
    """Give the first ray and the number of rays of each border between two places along it, (2, n), in metres."""
    stride = along.max() + 1.0
    low_m, high_m = ends_m
    reach_m = np.clip([low_m - _SLACK_M, high_m + _SLACK_M], -0.5, stride - 0.5)
    start, stop = np.searchsorted(along + whose * stride, reach_m + border * stride)
    return start, stop - start


def count_anew(counts: IntArray) -> IntArray:
    """Count 0, 1, ... anew within every group."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
