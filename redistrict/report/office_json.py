"""The office's counts as JSON totals, and as the few sentences a planner should read."""

from collections import Counter
from typing import Any

from redistrict.messages import Message
from redistrict.standards.grids import GridPlan
from redistrict.standards.growth import describe_growth
from redistrict.standards.lineage import Fate, Lineage, describe_new, describe_old
from redistrict.standards.office import Office
from redistrict.standards.premises import PremisesPlan
from redistrict.standards.rules import summarise
from redistrict.standards.staffing import staffing_by_district
from redistrict.standards.transition import Transition


def grids_json(plan: GridPlan) -> dict[str, Any]:
    """Give the totals of the grids, their exceptions and the estates that are divided."""
    return {
        "count": len(plan.grids),
        "workers": sum(grid.workers for grid in plan.grids),
        "exceptions": [{"grid": grid.code, **grid.exception._asdict()} for grid in plan.grids if grid.exception],
        "estates_divided": list(plan.divided),
    }


def standards_json(office: Office) -> dict[str, Any]:
    """Give every total of the office; what the data do not allow is null."""
    return {
        "staffing": {
            "workers": int(office.workers.sum()),
            "by_district": staffing_by_district(office.districts, office.workers.tolist()),
        },
        "transition": _transition(office),
        "premises": _premises(office),
        "fund_yuan": None if office.fund is None else round(sum(row.yuan for row in office.fund), 2),
        "developer_rooms": _rooms(office),
        "lineage": _lineage(office),
        "crossings": {
            "length_m": round(sum(row.length_m for row in office.crossings), 2),
            "cost_m": round(sum(row.cost_m for row in office.crossings), 2),
            "dividing": sum(row.divides for row in office.crossings),
        },
        "rules": [
            {
                "pack": row.pack,
                "clause": row.clause,
                "strength": row.strength,
                "pass": row.n_pass,
                "fail": row.n_fail,
                "waived": row.n_waived,
                "unknown": row.n_unknown,
            }
            for row in summarise(office.findings)
        ],
        "procedure": [
            {"pack": one.pack, "step": one.step.key, "outcome": one.outcome, "days": one.n_days}
            for one in office.procedure
        ],
        "growth": _growth(office),
    }


def standards_messages(office: Office) -> tuple[Message, ...]:
    """Say what changes for staff and residents, and what breaks first as estates fill up."""
    found: list[Message] = []
    if office.lineage is not None:
        found.append(_say_lineage(office.lineage, len(office.ids)))
    if office.transition is not None:
        found.append(_say_transition(office.transition))
    if office.premises is not None:
        found.append(_say_premises(office.premises))
    if office.growth is not None and office.records.projects is not None:
        found += describe_growth(office.growth, office.records.projects, office.names)[:1]
    return tuple(found)


def _say_lineage(lineage: Lineage, n_communities: int) -> Message:
    return Message(
        f"{len(lineage.old_changes)} communities today become {n_communities}; "
        f"{lineage.moved_share:.1%} of residents change community.",
        f"现有 {len(lineage.old_changes)} 个社区调整为 {n_communities} 个；"
        f"{lineage.moved_share:.1%} 的居民所属社区发生变化。",
    )


def _say_transition(transition: Transition) -> Message:
    return Message(
        f"Staff: {transition.n_staff} today, {transition.n_posts} posts; "
        f"{transition.n_stay_with_residents} go with residents, {transition.n_moved_elsewhere} elsewhere; "
        f"{transition.surplus} without a post, "
        f"{transition.vacancies} posts vacant.",
        f"社区工作者：现有 {transition.n_staff} 人，岗位 {transition.n_posts} 个；"
        f"随居民到岗 {transition.n_stay_with_residents} 人，调往他处 {transition.n_moved_elsewhere} 人，"
        f"富余 {transition.surplus} 人，"
        f"空缺 {transition.vacancies} 个。",
    )


def _say_premises(premises: PremisesPlan) -> Message:
    return Message(
        f"Premises: {premises.n_enough} communities have enough, {premises.n_short} are short by "
        f"{premises.shortfall_m2:,.0f} m² in all.",
        f"用房：{premises.n_enough} 个社区达标，{premises.n_short} 个社区共缺 {premises.shortfall_m2:,.0f} 平方米。",
    )


def _transition(office: Office) -> dict[str, Any] | None:
    transition, current = office.transition, office.records.current
    if transition is None or current is None:
        return None
    return {
        "staff": transition.n_staff,
        "posts": transition.n_posts,
        "filled": transition.n_filled,
        "with_residents": transition.n_stay_with_residents,
        "elsewhere": transition.n_moved_elsewhere,
        "surplus": {
            current.names[m.source]: m.workers for m in transition.by_goal.get(None, ()) if m.source is not None
        },
        "vacancies": {
            office.names[m.goal]: m.workers for m in transition.by_source.get(None, ()) if m.goal is not None
        },
    }


def _premises(office: Office) -> dict[str, Any] | None:
    premises = office.premises
    if premises is None:
        return None
    return {
        "reach": premises.n_at_minimum,
        "short_of_minimum": len(office.ids) - premises.n_at_minimum,
        "reach_norm": premises.n_enough,
        "short_of_norm": premises.n_short,
        "required_m2": premises.required_m2,
        "existing_m2": premises.existing_m2,
        "shortfall_m2": premises.shortfall_m2,
        "idle_sites": len(premises.idle),
        "idle_m2": premises.idle_m2,
        "communities_without_site": len(premises.without_site),
    }


def _rooms(office: Office) -> dict[str, Any] | None:
    if office.rooms is None:
        return None
    return {
        "homes": sum(row.homes for row in office.rooms.estates),
        "owed_m2": round(sum(row.rooms_m2 for row in office.rooms.estates), 2),
        "estates": [{"name": row.name, "homes": row.homes, "owed_m2": row.rooms_m2} for row in office.rooms.estates],
    }


def _lineage(office: Office) -> dict[str, Any] | None:
    lineage, current = office.lineage, office.records.current
    if lineage is None or current is None:
        return None
    return {
        "residents": lineage.residents,
        "moved": lineage.moved,
        "moved_share": lineage.moved_share,
        "today": _by_fate([change.fate for change in lineage.old_changes]),
        "new": _by_fate([change.fate for change in lineage.new_origins]),
        "old_communities": [m._asdict() for m in describe_old(lineage, current.names, office.names)],
        "new_communities": [m._asdict() for m in describe_new(lineage, current.names, office.names)],
    }


def _by_fate(fates: list[Fate]) -> dict[str, int]:
    counted = Counter(fate.value.en for fate in fates)
    return {fate.value.en: counted[fate.value.en] for fate in Fate if counted[fate.value.en]}


def _growth(office: Office) -> dict[str, Any] | None:
    growth, projects = office.growth, office.records.projects
    if growth is None or projects is None:
        return None
    first = growth.first
    return {
        "years": list(growth.years),
        "holds": first is None,
        "first_year": None if first is None else first.year,
        "first_community": None if first is None else office.names[first.community],
        "messages": [m._asdict() for m in describe_growth(growth, projects, office.names)],
    }
