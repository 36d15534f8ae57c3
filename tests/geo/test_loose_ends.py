"""Loose ends: a street that misses another by a little meets it all the same."""

import numpy as np
import pytest
import shapely

from redistrict.geo.loose_ends import close_ends
from redistrict.geo.outlines import draw_plan
from redistrict.geo.rays import GRID_M
from redistrict.standards.border_net import build_net
from tests.geo.drawing import build_cells, cells, line

MAIN = line((-50, 110), (270, 110))


@pytest.mark.parametrize(("miss_m", "n_closed"), [(0.01, 1), (-0.01, 1), (0.4, 1), (0.6, 0), (-0.6, 0), (50.0, 0)])
def test_an_end_near_another_line_is_led_past_it(miss_m: float, n_closed: int) -> None:
    """A side street that stops, or runs on, up to half a metre off the main one is led past it; others are not."""
    side = line((110, -50), (110, 110 - miss_m))
    closed = close_ends(np.array([MAIN, side], dtype=object))
    assert len(closed) == n_closed
    for gap in closed:
        assert shapely.crosses(gap, MAIN)
        assert gap.length == pytest.approx(abs(miss_m) + 2 * GRID_M)


def test_an_end_near_two_lines_is_led_past_the_nearer() -> None:
    """It meets the one it misses by 20 cm and not the one it misses by a little more."""
    side, beyond = line((110, -50), (110, 109.8)), line((60.3, 59.8), (160.3, 159.8))
    (gap,) = close_ends(np.array([beyond, MAIN, side], dtype=object))
    assert shapely.crosses(gap, MAIN)
    assert not shapely.intersects(gap, beyond)


def test_lines_that_meet_or_stand_alone_have_no_loose_ends() -> None:
    """An end on another line is not loose, nor is a ring's; no lines have none."""
    side = line((110, -50), (110, 110))
    assert not len(close_ends(np.array([MAIN, side], dtype=object)))
    assert not len(close_ends(np.array([line((0, 0), (9, 0), (9, 9), (0, 0))], dtype=object)))
    assert not len(close_ends(np.array([], dtype=object)))


def test_a_border_follows_a_street_that_misses_the_junction_by_a_centimetre() -> None:
    """The border of a corner block lies on both streets up to the junction, without a bend there.

    ::

        a b      c alone, the others together; the side street between c and d lies nearer to c, and stops
        c d      a centimetre short of the main road
    """
    shapes = np.array([*cells("a b\nc d", street_m=20).values()], dtype=object)
    roads = np.array([MAIN, line((104, -50), (104, 109.99))], dtype=object)
    found = build_cells(shapes, roads, max_gap_m=40)
    net = build_net(draw_plan(found, np.array([0, 0, 1, 0], dtype=np.int32)))
    (shared,) = net.lines[net.beyond == 1]
    assert shapely.length(shapely.difference(shared, shapely.union_all(shapely.buffer(roads, 0.02)))) == 0
    assert shapely.get_num_points(shared) == 3
