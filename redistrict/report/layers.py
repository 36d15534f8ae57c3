"""Layers: communities, blocks and roads as shapes, made once for the map and for every file."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.frontage import border_points
from redistrict.geo.roads import Surroundings
from redistrict.plan import Plan
from redistrict.report.summary import Report

_MIN_PART_M2 = 1.0
_NUDGE_M = 0.001


@dataclass(frozen=True, eq=False)
class Layers:
    """Shapes in the metric CRS. Do not change the frames.

    Attributes
    ----------
    communities : GeoDataFrame
        One row a community in the report's order: `community_id`, `community_name`, `district`, `households`,
        `people` (where the data have them), `workers`, deviations, and its area up to the middle of the streets.
    blocks : GeoDataFrame
        One row a block: `block_id`, `name`, `district`, `community_id`, `community_name`, counts.
    roads : GeoDataFrame
        `road_class`, `name`; barriers have the class `hill` or `barrier`.
    """

    communities: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame


def build_layers(
    blocks: Blocks, plan: Plan, report: Report, around: Surroundings, outlines: NDArray[np.object_]
) -> Layers:
    """Gather what the map and the files show; `outlines` are the communities as `draw_communities` drew them."""
    return Layers(
        communities=_community_layer(blocks, report, outlines),
        blocks=_block_layer(blocks, plan, report),
        roads=_road_layer(around),
    )


def draw_communities(blocks: Blocks, plan: Plan, *, max_gap_m: float) -> NDArray[np.object_]:
    """Give the area of every community: its blocks, and the streets around them up to their middle.

    Every point between blocks goes to the nearest block (a Voronoi diagram of points along all borders that are
    not shared), as far as half the widest gap. So the areas of neighbours meet in the middle of the street, do
    not overlap, and hold their own blocks and no other.

    Returns
    -------
    (n_communities,) polygons or multipolygons
    """
    shapes, k = blocks.shapes, plan.n_communities
    own = np.array([shapely.union_all(shapes[plan.assignment == c]) for c in range(k)], dtype=object)
    points, owner = border_points(shapes)
    if max_gap_m <= 0 or len(points) < 4:
        return own
    cells = _nearest_cells(points, plan.assignment[owner], k)
    reach = max_gap_m / 2 + 1.0
    space = shapely.buffer(
        shapely.buffer(shapely.union_all(shapely.buffer(shapes, reach, quad_segs=4)), -reach, quad_segs=4), 0
    )
    shapely.prepare(space)
    tree = shapely.STRtree(shapes)
    areas = np.empty(k, dtype=object)
    for c in range(k):
        cell = shapely.intersection(cells[c], space)
        near = tree.query(cell)
        foreign = near[plan.assignment[near] != c]
        free = shapely.difference(cell, shapely.union_all(shapes[foreign]))
        areas[c] = _only_polygons(shapely.union(free, own[c]), own[c])
    return areas


def _nearest_cells(points: NDArray[np.float64], community: NDArray[np.int32], k: int) -> NDArray[np.object_]:
    """Give, for each community, the region nearer to its points than to any other.

    Points on a regular street grid lie on common circles, where the diagram breaks down; moving them by a
    millimetre or less, the same way every time, and working near the origin avoids it.
    """
    origin = points.min(axis=0)
    nudge = np.random.default_rng(0).uniform(-_NUDGE_M, _NUDGE_M, size=points.shape)
    sites = shapely.multipoints(points - origin + nudge)
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, ordered=True))
    joined = np.array([shapely.coverage_union_all(cells[community == c]) for c in range(k)], dtype=object)
    return np.asarray(shapely.transform(joined, lambda xy: xy + origin))


def _only_polygons(area: shapely.Geometry, own: shapely.Geometry) -> shapely.Geometry:
    """Drop crumbs of street that hold no block."""
    parts = shapely.get_parts(area)
    parts = parts[shapely.get_dimensions(parts) == 2]
    keep = shapely.area(parts) >= _MIN_PART_M2
    keep |= shapely.intersects(parts, own)
    keep &= shapely.area(shapely.intersection(parts, own)) > 0
    kept = parts[keep]
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _community_layer(blocks: Blocks, report: Report, outlines: NDArray[np.object_]) -> gpd.GeoDataFrame:
    rows = report.communities
    table: dict[str, object] = {
        "community_id": [row.id for row in rows],
        "community_name": [row.name for row in rows],
        "district": [row.district for row in rows],
        "n_blocks": [row.n_blocks for row in rows],
        "workers": [row.workers for row in rows],
    }
    for column, name in (("households", "households"), ("people", "population")):
        if column in blocks.quantities:
            table[column] = [getattr(row, name) for row in rows]
            table[f"{column}_deviation"] = np.array([getattr(row, f"{name}_deviation") for row in rows], dtype=float)
    return gpd.GeoDataFrame(table, geometry=outlines, crs=blocks.crs)


def _block_layer(blocks: Blocks, plan: Plan, report: Report) -> gpd.GeoDataFrame:
    frame = blocks.frame
    ids = np.array([row.id for row in report.communities], dtype=object)
    names = np.array([row.name for row in report.communities], dtype=object)
    table = {
        "block_id": frame["block_id"],
        "name": frame["name"],
        "district": frame["district"],
        "community_id": ids[plan.assignment],
        "community_name": names[plan.assignment],
        "current": frame["community"],
    } | {name: frame[name] for name in blocks.quantities}
    return gpd.GeoDataFrame(table, geometry=frame.geometry, crs=blocks.crs)


def _road_layer(around: Surroundings) -> gpd.GeoDataFrame:
    is_hill = around.barriers["road_class"] == "hill"
    frames = [around.roads, around.barriers.assign(road_class=np.where(is_hill, "hill", "barrier"))]
    present = [frame[["road_class", "name", "geometry"]] for frame in frames if len(frame)]
    if not present:
        return around.roads
    classes = np.concatenate([frame["road_class"].to_numpy() for frame in present])
    names = np.concatenate([frame["name"].to_numpy() for frame in present])
    shapes = np.concatenate([frame.geometry.to_numpy() for frame in present])
    return gpd.GeoDataFrame({"road_class": classes, "name": names}, geometry=shapes, crs=around.roads.crs)
