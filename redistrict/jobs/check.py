"""Check: everything short of solving, what can be reached, and whether the results have a place to go."""

from dataclasses import replace
from pathlib import Path

from redistrict.errors import InfeasibleScenarioError
from redistrict.jobs.inputs import Inputs, read_inputs
from redistrict.messages import Message
from redistrict.model.problem import Problem
from redistrict.report.check import CheckReport, build_check
from redistrict.report.delivery import check_free
from redistrict.report.provenance import list_sources
from redistrict.scenario import Scenario
from redistrict.standards.foresight import foresee_clauses
from redistrict.standards.foretold import Outlook
from redistrict.standards.growth import list_years

__all__ = ["CheckReport", "check", "check_destination"]


def check(scenario: Scenario) -> CheckReport:
    """Do everything short of solving, and say what can be reached.

    Raises
    ------
    DataError, ScenarioError
        If the data cannot be used.
    """
    inputs = read_inputs(scenario)
    problems: tuple[Message, ...] = ()
    try:
        problem = inputs.problem(scenario)
    except InfeasibleScenarioError as error:
        problems = error.problems
        problem = inputs.problem(scenario, exceptions="widen")
    outlook = look_out(inputs, scenario, problem, problems)
    foreseen = foresee_clauses(inputs.packs, outlook, _list_deliveries(inputs, scenario))
    around_means = scenario.communities.around == "means"
    return build_check(
        inputs.blocks,
        inputs.graph,
        problem,
        problems,
        findings=(*inputs.findings, *foreseen),
        around_means=around_means,
    )


def look_out(inputs: Inputs, scenario: Scenario, problem: Problem, refused: tuple[Message, ...] = ()) -> Outlook:
    """Give what clauses are foreseen by; areas that are `refused` are left out."""
    areas = tuple(area for area in problem.areas if area.exception not in refused)
    return Outlook(
        blocks=inputs.blocks,
        problem=replace(problem, areas=areas),
        graph=inputs.graph,
        surroundings=inputs.surroundings,
        sites=inputs.records.sites,
        standards=scenario.standards,
        grids=scenario.grids,
    )


def _list_deliveries(inputs: Inputs, scenario: Scenario) -> dict[int, dict[str, list[int]]]:
    """Give what is delivered to each block by the end of every year looked at."""
    projects, blocks = inputs.records.projects, inputs.blocks
    if projects is None:
        return {}
    return {
        year: dict(zip(blocks.quantities, projects.added_by(year, len(blocks)).T.tolist(), strict=True))
        for year in list_years(projects, scenario.standards.growth.years)
    }


def check_destination(scenario: Scenario, *, out: Path, overwrite: bool) -> None:
    """Refuse a result folder that holds something else, or that would be replaced without leave.

    Raises
    ------
    OutputError
        Saying what stands in the way.
    """
    check_free(out, overwrite=overwrite, inputs=[source.path for _, source in list_sources(scenario)])
