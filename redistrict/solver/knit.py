"""Knitting: an area as its pins leave it.

Blocks that lie together become one. What is kept apart is no neighbour any more, which may leave the area in parts that
no community crosses; these are divided on their own, with every way to share the communities out among them. So search,
proof and bound know nothing of pins, and a plan costs what it costs without them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.model.pins import Demand
from redistrict.model.problem import AreaProblem, cut_out
from redistrict.solver.joined import join_blocks

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Knit:
    """One area with one number of communities, and what its pins make of it.

    Attributes
    ----------
    problem : AreaProblem
        The blocks joined, without the edges that no community may hold; what these cost is in its base cost.
    cluster : (n_blocks,) int64
        Which block of `problem` each block of the area is in.
    parts : tuple of (n,) int64
        Blocks of `problem` that hang together.
    numbers : tuple of tuple of int
        Every way to share the communities out: how many each part gets; none where pins contradict each other or the
        totals.
    """

    problem: AreaProblem
    cluster: IntArray
    parts: tuple[IntArray, ...]
    numbers: tuple[tuple[int, ...], ...]

    def cut(self, part: int, n_communities: int) -> AreaProblem:
        """Give one part as a problem of its own; the first one has the base cost of all."""
        if len(self.parts) == 1:
            return self.problem
        own = cut_out(self.problem, self.parts[part], n_communities)
        return replace(own, base_cost=0 if part else self.problem.base_cost)

    def expand(self, plans: Sequence[Sequence[int]], numbers: Sequence[int]) -> tuple[int, ...]:
        """Put a plan of each part together into one of the area's blocks."""
        whole = np.empty(self.problem.n_blocks, dtype=np.int64)
        offset = 0
        for part, plan, n in zip(self.parts, plans, numbers, strict=True):
            whole[part] = np.array(plan) + offset
            offset += n
        return tuple(whole[self.cluster].tolist())


def knit(area: AreaProblem, blocks: Sequence[int], demands: Sequence[Demand], *, any_total: bool = False) -> Knit:
    """Put what pins ask into an area.

    Parameters
    ----------
    area : AreaProblem
    blocks : sequence of int
        The block of the whole map that each of the area's is.
    demands : sequence of Demand
        Of the whole map; those that speak of other areas are passed over.
    any_total : bool
        Parts may get a number of communities that their totals do not fit.
    """
    at = {block: i for i, block in enumerate(blocks)}
    groups = [[at[i] for i in one.together if i in at] for one in demands]
    links = np.array([pair for group in groups for pair in pairwise(group)], dtype=np.int64).reshape(-1, 2)
    cluster = np.empty(area.n_blocks, dtype=np.int64)
    for number, members in enumerate(components(area.n_blocks, links)):
        cluster[members] = number
    asked = [(at[i], at[j]) for one in demands for i, j in one.apart if i in at and j in at]
    own = [(np.isin(blocks, one.own), one.count) for one in demands if not at.keys().isdisjoint(one.own)]
    joined = join_blocks(area, cluster)
    apart = np.vstack([joined.apart, np.sort(cluster[np.array(asked, dtype=np.int64).reshape(-1, 2)], axis=1)])
    inside = [_lift(cluster, is_own) for is_own, _ in own]
    is_torn = bool((apart[:, 0] == apart[:, 1]).any()) or any(
        (is_own[cluster] != mask).any() for (mask, _), is_own in zip(own, inside, strict=True)
    )
    is_cut = np.isin(joined.edges @ [joined.n_blocks, 1], apart @ [joined.n_blocks, 1])
    for is_own in inside:
        is_cut |= is_own[joined.edges[:, 0]] != is_own[joined.edges[:, 1]]
    problem = replace(
        joined,
        edges=joined.edges[~is_cut],
        edge_weight=joined.edge_weight[~is_cut],
        apart=np.unique(apart, axis=0).astype(np.int32),
    )
    parts = tuple(np.array(part) for part in components(problem.n_blocks, problem.edges))
    allowed = [_numbers_of(problem, part, any_total=any_total) for part in parts]
    sums = [
        (np.array([bool(is_own[part[0]]) for part in parts]), n) for is_own, (_, n) in zip(inside, own, strict=True)
    ]
    everywhere = (np.ones(len(parts), dtype=bool), area.n_communities)
    numbers = () if is_torn else tuple(_share_out(allowed, [everywhere, *sums]))
    if any_total and len(numbers) > 1:
        numbers = (min(numbers, key=lambda ways: _misfit(problem, parts, ways)),)
    return Knit(problem, cluster, parts, numbers)


def _lift(cluster: IntArray, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of which clusters some block is marked, (n_clusters,)."""
    return np.isin(np.arange(int(cluster.max()) + 1), cluster[mask])


def _numbers_of(problem: AreaProblem, part: IntArray, *, any_total: bool) -> list[int]:
    """Give how many communities a part may have by its blocks and its totals."""
    total, n_most = problem.size[part].sum(axis=0), min(len(part), problem.n_communities)
    return [
        n
        for n in range(1, n_most + 1)
        if any_total or ((n * problem.lower <= total) & (total <= n * problem.upper)).all()
    ]


def _share_out(allowed: list[list[int]], sums: list[tuple[NDArray[np.bool_], int]]) -> Iterator[tuple[int, ...]]:
    """Give every choice of an allowed number for each part with the sums asked for over some of them."""
    allowed = [list(numbers) for numbers in allowed]
    if not all(allowed):
        return
    for mask, total in sums:
        if mask.sum() == 1:
            part = int(np.argmax(mask))
            allowed[part] = [n for n in allowed[part] if n == total]
    open_parts = sorted((p for p, numbers in enumerate(allowed) if len(numbers) != 1), key=lambda p: len(allowed[p]))
    chosen = [numbers[0] if len(numbers) == 1 else 0 for numbers in allowed]

    def is_possible(done: int) -> bool:
        rest = open_parts[done:]
        for mask, total in sums:
            so_far = sum(n for n, is_in in zip(chosen, mask.tolist(), strict=True) if is_in)
            free = [allowed[p] for p in rest if mask[p]]
            if not so_far + sum(map(min, free)) <= total <= so_far + sum(map(max, free)):
                return False
        return True

    def go_on(done: int) -> Iterator[tuple[int, ...]]:
        if not is_possible(done):
            return
        if done == len(open_parts):
            yield tuple(chosen)
            return
        for n in allowed[open_parts[done]]:
            chosen[open_parts[done]] = n
            yield from go_on(done + 1)
        chosen[open_parts[done]] = 0

    if all(allowed):
        yield from go_on(0)


def _misfit(problem: AreaProblem, parts: Sequence[IntArray], numbers: Sequence[int]) -> float:
    """Give how far the totals of the parts are from what so many communities hold, in targets."""
    total = np.array([problem.size[part].sum(axis=0) for part in parts])
    n = np.array(numbers)[:, None]
    outside = np.maximum(n * problem.lower - total, 0) + np.maximum(total - n * problem.upper, 0)
    return float((outside / np.maximum(problem.target, 1)).sum())
