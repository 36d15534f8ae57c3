"""The strategy: every area and number of communities is a case; cases are proved when small, searched when large.

Where an area may have many numbers of communities all are scouted, and the most hopeful are searched, in rounds. The
first anneals from scratch, the later ones from the best plan so far. Where changing street, say, is dear, each street
is searched by itself before, and these plans are one to start from. Then neighbouring communities are redrawn two by
two, and the cost is bounded from below. All cases go through a step together, those without a plan first, so all
threads have work; what each task has found is kept in a journal. Where the scenario frees what cannot meet the bounds,
every area without a plan gets the nearest one, and what lies around its exceptions is searched as any other area.
"""

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, groupby, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.model.mergers import Mergers
from redistrict.model.problem import Problem
from redistrict.model.result import AreaResult, LocalOptimality, Result
from redistrict.scenario.models import Solve
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.length_bound import bound_tile, cut_in_tiles, proved_cost
from redistrict.solver.exact.merge import solve_mergers
from redistrict.solver.exact.price_bound import price_bound
from redistrict.solver.exact.solve_exactly import solve_exactly
from redistrict.solver.journal_forms import BOUND, DIVISION, FOUND, NEAREST, WITNESS, JournalStep
from redistrict.solver.search.area_options import Case, alone, as_result, best_options, gather
from redistrict.solver.search.nearest import choose_nearest, nearest_plan, put_back, rest_of
from redistrict.solver.search.polish import Polisher
from redistrict.solver.search.rounds import (
    FIRST,
    LATER,
    SCOUT,
    SECOND,
    Round,
    SearchUnit,
    is_divided,
    list_search_units,
    put_together,
)
from redistrict.solver.search.search_area import LENIENT, Found, Manner, as_found, better_manner, pick_better
from redistrict.solver.search.split_area import stitch
from redistrict.solver.search.unit_parts import divide_by_units
from redistrict.solver.search.units import list_units, put_units_together
from redistrict.solver.tasks.journal import Form, Journal, kept
from redistrict.solver.tasks.pools import open_pool
from redistrict.solver.tasks.progress import OnProgress, Progress, told_between, told_without_bound
from redistrict.solver.tasks.runner import Runner
from redistrict.solver.tasks.stop import Stop
from redistrict.spent import spend

_T = TypeVar("_T")
EXACT_UP_TO = 60
"""Areas of at most this many blocks are proved by the exact model when the method is `auto`."""
_MOST_OPTIONS = 3
"""Numbers of communities of one area that are searched; where there are more, the best of a first look."""
_EXACT_EFFORT = 60.0
_POLISH_EFFORT = 0.5
"""CP-SAT's deterministic time for each community of an area, over all its pairs."""
_TRIPLES_FROM = 2.0
"""Effort from which threes are redrawn, too: at less they find nothing that pairs have not, in ten times the time."""
_BOUND_EFFORT, _LEAST_BOUND_EFFORT, _MOST_BOUND_EFFORT = 60.0, 0.02, 0.1
"""Effort of the bound: over all blocks; least for each, below which prices gain nothing on the edge bound; most."""
_LENGTHS_EFFORT = 0.01
"""Most effort of the bound by lengths for each block; over all blocks it may have as much as that by prices."""
_ROUND_WIDTH, _URGENT_WIDTH = 0.78 / (3 + len(LATER)), 0.02
"""Share of the progress told that one round takes, and proving the small areas without a plan; pairs and bound: 0.1."""
_UNITS_EFFORTS, _UNITS_SHARE = (0.25, 1.0), 0.1
"""Of the effort, what units of a dear level get by themselves, the second only those that the first was not enough for;
and the share of the progress told that this takes."""
_POLISH_WIDTH, _N_BATCHES = 0.1, 10
"""Share that redrawing pairs takes; a batch takes a tenth of what is left of it, as nobody knows how many there are."""
_COMBINING = Message("Combining the best communities", "组合最优社区")
_POLISHING = Message("Redrawing neighbouring communities", "逐对优化相邻社区")
_BOUNDING = Message("Bounding what any plan must cost", "计算代价下界")
_PROVING = Message("Proving small areas", "求解小区域的最优方案")
_FREEING = Message("Freeing what cannot meet the bounds", "放开无法满足限制之处")
_UNTIL_FREED, _FREED = 0.7, 0.8
"""Shares of the progress told until areas without a plan are given the nearest one, and until that is done."""
_MERGING = Message("Choosing among all mergers", "在所有合并方式中选优")


def solve(
    problem: Problem,
    rules: Solve | None = None,
    stop: Stop | None = None,
    on_progress: OnProgress | None = None,
    *,
    start: NDArray[np.int32] | None = None,
    journal: Journal | None = None,
    hopeless: Collection[int] = (),
) -> Result:
    """Find the best plan of every area within the effort, the time limit and the user's patience.

    Where today's communities are only merged whole, that is one exact model of all areas: there is no plan to start
    from and nothing to keep in between, so `start` and `journal` are not used, and progress is told at its start and
    end only.

    Parameters
    ----------
    problem : Problem
    rules : Solve, optional
        Seed, effort, workers, method and bound; by default those of a scenario that says nothing.
    stop : Stop, optional
        Time limit and interrupt; by default the time limit of `rules`.
    on_progress : callable, optional
        Called from this thread as work is finished.
    start : (n_blocks,) int32, optional
        Communities of a plan to start from, -1 where it says nothing; it need not obey the limits.
    journal : Journal, optional
        What an earlier run of the same question has found.
    hopeless : collection of int
        Areas proved to have no plan inside the bounds: a first look is all they get before the nearest is taken.

    Returns
    -------
    Result
        The plan depends neither on the number of workers, nor on the journal, nor on what bound is asked for, unless
        the time limit or the user struck first.
    """
    rules = rules or Solve()
    stop = stop or Stop(rules.time_limit_s)
    if rules.bound == "none":
        edges_only, tell_cost = rules.model_copy(update={"bound": "quick"}), told_without_bound(on_progress)
        found = solve(problem, edges_only, stop, tell_cost, start=start, journal=journal, hopeless=hopeless)
        return found.without_bound()
    if problem.mergers is not None:
        return _merge(problem, problem.mergers, rules, stop, on_progress)
    began = time.monotonic()
    units = list_units(problem, rules.seed, start)
    cases = list(units.cases)
    with open_pool(rules.workers) as pool:
        tell = told_between(on_progress, 0.0, _UNTIL_FREED) if problem.frees else on_progress
        given_up = units.only(hopeless)
        results = _Search(cases, rules, stop, pool, tell, journal, given_up).run()
        known = list(zip(cases, results, strict=True))
        best = best_options(known)
        if problem.frees:
            best = _free(best, units.n_units, known, rules, stop, pool, on_progress, journal, given_up)
    areas = put_units_together(units, problem, known, best)
    return gather(problem, areas, stop, time.monotonic() - began)


def _free(
    best: dict[int, AreaResult],
    n_units: int,
    known: list[tuple[Case, AreaResult]],
    rules: Solve,
    stop: Stop,
    pool: Executor,
    on_progress: OnProgress | None,
    journal: Journal | None,
    hopeless: Collection[int],
) -> dict[int, AreaResult]:
    """Give every unit without a plan the nearest one, and search what lies around its exceptions."""
    asked = [(case, result) for case, result in known if best[case.area].assignment is None]
    tasks = [
        kept(
            journal,
            (JournalStep.NEAREST, case.area, case.problem.n_communities),
            stop,
            partial(nearest_plan, case, result, stop, effort=rules.effort, is_hopeless=case.area in hopeless),
            NEAREST,
        )
        for case, result in asked
    ]
    runner = Runner(pool, stop, on_progress, 0)
    answers = list(runner.run(_FREEING, tasks, share=(_UNTIL_FREED, _FREED), cost=lambda: None))
    tried = list(zip([case for case, _ in asked], answers, strict=True))
    nearest = choose_nearest(tried)
    number, rests = n_units, []
    for case, found in nearest:
        own = rest_of(case, found, number)
        number += len(own)
        rests.append(own)
    cases = [piece for own in rests for _, piece in own]
    search = _Search(cases, rules, stop, pool, told_between(on_progress, _FREED, 1.0), journal)
    results = iter(search.run() if cases else ())
    freed = best | best_options(tried)
    for (case, found), own in zip(nearest, rests, strict=True):
        freed[case.area] = put_back(case, found, [(blocks, next(results)) for blocks, _ in own])
    return freed


def _merge(problem: Problem, mergers: Mergers, rules: Solve, stop: Stop, on_progress: OnProgress | None) -> Result:
    """Choose among all mergers, and tell when that begins and what it came to."""
    tell = on_progress or (lambda _progress: None)
    tell(Progress(_MERGING, 0.0))
    result = solve_mergers(problem, mergers, rules, stop)
    tell(Progress(_MERGING, 1.0, result.cost, result.bound))
    return result


@dataclass(eq=False)
class _CaseRecord:
    """What is known of one case so far; the steps of the search better it.

    Attributes
    ----------
    found : Found
    bound : int
        No plan of the case costs less.
    manner : Manner
        The one that the start from scratch has shown to be the better.
    is_stalled : bool
        The last round has gained nothing.
    local : LocalOptimality
        What redrawing neighbours has proved of the plan.
    proved : AreaResult or None
        What the exact model says, where it was asked.
    """

    case: Case
    found: Found
    bound: int
    manner: Manner = LENIENT
    is_stalled: bool = False
    local: LocalOptimality = field(default_factory=LocalOptimality)
    proved: AreaResult | None = None

    def result(self, stop: Stop) -> AreaResult:
        """Say what was found, and whether that is proved."""
        result = as_result(self.case, self.found, self.bound, stop)
        if self.proved is not None:
            return replace(self.proved, nearest=result.nearest)
        return replace(result, local=self.local)


class _Search:
    """The steps of the search, through each of which all cases go together."""

    def __init__(
        self,
        cases: list[Case],
        rules: Solve,
        stop: Stop,
        pool: Executor,
        on_progress: OnProgress | None,
        journal: Journal | None,
        hopeless: Collection[int] = (),
    ) -> None:
        self._hopeless = hopeless
        self._pool, self._on_progress, self._told_before = pool, on_progress, 0.0
        self._records = [_CaseRecord(case, alone(case.problem), edge_bound(case.problem)) for case in cases]
        self._rules = rules
        self._stop = stop
        self._journal = journal
        self._runner = Runner(pool, stop, self._tell, self._least())
        self._done = 0.0

    def run(self) -> list[AreaResult]:
        """Take every case through all steps."""
        searched = [record for record in self._records if record.case.needs_search]
        exact = [record for record in searched if self._is_exact(record.case)]
        hopeful = self._scout(searched)
        self._start_from_units(hopeful)
        self._search_from_scratch(hopeful)
        hoped = [record for record in searched if record.case.area not in self._hopeless]
        urgent = [record for record in hoped if record in exact and record.found.best is None]
        self._prove(urgent, width=_URGENT_WIDTH)
        large = [record for record in hopeful if record in hoped and record not in exact]
        for later in LATER:
            self._round(later, large)
        self._polish([record for record in large if _is_polished(record)])
        if self._rules.bound == "full":
            self._bound([record for record in hoped if record not in exact])
        self._prove([r for r in exact if r in hoped and r not in urgent], width=1.0 - self._done)
        return [record.result(self._stop) for record in self._records]

    def look(self) -> list[Found]:
        """Give what is found of every case by all rounds, and by redrawing pairs."""
        searched = [record for record in self._records if record.case.needs_search]
        self._search_from_scratch(searched)
        for later in LATER:
            self._round(later, searched)
        self._polish([record for record in searched if _is_polished(record)])
        return [record.found for record in self._records]

    def _search_from_scratch(self, records: list[_CaseRecord]) -> None:
        self._round(FIRST, records)
        self._round(SECOND, [record for record in records if not is_divided(record.case.problem)])

    def _start_from_units(self, records: list[_CaseRecord]) -> None:
        """Search every unit of a dear level by itself: the plans put together are one to start from.

        What crosses a border of units is dear, so that no small move leads over it; and units are small.
        """
        divided = [(record, divide_by_units(record.case.problem)) for record in records]
        asked = [(record, n, part) for record, parts in divided for n, part in enumerate(parts)]
        found: dict[tuple[_CaseRecord, int], Found] = {}
        for look, effort in enumerate(_UNITS_EFFORTS):
            left = [(r, n, part) for r, n, part in asked if (r, n) not in found or found[r, n].best is None]
            cases = [Case(_number_of_part(r.case, look, n), part.problem, r.case.seed) for r, n, part in left]
            share = tuple((look + i) / len(_UNITS_EFFORTS) for i in range(2))
            found |= zip([(r, n) for r, n, _ in left], self._look_at(cases, effort, share), strict=True)
        for record, parts in divided:
            plans = [plan for n in range(len(parts)) if (plan := found[record, n].plan) is not None]
            if parts and len(plans) == len(parts):
                record.found = pick_better(record.found, as_found(record.case.problem, stitch(parts, plans)))
        self._told_before = _UNITS_SHARE if asked else 0.0

    def _look_at(self, cases: list[Case], effort: float, share: tuple[float, ...]) -> list[Found]:
        """Look at parts of the cases; a share of the share of the progress is told, and no cost."""
        rest = 1 - self._done
        tell = told_between(self._on_progress, *(self._done + _UNITS_SHARE * rest * end for end in share))

        def tell_phase(progress: Progress) -> None:
            tell(replace(progress, cost=None, bound=self._runner.bound))

        rules = self._rules.model_copy(update={"effort": self._rules.effort * effort})
        return _Search(cases, rules, self._stop, self._pool, tell_phase, self._journal).look()

    def _tell(self, progress: Progress) -> None:
        """Tell how much is done, what was done before the rest began included."""
        done = progress.fraction + self._told_before * (1 - progress.fraction)
        if self._on_progress is not None:
            self._on_progress(replace(progress, fraction=done))

    def _scout(self, records: list[_CaseRecord]) -> list[_CaseRecord]:
        """Give the cases worth a search: of each area those that a short first look found cheapest."""
        by_area: dict[int, list[_CaseRecord]] = {}
        for record in records:
            by_area.setdefault(record.case.area, []).append(record)
        self._round(SCOUT, [r for options in by_area.values() if len(options) > _MOST_OPTIONS for r in options])
        hopeful = {r for options in by_area.values() for r in sorted(options, key=_rank)[:_MOST_OPTIONS]}
        return [record for record in records if record in hopeful]

    def _round(self, round_: Round, records: list[_CaseRecord]) -> None:
        """Anneal every unit of every case several times, the units taking turns, and recombine what was met."""
        effort = self._rules.effort
        urgent_first = sorted(records, key=lambda record: record.found.best is not None)
        units = {
            unit: r
            for r in urgent_first
            for unit in list_search_units(r.case, r.found, round_, r.manner, is_stalled=r.is_stalled)
        }
        met = self._anneal(round_, units)
        tasks = [
            self._kept(
                FOUND,
                (JournalStep.RECOMBINE, round_.number, unit.number),
                unit.case,
                unit.recombine(runs, self._stop, effort=effort),
            )
            for unit, runs in met.items()
        ]
        combined = dict(zip(met, self._run(_COMBINING, tasks, width=0.2 * _ROUND_WIDTH), strict=True))
        for record in records:
            own = [unit for unit in units if unit.case is record.case]
            record.found = put_together(record.case.problem, record.found, own, [combined[unit] for unit in own])
            known = own[0].known.cost if own[0].is_whole else None
            record.is_stalled = known is not None and known == record.found.cost

    def _anneal(self, round_: Round, units: dict[SearchUnit, _CaseRecord]) -> dict[SearchUnit, list[Found]]:
        """Anneal the units of a round and give what the runs of each found; plans of whole cases are known at once."""
        n_starts = {unit: unit.n_starts(self._rules.effort) for unit in units}
        turns = [(s, unit) for s in range(max(n_starts.values(), default=0)) for unit in units if s < n_starts[unit]]
        tasks = [
            self._kept(
                FOUND,
                (JournalStep.ANNEAL, round_.number, unit.number, s),
                unit.case,
                unit.anneal(s, self._stop, effort=self._rules.effort),
            )
            for s, unit in turns
        ]
        met: dict[SearchUnit, list[Found]] = {unit: [] for unit in units}
        for (_, unit), run in zip(turns, self._run(round_.phase, tasks, width=0.8 * _ROUND_WIDTH), strict=True):
            met[unit].append(run)
            if unit.is_whole:
                units[unit].found = pick_better(units[unit].found, run)
        for unit, record in units.items():
            if unit.is_whole and round_.is_race:
                record.manner = better_manner(met[unit])
        return met

    @spend("pairs")
    def _polish(self, records: list[_CaseRecord]) -> None:
        """Redraw pairs of neighbouring communities, and threes where much effort is asked for, batch by batch."""
        polishers = [(record, self._polisher(record)) for record in records]
        end = self._done + _POLISH_WIDTH
        for batch in count():
            asked = [polisher.tasks(self._stop) for _, polisher in polishers]
            tasks = [
                self._kept(DIVISION, (JournalStep.POLISH, batch, number), record.case, task)
                for (record, _), own in zip(polishers, asked, strict=True)
                for number, task in enumerate(own)
            ]
            if not tasks:
                break
            answers = self._run(_POLISHING, tasks, width=(end - self._done) / _N_BATCHES)
            for (record, polisher), own in zip(polishers, asked, strict=True):
                polisher.take_in(islice(answers, len(own)))
                record.found = replace(record.found, best=polisher.assignment, cost=polisher.cost)
        self._done = end
        for record, polisher in polishers:
            record.local = polisher.certificate()

    def _polisher(self, record: _CaseRecord) -> Polisher:
        case, best = record.case, record.found.best
        assert best is not None, "only plans are polished"
        effort = _POLISH_EFFORT * case.problem.n_communities * self._rules.effort
        deep = self._rules.effort >= _TRIPLES_FROM
        return Polisher(case.problem, best, effort=effort, seed=case.cp_seed, deep=deep)

    @spend("bound")
    def _bound(self, records: list[_CaseRecord]) -> None:
        """Bound the cost of every case from below, those given up included: by lengths, then by prices."""
        self._bound_by_lengths(records)
        n_blocks = sum(record.case.problem.n_blocks for record in records)
        each = min(_MOST_BOUND_EFFORT, _BOUND_EFFORT / max(1, n_blocks)) * self._rules.effort
        if each < _LEAST_BOUND_EFFORT:
            each = 0.0

        def bound(record: _CaseRecord) -> Callable[[], int]:
            problem, found = record.case.problem, record.found
            effort = each * problem.n_blocks
            columns, known = list(found.pool.columns()), record.bound
            return partial(price_bound, problem, columns, self._stop, known=known, best_cost=found.cost, effort=effort)

        tasks = [self._kept(BOUND, (JournalStep.BOUND,), record.case, bound(record)) for record in records]
        for record, least in zip(records, self._run(_BOUNDING, tasks, width=0.05), strict=True):
            record.bound = max(record.bound, least)
        self._runner.bound = self._least()

    def _bound_by_lengths(self, records: list[_CaseRecord]) -> None:
        """Bound the cost of every case by lengths of edges, tile by tile."""
        n_blocks = sum(record.case.problem.n_blocks for record in records)
        effort = min(_LENGTHS_EFFORT, _BOUND_EFFORT / max(1, n_blocks)) * self._rules.effort
        tiles = [(record, n, tile) for record in records for n, tile in enumerate(cut_in_tiles(record.case.problem))]
        tasks = [
            self._kept(
                WITNESS,
                (JournalStep.LENGTHS, n),
                record.case,
                partial(bound_tile, tile, self._stop, effort=effort * tile.blocks.size),
            )
            for record, n, tile in tiles
        ]
        answers = iter(self._run(_BOUNDING, tasks, width=0.05))
        for record, own in groupby(tiles, key=lambda one: one[0]):
            witness = [next(answers) for _ in own]
            record.bound = max(record.bound, proved_cost(record.case.problem, witness))

    @spend("proof")
    def _prove(self, records: list[_CaseRecord], *, width: float) -> None:
        """Solve small cases exactly."""

        def prove(record: _CaseRecord) -> Callable[[], AreaResult]:
            case, hint, effort = record.case, record.found.best, _EXACT_EFFORT * self._rules.effort
            return partial(solve_exactly, case.problem, self._stop, hint=hint, effort=effort, seed=case.cp_seed)

        proved = self._run(_PROVING, [prove(record) for record in records], width=width)
        for record, result in zip(records, proved, strict=True):
            record.proved = result

    def _kept(self, form: Form[_T], step: tuple[int, ...], case: Case, task: Callable[[], _T]) -> Callable[[], _T]:
        """Let the journal remember a task of a case."""
        key = (*step, case.area, case.problem.n_communities)
        return kept(self._journal, key, self._stop, task, form)

    def _run(self, phase: Message, tasks: list[Callable[[], _T]], *, width: float) -> Iterator[_T]:
        share = (self._done, min(1.0, self._done + width))
        self._done = share[1]
        return self._runner.run(phase, tasks, share=share, cost=self._total)

    def _is_exact(self, case: Case) -> bool:
        small = case.problem.n_blocks <= EXACT_UP_TO
        return self._rules.method == "exact" or (self._rules.method == "auto" and small)

    def _total(self) -> int | None:
        """Add up the cheapest plan of every area, once each has one."""
        cheapest: dict[int, int] = {}
        for record in self._records:
            area, cost = record.case.area, record.found.cost
            if cost is not None:
                cheapest[area] = min(cost, cheapest.get(area, cost))
        return sum(cheapest.values()) if len(cheapest) == len({r.case.area for r in self._records}) else None

    def _least(self) -> int:
        """Give what is known to be below the cost of any plan."""
        least: dict[int, int] = {}
        for record in self._records:
            area = record.case.area
            least[area] = min(record.bound, least.get(area, record.bound))
        return sum(least.values())


def _number_of_part(case: Case, look: int, part: int) -> int:
    """Number a part of a case in one look at it so that no other case of the run has its number."""
    return ((((1 + case.area) << 20) + case.problem.n_communities << 1) + look << 20) + part


def _rank(record: _CaseRecord) -> tuple[bool, float]:
    """Sort by cost, then by the nearest miss."""
    found = record.found
    return (True, found.miss) if found.cost is None else (False, found.cost)


def _is_polished(record: _CaseRecord) -> bool:
    """Tell whether pairs are redrawn: not in areas searched in parts, where it takes longer than the search."""
    return record.found.best is not None and not is_divided(record.case.problem)
