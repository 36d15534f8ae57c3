"""Repair: what a fair user would do with a partition that is torn or unbalanced, before giving up on it.

First every community keeps its largest piece, and the rest joins the neighbours it costs least to be with. Then border
blocks move one by one to where a move lowers cost plus a penalty on what lies outside the bounds; the penalty grows
until all communities are inside, and starts low again, a few times, if they are not. At last moves that only lower the
cost are made. No move tears a community, and a valid plan stays valid: this mends plans, it does not search.
"""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import Adjacency
from redistrict.solver.compiled import compiled

Labels = NDArray[np.int32]

_ROUNDS = 10
_PASSES = 40
_SETTLE_PASSES = 20
_GROWTH = 1.5
_SCALE = 100.0
_FORBIDDEN = 1e30


def find_pieces(adjacency: Adjacency, labels: Labels) -> NDArray[np.int32]:
    """Give the connected piece each block lies in, numbered by their first block, (n_blocks,)."""
    piece: NDArray[np.int32] = _find_pieces(adjacency.start, adjacency.neighbour, labels)
    return piece


def repair(problem: AreaProblem, adjacency: Adjacency, labels: Labels, rng: np.random.Generator) -> Labels:
    """Give a plan of connected communities that is inside the bounds, or as near as greedy moves get.

    Parameters
    ----------
    labels : (n_blocks,) int32
        Any partition into at most `problem.n_communities` parts.
    rng : numpy Generator
        Decides the order in which blocks are looked at.
    """
    return _balance(problem, adjacency, _reattach(problem, adjacency, labels), rng)


def _reattach(problem: AreaProblem, adjacency: Adjacency, labels: Labels) -> Labels:
    """Make every community connected and non-empty: keep the largest pieces, refound empty ones, attach the rest."""
    load = (problem.size / np.maximum(problem.target, 1)).sum(axis=1) + 1e-6
    piece = find_pieces(adjacency, labels)
    weight = np.bincount(piece, load)
    home = labels[np.unique(piece, return_index=True)[1]]
    kept = np.full(problem.n_communities, -1, dtype=np.int64)
    for number in np.argsort(weight, kind="stable").tolist():
        kept[home[number]] = number
    new = np.where(kept[labels] == piece, labels, -1).astype(np.int32)
    _attach(adjacency.start, adjacency.neighbour, adjacency.edge, problem.edge_weight, new)
    for empty in np.flatnonzero(kept < 0).tolist():
        divisible = np.bincount(new) > 1
        heaviest = int(np.where(divisible, np.bincount(new, load), -1.0).argmax())
        new[_farthest(adjacency.start, adjacency.neighbour, new, heaviest)] = empty
    return new


def _balance(problem: AreaProblem, adjacency: Adjacency, labels: Labels, rng: np.random.Generator) -> Labels:
    """Move border blocks: the penalty grows until all is inside, starts low again if not, and holds once it is."""
    labels = labels.copy()
    totals = np.zeros((problem.n_communities, problem.size.shape[1]), dtype=np.int64)
    np.add.at(totals, labels, problem.size)
    members = np.bincount(labels, minlength=problem.n_communities)
    scale = _SCALE * float(np.abs(problem.edge_weight).mean()) if len(problem.edges) else 1.0

    def descend(penalty: float) -> int:
        moved: int = _descend(
            adjacency.start, adjacency.neighbour, adjacency.edge, problem.edge_weight, problem.size, problem.lower,
            problem.upper, np.maximum(problem.target, 1), problem.deviation_rate, labels, totals, members,
            rng.permutation(problem.n_blocks), penalty,
        )  # fmt: skip
        return moved

    for n in range(_ROUNDS * _PASSES):
        if ((totals >= problem.lower) & (totals <= problem.upper)).all():
            break
        descend(scale * _GROWTH ** (n % _PASSES))
    for _ in range(_SETTLE_PASSES):
        if descend(_FORBIDDEN) == 0:
            break
    return labels


@compiled()
def _find_pieces(start, neighbour, labels):  # type: ignore[no-untyped-def]
    n = labels.shape[0]
    piece = np.full(n, -1, dtype=np.int32)
    queue = np.empty(n, dtype=np.int32)
    count = 0
    for first in range(n):
        if piece[first] >= 0:
            continue
        piece[first] = count
        queue[0], head, tail = first, 0, 1
        while head < tail:
            here = queue[head]
            head += 1
            for p in range(start[here], start[here + 1]):
                other = neighbour[p]
                if piece[other] < 0 and labels[other] == labels[here]:
                    piece[other] = count
                    queue[tail] = other
                    tail += 1
        count += 1
    return piece


@compiled()
def _attach(start, neighbour, edge, weight, labels):  # type: ignore[no-untyped-def]
    """Give every block without a community that of a neighbour: where the edges to it cost least inside."""
    left = (labels < 0).sum()
    while left > 0:
        for i in range(labels.shape[0]):
            if labels[i] >= 0:
                continue
            best, least = -1, 0.0
            for p in range(start[i], start[i + 1]):
                home = labels[neighbour[p]]
                if home < 0:
                    continue
                cost = 0.0
                for r in range(start[i], start[i + 1]):
                    if labels[neighbour[r]] == home:
                        cost += weight[edge[r]]
                if best < 0 or cost < least:
                    best, least = home, cost
            if best >= 0:
                labels[i] = best
                left -= 1


@compiled()
def _farthest(start, neighbour, labels, home):  # type: ignore[no-untyped-def]
    """Give the block of a community met last, breadth-first from its first: without it the rest is connected."""
    n = labels.shape[0]
    seen = np.zeros(n, dtype=np.bool_)
    queue = np.empty(n, dtype=np.int32)
    first = 0
    while labels[first] != home:
        first += 1
    queue[0], head, tail = first, 0, 1
    seen[first] = True
    while head < tail:
        here = queue[head]
        head += 1
        for p in range(start[here], start[here + 1]):
            other = neighbour[p]
            if labels[other] == home and not seen[other]:
                seen[other] = True
                queue[tail] = other
                tail += 1
    return queue[tail - 1]


@compiled()
def _size_cost(total, lower, upper, target, rate, penalty):  # type: ignore[no-untyped-def]
    """Deviation of one quantity of one community, plus the penalty on the square of what lies outside its bounds."""
    out = max(lower - total, total - upper, 0) / target
    return rate * abs(total - target) + penalty * out * out


@compiled()
def _descend(  # type: ignore[no-untyped-def]
    start, neighbour, edge, weight, size, lower, upper, target, rate, labels, totals, members, order, penalty,
):  # fmt: skip
    """Look at every block once and move it where that lowers cost plus penalty most; give the number of moves."""
    n_moved = 0
    stamp = np.zeros(labels.shape[0], dtype=np.int64)
    queue = np.empty(labels.shape[0], dtype=np.int32)
    mark = 0
    for i in order:
        source = labels[i]
        if members[source] == 1:
            continue
        best, least = source, 0.0
        for p in range(start[i], start[i + 1]):
            goal = labels[neighbour[p]]
            if goal == source:
                continue
            delta = 0.0
            for r in range(start[i], start[i + 1]):
                if labels[neighbour[r]] == goal:
                    delta += weight[edge[r]]
                elif labels[neighbour[r]] == source:
                    delta -= weight[edge[r]]
            for q in range(size.shape[1]):
                s, a, b = size[i, q], totals[source, q], totals[goal, q]
                for total, sign in ((a - s, 1.0), (a, -1.0), (b + s, 1.0), (b, -1.0)):
                    delta += sign * _size_cost(total, lower[q], upper[q], target[q], rate[q], penalty)
            if delta < least - 1e-9:
                best, least = goal, delta
        if best == source:
            continue
        mark += 1
        if _tears(i, start, neighbour, labels, members[source], queue, stamp, mark):
            continue
        labels[i] = best
        members[source] -= 1
        members[best] += 1
        for q in range(size.shape[1]):
            totals[source, q] -= size[i, q]
            totals[best, q] += size[i, q]
        n_moved += 1
    return n_moved


@compiled()
def _tears(block, start, neighbour, labels, n_members, queue, stamp, mark):  # type: ignore[no-untyped-def]
    """Tell whether the block's community would fall apart without it: count who can be reached."""
    home = labels[block]
    stamp[block] = mark
    head, tail = 0, 0
    for p in range(start[block], start[block + 1]):
        if labels[neighbour[p]] == home:
            queue[0] = neighbour[p]
            stamp[neighbour[p]] = mark
            tail = 1
            break
    while head < tail:
        here = queue[head]
        head += 1
        for p in range(start[here], start[here + 1]):
            other = neighbour[p]
            if labels[other] == home and stamp[other] != mark:
                stamp[other] = mark
                queue[tail] = other
                tail += 1
    return tail < n_members - 1
