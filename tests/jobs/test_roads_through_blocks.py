"""Roads that run straight through blocks, all of one name: engine and judge agree along which the borders run."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from redistrict.jobs.run import run
from redistrict.scenario import load_scenario

SCENARIO = """
name: askew
data:
  blocks:
    path: town.gpkg
    layer: blocks
    columns: {id: id, district: district, households: households, people: people}
  roads: [{path: town.gpkg, layer: roads, class_column: class, name_column: name}]
communities: {count: 4, around: means, tolerance: {households: 0.3, people: 0.3}}
solve: {effort: 0.02}
"""
ROWS, ROADS = 6, 8


def test_a_plan_is_delivered_where_roads_cross_borders_askew(tmp_path: Path) -> None:
    """A road that only crosses a border is not what the border runs along, to neither of the two."""
    chance = np.random.default_rng(0)
    row, column = np.divmod(np.arange(ROWS**2), ROWS)
    west, south = 500_000 + column * 120.0, 3_340_000 + row * 120.0
    counts = {"households": chance.integers(50, 150, ROWS**2), "people": chance.integers(150, 450, ROWS**2)}
    blocks = gpd.GeoDataFrame(
        {"id": [f"{i:02d}" for i in range(ROWS**2)], "district": "D", **counts},
        geometry=shapely.box(west, south, west + 100, south + 100),
        crs="EPSG:4547",
    )
    ends = [chance.random((2, 2)) * 800 - 40 + [500_000, 3_340_000] for _ in range(ROADS)]
    roads = gpd.GeoDataFrame(
        {"class": ["secondary"] * ROADS, "name": "路"}, geometry=shapely.linestrings(np.array(ends)), crs="EPSG:4547"
    )
    blocks.to_file(tmp_path / "town.gpkg", layer="blocks")
    roads.to_file(tmp_path / "town.gpkg", layer="roads")
    (tmp_path / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    assert run(load_scenario(tmp_path / "town.yaml"), out=tmp_path / "out").verification.violations == ()
