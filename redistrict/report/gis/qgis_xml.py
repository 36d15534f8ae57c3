"""QGIS styles as XML: QML as QGIS saves it, and SLD 1.1 for every other program.

Both are trees built element by element, so no text can become markup.
"""

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_MM_PER_PIXEL = 0.28
_NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
}
_COMPARE = {
    "=": "PropertyIsEqualTo",
    ">": "PropertyIsGreaterThan",
    ">=": "PropertyIsGreaterThanOrEqualTo",
    "<": "PropertyIsLessThan",
    "<=": "PropertyIsLessThanOrEqualTo",
}

_MARKER_MM = 1.6
_CLASSES = {"fill": "SimpleFill", "line": "SimpleLine", "marker": "SimpleMarker"}
_LAYER_TYPES = {"marker": "0", "line": "1", "fill": "2"}

Geometry = Literal["fill", "line", "marker"]
Test = tuple[str, str, str | float]
"""Column, comparison and value, as in ("households_deviation", "<", -0.1)."""


@dataclass(frozen=True)
class Look:
    """How a feature is drawn: colours as #rrggbb, width of the line or outline in millimetres."""

    stroke: str
    width_mm: float
    fill: str | None = None
    is_dashed: bool = False


@dataclass(frozen=True)
class Rule:
    """An entry of the legend: features that pass all tests look alike; none: all that pass no other rule."""

    label: str
    look: Look
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Style:
    """How a layer is drawn.

    Attributes
    ----------
    layer, name : str
        The layer, and what the style is called.
    geometry : {"fill", "line", "marker"}
    rules : tuple of Rule
    aliases : mapping of str to str
        Heading of every column.
    label : str or None
        Column that is written on the features.
    is_default : bool
        The one the layer opens with.
    """

    layer: str
    name: str
    geometry: Geometry
    rules: tuple[Rule, ...]
    aliases: Mapping[str, str]
    label: str | None = None
    is_default: bool = True


def write_qml(style: Style) -> str:
    """Give the style as QGIS 3 saves it."""
    labelled = "1" if style.label else "0"
    root = ET.Element("qgis", version="3.22.0", styleCategories="AllStyleCategories", labelsEnabled=labelled)
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0", enableorderby="0")
    rules = ET.SubElement(renderer, "rules", key=_key(style, "root"))
    symbols = ET.SubElement(renderer, "symbols")
    for number, rule in enumerate(style.rules):
        attributes = {"key": _key(style, number), "symbol": str(number), "label": rule.label}
        if rule.tests or len(style.rules) > 1:
            attributes["filter"] = " AND ".join(_condition(test) for test in rule.tests) or "ELSE"
        ET.SubElement(rules, "rule", attributes)
        symbol = ET.SubElement(symbols, "symbol", name=str(number), type=style.geometry, alpha="1", clip_to_extent="1")
        _add_symbol_layer(symbol, style.geometry, rule.look)
    if style.label:
        _add_labels(root, style)
    aliases = ET.SubElement(root, "aliases")
    for index, (field, alias) in enumerate(style.aliases.items()):
        ET.SubElement(aliases, "alias", field=field, index=str(index), name=alias)
    ET.SubElement(root, "layerGeometryType").text = _LAYER_TYPES[style.geometry]
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}\n"


def write_sld(style: Style) -> str:
    """Give the style as Styled Layer Descriptor 1.1, the profile QGIS and GeoServer read."""
    root = ET.Element("StyledLayerDescriptor", {"version": "1.1.0"} | _NAMESPACES)
    layer = ET.SubElement(root, "NamedLayer")
    ET.SubElement(layer, "se:Name").text = style.layer
    user = ET.SubElement(layer, "UserStyle")
    ET.SubElement(user, "se:Name").text = style.name
    feature = ET.SubElement(user, "se:FeatureTypeStyle")
    # QGIS takes what is left over for everything, so it must be drawn first.
    for rule in sorted(style.rules, key=lambda rule: len(rule.tests) > 0):
        element = ET.SubElement(feature, "se:Rule")
        ET.SubElement(element, "se:Name").text = rule.label
        _add_filter(element, rule, alone=len(style.rules) == 1)
        _add_symbolizer(element, style.geometry, rule.look)
    if style.label:
        _add_text(ET.SubElement(feature, "se:Rule"), style.label)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _key(style: Style, number: object) -> str:
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, f'{style.layer}/{style.name}/{number}')}}}"


def _condition(test: Test) -> str:
    """Write a test as a QGIS expression."""
    column, compare, value = test
    quoted = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
    return f'"{column}" {compare} {quoted}'


def _add_symbol_layer(symbol: ET.Element, geometry: Geometry, look: Look) -> None:
    dash = "dash" if look.is_dashed else "solid"
    if geometry == "fill":
        options = {
            "color": _rgba(look.fill or "#ffffff"),
            "joinstyle": "round",
            "outline_color": _rgba(look.stroke),
            "outline_style": dash,
            "outline_width": f"{look.width_mm:g}",
            "outline_width_unit": "MM",
            "style": "solid" if look.fill else "no",
        }
    elif geometry == "marker":
        options = {
            "name": "circle",
            "color": _rgba(look.fill or "#ffffff"),
            "outline_color": _rgba(look.stroke),
            "outline_style": dash,
            "outline_width": f"{look.width_mm:g}",
            "outline_width_unit": "MM",
            "size": f"{_MARKER_MM:g}",
            "size_unit": "MM",
        }
    else:
        options = {
            "capstyle": "round",
            "joinstyle": "round",
            "line_color": _rgba(look.stroke),
            "line_style": dash,
            "line_width": f"{look.width_mm:g}",
            "line_width_unit": "MM",
        }
    layer = ET.SubElement(symbol, "layer", {"class": _CLASSES[geometry], "enabled": "1", "pass": "0"})
    table = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(table, "Option", name=name, value=value, type="QString")
    for name, value in options.items():  # QGIS before 3.20 reads these
        ET.SubElement(layer, "prop", k=name, v=value)


def _add_labels(root: ET.Element, style: Style) -> None:
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    text = ET.SubElement(
        settings, "text-style", fieldName=style.label or "", isExpression="0", fontSize="8", fontSizeUnit="Point",
        textColor="30,30,36,255", textOpacity="1", namedStyle="", allowHtml="0",
    )  # fmt: skip
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255",
        bufferOpacity="0.8", bufferNoFill="1",
    )  # fmt: skip
    ET.SubElement(settings, "text-format", multilineAlign="1")
    ET.SubElement(settings, "placement", placement="1", quadOffset="4", centroidInside="1")
    ET.SubElement(settings, "rendering", drawLabels="1", obstacle="0", limitNumLabels="0")


def _add_filter(element: ET.Element, rule: Rule, *, alone: bool) -> None:
    if not rule.tests:
        if not alone:
            ET.SubElement(element, "se:ElseFilter")
        return
    parent = ET.SubElement(element, "ogc:Filter")
    if len(rule.tests) > 1:
        parent = ET.SubElement(parent, "ogc:And")
    for column, compare, value in rule.tests:
        test = ET.SubElement(parent, f"ogc:{_COMPARE[compare]}")
        ET.SubElement(test, "ogc:PropertyName").text = column
        ET.SubElement(test, "ogc:Literal").text = str(value)


def _add_symbolizer(element: ET.Element, geometry: Geometry, look: Look) -> None:
    if geometry == "marker":
        graphic = ET.SubElement(ET.SubElement(element, "se:PointSymbolizer"), "se:Graphic")
        inside = ET.SubElement(graphic, "se:Mark")
        ET.SubElement(inside, "se:WellKnownName").text = "circle"
    else:
        inside = ET.SubElement(element, f"se:{'Polygon' if geometry == 'fill' else 'Line'}Symbolizer")
    if look.fill:
        _parameters(ET.SubElement(inside, "se:Fill"), {"fill": look.fill})
    values = {"stroke": look.stroke, "stroke-width": f"{look.width_mm / _MM_PER_PIXEL:.2g}", "stroke-linejoin": "round"}
    dash = {"stroke-dasharray": "5 3"} if look.is_dashed else {}
    _parameters(ET.SubElement(inside, "se:Stroke"), values | dash)
    if geometry == "marker":
        ET.SubElement(graphic, "se:Size").text = f"{_MARKER_MM / _MM_PER_PIXEL:.2g}"


def _add_text(element: ET.Element, column: str) -> None:
    symbolizer = ET.SubElement(element, "se:TextSymbolizer")
    ET.SubElement(ET.SubElement(symbolizer, "se:Label"), "ogc:PropertyName").text = column
    _parameters(ET.SubElement(symbolizer, "se:Font"), {"font-size": "11"})
    halo = ET.SubElement(symbolizer, "se:Halo")
    ET.SubElement(halo, "se:Radius").text = "2"
    _parameters(ET.SubElement(halo, "se:Fill"), {"fill": "#ffffff"})
    _parameters(ET.SubElement(symbolizer, "se:Fill"), {"fill": "#1e1e24"})


def _parameters(element: ET.Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(element, "se:SvgParameter", name=name).text = value


def _rgba(colour: str) -> str:
    """Write #rrggbb as QGIS does: red, green, blue, opaque."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
