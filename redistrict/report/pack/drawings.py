"""The ground of the pack's maps, a window onto it drawn as vectors, and the sketch of a community."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import floor, log10

import geopandas as gpd
import numpy as np
import shapely
from fpdf.enums import TextMode
from numpy.typing import NDArray

from redistrict.messages import Language, Message
from redistrict.report.pack.document import tidy
from redistrict.report.pack.paper import Frame, Paper, Points
from redistrict.report.style import PALETTE, ROAD_CLASSES

Shapes = NDArray[np.object_]

INK, RED, WHITE, WATER, HILL, RAIL = "#26262b", "#b3261e", "#ffffff", "#cfe3ef", "#dfe9d3", "#8a8a92"
"""Colours that legends name."""

_GREY, _PALE, _OWN = "#77777f", "#f3f2ee", "#fbe3a1"
_MINOR_ROAD, _BLOCK_LINE, _WATER_INK = "#c9c7c0", "#bdb8ab", "#2f5d7c"
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary")
_DETAIL_MM = 0.05
_MARGIN = 0.14
_ROAD_LABELS = 14
_ROOM_MM2 = 60.0
"""Neighbours with less room than this on a sketch go without a name."""
_LEAST_SHARED = 0.005
_TITLE_MM = 5.0
"""Height of what stands above each half of a sketch."""
LINE_MM = 0.36
"""Height of a line of text, in millimetres a point of its size."""


@dataclass(frozen=True, eq=False)
class Areas:
    """Communities on the ground: shape, name and district of each, in one order."""

    shapes: Shapes
    names: tuple[str, ...]
    districts: tuple[str, ...]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The shapes by place."""
        return shapely.STRtree(self.shapes)


@dataclass(frozen=True, eq=False)
class Ground:
    """What the maps show, in a metric CRS.

    Attributes
    ----------
    new : Areas
        The communities of the plan.
    today : Areas or None
    blocks : (n,) polygons
    of_block : (n,) int
        Community of the plan each block belongs to.
    roads, barriers : GeoDataFrame
        `road_class`, `name` and shapes.
    """

    new: Areas
    today: Areas | None
    blocks: Shapes
    of_block: NDArray[np.int64]
    roads: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame

    @cached_property
    def block_tree(self) -> shapely.STRtree:
        """The blocks by place."""
        return shapely.STRtree(self.blocks)

    @cached_property
    def road_tree(self) -> shapely.STRtree:
        """The roads by place."""
        return shapely.STRtree(self.roads.geometry.to_numpy())

    def words(self) -> Iterable[str]:
        """Give every name on the ground."""
        for areas in (self.new, self.today):
            if areas is not None:
                yield from (*areas.names, *areas.districts)
        yield from (*self.roads["name"], *self.barriers["name"])


@dataclass(frozen=True, eq=False)
class Sketch:
    """One community of the plan: on the left its ground as divided today, on the right as proposed."""

    ground: Ground
    community: int
    language: Language

    def draw(self, pdf: Paper, frame: Frame) -> None:
        """Draw both halves, or the proposal alone where nothing is known of today."""
        today, gap = self.ground.today, 4.0
        width = frame.width if today is None else (frame.width - gap) / 2
        room = Frame(frame.x + frame.width - width, frame.y + _TITLE_MM, width, frame.height - _TITLE_MM)
        sheet = Window.around(pdf, room, self.ground.new.shapes[self.community], _MARGIN)
        scene = sheet.look(self.ground)
        if today is not None:
            self._draw_half(sheet.beside(Frame(frame.x, room.y, width, room.height)), scene, today)
        self._draw_half(sheet, scene, None)

    def words(self) -> Iterable[str]:
        """Give every text it may write."""
        titles = (_title(self.language, today=today) for today in (True, False))
        return (*self.ground.words(), *titles, *north_word(self.language), *SCALE_WORDS)

    def _draw_half(self, sheet: "Window", scene: "Scene", today: Areas | None) -> None:
        ground, own, frame = self.ground, self.ground.new.shapes[self.community], sheet.frame
        title = Frame(frame.x, frame.y - _TITLE_MM, frame.width, _TITLE_MM)
        sheet.pdf.put(_title(self.language, today=today is not None), title, 9.0, INK, align="C")
        sheet.draw_barriers(scene)
        areas = ground.new if today is None else today
        near = sheet.find(areas.tree).tolist()
        mine = [n for n in near if _overlaps(areas.shapes[n], own)] if today is not None else [self.community]
        sheet.fill(areas.shapes[near], _PALE)
        for rank, n in enumerate(mine):
            sheet.fill(areas.shapes[[n]], _OWN if today is None else PALETTE[rank % len(PALETTE)])
        blocks = sheet.find(ground.block_tree)
        sheet.outline(ground.blocks[blocks[ground.of_block[blocks] == self.community]], _BLOCK_LINE, 0.08)
        sheet.trace(scene.other_roads, _MINOR_ROAD, 0.2)
        sheet.draw_main_roads(scene, 0.7)
        sheet.outline(areas.shapes[near], _GREY if today is None else INK, 0.25)
        sheet.outline([own], RED, 0.5, dash=1.4 if today is not None else 0.0)
        sheet.label_areas(areas, mine, 7.5, INK)
        sheet.label_roads(scene)
        sheet.label_areas(areas, [n for n in near if n not in mine], 6.0, _GREY, least_mm2=_ROOM_MM2)
        sheet.finish(self.language)


def _overlaps(shape: shapely.Geometry, own: shapely.Geometry) -> bool:
    """Whether they share ground, more than the width of a line along a border."""
    return bool(shape.intersection(own).area > _LEAST_SHARED * own.area)


@dataclass(frozen=True, eq=False)
class Scene:
    """What of roads and barriers lies in a window, without detail too fine to be seen.

    Attributes
    ----------
    hills, water : arrays of polygons
    railways : array of lines
    main_roads : tuple of (str, array of lines)
        By class, the least important first.
    other_roads : array of lines
    road_names : tuple of (str, Point)
        Names of the longest roads, main roads first, and where each is written.
    """

    hills: Shapes
    water: Shapes
    railways: Shapes
    main_roads: tuple[tuple[str, Shapes], ...]
    other_roads: Shapes
    road_names: tuple[tuple[str, shapely.Point], ...]


class Window:
    """A window onto the ground, drawn into a frame of a page; labels keep clear of each other."""

    def __init__(self, pdf: Paper, frame: Frame, centre: tuple[float, float], mm_per_m: float) -> None:
        self.pdf, self.frame, self.mm_per_m, self._centre = pdf, frame, mm_per_m, centre
        half = np.array([frame.width, frame.height]) / mm_per_m / 2
        self.window = (*(np.array(centre) - half).tolist(), *(np.array(centre) + half).tolist())
        self._box = shapely.box(*self.window)
        self._labels: list[shapely.Geometry] = []

    @classmethod
    def around(cls, pdf: Paper, frame: Frame, focus: shapely.Geometry, margin: float) -> "Window":
        """Give the window in which a shape is as large as its frame and a margin, a share of its extent, allow."""
        west, south, east, north = focus.bounds
        spare = 1 + 2 * margin
        mm_per_m = min(frame.width / (spare * (east - west)), frame.height / (spare * (north - south)))
        return cls(pdf, frame, ((west + east) / 2, (south + north) / 2), mm_per_m)

    def beside(self, frame: Frame) -> "Window":
        """Give a window onto the same ground, in another frame of the same size."""
        return Window(self.pdf, frame, self._centre, self.mm_per_m)

    def find(self, tree: shapely.STRtree) -> NDArray[np.int64]:
        """Give the numbers of the shapes in the window, in order."""
        return np.sort(tree.query(self._box, predicate="intersects"))

    def look(self, ground: Ground, *, only_main: bool = False) -> Scene:
        """Cut barriers and roads, or the main roads alone, to the window."""
        barriers = ground.barriers.geometry.to_numpy()
        is_hill, is_area = (ground.barriers["road_class"] == "hill").to_numpy(), shapely.get_dimensions(barriers) == 2
        near, road_class = self.find(ground.road_tree), ground.roads["road_class"].to_numpy()
        near = near[np.isin(road_class[near], MAIN_ROADS)] if only_main else near
        roads, road_class = ground.roads.geometry.to_numpy()[near], road_class[near]
        return Scene(
            hills=self._cut(barriers[is_area & is_hill], 2),
            water=self._cut(barriers[is_area & ~is_hill], 2),
            railways=self._cut(barriers[~is_area], 1),
            main_roads=tuple((name, self._cut(roads[road_class == name], 1)) for name in reversed(MAIN_ROADS)),
            other_roads=self._cut(roads[~np.isin(road_class, MAIN_ROADS)], 1),
            road_names=self._name_roads(roads, road_class, ground.roads["name"].to_numpy()[near]),
        )

    def _name_roads(self, roads: Shapes, road_class: Shapes, names: Shapes) -> tuple[tuple[str, shapely.Point], ...]:
        """Name the longest roads in the window, main roads first, each in the middle of its longest piece."""
        ranks = {name: rank for rank, name in enumerate(MAIN_ROADS)}
        seen = shapely.clip_by_rect(roads, *self.window)
        longest: dict[str, tuple[int, float, shapely.Geometry]] = {}
        for name, kind, length, line in zip(names, road_class, shapely.length(seen), seen, strict=True):
            found = (ranks.get(kind, len(ranks)), -length, line)
            longest[name] = min(longest.get(name, found), found, key=lambda one: one[:2])
        named = sorted((rank, name, line) for name, (rank, _, line) in longest.items() if name and not line.is_empty)
        parts = [(name, max(shapely.get_parts(line), key=shapely.length)) for _, name, line in named[:_ROAD_LABELS]]
        return tuple((name, part.interpolate(0.5, normalized=True)) for name, part in parts)

    def fill(self, shapes: Shapes, colour: str) -> None:
        """Fill areas."""
        self.paint(self._cut(shapes, 2), colour)

    def paint(self, polygons: Shapes, colour: str) -> None:
        """Fill polygons of a scene; holes turn the other way."""
        self.pdf.set_fill_color(colour)
        rings, owner = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
        placed, starts = self._place(rings), np.searchsorted(owner, np.arange(len(polygons) + 1)).tolist()
        self.pdf.fill_areas([placed[first:last] for first, last in pairwise(starts)])

    def outline(self, shapes: Sequence[shapely.Geometry] | Shapes, colour: str, width: float, dash: float = 0) -> None:
        """Draw the outlines of areas."""
        self.lines(shapely.boundary(np.asarray(shapes, dtype=object)), colour, width, dash)

    def lines(self, shapes: Shapes, colour: str, width: float, dash: float = 0) -> None:
        """Draw lines."""
        self.trace(self._cut(shapes, 1), colour, width, dash)

    def trace(self, lines: Shapes, colour: str, width: float, dash: float = 0) -> None:
        """Draw lines of a scene."""
        self.pdf.set_draw_color(colour)
        self.pdf.set_line_width(width)
        self.pdf.set_dash_pattern(dash=dash, gap=dash)
        self.pdf.draw_lines(self._place(lines))
        self.pdf.set_dash_pattern()

    def draw_barriers(self, scene: Scene) -> None:
        """Draw hills, water and railways."""
        self.paint(scene.hills, HILL)
        self.paint(scene.water, WATER)
        self.trace(scene.railways, RAIL, 0.35, 1.2)

    def draw_main_roads(self, scene: Scene, width: float) -> None:
        """Draw the main roads in the colours of their classes."""
        for name, lines in scene.main_roads:
            self.trace(lines, ROAD_CLASSES[name][1], width)

    def label_areas(
        self, areas: Areas, numbers: Sequence[int], size_pt: float, colour: str, *, least_mm2: float = 0.0
    ) -> None:
        """Write names where their areas lie in the window, those with most room first."""
        seen = shapely.intersection(areas.shapes[list(numbers)], self._box)
        room_mm2 = shapely.area(seen) * self.mm_per_m**2
        for n in np.argsort(-room_mm2, kind="stable")[: np.count_nonzero(room_mm2 >= least_mm2)].tolist():
            self.label(areas.names[numbers[n]], shapely.point_on_surface(seen[n]), size_pt, colour)

    def label_roads(self, scene: Scene) -> None:
        """Write the names of roads."""
        for name, spot in scene.road_names:
            self.label(name, spot, 5.5, _GREY)

    def label_barriers(self, barriers: gpd.GeoDataFrame) -> None:
        """Write the name of every river, lake, hill and railway once, where most of it is seen."""
        seen = shapely.clip_by_rect(barriers.geometry.to_numpy(), *self.window)
        names = barriers["name"].to_numpy()
        for name in sorted(set(names) - {""}):
            parts = shapely.get_parts(shapely.get_parts(seen[names == name]))
            if not len(parts):
                continue
            part = max(parts, key=lambda one: (shapely.get_dimensions(one), one.area, one.length))
            spot = part.interpolate(0.5, normalized=True) if part.length and not part.area else part.point_on_surface()
            self.label(name, spot, 6.5, _WATER_INK)

    def size_of(self, text: str, size_pt: float) -> tuple[float, float]:
        """Give width and height of a text, in metres of ground."""
        return self.pdf.measure(tidy(text), size_pt) / self.mm_per_m, size_pt * LINE_MM / self.mm_per_m

    def is_free(self, shape: shapely.Geometry) -> bool:
        """Whether something in the window can be drawn without touching a name."""
        return bool(self._box.contains(shape)) and not any(shape.intersects(other) for other in self._labels)

    def keep_free(self, shape: shapely.Geometry) -> None:
        """Let no name touch what is drawn there."""
        self._labels.append(shape)

    def label(self, text: str, spot: shapely.Point, size_pt: float, colour: str) -> bool:
        """Write a name around a spot with a white rim, unless it would cover another or leave the frame."""
        pdf, text, (width, height) = self.pdf, tidy(text), self.size_of(text, size_pt)
        box = box_around(spot, (width, height))
        if not self.is_free(box):
            return False
        self.keep_free(box)
        (left, top), scale = self._to_page(np.array([box.bounds[0], box.bounds[3]])), self.mm_per_m
        frame = Frame(left, top, width * scale, height * scale)
        with pdf.local_context(text_mode=TextMode.STROKE, draw_color=WHITE, line_width=0.5):
            pdf.put(text, frame, size_pt, colour)
        pdf.put(text, frame, size_pt, colour)
        return True

    def finish(self, language: Language) -> None:
        """Draw the frame, a bar of a round length near a fifth of the width, and an arrow to the north."""
        pdf, frame = self.pdf, self.frame
        across = frame.width / self.mm_per_m / 5
        power = 10.0 ** floor(log10(across))
        metres = max(step * power for step in (1, 2, 5) if step * power <= across)
        bar, x, y = metres * self.mm_per_m, frame.x + 3.0, frame.y + frame.height - 2.5
        pdf.set_fill_color(WHITE)
        pdf.rect(x - 1.5, y - 4.5, bar + 3.0, 5.5, style="F")
        pdf.set_draw_color(INK)
        pdf.set_line_width(0.3)
        pdf.polyline([(x, y - 1), (x, y), (x + bar, y), (x + bar, y - 1)])
        write(pdf, say_length(metres), Frame(x, y - 4.5, bar, 3.5), 6.0)
        draw_north(pdf, frame.x + frame.width - 5.0, frame.y + 2.0, language)
        pdf.set_draw_color(INK)
        pdf.set_line_width(0.3)
        pdf.rect(frame.x, frame.y, frame.width, frame.height, style="D")

    def _cut(self, shapes: Shapes, dimension: int) -> Shapes:
        """Give what of the shapes lies in the window, without detail too fine to be seen."""
        cut = shapely.clip_by_rect(shapes, *self.window)
        cut = shapely.simplify(cut, _DETAIL_MM / self.mm_per_m, preserve_topology=False)
        parts = shapely.get_parts(shapely.get_parts(cut))
        return np.asarray(parts[(shapely.get_dimensions(parts) == dimension) & ~shapely.is_empty(parts)])

    def _place(self, lines: Shapes) -> list[Points]:
        """Give the points of each line in millimetres of the page."""
        xy, line = shapely.get_coordinates(lines, return_index=True)
        return np.split(self._to_page(xy), np.flatnonzero(np.diff(line)) + 1) if len(lines) else []

    def _to_page(self, xy: Points) -> Points:
        west, north = self.window[0], self.window[3]
        placed: Points = (xy - (west, north)) * (self.mm_per_m, -self.mm_per_m) + (self.frame.x, self.frame.y)
        return placed


SCALE_WORDS = ("0123456789. km",)


def north_word(language: Language) -> str:
    """Give what stands at the arrow."""
    return Message("N", "北").in_language(language)


def say_length(metres: float) -> str:
    """Write a length in kilometres or metres."""
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def draw_north(pdf: Paper, middle: float, top: float, language: Language) -> None:
    """Draw an arrow to the north, its tip at a point of the page."""
    pdf.set_fill_color(INK)
    pdf.polygon([(middle, top), (middle + 1.5, top + 5), (middle, top + 3.8), (middle - 1.5, top + 5)], style="F")
    write(pdf, north_word(language), Frame(middle - 3.0, top + 5.0, 6.0, 3.5), 7.0)


def box_around(spot: shapely.Point, size: tuple[float, float]) -> shapely.Polygon:
    """Give the rectangle of a width and a height around a point."""
    return shapely.box(spot.x - size[0] / 2, spot.y - size[1] / 2, spot.x + size[0] / 2, spot.y + size[1] / 2)


def _title(language: Language, *, today: bool) -> str:
    if today:
        return Message("Today (dashed red: the proposed bounds)", "现状（红色虚线为拟调整界线）").in_language(language)
    return Message("Proposed", "拟调整").in_language(language)


def write(pdf: Paper, text: str, frame: Frame, size_pt: float) -> None:
    """Write a few words in the middle of a frame."""
    pdf.put(text, frame, size_pt, INK, align="C")
