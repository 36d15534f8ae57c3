"""Ensembles: scenario in, its plan out and where it stands among thousands of valid plans drawn at random."""

import time
from dataclasses import dataclass
from pathlib import Path

from redistrict.errors import InterruptedSolveError, ScenarioError, SolverError
from redistrict.jobs.run import Question, search
from redistrict.jobs.several import as_result, deliver_several, measured, searching_on, write_plans
from redistrict.messages import Message
from redistrict.model.problem import Problem
from redistrict.model.result import Result, StoppedBy
from redistrict.report.ensemble.content import PLAN, Ensemble, place_of, stand
from redistrict.report.ensemble.page import write_ensemble_page
from redistrict.report.ensemble.tables import write_ensemble_tables
from redistrict.scenario import Scenario
from redistrict.solver.ensemble.sample import Sample, draw_sample
from redistrict.solver.measuring import Measure, Measuring
from redistrict.solver.tasks.journal import Journal, fingerprint
from redistrict.solver.tasks.progress import OnProgress, told_between

__all__ = ["Ensemble", "make_ensemble"]

_BEST, _DRAWN = 0.2, 0.8
"""Shares of the progress told until the plan is found, and until all others are drawn."""
_CUT_SHORT = Message(
    "The time was up before all plans were drawn. What was drawn is kept: run again to go on from there, or with more "
    "solve.time_limit_s.",
    "到达时间限制时尚未抽完全部方案。已抽取的部分已保存：重新运行即从断点继续，或增大 solve.time_limit_s。",
)
_STRUCK = Message(
    "Stopped before all plans were drawn. What was drawn is kept: run again to go on from there.",
    "抽取未完成即被中断。已抽取的部分已保存，重新运行即从断点继续。",
)


def make_ensemble(
    scenario: Scenario,
    n_plans: int,
    n_chains: int,
    *,
    out: Path | str,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Ensemble:
    """Find the plan of a scenario, draw others at random under the same limits, and say where it stands among them.

    `plan` is the result that `run` makes; `chain-1` and on are the last plans of the chains, each a result, too. The
    time limit of the scenario holds for the plan that it asks for, and once more for drawing.

    Parameters
    ----------
    n_plans : int
        As many at least; each chain gives the same number.

    Raises
    ------
    ScenarioError
        If communities are only merged: there is nothing to draw.
    SolverError, InterruptedSolveError
        As `run`; and where not all plans were drawn.
    DataError, OutputError, InfeasibleScenarioError, VerificationError
        As `run`.
    """
    out, tell = Path(out), on_progress or (lambda _: None)
    return deliver_several(
        "ensemble",
        scenario,
        out,
        lambda asked: _search(asked, -(-n_plans // n_chains), n_chains, out, tell),
        lambda folder, asked, searched: _write(folder, asked, searched, told_between(tell, _DRAWN, 1.0)),
        tell,
        overwrite=overwrite,
    )


@dataclass(frozen=True, eq=False)
class _Searched:
    """The plan of the scenario and the last ones drawn as results, the sample, and the problem it is measured by."""

    results: tuple[Result, ...]
    problem: Problem
    sample: Sample
    stopped: StoppedBy


def _search(asked: Question, n_draws: int, n_chains: int, out: Path, tell: OnProgress) -> tuple[_Searched, Journal]:
    """Search for the plan of the scenario, and draw the others."""
    measures = list_measures(asked)
    best, journal = search(asked, out, told_between(tell, 0.0, _BEST))
    began, rules = time.monotonic(), asked.scenario.solve
    problem = measured(asked, measures)
    assert best.plan is not None, "a search without a plan is refused"
    part = journal.part(fingerprint(best.plan.assignment, n_chains, n_draws))
    with searching_on(asked, best, out) as stop:
        sample = draw_sample(
            asked.problem,
            best,
            Measuring(problem, measures),
            n_chains,
            n_draws,
            rules,
            stop,
            told_between(tell, _BEST, _DRAWN),
            journal=part,
        )
    if sample is None:
        raise InterruptedSolveError(_STRUCK) if stop.reason is StoppedBy.INTERRUPT else SolverError(_CUT_SHORT)
    seconds = time.monotonic() - began
    others = (as_result(asked, best, plan, seconds) for plan in sample.last)
    return _Searched((best, *others), problem, sample, best.stopped_by), journal


def list_measures(asked: Question) -> tuple[Measure, ...]:
    """Give the measures that have a meaning in this scenario.

    Raises
    ------
    ScenarioError
        If communities are only merged.
    """
    change = asked.scenario.communities.change
    if change != "redraw":
        raise ScenarioError(
            Message(
                f"communities.change: {change}: an ensemble draws plans that redraw; set change: redraw.",
                f"communities.change: {change}：随机方案集合只适用于重划方案，请改为 redraw。",
            )
        )
    knows_today = asked.inputs.records.current is not None
    has_outlines = asked.scenario.output.boundary != "edge"
    return (
        Measure.COST,
        Measure.CROSSING,
        *([Measure.MOVED] if knows_today else []),
        Measure.BALANCE,
        *([Measure.COMPACTNESS] if has_outlines else []),
    )


def _write(folder: Path, asked: Question, searched: _Searched, tell: OnProgress) -> Ensemble:
    """Write the plan and the last ones drawn as results of their own, judged, and where the plan stands."""
    inputs, chains = asked.inputs, range(searched.sample.n_chains)
    write_plans([folder / PLAN, *(folder / place_of(n) for n in chains)], asked, searched.results, tell)
    plan = searched.results[0].plan
    assert plan is not None, "a search without a plan is refused"
    found = stand(asked.scenario, inputs.blocks.ids, searched.problem, plan, searched.sample, inputs.graph.cells)
    write_ensemble_page(folder / "ensemble.html", found)
    write_ensemble_tables(folder, found)
    return found
