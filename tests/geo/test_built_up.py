"""Built-up ground: where the ground between blocks ends, and who gets what lies in the middle of it."""

import numpy as np
import pytest
import shapely
from shapely import box

from redistrict.geo.built_up import BuiltUp, Looks, _draw_arcs, _look_beyond, _touch, add_strips, find_built_up
from tests.geo.drawing import build_cells


def test_the_edge_runs_from_corner_to_corner() -> None:
    """A street ends in an arc between the corners beside it, and in nothing else."""
    found = find_built_up(np.array([box(0, 0, 100, 100), box(120, 0, 220, 100)]), 20)
    ends = sorted(sorted(map(tuple, shapely.get_coordinates(arc)[[0, -1]].round(6).tolist())) for arc in found.edge)
    assert ends == [[(100, 0), (120, 0)], [(100, 100), (120, 100)]]
    depth_m = 21 - np.sqrt(21**2 - 10**2)
    assert shapely.bounds(found.edge)[:, [1, 3]].ravel() == pytest.approx([0, depth_m, 100 - depth_m, 100], abs=0.4)
    assert found.holds(np.array([box(101, 20, 119, 80), box(101, -9, 119, -1), box(221, 0, 230, 50)])).tolist() == [
        True,
        False,
        False,
    ]


def test_ground_is_built_up_if_any_corner_lies_deep() -> None:
    """The tip of a face in a street is enough, though its middle is far outside; the street's mouth is not."""
    found = find_built_up(np.array([box(0, 0, 100, 100), box(120, 0, 220, 100)]), 20)
    faces = np.array([shapely.Polygon([(102, -80), (118, -80), (110, tip)]) for tip in (30, 1)])
    assert found.holds(faces).tolist() == [True, False]


@pytest.mark.parametrize(("reach_m", "n_corners"), [(0, 20), (5, 44), (40, 68)])
def test_blocks_are_grown_by_circles_that_are_true_to_two_centimetres(reach_m: float, n_corners: int) -> None:
    """Circles have as many pieces as that takes, up to 64: those of 41 m are off by 5 cm."""
    block = box(0, 0, 100, 100)
    found = find_built_up(np.array([block]), reach_m)
    ring = shapely.get_coordinates(found.grown)[:-1]
    middle = (ring + np.roll(ring, -1, axis=0)) / 2
    assert len(ring) == n_corners
    assert shapely.distance(block, shapely.points(ring)) == pytest.approx(reach_m + 1)
    assert shapely.distance(block, shapely.points(middle)) == pytest.approx(
        reach_m + 1, abs=0.05 if reach_m > 5 else 0.02
    )


@pytest.mark.parametrize(
    ("turn", "drawn"), [(-90, 90), (-179, 179), (179, 181), (100, 260), (90, 90), (80, 80), (1, 1)]
)
def test_arcs_go_clockwise(turn: float, drawn: float) -> None:
    """Half a turn may come out as a little more; what turns back by up to a quarter is drawn so."""
    end = 10 * np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))]).round(12)
    (arc,) = _draw_arcs(np.array([[5.0, 5.0]]), np.array([[10.0, 0.0]]), end[None])
    assert arc.length == pytest.approx(10 * np.radians(drawn), rel=0.01)
    assert shapely.get_coordinates(arc)[[0, -1]].tolist() == [[15, 5], (end + 5).tolist()]


@pytest.mark.parametrize(("other", "ends"), [((7.5, 7.4), [0, 1]), ((7.4, 7.5), [1, 0]), ((9.0, 8.0), [0, 0])])
def test_of_two_blocks_that_a_disc_touches_in_one_place_the_clockwise_one_is_the_end(
    other: tuple[float, float], ends: list[int]
) -> None:
    """Both feet lie on the first block; the other counts only where it is about as near."""
    nearest, feet = [np.array([0]), np.array([0])], [np.array([[0.0, 10.0]]), np.array([[10.0, 0.0]])]
    found = _look_beyond(nearest, feet, np.array([(7.0, 7.0), other]), np.array([0, 0]), np.array([0, 1]))
    assert [side.tolist() for side in found] == [[end] for end in ends]


@pytest.mark.parametrize(("aside_m", "ends"), [(0.0, [(12, 16), (16, -12)]), (0.3, [(12, 16), (12, 16)])])
def test_a_disc_touches_no_block_beyond_its_reach(aside_m: float, ends: list[tuple[float, float]]) -> None:
    """Both feet lie on a corner 20 m away; that of another block is an end if it is as near, not 30 cm farther."""
    own = np.array([box(12, 16, 50, 50), box(16 + aside_m, -50, 50, -12)])
    found = _touch(np.zeros((1, 2)), own, [np.array([(12.0, 16.0)])] * 2, 20.0)
    assert [tuple(side[0].tolist()) for side in found] == ends


def test_a_crossing_wider_than_the_gap_stays_open() -> None:
    """What is farther than half the gap from every block is nobody's: the middle of a crossing of wide streets."""
    blocks = np.array([box(x, y, x + 100, y + 100) for x in (0, 138) for y in (0, 138)])
    found = build_cells(blocks, np.array([], dtype=object), max_gap_m=40)
    holes = shapely.difference(box(0, 0, 238, 238), shapely.union_all(found.shapes))
    assert shapely.intersects_xy(holes, 119, 119)
    assert not shapely.intersects_xy(holes, 119, 60)


def test_looks_count_only_where_blocks_have_no_other_ground_in_common() -> None:
    """At the mouth of a wide street there is no strip, unless the pair lacks what is enough: 16 of 20 looks have it."""
    own = np.array([box(0, 0, 100, 100), box(136, 0, 236, 100)])
    y = np.arange(2.5, 100, 5)
    ends = np.stack([np.column_stack([np.full(20, x), y]) for x in (100.0, 136.0)], axis=1)
    few, many = (Looks(ends, np.zeros(20, dtype=np.int64), np.full(20, 5.0), enough_m) for enough_m in (80, 80.1))
    found = find_built_up(own, 20)
    assert add_strips(found, few).strips.is_empty
    strips = add_strips(found, many)
    assert shapely.bounds(strips.strips) == pytest.approx([100, 0, 136, 100])
    beyond = shapely.bounds(strips.edge[len(found.edge) :]).round(1)
    assert sorted(beyond.tolist()) == [[100, y, 136, y] for y in (0, 100)] + [[116.8, y, 119.2, y] for y in (10, 90)]


def test_few_looks_over_a_long_street_are_tried_before_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight of 40 looks over one street and the only one over another are enough; where they are not, all are tried."""
    own = np.array([box(x, y, x + 100, y + 100) for x in (0, 120) for y in (0, 300)])
    y = np.append(np.arange(1.25, 100, 2.5), 350)
    ends = np.stack([np.column_stack([np.full(41, x), y]) for x in (100.0, 120.0)], axis=1)
    found, tried = find_built_up(own, 20), []
    is_within = BuiltUp.is_within
    monkeypatch.setattr(BuiltUp, "is_within", lambda self, xy: tried.append(len(xy)) or is_within(self, xy))
    for enough_m in (2.5, 25):
        add_strips(found, Looks(ends, np.repeat([0, 1], [40, 1]), np.full(41, 2.5), enough_m))
    assert tried == [9, 0, 9, 41]


def test_only_deep_corners_of_a_block_are_rounded() -> None:
    """Ground of a hand's breadth stays in a square corner between a block and the edge, none in a flat one."""
    block = shapely.Polygon([(0, 0), (100, 0), (100, 60), (60, 60), (60, 100), (30, 98), (0, 100)])
    found = find_built_up(np.array([block]), 0)
    ends = [sorted(map(tuple, shapely.get_coordinates(arc)[[0, -1]].round(1).tolist())) for arc in found.edge]
    assert ends == [[(60, 61), (61, 60)]]


def test_the_end_of_a_median_is_not_the_block_beyond_the_road() -> None:
    """The border in the middle of a median runs straight to the road where the median ends."""
    blocks = np.array([box(0, 20, 200, 100), box(0, -100, 200, -20), box(230, -100, 330, 100)])
    roads = np.array([shapely.LineString([(-50, y), (215, y)]) for y in (-9, 9)])
    roads = np.append(roads, shapely.LineString([(215, -150), (215, 150)]))
    shapes = build_cells(blocks, roads, max_gap_m=60).shapes
    assert shapely.bounds(shapes[2])[0] == pytest.approx(215, abs=0.001)
    shared = shapely.intersection(shapes[0], shapes[1])
    assert np.abs(shapely.get_coordinates(shared)[:, 1]).max() < 0.2
    assert shapely.bounds(shared)[2] == pytest.approx(215, abs=0.001)


def test_an_island_in_a_junction_is_not_divided() -> None:
    """A traffic island goes to one block as a whole: nobody draws a border over it."""
    blocks = np.array([box(-100, 12, 100, 100), box(-100, -100, -12, -12), box(12, -100, 100, -12)])
    tips = [(-8, 0), (8, 0), (0, -10)]
    lines = [[(-150, 0), (150, 0)], [(-8, 0), (0, -10)], [(8, 0), (0, -10)], [(0, -10), (0, -150)]]
    shapes = build_cells(blocks, np.array([shapely.LineString(line) for line in lines]), max_gap_m=60).shapes
    share = shapely.area(shapely.intersection(shapes, shapely.Polygon(tips))) / shapely.Polygon(tips).area
    assert sorted(share.round(3)) == [0, 0, 1]
