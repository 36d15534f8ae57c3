"""What a report claims of its search: it must hold together, and it is listed as not checked."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from redistrict.judge import judge_claims, judge_question
from redistrict.judge.verification import Verification
from redistrict.scenario.models import Communities, Scenario, Solve, Tolerance
from redistrict.scenario.section import Text

from .towns import Town, cells

MakeTown = Callable[..., Town]
NO_PROOFS = {"pairs": 4, "pairs_proved": 3, "triples": 0, "triples_proved": 0}
TIMINGS_S, SPENT = {"read": 0.1, "solve": 2}, {"cpu_s": 0.1, "peak_mib": 90}
TIMED = {"timings_s": TIMINGS_S, "spent": {"read": SPENT}}
REPORT = {
    "status": "FEASIBLE",
    "stopped_by": "effort",
    "cost": 100.5,
    "bound": 80.4,
    "gap": 0.2,
    "local_optimality": NO_PROOFS,
    "seed": 1,
    "exceptions": [],
    "provenance": TIMED,
}
PROVED = {"status": "OPTIMAL", "stopped_by": "proof", "bound": 100.5, "gap": 0.0}


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Scenario:
    return make_town(cells("xx", street_m=20)).scenario


def judged(town: Scenario, folder: Path, changes: dict[str, Any]) -> Verification:
    (folder / "report.json").write_text(json.dumps(REPORT | changes), encoding="utf-8")
    return judge_claims(town, folder)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        PROVED,
        {"bound": None, "gap": None},
        {"bound": 120.0, "gap": 0.0, "exceptions": [{"en": "why", "zh": "因"}]},
        {"stopped_by": "time_limit"},
    ],
)
def test_claims_that_hold_together_pass(town: Scenario, tmp_path: Path, changes: dict[str, Any]) -> None:
    """A report of a search, finished or not, proved or not."""
    assert judged(town, tmp_path, changes).ok


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"status": "BEST"}, "status"),
        ({"bound": -1e308, "gap": 1e306}, "cost, bound"),
        ({"local_optimality": NO_PROOFS | {"reviewed": 1}}, "local_optimality"),
        ({"status": "OPTIMAL"}, "status"),
        ({"stopped_by": "proof"}, "stopped_by"),
        ({"stopped_by": "luck"}, "stopped_by"),
        (PROVED | {"status": "FEASIBLE", "stopped_by": "effort"}, "status"),
        ({"bound": 100.51, "gap": 0.0}, "bound"),
        ({"gap": 0.1}, "gap"),
        ({"gap": None}, "gap"),
        ({"bound": None}, "gap"),
        ({"cost": "100.5"}, "cost, bound"),
        ({"bound": True}, "cost, bound"),
        ({"seed": 2}, "seed"),
        ({"local_optimality": NO_PROOFS | {"pairs_proved": 5}}, "local_optimality.pairs_proved"),
        ({"local_optimality": NO_PROOFS | {"triples_proved": -1}}, "local_optimality.triples_proved"),
        ({"local_optimality": None}, "local_optimality.pairs_proved"),
        ({"provenance": {"timings_s": {"read": 0.1}}}, "provenance.timings_s"),
        ({"provenance": {"timings_s": {"read": 0.1, "solve": -1}}}, "provenance.timings_s"),
        ({"provenance": TIMED | {"data": {"date": "2026-01-01"}}}, "provenance.data.date"),
        ({"provenance": TIMED | {"data": {"licence": {"zh": "x", "en": "x"}}}}, "provenance.data.licence"),
        ({"exceptions": "none"}, "exceptions"),
        ({"exceptions": ["why"]}, "exceptions"),
        ({"exceptions": [{"en": [], "zh": {}}]}, "exceptions"),
        ({"bound": 10**400}, "cost, bound"),
        ({"gap": 10**400}, "gap"),
        ({"provenance": {"timings_s": {"read": 0.1, "solve": 10**400}}}, "provenance.timings_s"),
        ({"provenance": []}, "provenance.timings_s"),
        ({"provenance": {"timings_s": TIMINGS_S}}, "provenance.spent"),
        ({"provenance": {"timings_s": TIMINGS_S, "spent": {"thinking": SPENT}}}, "provenance.spent"),
        ({"provenance": {"timings_s": TIMINGS_S, "spent": {"read": SPENT | {"by": 1}}}}, "provenance.spent"),
        ({"provenance": {"timings_s": TIMINGS_S, "spent": {"read": SPENT | {"cpu_s": -1}}}}, "provenance.spent"),
        ({"provenance": {"timings_s": TIMINGS_S, "spent": {"read": SPENT | {"peak_mib": "9"}}}}, "provenance.spent"),
    ],
)
def test_claims_that_contradict_each_other_are_told(
    town: Scenario, tmp_path: Path, changes: dict[str, Any], what: str
) -> None:
    """The number that does not fit the others is named."""
    verdict = judged(town, tmp_path, changes)
    assert any(violation.message.en.startswith(f"report.json: {what} is ") for violation in verdict.violations)
    assert {violation.rule for violation in verdict.violations} == {"report"}


def test_date_and_licence_are_those_of_the_scenario(town: Scenario, tmp_path: Path) -> None:
    """A report says both as the scenario does, or the judge names what it should say."""
    terms = {"date": date(2026, 3, 31), "licence": Text(zh="内部使用", en="internal use")}
    stated = town.model_copy(update={"data": town.data.model_copy(update=terms)})
    said = {"date": "2026-03-31", "licence": {"zh": "内部使用", "en": "internal use"}}
    assert judged(stated, tmp_path, {"provenance": TIMED | {"data": said}}).ok
    (first, second) = judged(stated, tmp_path, {}).violations
    assert [one.message.en.split(" is ")[0] for one in (first, second)] == [
        "report.json: provenance.data.date",
        "report.json: provenance.data.licence",
    ]


def test_what_rests_on_the_search_is_listed(town: Scenario, tmp_path: Path) -> None:
    """Bound, proofs of pairs and exceptions are not proved again, and that is said in both languages."""
    said = judged(town, tmp_path, {"exceptions": [{"en": "why", "zh": "因"}]}).not_checked
    assert [message.en.split(":")[0] for message in said] == [
        "that no plan costs less than 80 weighted metres (the bound)",
        "that 3 of 4 pairs of neighbouring communities have no better division",
        "that the exceptions from the bounds are as few and as small as is said",
        "how the search went",
    ]
    assert all("\u4e00" <= message.zh[0] <= "\u9fff" or message.zh[0].isdigit() for message in said)


@pytest.mark.parametrize("content", ["", "[]"])
def test_a_report_that_is_none_is_told_elsewhere(town: Scenario, tmp_path: Path, content: str) -> None:
    """An unreadable report is a matter of `verify_files`."""
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    assert judge_claims(town, tmp_path) == Verification(())


def test_a_scenario_of_its_own_is_noted(town: Scenario) -> None:
    """Without an approved scenario the verdict says by what it judged."""
    (note,) = judge_question(town, None).notes
    assert "by the scenario in the folder itself" in note.en


def test_every_key_that_differs_from_the_approved_question_is_named(town: Scenario) -> None:
    """A limit that was eased is a violation; how to search is a note; where the data lie is neither."""
    eased = Communities(tolerance=Tolerance(households=0.5))
    blocks = town.data.blocks.model_copy(update={"path": Path("elsewhere") / town.data.blocks.path.name})
    data = town.data.model_copy(update={"blocks": blocks})
    moved = town.model_copy(update={"data": data})
    assert judge_question(moved, town) == Verification(())
    changed = town.model_copy(update={"communities": eased, "solve": Solve(effort=2)})
    verdict = judge_question(changed, town)
    assert "communities.tolerance.households = 0.5" in [violation.found for violation in verdict.violations]
    assert [violation.rule for violation in verdict.violations] == ["scenario"] * len(verdict.violations)
    assert "solve.effort" in verdict.notes[0].en


def test_a_map_that_loads_from_elsewhere_is_named(town: Scenario) -> None:
    """The address of map pictures is approved with the question: its server sees who opens the map, and where."""
    tiles = "http://elsewhere/{z}/{x}/{y}.png"
    output = town.output.model_copy(update={"tiles": tiles, "language": "en"})
    verdict = judge_question(town.model_copy(update={"output": output}), town)
    assert [one.found for one in verdict.violations] == [f"output.tiles = {tiles}"]
    assert "output.language" in verdict.notes[0].en


def test_a_key_that_stands_in_one_question_only_is_told_by_both(town: Scenario) -> None:
    """What is not given, and what the approved question asks for, is said in words."""
    limited = town.model_copy(
        update={"communities": town.communities.model_copy(update={"count_by_district": {"E": 9}})}
    )
    (left_out,) = judge_question(town, limited).violations
    assert (
        left_out.message.en == "scenario.yaml: communities.count_by_district.E is not given; the scenario given says 9."
    )
    assert "communities.count_by_district.E 为 未给出，而指定的方案文件为 9" in left_out.message.zh
    (added,) = judge_question(limited, town).violations
    assert added.message.en == "scenario.yaml: communities.count_by_district.E is 9; the scenario given says nothing."
