"""Splitting a data set by district: every row as it stands, roads where they are near, trouble where it belongs."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo.split import Part, list_districts, point_to, split
from redistrict.messages import Message
from redistrict.scenario.sources import BlockColumns, BlockSource, Data, RoadSource, StructureSource

from .drawing import CRS, box, line, point

FAR = 50_000.0
"""Metres between two districts."""


def _write_blocks(path: Path, names: Sequence[str] = ("东区", "西区"), **options: str) -> None:
    rows = [(name, n) for n in range(3) for name in names]  # rows of a district do not stand together
    shapes = [box(FAR * names.index(name) + 120 * n, 0) for name, n in rows]
    table = {
        "DKBM": [f"{name}{n}" for name, n in rows],
        "QX": [name for name, _ in rows],
        "HS": [100 + n for _, n in rows],
        "USE": ["road" if n == 2 else "home" for _, n in rows],
    }
    gpd.GeoDataFrame(table, geometry=shapes, crs=CRS).to_file(path, **options)


def _data(folder: Path, **changes: object) -> Data:
    columns = BlockColumns(id="DKBM", households="HS", district="QX")
    blocks = BlockSource(path=folder / "b.shp", columns=columns, **changes)  # type: ignore[arg-type]
    return Data(blocks=blocks)


def _split(data: Data) -> dict[str, Part]:
    notes: list[Message] = []
    districts = list_districts(data, notes)
    parts = split(data, (), districts, notes)
    return {one.name: part for one, part in zip(districts, parts, strict=True)}


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_each_district_gets_its_own_rows_in_their_order(tmp_path: Path, encoding: str) -> None:
    """Whatever the encoding, and with a filter, which looks at a column that is not copied."""
    _write_blocks(tmp_path / "b.shp", encoding=encoding)
    parts = _split(_data(tmp_path, encoding=encoding, where="USE = 'home'"))
    assert list(parts) == ["东区", "西区"]
    for name, part in parts.items():
        frame = part.layers["blocks"]
        assert frame["block_id"].tolist() == [f"{name}0", f"{name}1"]
        assert frame["households"].tolist() == [100, 101]
        assert list(frame.columns) == ["block_id", "households", "district", "geometry"]
        assert frame.geometry.area.tolist() == [10_000, 10_000]
        centre = gpd.GeoSeries([part.outline], crs=4326).to_crs(CRS).centroid[0]
        assert abs(centre.x - frame.union_all().centroid.x) < 20


def test_names_are_in_the_order_of_their_numbers_and_some_have_none(tmp_path: Path) -> None:
    """第10区 comes after 第2区; blocks that name no district are one of their own."""
    _write_blocks(tmp_path / "b.shp", ("第10区", "第2区", " "), encoding="utf-8")
    assert [(one.name, len(one.rows)) for one in list_districts(_data(tmp_path), [])] == [
        ("", 3),
        ("第2区", 3),
        ("第10区", 3),
    ]


def test_roads_and_bridges_go_with_the_districts_they_are_near(tmp_path: Path) -> None:
    """Also where their file is in degrees; classes are told by their meaning, others are left out."""
    _write_blocks(tmp_path / "b.shp", encoding="utf-8")
    roads = gpd.GeoDataFrame(
        {"fclass": ["a", "b", "x", "a"], "name": ["near", "far", "left out", "nowhere"]},
        geometry=[
            line((110, -50), (110, 150)),
            line((FAR + 110, -50), (FAR + 110, 150)),
            line((0, 105), (300, 105)),
            line((9 * FAR, 0), (9 * FAR, 100)),
        ],
        crs=CRS,
    )
    roads.to_crs(4326).to_file(tmp_path / "r.gpkg")
    gpd.GeoDataFrame({"kind": ["bridge", "tree"]}, geometry=[point(110, 50)] * 2, crs=CRS).to_file(tmp_path / "s.gpkg")
    data = _data(tmp_path).model_copy(
        update={
            "roads": (
                RoadSource(
                    path=tmp_path / "r.gpkg",
                    class_column="fclass",
                    classes={"a": "primary", "b": "trunk"},
                    name_column="name",
                ),
            ),
            "structures": (StructureSource(path=tmp_path / "s.gpkg", kind_column="kind"),),
        }
    )
    parts = _split(data)
    found = {name: part.layers["roads_0"][["road_class", "name"]].to_numpy().tolist() for name, part in parts.items()}
    assert found == {"东区": [["primary", "near"]], "西区": [["trunk", "far"]]}
    assert {name: part.layers["structures_0"]["kind"].tolist() for name, part in parts.items()} == {
        "东区": ["bridge"],
        "西区": [],
    }
    asked, _ = point_to(data, (), {name: tmp_path / f"{name}.gpkg" for name in parts["东区"].layers})
    assert (asked.roads[0].class_column, asked.roads[0].classes) == ("road_class", None)
    assert (asked.blocks.columns.id, asked.blocks.layer, asked.blocks.where) == ("block_id", "blocks", None)


def test_a_mapping_that_matches_nothing_anywhere_is_refused(tmp_path: Path) -> None:
    """In one district it may, in all of them it is a mistake."""
    _write_blocks(tmp_path / "b.shp", encoding="utf-8")
    gpd.GeoDataFrame({"c": ["a"]}, geometry=[line((0, 0), (9, 9))], crs=CRS).to_file(tmp_path / "r.gpkg")
    roads = RoadSource(path=tmp_path / "r.gpkg", class_column="c", classes={"A": "primary"})
    with pytest.raises(DataError, match=r"none of A occurs in 'c'"):
        _split(_data(tmp_path).model_copy(update={"roads": (roads,)}))


def test_a_count_that_gdal_would_misread_is_the_trouble_of_its_district_alone(tmp_path: Path) -> None:
    """Of 1,200 in a dBASE column of numbers GDAL makes 1, without a word."""
    _write_blocks(tmp_path / "b.shp", encoding="utf-8")
    table = (tmp_path / "b.dbf").read_bytes()
    at = table.index(b"102")
    (tmp_path / "b.dbf").write_bytes(table[: at - 2] + b"1,200" + table[at + 3 :])
    parts = _split(_data(tmp_path))
    assert "'1,200'" in " ".join(one.en for one in parts["东区"].problems)
    assert parts["东区"].layers == {}
    assert parts["东区"].outline.is_empty
    assert len(parts["西区"].layers["blocks"]) == 3


def test_what_cannot_be_split_is_refused_at_once(tmp_path: Path) -> None:
    """No column of districts, no such column, no shapes, no coordinate system."""
    _write_blocks(tmp_path / "b.shp", encoding="utf-8")
    data = _data(tmp_path)
    no_column = data.blocks.model_copy(update={"columns": BlockColumns(id="DKBM", households="HS")})
    with pytest.raises(DataError, match=r"data\.blocks\.columns\.district"):
        list_districts(data.model_copy(update={"blocks": no_column}), [])
    wrong = data.blocks.model_copy(update={"columns": BlockColumns(id="DKBM", households="HS", district="QU")})
    with pytest.raises(DataError, match="no column 'QU'"):
        list_districts(data.model_copy(update={"blocks": wrong}), [])
    (tmp_path / "b.prj").unlink()
    with pytest.raises(DataError, match="coordinate system"):
        _split(data)
    (tmp_path / "t.csv").write_text("DKBM,HS,QX\n1,2,3\n", encoding="utf-8")
    table = data.blocks.model_copy(update={"path": tmp_path / "t.csv"})
    with pytest.raises(DataError, match="no shapefile, GeoPackage"):
        list_districts(data.model_copy(update={"blocks": table}), [])


def test_an_outline_leaves_out_what_cannot_be_drawn(tmp_path: Path) -> None:
    """A block without a shape, and one that crosses itself, cost nobody the outline; all rows are copied."""
    _write_blocks(tmp_path / "b.shp", ("东区",), encoding="utf-8")
    frame = gpd.read_file(tmp_path / "b.shp")
    bow = shapely.Polygon([(600_000, 3_340_000), (600_100, 3_340_100), (600_100, 3_340_000), (600_000, 3_340_100)])
    frame = frame.set_geometry([None, bow, frame.geometry[2]], crs=CRS)
    frame.to_file(tmp_path / "b.shp", encoding="utf-8")
    part = _split(_data(tmp_path))["东区"]
    assert part.layers["blocks"].geometry.isna().tolist() == [True, False, False]
    assert not part.outline.is_empty


def test_names_that_look_the_same_are_no_two_districts(tmp_path: Path) -> None:
    """Each would be planned without the blocks of the other, and no one file would show it."""
    _write_blocks(tmp_path / "b.shp", ("第1区", "第1区\u200b"), encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.blocks\.columns\.district"):
        list_districts(_data(tmp_path), [])


def test_a_road_that_cannot_be_read_is_the_trouble_of_the_districts_it_is_near(tmp_path: Path) -> None:
    """The others are split all the same."""
    _write_blocks(tmp_path / "b.shp", encoding="utf-8")
    roads = gpd.GeoDataFrame(
        {"c": [101, 102]}, geometry=[line((110, -50), (110, 150)), line((FAR + 110, -50), (FAR + 110, 150))], crs=CRS
    )
    roads.to_file(tmp_path / "r.shp")
    table = (tmp_path / "r.dbf").read_bytes()
    at = table.index(b"102")
    (tmp_path / "r.dbf").write_bytes(table[: at - 2] + b"1,200" + table[at + 3 :])
    source = RoadSource(path=tmp_path / "r.shp", class_column="c")
    parts = _split(_data(tmp_path).model_copy(update={"roads": (source,)}))
    assert "'1,200'" in " ".join(one.en for one in parts["西区"].problems)
    assert not parts["西区"].outline.is_empty
    assert len(parts["东区"].layers["roads_0"]) == 1
