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

from redistrict.geo.rays import FloatArray, IntArray, Rays
from redistrict.standards.border_net import BorderNet

_STEP_M = 10.0
_TO_NORTH = 0.3
_PAST_45 = np.radians(5)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Short straight pieces of the borders of all communities; a border between two is cut alike for both.

    Attributes
    ----------
    community, segment : (n,) int64
        The community, and the straight course the piece is cut from, those of one together and in order.
    course : (n,) int64
        Which course of the border net that is.
    place : (n,) int64
        How many pieces of it come before, as the net's line runs.
    is_forward : (n,) bool
        Whether the piece runs as the net's line does; what is shared has a twin that does.
    middle, normal : (n, 2) float64
        Its middle, and the unit vector that points out of the community.
    length_m : (n,) float64
        Metres of border it stands for; itself it is at most 10 m.
    """

    community: IntArray
    segment: IntArray
    course: IntArray
    place: IntArray
    is_forward: NDArray[np.bool_]
    middle: FloatArray
    normal: FloatArray
    length_m: FloatArray

    @property
    def rays(self) -> Rays:
        """Rays that leave the community from the middle of each piece."""
        return Rays(self.segment, self.middle, self.normal)


def cut_border(net: BorderNet) -> Pieces:
    """Cut the courses of all communities into pieces, by community."""
    shared = np.flatnonzero(net.beyond[net.line] >= 0)
    n_courses = net.line.size
    course = np.append(np.arange(n_courses), shared)
    is_forward = np.arange(course.size) < n_courses
    community = np.append(net.community[net.line], net.beyond[net.line[shared]])
    order = np.argsort(community, kind="stable")
    course, is_forward, community = course[order], is_forward[order], community[order]
    start, end = net.points[net.start[course]], net.points[net.end[course]]
    a, b = np.where(is_forward[:, None], start, end), np.where(is_forward[:, None], end, start)
    along = b - a
    straight_m = np.hypot(along[:, 0], along[:, 1])
    n_pieces = np.ceil(straight_m / _STEP_M - 1e-9).astype(np.int64)
    segment = np.repeat(np.arange(course.size), n_pieces)
    rank = np.arange(segment.size) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    return Pieces(
        community=community[segment],
        segment=segment,
        course=course[segment],
        place=np.where(is_forward[segment], rank, n_pieces[segment] - 1 - rank),
        is_forward=is_forward[segment],
        middle=a[segment] + along[segment] * ((rank + 0.5) / n_pieces[segment])[:, None],
        normal=(np.column_stack([along[:, 1], -along[:, 0]]) / straight_m[:, None])[segment],
        length_m=(net.length_m[course] / n_pieces)[segment],
    )


def find_sides(pieces: Pieces, rings: NDArray[np.object_]) -> tuple[IntArray, FloatArray]:
    """Give every piece the side it is seen from, or none.

    Parameters
    ----------
    pieces : Pieces
        Cut from `rings`.
    rings : (n_communities,) multilinestrings

    Returns
    -------
    side : (n_pieces,) int64
        0 east, 1 south, 2 west, 3 north, -1 none.
    axes : (n_communities, 4, 2) float64
        Unit vectors to the community's own east, south, west and north.
    """
    turn = _find_turns(pieces, len(rings))
    angle = turn[:, None] - np.radians([0, 90, 180, 270])
    axes = np.stack([np.cos(angle), np.sin(angle)], axis=2)
    owner = pieces.community
    side = np.argmax(np.einsum("nsx,nx->ns", axes[owner], pieces.normal), axis=1)
    towards = axes[owner, side]
    low_x, low_y, high_x, high_y = shapely.bounds(rings).T
    far_m = np.hypot(high_x - low_x, high_y - low_y)[owner, None]
    sight = shapely.linestrings(np.stack([pieces.middle + 0.01 * towards, pieces.middle + far_m * towards], axis=1))
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
