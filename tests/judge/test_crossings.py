"""Metres of road inside a community, on two blocks either side of a street: what may be published, and what may not."""

from collections.abc import Callable

import pandas as pd
import pytest
import shapely

from redistrict.judge.case import Case, assign
from redistrict.judge.crossings import COLUMNS, check_crossings
from redistrict.judge.ground import read_ground
from redistrict.scenario.models import Objective

from .towns import Town, cells, line, marks

MakeTown = Callable[..., Town]
ROAD, RAIL = line((107, -100), (107, 200)), line((113, -100), (113, 200))
ROW = {
    "community_id": "A", "road_class": "primary", "road_name": "", "length_m": 100, "cost_m": 0, "served_m": 0,
    "empty_m": 0, "served_by": "", "divides": 0, "blocks_facing": 2, "blocks_main": 2, "blocks_beyond": 0,
    "residents_beyond": 0,
}  # fmt: skip
"""What is told of 100 m of road between the two blocks."""


def told(town: Town, *rows: dict[str, object], **prices: object) -> list[str]:
    """Give what is wrong with these rows, each as changed, with the totals they add up to."""
    objective = Objective.model_validate({"crossing": {}, **prices})
    scenario = town.scenario.model_copy(update={"objective": objective})
    ground = read_ground(scenario)
    table = pd.DataFrame([ROW | row for row in rows], columns=list(COLUMNS))
    sums = {name: float(table[name].sum()) for name in ("length_m", "cost_m", "divides")}
    totals = table.groupby("road_class")["length_m"].sum().astype(float).to_dict()
    crossings = {"length_m": sums["length_m"], "cost_m": sums["cost_m"], "dividing": sums["divides"]}
    report = {"totals": {"crossing_m": totals}, "standards": {"crossings": crossings}}
    case = Case(scenario, ground, assign(ground, town.plan("A")))
    found = [violation.message.en for violation in check_crossings(case, table.astype(str), report)]
    assert all(message.startswith("crossings.csv: ") for message in found)
    return [message.removeprefix("crossings.csv: ").partition(" of ")[0] for message in found]


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Two blocks that face each other over 100 m of street."""
    return make_town(cells("xx", street_m=20), roads=[("primary", ROAD)])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"length_m": 30.1}, []),
        ({"length_m": 29.9}, ["length_m"]),
        ({"length_m": 169.9}, []),
        ({"length_m": 170.1}, ["length_m"]),
        ({"empty_m": 59.9}, []),
        ({"empty_m": 60.1}, ["empty_m"]),
        ({"length_m": 40, "empty_m": 41}, ["empty_m"]),
        ({"served_m": 100, "served_by": "school"}, []),
        ({"served_m": 100}, ["served_m"]),
        ({"served_m": 101, "served_by": "school"}, ["served_m"]),
        ({"blocks_main": 1, "blocks_beyond": 1, "divides": 1}, []),
        ({"blocks_main": 1, "blocks_beyond": 1}, ["divides"]),
        ({"divides": 1}, ["divides"]),
        ({"blocks_main": 1}, ["blocks_beyond"]),
        ({"blocks_facing": 3}, ["blocks_facing"]),
    ],
)
def test_metres_are_right_to_a_tenth_and_sixty(town: Town, changes: dict[str, object], said: list[str]) -> None:
    """Of 100 m 30 to 170 pass, and of none beside empty ground 60; the rest of a row must fit them."""
    assert told(town, changes) == said


@pytest.mark.parametrize(("empty_m", "said"), [(100, []), (30.1, []), (29.9, ["empty_m"])])
def test_metres_beside_a_block_nobody_lives_in_are_told(make_town: MakeTown, empty_m: float, said: list[str]) -> None:
    """Whichever of the two is empty."""
    for key in ("00", "01"):
        town = make_town(cells("xx", street_m=20), households={key: 9}, people={key: 9}, roads=[("primary", ROAD)])
        assert told(town, {"empty_m": empty_m}) == said


@pytest.mark.parametrize(
    ("cost_m", "said"), [(111.8, ["cost_m"]), (112, []), (136, []), (136.12, []), (136.2, ["cost_m"])]
)
def test_a_row_has_the_price_of_its_metres(town: Town, cost_m: float, said: list[str]) -> None:
    """At half the price where served and a fifth beside empty ground, 100 m are 56 to 68 m, at twice the weight.

    Metres are rounded: by five centimetres and a ten-thousandth they may be off.
    """
    shares = {"crossing": {"primary": 2}, "served_share": 0.5, "empty_share": 0.2}
    row = {"served_m": 40, "served_by": "school", "empty_m": 30, "cost_m": cost_m}
    assert told(town, row, **shares) == said


@pytest.mark.parametrize(("x", "said"), [(88.5, []), (87.5, ["length_m"]), (131.5, []), (132.5, ["length_m"])])
def test_a_road_may_run_a_little_inside_either_block(make_town: MakeTown, x: float, said: list[str]) -> None:
    """Twelve metres; farther inside it is none of the two, and more than the 60 m of slack are too many."""
    town = make_town(cells("xx", street_m=20), roads=[("primary", line((x, -100), (x, 200)))])
    assert told(town, {}) == said


@pytest.mark.parametrize(("width_m", "said"), [(0, []), (2, ["length_m"])])
def test_of_barriers_only_lines_count_inside_a_block(make_town: MakeTown, width_m: float, said: list[str]) -> None:
    """A railway may be drawn a little beside its place; water inside a block lies between nobody."""
    rail = line((125, -100), (125, 200))
    town = make_town(cells("xx", street_m=20), barriers=[shapely.buffer(rail, width_m) if width_m else rail])
    assert told(town, {"road_class": "barrier"}) == said


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"primary": 100.0}, []),
        ({"primary": 29.9}, ["primary"]),
        ({"primary": 170.1, "tertiary": 61.0}, ["primary", "tertiary"]),
        ({"primary": "many"}, ["primary"]),
        (None, ["primary"]),
    ],
)
def test_metres_inside_communities_of_today_are_measured_too(
    make_town: MakeTown, said: dict[str, object] | None, wrong: list[str]
) -> None:
    """Of three blocks in a row the first two are one today; a road runs between these, another beyond."""
    roads = [(name, line((x, -100), (x, 200))) for name, x in (("primary", 110), ("tertiary", 230))]
    town = make_town(cells("xxx", street_m=20), today=marks("aab"), roads=roads)
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan(marks("ABB"))))
    row = ROW | {"community_id": "B", "road_class": "tertiary"}
    report = {"today": {"crossing_m": said}}
    table = pd.DataFrame([row], columns=list(COLUMNS)).astype(str)
    found = [one.message.en.split(" is ")[0] for one in check_crossings(case, table, report)]
    assert [text.split("crossing_m.")[1] for text in found if "today" in text] == wrong


def test_rows_of_no_line_and_rows_that_are_missing_are_told(town: Town) -> None:
    """A name or a class that no line has, in place of a road between neighbours; a row twice."""
    assert told(town, {}, {"road_name": "甲路", "length_m": 1}) == ["length_m", "empty_m"]
    assert told(town, {"road_class": "trunk"}) == ["length_m", "length_m", "empty_m"]
    assert told(town, {}, {}) == ["rows"]


def test_no_number_of_blocks_is_right_of_a_community_there_is_not(town: Town) -> None:
    """Nor numbers nobody can read, which count as -1 each."""
    unread = {"length_m": 0, "blocks_facing": -1, "blocks_main": -1, "blocks_beyond": -1}
    found = told(town, {}, {"community_id": "B"} | unread)
    assert found == ["length_m", "empty_m", "blocks_beyond", "blocks_facing"]


def test_over_a_barrier_nothing_must_be_told(make_town: MakeTown) -> None:
    """Who faces each other over a railway may be no neighbours: its road counts or not, as does the railway itself."""
    town = make_town(cells("xx", street_m=20), roads=[("primary", ROAD)], barriers=[RAIL])
    nothing = {"length_m": 0, "road_class": "primary"}
    rail = {"road_class": "barrier"}
    assert told(town, nothing) == []
    assert told(town, {}, rail) == []
    assert told(town, {}, rail | {"length_m": 171}) == ["length_m"]


@pytest.mark.parametrize("shape", [RAIL, shapely.buffer(RAIL, 1)])
def test_lines_and_areas_count_alike(make_town: MakeTown, shape: shapely.Geometry) -> None:
    """A barrier may be drawn either way."""
    town = make_town(cells("xx", street_m=20), barriers=[shape])
    assert told(town, {"road_class": "barrier", "length_m": 170}) == []
    assert told(town, {"road_class": "barrier", "length_m": 171}) == ["length_m"]
