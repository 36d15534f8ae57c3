"""A stretch of a road that is to be a boundary: which neighbours it runs between, and what cannot be one."""

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from redistrict.geo.along import Walk, find_way
from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import build_graph
from redistrict.messages import Message
from redistrict.scenario.models import Contiguity
from redistrict.scenario.pin import Stretch

from .drawing import ORIGIN, cells, line, make_blocks, surroundings


def draw_blocks(picture: str) -> Blocks:
    """Draw blocks of 100 m and streets of 20 m."""
    return make_blocks(cells(picture, street_m=20), households=100, people=250)


# 甲路 runs between the rows, in two pieces that meet, 乙路 between b and c.
BLOCKS = draw_blocks("a b c d\ne f g h")
ROADS = surroundings(
    roads=[
        ("primary", "甲路", line((-50, 110), (230, 110))),
        ("primary", "甲路", line((230, 110), (600, 110))),
        ("trunk", "乙路", line((230, -50), (230, 300))),
        ("primary", "断路", line((-50, 110), (100, 110))),
        ("primary", "断路", line((300, 110), (600, 110))),
    ]
)


def walk_in(blocks: Blocks) -> Walk:
    """Give a walk along the roads of the blocks."""
    return Walk(blocks, build_graph(blocks, ROADS, Contiguity()), ROADS, Contiguity())


WALK = walk_in(BLOCKS)


def beside(
    name: str, start: tuple[float, float], end: tuple[float, float], walk: Walk = WALK
) -> tuple[list[str], list[Message]]:
    """Give the neighbours that a stretch runs between, and what is wrong with it."""
    found: list[Message] = []
    places = {"from": tuple(np.add(start, ORIGIN)), "to": tuple(np.add(end, ORIGIN))}
    pairs = walk.find_beside(Stretch.model_validate({"name": name, **places}), found)
    return ["".join(walk.blocks.ids[i] for i in pair) for pair in pairs], found


@pytest.mark.parametrize(
    ("start", "end", "pairs"),
    [
        ((-50, 110), (600, 110), ["ae", "bf", "cg", "dh"]),
        ((0, 120), (220, 100), ["ae", "bf"]),
        ((220, 100), (0, 120), ["ae", "bf"]),
        ((60, 110), (310, 110), ["bf", "cg"]),
        ((20, 110), (175, 110), ["ae", "bf"]),
        ((0, 110), (50, 110), ["ae"]),
    ],
)
def test_neighbours_are_parted_by_half_of_their_frontage(
    start: tuple[float, float], end: tuple[float, float], pairs: list[str]
) -> None:
    """From either end, over two pieces of one road, and only where it runs along half of what two blocks share."""
    assert beside("甲路", start, end) == (pairs, [])


def test_blocks_may_stand_in_any_order() -> None:
    """Numbered round the map instead of row by row, the same blocks are parted."""
    found = beside("甲路", (-50, 110), (600, 110), walk_in(draw_blocks("a b c d\nh g f e")))
    assert found == (["ah", "bg", "cf", "de"], [])


def test_small_numbers_are_degrees() -> None:
    """Longitude and latitude name the same places."""
    to_degrees = Transformer.from_crs(BLOCKS.crs, BLOCKS.crs.geodetic_crs, always_xy=True)
    places = [to_degrees.transform(ORIGIN[0] + x, ORIGIN[1] + 110) for x in (0, 220)]
    found: list[Message] = []
    stretch = Stretch.model_validate({"name": "甲路", "from": places[0], "to": places[1]})
    pairs = WALK.find_beside(stretch, found)
    assert (["".join(BLOCKS.ids[i] for i in pair) for pair in pairs], found) == (["ae", "bf"], [])


@pytest.mark.parametrize(
    ("name", "start", "end", "said"),
    [
        ("甲銘", (0, 110), (300, 110), "no road or barrier is named 甲銘"),
        ("断路", (0, 110), (500, 110), "断路 has a gap between these points; write a pin for each piece"),
        ("甲路", (0, 900), (300, 110), "a point lies 790 m from 甲路"),
        ("乙路", (230, 115), (230, 118), "乙路 runs between no two neighbouring blocks there"),
    ],
)
def test_what_is_no_boundary_is_told(
    name: str, start: tuple[float, float], end: tuple[float, float], said: str
) -> None:
    """Unknown names, gaps, points far away and stretches beside nothing are told."""
    pairs, found = beside(name, start, end)
    assert pairs == []
    assert [message.en.startswith(said) for message in found] == [True]


def test_the_shortest_way_is_taken() -> None:
    """Round a block the short way is the boundary."""
    ring = np.array([shapely.LineString([(0, 0), (300, 0), (300, 100), (0, 100), (0, 0)])], dtype=object)
    way = find_way(ring, shapely.Point(0, 50), shapely.Point(200, -5))
    assert way is not None
    assert way.length == pytest.approx(250.0)


def test_a_way_may_begin_just_before_a_junction() -> None:
    """Less than half a metre of one line leads to the junction where the way turns into another."""
    arms = [[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 0), (200, 0)]]
    way = find_way(shapely.linestrings(arms), shapely.Point(99.6, -3), shapely.Point(103, 50))
    assert way is not None
    assert way.length == pytest.approx(50.4)


@pytest.mark.parametrize(
    ("x", "y", "is_degrees"), [(180, 30, True), (100, -90, True), (180.5, 30, False), (100, 90.5, False)]
)
def test_beyond_180_and_90_numbers_are_metres(x: float, y: float, *, is_degrees: bool) -> None:
    """Either number alone makes a point one in metres."""
    assert (WALK._place((x, y)) != shapely.Point(x, y)) == is_degrees


@pytest.mark.parametrize(("away_m", "said"), [(200, []), (201, ["a point lies 201 m from 甲路"])])
def test_a_point_up_to_200_m_off_is_meant(away_m: float, said: list[str]) -> None:
    """Planners read points off a map: what lies just 200 m off the road is taken for a point of it."""
    _, found = beside("甲路", (0, 110 + away_m), (300, 110))
    assert [message.en.split(";")[0] for message in found] == said


@pytest.mark.parametrize("longer_first", [True, False])
def test_of_two_ways_between_the_same_places_the_shorter_is_taken(*, longer_first: bool) -> None:
    """Two carriageways that begin and end together, in either order."""
    ways = [[(0, 0), (50, 40), (100, 0)], [(0, 0), (100, 0)]]
    lines = [[(-50, 0), (0, 0)], *(ways if longer_first else ways[::-1]), [(100, 0), (150, 0)]]
    way = find_way(np.array([shapely.LineString(one) for one in lines]), shapely.Point(-50, 0), shapely.Point(150, 0))
    assert way is not None
    assert way.length == pytest.approx(200)
