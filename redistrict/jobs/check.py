"""Check: everything short of solving, and what can be reached."""

from redistrict.errors import InfeasibleScenarioError
from redistrict.jobs.inputs import read_inputs
from redistrict.messages import Message
from redistrict.report.check import CheckReport, build_check
from redistrict.scenario import Scenario

__all__ = ["CheckReport", "check"]


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
    around_means = scenario.communities.around == "means"
    return build_check(inputs.blocks, inputs.graph, problem, problems, around_means=around_means)
