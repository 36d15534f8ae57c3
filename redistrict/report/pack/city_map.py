"""The map of the whole city, in a standard frame: names, legend, scale, north, title block, and an index of sheets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

import shapely

from redistrict.messages import Language, Message, plain
from redistrict.report.pack.document import Map, tidy
from redistrict.report.pack.drawings import (
    INK,
    RED,
    SCALE_WORDS,
    WHITE,
    Areas,
    Ground,
    Scene,
    Window,
    draw_north,
    north_word,
    say_length,
    write,
)
from redistrict.report.pack.names import LEAST_PT, write_names
from redistrict.report.pack.paper import Frame, Paper
from redistrict.report.style import outline_districts
from redistrict.report.title_block import SCALE, SHEET, Line, round_scale, say_scale

SMALLEST_SCALE = 50_000
"""A city that does not fit an A3 sheet at 1 : 50,000 is drawn on several, with one that shows where they lie."""

_STRIP_MM, _BLOCK_MM, _SCALE_MM = 37.0, 112.0, 70.0
"""Height of what stands below the map; widths of the title block and of the scale in it."""
_ROOM_MM = (376.0, 247.0 - _STRIP_MM)
"""What an A3 sheet leaves for the map itself."""
BORDER_MM, DISTRICT_MM = 0.2, 0.7
_MARGIN, _OVERLAP = 0.01, 0.04
_LABEL_MM, _TEXT_PT, _PAD_MM = 22.0, 7.5, 1.5
_SIGN_MM, _SIGN_COLUMNS = 5.0, 3
_LIST_MM, _LIST_COLUMN_MM = 2.7, 30.0
_BAR_MM, _CORNER_MM = 30.0, 4.0
_STATED = 3
"""Lines of the title block that come before scale and number of the sheet."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sign:
    """What a legend explains: an area of a colour with an outline, or (of some width) a line, dashed or not."""

    text: str
    colour: str
    outline: str = ""
    width_mm: float = 0.0
    dash_mm: float = 0.0


@dataclass(frozen=True, eq=False)
class CityMap:
    """The whole city or a part of it: every community in a colour, some with a red outline.

    Attributes
    ----------
    ground : Ground
    areas : Areas
    fills : tuple of str
        Colour of each area.
    marked : tuple of int
        Areas with a red outline.
    legend : tuple of Sign
    block : tuple of Line
        What the title block says but scale and number of the sheet.
    language : {"zh", "en"}
    part : Box or None
        What the sheet shows; all areas if None.
    number : str
        Number of the sheet, as 2 / 5.
    index : tuple of Box
        Where the other sheets lie, drawn with their numbers.
    """

    ground: Ground
    areas: Areas
    fills: tuple[str, ...]
    marked: tuple[int, ...]
    legend: tuple[Sign, ...]
    block: tuple[Line, ...]
    language: Language
    part: Box | None = None
    number: str = "1 / 1"
    index: tuple[Box, ...] = ()

    def draw(self, pdf: Paper, frame: Frame) -> None:
        """Draw the map at a usual scale, and what explains it below."""
        room = Frame(frame.x, frame.y, frame.width, frame.height - _STRIP_MM)
        box = self.part or tuple(shapely.total_bounds(self.areas.shapes).tolist())
        (west, south, east, north), scale = box, _fit(box)
        window = Window(pdf, room, ((west + east) / 2, (south + north) / 2), 1000.0 / scale)
        scene = window.look(self.ground, only_main=True)
        self._draw_ground(window, scene)
        listed = self._write_all(window, scene)
        pdf.set_draw_color(INK)
        pdf.set_line_width(0.5)
        pdf.rect(frame.x, frame.y, frame.width, frame.height, style="D")
        pdf.line(room.x, room.y + room.height, room.x + room.width, room.y + room.height)
        left = Frame(frame.x, room.y + room.height, frame.width - _BLOCK_MM - _SCALE_MM, _STRIP_MM)
        self._draw_legend(pdf, left, listed)
        self._draw_scale(pdf, Frame(left.x + left.width, left.y, _SCALE_MM, _STRIP_MM), scale)
        self._draw_block(pdf, Frame(left.x + left.width + _SCALE_MM, left.y, _BLOCK_MM, _STRIP_MM), scale)

    def words(self) -> Iterable[str]:
        """Give every text it may write."""
        lines = (text for line in self._lines(1) for text in line)
        return (*self.ground.words(), *(sign.text for sign in self.legend), *lines, self._more(0), *self._own_words())

    def _own_words(self) -> tuple[str, ...]:
        return (north_word(self.language), *SCALE_WORDS, ":,/")

    def _draw_ground(self, window: Window, scene: Scene) -> None:
        window.draw_barriers(scene)
        for colour in sorted(set(self.fills)):
            window.fill(self.areas.shapes[[fill == colour for fill in self.fills]], colour)
        window.draw_main_roads(scene, 0.5)
        window.outline(self.areas.shapes, INK, BORDER_MM)
        for district in outline_districts(self.areas.shapes, self.areas.districts):
            window.outline([district], INK, DISTRICT_MM)
        window.outline(self.areas.shapes[list(self.marked)], RED, 0.6)

    def _write_all(self, window: Window, scene: Scene) -> list[int]:
        """Number the other sheets, name communities, then what else has a name; give what has but a number."""
        for n, box in enumerate(self.index):
            window.outline([shapely.box(*box)], RED, 0.4)
            corner = shapely.Point(box[0] + _CORNER_MM / window.mm_per_m, box[3] - _CORNER_MM / window.mm_per_m)
            window.label(f"{n + 2}", corner, 10.0, RED)
        listed = write_names(window, self.areas, range(len(self.areas.names)))
        window.label_barriers(self.ground.barriers)
        window.label_roads(scene)
        return listed

    def _draw_legend(self, pdf: Paper, frame: Frame, listed: list[int]) -> None:
        """Explain what is drawn, and list the communities that have but a number."""
        width, column = (frame.width - 2 * _PAD_MM) / _SIGN_COLUMNS, ceil(len(self.legend) / _SIGN_COLUMNS)
        for n, sign in enumerate(self.legend):
            x, y = frame.x + _PAD_MM + n // column * width, frame.y + _PAD_MM + n % column * _SIGN_MM
            _draw_sign(pdf, sign, x, y)
            _put(pdf, sign.text, Frame(x + 9.0, y, width - 11.0, _SIGN_MM), 8.0)
        top = frame.y + 2 * _PAD_MM + column * _SIGN_MM
        rows = int((frame.y + frame.height - _PAD_MM - top) / _LIST_MM)
        room = rows * int((frame.width - _PAD_MM) / _LIST_COLUMN_MM)
        entries = [f"{n + 1} {self.areas.names[n]}" for n in listed]
        if len(entries) > room:
            entries = [*entries[: room - 1], self._more(len(entries) - room + 1)]
        for n, text in enumerate(entries):
            x, y = frame.x + _PAD_MM + n // rows * _LIST_COLUMN_MM, top + n % rows * _LIST_MM
            _put(pdf, text, Frame(x, y, _LIST_COLUMN_MM - 1.0, _LIST_MM), LEAST_PT)

    def _more(self, n: int) -> str:
        return Message(f"and {n} more", f"另有 {n} 个").in_language(self.language)

    def _draw_scale(self, pdf: Paper, frame: Frame, scale: int) -> None:
        """Draw an arrow to the north, the scale as a ratio, and a bar of a usual length."""
        draw_north(pdf, frame.x + 8.0, frame.y + 6.0, self.language)
        metres = round_scale(_BAR_MM / 1000 * scale)
        bar = 1000.0 * metres / scale
        x, y = frame.x + 17.0, frame.y + 22.0
        write(pdf, say_scale(scale), Frame(x, frame.y + 6.0, bar, 6.0), 11.0)
        pdf.set_draw_color(INK)
        pdf.set_line_width(0.2)
        for n in range(4):
            pdf.set_fill_color(WHITE if n % 2 else INK)
            pdf.rect(x + n * bar / 4, y, bar / 4, 1.6, style="DF")
        write(pdf, "0", Frame(x - 5.0, y - 4.0, 10.0, 3.5), 7.0)
        write(pdf, say_length(metres), Frame(x + bar - 10.0, y - 4.0, 20.0, 3.5), 7.0)

    def _draw_block(self, pdf: Paper, frame: Frame, scale: int) -> None:
        """Draw the title block: a line each, those without a value to be filled in by hand."""
        lines = self._lines(scale)
        height = frame.height / len(lines)
        pdf.set_draw_color(INK)
        pdf.set_line_width(0.2)
        for n, (name, value) in enumerate(lines):
            y = frame.y + n * height
            pdf.line(frame.x, y, frame.x + frame.width, y)
            _put(pdf, name, Frame(frame.x + _PAD_MM, y, _LABEL_MM - 2 * _PAD_MM, height), _TEXT_PT)
            room = Frame(frame.x + _LABEL_MM + _PAD_MM, y, frame.width - _LABEL_MM - 2 * _PAD_MM, height)
            _put(pdf, value, room, _TEXT_PT)
        for x in (frame.x, frame.x + _LABEL_MM):
            pdf.line(x, frame.y, x, frame.y + frame.height)

    def _lines(self, scale: int) -> list[tuple[str, str]]:
        """Give name and value of every line of the title block."""
        own = [Line(SCALE, plain(say_scale(scale))), Line(SHEET, plain(self.number))]
        lines = [*self.block[:_STATED], *own, *self.block[_STATED:]]
        return [(line.name.in_language(self.language), line.value.in_language(self.language)) for line in lines]


def lay_out(city: CityMap, title: str) -> list[Map]:
    """Give one sheet, or, where a city is too large for one, a sheet that shows where the others lie, and these."""
    box = tuple(shapely.total_bounds(city.areas.shapes).tolist())
    if _fit(box) <= SMALLEST_SCALE:
        return [Map(city, title=title)]
    parts = [part for part in _divide(box) if shapely.intersects(city.areas.shapes, shapely.box(*part)).any()]
    n = len(parts) + 1
    sign = Sign(Message("sheets that follow, by number", "分幅范围及图号").in_language(city.language), WHITE, RED)
    sheets = [replace(city, number=f"1 / {n}", index=tuple(parts), legend=(*city.legend, sign))]
    sheets += [replace(city, number=f"{k + 2} / {n}", part=part) for k, part in enumerate(parts)]
    return [Map(sheet, title=f"{title} {sheet.number}") for sheet in sheets]


def _fit(box: Box) -> int:
    """Give the largest usual scale at which a box and a margin fit a sheet."""
    west, south, east, north = box
    least = max((east - west) / _ROOM_MM[0], (north - south) / _ROOM_MM[1])
    return round_scale(1000.0 * (1 + 2 * _MARGIN) * least)


def _divide(box: Box) -> list[Box]:
    """Divide a box evenly into parts that fit a sheet at the smallest scale, by rows from the north-west."""
    west, south, east, north = box
    most = [room * SMALLEST_SCALE / 1000.0 / (1 + 2 * _OVERLAP) for room in _ROOM_MM]
    columns, rows = ceil((east - west) / most[0]), ceil((north - south) / most[1])
    width, height = (east - west) / columns, (north - south) / rows
    return [
        (west + c * width, north - (r + 1) * height, west + (c + 1) * width, north - r * height)
        for r in range(rows)
        for c in range(columns)
    ]


def _draw_sign(pdf: Paper, sign: Sign, x: float, y: float) -> None:
    """Draw the sample of a sign."""
    pdf.set_draw_color(sign.outline or sign.colour)
    if sign.width_mm:
        pdf.set_line_width(sign.width_mm)
        pdf.set_dash_pattern(dash=sign.dash_mm, gap=sign.dash_mm)
        pdf.line(x, y + _SIGN_MM / 2, x + 7.0, y + _SIGN_MM / 2)
        pdf.set_dash_pattern()
        return
    pdf.set_line_width(0.2)
    pdf.set_fill_color(sign.colour)
    pdf.rect(x, y + 0.7, 7.0, _SIGN_MM - 1.4, style="DF")


def _put(pdf: Paper, text: str, frame: Frame, size_pt: float) -> None:
    """Write a text at the left of a frame, smaller if it is too long."""
    text = tidy(text)
    pdf.put(text, frame, size_pt / max(1.0, pdf.measure(text, size_pt) / frame.width), INK)
