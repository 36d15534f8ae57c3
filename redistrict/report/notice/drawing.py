"""The maps of the notice as SVG: communities, blocks, streets and names; whole, or around one community."""

from collections.abc import Iterable, Iterator
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.report.map.geometry import SIMPLIFY_M, find_middles, simplify
from redistrict.report.notice.content import Told
from redistrict.report.style import OTHER_ROAD, ROAD_CLASSES, colour_communities, fill_of
from redistrict.report.svg import Shapes, trace_areas, trace_lines

View = tuple[float, float, float, float]
"""West and north end, width and height, metres."""

_WATER = ("river", "barrier", "hill")
_MARGIN = 0.12
"""What is seen around a community, as a share of its extent."""
_EXACT_M = 5.0
"""How exactly the middle of a community is found, where its name is written."""
_WIDE = 1.5
"""Width of a view to its height."""
_LETTER = 0.016
"""Height of a street's name on a sheet, as a share of the picture's width."""


class Drawing:
    """All shapes of a notice, traced once in whole metres from the corner of the city."""

    def __init__(self, told: Told) -> None:
        self._told = told
        west, south, east, north = told.communities.total_bounds.tolist()
        margin = 0.02 * max(east - west, north - south)
        self.whole: View = (west - margin, north + margin, east - west + 2 * margin, north - south + 2 * margin)
        corner = self.whole[:2]
        self._areas = simplify(told.communities.geometry).to_numpy()
        self._blocks = simplify(told.blocks.geometry).to_numpy()
        self._fills = [fill_of(colour) for colour in colour_communities(told.communities.geometry)]
        self._area_paths = trace_areas(self._areas, corner)
        self._block_paths = trace_areas(self._blocks, corner)
        middles = shapely.get_point(shapely.maximum_inscribed_circle(self._areas, _EXACT_M), 0)
        self._spots = [self.at(x, y) for x, y in shapely.get_coordinates(middles).tolist()]
        roads = told.roads[told.roads.intersects(shapely.box(west, south, east, north))]
        self._road_shapes = roads.geometry.simplify(SIMPLIFY_M[0]).to_numpy()
        self._road_names = roads["name"].fillna("").astype(str).tolist()
        self._road_classes = roads["road_class"].astype(str).tolist()

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give a point as metres from the picture's corner."""
        return x - self.whole[0], self.whole[1] - y

    def view_of(self, communities: Iterable[int]) -> View:
        """Give the view around some communities, from the picture's corner."""
        west, south, east, north = shapely.total_bounds(self._areas[list(communities)]).tolist()
        width = (1 + 2 * _MARGIN) * max(east - west, _WIDE * (north - south))
        left, top = self.at((west + east - width) / 2, (south + north + width / _WIDE) / 2)
        return left, top, width, width / _WIDE

    def box_of(self, block: int) -> list[int]:
        """Give the view around one block, from the picture's corner, whole metres."""
        west, south, east, north = shapely.bounds(self._blocks[block]).tolist()
        room = max(250.0, east - west, north - south)
        left, top = self.at(west - room, north + room)
        return [round(value) for value in (left, top, east - west + 2 * room, north - south + 2 * room)]

    def draw_city(self, *, blocks: bool) -> str:
        """Draw everything, for a reader who moves about: each block and each name can be found by its number."""
        named = "".join(
            f'<text x="{x:.0f}" y="{y:.0f}" data-m="{width:.0f}">{escape(place.name)}</text>'
            for (x, y), width, place in zip(self._spots, self._widths(), self._told.places, strict=True)
        )
        homes = "".join(f'<path class="block" d="{path}" data-b="{b}"/>' for b, path in enumerate(self._block_paths))
        return (
            f'<svg viewBox="0 0 {self.whole[2]:.0f} {self.whole[3]:.0f}">{"".join(self._draw_areas())}'
            f"{homes if blocks else ''}{''.join(self._draw_roads())}{''.join(self._draw_borders())}"
            f'<path class="mine" d=""/><g class="names">{named}</g></svg>'
        )

    def draw_around(self, communities: Iterable[int]) -> str:
        """Draw a sheet: some communities with what lies around, their names and those of the streets."""
        own = set(communities)
        view = self.view_of(own)
        west, north = view[0] + self.whole[0], self.whole[1] - view[1]
        window = shapely.box(west, north - view[3], west + view[2], north)
        seen = np.flatnonzero(shapely.intersects(self._areas, window)).tolist()
        inside = [b for b, home in enumerate(self._told.homes) if home.community in own]
        homes = "".join(f'<path class="block" d="{self._block_paths[b]}"/>' for b in inside) if len(own) == 1 else ""
        letter = view[2] * _LETTER
        names = "".join(self._name_areas(sorted(own), 1.5 * letter if len(own) == 1 else letter))
        return (
            f'<svg viewBox="{" ".join(f"{value:.0f}" for value in view)}">'
            f"{''.join(self._draw_areas(seen, own))}{homes}"
            f"{''.join(self._draw_roads(window))}{''.join(self._draw_borders(seen, own))}"
            f"{''.join(self._name_roads(window, letter)) if len(own) == 1 else ''}{names}</svg>"
        )

    def _widths(self) -> NDArray[np.float64]:
        west, _, east, _ = shapely.bounds(self._areas).T
        return np.asarray(east - west)

    def _draw_areas(self, seen: Iterable[int] | None = None, own: Iterable[int] = ()) -> Iterator[str]:
        for c in range(len(self._area_paths)) if seen is None else seen:
            fill = self._fills[c] if seen is None or c in own else "#f1efe9"
            title = escape(self._told.places[c].name)
            yield f'<path d="{self._area_paths[c]}" fill="{fill}" data-c="{c}"><title>{title}</title></path>'

    def _draw_borders(self, seen: Iterable[int] | None = None, own: Iterable[int] = ()) -> Iterator[str]:
        for c in range(len(self._area_paths)) if seen is None else seen:
            yield f'<path class="{"border own" if c in own else "border"}" d="{self._area_paths[c]}"/>'

    def _draw_roads(self, window: shapely.Geometry | None = None) -> Iterator[str]:
        shapes, corner = self._road_shapes, self.whole[:2]
        if window is not None:
            shapes = shapely.intersection(shapes, window)
        for road_class in sorted(set(self._road_classes), key=_rank, reverse=True):
            picked = shapes[[one == road_class for one in self._road_classes]]
            if road_class in _WATER and (path := "".join(trace_areas(picked, corner))):
                yield f'<path class="{escape(road_class)}" d="{path}"/>'
            parts = shapely.get_parts(picked)
            path = "".join(trace_lines(parts[_are_lines(parts)], corner))
            _, colour, width = ROAD_CLASSES.get(road_class, (None, *OTHER_ROAD))
            stroke = "" if road_class in _WATER else f' style="stroke:{colour};stroke-width:{width}px"'
            yield f'<path class="road{" water" * (road_class in _WATER)}" d="{path}"{stroke}/>' if path else ""

    def _name_areas(self, communities: Iterable[int], letter: float) -> Iterator[str]:
        for c in communities:
            name, (x, y) = self._told.places[c].name, self._spots[c]
            fitted = min(letter, 0.9 * self._widths()[c] / max(1, len(name)))
            yield f'<text class="area" x="{x:.0f}" y="{y:.0f}" font-size="{fitted:.0f}">{escape(name)}</text>'

    def _name_roads(self, window: shapely.Geometry, letter: float) -> Iterator[str]:
        """Write the name of each street once, along the longest part that is seen, where it has room."""
        names = np.array(self._road_names, dtype=object)
        shown = np.flatnonzero(names != "")
        parts, road = shapely.get_parts(shapely.intersection(self._road_shapes[shown], window), return_index=True)
        is_line = _are_lines(parts)
        parts, text = parts[is_line], names[shown][road[is_line]]
        for name in dict.fromkeys(text.tolist()):
            group = shapely.line_merge(shapely.multilinestrings(parts[text == name]))
            longest = max(shapely.get_parts([group]), key=shapely.length)
            if longest.length < letter * (len(name) + 1):
                continue
            (point,), (angle,) = find_middles(np.array([longest], dtype=object))
            x, y = self.at(point.x, point.y)
            turn = f"rotate({-angle} {x:.0f} {y:.0f})"
            yield f'<text class="street" x="{x:.0f}" y="{y:.0f}" font-size="{letter:.0f}" transform="{turn}">'
            yield f"{escape(name)}</text>"


def _are_lines(parts: Shapes) -> NDArray[np.bool_]:
    return np.asarray((shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts))


def _rank(road_class: str) -> tuple[int, str]:
    ranks = {name: rank for rank, name in enumerate(ROAD_CLASSES)}
    return ranks.get(road_class, len(ranks)), road_class
