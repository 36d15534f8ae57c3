"""Lettering: where names may stand on the map. The places are found once; the page chooses those that fit its scale.

A community's name stands at its pole of inaccessibility, or where a name about three times as wide as high has most
room: level, or along the community where it is narrow. Districts, streets, waters and hills are lettered with
spaced letters, for which any places spread over their ground will do.
"""

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from redistrict.report.levels import LevelRows
from redistrict.report.map.geometry import pack_points
from redistrict.standards.naming import short_name

NAME_SHAPE = 3.2
"""How many times as wide as high a usual name is: four Chinese characters with their margins."""

DIRECTIONS = (0, 20, 40, 60, 80, -80, -60, -40, -20)
"""Degrees at which a name is tried, level first."""

N_POLES = 4
"""Most poles of a community: where one is beyond the edge of the screen, another may be seen."""

N_SPREAD = 50
"""About as many places are spread over ground that is lettered with spaced letters."""

N_SPREAD_DISTRICT = 150
"""And as many over a district, whose letters stand between the names of its communities."""

LEAST_POLE = 0.4
"""A place with less room than this share of the widest one is of no use."""

_FINE_M = 5.0


def pack_spots(shapes: GeoSeries) -> dict[str, list[object]]:
    """Pack where the name of each area may stand.

    Parameters
    ----------
    shapes : GeoSeries of polygons
        Metric CRS, none empty.

    Returns
    -------
    dict
        `spots`, for each area places as latitude and longitude, the best first, all inside its largest piece;
        `angle`, for each area the direction in which a name has most room, whole degrees in (-90, 90].
    """
    found = [find_spots(piece) for piece in main_pieces(shapes)]
    packed = iter(pack_points(GeoSeries(shapely.points(np.concatenate([spots for spots, _ in found])), crs=shapes.crs)))
    return {"spots": [[next(packed) for _ in spots] for spots, _ in found], "angle": [angle for _, angle in found]}


def main_pieces(shapes: GeoSeries) -> NDArray[np.object_]:
    """Give the largest piece of each area, without the finest detail."""
    parts, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    largest = parts[order[np.unique(owner[order], return_index=True)[1]]]
    return np.asarray(shapely.simplify(largest, _FINE_M))


def find_spots(piece: shapely.Polygon) -> tuple[NDArray[np.float64], int]:
    """Give the places for a name, (n, 2), and a direction: most room for a level name, and for a turned one, poles."""
    rooms = [_find_room(piece, angle) for angle in DIRECTIONS]
    best = max(range(len(DIRECTIONS)), key=lambda n: rooms[n][1])
    return np.array([rooms[0][0], rooms[best][0], *_find_poles(piece)]), DIRECTIONS[best]


def _find_room(piece: shapely.Polygon, angle: int) -> tuple[NDArray[np.float64], float]:
    """Give middle and half width (metres) of the largest ellipse, shaped as a name, in `piece` at `angle`.

    Seen in a frame that is turned to the ellipse and pressed together along it, it is the largest circle.
    """
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    press = np.array([[cos / NAME_SHAPE, -sin], [sin / NAME_SHAPE, cos]])
    circle = shapely.maximum_inscribed_circle(shapely.transform(piece, lambda points: points @ press), _FINE_M)
    return np.asarray(shapely.get_coordinates(circle)[0] @ np.linalg.inv(press)), circle.length


def _find_poles(piece: shapely.Polygon) -> list[NDArray[np.float64]]:
    """Give the middle of the largest circle in `piece`, then that of what is left without it, while it is not small."""
    poles: list[NDArray[np.float64]] = []
    circle, rest, least_m = shapely.maximum_inscribed_circle(piece, _FINE_M), piece, 0.0
    while len(poles) < N_POLES and circle.length > least_m:
        poles.append(shapely.get_coordinates(circle)[0])
        least_m = least_m or LEAST_POLE * circle.length
        rest = rest.difference(shapely.Point(poles[-1]).buffer(circle.length))
        circle = shapely.maximum_inscribed_circle(rest, _FINE_M)
    return poles


def pack_short(communities: GeoDataFrame) -> dict[str, str]:
    """Pack what stands on the map for the long names of new communities."""
    names, districts = communities["community_name"], _districts(communities)
    pairs = [(name, short_name(district, name)) for district, name in zip(districts, names, strict=True)]
    return {name: short for name, short in pairs if short}


def _districts(communities: GeoDataFrame) -> list[str]:
    """Give the district of each community, "" where there are none."""
    return communities["district"].tolist() if "district" in communities else [""] * len(communities)


def pack_grounds(communities: GeoDataFrame, level: LevelRows | None, barriers: GeoDataFrame) -> list[dict[str, object]]:
    """Pack what is lettered beside the communities, in the order in which it takes its place.

    Parameters
    ----------
    communities : GeoDataFrame
        `community_id`, polygons, and `district`, where the data have districts.
    level : LevelRows or None
        Whose units are lettered.
    barriers : GeoDataFrame
        `road_class`, `name`; of the areas among them those with a name are lettered.

    Returns
    -------
    list of dict
        `kind` (district, unit, water or hill), `name`, `angle`, and `spots` spread over the ground.
    """
    shapes = communities.geometry.to_numpy()
    homes = np.array(_districts(communities), dtype=object)
    grounds = [("district", name, shapely.union_all(shapes[homes == name])) for name in sorted(set(homes))]
    if level is not None:
        number = {key: c for c, key in enumerate(communities["community_id"])}
        units = [(one.name, [number[key] for key in one.communities]) for one in level.units if one.communities]
        grounds += [("unit", name, shapely.union_all(shapes[own])) for name, own in units]
    areas = barriers[shapely.get_dimensions(barriers.geometry.to_numpy()) == 2]
    kinds = np.where(areas["road_class"] == "hill", "hill", "water").tolist()
    grounds += [(kind, *one) for kind, *one in zip(kinds, areas["name"], areas.geometry, strict=True)]
    return [_pack_ground(kind, name, ground, communities.crs) for kind, name, ground in grounds if name]


def _pack_ground(kind: str, name: str, ground: shapely.Geometry, crs: object) -> dict[str, object]:
    piece = main_pieces(GeoSeries([ground]))[0]
    n_spread = N_SPREAD_DISTRICT if kind == "district" else N_SPREAD
    spots = GeoSeries(shapely.points(spread_spots(piece, n_spread)), crs=crs)
    return {"kind": kind, "name": name, "angle": find_spots(piece)[1], "spots": pack_points(spots)}


def spread_spots(piece: shapely.Polygon, n_spread: int = N_SPREAD) -> NDArray[np.float64]:
    """Give about `n_spread` points of a square grid inside `piece`, (n, 2), the nearest to its pole first."""
    pole, step = _find_poles(piece)[0], np.sqrt(piece.area / n_spread)
    inner = piece.buffer(-step / 2)
    left, low, right, high = piece.bounds
    x, y = np.meshgrid(
        np.arange(pole[0] - np.floor((pole[0] - left) / step) * step, right, step),
        np.arange(pole[1] - np.floor((pole[1] - low) / step) * step, high, step),
    )
    spots = np.column_stack([x.ravel(), y.ravel()])
    spots = spots[shapely.contains_xy(inner, spots)] if inner.area else pole[None]
    return spots[np.argsort(np.hypot(*(spots - pole).T).round(3), kind="stable")]
