"""The exact model and the exact cover against all plans of tiny maps, counted out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.problem import AreaProblem
from redistrict.model.result import AreaResult, SolveStatus, StoppedBy
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.proof import start_proof
from redistrict.solver.exact.representatives import prove_by_representatives
from redistrict.solver.exact.solve_exactly import solve_exactly
from redistrict.solver.search.candidates import CandidatePool
from redistrict.solver.search.cover import best_cover
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import (
    Truth,
    assert_is_plan,
    examples,
    grid,
    make_area,
    path,
    star,
    tiny_areas,
    true_cost,
    uneven_grid,
)


def exact(area: AreaProblem, *, hint: NDArray[np.int32] | None = None, effort: float = 20.0) -> AreaResult:
    return solve_exactly(area, Stop(60), hint=hint, effort=effort, seed=1)


def large_area() -> AreaProblem:
    """Give 144 blocks in 9 communities: far from proved within seconds."""
    return uneven_grid(12, k=9, seed=3, weights=100, sizes=(5, 30), lower=[200], upper=[340], target=[270])


@examples(70)
@given(tiny_areas(), st.booleans())
def test_exact_model_finds_the_optimum_or_proves_there_is_no_plan(area: AreaProblem, hinted: bool) -> None:
    """The proved cost is the cheapest of all plans counted out; INFEASIBLE exactly when there are none."""
    plans = list(Truth(area).plans())
    hint = None
    if hinted and plans:
        hint = np.array(
            [next(c for c, m in enumerate(plans[0]) if i in m) for i in range(area.n_blocks)], dtype=np.int32
        )
    result = exact(area, hint=hint)
    assert result.stopped_by is StoppedBy.PROOF
    if not plans:
        assert result.status is SolveStatus.INFEASIBLE
        assert (result.assignment, result.cost, result.bound) == (None, None, None)
    else:
        assert result.status is SolveStatus.OPTIMAL
        assert result.cost == result.bound == Truth(area).optimum
        assert_is_plan(area, result.assignment)
        assert true_cost(area, result.assignment) == result.cost


@examples(40)
@given(tiny_areas(), st.floats(0.0, 1e-3))
def test_little_effort_still_gives_an_honest_bound(area: AreaProblem, effort: float) -> None:
    """However early the model is stopped, its bound does not exceed the optimum and its plan is valid."""
    result, optimum = exact(area, effort=effort), Truth(area).optimum
    if optimum is None:
        assert result.status in (SolveStatus.INFEASIBLE, SolveStatus.UNKNOWN)
        return
    assert result.bound is not None
    assert result.bound <= optimum
    if result.assignment is not None:
        assert_is_plan(area, result.assignment)
        assert true_cost(area, result.assignment) == result.cost
        assert result.cost >= optimum


def test_exact_model_cuts_off_torn_communities() -> None:
    """Where the cheapest sizes want the two ends of a path together, the plan is connected all the same.

    Sizes 5 - 1 - 1 - 1 - 1 - 5 with seven in each of two communities: the halves, never an end with an end.
    """
    area = make_area(path(6), k=2, size=[[s] for s in (5, 1, 1, 1, 1, 5)], lower=[7], upper=[7])
    result = exact(area)
    assert result.status is SolveStatus.OPTIMAL
    assert result.assignment == (0, 0, 0, 1, 1, 1)
    known = prove_by_representatives(start_proof(area, 0, None), Stop(60), effort=20.0, seed=1)
    assert known.is_proved
    assert known.best is not None
    assert known.best.tolist() == [0, 0, 0, 1, 1, 1]


def test_exact_model_proves_a_star_cannot_be_balanced() -> None:
    """All leaves but one community hang on the middle: two halves of a star do not exist."""
    assert exact(make_area(star(6), k=2, lower=[3], upper=[3])).status is SolveStatus.INFEASIBLE


def test_exact_model_bears_a_quantity_without_bounds() -> None:
    """An upper bound of 10^12, which stands for none, with a high rate of deviation is no trouble."""
    area = make_area(grid(3, 4), k=3, target=[4], rate=[10**6])
    result = exact(area)
    assert result.status is SolveStatus.OPTIMAL
    assert sorted(np.bincount(np.array(result.assignment))) == [4, 4, 4]


def test_proof_survives_costs_in_the_thousand_millions() -> None:
    """Costs in weighted centimetres are large: the bound still meets the cost to the last unit."""
    rng = np.random.default_rng(0)
    weight = (-rng.integers(10**8, 10**9, len(grid(3, 4)))).tolist()
    area = make_area(grid(3, 4), k=3, weight=weight, lower=[3], upper=[5])
    result = exact(area)
    assert result.status is SolveStatus.OPTIMAL
    assert result.bound is not None
    assert result.cost == result.bound
    assert result.bound > 10**9


def test_hint_is_kept_when_there_is_no_time_to_beat_it() -> None:
    """Without effort the model hands back the plan it was given, with the plain bound."""
    area = make_area(grid(2, 4), k=2, lower=[4], upper=[4])
    columns = np.array([0, 1, 0, 1, 0, 1, 0, 1], dtype=np.int32)
    rows = np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int32)
    for hint in (columns, rows):
        result = exact(area, hint=hint, effort=0.0)
        assert result.assignment == tuple(hint)
        assert result.status is SolveStatus.FEASIBLE
        assert result.bound == edge_bound(area)
        assert result.stopped_by is StoppedBy.EFFORT


@examples(40)
@given(tiny_areas())
def test_cover_of_all_feasible_communities_is_the_optimum(area: AreaProblem) -> None:
    """Given every feasible community as a candidate, the exact cover solves the problem itself."""
    truth, pool = Truth(area), CandidatePool()
    for community, cost in truth.communities.items():
        pool.costs[np.array(sorted(community), dtype=np.int32).tobytes()] = cost
    cover = best_cover(area, pool, Stop(60), hint=None, effort=10.0, seed=1)
    if truth.optimum is None:
        assert cover is None
    else:
        assert_is_plan(area, cover)
        assert true_cost(area, cover) == truth.optimum


def test_cover_recombines_two_plans_into_a_better_one() -> None:
    """One plan is good on the left, the other on the right: the cover takes the good halves of both.

    Eight blocks in a row, four communities; cutting 1-2, 3-4 and 5-6 is cheap.
    """
    area = make_area(path(8), k=4, weight=[-9, -1, -9, -1, -9, -1, -9], upper=[3])
    pool = CandidatePool()
    plans = [np.array(p, dtype=np.int32) for p in ([0, 0, 1, 1, 2, 3, 3, 3], [0, 1, 1, 1, 2, 2, 3, 3])]
    for plan in plans:
        pool.add(area, plan)
    for hint in (None, plans[0]):
        cover = best_cover(area, pool, Stop(60), hint=hint, effort=1.0, seed=1)
        assert cover is not None
        assert plan_cost(area, cover) == 3 < min(plan_cost(area, plan) for plan in plans)


def test_cover_needs_enough_candidates() -> None:
    """Fewer candidates than communities cover nothing."""
    assert best_cover(make_area(path(4), k=2), CandidatePool(), Stop(9), hint=None, effort=1.0, seed=1) is None


@pytest.mark.parametrize(
    ("reported", "bound"),
    [(0.0, 0), (6.9999999, 7), (7.0000001, 7), (7.2, 8), (-7.2, -7), (-7.0000001, -7), (3e9 - 1e-6, 3 * 10**9)],
)
def test_bounds_are_rounded_up_except_for_the_dust_of_floats(
    reported: float, bound: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An integer objective above 7.2 is at least 8; 7 and a ten-millionth is 7."""
    monkeypatch.setattr(cp_model.CpSolver, "best_objective_bound", property(lambda _: reported))
    model = cp_model.CpModel()
    model.minimize(model.new_bool_var(""))
    assert run_model(model, [], Stop(60), effort=1.0, seed=1).bound == bound


def test_no_bound_is_claimed_before_cp_sat_knows_one() -> None:
    """CP-SAT reports a bound of 0 when it was stopped at once, which is wrong for a negative optimum."""
    model = cp_model.CpModel()
    bits = [model.new_bool_var("") for _ in range(50)]
    model.add_at_most_one(bits)
    model.minimize(sum((i - 60) * bit for i, bit in enumerate(bits)))
    answer = run_model(model, bits, Stop(60), effort=0.0, seed=1)
    assert (answer.status, answer.bound, answer.objective) == (SolveStatus.UNKNOWN, None, None)
    answer = run_model(model, bits, Stop(60), effort=1.0, seed=1)
    assert (answer.status, answer.bound, answer.objective) == (SolveStatus.OPTIMAL, -60, -60)


def test_wrong_model_is_a_bug_and_says_so() -> None:
    """A model CP-SAT refuses is an ordinary exception with CP-SAT's reason."""
    model = cp_model.CpModel()
    model.add_modulo_equality(model.new_int_var(0, 1, "a"), model.new_int_var(0, 5, "b"), 0)
    with pytest.raises(ValueError, match="CP-SAT refused the model"):
        run_model(model, [], Stop(60), effort=1.0, seed=1)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Count the models that CP-SAT is given, by the effort that each used up."""
    used: list[float] = []
    solve = cp_model.CpSolver.solve

    def solve_and_count(solver: cp_model.CpSolver, model: cp_model.CpModel) -> Any:
        status = solve(solver, model)
        used.append(solver.response_proto.deterministic_time)
        return status

    monkeypatch.setattr(cp_model.CpSolver, "solve", solve_and_count)
    return used


class _StruckStop(Stop):
    """A user who strikes while the first model runs."""

    @contextmanager
    def watch(self, halt: Callable[[], None]) -> Iterator[None]:
        with super().watch(halt):
            timer = threading.Timer(0.5, self.interrupt)
            timer.start()
            yield
            timer.join()


def test_interrupt_ends_a_running_model(models: list[float]) -> None:
    """A model with hours to go ends when another thread interrupts, and no other is begun."""
    stop, effort = _StruckStop(10_000), 10_000.0
    known = prove_by_representatives(start_proof(large_area(), 0, None), stop, effort=effort, seed=1)
    assert stop.reason is StoppedBy.INTERRUPT
    assert not known.is_proved
    assert len(models) == 1
    assert models[0] == pytest.approx(known.effort)
    assert known.effort < effort / 10


def test_model_started_after_an_interrupt_ends_at_once(models: list[float]) -> None:
    """What was still waiting when the user interrupted does not use up its effort."""
    stop = Stop(300)
    stop.interrupt()
    result = solve_exactly(large_area(), stop, hint=None, effort=10_000.0, seed=1)
    assert result.stopped_by is StoppedBy.INTERRUPT
    assert models == []
    run_model(cp_model.CpModel(), [], stop, effort=10_000.0, seed=1)
    prove_by_representatives(start_proof(large_area(), 0, None), stop, effort=10_000.0, seed=1)
    assert sum(models) < 1
