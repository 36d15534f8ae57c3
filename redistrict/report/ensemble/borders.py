"""The map of borders: each stretch between two neighbours, by how many of the plans drawn have a border there."""

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.report.compare.maps import THIN, Frame, find_frame, wrap_svg
from redistrict.report.ensemble.content import Ensemble
from redistrict.report.svg import trace_lines

BANDS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_STRAIGHT_M = 2.0


def draw_borders(found: Ensemble) -> str:
    """Draw the borders between neighbours in bands of shares, those of the plan above them."""
    near, cells = found.neighbours, found.cells
    lines = _find_borders(cells.shapes, near.pairs)
    frame = find_frame(cells.shapes)
    share = 1 - near.share
    drawn = [_draw(shapely.boundary(cells.shapes), "ground", frame)]
    for number, (low, high) in enumerate(pairwise(BANDS)):
        is_here = near.is_known & (share >= low) & ((share < high) | (high == BANDS[-1]))
        drawn.append(_draw(lines[is_here], f"band band-{number}", frame))
    drawn.append(_draw(lines[~near.is_together], "own", frame))
    return wrap_svg(frame, "".join(drawn))


def _find_borders(shapes: NDArray[np.object_], pairs: NDArray[np.int32]) -> NDArray[np.object_]:
    """Give the border that the cells of each pair share; empty for pairs that are joined over ground of others."""
    rings = shapely.boundary(shapes)
    found = shapely.intersection(rings[pairs[:, 0]], rings[pairs[:, 1]])
    return np.array([_as_lines(one) for one in found], dtype=object)


def _as_lines(shape: shapely.Geometry) -> shapely.Geometry:
    """Give what of a shape is lines, put together."""
    parts = shapely.get_parts(shape)
    return shapely.line_merge(shapely.multilinestrings(parts[shapely.get_dimensions(parts) == 1]))


def _draw(lines: NDArray[np.object_], kind: str, frame: Frame) -> str:
    parts = shapely.get_parts(lines)  # of a multipolygon's boundary and of borders in several pieces
    parts = shapely.simplify(parts[~shapely.is_empty(parts)], _STRAIGHT_M)
    return f'<path class="{kind}" d="{"".join(trace_lines(parts, frame[:2]))}" {THIN}/>'
