"""The formula of the cost, part by part, on figures one can work out by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from redistrict.judge.case import Case, assign
from redistrict.judge.costs import check_costs
from redistrict.judge.ground import read_ground
from redistrict.scenario.levels import Level
from redistrict.scenario.models import Communities, Objective, Sizes, Tolerance
from redistrict.scenario.office import Staffing, Standards
from redistrict.scenario.section import CountRange

from .towns import ANY_SIZE, Town, cells, marks

MakeTown = Callable[..., Town]
FREE: Mapping[str, Any] = {"crossing": {}, "boundary": 0, "deviation": 0}
LOOSE = Tolerance(households=0.9, people=0.9)


def is_right(town: Town, plan: str, part: str, metres: float, **asked: Any) -> bool:
    """Tell whether a part of the cost may be these weighted metres, all others being free."""
    return not told(town, plan, part, metres, **asked)


def told(town: Town, plan: str, part: str, metres: float, *, boundary_m: float = 0, **prices: Any) -> list[str]:
    """Say what is wrong with these weighted metres."""
    rows = [("primary", "100", "40", "30"), ("primary", "100", "80", "60"), ("tertiary", "100", "0", "0")]
    crossings = pd.DataFrame(rows, columns=["road_class", "length_m", "served_m", "empty_m"])
    scenario = town.scenario.model_copy(update={"objective": Objective.model_validate({**FREE, **prices})})
    ground = read_ground(scenario)
    names = ("crossing", "boundary", "deviation", "disruption", "idle_staff", "neck", "levels")
    parts = dict.fromkeys(names, 0.0) | {part: metres}
    report = {"cost": metres, "totals": {"boundary_m": boundary_m, "cost_parts": parts}}
    case = Case(scenario, ground, assign(ground, town.plan(marks(plan))))
    wrong = [violation.message.en for violation in check_costs(case, report, crossings)]
    assert all(f"cost_parts.{part} is" in message for message in wrong)
    return wrong


@pytest.fixture(scope="module")
def row(make_town: MakeTown) -> Town:
    """Give four blocks of 100 households in a row."""
    rules = Communities(target=Sizes(households=160, people=500), tolerance=LOOSE, count=2)
    return make_town(cells("xxxx"), communities=rules)


@pytest.mark.parametrize(("metres", "right"), [(167.9, False), (168, True), (208, True), (208.2, False)])
def test_how_far_served_and_empty_metres_overlap_is_left_open(row: Town, metres: float, right: bool) -> None:
    """At half the price where served and a fifth beside empty ground: 56 to 68 and 28 to 36 of two times 100 m."""
    shares = {"served_share": 0.5, "empty_share": 0.2}
    assert is_right(row, "aabb", "crossing", metres, crossing={"primary": 2}, **shares) == right
    never = {"primary": 2, "trunk": "never"}
    assert is_right(row, "aabb", "crossing", metres, crossing=never, **shares) == (metres < 208.1)


def test_what_would_be_right_is_one_number_or_from_one_to_another(row: Town) -> None:
    """Without a price necks cost nothing; of a boundary as published each community may be a centimetre off."""
    (exact,) = told(row, "aabb", "neck", 5)
    assert exact.endswith("prices it is 0.00 weighted metres.")
    (ranged,) = told(row, "aabb", "boundary", 60, boundary=0.5, boundary_m=100)
    assert ranged.endswith("prices it is 49.99 - 50.01 weighted metres.")


@pytest.mark.parametrize(("metres", "right"), [(49.9, False), (50, True), (50.1, False)])
def test_a_metre_of_boundary_has_its_price(row: Town, make_town: MakeTown, metres: float, right: bool) -> None:
    """100 m at a half are 50; over a district border, or beside a road never to be crossed, less is right, too."""
    price = {"boundary": 0.5, "boundary_m": 100}
    assert is_right(row, "aabb", "boundary", metres, **price) == right
    districts = make_town(cells("xxxx"), district=marks("EEWW"), communities=ANY_SIZE)
    assert is_right(districts, "aabb", "boundary", metres, **price) == (metres < 50.1)
    assert is_right(row, "aabb", "boundary", metres, crossing={"trunk": "never"}, **price) == (metres < 50.1)


def test_each_per_cent_off_target_has_its_price(row: Town) -> None:
    """300 and 100 households are 140 and 60 off 160, 900 and 300 people 400 and 200 off 500: 125 % and 120 %."""
    assert is_right(row, "aaab", "deviation", 2 * 245, deviation=2)
    assert not is_right(row, "aaab", "deviation", 2 * 246, deviation=2)


def test_around_means_the_mean_is_the_measure_and_the_target_the_per_cent(make_town: MakeTown) -> None:
    """100 households off the mean of 200 on either side, and 300 off that of 600 people, in per cent of the targets."""
    rules = Communities(target=Sizes(households=80, people=250), around="means", tolerance=LOOSE, count=2)
    town = make_town(cells("xxxx"), communities=rules)
    assert is_right(town, "aaab", "deviation", 200 / 0.8 + 600 / 2.5, deviation=1)
    assert not is_right(town, "aaab", "deviation", 240 / 0.8 + 700 / 2.5, deviation=1)


@pytest.mark.parametrize(("count", "metres", "right"), [(2, 100, True), (2, 101, False), (2, 0, False)])
def test_without_targets_the_mean_is_the_measure(
    make_town: MakeTown, count: int | CountRange, metres: float, right: bool
) -> None:
    """300 and 100 are each 100 off the mean of 200; people, at 9 to 3, as much."""
    rules = Communities(target=Sizes(households=None, people=None), around="means", tolerance=LOOSE, count=count)
    town = make_town(cells("xxxx"), people=3, communities=rules)
    assert is_right(town, "aaab", "deviation", 2 * metres, deviation=1) == right


@pytest.mark.parametrize("metres", [0.0, 1e6])
def test_where_the_number_is_open_any_deviation_may_be(make_town: MakeTown, metres: float) -> None:
    """Which mean a deviation was measured from is not told where the number of communities was free."""
    rules = Communities(
        target=Sizes(households=None, people=None), around="means", tolerance=LOOSE, count=CountRange(min=2, max=3)
    )
    assert is_right(make_town(cells("xxxx"), communities=rules), "aaab", "deviation", metres, deviation=1)


@pytest.mark.parametrize(
    ("rules", "idle"),
    [
        ({}, 2 - 1.2 + 1 - 0.4),
        ({"combine": "mean"}, 2 - 1.1 + 1 - 1.1 / 3),
        ({"combine": "mean", "rounding": "nearest"}, 1.1 - 1 + 1.1 / 3),
        ({"minimum": 2}, 2 - 1.2 + 2 - 0.4),
    ],
)
def test_idle_workers_are_whole_workers_less_the_need(make_town: MakeTown, rules: dict, idle: float) -> None:
    """300 and 100 households need 1.2 and 0.4 workers, 900 and 300 people 1 and a third."""
    staffing = Staffing(households_per_worker=250, people_per_worker=900, **rules)
    town = make_town(cells("xxxx"), communities=ANY_SIZE, standards=Standards(staffing=staffing))
    assert is_right(town, "aaab", "idle_staff", 1000 * idle, idle_staff=1000)
    assert not is_right(town, "aaab", "idle_staff", 1000 * idle + 0.5, idle_staff=1000)


def test_who_moves_has_a_price(make_town: MakeTown) -> None:
    """The 300 people of one block come into the community that continues the other."""
    town = make_town(cells("xxxx"), today=marks("aabb"), communities=ANY_SIZE)
    assert is_right(town, "aaab", "disruption", 0.5 * 300, disruption=0.5)
    assert not is_right(town, "aaab", "disruption", 0.5 * 301, disruption=0.5)


def test_who_lives_in_another_street_than_most_of_the_community_has_a_price(make_town: MakeTown) -> None:
    """Of aab and b, three blocks of 300 people and one, the 300 of the third are from another street; dear only."""
    town = make_town(cells("xxxx"), today=marks("aabb"), communities=ANY_SIZE)
    for keep, price in (("dear", 0.5), ("free", 0)):
        level = {"key": "street", "title": {"zh": "街道", "en": "street"}, "column": "community", "keep": keep}
        street = Level.model_validate(level | ({"each": price} if price else {}))
        levelled = replace(town, scenario=town.scenario.model_copy(update={"levels": (street,)}))
        assert is_right(levelled, "aaab", "levels", price * 300)
        assert not is_right(levelled, "aaab", "levels", price * 300 + 1)


def test_no_more_necks_have_a_price_than_there_are_blocks(row: Town) -> None:
    """Four blocks may be four parts at most; without a price necks cost nothing."""
    n_blocks = len(row.blocks)
    neck = {"width_m": 30, "each": 5}
    assert is_right(row, "aabb", "neck", 5 * n_blocks, neck=neck)
    assert not is_right(row, "aabb", "neck", 5 * n_blocks + 1, neck=neck)
    assert not is_right(row, "aabb", "neck", 5)
