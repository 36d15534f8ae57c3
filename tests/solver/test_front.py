"""Trade-off fronts of towns so small that every plan is counted out."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import Problem, area_problem
from redistrict.model.terms import Stay
from redistrict.scenario.models import Solve
from redistrict.solver.front import FrontPlan, _undominated, find_front, find_knee, spread_out
from redistrict.solver.measuring import PPM, Measure, Values
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.progress import Progress
from redistrict.solver.tasks.stop import Stop

from .maps import Truth, as_communities, grid, make_problem

RULES = Solve(effort=0.02, workers=1)
BLOCKS = 6
SLOW = pytest.mark.slow(covers=["redistrict/solver/front.py"])


def town(number: int, counts: tuple[int, ...] = (2, 3), n_districts: int = 2) -> Problem:
    """Draw districts of 2 x 3 blocks with communities of today."""
    chance = np.random.default_rng(number)
    sizes = chance.integers(5, 15, size=n_districts * BLOCKS)
    problem = make_problem(
        [(grid(2, 3), BLOCKS, counts)] * n_districts,
        tolerance=0.5,
        household=lambda i: int(sizes[i]),
        crossing=lambda _: int(chance.integers(40)),
    )
    current = (np.arange(problem.n_blocks) // BLOCKS * 3 + chance.integers(0, 3, size=problem.n_blocks)).astype(
        np.int32
    )
    stay = Stay(current, np.ones(problem.n_blocks, bool), problem.size[:, 1], rate=0, max_share=1.0)
    return replace(problem, stay=stay)


def measure(problem: Problem, number: int, labels: list[int], asked: Measure) -> int:
    """Measure a plan of an area by hand."""
    k = max(labels) + 1
    area = area_problem(problem, number, k)
    members = problem.areas[number].blocks
    if asked is Measure.COST:
        return Truth(area).cost_of_plan(as_communities(np.array(labels)))
    if asked is Measure.COUNT:
        return k
    if asked is Measure.CROSSING:
        where = dict(zip(members, labels, strict=True))
        ends = [(where.get(i), where.get(j)) for i, j in problem.edges.tolist()]
        costs = problem.crossing_cost.tolist()
        return sum(cost for (a, b), cost in zip(ends, costs, strict=True) if a is not None and a == b)
    if asked is Measure.MOVED:
        assert area.stay is not None
        return area.stay.moved(np.array(labels, dtype=np.int32))
    off = 0.0
    for c in range(k):
        total = area.size[[i for i, label in enumerate(labels) if label == c]].sum(axis=0)
        center = [float(one) for one in area.center or area.target]
        off = max(off, *(abs(total[q] - center[q]) / center[q] for q in range(2)))
    return -int(-(off * PPM - 1e-6) // 1)


def every_front(problem: Problem, asked: tuple[Measure, ...]) -> set[Values]:
    """Give the measures of all plans that no other is as good as."""
    of_area = []
    for number, area in enumerate(problem.areas):
        found = set()
        for option in area.options:
            for plan in Truth(area_problem(problem, number, option.n_communities)).plans():
                labels = [next(c for c, own in enumerate(plan) if i in own) for i in range(BLOCKS)]
                found.add(tuple(measure(problem, number, labels, one) for one in asked))
        of_area.append(found)
    sums = {
        tuple(
            max(column) if m.is_worst else sum(column)
            for m, column in zip(asked, zip(*parts, strict=True), strict=True)
        )
        for parts in product(*of_area)
    }
    return {a for a in sums if not any(b != a and all(x <= y for x, y in zip(b, a, strict=True)) for b in sums)}


def look(problem: Problem, asked: tuple[Measure, ...], count: int = 40, **options: object) -> list[FrontPlan]:
    best = solve(replace(problem, stay=None), RULES)
    return find_front(problem, best, asked, count, RULES, Stop(120), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "problem",
    [town(4, (2,), 1), *(pytest.param(town(number), marks=SLOW) for number in (1, 2, 3))],
    ids=["small", "1", "2", "3"],
)
@pytest.mark.parametrize(
    "asked",
    [
        (Measure.COST, Measure.MOVED),
        pytest.param((Measure.COST, Measure.COUNT), marks=SLOW),
        pytest.param((Measure.COST, Measure.BALANCE), marks=SLOW),
    ],
)
def test_the_front_is_that_of_all_plans(problem: Problem, asked: tuple[Measure, ...]) -> None:
    """Where the exact model answers every question the front is whole, and each plan has the measures told of it."""
    found, truth = look(problem, asked), every_front(problem, asked)
    assert {one.values for one in found} == truth
    assert [one.values[1] for one in found] == sorted(one.values[1] for one in found)
    for one in found:
        parts = [canonical_plan(one.plan.assignment[list(area.blocks)]).assignment for area in problem.areas]
        own = [[measure(problem, n, part.tolist(), m) for m in asked] for n, part in enumerate(parts)]
        assert one.values == tuple(
            max(column) if m.is_worst else sum(column) for m, column in zip(asked, zip(*own, strict=True), strict=True)
        )


@SLOW
def test_three_measures_and_crossings_are_traded_off() -> None:
    """No plan is as good as another in all of three measures, the ends are the least there are, and a knee is told."""
    asked = (Measure.CROSSING, Measure.MOVED, Measure.BALANCE)
    problem = town(4)
    found, truth = look(problem, asked), every_front(problem, asked)
    values = {one.values for one in found}
    assert len(values) == len(found) > 5
    for one in values:
        assert not any(other != one and all(x <= y for x, y in zip(other, one, strict=True)) for other in values)
    assert min(one[0] for one in values) == min(one[0] for one in truth)
    assert min(one[1] for one in values) == min(one[1] for one in truth)
    assert sum(one.is_knee for one in found) <= 1


@SLOW
def test_same_front_from_a_journal_and_with_more_workers(tmp_path: Path) -> None:
    """What is kept is not searched again, and who searches changes nothing."""
    problem, asked, told = town(5, (2,), 1), (Measure.COST, Measure.MOVED), list[Progress]()
    first = look(problem, asked, 3, journal=Journal(tmp_path / "out", "1"), on_progress=told.append)
    again = look(problem, asked, 3, journal=Journal(tmp_path / "out", "1"))
    best = solve(replace(problem, stay=None), RULES)
    more = find_front(problem, best, asked, 3, RULES.model_copy(update={"workers": 3}), Stop(120))
    for one, other, third in zip(first, again, more, strict=True):
        assert one.values == other.values == third.values
        assert one.plan.assignment.tolist() == other.plan.assignment.tolist() == third.plan.assignment.tolist()
    assert [one.fraction for one in told] == sorted(one.fraction for one in told)
    assert all(one.cost is None for one in told)


def test_a_stopped_search_gives_what_it_has() -> None:
    """The plan of the scenario is on the front if nothing else is known."""
    stop = Stop(120)
    stop.interrupt()
    problem = town(6)
    best = solve(replace(problem, stay=None), RULES)
    (only,) = find_front(problem, best, (Measure.COST, Measure.MOVED), 5, RULES, stop)
    assert only.values[0] == best.cost


def test_the_knee_is_farthest_below_the_line_between_the_ends() -> None:
    """On a bend it is the corner; on a straight line, or a single plan, there is none."""
    assert find_knee(np.array([[100, 0], [20, 10], [10, 50], [0, 100]])) == 1
    assert find_knee(np.array([[100, 0], [50, 50], [0, 100]])) is None
    assert find_knee(np.array([[7, 7]])) is None


def test_plans_are_chosen_far_apart() -> None:
    """The ends and the knee come first; of five in a row, the middle of the longest stretch is next."""
    values = np.array([[100, 0], [90, 1], [89, 2], [40, 40], [0, 100]])
    assert sorted(spread_out(values, 3, 3)) == [0, 3, 4]
    assert sorted(spread_out(values, 4, None)) != [0, 1, 3, 4]
    assert sorted(spread_out(values, 9, 3)) == [0, 1, 2, 3, 4]


def test_only_the_first_of_equals_is_kept() -> None:
    """What another is as good as goes, wherever it stands."""
    assert _undominated(np.array([[3, 3], [1, 5], [5, 1], [3, 3], [4, 4], [1, 6]])).tolist() == [0, 1, 2]
