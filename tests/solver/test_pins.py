"""Pins of a scenario: every plan counted out, and of those that keep to the pins the cheapest is found and proved."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.errors import ScenarioError
from redistrict.model.pins import Demand
from redistrict.model.problem import AreaProblem, Problem
from redistrict.model.result import SolveStatus
from redistrict.model.terms import Stay
from redistrict.scenario.models import Solve

from .maps import (
    Communities,
    Truth,
    as_communities,
    as_networkx,
    examples,
    grid,
    make_area,
    path,
    tiny_areas,
    tiny_cities,
)
from .test_strategy import QUICK, as_problem, run

EXACT = Solve(effort=0.05, workers=2)


def keeps(plan: Communities, demands: Sequence[Demand]) -> bool:
    """Tell whether a plan keeps to all, from the sentences of `Demand` alone."""
    for one in demands:
        if one.together and not any(community >= {*one.together} for community in plan):
            return False
        if any({*pair} <= community for pair in one.apart for community in plan):
            return False
        own = frozenset(one.own)
        inside = [community for community in plan if community & own]
        if own and (len(inside) != one.count or not all(community <= own for community in inside)):
            return False
    return True


@st.composite
def demands_on(draw: st.DrawFn, area: AreaProblem, *, most: int = 4) -> tuple[Demand, ...]:
    """Draw up to four demands: connected blocks together, pairs apart, any blocks as communities of their own."""
    graph, n = as_networkx(area), area.n_blocks
    found = []
    for number in range(1, 1 + draw(st.integers(1, most))):
        kind = draw(st.sampled_from(["together", "apart", "own", "own"]))
        some = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=n - 1, unique=True))
        if kind == "together":
            near = list(nx.bfs_tree(graph, some[0]))[: draw(st.integers(2, 4))]
            found.append(Demand(number, kind, "r", together=tuple(sorted(near))))
        elif kind == "apart":
            pairs = tuple(combinations(sorted(some)[:3], 2))
            found.append(Demand(number, kind, "r", apart=pairs))
        else:
            own = some if draw(st.booleans()) else list(nx.bfs_tree(graph, some[0]))[: draw(st.integers(1, n - 1))]
            found.append(
                Demand(number, kind, "r", own=tuple(sorted(own)), count=draw(st.sampled_from([1, 1, 2, 2, 3])))
            )
    return tuple(found)


def pinned(area: AreaProblem, demands: Sequence[Demand]) -> Problem:
    limits = {name: getattr(area, name) for name in ("apart", "compactness", "enclosure", "necks", "stay", "idle")}
    return replace(as_problem(area), demands=tuple(demands), **limits)


def without_ties(area: AreaProblem) -> AreaProblem:
    """Let nobody be tied in where most of a community come from, and ask nothing of the outline of the whole area."""
    stay = area.stay and replace(area.stay, residents=2 ** np.arange(area.n_blocks))
    if area.n_communities == 1:
        area = replace(area, compactness=None, necks=None)
    return replace(area, stay=stay)


@examples(60)
@given(st.data(), st.one_of(tiny_areas(max_blocks=8), tiny_cities(max_blocks=7).map(without_ties)))
def test_small_areas_with_pins_are_proved(data: st.DataObject, area: AreaProblem) -> None:
    """The optimum is that of all plans that keep to the pins, or there is none, and both are proved."""
    demands, truth = data.draw(demands_on(area)), Truth(area)
    if area.stay is not None:  # numbers need parts of their own
        demands = tuple(replace(one, count=min(one.count, 1)) for one in demands)
    best = min((truth.cost_of_plan(plan) for plan in truth.plans() if keeps(plan, demands)), default=None)
    try:
        result = run(pinned(area, demands), EXACT)
    except ScenarioError:  # what is put together has necks, which others might widen
        if area.necks is None:
            raise
        return
    if best is None:
        assert result.status is SolveStatus.INFEASIBLE
    else:
        assert result.status is SolveStatus.OPTIMAL
        assert result.cost == result.bound == best
        assert result.plan is not None
        plan = as_communities(result.plan.assignment)
        assert keeps(plan, demands)
        assert truth.cost_of_plan(plan) == best


@examples(20)
@given(st.data(), tiny_areas(max_blocks=8))
def test_the_search_keeps_to_pins(data: st.DataObject, area: AreaProblem) -> None:
    """The search alone finds plans that keep to the pins, never below the optimum, and bounds it from below."""
    demands = data.draw(demands_on(area, most=2))
    truth = Truth(area)
    best = min((truth.cost_of_plan(plan) for plan in truth.plans() if keeps(plan, demands)), default=None)
    result = run(pinned(area, demands), QUICK)
    if best is None:
        assert result.plan is None
    else:
        assert result.plan is not None
        assert result.bound is not None
        assert result.cost is not None
        assert keeps(as_communities(result.plan.assignment), demands)
        assert result.bound <= best <= result.cost


@pytest.mark.slow(covers=["redistrict/solver/"])
def test_pins_are_kept_where_bounds_are_freed() -> None:
    """With `exceptions: nearest` the plan keeps to the pins and is as near to the bounds as any that does."""
    rng, n_found = np.random.default_rng(3), 0
    for _ in range(15):
        sizes = rng.integers(5, 20, 8).tolist()
        bounds = {"lower": (30, 0), "upper": (34, 0), "target": (32, 0), "rate": (0, 0)}
        area = make_area(grid(2, 4), k=3, size=[(size, 0) for size in sizes], **bounds)
        some = sorted(rng.permutation(8)[:3].tolist())
        apart, kept = (
            Demand(2, "apart", "r", apart=((some[0], some[1]),)),
            Demand(2, "keep", "r", own=(some[0],), count=1),
        )
        edge = tuple(area.edges[int(rng.integers(10))].tolist())
        demands = (Demand(1, "together", "r", together=edge), apart if rng.random() < 0.5 else kept)

        def rank(plan: Communities, sizes: list[int] = sizes) -> tuple[int, int]:
            totals = [sum(sizes[i] for i in community) for community in plan]
            outside = [max(30 - total, total - 34, 0) for total in totals]
            return sum(map(bool, outside)), sum(outside)

        open_to_all = replace(area, lower=0 * area.lower, upper=area.upper + 1000)
        ranks = [rank(plan) for plan in Truth(open_to_all).plans() if keeps(plan, demands)]
        result = run(replace(pinned(area, demands), frees=True), EXACT)
        assert (result.plan is None) == (not ranks)
        if result.plan is not None:
            plan = as_communities(result.plan.assignment)
            assert keeps(plan, demands)
            assert rank(plan) == min(ranks)
            n_found += 1
    assert n_found >= 5


def test_numbers_are_refused_where_movers_cannot_be_counted_by_part() -> None:
    """With a limit of residents moved, blocks cannot be told to make two communities; one is kept as it is."""
    area = make_area(path(6), k=3, size=[(10, 0)] * 6, lower=(10, 0), upper=(40, 0), target=(20, 0), rate=(0, 0))
    stay = Stay(np.zeros(6, dtype=np.int32), np.ones(6, dtype=bool), np.full(6, 10), 0, 0.9)
    two, one = (Demand(1, "count", "r", own=(0, 1, 2), count=n) for n in (2, 1))
    with pytest.raises(ScenarioError, match=r"communities\.max_moved_share; leave one of them out"):
        run(pinned(replace(area, stay=stay), [two]), EXACT)
    assert run(pinned(replace(area, stay=stay), [one]), EXACT).status is SolveStatus.OPTIMAL
