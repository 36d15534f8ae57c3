"""Lines of equal distance between points of several owners: the Voronoi edges that part two owners."""

from collections.abc import Iterator

import numpy as np
import shapely

from redistrict.geo.rays import FloatArray, IntArray

_MOST_POINTS = 5_000
"""A face with more points is divided in bands: a diagram takes the time of n^1.5."""
_SQUARE_M = 100.0
_BAND, _MARGIN = 20, 6
"""Height of a band, and of what it must know beyond, in squares."""
_HEAP = 100_000
"""Points triangulated at a time, about."""
_FAR = 20.0
"""Guards around a face stand this many times its extent away."""


def equal_distance(
    points: FloatArray, face: IntArray, owner: IntArray
) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
    """Find where two owners are equally near, and nobody of the same face nearer: heap by heap, to spare memory.

    Parameters
    ----------
    points : (n_points, 2) float64
        No two at one place, and no four on one circle but by accident.
    face : (n_points,) int64
        Ascending. Points of different faces know nothing of each other.
    owner : (n_points,) int64

    Yields
    ------
    face : (n_pieces,) int64
        Face a straight piece belongs to.
    a, b : (n_pieces, 2) float64
        Its ends, far away where nothing ends it.
    """
    if not face.size:
        return
    sites, groups, meant = _groups(points, face)
    owner = np.append(owner, np.full(len(sites) - len(points), -1))
    sizes = np.cumsum([len(group) for group in groups])
    heaps = np.split(np.arange(len(groups)), np.flatnonzero(np.diff(sizes // _HEAP)) + 1)
    for heap in heaps:
        point, a, b = _parting(sites, owner, [groups[g] for g in heap], [meant[g] for g in heap])
        if point.size:
            yield face[point], a, b


def _parting(
    sites: FloatArray, owner: IntArray, groups: list[IntArray], meant: list[IntArray]
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Give the edges of the diagrams of some groups that part two owners: one of the two sites, and the ends."""
    corners, group = _triangles(sites, groups)
    centre = _circumcentres(sites[corners])
    low, high = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)]), axis=0).reshape(2, -1)
    edges = np.flatnonzero((owner[low] != owner[high]) & (owner[low] >= 0) & (owner[high] >= 0))
    key = np.concatenate([sites_meant + number * len(sites) for number, sites_meant in enumerate(meant)])
    edges = edges[np.isin(group[edges // 3] * len(sites) + low[edges], key)]
    edges = edges[np.lexsort((high[edges], low[edges], group[edges // 3]))]
    one, two = edges[:-1], edges[1:]
    twins = (low[one] == low[two]) & (high[one] == high[two]) & (group[one // 3] == group[two // 3])
    a, b = centre[one[twins] // 3], centre[two[twins] // 3]
    apart = np.any(a != b, axis=1)
    return low[one[twins][apart]], a[apart], b[apart]


def _groups(points: FloatArray, face: IntArray) -> tuple[FloatArray, list[IntArray], list[IntArray]]:
    """Give sites (points, then guards), the sites triangulated together, and those of each group that are meant.

    The points of one face are a group, with four guards far around; those of a very large face are several.
    """
    _, first, counts = np.unique(face, return_index=True, return_counts=True)
    guards, groups, keeps = [], [], []
    n_sites = len(points)
    for start, count in zip(first.tolist(), counts.tolist(), strict=True):
        own = np.arange(start, start + count)
        watch = _frame(points[own]) if count <= _MOST_POINTS else _guards(points[own])
        sites = np.append(own, np.arange(n_sites, n_sites + len(watch)))
        guards.append(watch)
        n_sites += len(watch)
        if count <= _MOST_POINTS:
            groups.append(sites)
            keeps.append(own)
            continue
        y = np.append(points[own, 1], watch[:, 1])
        band = np.floor(points[own, 1] / (_BAND * _SQUARE_M)).astype(np.int64)
        for b in np.unique(band).tolist():
            low, high = (np.array([b, b + 1]) * _BAND + [-_MARGIN, _MARGIN]) * _SQUARE_M
            groups.append(sites[(y >= low) & (y <= high)])
            keeps.append(own[band == b])
    return np.vstack([points, *guards]), groups, keeps


def _frame(points: FloatArray) -> FloatArray:
    middle, extent_m = (points.min(axis=0) + points.max(axis=0)) / 2, np.ptp(points, axis=0).max() + _SQUARE_M
    return np.asarray(middle + _FAR * extent_m * np.array([[1.0, 0.1], [-0.1, 1.0], [-1.0, -0.1], [0.1, -1.0]]))


def _guards(points: FloatArray) -> FloatArray:
    """Give the middles of the empty squares two steps from one that holds a point, but not next to any such."""
    taken = np.unique(np.floor(points / _SQUARE_M).astype(np.int64), axis=0)
    around = np.array([(x, y) for x in range(-2, 3) for y in range(-2, 3)])
    is_ring = np.abs(around).max(axis=1) == 2
    near, ring = (
        np.unique((taken[:, None] + step).reshape(-1, 2), axis=0) for step in (around[~is_ring], around[is_ring])
    )
    low, width = ring.min(axis=0), int(np.ptp(ring[:, 1])) + 1
    key_near, key_ring = ((squares - low) @ np.array([width, 1]) for squares in (near, ring))
    empty = ring[~np.isin(key_ring, key_near)]
    nudge = np.random.default_rng(1).uniform(-1.0, 1.0, size=empty.shape)
    return np.asarray((empty + 0.5) * _SQUARE_M + nudge)


def _triangles(sites: FloatArray, groups: list[IntArray]) -> tuple[IntArray, IntArray]:
    """Give the Delaunay triangles of each group of sites: their corners, (n_triangles, 3), and the group of each."""
    together = np.concatenate(groups)
    starts = np.cumsum([0, *map(len, groups)])
    points = shapely.from_ragged_array(shapely.GeometryType.MULTIPOINT, sites[together], (starts,))
    corners, group = shapely.get_coordinates(shapely.delaunay_triangles(points), return_index=True)
    own = np.unique(together)
    places = sites[own] @ np.array([1, 1j])
    own, places = own[np.argsort(places)], np.sort(places)
    found = np.searchsorted(places, corners.reshape(-1, 4, 2)[:, :3] @ np.array([1, 1j]))
    return own[found], group[::4].astype(np.int64)


def _circumcentres(corners: FloatArray) -> FloatArray:
    """Give the point equally far from the three corners of each triangle, (n_triangles, 3, 2)."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    double = 2 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    a2, b2 = (a**2).sum(axis=1), (b**2).sum(axis=1)
    away = np.column_stack([b[:, 1] * a2 - a[:, 1] * b2, a[:, 0] * b2 - b[:, 0] * a2]) / double[:, None]
    return np.asarray(corners[:, 0] + away)
