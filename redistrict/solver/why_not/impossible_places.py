"""Why not: places that prove that an area has no plan.

A `Finding` is a proof: its two sums hold for every plan, so with it there is none. No finding proves nothing.
All rules use one fact: `m` communities hold between ``max(m * lower, total - (n - m) * upper)`` and
``min(m * upper, total - (n - m) * lower)`` of a quantity, for the other ``n - m`` must stay inside the bounds too.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import islice
from math import ceil, floor
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message, name_some
from redistrict.model.problem import AreaProblem, IntArray
from redistrict.model.quantities import quantity_words
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.why_not.cut_blocks import list_pockets

_MOST = 5
"""Findings given of an area."""
_TRIES = 1_000
"""Connected sets looked at around one block before giving up on it."""
_TRIES_IN_ALL = 10_000


class Sum(NamedTuple):
    """A sum that misses what communities can hold: the number of the quantity, the sum, and the most or the least."""

    quantity: int
    total: int
    limit: int


@dataclass(frozen=True)
class Finding:
    """A proof, at one place, that an area has no plan.

    Attributes
    ----------
    kind : str
        `oversize`: the block `gate` holds more than one community can.
        `pocket`: `blocks` touch the rest only at `gate`; they hold too few for `n_communities`, and with `gate` too
        many for as many.
        `enclosed`: `blocks` are all that the block `gate` can reach past blocks it cannot be with; they hold too few.
        `misfit`: every connected set around `gate` below the upper bounds was tried; none reaches the lower bounds,
        `blocks` come nearest.
    gate : int
    blocks : tuple of int
        Positions in the area, sorted.
    n_communities : int
    few, many : Sum or None
        What `blocks` hold and should at least; what they hold with `gate` and should at most.
    tolerance : float or None
        Least `communities.tolerance`, a share of the target, with which this is no proof any more; none if none does.
    """

    kind: Literal["oversize", "pocket", "enclosed", "misfit"]
    gate: int
    blocks: tuple[int, ...]
    n_communities: int
    few: Sum | None = None
    many: Sum | None = None
    tolerance: float | None = None


@dataclass(frozen=True, eq=False)
class Room:
    """What m = 0 .. n communities of a plan can hold together, (n + 1, n_quantities)."""

    least: IntArray
    most: IntArray

    def short(self, m: int, total: IntArray) -> Sum | None:
        """Give the sum that is too small for `m` communities, the worst by share."""
        return _worst(self.least[m] - total, total, self.least[m])

    def over(self, m: int, total: IntArray) -> Sum | None:
        """Give the sum that is too large for `m` communities, the worst by share."""
        return _worst(total - self.most[m], total, self.most[m])

    def gap(self, total: IntArray, gate: IntArray) -> int | None:
        """Give the number of communities that a total is too small for, but together with a gate too large."""
        m = int(np.argmax((self.least > total).any(axis=1)))
        return m if m and self.over(m, total + gate) else None


def _worst(miss: IntArray, total: IntArray, limit: IntArray) -> Sum | None:
    q = int(np.argmax(miss / np.maximum(limit, 1)))
    return Sum(q, int(total[q]), int(limit[q])) if miss[q] > 0 else None


def find_room(problem: AreaProblem) -> Room:
    """Give what any number of the communities can hold; somewhere the least is above the most if the totals miss."""
    n, total = problem.n_communities, problem.size.sum(axis=0)
    m = np.arange(n + 1, dtype=np.int64)[:, None]
    least = np.maximum(m * problem.lower, total - (n - m) * problem.upper)
    return Room(least, np.minimum(m * problem.upper, total - (n - m) * problem.lower))


def find_reasons(problem: AreaProblem) -> tuple[Finding, ...]:
    """Give the first places that prove there is no plan, of the first kind there are any; nothing if the totals miss.

    Notes
    -----
    About linear in blocks and edges but for `misfit`, whose tries are limited. A pocket behind two blocks is not
    looked at: two communities can share it with the rest, which leaves no gap between the sums of m and of m + 1.
    """
    room = find_room(problem)
    if (room.least > room.most).any():
        return ()
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    kinds = (
        _find_oversize(problem, room),
        _find_pockets(problem, room, adjacency),
        _find_enclosed(problem, room, adjacency),
        _find_misfits(problem, room, adjacency),
    )
    return next((found for kind in kinds if (found := tuple(islice(kind, _MOST)))), ())


def _find_oversize(problem: AreaProblem, room: Room) -> Iterator[Finding]:
    for block in np.flatnonzero((problem.size > room.most[1]).any(axis=1)).tolist():
        yield from _prove(problem, partial(_try_block, block=block))


def _try_block(problem: AreaProblem, *, block: int) -> Finding | None:
    many = find_room(problem).over(1, problem.size[block])
    return Finding("oversize", block, (block,), 1, many=many) if many else None


def _find_pockets(problem: AreaProblem, room: Room, adjacency: Adjacency) -> Iterator[Finding]:
    """Look behind every cut block, at each piece and at all pieces together; give the smallest, none overlapping.

    What lies behind a block and what lies before it prove the same: the side with less is named.
    """
    found = []
    for gate, pocket in list_pockets(adjacency):
        total = problem.size[pocket].sum(axis=0)
        if room.gap(total, problem.size[gate]):
            other = room.most[-1] - total - problem.size[gate]
            is_other = bool(other.sum() < total.sum())
            found.append((int(min(total.sum(), other.sum())), gate, pocket, is_other))
    taken = np.zeros(problem.n_blocks, dtype=bool)
    for _, gate, pocket, is_other in sorted(found, key=lambda item: item[:2]):
        is_inside = np.full(problem.n_blocks, is_other)
        is_inside[pocket], is_inside[gate] = not is_other, False
        if not taken[is_inside].any():
            taken |= is_inside
            yield from _prove(problem, partial(_try_pocket, gate=gate, blocks=np.flatnonzero(is_inside)))


def _try_pocket(problem: AreaProblem, *, gate: int, blocks: NDArray[np.int64]) -> Finding | None:
    total, room = problem.size[blocks].sum(axis=0), find_room(problem)
    m = room.gap(total, problem.size[gate])
    if m is None:
        return None
    few, many = room.short(m, total), room.over(m, total + problem.size[gate])
    return Finding("pocket", gate, tuple(blocks.tolist()), m, few, many)


def _near(block: int, adjacency: Adjacency) -> list[int]:
    return [int(v) for v in adjacency.neighbour[adjacency.start[block] : adjacency.start[block + 1]]]


def _find_enclosed(problem: AreaProblem, room: Room, adjacency: Adjacency) -> Iterator[Finding]:
    """Look at the blocks that are kept apart from some other, or too large to share a community with some other."""
    foes = _foes(problem)
    is_suspect = (problem.size + problem.size.max(axis=0) > room.most[1]).any(axis=1)
    is_suspect[problem.apart.ravel()] = True
    for block in np.flatnonzero(is_suspect).tolist():
        yield from _prove(problem, partial(_walk_from, block=block, foes=foes[block], adjacency=adjacency))


def _walk_from(problem: AreaProblem, *, block: int, foes: set[int], adjacency: Adjacency) -> Finding | None:
    """Walk from a block past those it cannot share a community with, until enough is reached."""
    room = find_room(problem)
    may_join = (problem.size + problem.size[block] <= room.most[1]).all(axis=1)
    may_join[[block, *foes]] = False
    reached, total = [block], problem.size[block].copy()
    for here in reached:
        if not room.short(1, total):
            return None
        for other in _near(here, adjacency):
            if may_join[other]:
                may_join[other] = False
                reached.append(other)
                total += problem.size[other]
    few = room.short(1, total)
    return Finding("enclosed", block, tuple(sorted(reached)), 1, few=few) if few else None


def _foes(problem: AreaProblem) -> list[set[int]]:
    foes: list[set[int]] = [set() for _ in range(problem.n_blocks)]
    for i, j in problem.apart.tolist():
        foes[i].add(j)
        foes[j].add(i)
    return foes


def _find_misfits(problem: AreaProblem, room: Room, adjacency: Adjacency) -> Iterator[Finding]:
    """Try connected sets around each block until one is inside the bounds, those with the fewest neighbours first.

    Blocks without households and people join any set for nothing, so the blocks around them count as neighbours.
    """
    foes, near = _foes(problem), _settled_neighbours(problem, adjacency)
    done: set[int] = set()
    left = _TRIES_IN_ALL
    for block in sorted(near, key=lambda b: (len(near[b]), b)):
        if block not in done and left > 0:
            tried = _try_around(block, problem.size, room, near, foes)
            left -= tried.n_tries
            done |= tried.best
            if tried.is_proof:
                yield from _prove(problem, partial(_try_sets, block=block, near=near, foes=foes))


def _try_sets(problem: AreaProblem, *, block: int, near: dict[int, set[int]], foes: list[set[int]]) -> Finding | None:
    tried = _try_around(block, problem.size, find_room(problem), near, foes)
    return Finding("misfit", block, tuple(sorted(tried.best)), 1, few=tried.few) if tried.is_proof else None


def _settled_neighbours(problem: AreaProblem, adjacency: Adjacency) -> dict[int, set[int]]:
    is_free = problem.size.sum(axis=1) == 0
    is_free[problem.apart.ravel()] = False
    near = {block: set(_near(block, adjacency)) for block in np.flatnonzero(~is_free).tolist()}
    for piece in pieces_of(np.flatnonzero(is_free).tolist(), adjacency):
        rim = {other for block in piece for other in _near(block, adjacency) if not is_free[other]}
        for block in rim:
            near[block] |= rim
    return {block: {other for other in others if other in near and other != block} for block, others in near.items()}


class _Tried(NamedTuple):
    """The connected set around a block that comes nearest to the lower bounds, what it lacks, the number of tries."""

    best: frozenset[int]
    few: Sum | None
    n_tries: int

    @property
    def is_proof(self) -> bool:
        """Tell whether all sets were tried and none is inside the bounds."""
        return self.few is not None and self.n_tries < _TRIES


def _try_around(block: int, size: IntArray, room: Room, near: dict[int, set[int]], foes: list[set[int]]) -> _Tried:
    """Try each connected set below the upper bounds once: what was passed over on the way to it never joins again."""
    best: tuple[float, frozenset[int], Sum | None] = (np.inf, frozenset(), None)
    stack = [(frozenset[int](), np.zeros_like(size[block]), [block], {block}, 0)]
    n_tries = 0
    while stack and best[0] > 0 and n_tries < _TRIES:
        n_tries += 1
        members, total, front, seen, chosen = stack.pop()
        members, total = members | {front[chosen]}, total + size[front[chosen]]
        few = room.short(1, total)
        lack = 1 - few.total / few.limit if few else 0.0
        if lack < best[0]:
            best = lack, members, few
        ring = near[front[chosen]]
        front, seen = front[chosen + 1 :] + sorted(ring - seen), seen | ring
        fits = np.flatnonzero((total + size[front] <= room.most[1]).all(axis=1))
        stack += [(members, total, front, seen, i) for i in fits[::-1].tolist() if not foes[front[i]] & members]
    return _Tried(best[1], best[2], n_tries)


def _prove(problem: AreaProblem, look: Callable[[AreaProblem], Finding | None]) -> Iterator[Finding]:
    """Give what a look at the area finds, if anything, with the least tolerance that leaves it nothing to find."""
    found = look(problem)
    if found:
        share = bisect_left(range(1000), True, key=lambda s: look(_widen(problem, s)) is None)
        yield replace(found, tolerance=share / 1000 if share < 1000 else None)


def _widen(problem: AreaProblem, thousandths: int) -> AreaProblem:
    """Give the area with a tolerance of at least this much, as areas have it; a quantity without a target stays."""
    lower, upper = problem.lower.copy(), problem.upper.copy()
    share = Fraction(thousandths, 1000)
    for q, center in enumerate(problem.center or problem.target.tolist()):
        if problem.target[q] > 0:
            lower[q] = min(lower[q], ceil(center * (1 - share)))
            upper[q] = max(upper[q], floor(center * (1 + share)))
    return replace(problem, lower=lower, upper=upper)


def explain(finding: Finding, names: Sequence[object], quantities: Sequence[str]) -> Message:
    """Say why there is no plan, with the sums and the blocks, and what may help.

    Parameters
    ----------
    names : sequence
        Identifiers of the blocks of the area, by position.
    quantities : sequence of str

    Returns
    -------
    Message
        Without a full stop, to stand behind the name of the area.
    """
    gate, n, m = names[finding.gate], len(finding.blocks), finding.n_communities
    blocks = name_some([names[i] for i in finding.blocks], limit=3)
    few, many = _words(finding.few, quantities), _words(finding.many, quantities)
    least, most = _limit(finding.few), _limit(finding.many)
    some = "1 community" if m == 1 else f"{m} communities"
    why = {
        "oversize": Message(
            f"block {gate} alone holds {many.en}, too many for a community here (at most {most})",
            f"地块 {gate} 单独即有{many.zh}，超过此处一个社区的上限（{most}）",
        ),
        "pocket": Message(
            f"the {n} blocks that only block {gate} joins to the rest ({blocks.en}) hold {few.en}, too few for {some} "
            f"(at least {least}), and with block {gate} {many.en}, too many for {some} (at most {most})",
            f"仅经地块 {gate} 与其余部分相连的 {n} 个地块（{blocks.zh}）有{few.zh}，不足 {m} 个社区（至少 {least}），"
            f"加上地块 {gate} 有{many.zh}，又超过 {m} 个社区（至多 {most}）",
        ),
        "enclosed": Message(
            f"block {gate} can share a community only with what it reaches past blocks too large or kept apart: "
            f"{n} blocks ({blocks.en}) with {few.en}, too few for a community (at least {least})",
            f"除去过大或不得与其同属一个社区的地块，地块 {gate} 只能与其连片的 {n} 个地块（{blocks.zh}）组成社区："
            f"共有{few.zh}，不足一个社区（至少 {least}）",
        ),
        "misfit": Message(
            f"no connected blocks around block {gate} make a community inside the bounds (all were tried): the "
            f"nearest, {blocks.en}, hold {few.en} (at least {least}), and with more they break an upper bound",
            f"地块 {gate} 周围没有任何连片地块能组成符合限制的社区（已逐一试过）：最接近的 {blocks.zh} 有{few.zh}"
            f"（至少 {least}），再增加地块则超过上限",
        ),
    }[finding.kind]
    advice = _advice(finding)
    return Message(f"{why.en}; {advice.en}", f"{why.zh}；{advice.zh}")


def _advice(finding: Finding) -> Message:
    first = {
        "oversize": Message("divide the block", "请拆分该地块"),
        "enclosed": Message(
            "add a link, let it cross a road, or raise max_extent_m", "请添加 links、允许其跨越道路或放宽 max_extent_m"
        ),
    }.get(finding.kind, Message("add a link from them", "请为其添加 links"))
    if finding.tolerance is None:
        return first
    return Message(
        f"{first.en}, or widen communities.tolerance: below {finding.tolerance:g} it is proved too little here",
        f"{first.zh}，或放宽 communities.tolerance：已证明此处低于 {finding.tolerance:g} 不够",
    )


def _words(found: Sum | None, quantities: Sequence[str]) -> Message:
    if found is None:
        return Message("", "")
    words = quantity_words(quantities[found.quantity])
    return Message(f"{found.total:,} {words.en}", f"{words.zh} {found.total:,}")


def _limit(found: Sum | None) -> str:
    return f"{found.limit:,}" if found else ""
