"""Walks: how far every block is from the rooms of each community, along the streets where there are any.

Worked out by the judge itself: roads cut where they meet, blocks and rooms joined to the nearest of them in a straight
line, and the shortest ways from each room outwards. Where no road leads from a block to any of the rooms, and inside
the block the rooms stand in, the straight line counts.
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.judge.case import Case
from redistrict.judge.clause_kinds import Walks
from redistrict.judge.ground import find_site_blocks, read_rooms
from redistrict.judge.reading import Geometries
from redistrict.scenario.clauses import NOT_WALKED, Circle, WalkShare
from redistrict.scenario.rulepack import load_rulepack

_TIED_M = 0.01
"""Roads this much farther than the nearest are as near."""
_BEYOND_M = 1.0
"""How much farther than any clause asks is looked, so that what lies at the limit is seen."""
Floats = NDArray[np.float64]
Ways = Mapping[int, list[tuple[int, float]]]


class Joins(NamedTuple):
    """Where points are joined to the roads: point, metres to the road, and part of the network; the ways from there.

    The number of a join is that of its node.
    """

    point: NDArray[np.intp]
    off_m: Floats
    group: NDArray[np.intp]
    ways: Ways


def measure_walks(case: Case) -> Walks | None:
    """Measure from the middle of every block to the nearest rooms of each community, where a clause asks for it."""
    source, ground = case.scenario.data.premises, case.ground
    clauses = [clause for name in case.scenario.standards.rules for clause in load_rulepack(name).clauses]
    asked = [clause.most_m for clause in clauses if isinstance(clause, WalkShare | Circle)]
    if source is None or not asked:
        return None
    rooms = read_rooms(source, ground.crs)
    site, block = find_site_blocks(source, ground.polygons, ground.crs).T
    middles, of_site = shapely.centroid(ground.polygons), case.plan.community[block]
    joins = join_points(_walked(case), np.concatenate([middles, rooms]))
    metres = np.full((case.n_communities, ground.n_blocks), np.inf)
    is_tied = np.zeros(case.n_communities, dtype=bool)
    straight_m, reached = np.full(metres.shape, np.inf), np.zeros(metres.shape, dtype=bool)
    for one, c in sorted({*zip(site.tolist(), of_site.tolist(), strict=True)}):
        line_m = shapely.distance(middles, rooms[one])
        straight_m[c] = np.minimum(straight_m[c], line_m)
        is_tied[c] |= np.unique(of_site[site == one]).size > 1
        own = min(block[(site == one) & (of_site == c)].tolist(), key=lambda b: str(ground.ids[b]))
        if joins is not None:
            way_m, leads = walk_from(joins, ground.n_blocks + one, ground.n_blocks, max(asked) + _BEYOND_M)
            metres[c] = np.minimum(metres[c], way_m)
            metres[c, own] = min(metres[c, own], line_m[own])
            leads[own] = True
            reached[c] |= leads
    is_straight = ~reached & np.isfinite(straight_m)
    metres = np.where(is_straight, straight_m, metres)
    by_line = is_straight if joins is not None else None
    return Walks(metres, is_tied, case.plan.community, ground.counts, ground.dwellings, by_line)


def _walked(case: Case) -> Geometries:
    lines = case.lines
    walked: Geometries = lines.shapes[~lines.is_barrier & ~np.isin(lines.road_class.astype(str), NOT_WALKED)]
    parts: Geometries = shapely.get_parts(shapely.force_2d(walked))
    return parts


def join_points(roads: Geometries, points: Geometries) -> Joins | None:
    """Cut the roads where they meet, and where points are joined to them; none without roads."""
    cut = shapely.get_parts(shapely.union_all(roads)) if len(roads) else roads
    cut = cut[shapely.length(cut) > 0]
    if not len(cut):
        return None
    tree = shapely.STRtree(cut)
    least_m = shapely.distance(points, cut[tree.nearest(points)])
    point, road = tree.query(points, predicate="dwithin", distance=least_m + _TIED_M)
    stops: dict[int, list[tuple[float, int]]] = {r: [] for r in range(len(cut))}
    for n, (p, r) in enumerate(zip(point.tolist(), road.tolist(), strict=True)):
        stops[r].append((float(shapely.line_locate_point(cut[r], points[p])), n))
    number, ways = dict[tuple[float, float], int](), dict[int, list[tuple[int, float]]]()
    for r, line in enumerate(cut):
        (x, y), (u, v) = line.coords[0], line.coords[-1]
        start, end = (
            number.setdefault(key, len(point) + len(number))
            for key in ((round(x, 2), round(y, 2)), (round(u, 2), round(v, 2)))
        )
        chain = [(0.0, start), *sorted(stops[r]), (line.length, end)]
        for (from_m, a), (to_m, b) in pairwise(chain):
            ways.setdefault(a, []).append((b, to_m - from_m))
            ways.setdefault(b, []).append((a, to_m - from_m))
    group = _group(ways)
    off_m = shapely.distance(cut[road], points[point])
    return Joins(point, off_m, np.array([group[n] for n in range(len(point))], dtype=np.intp), ways)


def _group(ways: Ways) -> dict[int, int]:
    """Number the parts of the network that hang together."""
    group: dict[int, int] = {}
    for node in ways:
        if node in group:
            continue
        group[node], todo = node, [node]
        while todo:
            for other, _ in ways[todo.pop()]:
                if other not in group:
                    group[other] = node
                    todo.append(other)
    return group


def walk_from(joins: Joins, start: int, n_blocks: int, limit_m: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the metres from a point to every block, infinite beyond the limit, and whether roads lead there at all."""
    own = np.flatnonzero(joins.point == start)
    queue = sorted((float(joins.off_m[node]), node) for node in own.tolist())
    best: dict[int, float] = {}
    while queue:
        metres, node = heappop(queue)
        if node in best or metres > limit_m:
            continue
        best[node] = metres
        for other, step_m in joins.ways[node]:
            if other not in best:
                heappush(queue, (metres + step_m, other))
    of_block = np.flatnonzero(joins.point < n_blocks)
    point, at_node = joins.point[of_block], np.array([best.get(node, np.inf) for node in of_block.tolist()])
    found = np.full(n_blocks, np.inf)
    np.minimum.at(found, point, at_node + joins.off_m[of_block])
    leads = np.zeros(n_blocks, dtype=bool)
    leads[point[np.isin(joins.group[of_block], joins.group[own])]] = True
    return np.where(found <= limit_m, found, np.inf), leads
