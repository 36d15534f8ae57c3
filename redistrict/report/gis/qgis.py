"""What the layers look like in QGIS: they open ready-coloured, with names and headings in the scenario's language."""

from collections.abc import Mapping
from datetime import datetime

import geopandas as gpd
import pandas as pd

from redistrict.messages import Language, Message
from redistrict.report.gis.qgis_xml import Geometry, Look, Rule, Style, Test, write_qml, write_sld
from redistrict.report.style import DEVIATION_SCALE, DEVIATION_STEPS, PALETTE, class_word
from redistrict.report.tables.columns import Titles, find_column

_INK, _GREY, _PURPLE, _NO_DATA = "#4a4a55", "#8a8a92", "#7a4fa3", "#d9d9d9"
_BORDERS = {
    "motorway": ("#b5521c", 1.1),
    "trunk": ("#c76f14", 1.0),
    "primary": ("#d98f22", 0.8),
    "secondary": ("#c2a02c", 0.7),
    "tertiary": ("#8c8577", 0.6),
    "residential": ("#a8a294", 0.5),
    "rail": ("#55555f", 0.7),
    "river": ("#3f86b8", 0.8),
    "hill": ("#6d8f4c", 0.7),
}
_CROSSINGS = {name: ("#c0322f", width) for name, (_, width) in _BORDERS.items()} | {
    "tertiary": ("#e0925f", 0.5),
    "residential": ("#ecc3a3", 0.4),
}
"""Colour and width in millimetres of the known classes; others have one look of their own."""

_NO_ROAD, _OTHER = Message("along another line, or none", "其他界线"), Message("other", "其他")
LAYER_NAMES = {
    "communities": Message("communities", "社区"),
    "households_deviation": Message("households", "户数偏差"),
    "people_deviation": Message("people", "人口偏差"),
    "blocks": Message("blocks", "地块"),
    "boundaries": Message("boundaries", "社区界线"),
    "boundary_points": Message("boundary points", "界址点"),
    "crossings": Message("roads inside", "穿越道路"),
    "communities_today": Message("communities today", "现社区"),
    "grids": Message("grids", "网格"),
}
"""What layers, and further views of them, are called."""

_GEOMETRIES: dict[str, Geometry] = {"boundaries": "line", "boundary_points": "marker", "crossings": "line"}


def list_styles(
    layers: Mapping[str, gpd.GeoDataFrame], language: Language, levels: Titles | None = None
) -> list[Style]:
    """Give the styles of the layers of `build_gis`, each layer's default first; `levels` are titles by key."""
    looks: list[tuple[str, str, tuple[Rule, ...], str | None]] = [
        ("communities", "communities", _colour_rules(layers["communities"]), "community_name")
    ]
    looks += [
        ("communities", column, _deviation_rules(column, language), "community_name")
        for column in ("households_deviation", "people_deviation")
        if column in layers["communities"]
    ]
    looks += [
        ("blocks", "blocks", _outline("blocks", Look(_GREY, 0.15), language), None),
        ("boundaries", "boundaries", _class_rules(layers["boundaries"], _BORDERS, _NO_ROAD, language), None),
        ("boundary_points", "boundary_points", _point_rules(language), "point"),
        ("crossings", "crossings", _class_rules(layers["crossings"], _CROSSINGS, _OTHER, language), None),
    ]
    if "grids" in layers:
        looks.append(("grids", "grids", _outline("grids", Look(_GREY, 0.3), language), "grid"))
    if "communities_today" in layers:
        outline = _outline("communities_today", Look(_PURPLE, 0.35), language)
        looks.append(("communities_today", "communities_today", outline, "community_name"))
    return [
        Style(
            layer=layer,
            name=LAYER_NAMES[view].in_language(language),
            geometry=_GEOMETRIES.get(layer, "fill"),
            rules=rules,
            aliases=list_aliases(layers[layer], language, levels),
            label=label,
            is_default=layer == view,
        )
        for layer, view, rules, label in looks
    ]


def tabulate_styles(styles: list[Style], written: datetime) -> pd.DataFrame:
    """Give the table `layer_styles` in which QGIS keeps the styles of a GeoPackage."""
    return pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": [style.layer for style in styles],
            "f_geometry_column": "geom",
            "styleName": [style.name for style in styles],
            "styleQML": [write_qml(style) for style in styles],
            "styleSLD": [write_sld(style) for style in styles],
            "useAsDefault": [style.is_default for style in styles],
            "description": "",
            "owner": "",
            "ui": None,
            "update_time": pd.Timestamp(written),
        }
    )


def _colour_rules(communities: gpd.GeoDataFrame) -> tuple[Rule, ...]:
    """Give neighbours different fills; the numbers mean nothing else, so the legend has no words for them."""
    return tuple(
        Rule("", Look(_INK, 0.4, PALETTE[colour % len(PALETTE)]), (("colour", "=", colour),))
        for colour in sorted(set(communities["colour"].tolist()))
    )


def _deviation_rules(column: str, language: Language) -> tuple[Rule, ...]:
    """Give the classes of deviation of the map page; each holds its end away from the target."""
    low, high = DEVIATION_STEPS
    ends: list[tuple[Test, ...]] = [
        ((column, "<", -high),),
        ((column, ">=", -high), (column, "<", -low)),
        ((column, ">=", -low), (column, "<", 0.0)),
        ((column, ">=", 0.0), (column, "<=", low)),
        ((column, ">", low), (column, "<=", high)),
        ((column, ">", high),),
    ]
    classes = [
        Rule(label, Look(_INK, 0.3, fill), tests) for (label, fill), tests in zip(DEVIATION_SCALE, ends, strict=True)
    ]
    return (*classes, Rule(Message("no data", "无数据").in_language(language), Look(_INK, 0.3, _NO_DATA)))


def _class_rules(
    lines: gpd.GeoDataFrame, looks: Mapping[str, tuple[str, float]], other: Message, language: Language
) -> tuple[Rule, ...]:
    """Give every known class that is there its look, and one look to all others."""
    present = set(lines["road_class"])
    known = [
        Rule(class_word(name).in_language(language), Look(colour, width_mm), (("road_class", "=", name),))
        for name, (colour, width_mm) in looks.items()
        if name in present
    ]
    return (*known, Rule(other.in_language(language), Look(_GREY, 0.4, is_dashed=True)))


def _point_rules(language: Language) -> tuple[Rule, ...]:
    """Give nodes a filled disc and turns a small ring."""
    node, turn = (Message(en, zh).in_language(language) for en, zh in (("node", "交会点"), ("turn", "转折点")))
    return (
        Rule(node, Look(_INK, 0.3, _INK), (("point_type", "=", "node"),)),
        Rule(turn, Look(_INK, 0.2, "#ffffff"), (("point_type", "=", "turn"),)),
    )


def _outline(view: str, look: Look, language: Language) -> tuple[Rule, ...]:
    return (Rule(LAYER_NAMES[view].in_language(language), look),)


def list_aliases(layer: gpd.GeoDataFrame, language: Language, levels: Titles | None) -> dict[str, str]:
    """Give the heading of every column of a layer, by its name."""
    names = [str(name) for name in layer.columns if name != "geometry"]
    return {name: find_column(name, levels).words.in_language(language) for name in names}
