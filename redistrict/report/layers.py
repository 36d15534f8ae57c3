"""Layers: communities, blocks and roads as shapes, made once for the map and for every file."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.frontage import border_points
from redistrict.geo.roads import Surroundings
from redistrict.model.plan import Plan
from redistrict.report.summary import Report
from redistrict.standards.city import PlannedCity

_MIN_PART_M2 = 1.0
_NUDGE_M = 0.001
_BAND, _MARGIN = 40, 6
"""Height of a band of the diagram, and of what it must know beyond, in distances of guards."""
_ZIGZAG_M = 1.5
"""Cells of points along two sides of a street meet in a zigzag about this fine."""


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
    today : (n_current,) polygons or None
        Areas of today's communities, drawn in the same way.
    """

    communities: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    today: NDArray[np.object_] | None = None


def build_layers(city: PlannedCity, report: Report) -> Layers:
    """Gather what the map and the files show."""
    return Layers(
        today=city.outlines_today,
        communities=_community_layer(city.blocks, report, city.outlines),
        blocks=_block_layer(city.blocks, city.plan, report),
        roads=_road_layer(city.surroundings),
    )


def draw_communities(blocks: Blocks, plan: Plan, *, max_gap_m: float) -> NDArray[np.object_]:
    """Give the area of every community of one plan; see `draw_plans`."""
    return draw_plans(blocks, [plan.assignment], max_gap_m=max_gap_m)[0]


def draw_plans(
    blocks: Blocks, assignments: Sequence[NDArray[np.int32]], *, max_gap_m: float
) -> list[NDArray[np.object_]]:
    """Give the area of every community of some plans: its blocks, and the streets around them up to their middle.

    Every point between blocks goes to the nearest block (a Voronoi diagram of points along all borders that are
    not shared), as far as half the widest gap. So the areas of neighbours meet in the middle of the street, do
    not overlap, and hold their own blocks and no other. The diagram is the slow part, and the same for all plans.

    Parameters
    ----------
    assignments : sequence of (n_blocks,) int32
        Community of each block, -1 where it has none.

    Returns
    -------
    list of (n_communities,) polygons or multipolygons
    """
    shapes = blocks.shapes
    points, owner = border_points(shapes)
    if max_gap_m <= 0 or len(points) < 4:
        return [_join(shapes, community, int(community.max()) + 1) for community in assignments]
    parts, part = np.unique(np.stack(assignments), axis=1, return_inverse=True)
    reach_m = max_gap_m / 2 + 1.0
    cells = _nearest_cells(points, part.ravel()[owner], parts.shape[1], reach_m)
    space = _close(shapes, reach_m)
    return [
        _share_streets(shapes, community, _join(cells, of_part, int(community.max()) + 1), space)
        for community, of_part in zip(assignments, parts, strict=True)
    ]


def _join(shapes: NDArray[np.object_], community: NDArray[np.integer], k: int) -> NDArray[np.object_]:
    """Give the union of the shapes of each community, (k,)."""
    order = np.argsort(community, kind="stable")
    groups = np.split(shapes[order], np.searchsorted(community[order], np.arange(k)))[1:]
    return np.array([shapely.union_all(group) for group in groups], dtype=object)


def _close(shapes: NDArray[np.object_], reach_m: float) -> shapely.Geometry:
    """Give the blocks with the streets between them, at most twice `reach_m` wide."""
    grown = shapely.union_all(shapely.buffer(shapes, reach_m, quad_segs=4))
    return shapely.buffer(shapely.buffer(grown, -reach_m, quad_segs=4), 0)


def _share_streets(
    shapes: NDArray[np.object_], community: NDArray[np.int32], cells: NDArray[np.object_], space: shapely.Geometry
) -> NDArray[np.object_]:
    """Give each community its cell of the space, less the blocks of others and with all of its own."""
    own = _join(shapes, community, len(cells))
    shapely.prepare(space)
    cells = shapely.intersection(cells, space)
    cell, block = shapely.STRtree(shapes).query(cells)
    foreign = community[block] != cell
    others = _join(shapes[block[foreign]], cell[foreign], len(cells))
    areas = shapely.union(shapely.difference(cells, others), own)
    return np.array([_only_polygons(area, mine) for area, mine in zip(areas, own, strict=True)], dtype=object)


def _nearest_cells(
    points: NDArray[np.float64], part: NDArray[np.int64], n_parts: int, reach_m: float
) -> NDArray[np.object_]:
    """Give, for each part, the region nearer to its points than to any other, with straight sides along streets.

    Points on a regular street grid lie on common circles, where the diagram breaks down; moving them by a
    millimetre or less, the same way every time, and working near the origin avoids it.
    """
    origin = points.min(axis=0)
    nudge = np.random.default_rng(0).uniform(-_NUDGE_M, _NUDGE_M, size=points.shape)
    cells = _voronoi(points - origin + nudge, 2 * reach_m)
    order = np.argsort(part, kind="stable")
    groups = np.split(cells[order], np.searchsorted(part[order], np.arange(1, n_parts)))
    joined = [shapely.coverage_union_all(group) if len(group) else shapely.Polygon() for group in groups]
    return np.asarray(shapely.transform(shapely.coverage_simplify(joined, _ZIGZAG_M), lambda xy: xy + origin))


def _voronoi(points: NDArray[np.float64], away_m: float) -> NDArray[np.object_]:
    """Give the cell of each point, right up to half of `away_m` from it, (n_points,).

    The diagram of a city takes the time of n^1.5, so it is made in bands from west to east. Guards, points set out
    wherever none is within `away_m`, keep all cells small; so a margin on either side is enough for each band to
    have the very cells of the whole, and neighbours in two bands fit.
    """
    sites = np.vstack([points, _guards(points, away_m)])
    band = np.floor(points[:, 1] / (_BAND * away_m)).astype(np.int64)
    cells = np.empty(len(points), dtype=object)
    for b in np.unique(band).tolist():
        low, high = (np.array([b, b + 1]) * _BAND + [-_MARGIN, _MARGIN]) * away_m
        near = np.flatnonzero((sites[:, 1] >= low) & (sites[:, 1] <= high))
        found = shapely.get_parts(shapely.voronoi_polygons(shapely.linestrings(sites[near]), ordered=True))
        own = np.flatnonzero(band[near[near < len(points)]] == b)
        cells[near[own]] = found[own]
    return cells


def _guards(points: NDArray[np.float64], away_m: float) -> NDArray[np.float64]:
    """Give the middles of all squares of a lattice that neither hold a point nor touch one that does."""
    square = np.floor(points / away_m).astype(np.int64)
    low = square.min(axis=0) - 4
    is_taken = np.zeros(square.max(axis=0) - low + 5, dtype=bool)
    is_taken[tuple((square - low).T)] = True
    for axis in (0, 1):
        is_taken = is_taken | np.roll(is_taken, 1, axis) | np.roll(is_taken, -1, axis)
    nudge = np.random.default_rng(1).uniform(-1.0, 1.0, size=(int((~is_taken).sum()), 2))
    return np.asarray((np.argwhere(~is_taken) + low + 0.5) * away_m + nudge)


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
    for name in ("households", "people"):
        if name in blocks.quantities:
            table[name] = [getattr(row, name) for row in rows]
            table[f"{name}_deviation"] = np.array([getattr(row, f"{name}_deviation") for row in rows], dtype=float)
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


def _road_layer(surroundings: Surroundings) -> gpd.GeoDataFrame:
    is_hill = surroundings.barriers["road_class"] == "hill"
    frames = [surroundings.roads, surroundings.barriers.assign(road_class=np.where(is_hill, "hill", "barrier"))]
    present = [frame[["road_class", "name", "geometry"]] for frame in frames if len(frame)]
    if not present:
        return surroundings.roads
    classes = np.concatenate([frame["road_class"].to_numpy() for frame in present])
    names = np.concatenate([frame["name"].to_numpy() for frame in present])
    shapes = np.concatenate([frame.geometry.to_numpy() for frame in present])
    return gpd.GeoDataFrame({"road_class": classes, "name": names}, geometry=shapes, crs=surroundings.roads.crs)
