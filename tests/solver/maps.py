"""Small maps, and the plain truth about them: every plan of a tiny map, counted out one by one."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations

import networkx as nx
import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.areas import Area, Limits
from redistrict.model.compactness import Compactness
from redistrict.model.dear import DearLevel, DearLevels, build_dear_levels
from redistrict.model.enclosure import Enclosure
from redistrict.model.necks import Necks
from redistrict.model.problem import AreaProblem, Problem
from redistrict.model.terms import IdleStaff, Stay

Edges = Sequence[tuple[int, int]]
Communities = tuple[frozenset[int], ...]


def examples(n: int) -> settings:
    """Ask hypothesis for few examples: each of them solves something, and many maps that are drawn have no plan.

    In the gate for half of them; for all with `pytest --hypothesis-profile whole tests/solver`.
    """
    return settings(
        max_examples=n if settings.get_current_profile_name() == "whole" else n // 2,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def make_area(
    edges: Edges,
    *,
    k: int,
    weight: Sequence[int] | None = None,
    size: Sequence[Sequence[int]] | None = None,
    lower: Sequence[int] = (0,),
    upper: Sequence[int] = (10**12,),
    target: Sequence[int] = (0,),
    rate: Sequence[int] = (0,),
    n: int | None = None,
    apart: Edges = (),
    stay: Stay | None = None,
    idle: IdleStaff | None = None,
) -> AreaProblem:
    """Make an area; by default each block has one household and each edge weight -1."""
    n = n or 1 + max((j for _, j in edges), default=0)
    weights = [-1] * len(edges) if weight is None else list(weight)
    return AreaProblem(
        size=np.array([[1]] * n if size is None else size, dtype=np.int64),
        edges=np.array(edges, dtype=np.int32).reshape(-1, 2),
        edge_weight=np.array(weights, dtype=np.int64),
        base_cost=sum(max(0, -w) for w in weights),
        n_communities=k,
        lower=np.array(lower, dtype=np.int64),
        upper=np.array(upper, dtype=np.int64),
        target=np.array(target, dtype=np.int64),
        deviation_rate=np.array(rate, dtype=np.int64),
        apart=np.array(apart, dtype=np.int32).reshape(-1, 2),
        stay=stay,
        idle=idle,
    )


def path(n: int) -> list[tuple[int, int]]:
    """0 - 1 - 2 - ... - n-1."""
    return [(i, i + 1) for i in range(n - 1)]


def star(n: int) -> list[tuple[int, int]]:
    """Block 0 in the middle, all others touch only it."""
    return [(0, i) for i in range(1, n)]


def clique(n: int) -> list[tuple[int, int]]:
    """Everyone touches everyone."""
    return list(combinations(range(n), 2))


def binary_tree(n: int) -> list[tuple[int, int]]:
    """Block i hangs on block (i - 1) // 2."""
    return [((i - 1) // 2, i) for i in range(1, n)]


def grid(rows: int, columns: int, offset: int = 0) -> list[tuple[int, int]]:
    """Give the edges of a street grid, blocks numbered row by row from `offset`."""
    edges = []
    for i in range(rows * columns):
        if (i + 1) % columns:
            edges.append((offset + i, offset + i + 1))
        if i + columns < rows * columns:
            edges.append((offset + i, offset + i + columns))
    return sorted(edges)


def uneven_grid(
    side: int,
    *,
    k: int,
    seed: int,
    weights: int,
    sizes: tuple[int, int],
    n_quantities: int = 1,
    **bounds: Sequence[int],
) -> AreaProblem:
    """Draw side x side blocks: weights of edges up to `weights` either way, sizes from a range, all by `seed`."""
    edges, rng = grid(side, side), np.random.default_rng(seed)
    return make_area(
        edges,
        k=k,
        weight=rng.integers(-weights, weights, len(edges)).tolist(),
        size=rng.integers(*sizes, (side * side, n_quantities)).tolist(),
        **bounds,  # type: ignore[arg-type]
    )


@st.composite
def connected_edges(draw: st.DrawFn, *, min_blocks: int = 2, max_blocks: int = 9) -> list[tuple[int, int]]:
    """Draw a connected piece of a street grid with some diagonals, blocks numbered in any order."""
    n = draw(st.integers(min_blocks, max_blocks))
    columns = draw(st.integers(1, 4))
    sure, maybe = [], []
    for i in range(1, n):
        above, is_row_start = i - columns, i % columns == 0
        sure.append((above, i) if is_row_start else (i - 1, i))
        if not is_row_start and above >= 0:
            maybe += [(above, i), (above - 1, i)]
    kept = sure + [edge for edge in maybe if draw(st.booleans())]
    number = draw(st.permutations(range(n)))
    return sorted({(min(number[i], number[j]), max(number[i], number[j])) for i, j in kept})


@st.composite
def tiny_areas(draw: st.DrawFn, *, max_blocks: int = 9) -> AreaProblem:
    """Draw a tiny area: signed weights, two quantities (zero sizes too), bounds odd or impossible."""
    k = draw(st.sampled_from([3, 2, 4, 1]))
    edges = draw(connected_edges(min_blocks=max(2, k, max_blocks - draw(st.integers(0, 7))), max_blocks=max_blocks))
    n = 1 + max(j for _, j in edges)
    numbers = st.integers(0, 6)
    size = draw(st.lists(st.tuples(numbers, numbers), min_size=n, max_size=n))
    means = [sum(s[q] for s in size) / k for q in range(2)]
    slack = st.sampled_from([8, 3, 4, 20, 2, 1, 0, -1])
    below = [draw(slack) for _ in means]
    above = [draw(slack) for _ in means]
    return make_area(
        edges,
        k=k,
        weight=draw(st.lists(st.integers(-9, 9), min_size=len(edges), max_size=len(edges))),
        size=size,
        lower=[max(0, int(m) - b) for m, b in zip(means, below, strict=True)],
        upper=[max(0, int(m) + a) for m, a in zip(means, above, strict=True)],
        target=[max(0, int(m) + draw(st.integers(-1, 1))) for m in means],
        rate=[draw(st.integers(0, 3)) for _ in means],
        n=n,
    )


@st.composite
def tiny_cities(draw: st.DrawFn, *, max_blocks: int = 8) -> AreaProblem:
    """Draw a tiny area with everything at once: pairs apart, shape, today's communities, moving, idle staff."""
    area = draw(tiny_areas(max_blocks=max_blocks))
    n = area.n_blocks
    pairs = [(i, j) for i, j in combinations(range(n), 2) if (i, j) not in set(map(tuple, area.edges.tolist()))]
    current = draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n))
    away = draw(st.sampled_from([-2, 0, 1]))
    stay = Stay(
        current=np.array(current, dtype=np.int32),
        is_home=np.array([c not in (-1, away) for c in current]),
        residents=area.size[:, 0].copy(),
        rate=draw(st.integers(0, 4)),
        max_share=draw(st.sampled_from([None, 0.8, 0.5, 0.25])),
    )
    idle = IdleStaff(
        share=(draw(st.integers(1, 3)), draw(st.integers(0, 3))),
        scale=draw(st.integers(2, 12)),
        larger=draw(st.booleans()),
        up=draw(st.booleans()),
        minimum=draw(st.integers(0, 2)),
        price=draw(st.integers(1, 30)),
    )
    return replace(
        area,
        apart=np.array(
            draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)) if pairs else [], dtype=np.int32
        ).reshape(-1, 2),
        compactness=draw(tiny_ground(area, pairs)) if draw(st.integers(0, 2)) == 2 else None,
        enclosure=draw(tiny_surroundings(area, pairs)) if draw(st.integers(0, 2)) == 2 else None,
        necks=draw(tiny_necks(area)) if draw(st.integers(0, 3)) == 3 else None,
        stay=draw(st.sampled_from([stay, None])),
        idle=draw(st.sampled_from([idle, None])),
        dear=draw(tiny_levels(area)) if draw(st.integers(0, 2)) == 2 else None,
    )


@st.composite
def tiny_levels(draw: st.DrawFn, area: AreaProblem) -> DearLevels | None:
    """Draw one or two levels of up to three units, each with a price."""
    units = st.lists(st.integers(0, 2), min_size=area.n_blocks, max_size=area.n_blocks)
    levels = [DearLevel(np.array(draw(units)), draw(st.integers(0, 5))) for _ in range(draw(st.integers(1, 2)))]
    return build_dear_levels(levels, area.size[:, 0])


@st.composite
def tiny_ground(draw: st.DrawFn, area: AreaProblem, others: Edges) -> Compactness:
    """Draw cells of 1 to 9 m² that share metres of border along edges and some other pairs."""
    beside = sorted(
        {*map(tuple, area.edges.tolist()), *draw(st.lists(st.sampled_from(others or [(0, 1)]), max_size=2))}
    )
    metres = draw(st.lists(st.integers(1, 3), min_size=len(beside), max_size=len(beside)))
    around = draw(st.lists(st.integers(1, 4), min_size=area.n_blocks, max_size=area.n_blocks))
    for pair, border in zip(beside, metres, strict=True):
        for i in pair:
            around[i] += border
    return Compactness(
        area=10**6 * np.array(draw(st.lists(st.integers(1, 9), min_size=area.n_blocks, max_size=area.n_blocks))),
        around=1000 * np.array(around),
        pairs=np.array(beside, dtype=np.int32),
        border=1000 * np.array(metres),
        least=draw(st.sampled_from([0.3, 0.2, 0.4, 0.5])),
    )


@st.composite
def tiny_surroundings(draw: st.DrawFn, area: AreaProblem, others: Edges) -> Enclosure:
    """Draw ground beside ground: edges and some other pairs, the outside, and two pieces that hold blocks or not."""
    n = area.n_blocks
    beside = {*map(tuple, area.edges.tolist()), *draw(st.lists(st.sampled_from(others or [(0, 1)]), max_size=2))}
    for node, least in ((n, 2), (n + 1, 0), (n + 2, 0)):
        touched = draw(st.lists(st.integers(0, n - 1), min_size=least, max_size=4))
        beside |= {(i, node) for i in touched}
    held = draw(st.lists(st.booleans(), min_size=2, max_size=2))
    is_held = [h and any(node == n + 1 + f for _, node in beside) for f, h in enumerate(held)]
    return Enclosure(n, np.array(sorted(beside), dtype=np.int32), np.array([False, *is_held]))


@st.composite
def tiny_necks(draw: st.DrawFn, area: AreaProblem) -> Necks:
    """Draw which edges are wide, which blocks with a wide neighbour count, and whether necks are forbidden or cost."""
    is_wide = np.array([draw(st.integers(0, 3)) > 0 for _ in area.edges], dtype=bool)
    has_wide = np.isin(np.arange(area.n_blocks), area.edges[is_wide])
    counts = has_wide & np.array([draw(st.integers(0, 3)) > 0 for _ in has_wide])
    return Necks(area.edges[is_wide], counts, (None, 3, 30)[counts.sum() % 3])


def level_cost_of(dear: DearLevels | None, community: Collection[int]) -> int:
    """Try every unit of every level that a community might belong to: what the residents of the others cost."""
    if dear is None:
        return 0
    cost = 0
    for level in set(dear.level.tolist()):
        units = np.flatnonzero(dear.level == level).tolist()
        rows = zip(dear.block.tolist(), dear.unit.tolist(), dear.price.tolist(), strict=True)
        own = [(unit, price) for block, unit, price in rows if block in community and unit in units]
        cost += min(sum(price for unit, price in own if unit != chosen) for chosen in units)
    return cost


class Truth:
    """All feasible communities and all feasible plans of a tiny area, counted out without the engine."""

    def __init__(self, problem: AreaProblem) -> None:
        self.problem = problem
        self.graph = as_networkx(problem)

    @cached_property
    def communities(self) -> dict[frozenset[int], int]:
        """Every connected set of blocks inside the bounds, with its cost."""
        blocks = range(self.problem.n_blocks)
        sets = (frozenset(c) for r in range(1, len(blocks) + 1) for c in combinations(blocks, r))
        return {c: self.cost_of(c) for c in sets if self.is_feasible(c)}

    def is_feasible(self, community: frozenset[int]) -> bool:
        """Tell whether a set of blocks is connected and inside the bounds."""
        return self.is_inside(community) and nx.is_connected(self.graph.subgraph(community))

    def is_inside(self, community: frozenset[int]) -> bool:
        """Tell whether a set of blocks is inside the bounds."""
        limits = zip(self.total_of(community), self.problem.lower, self.problem.upper, strict=True)
        apart = any(i in community and j in community for i, j in self.problem.apart.tolist())
        is_shaped = self.is_compact(community) and not self.surrounds(community)
        if self.problem.necks is not None and self.problem.necks.price is None:
            is_shaped &= not self.n_loose(community)
        return not apart and is_shaped and all(low <= total <= up for total, low, up in limits)

    def n_loose(self, community: frozenset[int]) -> int:
        """Count the parts that hang on a community by a neck too narrow: all that hold blocks that count but one."""
        asked = self.problem.necks
        if asked is None:
            return 0
        wide = nx.Graph(asked.pairs.tolist())
        wide.add_nodes_from(community)
        parts = nx.connected_components(wide.subgraph(community))
        return max(0, sum(any(asked.counts[i] for i in part) for part in parts) - 1)

    def surrounds(self, community: frozenset[int]) -> bool:
        """Tell whether a block, or ground that holds blocks, lies inside a set of blocks where that is refused."""
        asked = self.problem.enclosure
        if asked is None:
            return False
        ground = nx.Graph(asked.pairs.tolist())
        ground.add_nodes_from(range(asked.n_nodes))
        ground.remove_nodes_from(community)
        outside = nx.node_connected_component(ground, asked.n_blocks)
        return any(asked.must_get_out[node] for node in set(ground) - outside)

    def is_compact(self, community: frozenset[int]) -> bool:
        """Tell whether a set of blocks is as compact as is asked for."""
        asked = self.problem.compactness
        return asked is None or self.compactness_of(community) >= asked.least

    def compactness_of(self, community: frozenset[int]) -> float:
        """Give ``4 pi area / perimeter^2``, shared border by shared border."""
        asked = self.problem.compactness
        assert asked is not None
        around = sum(int(asked.around[i]) for i in community)
        for (i, j), border in zip(asked.pairs.tolist(), asked.border.tolist(), strict=True):
            around -= 2 * border if i in community and j in community else 0
        return 4 * math.pi * sum(int(asked.area[i]) for i in community) / around**2

    def total_of(self, community: frozenset[int]) -> list[int]:
        """Add up every quantity."""
        n_quantities = self.problem.size.shape[1]
        return [sum(int(self.problem.size[i, q]) for i in community) for q in range(n_quantities)]

    def cost_of(self, community: frozenset[int]) -> int:
        """Weights of the edges inside, plus deviation, idle workers, units changed and parts behind necks."""
        cost = sum(w for i, j, w in self.graph.edges(data="weight") if i in community and j in community)
        for q, total in enumerate(self.total_of(community)):
            cost += int(self.problem.deviation_rate[q]) * abs(total - int(self.problem.target[q]))
        price = (self.problem.necks.price if self.problem.necks else None) or 0
        return (
            int(cost)
            + self.idle_cost_of(community)
            + level_cost_of(self.problem.dear, community)
            + price * self.n_loose(community)
        )

    def idle_cost_of(self, community: frozenset[int]) -> int:
        """Count out workers by trying every number of them."""
        idle = self.problem.idle
        if idle is None:
            return 0
        parts = [s * t for s, t in zip(idle.share, self.total_of(community), strict=True)]
        need = max(parts) if idle.larger else sum(parts)
        numbers = range(idle.minimum, 1000)
        enough = [w for w in numbers if not idle.up or w * idle.scale >= need]
        return -(-idle.price * min(abs(w * idle.scale - need) for w in enough) // idle.scale)

    def moved_in(self, plan: Communities) -> int:
        """Count the residents whose community changes, from the sentence that states the rule."""
        stay = self.problem.stay
        if stay is None:
            return 0
        homes: dict[int, tuple[int, int]] = {}
        for community in sorted(plan, key=min):
            shares = {}
            for i in sorted(community):
                if stay.current[i] >= 0:
                    people, blocks = shares.get(int(stay.current[i]), (0, 0))
                    shares[int(stay.current[i])] = (people + int(stay.residents[i]), blocks + 1)
            if shares:
                old = min(shares, key=lambda o: (-shares[o][0], -shares[o][1], o))
                at_home = all(stay.is_home[i] for i in community if stay.current[i] == old)
                if at_home:
                    homes[old] = max(homes.get(old, (0, 0)), shares[old])
        return stay.n_residents - sum(people for people, _ in homes.values())

    def may_move(self, plan: Communities) -> bool:
        """Tell whether no more residents change than may."""
        stay = self.problem.stay
        return stay is None or stay.max_moved is None or self.moved_in(plan) <= stay.max_moved

    def plans(self) -> Iterator[Communities]:
        """Give every partition into exactly n_communities feasible communities that moves no more than may."""
        everything = frozenset(range(self.problem.n_blocks))
        yield from filter(self.may_move, self._cover(everything, self.problem.n_communities))

    def _cover(self, left: frozenset[int], k: int) -> Iterator[Communities]:
        if k == 0 or not left:
            if k == 0 and not left:
                yield ()
            return
        first = min(left)
        for community in self.communities:
            if first in community and community <= left:
                for rest in self._cover(left - community, k - 1):
                    yield (community, *rest)

    def cost_of_plan(self, plan: Communities) -> int:
        """Cost of cutting everything, plus the costs of the communities, plus that of moving residents."""
        rate = self.problem.stay.rate if self.problem.stay else 0
        return self.problem.base_cost + sum(self.cost_of(c) for c in plan) + rate * self.moved_in(plan)

    @cached_property
    def optimum(self) -> int | None:
        """Cost of the cheapest plan; none when there is no plan."""
        return min((self.cost_of_plan(plan) for plan in self.plans()), default=None)


def as_networkx(problem: AreaProblem) -> nx.Graph:
    """Give the contiguity graph of an area."""
    graph = nx.Graph()
    graph.add_nodes_from(range(problem.n_blocks))
    for (i, j), weight in zip(problem.edges.tolist(), problem.edge_weight.tolist(), strict=True):
        graph.add_edge(i, j, weight=weight)
    return graph


def as_communities(assignment: Sequence[int] | NDArray[np.int32]) -> Communities:
    """Give the communities 0 .. k-1 of an assignment as sets of blocks."""
    labels = [int(c) for c in assignment]
    return tuple(frozenset(i for i, c in enumerate(labels) if c == k) for k in range(max(labels) + 1))


def assert_is_plan(problem: AreaProblem, assignment: Sequence[int] | NDArray[np.int32] | None) -> None:
    """Check the number of communities, bounds and contiguity of a plan."""
    assert assignment is not None
    truth = Truth(problem)
    plan = as_communities(assignment)
    assert len(assignment) == problem.n_blocks
    assert min(assignment) == 0
    assert len(plan) == problem.n_communities
    for community in plan:
        assert community, "an empty community"
        assert truth.is_feasible(community), f"{sorted(community)} is torn or outside its bounds"
    assert truth.may_move(plan), f"{truth.moved_in(plan)} residents change"


def true_cost(problem: AreaProblem, assignment: Sequence[int] | NDArray[np.int32] | None) -> int:
    """Count out what a plan costs."""
    assert assignment is not None
    return Truth(problem).cost_of_plan(as_communities(assignment))


def grown_assignment(problem: AreaProblem, seed: int) -> NDArray[np.int32]:
    """Give any connected plan: cut a random spanning tree at random edges; bounds are not looked at."""
    rng = np.random.default_rng(seed)
    graph = as_networkx(problem)
    for i, j in graph.edges:
        graph.edges[i, j]["weight"] = rng.random()
    tree = nx.minimum_spanning_tree(graph)
    edges = list(tree.edges)
    order = rng.permutation(len(edges)).tolist()
    tree.remove_edges_from([edges[c] for c in order[: problem.n_communities - 1]])
    assignment = np.full(problem.n_blocks, -1, dtype=np.int32)
    for community, members in enumerate(nx.connected_components(tree)):
        assignment[list(members)] = community
    return assignment


def make_problem(
    parts: Sequence[tuple[Edges, int, Sequence[int]]],
    *,
    tolerance: float = 0.3,
    household: Callable[[int], int] = lambda i: 10 + (7 * i) % 5,
    crossing: Callable[[int], int] = lambda e: 40 * (e % 7 == 0),
) -> Problem:
    """Make a problem of several areas, each with its edges, number of blocks and numbers of communities allowed.

    People are twice the households; cutting an edge costs 10.
    """
    edges: list[tuple[int, int]] = []
    size: list[tuple[int, int]] = []
    areas: list[Area] = []
    for number, (part, n, counts) in enumerate(parts):
        offset = len(size)
        edges += [(offset + i, offset + j) for i, j in part]
        size += [(household(i), 2 * household(i)) for i in range(n)]
        total = tuple(sum(column) for column in zip(*size[offset:], strict=True))
        areas.append(
            Area(
                name=f"area {number}",
                district=f"area {number}",
                blocks=tuple(range(offset, offset + n)),
                total=total,
                options=tuple(_limits(total, k, tolerance) for k in counts),
            )
        )
    return Problem(
        quantities=("households", "people"),
        size=np.array(size, dtype=np.int64),
        edges=np.array(edges, dtype=np.int32).reshape(-1, 2),
        crossing_cost=np.array([crossing(e) for e in range(len(edges))], dtype=np.int64),
        boundary_cost=np.full(len(edges), 10, dtype=np.int64),
        deviation_rate=np.array([1, 0], dtype=np.int64),
        areas=tuple(areas),
    )


def _limits(total: Sequence[int], k: int, tolerance: float) -> Limits:
    return Limits(
        n_communities=k,
        target=tuple(round(t / k) for t in total),
        lower=tuple(int(t / k * (1 - tolerance)) for t in total),
        upper=tuple(int(t / k * (1 + tolerance)) for t in total),
    )


def closes_ring(area: AreaProblem, community: frozenset[int], block: int) -> bool:
    """Tell whether a community surrounds others, and its block has ground on both sides of it."""
    asked = area.enclosure
    if asked is None or not Truth(area).surrounds(community):
        return False
    ground = nx.Graph(asked.pairs.tolist())
    beside = set(ground.neighbors(block)) - community if block in ground else set()
    ground.remove_nodes_from(community)
    return not any(beside <= piece for piece in nx.connected_components(ground))


def slow_moves(
    area: AreaProblem,
    assignment: list[int],
    rng: np.random.Generator,
    n_moves: int,
    temperature: float,
    score: Callable[[list[int]], float],
    neck_penalty: float = 0.0,
    *,
    carries: bool = False,
) -> list[int]:
    """Do what a sweep does, weighing whole plans by `score`, with contiguity by networkx.

    Parts behind necks are weighed only where there are some: a move that makes more is refused anyway, or, where they
    have a price, drawn for once more. Where it `carries`,
    what a block alone ties to its community goes with it, weighed and drawn for once more, if only sizes are counted.
    """
    price = area.necks.price if area.necks else None
    neck_penalty = neck_penalty if price is None else float(price)
    graph = as_networkx(area)
    edges = [tuple(edge) for edge in area.edges.tolist()]
    cut = [e for e, (i, j) in enumerate(edges) if assignment[i] != assignment[j]]
    for _ in range(n_moves):
        if not cut:
            break
        draw = int(rng.random() * (2 * len(cut)))
        block, other = edges[cut[draw >> 1]][:: 1 if draw % 2 == 0 else -1]
        source, goal = assignment[block], assignment[other]
        moved = [goal if i == block else c for i, c in enumerate(assignment)]
        left = [i for i, c in enumerate(moved) if c == source]
        if not left:
            continue
        n_loose, n_loose_then = (
            sum(Truth(area).n_loose(frozenset(i for i, c in enumerate(plan) if c == own)) for own in (source, goal))
            for plan in (assignment, moved)
        )
        delta = score(moved) - score(assignment) - (price or 0) * (n_loose_then - n_loose)
        if n_loose:
            delta += neck_penalty * (n_loose_then - n_loose)
        if delta > 1e-9 and rng.random() >= math.exp(-delta / temperature):
            continue
        hanging = list[int]()
        if not nx.is_connected(graph.subgraph(left)):
            if not carries or not _is_plain(area):
                continue
            hanging = _list_hanging(graph.subgraph(left), sorted(graph.neighbors(block)))
            moved = [goal if i in hanging else c for i, c in enumerate(moved)]
            delta = score(moved) - score(assignment)
            if delta > 1e-9 and rng.random() >= math.exp(-delta / temperature):
                continue
        if closes_ring(area, frozenset(i for i, c in enumerate(moved) if c == goal), block):
            continue
        if n_loose_then > n_loose and price is None:
            continue
        more = n_loose_then - n_loose
        if more > 0 and not n_loose and rng.random() >= math.exp(-neck_penalty * more / temperature):
            continue
        assignment = list(assignment)
        for one in (block, *hanging):
            assignment[one] = goal
            for near in sorted(graph.neighbors(one)):
                e = edges.index((min(one, near), max(one, near)))
                if assignment[near] != goal and e not in cut:
                    cut.append(e)
                elif assignment[near] == goal and e in cut:
                    cut[cut.index(e)] = cut[-1]
                    cut.pop()
    return assignment


def _is_plain(area: AreaProblem) -> bool:
    """Nothing but sizes is counted beyond the edges."""
    rules = area.stay, area.idle, area.dear, area.compactness, area.enclosure, area.necks
    return len(area.apart) == 0 and all(rule is None for rule in rules)


def _list_hanging(left: nx.Graph, near: list[int]) -> list[int]:
    """List all pieces but the largest, each from the first of the neighbours that is in it."""
    pieces = list[list[int]]()
    for first in near:
        if first in left and not any(first in piece for piece in pieces):
            pieces.append([first, *(b for _, b in nx.bfs_edges(left, first, sort_neighbors=sorted))])
    largest = max(range(len(pieces)), key=lambda n: len(pieces[n]))
    return [i for n, piece in enumerate(pieces) if n != largest for i in piece]
