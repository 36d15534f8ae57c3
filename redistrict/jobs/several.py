"""Several plans of one scenario: searched after the best one, and delivered together, each judged, with a page."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from redistrict.errors import OutputError, VerificationError
from redistrict.jobs.remake import nothing_known
from redistrict.jobs.run import Question, read_question, write_result
from redistrict.messages import Message
from redistrict.model.measures import plan_cost_parts
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.report.delivery import cannot_write, claimed, delivered_whole
from redistrict.report.manifest import write_manifest
from redistrict.report.provenance import list_sources
from redistrict.report.run_log import logged
from redistrict.scenario import Scenario
from redistrict.solver.measuring import Measure
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop, interruptible
from redistrict.spent import metered

_log = logging.getLogger(__name__)
_READING = Message("Reading the data", "读取数据")
_ANY_OUTLINE = 1e-3
"""A least compactness that every outline has: so that it is measured."""


class Searched(Protocol):
    """What a search gives, and what ended it."""

    @property
    def stopped(self) -> StoppedBy: ...  # noqa: D102


class Delivered(Protocol):
    """What is delivered besides the plans."""

    @property
    def n_plans(self) -> int: ...  # noqa: D102


_S = TypeVar("_S", bound=Searched)
_D = TypeVar("_D", bound=Delivered)


@metered()
def deliver_several(
    command: str,
    scenario: Scenario,
    out: Path,
    search: Callable[[Question], tuple[_S, Journal]],
    write: Callable[[Path, Question, _S], _D],
    tell: OnProgress,
    *,
    overwrite: bool,
) -> _D:
    """Read a scenario, search, and put what is written into `out`, whole; what was searched is kept until it is there.

    Raises
    ------
    DataError, OutputError, InfeasibleScenarioError, SolverError, InterruptedSolveError, VerificationError
        As `run`.
    """
    with claimed(out, overwrite=overwrite, inputs=[source.path for _, source in list_sources(scenario)]):
        began = time.monotonic()
        tell(Progress(_READING, 0.0))
        asked = read_question(scenario)
        with logged(command, out, scenario=scenario.name) as end:
            searched, journal = search(asked)
            end["stopped_by"] = searched.stopped.value
            try:
                with delivered_whole(out, overwrite=overwrite) as folder:
                    found = write(folder, asked, searched)
                    write_manifest(folder, asked.scenario)
            except VerificationError:
                journal.remove()
                raise
            if not searched.stopped.is_early:
                journal.remove()
        _log.info("%d plans written and judged; %.1f s in all", found.n_plans, time.monotonic() - began)
    return found


@contextmanager
def searching_on(asked: Question, best: Result, out: Path) -> Iterator[Stop]:
    """Give the limit for what is searched after the best plan: the time of the scenario once more, and the user.

    Where the user has ended the search for the best one, it is over from the start.

    Raises
    ------
    OutputError
        If what is found cannot be kept beside `out`.
    """
    stop = Stop(asked.scenario.solve.time_limit_s)
    if best.stopped_by is StoppedBy.INTERRUPT:
        stop.interrupt()
    try:
        with interruptible(stop):
            yield stop
    except OSError as error:
        raise OutputError(cannot_write(out, error)) from error


def write_plans(
    places: Sequence[Path],
    asked: Question,
    results: Sequence[Result],
    tell: OnProgress,
    trace: Sequence[Progress] = (),
) -> None:
    """Write each plan as a result of its own, judged; `trace` is what the search for the first has told."""
    for n, (place, result) in enumerate(zip(places, results, strict=True)):
        phase = Message(
            f"Writing and verifying plan {n + 1} of {len(places)}", f"输出并核验第 {n + 1}/{len(places)} 个方案"
        )
        tell(Progress(phase, n / len(places), result.cost, result.bound, result.per_metre))
        place.mkdir()
        write_result(place, asked, result, () if n else trace)


def as_result(asked: Question, best: Result, plan: Plan, seconds: float) -> Result:
    """Put another plan as a result: the bound of the best holds for it, too, and nothing else is proved."""
    cost = plan_cost_parts(asked.problem, plan).total
    is_optimal = best.bound == cost
    return Result(
        plan=plan,
        status=SolveStatus.OPTIMAL if is_optimal else SolveStatus.FEASIBLE,
        stopped_by=StoppedBy.PROOF if is_optimal else StoppedBy.EFFORT,
        cost=cost,
        bound=best.bound,
        areas=tuple(nothing_known(area.exceptions) for area in best.areas),
        runtime_s=seconds,
        per_metre=best.per_metre,
    )


def measured(asked: Question, measures: Collection[Measure]) -> Problem:
    """Give the problem with all that measures need to know of it."""
    communities = asked.scenario.communities
    changes: dict[str, float] = {}
    if Measure.MOVED in measures and communities.max_moved_share is None:
        changes["max_moved_share"] = 1.0
    if Measure.COMPACTNESS in measures and communities.min_compactness is None:
        changes["min_compactness"] = _ANY_OUTLINE
    if not changes:
        return asked.problem
    wider = asked.scenario.model_copy(update={"communities": communities.model_copy(update=changes)})
    return asked.inputs.problem(wider)
