"""Sites: premises with their floor area, put into the block they stand in or next to."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.geo.places import place_rows
from redistrict.geo.sites import Sites, note_stray_sites, read_sites
from redistrict.scenario.sources import Data, SiteSource

from .drawing import CRS, ORIGIN, box, line, point

# The four blocks of 100 m and streets of 20 m: 01 at 0, 120; 02 at 120, 120; 03 at 0, 0; 04 at 120, 0.
PLACES = [point(50, 50), point(113, 170), box(130, 10, 40, 40)]
LAYER = gpd.GeoDataFrame(
    {
        "编号": ["s2", "01", "s1"],
        "面积": [300.0, 0, 250.5],
        "名称": ["花湖居委会", None, "=1+1"],
        "社区": ["乙", None, " "],
    },
    geometry=PLACES,
    crs=CRS,
)


def _read(town: gpd.GeoDataFrame, folder: Path, layer: gpd.GeoDataFrame, **columns: str) -> tuple[Sites, Blocks]:
    town.assign(今=["甲", "乙", "丙", None]).to_file(folder / "town.gpkg")
    layer.to_file(folder / "用房.gpkg")
    data = Data.model_validate(
        {
            "blocks": {
                "path": folder / "town.gpkg",
                "columns": {"id": "编号", "households": "户数", "community": "今"},
            },
            "premises": {"path": folder / "用房.gpkg", "columns": {"id": "编号", "area_m2": "面积", **columns}},
        }
    )
    blocks = read_blocks(data)
    sites = read_sites(data, blocks)
    assert sites is not None
    return sites, blocks


def test_sites_are_sorted_and_stand_in_blocks(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Sites come out by key with area, name and block; a point in the street goes to the nearest block."""
    sites, blocks = _read(four_blocks, tmp_path, LAYER, name="名称", community="社区")
    assert sites.ids == ("01", "s1", "s2")
    assert sites.names == ("01", "=1+1", "花湖居委会")
    assert sites.area_m2.tolist() == [0, 250.5, 300]
    assert [blocks.ids[i] for i in sites.block] == ["02", "04", "03"]
    assert sites.community == ("乙", "", "乙")
    assert len(sites) == 3


def test_without_columns_the_block_says_whose_site_it_is(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Without a column of communities a site is used by that of its block, if it has one; names are the keys."""
    sites, _ = _read(four_blocks, tmp_path, LAYER)
    assert sites.community == ("乙", "", "丙")
    assert sites.names == sites.ids


def test_outlines_are_reduced_to_a_point_inside(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A ring, lines and several parts stand where a part of them is, also where their middle is not."""
    ring = box(-100, -100, 420, 420) - box(-60, -60, 340, 340)
    scattered = shapely.MultiPolygon([box(0, 0, 60, 60), box(190, 190, 10, 10)])
    shapes = [ring, scattered, line((10, 150), (90, 150))]
    sites, blocks = _read(four_blocks, tmp_path, LAYER.set_geometry(shapes))
    place = dict(zip(sites.ids, shapely.points(sites.xy), strict=True))
    for key, shape in zip(LAYER["编号"], shapes, strict=True):
        assert shape.distance(place[key]) < 1e-6
    assert blocks.ids[sites.block[sites.ids.index("s1")]] == "01"


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:3857"])
def test_sites_in_another_crs(four_blocks: gpd.GeoDataFrame, tmp_path: Path, crs: str) -> None:
    """Sites in degrees or on the web map's plane lie at the same place in the blocks' metres."""
    metric, _ = _read(four_blocks, tmp_path, LAYER)
    (tmp_path / "用房.gpkg").unlink()
    other, _ = _read(four_blocks, tmp_path, LAYER.to_crs(crs))
    assert other.block.tolist() == metric.block.tolist()
    assert other.xy == pytest.approx(metric.xy, abs=0.01)
    assert other.xy[-1] == pytest.approx([ORIGIN[0] + 50, ORIGIN[1] + 50], abs=0.01)


def test_blocks_in_degrees(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Where the blocks are in degrees too, both come into the same metres."""
    sites, blocks = _read(four_blocks.to_crs(4490), tmp_path, LAYER.to_crs(4326))
    assert [blocks.ids[i] for i in sites.block] == ["02", "04", "03"]
    assert shapely.distance(shapely.points(sites.xy), blocks.shapes[sites.block]) == pytest.approx([7, 0, 0], abs=0.1)


def test_outside_all_blocks_and_between_two(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A site far off goes to the nearest block; one as far from several goes to the first of them."""
    places = [point(900, -900), point(110, 110), point(110, 170)]
    sites, blocks = _read(four_blocks, tmp_path, LAYER.set_geometry(places))
    assert dict(zip(sites.ids, [blocks.ids[i] for i in sites.block], strict=True)) == {
        "s2": "04",
        "01": "01",
        "s1": "01",
    }


def test_no_sites(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """An empty layer is no sites; a scenario without one has none."""
    sites, blocks = _read(four_blocks, tmp_path, LAYER.iloc[:0])
    assert (len(sites), sites.xy.shape, sites.block.shape) == (0, (0, 2), (0,))
    source = {"path": tmp_path / "town.gpkg", "columns": {"id": "编号", "households": "户数"}}
    assert read_sites(Data.model_validate({"blocks": source}), blocks) is None


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"甲", "乙"}, ["data.premises: 2 sites belong to no community of today and are left out: s2, s3."]),
        ({"甲", "乙", "丙", ""}, []),
        (set(), []),
    ],
    ids=["some strange", "all known", "none known today"],
)
def test_sites_of_no_community_of_today_are_told(known: set[str], told: list[str]) -> None:
    """Those of an unknown community, and of none, count for nobody, if communities of today are known at all."""
    notes = note_stray_sites(["s1", "s2", "s3"], ["甲", "丙", ""], known)
    assert [note.en for note in notes] == told


def _read_csv(town: gpd.GeoDataFrame, folder: Path, text: str, **source: object) -> Sites:
    town.to_file(folder / "town.gpkg")
    (folder / "用房.csv").write_text(text, encoding="utf-8")
    blocks = {"path": folder / "town.gpkg", "columns": {"id": "编号", "households": "户数"}}
    premises = {"path": folder / "用房.csv", "columns": {"id": "id", "area_m2": "m2"}, **source}
    data = Data.model_validate({"blocks": blocks, "premises": premises})
    sites = read_sites(data, read_blocks(data))
    assert sites is not None
    return sites


@pytest.mark.parametrize("names", ["经度,纬度", "lon,lat", "Longitude,Latitude", "X,Y"])
def test_a_table_with_degrees(four_blocks: gpd.GeoDataFrame, tmp_path: Path, names: str) -> None:
    """Columns named like longitude and latitude give the places, as degrees of WGS 84, and it is said so."""
    at = gpd.GeoSeries([point(50, 50), point(170, 170)], crs=CRS).to_crs(4326)
    rows = [f"s{n},300,{p.x:.9f},{p.y:.9f}" for n, p in enumerate(at)]
    sites = _read_csv(four_blocks, tmp_path, "\n".join(["用房一览表", f"id,m2,{names}", *rows]))
    assert sites.xy == pytest.approx(shapely.get_coordinates([point(50, 50), point(170, 170)]), abs=0.01)
    x, y = names.split(",")
    assert f"taken from its columns '{x}' and '{y}', as degrees of WGS 84" in " ".join(n.en for n in sites.notes)


@pytest.mark.parametrize(("x", "crs"), [(180.0, "EPSG:4326"), (-180.0, "EPSG:4326"), (180.1, None)])
def test_numbers_up_to_180_are_degrees(tmp_path: Path, x: float, crs: str | None) -> None:
    """The farthest longitude there is makes degrees of WGS 84; a larger number is of a system nobody has said."""
    source = SiteSource.model_validate({"path": tmp_path / "a.csv", "columns": {"id": "id", "area_m2": "m2"}})
    table = pd.DataFrame({"x": [115.0, x], "y": [30.2, 30.2]})
    assert place_rows(table, ("x", "y"), source, "data.premises", []).crs == crs


def test_a_table_with_metres_needs_a_system(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Metres are read in the system the scenario names, and refused without one; so is a row without a place."""
    (x, y), text = ORIGIN, "id,m2,east,north\ns0,300,{},{}\n"
    columns = {"id": "id", "area_m2": "m2", "x": "east", "y": "north"}
    sites = _read_csv(four_blocks, tmp_path, text.format(x + 50, y + 50), columns=columns, crs=CRS)
    assert sites.xy.tolist() == [[x + 50, y + 50]]
    with pytest.raises(DataError, match=r"用房.csv does not say its coordinate system"):
        _read_csv(four_blocks, tmp_path, text.format(x + 50, y + 50), columns=columns)
    with pytest.raises(DataError, match="1 sites have no place: s0"):
        _read_csv(four_blocks, tmp_path, text.format(x + 50, ""), columns=columns, crs=CRS)


def test_every_problem_is_named(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Keys that repeat, areas below 0 and sites without a place are refused together."""
    broken = LAYER.assign(编号=["x", "x", "y"], 面积=[-1.0, 2, 3]).set_geometry([None, point(0, 0), shapely.Point()])
    with pytest.raises(DataError, match="2 sites have no place: x, y; draw them") as refused:
        _read(four_blocks, tmp_path, broken)
    assert [message.en for message in refused.value.problems[:2]] == [
        "data.premises.columns.id: in '编号' these stand more than once: x; each row needs its own.",
        "data.premises.columns.area_m2: '面积' must hold numbers from 0 up; found -1.0 at x.",
    ]
