"""Thin borders: vertices that say nothing are left out, alike on both sides of a border.

Borders taken from a survey or a picture have a vertex every metre or less. Whatever looks at each of them (probes,
noding, lines of equal distance) would take many times as long and find the same.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M, FloatArray, IntArray
from redistrict.geo.threads import THREADS

_ASIDE_M = 0.01
"""Borders go no farther than this beside the vertices left out."""

_HEAP = 500_000
"""Vertices simplified at a time, about, to spare memory."""

_SAMPLE = 100
"""One vertex in so many tells where the half of all is."""

Shapes = NDArray[np.object_]


def thin_borders(shapes: Shapes) -> Shapes:
    """Give shapes without the vertices that lie within a centimetre of the line through those that stay.

    A place stays a vertex of all shapes it is one of, or of none: so neighbours go on sharing their border vertex for
    vertex. Places where borders branch stay, and so do all of a shape that would not be valid without them.

    Parameters
    ----------
    shapes : (n_shapes,) valid polygons or multipolygons, in metres
    """
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    place = number_places(xy)
    stays = np.zeros(place.max(initial=-1) + 1, dtype=bool)
    opens = np.flatnonzero(ring[1:] == ring[:-1])  # the last vertex of a ring is its first
    stays[place[opens[_find_bends(xy[opens], ring[opens], place[opens])]]] = True
    while True:
        thin = take_vertices(shapes, stays[place])
        whole = ~shapely.is_valid(thin)[of_shape[of_part]][ring]
        if stays[place[whole]].all():
            return thin
        stays[place[whole]] = True


def take_vertices(shapes: Shapes, stays: NDArray[np.bool_]) -> Shapes:
    """Give shapes with only some of their vertices; a ring of which fewer than three would be left keeps them all.

    Parameters
    ----------
    shapes : (n_shapes,) polygons or multipolygons
    stays : (n_vertices,) bool
        In the order of their coordinates.
    """
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    opens = np.append(ring[1:] == ring[:-1], False)
    stays = stays & opens
    stays |= opens & (np.bincount(ring[stays], minlength=len(rings)) < 3)[ring]
    parts = shapely.polygons(shapely.linearrings(xy[stays], indices=ring[stays]), indices=of_part)
    thinner, counts = shapes.copy(), np.bincount(of_shape, minlength=len(shapes))
    alone = counts[of_shape] == 1
    thinner[counts == 1] = parts[alone]
    thinner[counts > 1] = shapely.multipolygons(
        parts[~alone], indices=np.unique(of_shape[~alone], return_inverse=True)[1]
    )
    return thinner


def number_places(xy: FloatArray) -> NDArray[np.int32]:
    """Number vertices from west to east, those no farther apart than the grid alike."""
    x, y = np.round((xy - xy.min(axis=0, initial=np.inf)) / GRID_M).astype(np.int64).T
    key = x * (y.max(initial=0) + 1) + y
    is_east = key > np.median(key[::_SAMPLE]) if key.size else key > 0
    halves = [np.flatnonzero(~is_east), np.flatnonzero(is_east)]
    with ThreadPoolExecutor(THREADS) as pool:
        (least, west), (_, east) = pool.map(lambda some: np.unique(key[some], return_inverse=True), halves)
    number = np.empty(len(key), dtype=np.int32)
    number[halves[0]], number[halves[1]] = west, len(least) + east
    return number


def _find_bends(xy: FloatArray, ring: IntArray, place: NDArray[np.int32]) -> IntArray:
    """Give the vertices of rings, none of them closed, that simplifying each from fork to fork keeps."""
    fork = np.flatnonzero(_is_fork(ring, place))
    start = np.searchsorted(ring, ring[fork])
    length = np.searchsorted(ring, ring[fork], side="right") - start
    after = np.append(fork[1:], fork[:1])
    after = np.where(np.append(ring[fork[1:]], -1) == ring[fork], after, fork[np.searchsorted(fork, start)])
    counts = (after - fork - 1) % length + 2
    heaps = np.split(np.arange(len(fork)), np.flatnonzero(np.diff(np.cumsum(counts) // _HEAP)) + 1)
    with ThreadPoolExecutor(THREADS) as pool:
        return np.concatenate(
            [*pool.map(lambda heap: _simplify(xy, *(some[heap] for some in (start, length, fork, counts))), heaps)]
        )


def _simplify(xy: FloatArray, start: IntArray, length: IntArray, fork: IntArray, counts: IntArray) -> IntArray:
    """Give the vertices simplifying keeps of lines along rings: from which vertex on, and how many."""
    ends = np.cumsum(np.append(0, counts))
    rank = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
    vertex = np.repeat(start, counts) + (np.repeat(fork - start, counts) + rank) % np.repeat(length, counts)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, np.column_stack([xy[vertex], vertex]), (ends,))
    bends = shapely.get_coordinates(shapely.simplify(lines, _ASIDE_M, preserve_topology=False), include_z=True)
    return np.asarray(bends[:, 2].astype(np.int64))


def _is_fork(ring: IntArray, place: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which vertices have not the same two neighbours in all rings; where a ring has none, its most western."""
    starts = np.append(True, ring[1:] != ring[:-1])
    first, number = np.flatnonzero(starts), np.cumsum(starts) - 1
    last = np.append(first[1:], len(ring)) - 1
    before, after = np.roll(place, 1), np.roll(place, -1)
    before[first], after[last] = place[last], place[first]
    low, high = np.minimum(before, after), np.maximum(before, after)
    twin = np.zeros(place.max() + 1, dtype=np.int32)
    twin[place] = np.arange(len(place))
    other = twin[place]
    forks = np.zeros(len(twin), dtype=bool)
    forks[place[(low != low[other]) | (high != high[other])]] = True
    is_fork = forks[place]
    lacks = ~np.logical_or.reduceat(is_fork, first)
    return np.asarray(is_fork | (lacks[number] & (place == np.minimum.reduceat(place, first)[number])))
