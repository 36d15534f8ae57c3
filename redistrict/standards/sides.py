"""Sides: which pieces of a community's border look east, south, west and north.

A planner holds the map north up and reads each side as seen from outside. So a piece of border belongs to the side
its outward normal points to, if nothing of the same community stands before it in that direction: the step of an L
is seen from outside, but the walls of a yard that opens to another side, a hole, and what two parts turn to each
other belong to no side.

Streets seldom run exactly to the north. Each community is therefore read in its own grain: the four directions are
turned by the angle that fits its border best, at most 50 degrees, so that every edge of a rectangle is one side
whatever its angle.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import FloatArray, IntArray, Rays, line_segments

SMOOTH_M = 2.0
"""Borders drawn midway between blocks zigzag by about this much; straightening them steadies the normals."""
_STEP_M = 10.0
_TO_NORTH = 0.3
_PAST_45 = np.radians(5)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Short straight pieces of the borders of all communities.

    Attributes
    ----------
    community, segment : (n,) int64
        The community, and the straight segment of border the piece is cut from, those of one together and in order.
    middle, normal : (n, 2) float64
        Its middle, and the unit vector that points out of the community.
    length_m : (n,) float64
        At most 10 m.
    """

    community: IntArray
    segment: IntArray
    middle: FloatArray
    normal: FloatArray
    length_m: FloatArray

    @property
    def rays(self) -> Rays:
        """Rays that leave the community from the middle of each piece."""
        return Rays(self.segment, self.middle, self.normal)


def smooth(outlines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the outlines without the zigzag, counter-clockwise."""
    return np.asarray(shapely.orient_polygons(shapely.simplify(outlines, SMOOTH_M)))


def cut_border(outlines: NDArray[np.object_]) -> Pieces:
    """Cut the rings of oriented outlines, holes included, into pieces."""
    parts, owner = shapely.get_parts(outlines, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    ring, a, b = line_segments(rings)
    along = b - a
    length_m = np.hypot(along[:, 0], along[:, 1])
    n_pieces = np.ceil(length_m / _STEP_M).astype(np.int64)
    segment = np.repeat(np.arange(ring.size), n_pieces)
    rank = np.arange(segment.size) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    return Pieces(
        community=owner[part[ring]][segment].astype(np.int64),
        segment=segment,
        middle=a[segment] + along[segment] * ((rank + 0.5) / n_pieces[segment])[:, None],
        normal=(np.column_stack([along[:, 1], -along[:, 0]]) / length_m[:, None])[segment],
        length_m=(length_m / n_pieces)[segment],
    )


def find_sides(pieces: Pieces, outlines: NDArray[np.object_]) -> tuple[IntArray, FloatArray]:
    """Give every piece the side it is seen from, or none.

    Parameters
    ----------
    pieces : Pieces
        Of `outlines`.
    outlines : (n_communities,) polygons or multipolygons, smooth

    Returns
    -------
    side : (n_pieces,) int64
        0 east, 1 south, 2 west, 3 north, -1 none.
    axes : (n_communities, 4, 2) float64
        Unit vectors to the community's own east, south, west and north.
    """
    turn = _find_turns(pieces, len(outlines))
    angle = turn[:, None] - np.radians([0, 90, 180, 270])
    axes = np.stack([np.cos(angle), np.sin(angle)], axis=2)
    owner = pieces.community
    side = np.argmax(np.einsum("nsx,nx->ns", axes[owner], pieces.normal), axis=1)
    towards = axes[owner, side]
    low_x, low_y, high_x, high_y = shapely.bounds(outlines).T
    far_m = np.hypot(high_x - low_x, high_y - low_y)[owner, None]
    sight = shapely.linestrings(np.stack([pieces.middle + 0.01 * towards, pieces.middle + far_m * towards], axis=1))
    rings = shapely.boundary(outlines)
    shapely.prepare(rings)
    return np.where(shapely.intersects(rings[owner], sight), -1, side), axes


def _find_turns(pieces: Pieces, k: int) -> FloatArray:
    """Give the angle, in radians counter-clockwise, by which the directions of each community are turned.

    Notes
    -----
    With normals at angles t and lengths l, the sum of l exp(4 i t) is longest for a border of right angles and
    points to four times their turn, whatever side a piece is on. Adding 0.3 times the length of the border pulls
    shapes without a grain to true north. A grid near 45 degrees would be turned one way here and the other way
    next door; the cut is therefore 5 degrees past 45 on the side the city as a whole leans to.
    """
    quarter = pieces.length_m * (pieces.normal[:, 0] + 1j * pieces.normal[:, 1]) ** 4
    length_m = np.bincount(pieces.community, pieces.length_m, minlength=k)
    grain = np.zeros(k, dtype=np.complex128)
    np.add.at(grain, pieces.community, quarter)
    lean = _PAST_45 if grain.imag.sum() >= -1e-9 * length_m.sum() else -_PAST_45
    return np.asarray(np.angle((grain + _TO_NORTH * length_m) * np.exp(-4j * lean)) / 4 + lean)
