"""Merging whole communities of today against all ways to do it, counted out."""

from collections.abc import Iterator
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.areas import Area, Limits
from redistrict.model.dear import DearLevel, DearLevels, build_dear_levels
from redistrict.model.mergers import Mergers
from redistrict.model.pins import Demand
from redistrict.model.problem import Problem
from redistrict.model.result import SolveStatus
from redistrict.model.terms import Stay
from redistrict.scenario.models import Solve
from redistrict.solver.exact.merge import solve_mergers
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.progress import Progress
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.pin_conflicts import find_conflicts
from tests.solver.maps import Communities, connected_edges, examples, grid, level_cost_of
from tests.solver.test_pins import keeps


def make_problem(
    edges: list[tuple[int, int]],
    part: list[int],
    *,
    size: list[int],
    upper: int,
    weight: list[int],
    count: tuple[int, int],
    locked: tuple[int, ...] = (),
    share: float | None = None,
    dear: DearLevels | None = None,
) -> Problem:
    """Make one district whose blocks belong to communities of today."""
    n, n_parts = len(part), max(part) + 1
    limits = tuple(Limits(k, (10,), (0,), (upper,)) for k in range(1, n_parts + 1))
    sizes = np.array(size, dtype=np.int64).reshape(n, 1)
    parts = np.array(part, dtype=np.int32)
    stay = Stay(parts, np.ones(n, dtype=bool), sizes[:, 0], 2, share)
    return Problem(
        quantities=("households",),
        size=sizes,
        edges=np.array(edges, dtype=np.int32).reshape(-1, 2),
        crossing_cost=np.array([max(w, 0) for w in weight], dtype=np.int64),
        boundary_cost=np.array([max(-w, 0) for w in weight], dtype=np.int64),
        deviation_rate=np.array([3], dtype=np.int64),
        areas=(Area("a", "a", tuple(range(n)), (int(sizes.sum()),), limits),),
        stay=stay,
        dear=dear,
        mergers=Mergers(
            names=tuple(f"old {p}" for p in range(n_parts)),
            part=parts,
            is_locked=np.isin(np.arange(n_parts), locked),
            count=count,
            count_by_area=((1, n_parts),),
        ),
    )


def all_mergers(items: list[int]) -> Iterator[list[list[int]]]:
    """Give every way to put items into groups."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for groups in all_mergers(rest):
        yield [[first], *groups]
        for n, group in enumerate(groups):
            yield [*groups[:n], [first, *group], *groups[n + 1 :]]


def truth(problem: Problem) -> int | None:
    """Give the least cost over all ways to merge that keep every rule."""
    mergers, stay = problem.mergers, problem.stay
    assert mergers is not None
    assert stay is not None
    graph = nx.Graph(problem.edges.tolist())
    graph.add_nodes_from(range(problem.n_blocks))
    blocks = [np.flatnonzero(mergers.part == p).tolist() for p in range(len(mergers.names))]
    upper = problem.areas[0].options[0].upper[0]

    def n_pieces(members: list[int]) -> int:
        return nx.number_connected_components(graph.subgraph(members))

    def touches(a: int, b: int) -> bool:
        return any(graph.has_edge(i, j) for i in blocks[a] for j in blocks[b])

    def may_merge(group: list[int]) -> bool:
        if len(group) == 1:
            return True
        members = [i for p in group for i in blocks[p]]
        parts = nx.Graph([(a, b) for a in group for b in group if a < b and touches(a, b)])
        parts.add_nodes_from(group)
        return (
            not mergers.is_locked[group].any()
            and problem.size[members].sum() <= upper
            and nx.is_connected(parts)
            and n_pieces(members) <= max(n_pieces(blocks[p]) for p in group)
        )

    def cost(groups: list[list[int]]) -> tuple[int, int]:
        label = {i: n for n, group in enumerate(groups) for p in group for i in blocks[p]}
        total = 0
        for (i, j), inside, cut in zip(
            problem.edges.tolist(), problem.crossing_cost.tolist(), problem.boundary_cost.tolist(), strict=True
        ):
            total += inside if label[i] == label[j] else cut
        moved = 0
        for group in groups:
            sizes = [int(problem.size[blocks[p]].sum()) for p in group]
            total += 3 * abs(sum(sizes) - 10)
            moved += sum(sizes) - max(sizes)
        total += sum(level_cost_of(problem.dear, community) for community in sets_of(groups))
        return total + stay.rate * moved, moved

    def sets_of(groups: list[list[int]]) -> Communities:
        return tuple(frozenset(i for p in group for i in blocks[p]) for group in groups)

    low, high = mergers.count
    costs = [
        cost(groups)
        for groups in all_mergers(list(range(len(mergers.names))))
        if low <= len(groups) <= high and all(map(may_merge, groups)) and keeps(sets_of(groups), problem.demands)
    ]
    return min((c for c, moved in costs if stay.max_moved is None or moved <= stay.max_moved), default=None)


@st.composite
def towns(draw: st.DrawFn) -> Problem:
    edges = draw(connected_edges(min_blocks=4, max_blocks=10))
    n = 1 + max(j for _, j in edges)
    n_parts = draw(st.integers(2, min(6, n)))
    part = [*range(n_parts), *draw(st.lists(st.integers(0, n_parts - 1), min_size=n - n_parts, max_size=n - n_parts))]
    low = draw(st.integers(1, n_parts))
    size = draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    streets = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    return make_problem(
        edges,
        draw(st.permutations(part)),
        size=size,
        upper=draw(st.integers(3, 25)),
        weight=draw(st.lists(st.integers(-9, 9), min_size=len(edges), max_size=len(edges))),
        count=(low, draw(st.integers(low, n_parts))),
        locked=tuple(draw(st.sets(st.integers(0, n_parts - 1), max_size=2))),
        share=draw(st.sampled_from([None, 0.5, 0.2])),
        dear=build_dear_levels([DearLevel(np.array(streets), draw(st.integers(0, 3)))], np.array(size)),
    )


@examples(150)
@given(towns())
def test_the_best_merger_is_found_and_proved(problem: Problem) -> None:
    """The cost is the least of all ways to merge counted out, its own bound, or there is none and reasons are given."""
    assert problem.mergers is not None
    rules = Solve(seed=2**32 - 1)  # the largest a scenario may ask for
    result, best = solve_mergers(problem, problem.mergers, rules, Stop(60)), truth(problem)
    if best is None:
        assert result.status is SolveStatus.INFEASIBLE
        assert result.reasons
    else:
        assert (result.status, result.cost, result.bound, result.gap) == (SolveStatus.OPTIMAL, best, best, 0.0)
        assert sum(area.cost or 0 for area in result.areas) == best
        assert result.plan is not None
        for p in range(len(problem.mergers.names)):
            assert len(set(result.plan.assignment[problem.mergers.part == p].tolist())) == 1


def test_parts_that_do_not_touch_are_not_merged() -> None:
    """Of three communities in a row, the two ends never become one.

    ::

        0 0 1 1 2 2
    """
    problem = make_problem(
        [(i, i + 1) for i in range(5)],
        [0, 0, 1, 1, 2, 2],
        size=[5, 0, 10, 0, 5, 0],
        upper=10,
        weight=[-1] * 5,
        count=(2, 2),
    )
    assert problem.mergers is not None
    result = solve_mergers(problem, problem.mergers, Solve(), Stop(60))
    assert result.status is SolveStatus.INFEASIBLE
    assert "3 to 3" in result.reasons[0].en


def test_a_scattered_community_may_grow_but_not_scatter_more() -> None:
    """A community in two pieces may take in what lies between; the pieces of a merger never outnumber its parts' most.

    ::

        0 1 0
        2 2 2
    """
    problem = make_problem(
        grid(2, 3), [0, 1, 0, 2, 2, 2], size=[1, 1, 1, 9, 9, 9], upper=10, weight=[-5] * 7, count=(2, 2)
    )
    assert problem.mergers is not None
    result = solve_mergers(problem, problem.mergers, Solve(), Stop(60))
    assert result.plan is not None
    assert result.plan.assignment.tolist() == [0, 0, 0, 1, 1, 1]


def test_the_strategy_tells_when_merging_begins_and_what_it_came_to() -> None:
    """Progress starts at 0 without a plan and ends at 1 with the cost and the bound of the result."""
    problem = make_problem([(0, 1), (1, 2)], [0, 1, 2], size=[4, 4, 4], upper=8, weight=[-1, -1], count=(2, 2))
    told: list[Progress] = []
    result = solve(problem, Solve(), Stop(60), told.append)
    assert result.cost is not None
    assert [(p.fraction, p.cost, p.bound) for p in told] == [(0.0, None, None), (1.0, result.cost, result.bound)]


@pytest.mark.parametrize(("share", "named"), [(0.0, "residents change community"), (None, "can leave")])
def test_what_cannot_be_merged_says_what_could(share: float | None, named: str) -> None:
    """The refusal names the fewest communities, or the fewest residents moved, that merging can reach."""
    count = (2, 2) if share is not None else (1, 1)
    problem = make_problem(
        [(0, 1), (1, 2)], [0, 1, 2], size=[4, 4, 4], upper=8, weight=[-1, -1], count=count, share=share
    )
    assert problem.mergers is not None
    result = solve_mergers(problem, problem.mergers, Solve(), Stop(60))
    assert result.status is SolveStatus.INFEASIBLE
    assert any(named in reason.en for reason in result.reasons)


@examples(40)
@given(st.data(), connected_edges(min_blocks=6, max_blocks=9))
def test_mergers_keep_to_pins(data: st.DataObject, edges: list[tuple[int, int]]) -> None:
    """The best way to merge that keeps to the pins is that of all counted out; conflicts are minimal (issue 17)."""
    n = 1 + max(j for _, j in edges)
    part = [i % 5 for i in range(n)]
    base = make_problem(edges, part, size=[3] * n, upper=18, weight=[-2] * len(edges), count=(1, 5))
    demands = []
    for number in range(1, 1 + data.draw(st.integers(1, 3))):
        some = tuple(sorted(data.draw(st.lists(st.integers(0, n - 1), min_size=2, max_size=4, unique=True))))
        parts = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True))
        own = tuple(i for i in range(n) if part[i] in parts)
        demands.append(
            data.draw(
                st.sampled_from(
                    [
                        Demand(number, "together", "r", together=some),
                        Demand(number, "apart", "r", apart=((some[0], some[1]),)),
                        Demand(number, "count", "r", own=own, count=data.draw(st.integers(1, 2))),
                    ]
                )
            )
        )
    best = truth(replace(base, demands=tuple(demands)))
    result = solve(replace(base, demands=tuple(demands)), Solve(effort=0.1))
    assert result.cost == best
    found = find_conflicts(replace(base, demands=tuple(demands)), [f"b{i}" for i in range(n)], Stop(60.0))
    assert bool(found) == (best is None)
    for conflict in found:
        assert truth(replace(base, demands=conflict.demands)) is None
        for one in conflict.demands:
            rest = tuple(other for other in conflict.demands if other is not one)
            assert truth(replace(base, demands=rest)) is not None
