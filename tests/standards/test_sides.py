"""Sides: the short pieces a border is cut into."""

import numpy as np
import pytest
from numpy.typing import NDArray
from shapely.affinity import rotate, translate

from redistrict.standards.border_net import build_net
from redistrict.standards.sides import Pieces, cut_border, find_sides
from tests.geo.drawing import ORIGIN, box, polygon


@pytest.fixture
def pieces() -> Pieces:
    """Give the pieces of two squares of 100 m side by side, the second one 95 m wide."""
    return cut_border(build_net(np.array([box(0, 0), box(100, 0, width=95)], dtype=object)))


def beside(pieces: Pieces, community: int) -> dict[tuple[int, int], NDArray[np.float64]]:
    """Give middle and normal of every piece of a community by its course and place."""
    mine = pieces.community == community
    at = zip(pieces.course[mine].tolist(), pieces.place[mine].tolist(), strict=True)
    return dict(zip(at, np.hstack([pieces.middle, pieces.normal])[mine], strict=True))


def test_no_side_has_more_pieces_than_it_needs(pieces: Pieces) -> None:
    """A side of 100 m has ten pieces of 10 m, one of 95 m ten of 9.5 m."""
    assert np.bincount(pieces.community).tolist() == [40, 40]
    assert np.unique(pieces.length_m.round(6)).tolist() == [9.5, 10]


def test_a_border_between_two_is_cut_alike_for_both(pieces: Pieces) -> None:
    """The ten pieces of the common side have the same place on both sides, and point at each other."""
    one, two = beside(pieces, 0), beside(pieces, 1)
    common = one.keys() & two.keys()
    assert sorted(place for _, place in common) == list(range(10))
    for key in common:
        assert one[key] == pytest.approx(two[key] * [1, 1, -1, -1])


@pytest.mark.parametrize(("turn", "sides"), [(0, [0, 1, 2, 3]), (90, [3, 0, 1, 2])])
@pytest.mark.parametrize("from_m", [(0, 0), (ORIGIN[0] + 150, ORIGIN[1]), (ORIGIN[0], ORIGIN[1] + 150)])
def test_the_walls_of_a_yard_look_to_no_side(from_m: tuple[float, float], turn: float, sides: list[int]) -> None:
    """Of a U open to the north, 300 m by 60 m, both walls of the yard in its middle are -1, its ground is north.

    So it is of one open to the west, and around the place that coordinates are counted from.
    """
    yard = polygon((0, 0), (300, 0), (300, 60), (200, 60), (200, 30), (100, 30), (100, 60), (0, 60))
    turned = rotate(yard, turn, origin=ORIGIN)
    net = build_net(np.array([translate(turned, -from_m[0], -from_m[1])], dtype=object))
    pieces = cut_border(net)
    side, _ = find_sides(pieces, net.smoothed(1))
    metres = {int(s): round(pieces.length_m[side == s].sum()) for s in np.unique(side)}
    assert metres == {-1: 60, **dict(zip(sides, (60, 300, 60, 300), strict=True))}
