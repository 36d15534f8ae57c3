"""Pictures of the diagnosis: the histogram of households and the map of faults, as PNG and SVG.

Only this module and the pictures of a plan know matplotlib. Text from data is drawn as it stands: no formulas, and
no character the font does not have.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, log10
from pathlib import Path

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findSystemFonts, fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from redistrict.messages import Language, Message
from redistrict.report.font_remedy import FONT_REMEDY
from redistrict.report.style import class_word
from redistrict.standards.diagnosis import CommunityToday, Group

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "SimSun",
    "PingFang SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "DengXian",
    "FangSong",
    "Hiragino Sans GB",
    "Droid Sans Fallback",
)
"""Fonts with Chinese characters, the best first (matplotlib 3.10 sees only the first face of a file: JP for SC)."""

_PLAIN_FONT = "DejaVu Sans"
_DPI = 150
_DETAIL_M = 2.0
_HEADING_IN = 0.95
_LEGEND_COLUMNS = 3
INK = "#2b2b33"
_NORMAL, _SMALL, _LARGE = "#e9e7e1", "#f2b134", "#8d7cc3"
_ROAD, _WATER, _WARNING = "#c0322f", "#cfe3ef", "#a8321f"
_EDGE, _RAIL = "#6f6b62", "#8a8a92"
_PIECES, _ENCLAVE = "////", "...."
_HALO = [withStroke(linewidth=2.5, foreground="white")]


@dataclass(frozen=True)
class Lettering:
    """The font and the languages that can be written with it."""

    font: str
    language: Language

    def write(self, message: Message) -> str:
        """Give a sentence in the picture's language, without characters the font lacks; both: one below the other."""
        lines = [message.zh, message.en] if self.language == "both" and message.zh != message.en else []
        return "\n".join(self.draw(line) for line in lines or [message.in_language(self.language)])

    def line(self, message: Message) -> str:
        """Give a few words on one line."""
        return self.draw(message.in_language(self.language))

    def name(self, row: CommunityToday) -> str:
        """Give the name of a community, or its key where the font cannot write the name."""
        return row.name if self.draw(row.name) == row.name else self.draw(row.id)

    def draw(self, text: str) -> str:
        """Put a question mark for every character the font lacks."""
        return "".join(char if ord(char) in self._characters else "?" for char in text)

    @cached_property
    def _characters(self) -> frozenset[int]:
        return frozenset(get_font(fontManager.findfont(FontProperties(family=self.font))).get_charmap())


@dataclass(frozen=True, eq=False)
class FaultMap:
    """What the map of faults shows, in a metric CRS.

    Attributes
    ----------
    group : Group
        All communities.
    areas : (n_communities,) polygons
        Their areas, in the same order.
    roads : dict of str to geometry
        Main roads inside communities, by class, the most important first.
    water : (n,) polygons and lines
        Barriers between blocks.
    """

    group: Group
    areas: NDArray[np.object_]
    roads: dict[str, shapely.Geometry]
    water: NDArray[np.object_]


def choose_lettering(language: Language) -> tuple[Lettering, tuple[Message, ...]]:
    """Find a font for the language; without one for Chinese the pictures are in English, and a note says so."""
    if language == "en":
        return Lettering(_first_font() or _PLAIN_FONT, "en"), ()
    font = _first_font()
    if font is not None:
        return Lettering(font, language), ()
    without = Message(
        "No font with Chinese characters was found: the pictures are in English only. ",
        "未找到中文字体：图片只用英文。",
    )
    return Lettering(_PLAIN_FONT, "en"), (without + FONT_REMEDY,)


def draw_histogram(folder: Path, group: Group, heading: Sequence[Message], lettering: Lettering) -> None:
    """Write `histogram.png` and `.svg`: communities by households, with the count and share of each band.

    Parameters
    ----------
    heading : sequence of Message
        Name of the city, and what every reader must know of the data, if anything.
    """
    bands = group.bands() or ()
    with picture(folder / "histogram", lettering, (8.0, 5.4)) as figure:
        axes = figure.add_axes((0.09, 0.14, 0.88, 0.59))
        colours = [_SMALL, *[_WATER] * (len(bands) - 2), _LARGE] if len(bands) > 1 else [_WATER]
        bars = axes.bar(range(len(bands)), [band.count for band in bands], width=0.72, color=colours, edgecolor=INK)
        axes.bar_label(bars, [f"{band.count}\n{band.share:.1%}" for band in bands], padding=3, fontsize=12)
        axes.set_xticks(range(len(bands)), [lettering.write(band.label) for band in bands])
        axes.set_ylim(0, max(band.count for band in bands) * 1.22)
        axes.set_xlabel(lettering.line(Message("Households of a community", "社区户数")))
        axes.set_ylabel(lettering.line(Message("Communities", "社区数")))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(length=0)
        title = Message(f"Households of today's {len(group)} communities", f"现有 {len(group)} 个社区的户数规模")
        write_heading(figure, title, heading, lettering)
        axes.set_title(_ends(group, lettering), fontsize=10, loc="left", pad=6, color=INK)


def draw_faults(folder: Path, faults: FaultMap, heading: Sequence[Message], lettering: Lettering) -> None:
    """Write `faults.png` and `.svg`: which communities are too small, too large, in pieces or enclosed, and crossed."""
    west, south, east, north = shapely.total_bounds(faults.areas)
    margin = 0.02 * max(east - west, north - south)
    width, height = east - west + 2 * margin, north - south + 2 * margin
    handles = _legend(faults, lettering)
    lines = ceil(len(handles) / _LEGEND_COLUMNS) * (2 if lettering.language == "both" else 1)
    map_in, legend_in = min(10.0 * height / width, 10.0), 0.25 + 0.21 * lines
    size = (10.0, _HEADING_IN + map_in + legend_in)
    with picture(folder / "faults", lettering, size) as figure:
        axes = figure.add_axes((0.0, legend_in / size[1], 1.0, map_in / size[1]))
        axes.set(xlim=(west - margin, east + margin), ylim=(south - margin, north + margin), aspect="equal")
        axes.set_axis_off()
        _draw_ground(axes, faults)
        _draw_roads(axes, faults)
        _draw_districts(axes, faults, lettering)
        _draw_scale(axes, width, lettering)
        figure.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(0.02, 0.0), ncols=_LEGEND_COLUMNS, frameon=False
        )
        title = Message("Faults of today's communities", "现有社区问题图")
        write_heading(figure, title, heading, lettering)


@contextmanager
def picture(stem: Path, lettering: Lettering, size_in: tuple[float, float]) -> Iterator[Figure]:
    """Give an empty figure, and write it as PNG and SVG when it is drawn; same figure, same bytes."""
    with mpl.rc_context(
        {
            "font.family": [lettering.font],
            "font.size": 10,
            "text.color": INK,
            "text.parse_math": False,
            "axes.unicode_minus": False,
            "hatch.linewidth": 0.8,
            "svg.hashsalt": "redistrict",
        }
    ):
        figure = Figure(figsize=size_in, dpi=_DPI, facecolor="white")
        FigureCanvasAgg(figure)
        yield figure
        figure.savefig(stem.with_suffix(".png"), metadata={"Software": None})
        figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None, "Creator": None})


def _first_font() -> str | None:
    """Give the best font with Chinese characters, fonts installed since matplotlib made its list included."""
    found = _known_font()
    if found is None:
        for path in sorted(set(findSystemFonts()) - {entry.fname for entry in fontManager.ttflist}):
            with suppress(OSError, RuntimeError):  # a broken font file
                fontManager.addfont(path)
        found = _known_font()
    return found


def _known_font() -> str | None:
    known = set(fontManager.get_font_names())
    return next((name for name in CJK_FONTS if name in known), None)


def write_heading(figure: Figure, title: Message, heading: Sequence[Message], lettering: Lettering) -> None:
    """Write the title, and below it the city and the warning about the data, small enough to fit."""
    looks = ((15, INK, 0.12), (10, INK, 0.45), (10, _WARNING, 0.67))
    for message, (size, colour, down_in) in zip((title, *heading), looks, strict=False):
        place = (0.03, 1 - down_in / figure.get_figheight())
        text = figure.text(*place, lettering.line(message), fontsize=size, color=colour, va="top")
        share = text.get_window_extent().width / (0.94 * figure.bbox.width)
        text.set_fontsize(size / max(share, 1.0))


def _ends(group: Group, lettering: Lettering) -> str:
    """Name the smallest and the largest community."""
    small, large = group.smallest, group.largest
    return lettering.write(
        Message(
            f"Smallest: {lettering.name(small)}, {small.size:,}; largest: {lettering.name(large)}, {large.size:,}",
            f"最小：{lettering.name(small)} {small.size:,} 户；最大：{lettering.name(large)} {large.size:,} 户",
        )
    )


def _draw_ground(axes: Axes, faults: FaultMap) -> None:
    """Fill water and communities by size; hatch those in pieces and enclaves."""
    rows, is_area = faults.group.communities, shapely.get_dimensions(faults.water) == 2
    axes.add_collection(PathCollection(_outlines(faults.water[is_area]), facecolor=_WATER, edgecolor="none"))
    axes.add_collection(LineCollection(_lines(faults.water[~is_area]), colors=_RAIL, linewidths=1.2, linestyles="--"))
    small, large = faults.group.too_small(), faults.group.too_large()
    fills = [_SMALL if row in small else _LARGE if row in large else _NORMAL for row in rows]
    axes.add_collection(PathCollection(_outlines(faults.areas), facecolor=fills, edgecolor=_EDGE, linewidth=0.5))
    for faulty, hatch in ((faults.group.in_pieces(), _PIECES), (faults.group.enclaves(), _ENCLAVE)):
        outlines = _outlines(faults.areas[[row in faulty for row in rows]])
        axes.add_collection(PathCollection(outlines, facecolor="none", edgecolor=INK, linewidth=1.2, hatch=hatch))


def _draw_roads(axes: Axes, faults: FaultMap) -> None:
    for rank, (road_class, shape) in enumerate(reversed(faults.roads.items())):
        axes.add_collection(
            LineCollection(_lines([shape]), colors=_ROAD, linewidths=_road_width(faults, road_class), zorder=3 + rank)
        )


def _road_width(faults: FaultMap, road_class: str) -> float:
    return max(2.4 - 0.7 * [*faults.roads].index(road_class), 0.6)


def _draw_districts(axes: Axes, faults: FaultMap, lettering: Lettering) -> None:
    """Draw the outline and the name of every district where there are several."""
    of_row = [row.district for row in faults.group.communities]
    names = sorted(set(of_row))
    if len(names) < 2:
        return
    for name in names:
        whole = shapely.union_all(faults.areas[[district == name for district in of_row]])
        axes.add_collection(PathCollection(_outlines([whole]), facecolor="none", edgecolor=INK, linewidth=1.6))
        spot = shapely.point_on_surface(whole)
        axes.text(spot.x, spot.y, lettering.draw(name), fontsize=12, ha="center", path_effects=_HALO, zorder=9)


def _draw_scale(axes: Axes, width_m: float, lettering: Lettering) -> None:
    """Draw a bar of a round length near a fifth of the width, and an arrow to the north."""
    power = 10.0 ** floor(log10(width_m / 5))
    length = max(step * power for step in (1, 2, 5) if step * power <= width_m / 5)
    east, (south, north) = axes.get_xlim()[1], axes.get_ylim()
    x, y, tick = east - 0.03 * width_m - length, south + 0.03 * width_m, 0.006 * width_m
    axes.plot([x, x, x + length, x + length], [y + tick, y, y, y + tick], color=INK, linewidth=1.5, zorder=9)
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x + length / 2, y + tick, label, ha="center", va="bottom", path_effects=_HALO, zorder=9)
    top = (east - 0.03 * width_m, north - 0.01 * width_m)
    axes.annotate(
        lettering.line(Message("N", "北")),
        xy=top,
        xytext=(top[0], top[1] - 0.06 * width_m),
        ha="center",
        va="top",
        arrowprops={"arrowstyle": "-|>", "color": INK},
    )


def _legend(faults: FaultMap, lettering: Lettering) -> list[Patch | Line2D]:
    """Give an entry for every kind of fault, with the number of communities or the kilometres."""
    group, steps = faults.group, faults.group.steps
    entries: list[Patch | Line2D] = []

    def add(colour: str, hatch: str, rows: Sequence[CommunityToday], en: str, zh: str) -> None:
        label = lettering.write(Message(f"{en}: {len(rows)}", f"{zh}：{len(rows)} 个"))
        entries.append(Patch(facecolor=colour, edgecolor=INK, hatch=hatch, label=label))

    if group.bands() is not None:
        add(_SMALL, "", group.too_small(), f"under {steps[0]} households", f"不足{steps[0]}户")
        add(_LARGE, "", group.too_large(), f"{steps[-1]} households and above", f"{steps[-1]}户以上")
    add("white", _PIECES, group.in_pieces(), "in several pieces", "不连片")
    add("white", _ENCLAVE, group.enclaves(), "wholly inside another", "完全被另一社区包围")
    inside = group.crossing_m() or {}
    for road_class in faults.roads:
        word, km = class_word(road_class), f"{inside[road_class] / 1000:,.1f}"
        label = lettering.write(Message(f"{word.en} inside communities: {km} km", f"穿越社区的{word.zh}：{km} 公里"))
        entries.append(Line2D([], [], color=_ROAD, linewidth=_road_width(faults, road_class), label=label))
    return entries


def _outlines(shapes: Iterable[shapely.Geometry]) -> list[Outline]:
    """Give each area as one path, holes turning the other way, without detail too fine to be seen."""
    outlines = []
    for shape in shapes:
        polygons = shapely.get_parts(shapely.orient_polygons(shapely.simplify(shape, _DETAIL_M)))
        rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
        outlines.append(Outline.make_compound_path(*(Outline(ring.coords, closed=True) for ring in rings)))
    return outlines


def _lines(shapes: Iterable[shapely.Geometry]) -> list[NDArray[np.float64]]:
    parts = shapely.get_parts(shapely.line_merge(shapely.get_parts(list(shapes))))
    return [shapely.get_coordinates(part) for part in parts if shapely.get_dimensions(part) == 1]
