"""Procedure: whether each step a rule pack asks for has its days, and comes after the steps it rests on.

1. A step is unknown where one of its days, or of those of a step before it, is not known.
2. A period counts both its first and its last day; a step may begin on the last day of the one before it.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from redistrict.messages import Message, list_of
from redistrict.scenario.models import Scenario
from redistrict.scenario.procedure import Period, Step
from redistrict.scenario.rulepack import ProcedureStep, RulePack

Outcome = Literal["pass", "fail", "unknown"]
STEP_WORDS: Mapping[Step, Message] = {
    "opinions": Message("residents' opinions", "征求居民意见"),
    "risk_assessment": Message("risk assessment", "社会稳定风险评估"),
    "notice": Message("public notice", "公示"),
    "proposal": Message("proposal of the street office", "街道办事处提出"),
    "approval": Message("approval", "批准"),
}


class StepFinding(NamedTuple):
    """How the procedure stands to one step of a pack; `n_days` is none where the days are not known."""

    pack: str
    step: ProcedureStep
    outcome: Outcome
    n_days: int | None
    asked: Message


def list_periods(scenario: Scenario) -> dict[Step, Period]:
    """Give first and last day of every step, in the order in which they are shown."""
    done, notice = scenario.procedure, scenario.notice
    return {
        "opinions": (done.opinions_from, done.opinions_to),
        "risk_assessment": (done.risk_assessment, done.risk_assessment),
        "notice": (notice.period_from, notice.period_to),
        "proposal": (done.proposal, done.proposal),
        "approval": (done.approval, done.approval),
    }


def check_procedure(packs: Sequence[RulePack], scenario: Scenario) -> tuple[StepFinding, ...]:
    """Judge every step of the packs, in their order."""
    periods = list_periods(scenario)
    return tuple(_judge(pack.key, step, periods) for pack in packs for step in pack.steps)


def _judge(pack: str, asked: ProcedureStep, periods: Mapping[Step, Period]) -> StepFinding:
    first, last = periods[asked.step]
    n_days = None if first is None or last is None else (last - first).days + 1
    ends = [periods[before][1] for before in asked.after]
    is_late = first is not None and any(end is not None and end > first for end in ends)
    is_short = n_days is not None and n_days < (asked.min_days or 0)
    is_known = n_days is not None and None not in ends
    outcome: Outcome = "fail" if is_late or is_short else "pass" if is_known else "unknown"
    return StepFinding(pack, asked, outcome, n_days, _say_asked(asked))


def _say_asked(asked: ProcedureStep) -> Message:
    """Say how long it must last and what it must come after; nothing where neither is asked."""
    parts: list[Message] = []
    if asked.min_days is not None:
        parts.append(Message(f"at least {asked.min_days} days", f"不少于 {asked.min_days} 日"))
    parts += [Message(f"after: {STEP_WORDS[one].en}", f"在{STEP_WORDS[one].zh}之后") for one in asked.after]
    return list_of(parts)
