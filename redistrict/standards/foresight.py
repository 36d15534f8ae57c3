"""Foresight: which clauses on size the bounds and the totals do not let a plan meet, said before anything is solved."""

from collections.abc import Iterator, Mapping, Sequence

from redistrict.messages import QUANTITY_UNITS, Message, name_some
from redistrict.model.areas import Area
from redistrict.model.problem import Problem
from redistrict.scenario.clauses import DwellingLimits
from redistrict.scenario.enforce import QUANTITIES, Ends, say_range, size_range
from redistrict.scenario.rulepack import RulePack


def foresee_clauses(
    packs: Sequence[RulePack],
    problem: Problem,
    added: Mapping[int, Mapping[str, Sequence[int]]],
    *,
    has_dwellings: bool = False,
) -> tuple[Message, ...]:
    """Name clauses whose sizes lie outside the bounds of areas, or that the means of areas leave in later years.

    Parameters
    ----------
    added : mapping of year to quantity to (n_blocks,) int
        What is delivered to each block by the end of a year.
    has_dwellings : bool
        Whether the data count dwellings; households, which are bounded, then do not stand in for them.
    """
    notes = []
    for pack in packs:
        for clause in pack.clauses:
            if has_dwellings and isinstance(clause, DwellingLimits):
                continue
            for quantity in QUANTITIES:
                ends = size_range(clause, quantity)
                if ends != (None, None) and quantity in problem.quantities:
                    lines = [*_beyond_bounds(problem, quantity, ends), *_in_later_years(problem, quantity, ends, added)]
                    asked, unit = say_range(*ends), QUANTITY_UNITS[quantity]
                    notes += [
                        Message(
                            f"{pack.key}.{clause.key} asks for {asked.en} {unit.en}: {line.en}",
                            f"{pack.key}.{clause.key} 要求 {asked.zh} {unit.zh}：{line.zh}",
                        )
                        for line in lines
                    ]
    return tuple(notes)


def _beyond_bounds(problem: Problem, quantity: str, ends: Ends) -> Iterator[Message]:
    """Say in which areas the bounds allow no community inside the clause, or some outside it."""
    q = problem.quantities.index(quantity)
    places: dict[tuple[int, int, bool], list[str]] = {}
    for area in problem.areas:
        if area.exception is not None:
            continue
        low, high = min(o.lower[q] for o in area.options), max(o.upper[q] for o in area.options)
        if not (_lies_in(low, ends) and _lies_in(high, ends)):
            misses = (ends[0] is not None and ends[0] > high) or (ends[1] is not None and ends[1] < low)
            places.setdefault((low, high, misses), []).append(area.name or "-")
    for (low, high, misses), names in places.items():
        where = name_some(names)
        if misses:
            yield Message(
                f"no community can meet it, as the bounds are {low:,} to {high:,} ({where.en}).",
                f"上下限为 {low:,} 至 {high:,}，任何社区都不能符合（{where.zh}）。",
            )
        else:
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
