"""Repairs of edited plans: fewest residents moved, then least cost, against every plan of small maps."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice, product

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from redistrict.model.dear import DearLevel, build_dear_levels
from redistrict.model.edits import Edit, EditKind, take_edits
from redistrict.model.problem import Problem, area_problem
from redistrict.solver import heal as solver_heal
from redistrict.solver.costs import plan_cost
from redistrict.solver.heal import Edited, HealedArea, _cut_area, heal
from redistrict.solver.search.repair import HOT, QUICK, RUNS, Runs, find_soon
from redistrict.solver.tasks.stop import Stop

from .maps import grid, make_problem

Labels = NDArray[np.int32]
ROWS, COLUMNS, K = 2, 4, 3
N = ROWS * COLUMNS
SLOW = pytest.mark.slow(covers=["redistrict/solver/"])
TOWNS = [pytest.param(number, marks=[SLOW] * (number >= 6)) for number in range(12)]
SOME = [pytest.param(number, marks=[SLOW] * (number >= 3)) for number in range(6)]


def is_whole(problem: Problem, plan: Labels) -> bool:
    """Whether every community is there, and in one piece."""
    graph = nx.Graph(problem.edges.tolist())
    parts = [np.flatnonzero(plan == c).tolist() for c in range(K)]
    return all(part and nx.is_connected(graph.subgraph(part)) for part in parts)


def is_inside(problem: Problem, plan: Labels) -> bool:
    """Whether every community is inside the bounds."""
    area = area_problem(problem, 0, K)
    totals = np.zeros((K, 2), dtype=np.int64)
    np.add.at(totals, plan, problem.size)
    return bool(((totals >= area.lower) & (totals <= area.upper)).all())


def every_plan(problem: Problem) -> list[Labels]:
    """Give every valid plan, with named communities."""
    plans = (np.array(labels, dtype=np.int32) for labels in product(range(K), repeat=N))
    return [plan for plan in plans if is_inside(problem, plan) and is_whole(problem, plan)]


def draw_edits(chance: np.random.Generator, home: Labels) -> tuple[Edit, ...]:
    """Draw one to three things to ask."""
    edits = []
    for pin in range(int(chance.integers(1, 4))):
        kind = chance.choice(list(EditKind))  # type: ignore[arg-type]
        is_named = kind in (EditKind.IN, EditKind.EXACTLY, EditKind.SHARE)
        community = int(chance.integers(K)) if is_named else -1
        blocks = chance.permutation(N)[: int(chance.integers(1, 4))].tolist()
        if kind is EditKind.EXACTLY:
            blocks = np.flatnonzero(home == community).tolist()
        residents = tuple(1 + i % 3 for i in sorted(blocks)) if kind is EditKind.SHARE else ()
        edits.append(Edit(pin, kind, tuple(sorted(blocks)), community, residents, -(-sum(residents) // 2)))
    return tuple(edits)


def best_of(problem: Problem, plans: list[Labels], edited: Edited) -> tuple[int, int] | None:
    """Give the fewest residents moved and the least cost of a plan that moves so few; none if nothing holds."""
    area = area_problem(problem, 0, K)
    found = [
        (int(edited.residents[edited.family[plan] != edited.family[edited.home]].sum()), plan_cost(area, plan))
        for plan in plans
        if all(edit.holds(plan) for edit in edited.edits)
    ]
    return min(found, default=None)


def changed_by(plan: Labels, edited: Edited) -> set[int]:
    """Give the communities that lose or get a block."""
    differs = plan != edited.home
    return {*plan[differs].tolist(), *edited.home[differs].tolist()}


def is_near(problem: Problem, edited: Edited, plan: Labels, found: Labels, depth: int | None) -> bool:
    """Whether every block lies that many blocks at most from the community it joins, or where the found plan has it."""
    graph = nx.Graph(problem.edges.tolist())
    named = {(i, edit.community) for edit in edited.edits if edit.kind is EditKind.IN for i in edit.blocks}
    own = [
        {*np.flatnonzero(edited.family[edited.home] == edited.family[c]).tolist(), *(i for i, to in named if to == c)}
        for c in range(K)
    ]
    steps = [nx.multi_source_dijkstra_path_length(graph, members) for members in own]
    return depth is None or all(c == found[i] or steps[c][i] <= depth for i, c in enumerate(plan.tolist()))


def repair(problem: Problem, edited: Edited, effort: float = 20.0) -> tuple[HealedArea, ...]:
    return heal(problem, edited, Stop(60), effort=effort, seed=1)


def cases(number: int) -> Iterator[tuple[Problem, list[Labels], Edited]]:
    """Draw a town, and some plans of it with edits."""
    chance = np.random.default_rng(number)
    sizes = chance.integers(0, 12, size=N) * chance.integers(0, 2, size=N) + 3
    sizes[chance.integers(N)] = 0
    problem = make_problem(
        [(grid(ROWS, COLUMNS), N, [K])],
        tolerance=float(chance.choice([0.2, 0.4])),
        household=lambda i: int(sizes[i]),
        crossing=lambda _: int(chance.integers(60)),
    )
    if number % 2:  # the two columns on the right are another street
        street = np.arange(N) % COLUMNS > 1
        problem = replace(problem, dear=build_dear_levels([DearLevel(street.astype(int), 3)], problem.size[:, 1]))
    plans = every_plan(problem)
    for _ in range(5 if plans else 0):
        home = plans[int(chance.integers(len(plans)))]
        edits = draw_edits(chance, home)
        yield problem, plans, Edited(home, np.arange(K), np.zeros(K, int), frozenset(), problem.size[:, 1], edits)


@pytest.mark.parametrize("number", TOWNS)
def test_nobody_is_moved_who_need_not_be(number: int) -> None:
    """Of all plans that keep to the edits, the one found moves the fewest, and of those costs least, as it says."""
    for problem, plans, edited in cases(number):
        found, best = repair(problem, edited), best_of(problem, plans, edited)
        if not found:
            assert all(edit.holds(edited.home) for edit in edited.edits)
            continue
        (area,) = found
        if best is None:
            assert area.plan is None
            assert area.is_impossible
            continue
        assert area.plan is not None
        assert area.is_fewest
        assert all(edit.holds(area.plan) for edit in edited.edits)
        assert is_whole(problem, area.plan)
        assert is_inside(problem, area.plan)
        moved = int(edited.residents[area.plan != edited.home].sum())
        assert moved == best[0]
        cost = plan_cost(area_problem(problem, 0, K), area.plan)
        assert cost >= best[1]
        if area.is_cheapest:
            changed = changed_by(area.plan, edited)
            same = [
                plan
                for plan in plans
                if changed_by(plan, edited) <= changed and is_near(problem, edited, plan, area.plan, 2)
            ]
            assert (moved, cost) == best_of(problem, same, edited)


@pytest.mark.parametrize("number", SOME)
def test_each_repair_that_is_told_is_valid_and_none_is_worse(number: int) -> None:
    """Fewer residents are moved from one to the next, or as few for no more; what is proved by then is true.

    The last is the answer, which is the same where nobody listens.
    """
    for problem, plans, edited in cases(number):
        told: list[tuple[HealedArea, ...]] = []
        found = heal(problem, edited, Stop(60), effort=20.0, seed=1, on_found=told.append)
        best = best_of(problem, plans, edited)
        assert [bool(told)] == [best is not None]
        values = []
        for area in (areas[-1] for areas in told if areas):
            assert area.plan is not None
            assert any(np.array_equal(area.plan, plan) for plan in plans)
            assert all(edit.holds(area.plan) for edit in edited.edits)
            moved = int(edited.residents[area.plan != edited.home].sum())
            values.append((moved, plan_cost(area_problem(problem, 0, K), area.plan)))
            assert area.fewer is not None
            assert best is not None
            assert not area.is_everywhere or best[0] >= moved - area.fewer
        assert values == sorted(values, reverse=True)
        assert list(map(say, repair(problem, edited))) == list(map(say, found))
        if told:
            assert list(map(say, told[-1])) == list(map(say, found))


def say(area: HealedArea) -> dict[str, object]:
    return {**vars(area), "plan": None if area.plan is None else area.plan.tolist()}


def test_nothing_is_told_before_every_area_has_a_repair() -> None:
    """Two rows of four apart from each other, each with a block to hand over: what is told keeps to both edits."""
    rows = [(grid(1, N // 2), N // 2, [2])] * 2
    problem = make_problem(rows, tolerance=0.4, household=lambda _: 5, crossing=lambda _: 1)
    home = np.array([0, 0, 1, 1, 2, 2, 3, 3], dtype=np.int32)
    edits = (Edit(1, EditKind.IN, (1,), 1), Edit(2, EditKind.IN, (6,), 2))
    edited = Edited(home, np.arange(4), np.array([0, 0, 1, 1]), frozenset(), problem.size[:, 1], edits)
    told: list[tuple[HealedArea, ...]] = []
    heal(problem, edited, Stop(60), effort=20.0, seed=1, on_found=told.append)
    plans = [areas[-1].plan for areas in told]
    assert all(plan is not None and edit.holds(plan) for plan in plans for edit in edits)
    assert len(plans) > 1


def test_where_a_search_finds_nothing_the_exact_model_shows_a_repair_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told before the searches that take their time, which are hopeless then."""
    asked: list[Runs] = []
    before: list[set[Runs]] = []

    def find_nothing(_torn: object, _is_open: object, _stop: Stop, runs: Runs, **_: int) -> Iterator[Labels]:
        asked.append(runs)
        return iter(())

    monkeypatch.setattr(solver_heal, "find_soon", find_nothing)
    for problem, _, edited in cases(1):
        asked.clear()
        told: list[set[Runs]] = []
        heal(problem, edited, Stop(60), effort=20.0, seed=1, on_found=lambda _, told=told: told.append({*asked}))  # type: ignore[misc]
        before += told[:1]
    assert {QUICK} in before
    assert not any(runs & {HOT, RUNS} for runs in before)


@pytest.mark.parametrize("effort", [20.0, 0.01])
@pytest.mark.parametrize("number", SOME)
def test_what_is_proved_of_few_communities_holds_for_these(
    number: int, effort: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where hardly any may be divided anew, or in no time, what is claimed holds for plans that change only these."""
    monkeypatch.setattr(solver_heal, "STAGES", ((1, 0),))
    for problem, plans, edited in cases(number):
        for area in repair(problem, edited, effort):
            inside = np.isin(edited.home, area.communities)
            same = [
                plan for plan in plans if (np.where(np.isin(plan, area.communities), inside, plan == edited.home)).all()
            ]
            if area.plan is not None and not area.is_everywhere:
                same = [plan for plan in same if is_near(problem, edited, plan, area.plan, area.depth)]
            best = best_of(problem, plans if area.is_everywhere else same, edited)
            if area.plan is None:
                assert not area.is_impossible or best is None
            else:
                assert best is not None
                assert area.fewer is not None
                moved = int(edited.residents[area.plan != edited.home].sum())
                assert best[0] <= moved <= best[0] + area.fewer


@pytest.mark.parametrize("towns", [range(3), pytest.param(range(6), marks=SLOW)])
def test_what_a_search_finds_is_valid_and_nearly_always_found(towns: range) -> None:
    """Every repair that annealing gives keeps to all that is asked and moves no fewer than can be; few are missed."""
    n_possible = n_found = 0
    for number in towns:
        for problem, plans, edited in cases(number):
            best = best_of(problem, plans, edited)
            torn = _cut_area(problem, edited, 0, np.arange(K))
            found = list(find_soon(torn, np.ones(K, dtype=np.bool_), Stop(60), RUNS, least=0, seed=1))
            n_possible += best is not None
            n_found += bool(found)
            for plan in found:
                assert best is not None
                assert torn.moved(plan) >= best[0]
                assert any(np.array_equal(plan, one) for one in plans)
                assert all(edit.holds(plan) for edit in edited.edits)
            assert sorted({-torn.moved(plan) for plan in found}) == [-torn.moved(plan) for plan in found]
    assert n_found >= 0.8 * n_possible > 0


@pytest.mark.parametrize("seed", [1, 3])
def test_residents_are_led_along_a_chain_of_communities_that_are_nearly_full(seed: int) -> None:
    """Two communities at one end are merged and one at the other end is split: each between hands on as many."""
    k, width, length = 18, 4, 7
    n_blocks = k * width * length
    chance = np.random.default_rng(seed)
    sizes = chance.lognormal(4.5, 1.0, size=n_blocks).astype(int) + 1
    problem = make_problem(
        [(grid(width, k * length), n_blocks, [k])],
        tolerance=0.12,
        household=lambda i: int(sizes[i]),
        crossing=lambda _: 0,
    )
    column = np.arange(n_blocks) % (k * length)
    home = np.minimum(np.maximum(column // length, 1), k - 1).astype(np.int32)
    home[home == k - 1] = 0
    own = np.arange(k)
    family = np.where(own == k - 1, 0, own)
    edited = Edited(home, family, np.zeros(k, int), frozenset(), problem.size[:, 1], ())
    torn = _cut_area(problem, edited, 0, own)
    found = list(find_soon(torn, np.ones(k, dtype=np.bool_), Stop(60), (*QUICK, *HOT), least=0, seed=1))
    assert found


def halved(number: int) -> Edited:
    """Give a plan whose community 0 is to be split, in a town where that leaves each part large enough."""
    problem, plans, _ = next(cases(number))
    home = plans[0].copy()
    merged = np.where(home == 2, 1, home).astype(np.int32)
    return Edited(merged, np.array([0, 1, 1]), np.zeros(K, int), frozenset(), problem.size[:, 1], ())


@pytest.mark.parametrize("number", TOWNS)
def test_a_community_is_split_and_nobody_leaves_its_parts(number: int) -> None:
    """Two communities that were one are parted again, and who stays in either part has not moved."""
    problem, _, _ = next(cases(number))
    (area,) = repair(problem, halved(number))
    assert area.plan is not None
    assert area.is_everywhere
    assert is_whole(problem, area.plan)
    assert is_inside(problem, area.plan)
    assert set(np.flatnonzero(halved(number).home == 0)) == set(np.flatnonzero(area.plan == 0))


def test_edits_hold_or_do_not() -> None:
    """Each kind says of a plan whether it keeps to it."""
    plan = np.array([0, 0, 1, 1, 2], dtype=np.int32)
    assert Edit(0, EditKind.IN, (2, 3), 1).holds(plan)
    assert not Edit(0, EditKind.IN, (1, 2), 1).holds(plan)
    assert Edit(0, EditKind.TOGETHER, (2, 3)).holds(plan)
    assert not Edit(0, EditKind.TOGETHER, (0, 3)).holds(plan)
    assert Edit(0, EditKind.APART, (0, 2, 4)).holds(plan)
    assert not any(Edit(0, EditKind.APART, pair).holds(plan) for pair in combinations((0, 1), 2))
    assert Edit(0, EditKind.EXACTLY, (2, 3), 1).holds(plan)
    assert not Edit(0, EditKind.EXACTLY, (2,), 1).holds(plan)
    share = Edit(0, EditKind.SHARE, (1, 2, 3, 4), 1, (5, 7, 3, 9), 10)
    assert share.holds(plan)
    assert not replace(share, least=11).holds(plan)
    assert take_edits([share], [4, 3, 1], [2, 1]) == (replace(share, blocks=(2, 1, 0), residents=(5, 3, 9)),)


@pytest.mark.parametrize("number", SOME)
def test_shares_of_a_split_and_a_merger_are_kept_by_the_search_too(number: int) -> None:
    """What is found with blocks held for the shares, or without, keeps them; the exact answer is the best of all."""
    for problem, plans, edited in islice(cases(number), 2):
        home = edited.home
        merged = np.where(home == 2, 1, home).astype(np.int32)
        weight = np.maximum(edited.residents, 1)
        edits = [
            Edit(
                1, EditKind.SHARE, tuple(own.tolist()), c, tuple(weight[own].tolist()), -(-int(weight[own].sum()) // 4)
            )
            for own, c in (
                (np.flatnonzero(home == 1), 1),
                (np.flatnonzero(home == 2), 1),
                (np.flatnonzero(home == 0), 0),
                (np.flatnonzero(home == 0), 2),
            )
        ]
        asked = Edited(merged, np.array([0, 1, 0]), edited.area, frozenset(), edited.residents, tuple(edits))
        (area,) = repair(problem, asked)
        best = best_of(problem, plans, asked)
        assert (area.plan is None) == (best is None)
        torn = _cut_area(problem, asked, 0, np.arange(K))
        for holds_cores in (True, False):
            for plan in find_soon(
                torn, np.ones(K, np.bool_), Stop(60), QUICK, least=0, seed=1, holds_cores=holds_cores
            ):
                assert all(edit.holds(plan) for edit in edits)
        if area.plan is not None and best is not None and area.is_fewest and area.is_everywhere:
            assert torn.moved(area.plan) == best[0]
