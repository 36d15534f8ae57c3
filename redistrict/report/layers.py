"""Layers: communities, blocks and roads as shapes, made once for the map and for every file."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.outlines import draw_edges, draw_plan
from redistrict.geo.roads import Surroundings
from redistrict.model.plan import Plan
from redistrict.report.summary import Report, tabulate_others
from redistrict.standards.city import PlannedCity


@dataclass(frozen=True, eq=False)
class Layers:
    """Shapes in the metric CRS. Do not change the frames.

    Attributes
    ----------
    communities : GeoDataFrame
        One row a community in the report's order: `community_id`, `community_name`, `district`, `households`,
        `people`, `dwellings` (where the data have them), further quantities by key, `workers`, `neck_m` (nan: none),
        deviations, and its area up to the middle of the streets; by the key of each level, the unit it belongs to.
    blocks : GeoDataFrame
        One row a block: `block_id`, `name`, `district`, units of levels, `community_id`, `community_name`, counts.
    roads : GeoDataFrame
        `road_class`, `name`; barriers have the class `hill` or `barrier`.
    today : (n_current,) polygons or None
        Areas of today's communities, drawn in the same way.
    levels : tuple of str
        Keys of the levels.
    grids : GeoDataFrame or None
        One row a grid in the report's order, drawn in the same way.
    """

    communities: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    today: NDArray[np.object_] | None = None
    levels: tuple[str, ...] = ()
    grids: gpd.GeoDataFrame | None = None


def build_layers(city: PlannedCity, report: Report) -> Layers:
    """Gather what the map and the files show."""
    return Layers(
        today=city.outlines_today,
        communities=_community_layer(city.blocks, report, city.outlines),
        blocks=_block_layer(city.blocks, city.plan, report),
        roads=join_roads(city.surroundings),
        levels=tuple(level.key for level in report.levels),
        grids=_grid_layer(city, report),
    )


def _community_layer(blocks: Blocks, report: Report, outlines: NDArray[np.object_]) -> gpd.GeoDataFrame:
    rows = report.communities
    table: dict[str, object] = {
        "community_id": [row.id for row in rows],
        "community_name": [row.name for row in rows],
        "district": [row.district for row in rows],
        "n_blocks": [row.n_blocks for row in rows],
        "workers": [row.workers for row in rows],
        "neck_m": np.array([row.neck_m for row in rows], dtype=float),
    } | {level.key: list(level.homes) for level in report.levels}
    for name in ("households", "people"):
        if name in blocks.quantities:
            table[name] = [getattr(row, name) for row in rows]
            table[f"{name}_deviation"] = np.array([getattr(row, f"{name}_deviation") for row in rows], dtype=float)
    if blocks.dwellings is not None:
        table["dwellings"] = [row.dwellings for row in rows]
    for column, values in pd.DataFrame([tabulate_others(row) for row in rows]).items():
        table[str(column)] = values.to_numpy(dtype=float if str(column).endswith("_deviation") else np.int64)
    return gpd.GeoDataFrame(table, geometry=outlines, crs=blocks.crs)


def _grid_layer(city: PlannedCity, report: Report) -> gpd.GeoDataFrame | None:
    if report.grids is None:
        return None
    rows, cells, of_block = report.grids.grids, city.graph.cells, report.grids.of_block
    on_edge = city.scenario.output.boundary == "edge"
    language, homes = city.scenario.output.language, [report.communities[row.community] for row in rows]
    table: dict[str, object] = {
        "grid": [row.code for row in rows],
        "community_id": [home.id for home in homes],
        "community_name": [home.name for home in homes],
        "district": [home.district for home in homes],
        "n_blocks": [row.n_blocks for row in rows],
        "households": [row.households for row in rows],
        "grid_workers": [row.workers for row in rows],
        "continues_id": [row.continues for row in rows],
        "continues_name": [row.continues_name for row in rows],
        "exception": [row.exception.in_language(language) if row.exception else "" for row in rows],
    }
    if "people" in city.blocks.quantities:
        table["people"] = [row.people for row in rows]
    outlines = draw_edges(cells, of_block)[0] if on_edge else draw_plan(cells, of_block)
    return gpd.GeoDataFrame(table, geometry=outlines, crs=city.blocks.crs)


def _block_layer(blocks: Blocks, plan: Plan, report: Report) -> gpd.GeoDataFrame:
    frame, others = blocks.frame, [str(key) for key in report.others]
    ids = np.array([row.id for row in report.communities], dtype=object)
    names = np.array([row.name for row in report.communities], dtype=object)
    table = {
        "block_id": frame["block_id"],
        "name": frame["name"],
        "district": frame["district"],
        **{level.key: level.of_block for level in blocks.levels},
        "community_id": ids[plan.assignment],
        "community_name": names[plan.assignment],
        "current": frame["community"],
    } | {name: frame[name] for name in (*blocks.quantities, "dwellings", *others) if name in frame}
    return gpd.GeoDataFrame(table, geometry=frame.geometry, crs=blocks.crs)


def join_roads(surroundings: Surroundings) -> gpd.GeoDataFrame:
    """Give roads and barriers as one layer, with `road_class` and `name`; barriers that are hills are told apart."""
    is_hill = surroundings.barriers["road_class"] == "hill"
    frames = [surroundings.roads, surroundings.barriers.assign(road_class=np.where(is_hill, "hill", "barrier"))]
    present = [frame[["road_class", "name", "geometry"]] for frame in frames if len(frame)]
    if not present:
        return surroundings.roads
    classes = np.concatenate([frame["road_class"].to_numpy() for frame in present])
    names = np.concatenate([frame["name"].to_numpy() for frame in present])
    shapes = np.concatenate([frame.geometry.to_numpy() for frame in present])
    return gpd.GeoDataFrame({"road_class": classes, "name": names}, geometry=shapes, crs=surroundings.roads.crs)
