"""Shifted layers: lines that would run between the blocks, not through them, after a shift of Chinese web maps."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from redistrict.geo.blocks import Blocks
from redistrict.geo.gcj02 import from_bd09, from_gcj02, to_bd09, to_gcj02
from redistrict.geo.readings import is_in_china, to_degrees
from redistrict.messages import Message

FloatArray = NDArray[np.float64]
Measure = Callable[[FloatArray], tuple[int, int]]
"""How many of some points count, and how well they fit: as many at most."""

_STEP_M = 20.0
_MOST_POINTS = 1_000
_FEWEST_LINE_POINTS, _FEWEST_SITES = 30, 3
_MANY_SITES = 10
"""So many sites outside all blocks, of which a shift leaves a tenth, are no chance."""
_DEEP_M = 8.0
"""A road so deep inside a block does not run along it."""
_BESIDE_M = 10.0
_GAIN, _FIT = 0.4, 0.5
"""A shift is suspected if it makes the fit so much better, and so good at least."""


def suspect_shift(key: str, shapes: NDArray[np.object_], blocks: Blocks) -> Message | None:
    """Say that a layer, or the blocks, look like GCJ-02 or BD-09 degrees taken for true ones.

    The fit of a layer is the share of its points between blocks less the share deep inside (of sites: the share in
    blocks). It is measured as things lie, and after each shift that a mislabelled layer or mislabelled blocks need.

    Parameters
    ----------
    key : str
        Where the layer stands in the scenario.
    shapes : (n,) geometries
        In the blocks' CRS.
    """
    into = to_degrees(blocks.crs)
    west, south, east, north = into.transform_bounds(*blocks.frame.total_bounds)
    if not is_in_china((west, south, east, north)):
        return None
    is_line = bool((shapely.get_dimensions(shapes) > 0).any())
    points = _spread_points(shapes, blocks) if is_line else shapely.get_coordinates(shapes)[:_MOST_POINTS]
    fewest = _FEWEST_LINE_POINTS if is_line else _FEWEST_SITES
    measure = _measure_lines(blocks) if is_line else _measure_sites(blocks)
    if len(points) < fewest or measure(points)[1] >= (1 - _GAIN / 4) * len(points):
        return None
    degrees = np.column_stack(into.transform(points[:, 0], points[:, 1]))
    moved = {name: _back(shift(degrees), into) for name, shift in _SHIFTS.items()}
    found = {name: measure(xy) for name, xy in {"": points, **moved}.items()}
    n = max(among for among, _ in found.values())
    if n < fewest:
        return None
    fit = {name: score / n for name, (_, score) in found.items()}
    best = max(_SHIFTS, key=lambda name: fit[name])
    if not _is_better(fit[""], fit[best], n, is_line=is_line):
        return None
    metres = float(np.median(np.hypot(*(moved[best] - points).T)))
    return _say(key, best, metres)


def _back(degrees: FloatArray, into: Transformer) -> FloatArray:
    return np.column_stack(into.transform(degrees[:, 0], degrees[:, 1], direction="INVERSE"))


_SHIFTS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "layer GCJ-02": from_gcj02,
    "layer BD-09": lambda xy: from_gcj02(from_bd09(xy)),
    "blocks GCJ-02": to_gcj02,
    "blocks BD-09": lambda xy: to_bd09(to_gcj02(xy)),
}


def _spread_points(shapes: NDArray[np.object_], blocks: Blocks) -> FloatArray:
    """Give points along the lines in and around the blocks, evenly chosen."""
    area = shapely.buffer(shapely.box(*blocks.frame.total_bounds), 1_500.0)
    lines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    near = lines[shapely.STRtree(lines).query(area, predicate="intersects")]
    points: FloatArray = shapely.get_coordinates(shapely.segmentize(shapely.intersection(near, area), _STEP_M))
    return points[:: max(1, -(-len(points) // _MOST_POINTS))]


def _is_better(before: float, after: float, n: int, *, is_line: bool) -> bool:
    """Tell whether the fit is so much better after a shift that chance does not explain it."""
    if not is_line and n * (1 - before) >= _MANY_SITES and 1 - after <= (1 - before) / 10:
        return True
    return after >= _FIT and after - before >= _GAIN


def _measure_lines(blocks: Blocks) -> Measure:
    """Give what counts points of lines: those among the blocks, and of these how many more lie between than deep in."""
    tree = shapely.STRtree(blocks.shapes)
    hull = shapely.convex_hull(shapely.union_all(shapely.envelope(blocks.shapes)))
    shapely.prepare(hull)

    def measure(xy: FloatArray) -> tuple[int, int]:
        points = shapely.points(xy)
        among = points[shapely.dwithin(hull, points, _BESIDE_M)]
        point, block = tree.query(among, predicate="within")
        depth_m = shapely.distance(among[point], shapely.boundary(blocks.shapes[block]))
        return len(among), len(among) - 2 * len(np.unique(point[depth_m > _DEEP_M]))

    return measure


def _measure_sites(blocks: Blocks) -> Measure:
    """Give what counts sites, and how many of them stand in a block or beside one."""
    tree = shapely.STRtree(blocks.shapes)

    def measure(xy: FloatArray) -> tuple[int, int]:
        beside, _ = tree.query(shapely.points(xy), predicate="dwithin", distance=_BESIDE_M)
        return len(xy), len(np.unique(beside))

    return measure


def _say(key: str, best: str, metres: float) -> Message:
    who, system = best.split()
    other = "data.blocks" if who == "blocks" else key
    todo = (
        Message(f"write 'crs: gcj02' at {other} if it is so", f"如确实如此，请在 {other} 处写 crs: gcj02")
        if system == "GCJ-02"
        else Message(f"if it is so, convert {other} to WGS 84 first", f"如确实如此，请先将 {other} 转换为 WGS 84")
    )
    return Message(
        f"{key} would fit the blocks better by about {metres:,.0f} m: {other} looks like {system} degrees taken for "
        f"true ones; {todo.en}.",
        f"{key} 平移约 {metres:,.0f} 米后与地块更吻合：{other} 似乎是 {system} 坐标而未注明；{todo.zh}。",
    )
