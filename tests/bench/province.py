"""A province drawn by lot, 140,000 blocks in 339 districts, planned by one command; and a city of 3,000 blocks.

    python tests/bench/province.py FOLDER [--blocks N] [--districts N] [--city]

draws the province there (or the city alone), plans it as an office would, and prints wall and CPU seconds, memory, and
what has become of the districts. Blocks are a shapefile in GBK, and they are dirty: slivers, overlaps, rings that cross
themselves, estates in two parts, islands, districts in pieces, of three blocks, or without people; a few districts
have counts that are no numbers, keys that are there twice, or an estate larger than any community.
"""

import argparse
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from large_city import CELL_M, EMPTY_SHARE, JITTER, STREET_M

MAIN_EVERY, CLASSES = 8, ("secondary", "primary", "trunk")
GAP_CELLS = 6
ROW_CELLS = 560
"""Districts fill rows of so many cells."""
CITY_BLOCKS = 3_000
SCENARIO = """\
name: {name}
title: {{zh: 全省, en: The province}}
data:
  label: {{zh: 随机生成的数据, en: Drawn by lot}}
  blocks:
    path: blocks.shp
    encoding: gbk
    columns: {{id: DKBM, district: QX, households: HS, people: RK, name: MC}}
  roads:
    - {{path: roads.gpkg, class_column: road_class, name_column: name}}
communities:
  exceptions: nearest
solve:
  effort: {effort}
"""


def draw_district(
    n_blocks: int, rng: np.random.Generator
) -> tuple[gpd.GeoDataFrame, tuple[int, int], list[shapely.LineString]]:
    """Draw blocks with streets between them, in a rectangle from 0, 0; its columns and rows, and main roads."""
    rows = max(1, round((n_blocks * 0.75) ** 0.5))
    columns = -(-n_blocks // rows)
    grid = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1)
    corner = (grid + rng.uniform(-JITTER, JITTER, grid.shape)) * CELL_M
    ring = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], axis=2)
    shapes = shapely.buffer(shapely.polygons(ring.reshape(-1, 4, 2))[:n_blocks], -STREET_M / 2, join_style="mitre")
    households = np.where(rng.random(n_blocks) < EMPTY_SHARE, 0, rng.integers(40, 161, n_blocks))
    people = np.rint(households * rng.uniform(2.6, 3.4, n_blocks)).astype(np.int64)
    lines = [*corner[MAIN_EVERY:-1:MAIN_EVERY], *corner.transpose(1, 0, 2)[MAIN_EVERY:-1:MAIN_EVERY]]
    blocks = gpd.GeoDataFrame({"HS": households, "RK": people}, geometry=shapes)
    return blocks, (columns, rows), [shapely.LineString(line) for line in lines]


def soil(blocks: gpd.GeoDataFrame, number: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make a district dirty: each in its own way, most of them so that they can still be planned."""
    shapes = blocks.geometry.to_numpy().copy()
    n = len(shapes)
    overlap, crossed, parted, beside = np.split(
        rng.permutation(n), np.cumsum([n // 100, n // 200, n // 150, n // 250])
    )[:4]
    for i in overlap.tolist():  # overlaps with a neighbour by a metre or two
        shapes[i] = shapely.affinity.scale(shapes[i], 1.16, 1.0)
    for i in crossed.tolist():  # a ring that crosses itself at a corner
        ring = shapely.get_coordinates(shapes[i])
        shapes[i] = shapely.Polygon([*ring[:-1], ring[1] + (0.4, 0.4), ring[0]])
    for i in parted.tolist():  # an estate in two parts
        west, south, east, north = shapes[i].bounds
        cut = shapely.box((west + east) / 2 - 2, south - 1, (west + east) / 2 + 2, north + 1)
        shapes[i] = shapely.difference(shapes[i], cut)
    blocks = blocks.set_geometry(shapes)
    corners = [shapely.get_coordinates(shapes[i])[0] for i in beside.tolist()]
    slivers = [shapely.box(x, y, x + 0.2, y + 30.0) for x, y in corners]
    blocks = pd.concat(
        [blocks, gpd.GeoDataFrame({"HS": 0, "RK": 0}, index=range(len(slivers)), geometry=slivers)], ignore_index=True
    )
    if number % 10 == 3 and n > 200:  # islands: the last rows lie across the water
        far = np.arange(len(blocks)) >= n - 40
        moved = shapely.transform(blocks.geometry.to_numpy(), lambda xy: xy + np.array([0.0, 900.0]))
        blocks = blocks.set_geometry(np.where(far, moved, blocks.geometry.to_numpy()))
    if number % 40 == 7:  # an estate larger than any community
        blocks.loc[n // 2, ["HS", "RK"]] = (5200, 16_400)
    if number % 60 == 11:  # nobody lives here
        blocks[["HS", "RK"]] = 0
    return blocks


def draw_province(folder: Path, n_blocks: int, n_districts: int, rng: np.random.Generator) -> None:
    """Write `blocks.shp` and `roads.gpkg`."""
    share = rng.lognormal(0.0, 0.8, n_districts)
    share[::25] *= 0.02  # a few of some blocks only
    sizes = np.maximum(3, np.rint(share / share.sum() * n_blocks)).astype(int)
    at, deepest, found, roads = np.array([0, 0]), 0, [], []
    for number, size in enumerate(sizes.tolist(), start=1):
        drawn, (columns, rows), lines = draw_district(size, rng)
        blocks = soil(drawn, number, rng)
        if at[0] + columns > ROW_CELLS:
            at, deepest = np.array([0, at[1] + deepest + GAP_CELLS]), 0
        place = at * CELL_M + np.array([420_000, 3_240_000])
        blocks = blocks.set_geometry(shapely.transform(blocks.geometry.to_numpy(), lambda xy, by=place: xy + by))
        name = f"第{number}区" if number % 50 else f"=第{number}<b>区</b>"
        blocks = blocks.assign(DKBM=[f"{number:03}-{i:05}" for i in range(len(blocks))], QX=name, MC="")
        if number % 90 == 31:  # a key that is there twice
            blocks.loc[1, "DKBM"] = blocks.loc[0, "DKBM"]
        found.append(blocks)
        roads += [
            (shapely.transform(line, lambda xy, by=place: xy + by), f"{name}{i}路") for i, line in enumerate(lines)
        ]
        at, deepest = at + np.array([columns + GAP_CELLS, 0]), max(deepest, rows)
    table = gpd.GeoDataFrame(pd.concat(found, ignore_index=True)).set_crs("EPSG:4547")
    table["RK"] = table["RK"].astype(float)
    table.loc[np.flatnonzero(table["QX"] == "第101区")[:2], "RK"] = -1  # counts that cannot be
    order = rng.permutation(len(table))  # the rows of a district need not stand together
    table.iloc[order].to_file(folder / "blocks.shp", encoding="gbk")
    lines = gpd.GeoDataFrame(
        {"road_class": rng.choice(CLASSES, len(roads), p=(0.5, 0.35, 0.15)), "name": [name for _, name in roads]},
        geometry=[line for line, _ in roads],
        crs="EPSG:4547",
    )
    lines.to_file(folder / "roads.gpkg", layer="roads", driver="GPKG")


def timed(*command: str) -> None:
    """Run a command and print what it took, its helpers counted in."""
    before, began, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), [0.0]
    with subprocess.Popen([sys.executable, "-m", "redistrict", *command]) as running:
        done = threading.Event()

        def watch() -> None:
            while not done.wait(1.0):
                most[0] = max(most[0], memory_of(running.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = running.wait()
        done.set()
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(f"{command[0]}: exit {code}, {time.monotonic() - began:.0f} s, {cpu_s:.0f} CPU s, at most "
          f"{most[0]:.0f} MiB at a time, {after.ru_maxrss / 1024:.0f} MiB in one process\n")  # fmt: skip


def memory_of(root: int) -> float:
    """Give the memory of a process and of all below it, in MiB (shared pages by their share; Linux)."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    total, open_ones = 0, [root]
    while open_ones:
        pid = open_ones.pop()
        open_ones += parents.get(pid, [])
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in rollup if line.startswith("Pss:")), 0)
    return total / 1024


def main() -> None:
    """Draw and plan."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--blocks", type=int, default=140_000)
    parser.add_argument("--districts", type=int, default=339)
    parser.add_argument("--effort", type=float, default=0.05)
    parser.add_argument("--city", action="store_true")
    given = parser.parse_args()
    folder = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    scenario = folder / "province.yaml"
    n_blocks, n_districts = (CITY_BLOCKS, 1) if given.city else (given.blocks, given.districts)
    if not (folder / "roads.gpkg").exists():
        draw_province(folder, n_blocks, n_districts, np.random.default_rng(1))
    scenario.write_text(SCENARIO.format(name="province", effort=given.effort), encoding="utf-8")
    command = ["run"] if given.city else ["province"]
    timed(*command, str(scenario), "--out", str(folder / "out"))


if __name__ == "__main__":
    main()
