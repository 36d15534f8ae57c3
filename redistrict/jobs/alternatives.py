"""Alternatives: scenario in, several verified results out that differ from each other, and a page to choose by."""

import time
from dataclasses import dataclass
from pathlib import Path

from redistrict.jobs.run import Question, search
from redistrict.jobs.several import as_result, deliver_several, searching_on, write_plans
from redistrict.model.problem import count_residents
from redistrict.model.result import Result, StoppedBy
from redistrict.report.alternatives.content import Alternatives, gather_alternatives
from redistrict.report.alternatives.page import write_alternatives_page
from redistrict.report.alternatives.table import write_alternatives_table
from redistrict.scenario import Scenario
from redistrict.solver.alternatives import Wish, find_alternatives
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.progress import OnProgress, Progress, told_between

__all__ = ["Alternatives", "Wish", "make_alternatives"]

_BEST, _SEARCHED = 0.3, 0.7
"""Shares of the progress told until the best plan is found, and until the others are."""


def make_alternatives(
    scenario: Scenario, wish: Wish, *, out: Path | str, overwrite: bool = False, on_progress: OnProgress | None = None
) -> Alternatives:
    """Find plans that differ from each other, and deliver each, with a page that compares them, to `out`, whole.

    `1` is the result that `run` makes; `2` and on are the others: fewer than wished for where no more are found. The
    time limit of the scenario holds for the first, and once more for all others together.

    Raises
    ------
    DataError, OutputError, InfeasibleScenarioError, SolverError, InterruptedSolveError, VerificationError
        As `run`.
    """
    out, tell = Path(out), on_progress or (lambda _: None)
    return deliver_several(
        "alternatives",
        scenario,
        out,
        lambda asked: _search(asked, wish, out, tell),
        lambda folder, asked, searched: _write(folder, asked, wish, searched, told_between(tell, _SEARCHED, 1.0)),
        tell,
        overwrite=overwrite,
    )


@dataclass(frozen=True, eq=False)
class _Searched:
    """The plans, the best first, what ended the search, and what it told of itself until the best was found."""

    results: tuple[Result, ...]
    stopped: StoppedBy
    trace: tuple[Progress, ...]


def _search(asked: Question, wish: Wish, out: Path, tell: OnProgress) -> tuple[_Searched, Journal]:
    """Search for the best plan, and for the others."""
    trace: list[Progress] = []
    tell_best = told_between(tell, 0.0, _BEST)

    def keep(progress: Progress) -> None:
        trace.append(progress)
        tell_best(progress)

    best, journal = search(asked, out, keep)
    others: tuple[Result, ...] = ()
    stopped = best.stopped_by
    if stopped is not StoppedBy.INTERRUPT:
        others, stopped = _search_others(asked, best, wish, out, tell, journal)
    return _Searched((best, *others), stopped, tuple(trace)), journal


def _search_others(
    asked: Question, best: Result, wish: Wish, out: Path, tell: OnProgress, journal: Journal
) -> tuple[tuple[Result, ...], StoppedBy]:
    """Search for the other plans, and say what ended that."""
    began, rules = time.monotonic(), asked.scenario.solve
    with searching_on(asked, best, out) as stop:
        plans = find_alternatives(
            asked.problem,
            best,
            count_residents(asked.inputs.blocks),
            wish,
            rules,
            stop,
            told_between(tell, _BEST, _SEARCHED),
            journal=journal,
            hopeless=asked.known.areas,
        )
    seconds = time.monotonic() - began
    reason = stop.reason if len(plans) < wish.count else None
    return tuple(as_result(asked, best, plan, seconds) for plan in plans[1:]), reason or best.stopped_by


def _write(folder: Path, asked: Question, wish: Wish, searched: _Searched, tell: OnProgress) -> Alternatives:
    """Write each plan as a result of its own, judged, and what compares them."""
    places = [folder / f"{n}" for n in range(1, len(searched.results) + 1)]
    write_plans(places, asked, searched.results, tell, searched.trace)
    found = gather_alternatives(places, wish, searched.stopped)
    write_alternatives_page(folder / "alternatives.html", found)
    write_alternatives_table(folder / "alternatives.csv", found)
    return found
