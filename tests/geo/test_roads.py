"""Roads, barriers and structures: read, mapped to classes, and put into the blocks' system."""

from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
from shapely import LineString

from redistrict.errors import DataError
from redistrict.geo.graph import build_graph
from redistrict.geo.roads import Surroundings, feature_lines, note_unpriced, read_surroundings
from redistrict.scenario.models import Contiguity
from redistrict.scenario.sources import BarrierSource, BlockColumns, BlockSource, Data, RoadSource, StructureSource

from .drawing import CRS, box, cells, crossing, line, make_blocks, point, surroundings

OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
{nodes}
  <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="湖滨大道"/></way>
  <way id="2"><nd ref="3"/><nd ref="4"/><tag k="highway" v="footway"/></way>
  <way id="3"><nd ref="5"/><nd ref="6"/><tag k="railway" v="rail"/></way>
</osm>
"""


def _read(**layers: object) -> Surroundings:
    blocks = BlockSource(path=Path("none"), columns=BlockColumns(id="a", people="b"))
    return read_surroundings(Data.model_validate({"blocks": blocks, **layers}), pyproj.CRS(CRS))


def _layer(path: Path, **columns: list[object]) -> Path:
    gpd.GeoDataFrame(columns, crs=CRS).to_file(path)
    return path


def test_classes_are_mapped_and_others_left_out(tmp_path: Path) -> None:
    """Values of the class column become classes; values not listed and features without a shape are left out."""
    path = _layer(
        tmp_path / "roads.gpkg",
        type=["主干路", "次干路", "小路", "主干路"],
        name=["湖滨大道", None, "x", "y"],
        geometry=[line((0, 0), (1, 1)), line((0, 0), (2, 2)), line((0, 0), (3, 3)), None],
    )
    classes = {"主干路": "primary", "次干路": "secondary"}
    read = _read(roads=[RoadSource(path=path, class_column="type", classes=classes, name_column="name")])
    assert read.roads["road_class"].tolist() == ["primary", "secondary"]
    assert read.roads["name"].tolist() == ["湖滨大道", ""]
    assert read.barriers.empty
    assert read.structures.empty


def test_several_layers_are_stacked(tmp_path: Path) -> None:
    """Roads and rails from several layers, each with its own class, stand in one table, in the blocks' system."""
    roads = _layer(tmp_path / "roads.gpkg", kind=["trunk"], geometry=[line((0, 0), (1, 1))])
    rail = tmp_path / "rail.gpkg"
    gpd.GeoDataFrame(geometry=[line((0, 0), (9, 9))], crs=CRS).to_crs(4326).to_file(rail)
    read = _read(
        roads=[RoadSource(path=roads, class_column="kind"), RoadSource(path=rail, class_name="rail")],
        barriers=[BarrierSource(path=rail), BarrierSource(path=roads, class_name="river", name_column="kind")],
        structures=[StructureSource(path=rail, kind="bridge")],
    )
    assert read.roads["road_class"].tolist() == ["trunk", "rail"]
    assert read.roads.crs == read.barriers.crs == read.structures.crs == CRS
    assert read.roads.geometry.length.tolist() == pytest.approx([2**0.5, 9 * 2**0.5], rel=0.001)
    assert read.barriers[["road_class", "name"]].to_numpy().tolist() == [["barrier", ""], ["river", "trunk"]]
    assert read.structures["kind"].tolist() == ["bridge"]


def test_every_wrong_layer_is_named_in_one_error(tmp_path: Path) -> None:
    """A missing file, a missing column and a mapping that matches nothing are refused together, each by its key."""
    path = _layer(tmp_path / "roads.gpkg", kind=["trunk"], geometry=[line((0, 0), (1, 1))])
    with pytest.raises(DataError, match=r"data\.roads\[0\]\.path: there is no file") as refused:
        _read(
            roads=[
                RoadSource(path=tmp_path / "none.gpkg", class_name="trunk"),
                RoadSource(path=path, class_column="kind", classes={"highway": "trunk"}),
            ],
            barriers=[BarrierSource(path=path, name_column="kin")],
            structures=[StructureSource(path=path, kind_column="kind", kinds={"桥": "bridge"})],
        )
    text = str(refused.value)
    assert "data.roads[1].classes: none of highway occurs in 'kind'; its values are: trunk" in text
    assert "data.barriers[0]: roads.gpkg has no column 'kin' (did you mean 'kind'?)" in text
    assert "data.structures[0].kinds: none of 桥 occurs" in text


@pytest.mark.parametrize("n_values", [12, 13])
def test_a_dozen_values_are_shown_where_none_is_mapped(tmp_path: Path, n_values: int) -> None:
    """The first by name; of more the rest is left out."""
    values = [f"class {n:02d}" for n in range(n_values)]
    path = _layer(tmp_path / "roads.gpkg", kind=values, geometry=[line((0, 0), (9, 9))] * n_values)
    with pytest.raises(DataError) as refused:
        _read(roads=[RoadSource(path=path, class_column="kind", classes={"highway": "primary"})])
    (problem,) = refused.value.problems
    assert problem.en.endswith(f"none of highway occurs in 'kind'; its values are: {', '.join(values[:12])}.")


def test_an_empty_layer_is_no_error(tmp_path: Path) -> None:
    """A layer without features adds nothing."""
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame({"kind": ["x"]}, geometry=[line((0, 0), (1, 1))], crs=CRS).iloc[:0].to_file(path)
    assert _read(roads=[RoadSource(path=path, class_column="kind", classes={"x": "trunk"})]).roads.empty


def test_openstreetmap_extract(tmp_path: Path) -> None:
    """Roads come straight from an OSM file: its layer `lines`, by highway class, with Chinese names."""
    ends = [line((-50, 110), (300, 110)), line((110, -50), (110, 300)), line((-50, 0), (300, 0))]
    points = [p for drawn in gpd.GeoSeries(ends, crs=CRS).to_crs(4326) for p in drawn.coords]
    nodes = "\n".join(f'  <node id="{n}" lat="{y:.8f}" lon="{x:.8f}"/>' for n, (x, y) in enumerate(points, start=1))
    path = tmp_path / "map.osm"
    path.write_text(OSM.format(nodes=nodes), encoding="utf-8")
    source = RoadSource(
        path=path, layer="lines", class_column="highway", classes={"primary": "primary"}, name_column="name"
    )
    around = _read(roads=[source])
    assert around.roads["road_class"].tolist() == ["primary"]
    assert around.roads["name"].tolist() == ["湖滨大道"]
    graph = build_graph(make_blocks(cells("a b\nc d", street_m=20)), around, Contiguity())
    assert crossing(graph, "abcd") == {"a-c": {"primary": 100}, "b-d": {"primary": 100}}


def test_openstreetmap_extract_with_a_filter(tmp_path: Path) -> None:
    """A filter picks features of an OSM file."""
    ends = gpd.GeoSeries([line((0, 0), (9, 9))] * 3, crs=CRS).to_crs(4326)
    points = [p for drawn in ends for p in drawn.coords]
    nodes = "\n".join(f'  <node id="{n}" lat="{y:.8f}" lon="{x:.8f}"/>' for n, (x, y) in enumerate(points, start=1))
    path = tmp_path / "map.osm"
    path.write_text(OSM.format(nodes=nodes), encoding="utf-8")
    source = RoadSource(path=path, layer="lines", class_name="footway", where="highway = 'footway'")
    assert len(_read(roads=[source]).roads) == 1


def test_structures_by_kind(tmp_path: Path) -> None:
    """Structures keep their kind and may be points, lines or areas."""
    path = tmp_path / "structures.geojson"
    shapes = [point(0, 0), line((0, 0), (5, 5)), box(0, 0)]
    frame = gpd.GeoDataFrame({"kind": ["桥", "灯", "通道"]}, geometry=shapes, crs=CRS)
    frame.to_crs(4326).to_file(path)
    source = StructureSource(path=path, kind_column="kind", kinds={"桥": "bridge", "灯": "signal", "通道": "underpass"})
    read = _read(structures=[source])
    assert read.structures["kind"].tolist() == ["bridge", "signal", "underpass"]
    assert set(read.structures.geometry.geom_type) == {"Point", "LineString", "Polygon"}


@pytest.mark.parametrize(
    ("priced", "told"),
    [
        (("trunk",), ["data.roads: rail (2), path (1) have no weight in objective.crossing (trunk) and cost nothing."]),
        (("trunk", "rail", "path"), []),
    ],
)
def test_classes_without_a_price_are_told(priced: tuple[str, ...], told: list[str]) -> None:
    """Roads of a class that the objective does not name cost nothing, the most frequent first."""
    way = line((0, 0), (9, 9))
    around = surroundings(roads=[(name, "", way) for name in ("path", "rail", "trunk", "rail")])
    assert [note.en for note in note_unpriced(around, priced)] == told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"class_column": "type"},
            [
                "1 of 4 roads of roads.gpkg have nothing in 'type' and are left out",
                "1 of 3 features of roads.gpkg are points or have no length",
                "1 of 3 roads of roads.gpkg are areas",
            ],
        ),
        (
            {"class_name": "trunk"},
            ["1 of 4 features of roads.gpkg are points or have no length", "1 of 4 roads of roads.gpkg are areas"],
        ),
    ],
)
def test_roads_that_count_for_nothing_or_twice_are_told(
    tmp_path: Path, options: dict[str, object], told: list[str]
) -> None:
    """Those without a class, where a column says it; points; and areas, whose outlines count."""
    shapes = [line((0, 0), (9, 9)), box(0, 0), point(5, 5), line((0, 0), (9, 0))]
    path = _layer(tmp_path / "roads.gpkg", type=["a", "a", "a", None], geometry=shapes)
    read = _read(roads=[RoadSource(path=path, **options)], barriers=[BarrierSource(path=path)])
    of_roads = [note.en.partition(": ")[2] for note in read.notes if note.en.startswith("data.roads[0]: 1")]
    assert [note.startswith(start) for note, start in zip(of_roads, told, strict=True)] == [True] * len(told)
    assert [note.en[:58] for note in read.notes if "barriers" in note.en] == [
        "data.barriers[0]: 1 of 4 features of roads.gpkg are points"
    ]
    assert feature_lines(read)[1].length == 400


def test_roads_without_a_shape_are_told(tmp_path: Path) -> None:
    """Rows of a table that nobody drew, in roads and barriers alike."""
    path = _layer(tmp_path / "r.gpkg", type=["a", "b", "c"], geometry=[line((0, 0), (9, 9)), None, LineString()])
    read = _read(roads=[RoadSource(path=path, class_name="trunk")], barriers=[BarrierSource(path=path)])
    assert [note.en.partition(" and ")[0] for note in read.notes] == [
        f"data.{name}[0]: 2 of 3 features of r.gpkg have no shape" for name in ("roads", "barriers")
    ]


def test_a_layer_of_points_is_no_layer_of_roads(tmp_path: Path) -> None:
    """Where nothing has a length it is refused, and a layer that holds nothing is told."""
    path = _layer(tmp_path / "roads.gpkg", type=["a"], geometry=[point(5, 5)])
    with pytest.raises(DataError, match=r"1 of 1 features of roads\.gpkg are points or have no length"):
        _read(roads=[RoadSource(path=path, class_name="trunk")])
    read = _read(roads=[RoadSource(path=path, class_name="trunk", where="type = 'b'")])
    assert [note.en.split(";")[0] for note in read.notes] == ["data.roads[0]: roads.gpkg holds no features"]
