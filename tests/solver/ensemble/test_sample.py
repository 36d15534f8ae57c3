"""Samples of towns of several areas: every plan obeys, sums are right, workers and kills change nothing."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redistrict.model.pins import Demand
from redistrict.model.plan import Plan
from redistrict.model.problem import AreaProblem, Problem, area_problem
from redistrict.model.result import Result
from redistrict.scenario.models import Solve
from redistrict.solver.costs import is_feasible
from redistrict.solver.ensemble.chains import list_segments, segment_task
from redistrict.solver.ensemble.sample import Sample, draw_sample
from redistrict.solver.measuring import Measure, Measuring
from redistrict.solver.search.area_options import Case
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import Truth, assert_is_plan, examples, grid, make_problem, tiny_cities, true_cost

MEASURES = (Measure.COST, Measure.CROSSING, Measure.BALANCE)


def draw_town(demands: tuple[Demand, ...] = ()) -> tuple[Problem, Result]:
    """Give two districts of 3 x 4 blocks, one of a single community beside them, and the best plan."""
    rng = np.random.default_rng(5)
    problem = make_problem(
        [(grid(3, 4), 12, (3,)), (grid(3, 4), 12, (2, 3)), (grid(1, 2), 2, (1,))],
        tolerance=0.5,
        household=lambda _: int(rng.integers(6, 12)),
        crossing=lambda _: int(rng.integers(40)),
    )
    problem = replace(problem, demands=demands)
    return problem, solve(problem, Solve(effort=0.02, workers=1))


def draw(problem: Problem, best: Result, workers: int = 1, journal: Journal | None = None) -> Sample:
    """Draw 300 plans by two chains."""
    rules = Solve(seed=4, workers=workers)
    found = draw_sample(problem, best, Measuring(problem, MEASURES), 2, 150, rules, Stop(math.inf), journal=journal)
    assert found is not None
    return found


def test_measures_of_areas_are_put_together(tmp_path: Path) -> None:
    """Those of the last plan of a chain are those of the plan by itself; what is not drawn is as in the plan."""
    problem, best = draw_town()
    assert best.plan is not None
    sample = draw(problem, best, journal=Journal(tmp_path / "out", "a"))
    assert sample.values.shape == (2, 150, 3)
    assert sample.n_plans == 300
    assert sample.own[0] == best.cost
    for plan, values in zip(sample.last, sample.values[:, -1], strict=True):
        assert values[0] == sum(cost_in(problem, plan, number) for number in range(3))
        inside = plan.assignment[problem.edges[:, 0]] == plan.assignment[problem.edges[:, 1]]
        assert values[1] == problem.crossing_cost[inside].sum()
    assert len({tuple(one.assignment.tolist()) for one in sample.last}) == 2
    assert not sample.is_drawn[problem.edges.min(axis=1) >= 24].any()
    assert (sample.together[:, ~sample.is_drawn] == 1).all(), "one community stays together"
    assert 0 < sample.together[:, sample.is_drawn].mean() < 1
    again = draw(problem, best, workers=2, journal=Journal(tmp_path / "out", "a"))
    fresh = draw(problem, best, workers=2)
    for other in (again, fresh):
        assert (other.values == sample.values).all()
        assert (other.together == sample.together).all()


def cost_in(problem: Problem, plan: Plan, number: int) -> int:
    """Count out what the part of a plan in an area costs."""
    labels = plan.assignment[list(problem.areas[number].blocks)]
    labels = np.unique(labels, return_inverse=True)[1]
    area = area_problem(problem, number, int(labels.max()) + 1)
    assert_is_plan(area, labels)
    return true_cost(area, labels)


def test_pins_hold_in_every_plan() -> None:
    """Blocks put together lie together in all plans, blocks kept apart in none; parts that pins divide are drawn."""
    pins = (
        Demand(1, "together", "", together=(0, 1)),
        Demand(2, "apart", "", apart=((4, 5),)),
        Demand(3, "count", "", own=(12, 13, 16, 17, 20, 21), count=1),
    )
    problem, best = draw_town(pins)
    sample = draw(problem, best)
    shares = {tuple(edge): sample.together[:, n] for n, edge in enumerate(problem.edges.tolist())}
    assert (shares[0, 1] == 1).all()
    assert (shares[4, 5] == 0).all()
    assert 0 < shares[1, 2].mean() < 1
    assert (shares[12, 13] == 1).all()
    assert (shares[13, 14] == 0).all()
    for plan, values in zip(sample.last, sample.values[:, -1], strict=True):
        assert values[0] == sum(cost_in(problem, plan, number) for number in range(3))


def test_a_sample_cut_short_is_none() -> None:
    """Where the time is up nothing is told."""
    problem, best = draw_town()
    stop = Stop(0.0)
    assert draw_sample(problem, best, Measuring(problem, MEASURES), 2, 150, Solve(workers=1), stop) is None


@pytest.mark.slow(covers=["redistrict/solver/ensemble/"])
@given(tiny_cities(max_blocks=8), st.integers(0, 9))
@examples(60)
def test_every_plan_drawn_obeys_all_limits(problem: AreaProblem, seed: int) -> None:
    """Whatever the limits are, no plan drawn breaks one, and with many draws nearly all plans are met."""
    assume(problem.n_communities > 1)
    truth = {frozenset(plan) for plan in Truth(problem).plans() if all(plan)}
    assume(truth)
    first = sorted(truth, key=lambda plan: sorted(map(sorted, plan)))[0]
    labels = np.empty(problem.n_blocks, dtype=np.int32)
    for number, members in enumerate(first):
        labels[sorted(members)] = number
    assert is_feasible(problem, labels)
    draws = segment_task(Case(0, problem, seed, labels), 0, 0, None, 60, Stop(math.inf), None)().draws
    met = {frozenset(frozenset(np.flatnonzero(one == c).tolist()) for c in np.unique(one)) for one in draws}
    assert met <= truth


def test_segments_hold_all_draws() -> None:
    """The first one does not count; the others hold what is asked for."""
    for n in (1, 50, 250, 251, 2_500):
        first, *others = list_segments(n)
        assert first >= 1
        assert sum(others) == n
