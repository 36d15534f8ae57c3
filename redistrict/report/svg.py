"""Shapes as SVG path data, in metres from the north-west corner of a picture."""

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]


def trace_areas(shapes: Shapes, corner: tuple[float, float], *, digits: int = 0) -> list[str]:
    """Give each polygon or multipolygon as path data; what is no area has none.

    Parameters
    ----------
    shapes : (n,) geometries, in metres
    corner : (float, float)
        West and north end of the picture.
    digits : int
        Decimals of a metre.
    """
    parts, shape = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_dimensions(parts) == 2
    rings, part = shapely.get_rings(parts[is_area], return_index=True)
    paths = [""] * len(shapes)
    for owner, path in zip(shape[is_area][part].tolist(), trace_lines(rings, corner, digits=digits), strict=True):
        paths[owner] += path
    return paths


def trace_lines(lines: Shapes, corner: tuple[float, float], *, digits: int = 0) -> list[str]:
    """Give each line as path data, "" where it is shorter than the unit it is rounded to; see `trace_areas`."""
    unit = 10**digits
    paths = []
    for line in lines:
        x, y = shapely.get_coordinates(line).T
        points = np.rint(np.array([x - corner[0], corner[1] - y]) * unit).astype(np.int64).T
        moves = np.diff(points, axis=0)
        moves = moves[moves.any(axis=1)]
        start, *steps = (f"{value / unit:.{digits}f}" for value in [*points[:1].ravel(), *moves.ravel()])
        paths.append(f"M{start} {steps[0]}l{' '.join(steps[1:])}" if len(moves) else "")
    return paths
