"""Before and after in figures: what the panel says of today and of the plan, side by side, as ready text."""

from typing import NamedTuple

from redistrict.messages import Message
from redistrict.report.map.cards import ON_PAGE, name_others, signed_percent
from redistrict.report.map.words import WORDS
from redistrict.report.style import by_importance, class_word
from redistrict.report.summary import Report
from redistrict.standards.city import PlannedCity
from redistrict.standards.diagnosis import Group

_TOTALS = {"households": "households", "people": "population"}
"""Quantities, and where their sums stand among the report's totals."""


class Figure(NamedTuple):
    """One line: what it counts, today and in the plan; none where there is no such figure, both none in a heading.

    `key` is for programs.
    """

    key: str
    words: Message
    today: str | None
    plan: str | None


def list_figures(city: PlannedCity, report: Report) -> tuple[Figure, ...]:
    """Give what a planner compares: all of them are the report's."""
    today = report.today
    communities = Message("Communities", "社区数")
    workers = Message("Workers / posts", "社区工作者／岗位")
    return (
        Figure("communities", communities, _count(len(today) if today else None), _count(len(report.communities))),
        *_sizes(city, today, report),
        Figure("workers", workers, _total(today, "staff"), _count(report.totals()["workers"])),
        *_premises(today, report),
        *_moved(report),
        *_roads(today, report),
    )


def _sizes(city: PlannedCity, today: Group | None, report: Report) -> list[Figure]:
    """Give the sums, then from what to what communities deviate; today's have no target of their own."""
    present = [quantity for quantity in _TOTALS if quantity in city.blocks.quantities]
    totals, has_targets = report.totals(), city.scenario.communities.around == "targets"
    sums = [Figure(q, WORDS[q], _total(today, q), _count(totals[_TOTALS[q]])) for q in present]
    spans = []
    for key in (f"{quantity}_deviation" for quantity in present):
        before = [getattr(row, key) for row in today.communities] if today and has_targets else []
        after = [getattr(row, key) for row in report.communities]
        if None not in after:
            spans.append(Figure(key, WORDS[key], _span(before), _span(after)))
    words = name_others(report.others)
    sums += [Figure(ON_PAGE + q, words[ON_PAGE + q], None, _count(totals["others"][q])) for q in report.others]
    for key in report.others:
        off, name = [row.others_deviation[key] for row in report.communities], f"{ON_PAGE}{key}_deviation"
        if None not in off:
            spans.append(Figure(name, words[name], None, _span(off)))
    return [*sums, *spans]


def _premises(today: Group | None, report: Report) -> list[Figure]:
    premises = report.office.premises
    if premises is None:
        return []
    n_short, short_m2 = (today.premises_short() if today else None) or (None, None)
    communities = Message("Communities short of premises", "用房不足的社区")
    area = Message("Premises short by, m²", "用房缺口（平方米）")
    return [
        Figure("premises_short", communities, _count(n_short), _count(premises.n_short)),
        Figure("premises_short_m2", area, _count(short_m2), _count(premises.shortfall_m2)),
    ]


def _moved(report: Report) -> list[Figure]:
    lineage = report.office.lineage
    if lineage is None:
        return []
    words = Message("Residents whose community changes", "所属社区变化的居民")
    return [Figure("moved", words, None, f"{lineage.moved:,} ({lineage.moved_share:.1%})")]


def _roads(today: Group | None, report: Report) -> list[Figure]:
    """Give the metres inside communities by class, also of what has no price."""
    before, after = (today.crossing_m() if today else None) or {}, report.totals()["crossing_m"]
    metres = by_importance({name: max(before.get(name, 0.0), after.get(name, 0.0)) for name in {*before, *after}})
    words = {name: class_word(name) for name, most in metres if most}
    inside = {name: (before.get(name, 0.0) if before else None, after.get(name, 0.0)) for name in words}
    found = [Figure(f"crossing_{name}", words[name], *map(_count, metres)) for name, metres in inside.items()]
    return [Figure("roads", Message("Inside communities, m", "社区内穿越（米）"), None, None), *found] if found else []


def _total(today: Group | None, name: str) -> str | None:
    return None if today is None else _count(today.total(name))


def _count(number: float | None) -> str | None:
    return None if number is None else f"{number:,.0f}"


def _span(deviations: list[float | None]) -> str | None:
    """Give the least and the most, where all are known."""
    known = [share for share in deviations if share is not None]
    return (
        f"{signed_percent(min(known))}\u00a0… {signed_percent(max(known))}"
        if known and None not in deviations
        else None
    )
