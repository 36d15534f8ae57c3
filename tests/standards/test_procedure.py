"""Steps of the procedure: what packs ask of their days and their order, and what the judge says of it."""

from datetime import date
from typing import Any

import pytest

from redistrict.judge.procedure import check_procedure as judge_procedure
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack, load_rulepack
from redistrict.standards import procedure
from redistrict.standards.procedure import check_procedure

DATA = {"blocks": {"path": "x.gpkg", "columns": {"id": "id", "households": "hh"}}}


def write(done: dict[str, Any], notice: tuple[date | None, date | None] = (None, None)) -> Scenario:
    days = {"period_from": notice[0], "period_to": notice[1]}
    rules = {"rules": ["procedure_practice"]}
    return Scenario.model_validate({"name": "x", "data": DATA, "standards": rules, "procedure": done, "notice": days})


def pack(**asked: Any) -> RulePack:
    """Give a pack with one step `s`."""
    words = {"zh": "字", "en": "words"}
    source = {"document": words, "place": "1", "quote": "句"}
    step = {"key": "s", "text": words, "cited": "句", **asked}
    return RulePack.model_validate({"key": "p", "title": words, "source": source, "steps": [step]})


APPROVED = {"opinions_from": date(2026, 3, 1), "opinions_to": date(2026, 3, 10), "approval": date(2026, 3, 10)}
MONTH = (date(2026, 4, 1), date(2026, 4, 30))


@pytest.mark.parametrize(
    ("asked", "done", "outcome", "n_days"),
    [
        ({"step": "opinions", "min_days": 10}, APPROVED, "pass", 10),
        ({"step": "opinions", "min_days": 11}, APPROVED, "fail", 10),
        ({"step": "opinions", "min_days": 10}, {"opinions_from": date(2026, 3, 1)}, "unknown", None),
        ({"step": "notice", "min_days": 30}, {}, "pass", 30),
        ({"step": "approval", "after": ["opinions"]}, APPROVED, "pass", 1),
        ({"step": "approval", "after": ["opinions"]}, APPROVED | {"approval": date(2026, 3, 9)}, "fail", 1),
        ({"step": "approval", "after": ["proposal"]}, APPROVED, "unknown", 1),
        ({"step": "approval", "after": ["proposal", "notice"]}, APPROVED, "fail", 1),
        ({"step": "risk_assessment"}, {}, "unknown", None),
        ({"step": "risk_assessment"}, {"risk_assessment": date(2026, 1, 1)}, "pass", 1),
    ],
)
def test_steps_have_their_days_and_their_order(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], done: dict[str, Any], outcome: str, n_days: int | None
) -> None:
    """Both ends of a period count; what is not known is unknown unless what is known fails; the judge agrees."""
    scenario, rules = write(done, MONTH), pack(**asked)
    (finding,) = check_procedure([rules], scenario)
    assert (finding.outcome, finding.n_days) == (outcome, n_days)
    monkeypatch.setattr("redistrict.judge.procedure.load_rulepack", lambda _: rules)
    assert list(judge_procedure(scenario, {"procedure": [row(outcome, n_days)]})) == []
    for wrong in (row("waived", n_days), row(outcome, 99)):
        (violation,) = judge_procedure(scenario, {"procedure": [wrong]})
        assert "standards.procedure: p, s" in violation.message.en
    (violation,) = judge_procedure(scenario, {})
    assert violation.rule == "report"


def row(outcome: str, n_days: int | None) -> dict[str, Any]:
    return {"pack": "p", "step": "s", "outcome": outcome, "days": n_days}


def test_practice_asks_for_thirty_days_as_a_recommendation() -> None:
    """The shipped pack recommends, says that it sums up, and has words for every step."""
    rules = load_rulepack("procedure_practice")
    assert rules.source.wording == "summary"
    assert {step.strength for step in rules.steps} == {"should"}
    found = {one.step.key: one for one in check_procedure([rules], write({}, (MONTH[0], date(2026, 4, 15))))}
    assert (found["notice"].outcome, found["notice"].asked.en) == ("fail", "at least 30 days")
    assert list(procedure.list_periods(write({}))) == list(procedure.STEP_WORDS)
