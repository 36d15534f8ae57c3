"""Why there is no plan: proof where there is one, else where the nearest plan fails and what would admit it."""

from collections.abc import Sequence
from typing import NamedTuple

from redistrict.geo.blocks import Blocks
from redistrict.messages import Message, join, name_some
from redistrict.model.areas import Area
from redistrict.model.problem import Problem, area_problem
from redistrict.model.quantities import quantity_words
from redistrict.model.result import AreaResult, Result, SolveStatus, StoppedBy
from redistrict.solver.why_not.impossible_places import explain, find_reasons
from redistrict.solver.why_not.what_would_help import (
    explain_relaxation,
    explain_squeeze,
    find_squeeze,
    smallest_relaxation,
)

_TOO_LITTLE = ("widen communities.tolerance or raise solve.effort", "请放宽 communities.tolerance 或提高 solve.effort")
_WHY_NONE = {
    StoppedBy.PROOF: _TOO_LITTLE,
    StoppedBy.EFFORT: _TOO_LITTLE,
    StoppedBy.TIME_LIMIT: ("the time was up first, raise solve.time_limit_s", "时间已到，请增大 solve.time_limit_s"),
    StoppedBy.INTERRUPT: ("it was stopped before one was found", "尚未找到即被中断"),
}


def explain_failure(blocks: Blocks, problem: Problem, result: Result) -> Sequence[Message]:
    """Say of every area without a plan why, which blocks are in the way, and what the smallest remedy is.

    Parameters
    ----------
    result : Result
        A result without a plan.
    """
    if result.reasons:
        return result.reasons
    reasons: list[Message] = []
    for number, (area, found) in enumerate(zip(problem.areas, result.areas, strict=True)):
        if found.status in (SolveStatus.INFEASIBLE, SolveStatus.UNKNOWN):
            reasons += [_headline(blocks, problem, area, found), *_causes(blocks, problem, number, found)]
    return reasons


def _headline(blocks: Blocks, problem: Problem, area: Area, found: AreaResult) -> Message:
    name, n = area.name, found.n_communities
    if found.status is SolveStatus.INFEASIBLE:
        return _say_proved(name, n)
    where = _where_it_fails(blocks, problem, area, found)
    why_en, why_zh = _WHY_NONE[found.stopped_by]
    return Message(
        f"{name}: no plan of {n} communities inside the bounds was found{where.en}; {why_en}.",
        f"{name}：未找到满足限制的 {n} 个社区方案{where.zh}；{why_zh}。",
    )


def _say_proved(name: str, n: int) -> Message:
    return Message(
        f"{name}: proved that no {n} connected communities meet the bounds; widen communities.tolerance, change "
        "the count, or add links.",
        f"{name}：已证明不存在满足限制的 {n} 个连片社区；请放宽 communities.tolerance、调整数量或添加 links。",
    )


class Foresight(NamedTuple):
    """What is known before any search.

    Attributes
    ----------
    areas : frozenset of int
        Those that have no plan with any number of communities they may have.
    hopeless : tuple of Message
        Of each of them: that, and the sums or places that prove it.
    narrow : tuple of Message
        Of every other area with a given number of communities: what leaves little room, if anything.
    """

    areas: frozenset[int]
    hopeless: tuple[Message, ...]
    narrow: tuple[Message, ...]


def foresee(blocks: Blocks, problem: Problem) -> Foresight:
    """Say before any search which areas are proved to have no plan, and where there is little room."""
    areas: set[int] = set()
    hopeless: list[Message] = []
    narrow: list[Message] = []
    for number, area in enumerate(problem.areas if problem.mergers is None else ()):
        numbers = [option.n_communities for option in area.options]
        proof = [area.misfit] if area.misfit else _prove(blocks, problem, number, numbers[0])
        if area.misfit or (proof and all(_prove(blocks, problem, number, n) for n in numbers[1:])):
            areas.add(number)
            hopeless += proof if area.misfit else [_say_proved(area.name, numbers[0]), *proof]
        elif area.n_min == area.n_max:
            narrow += _find_narrow(problem, number, area.n_min)
    return Foresight(frozenset(areas), tuple(hopeless), tuple(narrow))


def _prove(blocks: Blocks, problem: Problem, number: int, n_communities: int) -> list[Message]:
    """Give the places that prove that an area has no plan with so many communities."""
    area, whole = problem.areas[number], area_problem(problem, number, n_communities)
    names = [blocks.ids[i] for i in area.blocks]
    return [_in_area(area, explain(reason, names, problem.quantities)) for reason in find_reasons(whole)]


def _find_narrow(problem: Problem, number: int, n_communities: int) -> list[Message]:
    """Say what leaves an area little room, if anything."""
    squeeze = find_squeeze(area_problem(problem, number, n_communities))
    if squeeze is None:
        return []
    return [_in_area(problem.areas[number], explain_squeeze(squeeze, problem.quantities))]


def _causes(blocks: Blocks, problem: Problem, number: int, found: AreaResult) -> list[Message]:
    """Give what is in the way of a plan, and the least relaxation that would admit the nearest one."""
    area, n = problem.areas[number], found.n_communities
    causes = _prove(blocks, problem, number, n) or _find_narrow(problem, number, n)
    nearest = smallest_relaxation(area_problem(problem, number, found.n_communities), found.nearest)
    if nearest is not None and area.exception is None:
        causes.append(
            _in_area(area, explain_relaxation(nearest, [blocks.ids[i] for i in area.blocks], problem.quantities))
        )
    return causes


def _in_area(area: Area, cause: Message) -> Message:
    return Message(f"{area.name}: {cause.en}.", f"{area.name}：{cause.zh}。")


def _where_it_fails(blocks: Blocks, problem: Problem, area: Area, found: AreaResult) -> Message:
    """Name the first communities of the nearest plan that miss the bounds, by size and blocks."""
    if found.nearest is None:
        return Message("", "")
    limits = area.limits(found.n_communities)
    quantities = [quantity_words(name) for name in problem.quantities]
    parts: list[Message] = []
    for c in range(found.n_communities):
        own = [block for block, community in zip(area.blocks, found.nearest, strict=True) if community == c]
        total = problem.size[own].sum(axis=0).tolist()
        wrong = [
            Message(f"{words.en} {t:,} ({low:,}-{high:,})", f"{words.zh} {t:,} ({low:,}-{high:,})")
            for words, t, low, high in zip(quantities, total, limits.lower, limits.upper, strict=True)
            if not low <= t <= high
        ]
        if wrong:
            named = name_some([blocks.ids[i] for i in own], limit=2)
            parts.append(Message(f"blocks {named.en}: ", f"地块 {named.zh}：") + join(wrong))
    if not parts:  # it meets the bounds, but breaks another rule
        return Message("", "")
    where = join(parts[:3], mark=";")
    return Message(f" (the nearest misses the bounds at {where.en})", f"（最接近的方案不满足之处：{where.zh}）")
