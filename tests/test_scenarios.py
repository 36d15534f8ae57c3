"""The report's scenarios on the sample city, run to verified results whose tables add up; the search is kept short."""

import numpy as np
import pandas as pd
import pytest

from redistrict.jobs.check import look_out
from redistrict.jobs.doctor import examine_data
from redistrict.jobs.inputs import read_inputs
from redistrict.report.provenance import list_sources
from redistrict.scenario import load_scenario
from redistrict.standards.foretold import foretell
from redistrict.standards.prospects import list_prospects

from .adding_up import TABLES, assert_adds_up, read_tables
from .sample_city import SCENARIOS, SampleCity

pytestmark = pytest.mark.first
FOUR_AREAS = ("黄石港区", "西塞山区", "下陆区", "开发区")
ROOMS = ("geo", "model", "solver", "standards", "judge")
SLOW = pytest.mark.slow(covers=["geodata/", "scenarios/", *(f"redistrict/{room}/" for room in ROOMS)])
"""Searches of a minute and more."""
LONG = (
    "huangshi_diagnosis",
    "huangshi_grids",
    "huangshi_law_2026",
    "huangshi_merge_only",
    "huangshi_strict_roads",
    "huangshi_growth",
    "huangshi_stable",
)
ALL = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[SLOW] * (name in LONG)) for name in ALL])
def test_every_scenario_ends_in_tables_that_add_up(sample_city: SampleCity, name: str) -> None:
    """Each scenario of the report gives a verified folder with all tables, and each table agrees with the others."""
    assert {f"{table}.csv" for table in TABLES} <= {path.name for path in sample_city[name].iterdir()}
    assert_adds_up(sample_city[name])


@pytest.mark.parametrize("name", ALL)
def test_every_scenario_says_which_sentence_it_answers(name: str) -> None:
    """The first lines of a scenario quote the report."""
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert "一、(一)" in text or "三、(一)" in text or "二、(四)" in text or "(一)" in text
    assert text.index("#") == 0
    assert '"' in text.split("\nname:")[0]


def test_the_doctor_finds_no_fault_with_the_files_of_any_scenario() -> None:
    """Every layer and table that a scenario names is read and lies where it should; each file is looked at once."""
    seen: set[str] = set()
    for scenario in (load_scenario(SCENARIOS / f"{name}.yaml") for name in ALL):
        sources = [(key, source) for key, source in list_sources(scenario) if f"{key} {source}" not in seen]
        seen |= {f"{key} {source}" for key, source in sources}
        if sources:
            assert [fact for fact in examine_data(scenario) if not fact.ok] == []


@pytest.mark.parametrize("name", [pytest.param(name, marks=[SLOW] * (name in LONG)) for name in ALL])
def test_what_is_foreseen_of_a_scenario_comes_true(sample_city: SampleCity, name: str) -> None:
    """The check warns of no clause that the finished plan meets: at least as many communities miss it, area by area."""
    scenario = load_scenario(SCENARIOS / f"{name}.yaml")
    inputs = read_inputs(scenario)
    outlook = look_out(inputs, scenario, inputs.problem(scenario))
    plan = pd.read_csv(sample_city[name] / "plan.csv", dtype=str, encoding="utf-8-sig").set_index("block_id")
    rules = pd.read_csv(sample_city[name] / "rules.csv", dtype=str, encoding="utf-8-sig")
    community, n_told = plan["community_id"].reindex(inputs.blocks.ids).to_numpy(), 0
    for pack, clause in ((one.key, clause) for one in inputs.packs for clause in one.clauses):
        own = rules[(rules["pack"] == pack) & (rules["clause"] == clause.key) & (rules["outcome"] == "fail")]
        for one in list_prospects(outlook.problem):
            n_failing = own["community_id"].isin({*community[one.blocks]}).sum()
            for told in foretell(clause, one, outlook):
                assert n_failing >= told.failing, (pack, clause.key, one.name, told)
                n_told += 1
    assert n_told > 0


def test_the_redraw_has_the_numbers_of_the_report(sample_city: SampleCity) -> None:
    """83 communities in the four areas, 41 fewer, a third; about 900 workers; everyone has a post or is counted out."""
    report = sample_city.report("huangshi_redraw")
    by_district = report["totals"]["communities_by_district"]
    n_new = sum(by_district[name] for name in FOUR_AREAS)
    lineage = read_tables(sample_city["huangshi_redraw"])["lineage"]
    n_old = lineage[lineage["old_id"].ne("") & lineage["new_id"].str.startswith(("4202", *FOUR_AREAS))][
        "old_id"
    ].nunique()
    assert n_old == 133
    assert (n_new, 124 - n_new, round(100 * (124 - n_new) / 124)) == (83, 41, 33)
    assert [by_district[name] for name in FOUR_AREAS] == [28, 31, 14, 10]
    assert abs(report["totals"]["workers"] - 900) <= 18
    moved = report["standards"]["transition"]
    assert moved["staff"] == 910 == moved["filled"] + sum(moved["surplus"].values())


@SLOW
def test_merging_only_is_proved_and_keeps_every_community_whole(sample_city: SampleCity) -> None:
    """15 fewer, proved: every community of today lies whole in one new one, and the former villages are unchanged."""
    report = sample_city.report("huangshi_merge_only")
    assert (report["status"], report["gap"], report["n_communities"]) == ("OPTIMAL", 0.0, 118)
    lineage = read_tables(sample_city["huangshi_merge_only"])["lineage"]
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


@SLOW
def test_today_kept_is_today(sample_city: SampleCity) -> None:
    """The diagnosis delivers today's 133 communities, unchanged, with the premises the report counts."""
    report = sample_city.report("huangshi_diagnosis")
    assert report["n_communities"] == 133
    assert report["standards"]["lineage"]["today"] == {"unchanged": 133}
    assert report["standards"]["lineage"]["moved"] == 0
    premises = report["standards"]["premises"]
    assert (premises["reach"], premises["short_of_minimum"]) == (79, 54)


@SLOW
def test_the_stable_plan_moves_no_more_than_it_may(sample_city: SampleCity) -> None:
    """At most 40 % of residents change community, in every district, and far fewer than in the free redraw."""
    stable, free = sample_city.report("huangshi_stable"), sample_city.report("huangshi_redraw")
    assert stable["standards"]["lineage"]["moved_share"] <= 0.40 < free["standards"]["lineage"]["moved_share"]
    assert stable["totals"]["communities_by_district"] == free["totals"]["communities_by_district"]


@SLOW
def test_trunk_roads_and_the_railway_are_never_crossed(sample_city: SampleCity) -> None:
    """No resident of the strict plan has a trunk road or railway inside the community to cross.

    Parks nobody lives in may lie beyond one, which is noted; every widened cell is named with its sums.
    """
    report = sample_city.report("huangshi_strict_roads")
    crossings = read_tables(sample_city["huangshi_strict_roads"])["crossings"]
    strict = crossings[crossings["road_class"].isin(["trunk", "rail"])]
    assert (strict.loc[strict["divides"] == 1, "residents_beyond"] == "0").all()
    assert any("nobody lives" in note["en"] for note in report["notes"])
    assert report["exceptions"]
    for exception in report["exceptions"]:
        assert "households" in exception["en"]
        assert "户数" in exception["zh"]


@SLOW
def test_the_growth_plan_holds_in_every_year(sample_city: SampleCity) -> None:
    """No community of the growth plan leaves its bounds by 2031; a plan drawn for today alone does."""
    growth = sample_city.report("huangshi_growth")["standards"]["growth"]
    assert growth["holds"]
    assert growth["years"] == [2027, 2028, 2029, 2030, 2031]
    table = pd.read_csv(sample_city["huangshi_growth"] / "growth.csv", encoding="utf-8-sig")
    assert table["households"].between(2250, 2750).all()
    assert table["people"].between(7200, 8800).all()
    assert np.all(table[["households_ok", "people_ok"]] == 1)
    today = sample_city.report("huangshi_redraw")["standards"]["growth"]
    assert not today["holds"]
    assert today["first_year"] in growth["years"]
    assert today["first_community"]
