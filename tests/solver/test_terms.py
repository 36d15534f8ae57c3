"""Moving residents, idle workers and pairs kept apart: every solver against all plans of tiny maps, counted out."""

import math
from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.model.result import SolveStatus
from redistrict.model.succession import trace_succession
from redistrict.model.terms import build_idle_staff
from redistrict.scenario.office import Staffing
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import is_allowed, is_feasible, overflow, plan_cost
from redistrict.solver.exact.divide_group import divide_group
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.proof import start_proof
from redistrict.solver.exact.representatives import prove_by_representatives
from redistrict.solver.exact.solve_exactly import solve_exactly
from redistrict.solver.search.anneal import start_state, try_moves
from redistrict.solver.search.candidates import CandidatePool
from redistrict.solver.search.cover import best_cover
from redistrict.solver.search.search_area import anneal_run
from redistrict.solver.search.seeds import adapt_plan
from redistrict.solver.tasks.stop import Stop
from redistrict.standards.staffing import exact_need, workers_needed

from .maps import (
    Truth,
    as_communities,
    as_networkx,
    assert_is_plan,
    examples,
    grown_assignment,
    slow_moves,
    tiny_areas,
    tiny_cities,
    tiny_necks,
    true_cost,
)

seeds = st.integers(0, 2**16)


@examples(120)
@given(tiny_cities(), seeds)
def test_costs_and_limits_are_those_counted_out(area: AreaProblem, seed: int) -> None:
    """Cost, what is allowed and what is feasible agree with the plain sentences of the rules."""
    assignment, truth = grown_assignment(area, seed), Truth(area)
    plan = as_communities(assignment)
    inside = [truth.is_inside(c) for c in plan]
    feasible = all(inside) and truth.may_move(plan)
    assert plan_cost(area, assignment) == truth.cost_of_plan(plan)
    assert is_allowed(area, assignment).tolist() == inside
    assert is_feasible(area, assignment) == feasible == (overflow(area, assignment) == 0)


@examples(90)
@given(tiny_cities(), st.booleans())
def test_exact_solution_is_the_optimum_of_every_term(area: AreaProblem, hinted: bool) -> None:
    """The proved cost is the cheapest of all plans counted out; INFEASIBLE exactly when there are none."""
    truth = Truth(area)
    result = solve_exactly(area, Stop(60), hint=first_plan(truth) if hinted else None, effort=20.0, seed=1)
    if truth.optimum is None:
        assert result.status is SolveStatus.INFEASIBLE
    else:
        assert result.status is SolveStatus.OPTIMAL
        assert_is_plan(area, result.assignment)
        assert true_cost(area, result.assignment) == result.cost == result.bound == truth.optimum


@examples(90)
@given(tiny_cities(), st.booleans())
def test_model_of_representatives_is_right_about_every_term(area: AreaProblem, hinted: bool) -> None:
    """What it proves is the optimum, no bound exceeds it, and its plans are plans.

    Only where two sources of a community are equally large may it be a little too wide to prove anything.
    """
    truth = Truth(area)
    start = start_proof(area, edge_bound(area), first_plan(truth) if hinted else None)
    known = prove_by_representatives(start, Stop(60), effort=20.0, seed=1)
    assert known.is_proved or area.stay is not None
    if truth.optimum is None:
        assert known.best is None
        return
    assert known.bound <= truth.optimum
    if known.best is not None:
        assert_is_plan(area, known.best)
        assert true_cost(area, known.best) == known.worst + 1
    if known.is_proved:
        assert known.bound == known.worst + 1 == truth.optimum


@examples(30)
@given(st.data(), tiny_areas())
def test_exact_models_charge_for_necks(data: st.DataObject, area: AreaProblem) -> None:
    """Where necks have a price exact models prove the optimum of all plans counted out, from a plan or from none."""
    necks = replace(data.draw(tiny_necks(area)), price=data.draw(st.sampled_from([1, 4, 30])))
    area = replace(area, necks=necks)
    truth = Truth(area)
    start = first_plan(truth)
    assume(start is not None and area.n_communities > 1)
    known = prove_by_representatives(start_proof(area, edge_bound(area), None), Stop(60), effort=20.0, seed=1)
    assert known.is_proved
    assert known.bound == known.worst + 1 == truth.optimum
    division = divide_group(area, start, Stop(60), effort=20.0, seed=1)
    assert division.is_proved
    assert true_cost(area, division.assignment) == truth.optimum


def first_plan(truth: Truth) -> NDArray[np.int32] | None:
    """Give any plan."""
    plan = next(truth.plans(), None)
    if plan is None:
        return None
    return np.array([next(c for c, m in enumerate(plan) if i in m) for i in range(truth.problem.n_blocks)], np.int32)


@examples(60)
@given(tiny_cities())
def test_cover_over_all_communities_is_the_optimum(area: AreaProblem) -> None:
    """Given every allowed community, the exact cover finds the cheapest plan that moves no more than may."""
    truth = Truth(area)
    pool = CandidatePool({np.array(sorted(c), np.int32).tobytes(): cost for c, cost in truth.communities.items()})
    cover = best_cover(area, pool, Stop(60), hint=None, effort=10.0, seed=1)
    if truth.optimum is None:
        assert cover is None
    else:
        assert cover is not None
        assert_is_plan(area, cover)
        assert true_cost(area, cover) == truth.optimum


def slow_sweep(
    area: AreaProblem, assignment: list[int], rng: np.random.Generator, n_moves: int, place: NDArray[np.float64]
) -> list[int]:
    """Do what a sweep at temperature 3 with penalty 2 and hardness 1 does, counting everything afresh."""
    truth = Truth(area)
    stay, heir, counts = area.stay, np.zeros(0, np.int64), False
    if stay is not None and (stay.rate or stay.max_moved is not None):
        counts = True
        heir = trace_succession(
            np.array(assignment, np.int32), stay.current, stay.residents, is_home=stay.is_home
        ).predecessor

    def score(labels: list[int]) -> float:
        plan = as_communities(labels)
        total = float(area.base_cost + sum(truth.cost_of(c) for c in plan))
        for community in plan:
            for size, low, up in zip(truth.total_of(community), area.lower, area.upper, strict=True):
                total += 2.0 * (max(low - size, 0) if size < low else max(size - up, 0))
            if area.compactness is not None:
                too_long = math.sqrt(area.compactness.least / truth.compactness_of(community)) - 1
                total += 100.0 * max(0.0, too_long)
        total += 10.0 * sum(labels[i] == labels[j] for i, j in area.apart.tolist())
        total += float(place[range(area.n_blocks), labels].sum())
        if counts:
            assert stay is not None
            kept = sum(int(stay.residents[i]) for i, c in enumerate(labels) if 0 <= stay.current[i] == heir[c])
            moved = stay.n_residents - kept
            most = math.inf if stay.max_moved is None else stay.max_moved
            total += stay.rate * moved
            total += max(0.0, moved - most) * 100.0 * area.n_communities / max(1, stay.n_residents)
        return total

    return slow_moves(area, assignment, rng, n_moves, 3.0, score, neck_penalty=10.0)


@examples(80)
@given(tiny_cities(), st.integers(0, 999))
def test_compiled_sweep_does_the_moves_of_the_slow_twin(area: AreaProblem, seed: int) -> None:
    """With every term of the cost at once, the compiled sweep ends where plain counting ends."""
    assume(area.stay is None or all(area.stay.is_home[area.stay.current >= 0]))  # else sums differ by a constant
    start = grown_assignment(area, seed)
    place = np.random.default_rng(seed + 1).integers(8, size=(area.n_blocks, area.n_communities)).astype(np.float64)
    slow = slow_sweep(area, start.tolist(), np.random.default_rng(seed), 60, place)
    state = start_state(area, start)
    adjacency = build_adjacency(area.n_blocks, area.edges)
    penalty = np.full(2, 2.0)
    rng = np.random.default_rng(seed)
    try_moves(area, adjacency, state, rng, n_moves=60, temperature=3.0, penalty=penalty, rule_penalty=1.0, place=place)
    assert state.assignment.tolist() == slow


@examples(40)
@given(tiny_cities(), seeds)
def test_annealing_keeps_every_rule_it_claims_to(area: AreaProblem, seed: int) -> None:
    """A plan the search calls feasible keeps all rules and costs what it says."""
    found = anneal_run(area, Stop(60), start=None, seed=np.random.SeedSequence(seed), effort=0.05)
    if found.best is not None:
        assert_is_plan(area, found.best)
        assert true_cost(area, found.best) == found.cost


@examples(60)
@given(tiny_cities(), seeds)
def test_starts_from_today_are_connected_whatever_today_is(area: AreaProblem, seed: int) -> None:
    """Today's pieces, merged or divided until the number is right, are a connected partition."""
    assume(area.stay is not None)
    adjacency = build_adjacency(area.n_blocks, area.edges)
    assignment = adapt_plan(area, adjacency, area.stay.current, np.random.default_rng(seed)).tolist()
    plan, graph = as_communities(assignment), as_networkx(area)
    assert len(plan) == area.n_communities
    assert all(c and nx.is_connected(graph.subgraph(c)) for c in plan)


@pytest.mark.parametrize("combine", ["larger", "mean"])
@pytest.mark.parametrize("rounding", ["up", "nearest"])
@pytest.mark.parametrize("minimum", [0, 9])
def test_idle_staff_is_the_difference_of_posts_and_need(combine: str, rounding: str, minimum: int) -> None:
    """The cost in whole numbers equals posts less the exact need, as the staffing tables have them."""
    rules = Staffing(combine=combine, rounding=rounding, minimum=minimum)
    idle = build_idle_staff(("households", "people"), np.array([[8000, 8000]]), rules, 8_000_000)
    assert idle is not None
    for households, people in combinations([0, 1, 250, 1999, 2500, 8000], 2):
        off = abs(workers_needed(households, people, rules) - exact_need(households, people, rules))
        cost = int(idle.cost(np.array([[households, people]]))[0])
        assert cost == math.ceil(idle.price * off)


def test_idle_staff_counts_nothing_where_it_costs_nothing() -> None:
    """Without a price the term is not there at all."""
    assert build_idle_staff(("households",), np.array([[8000]]), Staffing(), 0) is None
