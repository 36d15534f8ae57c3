"""Vector files: what a shapefile cannot hold is refused with a word, and what is written reads back."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from redistrict.errors import OutputError
from redistrict.report.layers import Layers
from redistrict.report.vectors import write_geopackage, write_shapefile

CRS = "EPSG:4547"


def _layers(*, name: str = "东区第1社区", district: str = "东区") -> Layers:
    shape = [shapely.box(600_000, 3_340_000, 600_100, 3_340_100)]
    common = {"community_id": [f"{district}-01"], "community_name": [name], "district": [district]}
    counts = {"households": [2500], "people": [8000]}
    return Layers(
        communities=gpd.GeoDataFrame(
            common | {"workers": [10], "n_blocks": [1]} | counts | {"households_deviation": [-0.012345]},
            geometry=shape,
            crs=CRS,
        ),
        blocks=gpd.GeoDataFrame({"block_id": ["001"]} | common | counts, geometry=shape, crs=CRS),
        roads=gpd.GeoDataFrame({"road_class": [], "name": []}, geometry=[], crs=CRS),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
def test_what_is_written_reads_back(tmp_path: Path, encoding: str) -> None:
    """Names, counts, deviations and the CRS come back as they were, by short field names."""
    write_shapefile(tmp_path / "shapefile", _layers(), encoding=encoding)
    row = gpd.read_file(tmp_path / "shapefile" / "communities.shp").iloc[0]
    assert (row["NAME"], row["HH"], row["POP"], row["WORKERS"]) == ("东区第1社区", 2500, 8000, 10)
    assert row["DEV_HH"] == pytest.approx(-0.012345)


def test_the_dictionary_names_every_field(tmp_path: Path) -> None:
    """fields.csv explains the fields of the shapefile, all of them and no other."""
    write_shapefile(tmp_path / "shapefile", _layers(), encoding="utf-8")
    shapes = gpd.read_file(tmp_path / "shapefile" / "communities.shp")
    lines = (tmp_path / "shapefile" / "fields.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["field", *(name for name in shapes if name != "geometry")]


def test_a_character_outside_the_encoding_is_refused(tmp_path: Path) -> None:
    """GBK lacks rare characters: the message names the text and the encodings that have them, in both languages."""
    with pytest.raises(OutputError, match=r"cannot hold '𠮷祥里' in gbk; set output\.shapefile_encoding") as refusal:
        write_shapefile(tmp_path / "shapefile", _layers(name="𠮷祥里"), encoding="gbk")
    assert "𠮷祥里" in refusal.value.problems[0].zh
    write_shapefile(tmp_path / "again", _layers(name="𠮷祥里"), encoding="gb18030")


def test_text_that_is_too_long_is_refused_not_cut(tmp_path: Path) -> None:
    """A shapefile holds 254 bytes: 84 Chinese characters in UTF-8 fit, 85 do not, and 127 fit in GBK."""
    write_shapefile(tmp_path / "fits", _layers(name="社" * 84), encoding="utf-8")
    with pytest.raises(OutputError, match=r"takes 255 bytes in utf-8; a shapefile holds 254"):
        write_shapefile(tmp_path / "long", _layers(name="社" * 85), encoding="utf-8")
    write_shapefile(tmp_path / "gbk", _layers(name="社" * 127), encoding="gbk")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """A district that cannot be written is named as well as the name and the id made from it."""
    with pytest.raises(OutputError, match="cannot hold") as refusal:
        write_shapefile(tmp_path / "shapefile", _layers(name="𠮷", district="𠮷区"), encoding="gbk")
    assert len(refusal.value.problems) == 3


def test_the_geopackage_holds_both_layers(tmp_path: Path) -> None:
    """Communities and blocks stand in one GeoPackage, keys with their leading zeros."""
    write_geopackage(tmp_path / "c.gpkg", _layers())
    assert gpd.read_file(tmp_path / "c.gpkg", layer="communities")["people"].tolist() == [8000]
    assert gpd.read_file(tmp_path / "c.gpkg", layer="blocks")["block_id"].tolist() == ["001"]
