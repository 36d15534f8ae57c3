"""Run: scenario in, verified results out; the table of contents of the whole program."""

import logging
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from redistrict.errors import (
    InfeasibleScenarioError,
    InterruptedSolveError,
    SolverError,
    VerificationError,
)
from redistrict.geo.outlines import draw_plan
from redistrict.jobs.check import check_destination
from redistrict.jobs.inputs import Inputs, read_inputs
from redistrict.judge import verify_files
from redistrict.judge.verification import Verification
from redistrict.messages import Message
from redistrict.model.problem import Problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.report.delivery import delivered_whole
from redistrict.report.exports import write_exports
from redistrict.report.failure import explain_failure, foresee
from redistrict.report.layers import Layers, build_layers
from redistrict.report.manifest import write_manifest
from redistrict.report.map.html import MapPage, write_map
from redistrict.report.map.page import build_page
from redistrict.report.pictures.diagnosis import choose_lettering
from redistrict.report.provenance import collect_provenance
from redistrict.report.summary import Report, build_report
from redistrict.report.tables.files import write_plan, write_report
from redistrict.report.tables.office import write_office
from redistrict.scenario import Scenario, dump_scenario
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal, fingerprint
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop, interruptible
from redistrict.standards.city import PlannedCity
from redistrict.standards.office import count_office
from redistrict.version import __version__

_log = logging.getLogger(__name__)

_READING = Message("Reading the data", "读取数据")
_RESUMING = Message("Going on from what an unfinished run has found", "从上次未完成的求解继续")
_WRITING = Message("Writing and verifying the results", "输出并核验成果")
_SOLVE_SHARE = (0.05, 0.9)


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
    out = Path(out)
    trace: list[Progress] = []

    def tell(progress: Progress) -> None:
        trace.append(progress)
        if on_progress is not None:
            on_progress(progress)

    check_destination(scenario, out=out, overwrite=overwrite)
    began = time.monotonic()
    tell(Progress(_READING, 0.0))
    inputs = read_inputs(scenario)
    problem = inputs.problem(scenario)
    known = foresee(inputs.blocks, problem)
    if known.hopeless and not problem.frees:
        raise InfeasibleScenarioError(known.hopeless)
    read_s = time.monotonic() - began
    search = scenario.solve
    journal = Journal(out, fingerprint(__version__, problem, search.seed, search.effort, search.method, inputs.start))
    if journal.n_kept:
        tell(Progress(_RESUMING, _SOLVE_SHARE[0]))
    result = _solve(scenario, inputs, problem, tell, journal, known.areas)
    tell(Progress(_WRITING, _SOLVE_SHARE[1], result.cost, result.bound))
    city = _planned(scenario, inputs, problem, result)
    report, layers, page = _describe(city, read_s)
    lettering, font_notes = choose_lettering(scenario.output.language)
    report = replace(report, notes=(*report.notes, *known.hopeless, *font_notes))
    try:
        with delivered_whole(out, overwrite=overwrite) as folder:
            write_exports(folder, report, layers, city.surroundings, trace=trace, lettering=lettering)
            verification = _write(folder, report, layers, page)
    except VerificationError:
        journal.remove()
        raise
    if not result.stopped_by.is_early:
        journal.remove()
    _log.info("Written and judged; %.1f s in all", time.monotonic() - began)
    tell(Progress(_WRITING, 1.0, result.cost, result.bound))
    return replace(report, verification=verification, folder=str(out))


def _planned(scenario: Scenario, inputs: Inputs, problem: Problem, result: Result) -> PlannedCity:
    """Draw the plan, and today's, and put them to what they were made from."""
    assert result.plan is not None, "_solve refuses a result without a plan"
    current, cells = inputs.records.current, inputs.graph.cells
    return PlannedCity(
        scenario=scenario,
        blocks=inputs.blocks,
        surroundings=inputs.surroundings,
        graph=inputs.graph,
        records=inputs.records,
        packs=inputs.packs,
        problem=problem,
        result=result,
        outlines=draw_plan(cells, result.plan.assignment),
        outlines_today=draw_plan(cells, current.of_block) if current else None,
    )


def _describe(city: PlannedCity, read_s: float) -> tuple[Report, Layers, MapPage]:
    """Count everything the office counts, and gather it into report, layers and map."""
    provenance = collect_provenance(city.scenario, dump_scenario(city.scenario))
    provenance["timings_s"] = {"read": round(read_s, 2), "solve": round(city.result.runtime_s, 2)}
    report = build_report(city, count_office(city), provenance)
    layers = build_layers(city, report)
    return report, layers, build_page(city, report, layers)


def _solve(
    scenario: Scenario,
    inputs: Inputs,
    problem: Problem,
    tell: OnProgress,
    journal: Journal,
    hopeless: Collection[int],
) -> Result:
    low, high = _SOLVE_SHARE

    def pass_on(progress: Progress) -> None:
        tell(replace(progress, fraction=low + progress.fraction * (high - low)))

    stop = Stop(scenario.solve.time_limit_s)
    with interruptible(stop):
        result = solve(problem, scenario.solve, stop, pass_on, start=inputs.start, journal=journal, hopeless=hopeless)
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


def _write(folder: Path, report: Report, layers: Layers, page: MapPage) -> Verification:
    """Write every file, let the judge read them all, put the verdict into the report, and list what is there."""
    scenario = report.scenario
    (folder / "scenario.yaml").write_text(dump_scenario(scenario), encoding="utf-8", newline="\n")
    write_plan(folder / "plan.csv", layers)
    write_office(folder, report.office)
    write_map(folder / "map.html", page)
    write_report(folder / "report.json", report)
    verification = verify_files(scenario, folder)
    if not verification.ok:
        raise VerificationError([violation.message for violation in verification.violations])
    write_report(folder / "report.json", replace(report, verification=verification))
    write_manifest(folder, scenario)
    return verification
