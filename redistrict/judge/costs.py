"""The published cost, worked out anew by the formula of the reference: prices of the scenario, the judge's own sums.

Metres of road and frontage are taken as published; sizes, targets, workers and residents are the judge's own.
"""

import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import pandas as pd

from redistrict.judge.case import Case, Load
from redistrict.judge.change import count_moved
from redistrict.judge.told import section
from redistrict.judge.verification import Violation
from redistrict.messages import Message
from redistrict.scenario.section import CountRange

_SHARE = 1e-4
"""What is charged may differ from the formula by this share, and by a centimetre for each block."""
_BLOCK_M = 0.01


class _Range(NamedTuple):
    """Least and most weighted metres that a part of the cost may be."""

    low: float
    high: float


def check_costs(case: Case, report: Mapping[str, Any], crossings: pd.DataFrame) -> Iterator[Violation]:
    """Check that the parts of the published cost are those of the formula, and add up to it.

    Parameters
    ----------
    report : mapping
        Content of `report.json`.
    crossings : DataFrame
        Content of `crossings.csv` as text; empty where there is none.
    """
    totals = section(report, "totals")
    parts = section(totals, "cost_parts")
    slack_m = _BLOCK_M * len(case.ground.ids)
    for name, allowed in {
        "crossing": _crossing(case, crossings),
        "boundary": _boundary(case, _number(totals, "boundary_m") or 0.0),
        "deviation": _deviation(case),
        "disruption": _exactly(case.scenario.objective.disruption and _disruption(case)),
        "idle_staff": _exactly(case.scenario.objective.idle_staff and _idle_staff(case)),
        "neck": _neck(case),
        "levels": _exactly(_levels(case)),
    }.items():
        found = _number(parts, name)
        if found is None or not _is_within(found, allowed, slack_m):
            yield _wrong(f"totals.cost_parts.{name}", parts.get(name), allowed)
    cost, total = _number(report, "cost"), sum(_number(parts, name) or 0.0 for name in parts)
    if cost is None or abs(cost - total) > 1e-9 * abs(total) + 1e-6:
        yield _wrong("cost", report.get("cost"), _exactly(total))


def _number(values: Mapping[str, Any], key: str) -> float | None:
    found = values.get(key)
    return float(found) if isinstance(found, int | float) and abs(found) <= sys.float_info.max else None


def _exactly(metres: float) -> _Range:
    return _Range(metres, metres)


def _is_within(found: float, allowed: _Range, slack_m: float) -> bool:
    low, high = (end * (1 + sign * _SHARE) + sign * slack_m for end, sign in zip(allowed, (-1, 1), strict=True))
    return low <= found <= high


def _wrong(what: str, found: object, allowed: _Range) -> Violation:
    right = f"{allowed.high:,.2f}" if allowed.low == allowed.high else f"{allowed.low:,.2f} - {allowed.high:,.2f}"
    message = Message(
        f"report.json: {what} is {found}; by the formula and the scenario's prices it is {right} weighted metres.",
        f"report.json：{what} 为 {found}，而按公式和方案中的单价应为 {right} 加权米。",
    )
    return Violation("report", None, (), str(found), right, message)


def _crossing(case: Case, rows: pd.DataFrame) -> _Range:
    """Price the published metres inside communities; how far served and empty ones overlap is not published.

    A frontage along which a road runs that no community may hold costs nothing, so with such roads there is no least.
    """
    price, low, high = case.scenario.objective, 0.0, 0.0
    if rows.empty:
        return _exactly(0.0)
    columns = ["road_class", "length_m", "served_m", "empty_m"]
    rows = rows.reindex(columns=columns)
    metres = rows[columns[1:]].apply(pd.to_numeric, errors="coerce").to_numpy()
    off_served, off_empty = 1 - price.served_share, 1 - price.empty_share
    for name, (length, served, empty) in zip(rows["road_class"], metres.tolist(), strict=True):
        weight = price.crossing.get(name, 0.0)
        if weight == "never":
            continue
        rest = length - off_served * served - off_empty * empty
        both = off_served * off_empty
        low += float(weight) * (rest + both * max(0.0, served + empty - length) - _BLOCK_M)
        high += float(weight) * (rest + both * min(served, empty) + _BLOCK_M)
    return _Range(0.0 if "never" in price.crossing.values() else max(0.0, low), high)


def _boundary(case: Case, boundary_m: float) -> _Range:
    """Price the published frontage between communities; what lies between areas, or is parted for good, is free."""
    price = case.scenario.objective
    high = price.boundary * (boundary_m + _BLOCK_M * case.n_communities)
    is_one = int(case.area.max()) == 0 and "never" not in price.crossing.values()
    return _Range(price.boundary * (boundary_m - _BLOCK_M * case.n_communities) if is_one else 0.0, high)


def _neck(case: Case) -> _Range:
    """Give the most there can be: a part a block; the least is seen on the polygons (`necks`)."""
    price = case.scenario.objective.neck
    return _exactly(0.0) if price is None else _Range(0.0, price.each * int((~case.ground.is_empty).sum()))


def _deviation(case: Case) -> _Range:
    """Add up the per cent off target; where one per cent cannot be told, any amount will do."""
    metres = Fraction(0)
    for quantity, counts in case.ground.held.items():
        goal: Fraction | int | None = case.written_target(quantity)
        price, load = _price_off(case, quantity), Load(quantity)
        if not price:
            continue
        if goal is None:
            if not _has_one_number(case):
                return _Range(0.0, float("inf"))
            goal = max(Fraction(int(counts.sum()), case.n_communities), Fraction(1))
        off = sum(abs(case.totals[load][c] - _target(case, load, c)) for c in range(case.n_communities))
        metres += Fraction(str(price)) * 100 * off / goal
    return _exactly(float(metres))


def _price_off(case: Case, quantity: str) -> float:
    other = case.scenario.communities.others.get(quantity)
    return case.scenario.objective.deviation if other is None or other.price is None else other.price


def _has_one_number(case: Case) -> bool:
    """Tell whether the scenario leaves no choice of the number of communities."""
    rules = case.scenario.communities
    by_unit = (one for level in case.scenario.levels for one in level.count_by.values())
    asked = (rules.count, *rules.count_by_district.values(), *by_unit)
    return rules.change == "redraw" and not any(isinstance(one, CountRange) for one in asked)


def _target(case: Case, load: Load, community: int) -> int:
    """Give what the size of a community is measured from, in whole households or people."""
    rules = case.scenario.communities
    written = case.written_target(load.quantity)
    if rules.change != "redraw":
        assert written is not None, "without targets nothing of what is merged or kept is checked"
        return written
    if community in case.special:
        center = case.usual_means[load]
    else:
        area = int(case.area_of_community[community])
        center = Fraction(case.area_totals[load][area], int(case.communities_in_area[area]))
        if rules.exceptions == "widen" and case.is_unsplittable(load, community):
            return round(center)
    return round(center) if rules.around == "means" or written is None else written


def _disruption(case: Case) -> float:
    return case.scenario.objective.disruption * count_moved(case)


def _levels(case: Case) -> float:
    """Price, level by level, the residents of each community outside the unit in which most of them live."""
    counts, metres = case.ground.counts, Fraction(0)
    residents = counts["people" if "people" in counts else "households"]
    for level in case.scenario.levels:
        units = case.ground.levels[level.key]
        for blocks in map(case.blocks_of, range(case.n_communities) if level.keep == "dear" else ()):
            lived: dict[str, int] = {}
            for unit, people in zip(units[blocks].tolist(), residents[blocks].tolist(), strict=True):
                lived[unit] = lived.get(unit, 0) + people
            metres += Fraction(str(level.each)) * (sum(lived.values()) - max(lived.values(), default=0))
    return float(metres)


def _idle_staff(case: Case) -> float:
    """Price the difference of whole workers and the exact need of every community, in exact fractions."""
    rules = case.scenario.standards.staffing
    ratios = {"households": rules.households_per_worker, "people": rules.people_per_worker}
    idle = Fraction(0)
    for community in range(case.n_communities):
        needs = [case.totals[Load(q)][community] / Fraction(str(ratios[q])) for q in case.ground.counts]
        need = max(needs) if rules.combine == "larger" else sum(needs, Fraction(0)) / len(needs)
        whole = ceil(need) if rules.rounding == "up" else floor(need + Fraction(1, 2))
        idle += abs(max(whole, rules.minimum) - need)
    return float(Fraction(str(case.scenario.objective.idle_staff)) * idle)
