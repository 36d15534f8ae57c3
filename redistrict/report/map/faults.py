"""What a planner should look at first: exceptions, clauses that are not met, and what breaks as estates fill up."""

from dataclasses import dataclass

from redistrict.messages import Message
from redistrict.report.summary import Report
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.growth import describe_growth
from redistrict.standards.rules import Finding


@dataclass(frozen=True)
class Fault:
    """One community and what is remarkable about it."""

    community: int
    text: Message


@dataclass(frozen=True)
class FaultGroup:
    """Faults of one kind; `is_grave` where a rule says must, not should."""

    title: Message
    is_grave: bool
    faults: tuple[Fault, ...]


def list_faults(report: Report) -> tuple[FaultGroup, ...]:
    """Give everything to look at, what must not be first."""
    exceptions = [Fault(c, row.exception) for c, row in enumerate(report.communities) if row.exception]
    groups = [
        FaultGroup(Message("Exceptions from the bounds", "超出规模限制的例外"), True, tuple(exceptions)),
        *_unmet_clauses(report),
        FaultGroup(Message("Outside the bounds in later years", "后续年份超出规模限制"), False, _breaches(report)),
    ]
    return tuple(sorted((group for group in groups if group.faults), key=lambda group: not group.is_grave))


def _unmet_clauses(report: Report) -> list[FaultGroup]:
    position = {key: c for c, key in enumerate(report.office.ids)}
    failed: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.office.findings:
        if finding.outcome == "fail":
            failed.setdefault((finding.pack, finding.clause), []).append(finding)
    titles = _clause_titles(report.office.packs)
    return [
        FaultGroup(
            titles[key],
            findings[0].strength == "must",
            tuple(Fault(position[one.community_id], _found(one)) for one in findings),
        )
        for key, findings in failed.items()
    ]


def _clause_titles(packs: tuple[RulePack, ...]) -> dict[tuple[str, str], Message]:
    return {
        (pack.key, clause.key): Message(f"{clause.text.en} ({pack.title.en})", f"{clause.text.zh}（{pack.title.zh}）")
        for pack in packs
        for clause in pack.clauses
    }


def _found(one: Finding) -> Message:
    return Message(f"{one.found.en}; asked: {one.allowed.en}", f"{one.found.zh}；要求：{one.allowed.zh}")


def _breaches(report: Report) -> tuple[Fault, ...]:
    growth, projects = report.office.growth, report.office.records.projects
    if growth is None or projects is None:
        return ()
    communities = list(dict.fromkeys(breach.community for breach in growth.breaches))
    said = describe_growth(growth, projects, report.office.names)[-len(communities) :]
    return tuple(Fault(c, text) for c, text in zip(communities, said, strict=True)) if communities else ()
