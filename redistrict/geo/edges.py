"""Edges: the ground of streets moved whole to one side, so that a border runs along the blocks on the other.

Along every straight course of a border the street goes to the community north or east of it. The other gives what lies
between the border and the points of its own blocks nearest to it, and keeps its blocks and the mouths of its lanes.
Such strips do not overlap: no two shortest ways to the same blocks cross.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.cells import NOBODY, Partition, join_cells, meet_faces, settle
from redistrict.geo.rays import GRID_M, FloatArray, IntArray, find_shared, line_segments

Shapes = NDArray[np.object_]

_COURSE_M = 15.0
"""A course goes no farther than this beside the border it stands for."""
_NORTH_EAST = np.array([1.0, -0.9])
"""Left of a course that goes this way is north or east: not of one at 45 degrees, as streets of a whole town may be."""
_STEP_M = 2.0
_BEYOND_M = 0.01
"""Ways to a block go on inside it by so much, so that it is its border that counts."""
_AHEAD = 0.5
"""Sine of the angle by which a way goes ahead of square to its border, if a block lies ahead, not beside."""
_LEAST_NECK_M, _NECK_M = 1.0, 1.1
"""A community that hangs together by the first does so by the second after it has given ground."""
_CRUMB_M2 = 1.0


@dataclass(frozen=True, eq=False)
class _Strips:
    """The ground that changes hands if all does.

    Attributes
    ----------
    ground : (n,) polygons or multipolygons
    line : (n,) int64
        The border each lies beside; one that turns may have two, on either side.
    giver, taker : (n,) int64
    """

    ground: Shapes
    line: IntArray
    giver: IntArray
    taker: IntArray

    def __getitem__(self, rows: IntArray | NDArray[np.bool_]) -> "_Strips":
        return _Strips(self.ground[rows], self.line[rows], self.giver[rows], self.taker[rows])


def move_to_edges(outlines: Shapes, blocks: Shapes, assignment: NDArray[np.int32]) -> tuple[Shapes, Shapes]:
    """Give each street between two communities to the one north or east of it.

    A border whose strip would leave a community in pieces, or with a neck too thin, stays where it is, from node to
    node.

    Parameters
    ----------
    outlines : (k,) polygons or multipolygons
        A coverage; borders run in the middle of streets.
    blocks : (n_blocks,) polygons or multipolygons
    assignment : (n_blocks,) int32
        Community of each block, -1 where it has none.

    Returns
    -------
    outlines : (k,) polygons or multipolygons
        A coverage.
    moved : (k,) polygons or multipolygons
        What each has taken from others; empty where it has nothing.
    """
    origin = np.floor(shapely.total_bounds(outlines)[:2])
    outlines, blocks = (shapely.transform(some, lambda xy: xy - origin) for some in (outlines, blocks))
    strips = _cut_strips(outlines, blocks, assignment)
    strips = strips[_find_harmless(outlines, strips)]
    while True:
        shapes, moved = _hand_over(outlines, blocks, assignment, strips)
        worse = np.flatnonzero(~are_whole(outlines, shapes))
        spoilt = np.isin(strips.taker, worse) | np.isin(strips.giver, worse)
        if not spoilt.any():
            return tuple(shapely.transform(some, lambda xy: xy + origin) for some in (shapes, moved))
        strips = strips[~np.isin(strips.line, strips.line[spoilt])]


def _cut_strips(outlines: Shapes, blocks: Shapes, assignment: NDArray[np.int32]) -> _Strips:
    """Cut all strips, less what blocks hold."""
    borders, sides, ends_open = _find_borders(outlines)
    line, along, start, end = _cut_pieces(borders)
    is_left = along @ _NORTH_EAST > 0
    giver, taker = np.where(is_left, sides[line, ::-1].T, sides[line].T)
    key = 2 * line + is_left
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    last = np.append(first[1:], len(key))
    is_open = ends_open[line[first]] & np.column_stack(
        [np.diff(line[first], prepend=-1), np.diff(line[first], append=-1)]
    ).astype(bool)
    found = []
    for c in np.unique(giver).tolist():
        own = blocks[assignment == c]
        land, tree = shapely.union_all(own), shapely.STRtree(own)
        for run in np.flatnonzero(giver[first] == c).tolist():
            i, j = first[run], last[run]
            strip = _sweep(np.vstack([start[i:j], end[j - 1 : j]]), along[[i, j - 1]], is_open[run], tree)
            strip = shapely.difference(strip, land)
            if strip.area > _CRUMB_M2:
                found.append((strip, line[i], c, taker[i]))
    ground, *columns = zip(*found, strict=True) if found else ((),) * 4
    return _Strips(np.array(ground, dtype=object), *(np.array(column, dtype=np.int64) for column in columns))


def _find_borders(outlines: Shapes) -> tuple[Shapes, IntArray, NDArray[np.bool_]]:
    """Give the lines where two outlines meet, from node to node.

    Returns
    -------
    lines : (n,) linestrings
    sides : (n, 2) int64
        Whose outline is on the left, and on the right.
    ends_open : (n, 2) bool
        Whether nobody's ground lies at the beginning, and at the end.
    """
    parts, owner = shapely.get_parts(shapely.orient_polygons(outlines), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    ring, a, b = line_segments(rings)
    whose = owner[part[ring]]
    one, two = find_shared(a, b)
    one, two = np.where(whose[one] < whose[two], (one, two), (two, one))
    pairs, pair = np.unique(np.column_stack([whose[one], whose[two]]), axis=0, return_inverse=True)
    order = np.argsort(pair, kind="stable")
    pieces = shapely.linestrings(np.stack([a[one[order]], b[one[order]]], axis=1))
    together = shapely.multilinestrings(pieces, indices=pair[order])
    lines, of = shapely.get_parts(shapely.line_merge(together, directed=True), return_index=True)
    rim = np.delete(np.arange(len(a)), np.append(one, two))
    open_places = np.append(a[rim], b[rim], axis=0) @ np.array([1, 1j])
    ends = np.column_stack([shapely.get_coordinates(shapely.get_point(lines, n)) @ np.array([1, 1j]) for n in (0, -1)])
    return lines, pairs[of], np.isin(ends, open_places)


def _cut_pieces(borders: Shapes) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """Cut lines into short pieces: the line of each, the unit vector along its course, and its ends."""
    xy, line = shapely.get_coordinates(shapely.segmentize(borders, _STEP_M), return_index=True)
    numbered = shapely.linestrings(np.column_stack([xy, np.arange(len(xy))]), indices=line)
    bends = shapely.get_coordinates(shapely.simplify(numbered, _COURSE_M, preserve_topology=False), include_z=True)
    first = np.flatnonzero(line[1:] == line[:-1])
    course = np.searchsorted(bends[:, 2], first, side="right") - 1
    along = (bends[course + 1] - bends[course])[:, :2]
    return line[first], along / np.maximum(np.hypot(*along.T), GRID_M)[:, None], xy[first], xy[first + 1]


def _sweep(
    points: FloatArray, along: FloatArray, is_open: NDArray[np.bool_], blocks: shapely.STRtree
) -> shapely.Geometry:
    """Give the ground that the shortest way to some blocks sweeps over along a line, and a little of the blocks.

    Blocks that lie before its beginning or ahead of its end, (2, 2) unit vectors along it, do not count there. Where
    it begins or ends in the open, the mouth of the street is swept as well.
    """
    places = shapely.points(points)
    nearest = blocks.geometries[blocks.query_nearest(places, all_matches=False)[1]]
    way = shapely.get_coordinates(shapely.shortest_line(places, nearest))[1::2] - points
    away_m = np.maximum(np.hypot(*way.T), _BEYOND_M)
    feet = points + way * (1 + _BEYOND_M / away_m)[:, None]
    before, ahead = (sign * (way @ one) > _AHEAD * away_m for sign, one in zip((-1, 1), along, strict=True))
    beside = np.arange(np.argmin(before), len(points) - np.argmin(ahead[::-1]))
    if beside.size:
        feet = feet[np.clip(np.arange(len(points)), beside[0], beside[-1])]
    mouth = along * np.hypot(*(feet - points)[[0, -1]].T)[:, None]
    points, feet = (
        np.vstack([(some[:1] - mouth[0])[is_open[:1]], some, (some[-1:] + mouth[1])[is_open[1:]]])
        for some in (points, feet)
    )
    return shapely.make_valid(shapely.polygons(np.vstack([points, feet[::-1]])))


def _find_harmless(outlines: Shapes, strips: _Strips) -> NDArray[np.bool_]:
    """Tell which strips can go, with all of their line: the largest first, as long as the giver hangs together."""
    stays = np.zeros(len(strips.line), dtype=bool)
    for c in np.unique(strips.giver).tolist():
        rows = np.flatnonzero(strips.giver == c)
        left = outlines[c]
        if are_whole(left, shapely.difference(left, shapely.union_all(strips.ground[rows]))):
            continue
        for row in rows[np.argsort(-shapely.area(strips.ground[rows]), kind="stable")].tolist():
            rest = shapely.difference(left, strips.ground[row])
            stays[row] = not are_whole(left, rest)
            left = left if stays[row] else rest
    return ~np.isin(strips.line, strips.line[stays])


def are_whole(before: Shapes, after: Shapes) -> NDArray[np.bool_]:
    """Tell which outlines hang together as they did before."""
    n_before, n_after = (
        np.bincount(row[shapely.area(part) > _CRUMB_M2], minlength=np.size(before))
        for part, row in (
            shapely.get_parts(shapely.buffer(np.atleast_1d(some), -neck_m / 2, join_style="mitre"), return_index=True)
            for some, neck_m in ((before, _LEAST_NECK_M), (after, _NECK_M))
        )
    )
    return np.asarray(n_after <= n_before)


def _hand_over(
    outlines: Shapes, blocks: Shapes, assignment: NDArray[np.int32], strips: _Strips
) -> tuple[Shapes, Shapes]:
    """Give outlines after strips have changed hands, and what each community has taken."""
    lines = np.concatenate([shapely.boundary(outlines), shapely.boundary(strips.ground)])
    noded = shapely.union_all(lines, grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    middle = shapely.STRtree(shapely.point_on_surface(faces))
    before, core = np.full((2, len(faces)), NOBODY)
    c, face = middle.query(outlines, predicate="intersects")
    before[face] = c
    owner = before.copy()
    strip, face = middle.query(strips.ground, predicate="intersects")
    gives = before[face] == strips.giver[strip]
    owner[face[gives]] = strips.taker[strip[gives]]
    parts, block = shapely.get_parts(blocks, return_index=True)
    part, face = shapely.STRtree(faces).query(shapely.point_on_surface(parts), predicate="intersects")
    core[face] = assignment[block[part]]
    there = before != NOBODY
    one, two, a, b = meet_faces(faces[there])
    owner = settle(Partition(faces[there], core[there], one, two, a, b), owner[there])
    return (
        join_cells(faces[there], owner, len(outlines)),
        join_cells(faces[there], np.where(owner == before[there], NOBODY, owner), len(outlines)),
    )
