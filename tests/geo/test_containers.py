"""Containers: the one layer that is read is found in archives, among other layers, and under any suffix."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from redistrict.errors import DataError
from redistrict.geo.containers import choose_layer, find_layer
from redistrict.geo.source import read_source
from redistrict.judge.reading import read_layer
from redistrict.scenario.sources import Source, TableSource

from .drawing import CRS, box

KEY = "data.blocks"


def _find(path: Path, layer: str | None = None) -> Path:
    (path.parent / "out").mkdir(exist_ok=True)
    return find_layer(Source(path=path, layer=layer), path.parent / "out", KEY)


def _pack(folder: Path, *members: str) -> Path:
    with ZipFile(folder / "town.zip", "w") as archive:
        for member in members:
            archive.writestr(member, member)
    return folder / "town.zip"


def test_the_named_layer_of_an_archive_is_taken_out(tmp_path: Path) -> None:
    """With all of its parts and nothing else; of several layers one has to be named, and one that is there."""
    path = _pack(tmp_path, "x/b.shp", "x/b.DBF", "x/c.geojson", "x/readme.txt", "b.prj")
    assert _find(path, "b") == tmp_path / "out/b.shp"
    assert {one.name: one.read_text() for one in (tmp_path / "out").iterdir()} == {
        "b.shp": "x/b.shp",
        "b.dbf": "x/b.DBF",
    }
    assert _find(path, "c").read_text() == "x/c.geojson"
    with pytest.raises(DataError, match=r"town\.zip has several layers; name one of: b, c"):
        _find(path)
    with pytest.raises(DataError, match=r"town\.zip has no layer 'd'"):
        _find(path, "d")


def test_the_only_layer_of_an_archive_needs_no_name(tmp_path: Path) -> None:
    """Under one name in two folders it is two."""
    assert _find(_pack(tmp_path, "x/b.geojson", "readme.txt")) == tmp_path / "out/b.geojson"
    with pytest.raises(DataError, match=r"several layers of one name \(x/b\.geojson, y/b\.geojson\)"):
        _find(_pack(tmp_path, "x/b.geojson", "y/b.geojson"), "b")


@pytest.mark.parametrize(
    ("suffixes", "found"), [((".shp", ".DBF"), "a.shp"), ((".SHP", ".DBF"), "a.SHP"), ((".Shp", ".dbf"), "out/a.shp")]
)
def test_parts_with_other_suffixes_are_copied(tmp_path: Path, suffixes: tuple[str, str], found: str) -> None:
    """Small and capital suffixes are found where they lie; one that mixes them is copied, with all parts.

    How other files beside them are called does not matter.
    """
    for name in (*(f"a{suffix}" for suffix in suffixes), "b.Dbf"):
        (tmp_path / name).write_text(name)
    assert _find(tmp_path / f"a{suffixes[0]}") == tmp_path / found
    copies = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert copies == (["a.dbf", "a.shp"] if found.startswith("out") else [])


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
@pytest.mark.parametrize("suffix", [".shp", ".zip"])
def test_a_coordinate_system_named_in_chinese(tmp_path: Path, encoding: str, suffix: str) -> None:
    """Programs in Chinese write the .prj in GBK or UTF-16; engine and judge read the system, and the files stay."""
    folder = tmp_path / "in"
    folder.mkdir()
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0)], crs="EPSG:4547").to_file(folder / "b.shp")
    text = (folder / "b.prj").read_text(encoding="utf-8").replace('PROJCS["', 'PROJCS["黄石_', 1)
    kept = folder / "b.prj"
    kept.write_bytes(text.encode(encoding))
    if suffix == ".zip":
        shutil.make_archive(str(tmp_path / "b"), "zip", folder)
        folder = tmp_path
    source = Source(path=folder / f"b{suffix}")
    read, again = read_source(source, ["id"], key="data.blocks", notes=[]), read_layer(source, ["id"])
    assert read.crs.name.startswith("黄石_")
    assert again.crs == read.crs
    assert read.geometry[0].equals(again.geometry[0])
    assert kept.read_bytes() == text.encode(encoding)


def test_styles_and_tables_are_no_layers_of_shapes(tmp_path: Path) -> None:
    """Beside them one layer is the only one; where a table is asked for, each table is one."""
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0)], crs=CRS).to_file(path, layer="blocks")
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["x"]}), path, layer="layer_styles", append=True)
    shapes, table = Source(path=path), TableSource(path=path)
    assert choose_layer(path, shapes, KEY) == "blocks"
    assert choose_layer(path, table, KEY) == "blocks"
    pyogrio.write_dataframe(pd.DataFrame({"id": ["a"]}), path, layer="counts", append=True)
    assert choose_layer(path, shapes, KEY) == "blocks"
    with pytest.raises(DataError, match="name one of: blocks, counts"):
        choose_layer(path, table, KEY)
