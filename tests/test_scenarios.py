"""The report's scenarios on the sample city, run to verified results whose tables add up; the search is kept short."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from redistrict.jobs.run import run
from redistrict.scenario import load_scenario

from .adding_up import TABLES, assert_adds_up, read_tables

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FOUR_AREAS = ("黄石港区", "西塞山区", "下陆区", "开发区")
LONG = ("huangshi_strict_roads", "huangshi_growth")
"""Searches of some minutes."""
EFFORT = {"huangshi_redraw": 0.05, "huangshi_stable": 0.05, "huangshi_strict_roads": 0.1, "huangshi_growth": 0.3}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> "Results":
    return Results(tmp_path_factory.mktemp("results"))


class Results:
    """Runs a scenario when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> Path:
        if not (self.folder / name).exists():
            overrides = [f"solve.effort={EFFORT.get(name, 1)}", "solve.time_limit_s=900"]
            run(load_scenario(SCENARIOS / f"{name}.yaml", overrides=overrides), out=self.folder / name)
        return self.folder / name

    def report(self, name: str) -> dict[str, Any]:
        """Give the report of a run."""
        report: dict[str, Any] = json.loads((self[name] / "report.json").read_text(encoding="utf-8"))
        return report


ALL = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in ALL])
def test_every_scenario_ends_in_tables_that_add_up(results: Results, name: str) -> None:
    """Each scenario of the report gives a verified folder with all tables, and each table agrees with the others."""
    assert {f"{table}.csv" for table in TABLES} <= {path.name for path in results[name].iterdir()}
    assert_adds_up(results[name])


@pytest.mark.parametrize("name", ALL)
def test_every_scenario_says_which_sentence_it_answers(name: str) -> None:
    """The first lines of a scenario quote the report."""
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert "一、(一)" in text or "三、(一)" in text or "二、(四)" in text or "(一)" in text
    assert text.index("#") == 0
    assert '"' in text.split("\nname:")[0]


def test_the_redraw_has_the_numbers_of_the_report(results: Results) -> None:
    """83 communities in the four areas, 41 fewer, a third; about 900 workers; everyone has a post or is counted out."""
    report = results.report("huangshi_redraw")
    by_district = report["totals"]["communities_by_district"]
    n_new = sum(by_district[name] for name in FOUR_AREAS)
    lineage = read_tables(results["huangshi_redraw"])["lineage"]
    n_old = lineage[lineage["old_id"].ne("") & lineage["new_id"].str.startswith(("4202", *FOUR_AREAS))][
        "old_id"
    ].nunique()
    assert n_old == 133
    assert (n_new, 124 - n_new, round(100 * (124 - n_new) / 124)) == (83, 41, 33)
    assert [by_district[name] for name in FOUR_AREAS] == [28, 31, 14, 10]
    assert abs(report["totals"]["workers"] - 900) <= 18
    moved = report["standards"]["transition"]
    assert moved["staff"] == 910 == moved["filled"] + sum(moved["surplus"].values())


def test_merging_only_is_proved_and_keeps_every_community_whole(results: Results) -> None:
    """15 fewer, proved: every community of today lies whole in one new one, and the former villages are unchanged."""
    report = results.report("huangshi_merge_only")
    assert (report["status"], report["gap"], report["n_communities"]) == ("OPTIMAL", 0.0, 118)
    lineage = read_tables(results["huangshi_merge_only"])["lineage"]
    assert len(lineage) == lineage["old_id"].nunique() == 133
    assert report["standards"]["lineage"]["today"] == {"unchanged": 133 - 15 - len(_grown(lineage)), "adjusted": len(
        _grown(lineage)), "merged": 15}  # fmt: skip
    scenario = load_scenario(SCENARIOS / "huangshi_merge_only.yaml")
    assert scenario.data.current is not None
    import pyogrio

    villages = pyogrio.read_dataframe(scenario.data.current.path, layer="communities", read_geometry=False)
    locked = set(villages.loc[villages["is_village_conversion"] == 1, "community_id"])
    assert len(locked) == 15
    assert set(lineage.loc[lineage["old_id"].isin(locked), "old_fate_en"]) == {"unchanged"}


def _grown(lineage: pd.DataFrame) -> set[str]:
    """Give the communities that took another one in."""
    parts = lineage.groupby("new_id")["old_id"].nunique()
    return set(parts[parts > 1].index)


def test_today_kept_is_today(results: Results) -> None:
    """The diagnosis delivers today's 133 communities, unchanged, with the premises the report counts."""
    report = results.report("huangshi_diagnosis")
    assert report["n_communities"] == 133
    assert report["standards"]["lineage"]["today"] == {"unchanged": 133}
    assert report["standards"]["lineage"]["moved"] == 0
    premises = report["standards"]["premises"]
    assert (premises["reach"], premises["short_of_minimum"]) == (79, 54)


def test_the_stable_plan_moves_no_more_than_it_may(results: Results) -> None:
    """At most 40 % of residents change community, in every district, and far fewer than in the free redraw."""
    stable, free = results.report("huangshi_stable"), results.report("huangshi_redraw")
    assert stable["standards"]["lineage"]["moved_share"] <= 0.40 < free["standards"]["lineage"]["moved_share"]
    assert stable["totals"]["communities_by_district"] == free["totals"]["communities_by_district"]


@pytest.mark.slow
def test_trunk_roads_and_the_railway_are_never_crossed(results: Results) -> None:
    """No resident of the strict plan has a trunk road or railway inside the community to cross.

    Parks nobody lives in may lie beyond one, which is noted; every widened cell is named with its sums.
    """
    report = results.report("huangshi_strict_roads")
    crossings = read_tables(results["huangshi_strict_roads"])["crossings"]
    strict = crossings[crossings["road_class"].isin(["trunk", "rail"])]
    assert (strict.loc[strict["divides"] == 1, "residents_beyond"] == "0").all()
    assert any("nobody lives" in note["en"] for note in report["notes"])
    assert report["exceptions"]
    for exception in report["exceptions"]:
        assert "households" in exception["en"]
        assert "户数" in exception["zh"]


@pytest.mark.slow
def test_the_growth_plan_holds_in_every_year(results: Results) -> None:
    """No community of the growth plan leaves its bounds by 2031; a plan drawn for today alone does."""
    growth = results.report("huangshi_growth")["standards"]["growth"]
    assert growth["holds"]
    assert growth["years"] == [2027, 2028, 2029, 2030, 2031]
    table = pd.read_csv(results["huangshi_growth"] / "growth.csv", encoding="utf-8-sig")
    assert table["households"].between(2250, 2750).all()
    assert table["people"].between(7200, 8800).all()
    assert np.all(table[["households_ok", "people_ok"]] == 1)
    today = results.report("huangshi_redraw")["standards"]["growth"]
    assert not today["holds"]
    assert today["first_year"] in growth["years"]
    assert today["first_community"]
