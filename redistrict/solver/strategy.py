"""The strategy: every area and number of communities is a case; cases are proved when small, searched when large.

Where an area may have many numbers of communities all are scouted, and the most hopeful are searched, in rounds. The
first anneals from scratch, the later ones from the best plan so far. Then neighbouring communities are redrawn two by
two, and the cost is bounded from below. All cases go through a step together, so all threads have work; what each task
has found is kept in a journal.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import AreaResult, LocalOptimality, Result
from redistrict.scenario.models import Solve
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.merge import solve_mergers
from redistrict.solver.exact.price_bound import price_bound
from redistrict.solver.exact.solve_exactly import solve_exactly
from redistrict.solver.journal_forms import BOUND, DIVISION, FOUND, JournalStep
from redistrict.solver.search.area_options import Case, alone, as_result, best_option, gather
from redistrict.solver.search.polish import Polisher
from redistrict.solver.search.rounds import FIRST, LATER, SCOUT, Round, is_divided, list_pieces, put_together
from redistrict.solver.search.search_area import Found, pick
from redistrict.solver.tasks.journal import Form, Journal, kept
from redistrict.solver.tasks.progress import OnProgress
from redistrict.solver.tasks.runner import Runner
from redistrict.solver.tasks.stop import Stop

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
_ROUND_WIDTH = 0.8 / (2 + len(LATER))
"""Share of the progress told that one round takes; redrawing pairs and bounding take a tenth each."""
_POLISH_WIDTH, _N_BATCHES = 0.1, 10
"""Share that redrawing pairs takes; a batch takes a tenth of what is left of it, as nobody knows how many there are."""
_COMBINING = Message("Combining the best communities", "组合最优社区")
_POLISHING = Message("Redrawing neighbouring communities", "逐对优化相邻社区")
_BOUNDING = Message("Bounding what any plan must cost", "计算代价下界")
_PROVING = Message("Proving small areas", "求解小区域的最优方案")


def solve(
    problem: Problem,
    rules: Solve,
    stop: Stop,
    on_progress: OnProgress | None = None,
    *,
    start: NDArray[np.int32] | None = None,
    journal: Journal | None = None,
) -> Result:
    """Find the best plan of every area within the effort, the time limit and the user's patience.

    Parameters
    ----------
    problem : Problem
    rules : Solve
        Seed, effort, workers and method.
    stop : Stop
        Time limit and interrupt.
    on_progress : callable, optional
        Called from this thread as work is finished.
    start : (n_blocks,) int32, optional
        Communities of a plan to start from, -1 where it says nothing; it need not obey the limits.
    journal : Journal, optional
        What an earlier run of the same question has found.

    Returns
    -------
    Result
        The plan depends neither on the number of workers nor on the journal, unless the time limit or the user
        struck first.
    """
    if problem.mergers is not None:
        return solve_mergers(problem, problem.mergers, rules, stop)
    began = time.monotonic()
    cases = [
        Case(
            number,
            area_problem(problem, number, option.n_communities),
            rules.seed,
            None if start is None else start[list(area.blocks)],
        )
        for number, area in enumerate(problem.areas)
        for option in area.options
    ]
    with ThreadPoolExecutor(rules.workers or os.cpu_count() or 1) as pool:
        results = _Search(cases, rules, stop, pool, on_progress, journal).run()
    areas = [
        best_option([r for case, r in zip(cases, results, strict=True) if case.area == number])
        for number in range(len(problem.areas))
    ]
    return gather(problem, areas, stop, time.monotonic() - began)


class _Search:
    """What has been found of each case so far, and the steps that better it."""

    def __init__(
        self,
        cases: list[Case],
        rules: Solve,
        stop: Stop,
        pool: ThreadPoolExecutor,
        on_progress: OnProgress | None,
        journal: Journal | None,
    ) -> None:
        self._cases = cases
        self._rules = rules
        self._stop = stop
        self._journal = journal
        self._found = [alone(case.problem) for case in cases]
        self._bounds = [edge_bound(case.problem) for case in cases]
        self._runner = Runner(pool, stop, on_progress, self._least())
        self._done = 0.0

    def run(self) -> list[AreaResult]:
        """Take every case through all steps."""
        open_cases = [n for n, case in enumerate(self._cases) if case.needs_search]
        exact = [n for n in open_cases if self._is_exact(self._cases[n])]
        hopeful = self._scout(open_cases)
        self._round(FIRST, hopeful)
        large = [n for n in hopeful if n not in exact]
        for later in LATER:
            self._round(later, large)
        polished = self._polish([n for n in large if self._is_polished(n)])
        self._bound([n for n in open_cases if n not in exact])
        proved = self._prove(exact)
        results = [as_result(*row, self._stop) for row in zip(self._cases, self._found, self._bounds, strict=True)]
        for n, local in polished.items():
            results[n] = replace(results[n], local=local)
        for n, result in proved.items():
            results[n] = replace(result, nearest=results[n].nearest)
        return results

    def _scout(self, cases: list[int]) -> list[int]:
        """Give the cases worth a search: of each area those that a short first look found cheapest."""
        by_area: dict[int, list[int]] = {}
        for n in cases:
            by_area.setdefault(self._cases[n].area, []).append(n)
        self._round(SCOUT, [n for options in by_area.values() if len(options) > _MOST_OPTIONS for n in options])
        return sorted(n for options in by_area.values() for n in sorted(options, key=self._rank)[:_MOST_OPTIONS])

    def _rank(self, n: int) -> tuple[bool, float, int]:
        """Sort by cost, then by the nearest miss."""
        found = self._found[n]
        return (True, found.miss, n) if found.cost is None else (False, found.cost, n)

    def _round(self, round_: Round, cases: list[int]) -> None:
        """Anneal every piece of every case several times, the pieces taking turns, and recombine what was met."""
        effort = self._rules.effort
        pieces = {n: list_pieces(self._cases[n], self._found[n], round_) for n in cases}
        plan = [(s, n, p) for n in cases for p, piece in enumerate(pieces[n]) for s in range(piece.n_starts(effort))]
        plan.sort(key=lambda turn: turn[0])
        tasks = [
            self._kept(
                FOUND,
                (JournalStep.ANNEAL, round_.number, p, s),
                n,
                pieces[n][p].anneal(s, self._stop, effort=effort),
            )
            for s, n, p in plan
        ]
        runs: dict[tuple[int, int], list[Found]] = {}
        for (_, n, p), run in zip(plan, self._run(round_.phase, tasks, width=0.8 * _ROUND_WIDTH), strict=True):
            runs.setdefault((n, p), []).append(run)
            if pieces[n][p].is_whole:
                self._found[n] = pick(self._found[n], run)
        tasks = [
            self._kept(
                FOUND,
                (JournalStep.RECOMBINE, round_.number, p),
                n,
                pieces[n][p].recombine(met, self._stop, effort=effort),
            )
            for (n, p), met in runs.items()
        ]
        combined = dict(zip(runs, self._run(_COMBINING, tasks, width=0.2 * _ROUND_WIDTH), strict=True))
        for n in cases:
            after = [combined[n, p] for p in range(len(pieces[n]))]
            self._found[n] = put_together(self._cases[n].problem, self._found[n], pieces[n], after)

    def _is_polished(self, n: int) -> bool:
        """Tell whether pairs are redrawn: not in areas searched in parts, where it takes longer than the search."""
        return self._found[n].best is not None and not is_divided(self._cases[n].problem)

    def _polish(self, cases: list[int]) -> dict[int, LocalOptimality]:
        """Redraw pairs of neighbouring communities, and threes where much effort is asked for, batch by batch."""
        polishers = {n: self._polisher(n) for n in cases}
        end = self._done + _POLISH_WIDTH
        for batch in count():
            asked = {n: polisher.tasks(self._stop) for n, polisher in polishers.items()}
            tasks = [
                self._kept(DIVISION, (JournalStep.POLISH, batch, number), n, task)
                for n, own in asked.items()
                for number, task in enumerate(own)
            ]
            if not tasks:
                break
            answers = self._run(_POLISHING, tasks, width=(end - self._done) / _N_BATCHES)
            for n, own in asked.items():
                polishers[n].take_in(islice(answers, len(own)))
                self._found[n] = replace(self._found[n], best=polishers[n].assignment, cost=polishers[n].cost)
        self._done = end
        return {n: polisher.certificate() for n, polisher in polishers.items()}

    def _polisher(self, n: int) -> Polisher:
        case, best = self._cases[n], self._found[n].best
        assert best is not None, "only plans are polished"
        effort = _POLISH_EFFORT * case.problem.n_communities * self._rules.effort
        deep = self._rules.effort >= _TRIPLES_FROM
        return Polisher(case.problem, best, effort=effort, seed=case.cp_seed, deep=deep)

    def _bound(self, cases: list[int]) -> None:
        """Bound the cost of every case from below, those given up included."""
        n_blocks = sum(self._cases[n].problem.n_blocks for n in cases)
        each = min(_MOST_BOUND_EFFORT, _BOUND_EFFORT / max(1, n_blocks)) * self._rules.effort
        if each < _LEAST_BOUND_EFFORT:
            each = 0.0

        def bound(n: int) -> Callable[[], int]:
            case, found = self._cases[n], self._found[n]
            effort = each * case.problem.n_blocks
            columns = found.pool.columns()
            return lambda: price_bound(case.problem, columns, self._stop, best_cost=found.cost, effort=effort)

        tasks = [self._kept(BOUND, (JournalStep.BOUND,), n, bound(n)) for n in cases]
        for n, least in zip(cases, self._run(_BOUNDING, tasks, width=0.1), strict=True):
            self._bounds[n] = least
        self._runner.bound = self._least()

    def _prove(self, cases: list[int]) -> dict[int, AreaResult]:
        """Solve small cases exactly."""

        def prove(n: int) -> Callable[[], AreaResult]:
            case, hint, effort = self._cases[n], self._found[n].best, _EXACT_EFFORT * self._rules.effort
            return lambda: solve_exactly(case.problem, self._stop, hint=hint, effort=effort, seed=case.cp_seed)

        proved = self._run(_PROVING, [prove(n) for n in cases], width=1.0 - self._done)
        return dict(zip(cases, proved, strict=True))

    def _kept(self, form: Form[_T], step: tuple[int, ...], n: int, task: Callable[[], _T]) -> Callable[[], _T]:
        """Let the journal remember a task of a case."""
        key = (*step, self._cases[n].area, self._cases[n].problem.n_communities)
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
        for case, found in zip(self._cases, self._found, strict=True):
            if found.cost is not None:
                cheapest[case.area] = min(found.cost, cheapest.get(case.area, found.cost))
        return sum(cheapest.values()) if len(cheapest) == len({case.area for case in self._cases}) else None

    def _least(self) -> int:
        """Give what is known to be below the cost of any plan."""
        least: dict[int, int] = {}
        for case, bound in zip(self._cases, self._bounds, strict=True):
            least[case.area] = min(bound, least.get(case.area, bound))
        return sum(least.values())
