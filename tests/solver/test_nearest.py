"""The nearest plan: one for every area, its exceptions exactly what must be, all else inside the bounds."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given

from redistrict.model.areas import Area, Limits
from redistrict.model.necessity import Necessity
from redistrict.model.problem import AreaProblem, Problem, area_problem
from redistrict.model.result import AreaResult, Result, SolveStatus
from redistrict.scenario.models import Solve
from redistrict.solver import strategy
from redistrict.solver.costs import miss_weights, rank_miss
from redistrict.solver.search import rounds
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.impossible_places import find_reasons

from .maps import Communities, Truth, as_communities, as_networkx, examples, grid, make_area, path, tiny_cities

QUICK = Solve(effort=0.05, workers=2)
Sets = frozenset[frozenset[int]]


class NearestTruth:
    """How far the nearest plans of a tiny area lie outside the bounds, counted out without the engine."""

    def __init__(self, problem: AreaProblem) -> None:
        self.problem = problem
        self.truth = Truth(problem)
        graph, blocks = as_networkx(problem), range(problem.n_blocks)
        apart = problem.apart.tolist()
        sets = (frozenset(c) for r in range(1, len(blocks) + 1) for c in combinations(blocks, r))
        self.sets = [
            c
            for c in sets
            if nx.is_connected(graph.subgraph(c))
            and not any(i in c and j in c for i, j in apart)
            and self.truth.is_compact(c)
            and not self.truth.surrounds(c)
        ]
        self.of_first = {i: [c for c in self.sets if min(c) == i] for i in blocks}

    def outside(self, community: frozenset[int]) -> int:
        """Give how far a set lies outside the bounds, in millionths of the targets."""
        weights = miss_weights(self.problem).tolist()
        rows = zip(self.truth.total_of(community), self.problem.lower, self.problem.upper, weights, strict=True)
        return int(sum(w * max(low - t, t - up, 0) for t, low, up, w in rows))

    def nearest(self) -> tuple[tuple[int, int], set[Sets]] | None:
        """Give the fewest communities outside and the least outside, and the exceptions of every plan that has it."""
        best: tuple[int, int] | None = None
        found: set[Sets] = set()
        everything = frozenset(range(self.problem.n_blocks))
        for plan in filter(self.truth.may_move, self._plans(everything, self.problem.n_communities)):
            wrong = frozenset(c for c in plan if self.outside(c))
            rank = (len(wrong), sum(map(self.outside, wrong)))
            if best is None or rank <= best:
                found = {wrong} if best is None or rank < best else found | {wrong}
                best = rank
        return None if best is None else (best, found)

    def _plans(self, left: frozenset[int], k: int) -> Iterator[Communities]:
        if k == 0 or not left:
            if k == 0 and not left:
                yield ()
            return
        for community in self.of_first[min(left)]:
            if community <= left:
                for rest in self._plans(left - community, k - 1):
                    yield (community, *rest)


def join(*parts: AreaProblem) -> Problem:
    """Make a problem of several areas, in which what cannot meet the bounds is freed; cutting an edge costs 10."""
    areas, edges, size = [], [], []
    for number, part in enumerate(parts):
        offset = len(size)
        edges += [(offset + i, offset + j) for i, j in part.edges.tolist()]
        size += part.size.tolist()
        limits = Limits(
            part.n_communities,
            *(tuple(int(v) for v in values) for values in (part.target, part.lower, part.upper)),
        )
        blocks = tuple(range(offset, len(size)))
        total = tuple(int(t) for t in part.size.sum(axis=0))
        areas.append(Area(f"area {number}", f"area {number}", blocks, total, (limits,)))
    return Problem(
        quantities=("households",),
        size=np.array(size, dtype=np.int64),
        edges=np.array(edges, dtype=np.int32),
        crossing_cost=np.zeros(len(edges), dtype=np.int64),
        boundary_cost=np.full(len(edges), 10, dtype=np.int64),
        deviation_rate=np.ones(1, dtype=np.int64),
        areas=tuple(areas),
        frees=True,
    )


def area_of(sizes: list[int], edges: list[tuple[int, int]], *, k: int) -> AreaProblem:
    """Make an area of communities of 18 to 22 households."""
    return make_area(edges, k=k, size=[[s] for s in sizes], lower=[18], upper=[22], target=[20], rate=[1])


def planted(kind: str, rng: np.random.Generator) -> AreaProblem:
    """Draw two rows of blocks that make two communities, and plant what no plan can put inside the bounds.

    ::

        0 1 2 3      pocket: 4 - 8 - 9, the block 8 the gate      block: 8 too large for a community
        4 5 6 7      sums: one community more is asked for than there are households for
    """
    sizes = [5 + int(d) for d in rng.integers(-1, 2, size=8)]
    edges, touched = grid(2, 4), int(rng.integers(8))
    if kind == "pocket":
        small = int(rng.integers(8, 15))
        return area_of([*sizes, 23 + int(rng.integers(4)) - small, small], [*edges, (touched, 8), (8, 9)], k=3)
    if kind == "block":
        return area_of([*sizes, int(rng.integers(23, 40))], [*edges, (touched, 8)], k=3)
    return area_of(sizes, edges, k=3)


def found_outside(problem: Problem, result: Result, number: int) -> Sets:
    """Give the communities of an area that lie outside the bounds, counted by the test itself."""
    part = area_problem(problem, number, problem.areas[number].n_min)
    truth = NearestTruth(part)
    return frozenset(c for c in as_communities(labels(result.areas[number])) if truth.outside(c))


def labels(found: AreaResult) -> tuple[int, ...]:
    """Give the assignment of an area that must have one."""
    assert found.assignment is not None
    return found.assignment


def check_city(seed: int) -> None:
    """Draw a city of two sound districts and a planted one, and compare what is delivered with what must be."""
    rng = np.random.default_rng(seed)
    bad = planted(("pocket", "block", "sums")[seed % 3], rng)
    problem = join(area_of([10] * 8, grid(2, 4), k=4), bad, area_of([5] * 12, grid(3, 4), k=3))
    result = solve(problem, QUICK, Stop(60.0))
    assert result.plan is not None
    truth = NearestTruth(bad).nearest()
    assert truth is not None
    (n_outside, outside), expected = truth
    assert n_outside > 0
    assert found_outside(problem, result, 1) in expected
    assert rank_miss(bad, np.array(labels(result.areas[1]), dtype=np.int32))[:3] == (0, n_outside, outside)
    assert result.areas[1].exceptions is Necessity.LEAST
    for number in (0, 2):
        assert not found_outside(problem, result, number)
        assert result.areas[number].exceptions is None
        assert result.areas[number].status is SolveStatus.OPTIMAL


@pytest.mark.parametrize("seed", range(12))
def test_exceptions_are_exactly_what_was_planted(seed: int) -> None:
    """The plan has the fewest communities outside the bounds, by the least; the sound districts have none."""
    check_city(seed)


@pytest.mark.slow(covers=["redistrict/solver/search/nearest.py", "redistrict/solver/exact/nearest_cover.py"])
@pytest.mark.parametrize("seed", range(12, 200))
def test_exceptions_are_exactly_what_was_planted_in_many_cities(seed: int) -> None:
    """The same in 188 more cities."""
    check_city(seed)


def whole(area: AreaProblem) -> Problem:
    """Make a problem of one area with two quantities, in which what cannot meet the bounds is freed."""
    limits = (tuple(int(v) for v in values) for values in (area.target, area.lower, area.upper))
    total = tuple(int(t) for t in area.size.sum(axis=0))
    return Problem(
        quantities=("households", "people"),
        size=area.size,
        edges=area.edges,
        crossing_cost=area.edge_weight + 10,
        boundary_cost=np.full(len(area.edges), 10, dtype=np.int64),
        deviation_rate=area.deviation_rate,
        areas=(Area("all", "", tuple(range(area.n_blocks)), total, (Limits(area.n_communities, *limits),)),),
        apart=area.apart,
        compactness=area.compactness,
        enclosure=area.enclosure,
        stay=area.stay,
        idle=area.idle,
        frees=True,
    )


@examples(20)
@given(tiny_cities(max_blocks=7))
def test_every_tiny_area_gets_the_nearest_plan(area: AreaProblem) -> None:
    """Whatever else is asked for, it is the nearest plan that keeps apart what must be and moves no more than may.

    Where it is said to be proved it is that; bounds alone never keep an area from having a plan.
    """
    check_tiny(area)


def check_tiny(area: AreaProblem) -> None:
    """Compare the plan of a tiny area with all there are; one that is not divided may have any shape."""
    if area.n_communities == 1:
        area = replace(area, compactness=None, enclosure=None, necks=None)
    result, truth = solve(whole(area), QUICK, Stop(60.0)), NearestTruth(area).nearest()
    if result.plan is None:
        others = area.stay, area.compactness, area.enclosure, area.necks
        assert truth is None or area.apart.size or any(limit is not None for limit in others)
        return
    assert truth is not None
    rank = rank_miss(area, np.array(labels(result.areas[0]), dtype=np.int32))
    assert rank.broken == 0
    assert (rank.n_outside, rank.outside) >= truth[0]
    assert (rank.n_outside > 0) == (result.areas[0].exceptions is not None)
    if result.areas[0].exceptions is Necessity.LEAST:
        assert (rank.n_outside, rank.outside) == truth[0]


def test_there_is_a_plan_though_the_time_is_up_at_once() -> None:
    """Without any time every area has a plan all the same, and every community outside the bounds is told."""
    problem = join(area_of([5] * 16, grid(4, 4), k=4), area_of([5, 5, 5, 5, 30], path(5), k=2))
    result = solve(problem, QUICK, Stop(0.0))
    assert result.plan is not None
    assert result.stopped_by.is_early
    for number, found in enumerate(result.areas):
        assert bool(found_outside(problem, result, number)) == (found.exceptions is not None)


@pytest.mark.slow(covers=["redistrict/solver/"])
@pytest.mark.parametrize("workers", [1, 3])
def test_the_nearest_plan_does_not_depend_on_the_number_of_workers(workers: int) -> None:
    """In an area too large to be proved the plan is the same for any number of workers; few communities are outside."""
    sizes = np.random.default_rng(4).integers(2, 5, size=64).tolist()
    part = area_of(sizes, grid(8, 8), k=round(sum(sizes) / 23.5))
    assert part.size.sum() > part.n_communities * 22
    problem = join(part, area_of([5] * 12, grid(3, 4), k=3))
    found = [solve(problem, QUICK.model_copy(update={"workers": n, "effort": 0.1}), Stop(60.0)) for n in (2, workers)]
    assert found[0].areas == found[1].areas
    assert rank_miss(part, np.array(labels(found[0].areas[0]), dtype=np.int32)).n_outside <= 2
    assert found[0].areas[0].exceptions is Necessity.UNPROVED


def test_a_run_killed_while_freeing_goes_on_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was freed is read back, and what lies around it, and the plan is the same."""
    bad = area_of([5] * 64 + [40], [*grid(8, 8), (3, 64)], k=17)
    none = replace(area_of([5] * 4, path(4), k=1), apart=np.array([[0, 3]], dtype=np.int32))
    for problem in (join(bad), replace(join(none), apart=none.apart)):
        journal = Journal(tmp_path / "out", str(problem.n_blocks))
        whole_run, n_kept = solve(problem, QUICK, Stop(60.0), journal=journal), journal.n_kept
        with monkeypatch.context() as patched:
            for name in ("nearest_plan", "anneal_run"):
                patched.setattr(strategy if name == "nearest_plan" else rounds, name, refuse)
            again = solve(problem, QUICK, Stop(60.0), journal=journal)
        assert again.areas == whole_run.areas
        assert journal.n_kept == n_kept > 0


def refuse(*_: object, **__: object) -> None:
    """Stand in for what must not be done again."""
    raise AssertionError("it was worked out again")


def test_what_is_proved_hopeless_is_not_searched_for_long() -> None:
    """An area said to be hopeless gets its nearest plan, and it is known that one is needed."""
    bad = area_of([5] * 64 + [40], [*grid(8, 8), (3, 64)], k=17)
    assert find_reasons(bad)
    result = solve(join(bad), QUICK, Stop(60.0), hopeless={0})
    assert result.areas[0].exceptions is Necessity.NEEDED
    assert found_one(bad, result) == {64}


def found_one(part: AreaProblem, result: Result) -> set[int]:
    """Give the blocks of the only community outside the bounds."""
    plan = np.array(labels(result.areas[0]))
    totals = np.bincount(plan, part.size[:, 0])
    (c,) = np.flatnonzero((totals < part.lower[0]) | (totals > part.upper[0])).tolist()
    return set(np.flatnonzero(plan == c).tolist())
