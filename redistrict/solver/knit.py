"""Knitting: an area as its pins leave it.

Blocks that lie together become one. What is kept apart is no neighbour any more, which may leave the area in parts that
no community crosses; these are divided on their own, with every way to share the communities out among them. So search,
proof and bound know nothing of pins, and a plan costs what it costs without them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.components import components
from redistrict.messages import Message, list_of
from redistrict.model.pins import Demand
from redistrict.model.problem import AreaProblem, cut_out
from redistrict.model.terms import Stay
from redistrict.solver.joined import join_blocks

IntArray = NDArray[np.int64]
_SHARED = Message(
    "pins: a number of communities (`count`, `split`) of blocks that share communities of today with others does not "
    "go with objective.disruption, nor any with communities.max_moved_share; leave one of them out.",
    "pins：地块的社区数（count、split）在与其他地块同属现有社区时不能与 objective.disruption 同用，"
    "也不能与 communities.max_moved_share 同用；请删去其一。",
)


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

    Raises
    ------
    ScenarioError
        If numbers of communities are asked for where residents who change cannot be counted part by part, or what is
        put together has necks.
    """
    asked = _take(demands, blocks)
    cluster = _join(area.n_blocks, asked.groups)
    _check_necks(area, cluster, blocks, demands)
    joined = join_blocks(area, cluster)
    inside = [np.isin(np.arange(joined.n_blocks), cluster[own]) for own in asked.own]
    is_cut, apart = _part(joined, cluster, asked, inside)
    problem = replace(joined, edges=joined.edges[~is_cut], edge_weight=joined.edge_weight[~is_cut], apart=apart)
    parts = tuple(np.array(part) for part in components(problem.n_blocks, problem.edges))
    is_torn = (apart[:, 0] == apart[:, 1]).any() or any(
        np.isin(cluster, np.flatnonzero(is_own)).sum() > len(own) for is_own, own in zip(inside, asked.own, strict=True)
    )
    allowed = [_numbers_of(problem, part, any_total=any_total) for part in parts]
    sums = [([bool(is_own[part[0]]) for part in parts], n) for is_own, n in zip(inside, asked.counts, strict=True)]
    everywhere = ([True] * len(parts), area.n_communities)
    numbers = () if is_torn else tuple(_share_out(allowed, [everywhere, *sums]))
    if any_total and len(numbers) > 1:
        numbers = (min(numbers, key=lambda ways: _misfit(problem, parts, ways)),)
    if numbers and len(parts) > 1 and problem.stay is not None and _is_shared(problem.stay, parts):
        return _in_one(area, asked)
    return Knit(problem, cluster, parts, numbers)


class _Asked(NamedTuple):
    """What is asked of the blocks of an area: sets in one community, pairs apart, communities of their own."""

    groups: list[list[int]]
    pairs: IntArray
    own: list[list[int]]
    counts: list[int]


def _take(demands: Sequence[Demand], blocks: Sequence[int]) -> _Asked:
    """Give what demands ask of the blocks of an area, by position among them."""
    at = {block: i for i, block in enumerate(blocks)}
    pairs = [(at[i], at[j]) for one in demands for i, j in one.apart if i in at and j in at]
    owned = [one for one in demands if not at.keys().isdisjoint(one.own)]
    return _Asked(
        [[at[i] for i in one.together if i in at] for one in demands],
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        [[at[i] for i in one.own if i in at] for one in owned],
        [one.count for one in owned],
    )


def _join(n_blocks: int, groups: Sequence[Sequence[int]]) -> IntArray:
    """Number the sets that blocks are joined into, (n_blocks,)."""
    links = np.array([pair for group in groups for pair in pairwise(group)], dtype=np.int64).reshape(-1, 2)
    cluster = np.empty(n_blocks, dtype=np.int64)
    for number, members in enumerate(components(n_blocks, links)):
        cluster[members] = number
    return cluster


def _check_necks(area: AreaProblem, cluster: IntArray, blocks: Sequence[int], demands: Sequence[Demand]) -> None:
    """Refuse to join what hangs together by a neck only: whether others widen it would not be seen any more."""
    if area.necks is None:
        return
    pairs = area.necks.pairs[cluster[area.necks.pairs[:, 0]] == cluster[area.necks.pairs[:, 1]]]
    n_parts = np.zeros(area.n_blocks, dtype=np.int64)
    for part in components(area.n_blocks, pairs):
        n_parts[cluster[part[0]]] += bool(area.necks.matters[part].any())
    narrow = {blocks[i] for i in np.flatnonzero(n_parts[cluster] > 1).tolist()}
    named = list_of(one.name for one in demands if not narrow.isdisjoint(one.together))
    key = "communities.min_neck_m" if area.necks.price is None else "objective.neck.width_m"
    if narrow:
        raise ScenarioError(
            Message(
                f"{named.en}: the blocks hang together by a neck below {key}; name what widens it as "
                "well, or leave one of the two out.",
                f"{named.zh}：地块之间的连接处窄于 {key}；请同时写明使其加宽的地块，或删去其一。",
            )
        )


def _part(
    joined: AreaProblem, cluster: IntArray, asked: _Asked, inside: Sequence[NDArray[np.bool_]]
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Give the edges that no community may hold, and all pairs kept apart."""
    apart = np.vstack([joined.apart, np.sort(cluster[asked.pairs], axis=1)])
    is_cut = np.isin(joined.edges @ [joined.n_blocks, 1], apart @ [joined.n_blocks, 1])
    for is_own in inside:
        is_cut |= is_own[joined.edges[:, 0]] != is_own[joined.edges[:, 1]]
    return is_cut, np.unique(apart, axis=0).astype(np.int32)


def _is_shared(stay: Stay, parts: Sequence[IntArray]) -> bool:
    """Tell whether residents who change cannot be counted part by part: a name, or the limit, is shared by several."""
    part = np.concatenate([np.full(len(blocks), number) for number, blocks in enumerate(parts)])
    part_of = part[np.argsort(np.concatenate(parts))]
    names = np.unique(np.column_stack([stay.current, part_of[stay.place]])[stay.is_home], axis=0)[:, 0]
    return stay.max_moved is not None or len(np.unique(names)) < len(names)


def _in_one(area: AreaProblem, asked: _Asked) -> Knit:
    """Put what pins ask into an area that is not divided: what is kept apart are neighbours still.

    Raises
    ------
    ScenarioError
        If a number of communities of some blocks is asked for: it can only be given to a part.
    """
    if any(n > 1 for n in asked.counts):
        raise ScenarioError(_SHARED)
    n_loose = sum(max(0, len(area.necks.parts_of(own)) - 1) for own in asked.own) if area.necks else 0
    price = area.necks.price if area.necks else 0
    if n_loose and price is None:
        return Knit(area, np.arange(area.n_blocks), (np.arange(area.n_blocks),), ())
    cluster = _join(area.n_blocks, [*asked.groups, *asked.own])
    joined = join_blocks(area, cluster)
    inside = [np.arange(joined.n_blocks) == cluster[own[0]] for own in asked.own]
    is_cut, apart = _part(joined, cluster, asked, inside)
    problem = replace(
        joined,
        apart=np.unique(np.vstack([apart, joined.edges[is_cut]]), axis=0),
        base_cost=joined.base_cost + n_loose * (price or 0),
    )
    return Knit(problem, cluster, (np.arange(joined.n_blocks),), ((area.n_communities,),))


def _numbers_of(problem: AreaProblem, part: IntArray, *, any_total: bool) -> list[int]:
    """Give how many communities a part may have by its blocks and its totals."""
    total, n_most = problem.size[part].sum(axis=0), min(len(part), problem.n_communities)
    return [
        n
        for n in range(1, n_most + 1)
        if any_total or ((n * problem.lower <= total) & (total <= n * problem.upper)).all()
    ]


def _share_out(allowed: list[list[int]], sums: list[tuple[list[bool], int]]) -> Iterator[tuple[int, ...]]:
    """Give every choice of an allowed number for each part with the sums asked for over some of them."""
    allowed = [list(numbers) for numbers in allowed]
    if not all(allowed):
        return
    for mask, total in sums:
        if sum(mask) == 1:
            part = mask.index(True)
            allowed[part] = [n for n in allowed[part] if n == total]
    open_parts = sorted((p for p, numbers in enumerate(allowed) if len(numbers) != 1), key=lambda p: len(allowed[p]))
    chosen = [numbers[0] if len(numbers) == 1 else 0 for numbers in allowed]

    def is_possible(done: int) -> bool:
        rest = open_parts[done:]
        for mask, total in sums:
            so_far = sum(n for n, is_in in zip(chosen, mask, strict=True) if is_in)
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
