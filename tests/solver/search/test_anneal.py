"""The compiled annealing against its own source run by Python, and against a plain slow twin."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import overflow, plan_cost
from redistrict.solver.search import anneal, anneal_terms
from redistrict.solver.search.anneal import State, start_state, try_moves
from redistrict.solver.search.search_area import anneal_run
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import (
    Truth,
    as_communities,
    as_networkx,
    assert_is_plan,
    examples,
    grid,
    grown_assignment,
    make_area,
    slow_moves,
    tiny_areas,
    tiny_cities,
    true_cost,
    uneven_grid,
)


def run(
    area: AreaProblem,
    seed: int,
    *,
    n_moves: int,
    temperature: float,
    penalty: float = 2.0,
    is_open: NDArray[np.bool_] | None = None,
    carries: bool = False,
) -> State:
    """Anneal from a grown plan; the penalty is a whole number, so that all sums are exact."""
    state = start_state(area, grown_assignment(area, seed), is_open=is_open)
    try_moves(
        area,
        build_adjacency(area.n_blocks, area.edges),
        state,
        np.random.default_rng(seed),
        n_moves=n_moves,
        temperature=temperature,
        penalty=np.full(area.size.shape[1], penalty),
        carries=carries,
    )
    return state


def town() -> AreaProblem:
    """Give 100 blocks of uneven size with uneven streets, to be divided into 7."""
    bounds = {"lower": [180, 170], "upper": [230, 240], "target": [205, 205], "rate": [3, 0]}
    return uneven_grid(10, k=7, seed=7, weights=50, sizes=(0, 30), n_quantities=2, **bounds)


def assert_books_are_right(area: AreaProblem, state: State) -> None:
    plan, graph = as_communities(state.assignment.tolist()), as_networkx(area)
    assert len(plan) == area.n_communities
    assert all(c and nx.is_connected(graph.subgraph(c)) for c in plan)
    assert state.totals.tolist() == [Truth(area).total_of(c) for c in plan]
    assert state.n_members.tolist() == [len(c) for c in plan]
    cut = [e for e, (i, j) in enumerate(area.edges) if state.assignment[i] != state.assignment[j]]
    assert sorted(state.cut[: len(cut)].tolist()) == cut
    assert (state.cut[len(cut) :] == -1).all()
    place = {e: p for p, e in enumerate(state.cut[: len(cut)].tolist())}
    assert state.place.tolist() == [place.get(e, -1) for e in range(len(area.edges))]


@examples(60)
@given(tiny_areas(), st.integers(0, 999), st.integers(0, 300), st.sampled_from([0.5, 5.0, 500.0]), st.booleans())
def test_books_stay_right_after_any_number_of_moves(
    area: AreaProblem, seed: int, n_moves: int, temperature: float, carries: bool
) -> None:
    """Totals, members and cut edges equal a recount; communities stay connected and non-empty."""
    assert_books_are_right(area, run(area, seed, n_moves=n_moves, temperature=temperature, carries=carries))


def test_books_stay_right_on_a_town_over_many_sweeps() -> None:
    """A hundred thousand moves, hot and cold, leave the books of 100 blocks right."""
    area = town()
    for n_moves, temperature in ((100_000, 200.0), (100_000, 5.0), (1, 5.0)):
        assert_books_are_right(area, run(area, 1, n_moves=n_moves, temperature=temperature, carries=True))


def test_closed_communities_stay_as_they_are() -> None:
    """Only blocks of open communities move, and only among these; the books of the rest stay right, too."""
    area = town()
    before = grown_assignment(area, 1)
    is_open = before < 3
    state = run(area, 1, n_moves=20_000, temperature=50.0, is_open=is_open)
    assert np.array_equal(state.assignment[~is_open], before[~is_open])
    assert set(state.assignment[is_open].tolist()) == {0, 1, 2}
    assert not np.array_equal(state.assignment, before)
    recounted = start_state(area, state.assignment, is_open=is_open)
    assert np.array_equal(state.totals, recounted.totals)
    assert sorted(state.cut.tolist()) == sorted(recounted.cut.tolist())
    assert np.array_equal(state.place >= 0, recounted.place >= 0)


@examples(60)
@given(tiny_cities(), st.integers(0, 999))
def test_annealing_from_a_plan_never_loses_it(area: AreaProblem, seed: int) -> None:
    """Heated place by place, a plan stays a plan, and what is found costs no more; what came in is not changed."""
    plan = next(Truth(area).plans(), None)
    assume(plan is not None)
    start = np.array(
        [next(c for c, m in enumerate(plan or ()) if i in m) for i in range(area.n_blocks)], dtype=np.int32
    )
    before = start.copy()
    found = anneal_run(area, Stop(60), start=start, seed=np.random.SeedSequence(seed), effort=0.05)
    assert_is_plan(area, found.best)
    assert true_cost(area, found.best) == found.cost
    assert found.cost is not None
    assert found.cost <= plan_cost(area, before)
    assert np.array_equal(start, before)


def slow_sweep(
    area: AreaProblem,
    assignment: list[int],
    rng: np.random.Generator,
    n_moves: int,
    temperature: float,
    *,
    carries: bool,
) -> list[int]:
    """Do what a sweep does, counting everything afresh: costs of whole plans, contiguity by networkx."""
    truth = Truth(area)

    def score(labels: list[int]) -> float:
        plan = as_communities(labels)
        outside = 0
        for community in plan:
            for total, low, up in zip(truth.total_of(community), area.lower, area.upper, strict=True):
                outside += max(low - total, total - up, 0)
        return truth.cost_of_plan(plan) + 2.0 * outside

    return slow_moves(area, assignment, rng, n_moves, temperature, score, carries=carries)


@examples(60)
@given(tiny_areas(), st.integers(0, 999), st.sampled_from([1.0, 20.0]), st.booleans())
def test_compiled_sweep_does_the_moves_of_the_slow_twin(
    area: AreaProblem, seed: int, temperature: float, carries: bool
) -> None:
    """From the same plan and seed, the compiled sweep ends where plain counting ends."""
    start = grown_assignment(area, seed).tolist()
    slow = slow_sweep(area, start, np.random.default_rng(seed), 60, temperature, carries=carries)
    assert run(area, seed, n_moves=60, temperature=temperature, carries=carries).assignment.tolist() == slow


def test_compiled_sweep_equals_its_own_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling changes nothing: Python running the same lines moves the same blocks."""
    area = town()
    compiled = run(area, 5, n_moves=4000, temperature=30.0, penalty=0.37, carries=True)
    for name in (
        "size_cost",
        "_splits",
        "count_moved",
        "moved_then",
        "add_rules",
        "_move",
        "_try_moves",
        "_count_out",
        "_list_hanging",
        "_weigh_group",
    ):
        monkeypatch.setattr(anneal, name, getattr(anneal, name).py_func)
    monkeypatch.setattr(anneal_terms, "_idle_cost", anneal_terms._idle_cost.py_func)
    plain = run(area, 5, n_moves=4000, temperature=30.0, penalty=0.37, carries=True)
    assert plain.assignment.tolist() == compiled.assignment.tolist()
    assert plain.cut.tolist() == compiled.cut.tolist()


@examples(60)
@given(tiny_areas(), st.integers(0, 999), st.sampled_from([1.0, 20.0]))
def test_sweep_puts_aside_the_cheapest_plan_it_leads_through(area: AreaProblem, seed: int, temperature: float) -> None:
    """Of all plans inside the bounds that single moves lead through, the sweep keeps one of the least cost."""
    adjacency, penalty = build_adjacency(area.n_blocks, area.edges), np.full(area.size.shape[1], 2.0)
    walk, leap = (start_state(area, grown_assignment(area, seed)) for _ in range(2))
    rng, met = np.random.default_rng(seed), list[int]()
    for _ in range(60):
        before = walk.assignment.copy()
        try_moves(area, adjacency, walk, rng, n_moves=1, temperature=temperature, penalty=penalty)
        if not np.array_equal(before, walk.assignment) and overflow(area, walk.assignment) == 0:
            met.append(plan_cost(area, walk.assignment))
    best, rng = np.full(area.n_blocks, -1, dtype=np.int32), np.random.default_rng(seed)
    asked = {"n_moves": 60, "temperature": temperature, "penalty": penalty}
    assert try_moves(area, adjacency, leap, rng, **asked, best=best) == bool(met)
    assert not met or plan_cost(area, best) == min(met)


def test_block_that_ties_others_to_its_community_takes_them_along() -> None:
    """A dead end behind a block cannot leave by itself, and goes where the block goes; the larger part stays."""
    area = make_area([(0, 1), (1, 2), (2, 3), (1, 4), (4, 5)], k=2)
    before = np.array([0, 0, 0, 0, 1, 1], dtype=np.int32)
    seen = set[tuple[int, ...]]()
    for seed in range(50):
        state, rng = start_state(area, before), np.random.default_rng(seed)
        adjacency, penalty = build_adjacency(6, area.edges), np.zeros(1)
        try_moves(area, adjacency, state, rng, n_moves=1, temperature=1e9, penalty=penalty, carries=True)
        seen.add(tuple(state.assignment.tolist()))
    assert seen == {(1, 1, 0, 0, 1, 1), (0, 0, 0, 0, 0, 1)}


def test_sweep_without_a_cut_edge_changes_nothing() -> None:
    """One community has nothing to move."""
    area = make_area(grid(3, 3), k=1)
    assert run(area, 0, n_moves=100, temperature=1.0).assignment.tolist() == [0] * 9


def test_start_state_leaves_the_given_plan_alone() -> None:
    """Annealing from a plan does not change that plan."""
    area = town()
    given_plan = grown_assignment(area, 2)
    before, state = given_plan.copy(), start_state(area, given_plan)
    state.assignment[:] = 0
    assert np.array_equal(given_plan, before)
