"""Why there is no plan: proof where there is one, else where the nearest plan fails and what would admit it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from redistrict.geo.blocks import Blocks
from redistrict.messages import Message
from redistrict.model.areas import Area
from redistrict.model.pins import list_own
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import AreaResult, Result, SolveStatus, StoppedBy
from redistrict.report.say_failure import say_not_found, say_pinned, say_proved, say_too_few_blocks
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.binding import Limit, find_binding, list_limits
from redistrict.solver.why_not.impossible_places import explain, find_reasons
from redistrict.solver.why_not.pin_conflicts import find_conflicts
from redistrict.solver.why_not.what_would_help import (
    Remedy,
    explain_relaxation,
    explain_squeeze,
    find_squeeze,
    least_relaxation,
    smallest_relaxation,
)

_WHILE_ALONE = Message(
    "; with bounds so wide, blocks that are a community of their own now may no longer be one, which is not counted",
    "；未计入限制放宽后，现单独成为社区的地块可能不再单独的情形",
)
_MOST_SECONDS = 60.0
"""Time for saying why one area has no plan; its effort, counted, is used up long before."""


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
    for number, found in enumerate(result.areas):
        if found.status in (SolveStatus.INFEASIBLE, SolveStatus.UNKNOWN):
            reasons += _explain_area(blocks, problem, number, found)
    return reasons


def _explain_area(blocks: Blocks, problem: Problem, number: int, found: AreaResult) -> list[Message]:
    area, is_proved = problem.areas[number], found.status is SolveStatus.INFEASIBLE
    numbers = _possible_numbers(area) if is_proved else [found.n_communities]
    if not numbers:
        return [say_too_few_blocks(area)]
    limits = list_limits(problem)
    binding: tuple[Limit, ...] = ()
    if not found.stopped_by.is_early:
        binding = _find_binding(problem, number, numbers, limits)
    if not binding and list_own(problem.demands, area.blocks):
        return [say_pinned(problem, area, numbers, is_proved=is_proved)]
    remedy = Remedy(None) if found.stopped_by.is_early else _find_remedy(problem, number, numbers, binding or limits)
    if is_proved or binding:
        headline = say_proved(problem, area, numbers, binding or limits, tolerance_helps=remedy.helps)
    else:
        headline = say_not_found(blocks, problem, number, found)
    causes = [] if problem.frees else _find_causes(blocks, problem, number, found)
    return [headline, *causes, *_say_remedy(blocks, problem, number, found, remedy)]


def _possible_numbers(area: Area) -> list[int]:
    """Give the numbers of communities for which there are blocks enough."""
    return [option.n_communities for option in area.options if option.n_communities <= len(area.blocks)]


def _find_binding(problem: Problem, number: int, numbers: Sequence[int], limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Give the limits that no plan keeps, with any of these numbers of communities; none if it is not proved of all."""
    stop = Stop(_MOST_SECONDS)
    each = [find_binding(problem, number, n, limits, stop) for n in numbers]
    return tuple(limit for limit in limits if any(limit in own for own in each)) if all(each) else ()


def _find_remedy(problem: Problem, number: int, numbers: Sequence[int], binding: Sequence[Limit]) -> Remedy:
    """Give the least tolerances, where bounds are in the way that the tolerance decides."""
    if Limit.BOUNDS not in binding or problem.areas[number].exception is not None:
        return Remedy(False)
    options = [area_problem(problem, number, n) for n in numbers]
    return least_relaxation(options, problem.quantities, Stop(_MOST_SECONDS))


def _say_remedy(blocks: Blocks, problem: Problem, number: int, found: AreaResult, remedy: Remedy) -> list[Message]:
    """Say the least tolerances; where they are not known, those of the nearest plan."""
    relaxation = remedy.relaxation
    if remedy.helps is None and problem.areas[number].exception is None and not problem.frees:
        relaxation = smallest_relaxation(area_problem(problem, number, found.n_communities), found.nearest)
    if relaxation is None:
        return []
    area = problem.areas[number]
    cause = explain_relaxation(relaxation, [blocks.ids[i] for i in area.blocks], problem.quantities)
    if relaxation.is_least and any(other.exception is not None for other in problem.areas):
        cause += _WHILE_ALONE
    return [_in_area(area, cause)]


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
            hopeless += proof if area.misfit else _say_hopeless(blocks, problem, number, proof)
        elif area.n_min == area.n_max:
            narrow += _find_narrow(problem, number, area.n_min)
    return Foresight(frozenset(areas), tuple(hopeless), tuple(narrow))


def list_conflicts(blocks: Blocks, problem: Problem) -> tuple[Message, ...]:
    """Name, before any search, pins that no plan keeps together, where there may be plans without them."""
    return tuple(one.message for one in find_conflicts(problem, blocks.ids, Stop(_MOST_SECONDS)))


def _say_hopeless(blocks: Blocks, problem: Problem, number: int, proof: Sequence[Message]) -> list[Message]:
    """Say which limits no plan of an area keeps, the places that prove it, and the least remedy."""
    area, bound = problem.areas[number], replace(problem, frees=False)
    numbers = _possible_numbers(area)
    if not numbers:
        return [say_too_few_blocks(area)]
    binding = _find_binding(bound, number, numbers, list_limits(bound))
    remedy = Remedy(None) if problem.frees else _find_remedy(problem, number, numbers, binding)
    headline = say_proved(bound, area, numbers, binding, tolerance_helps=remedy.helps)
    nothing = AreaResult(numbers[0], SolveStatus.INFEASIBLE, StoppedBy.PROOF, None, None, None)
    return [headline, *proof, *_say_remedy(blocks, problem, number, nothing, remedy)]


def _prove(blocks: Blocks, problem: Problem, number: int, n_communities: int) -> list[Message]:
    """Give the places that prove that an area has no plan with so many communities."""
    area, whole = problem.areas[number], area_problem(problem, number, n_communities)
    names = [blocks.ids[i] for i in area.blocks]
    reasons = find_reasons(whole)
    if area.exception is not None:  # no tolerance decides its bounds
        reasons = tuple(replace(reason, tolerance=None) for reason in reasons)
    causes = [explain(reason, names, problem.quantities) for reason in reasons]
    if area.n_min == area.n_max:
        return [_in_area(area, cause) for cause in causes]
    n = n_communities
    return [_in_area(area, Message(f"as {n} communities: ", f"分为 {n} 个社区时，") + cause) for cause in causes]


def _find_narrow(problem: Problem, number: int, n_communities: int) -> list[Message]:
    """Say what leaves an area little room, if anything."""
    squeeze = find_squeeze(area_problem(problem, number, n_communities))
    if squeeze is None:
        return []
    return [_in_area(problem.areas[number], explain_squeeze(squeeze, problem.quantities))]


def _find_causes(blocks: Blocks, problem: Problem, number: int, found: AreaResult) -> list[Message]:
    """Give the places or the sums that are in the way of a plan."""
    n = found.n_communities
    return _prove(blocks, problem, number, n) or _find_narrow(problem, number, n)


def _in_area(area: Area, cause: Message) -> Message:
    return Message(f"{area.name}: {cause.en}.", f"{area.name}：{cause.zh}。")
