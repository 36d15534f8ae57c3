"""Open ground: what lies beside the cells of blocks, outside and in between, and which blocks border on it."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.cells import Cells

LEAST_CONTACT_M = 1.0
"""Ground that touches along less is not beside each other: nobody gets through."""
_MARGIN_M = 100.0


def find_contacts(cells: Cells) -> tuple[NDArray[np.int32], int]:
    """Give which cells lie beside each other or beside open ground, and how many pieces of open ground there are.

    Returns
    -------
    pairs : (m, 2) int32
        Nodes i < j. Blocks come first, then pieces of open ground, the outside before all others.
    n_open : int
    """
    n = len(cells.shapes)
    x0, y0, x1, y1 = shapely.total_bounds(cells.shapes).tolist()
    frame = shapely.box(x0 - _MARGIN_M, y0 - _MARGIN_M, x1 + _MARGIN_M, y1 + _MARGIN_M)
    pieces = shapely.get_parts(shapely.difference(frame, shapely.coverage_union_all(cells.shapes)))
    pieces = pieces[np.argsort(-shapely.area(shapely.envelope(pieces)), kind="stable")]
    beside = np.bincount(cells.pairs.ravel(), np.repeat(cells.border_m, 2), n)
    edge = np.flatnonzero(shapely.length(cells.shapes) - beside >= LEAST_CONTACT_M)
    at, piece = shapely.STRtree(pieces).query(cells.shapes[edge], predicate="intersects")
    firm = np.bincount(at, minlength=len(edge))[at] == 1  # all of its edge, so there is no need to measure it
    several = np.flatnonzero(~firm)
    shared = shapely.intersection(shapely.boundary(cells.shapes[edge[at[several]]]), pieces[piece[several]])
    firm[several] = shapely.length(shared) >= LEAST_CONTACT_M
    open_ = np.column_stack([edge[at[firm]], n + piece[firm]])
    return np.vstack([cells.pairs[cells.border_m >= LEAST_CONTACT_M], open_]).astype(np.int32), len(pieces)
