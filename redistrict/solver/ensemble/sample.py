"""The sample: chains of all units put together, area by area, measured, and how often neighbours lie together.

Areas are independent of each other under the measure that is drawn from, so a plan of the city is one draw of each.
Communities of areas that may be drawn keep the number that the plan has there; an area of one community, or one with
exceptions from the bounds, stays as it is in the plan.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.model.plan import Plan, canonical_plan, join_divisions
from redistrict.model.problem import Problem
from redistrict.model.result import Result
from redistrict.model.subgraph import edges_among
from redistrict.scenario.models import Solve
from redistrict.solver.ensemble.chains import Draws, Segment, list_segments, segment_task
from redistrict.solver.measuring import Measure, Measuring
from redistrict.solver.search.area_options import Case
from redistrict.solver.search.units import Way, list_units
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.pools import open_pool
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.runner import Runner
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]
IntArray = NDArray[np.int64]

_DRAWING = Message("Drawing plans at random", "随机抽取方案")


@dataclass(frozen=True, eq=False)
class Sample:
    """Plans drawn by several chains.

    Attributes
    ----------
    measures : tuple of Measure
    values : (n_chains, n_draws, n_measures) int64
        Of every plan drawn.
    own : (n_measures,) int64
        Of the plan that is held against them.
    together : (n_chains, n_edges) float64
        Share of the plans of each chain that have both ends of an edge of the problem in one community.
    is_drawn : (n_edges,) bool
        Edges of areas that are drawn; in the others all plans are alike.
    last : tuple of Plan
        The last plan of each chain.
    """

    measures: tuple[Measure, ...]
    values: IntArray
    own: IntArray
    together: NDArray[np.float64]
    is_drawn: NDArray[np.bool_]
    last: tuple[Plan, ...]

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return len(self.values)

    @property
    def n_plans(self) -> int:
        """Plans of all chains."""
        return self.values[:, :, 0].size


def draw_sample(
    problem: Problem,
    best: Result,
    measuring: Measuring,
    n_chains: int,
    n_draws: int,
    rules: Solve,
    stop: Stop,
    on_progress: OnProgress | None = None,
    *,
    journal: Journal | None = None,
) -> Sample | None:
    """Draw plans that obey all limits, and measure them.

    Parameters
    ----------
    best : Result
        The plan that is held against them.
    n_chains, n_draws : int
        Chains, and plans that each of them gives.
    rules : Solve
        Seed and workers of the scenario.
    journal : Journal, optional
        What an earlier draw of the same has kept.

    Returns
    -------
    Sample or None
        None where the time was up or the user struck before all were drawn. It depends neither on the number of workers
        nor on the journal.
    """
    assert best.plan is not None, "a plan is held against the ensemble"
    plan, drawn, done = best.plan.assignment, list[_Drawn](), 0.0
    with open_pool(rules.workers) as pool:
        runner = Runner(pool, stop, _without_cost(on_progress), 0)
        for number, area in enumerate(_list_areas(problem, best, plan, rules.seed)):
            begin, done = done, done + len(problem.areas[number].blocks) / problem.n_blocks
            found = _draw(area, n_chains, n_draws, runner, (begin, done), stop, journal)
            if stop.reason:
                return None
            divisions = _put_together(area, found, n_chains)
            drawn.append(_measure(problem, number, plan, divisions, measuring, n_chains, n_draws))
    return _sum_up(problem, drawn, measuring, n_chains)


@dataclass(frozen=True, eq=False)
class _Area:
    """What is drawn of an area: nothing, or its units; `way` says how they make it up, where pins divide it."""

    cases: tuple[Case, ...]
    way: Way | None


def _list_areas(problem: Problem, best: Result, plan: Assignment, seed: int) -> list[_Area]:
    """Give what is drawn of each area, with the numbers of communities of the plan."""
    labels = [canonical_plan(plan[list(area.blocks)]).assignment for area in problem.areas]
    fixed = replace(
        problem,
        areas=tuple(
            replace(area, options=tuple(one for one in area.options if one.n_communities == int(own.max()) + 1))
            for area, own in zip(problem.areas, labels, strict=True)
        ),
    )
    units = list_units(fixed, seed, plan)
    case_of = {(case.area, case.problem.n_communities): case for case in units.cases}
    found = []
    for ways, own, result in zip(units.ways, labels, best.areas, strict=True):
        way = next((one for one in ways if _is_way(one, own)), None)
        if way is None or result.exceptions is not None:
            found.append(_Area((), None))
            continue
        cases = tuple(case_of[unit, n] for unit, n in zip(way.units, way.numbers, strict=True))
        found.append(_Area(cases if any(case.needs_search for case in cases) else (), way))
    return found


def _is_way(way: Way, labels: Assignment) -> bool:
    """Tell whether a division of an area has so many communities in each unit."""
    if way.knit is None:
        return True
    unit = np.zeros(way.knit.problem.n_blocks, dtype=np.int64)
    for number, part in enumerate(way.knit.parts):
        unit[part] = number
    unit = unit[way.knit.cluster]
    return all(len(np.unique(labels[unit == p])) == n for p, n in enumerate(way.numbers))


def _without_cost(on_progress: OnProgress | None) -> OnProgress:
    """Tell progress without cost and bound, which drawing has none of."""

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(Progress(progress.phase, progress.fraction))

    return tell


def _draw(
    area: _Area,
    n_chains: int,
    n_draws: int,
    runner: Runner,
    share: tuple[float, float],
    stop: Stop,
    journal: Journal | None,
) -> list[Draws]:
    """Give what was drawn of each unit of an area by each chain, unit by unit, (n_draws, n_blocks)."""
    keys = [(case, chain) for case in area.cases for chain in range(n_chains)]
    last: list[Segment | None] = [None] * len(keys)
    parts: list[list[Draws]] = [[] for _ in keys]
    lengths = list_segments(n_draws)
    ends = np.linspace(*share, len(lengths) + 1).tolist()
    for number, (length, within) in enumerate(zip(lengths, pairwise(ends), strict=True)):
        tasks = [
            segment_task(case, chain, number, before, length, stop, journal)
            for (case, chain), before in zip(keys, last, strict=True)
        ]
        for n, segment in enumerate(runner.run(_DRAWING, tasks, share=within, cost=lambda: None)):
            last[n] = segment
            if number:
                parts[n].append(segment.draws)
        if stop.reason:
            break
    return [np.concatenate(own) for own in parts] if not stop.reason else []


def _put_together(area: _Area, drawn: list[Draws], n_chains: int) -> list[Draws]:
    """Give the divisions of an area that each chain drew, (n_draws, n_blocks); none where nothing is drawn."""
    if not drawn or area.way is None or area.way.knit is None:
        return drawn
    tied, found = area.way.knit, []
    offsets = np.cumsum([0, *area.way.numbers[:-1]]).tolist()
    for chain in range(n_chains):
        own = drawn[chain::n_chains]
        whole = np.empty((len(own[0]), tied.problem.n_blocks), dtype=np.uint16)
        for part, draws, offset in zip(tied.parts, own, offsets, strict=True):
            whole[:, part] = draws + np.uint16(offset)
        found.append(whole[:, tied.cluster])
    return found


@dataclass(frozen=True, eq=False)
class _Drawn:
    """An area: measures of every division drawn and of the plan's, edges with shares together, the last divisions."""

    values: IntArray
    own: IntArray
    is_here: NDArray[np.bool_]
    together: NDArray[np.float64]
    last: list[Assignment]
    is_drawn: bool


def _measure(
    problem: Problem,
    number: int,
    plan: Assignment,
    divisions: list[Draws],
    measuring: Measuring,
    n_chains: int,
    n_draws: int,
) -> _Drawn:
    """Measure what was drawn of an area; where nothing was, every plan is as the one held against them."""
    members = np.array(problem.areas[number].blocks, dtype=np.int64)
    edges, is_here = edges_among(problem.edges, members, problem.n_blocks)
    labels = canonical_plan(plan[members]).assignment
    own = np.array(measuring.of(number, labels), dtype=np.int64)
    if not divisions:
        together = (labels[edges[:, 0]] == labels[edges[:, 1]]).astype(np.float64)
        values = np.broadcast_to(own, (n_chains, n_draws, len(own)))
        return _Drawn(values, own, is_here, np.tile(together, (n_chains, 1)), [labels] * n_chains, is_drawn=False)
    together = np.array([(draws[:, edges[:, 0]] == draws[:, edges[:, 1]]).mean(axis=0) for draws in divisions])
    values = np.array([[measuring.of(number, one.astype(np.int32)) for one in draws] for draws in divisions])
    return _Drawn(values, own, is_here, together, [draws[-1].astype(np.int32) for draws in divisions], is_drawn=True)


def _sum_up(problem: Problem, drawn: list[_Drawn], measuring: Measuring, n_chains: int) -> Sample:
    """Put the areas together."""
    is_worst = np.array([measure.is_worst for measure in measuring.measures])

    def add(of: Callable[[_Drawn], IntArray]) -> IntArray:
        parts = np.array([of(one) for one in drawn])
        return np.asarray(np.where(is_worst, parts.max(axis=0), parts.sum(axis=0)))

    together, is_drawn = np.zeros((n_chains, len(problem.edges))), np.zeros(len(problem.edges), dtype=bool)
    for one in drawn:
        together[:, one.is_here], is_drawn[one.is_here] = one.together, one.is_drawn
    blocks = [np.array(area.blocks, dtype=np.int64) for area in problem.areas]
    return Sample(
        measuring.measures,
        add(lambda one: one.values),
        add(lambda one: one.own),
        together,
        is_drawn,
        tuple(
            canonical_plan(
                join_divisions(problem.n_blocks, zip(blocks, [one.last[chain] for one in drawn], strict=True))
            )
            for chain in range(n_chains)
        ),
    )
