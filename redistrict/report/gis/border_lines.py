"""Border lines: where communities meet, by the road each border follows, and the roads inside communities."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import IntArray
from redistrict.geo.roads import Surroundings, list_features
from redistrict.report.tables.office import list_tables
from redistrict.standards.office import Office
from redistrict.standards.sides import Pieces

_SMOOTH_M = 1.0
_TOUCH_M = 0.001


def draw_borders(office: Office, surroundings: Surroundings) -> gpd.GeoDataFrame:
    """Give every border once, divided by what it follows.

    The lines are the pieces the four bounds are told from, within `redistrict.standards.sides.SMOOTH_M` of the
    outlines. Where two communities meet it is the border of the one that comes first in the plan.

    Returns
    -------
    GeoDataFrame
        `community_id`, `community_name`, `district`, the same of the community beyond as `beyond_id`, `beyond_name`,
        `beyond_district` ("" at the edge of the built-up area); `road_class` and `road_name` of the road or barrier
        it follows ("" where there is none, or it has no name); `length_m`; multilinestrings.
    """
    pieces, beyond = office.borders.pieces, office.borders.beyond
    features = list_features(surroundings)
    labels = pd.DataFrame({"community": pieces.community, "beyond": beyond})
    for column, name in (("road_class", "road_class"), ("road_name", "name")):
        labels[column] = np.append(features[name].to_numpy(dtype=object), "")[office.borders.feature]
    groups = labels[(beyond < 0) | (pieces.community < beyond)].groupby([*labels.columns], sort=True)
    group = groups.ngroup().reindex(labels.index, fill_value=-1).to_numpy().astype(np.int64)
    rows = groups.size().reset_index()
    own, other = rows["community"].to_numpy(), rows["beyond"].to_numpy()
    ids, names, districts = (
        np.array([*texts, ""], dtype=object) for texts in (office.ids, office.names, office.districts)
    )
    table = {
        "community_id": ids[own],
        "community_name": names[own],
        "district": districts[own],
        "beyond_id": ids[other],
        "beyond_name": names[other],
        "beyond_district": districts[other],
        "road_class": rows["road_class"],
        "road_name": rows["road_name"],
        "length_m": np.bincount(group[group >= 0], pieces.length_m[group >= 0], minlength=len(rows)).round(2),
    }
    return gpd.GeoDataFrame(table, geometry=_stitch(pieces, group), crs=surroundings.roads.crs)


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


def _stitch(pieces: Pieces, group: IntArray) -> NDArray[np.object_]:
    """Join the pieces of each group, those that follow each other as one line; pieces of group -1 are left out."""
    half = np.column_stack([-pieces.normal[:, 1], pieces.normal[:, 0]]) * pieces.length_m[:, None] / 2
    starts, ends = pieces.middle - half, pieces.middle + half
    goes_on = (group[1:] == group[:-1]) & (np.hypot(*(starts[1:] - ends[:-1]).T) < _TOUCH_M)
    is_first, is_last = np.append(True, ~goes_on), np.append(~goes_on, True)
    turns = is_first | np.append(True, pieces.segment[1:] != pieces.segment[:-1])
    run = np.cumsum(is_first) - 1
    begun, ended = np.flatnonzero(turns & (group >= 0)), np.flatnonzero(is_last & (group >= 0))
    order = np.argsort(np.concatenate([2 * begun, 2 * ended + 1]))
    points = np.concatenate([starts[begun], ends[ended]])[order]
    _, line = np.unique(run[np.concatenate([begun, ended])][order], return_inverse=True)
    lines, group_of_line = shapely.linestrings(points, indices=line), group[ended]
    by_group = np.argsort(group_of_line, kind="stable")
    return np.asarray(shapely.multilinestrings(lines[by_group], indices=group_of_line[by_group]))
