"""A small town drawn by hand for the notebooks: blocks as a GBK shapefile, roads as an OpenStreetMap extract.

::

    西城区   |  东城区         each letter is a block of 120 m, the letter today's community;
    A A A B | C C D D        | is 人民大道 (primary), = is 解放路 (secondary),
    A A B B | C C D D        and between all other blocks there are streets of 20 m.
    ========|========
    A E B B | C F F D
    E E G G | H H F F
    E E G I | H H J J
    E E G I | H H J J
"""

from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import Transformer

TODAY = """
A A A B C C D D
A A B B C C D D
A E B B C F F D
E E G G H H F F
E E G I H H J J
E E G I H H J J
"""
"""Today's community of every block, row by row from the north."""

CRS = "EPSG:4547"
WEST, SOUTH = 600_000.0, 3_340_000.0
BLOCK_M, STEP_M = 120.0, 140.0
TRUNK_STREET, CROSS_STREET = 4 * STEP_M - 10, 4 * STEP_M - 10

SCENARIO = """\
name: small_town
title: {zh: 小城社区重划, en: The small town redrawn}
data:
  label: {zh: 合成数据, en: Synthetic data}
  blocks:
    path: blocks.shp
    columns: {id: 编号, households: 户数, people: 人口, district: 行政区, community: 现社区}
  roads:
    - path: roads.osm
      layer: lines
      class_column: highway
      classes: {primary: primary, secondary: secondary}
      name_column: name
communities:
  target: {households: 900, people: 2700}
  tolerance: {households: 0.15, people: 0.15}
solve: {effort: 0.005}
"""


def draw_town(folder: Path) -> Path:
    """Write blocks, roads and scenario into `folder`, and give the scenario file."""
    draw_blocks(folder / "blocks.shp")
    draw_roads(folder / "roads.osm")
    scenario = folder / "small_town.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    return scenario


def draw_blocks(path: Path) -> None:
    """Write the blocks as many an office has them: Chinese columns in GBK, and no file that says so."""
    rows = [line.split() for line in TODAY.split("\n") if line]
    cells = [(row, column) for row in range(len(rows)) for column in range(len(rows[row]))]
    households = [120 + 10 * ((3 * row + 5 * column) % 7) for row, column in cells]
    corners = [(WEST + column * STEP_M, SOUTH + (len(rows) - 1 - row) * STEP_M) for row, column in cells]
    blocks = gpd.GeoDataFrame(
        {
            "编号": [f"{row + 1}{column + 1:02d}" for row, column in cells],
            "户数": households,
            "人口": [3 * count + 5 * (number % 4) for number, count in enumerate(households)],
            "行政区": ["西城区" if column < 4 else "东城区" for _, column in cells],
            "现社区": [rows[row][column] for row, column in cells],
        },
        geometry=[shapely.box(x, y, x + BLOCK_M, y + BLOCK_M) for x, y in corners],
        crs=CRS,
    )
    blocks.to_file(path, encoding="gbk")
    path.with_suffix(".cpg").unlink()


def draw_roads(path: Path) -> None:
    """Write three ways as an OpenStreetMap extract in XML; the path in the park is no main road."""
    ways = [
        ("人民大道", "primary", (TRUNK_STREET, -50), (TRUNK_STREET, 900)),
        ("解放路", "secondary", (-50, CROSS_STREET), (1200, CROSS_STREET)),
        ("公园小径", "footway", (200, 200), (300, 300)),
    ]
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    nodes, lines = [], []
    for number, (name, highway, *ends) in enumerate(ways, start=1):
        refs = ""
        for end, (x, y) in enumerate(ends):
            lon, lat = to_degrees.transform(WEST + x, SOUTH + y)
            nodes.append(f'<node id="{10 * number + end}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>')
            refs += f'<nd ref="{10 * number + end}"/>'
        tags = f'<tag k="highway" v="{highway}"/><tag k="name" v="{name}"/>'
        lines.append(f'<way id="{number}" version="1">{refs}{tags}</way>')
    body = "\n".join(nodes + lines)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}\n</osm>\n', encoding="utf-8")
