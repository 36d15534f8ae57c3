"""Conflicts: pins that no plan keeps together, told before anything is searched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import networkx as nx
import numpy as np

from redistrict.messages import Message, join, list_of, name_some
from redistrict.model.areas import Area
from redistrict.model.cores import say_core, shrink
from redistrict.model.mergers import Mergers
from redistrict.model.pins import Demand, list_own
from redistrict.model.problem import AreaProblem, Problem
from redistrict.model.quantities import quantity_words
from redistrict.model.result import SolveStatus
from redistrict.scenario.models import Solve
from redistrict.solver.costs import is_feasible
from redistrict.solver.knit import Knit, knit
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.binding import MOST_BLOCKS, keep_only, list_limits
from redistrict.solver.why_not.impossible_places import find_reasons

_EFFORT = 10.0
"""CP-SAT's deterministic time for each part of a small area."""


@dataclass(frozen=True)
class Conflict:
    """Pins that cannot hold together; without any one of them that is not proved of the rest."""

    demands: tuple[Demand, ...]
    message: Message


def find_conflicts(problem: Problem, ids: Sequence[str], stop: Stop) -> list[Conflict]:
    """Give pins that contradict each other, the bounds or the number of communities: one conflict for each area.

    Where an area is small, all there are are found; else those that places or sums prove. An area that has no plan
    without pins either is passed over.

    Parameters
    ----------
    ids : sequence of str
        Keys of the blocks.
    """
    across = [*_find_across(problem)]
    if across or not problem.demands:
        return across
    if problem.mergers is not None:
        return _find_against_mergers(problem, problem.mergers, ids, stop)
    found = []
    for number, area in enumerate(problem.areas):
        own = list_own(problem.demands, area.blocks)
        trial = _Trial(problem, number, stop)
        if own and trial.fails(own) and not trial.fails(()):
            core = shrink(own, trial.fails)
            why = _say_why(problem, area, core, ids)
            found.append(Conflict(tuple(core), _in_area(area, say_core([one.name for one in core], why))))
    return found


def _in_area(area: Area, said: Message) -> Message:
    return Message(f"{area.name}: {said.en}.", f"{area.name}：{said.zh}。")


def _find_across(problem: Problem) -> Iterator[Conflict]:
    """A community lies in one area; where pins speak of communities in several, each area needs a pin of its own."""
    area_of = np.zeros(problem.n_blocks, dtype=np.int64)
    for number, area in enumerate(problem.areas):
        area_of[list(area.blocks)] = number
    for one in problem.demands:
        areas = sorted({*area_of[[*one.together, *one.own]].tolist()})
        if len(areas) > 1:
            named = list_of(dict.fromkeys(problem.areas[number].name for number in areas))
            why = Message(
                f"it speaks of {len(areas)} areas ({named.en}), and no community lies in two; write a pin for each",
                f"涉及 {len(areas)} 个片区（{named.zh}），而社区不能跨片区；请分别写明",
            )
            said = say_core([one.name], why)
            yield Conflict((one,), Message(f"{said.en}.", f"{said.zh}。"))


def _find_against_mergers(problem: Problem, mergers: Mergers, ids: Sequence[str], stop: Stop) -> list[Conflict]:
    """Leave out one pin after the other as long as no way to merge today's communities keeps to the rest."""
    from redistrict.solver.exact.merge import solve_mergers  # CP-SAT, which few checks need

    def fails(demands: Sequence[Demand]) -> bool:
        found = solve_mergers(replace(problem, demands=tuple(demands)), mergers, Solve(), stop)
        return found.status is SolveStatus.INFEASIBLE

    if not problem.demands or not fails(problem.demands) or fails(()):
        return []
    core = shrink(problem.demands, fails)
    names = [mergers.names[p] for one in core for p in sorted(_divided(mergers, one))]
    groups = _join_groups(core)
    why = Message("no way to merge today's communities keeps to them", "没有满足要求的合并方式")
    if names:
        named = name_some(list(dict.fromkeys(names)))
        why = Message(f"{named.en} would be divided, and is only merged", f"{named.zh}将被拆分，而现有社区只合并")
    said = say_core([one.name for one in core], next(_say_torn(groups, core, ids), why))
    return [Conflict(tuple(core), Message(f"{said.en}.", f"{said.zh}。"))]


def _divided(mergers: Mergers, one: Demand) -> set[int]:
    """Give today's communities that a demand would divide."""
    own = {*mergers.part[list(one.own)].tolist()}
    held = {p for p in own if (mergers.part == p).sum() > np.isin(np.flatnonzero(mergers.part == p), one.own).sum()}
    return held | {int(mergers.part[i]) for i, j in one.apart if mergers.part[i] == mergers.part[j]}


class _Trial:
    """Tries whether an area has a plan that keeps to some pins, whatever it costs."""

    def __init__(self, problem: Problem, number: int, stop: Stop) -> None:
        area, limits = problem.areas[number], list_limits(problem)
        self._blocks, self._any_total, self._stop = area.blocks, problem.frees, stop
        self._options = [keep_only(problem, number, option.n_communities, limits) for option in area.options]

    def fails(self, demands: Sequence[Demand]) -> bool:
        """Tell whether it is proved that there is none."""
        return all(self._is_impossible(option, demands) for option in self._options)

    def _is_impossible(self, option: AreaProblem, demands: Sequence[Demand]) -> bool:
        tied = knit(option, self._blocks, demands, any_total=self._any_total)
        return all(any(self._has_none(tied, part, n) for part, n in enumerate(numbers)) for numbers in tied.numbers)

    def _has_none(self, tied: Knit, part: int, n: int) -> bool:
        problem = tied.cut(part, n)
        if n == 1:
            return not is_feasible(problem, np.zeros(problem.n_blocks, dtype=np.int32))
        if find_reasons(problem):
            return True
        if problem.n_blocks > MOST_BLOCKS:
            return False
        from redistrict.solver.exact.solve_exactly import solve_exactly  # CP-SAT, which few checks need

        found = solve_exactly(problem, self._stop, hint=None, effort=_EFFORT, seed=0)
        return found.status is SolveStatus.INFEASIBLE


# --- what is said of it -----------------------------------------------------------------------------------


def _say_why(problem: Problem, area: Area, core: Sequence[Demand], ids: Sequence[str]) -> Message:
    """Say what is in the way of some pins: blocks, sums, or that every plan was compared."""
    groups = _join_groups(core)
    said = [*_say_torn(groups, core, ids), *_say_heavy(problem, area, groups, ids), *_say_numbers(problem, area, core)]
    if said:
        return said[0]
    n = list_of(sorted({option.n_communities for option in area.options}))
    return Message(
        f"no {n.en} communities inside the limits keep to them",
        f"没有既符合限制又满足要求的 {n.zh} 个社区",
    )


def _join_groups(core: Sequence[Demand]) -> list[frozenset[int]]:
    """Give the sets of blocks that are to lie together."""
    graph = nx.Graph([pair for one in core for pair in pairwise(one.together)])
    return [frozenset(group) for group in nx.connected_components(graph)]


def _say_torn(groups: Sequence[frozenset[int]], core: Sequence[Demand], ids: Sequence[str]) -> Iterator[Message]:
    """Name blocks that are to lie together and apart."""
    for group in groups:
        for one in core:
            for i, j in one.apart:
                if i in group and j in group:
                    yield Message(
                        f"blocks {ids[i]} and {ids[j]} are to lie together and apart",
                        f"地块 {ids[i]} 与 {ids[j]} 既要同属又要分属社区",
                    )
            inside, outside = sorted(group & {*one.own}), sorted(group - {*one.own})
            if inside and outside:
                yield Message(
                    f"block {ids[outside[0]]} would share the community of {ids[inside[0]]}, which is to have no other",
                    f"地块 {ids[outside[0]]} 将与 {ids[inside[0]]} 同属社区，而该社区不得有其他地块",
                )


def _say_heavy(problem: Problem, area: Area, groups: Sequence[frozenset[int]], ids: Sequence[str]) -> Iterator[Message]:
    """Give the sums of blocks that are too many for one community."""
    if problem.frees:
        return
    for group in groups:
        total = problem.size[sorted(group)].sum(axis=0)
        most = np.max([option.upper for option in area.options], axis=0)
        over = [
            Message(f"{total[q]:,} {words.en} (at most {most[q]:,})", f"{words.zh} {total[q]:,}（至多 {most[q]:,}）")
            for q, words in enumerate(map(quantity_words, problem.quantities))
            if total[q] > most[q]
        ]
        if over:
            named, sums = name_some([ids[i] for i in sorted(group)], limit=3), join(over)
            yield Message(f"blocks {named.en} hold {sums.en}", f"地块 {named.zh} 合计{sums.zh}")


def _say_numbers(problem: Problem, area: Area, core: Sequence[Demand]) -> Iterator[Message]:
    """Give the sums of blocks that are to be communities of their own, where these cannot hold them or have no room."""
    low = np.min([option.lower for option in area.options], axis=0)
    high = np.max([option.upper for option in area.options], axis=0)
    for one in core:
        total, n = problem.size[list(one.own)].sum(axis=0), one.count
        if n and not problem.frees and ((total < n * low) | (total > n * high)).any():
            q = int(np.argmax((total < n * low) | (total > n * high)))
            words = quantity_words(problem.quantities[q])
            yield Message(
                f"{total[q]:,} {words.en} do not make {n} communities of {low[q]:,}-{high[q]:,}",
                f"{words.zh} {total[q]:,} 无法分为 {n} 个规模为 {low[q]:,}–{high[q]:,} 的社区",
            )
    number, limits = problem.areas.index(area), list_limits(problem)
    options = [keep_only(problem, number, option.n_communities, limits) for option in area.options]
    if not any(knit(option, area.blocks, core, any_total=problem.frees).numbers for option in options):
        n_all = list_of(option.n_communities for option in options)
        yield Message(
            f"with {n_all.en} communities in all, no numbers of communities fit the parts that they leave",
            f"共 {n_all.zh} 个社区时，所分各部分没有合适的社区数目",
        )
