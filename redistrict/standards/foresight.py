"""Foresight: which clauses no plan can meet, or not in every community, said before anything is solved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from redistrict.messages import QUANTITY_UNITS, Message, join, name_some
from redistrict.model.areas import NO_BOUND, Area
from redistrict.model.problem import Problem
from redistrict.scenario.clauses import AnyClause, DwellingLimits
from redistrict.scenario.enforce import QUANTITIES, Ends, size_range
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.foretold import Foretold, Outlook, foretell, say_limits
from redistrict.standards.prospects import Prospect, list_prospects

WHAT_TO_DO = Message(
    "Warning: no plan can meet these clauses in every community. Waive them (standards.waivers), choose other rule "
    "packs (standards.rules), or change what stands against them: communities.target, tolerance, limits or count, "
    "standards, or the data:",
    "注意：任何方案都不能使所有社区符合以下条款。请写明豁免（standards.waivers）、改用其他规则包（standards.rules），"
    "或调整与之冲突的设置：communities 的 target、tolerance、limits、count，standards，或数据：",
)
_MOST_PLACES = 3
"""Areas, or sets of areas alike, that are named with their figures."""


def foresee_clauses(
    packs: Sequence[RulePack], outlook: Outlook, added: Mapping[int, Mapping[str, Sequence[int]]]
) -> tuple[Message, ...]:
    """Name the clauses that no plan meets in every community, with what to do, and those that it may miss.

    Of clauses that are waived for all communities nothing is said.

    Parameters
    ----------
    added : mapping of year to quantity to (n_blocks,) int
        What is delivered to each block by the end of a year.
    """
    waived = {(one.pack, one.clause) for one in outlook.standards.waivers if one.community == "*"}
    asked = [(p.key, one) for p in packs for one in p.clauses if (p.key, one.key) not in waived]
    prospects = list_prospects(outlook.problem)
    must, may = list[Message](), list[Message]()
    for pack, clause in asked:
        told = [(one, found) for one in prospects for found in foretell(clause, one, outlook)]
        must += [_of_clause(pack, clause, line) for line in _say_failing(told)]
        failing = {int(one.blocks[0]) for one, _ in told}
        may += [_of_clause(pack, clause, line) for line in _warn(clause, outlook, failing, added)]
    return (*([WHAT_TO_DO] if must else []), *must, *may)


def _of_clause(pack: str, clause: AnyClause, line: Message) -> Message:
    return Message(f"{pack}.{clause.key} asks for {line.en}", f"{pack}.{clause.key} 要求 {line.zh}")


# --- what must be missed ---------------------------------------------------------------------------------


def _say_failing(told: Iterable[tuple[Prospect, Foretold]]) -> Iterator[Message]:
    """Say for each thing asked where no community, or not every one, can have it."""
    places: dict[Message, dict[Message, list[str]]] = {}
    for one, found in told:
        places.setdefault(found.asked, {}).setdefault(_say_number(one, found), []).append(one.name)
    for asked, lines in places.items():
        shown, hidden = list(lines.items())[:_MOST_PLACES], list(lines.values())[_MOST_PLACES:]
        said = [line + _where(names) for line, names in shown]
        if n := sum(map(len, hidden)):
            said.append(Message(f"areas alike: {n} more", f"另有 {n} 个区域亦然"))
        what = join(said, mark=";")
        yield Message(f"{asked.en}: {what.en}.", f"{asked.zh}：{what.zh}。")


def _say_number(one: Prospect, found: Foretold) -> Message:
    """Say how many of its communities cannot have it, and the figures."""
    n, (_, reach, failing) = one.say_numbers(), found
    if failing >= one.most:
        return Message(f"no community can meet it, as {reach.en}", f"{reach.zh}，任何社区都不能符合")
    return Message(
        f"at least {failing} of {n} communities cannot meet it, as {reach.en}",
        f"{reach.zh}，{n} 个社区中至少 {failing} 个不能符合",
    )


def _where(names: Sequence[str]) -> Message:
    """Give the areas in brackets; nothing for the whole city."""
    where = name_some(list(dict.fromkeys(names)))
    return Message(f" ({where.en})", f"（{where.zh}）") if any(names) else Message("", "")


# --- what may be missed ----------------------------------------------------------------------------------


def _warn(
    clause: AnyClause, outlook: Outlook, failing: set[int], added: Mapping[int, Mapping[str, Sequence[int]]]
) -> Iterator[Message]:
    """Say of a clause on size what bounds leave open, or later years take away."""
    problem = outlook.problem
    if isinstance(clause, DwellingLimits) and outlook.blocks.dwellings is not None:
        return
    for quantity in QUANTITIES:
        ends = size_range(clause, quantity)
        if ends != (None, None) and quantity in problem.quantities:
            asked = say_limits(ends, QUANTITY_UNITS[quantity])
            for line in (
                *_say_open(problem, quantity, ends, failing),
                *_in_later_years(problem, quantity, ends, added),
            ):
                yield Message(f"{asked.en}: {line.en}", f"{asked.zh}：{line.zh}")


def _say_open(problem: Problem, quantity: str, ends: Ends, failing: set[int]) -> Iterator[Message]:
    """Say in which areas the bounds reach beyond the clause, where it is not sure already that it is missed."""
    if problem.mergers is not None:
        return
    places: dict[tuple[int, int], list[str]] = {}
    for one, area in zip(list_prospects(replace(problem, frees=False)), problem.areas, strict=True):
        bounds = one.bounds(quantity)
        is_kept = all(_lies_in(size, ends) for size in one.span(quantity)) or bounds[1] == NO_BOUND
        if not is_kept and area.exception is None and area.misfit is None and area.blocks[0] not in failing:
            places.setdefault(bounds, []).append(one.name)
    for (low, high), names in places.items():
        where = name_some(list(dict.fromkeys(names)))
        yield Message(
            f"some communities may not meet it, as the bounds are {low:,} to {high:,} ({where.en}).",
            f"上下限为 {low:,} 至 {high:,}，部分社区可能不符合（{where.zh}）。",
        )


def _in_later_years(
    problem: Problem, quantity: str, ends: Ends, added: Mapping[int, Mapping[str, Sequence[int]]]
) -> Iterator[Message]:
    """Say in which year the mean of an area first leaves the clause, whatever the plan."""
    q = problem.quantities.index(quantity)
    for area in problem.areas:
        means = {year: _mean(area, q, sum(more[quantity][i] for i in area.blocks)) for year, more in added.items()}
        late = [year for year, mean in means.items() if not _lies_in(mean, ends)]
        if late and _lies_in(_mean(area, q, 0), ends):
            mean, name = f"{means[late[0]]:,.0f}", area.name or "-"
            yield Message(
                f"the mean of {name} leaves it in {late[0]}, with {mean}.", f"{name} {late[0]} 年的平均值为 {mean}。"
            )


def _mean(area: Area, q: int, more: int) -> float:
    return (area.total[q] + more) / area.n_max


def _lies_in(size: float, ends: Ends) -> bool:
    return (ends[0] is None or size >= ends[0]) and (ends[1] is None or size <= ends[1])
