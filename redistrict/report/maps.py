"""The map: a plan as one HTML page that opens anywhere, without a network.

The page is a folium map whose only layer is our own: `map_layer.js` draws the data packed here, and
`map_page.css` sets the page. Data travel as one JSON block (see `offline`), never through a template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path

import folium
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from branca.element import MacroElement
from folium.utilities import get_and_assert_figure_root, get_obj_in_upper_tree
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from redistrict.messages import Language, Message
from redistrict.report.offline import Raw, json_block, render_offline

MAX_OUTLINED_BLOCKS = 20_000
"""Above this many blocks the page would be too heavy: it shows communities only, and says so."""

FACING_GAP_M = 60.0
"""Communities this close are neighbours for colouring; streets up to this wide are drawn as part of one."""

SIMPLIFY_M = 1.0
"""Detail finer than this is left out of the drawing."""

PALETTE = ("#f6dca6", "#c6e2b5", "#e6c8e0", "#b9d4ea", "#f5c6b4", "#b9e0da", "#dcd5c3")
"""Fills of the communities, light enough for roads and text to stand on."""

DEVIATION_STEPS = (0.05, 0.10)
"""Where the classes of deviation end, on either side of the target."""

DEVIATION_SCALE = (
    ("< −10%", "#3f7fb5"),
    ("−10 … −5%", "#8dbbdb"),
    ("−5 … 0%", "#d6e7f2"),
    ("0 … 5%", "#fbe3df"),
    ("5 … 10%", "#efa9a4"),
    ("> 10%", "#c2505c"),
)
"""Label and fill of each class of deviation, from far below the target to far above."""

ROAD_CLASSES = {
    "motorway": (Message("motorway", "高速公路"), "#c9652c", 5.0),
    "trunk": (Message("trunk road", "快速路"), "#d9822b", 4.5),
    "primary": (Message("primary road", "主干道"), "#e8a33d", 3.6),
    "secondary": (Message("secondary road", "次干道"), "#f0cf65", 2.8),
    "tertiary": (Message("tertiary road", "支路"), "#ffffff", 2.2),
    "residential": (Message("residential street", "街坊路"), "#ffffff", 1.6),
    "rail": (Message("railway", "铁路"), "#6f6f78", 2.0),
}
"""Known road classes, most important first: name, colour, width in pixels; others are drawn after them."""

OTHER_ROAD = ("#ffffff", 1.6)
BARRIERS = ("hill", "barrier")

WORDS = {
    "view": Message("Colour by", "着色"),
    "communities": Message("Communities", "社区"),
    "households_deviation": Message("Households against target", "户数偏差"),
    "people_deviation": Message("People against target", "人口偏差"),
    "layers": Message("Show", "显示"),
    "roads": Message("Roads", "道路"),
    "outlines": Message("Blocks", "小区边界"),
    "barrier": Message("Water, rail, hills", "水域、铁路、山体"),
    "labels": Message("Names", "名称"),
    "legend": Message("Legend", "图例"),
    "boundary": Message("Community boundary", "社区界线"),
    "exception": Message("Exception", "例外"),
    "exceptions": Message("Exceptions", "例外社区"),
    "target": Message("Target", "目标"),
    "no_data": Message("No data", "无数据"),
    "colours": Message("Colours only tell neighbours apart.", "颜色仅用于区分相邻社区。"),
    "facts": Message("Summary", "概要"),
    "notes": Message("Notes", "说明"),
    "district": Message("District", "区"),
    "households": Message("Households", "户数"),
    "people": Message("People", "人口"),
    "workers": Message("Community workers", "社区工作者"),
    "n_blocks": Message("Blocks", "小区数"),
    "crossing": Message("Roads inside", "穿越道路"),
    "block": Message("Block", "小区"),
    "community": Message("Community", "社区"),
    "whole": Message("Whole plan", "全图"),
    "hint": Message("Hover for a community, click for a block.", "悬停查看社区，点击查看小区。"),
}
"""Every word of the page itself."""


@dataclass(frozen=True, eq=False)
class MapPage:
    """Everything the map page shows; layers in a metric CRS.

    Attributes
    ----------
    title : Message
        Heading of the page.
    label : Message or None
        What every reader must know about the data (synthetic, estimated).
    language : {"zh", "en", "both"}
        Language of the page's own words.
    facts : tuple of (Message, str)
        Rows of the summary: name and ready text.
    notes : tuple of Message
        Remarks below the summary.
    communities : GeoDataFrame
        `community_id`, `community_name`, `district`, `workers`, `n_blocks`, `crossing` and `exception` (ready
        text, "" if none); for each quantity present `households` or `people` and its signed share
        `households_deviation` or `people_deviation`; polygons.
    blocks : GeoDataFrame
        `block_id`, `name` (may be ""), `community_id`, the quantities present; polygons.
    roads : GeoDataFrame
        `road_class`, `name`; lines, water or rail of class `barrier`, hills of class `hill`; may be empty.
    targets : dict of str to float
        Target of each quantity, shown in the legend; left out where communities have different targets.
    """

    title: Message
    label: Message | None
    language: Language
    facts: tuple[tuple[Message, str], ...]
    notes: tuple[Message, ...]
    communities: GeoDataFrame
    blocks: GeoDataFrame
    roads: GeoDataFrame
    targets: dict[str, float]


def write_map(path: Path, page: MapPage) -> None:
    """Write `page` to `path` as one HTML file without any reference to the outside; same page, same bytes.

    Raises
    ------
    OutputError
        If the installed folium would load something from the network.
    """
    chart = folium.Map(
        tiles=None, prefer_canvas=True, zoom_control="topright", zoom_snap=0.25, attribution_control=False
    )
    figure = get_and_assert_figure_root(chart)
    figure.title = escape(page.title.in_language(page.language))
    chart.add_child(PlanLayer(_pack_page(page)))
    text = render_offline(figure)
    # Line ends must stay as they are: the policy names each script by the hash of its bytes.
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


class PlanLayer(MacroElement):
    """The plan on a folium map, with its panel: data, script and style enter the page verbatim."""

    def __init__(self, data: dict[str, object]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PlanLayer"
        self._data = data

    def render(self, **kwargs: object) -> str:  # noqa: ARG002 (branca passes its options to every element)
        """Add panel, data, script and style to the page."""
        figure = get_and_assert_figure_root(self)
        chart = get_obj_in_upper_tree(self, folium.Map).get_name()
        draw = f'drawPlan({chart}, JSON.parse(document.getElementById("plan").textContent));'
        figure.header.add_child(Raw(f"<style>\n{_own_file('map_page.css')}</style>"), name="plan_style")
        figure.header.add_child(Raw(f"<script>\n{_own_file('map_layer.js')}</script>"), name="plan_script")
        figure.html.add_child(Raw('<aside id="panel"></aside>'), name="plan_panel", index=0)
        figure.html.add_child(json_block("plan", self._data), name="plan_data")
        figure.script.add_child(Raw(draw), name="plan_draw")
        return ""


def deviation_class(deviation: float) -> int:
    """Give the class of a signed deviation: 0 (far below) to 5 (far above), -1 if unknown.

    A class includes its end away from the target, so exactly ±10 % still counts as inside.
    """
    if np.isnan(deviation):
        return -1
    step = int(np.searchsorted(DEVIATION_STEPS, round(abs(deviation), 9), side="left"))
    return 3 + step if deviation >= 0 else 2 - step


def colour_communities(shapes: GeoSeries) -> list[int]:
    """Give each community a small colour number that no neighbour within `FACING_GAP_M` has."""
    areas = shapes.to_numpy()
    pairs = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=FACING_GAP_M)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(shapes)))
    graph.add_edges_from(sorted((int(i), int(j)) for i, j in pairs.T if i < j))
    colours = nx.greedy_color(graph, strategy="DSATUR")
    return [colours[i] for i in range(len(shapes))]


def _pack_page(page: MapPage) -> dict[str, object]:
    """Pack the whole page as JSON values; texts become lists of one or two languages."""
    language = page.language
    outlined = len(page.blocks) <= MAX_OUTLINED_BLOCKS
    notes = page.notes if outlined else (*page.notes, _blocks_left_out(len(page.blocks)))
    communities = _pack_communities(page.communities)
    return {
        "language": language,
        "words": {key: _say(word, language) for key, word in WORDS.items()},
        "title": _say(page.title, language),
        "label": _say(page.label, language) if page.label else None,
        "facts": [[_say(name, language), value] for name, value in page.facts],
        "notes": [_say(note, language) for note in notes],
        "targets": {key: float(value) for key, value in sorted(page.targets.items())},
        "palette": [_fill(colour) for colour in range(len(set(communities["colour"])))],
        "scale": DEVIATION_SCALE,
        "communities": communities,
        "blocks": _pack_blocks(page.blocks, page.communities) if outlined else None,
        "roads": _pack_roads(page.roads, language),
    }


def _say(message: Message, language: Language) -> list[str]:
    """Give the sentence in the page's language, or in both, Chinese first."""
    if language == "both" and message.zh != message.en:
        return [message.zh, message.en]
    return [message.zh if language == "zh" else message.en]


def _blocks_left_out(n_blocks: int) -> Message:
    """Say that the page holds no blocks."""
    return Message(
        f"{n_blocks} blocks are too many to outline on this page: see the layers delivered beside it.",
        f"小区数为 {n_blocks}，数量过多，本页不显示小区边界：请查看随附的图层文件。",
    )


def _fill(colour: int) -> str:
    """Give a fill for a colour number; beyond the palette, hues a golden angle apart."""
    return PALETTE[colour] if colour < len(PALETTE) else f"hsl({colour * 137.5 % 360:.0f}, 45%, 80%)"


def _pack_communities(communities: GeoDataFrame) -> dict[str, Sequence[object]]:
    """Pack the communities column by column."""
    shapes = _close_streets(communities.geometry)
    spots = shapes.representative_point().to_crs(4326)
    packed: dict[str, Sequence[object]] = {
        "id": _texts(communities["community_id"]),
        "name": _texts(communities["community_name"]),
        "district": _texts(communities["district"]),
        "workers": _numbers(communities["workers"]),
        "n_blocks": _numbers(communities["n_blocks"]),
        "crossing": _texts(communities["crossing"]),
        "exception": _texts(communities["exception"]),
        "colour": [*colour_communities(communities.geometry)],
        "spot": [[round(p.y, 6), round(p.x, 6)] for p in spots],
        "shape": _pack_polygons(shapes),
    }
    for quantity in _quantities(communities):
        deviations = communities[f"{quantity}_deviation"].astype(float)
        packed[quantity] = _numbers(communities[quantity])
        packed[f"{quantity}_deviation"] = [_signed_percent(deviation) for deviation in deviations]
        packed[f"{quantity}_class"] = [deviation_class(deviation) for deviation in deviations]
    return packed


def _pack_blocks(blocks: GeoDataFrame, communities: GeoDataFrame) -> dict[str, Sequence[object]]:
    """Pack the blocks column by column; `community` is the position of the block's community."""
    position = pd.Index(communities["community_id"]).get_indexer(pd.Index(blocks["community_id"]))
    if (position < 0).any():
        raise ValueError("every block's community_id must be one of the communities")
    packed: dict[str, Sequence[object]] = {
        "id": _texts(blocks["block_id"]),
        "name": _texts(blocks["name"]),
        "community": position.tolist(),
        "shape": _pack_polygons(_simplify(blocks.geometry)),
    }
    return packed | {quantity: _numbers(blocks[quantity]) for quantity in _quantities(blocks)}


def _pack_roads(roads: GeoDataFrame, language: Language) -> list[dict[str, object]]:
    """Pack barriers and roads class by class, the most important last, so that it is drawn on top."""
    named = roads.assign(road_class=_texts(roads["road_class"]), name=_texts(roads["name"]))
    ranks = {name: rank for rank, name in enumerate([*ROAD_CLASSES, None, *BARRIERS])}
    present = sorted(set(named["road_class"]), key=lambda name: (-ranks.get(name, ranks[None]), name))
    return [_pack_class(named[named["road_class"] == name], name, language) for name in present]


def _pack_class(roads: GeoDataFrame, name: str, language: Language) -> dict[str, object]:
    """Pack one class of roads: its look, its lines and areas, and where each name is written."""
    label, colour, width = ROAD_CLASSES.get(name, (Message(name, name), *OTHER_ROAD))
    parts = roads.explode(ignore_index=True)
    areas = parts[parts.geom_type == "Polygon"]
    by_name = parts[parts.geom_type == "LineString"].groupby("name", sort=True).geometry
    merged = {text: shapely.line_merge(shapely.multilinestrings(group.to_numpy())) for text, group in by_name}
    lines = GeoSeries([*merged.values()], crs=roads.crs)
    return {
        "class": name,
        "label": _say(label, language),
        "colour": colour,
        "width": width,
        "lines": [_deltas(line) for line in shapely.get_parts(_microdegrees(lines.simplify(SIMPLIFY_M)))],
        "areas": _pack_polygons(areas.geometry.simplify(SIMPLIFY_M)),
        "names": _place_names([*merged], lines),
    }


def _place_names(names: list[str], lines: GeoSeries) -> list[list[object]]:
    """Give text, latitude, longitude and upright angle (degrees) of each name, midway on its longest part."""
    longest = [max(shapely.get_parts(line), key=shapely.length) for line in lines]
    before, middle, after = (
        GeoSeries(shapely.line_interpolate_point(longest, share, normalized=True), crs=lines.crs)
        for share in (0.45, 0.5, 0.55)
    )
    angles = np.degrees(np.arctan2(after.y - before.y, after.x - before.x))
    upright = np.round((angles + 90) % 180 - 90)
    spots = middle.to_crs(4326)
    rows = zip(names, spots.y, spots.x, upright, strict=True)
    return [[name, round(y, 6), round(x, 6), int(angle)] for name, y, x, angle in rows if name]


def _quantities(layer: GeoDataFrame) -> list[str]:
    """Name the quantities `layer` has."""
    return [quantity for quantity in ("households", "people") if quantity in layer.columns]


def _texts(column: pd.Series) -> list[str]:
    """Give a column as text, "" where it is empty."""
    return ["" if pd.isna(value) else str(value) for value in column]


def _numbers(column: pd.Series) -> list[int | float | None]:
    """Give a column as JSON numbers, none where it is empty."""
    values = (None if pd.isna(value) else float(value) for value in column)
    return [int(value) if value is not None and value.is_integer() else value for value in values]


def _signed_percent(share: float) -> str:
    """Write a signed share: +3.4%, −3.4%; "" if unknown."""
    return "" if np.isnan(share) else f"{round(share, 3) + 0.0:+.1%}".replace("-", "−")


def _close_streets(communities: GeoSeries) -> GeoSeries:
    """Fill the streets inside each community, so that it is drawn as one area and not block by block."""
    shapes = _simplify(communities).to_numpy()
    grown = shapely.buffer(shapes, FACING_GAP_M / 2, join_style="mitre")
    closed = shapely.buffer(grown, -FACING_GAP_M / 2, join_style="mitre")
    tree = shapely.STRtree(closed)
    drawn = shapes.copy()
    for i, shape in enumerate(closed):
        near = tree.query(shape)
        drawn[i] = shape.difference(shapely.union_all(drawn[near[near != i]]))
    return GeoSeries(drawn, crs=communities.crs)


def _simplify(shapes: GeoSeries) -> GeoSeries:
    """Drop fine detail where shared borders stay shared, in a valid coverage; leave others as they are."""
    if not shapely.coverage_is_valid(shapes.to_numpy()):
        return shapes
    return GeoSeries(shapely.coverage_simplify(shapes.to_numpy(), SIMPLIFY_M), crs=shapes.crs)


def _pack_polygons(shapes: GeoSeries) -> list[object]:
    """Pack each shape as a list of polygons, a polygon as a list of rings."""
    return [
        [
            [_deltas(ring) for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(shape)
            if part.geom_type == "Polygon"
        ]
        for shape in _microdegrees(shapes)
    ]


def _microdegrees(shapes: GeoSeries) -> NDArray[np.object_]:
    """Project to degrees and round to whole microdegrees (0.1 m): points that were equal stay equal."""
    degrees = shapely.force_2d(shapes.to_crs(4326).to_numpy())
    return np.asarray(shapely.transform(degrees, lambda points: np.rint(points * 1e6)))


def _deltas(line: shapely.LineString) -> list[int]:
    """Give the points of a line as steps x, y, x, y, ... from the point before, the first from zero."""
    points = shapely.get_coordinates(line).astype(np.int64)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(step) for step in steps[steps.any(axis=1)].ravel()]


def _own_file(name: str) -> str:
    """Read a file that lies beside this module."""
    return (resources.files("redistrict.report") / name).read_text(encoding="utf-8")
