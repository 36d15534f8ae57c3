"""Boundary points (界址点): each place once with its coordinates, and every community's round of them."""

from collections import defaultdict

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import IntArray
from redistrict.geo.roads import Surroundings, feature_lines
from redistrict.report.gis.border_lines import bearing, name_points, words_of_features
from redistrict.standards.bounds import Borders
from redistrict.standards.office import Office

CGCS2000 = 4490
_THERE_M = 1.0


def draw_points(office: Office, surroundings: Surroundings) -> gpd.GeoDataFrame:
    """Give every boundary point once.

    Returns
    -------
    GeoDataFrame
        `point` (J1, J2, ...); `point_type`, `node` where lines end, else `turn`; `east_m` and `north_m` in the CRS of
        the data, `longitude` and `latitude` in CGCS2000 degrees; `stands_there`, the names of the roads and barriers
        that run there; `communities`, the names of those that meet there; points.
    """
    net = office.borders.net
    points = gpd.GeoSeries(shapely.points(net.points), crs=surroundings.roads.crs)
    degrees = points.to_crs(CGCS2000)
    meeting: dict[int, dict[str, None]] = defaultdict(dict)
    for community, number in net.rounds:
        for n in number.tolist():
            meeting[n][office.names[community]] = None
    table = {
        "point": name_points(np.arange(len(points))),
        "point_type": np.where(net.is_node, "node", "turn").astype(object),
        "east_m": net.points[:, 0].round(3),
        "north_m": net.points[:, 1].round(3),
        "longitude": degrees.x.to_numpy().round(8),
        "latitude": degrees.y.to_numpy().round(8),
        "stands_there": _name_what_stands_there(office.borders, surroundings),
        "communities": ["; ".join(meeting[n]) for n in range(len(points))],
    }
    return gpd.GeoDataFrame(table, geometry=points.to_numpy(), crs=surroundings.roads.crs)


def list_rounds(office: Office, surroundings: Surroundings, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the round of every community, point by point, and from each the way to the next.

    Parameters
    ----------
    points : GeoDataFrame
        As `draw_points` gives them.

    Returns
    -------
    DataFrame
        `community_id`, `community_name`, `district`; `ring` and `step`, from 1: land lies on the right, outer rings run
        clockwise from the north-west; what `points` says of the point; `next_point`, `distance_m` and `bearing` to it,
        straight; `length_m` along the border; `line`, `beyond_id` and `beyond_name` ("" at the edge of the built-up
        area); `road_class` and `road_name` of what most of that piece follows.
    """
    net = office.borders.net
    here = np.concatenate([number for _, number in net.rounds])
    there = np.concatenate([np.roll(number, -1) for _, number in net.rounds])
    size = np.array([number.size for _, number in net.rounds])
    owner = pd.Series([c for c, _ in net.rounds])
    community, ring = (np.repeat(each.to_numpy(), size) for each in (owner, owner.groupby(owner).cumcount() + 1))
    course_at = {ends: n for n, ends in enumerate(zip(net.start.tolist(), net.end.tolist(), strict=True))}
    course = np.array(
        [course_at.get((b, a), course_at.get((a, b))) for a, b in zip(here.tolist(), there.tolist(), strict=True)]
    )
    line = net.line[course]
    beyond = np.where(net.community[line] == community, net.beyond[line], net.community[line])
    ids, names, districts = (
        np.array([*texts, ""], dtype=object) for texts in (office.ids, office.names, office.districts)
    )
    feature = _find_main_features(office.borders)[course]
    road_class, road_name = words_of_features(surroundings)
    step = net.points[there] - net.points[here]
    table = pd.DataFrame(
        {
            "community_id": ids[community],
            "community_name": names[community],
            "district": districts[community],
            "ring": ring,
            "step": np.concatenate([np.arange(n) + 1 for n in size]),
        }
    )
    told = pd.DataFrame(points.drop(columns=["geometry", "communities"])).iloc[here].reset_index(drop=True)
    return pd.concat([table, told], axis=1).assign(
        next_point=name_points(there),
        distance_m=np.hypot(*step.T).round(2),
        bearing=bearing(net.points[here], net.points[there]),
        length_m=net.length_m[course].round(2),
        line=[f"L{n + 1}" for n in line],
        beyond_id=ids[beyond],
        beyond_name=names[beyond],
        road_class=road_class[feature],
        road_name=road_name[feature],
    )


def _find_main_features(borders: Borders) -> IntArray:
    """Give what most of each course follows, -1 nothing; of two that are equal the one that comes first."""
    mine = borders.pieces.is_forward
    pieces = pd.DataFrame({"course": borders.pieces.course, "feature": borders.feature, "m": borders.pieces.length_m})
    length_m = pieces[mine].groupby(["course", "feature"])["m"].sum().round(3).reset_index()
    main = length_m.sort_values(["course", "m", "feature"], ascending=[True, False, True]).drop_duplicates("course")
    return main["feature"].to_numpy(dtype=np.int64)


def _name_what_stands_there(borders: Borders, surroundings: Surroundings) -> NDArray[np.object_]:
    """Give the names of what the courses that meet at each point follow there, and of all that runs through it."""
    net, pieces = borders.net, borders.pieces
    order = np.lexsort((pieces.place, pieces.course))
    order = order[pieces.is_forward[order]]
    first = np.searchsorted(pieces.course[order], np.arange(net.line.size))
    last = np.append(first[1:], order.size) - 1
    lines = feature_lines(surroundings)
    point, feature = shapely.STRtree(lines).query(shapely.points(net.points), "dwithin", _THERE_M)
    point = np.concatenate([net.start, net.end, point])
    feature = np.concatenate([borders.feature[order[first]], borders.feature[order[last]], feature])
    _, name = words_of_features(surroundings)
    found: list[set[str]] = [set() for _ in net.points]
    for n, text in zip(point.tolist(), name[feature].tolist(), strict=True):
        found[n] |= {text} - {""}
    return np.array(["; ".join(sorted(texts)) for texts in found], dtype=object)
