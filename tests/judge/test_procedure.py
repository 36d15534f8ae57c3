"""The judge's own look at the days of the procedure: each outcome, and rows that differ or are missing."""

from datetime import date
from typing import Any

import pytest

from redistrict.judge.procedure import check_procedure
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack, load_rulepack

DATA = {"blocks": {"path": "x.gpkg", "columns": {"id": "id", "households": "hh"}}}
DAY = date(2026, 3, 10)
RIGHT = {"risk_assessment": ("pass", 1), "opinions": ("pass", 10), "notice": ("pass", 30)}


def check(rows: dict[str, tuple[str, int | None]], **days: Any) -> list[str]:
    """Give the steps that the judge objects to, where a month of notice, ten days of opinions, and one day are done."""
    done = {"risk_assessment": DAY, "opinions_from": date(2026, 3, 1), "opinions_to": DAY}
    notice = {"period_from": date(2026, 4, 1), "period_to": date(2026, 4, 30)}
    for key, value in days.items():
        (notice if key in notice else done)[key] = value
    rules = {"rules": ["procedure_practice"]}
    scenario = Scenario.model_validate(
        {"name": "x", "data": DATA, "standards": rules, "procedure": done, "notice": notice}
    )
    told = [
        {"pack": "procedure_practice", "step": step, "outcome": outcome, "days": n}
        for step, (outcome, n) in rows.items()
    ]
    return [v.message.en.partition("procedure_practice, ")[2] for v in check_procedure(scenario, {"procedure": told})]


def test_every_step_is_told_and_no_other() -> None:
    """A step left out, one more, and a table that is not there at all."""
    assert check(RIGHT) == []
    assert [said.split()[0] for said in check({})] == ["notice", "opinions", "risk_assessment"]
    assert [said.split()[0] for said in check(RIGHT | {"party": ("pass", 1)})] == ["party"]
    assert [said.split()[0] for said in check(RIGHT | {"opinions": ("pass", 9)})] == ["opinions"]


@pytest.mark.parametrize(
    ("days", "step", "right"),
    [
        ({"period_to": date(2026, 4, 29)}, "notice", ("fail", 29)),
        ({"period_to": date(2026, 5, 1)}, "notice", ("pass", 31)),
        ({"period_to": None}, "notice", ("unknown", None)),
        ({"period_from": None}, "notice", ("unknown", None)),
        ({"opinions_to": None}, "opinions", ("unknown", None)),
        ({"risk_assessment": None}, "risk_assessment", ("unknown", None)),
    ],
)
def test_days_decide(days: dict[str, Any], step: str, right: tuple[str, int | None]) -> None:
    """Both ends count; what has no end, or no beginning, is not known."""
    assert check(RIGHT | {step: right}, **days) == []
    assert [said.split()[0] for said in check(RIGHT, **days)] == [step] * (RIGHT[step] != right)


def test_order_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step before the end of one it must follow fails; on that very day it passes; an open one leaves it unknown."""
    pack = load_rulepack("procedure_practice")
    *others, notice = pack.steps
    late = RulePack.model_validate(
        pack.model_dump() | {"steps": [*others, notice.model_copy(update={"after": ("opinions",)})]}
    )
    monkeypatch.setattr("redistrict.judge.procedure.load_rulepack", lambda _: late)
    assert check(RIGHT | {"notice": ("fail", 30)}, opinions_to=date(2026, 4, 2), opinions_from=date(2026, 3, 24)) == []
    assert check(RIGHT, opinions_to=date(2026, 4, 1), opinions_from=date(2026, 3, 23)) == []
    unknown = {"notice": ("unknown", 30), "opinions": ("unknown", None)}
    assert check(RIGHT | unknown, opinions_to=None) == []
