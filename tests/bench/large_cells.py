"""Graph and outlines of 17,030 blocks: seconds and memory at growing gaps, as blocks are and changed in two ways.

    python tests/bench/large_cells.py BLOCKS [LAYER [KIND GAP]]

Real blocks (any polygons in metres, tiling their ground) are laid side by side until there are enough. `shrunk` takes
15 m off every border, so that streets of 30 m part all blocks; `dense` puts a vertex in every 2 m.
"""

import resource
import subprocess
import sys
import time

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import build_graph
from redistrict.geo.outlines import draw_plan
from redistrict.geo.roads import Surroundings
from redistrict.scenario.models import Contiguity

N_BLOCKS, PER_COMMUNITY = 17_030, 25
SHRINK_M, DENSE_M = 15.0, 2.0
GAPS_M = (0.0, 0.5, 5.0, 40.0, 100.0)
KINDS = ("as they are", "dense", "shrunk", "shrunk dense")


def lay_out(path: str, layer: str | None, kind: str) -> Blocks:
    """Give the blocks of one kind."""
    frame = gpd.read_file(path, layer=layer)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    low, high = shapely.total_bounds(shapes).reshape(2, 2)
    copies = [_moved(shapes, (high - low) * (k % 2, k // 2)) for k in range(-(-N_BLOCKS // len(shapes)))]
    shapes = np.concatenate(copies)[:N_BLOCKS]
    if "shrunk" in kind:
        shapes = shapely.buffer(shapes, -SHRINK_M)
        shapes = shapes[~shapely.is_empty(shapes)]
    if "dense" in kind:
        shapes = shapely.segmentize(shapes, DENSE_M)
    text = dict.fromkeys(("district", "name", "community"), "")
    ids = [f"{k:05}" for k in range(len(shapes))]
    table = gpd.GeoDataFrame({"block_id": ids, **text, "households": 100}, geometry=shapes, crs=frame.crs)
    return Blocks(table, ("households",), ())


def _moved(shapes: NDArray[np.object_], by: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.transform(shapes, lambda xy: xy + by))


def measure(path: str, layer: str | None, kind: str, gap_m: float) -> None:
    """Build graph and outlines in this process, and print what they took."""
    blocks = lay_out(path, layer, kind)
    roads = {"road_class": np.array([], dtype=object), "name": np.array([], dtype=object)}
    lines = gpd.GeoDataFrame(roads, geometry=[], crs=blocks.crs)
    places = gpd.GeoDataFrame({"kind": np.array([], dtype=object)}, geometry=[], crs=blocks.crs)
    began, before = time.process_time(), time.perf_counter()
    graph = build_graph(blocks, Surroundings(lines, lines, places), Contiguity(max_gap_m=gap_m))
    built = time.process_time()
    middle = shapely.get_coordinates(shapely.centroid(blocks.shapes))
    column = np.argsort(np.argsort(middle[:, 0])) * 25 // len(blocks)
    order = np.lexsort((middle[:, 1], column))
    assignment = np.zeros(len(blocks), dtype=np.int32)
    assignment[order] = np.arange(len(blocks)) // PER_COMMUNITY
    draw_plan(graph.cells, assignment)
    drawn, after = time.process_time(), time.perf_counter()
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    vertices = shapely.get_num_coordinates(blocks.shapes).sum()
    sys.stdout.write(f"| {kind} | {len(blocks)} | {vertices} | {gap_m:g} | {built - began:.1f} | {drawn - built:.1f} "
                     f"| {after - before:.1f} | {peak_mib:.0f} | {len(graph.edges)} |\n")  # fmt: skip


def main() -> None:
    """Measure every kind at every gap, each in a process of its own."""
    path, layer, *rest = [*sys.argv[1:], *([""] if sys.argv[2:] == [] else [])]
    if rest:
        measure(path, layer or None, rest[0], float(rest[1]))
        return
    sys.stdout.write(
        "| blocks | number | vertices | gap m | graph CPU s | outlines CPU s | wall s | peak MiB | edges |\n"
    )
    sys.stdout.write("|---|---|---|---|---|---|---|---|---|\n")
    for kind in KINDS:
        for gap_m in GAPS_M:
            sys.stdout.flush()
            subprocess.run([sys.executable, __file__, path, layer, kind, str(gap_m)], check=True)


if __name__ == "__main__":
    main()
