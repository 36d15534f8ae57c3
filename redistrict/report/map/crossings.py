"""Crossings as lines: the stretches of priced roads that lie inside a community, now and today."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.graph import ContiguityGraph
from redistrict.geo.roads import Surroundings
from redistrict.standards.city import PlannedCity

_NEAR_M = 12.0
"""A road runs at most this far inside one of two blocks that touch."""


def locate_crossings(city: PlannedCity, today: NDArray[np.int32]) -> gpd.GeoDataFrame:
    """Give the stretches of road, railway and river that have a price, where both sides are one community.

    Parameters
    ----------
    today : (n_blocks,) int32
        Today's community of each block, -1 where it has none.

    Returns
    -------
    GeoDataFrame
        `new`, `old` (community all along the stretch, -1 where it runs between two), `road_class`, `is_served` and
        lines; one row for each combination.
    """
    graph, surroundings = city.graph, city.surroundings
    ledger, prices = graph.crossings, city.scenario.objective.crossing
    is_priced = np.array([bool(prices.get(name, 0)) for name in graph.classes], dtype=bool)
    ends = graph.edges[ledger.edge]
    new, old = (_same(community, ends) for community in (city.plan.assignment, today))
    rows = np.flatnonzero(is_priced[ledger.road_class] & ((new >= 0) | (old >= 0)))
    row, lines = _clip(city.blocks.shapes, ends[rows], _kinds(graph, rows), surroundings)
    row = rows[row]
    table = {
        "new": new[row],
        "old": old[row],
        "road_class": np.array(graph.classes, dtype=object)[ledger.road_class[row]],
        "is_served": graph.is_served[ledger.edge[row]],
    }
    stretches = gpd.GeoDataFrame(table, geometry=lines, crs=surroundings.roads.crs)
    groups = stretches.groupby([*table], sort=True).geometry
    keys = [key for key, _ in groups]
    merged = [shapely.line_merge(shapely.union_all(group.to_numpy())) for _, group in groups]
    return gpd.GeoDataFrame(
        {name: [key[n] for key in keys] for n, name in enumerate(table)}, geometry=merged, crs=surroundings.roads.crs
    )


def _same(community: NDArray[np.int32], ends: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give the community of both ends of each edge, -1 where they differ."""
    a, b = community[ends[:, 0]], community[ends[:, 1]]
    return np.where(a == b, a, -1).astype(np.int64)


def _kinds(graph: ContiguityGraph, rows: NDArray[np.int64]) -> list[tuple[str, str]]:
    ledger = graph.crossings
    return [(graph.classes[ledger.road_class[row]], str(ledger.name[row])) for row in rows.tolist()]


def _clip(
    shapes: NDArray[np.object_], ends: NDArray[np.int32], kinds: list[tuple[str, str]], surroundings: Surroundings
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Cut the roads of the right class and name to what lies between the two blocks of each row."""
    i, j = ends.T
    near_m = np.maximum(shapely.distance(shapes[i], shapes[j]), _NEAR_M)
    between = shapely.intersection(*(shapely.buffer(shapes[side], near_m, quad_segs=2) for side in (i, j)))
    frames = (surroundings.roads, surroundings.barriers)
    labels = [(row.road_class, row.name) for frame in frames for row in frame.itertuples()]
    number = {label: n for n, label in enumerate(sorted({*labels, *kinds}))}
    features = np.concatenate([np.asarray(frame.geometry, dtype=object) for frame in frames])
    row, feature = shapely.STRtree(features).query(between, predicate="intersects")
    own = np.array([number[kind] for kind in kinds], dtype=np.int64)
    is_line = shapely.get_dimensions(features) == 1
    right = is_line[feature] & (np.array([number[label] for label in labels], dtype=np.int64)[feature] == own[row])
    row, feature = row[right], feature[right]
    lines = shapely.intersection(features[feature], between[row])
    found = shapely.get_dimensions(lines) == 1
    return row[found], lines[found]
