"""Built-up ground: the blocks and the ground between them, up to the widest gap.

It is the closing of the blocks by a disc: they are grown, and what lies deep enough in what has grown is built up. Its
edge beside the blocks is made of arcs around the inward corners of what has grown, each between the two places where a
disc there touches blocks. So it has no vertices but those of the arcs, and runs from block to block.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M, FloatArray, IntArray, count_anew, line_segments
from redistrict.geo.threads import do_halves

_QUARTER, _COARSE = 16, 4
"""Pieces of a quarter of a circle: of those that are grown, at most, and of the edge."""
_ROUND_M = 0.02
"""Circles that are grown need lie no nearer than this to true ones."""
_MORE_M = 1.0
"""Ground between blocks that are just as far apart as allowed is built up, too."""
_LOOK_M = 5.0
"""Width of the ground along a look."""
_STRAIGHT_M = 0.02
"""Borders are straightened by so much before they are grown; ground in a corner of a block no deeper is no ground."""
_ROUND_SHARE = 0.002
"""A circle of the most pieces is nearer to its middle by this share of its radius at most."""
_SHORT_M = GRID_M / 100
"""Arcs no longer are none: the mouth of a gap of a millimetre is closed by one that is hardly longer."""
_SOME_LOOKS = 8
"""So many looks of a pair are tried before all."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Looks:
    """Straight lines from block to block, no longer than the widest gap.

    Attributes
    ----------
    ends : (n_looks, 2, 2) float64
    pair : (n_looks,) int64
        One number for all between the same two blocks.
    length_m : (n_looks,) float64
        Metres of frontage each stands for.
    enough_m : float
        A pair that faces each other along so many metres over built-up ground needs none besides.
    """

    ends: FloatArray
    pair: IntArray
    length_m: FloatArray
    enough_m: float


@dataclass(frozen=True, eq=False)
class BuiltUp:
    """The blocks with the ground between them.

    Attributes
    ----------
    edge : (n_lines,) lines
        Where it ends beside the blocks, and lines outside of it.
    grown : polygon or multipolygon
        The ground no farther than `radius_m` from a block.
    radius_m : float
        Built up is what lies at least so far within `grown`.
    rim : STRtree
        The straight pieces of the border of `grown`.
    strips : polygon or multipolygon
        What is built up besides: the ground along looks of pairs that have hardly any other in common.
    """

    edge: Shapes
    grown: shapely.Geometry
    radius_m: float
    rim: shapely.STRtree
    strips: shapely.Geometry = field(default_factory=shapely.Polygon)

    def holds(self, faces: Shapes) -> NDArray[np.bool_]:
        """Tell which faces between its edge, blocks and any other lines are built up.

        Those are that reach deep enough with any corner, or in the middle: hairs along blocks are just as deep, and a
        face beside the edge may be so thin that its middle is not.
        """
        middle = shapely.get_coordinates(shapely.point_on_surface(faces))
        held = shapely.intersects_xy(self.strips, middle) | self.is_within(middle)
        left = np.flatnonzero(~held)
        corners, face = shapely.get_coordinates(faces[left], return_index=True)
        held[left[face[self.is_within(corners)]]] = True
        return np.asarray(held)

    def is_within(self, xy: FloatArray) -> NDArray[np.bool_]:
        """Tell which places, (n, 2), are built up, but for strips."""
        within = self.is_deep(xy, self.radius_m + self._slack_m)
        within[within] = shapely.intersects_xy(self.grown, xy[within])
        return within

    def is_deep(self, xy: FloatArray, deep_m: float) -> NDArray[np.bool_]:
        """Tell which places, (n, 2), are farther from the border of `grown`."""
        return np.concatenate(do_halves(lambda some: self._are_deep(some, deep_m), xy))

    def _are_deep(self, xy: FloatArray, deep_m: float) -> NDArray[np.bool_]:
        deep = np.ones(len(xy), dtype=bool)
        deep[self.rim.query(shapely.points(xy), predicate="dwithin", distance=deep_m)[0]] = False
        return deep

    @property
    def _slack_m(self) -> float:
        return 2 * _STRAIGHT_M + max(_ROUND_M, _ROUND_SHARE * self.radius_m)


def find_built_up(own: Shapes, reach_m: float) -> BuiltUp:
    """Find the ground within `reach_m` of blocks on all sides.

    Parameters
    ----------
    own : (n_blocks,) polygons or multipolygons that do not overlap
    """
    tracts = shapely.get_parts(shapely.coverage_union_all(own)) if shapely.coverage_is_valid(own) else own
    radius_m = reach_m + _MORE_M
    quarter = min(_QUARTER, int(np.ceil(np.pi / 4 / np.arccos(1 - _ROUND_M / radius_m))))
    buffers = shapely.buffer(shapely.simplify(tracts, _STRAIGHT_M), radius_m, quad_segs=quarter)
    grown = shapely.disjoint_subset_union_all(buffers)
    shapely.prepare(grown)
    _, a, b = line_segments(shapely.get_rings(shapely.get_parts(grown)))
    rim = shapely.STRtree(shapely.linestrings(np.stack([a, b], axis=1)))
    return BuiltUp(_arcs(grown, own, radius_m), grown, radius_m, rim)


def add_strips(found: BuiltUp, looks: Looks) -> BuiltUp:
    """Add the ground along looks where fronts are so narrow that a pair has hardly any other ground in common."""
    narrow = shapely.linestrings(looks.ends[_find_narrow(found, looks)])
    return _with_strips(found, narrow) if len(narrow) else found


def _find_narrow(found: BuiltUp, looks: Looks) -> IntArray:
    """Give the looks over open ground of those pairs that look at each other over too little that is built up."""
    order = np.argsort(looks.pair, kind="stable")
    middle, length_m = looks.ends.mean(axis=1)[order], looks.length_m[order]
    pair = np.cumsum(np.diff(looks.pair[order], prepend=-1) > 0) - 1
    counts = np.bincount(pair)
    lacks, is_some = np.ones(len(counts), dtype=bool), count_anew(counts) % -(-counts // _SOME_LOOKS)[pair] == 0
    for tried in (is_some, np.ones_like(is_some)):
        look = np.flatnonzero(tried & lacks[pair])
        look = look[found.is_within(middle[look])]
        lacks &= np.bincount(pair[look], length_m[look], minlength=len(counts)) < looks.enough_m
    look = np.flatnonzero(lacks[pair])
    return np.asarray(order[look[~found.is_deep(middle[look], found.radius_m - _MORE_M)]])


def _with_strips(found: BuiltUp, looks: Shapes) -> BuiltUp:
    """Add the ground along looks; its border counts where it is beyond the rest."""
    strips = shapely.union_all(shapely.buffer(looks, _LOOK_M / 2, cap_style="flat"))
    beside = found.edge[np.unique(shapely.STRtree(found.edge).query(shapely.get_parts(strips), "intersects")[1])]
    pieces = shapely.get_parts(shapely.difference(shapely.boundary(strips), shapely.MultiLineString([*beside])))
    middle = shapely.get_coordinates(shapely.line_interpolate_point(pieces, 0.5, normalized=True))
    beyond = pieces[~found.is_deep(middle, found.radius_m)]
    return replace(found, edge=np.append(found.edge, beyond), strips=strips)


def _arcs(grown: shapely.Geometry, own: Shapes, radius_m: float) -> Shapes:
    """Give an arc around each inward corner of the grown ground, from block to block."""
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(grown)))
    ring, a, b = line_segments(rings)
    along = (b - a) / np.hypot(*(b - a).T)[:, None]
    first = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    after = np.arange(1, len(ring) + 1)
    after[np.append(first[1:], len(ring)) - 1] = first
    turn = along[:, 0] * along[after, 1] - along[:, 1] * along[after, 0]
    inward = np.flatnonzero(turn < 0)
    centre = b[inward]
    feet = [radius_m * np.column_stack([-some[:, 1], some[:, 0]]) for some in (along[inward], along[after[inward]])]
    return _draw_arcs(centre, *_touch(centre, own, feet, radius_m))


def _touch(centre: FloatArray, own: Shapes, feet: list[FloatArray], radius_m: float) -> list[FloatArray]:
    """Give for each list of offsets from places the offsets to where discs around them touch a block, nearest to it.

    Where the two lie on both sides of one flat corner of a block both are that corner: there is nothing between.
    """
    ring, a, b = line_segments(shapely.get_rings(shapely.get_parts(own)))
    tree = shapely.STRtree(shapely.linestrings(np.stack([a, b], axis=1)))
    disc, of = tree.query(shapely.points(centre), predicate="dwithin", distance=radius_m + 2 * _STRAIGHT_M)
    ends, a, along = a, a[of] - centre[disc], (b - a)[of]
    share = -(a * along).sum(axis=1) / (along**2).sum(axis=1)
    place = a + along * np.clip(share, 0, 1)[:, None]
    nearest = []
    for foot in feet:
        order = np.lexsort((np.hypot(*(place - foot[disc]).T), disc))
        nearest.append(order[np.unique(disc[order], return_index=True)[1]])
    nearest = _look_beyond(nearest, feet, place, disc, ring[of])
    one, two = (of[some] for some in nearest)
    corner = ends[np.maximum(one, two)] - centre
    is_flat = (np.abs(one - two) == 1) & (ring[one] == ring[two])
    is_flat &= np.hypot(*corner.T) <= radius_m + _STRAIGHT_M
    return [np.where(is_flat[:, None], corner, place[some]) for some in nearest]


def _look_beyond(
    nearest: list[IntArray], feet: list[FloatArray], place: FloatArray, disc: IntArray, ring: IntArray
) -> list[IntArray]:
    """Where a disc touches one block on both sides, and lies as near to another, put that for the farther touch.

    Circles have corners: a foot may lie a metre beside the corner it belongs to, and so on the block next to it.

    Parameters
    ----------
    nearest, feet : for both sides the candidate found, and the foot, of each disc
    place, disc, ring : of each candidate
    """
    far_m, (one, two) = np.hypot(*place.T), nearest
    is_lone = np.hypot(*(place[one] - place[two]).T) <= _SHORT_M
    most_m = np.maximum(far_m[one], far_m[two]) + is_lone * _MORE_M
    others = np.flatnonzero((ring[one] == ring[two])[disc] & (ring != ring[one][disc]) & (far_m <= most_m[disc]))
    others = others[np.lexsort((far_m[others], disc[others]))]
    others = others[np.unique(disc[others], return_index=True)[1]]
    which = disc[others]
    along = (feet[0] + feet[1])[which, ::-1] * [1, -1]
    is_ahead = ((place[others] - place[one[which]]) * along).sum(axis=1) > 0
    is_end = np.where(is_lone[which], is_ahead, far_m[two[which]] > far_m[one[which]])
    one[which], two[which] = np.where(is_end, (one[which], others), (others, two[which]))
    return [one, two]


def _draw_arcs(centre: FloatArray, starts: FloatArray, ends: FloatArray) -> Shapes:
    """Draw clockwise arcs around places, from one offset to another."""
    (from_x, from_y), (to_x, to_y) = starts.T, ends.T
    angle = np.arctan2(from_x * to_y - from_y * to_x, from_x * to_x + from_y * to_y)
    angle -= np.where(angle > np.pi / 2, 2 * np.pi, 0)
    long = np.flatnonzero(np.hypot(*(ends - starts).T) > _SHORT_M)
    pieces = np.maximum(1, np.ceil(np.abs(angle[long]) / (np.pi / 2 / _COARSE))).astype(np.int64)
    arc = np.repeat(long, pieces + 1)
    place = np.arange(arc.size) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
    share = place / np.repeat(pieces, pieces + 1)
    first, last = starts @ np.array([1, 1j]), ends @ np.array([1, 1j])
    far = np.abs(first[arc]) * (1 - share) + np.abs(last[arc]) * share
    points = far * np.exp(1j * (np.angle(first)[arc] + angle[arc] * share))
    points = np.where(place == 0, first[arc], np.where(share == 1, last[arc], points))
    xy = centre[arc] + np.column_stack([points.real, points.imag])
    return np.asarray(shapely.linestrings(xy, indices=np.repeat(np.arange(long.size), pieces + 1)))
