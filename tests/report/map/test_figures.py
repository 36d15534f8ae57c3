"""Before and after in figures: what the panel says of today and of the plan, on a town one can draw."""

import re
from dataclasses import replace

import pytest

from redistrict.report.map.figures import Figure, list_figures
from tests.report.drawn_town import make_city, make_town


def figures_of(*, with_today: bool = True) -> dict[str, Figure]:
    """Give the figures of the town by key."""
    report = make_town(with_today=with_today)[0]
    return {one.key: one for one in list_figures(make_city(with_today=with_today), report)}


def numbers(text: str | None) -> list[float]:
    """Give the numbers in a text."""
    return [float(n) for n in re.findall(r"[-+]?[\d.]+", (text or "").replace(",", "").replace("−", "-"))]


def test_figures_of_the_plan_are_those_of_the_report() -> None:
    """Every figure of the plan stands in report.json, but for its decimals."""
    report, figures = make_town()[0].to_json(), figures_of()
    totals, office, rows = report["totals"], report["standards"], report["communities"]
    told = {
        "communities": [report["n_communities"]],
        "households": [totals["households"]],
        "people": [totals["population"]],
        "households_deviation": [f([100 * row["households_deviation"] for row in rows]) for f in (min, max)],
        "people_deviation": [f([100 * row["population_deviation"] for row in rows]) for f in (min, max)],
        "workers": [totals["workers"]],
        "premises_short": [office["premises"]["short_of_norm"]],
        "premises_short_m2": [office["premises"]["shortfall_m2"]],
        "moved": [office["lineage"]["moved"], 100 * office["lineage"]["moved_share"]],
        "roads": [],
        "crossing_primary": [totals["crossing_m"]["primary"]],
        "crossing_tertiary": [0],
        "crossing_river": [totals["crossing_m"].get("river", 0)],
    }
    assert figures.keys() <= told.keys()
    for key, figure in figures.items():
        assert numbers(figure.plan) == pytest.approx(told[key], abs=0.51 if key.startswith("crossing") else 0.051), key


def test_figures_of_today_are_counted_from_todays_communities() -> None:
    """Three communities, ab, ef and cdgh, of 210, 290 and 580 households where 300 are wanted, with 5 workers."""
    figures = figures_of()
    assert numbers(figures["communities"].today) == [3]
    assert numbers(figures["households_deviation"].today) == [-30.0, 93.3]
    assert numbers(figures["workers"].today) == [5]
    assert numbers(figures["premises_short"].today) == [3]
    assert numbers(figures["premises_short_m2"].today) == [820]
    assert numbers(figures["crossing_primary"].today) == pytest.approx([200], abs=20)
    assert numbers(figures["crossing_tertiary"].today) == pytest.approx([200], abs=20)
    assert figures["moved"].today is None


def test_figures_of_today_stand_in_the_report() -> None:
    """As numbers, by the keys of those of the plan; none where the data have no communities of today."""
    today = make_town()[0].to_json()["today"]
    assert (today["n_communities"], today["households"], today["population"], today["workers"]) == (3, 1080, 2400, 5)
    assert today["households_deviation"] == pytest.approx([-0.3, 0.933333])
    assert today["premises"] == {"short_of_norm": 3, "shortfall_m2": 820}
    for name in ("primary", "tertiary"):
        assert today["crossing_m"][name] == pytest.approx(200, abs=20)
    assert make_town(with_today=False)[0].to_json()["today"] is None


def test_without_communities_of_today_there_are_figures_of_the_plan_only() -> None:
    """Nothing is said of today, and nothing of what changes."""
    figures = figures_of(with_today=False)
    assert {one.today for one in figures.values()} == {None}
    assert "moved" not in figures
    assert numbers(figures["communities"].plan) == [3]


def test_where_sizes_are_measured_against_means_today_has_no_deviation() -> None:
    """Today's communities have no target then; their number has nothing to do with it."""
    city = make_city()
    around = city.scenario.communities.model_copy(update={"around": "means"})
    figures = list_figures(
        replace(city, scenario=city.scenario.model_copy(update={"communities": around})), make_town()[0]
    )
    spans = [one for one in figures if one.key.endswith("_deviation")]
    assert [one.today for one in spans] == [None, None]
    assert None not in [one.plan for one in spans]
