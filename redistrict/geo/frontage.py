"""Frontage: where two blocks share a border, or look straight at each other across a gap.

The unit of measurement is a *probe*: a short straight line across a frontage, from the border of one block,
square to it, to the border of the next block seen. Each probe stands for a few metres of frontage. What the
probe crosses (a road, a river) is what separates the two blocks there.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import Rays, cut_pieces, find_shared, line_segments, meet_segments

STEP_M = 5.0
"""A probe stands for at most this many metres."""
_OVERLAP_M = 1.0
"""Blocks drawn over each other by up to this much still touch."""
_TOUCH_M = 0.05

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Probes:
    """Probes between pairs of blocks.

    Attributes
    ----------
    border : (n_probes,) int64
        The straight piece of border the probe leaves from; probes of one border stand together, in order along it.
    i, j : (n_probes,) int64
        The two blocks; i < j.
    length_m : (n_probes,) float64
        Metres of frontage the probe stands for.
    start, end : (n_probes, 2) float64
        Where it leaves one block and meets the other; equal where the blocks touch.
    normal : (n_probes, 2) float64
        Unit vector from start to end, square to the border at `start`.
    """

    border: IntArray
    i: IntArray
    j: IntArray
    length_m: FloatArray
    start: FloatArray
    end: FloatArray
    normal: FloatArray

    def __len__(self) -> int:
        return int(self.i.size)

    def take(self, keep: NDArray[np.bool_] | IntArray) -> "Probes":
        """Give the probes selected by a mask, or by ascending positions."""
        return Probes(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    @property
    def rays(self) -> Rays:
        """The probes as rays without an end."""
        return Rays(self.border, self.start, self.normal)

    @property
    def gap_m(self) -> FloatArray:
        """Metres between the two blocks, (n_probes,)."""
        gap = self.end - self.start
        return np.hypot(gap[:, 0], gap[:, 1])

    def lines(self, *, extra_m: float) -> NDArray[np.object_]:
        """Give the probes as lines, made longer by `extra_m` at both ends."""
        reach = self.normal * extra_m
        return np.asarray(shapely.linestrings(np.stack([self.start - reach, self.end + reach], axis=1)))


@dataclass(frozen=True, eq=False)
class _Segments:
    """Straight pieces of block borders, numbered; the block lies on the left of a -> b."""

    number: IntArray
    block: IntArray
    a: FloatArray
    b: FloatArray

    def take(self, keep: NDArray[np.bool_] | IntArray) -> "_Segments":
        return _Segments(self.number[keep], self.block[keep], self.a[keep], self.b[keep])


def find_probes(shapes: NDArray[np.object_], *, max_gap_m: float) -> Probes:
    """Find where blocks touch, or face each other across at most `max_gap_m`.

    Border segments that two blocks have in common vertex for vertex are matched exactly. From the middle of
    every other piece of border (at most 5 m) a ray goes out square to it; the first border it meets is what the
    block faces there. The frontage of two blocks seen by rays is the mean of what each sees of the other, so
    each such probe stands for half its piece.

    Parameters
    ----------
    shapes : (n_blocks,) valid polygons or multipolygons, in metres
    max_gap_m : float
        Widest gap across which blocks still face each other, in metres.
    """
    segments = _border_segments(shapes)
    shared, loose = _match_shared(segments)
    facing = _cast_rays(loose, reach_m=max_gap_m + _TOUCH_M)
    return Probes(*(np.concatenate([getattr(shared, n), getattr(facing, n)]) for n in Probes.__dataclass_fields__))


def _border_segments(shapes: NDArray[np.object_]) -> _Segments:
    parts, part_block = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    ring, a, b = line_segments(rings)
    return _Segments(np.arange(ring.size), part_block[ring_part[ring]].astype(np.int64), a, b)


def _match_shared(segments: _Segments) -> tuple[Probes, _Segments]:
    """Split the segments into probes where exactly two blocks share them, and the rest."""
    one, two = find_shared(segments.a, segments.b)
    differ = segments.block[one] != segments.block[two]
    one, two = one[differ], two[differ]
    loose = np.ones(len(segments.number), dtype=bool)
    loose[one] = loose[two] = False
    return _shared_probes(segments.take(one), segments.block[two]), segments.take(loose)


def _shared_probes(segments: _Segments, other: IntArray) -> Probes:
    piece, middle, length_m, normal = _pieces(segments)
    block, other = segments.block[piece], other[piece]
    border, low, high = segments.number[piece], np.minimum(block, other), np.maximum(block, other)
    return Probes(border, low, high, length_m, middle, middle, normal)


def _pieces(segments: _Segments) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Cut segments into pieces of at most `STEP_M`: segment, middle, length and outward normal of each."""
    piece, middle, length_m = cut_pieces(segments.a, segments.b, longest_m=STEP_M)
    along = segments.b - segments.a
    outward = np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None]
    return piece, middle, length_m, outward[piece]


def _cast_rays(segments: _Segments, *, reach_m: float) -> Probes:
    piece, middle, length_m, normal = _pieces(segments)
    border, block = segments.number[piece], segments.block[piece]
    seen, other, distance_m = _first_seen(Rays(border, middle, normal), block, segments, reach_m)
    border, block, start, normal = border[seen], block[seen], middle[seen], normal[seen]
    end = start + normal * distance_m[:, None]
    return Probes(border, np.minimum(block, other), np.maximum(block, other), length_m[seen] / 2, start, end, normal)


def _first_seen(
    rays: Rays, block: IntArray, segments: _Segments, reach_m: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Give the rays that meet another block before their own, that block, and how far away it is."""
    ray, segment, distance_m = meet_segments(rays, segments.a, segments.b, from_m=-_OVERLAP_M, to_m=reach_m)
    met = segments.block[segment]
    own = met == block[ray]
    depth_m = np.full(block.size, -np.inf)
    behind = own & (distance_m < -_TOUCH_M)
    np.maximum.at(depth_m, ray[behind], distance_m[behind])
    counts = np.where(own, distance_m >= _TOUCH_M, distance_m > depth_m[ray] + _TOUCH_M)
    ray, met, distance_m, own = ray[counts], met[counts], distance_m[counts], own[counts]
    order = np.lexsort((met, distance_m, ray))
    first = order[np.unique(ray[order], return_index=True)[1]]
    first = first[~own[first]]
    return ray[first], met[first], np.maximum(distance_m[first], 0.0)
