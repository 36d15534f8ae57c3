"""Proof by listing: honest bounds on the way, proofs that need no hint, and published optima."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.bench.instances import cut_edges_problem
from redistrict.model.problem import AreaProblem, area_problem
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.listing import prove_by_listing
from redistrict.solver.exact.proof import start_proof
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import Truth, assert_is_plan, clique, examples, grid, make_area, tiny_cities, true_cost


def town() -> AreaProblem:
    """Six rows of ten blocks, uneven, some edges along main roads, six communities within 15 % in two quantities."""
    rng, edges = np.random.default_rng(5), grid(6, 10)
    size = rng.integers(40, 160, (60, 2))
    weight = np.where(rng.random(len(edges)) < 0.15, 9_000, -rng.integers(6_000, 14_000, len(edges)))
    lower, upper, target = ((size.sum(axis=0) // 6 * share // 100).tolist() for share in (85, 115, 100))
    return make_area(
        edges,
        k=6,
        weight=weight.tolist(),
        size=size.tolist(),
        lower=lower,
        upper=upper,
        target=target,
        rate=[20, 10],
    )


@examples(60)
@given(tiny_cities(), st.floats(0.0, 1e-4))
def test_little_effort_gives_an_honest_bound(area: AreaProblem, effort: float) -> None:
    """However early it ends, no bound exceeds the optimum and a plan is a plan."""
    optimum = Truth(area).optimum
    known = prove_by_listing(start_proof(area, edge_bound(area), None), Stop(60), effort=effort, seed=1)
    if optimum is not None:
        assert known.bound <= optimum
    if known.best is not None:
        assert_is_plan(area, known.best)
        assert true_cost(area, known.best) == known.worst + 1


def test_sixty_blocks_are_proved_with_a_hint_and_without() -> None:
    """Two runs end in the same plan; with that plan as a hint only the proof is left to do."""
    area = town()
    first, again = (prove_by_listing(start_proof(area, 0, None), Stop(600), effort=60.0, seed=1) for _ in range(2))
    assert first.is_proved
    assert first.best is not None
    assert again.best is not None
    assert first.best.tolist() == again.best.tolist()
    assert first.effort == again.effort
    known = prove_by_listing(start_proof(area, 0, first.best), Stop(600), effort=60.0, seed=1)
    assert known.is_proved
    assert known.bound == first.bound == first.worst + 1


def test_what_cannot_be_drawn_is_left_as_it_was() -> None:
    """An area with too many communities costs some effort and teaches nothing."""
    start = start_proof(make_area(clique(60), k=3, lower=[20], upper=[20]), -7, None)
    known = prove_by_listing(start, Stop(600), effort=60.0, seed=1)
    assert (known.bound, known.best) == (-7, None)
    assert 0 < known.effort < 60


def test_out_of_time_nothing_is_claimed() -> None:
    """A stop that has already struck leaves bound and plan as they were."""
    known = prove_by_listing(start_proof(town(), -7, None), Stop(0), effort=60.0, seed=1)
    assert (known.bound, known.best) == (-7, None)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ME", "NM", "ID", "WV"])
def test_published_optimum_is_found_and_proved_without_a_hint(shared_data: Path, name: str) -> None:
    """Counties within half a per cent: the bound meets the published number of cut edges."""
    path = shared_data.parent / "bench" / "cut_edges" / f"{name}_county.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    problem, best_known = cut_edges_problem(data), data["best_obj"]
    area = area_problem(problem, 0, problem.areas[0].options[0].n_communities)
    known = prove_by_listing(start_proof(area, edge_bound(area), None), Stop(600), effort=60.0, seed=1)
    assert known.is_proved
    assert known.bound == known.worst + 1 == best_known
