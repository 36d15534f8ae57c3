"""What a report says of today's communities, on four blocks in a row of which two make a community."""

from collections.abc import Callable
from typing import Any

import pytest

from redistrict.judge.case import Case, assign
from redistrict.judge.ground import read_ground
from redistrict.judge.today import check_today
from redistrict.scenario.models import Communities, Sizes
from redistrict.scenario.office import Premises, Standards
from redistrict.scenario.sources import CurrentColumns, CurrentSource

from .towns import Town, cells, marks, square

MakeTown = Callable[..., Town]
TODAY = {
    "n_communities": 2,
    "households": 600,
    "population": 1200,
    "workers": 7,
    "households_deviation": [-0.5, 0.0],
    "population_deviation": None,
    "premises": {"short_of_norm": 1, "shortfall_m2": 20.0},
}
"""Community a lacks 20 of 320 m²."""


@pytest.fixture(scope="module")
def case(make_town: MakeTown) -> Case:
    """Give a a b b with 100, 100, 200 and 200 households, and rooms of 300 and 900 m²."""
    town = make_town(
        cells("xxxx", street_m=20),
        households={"00": 100, "01": 100, "02": 200, "03": 200},
        today=marks("aabb"),
        sites=[square(x, 40, 2, 2) for x in (40, 260, 280, 380)],
        communities=Communities(target=Sizes(households=400)),
        standards=Standards(premises=Premises(m2_per_100_households=160, minimum_m2=20)),
    )
    path = town.scenario.data.blocks.path.with_name("current.csv")
    path.write_text("id,staff\na,3\nb,4\nc,9\n", encoding="utf-8")
    current = CurrentSource(path=path, columns=CurrentColumns(id="id", staff="staff"))
    data = town.scenario.data.model_copy(update={"current": current})
    scenario = town.scenario.model_copy(update={"data": data})
    ground = read_ground(scenario)
    return Case(scenario, ground, assign(ground, town.plan("A")))


def test_what_is_right_passes(case: Case) -> None:
    """A community of the table without blocks, c, does not count."""
    assert [*check_today(case, TODAY)] == []


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("n_communities", 3, "n_communities"),
        ("households", 601, "households"),
        ("population", None, "population"),
        ("population_deviation", [0.0, 0.0], "population_deviation"),
        ("households_deviation", [-0.4, 0.0], "households_deviation"),
        ("households_deviation", [10**400, 0.0], "households_deviation"),
        ("households_deviation", "none", "households_deviation"),
        ("workers", 16, "workers"),
        ("premises", None, "premises.short_of_norm"),
        ("premises", {"short_of_norm": 2, "shortfall_m2": 20.0}, "premises.short_of_norm"),
        ("premises", {"short_of_norm": 1, "shortfall_m2": 10**400}, "premises.shortfall_m2"),
    ],
)
def test_what_is_wrong_is_named(case: Case, key: str, value: Any, what: str) -> None:
    """Each figure is counted anew from the data."""
    found = [one.message.en for one in check_today(case, TODAY | {key: value})]
    assert found[0].startswith(f"report.json: today.{what} is ")


@pytest.mark.parametrize("given", [None, 5, []])
def test_where_there_are_communities_today_their_figures_must_be_told(case: Case, given: object) -> None:
    """Whatever stands in place of the section."""
    assert len([*check_today(case, given)]) > 4


def test_without_communities_of_today_nothing_is_told(make_town: MakeTown) -> None:
    """No section, and none is missed; figures of nobody are refused."""
    town = make_town(cells("xx"))
    ground = read_ground(town.scenario)
    case = Case(town.scenario, ground, assign(ground, town.plan("A")))
    assert [*check_today(case, None)] == []
    assert [*check_today(case, TODAY)] != []
