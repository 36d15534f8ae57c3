"""A small town with everything an office can give, so that a run writes every deliverable there is."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CRS = "EPSG:4547"
SCENARIO = """
name: whole_town
title: {zh: 2026.10.1 全镇, en: The whole town}
data:
  label: {zh: 虚构小镇, en: Made-up town}
  date: 2026-03-31
  licence: {zh: 内部使用, en: Internal use}
  blocks:
    path: town.gpkg
    layer: blocks
    columns: {id: key, households: hh, people: pop, district: district, name: name, community: today}
  roads:
    - {path: town.gpkg, layer: roads, class_column: class, name_column: name}
  current: {path: current.csv, columns: {id: id, name: name, staff: staff}}
  premises: {path: town.gpkg, layer: sites, columns: {id: id, name: name, area_m2: m2}}
  projects: {path: projects.csv, columns: {id: id, block: block, date: date, households: hh, people: pop}}
communities:
  target: {households: 600, people: 1800}
  tolerance: {households: 0.3, people: 0.3}
objective: {crossing: {trunk: 10, residential: 1}, disruption: 1}
solve: {effort: 0.05}
standards: {rules: [huangshi_report]}
"""


def draw_whole_town(folder: Path) -> Path:
    """Draw 6 x 4 blocks of 100 m in two districts, with three communities today in each, and give the scenario file.

    ::

        东区 is columns 0-2, 西区 columns 3-5; a trunk road runs between rows 1 and 2, a lane between rows 0 and 1
        a b c | d e f      today: one community a column
    """
    row, column = np.divmod(np.arange(24), 6)
    west, south = 500_000 + column * 120.0, 3_340_000 - row * 120.0
    households = np.random.default_rng(5).integers(80, 160, size=24)
    blocks = gpd.GeoDataFrame(
        {
            "key": [f"{r}{c}" for r, c in zip(row, column, strict=True)],
            "hh": households,
            "pop": households * 3,
            "district": np.where(column < 3, "东区", "西区"),
            "name": [f"小区{i}" if i % 9 != 1 else f"小区7.{i}" for i in range(24)],
            "today": [f"t{c}" for c in column],
        },
        geometry=shapely.box(west, south, west + 100, south + 100),
        crs=CRS,
    )
    blocks.to_file(folder / "town.gpkg", layer="blocks")
    lines = [shapely.LineString([(499_900, y), (500_800, y)]) for y in (3_339_870.0, 3_339_990.0)]
    roads = gpd.GeoDataFrame({"class": ["trunk", "residential"], "name": ["迎江大道", "小巷"]}, geometry=lines, crs=CRS)
    roads.to_file(folder / "town.gpkg", layer="roads")
    keys = [f"t{c}" for c in range(6)]
    current = pd.DataFrame({"id": keys, "name": [f"{key}社区" for key in keys], "staff": [2, 3, 1, 4, 2, 3]})
    current.to_csv(folder / "current.csv", index=False)
    sites = {"id": ["s1", "s2", "s3"], "name": ["站一", "站二", "站三"], "m2": [300.0, 520.5, 80.0]}
    places = shapely.points([500_030.0, 500_400.0, 500_530.0], [3_340_030.0, 3_339_910.0, 3_339_700.0])
    gpd.GeoDataFrame(sites, geometry=places, crs=CRS).to_file(folder / "town.gpkg", layer="sites")
    projects = {"id": ["p1", "p2"], "block": ["01", "25"], "date": ["2027", "2028-06-30"], "hh": [40, 55]}
    pd.DataFrame(projects | {"pop": [120, 150]}).to_csv(folder / "projects.csv", index=False)
    (folder / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder / "town.yaml"
