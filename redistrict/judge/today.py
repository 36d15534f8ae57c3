"""Today: what the report says of today's communities, counted anew from the data."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from redistrict.judge.agreement import read_current, read_premises
from redistrict.judge.case import Case, add_up
from redistrict.judge.ground import find_site_blocks
from redistrict.judge.reading import read_layer, text_column
from redistrict.judge.told import section
from redistrict.judge.verification import Violation, disagree
from redistrict.scenario.section import Quantity

_KEYS: dict[Quantity, str] = {"households": "households", "people": "population"}
_NEAR, _NEAR_M2 = 1e-6, 0.011
"""Shares are published to the millionth, square metres of each community to the hundredth."""


def check_today(case: Case, given: Any) -> Iterator[Violation]:
    """Check number, sizes, staff and premises of today's communities; `crossings` checks the metres of road inside.

    Parameters
    ----------
    given : object
        The section `today` of the report: none where the data have no communities of today.
    """
    plan, said = case.today, section({"today": given}, "today")
    if not plan.names:
        if given is not None:
            yield disagree("report", "report.json", "today", None, given, None)
        return
    n = len(plan.names)
    sizes = {quantity: add_up(counts, plan.community, n) for quantity, counts in case.ground.counts.items()}
    right: dict[str, Any] = {"n_communities": n, "workers": _count_staff(case)}
    for quantity, key in _KEYS.items():
        right[key] = sum(sizes[quantity]) if quantity in sizes else None
        right[f"{key}_deviation"] = _find_span(case, quantity, sizes.get(quantity))
    for key, value in right.items():
        if not _is_near(said.get(key), value):
            yield _disagree(key, said.get(key), value)
    yield from _check_premises(case, sizes.get("households"), said.get("premises"))


def _count_staff(case: Case) -> int | None:
    source = case.scenario.data.current
    if source is None or source.columns.staff is None:
        return None
    return int(read_current(source, {*case.ground.today} - {""})["staff"].sum())


def _find_span(case: Case, quantity: Quantity, sizes: list[int] | None) -> list[float] | None:
    """Give the least and the most deviation from the target, if there is one."""
    target: int | None = getattr(case.scenario.communities.target, quantity)
    return None if sizes is None or target is None else [f(sizes) / target - 1 for f in (min, max)]


def _is_near(said: Any, right: Any) -> bool:
    if right is None or said is None:
        return said is right
    found, wanted = (one if isinstance(one, list) else [one] for one in (said, right))
    return len(found) == len(wanted) and all(_is_about(*pair, _NEAR) for pair in zip(found, wanted, strict=True))


def _is_about(said: Any, right: float, slack: float) -> bool:
    return isinstance(said, int | float) and right - slack <= said <= right + slack


def _check_premises(case: Case, households: list[int] | None, said: Any) -> Iterator[Violation]:
    """Check how many communities lack room, and how much in all."""
    norm, existing = case.scenario.standards.premises, _sites_m2(case)
    if existing is None or households is None:
        if said is not None:
            yield _disagree("premises", said, None)
        return
    needed = [max(norm.minimum_m2, norm.m2_per_100_households * count / 100) for count in households]
    gap = np.array(needed) - existing
    told, lacking = section({"premises": said}, "premises"), float(np.maximum(gap, 0).sum())
    n, m2 = told.get("short_of_norm"), told.get("shortfall_m2")
    if not (isinstance(n, int) and int((gap > _NEAR_M2).sum()) <= n <= int((gap > -_NEAR_M2).sum())):
        yield _disagree("premises.short_of_norm", n, int((gap > 0).sum()))
    if not _is_about(m2, lacking, _NEAR_M2 * (1 + gap.size)):
        yield _disagree("premises.shortfall_m2", m2, round(lacking, 2))


def _sites_m2(case: Case) -> Any:
    """Add up the rooms of each community; a site that names none is that of the block it stands in, or nearest."""
    source = case.scenario.data.premises
    if source is None:
        return None
    site, block = find_site_blocks(source, case.ground.polygons, case.ground.crs).T
    own = text_column(read_layer(source, (source.columns.community,)), source.columns.community, source)
    first = pd.Series(block).groupby(site).min()
    names, found = case.today.names, np.zeros(len(case.today.names))
    for n, area_m2 in enumerate(read_premises(source)["area_m2"].tolist()):
        name = own[n] or case.ground.today[first[n]]
        if name in names:
            found[names.index(name)] += area_m2
    return found


def _disagree(what: str, found: object, allowed: object) -> Violation:
    return disagree("report", "report.json", f"today.{what}", None, found, allowed)
