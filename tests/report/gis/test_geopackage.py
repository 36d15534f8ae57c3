"""What a GeoPackage, and the files beside it, say of themselves: aliases of columns, sources, coordinates, labels."""

import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest

from redistrict.messages import Language
from redistrict.report.gis.about import About, describe, tell_about, write_qmd
from redistrict.report.gis.geopackage import describe_geopackage
from redistrict.report.gis.layers import build_gis
from redistrict.report.gis.vectors import WGS84, WRITTEN, write_geojson, write_geopackage
from redistrict.report.summary import Report
from redistrict.report.title_block import say_crs
from redistrict.scenario.section import Text
from tests.report.drawn_town import make_town

INPUTS = [{"key": "data.blocks", "file": "<地块>&\x01.gpkg", "layer": "b", "sha256": "1f"}]


@cache
def town() -> tuple[Report, dict[str, gpd.GeoDataFrame]]:
    """Give the report and the layers of the drawn town."""
    report, *drawn = make_town()
    return report, build_gis(report, *drawn)


def about(**more: object) -> About:
    """Tell of a town whose data are synthetic, and whose file bears a hostile name."""
    report, label = town()[0], Text(zh="合成数据", en="Synthetic data")
    data = report.scenario.data.model_copy(update={"label": label, **more})
    scenario = report.scenario.model_copy(update={"data": data})
    return tell_about(replace(report, scenario=scenario, provenance={"inputs": INPUTS}))


def write(path: Path, language: Language = "zh") -> Path:
    _, gis = town()
    write_geopackage(path, gis, language=language)
    describe_geopackage(path, gis, about(), language=language, levels={}, written=WRITTEN)
    return path


def ask(path: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as base:
        return base.execute(question).fetchall()


@pytest.fixture(scope="module")
def geopackage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("zh") / "c.gpkg")


def test_every_column_has_an_alias_and_a_description(geopackage: Path) -> None:
    """The alias is the heading in the scenario's language, the description the heading in both, and what values are."""
    rows = ask(geopackage, "SELECT table_name, column_name, name, title, description FROM gpkg_data_columns")
    assert {row[:2] for row in rows} == {
        (n, c) for n, layer in town()[1].items() for c in layer.columns if c != "geometry"
    }
    told = {row[:2]: row[2:] for row in rows}
    assert told["communities", "district"] == ("所属区", "所属区", "所属区 district: 编号或代码")
    assert told["communities", "people_deviation"][2].endswith("带符号的比例：0.1 表示高于目标 10%")


def test_the_file_keeps_to_the_standard(geopackage: Path) -> None:
    """Both extensions are registered, every reference leads to its metadata, the pages are whole, all layers read."""
    registered = dict(
        ask(geopackage, "SELECT table_name, extension_name FROM gpkg_extensions WHERE column_name IS NULL")
    )
    assert registered == {
        "gpkg_data_columns": "gpkg_schema",
        "gpkg_data_column_constraints": "gpkg_schema",
        "gpkg_metadata": "gpkg_metadata",
        "gpkg_metadata_reference": "gpkg_metadata",
    }
    assert ask(geopackage, "PRAGMA foreign_key_check") == []
    assert ask(geopackage, "PRAGMA integrity_check") == [("ok",)]
    assert ask(geopackage, "PRAGMA freelist_count") == [(0,)]
    assert {*town()[1]} < {name for name, _ in pyogrio.list_layers(geopackage)}


def test_every_layer_says_what_it_was_made_from(geopackage: Path) -> None:
    """Title, label of the data, coordinates and sources stand in the description, and in the metadata QGIS reads."""
    (told,) = ask(geopackage, "SELECT identifier, description FROM gpkg_contents WHERE table_name = 'communities'")
    assert told[0] == "社区"
    for words in ("合成数据", "未证明最优", "EPSG:4547", "data.blocks: <地块>&", "SHA-256 1f"):
        assert words in told[1]
    rows = ask(
        geopackage,
        "SELECT table_name, timestamp, metadata FROM gpkg_metadata JOIN gpkg_metadata_reference ON md_file_id = id "
        "WHERE md_standard_uri = 'http://mrcc.com/qgis.dtd' AND reference_scope = 'table'",
    )
    assert [row[0] for row in rows] == [*town()[1]]
    assert {row[1] for row in rows} == {"2000-01-01T00:00:00.000Z"}
    root = ET.fromstring(rows[0][2])
    assert root.findtext("crs/spatialrefsys/authid") == "EPSG:4547"
    assert root.findtext("history") == "data.blocks: <地块>&.gpkg, b (SHA-256 1f)"
    assert "合成数据" in (root.findtext("abstract") or "")


def test_the_language_is_that_of_the_scenario() -> None:
    """English texts have no Chinese but what the data give, and the language is told."""
    text = describe(about(), "boundaries", WGS84, "en")
    assert "Synthetic data" in text
    assert "合成" not in text
    assert ET.fromstring(write_qmd(about(), "boundaries", WGS84, "en")).findtext("language") == "ENG"


def test_date_and_licence_of_the_data_stand_in_every_layer() -> None:
    """As sentences, and the licence where QGIS looks for it; without one the licences of the sources apply."""
    told = about(date=date(2026, 3, 31), licence=Text(zh="内部使用", en="internal use"))
    text = describe(told, "communities", WGS84, "zh")
    assert "数据日期：2026年3月31日。\n数据许可：内部使用。\n" in text
    assert "适用所用源数据的许可条款" not in text
    assert ET.fromstring(write_qmd(told, "communities", WGS84, "zh")).findtext("license") == "内部使用"
    assert "适用所用源数据的许可条款" in describe(about(), "communities", WGS84, "zh")


def test_the_coordinate_system_is_named_as_on_printed_maps() -> None:
    """In Chinese by datum and central meridian, in English by its own name, each with its code."""
    system = town()[1]["communities"].crs
    assert f"坐标系：{say_crs(system).zh}。" in describe(about(), "communities", system, "zh")
    assert f"Coordinate system: {say_crs(system).en}." in describe(about(), "communities", system, "en")
    assert "2000国家大地坐标系" in write_qmd(about(), "communities", system, "zh")


def test_same_layers_same_bytes(geopackage: Path, tmp_path: Path) -> None:
    """No table holds the time it was written at."""
    assert write(tmp_path / "c.gpkg").read_bytes() == geopackage.read_bytes()


def test_geojson_has_a_description(tmp_path: Path) -> None:
    """It is a member of the collection, letter by letter."""
    told = describe(about(), "boundaries", WGS84, "both")
    write_geojson(tmp_path / "b.geojson", town()[1]["boundaries"], description=told)
    assert json.loads((tmp_path / "b.geojson").read_text(encoding="utf-8"))["description"] == told
