"""Contestants on one instance, judged alike."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from redistrict.bench.city import City, draw_city
from redistrict.bench.instances import Instance
from redistrict.bench.judge import judge_plan
from redistrict.bench.match import Outcome, Score, play
from redistrict.bench.record import build_ladders, case_rows, find_messages, score_rows
from redistrict.bench.rivals import Peer
from redistrict.model.problem import AreaProblem, area_problem
from redistrict.scenario.benchmark import BenchmarkCase, CityCase
from redistrict.solver.costs import plan_cost

pytestmark = pytest.mark.first
Floats = NDArray[np.float64]
CASE = BenchmarkCase(city=CityCase(blocks=80, communities=3, tolerance=0.2), effort=0.02)


@pytest.fixture(scope="module")
def town() -> Instance:
    """Give a small town in three communities."""
    problem, xy = draw_city(City(80, 3, 0.2))
    return Instance("town", CASE, problem, xy, best_known=1)


def run_stripes(area: AreaProblem, xy: Floats, seed: int, seconds: float) -> Iterator[NDArray[np.int32]]:
    """Cut the town into stripes."""
    yield np.clip(xy[:, 0] / (xy[:, 0].max() + 1) * area.n_communities, 0, None).astype(np.int32)


def run_nowhere(area: AreaProblem, xy: Floats, seed: int, seconds: float) -> Iterator[NDArray[np.int32]]:
    """Never come back from the real town."""
    yield from run_stripes(area, xy, seed, seconds)
    if seed > 0:
        time.sleep(3600)


def peer(function: str) -> Peer:
    """Make a peer of a function of this module."""
    return Peer(function, "numpy", __name__, function)


def test_the_judge_counts_torn_and_unbalanced_communities(town: Instance) -> None:
    """A plan in chequered labels is torn; one with a tiny community is outside the bounds."""
    chequered = (np.arange(80) % 3).astype(np.int32)
    verdict = judge_plan(town.problem, chequered)
    assert verdict.n_torn == 3
    assert not verdict.ok
    lopsided = np.zeros(80, dtype=np.int32)
    lopsided[[0, 1]] = 1, 2
    assert judge_plan(town.problem, lopsided).n_outside == 3


@pytest.mark.slow(covers=["redistrict/bench/"])
@pytest.mark.slow(covers=["redistrict/bench/"])
def test_all_are_judged_alike_and_a_hanging_peer_is_named(town: Instance) -> None:
    """We and the peers have valid plans, no dearer than the judge says, and who hangs keeps what it had."""
    outcome = play(town, [peer("run_stripes"), peer("run_nowhere")], seconds=20.0, workers=2)
    ours, (stripes, nowhere) = outcome.ours, outcome.peers
    assert ours.cost is not None
    assert stripes.cost is not None
    assert stripes.n_tried >= stripes.n_valid > 0
    assert "killed" in nowhere.note
    assert nowhere.n_tried > 0
    for score in (ours, stripes):
        assert score.trace[-1][1] == score.cost
        seconds, costs = zip(*score.trace, strict=True)
        assert list(seconds) == sorted(seconds)
        assert list(costs) == sorted(costs, reverse=True)
    assert outcome.best_peer is not None
    assert outcome.best_peer.cost == min(s.cost for s in outcome.peers if s.cost is not None)
    assert outcome.off_best_known == ours.cost - 1
    assert [row[1] for row in score_rows([outcome])] == ["redistrict", "run_stripes", "run_nowhere"]
    assert case_rows([outcome])[0][0] == "town"


@pytest.mark.slow(covers=["redistrict/bench/"])
def test_without_a_map_a_peer_that_needs_one_does_not_apply(town: Instance) -> None:
    """It is named, and nothing is run."""
    blind = replace(peer("run_stripes"), needs_map=True)
    outcome = play(replace(town, xy=None), [blind], seconds=20.0, workers=1)
    assert outcome.peers == (Score("run_stripes", note="does not apply: no map"),)


@pytest.fixture
def outcome() -> Outcome:
    """Give a city of 100 blocks solved in a second, without peers."""
    ours = Score("redistrict", 5, 1.0, first_s=1.0)
    return Outcome("town", "city", 100, 200, 3, 0.1, ours, "FEASIBLE", None, None, None, (), None, None)


def test_the_exponent_of_a_ladder_is_that_of_its_points(outcome: Outcome) -> None:
    """Twice the blocks in twice the time is an exponent of 1; another tolerance is another ladder."""
    larger = replace(outcome, n_blocks=1000, ours=replace(outcome.ours, first_s=10.0))
    other = replace(outcome, tolerance=0.05)
    strict, loose = build_ladders([outcome, larger, other])
    assert strict.exponent is None
    assert loose.exponent == pytest.approx(1.0)


def test_a_record_is_told_and_an_equal_cost_is_none(outcome: Outcome) -> None:
    """The cheapest of all contestants is named where it is below the best ever seen, or where none was known."""
    rival = Score("rival", 4, 1.0)
    assert "rival has the lowest cost ever seen, 4" in find_messages([replace(outcome, peers=(rival,))])[0].en
    assert find_messages([replace(outcome, peers=(rival,), best_known=4)]) == []


def test_a_cost_of_the_judge_is_that_of_the_solver(town: Instance) -> None:
    """Judge and solver agree on any partition of one area."""
    labels = np.repeat(np.arange(3, dtype=np.int32), [30, 30, 20])
    assert judge_plan(town.problem, labels).cost == plan_cost(area_problem(town.problem, 0, 3), labels)
