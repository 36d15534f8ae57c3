"""Frontage: which blocks face each other, measured along shortest lines from points on their outlines.

A block's outline is cut into short pieces. From the middle of each piece the shortest line to the other
block is drawn; the piece counts when that line

1. is no longer than the widest gap allowed,
2. leaves the block roughly at a right angle (two blocks side by side do not look along their own edges),
3. runs neither through a third block nor across a barrier without a bridge or underpass near by,
4. ends at a point of its own: a corner seen from many pieces is one point and counts once, except for the
   pieces that have the other block straight ahead (so blocks diagonal over a crossing are no neighbours).

Two blocks are neighbours when the pieces of one, in metres, reach half the smallest frontage. Half, because
the judge must never refuse a good plan over a rounding. Where the areas that a plan does not join are told
apart, the whole frontage is asked for, and hardly any slack on the gap: else a rounding would join them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.scenario.models import Contiguity
from redistrict.verify.ground import Geometries, Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

SLACK_M = 0.5  # on the widest gap: the data may have been mended by less than this
TOUCH_M = 0.05  # nearer than this, the direction of the shortest line says nothing
OVERLAP_M = 1.5  # deeper inside the other block, a piece counts whatever its direction
WIDEST_ANGLE = np.cos(np.radians(50))
LONGEST_PIECE_M = 2.0  # and a fifth of the smallest frontage: two pieces at a corner are too few
LONGEST_EDGE_M = 25.0  # longer edges are split, so that few pieces need a shortest line
REACH_SLACK_M = 1.0  # on the distance at which a structure opens a barrier
BEYOND_M = 0.5  # looks are drawn this much longer, to meet a line on the very edge where two blocks touch
CLOSE_BY_M = 2.0  # most neighbours show within this distance beyond their nearest points
CLOSE_BY_EDGES = 6
UNKNOWN = -1  # whether two blocks face each other, before the first look


@dataclass(frozen=True, eq=False)
class _Edges:
    """Straight edges of all outlines; those of block i are ``first[i] : first[i + 1]``."""

    start: Floats
    end: Floats
    first: Ints

    @cached_property
    def length(self) -> Floats:
        """Length of each edge in metres."""
        length: Floats = np.hypot(*(self.end - self.start).T)
        return length

    @cached_property
    def lines(self) -> Geometries:
        """The edges as lines."""
        lines: Geometries = shapely.linestrings(np.stack([self.start, self.end], axis=1))
        return lines

    @cached_property
    def normal(self) -> Floats:
        """Unit vector pointing out of the block."""
        along = self.end - self.start
        return np.column_stack([along[:, 1], -along[:, 0]]) / self.length[:, None]


@dataclass(frozen=True, eq=False)
class _Looks:
    """Shortest lines from pieces of outline to the other block of their pair (row of `pair`)."""

    pair: Ints
    start: Floats
    end: Floats
    normal: Floats
    piece_m: Floats

    def __getitem__(self, keep: Bools | Ints) -> "_Looks":
        return _Looks(self.pair[keep], self.start[keep], self.end[keep], self.normal[keep], self.piece_m[keep])

    @cached_property
    def length(self) -> Floats:
        """Length of each line in metres."""
        distance: Floats = np.hypot(*(self.end - self.start).T)
        return distance

    def lines(self, *, beyond_m: float = 0.0) -> Geometries:
        """Draw the lines, longer by `beyond_m` at both ends."""
        way = np.where(
            (self.length > TOUCH_M)[:, None],
            (self.end - self.start) / np.maximum(self.length, TOUCH_M)[:, None],
            self.normal,
        )
        ends = np.stack([self.start - beyond_m * way, self.end + beyond_m * way], axis=1)
        drawn: Geometries = shapely.linestrings(ends)
        return drawn


class Survey:
    """The ground made ready for looking from block to block; what was seen once is not looked at again.

    Attributes
    ----------
    pairs : (m, 2)
        Blocks i < j that could be neighbours (near enough, and not banned), the most promising first.
    """

    def __init__(self, ground: Ground, contiguity: Contiguity) -> None:
        self._rules = contiguity
        self._polygons = ground.polygons
        self._tree = shapely.STRtree(ground.polygons)
        self._bounds = shapely.bounds(ground.polygons)
        self._outlines = shapely.boundary(ground.polygons)
        shapely.prepare(self._outlines)
        shapely.prepare(self._polygons)
        self._edges = _trace_edges(ground.polygons)
        self._barriers = shapely.STRtree(ground.barriers)
        shapely.prepare(ground.barriers)
        self._openings = shapely.STRtree(ground.openings)
        self._max_gap_m = contiguity.max_gap_m + SLACK_M
        self._beside_barrier = _find_beside(self._barriers, self._bounds, self._max_gap_m + BEYOND_M)
        self.pairs, self._gap_m = self._promising(_banned(ground, contiguity))
        self._known = {close_by: np.full((2, len(self.pairs)), UNKNOWN) for close_by in (True, False)}

    def are_neighbours(self, rows: Ints, *, close_by: bool, strict: Bools | None = None) -> Bools:
        """Whether the blocks of these rows of `pairs` face each other.

        `close_by` looks little farther than their nearest points, from a few edges only: quick, never
        too generous, and enough for most neighbours. `strict` rows, by default none, are given hardly any slack.
        """
        exact = np.zeros(rows.size, dtype=bool) if strict is None else strict
        known, level = self._known[close_by], exact.astype(np.intp)
        new = known[level, rows] == UNKNOWN
        known[level[new], rows[new]] = self._face_each_other(rows[new], close_by, exact[new])
        facing: Bools = known[level, rows] == 1
        return facing

    def _face_each_other(self, rows: Ints, close_by: bool, strict: Bools) -> Bools:
        """Look from either block of each row to the other."""
        reach_m = self._rules.max_gap_m + np.where(strict, TOUCH_M, SLACK_M)
        least_m = self._rules.min_frontage_m * np.where(strict, 1.0, 0.5)
        if close_by:
            reach_m = np.minimum(reach_m, self._gap_m[rows] + CLOSE_BY_M)
        most_edges = CLOSE_BY_EDGES if close_by else None
        found = np.zeros(rows.size, dtype=bool)
        for here, there in ((0, 1), (1, 0)):
            todo = np.flatnonzero(~found)
            pair = self.pairs[rows[todo]]
            seen_m = self._frontage(pair[:, here], pair[:, there], reach_m[todo], most_edges)
            found[todo] = seen_m >= least_m[todo]
        return found

    def _promising(self, banned: set[tuple[int, int]]) -> tuple[Ints, Floats]:
        i, j = self._tree.query(self._polygons, predicate="dwithin", distance=self._max_gap_m)
        i, j = i[i < j], j[i < j]
        allowed = np.array([pair not in banned for pair in zip(i, j, strict=True)], dtype=bool)
        i, j = i[allowed], j[allowed]
        gap = shapely.distance(self._polygons[i], self._polygons[j])
        a, b = self._bounds[i], self._bounds[j]
        common = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
        order = np.lexsort((j, i, -common.max(axis=1), gap.round(1)))
        return np.column_stack([i, j])[order], gap[order]

    def _frontage(self, a: Ints, b: Ints, reach_m: Floats, most_edges: int | None) -> Floats:
        """Metres of the outline of each `a` from which its `b` is seen within `reach_m`."""
        looks = self._look(a, b, reach_m, most_edges)
        looks = looks[~self._obstructed(looks, a, b)]
        spare = np.flatnonzero(_repeated(looks))
        keep = np.ones(looks.pair.size, dtype=bool)
        keep[spare] = self._straight_ahead(looks[spare], b)
        looks = looks[keep]
        frontage_m: Floats = np.bincount(looks.pair, weights=looks.piece_m, minlength=a.size).astype(float)
        return frontage_m

    def _look(self, a: Ints, b: Ints, reach_m: Floats, most_edges: int | None) -> _Looks:
        """Draw the shortest lines and keep those that are short enough and leave `a` roughly straight."""
        step_m = min(LONGEST_PIECE_M, self._rules.min_frontage_m / 5)
        pair, edge = self._near_edges(a, b, reach_m)
        if most_edges is not None:
            few = _count_up(np.bincount(pair, minlength=a.size))[1] < most_edges
            pair, edge = pair[few], edge[few]
        pair, start, normal, piece_m = _cut(self._edges, pair, edge, step_m)
        shortest = shapely.shortest_line(self._outlines[b[pair]], shapely.points(start))
        end = shapely.get_coordinates(shortest)[::2]
        away_m = np.hypot(*(end - start).T)
        inside = shapely.contains_xy(self._polygons[b[pair]], *start.T)
        outward_m = np.where(inside, -1.0, 1.0) * ((end - start) * normal).sum(axis=1)
        roughly_straight = (away_m <= TOUCH_M) | (outward_m >= WIDEST_ANGLE * away_m)
        within = np.where(inside, 0.0, away_m) <= reach_m[pair]
        keep = (roughly_straight & within) | (inside & (away_m > OVERLAP_M))
        return _Looks(pair, start, np.where(inside[:, None], start, end), normal, piece_m)[keep]

    def _near_edges(self, a: Ints, b: Ints, reach_m: Floats) -> tuple[Ints, Ints]:
        """Give the edges of each `a` within reach of its `b`, and not turned away from it, with the row of the pair."""
        low, high = self._bounds[b, :2] - reach_m[:, None], self._bounds[b, 2:] + reach_m[:, None]
        pair, number = _count_up(np.diff(self._edges.first)[a])
        edge = self._edges.first[a][pair] + number
        start, end = self._edges.start[edge], self._edges.end[edge]
        near = ((np.maximum(start, end) >= low[pair]) & (np.minimum(start, end) <= high[pair])).all(axis=1)
        pair, edge = pair[near], edge[near]
        ahead = self._is_ahead(edge, b[pair])
        pair, edge = pair[ahead], edge[ahead]
        near = shapely.dwithin(self._polygons[b[pair]], self._edges.lines[edge], reach_m[pair])
        return pair[near], edge[near]

    def _is_ahead(self, edge: Ints, block: Ints) -> Bools:
        """Whether some of the block's box lies before the edge (or on it, give or take `TOUCH_M`)."""
        normal, start, box = self._edges.normal[edge], self._edges.start[edge], self._bounds[block]
        corner = np.where(normal > 0, box[:, 2:], box[:, :2])
        ahead: Bools = ((corner - start) * normal).sum(axis=1) >= -2 * TOUCH_M
        return ahead

    def _obstructed(self, looks: _Looks, a: Ints, b: Ints) -> Bools:
        """Whether a third block or a barrier lies in the way."""
        far = np.flatnonzero(looks.length > TOUCH_M)
        lines = looks[far].lines()
        line, block = self._tree.query(lines)
        pair = looks.pair[far[line]]
        third = (block != a[pair]) & (block != b[pair])
        line, block = line[third], block[third]
        meets = shapely.intersects(self._polygons[block], lines[line])
        line, block = line[meets], block[meets]
        inside_m = shapely.length(shapely.intersection(lines[line], self._polygons[block]))
        hidden_m = np.bincount(line, weights=inside_m, minlength=far.size)
        obstructed = np.zeros(looks.pair.size, dtype=bool)
        beside = np.flatnonzero(self._beside_barrier[a[looks.pair]])
        obstructed[beside] = self._barred(looks[beside])
        obstructed[far] |= hidden_m > np.minimum(1.0, looks.length[far] / 2)
        return obstructed

    def _barred(self, looks: _Looks) -> Bools:
        """Whether a look crosses a barrier where no bridge or underpass is near.

        Looks are drawn a little longer, to meet a barrier on the very line where two blocks touch; but of
        water they must cross more than a bank (a lake beside the frontage is not between the blocks).
        """
        barred = np.zeros(looks.pair.size, dtype=bool)
        for beyond_m, is_area in ((BEYOND_M, False), (TOUCH_M, True)):
            lines = looks.lines(beyond_m=beyond_m)
            line, shapes = _crossings(self._barriers, lines, is_area)
            if is_area:
                across = shapely.length(shapely.intersection(lines[line], shapes)) > 1.2 * TOUCH_M
                line = line[across]
            barred[line] = True
        closed = np.flatnonzero(barred)
        reach_m = self._rules.structure_reach_m + REACH_SLACK_M
        lines = looks[closed].lines(beyond_m=TOUCH_M)
        opened, _ = self._openings.query(lines, predicate="dwithin", distance=reach_m)
        barred[closed[opened]] = False
        return barred

    def _straight_ahead(self, looks: _Looks, b: Ints) -> Bools:
        """Whether the look at a right angle from the piece meets the other block."""
        ahead = np.stack([looks.start, looks.start + self._max_gap_m * looks.normal], axis=1)
        meets: Bools = shapely.intersects(self._polygons[b[looks.pair]], shapely.linestrings(ahead))
        return meets


def _find_beside(barriers: shapely.STRtree, bounds: Floats, reach_m: float) -> Bools:
    """Whether a barrier meets the box of each block, grown by `reach_m`: from the others none can be met."""
    boxes = shapely.box(*(bounds + reach_m * np.array([-1, -1, 1, 1])).T)
    block, barrier = barriers.query(boxes)
    beside = np.zeros(len(bounds), dtype=bool)
    beside[block[shapely.intersects(barriers.geometries[barrier], boxes[block])]] = True
    return beside


def _crossings(barriers: shapely.STRtree, lines: Geometries, is_area: bool) -> tuple[Ints, Geometries]:
    """Give the lines that meet a barrier of this kind, and the barrier; quick because barriers are prepared."""
    line, barrier = barriers.query(lines)
    shapes = barriers.geometries[barrier]
    meets = (shapely.get_dimensions(shapes) == 2) == is_area
    meets[meets] = shapely.intersects(shapes[meets], lines[line[meets]])
    return line[meets], shapes[meets]


def _banned(ground: Ground, contiguity: Contiguity) -> set[tuple[int, int]]:
    return {(min(pair), max(pair)) for pair in ground.find_pairs(contiguity.bans)}


def _trace_edges(polygons: Geometries) -> _Edges:
    parts, block_of_part = shapely.get_parts(
        shapely.segmentize(shapely.orient_polygons(polygons), LONGEST_EDGE_M), return_index=True
    )
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    keep = (np.diff(ring) == 0) & (xy[1:] != xy[:-1]).any(axis=1)
    block = block_of_part[part_of_ring[ring[:-1][keep]]]
    return _Edges(xy[:-1][keep], xy[1:][keep], np.searchsorted(block, np.arange(len(polygons) + 1)))


def _cut(edges: _Edges, pair: Ints, edge: Ints, step_m: float) -> tuple[Ints, Floats, Floats, Floats]:
    """Cut edges into pieces of at most `step_m`.

    Returns
    -------
    pair, start, normal, piece_m
        Of each piece: its pair, its middle, the unit vector out of the block, its length.
    """
    n_pieces = np.ceil(edges.length[edge] / step_m).astype(np.intp)
    row, number = _count_up(n_pieces)
    pair, edge, n_pieces = pair[row], edge[row], n_pieces[row]
    along = ((number + 0.5) / n_pieces)[:, None]
    middle = (1 - along) * edges.start[edge] + along * edges.end[edge]
    return pair, middle, edges.normal[edge], edges.length[edge] / n_pieces


def _count_up(counts: Ints) -> tuple[Ints, Ints]:
    """Give ``0 0 0 1 2 2`` and ``0 1 2 0 0 1`` for counts ``3 1 2``."""
    owner = np.repeat(np.arange(counts.size), counts)
    return owner, np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)


def _repeated(looks: _Looks) -> Bools:
    """Whether an earlier look of the same pair ends at the same point, to the decimetre."""
    key = np.column_stack([looks.pair, np.round(looks.end * 10)])
    _, first = np.unique(key, axis=0, return_index=True)
    repeated = np.ones(looks.pair.size, dtype=bool)
    repeated[first] = False
    return repeated
