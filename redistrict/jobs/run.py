"""Run: scenario in, verified results out; the table of contents of the whole program."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from redistrict.errors import (
    InfeasibleScenarioError,
    InterruptedSolveError,
    OutputError,
    SolverError,
    VerificationError,
)
from redistrict.jobs.deliverable import describe, with_spent, write_deliverable
from redistrict.jobs.inputs import Inputs, read_inputs
from redistrict.judge import verify_files
from redistrict.messages import Message
from redistrict.model.problem import Problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.report.delivery import cannot_write, claimed, delivered_whole
from redistrict.report.failure import Foresight, explain_failure, foresee, list_conflicts
from redistrict.report.manifest import write_manifest
from redistrict.report.provenance import list_sources
from redistrict.report.run_log import logged
from redistrict.report.summary import Report
from redistrict.report.tables.files import write_report
from redistrict.scenario import Scenario
from redistrict.scenario.called import call_as_asked
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal, fingerprint
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop, interruptible
from redistrict.spent import list_spent, metered, spend
from redistrict.version import __version__

_log = logging.getLogger(__name__)

_READING = Message("Reading the data", "读取数据")
RESUMING = Message("Going on from what an unfinished run has found", "从上次未完成的求解继续")
_WRITING = Message("Writing and verifying the results", "输出并核验成果")
_SOLVE_SHARE = (0.05, 0.9)
Read = Callable[[Scenario], Inputs]
"""How the inputs of a scenario are come by."""


def run(
    scenario: Scenario, *, out: Path | str, overwrite: bool = False, on_progress: OnProgress | None = None
) -> Report:
    """Solve a scenario and deliver its results, verified and whole, to `out`.

    Raises
    ------
    DataError, OutputError
        Before anything is solved or written.
    InfeasibleScenarioError
        The totals, or a proof, say that no plan exists.
    SolverError, InterruptedSolveError
        No plan was found in time.
    VerificationError
        The judge refused the plan: `out` is as it was.
    """
    return run_reading(read_inputs, scenario, out=Path(out), overwrite=overwrite, on_progress=on_progress)


@metered()
def run_reading(
    read: Read, scenario: Scenario, *, out: Path, overwrite: bool = False, on_progress: OnProgress | None = None
) -> Report:
    """Do what `run` does with inputs that `read` gives, which others may have read before.

    Raises
    ------
    DataError, OutputError, InfeasibleScenarioError, SolverError, InterruptedSolveError, VerificationError
        As `run`.
    """
    call_as_asked(scenario)
    trace: list[Progress] = []

    def tell(progress: Progress) -> None:
        trace.append(progress)
        if on_progress is not None:
            on_progress(progress)

    with claimed(out, overwrite=overwrite, inputs=[source.path for _, source in list_sources(scenario)]):
        return _run(read, scenario, out, overwrite, tell, trace)


@dataclass(frozen=True, eq=False)
class Question:
    """What a scenario asks, read.

    Attributes
    ----------
    scenario : Scenario
    inputs : Inputs
    problem : Problem
    known : Foresight
        What is proved before any search.
    read_s : float
        Seconds that it took to read it.
    """

    scenario: Scenario
    inputs: Inputs
    problem: Problem
    known: Foresight
    read_s: float


def read_question(scenario: Scenario, read: Read = read_inputs) -> Question:
    """Read a scenario's data, and refuse what is proved to have no plan before anything is searched.

    Raises
    ------
    DataError, ScenarioError
        If the data cannot be used.
    InfeasibleScenarioError
        If the totals, places or pins say that no plan exists.
    """
    began = time.monotonic()
    inputs = read(scenario)
    problem = inputs.problem(scenario)
    with spend("read"):
        known = foresee(inputs.blocks, problem)
    hopeless = () if problem.frees else known.hopeless
    if refused := (*hopeless, *list_conflicts(inputs.blocks, problem)):
        raise InfeasibleScenarioError(refused)
    return Question(scenario, inputs, problem, known, round(time.monotonic() - began, 2))


def _run(read: Read, scenario: Scenario, out: Path, overwrite: bool, tell: OnProgress, trace: list[Progress]) -> Report:
    began = time.monotonic()
    tell(Progress(_READING, 0.0))
    asked = read_question(scenario, read)
    problem = asked.problem
    with logged("run", out, scenario=scenario.name) as end:
        result, journal = search(asked, out, tell)
        end["stopped_by"] = result.stopped_by.value
        tell(Progress(_WRITING, _SOLVE_SHARE[1], result.cost, result.bound, problem.per_metre))
        try:
            with delivered_whole(out, overwrite=overwrite) as folder:
                report = write_result(folder, asked, result, trace)
        except VerificationError:
            journal.remove()
            raise
        if not result.stopped_by.is_early:
            journal.remove()
    _log.info("Written and judged; %.1f s in all; CPU seconds (peak MiB): %s", time.monotonic() - began, list_spent())
    tell(Progress(_WRITING, 1.0, result.cost, result.bound, problem.per_metre))
    return replace(report, folder=str(out))


def search(asked: Question, out: Path, tell: OnProgress) -> tuple[Result, Journal]:
    """Search, from what an unfinished run has found if there is one, and keep what is found in a journal beside `out`.

    Raises
    ------
    OutputError, InfeasibleScenarioError, SolverError, InterruptedSolveError
        As `run`.
    """
    rules, problem, start = asked.scenario.solve, asked.problem, asked.inputs.start
    journal = Journal(out, fingerprint(__version__, problem, rules.seed, rules.effort, rules.method, start))
    if journal.n_kept:
        tell(Progress(RESUMING, _SOLVE_SHARE[0]))
    try:
        return _solve(asked, tell, journal), journal
    except OSError as error:
        raise OutputError(cannot_write(out, error)) from error


def _solve(asked: Question, tell: OnProgress, journal: Journal) -> Result:
    scenario, inputs, problem = asked.scenario, asked.inputs, asked.problem
    low, high = _SOLVE_SHARE
    known = asked.known.areas

    def pass_on(progress: Progress) -> None:
        tell(replace(progress, fraction=low + progress.fraction * (high - low), per_metre=problem.per_metre))

    stop = Stop(scenario.solve.time_limit_s)
    with interruptible(stop), spend("search"):
        result = solve(problem, scenario.solve, stop, pass_on, start=inputs.start, journal=journal, hopeless=known)
    if result.plan is not None:
        return result
    if not result.stopped_by.is_early:
        journal.remove()
    reasons = explain_failure(inputs.blocks, problem, result)
    if result.status is SolveStatus.INFEASIBLE:
        raise InfeasibleScenarioError(reasons)
    if result.stopped_by is StoppedBy.INTERRUPT:
        raise InterruptedSolveError(reasons)
    raise SolverError(reasons)


def write_result(folder: Path, asked: Question, result: Result, trace: Sequence[Progress]) -> Report:
    """Write every file, let the judge read them all, put the verdict into the report, and list what is there.

    Raises
    ------
    VerificationError
        The judge refused the plan.
    """
    measured = {"timings_s": {"read": asked.read_s, "solve": round(result.runtime_s, 2)}}
    notes = asked.known.hopeless
    made = describe(asked.scenario, asked.inputs, asked.problem, result, measured=measured, notes=notes)
    write_deliverable(folder, made, trace=trace)
    write_report(folder / "report.json", made.report)
    with spend("judging"):
        verification = verify_files(made.report.scenario, folder)
    if not verification.ok:
        raise VerificationError([violation.message for violation in verification.violations])
    judged = replace(with_spent(made.report), verification=verification)
    write_report(folder / "report.json", judged)
    write_manifest(folder, made.report.scenario)
    return judged
