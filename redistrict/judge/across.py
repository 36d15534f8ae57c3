"""Across: the stretch of a road that is to be a boundary, by the files, and who shares a community across it."""

import itertools
from dataclasses import replace
from heapq import heappop, heappush

import numpy as np
import shapely
from pyproj import Transformer

from redistrict.judge.case import Case, Ints
from redistrict.judge.frontage import Survey
from redistrict.judge.reading import Geometries, geometries, joined, read_layer, text_column
from redistrict.scenario.pin import Stretch

Point = tuple[float, float]


def find_joined_across(case: Case, stretch: Stretch) -> Ints | None:
    """Give the neighbours of one community that look at each other over a stretch; none where there is no such stretch.

    As with roads that no community may hold, the stretch parts two blocks where it runs along half of what they see of
    each other.
    """
    segments = _find_segments(case, stretch)
    if segments is None:
        return None
    ground = replace(case.ground, never=segments, walls=np.empty(0, dtype=object))
    survey, community = Survey(ground, case.scenario.contiguity), case.plan.community
    i, j = survey.pairs.T
    rows = np.flatnonzero((community[i] == community[j]) & (community[i] >= 0))
    rows = rows[survey.are_parted(rows)]
    own = {tuple(pair) for pair in survey.pairs[rows].tolist()}
    seen = np.array([n for n, pair in enumerate(case.survey.pairs.tolist()) if tuple(pair) in own], dtype=np.intp)
    return np.unique(case.survey.pairs[seen[case.survey.are_neighbours(seen, close_by=False)]])


def _find_segments(case: Case, stretch: Stretch) -> Geometries | None:
    """Give the straight pieces of the shortest way along the lines of that name, or none where there is none."""
    lines, crs = _read_lines(case, stretch.name), case.ground.crs
    if not lines.size:
        return None
    ends = []
    for x, y in (stretch.start, stretch.end):
        if abs(x) <= 180 and abs(y) <= 90:
            x, y = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(x, y)
        ends.append(shapely.Point(x, y))
    whole = shapely.union_all(lines)
    feet = [shapely.get_point(shapely.shortest_line(whole, end), 0) for end in ends]
    pieces: dict[Point, list[Point]] = {}
    for line in shapely.get_parts(whole):
        corners = [*map(tuple, np.round(shapely.get_coordinates(line), 3).tolist())]
        for a, b in itertools.pairwise(corners):
            stops = [foot for foot in feet if shapely.distance(shapely.LineString([a, b]), foot) < 0.002]
            way = sorted({a, b, *((round(p.x, 3), round(p.y, 3)) for p in stops)}, key=lambda p: _length(a, p))
            for here, there in itertools.pairwise(way):
                pieces.setdefault(here, []).append(there)
                pieces.setdefault(there, []).append(here)
    start, end = ((round(foot.x, 3), round(foot.y, 3)) for foot in feet)
    return _walk(pieces, start, end)


def _walk(pieces: dict[Point, list[Point]], start: Point, end: Point) -> Geometries | None:
    """Go from corner to corner, the nearest first, and give the way taken."""
    before: dict[Point, Point] = {}
    queue, done = [(0.0, start, start)], set[Point]()
    while queue:
        so_far, here, came_from = heappop(queue)
        if here in done:
            continue
        done.add(here)
        before[here] = came_from
        for there in pieces.get(here, ()):
            heappush(queue, (so_far + _length(here, there), there, here))
    if end not in before or start == end:
        return None
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return np.asarray(shapely.linestrings(list(itertools.pairwise(way))))


def _length(a: Point, b: Point) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def _read_lines(case: Case, name: str) -> Geometries:
    """Give the lines of every road and barrier of that name; of areas their outlines."""
    found, data = [], case.scenario.data
    sources = [*((one, one.name_column) for one in data.roads), *((one, one.name_column) for one in data.barriers)]
    for source, column in sources:
        if column is not None:
            layer = read_layer(source, (column,))
            shapes = geometries(layer, case.ground.crs)[text_column(layer, column, source) == name]
            shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
            found.append(np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes))
    return joined(found)
