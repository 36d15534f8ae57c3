"""Lines of equal distance between straight borders of several owners.

Points along the borders tell who is near whom (the edges of their Voronoi diagram that part two owners); the borders
themselves tell where exactly the middle is. So points need lie no denser than borders are apart, and the line between
two straight fronts is straight wherever the points are.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import FloatArray, IntArray, cut_pieces
from redistrict.geo.threads import THREADS

_STEPS_M = (40.0, 20.0, 10.0)
"""Points on a border are at most so far apart: the first with nobody else's point within half of it, or the last."""
_NUDGE_M = 0.001
_ROUNDS = 3
_EVEN_M = 0.05
"""Distances that differ by no more than this are equal."""
_MOST_POINTS = 5_000
"""A face with more points is divided in bands: a diagram takes the time of n^1.5."""
_SQUARE_M = 100.0
_BAND, _MARGIN = 40, 6
"""Height of a band, and of what it must know beyond, in squares."""
_HEAP = 10_000
"""Points triangulated at a time, about: triangles take a kilobyte each, and four heaps are at work at once."""
_FAR = 20.0
"""Guards around a face stand this many times its extent away."""


def equal_distance(
    a: FloatArray, b: FloatArray, face: IntArray, owner: IntArray
) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
    """Find where two owners are equally near, and nobody of the same face nearer: heap by heap, to spare memory.

    While the caller looks at one heap, the next are made in threads.

    Parameters
    ----------
    a, b : (n_borders, 2) float64
        Ends of straight borders, in metres.
    face : (n_borders,) int64
        Ascending. Borders of different faces know nothing of each other.
    owner : (n_borders,) int64

    Yields
    ------
    face : (n_pieces,) int64
        Face a straight piece belongs to.
    a, b : (n_pieces, 2) float64
        Its ends, far away where nothing ends it.
    """
    if not face.size:
        return
    border, points = _sample(a, b, face, owner)
    face, owner, fronts = face[border], owner[border], np.stack([a[border], b[border]], axis=1)
    points = points + np.random.default_rng(0).uniform(-_NUDGE_M, _NUDGE_M, size=points.shape)
    sites, groups, home = _groups(points, face)
    owner, home = (np.append(some, np.full(len(sites) - len(points), -1)) for some in (owner, home))
    sizes = np.cumsum([len(group) for group in groups])
    heaps = np.split(np.arange(len(groups)), np.flatnonzero(np.diff(sizes // _HEAP)) + 1)
    with ThreadPoolExecutor(THREADS) as ahead:
        for point, start, end in ahead.map(
            lambda heap: _parting(sites, owner, fronts, groups[heap[0] : heap[-1] + 1], home - heap[0]), heaps
        ):
            if point.size:
                yield face[point], start, end


def _sample(a: FloatArray, b: FloatArray, face: IntArray, owner: IntArray) -> tuple[IntArray, FloatArray]:
    """Give points along borders, (n_points, 2), and the border of each, ascending."""
    border, found = np.arange(len(a)), []
    for step_m in _STEPS_M:
        piece, middle, _ = cut_pieces(a, b, longest_m=step_m)
        border, half = border[piece], (b - a)[piece] / (2 * np.bincount(piece)[piece, None])
        is_near = (step_m > _STEPS_M[-1]) & _is_near_others(middle, face[border], owner[border], step_m)
        found.append((border[~is_near], middle[~is_near]))
        border, a, b = border[is_near], (middle - half)[is_near], (middle + half)[is_near]
    border, points = (np.concatenate(some) for some in zip(*found, strict=True))
    order = np.argsort(border, kind="stable")
    return border[order], points[order]


def _is_near_others(points: FloatArray, face: IntArray, owner: IntArray, reach_m: float) -> NDArray[np.bool_]:
    """Tell which points have one of the same face and another owner within half of `reach_m`, and some more."""
    x, y = np.floor(points / (reach_m / 2)).astype(np.int64).T
    width = int(np.ptp(y)) + 2 if y.size else 1
    size = (int(np.ptp(x)) + 2 if x.size else 1) * width
    square = face * size + x * width + y
    squares, of = np.unique(square, return_inverse=True)
    low, high = np.full(len(squares), owner.max(initial=0)), np.zeros(len(squares), dtype=np.int64)
    np.minimum.at(low, of, owner)
    np.maximum.at(high, of, owner)
    least, most = low.copy(), high.copy()
    for step in [dx * width + dy for dx in range(-1, 2) for dy in range(-1, 2)]:
        there = np.minimum(np.searchsorted(squares, squares + step), len(squares) - 1)
        is_there = squares[there] == squares + step
        least[is_there] = np.minimum(least, low[there])[is_there]
        most[is_there] = np.maximum(most, high[there])[is_there]
    return np.asarray((least < most)[of])


def _parting(
    sites: FloatArray, owner: IntArray, fronts: FloatArray, groups: list[IntArray], home: IntArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Give the edges of the diagrams of some groups that part two owners: one of the two sites, and the ends.

    Of edges that several groups know, that of the group where the first of its sites is at `home` counts.
    """
    corners, group = _triangles(sites, groups)
    low, high = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)]), axis=0).reshape(2, -1)
    edges = np.flatnonzero((owner[low] != owner[high]) & (owner[low] >= 0) & (owner[high] >= 0))
    edges = edges[home[low[edges]] == group[edges // 3]]
    edges = edges[np.lexsort((high[edges], low[edges]))]
    one, two = edges[:-1], edges[1:]
    twins = np.flatnonzero((low[one] == low[two]) & (high[one] == high[two]))
    used, end = np.unique(np.concatenate([one[twins], two[twins]]) // 3, return_inverse=True)
    centre = _circumcentres(sites[corners[used]])
    inner = np.flatnonzero((owner[corners[used]] >= 0).all(axis=1))
    centre[inner] = _even_out(centre[inner], sites, owner, fronts, corners[used[inner]])
    a, b = centre[end[: twins.size]], centre[end[twins.size :]]
    apart = np.any(a != b, axis=1)
    return low[one[twins][apart]], a[apart], b[apart]


def _even_out(
    centre: FloatArray, sites: FloatArray, owner: IntArray, fronts: FloatArray, corners: IntArray
) -> FloatArray:
    """Move the centres of triangles to where the fronts of their corners, not just the points on them, are as near.

    Of two fronts of one owner the nearer counts. Where one point looks at two of another owner that are farther apart
    than it is from them, the centre lies behind them; there the search starts between the three.
    """
    whose = owner[corners]
    same = whose == np.roll(whose, -1, axis=1)
    lone = np.where(same.any(axis=1), (same.argmax(axis=1) + 2) % 3, 0)
    k, i, j = np.take_along_axis(corners, (lone[:, None] + np.arange(3)) % 3, axis=1).T
    is_pair = owner[i] == owner[j]
    behind = is_pair & (((sites[i] - sites[k]) * (sites[j] - sites[k])).sum(axis=1) < 0)
    start = np.where(behind[:, None], sites[k] / 2 + (sites[i] + sites[j]) / 4, centre)
    place = start
    for _ in range(_ROUNDS):
        place = place + _step(place, fronts[k], fronts[i], fronts[j], is_pair)[0]
    uneven_m = _step(place, fronts[k], fronts[i], fronts[j], is_pair)[1]
    moved_m, far_m = np.hypot(*(place - start).T), np.hypot(*(start - sites[k]).T)
    good = (uneven_m <= _EVEN_M) & (moved_m <= far_m / 2)
    return np.where(good[:, None], place, start)


def _step(
    place: FloatArray, k: FloatArray, i: FloatArray, j: FloatArray, is_pair: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Give a step of Newton's towards where fronts (n, 2, 2) are equally far, and by how much they are not."""
    (to_k, far_k), (to_i, far_i), (to_j, far_j) = (_look(place, front) for front in (k, i, j))
    swap = is_pair & (far_j < far_i)
    to_i, far_i = np.where(swap[:, None], to_j, to_i), np.where(swap, far_j, far_i)
    g, h = to_i - to_k, to_j - to_k
    f, e = far_i - far_k, far_j - far_k
    size = (g**2).sum(axis=1)
    det = g[:, 0] * h[:, 1] - g[:, 1] * h[:, 0]
    both = np.column_stack([f * h[:, 1] - e * g[:, 1], e * g[:, 0] - f * h[:, 0]])
    step = np.where(
        is_pair[:, None],
        g * (f / np.maximum(size, 0.1))[:, None],
        both * np.where(np.abs(det) > 0.1, 1 / np.where(det == 0, 1, det), 0)[:, None],
    )
    return -step, np.where(is_pair, np.abs(f), np.maximum(np.abs(f), np.abs(e)))


def _look(place: FloatArray, front: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the unit vectors from the nearest points of fronts, (n, 2), and how far these are."""
    a, along = front[:, 0], front[:, 1] - front[:, 0]
    share = ((place - a) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
    away = place - a - along * np.clip(share, 0, 1)[:, None]
    far_m = np.hypot(*away.T)
    return away / np.maximum(far_m, 1e-9)[:, None], far_m


def _groups(points: FloatArray, face: IntArray) -> tuple[FloatArray, list[IntArray], IntArray]:
    """Give sites (points, then guards), the sites triangulated together, and the group each point is at home in.

    The points of one face are a group, with four guards far around; those of a very large face are several.
    """
    _, first, counts = np.unique(face, return_index=True, return_counts=True)
    guards: list[FloatArray] = []
    groups: list[IntArray] = []
    home = np.zeros(len(points), dtype=np.int64)
    n_sites = len(points)
    for start, count in zip(first.tolist(), counts.tolist(), strict=True):
        own = np.arange(start, start + count)
        watch = _frame(points[own]) if count <= _MOST_POINTS else _guards(points[own])
        sites = np.append(own, np.arange(n_sites, n_sites + len(watch)))
        guards.append(watch)
        n_sites += len(watch)
        if count <= _MOST_POINTS:
            home[own] = len(groups)
            groups.append(sites)
            continue
        y = np.append(points[own, 1], watch[:, 1])
        band = np.floor(points[own, 1] / (_BAND * _SQUARE_M)).astype(np.int64)
        for b in np.unique(band).tolist():
            low, high = (np.array([b, b + 1]) * _BAND + [-_MARGIN, _MARGIN]) * _SQUARE_M
            home[own[band == b]] = len(groups)
            groups.append(sites[(y >= low) & (y <= high)])
    return np.vstack([points, *guards]), groups, home


def _frame(points: FloatArray) -> FloatArray:
    middle, extent_m = (points.min(axis=0) + points.max(axis=0)) / 2, np.ptp(points, axis=0).max() + _SQUARE_M
    return np.asarray(middle + _FAR * extent_m * np.array([[1.0, 0.1], [-0.1, 1.0], [-1.0, -0.1], [0.1, -1.0]]))


def _guards(points: FloatArray) -> FloatArray:
    """Give the middles of the empty squares two steps from one that holds a point, but not next to any such."""
    square = np.floor(points / _SQUARE_M).astype(np.int64)
    low, width = square.min(axis=0) - 2, int(np.ptp(square[:, 1])) + 5
    taken = np.unique((square - low) @ [width, 1])
    around = np.array([(x, y) for x in range(-2, 3) for y in range(-2, 3)])
    is_ring = np.abs(around).max(axis=1) == 2
    near, ring = (np.add.outer(some @ [width, 1], taken) for some in (around[~is_ring], around[is_ring]))
    empty = low + np.column_stack(np.divmod(np.setdiff1d(ring, near), width))
    nudge = np.random.default_rng(1).uniform(-1.0, 1.0, size=empty.shape)
    return np.asarray((empty + 0.5) * _SQUARE_M + nudge)


def _triangles(sites: FloatArray, groups: list[IntArray]) -> tuple[IntArray, IntArray]:
    """Give the Delaunay triangles of each group of sites: their corners, (n_triangles, 3), and the group of each.

    Every point carries the number of its site as its height.
    """
    together = np.concatenate(groups)
    starts = np.cumsum([0, *map(len, groups)])
    points = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, np.column_stack([sites[together], together]), (starts,)
    )
    corners, group = shapely.get_coordinates(shapely.delaunay_triangles(points), include_z=True, return_index=True)
    return corners[:, 2].reshape(-1, 4)[:, :3].astype(np.int64), group[::4].astype(np.int64)


def _circumcentres(corners: FloatArray) -> FloatArray:
    """Give the point equally far from the three corners of each triangle, (n_triangles, 3, 2)."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    double = 2 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    a2, b2 = (a**2).sum(axis=1), (b**2).sum(axis=1)
    away = np.column_stack([b[:, 1] * a2 - a[:, 1] * b2, a[:, 0] * b2 - b[:, 0] * a2]) / double[:, None]
    return np.asarray(corners[:, 0] + away)
