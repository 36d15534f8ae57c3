"""The whole search: valid plans, honest statuses, the same plan every time."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from redistrict.model.areas import Area, Limits
from redistrict.model.dear import DearLevel, build_dear_levels
from redistrict.model.problem import AreaProblem, Problem, area_problem
from redistrict.model.result import AreaResult, Result, SolveStatus, StoppedBy
from redistrict.scenario.models import Solve
from redistrict.solver import strategy
from redistrict.solver.exact import length_bound
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.progress import Progress
from redistrict.solver.tasks.stop import Stop

from .maps import Truth, assert_is_plan, examples, grid, make_problem, path, star, tiny_areas, true_cost

pytestmark = pytest.mark.first
Method = Literal["auto", "exact", "search"]
QUICK = Solve(effort=0.05, workers=2, method="search")


def run(problem: Problem, rules: Solve = QUICK, *, time_limit_s: float = 120.0) -> Result:
    return solve(problem, rules, Stop(time_limit_s))


def cost_of(result: Result | AreaResult) -> int:
    """Give the cost of a result that must have a plan."""
    assert result.cost is not None
    return result.cost


def bound_of(result: Result | AreaResult) -> int:
    """Give the bound of a result that must have one."""
    assert result.bound is not None
    return result.bound


def labels_of(result: Result) -> NDArray[np.int32]:
    """Give the assignment of a result that must have a plan."""
    assert result.plan is not None
    return result.plan.assignment


class CountedStop(Stop):
    """A stop that counts how often it is asked while there is a reason to stop."""

    n_late = 0

    @property
    def reason(self) -> StoppedBy | None:
        """Why to stop now, or none."""
        found = super().reason
        self.n_late += found is not None
        return found


def assert_left_alone(stop: CountedStop, told: list[Progress]) -> None:
    """Check that what was still waiting was not begun: a task that does anything asks again and again."""
    assert 0 < stop.n_late <= len(told) + 20


def two_towns() -> Problem:
    """Give a grid of 8 x 8 blocks in 5 or 6 communities and one of 5 x 6 in 3."""
    return make_problem([(grid(8, 8), 64, [5, 6]), (grid(5, 6), 30, [3])])


def as_problem(area: AreaProblem) -> Problem:
    """Give the problem of which this is the only area."""
    limits = Limits(area.n_communities, tuple(area.target), tuple(area.lower.tolist()), tuple(area.upper.tolist()))
    total = tuple(int(t) for t in area.size.sum(axis=0))
    return Problem(
        quantities=("households", "people"),
        size=area.size,
        edges=area.edges,
        crossing_cost=np.maximum(area.edge_weight, 0),
        boundary_cost=np.maximum(-area.edge_weight, 0),
        deviation_rate=area.deviation_rate,
        areas=(Area("all", "all", tuple(range(area.n_blocks)), total, (limits,)),),
    )


def assert_obeys(problem: Problem, result: Result) -> None:
    """Check the plan of every area and that all costs add up."""
    assert result.cost == sum(cost_of(area) for area in result.areas)
    assert result.bound == sum(bound_of(area) for area in result.areas)
    labels = labels_of(result)
    for number, (area, found) in enumerate(zip(problem.areas, result.areas, strict=True)):
        inner = area_problem(problem, number, found.n_communities)
        assert_is_plan(inner, found.assignment)
        assert true_cost(inner, found.assignment) == cost_of(found)
        options = [area_problem(problem, number, option.n_communities) for option in area.options]
        assert cost_of(found) >= bound_of(found) >= min(map(edge_bound, options))
        blocks = list(area.blocks)
        together = np.equal.outer(np.array(found.assignment), np.array(found.assignment))
        assert np.array_equal(np.equal.outer(labels[blocks], labels[blocks]), together)
    assert len(np.unique(labels)) == sum(found.n_communities for found in result.areas)


@examples(12)
@given(tiny_areas())
def test_search_finds_a_valid_plan_where_one_exists(area: AreaProblem) -> None:
    """On tiny maps the search finds a plan whenever there is one, never one cheaper than the optimum."""
    result, optimum = run(as_problem(area)), Truth(area).optimum
    if optimum is None:
        assert result.plan is None
        assert result.status in (SolveStatus.UNKNOWN, SolveStatus.INFEASIBLE)
    else:
        assert_obeys(as_problem(area), result)
        assert bound_of(result) <= optimum <= cost_of(result)


@examples(15)
@given(tiny_areas())
def test_small_areas_are_proved(area: AreaProblem) -> None:
    """With the method `auto` a tiny map ends OPTIMAL at the optimum, or INFEASIBLE when there is no plan."""
    result, optimum = run(as_problem(area), Solve(effort=0.05, workers=2)), Truth(area).optimum
    assert result.stopped_by is StoppedBy.PROOF
    if optimum is None:
        assert result.status is SolveStatus.INFEASIBLE
    else:
        assert result.status is SolveStatus.OPTIMAL
        assert result.cost == result.bound == optimum
        assert result.gap == 0.0


def test_every_area_is_divided_inside_its_bounds() -> None:
    """Areas are divided apart from each other; bounds and contiguity hold in each."""
    problem = two_towns()
    result = run(problem)
    assert result.status in (SolveStatus.FEASIBLE, SolveStatus.OPTIMAL)
    assert_obeys(problem, result)


@pytest.mark.slow(covers=["redistrict/solver/"])
def test_threes_are_redrawn_where_much_effort_is_asked_for() -> None:
    """All pairs are certified at any effort, and with twice the effort the threes, too: here all of them are proved."""
    problem = make_problem([(grid(5, 6), 30, [5])])
    usual, more = (run(problem, Solve(effort=effort, workers=2, method="search")).areas[0] for effort in (1.0, 2.0))
    assert usual.local.pairs_proved == usual.local.pairs > 0
    assert usual.local.triples == 0
    assert more.local.triples_proved == more.local.triples > 0
    assert cost_of(more) <= cost_of(usual)


def test_where_streets_are_dear_their_own_plans_are_where_the_search_begins() -> None:
    """Nobody changes street where that costs the earth, with any number of workers, and progress never goes back."""
    street = np.arange(12 * 8) // 8 // 4
    town = make_problem([(grid(12, 8), 12 * 8, [6])], tolerance=0.15)
    dear = replace(town, dear=build_dear_levels([DearLevel(street, 10_000)], town.size[:, 1]))
    told: list[float] = []
    found = solve(
        dear, Solve(effort=0.01, method="search"), on_progress=lambda progress: told.append(progress.fraction)
    )
    again = solve(dear, Solve(effort=0.01, method="search", workers=1))
    assert told == sorted(told)
    assert max(told) <= 1
    assert found.plan is not None
    assert again.plan is not None
    assert np.array_equal(found.plan.assignment, again.plan.assignment)
    assert dear.dear is not None
    assert dear.dear.cost(found.plan.assignment, 6).tolist() == [0] * 6


def test_cheapest_number_of_communities_is_taken() -> None:
    """Of several numbers allowed the cheapest wins: here fewer communities, for they need less boundary."""
    costs = {}
    for counts in ([2], [3], [4], [2, 3, 4]):
        problem = make_problem([(grid(3, 4), 12, counts)], tolerance=0.5, crossing=lambda _: 0)
        result = run(problem, Solve(effort=0.3, workers=2, method="exact"))
        assert result.status is SolveStatus.OPTIMAL
        assert_obeys(problem, result)
        costs[tuple(counts)] = cost_of(result)
    assert costs[2, 3, 4] == min(costs[2,], costs[3,], costs[4,])


def test_bound_holds_for_all_numbers_of_communities_allowed() -> None:
    """A number of communities that is not proved worse keeps the area from being called proved."""
    problem = make_problem([(grid(8, 8), 64, [1, 5])], tolerance=0.6)
    result = run(problem)
    alone = [run(make_problem([(grid(8, 8), 64, [k])], tolerance=0.6)) for k in (1, 5)]
    assert alone[0].status is SolveStatus.OPTIMAL
    assert result.cost == min(cost_of(r) for r in alone)
    assert result.bound == min(bound_of(r) for r in alone)
    assert (result.status is SolveStatus.OPTIMAL) == (result.stopped_by is StoppedBy.PROOF)
    assert (result.areas[0].status is SolveStatus.OPTIMAL) == (bound_of(result) >= cost_of(result))


def test_the_plan_does_not_depend_on_the_bound_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`full` searches for a bound, `quick` adds up edges, and with `none` neither result nor progress has one."""
    problem, found = make_problem([(grid(6, 6), 36, [4]), ([], 1, [1])]), dict[str, Result]()
    found["full"] = run(problem)
    monkeypatch.delattr(strategy, "price_bound")
    for bound in ("quick", "none"):
        told: list[Progress] = []
        found[bound] = solve(problem, QUICK.model_copy(update={"bound": bound}), on_progress=told.append)
        assert any(progress.bound is not None for progress in told) == (bound == "quick")
    full, quick, none = (found[bound] for bound in ("full", "quick", "none"))
    assert labels_of(full).tolist() == labels_of(quick).tolist() == labels_of(none).tolist()
    assert_obeys(problem, quick)
    assert quick.areas[0].bound == edge_bound(area_problem(problem, 0, 4)) <= bound_of(full.areas[0])
    assert (none.status, none.bound, none.gap, none.areas[0].bound) == (SolveStatus.FEASIBLE, None, None, None)
    assert none.areas[1].status is SolveStatus.OPTIMAL
    assert none.areas[1].bound is not None
    said = none.summary()[0]
    assert said.en.endswith("weighted metres, no bound asked for (not proved the best; the effort is spent).")
    assert "未求下界" in said.zh


def test_what_is_proved_is_proved_whatever_bound_is_asked_for() -> None:
    """The exact model of a small area says that no plan is better: that is the bound."""
    problem = make_problem([(grid(3, 4), 12, [2])], tolerance=0.5)
    result = run(problem, Solve(effort=0.3, workers=2, bound="none"))
    assert (result.status, result.bound) == (SolveStatus.OPTIMAL, result.cost)


def test_areas_without_roads_have_a_bound_from_several_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every edge is better kept the edges alone prove nothing; what weighs too much must be cut all the same."""
    monkeypatch.setattr(length_bound, "_MOST_BLOCKS", 40)
    problem = make_problem([(grid(8, 8), 64, [5])], crossing=lambda _: 0)
    result = run(problem)
    assert cost_of(result) >= bound_of(result) > edge_bound(area_problem(problem, 0, 5)) + 50


def test_one_community_is_the_whole_area() -> None:
    """With one community there is nothing to search: the plan is proved at once."""
    problem = make_problem([(path(5), 5, [1]), ([], 1, [1])])
    result = run(problem)
    assert result.status is SolveStatus.OPTIMAL
    assert result.stopped_by is StoppedBy.PROOF
    assert_obeys(problem, result)
    assert labels_of(result).tolist() == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("method", ["auto", "search"])
def test_one_community_outside_its_bounds_is_infeasible(method: Method) -> None:
    """The whole area is the only plan, so bounds it misses are a proof, with the miss named."""
    problem = make_problem([(path(5), 5, [1])], tolerance=-0.2)
    result = run(problem, Solve(effort=0.05, method=method))
    assert result.status is SolveStatus.INFEASIBLE
    assert result.stopped_by is StoppedBy.PROOF
    assert (result.plan, result.cost, result.bound, result.gap) == (None, None, None, None)
    assert result.areas[0].nearest == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("method", ["auto", "search", "exact"])
def test_more_communities_than_blocks_is_infeasible(method: Method) -> None:
    """Two blocks never make three communities, even where the sums would allow it."""
    problem = make_problem([(path(2), 2, [3])], tolerance=2.0)
    result = run(problem, Solve(effort=0.05, method=method))
    assert result.status is SolveStatus.INFEASIBLE
    assert result.stopped_by is StoppedBy.PROOF


def test_one_block_a_community_is_a_plan() -> None:
    """As many communities as blocks leave one plan."""
    result = run(make_problem([(path(4), 4, [4])], tolerance=0.5))
    assert labels_of(result).tolist() == [0, 1, 2, 3]


def test_impossible_area_spoils_the_whole_and_shows_the_nearest_plan() -> None:
    """When one area is proved impossible there is no plan, and its nearest miss is handed back."""
    problem = make_problem([(grid(4, 4), 16, [2]), (star(9), 9, [3])], tolerance=0.2)
    result = run(problem, Solve(effort=0.05, workers=2))
    assert result.status is SolveStatus.INFEASIBLE
    assert result.stopped_by is StoppedBy.PROOF
    assert [area.status for area in result.areas] == [SolveStatus.OPTIMAL, SolveStatus.INFEASIBLE]
    assert result.areas[1].nearest is not None
    assert len(result.areas[1].nearest) == 9


def test_search_alone_never_claims_infeasibility() -> None:
    """Not finding a plan is UNKNOWN, with the bound and the nearest miss."""
    result = run(make_problem([(star(9), 9, [3])], tolerance=0.2))
    assert result.status is SolveStatus.UNKNOWN
    assert result.stopped_by is StoppedBy.EFFORT
    assert result.plan is None
    assert result.areas[0].nearest is not None


@pytest.mark.parametrize("time_limit_s", [0.0, 0.05, 0.6])
@pytest.mark.parametrize("method", ["search", "exact"])
def test_time_limit_ends_the_search_with_a_plan_or_unknown(method: Method, time_limit_s: float) -> None:
    """However short the time, the run ends by the limit with a valid plan or an honest UNKNOWN."""
    problem = make_problem([(grid(12, 10), 120, [8])], tolerance=0.25)
    told: list[Progress] = []
    stop = CountedStop(time_limit_s)
    result = solve(problem, Solve(effort=20, workers=2, method=method), stop, told.append)
    assert result.stopped_by is StoppedBy.TIME_LIMIT
    assert_left_alone(stop, told)
    if result.plan is None:
        assert result.status is SolveStatus.UNKNOWN
    else:
        assert result.status is SolveStatus.FEASIBLE
        assert_obeys(problem, result)


@pytest.mark.parametrize("method", ["search", "exact"])
def test_interrupt_ends_the_search_with_the_best_plan_so_far(method: Method) -> None:
    """Interrupted from another thread when it has a plan, a search with hours to go begins nothing more."""
    problem, stop = make_problem([(grid(16, 16), 256, [8])], tolerance=0.3), CountedStop(3600)
    told: list[Progress] = []
    other = threading.Thread(target=stop.interrupt)

    def interrupt_at_first_plan(progress: Progress) -> None:
        told.append(progress)
        if progress.cost is not None and other.ident is None:
            other.start()

    result = solve(problem, Solve(effort=500, workers=2, method=method), stop, interrupt_at_first_plan)
    other.join()
    assert_left_alone(stop, told)
    assert result.stopped_by is StoppedBy.INTERRUPT
    assert result.status is SolveStatus.FEASIBLE
    assert_obeys(problem, result)


@pytest.mark.parametrize("method", ["search", "auto"])
def test_progress_never_goes_back(method: Method) -> None:
    """Fractions rise from 0 towards 1, and the cost shown never rises."""
    seen: list[Progress] = []
    rules = Solve(effort=0.02, workers=2, method=method)
    result = solve(two_towns(), rules, Stop(120), seen.append)
    fractions = [p.fraction for p in seen]
    costs = [p.cost for p in seen if p.cost is not None]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0.0
    assert fractions[-1] <= 1.0
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] >= cost_of(result)


_SCRIPT = """
import json, sys
from redistrict.scenario.models import Solve
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.strategy import solve
from solver.test_strategy import two_towns
rules = Solve(effort=0.02, workers=int(sys.argv[1]), seed=int(sys.argv[2]))
told = {}
result = solve(two_towns(), rules, Stop(300), lambda p: told.setdefault(str((p.fraction, p.cost))))
areas = [(a.n_communities, a.status.value, a.cost, a.bound, a.nearest) for a in result.areas]
print(json.dumps([result.plan.assignment.tolist(), result.cost, result.bound, areas, list(told)]))
"""


def _run_elsewhere(workers: int, *, hash_seed: int, seed: int = 1) -> list[Any]:
    tests = Path(__file__).parents[1]
    answer = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(workers), str(seed)],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Any] = json.loads(answer.stdout)
    return found


@pytest.mark.slow(covers=["redistrict/solver/"])
def test_same_seed_gives_the_same_result_with_any_workers_and_hash_seed() -> None:
    """Plan, cost, bounds and nearest misses are the same with one thread and two, whatever the hashes."""
    first = _run_elsewhere(1, hash_seed=0)
    assert _run_elsewhere(2, hash_seed=4242) == first
    assert first[3][0][2] is not None
