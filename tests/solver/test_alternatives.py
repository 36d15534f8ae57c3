"""Alternatives on towns so small that every plan is counted out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from redistrict.messages import Message
from redistrict.model.necessity import Necessity
from redistrict.model.plan import Plan, canonical_plan
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import Result
from redistrict.scenario.models import Solve
from redistrict.solver import alternatives
from redistrict.solver.alternatives import Wish, find_alternatives
from redistrict.solver.exact.match_plans import match_plans
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.progress import Progress
from redistrict.solver.tasks.stop import Stop

from .maps import Truth, as_communities, grid, make_problem

RULES = Solve(effort=0.02, workers=1)


def town(number: int, *, n_districts: int = 2) -> Problem:
    """Draw districts of 2 x 4 blocks, each in two communities."""
    chance = np.random.default_rng(number)
    sizes = chance.integers(5, 15, size=16)
    return make_problem(
        [(grid(2, 4), 8, (2,))] * n_districts,
        tolerance=0.4,
        household=lambda i: int(sizes[i]),
        crossing=lambda _: int(chance.integers(40)),
    )


def look(problem: Problem, wish: Wish, best: Result | None = None, **options: object) -> list[Plan]:
    best = best or solve(problem, RULES)
    return find_alternatives(problem, best, problem.size[:, 1], wish, RULES, Stop(60), **options)  # type: ignore[arg-type]


def cost_of(problem: Problem, plan: Plan) -> int | None:
    """Give the cost of a plan by the list of all plans; none if it is none of them."""
    total = 0
    for number, area in enumerate(problem.areas):
        own = as_communities(canonical_plan(plan.assignment[list(area.blocks)]).assignment)
        truth = Truth(area_problem(problem, number, len(own)))
        if frozenset(own) not in {frozenset(one) for one in truth.plans()}:
            return None
        total += truth.cost_of_plan(own)
    return total


@pytest.mark.parametrize("number", [1, 2])
def test_every_plan_is_valid_far_from_the_others_and_hardly_dearer(number: int) -> None:
    """Each is a plan of the scenario, within the share of the cost, and far enough from all others."""
    problem, wish = town(number), Wish(count=3, apart=0.15, dearer=0.6)
    plans, people = look(problem, wish), problem.size[:, 1]
    costs = [cost_of(problem, plan) for plan in plans]
    assert costs[0] == solve(problem, RULES).cost
    assert None not in costs
    assert max(cost for cost in costs if cost is not None) <= 1.6 * (costs[0] or 0)
    for n, plan in enumerate(plans):
        for other in plans[:n]:
            assert match_plans(plan.assignment, other.assignment, people).n_changed >= 0.15 * people.sum()
    assert len(plans) > 1


def test_areas_are_combined() -> None:
    """Where a plan changes one district in one way or the other as well, both with the cheapest rest are found.

    Two districts of four blocks in a row of equal size and price can each be cut in the middle only (2 + 2), but for
    the tolerance, which allows 1 + 3: one quarter of a district is an eighth of all.
    """
    problem = make_problem(
        [([(0, 1), (1, 2), (2, 3)], 4, (2,))] * 2, tolerance=0.5, household=lambda _: 10, crossing=lambda _: 0
    )
    plans = look(problem, Wish(count=3, apart=0.12, dearer=2.0))
    changed = [match_plans(plans[0].assignment, plan.assignment, problem.size[:, 0]).n_changed for plan in plans]
    assert changed == [0, 10, 10]


def test_none_is_found_where_there_is_none() -> None:
    """Where no plan is so far away, or none so cheap, the best stays alone."""
    problem = town(1, n_districts=1)
    assert len(look(problem, Wish(count=3, apart=0.9, dearer=9.0))) == 1
    assert len(look(problem, Wish(count=3, apart=0.01, dearer=0.0))) == 1


@pytest.mark.parametrize("in_best", [True, False])
def test_exceptions_stay_as_they_are(in_best: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A district with communities outside the bounds, in the best plan or in one found later, is that of the best."""
    problem = town(2)
    best = solve(problem, RULES)

    def with_exception(*words: object, **options: object) -> Result:
        found = solve(*words, **options)  # type: ignore[arg-type]
        return replace(found, areas=(replace(found.areas[0], exceptions=Necessity.UNPROVED), found.areas[1]))

    if not in_best:
        monkeypatch.setattr(alternatives, "solve", with_exception)
    plans = look(problem, Wish(count=2, apart=0.05, dearer=2.0), with_exception(problem, RULES) if in_best else best)
    assert len(plans) > 1
    assert all(as_communities(plan.assignment[:8]) == as_communities(plans[0].assignment[:8]) for plan in plans)


def test_the_plans_depend_on_nothing_but_the_question(tmp_path: Path) -> None:
    """Two workers, a journal, a filled journal, and a larger number asked for give the same plans in the same order."""
    problem, rules, told = town(3, n_districts=1), RULES.model_copy(update={"method": "search"}), list[Progress]()
    best, people = solve(problem, rules), problem.size[:, 1]

    def search(count: int, rules: Solve, journal: Journal | None) -> list[list[int]]:
        wish = Wish(count=count, apart=0.15, dearer=0.6)
        found = find_alternatives(problem, best, people, wish, rules, Stop(60), told.append, journal=journal)
        return [plan.assignment.tolist() for plan in found]

    plain = search(2, rules, None)
    assert len(plain) == 2
    journal = Journal(tmp_path / "out", "mark")
    assert search(2, rules, journal) == plain
    assert len(list(tmp_path.glob(".out.unfinished-mark/*/*.npz"))) > 0
    assert search(3, rules.model_copy(update={"workers": 2}), journal)[:2] == plain
    fractions = [one.fraction for one in told]
    assert 0 <= min(fractions) <= max(fractions) <= 1
    assert any("Plan 3 of 3: " in one.phase.en for one in told)
    assert all(isinstance(one.phase, Message) and one.cost is None for one in told)


def test_nothing_is_searched_when_the_time_is_up() -> None:
    """Without time the best plan is given, and no more."""
    problem = town(4, n_districts=1)
    best = solve(problem, RULES)
    wish = Wish(count=3, apart=0.1, dearer=1.0)
    assert len(find_alternatives(problem, best, problem.size[:, 1], wish, RULES, Stop(0.0))) == 1
