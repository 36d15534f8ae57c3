"""The border net: every line once from node to node, and boundary points from which the outlines can be staked out."""

from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.standards.border_net import SMOOTH_M, BorderNet, build_net
from tests.geo.drawing import ORIGIN, box, polygon

THREE = np.array([box(0, 100, 200, 100), box(0, 0), box(100, 0)], dtype=object)
THREE[0] = polygon((0, 100), (100, 100), (200, 100), (200, 200), (0, 200))
"""
::

    J1 - - - - - J2
    |     0      |
    J5 - J4 - - J3
    |  1  |  2   |
    J7 - J6 - - J8
"""
CORNERS = [(0, 200), (200, 200), (200, 100), (100, 100), (0, 100), (100, 0), (0, 0), (200, 0)]


def straight(net: BorderNet, n: int) -> shapely.LineString:
    """Give a line from boundary point to boundary point."""
    (mine,) = np.nonzero(net.line == n)
    assert (net.end[mine[:-1]] == net.start[mine[1:]]).all()
    return shapely.linestrings(net.points[np.append(net.start[mine], net.end[mine[-1]])])


def test_points_are_numbered_by_the_rounds_of_the_communities() -> None:
    """Every place has one number; rounds are clockwise from the north-west; nodes are where three meet."""
    net = build_net(THREE)
    assert net.points.tolist() == [[x + ORIGIN[0], y + ORIGIN[1]] for x, y in CORNERS]
    rounds = [(c, [f"J{n + 1}" for n in points]) for c, points in net.rounds]
    assert rounds == [(0, ["J1", "J2", "J3", "J4", "J5"]), (1, ["J5", "J4", "J6", "J7"]), (2, ["J4", "J3", "J8", "J6"])]
    assert np.flatnonzero(net.is_node).tolist() == [2, 3, 4, 5]


def test_lines_run_from_node_to_node_with_the_first_community_on_the_left() -> None:
    """Three communities have three lines with each other and one each with the outside."""
    net = build_net(THREE)
    told = {
        (int(c), int(o)): (int(net.start[net.line == n][0]) + 1, int(net.end[net.line == n][-1]) + 1)
        for n, (c, o) in enumerate(zip(net.community, net.beyond, strict=True))
    }
    assert told == {(0, -1): (3, 5), (0, 1): (5, 4), (0, 2): (4, 3), (1, -1): (5, 6), (1, 2): (6, 4), (2, -1): (6, 3)}
    assert shapely.length(net.lines).tolist() == pytest.approx([400, 100, 100, 200, 100, 200])


def test_lines_between_the_same_two_are_in_order_of_where_they_begin() -> None:
    """A third community in the middle of a border leaves two lines of it; the western, then the southern is first."""
    south, north = [(100, 0), (130, 40), (100, 80)], [(100, 120), (100, 200)]
    between = [(100, 80), (120, 100), (100, 120), (80, 100)]
    left = polygon(*south, between[3], *north, (0, 200), (0, 0))
    right = polygon(*south[::-1], (200, 0), (200, 200), *north[::-1], between[1])
    net = build_net(np.array([left, right, polygon(*between)], dtype=object))
    (found,) = np.nonzero((net.community == 0) & (net.beyond == 1))
    assert [(shapely.get_coordinates(net.lines[n]) - ORIGIN).tolist() for n in found] == [
        [[x, y] for x, y in south],
        [[x, y] for x, y in north],
    ]


def test_a_border_without_a_node_begins_in_the_north_west() -> None:
    """A community inside another has one closed line with it; so has the outer one with the outside."""
    inner = box(100, 100)
    net = build_net(np.array([box(0, 0, 300, 300).difference(inner), inner], dtype=object))
    assert list(zip(net.community.tolist(), net.beyond.tolist(), strict=True)) == [(0, -1), (0, 1)]
    assert shapely.is_closed(net.lines).all()
    nodes = net.points[net.is_node] - ORIGIN
    assert nodes.tolist() == [[0, 300], [100, 200]]
    assert [(c, points.size) for c, points in net.rounds] == [(0, 4), (0, 4), (1, 4)]


def test_a_vertex_that_says_little_is_no_point() -> None:
    """A bend of 1.5 m within a border gets no number, one of 30 m does; the line itself keeps both."""
    left = polygon((0, 0), (100, 0), (101.5, 50), (100, 100), (70, 150), (100, 200), (0, 200))
    right = polygon((100, 0), (200, 0), (200, 200), (100, 200), (70, 150), (100, 100), (101.5, 50))
    net = build_net(np.array([left, right], dtype=object))
    (shared,) = np.flatnonzero(net.beyond == 1)
    assert shapely.get_num_points(net.lines[shared]) == 5
    assert (shapely.get_coordinates(straight(net, shared)) - ORIGIN).tolist() == [
        [100, 0],
        [100, 100],
        [70, 150],
        [100, 200],
    ]
    bent_m = 2 * np.hypot(1.5, 50)
    assert net.length_m[net.line == shared].tolist() == pytest.approx([bent_m, np.hypot(30, 50), np.hypot(30, 50)])


def test_lines_that_straightening_would_make_one_keep_their_vertices() -> None:
    """A community 1.6 m wide between two others does not vanish from the net."""
    spindle = polygon((0, 100), (50, 99.2), (100, 100), (50, 100.8))
    upper = polygon((0, 100), (50, 100.8), (100, 100), (100, 200), (0, 200))
    lower = polygon((0, 0), (100, 0), (100, 100), (50, 99.2), (0, 100))
    net = build_net(np.array([spindle, upper, lower], dtype=object))
    (points,) = [points for c, points in net.rounds if c == 0]
    assert points.size == 4


def test_no_community_has_no_lines() -> None:
    """An outline that is empty adds nothing."""
    net = build_net(np.array([shapely.Polygon(), box(0, 0)], dtype=object))
    assert net.community.tolist() == [1]
    assert [c for c, _ in net.rounds] == [1]


def town(owner: list[int], seed: int) -> np.ndarray:
    """Give the outlines of communities made of 4 x 5 crooked squares whose sides zigzag."""
    rng = np.random.default_rng(seed)
    corner = 100.0 * np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1) + rng.uniform(-10, 10, (5, 6, 2))
    sides: dict[tuple[tuple[int, int], tuple[int, int]], np.ndarray] = {}

    def side(a: tuple[int, int], b: tuple[int, int]) -> np.ndarray:
        if (b, a) in sides:
            return sides[b, a][::-1]
        if (a, b) not in sides:
            along = np.linspace(0, 1, 7)[:, None]
            bend = rng.choice([0.0, 1.0, 5.0]) * rng.uniform(-1, 1, (7, 2)) * (along > 0) * (along < 1)
            sides[a, b] = np.round(corner[a] + along * (corner[b] - corner[a]) + bend, 3)
        return sides[a, b]

    squares = []
    for y in range(4):
        for x in range(5):
            ring = [(y, x), (y, x + 1), (y + 1, x + 1), (y + 1, x)]
            xy = np.concatenate([side(a, b)[:-1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)])
            squares.append(shapely.Polygon(xy + ORIGIN))
    found = [shapely.coverage_union_all([s for s, c in zip(squares, owner, strict=True) if c == k]) for k in range(4)]
    return np.array(found, dtype=object)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=20, max_size=20), st.integers(0, 1000))
def test_lines_and_points_give_the_outlines_back(owner: list[int], seed: int) -> None:
    """On any map: lines end in nodes and meet nowhere else, rebuild every outline, and points stake it out."""
    outlines = town(owner, seed)
    net = build_net(outlines)
    ends = [Counter(map(tuple, shapely.get_coordinates(line)[[0, -1]].tolist())) for line in net.lines]
    nodes = {*map(tuple, net.points[net.is_node].tolist())}
    assert {place for pair in ends for place in pair} == nodes
    inner = Counter(tuple(xy) for line in net.lines for xy in shapely.get_coordinates(line)[1:-1].tolist())
    assert not nodes & inner.keys()
    assert set(inner.values()) <= {1}
    closed = {place for pair in ends if len(pair) == 1 for place in pair}
    meeting = Counter(place for pair in ends for place in pair.elements())
    assert all(meeting[node] >= 3 or node in closed for node in nodes)
    faces = shapely.get_parts(shapely.polygonize(net.lines))
    for c, outline in enumerate(outlines):
        mine = shapely.union_all(faces[shapely.contains(outline, shapely.point_on_surface(faces))])
        assert shapely.area(shapely.symmetric_difference(mine, outline)) < 0.01
        beside = net.lines[(net.community == c) | (net.beyond == c)]
        assert shapely.length(beside).sum() == pytest.approx(shapely.length(outline))
    for n, line in enumerate(net.lines):
        assert shapely.hausdorff_distance(straight(net, n), line) <= SMOOTH_M + 1e-6
        assert net.length_m[net.line == n].sum() == pytest.approx(shapely.length(line))
    walked = Counter(
        pair for _, points in net.rounds for pair in zip(points.tolist(), np.roll(points, -1).tolist(), strict=True)
    )
    shared = net.beyond[net.line] >= 0
    forward = zip(net.start[shared].tolist(), net.end[shared].tolist(), strict=True)
    back = zip(net.end.tolist(), net.start.tolist(), strict=True)
    assert walked == Counter([*forward, *back])
