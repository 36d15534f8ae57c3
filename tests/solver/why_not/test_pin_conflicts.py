"""Pins that contradict each other, the bounds or the numbers: named before anything is solved, and none too many."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.pins import Demand
from redistrict.model.problem import AreaProblem
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.pin_conflicts import Conflict, find_conflicts
from tests.solver.maps import Truth, examples, grid, make_area, make_problem, path, tiny_areas
from tests.solver.test_pins import demands_on, keeps, pinned


def conflicts_of(area: AreaProblem, demands: Sequence[Demand]) -> list[Conflict]:
    return find_conflicts(pinned(area, demands), [f"b{i}" for i in range(area.n_blocks)], Stop(60.0))


def has_plan(truth: Truth, demands: Sequence[Demand]) -> bool:
    """Tell by counting out whether a plan keeps to all."""
    return any(keeps(plan, demands) for plan in truth.plans())


@examples(20)
@given(st.data(), tiny_areas(max_blocks=7))
def test_conflicts_are_those_there_are_and_minimal(data: st.DataObject, area: AreaProblem) -> None:
    """A conflict is told exactly where the pins leave no plan and there are plans; each pin of it is needed."""
    demands, truth = data.draw(demands_on(area)), Truth(area)
    found = conflicts_of(area, demands)
    assert bool(found) == (has_plan(truth, ()) and not has_plan(truth, demands))
    for one in found:
        assert not has_plan(truth, one.demands)
        for left_out in one.demands:
            assert has_plan(truth, [other for other in one.demands if other is not left_out])


def test_fifty_contradictory_sets_are_refused_with_a_minimal_core() -> None:
    """Of fifty sets that leave no plan each is named, and dropping any one makes it solvable (issue 17)."""
    area = make_area(grid(3, 3), k=3, size=[[10, 20]] * 9, lower=(20, 0), upper=(40, 99), target=(30, 60), rate=(0, 0))
    truth, rng = Truth(area), np.random.default_rng(17)
    edges = area.edges.tolist()
    n_refused, sizes = 0, set()
    while n_refused < 50:
        demands = []
        for number in range(1, 7):
            kind = int(rng.integers(3))
            some = sorted(rng.permutation(9)[: int(rng.integers(2, 6))].tolist())
            if kind == 0:
                demands.append(Demand(number, "together", "r", together=tuple(edges[int(rng.integers(len(edges)))])))
            elif kind == 1:
                demands.append(Demand(number, "apart", "r", apart=((some[0], some[1]),)))
            else:
                demands.append(Demand(number, "count", "r", own=tuple(some), count=int(rng.integers(1, 3))))
        if has_plan(truth, demands):
            assert conflicts_of(area, demands) == []
            continue
        (conflict,) = conflicts_of(area, demands)
        core = conflict.demands
        assert not has_plan(truth, core)
        for one in core:
            assert has_plan(truth, [other for other in core if other is not one])
            assert f"pin {one.pin} (r)" in conflict.message.en
        n_refused += 1
        sizes.add(len(core))
    assert sizes >= {1, 2, 3}


ROW = make_area(
    path(5), k=2, size=[(n, 0) for n in (10, 20, 10, 10, 30)], lower=(30, 0), upper=(50, 0), target=(40, 0), rate=(0, 0)
)


@pytest.mark.parametrize(
    ("demands", "said"),
    [
        (
            (Demand(1, "together", "one gate", together=(1, 2)), Demand(2, "apart", "quarrel", apart=((1, 2),))),
            "pin 1 (one gate), pin 2 (quarrel) contradict each other: blocks b1 and b2 are to lie together and apart",
        ),
        (
            (Demand(1, "together", "r", together=(1, 2, 3, 4)),),
            "pin 1 (r) cannot hold: blocks b1, b2, b3 and 1 more hold 70 households (at most 50)",
        ),
        (
            (Demand(1, "count", "r", own=(0, 1), count=2),),
            "pin 1 (r) cannot hold: 30 households do not make 2 communities of 30-50",
        ),
        (
            (Demand(1, "together", "r", together=(2, 3)), Demand(2, "keep", "old", own=(3, 4), count=1)),
            "pin 1 (r), pin 2 (old) contradict each other: block b2 would share the community of b3",
        ),
        (
            (Demand(1, "keep", "r", own=(1, 2), count=1),),
            "pin 1 (r) cannot hold: with 2 communities in all, no numbers of communities fit the parts",
        ),
    ],
)
def test_a_conflict_says_what_is_in_the_way(demands: tuple[Demand, ...], said: str) -> None:
    """Blocks and sums are named where they alone prove it."""
    (conflict,) = conflicts_of(ROW, demands)
    assert said in conflict.message.en
    assert conflict.message.zh != conflict.message.en


def test_a_pin_over_two_areas_is_told_to_be_two_pins() -> None:
    """No community lies in two areas, so blocks of two cannot lie together."""
    problem = make_problem([(path(3), 3, [1]), (path(3), 3, [1])])
    asked = replace(problem, demands=(Demand(1, "together", "r", together=(2, 3)),))
    (conflict,) = find_conflicts(asked, [f"b{i}" for i in range(6)], Stop(60.0))
    assert "it speaks of 2 areas" in conflict.message.en
