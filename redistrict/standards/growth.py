"""Growth: which communities of a plan leave their bounds, and when, as estates under delivery fill up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.projects import Projects
from redistrict.messages import QUANTITY_WORDS, Message, join, name_some, say_amount
from redistrict.model.plan import Plan

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Breach:
    """One community outside its bounds in one quantity at the end of one year.

    Attributes
    ----------
    year, community : int
    quantity : str
        `households` or `people`.
    found, lower, upper : int
    today : int
        What it holds before any delivery.
    projects : tuple of int
        Deliveries to the community up to that year.
    """

    year: int
    community: int
    quantity: str
    found: int
    lower: int
    upper: int
    today: int
    projects: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Growth:
    """How a plan holds over the years.

    Attributes
    ----------
    years : tuple of int
        Years looked at, rising.
    size : (n_years, k, n_quantities) int64
        Households and people of each community at the end of each year.
    breaches : tuple of Breach
        By year, community and quantity.
    uncounted : tuple of str
        Quantities the list of estates says nothing of: they are not known to hold.
    """

    years: tuple[int, ...]
    size: IntArray
    breaches: tuple[Breach, ...]
    uncounted: tuple[str, ...]

    @property
    def first(self) -> Breach | None:
        """The first year and community outside its bounds; none if the plan holds in every year."""
        return self.breaches[0] if self.breaches else None


def list_years(projects: Projects, years: Sequence[int] | None) -> tuple[int, ...]:
    """Give the years to look at, rising: those asked for, or every year with a delivery."""
    return tuple(sorted(set(projects.year.tolist() if years is None else years)))


def check_growth(
    blocks: Blocks, plan: Plan, projects: Projects, limits: tuple[IntArray, IntArray], years: Sequence[int]
) -> Growth:
    """Compare every community with its bounds at the end of every year.

    Parameters
    ----------
    limits : two of (k, n_quantities) int64
        Lower and upper bound of each community.
    years : sequence of int
        Rising; see `list_years`.
    """
    lower, upper = limits
    size = np.zeros((len(years), *lower.shape), dtype=np.int64)
    for y, year in enumerate(years):
        np.add.at(size[y], plan.assignment, blocks.size + projects.added_by(year, len(blocks)))
    today = np.zeros(lower.shape, dtype=np.int64)
    np.add.at(today, plan.assignment, blocks.size)
    community = plan.assignment[projects.block]
    breaches = tuple(
        Breach(
            year=years[y],
            community=c,
            quantity=blocks.quantities[q],
            found=int(size[y, c, q]),
            lower=int(lower[c, q]),
            upper=int(upper[c, q]),
            today=int(today[c, q]),
            projects=tuple(np.flatnonzero((community == c) & (projects.year <= years[y])).tolist()),
        )
        for y, c, q in np.argwhere((size < lower) | (size > upper)).tolist()
    )
    is_silent = [len(projects) > 0 and not column.any() for column in projects.size.T]
    uncounted = tuple(name for name, silent in zip(blocks.quantities, is_silent, strict=True) if silent)
    return Growth(tuple(years), size, breaches, uncounted)


def describe_growth(growth: Growth, projects: Projects, names: Sequence[str]) -> tuple[Message, ...]:
    """Say whether the plan holds; then, of each community that does not, when it breaks first and by which estates.

    Parameters
    ----------
    names : sequence of str
        Names of the plan's communities.
    """
    found = [_say_uncounted(growth.uncounted)] if growth.uncounted else []
    if not growth.years:
        return tuple(found)
    by_community: dict[int, list[Breach]] = {}
    for breach in growth.breaches:
        rows = by_community.setdefault(breach.community, [])
        if not rows or rows[0].year == breach.year:
            rows.append(breach)
    found.append(_say_whole(growth, [rows[0].year for rows in by_community.values()]))
    found += [_say_breach(rows, projects, names[c]) for c, rows in by_community.items()]
    return tuple(found)


def _say_whole(growth: Growth, first_years: list[int]) -> Message:
    last = growth.years[-1]
    if not first_years:
        years = "–".join(str(year) for year in dict.fromkeys((growth.years[0], last)))
        return Message(
            f"Every community stays inside its bounds in all years looked at ({years}).",
            f"所查各年（{years}）年末，各社区均在规模限制之内。",
        )
    year, n_first, n = first_years[0], first_years.count(first_years[0]), len(first_years)
    return Message(
        f"The plan breaks first in {year}; communities outside their bounds: {n_first} then, {n} up to {last}.",
        f"方案最早在{year}年超出规模限制：当年 {n_first} 个社区，至{last}年共 {n} 个社区。",
    )


def _say_breach(rows: list[Breach], projects: Projects, name: str) -> Message:
    """Say what a community holds in the first year it is outside its bounds, in each quantity that is."""
    held = join(_say_size(row) for row in rows)
    estates = name_some(list(dict.fromkeys(projects.names[p] for p in rows[0].projects)))
    return Message(
        f"End of {rows[0].year}: {name} has {held.en}; moving in: {estates.en or 'nobody'}.",
        f"{rows[0].year}年末：{name}{held.zh}；入住小区：{estates.zh or '无'}。",
    )


def _say_size(row: Breach) -> Message:
    limits = f"{row.lower:,}–{row.upper:,}"
    return say_amount(row.found, QUANTITY_WORDS[row.quantity]) + Message(
        f" (today {row.today:,}, allowed {limits})", f"（目前 {row.today:,}，允许 {limits}）"
    )


def _say_uncounted(quantities: tuple[str, ...]) -> Message:
    named = name_some([QUANTITY_WORDS[name] for name in quantities])
    return Message(
        f"The estates under delivery give no {named.en}: growth in it is not checked.",
        f"在建小区未给出{named.zh}：未检查其增长。",
    )
