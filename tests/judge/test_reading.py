"""Reading: shifted coordinates and text of unsaid encoding, by the judge's own means."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.judge.ground import read_ground
from redistrict.judge.reading import as_counts, read_layer, read_table
from redistrict.judge.text import find_encoding, find_named, readable_share
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import SiteColumns, SiteSource, Source

from .towns import CRS, make_town, square

SHIFTED = {
    (121.5272106, 31.1774276): (121.531541859215, 31.17530398364597),
    (113.912316, 22.543847): (113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954): (116.38404722455657, 39.91334545536069),
}
"""WGS 84 and GCJ-02 in Shanghai, Shenzhen, Beijing: test values of github.com/googollee/eviltransform."""


@pytest.mark.parametrize("name", ["gone.csv", "long" * 70 + ".csv"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    """Nor can one be there whose name no disk can hold."""
    with pytest.raises(DataError, match=f"The judge cannot read {name}"):
        read_table(Source(path=tmp_path / name), ["id"])


@pytest.mark.parametrize(("n_columns", "last"), [(20, r"c18, c19\."), (21, r"c18, c19 and 1 more\.")])
def test_of_many_columns_twenty_are_named(tmp_path: Path, n_columns: int, last: str) -> None:
    """A column that is not there is told with those that are."""
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(n_columns)) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"no column 'gone'; it has c0, .*{last}"):
        read_table(Source(path=path), ["gone"])


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Nobody knows which of both is meant; twice what nobody asks for is no harm."""
    path = tmp_path / "twice.csv"
    path.write_text("id,hh,hh\n1,5,6\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"The judge cannot read twice\.csv.*column 'hh' is there 2 times"):
        read_table(Source(path=path), ["id", "hh"])
    assert read_table(Source(path=path), ["id"])["id"].tolist() == ["1"]


def test_gcj02_is_undone_as_published(tmp_path: Path) -> None:
    """Points of three cities come back to where the published test values have them, to a millimetre."""
    gpd.GeoDataFrame(geometry=shapely.points(list(SHIFTED.values())), crs=4326).to_file(tmp_path / "shifted.gpkg")
    layer = read_layer(Source(path=tmp_path / "shifted.gpkg", crs="gcj02"), ())
    assert np.abs(shapely.get_coordinates(layer.geometry) - list(SHIFTED)).max() < 1e-8


def test_a_shapefile_has_its_own_declared_encoding(tmp_path: Path) -> None:
    """Text that reads as well in GBK as in Big5 is in what the .cpg of this very layer says, whatever lies beside."""
    layer = gpd.GeoDataFrame({"name": ["中文"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4547)
    for name in ("m", "a", "z"):
        layer.to_file(tmp_path / f"{name}.shp", encoding="big5" if name == "m" else "gbk")
        (tmp_path / f"{name}.cpg").write_text("BIG5" if name == "m" else "GBK", encoding="ascii")
    for path in (tmp_path / "m.shp", Path(shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path))):
        source = Source(path=path, layer="m" if path.suffix == ".zip" else None)
        assert read_layer(source, ("name",))["name"].tolist() == ["中文"]


@pytest.mark.parametrize(
    ("text", "encoding", "share"),
    [
        ("éaéa", "cp1252", 1.0),
        ("éé a", "cp1252", 0.0),
        ("xxéé", "cp1252", 0.0),
        ("aé°a", "cp1252", 0.0),
        ("，", "cp950", 1.0),
        ("中龘", "gb18030", 0.5),
        ("中あ", "cp950", 1.0),
        ("黃石", "cp950", 1.0),
        ("é\x85é", "utf-8", 2 / 3),
        ("abc", "utf-8", 0.0),
    ],
)
def test_letters_make_sense_by_themselves_and_signs_where_they_are_common(
    text: str, encoding: str, share: float
) -> None:
    """Western letters stand alone, Chinese characters are common ones, nothing else is a control character."""
    assert readable_share([text.encode(encoding)], encoding) == pytest.approx(share)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("8859-15", "iso8859-15"),
        ("ISO_8859", "iso8859-1"),
        ("ANSI 936", "gb18030"),
        ("EUC-CN", "gb18030"),
        ("Big5", "cp950"),
        ("65001", "utf-8"),
        ("OEM 866", "cp866"),
        ("-", None),
    ],
)
def test_an_encoding_goes_by_many_names(name: str, codec: str | None) -> None:
    """What .cpg files write is found; what is no name of an encoding is none."""
    assert find_named(name) == codec


@pytest.mark.parametrize(
    ("text", "declared", "found"),
    [
        ("中文".encode("big5"), "cp950", "cp950"),
        ("中文".encode("big5"), None, "gb18030"),
        ("黄石港".encode("gbk"), "cp1252", "gb18030"),
        ("黄石港".encode(), "gb18030", "utf-8"),
        ("黄石港".encode("gbk")[:-1], "utf-8", "gb18030"),
    ],
)
def test_the_declared_encoding_holds_unless_another_reads_clearly_better(
    text: bytes, declared: str | None, found: str
) -> None:
    """What is declared decides where several read alike; UTF-8 that is whole is UTF-8."""
    assert find_encoding([text], declared) == found
    assert find_encoding([], declared) == (declared or "utf-8")


@pytest.mark.parametrize(
    ("text", "columns", "xy", "crs"),
    [
        ("id,m2,LON,lat\n1,300,114.5,30.25\n", {}, (114.5, 30.25), None),
        ("id,m2,e,n\n1,300,500000,3000000\n", {"x": "e", "y": "n"}, (500_000, 3_000_000), CRS),
        ("id,m2,e,n,lon,lat\n1,300,180,20,114,30\n", {"x": "e", "y": "n"}, (180, 20), None),
    ],
)
def test_a_table_of_sites_says_where_they_are(
    tmp_path: Path, text: str, columns: dict[str, str], xy: tuple[float, float], crs: str | None
) -> None:
    """In the columns named, else in those of longitude and latitude; numbers up to 180 are degrees."""
    path = tmp_path / "sites.csv"
    path.write_text(text, encoding="utf-8")
    source = SiteSource(path=path, crs=crs, columns=SiteColumns(id="id", area_m2="m2", **columns))
    layer = read_layer(source, ("id", "m2"))
    assert shapely.get_coordinates(layer.geometry.to_numpy()).tolist() == [[*xy]]
    assert layer.crs.to_epsg() == (4326 if crs is None else 4547)


def test_a_table_with_one_half_of_a_place_has_no_geometry(tmp_path: Path) -> None:
    """A longitude alone is nowhere."""
    path = tmp_path / "sites.csv"
    path.write_text("id,m2,lon\n1,300,114.5\n", encoding="utf-8")
    with pytest.raises(DataError, match="has no geometry"):
        read_layer(SiteSource(path=path, columns=SiteColumns(id="id", area_m2="m2")), ("id", "m2"))


def counts_joined(folder: Path, text: str, **asked: object) -> list[int]:
    """Give the households of three blocks, whose second keys are x, y and y, from a table."""
    blocks = gpd.GeoDataFrame(
        {"id": ["1", "2", "3"], "other": ["x", "y", "y"]}, geometry=[square(100 * n, 0) for n in range(3)], crs=CRS
    )
    blocks.to_file(folder / "blocks.gpkg")
    (folder / "t.csv").write_text(text, encoding="utf-8")
    table = {"path": folder / "t.csv", "columns": {"id": "id", "households": "hh"}, **asked}
    source = {"path": folder / "blocks.gpkg", "columns": {"id": "id"}, "counts": table}
    communities = {"target": {"households": 10}, "tolerance": {"households": 0.5}}
    scenario = Scenario.model_validate({"name": "x", "data": {"blocks": source}, "communities": communities})
    return read_ground(scenario).counts["households"].tolist()


def test_counts_are_joined_by_key(tmp_path: Path) -> None:
    """In the order of the blocks, whatever that of the table."""
    assert counts_joined(tmp_path, "id,hh\n3,30\n1,10\n2,20\n9,90\n") == [10, 20, 30]


@pytest.mark.parametrize("count", ["-1", "1.5", "-1.5", "inf", "many"])
def test_counts_are_whole_numbers_from_nothing_up(tmp_path: Path, count: str) -> None:
    """What is less, part of one, endless or no number is named by the key of its block; nothing is a number."""
    with pytest.raises(DataError, match=r"must hold whole numbers from 0 up; it does not in blocks 2\."):
        counts_joined(tmp_path, f"id,hh\n3,0\n1,10\n2,{count}\n")


def test_yes_and_no_are_no_counts() -> None:
    """What a file keeps as true or false does not say how many there are."""
    with pytest.raises(DataError, match=r"must hold whole numbers from 0 up; it does not in blocks 2, 3\."):
        as_counts(pd.Series([1, True, False], name="hh", dtype=object), np.array(["1", "2", "3"], dtype=object))


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        ("id,hh\n1,10\n2,20\n2,21\n3,30\n", {}, "t.csv: keys of counts that are missing or repeated: 2."),
        ("id,hh\n1,10\n,20\n3,30\n", {}, "t.csv: keys of counts that are missing or repeated: -."),
        ("id,hh\nx,10\ny,20\n", {"block_column": "other"}, "blocks.gpkg: keys of counts that .* repeated: y."),
    ],
)
def test_keys_of_counts_that_are_missing_or_repeated_are_refused(
    tmp_path: Path, text: str, asked: dict[str, str], said: str
) -> None:
    """In the table, and in the column of the blocks that it goes by."""
    with pytest.raises(DataError, match=said):
        counts_joined(tmp_path, text, **asked)


def test_a_road_drawn_as_an_area_runs_along_its_outlines(tmp_path: Path) -> None:
    """A ring road of 30 m never to be crossed is its outer and its inner edge, and nothing from one to the other."""
    ring = square(0, 0, 300, 300) - square(30, 30, 240, 240)
    town = make_town(tmp_path, {"1": square(50, 50)}, roads=[("primary", ring)], never=["primary"])
    never = read_ground(town.scenario).never
    assert shapely.length(never).tolist() == pytest.approx([300] * 4 + [240] * 4)
