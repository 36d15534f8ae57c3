"""A whole city drawn by lot, 11,500 blocks in twelve districts, delivered in 420 communities; seconds by part.

    python tests/bench/large_city.py FOLDER

draws the city there, runs it as a planner would, and prints the CPU and wall seconds of checking and running.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

CELL_M, STREET_M, JITTER = 110.0, 12.0, 0.18
ROWS, COLUMNS = 31, 40
"""Cells of one district."""
N_BLOCKS, N_COMMUNITIES = 958, 35
"""Of one district."""
ACROSS, DOWN = 4, 3
MAIN_EVERY, CLASSES = 8, ("secondary", "primary", "trunk")
EMPTY_SHARE = 0.15

SCENARIO = f"""\
name: large_city
data:
  blocks:
    path: city.gpkg
    layer: blocks
    columns: {{id: block_id, district: district, households: households, people: people}}
  roads:
    - {{path: city.gpkg, layer: roads, class_column: road_class, name_column: name}}
communities:
  around: means
  count: {ACROSS * DOWN * N_COMMUNITIES}
  tolerance: {{households: 0.10, people: 0.10}}
"""


def draw_city(path: Path, rng: np.random.Generator, *, across: int = ACROSS, down: int = DOWN) -> None:
    """Write the layers `blocks` and `roads` of so many districts."""
    grid = np.stack(np.meshgrid(np.arange(across * COLUMNS + 1), np.arange(down * ROWS + 1)), axis=-1)
    corner = (grid + rng.uniform(-JITTER, JITTER, grid.shape)) * CELL_M + (600_000, 3_340_000)
    ring = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], axis=2)
    cells = shapely.polygons(ring.reshape(-1, 4, 2)).reshape(down * ROWS, across * COLUMNS)
    shapes, districts = [], []
    for d in range(across * down):
        row, column = d // across * ROWS, d % across * COLUMNS
        own = _merge(cells[row : row + ROWS, column : column + COLUMNS], rng)
        shapes += own
        districts += [f"District {d + 1:02}"] * len(own)
    n = len(shapes)
    households = np.where(rng.random(n) < EMPTY_SHARE, 0, rng.integers(40, 161, n))
    blocks = gpd.GeoDataFrame(
        {
            "block_id": [f"B{i:05}" for i in range(n)],
            "district": districts,
            "households": households,
            "people": np.rint(households * rng.uniform(2.2, 2.7, n)).astype(np.int64),
        },
        geometry=shapely.buffer(shapes, -STREET_M / 2, join_style="mitre"),
        crs="EPSG:4547",
    )
    blocks.to_file(path, layer="blocks", driver="GPKG")
    lines = [*corner[MAIN_EVERY:-1:MAIN_EVERY], *corner.transpose(1, 0, 2)[MAIN_EVERY:-1:MAIN_EVERY]]
    roads = {
        "road_class": rng.choice(CLASSES, len(lines), p=(0.5, 0.35, 0.15)),
        "name": [f"Road {i + 1}" for i in range(len(lines))],
    }
    gpd.GeoDataFrame(roads, geometry=[shapely.LineString(line) for line in lines], crs="EPSG:4547").to_file(
        path, layer="roads", driver="GPKG"
    )


def _merge(cells: NDArray[np.object_], rng: np.random.Generator) -> list[shapely.Polygon]:
    """Join pairs of cells side by side, never across a main road, until `N_BLOCKS` are left."""
    pairs = [(r, c) for r in range(ROWS) for c in range(0, COLUMNS - 1, 2)]
    joined = {pairs[n] for n in rng.permutation(len(pairs))[: cells.size - N_BLOCKS].tolist()}
    blocks = []
    for r in range(ROWS):
        for c in range(0, COLUMNS, 2):
            pair = cells[r, c : c + 2]
            blocks += [shapely.union_all(pair)] if (r, c) in joined else pair.tolist()
    return blocks


def timed(*command: str) -> None:
    """Run a command and print what it took."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([sys.executable, "-m", "redistrict", *command], check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(f"{command[0]}: exit {done.returncode}, {time.monotonic() - began:.0f} s, {cpu_s:.0f} CPU s, "
          f"{after.ru_maxrss / 1024:.0f} MiB\n")  # fmt: skip


def main() -> None:
    """Draw, check and run."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    scenario = folder / "large_city.yaml"
    if not scenario.exists():
        draw_city(folder / "city.gpkg", np.random.default_rng(1))
        scenario.write_text(SCENARIO, encoding="utf-8")
    timed("check", str(scenario))
    timed("--verbose", "run", str(scenario), "--out", str(folder / "out"), "--overwrite")


if __name__ == "__main__":
    main()
