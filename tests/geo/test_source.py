"""Reading layers: encodings, missing things, and coordinate systems."""

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod

from redistrict.errors import DataError
from redistrict.geo.gcj02 import from_gcj02, to_gcj02
from redistrict.geo.metric import choose_metric_crs, to_metric
from redistrict.geo.source import read_source
from redistrict.scenario.sources import Source

HUANGSHI = (115.03, 30.20)
KEY = "data.blocks"


def _write(frame: gpd.GeoDataFrame, path: Path, **options: str) -> Path:
    frame.to_file(path, **options)
    return path


def _read(path: Path, columns: Sequence[str] = (), **options: str) -> gpd.GeoDataFrame:
    return read_source(Source(path=path, **options), columns, key=KEY, notes=[])


def _squares(crs: str | None, x: float, y: float, side: float) -> gpd.GeoDataFrame:
    shapes = [shapely.box(x, y, x + side, y + side), shapely.box(x + side, y, x + 2 * side, y + side)]
    return gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=shapes, crs=crs)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize("cpg", ["kept", "lost", "junk"])
def test_chinese_shapefiles_are_read_with_and_without_cpg(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path, encoding: str, cpg: str
) -> None:
    """Column names and values come out right in any encoding, with a .cpg file, without one, and with a useless one."""
    frame = four_blocks[["编号", "户数", "geometry"]].assign(小区名=["花湖一区", "团城山", "桂林里", "纺机"])
    path = _write(frame, tmp_path / "小区.shp", encoding=encoding)
    if cpg == "lost":
        path.with_suffix(".cpg").unlink()
    if cpg == "junk":
        path.with_suffix(".cpg").write_text("ANSI 936")
    read = _read(path, ["编号", "户数", "小区名"])
    assert read["小区名"].tolist() == ["花湖一区", "团城山", "桂林里", "纺机"]
    assert read["编号"].tolist() == ["01", "02", "03", "04"]
    assert read["户数"].tolist() == [300, 0, 120, 80]


def test_the_encoding_of_the_scenario_wins(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """An encoding written in the scenario is used, whatever the .cpg says; one that text does not fit is refused."""
    names = ["花湖一区", "团城山", "桂林里", "纺机"]
    path = _write(four_blocks[["编号", "geometry"]].assign(名=names), tmp_path / "a.shp", encoding="gbk")
    path.with_suffix(".cpg").write_text("BIG5")
    assert _read(path, ["名"], encoding="gbk")["名"].tolist() == names
    with pytest.raises(DataError, match=r"text is not utf-8 \(row 1: '花湖一区'\); it looks like gb18030: write enc"):
        _read(path, ["名"], encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.blocks\.encoding: 'utf8x' is no encoding known here"):
        _read(path, ["名"], encoding="utf8x")


def test_the_encoding_of_the_file_decides_where_text_can_be_either(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """Text in Big5 that would read well in GB18030 is Big5 where the .cpg file says so."""
    stored = "中文".encode("big5").decode("latin-1")
    path = _write(four_blocks[["geometry"]].assign(name=stored), tmp_path / "a.shp", encoding="ISO-8859-1")
    for declared, text in (("BIG5", "中文"), ("GBK", "中文".encode("big5").decode("gbk"))):
        path.with_suffix(".cpg").write_text(declared, encoding="ascii")
        assert _read(path, ["name"])["name"].tolist() == [text] * 4


def test_where_keeps_only_matching_features(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """The attribute filter works on Chinese columns and values; one that is no SQL is refused."""
    path = _write(four_blocks, tmp_path / "a.gpkg")
    assert _read(path, ["编号"], where="行政区 = '西塞山区'")["编号"].tolist() == ["03", "04"]
    with pytest.raises(DataError, match="cannot be read"):
        _read(path, ["编号"], where="行政区 ==== 3")


def test_where_works_on_gbk_shapefiles(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """The filter finds Chinese values in a GBK shapefile that lost its .cpg file, the column in double quotes."""
    path = _write(four_blocks[["编号", "行政区", "geometry"]], tmp_path / "a.shp", encoding="gbk")
    path.with_suffix(".cpg").unlink()
    assert _read(path, ["编号"], where="\"行政区\" = '西塞山区'")["编号"].tolist() == ["03", "04"]
    with pytest.raises(DataError, match="stand in double quotes"):
        _read(path, ["编号"], where="行政区 = '西塞山区'")


@pytest.mark.parametrize("with_entry", [True, False])
def test_a_shapefile_in_a_folder_of_an_archive(four_blocks: gpd.GeoDataFrame, tmp_path: Path, with_entry: bool) -> None:
    """Archives of a whole folder are read, with its own entry or without, and with what macOS adds beside it."""
    (tmp_path / "drawn").mkdir()
    _write(four_blocks, tmp_path / "drawn" / "街坊.shp", encoding="utf-8")
    with ZipFile(tmp_path / "town.zip", "w") as archive:
        if with_entry:
            archive.write(tmp_path / "drawn", "街坊/")
        for file in sorted((tmp_path / "drawn").iterdir()):
            archive.write(file, f"街坊/{file.name}")
            archive.writestr(f"__MACOSX/街坊/._{file.name}", b"")
    assert _read(tmp_path / "town.zip", ["编号"])["编号"].tolist() == four_blocks["编号"].tolist()


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is refused with its name and its key in the scenario."""
    with pytest.raises(DataError, match=r"data\.blocks\.path: there is no file .*none\.shp"):
        _read(tmp_path / "none.shp")


def test_a_file_that_is_no_map(tmp_path: Path) -> None:
    """A file of no known kind, and one that only begins like a map, are refused, not a crash."""
    path = tmp_path / "a.gpkg"
    path.write_text("no map")
    with pytest.raises(DataError, match=r"a\.gpkg is of no kind that is read \(shapefile, GeoPackage"):
        _read(path)
    path.write_bytes(b"SQLite format 3\x00 and no more")
    with pytest.raises(DataError, match=r"a\.gpkg cannot be read: .* the file is damaged"):
        _read(path)
    shapes = tmp_path / "a.shp"
    shapes.write_bytes(b"\x00\x00\x27\x0a and no more")
    with pytest.raises(DataError, match=r"a\.shp: its part a\.shx is missing"):
        _read(shapes)


def test_several_layers_need_a_name(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """With several layers and none named, the error lists them; a misspelt one gets a suggestion."""
    path = _write(four_blocks, tmp_path / "a.gpkg", layer="blocks")
    _write(four_blocks, path, layer="roads")
    with pytest.raises(DataError, match="several layers; name one of: blocks, roads"):
        _read(path)
    with pytest.raises(DataError, match=r"no layer 'block' \(did you mean 'blocks'\?\); it has: blocks, roads"):
        _read(path, layer="block")
    assert len(_read(path, layer="roads")) == 4


def test_missing_columns_are_named_together(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Every missing column is named in one error, with a suggestion and the columns there are."""
    path = _write(four_blocks, tmp_path / "a.gpkg")
    with pytest.raises(
        DataError, match=r"no column '户口数' \(did you mean '户数'\?\); its columns are: 编号"
    ) as refused:
        _read(path, ["户口数", "编号", "x"])
    assert len(refused.value.problems) == 2


def test_a_table_without_shapes(tmp_path: Path) -> None:
    """A table without geometry is refused."""
    (tmp_path / "a.csv").write_text("id,households\na,1\n")
    with pytest.raises(DataError, match="has no geometry"):
        _read(tmp_path / "a.csv", ["id"])


def test_missing_crs_is_refused_unless_given(tmp_path: Path) -> None:
    """A shapefile without .prj is refused; with `crs:` in the scenario it is read in that system."""
    path = _write(_squares("EPSG:4547", 600_000, 3_340_000, 100), tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(DataError, match=r"does not say its coordinate system \(a shapefile needs its \.prj\)"):
        _read(path)
    assert _read(path, crs="EPSG:4547").crs == "EPSG:4547"
    with pytest.raises(DataError, match="'EPSG:4547X' is not a known coordinate system"):
        _read(path, crs="EPSG:4547X")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "gcj02"])
def test_metres_said_to_be_degrees_are_refused(tmp_path: Path, crs: str) -> None:
    """Coordinates that cannot be degrees are refused, with the values found."""
    path = _write(_squares("EPSG:4547", 600_000, 3_340_000, 100), tmp_path / "a.gpkg")
    with pytest.raises(DataError, match=r"said to be in degrees .* but holds 600,000, 3,340,000"):
        _read(path, crs=crs)


def test_gcj02_at_huangshi() -> None:
    """At Huangshi GCJ-02 lies about 516 m east and 272 m south of the true position."""
    azimuth, _, shift_m = Geod(ellps="WGS84").inv(*HUANGSHI, *to_gcj02(np.array([HUANGSHI]))[0])
    assert shift_m * np.sin(np.radians(azimuth)) == pytest.approx(516, abs=2)
    assert shift_m * np.cos(np.radians(azimuth)) == pytest.approx(-272, abs=2)


@settings(max_examples=200)
@given(lon=st.floats(74, 135), lat=st.floats(18, 53))
def test_gcj02_round_trip(lon: float, lat: float) -> None:
    """There and back again moves no point of China by more than 1e-9 degrees."""
    true = np.array([[lon, lat]])
    assert np.abs(from_gcj02(to_gcj02(true)) - true).max() < 1e-9


def test_gcj02_layers_are_moved_back(tmp_path: Path) -> None:
    """With `crs: gcj02` a layer is read in WGS 84, at its true place, whatever its file says."""
    true = _squares("EPSG:4326", *HUANGSHI, 0.001)
    shifted = true.set_geometry(shapely.transform(true.geometry.to_numpy(), to_gcj02)).set_crs(
        4490, allow_override=True
    )
    read = _read(_write(shifted, tmp_path / "a.gpkg"), crs="gcj02")
    assert read.crs == "EPSG:4326"
    assert shapely.hausdorff_distance(read.geometry.to_numpy(), true.geometry.to_numpy()).max() < 1e-9


@pytest.mark.parametrize(
    ("crs", "x", "y", "side", "chosen", "named"),
    [
        ("EPSG:4490", *HUANGSHI, 0.001, 4547, "CGCS2000 / 3-degree Gauss-Kruger CM 114E"),
        ("EPSG:4490", 117.1, 30.2, 0.001, 4548, "CGCS2000 / 3-degree Gauss-Kruger CM 117E"),
        ("EPSG:4326", *HUANGSHI, 0.001, 32650, "WGS 84 / UTM zone 50N"),
        ("EPSG:3857", 12_806_000, 3_530_000, 100, 32650, "WGS 84 / UTM zone 50N"),
        ("EPSG:3395", 12_806_000, 3_510_000, 100, 32650, "WGS 84 / UTM zone 50N"),
        ("ESRI:102100", 12_806_000, 3_530_000, 100, 32650, "WGS 84 / UTM zone 50N"),
        ("EPSG:32633", 10_000_000, 9_000_000, 100, None, "WGS 84 / UTM zone"),
        ("EPSG:2249", 760_000, 2_960_000, 300, 32619, "UTM zone 19N"),
    ],
    ids=[
        "degrees CGCS2000",
        "next zone",
        "degrees WGS 84",
        "web map",
        "world map",
        "web map of ArcGIS",
        "far zone",
        "feet",
    ],
)
def test_what_is_not_in_metres_is_measured_in_a_local_system(
    crs: str, x: float, y: float, side: float, chosen: int | None, named: str
) -> None:
    """Degrees, feet and web-map metres go to a local metric system, and a note says which."""
    metric, note = choose_metric_crs(_squares(crs, x, y, side), None)
    assert chosen is None or metric.to_epsg() == chosen
    assert note is not None
    assert named in note.en
    assert named in note.zh


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [(4547, 6e5, 3.34e6), (4526, 38.6e6, 3.34e6), (32650, 6e5, 3.34e6), (26986, 2.3e5, 9e5), (2326, 8.3e5, 8.2e5)],
)
def test_metric_data_stay_in_their_system(code: int, x: float, y: float) -> None:
    """Data in metres are measured in their own system, without a note."""
    assert choose_metric_crs(_squares(f"EPSG:{code}", x, y, 100), None) == (CRS.from_epsg(code), None)


def test_arcgis_spelling_of_a_registered_system() -> None:
    """The ArcGIS dialect of EPSG:4547 is EPSG:4547, not a system of its own."""
    frame = _squares(CRS.from_epsg(4547).to_wkt("WKT1_ESRI"), 600_000, 3_340_000, 100)
    crs, _ = choose_metric_crs(frame, None)
    assert crs == CRS.from_epsg(4547)
    assert to_metric(frame, crs, key=KEY).geometry.geom_equals(frame.geometry.set_crs(4547, allow_override=True)).all()


@pytest.mark.parametrize("wanted", ["EPSG:4490", "EPSG:2249", "EPSG:3857", "EPSG:32633", "EPSG:4534"])
def test_a_wanted_system_must_measure_in_metres(wanted: str) -> None:
    """`data.crs` in degrees, feet, web-map metres or the zone of another continent is refused."""
    with pytest.raises(DataError, match=rf"data\.crs: {wanted} does not measure in true metres"):
        choose_metric_crs(_squares("EPSG:4490", *HUANGSHI, 0.001), wanted)


def test_wanted_system_is_used() -> None:
    """`data.crs` wins over the data's own system and over the local one."""
    assert choose_metric_crs(_squares("EPSG:4490", *HUANGSHI, 0.001), "EPSG:4526") == (CRS.from_epsg(4526), None)


@pytest.mark.parametrize("code", [4610, 4214])
def test_old_datums_are_refused(code: int) -> None:
    """Xian 80 and Beijing 54 cannot be converted exactly without official parameters, so they are refused."""
    frame = _squares(f"EPSG:{code}", *HUANGSHI, 0.001)
    crs, _ = choose_metric_crs(frame, None)
    with pytest.raises(DataError, match="cannot be converted exactly"):
        to_metric(frame, crs, key=KEY)


def test_features_beyond_the_reach_of_a_system_are_named_by_row() -> None:
    """A square on the equator, a quarter round the earth, has no place in a zone of China; it is the second."""
    frame = _squares("EPSG:4490", *HUANGSHI, 0.001).iloc[[0, 0, 0]].reset_index(drop=True)
    frame.geometry = frame.geometry.where(frame.index != 1, frame.translate(-90, -HUANGSHI[1]))
    with pytest.raises(DataError, match=r"1 features have no place in .* \(features 2\): they lie too far away"):
        to_metric(frame, CRS.from_epsg(4547), key=KEY)


def test_wgs84_goes_into_cgcs2000() -> None:
    """WGS 84 and CGCS2000 agree to well below a metre: converting between them is allowed and moves nothing."""
    frame = _squares("EPSG:4326", *HUANGSHI, 0.001)
    one = to_metric(frame, CRS.from_epsg(4547), key=KEY)
    assert to_metric(one, CRS.from_epsg(32650), key=KEY).crs == "EPSG:32650"
    two = to_metric(frame.set_crs(4490, allow_override=True), CRS.from_epsg(4547), key=KEY)
    assert shapely.hausdorff_distance(one.geometry.to_numpy(), two.geometry.to_numpy()).max() < 1


@pytest.mark.parametrize(
    ("lon", "code"), [(73, 32643), (75, 4534), (76.4, 4534), (76.6, 4535), (114, 4547), (135, 4554), (137, 32653)]
)
def test_degrees_of_china_go_to_the_nearest_of_its_zones(lon: float, code: int) -> None:
    """Twenty-one zones of 3 degrees, from 75 to 135 degrees east; beyond them it is UTM."""
    assert choose_metric_crs(_squares("EPSG:4490", lon - 0.01, 40, 0.01), None)[0] == CRS.from_epsg(code)
