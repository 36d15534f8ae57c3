"""Names of communities on a map: inside their area where they fit, else led out of the city, else as a number."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.report.pack.drawings import INK, Areas, Window, box_around

LEAST_PT = 6.0
"""No name is smaller."""

_SIZES_PT = (8.0, 7.0, LEAST_PT)
_STEP_MM, _EXACT_MM = 1.0, 0.2
_NEAR_MM, _FAR_MM, _RING_MM, _DIRECTIONS = 4.0, 31.0, 3.0, 24
_LINE_MM, _DOT_MM = 0.15, 0.5


def write_names(window: Window, areas: Areas, numbers: Sequence[int]) -> list[int]:
    """Name areas, none over another, and give those that have but a number (their place in the list, from 1).

    A name stands as near as it can to the pole of inaccessibility of the largest piece of its area in the window, and
    crosses no border. Where there is no room a line leads to it from ground outside all areas.
    """
    pieces = [_largest(piece) for piece in shapely.clip_by_rect(areas.shapes[list(numbers)], *window.window)]
    seen = [(n, piece) for n, piece in zip(numbers, pieces, strict=True) if not piece.is_empty]
    narrow = [(n, piece) for n, piece in _roomiest_first(seen) if not _write_inside(window, areas.names[n], piece)]
    city = shapely.union_all(areas.shapes) if narrow else shapely.Point()
    crowded = [(n, piece) for n, piece in narrow if not _write_outside(window, areas.names[n], piece, city)]
    for n, piece in crowded:
        if not _write_inside(window, f"{n + 1}", piece):
            _write_outside(window, f"{n + 1}", piece, shapely.Point())
    return sorted(n for n, _ in crowded)


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return max(parts, key=shapely.area) if len(parts) else shapely.Polygon()


def _roomiest_first(seen: list[tuple[int, shapely.Geometry]]) -> list[tuple[int, shapely.Geometry]]:
    return sorted(seen, key=lambda one: (-one[1].area, one[0]))


def _write_inside(window: Window, text: str, piece: shapely.Geometry) -> bool:
    """Write a text where its box lies within the piece, as near to the pole as can be, smaller if it must."""
    pole = _find_pole(window, piece)
    for size_pt in _SIZES_PT:
        size = window.size_of(text, size_pt)
        for spot in _spots_within(piece, pole, size, _STEP_MM / window.mm_per_m):
            if window.label(text, spot, size_pt, INK):
                return True
    return False


def _find_pole(window: Window, piece: shapely.Geometry) -> shapely.Point:
    """Give the point of a piece farthest from its border."""
    return shapely.get_point(shapely.maximum_inscribed_circle(piece, _EXACT_MM / window.mm_per_m), 0)


def _spots_within(
    piece: shapely.Geometry, pole: shapely.Point, size: tuple[float, float], step: float
) -> Iterator[shapely.Point]:
    """Give the pole, then other points of a grid, the nearest first, around which a box of a size lies in the piece."""
    west, south, east, north = piece.bounds
    x, y = (grid.ravel() for grid in np.meshgrid(_along(west, east, step), _along(south, north, step)))
    order = np.argsort(np.hypot(x - pole.x, y - pole.y), kind="stable")
    x, y = np.append(pole.x, x[order]), np.append(pole.y, y[order])
    boxes = shapely.box(x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
    shapely.prepare(piece)
    fits = shapely.contains(piece, boxes)
    yield from shapely.points(x[fits], y[fits])


def _along(first: float, last: float, step: float) -> NDArray[np.float64]:
    return np.arange(first + step / 2, last, step)


def _write_outside(window: Window, text: str, piece: shapely.Geometry, taken: shapely.Geometry) -> bool:
    """Write a text near a piece but off what is taken, with a line to it that crosses no name."""
    pole, size = _find_pole(window, piece), window.size_of(text, LEAST_PT)
    for spot in _spots_around(pole, window.mm_per_m):
        box = box_around(spot, size)
        lead = shapely.shortest_line(box, pole)
        if taken.intersects(box) or not window.is_free(lead) or not window.label(text, spot, LEAST_PT, INK):
            continue
        window.keep_free(lead)
        window.lines(np.array([lead], dtype=object), INK, _LINE_MM)
        window.fill(np.array([pole.buffer(_DOT_MM / window.mm_per_m)], dtype=object), INK)
        return True
    return False


def _spots_around(pole: shapely.Point, mm_per_m: float) -> Iterator[shapely.Point]:
    """Give points on rings around a point, the nearest first."""
    for radius in np.arange(_NEAR_MM, _FAR_MM, _RING_MM) / mm_per_m:
        for angle in np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS:
            yield shapely.Point(pole.x + radius * np.cos(angle), pole.y + radius * np.sin(angle))
