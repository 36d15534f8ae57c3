"""Outlines: the areas of communities meet in the middle of the streets, in straight lines."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo import outlines
from redistrict.geo.outlines import SHORTEST_M, draw_plan
from redistrict.model.plan import Plan, canonical_plan
from tests.geo.drawing import box, build_cells, cells, make_blocks

GRID = cells("a b c\nd e f", street_m=20)
HALVES = Plan(np.array([0, 0, 1, 0, 0, 1]))  # abde | cf


def _areas(shapes: dict[str, shapely.Polygon], plan: Plan, *, max_gap_m: float = 40) -> list[shapely.Geometry]:
    found = build_cells(make_blocks(shapes).shapes, np.array([], dtype=object), max_gap_m=max_gap_m)
    return list(draw_plan(found, plan.assignment))


def test_neighbours_meet_in_the_middle_of_the_street() -> None:
    """On a grid the border of two communities runs along the middle of the street, within a metre."""
    left, right = _areas(GRID, HALVES)
    middle = box(0, 0, 230, 220)
    assert shapely.area(shapely.intersection(left, right)) < 0.01
    assert left.bounds[2] == pytest.approx(middle.bounds[2], abs=1.0)
    assert right.bounds[0] == pytest.approx(middle.bounds[2], abs=1.0)
    assert left.geom_type == right.geom_type == "Polygon"


def test_streets_inside_a_community_belong_to_it() -> None:
    """Between its own blocks a community has no hole: one area holds blocks and streets."""
    (whole,) = _areas(GRID, Plan(np.zeros(6)))
    assert whole.geom_type == "Polygon"
    assert not len(whole.interiors)
    assert whole.area == pytest.approx(340 * 220, rel=0.02)


def test_an_island_stays_an_island() -> None:
    """A block far from the others is drawn by itself, and the ground between is nobody's."""
    shapes = {"a": box(0, 0), "b": box(120, 0), "z": box(1000, 0)}
    near, far = _areas(shapes, Plan(np.array([0, 0, 1])))
    assert far.area == pytest.approx(10_000, rel=0.1)
    assert shapely.distance(near, far) > 700
    both = _areas(shapes, Plan(np.array([0, 1, 0])))[0]
    assert both.geom_type == "MultiPolygon"
    assert len(both.geoms) == 2


def test_without_a_gap_only_the_blocks_are_drawn() -> None:
    """Where blocks must touch to be neighbours (max_gap_m 0) no street is shared out."""
    left, right = _areas(GRID, HALVES, max_gap_m=0)
    assert left.area == 40_000
    assert right.area == 20_000


def test_an_enclosed_community_is_its_blocks() -> None:
    """A block that touches its neighbours on all sides has no street to share, and keeps its own shape."""
    shapes = cells("a b c\nd e f\ng h i")
    ring, core = _areas(shapes, Plan(np.array([0, 0, 0, 0, 1, 0, 0, 0, 0])))
    assert shapely.area(shapely.symmetric_difference(core, shapes["e"])) < 0.01
    assert shapely.area(shapely.intersection(ring, core)) < 0.01
    assert shapely.area(shapely.difference(shapely.union_all([*shapes.values()]), shapely.union(ring, core))) < 0.01


def test_a_block_with_a_courtyard_of_another_keeps_it_apart() -> None:
    """A block inside the hole of another goes to its own community."""
    outer = shapely.difference(box(0, 0, 300, 300), box(100, 100))
    ring, core = _areas({"o": outer, "p": box(120, 120, 60, 60)}, Plan(np.array([0, 1])))
    assert shapely.covers(core, box(121, 121, 58, 58))
    assert shapely.area(shapely.intersection(ring, core)) < 0.01


@settings(max_examples=15)
@given(st.lists(st.integers(0, 2), min_size=6, max_size=6), st.sampled_from([0, 8, 20]))
def test_any_plan_is_drawn_whole(labels: list[int], street_m: int) -> None:
    """Whatever the plan: areas do not overlap, and hold their own blocks and no part of another's."""
    shapes = cells("a b c\nd e f", street_m=street_m)
    plan = canonical_plan(np.array(labels, dtype=np.int32))
    areas = _areas(shapes, plan)
    assert sum(area.area for area in areas) - shapely.union_all(areas).area < 0.01
    for number, name in enumerate(sorted(shapes)):
        own = areas[plan.assignment[number]]
        assert shapely.area(shapely.difference(shapes[name], own)) < 0.01


def test_outlines_have_no_short_pieces() -> None:
    """A road drawn with a vertex every few centimetres gives a border without any: ends where three meet stay."""
    wavy = np.linspace(-50, 400, 3000)
    road = shapely.LineString(np.column_stack([600_000 + wavy, 3_340_110 + np.sin(wavy / 15)]))
    found = build_cells(make_blocks(GRID).shapes, np.array([road]), max_gap_m=40)
    areas = draw_plan(found, np.array([0, 0, 1, 2, 2, 2], dtype=np.int32))
    assert shapely.coverage_is_valid(areas)
    lengths = [np.hypot(*np.diff(shapely.get_coordinates(ring), axis=0).T) for ring in shapely.get_rings(areas)]
    assert min(map(np.min, lengths)) >= SHORTEST_M
    upper = shapely.intersection(areas[0], areas[2])
    assert shapely.hausdorff_distance(upper, shapely.intersection(road, upper.envelope.buffer(0.1))) < 0.15


def test_short_pieces_stay_where_outlines_would_overlap_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """If longer pieces are no coverage the outlines keep the short ones."""
    found = build_cells(make_blocks(GRID).shapes, np.array([], dtype=object), max_gap_m=40)
    monkeypatch.setattr(outlines, "_without_short_pieces", lambda shapes, _: shapely.buffer(shapes, 1.0))
    areas = draw_plan(found, HALVES.assignment)
    assert shapely.coverage_is_valid(areas)


@pytest.mark.parametrize(("step", "n_left"), [([(50, 100.1), (50.3, 100.1)], 5), ([(50, 100), (50, 100.3)], 6)])
def test_only_pieces_that_say_nothing_are_left_out(step: list[tuple[float, float]], n_left: int) -> None:
    """Of a short piece on top of a block one end goes if the line moves by less than a centimetre; a step stays."""
    block = shapely.Polygon([(0, 0), (0, 100), *step, (100, 100.1), (100, 0)])
    (found,) = outlines._without_short_pieces(np.array([block]), np.array([block]))
    assert shapely.get_num_coordinates(found) - 1 == n_left


@pytest.mark.parametrize(("tip_y", "is_cut"), [(3, True), (-3, False)])
def test_a_corner_is_not_cut_over_the_ground_of_another(tip_y: float, *, is_cut: bool) -> None:
    """A border from edge to edge by way of the middle of a street is drawn straight, if no tip is in the way."""
    bent = shapely.Polygon([(0, -50), (100, -50), (100, 0), (50, -10), (0, 0)])
    tip = shapely.Polygon([(40, 20), (60, 20), (50, tip_y)])
    middle, far_off = np.array([shapely.box(50, -10, 60, -8)]), np.array([shapely.box(900, 0, 950, 50)])
    found = outlines._cut_corners(np.array([bent, tip]), middle, far_off)
    assert shapely.coverage_is_valid(found)
    assert shapely.get_num_coordinates(found).tolist() == [5 if is_cut else 6, 4]


@pytest.mark.parametrize("length_m", [1, 100])
def test_a_line_within_a_centimetre_passes(length_m: float) -> None:
    """Just a centimetre off is near enough, however long the line is."""
    middle = length_m / 2
    assert outlines._passes(middle + 0.01j, 0j, complex(length_m))
    assert not outlines._passes(middle + 0.0101j, 0j, complex(length_m))


@pytest.mark.parametrize(("high_m", "holds"), [(1.0, False), (1.1, True)])
def test_half_a_square_metre_of_a_block_does_not_hold_a_corner(high_m: float, *, holds: bool) -> None:
    """Of a triangle of one square metre, just the half lies on a block, or a little more."""
    land = shapely.STRtree([shapely.Polygon([(0, 0), (1, 0), (0, high_m)])])
    assert outlines._find_holding([(0j, 1 + 0j, 2j)], land) == ({0j} if holds else set())
