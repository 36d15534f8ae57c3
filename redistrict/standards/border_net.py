"""The border net: where communities meet, each line once, from node to node, with its boundary points (界址点).

Outlines share their border vertex for vertex. A node is a place where three of them meet, or two and the outside; a
line runs from node to node between the same two. A border without a node (a community alone, or inside another) has one
line, and its most north-western corner for a node. Boundary points are the nodes, and those vertices between them that
must be known for straight courses from point to point to stay within `SMOOTH_M` of the border.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import GRID_M, FloatArray, IntArray, find_shared, line_segments

SMOOTH_M = 2.0
"""Borders drawn midway between blocks zigzag by about this much."""


@dataclass(frozen=True, eq=False)
class BorderNet:
    """Lines between communities, and the straight courses from boundary point to boundary point along them.

    Attributes
    ----------
    lines : (n_lines,) linestrings
        As the outlines have them, with `community` on the left.
    community, beyond : (n_lines,) int64
        The two that meet there, the first the lower one; `beyond` is -1 at the edge of the built-up area.
    points : (n_points, 2) float64
        All boundary points, by number: every community's in turn, as its round meets them.
    is_node : (n_points,) bool
    line : (n_courses,) int64
        Line of each course; those of one line together and in order.
    start, end : (n_courses,) int64
        Its boundary points.
    length_m : (n_courses,) float64
        Metres of border between them.
    rounds : tuple of (community, points) pairs
        Every ring of every community as its points, land on the right: outer rings clockwise, from the north-west.
    """

    lines: NDArray[np.object_]
    community: IntArray
    beyond: IntArray
    points: FloatArray
    is_node: NDArray[np.bool_]
    line: IntArray
    start: IntArray
    end: IntArray
    length_m: FloatArray
    rounds: tuple[tuple[int, IntArray], ...]

    def smoothed(self, n_communities: int) -> NDArray[np.object_]:
        """Give the outlines with straight courses, as rings: (n_communities,) multilinestrings."""
        of: dict[int, list[shapely.Geometry]] = defaultdict(list)
        for community, points in self.rounds:
            of[community].append(shapely.linearrings(self.points[points]))
        return np.array([shapely.multilinestrings(of[c]) for c in range(n_communities)], dtype=object)


@dataclass(frozen=True, eq=False)
class _Segments:
    """Straight pieces of all outlines, each shared one once: ends as places, the community on the left, the other."""

    start: IntArray
    end: IntArray
    owner: IntArray
    other: IntArray


def build_net(outlines: NDArray[np.object_]) -> BorderNet:
    """Take the outlines of all communities apart into lines, courses and boundary points.

    Parameters
    ----------
    outlines : (k,) polygons or multipolygons
        A coverage; empty ones have no lines.
    """
    parts, owner = shapely.get_parts(shapely.orient_polygons(outlines), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    ring, a, b = line_segments(rings)
    ends = np.round(np.concatenate([a, b]) / GRID_M).astype(np.int64)
    _, first, place = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    places = np.concatenate([a, b])[first]
    start, end = place.reshape(2, -1)
    segments = _share(start, end, owner[part[ring]].astype(np.int64), (a, b))
    is_node = _find_nodes(segments, len(places))
    chains = _walk(segments, places, is_node)
    kept = [_keep(places[chain]) for chain in chains]
    _keep_apart(chains, kept)
    is_point = np.zeros(len(places), dtype=bool)
    for chain, keep in zip(chains, kept, strict=True):
        is_point[chain[keep]] = True
    owner_of_ring = owner[part].astype(np.int64)
    rounds = [(int(owner_of_ring[r]), _round(start[ring == r], is_point, places)) for r in range(len(rings))]
    number = _number_points(rounds, len(places))
    segment_at = {
        (s, e): n for n, (s, e) in enumerate(zip(segments.start.tolist(), segments.end.tolist(), strict=True))
    }
    of_line = np.array([segment_at[int(chain[0]), int(chain[1])] for chain in chains], dtype=np.int64)
    line, froms, to, length_m = _cut_courses(chains, kept, places)
    in_order = np.argsort(number)[(number < 0).sum() :]
    return BorderNet(
        lines=np.array([shapely.linestrings(places[chain]) for chain in chains], dtype=object),
        community=segments.owner[of_line],
        beyond=segments.other[of_line],
        points=places[in_order],
        is_node=is_node[in_order],
        line=line,
        start=number[froms],
        end=number[to],
        length_m=length_m,
        rounds=tuple((community, number[points]) for community, points in rounds),
    )


def _share(start: IntArray, end: IntArray, owner: IntArray, ends: tuple[FloatArray, FloatArray]) -> _Segments:
    """Tell who is on the other side of each segment, and keep of two that are one that of the lower community."""
    one, two = find_shared(*ends)
    other = np.full(owner.size, -1)
    other[one], other[two] = owner[two], owner[one]
    keep = (start != end) & ((other < 0) | (owner < other))
    return _Segments(start[keep], end[keep], owner[keep], other[keep])


def _find_nodes(segments: _Segments, n_places: int) -> NDArray[np.bool_]:
    """Tell at which places anything but one line goes on."""
    n_in, n_out = (np.bincount(places, minlength=n_places) for places in (segments.end, segments.start))
    is_node = (n_in != 1) | (n_out != 1)
    for whose in (segments.owner, segments.other):
        come, go = (np.bincount(places, whose, n_places) for places in (segments.end, segments.start))
        is_node |= come != go
    return np.asarray(is_node)


def _walk(segments: _Segments, places: FloatArray, is_node: NDArray[np.bool_]) -> list[IntArray]:
    """Give each line as its places, by the two that meet there and where it begins; closed ones gain a node."""
    after = {s: (s, e) for s, e in zip(segments.start.tolist(), segments.end.tolist(), strict=True) if not is_node[s]}
    begun = np.flatnonzero(is_node[segments.start])
    chains = [
        _follow([s, e], after)
        for s, e in zip(segments.start[begun].tolist(), segments.end[begun].tolist(), strict=True)
    ]
    for place in np.lexsort((places[:, 0], -_north_west(places))).tolist():
        if place in after:
            is_node[place] = True
            chains.append(_follow([*after.pop(place)], after))
    key = {(s, e): (c, o) for s, e, c, o in zip(*(column.tolist() for column in vars(segments).values()), strict=True)}
    at = [(*key[chain[0], chain[1]], *places[chain[0]].tolist(), *places[chain[1]].tolist()) for chain in chains]
    return [np.array(chains[n]) for n in sorted(range(len(chains)), key=at.__getitem__)]


def _follow(chain: list[int], after: dict[int, tuple[int, int]]) -> list[int]:
    """Go on from the end of a chain to the next node."""
    while chain[-1] in after:
        chain.append(after.pop(chain[-1])[1])
    return chain


def _keep(xy: FloatArray) -> NDArray[np.bool_]:
    """Tell which vertices of a line its straight courses need, the ends first of all."""
    straight = shapely.get_coordinates(shapely.simplify(shapely.linestrings(xy), SMOOTH_M, preserve_topology=False))
    keep = np.isin(xy @ np.array([1, 1j]), straight @ np.array([1, 1j]))
    keep[[0, -1]] = True
    return keep


def _keep_apart(chains: list[IntArray], kept: list[NDArray[np.bool_]]) -> None:
    """Keep every vertex of lines that would fall together, or to nothing, once they are straight."""
    lines_at: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, (chain, keep) in enumerate(zip(chains, kept, strict=True)):
        for s, e in np.sort(np.column_stack([chain[keep][:-1], chain[keep][1:]]), axis=1).tolist():
            lines_at[s, e].append(n)
    for (s, e), found in lines_at.items():
        for n in found if s == e or len(found) > 1 else ():
            kept[n][:] = True


def _round(ring: IntArray, is_point: NDArray[np.bool_], places: FloatArray) -> IntArray:
    """Give the boundary points of a ring the other way round, from the most north-western."""
    points = ring[is_point[ring]][::-1]
    return np.roll(points, -int(np.lexsort((places[points, 0], -_north_west(places[points])))[0]))


def _north_west(places: FloatArray) -> FloatArray:
    """Give how far north-west each place lies, to the millimetre."""
    return np.asarray(np.round(places[:, 1] - places[:, 0], 3))


def _number_points(rounds: list[tuple[int, IntArray]], n_places: int) -> IntArray:
    """Number the boundary points as the rounds meet them; -1 for other places."""
    met = np.concatenate([points for _, points in rounds]) if rounds else np.array([], dtype=np.int64)
    found, first = np.unique(met, return_index=True)
    number = np.full(n_places, -1)
    number[found[np.argsort(first)]] = np.arange(found.size)
    return number


def _cut_courses(
    chains: list[IntArray], kept: list[NDArray[np.bool_]], places: FloatArray
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Give line, two ends and metres of every course."""
    line, froms, to, length_m = [], [], [], []
    for n, (chain, keep) in enumerate(zip(chains, kept, strict=True)):
        at = np.flatnonzero(keep)
        along_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(places[chain], axis=0).T)))
        line.append(np.full(at.size - 1, n))
        froms.append(chain[at[:-1]])
        to.append(chain[at[1:]])
        length_m.append(np.diff(along_m[at]))
    none = np.array([], dtype=np.int64)
    columns = (np.concatenate([*column, none]) for column in (line, froms, to, length_m))
    one, two, three, four = columns
    return one.astype(np.int64), two.astype(np.int64), three.astype(np.int64), four.astype(np.float64)
