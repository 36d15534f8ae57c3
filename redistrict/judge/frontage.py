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
apart, the whole frontage is asked for, hardly any slack on the gap, and that the ground in the middle is no third
block's: else a rounding, or the diagonal of a junction, would join them.

A road no community may hold parts two blocks when it runs along half of what they see of each other straight ahead:
then they are no neighbours. Here, too, the judge is lenient inside a community: three fifths, and more than the
smallest frontage and some metres that are put down to rounding.
"""

from dataclasses import replace

import numpy as np
import shapely

from redistrict.judge.between import measure_half_way, run_over_others
from redistrict.judge.ground import Ground
from redistrict.judge.looks import (
    TOUCH_M,
    Bools,
    Floats,
    Ints,
    Looks,
    count_up,
    cut_edges,
    find_repeated,
    trace_edges,
)
from redistrict.judge.reading import Geometries
from redistrict.scenario.models import Contiguity

SLACK_M = 0.5  # on the widest gap: the data may have been mended by less than this
OVERLAP_M = 1.5  # deeper inside the other block, a piece counts whatever its direction
WIDEST_ANGLE = np.cos(np.radians(50))
LONGEST_PIECE_M = 2.0  # and a fifth of the smallest frontage: two pieces at a corner are too few
REACH_SLACK_M = 1.0  # on the distance at which a structure opens a barrier
BEYOND_M = 0.5  # looks are drawn this much longer, to meet a line on the very edge where two blocks touch
CLOSE_BY_M = 2.0  # most neighbours show within this distance beyond their nearest points
CLOSE_BY_EDGES = 6
PARTED_SHARE = 0.5  # of a frontage: a road along less of it touches its end, as at every crossroads
LENIENT_SHARE = 0.6
NEVER_SLACK_M = 3.0  # two ways to measure a frontage differ by half the distance of their probes and more
CHUNK = 512
UNKNOWN = -1  # whether two blocks face each other, before the first look


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
        self._edges = trace_edges(ground.polygons)
        self._barriers, self._walls = shapely.STRtree(ground.barriers), shapely.STRtree(ground.walls)
        shapely.prepare(ground.barriers)
        shapely.prepare(ground.walls)
        self._openings = shapely.STRtree(ground.openings)
        self._dividers, self._never = shapely.STRtree(ground.dividers), shapely.STRtree(ground.never)
        self._max_gap_m = contiguity.max_gap_m + SLACK_M
        self._beside_barrier = np.zeros(len(self._bounds), dtype=bool)
        for tree in (self._barriers, self._walls):
            self._beside_barrier |= _find_beside(tree, self._bounds, self._max_gap_m + BEYOND_M)
        self.pairs, self._gap_m = self._promising(_banned(ground, contiguity))
        self._beside_never = np.zeros(len(self._bounds), dtype=bool)
        for tree in (self._never, self._walls):
            self._beside_never |= _find_beside(tree, self._bounds, self._max_gap_m + contiguity.road_tolerance_m)
        beside = self._beside_never[self.pairs].all(axis=1)
        self._ahead_m = np.tile(np.where(beside, np.nan, 0.0), (2, 1))  # not a number: not looked at yet
        self._shared = np.full(len(self.pairs), UNKNOWN)
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
        facing[facing] = ~self.are_parted(rows[facing], strict=exact[facing])
        close = rows[facing & exact]
        new = close[self._shared[close] == UNKNOWN]
        self._shared[new] = self._share_ground(new)
        facing[facing & exact] = self._shared[close] == 1
        return facing

    def _share_ground(self, rows: Ints) -> Bools:
        """Whether the blocks of each row, seen from either, meet half way along the smallest frontage.

        There the ground must not be a third block's: of the two diagonals of a junction only one, if any, hangs
        together.
        """
        shared = np.ones(rows.size, dtype=bool)
        for here, there in ((0, 1), (1, 0)):
            todo = np.flatnonzero(shared)
            a, b = self.pairs[rows[todo], here], self.pairs[rows[todo], there]
            looks = self._looks_between(a, b, np.full(a.size, self._rules.max_gap_m + TOUCH_M), None)
            own = np.column_stack([a, b])[looks.pair]
            looks = looks[~run_over_others(looks, own, self._tree, self._dividers, self._rules.max_gap_m)]
            shared[todo] = measure_half_way(looks, a.size) >= self._rules.min_frontage_m
        return shared

    def are_parted(self, rows: Ints, *, strict: Bools | None = None) -> Bools:
        """Whether a road no community may hold runs between the blocks of these rows of `pairs`.

        `strict` rows, by default none, are parted by half of what they see of each other, the others by clearly more.
        """
        exact = np.zeros(rows.size, dtype=bool) if strict is None else strict
        never_m, seen_m = self.measure_never(rows)
        most_m = np.where(exact, 0.0, self._rules.min_frontage_m + NEVER_SLACK_M)
        share = np.where(exact, PARTED_SHARE, LENIENT_SHARE)
        parted: Bools = (never_m > most_m) & (never_m >= share * seen_m)
        return parted

    def measure_never(self, rows: Ints) -> Floats:
        """Metres over which the blocks of these rows of `pairs` face each other, (2, n).

        First across a road no community may hold, or such a barrier where a structure opens it; then in all, or 0
        where no such road is near. Each is the mean of what both blocks see straight ahead, at a right angle: blocks
        diagonal over a crossing hardly face each other.
        """
        new = rows[np.isnan(self._ahead_m[0, rows])]
        hulls = shapely.convex_hull(shapely.geometrycollections(self._polygons[self.pairs[new]]))
        self._ahead_m[:, new] = 0.0
        near = [tree.query(hulls, predicate="intersects")[0] for tree in (self._never, self._walls)]
        new = new[np.unique(np.concatenate(near))]
        for at in range(0, new.size, CHUNK):
            some = new[at : at + CHUNK]
            for here, there in ((0, 1), (1, 0)):
                a, b = self.pairs[some, here], self.pairs[some, there]
                looks = self._look_ahead(a, b)
                never = self._crosses_never(looks, a, b) | _crosses(self._walls, looks)
                for row, seen in enumerate((looks[never], looks)):
                    self._ahead_m[row, some] += np.bincount(seen.pair, seen.piece_m, minlength=some.size) / 2
        ahead_m: Floats = self._ahead_m[:, rows]
        return ahead_m

    def measure_facing(self, rows: Ints) -> Floats:
        """Metres over which the blocks of these rows of `pairs` face each other, (n,): the mean of what both see."""
        a, b = self.pairs[rows].T
        seen = (self._look_ahead(a, b), self._look_ahead(b, a))
        facing_m: Floats = np.mean([np.bincount(one.pair, one.piece_m, rows.size) for one in seen], axis=0)
        return facing_m

    def look_across(self, rows: Ints) -> Looks:
        """Give the lines straight from the first to the second block of these rows of `pairs`, with nothing between."""
        return self._look_ahead(*self.pairs[rows].T)

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
        looks = self._looks_between(a, b, reach_m, most_edges)
        frontage_m: Floats = np.bincount(looks.pair, weights=looks.piece_m, minlength=a.size).astype(float)
        return frontage_m

    def _looks_between(self, a: Ints, b: Ints, reach_m: Floats, most_edges: int | None) -> Looks:
        """Give the looks that count."""
        step_m = min(LONGEST_PIECE_M, self._rules.min_frontage_m / 5)
        looks = self._look(a, b, reach_m, most_edges, step_m)
        looks = looks[~self._obstructed(looks, a, b)]
        spare = np.flatnonzero(find_repeated(looks))
        keep = np.ones(looks.pair.size, dtype=bool)
        keep[spare] = self._straight_ahead(looks[spare], b)
        return looks[keep]

    def _look(self, a: Ints, b: Ints, reach_m: Floats, most_edges: int | None, step_m: float) -> Looks:
        """Draw the shortest lines and keep those that are short enough and leave `a` roughly straight."""
        pair, edge = self._near_edges(a, b, reach_m)
        if most_edges is not None:
            few = count_up(np.bincount(pair, minlength=a.size))[1] < most_edges
            pair, edge = pair[few], edge[few]
        pair, start, normal, piece_m = cut_edges(self._edges, pair, edge, step_m)
        shortest = shapely.shortest_line(self._outlines[b[pair]], shapely.points(start))
        end = shapely.get_coordinates(shortest)[::2]
        away_m = np.hypot(*(end - start).T)
        inside = shapely.contains_xy(self._polygons[b[pair]], *start.T)
        outward_m = np.where(inside, -1.0, 1.0) * ((end - start) * normal).sum(axis=1)
        roughly_straight = (away_m <= TOUCH_M) | (outward_m >= WIDEST_ANGLE * away_m)
        within = np.where(inside, 0.0, away_m) <= reach_m[pair]
        keep = (roughly_straight & within) | (inside & (away_m > OVERLAP_M))
        return Looks(pair, start, np.where(inside[:, None], start, end), normal, piece_m)[keep]

    def _look_ahead(self, a: Ints, b: Ints) -> Looks:
        """Draw the lines at a right angle from each `a` to its `b` that nothing is in the way of."""
        reach_m = self._rules.max_gap_m + TOUCH_M
        looks = self._look(a, b, np.full(a.size, reach_m), None, LONGEST_PIECE_M)
        ahead = shapely.linestrings(np.stack([looks.start, looks.start + reach_m * looks.normal], axis=1))
        away_m = shapely.distance(
            shapely.intersection(ahead, self._polygons[b[looks.pair]]), shapely.points(looks.start)
        )
        looks = replace(looks, end=looks.start + away_m[:, None] * looks.normal)[~np.isnan(away_m)]
        return looks[~self._obstructed(looks, a, b, past_walls=True)]

    def _near_edges(self, a: Ints, b: Ints, reach_m: Floats) -> tuple[Ints, Ints]:
        """Give the edges of each `a` within reach of its `b`, and not turned away from it, with the row of the pair."""
        low, high = self._bounds[b, :2] - reach_m[:, None], self._bounds[b, 2:] + reach_m[:, None]
        pair, number = count_up(np.diff(self._edges.first)[a])
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

    def _obstructed(self, looks: Looks, a: Ints, b: Ints, *, past_walls: bool = False) -> Bools:
        """Whether a third block or a barrier lies in the way; `past_walls` where a structure opens a wall."""
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
        obstructed[beside] = self._barred(looks[beside], past_walls)
        obstructed[far] |= hidden_m > np.minimum(1.0, looks.length[far] / 2)
        return obstructed

    def _barred(self, looks: Looks, past_walls: bool) -> Bools:
        """Whether a look crosses a wall, or a barrier (`past_walls`: or a wall) with no bridge or underpass near."""
        walled = _crosses(self._walls, looks)
        barred = _crosses(self._barriers, looks) | walled
        closed = np.flatnonzero(barred)
        reach_m = self._rules.structure_reach_m + REACH_SLACK_M
        lines = looks[closed].lines(beyond_m=TOUCH_M)
        opened, _ = self._openings.query(lines, predicate="dwithin", distance=reach_m)
        barred[closed[opened]] = False
        return barred if past_walls else barred | walled

    def _crosses_never(self, looks: Looks, a: Ints, b: Ints) -> Bools:
        """Whether a look meets a road no community may hold, on its way or straight on inside either block.

        Inside, the road must be off the outline: one that runs along the far side is not between the two.
        """
        near = np.flatnonzero(self._beside_never[a[looks.pair]] & self._beside_never[b[looks.pair]])
        lines = looks[near].lines(beyond_m=self._rules.road_tolerance_m)
        line, road = self._never.query(lines, predicate="intersects")
        met, look = shapely.intersection(lines[line], self._never.geometries[road]), near[line]
        met, row = shapely.get_parts(met, return_index=True)
        is_point = shapely.get_dimensions(met) == 0  # else the road runs along the look
        met, look = met[is_point], look[row[is_point]]
        counts = shapely.distance(looks[look].lines(beyond_m=TOUCH_M), met) <= BEYOND_M
        for block in (a[looks.pair[look]], b[looks.pair[look]]):
            inside = shapely.contains(self._polygons[block], met)
            counts |= inside & (shapely.distance(self._outlines[block], met) > BEYOND_M)
        crosses = np.zeros(looks.pair.size, dtype=bool)
        crosses[look[counts]] = True
        return crosses

    def _straight_ahead(self, looks: Looks, b: Ints) -> Bools:
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


def _crosses(barriers: shapely.STRtree, looks: Looks) -> Bools:
    """Whether a look crosses a barrier.

    Looks are drawn a little longer, to meet a barrier on the very line where two blocks touch; but of
    water they must cross more than a bank (a lake beside the frontage is not between the blocks).
    """
    crosses = np.zeros(looks.pair.size, dtype=bool)
    for beyond_m, is_area in ((BEYOND_M, False), (TOUCH_M, True)):
        lines = looks.lines(beyond_m=beyond_m)
        line, shapes = _crossings(barriers, lines, is_area)
        if is_area:
            across = shapely.length(shapely.intersection(lines[line], shapes)) > 1.2 * TOUCH_M
            line = line[across]
        crosses[line] = True
    return crosses


def _crossings(barriers: shapely.STRtree, lines: Geometries, is_area: bool) -> tuple[Ints, Geometries]:
    """Give the lines that meet a barrier of this kind, and the barrier; quick because barriers are prepared."""
    line, barrier = barriers.query(lines)
    shapes = barriers.geometries[barrier]
    meets = (shapely.get_dimensions(shapes) == 2) == is_area
    meets[meets] = shapely.intersects(shapes[meets], lines[line[meets]])
    return line[meets], shapes[meets]


def _banned(ground: Ground, contiguity: Contiguity) -> set[tuple[int, int]]:
    return {(min(pair), max(pair)) for pair in ground.find_pairs(contiguity.bans)}
