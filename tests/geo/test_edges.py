"""Edges: a street between two communities goes whole to the one north or east of it, and nobody falls apart."""

import numpy as np
import pytest
import shapely
import shapely.affinity

from redistrict.geo import edges
from redistrict.geo.outlines import draw_edges, draw_plan
from tests.geo.drawing import ORIGIN, box, build_cells, cells, make_blocks

GRID = cells("a b c\nd e f", street_m=20)
"""Blocks of 100 m: a and d between 0 and 100 from west to east, d, e, f south of the street between 100 and 120."""


def _draw(
    shapes: dict[str, shapely.Geometry], plan: list[int], *, max_gap_m: float = 40
) -> tuple[list[shapely.Geometry], list[shapely.Geometry]]:
    """Draw a plan (communities of the blocks by name), from the origin of the drawing."""
    found = build_cells(make_blocks(shapes).shapes, np.array([], dtype=object), max_gap_m=max_gap_m)
    outlines, moved = draw_edges(found, np.array(plan, dtype=np.int32))
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    before = draw_plan(found, np.array(plan, dtype=np.int32))
    assert shapely.area(outlines).sum() == pytest.approx(shapely.area(before).sum(), rel=1e-4)
    return [list(shapely.transform(some, lambda xy: xy - ORIGIN)) for some in (outlines, moved)]


def test_the_street_goes_to_the_community_in_the_east() -> None:
    """Of abde and cf: the border runs along the east side of b and e, the street is that of c and f."""
    (west, east), (nothing, street) = _draw(GRID, [0, 0, 1, 0, 0, 1])
    assert west.bounds[2] == pytest.approx(220, abs=0.02)
    assert east.bounds[0] == pytest.approx(220, abs=0.02)
    assert nothing.is_empty
    assert street.area == pytest.approx(10 * 220, rel=0.03)


def test_the_street_goes_to_the_community_in_the_north() -> None:
    """Of abc and def: the border is the north side of def, straight across the mouths of their lanes."""
    (north, south), _ = _draw(GRID, [0, 0, 0, 1, 1, 1])
    assert south.bounds[3] == pytest.approx(100, abs=0.02)
    straight = shapely.LineString([(0, 100), (340, 100)])
    assert shapely.hausdorff_distance(shapely.intersection(north, south), straight) < 0.02


def test_a_border_that_turns_crosses_the_street_straight() -> None:
    """Block a by itself has the street in the south, but not the one in the east."""
    (a, others), _ = _draw(GRID, [0, 1, 1, 1, 1, 1])
    along = shapely.LineString([(0, 100), (100, 100), (100, 220)])
    assert shapely.hausdorff_distance(shapely.intersection(a, others), along) < 0.02


def test_along_a_bend_of_one_street_the_line_keeps_to_its_side() -> None:
    """A street that steps aside by less than a course tells is one course."""
    shapes = {"a": box(0, 0), "b": box(0, 120), "c": box(120, 8), "d": box(120, 128)}
    (south, north), _ = _draw(shapes, [0, 1, 0, 1])
    assert shapely.covers(shapely.buffer(north, 0.1), shapely.box(3, 100, 99, 120))
    assert shapely.covers(shapely.buffer(north, 0.1), shapely.box(121, 108, 217, 128))
    assert south.geom_type == "Polygon"


@pytest.mark.parametrize(("deep_m", "moves"), [(5, True), (1.7, True), (1.4, False)])
def test_a_border_stays_where_the_giver_would_hang_by_a_thread(deep_m: float, *, moves: bool) -> None:
    """Two wedges with a lane between hang together by what they are deep there, and by their half of the street."""
    shapes = {
        "a": box(0, 0, 210, 100),
        "b": shapely.Polygon(ORIGIN + np.array([(0, -20), (100, -20), (100, -20 - deep_m), (0, -60)])),
        "c": shapely.Polygon(ORIGIN + np.array([(210, -20), (110, -20), (110, -20 - deep_m), (210, -60)])),
    }
    (_, wedges), (street, _) = _draw(shapes, [0, 1, 1])
    assert wedges.bounds[3] == pytest.approx(-20 if moves else -10, abs=0.5)
    assert street.is_empty != moves


@pytest.mark.parametrize(("neck_m", "moves"), [(1.2, True), (1.05, False)])
def test_nobody_takes_ground_whose_own_hangs_by_a_thread(neck_m: float, *, moves: bool) -> None:
    """The community in the north hangs on a part beside it by a neck of a metre: its border stays where it is."""
    beside = [shapely.box(100, 50, 200, 50 + neck_m), shapely.box(200, 0, 300, 100)]
    north = [shapely.union_all([shapely.box(0, y, 100, 100), *beside]) for y in (0, 10)]
    outlines = np.array([shapely.box(0, -100, 100, 0), north[0]])
    blocks = np.array([shapely.box(0, -100, 100, -10), north[1]])
    found, moved = edges.move_to_edges(outlines, blocks, np.array([0, 1], dtype=np.int32))
    assert shapely.area(moved).round().tolist() == [0, 1000 if moves else 0]
    assert shapely.area(found[0]).round() == (9000 if moves else 10_000)


def test_a_street_at_45_degrees_keeps_its_side_whoever_is_numbered_first() -> None:
    """Along one street of a town that is turned by 45 degrees the one in the north-west has it, by any number."""
    turned = {name: shapely.affinity.rotate(shape, 45, origin=ORIGIN) for name, shape in GRID.items()}
    for plan in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]):
        _, moved = _draw(turned, plan)
        assert moved[plan[0]].area > 2000
        assert moved[plan[3]].is_empty


def test_a_small_enclave_has_its_street_in_part() -> None:
    """A ring too small to have a course is a border like any other."""
    shapes = {"a": shapely.difference(box(0, 0), box(45, 45, 10, 10)), "b": box(47, 47, 6, 6)}
    (ring, core), moved = _draw(shapes, [0, 1])
    assert shapely.union_all([ring, core]).area == pytest.approx(100 * 100, rel=1e-3)
    assert sum(some.area for some in moved) > 10


def test_blocks_that_touch_have_no_street_to_give() -> None:
    """Without gaps the outlines are the blocks, as on centrelines."""
    (left, right), moved = _draw(cells("a b\nc d"), [0, 1, 0, 1])
    assert (left.area, right.area) == (20_000, 20_000)
    assert all(some.is_empty for some in moved)


def test_one_community_has_no_border() -> None:
    """All blocks in one community: nothing moves."""
    (whole,), (moved,) = _draw(GRID, [0] * 6)
    assert whole.geom_type == "Polygon"
    assert moved.is_empty


@pytest.mark.parametrize("is_ahead", [True, False])
def test_a_strip_does_not_turn_round_the_end_of_its_border(*, is_ahead: bool) -> None:
    """A block ahead of the end, or before the beginning, is not what the border runs beside: the last beside it is."""
    points = np.column_stack([np.arange(0, 21, 2.0), np.zeros(11)])
    blocks = np.array([shapely.box(-5, -30, 25, -10), shapely.box(25, -3, 40, 3)])
    if not is_ahead:
        blocks = shapely.transform(blocks, lambda xy: np.array([20, 0]) + xy * [-1, 1])
    along = np.array([(1.0, 0.0), (1.0, 0.0)])
    strip = edges._sweep(points, along, np.array([False, False]), shapely.STRtree(blocks))
    corners = [(0, 0), (20, 0), (14, -10), (0, -10)] if is_ahead else [(0, 0), (20, 0), (20, -10), (6, -10)]
    assert shapely.area(shapely.symmetric_difference(strip, shapely.Polygon(corners))) < 0.5


def test_a_strip_reaches_back_to_a_block_hardly_behind_its_beginning() -> None:
    """A block 4 m behind and 10 m beside the beginning of a border is one that it runs beside."""
    points = np.column_stack([np.arange(0, 21, 2.0), np.zeros(11)])
    blocks = shapely.STRtree([shapely.box(-30, -30, -4, -10), shapely.box(5, -30, 30, -10)])
    strip = edges._sweep(points, np.array([(1.0, 0.0), (1.0, 0.0)]), np.array([False, False]), blocks)
    assert shapely.covers(strip, shapely.Polygon([(0, 0), (20, 0), (20, -10), (-4, -10)]).buffer(-0.01))


@pytest.mark.parametrize("rows", [[0, 1], [1, 0]])
def test_of_two_strips_that_would_part_the_giver_the_larger_goes(rows: list[int]) -> None:
    """From both sides of a bar of 10 m two strips leave half a metre between them; either alone leaves enough.

    ::

        ____######____
        __##########__    the strips, above and below, and the bar
    """
    bar, beyond = shapely.box(0, 0, 100, 10), shapely.box(0, 10, 100, 90)
    ground = np.array([shapely.box(30, 0, 70, 6), shapely.box(40, 6.5, 60, 10)])
    strips = edges._Strips(ground, np.array([0, 1]), np.array([0, 0]), np.array([1, 1]))[np.array(rows)]
    assert edges._find_harmless(np.array([bar, beyond]), strips).tolist() == [row == 0 for row in rows]
