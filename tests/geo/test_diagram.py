"""Lines of equal distance: exact between straight fronts, wherever the points on them are."""

import numpy as np
import pytest
import shapely
from shapely import box

from redistrict.geo import diagram
from tests.geo.drawing import build_cells

NO_LINES = np.array([], dtype=object)


@pytest.mark.parametrize("gap_m", [0.6, 3.0, 7.0, 18.0, 33.0, 58.0])
def test_two_straight_fronts_are_parted_by_a_straight_line(gap_m: float) -> None:
    """Between fronts of different length the border runs in the middle, however narrow or wide the street."""
    shapes = np.array([box(0, 0, 310, 80), box(17, 80 + gap_m, 283, 200)])
    found = build_cells(shapes, NO_LINES, max_gap_m=60)
    shared = shapely.get_coordinates(shapely.intersection(*found.shapes))
    inner = shared[(shared[:, 0] > 40) & (shared[:, 0] < 260)]
    between = shapely.get_coordinates(shapely.intersection(shapely.intersection(*found.shapes), box(40, 0, 260, 300)))
    assert np.abs(np.vstack([inner, between])[:, 1] - 80 - gap_m / 2).max() < 0.11


@pytest.mark.parametrize("seed", range(6))
def test_ground_belongs_to_the_nearest_block(seed: int) -> None:
    """Measured point by point against all blocks, no ground lies nearer another by more than half a metre."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 900, (40, 2))
    plots = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box(0, 0, 900, 900)))
    shapes = shapely.buffer(shapely.intersection(plots, box(0, 0, 900, 900)), -rng.choice([1.0, 4.0, 15.0], len(plots)))
    shapes = shapes[shapely.area(shapes) > 200]
    found = build_cells(shapes, NO_LINES, max_gap_m=60)
    places = shapely.points(rng.uniform(0, 900, (4000, 2)))
    cell, place = shapely.STRtree(places).query(found.shapes, predicate="intersects")
    nearest_m = shapely.distance(places[place][:, None], shapes).min(axis=1)
    excess_m = shapely.distance(places[place], shapes[cell]) - nearest_m
    assert (excess_m > 0.5).mean() < 0.001
    assert excess_m.max() < 4


def test_three_fronts_meet_where_all_are_as_near() -> None:
    """Between three slanted fronts the corner of the ground is equally far from all, to a centimetre."""
    triangle = np.array([(0, 0), (100, 0), (40, 90)], dtype=float)
    fronts = np.stack([triangle, np.roll(triangle, -1, axis=0)], axis=1)
    along = (fronts[:, 1] - fronts[:, 0]) / np.hypot(*(fronts[:, 1] - fronts[:, 0]).T)[:, None]
    out = np.column_stack([along[:, 1], -along[:, 0]]) * 60
    ends = np.stack([fronts[:, 0] + 4 * along, fronts[:, 1] - 4 * along], axis=1)
    shapes = shapely.polygons(np.concatenate([ends, (ends + out[:, None])[:, ::-1]], axis=1))
    found = build_cells(shapes, NO_LINES, max_gap_m=120)
    meeting = shapely.get_coordinates(shapely.intersection(shapely.intersection(*found.shapes[:2]), found.shapes[2]))
    far_m = shapely.distance(shapely.points(meeting)[:, None], shapes)
    assert len(meeting) == 1
    assert np.ptp(far_m, axis=1).max() < 0.01


def test_two_points_beside_each_other_are_both_near() -> None:
    """Either of two owners is told of the other, where there is nobody else."""
    points = np.array([(0.0, 0.0), (12.0, 12.0), (0.0, 900.0)])
    told = diagram._is_near_others(points[:2], np.zeros(2, dtype=np.int64), np.array([0, 1]), 20.0)
    assert told.tolist() == [True, True]
    told = diagram._is_near_others(points, np.zeros(3, dtype=np.int64), np.array([0, 1, 0]), 20.0)
    assert told.tolist() == [True, True, False]


def test_whoever_is_near_another_owner_is_told() -> None:
    """Every point with another owner's within half the reach is found, and none that has none within 1.5 times it."""
    rng = np.random.default_rng(5)
    points, owner, face = rng.uniform(0, 800, (400, 2)), rng.integers(0, 3, 400), rng.integers(0, 2, 400)
    far_m = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    far_m[(owner[:, None] == owner) | (face[:, None] != face)] = np.inf
    told = diagram._is_near_others(points, face, owner, 20.0)
    assert told[far_m.min(axis=1) <= 10].all()
    assert not told[far_m.min(axis=1) > 30].any()


def test_points_on_a_border_lie_denser_where_another_is_near() -> None:
    """One point stands for 40 m of a border by itself; along a street of 3 m one stands every 10 m, all alike."""
    a = np.array([(0.0, 0.0), (0.0, 3.0), (0.0, 300.0)])
    border, points = diagram._sample(a, a + np.array([40.0, 0.0]), np.zeros(3, dtype=np.int64), np.arange(3))
    assert [points[border == n, 0].tolist() for n in range(3)] == [[5, 15, 25, 35], [5, 15, 25, 35], [20]]


@pytest.mark.parametrize(
    ("third", "middle"),
    [((10.0, 17.0), (10.0, 94.5 / 17)), ((0.0, 20.0), (10.0, 10.0)), ((-1.0, 20.0), (4.75, 5.0))],
    ids=["acute", "right", "obtuse"],
)
def test_a_point_that_looks_at_two_has_its_middle_between_them(
    third: tuple[float, float], middle: tuple[float, float]
) -> None:
    """It is as far from all three up to a right angle; beyond, that place lies behind the two, and is not gone to."""
    far_off = np.array([1000.0, 500.0])
    sites, owner, corners = np.array([(0, 0), (20, 0), third]) + far_off, np.array([0, 1, 1]), np.array([[0, 1, 2]])
    centre = diagram._circumcentres(sites[corners])
    found = diagram._even_out(centre, sites, owner, np.stack([sites, sites], axis=1), corners)
    assert found - far_off == pytest.approx(np.array([middle]))


def test_fronts_in_one_direction_lead_nowhere() -> None:
    """Of three owners two of whom lie in the same direction, no place is as far from all: there is no step."""
    k, i, j = (np.array([[place, place]], dtype=float) for place in ((-10, 0), (0, 10), (0, 14)))
    step, uneven_m = diagram._step(np.zeros((1, 2)), k, i, j, np.array([False]))
    assert (np.abs(step).tolist(), uneven_m.tolist()) == ([[0, 0]], [4])


def test_guards_of_a_face_stand_far_off_on_its_four_sides() -> None:
    """East, north, west and south of its middle, twenty times its extent and 100 m away, no two on one level."""
    guards = diagram._frame(np.array([(1000.0, 500.0), (1060.0, 520.0)])) - (1030, 510)
    assert (guards / (20 * 160)).round(1).tolist() == [[1.0, 0.1], [-0.1, 1.0], [-1.0, -0.1], [0.1, -1.0]]


def test_guards_stand_two_squares_around_points() -> None:
    """On all sides of one point and of two, in the middle of squares but for a metre, and no two in one line."""
    for points, n_guards in (([(50.0, 50.0)], 16), ([(50.0, 50.0), (150.0, 50.0)], 18)):
        guards = diagram._guards(np.array(points))
        squares = np.floor(guards / 100).astype(int)
        off = np.abs(squares[:, None] - np.floor(np.array(points) / 100).astype(int)).max(axis=2).min(axis=1)
        assert (len(guards), off.tolist()) == (n_guards, [2] * n_guards)
        assert np.abs(guards - squares * 100 - 50).max() <= 1
        assert [len(np.unique(along)) for along in guards.T] == [n_guards, n_guards]


def test_a_band_knows_what_lies_up_to_six_squares_beyond_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands of 4 km of a face of very many points; each point is at home in one of them."""
    monkeypatch.setattr(diagram, "_MOST_POINTS", 1)
    y = np.array([3399.0, 3400.0, 4000.0, 7999.0, 8600.0, 8601.0])
    _, groups, home = diagram._groups(np.column_stack([np.zeros(6), y]), np.zeros(6, dtype=np.int64))
    assert [y[group[group < 6]].tolist() for group in groups] == [y[:3].tolist(), y[1:5].tolist(), y[3:].tolist()]
    assert home.tolist() == [0, 0, 1, 1, 2, 2]


def test_faces_are_divided_alike_heap_by_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines in each of three faces are the same whether these are taken together or one after the other."""
    y, face = np.array([0.0, 10.0, 500.0, 520.0, 900.0, 930.0]), np.repeat([0, 1, 2], 2)
    a, b = (np.column_stack([np.full(6, x), y]) for x in (0.0, 100.0))
    together = [*diagram.equal_distance(a, b, face, np.tile([0, 1], 3))]
    monkeypatch.setattr(diagram, "_HEAP", 1)
    apart = [*diagram.equal_distance(a, b, face, np.tile([0, 1], 3))]
    assert [len(some) for some in (together, apart)] == [1, 3]
    for one, two in zip(zip(*together, strict=True), zip(*apart, strict=True), strict=True):
        assert np.concatenate(one).tolist() == np.concatenate(two).tolist()
