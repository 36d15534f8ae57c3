"""Procedure: what a report says of the steps that the rule packs ask for, from the days of the scenario."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from redistrict.judge.told import rows
from redistrict.judge.verification import Violation, disagree
from redistrict.scenario.models import Scenario
from redistrict.scenario.procedure import Period, Step
from redistrict.scenario.rulepack import ProcedureStep, load_rulepack


def check_procedure(scenario: Scenario, told: Mapping[str, Any]) -> Iterator[Violation]:
    """Check outcome and days of every step, and that none is left out.

    Parameters
    ----------
    told : mapping
        `standards` of the report.
    """
    done, notice = scenario.procedure, scenario.notice
    days: dict[Step, Period] = {
        one: (getattr(done, one), getattr(done, one)) for one in ("risk_assessment", "proposal", "approval")
    }
    days |= {
        "opinions": (done.opinions_from, done.opinions_to),
        "notice": (notice.period_from, notice.period_to),
    }
    right = {
        (pack.key, step.key): _judge(step, days)
        for pack in map(load_rulepack, scenario.standards.rules)
        for step in pack.steps
    }
    given = {
        (str(row.get("pack")), str(row.get("step"))): (row.get("outcome"), row.get("days"))
        for row in rows(told, "procedure")
    }
    for pack, step in sorted(given.keys() | right.keys()):
        found, wanted = given.get((pack, step)), right.get((pack, step))
        if found != wanted:
            yield disagree("report", "report.json", f"standards.procedure: {pack}, {step}", None, found, wanted)


def _judge(step: ProcedureStep, days: Mapping[Step, Period]) -> tuple[str, int | None]:
    start, end = days[step.step]
    length = None if start is None or end is None else (end + timedelta(days=1) - start).days
    before = [days[one][1] for one in step.after]
    if length is not None and step.min_days is not None and length < step.min_days:
        return "fail", length
    if start is not None and any(day is not None and start < day for day in before):
        return "fail", length
    return ("unknown" if length is None or None in before else "pass"), length
