"""Walks along streets: never shorter than straight, turned at junctions, and none where no road leads (issue 18)."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from redistrict.geo.walks import build_network

CROSS = [shapely.LineString([(0, 0), (200, 0)]), shapely.LineString([(100, -100), (100, 100)])]


def walk(
    points: list[tuple[float, float]], *, limit_m: float = 1e9, lines: list[shapely.LineString] = CROSS
) -> list[float]:
    """Give the metres from the first point to each."""
    network = build_network(lines, np.array(points, dtype=float))
    assert network is not None
    return network.measure([0], limit_m).round(6).tolist()


def test_one_turns_where_roads_cross() -> None:
    """10 m to the road, 100 m along it, 50 m up the other, and 5 m to the house."""
    assert walk([(0, 10), (105, 50), (0, 10)]) == [20.0, 165.0, 20.0]


def test_a_point_on_a_junction_is_joined_to_all_roads_there() -> None:
    """No road is nearer than the others: each of four arms leads away from it."""
    assert walk([(100, 0), (50, 0), (150, 0), (100, 30), (100, -40)]) == [0.0, 50.0, 50.0, 30.0, 40.0]


def test_beyond_the_limit_there_is_no_walk() -> None:
    """What lies exactly at the limit is reached."""
    assert walk([(0, 10), (105, 50)], limit_m=165.0)[1] == 165.0
    assert walk([(0, 10), (105, 50)], limit_m=164.9)[1] == np.inf


def test_no_road_leads_to_another_piece() -> None:
    """A road that ends before the others is a piece of its own; where points are as near to two, either leads."""
    lines = [*CROSS, shapely.LineString([(0, 500), (200, 500)])]
    points = np.array([(0, 10), (50, 490), (0, 250)], dtype=float)
    network = build_network(lines, points)
    assert network is not None
    assert network.are_joined(np.array([0])).tolist() == [True, False, True]
    assert network.measure([0], 1e9).tolist()[1] == np.inf


def test_without_roads_there_is_no_network() -> None:
    """Nor where a road is a point."""
    assert build_network([], np.zeros((1, 2))) is None


def test_the_shorter_of_two_ways_counts() -> None:
    """Two roads between the same junctions, one of them a detour."""
    detour = shapely.LineString([(0, 0), (0, 80), (100, 80), (100, 0)])
    straight = shapely.LineString([(-50, 0), (0, 0), (100, 0), (150, 0)])
    assert walk([(-50, 0), (150, 0)], lines=[detour, straight])[1] == 200.0
    assert walk([(-50, 0), (150, 0)], lines=[straight, detour])[1] == 200.0


COORDINATE = st.integers(0, 100_000).map(lambda cm: cm / 100)
POINTS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=6)


@given(POINTS, st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=8, unique=True))
def test_no_walk_is_shorter_than_the_straight_line(
    points: list[tuple[float, float]], corners: list[tuple[float, float]]
) -> None:
    """Whatever the roads; a walk there is as long as the walk back."""
    network = build_network([shapely.LineString(corners)], np.array(points))
    assert network is not None
    there = network.measure([0], 1e9)
    straight = np.hypot(*(np.array(points) - points[0]).T)
    assert (there[1:] >= straight[1:] - 0.05).all()
    back = network.measure([1], 1e9)[0]
    assert back == pytest.approx(there[1], abs=0.05)
