"""Shapes for the map page: simplified without coming apart, as whole microdegrees, each point a step from the last."""

import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray

SIMPLIFY_M = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Detail finer than this is left out of the drawing: the first that leaves few enough points."""

MAX_POINTS = 300_000
"""Most points of one layer that a page can bear."""

Rings = list[list[list[int]]]


def simplify(shapes: GeoSeries) -> GeoSeries:
    """Drop fine detail where shared borders stay shared, in a valid coverage; leave others as they are."""
    areas = shapes.to_numpy()
    if not shapely.coverage_is_valid(areas):
        return shapes
    for tolerance_m in SIMPLIFY_M:
        simple = shapely.coverage_simplify(areas, tolerance_m)
        if shapely.get_num_coordinates(simple).sum() <= MAX_POINTS:
            break
    return GeoSeries(simple, crs=shapes.crs)


def pack_polygons(shapes: GeoSeries) -> list[Rings]:
    """Pack each shape as a list of polygons, a polygon as a list of rings."""
    parts, shape = shapely.get_parts(_microdegrees(shapes), return_index=True)
    is_area = shapely.get_dimensions(parts) == 2
    parts, shape = parts[is_area], shape[is_area]
    rings, part = shapely.get_rings(parts, return_index=True)
    packed: list[Rings] = [[] for _ in range(len(shapes))]
    polygons: list[list[list[int]]] = [[] for _ in parts]
    for steps, p in zip(pack_lines(rings), part.tolist(), strict=True):
        polygons[p].append(steps)
    for polygon, s in zip(polygons, shape.tolist(), strict=True):
        packed[s].append(polygon)
    return packed


def project_lines(shapes: GeoSeries) -> list[list[int]]:
    """Pack the parts of all lines, simplified, one after the other."""
    return pack_lines(shapely.get_parts(_microdegrees(shapes.simplify(SIMPLIFY_M[0]))))


def pack_lines(lines: NDArray[np.object_]) -> list[list[int]]:
    """Give the points of each line as steps x, y, x, y, ... from the point before, the first from zero."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    steps = points.astype(np.int64)
    follows = np.append(False, np.diff(line) == 0)
    steps[1:] -= np.where(follows[1:, None], steps[:-1], 0)
    moves = steps.any(axis=1) | ~follows
    ends = np.cumsum(np.bincount(line[moves], minlength=len(lines)))
    return [one.ravel().tolist() for one in np.split(steps[moves], ends[:-1])] if len(lines) else []


def pack_points(shapes: GeoSeries) -> list[list[float]]:
    """Give latitude and longitude of each point."""
    degrees = shapely.get_coordinates(shapes.to_crs(4326).to_numpy())
    return [[round(lat, 6), round(lon, 6)] for lon, lat in degrees.tolist()]


def place_names(names: list[str], lines: GeoSeries) -> list[list[object]]:
    """Give text, latitude, longitude and upright angle (degrees) of each name, midway on its longest part."""
    parts, line = shapely.get_parts(lines.to_numpy(), return_index=True)
    order = np.lexsort((-shapely.length(parts), line))
    longest = parts[order[np.unique(line[order], return_index=True)[1]]]
    middle, upright = find_middles(longest)
    spots = pack_points(GeoSeries(middle, crs=lines.crs))
    rows = zip(names, spots, upright.tolist(), strict=True)
    return [[name, *spot, angle] for name, spot, angle in rows if name]


def find_middles(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give the middle of each line, and the angle at which a name is upright along it, degrees."""
    before, middle, after = (shapely.line_interpolate_point(lines, x, normalized=True) for x in (0.45, 0.5, 0.55))
    run = shapely.get_coordinates(after) - shapely.get_coordinates(before)
    return middle, np.rint((np.degrees(np.arctan2(run[:, 1], run[:, 0])) + 90) % 180 - 90).astype(np.int64)


def _microdegrees(shapes: GeoSeries) -> NDArray[np.object_]:
    """Project to degrees and round to whole microdegrees (0.1 m): points that were equal stay equal."""
    degrees = shapely.force_2d(shapes.to_crs(4326).to_numpy())
    return np.asarray(shapely.transform(degrees, lambda points: np.rint(points * 1e6)))
