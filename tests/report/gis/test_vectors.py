"""Vector files: what a shapefile cannot hold is refused with a word; what is written reads back to the last value."""

import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from redistrict.errors import OutputError
from redistrict.messages import Message
from redistrict.report.gis import vectors
from redistrict.report.gis.layers import build_gis
from redistrict.report.gis.vectors import write_geojson, write_geopackage, write_shapefile
from tests.report.drawn_town import HOSTILE, make_town

CRS = "EPSG:4547"


def communities(*, name: str = "东区第1社区", district: str = "东区") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "community_id": [f"{district}-01"],
            "community_name": [name],
            "district": [district],
            "workers": [10],
            "n_blocks": [1],
            "households": [2500],
            "people": [8000],
            "households_deviation": [-0.012345],
        },
        geometry=[shapely.box(600_000, 3_340_000, 600_100, 3_340_100)],
        crs=CRS,
    )


def town(name: str = "") -> dict[str, gpd.GeoDataFrame]:
    """Give all layers of the drawn town, every name led by `name`."""
    return build_gis(*make_town(rename=lambda text: name + text))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
def test_what_is_written_reads_back(tmp_path: Path, encoding: str) -> None:
    """Names, counts, deviations and the CRS come back as they were, by short field names."""
    write_shapefile(tmp_path / "shapefile", communities(), encoding=encoding)
    row = gpd.read_file(tmp_path / "shapefile" / "communities.shp").iloc[0]
    assert (row["NAME"], row["HH"], row["POP"], row["WORKERS"]) == ("东区第1社区", 2500, 8000, 10)
    assert row["DEV_HH"] == -0.012345
    assert (tmp_path / "shapefile" / "communities.cpg").read_text().lower() == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", ["", "𠮷䶮", "".join(HOSTILE)])
def test_every_file_says_what_the_plan_says(tmp_path: Path, encoding: str, name: str) -> None:
    """GeoPackage and shapefile hold every value of every layer, hostile names letter by letter."""
    layers = town(name)
    write_geopackage(tmp_path / "c.gpkg", layers, language="both")
    write_shapefile(tmp_path / "shapefile", layers["communities"], encoding=encoding)
    for layer, frame in layers.items():
        read = gpd.read_file(tmp_path / "c.gpkg", layer=layer)
        pd.testing.assert_frame_equal(read.drop(columns="geometry"), frame.drop(columns="geometry"), check_dtype=False)
        assert shapely.equals_exact(
            shapely.normalize(shapely.union_all(read.geometry)), shapely.normalize(shapely.union_all(frame.geometry))
        )
    read = gpd.read_file(tmp_path / "shapefile" / "communities.shp")
    assert read["NAME"].tolist() == layers["communities"]["community_name"].tolist()
    assert read["DEV_POP"].tolist() == layers["communities"]["people_deviation"].tolist()
    assert read.crs == layers["communities"].crs


def test_same_layers_same_bytes(tmp_path: Path) -> None:
    """No file holds the time it was written at."""
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        layers = town()
        write_geopackage(folder / "c.gpkg", layers, language="zh")
        write_shapefile(folder / "shapefile", layers["communities"], encoding="gb18030")
        write_geojson(folder / "c.geojson", layers["boundaries"])
    names = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert len(names) == 8
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_each_layer_has_one_default_style(tmp_path: Path) -> None:
    """The table `layer_styles` is one QGIS finds its styles in: registered, one default for each layer."""
    write_geopackage(tmp_path / "c.gpkg", town(), language="zh")
    with sqlite3.connect(tmp_path / "c.gpkg") as base:
        registered = dict(base.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())
        defaults = base.execute(
            "SELECT f_table_name FROM layer_styles WHERE useAsDefault AND f_table_schema = '' "
            "AND f_geometry_column = 'geom' ORDER BY f_table_name"
        ).fetchall()
    base.close()
    assert registered.pop("layer_styles") == "attributes"
    assert [name for (name,) in defaults] == sorted(registered)
    assert set(registered.values()) == {"features"}


def test_geojson_is_in_degrees_and_turns_left(tmp_path: Path) -> None:
    """RFC 7946: longitude and latitude, no CRS member, outer rings counter-clockwise."""
    write_geojson(tmp_path / "c.geojson", communities())
    data = json.loads((tmp_path / "c.geojson").read_text(encoding="utf-8"))
    (ring,) = data["features"][0]["geometry"]["coordinates"]
    assert "crs" not in data
    assert shapely.LinearRing(ring).is_ccw
    assert 114 < ring[0][0] < 116
    assert 30 < ring[0][1] < 31


def test_a_file_that_reads_back_differently_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value or a shape that was lost on the way is told, and not delivered."""
    read = gpd.read_file
    for change in (
        lambda frame: frame.assign(HH=2501),
        lambda frame: frame.set_geometry(frame.translate(0.001)),
        lambda frame: frame.iloc[:0],
    ):
        monkeypatch.setattr(vectors.gpd, "read_file", lambda path, change=change: change(read(path)))
        with pytest.raises(OutputError, match=r"communities\.shp does not read back as it was written"):
            write_shapefile(tmp_path / f"{id(change)}", communities(), encoding="utf-8")


def test_the_dictionary_names_every_field(tmp_path: Path) -> None:
    """fields.csv explains the fields of the shapefile, all of them and no other."""
    write_shapefile(tmp_path / "shapefile", communities(), encoding="utf-8")
    shapes = gpd.read_file(tmp_path / "shapefile" / "communities.shp")
    lines = (tmp_path / "shapefile" / "fields.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["field", *(name for name in shapes if name != "geometry")]


def test_levels_have_fields_of_their_own(tmp_path: Path) -> None:
    """Ten letters at most, never two alike, explained in both languages; their texts are guarded like others."""
    levels = {"street_office_a": Message("office", "街道办"), "street_office_b": Message("station", "工作站")}
    layer = communities().assign(street_office_a="花湖街道", street_office_b="𠮷祥站")
    write_shapefile(tmp_path / "shapefile", layer, encoding="gb18030", levels=levels)
    row = gpd.read_file(tmp_path / "shapefile" / "communities.shp").iloc[0]
    assert (row["L1_STREET_"], row["L2_STREET_"]) == ("花湖街道", "𠮷祥站")
    lines = (tmp_path / "shapefile" / "fields.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[-2:] == ["L1_STREET_,街道办,office", "L2_STREET_,工作站,station"]
    with pytest.raises(OutputError, match="cannot hold '𠮷祥站' in gbk"):
        write_shapefile(tmp_path / "again", layer, encoding="gbk", levels=levels)


def test_a_character_outside_the_encoding_is_refused(tmp_path: Path) -> None:
    """GBK lacks rare characters: the message names the text and the encodings that have them, in both languages."""
    with pytest.raises(OutputError, match=r"cannot hold '𠮷祥里' in gbk; set output\.shapefile_encoding") as refusal:
        write_shapefile(tmp_path / "shapefile", communities(name="𠮷祥里"), encoding="gbk")
    assert "𠮷祥里" in refusal.value.problems[0].zh
    write_shapefile(tmp_path / "again", communities(name="𠮷祥里"), encoding="gb18030")


def test_text_that_is_too_long_is_refused_not_cut(tmp_path: Path) -> None:
    """A shapefile holds 254 bytes: 84 Chinese characters in UTF-8 fit, 85 do not, and 127 fit in GBK."""
    write_shapefile(tmp_path / "fits", communities(name="社" * 84), encoding="utf-8")
    with pytest.raises(OutputError, match=r"takes 255 bytes in utf-8; a shapefile holds 254"):
        write_shapefile(tmp_path / "long", communities(name="社" * 85), encoding="utf-8")
    write_shapefile(tmp_path / "gbk", communities(name="社" * 127), encoding="gbk")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """A district that cannot be written is named as well as the name and the id made from it."""
    with pytest.raises(OutputError, match="cannot hold") as refusal:
        write_shapefile(tmp_path / "shapefile", communities(name="𠮷", district="𠮷区"), encoding="gbk")
    assert len(refusal.value.problems) == 3
