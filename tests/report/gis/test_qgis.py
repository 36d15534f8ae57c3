"""Styles: the structure QGIS writes, whatever the data call a class, and every feature under exactly one rule."""

import re
import xml.etree.ElementTree as ET

import geopandas as gpd
import pytest

from redistrict.messages import Message
from redistrict.report.gis.layers import build_gis
from redistrict.report.gis.qgis import list_styles
from redistrict.report.gis.qgis_xml import Look, Rule, Style, write_qml, write_sld
from tests.report.drawn_town import make_town

SE, OGC = "{http://www.opengis.net/se}", "{http://www.opengis.net/ogc}"
HOSTILE = "</script>' \"<img src=x onerror=alert(1)> {{7*7}} & ="


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    return build_gis(*make_town())


@pytest.fixture(scope="module")
def styles(layers: dict[str, gpd.GeoDataFrame]) -> list[Style]:
    return list_styles(layers, "both")


def test_every_layer_has_a_default_and_communities_can_be_coloured_by_deviation(
    layers: dict[str, gpd.GeoDataFrame], styles: list[Style]
) -> None:
    """One default style for each layer, and two more of communities."""
    assert [style.layer for style in styles if style.is_default] == [*layers]
    assert [style.name for style in styles if not style.is_default] == ["户数偏差 households", "人口偏差 people"]


def test_a_level_is_headed_by_its_title(layers: dict[str, gpd.GeoDataFrame]) -> None:
    """In the language of the styles, as every other column."""
    named = layers | {"communities": layers["communities"].assign(street="花湖街道")}
    (style,) = (one for one in list_styles(named, "zh", {"street": Message("street", "街道")}) if one.name == "社区")
    assert style.aliases["street"] == "街道"


def test_qml_has_the_structure_qgis_writes(styles: list[Style]) -> None:
    """Every rule names a symbol that is there, every symbol has one layer with the options its class needs."""
    options = {
        "SimpleFill": {"color", "outline_color", "outline_style", "outline_width", "style"},
        "SimpleLine": {"line_color", "line_style", "line_width"},
        "SimpleMarker": {"name", "color", "outline_color", "outline_width", "size"},
    }
    for style in styles:
        text = write_qml(style)
        assert text.startswith("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>")
        root = ET.fromstring(text)
        assert root.tag == "qgis"
        renderer = root.find("renderer-v2")
        assert renderer is not None
        assert renderer.get("type") == "RuleRenderer"
        symbols = {symbol.get("name"): symbol for symbol in renderer.findall("symbols/symbol")}
        rules = renderer.findall("rules/rule")
        assert [rule.get("symbol") for rule in rules] == [*symbols]
        assert len({rule.get("key") for rule in rules}) == len(rules)
        for symbol in symbols.values():
            assert symbol.get("type") == style.geometry
            (layer,) = symbol.findall("layer")
            named = {option.get("name"): option.get("value") for option in layer.findall("Option[@type='Map']/Option")}
            assert options[layer.get("class", "")] <= named.keys()
            assert {prop.get("k"): prop.get("v") for prop in layer.findall("prop")} == named
            for name, value in named.items():
                assert not name.endswith("color") or re.fullmatch(r"\d+,\d+,\d+,255", value or "")
        field = root.find("labeling/settings/text-style")
        assert (root.get("labelsEnabled") == "1") == (field is not None) == (style.label is not None)
        assert {alias.get("field") for alias in root.findall("aliases/alias")} == {*style.aliases}


def test_sld_is_version_1_1_and_says_the_same(styles: list[Style]) -> None:
    """As many rules as the QML, each with a symbolizer, what is left over first; and a rule for the names."""
    for style in styles:
        root = ET.fromstring(write_sld(style).encode())
        assert root.get("version") == "1.1.0"
        rules = root.findall(f".//{SE}Rule")
        symbolizer = SE + {"fill": "Polygon", "line": "Line", "marker": "Point"}[style.geometry] + "Symbolizer"
        drawn = [rule for rule in rules if rule.find(symbolizer) is not None]
        assert len(drawn) == len(style.rules)
        assert len(rules) - len(drawn) == (style.label is not None)
        assert sum(rule.find(f"{OGC}Filter") is not None for rule in drawn) == sum(bool(r.tests) for r in style.rules)
        assert all(rule.find(f"{SE}ElseFilter") is None for rule in drawn[1:])


def test_every_community_falls_under_one_class_of_deviation(layers: dict[str, gpd.GeoDataFrame]) -> None:
    """The classes leave no gap and do not overlap; ten per cent off still counts as inside."""
    edges = [-0.5, -0.1, -0.0999, -0.05, -0.0499, 0.0, 0.05, 0.0501, 0.1, 0.1001, 0.5]
    style = next(style for style in list_styles(layers, "en") if style.name == "households")
    compare = {"<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__}
    found = [
        [rule.label for rule in style.rules if rule.tests and all(compare[op](edge, v) for _, op, v in rule.tests)]
        for edge in edges
    ]
    assert all(len(labels) == 1 for labels in found)
    assert [labels[0] for labels in found] == [
        "< −10%", "−10 … −5%", "−10 … −5%", "−5 … 0%", "−5 … 0%", "0 … 5%", "0 … 5%", "5 … 10%", "5 … 10%", "> 10%",
        "> 10%",
    ]  # fmt: skip


def test_hostile_texts_are_texts() -> None:
    """A label, an alias or a value of a test with markup or quotes comes back letter by letter."""
    rule = Rule(HOSTILE, Look("#000000", 0.5), (("road_class", "=", HOSTILE),))
    style = Style("crossings", HOSTILE, "line", (rule,), {"road_class": HOSTILE}, label="road_class")
    qml, sld = ET.fromstring(write_qml(style)), ET.fromstring(write_sld(style).encode())
    (found,) = qml.iter("rule")
    assert found.get("label") == HOSTILE
    assert found.get("filter") == '"road_class" = \'' + HOSTILE.replace("'", "''") + "'"
    assert [element.text for element in sld.iter(f"{OGC}Literal")] == [HOSTILE]
    assert next(iter(qml.iter("alias"))).get("name") == HOSTILE
