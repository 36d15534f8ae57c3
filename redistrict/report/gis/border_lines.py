"""Border lines: where communities meet, node to node, by the road each follows; and the roads inside communities."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.geo.outlines import SHORTEST_M
from redistrict.geo.rays import FloatArray, IntArray
from redistrict.geo.roads import Surroundings, feature_lines, list_features
from redistrict.report.tables.office import list_tables
from redistrict.standards.bounds import Borders
from redistrict.standards.office import Office

_SMOOTH_M = 1.0
_ON_LINE_M = 0.5
"""A border no farther from the line of a road or barrier lies on it."""


def draw_borders(office: Office, surroundings: Surroundings) -> gpd.GeoDataFrame:
    """Give every border line once, divided by what it follows.

    What it follows is what the four bounds are told from, so words, table and map agree. Where two communities meet,
    the line is that of the one that comes first in the plan, which lies to its left.

    Returns
    -------
    GeoDataFrame
        `line` (L1, L2, ...); `community_id`, `community_name`, `district`, the same of the community beyond as
        `beyond_id`, `beyond_name`, `beyond_district` ("" at the edge of the built-up area); `from_point` and
        `to_point`, the nodes at its ends; `line_m`, and the `bearing` from the first to the second in degrees,
        clockwise from the north of the grid (none where they are one); `road_class` and `road_name` of the road or
        barrier it follows ("" where there is none, or it has no name); `side`, on which side of the street it runs, or
        on the `centreline` ("" at the edge of the built-up area); `length_m`, and how much of that lies on it,
        not beside, as `on_line_m`; multilinestrings.
    """
    borders, net = office.borders, office.borders.net
    stretches = find_stretches(borders, surroundings)
    line = stretches["line"].to_numpy()
    own, other = net.community[line], net.beyond[line]
    ids, names, districts = (
        np.array([*texts, ""], dtype=object) for texts in (office.ids, office.names, office.districts)
    )
    first = np.searchsorted(net.line, np.arange(len(net.lines)))
    last = np.append(first[1:], net.line.size) - 1
    ends = net.start[first][line], net.end[last][line]
    line_m = np.bincount(net.line, net.length_m, minlength=len(net.lines))
    geometry = stretches["geometry"].to_numpy()
    table = {
        "line": [f"L{n + 1}" for n in line],
        "community_id": ids[own],
        "community_name": names[own],
        "district": districts[own],
        "beyond_id": ids[other],
        "beyond_name": names[other],
        "beyond_district": districts[other],
        "from_point": name_points(ends[0]),
        "to_point": name_points(ends[1]),
        "line_m": line_m[line].round(2),
        "bearing": bearing(net.points[ends[0]], net.points[ends[1]]),
        "road_class": stretches["road_class"],
        "road_name": stretches["road_name"],
        "side": stretches["side"],
        "length_m": shapely.length(geometry).round(2),
        "on_line_m": _on_line_m(stretches, surroundings).round(2),
    }
    return gpd.GeoDataFrame(table, geometry=geometry, crs=surroundings.roads.crs)


def name_points(numbers: IntArray) -> NDArray[np.object_]:
    """Give the names of boundary points, from J1 on."""
    return np.array([f"J{number + 1}" for number in numbers], dtype=object)


def bearing(start: FloatArray, end: FloatArray) -> FloatArray:
    """Give the bearing of straight lines in degrees, clockwise from the north of the grid; none of no length."""
    east, north = (end - start).T
    found = np.degrees(np.arctan2(east, north)).round(2) % 360
    return np.where((east == 0) & (north == 0), np.nan, found)


def words_of_features(surroundings: Surroundings) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Give class and name of all roads and barriers, and "" at -1 for where there is none."""
    features = list_features(surroundings)
    road_class, name = (np.append(features[c].to_numpy(dtype=object), "") for c in ("road_class", "name"))
    return road_class, name


def draw_crossings(
    office: Office, surroundings: Surroundings, outlines: NDArray[np.object_], *, rim_m: float
) -> gpd.GeoDataFrame:
    """Give the list of crossings with lines to see them by; none where all of a road lies near the border.

    Parameters
    ----------
    outlines : (k,) polygons or multipolygons
        Areas of the communities.
    rim_m : float
        What runs within so many metres of the outline may be the border itself, and is left out of the drawing.
    """
    features = list_features(surroundings)
    inner = shapely.buffer(shapely.simplify(outlines, _SMOOTH_M), -rim_m)
    lines = features.geometry.to_numpy()
    line, community = shapely.STRtree(inner).query(lines, predicate="intersects")
    parts, at = shapely.get_parts(shapely.intersection(lines[line], inner[community]), return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    parts, line, community = parts[is_line], line[at[is_line]], community[at[is_line]]
    keys = zip(community.tolist(), features["road_class"].iloc[line], features["name"].iloc[line], strict=True)
    inside: dict[tuple[int, str, str], list[shapely.Geometry]] = {}
    for key, part in zip(keys, parts, strict=True):
        inside.setdefault(key, []).append(part)
    found = [inside.get((row.community, row.road_class, row.name)) for row in office.crossings]
    return gpd.GeoDataFrame(
        list_tables(office)["crossings"],
        geometry=[None if own is None else shapely.MultiLineString(own) for own in found],
        crs=surroundings.roads.crs,
    )


def find_stretches(borders: Borders, surroundings: Surroundings) -> pd.DataFrame:
    """Give for each line, and each class, name and side it follows, where it does, in the order they begin.

    Returns
    -------
    DataFrame
        `line`, `road_class`, `road_name`, `side`; `holder`, as `Borders` has it; `geometry`, multilinestrings.
    """
    pieces, net = borders.pieces, borders.net
    order = np.lexsort((pieces.place, pieces.course))
    order = order[pieces.is_forward[order]]
    road_class, name = words_of_features(surroundings)
    table = pd.DataFrame({"line": net.line[pieces.course[order]]})
    table["road_class"], table["road_name"] = (words[borders.feature[order]] for words in (road_class, name))
    table["holder"] = borders.holder[order]
    changes = (table != table.shift()).any(axis=1)
    to_m = pd.Series(pieces.length_m[order]).groupby(table["line"]).cumsum()
    runs = table[changes].assign(to_m=to_m.groupby(changes.cumsum()).last().to_numpy())
    from_m = runs.groupby("line")["to_m"].shift(fill_value=0.0)
    parts = [_part(net.lines[n], *ends) for n, *ends in zip(runs["line"], from_m, runs["to_m"], strict=True)]
    keys = ["line", "road_class", "road_name", "holder"]
    found = runs.assign(geometry=parts).groupby(keys, sort=False)["geometry"]
    stretches = found.agg(lambda lines: shapely.multilinestrings(list(lines))).reset_index()
    away = pieces.normal[order] * (pieces.length_m[order] * borders.holder[order])[:, None]
    towards = table.assign(east=away[:, 0], north=away[:, 1]).groupby(keys, sort=False)[["east", "north"]].sum()
    is_shared = net.beyond[stretches["line"]] >= 0
    return stretches.assign(side=np.where(is_shared, _name_sides(towards.to_numpy()), ""))


def _name_sides(towards: FloatArray) -> NDArray[np.object_]:
    """Name the side of the street for what points to it from its middle, (n, 2); no direction is the centreline."""
    east, north = np.round(towards.T, 3)
    sides = np.where(north <= east, "south", "west")
    return np.where((east == 0) & (north == 0), "centreline", sides).astype(object)


def _part(line: shapely.LineString, from_m: float, to_m: float) -> shapely.LineString:
    """Give a part of a line, with its own vertices; it is cut at one where one is near, so that no piece is short."""
    xy = shapely.get_coordinates(line)
    vertex_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    begin_m, end_m = (_cut_at(vertex_m, cut_m) for cut_m in (from_m, to_m))
    own_m = vertex_m[(vertex_m > begin_m) & (vertex_m < end_m)]
    part_m = np.concatenate([[begin_m], own_m, [end_m]])
    return shapely.LineString(np.column_stack([np.interp(part_m, vertex_m, values) for values in xy.T]))


def _cut_at(vertex_m: FloatArray, cut_m: float) -> float:
    nearest_m = vertex_m[np.abs(vertex_m - cut_m).argmin()]
    return float(nearest_m if abs(nearest_m - cut_m) < SHORTEST_M else cut_m)


def _on_line_m(stretches: pd.DataFrame, surroundings: Surroundings) -> FloatArray:
    """Give how many metres of each stretch lie on the lines of what it follows."""
    road_class, name = words_of_features(surroundings)
    near = shapely.buffer(feature_lines(surroundings), _ON_LINE_M)
    geometry = stretches["geometry"].to_numpy()
    row, feature = shapely.STRtree(near).query(geometry, predicate="intersects")
    same = (stretches["road_class"].to_numpy()[row] == road_class[feature]) & (
        stretches["road_name"].to_numpy()[row] == name[feature]
    )
    at: dict[int, list[int]] = {}
    for r, f in zip(row[same].tolist(), feature[same].tolist(), strict=True):
        at.setdefault(r, []).append(f)
    found = np.zeros(len(stretches))
    for r, features in at.items():
        found[r] = shapely.length(shapely.intersection(geometry[r], shapely.union_all(near[features])))
    return found
