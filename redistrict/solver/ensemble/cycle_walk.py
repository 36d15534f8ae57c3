"""The cycle walk, compiled: steps of a chain over divisions into connected communities within the bounds.

A step takes two neighbouring communities and draws a spanning tree of each, uniformly. One edge between them makes one
tree of both, which is cut anew at an edge; or two edges close a cycle, which is cut at two edges. The places to cut are
drawn among those that leave both communities within the bounds, and the step is accepted so that in the long run every
division is met in proportion to the number of its spanning forests.

Notes
-----
The measure is ``pi(division) ~ product over its communities of tau(community)``, with tau the number of spanning trees.
With M edges cut in all and m between the two communities, the new cut is accepted with probability
``min(1, M / M')`` after one edge and ``min(1, M (m - 1) / (M' (m' - 1)))`` after two; the number of places to cut is
the same both ways. Trees are drawn anew in every step, so that only the division is remembered: the step is then still
reversible, as pi of a division is the sum over its forests, all alike.

References
----------
DeFord, Herschlag and Mattingly 2025, "A cycle walk for sampling measures on spanning forests for redistricting",
arXiv:2509.08629 (there the trees are remembered, and change by cycles of their own).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.compiled import compiled
from redistrict.solver.costs import community_totals
from redistrict.solver.ensemble.spanning_tree import Desk, Ground, draw_tree, lay_desk

Assignment = NDArray[np.int32]
IntArray = NDArray[np.int64]

_ONE_EDGE = 0.25
"""Share of steps that join two communities by one edge: where only one is between them, no other step moves it."""


class Books(NamedTuple):
    """Where a chain stands; the arrays change with every step.

    Attributes
    ----------
    labels : (n_blocks,) int32
    totals : (k, n_quantities) int64
    cut, place : (n_edges,) int32
        The first edges of `cut` are those between communities; `place` says where each stands there, -1 inside one.
    """

    labels: Assignment
    totals: IntArray
    cut: NDArray[np.int32]
    place: NDArray[np.int32]


def lay_ground(problem: AreaProblem) -> Ground:
    """Give the graph and bounds of an area."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    return Ground(
        adjacency.start, adjacency.neighbour, adjacency.edge, problem.edges, problem.size, problem.lower, problem.upper
    )


def open_books(problem: AreaProblem, labels: Assignment) -> Books:
    """Set up the books for a division within the bounds."""
    m = len(problem.edges)
    listed = np.flatnonzero(labels[problem.edges[:, 0]] != labels[problem.edges[:, 1]]).astype(np.int32)
    cut, place = np.full(m, -1, dtype=np.int32), np.full(m, -1, dtype=np.int32)
    cut[: listed.size] = listed
    place[listed] = np.arange(listed.size, dtype=np.int32)
    return Books(labels.astype(np.int32), community_totals(problem, labels), cut, place)


def walk(ground: Ground, books: Books, rng: np.random.Generator, n_steps: int) -> None:
    """Make steps, changing the books."""
    _walk(ground, books, lay_desk(ground), rng, n_steps)


@compiled()
def _walk(ground: Ground, books: Books, desk: Desk, rng: np.random.Generator, n_steps: int) -> None:
    n_cut = 0
    while n_cut < len(books.cut) and books.cut[n_cut] >= 0:
        n_cut += 1
    for _ in range(n_steps):
        if n_cut == 0:
            return
        first = books.cut[int(rng.random() * n_cut)]
        takes_two = rng.random() >= _ONE_EDGE
        a, b = ground.ends[first, 0], ground.ends[first, 1]
        n_between = _list_between(ground, books.labels, desk, a, b)
        n_in_a = draw_tree(ground, books.labels, desk, rng, a, 0)
        n_in_both = draw_tree(ground, books.labels, desk, rng, b, n_in_a)
        if takes_two:
            if n_between < 2:
                continue
            second = desk.between[int(rng.random() * (n_between - 1))]
            if second == first:
                second = desk.between[n_between - 1]
            moves = _cut_cycle(ground, books.labels, desk, rng, a, b, second, n_in_both)
        else:
            moves = _cut_tree(ground, desk, rng, a, b, n_in_both)
        if not moves:
            continue
        n_new = _count_between(ground, desk, n_in_both)
        n_cut_new = n_cut - n_between + n_new
        ratio = n_cut / n_cut_new
        if takes_two:
            ratio *= (n_between - 1) / (n_new - 1)
        if rng.random() < ratio:
            n_cut = _write(ground, books, desk, books.labels[a], books.labels[b], n_in_both, n_cut)
        for i in range(n_in_both):
            desk.is_in[desk.order[i]] = False


@compiled()
def _list_between(ground: Ground, labels: Assignment, desk: Desk, a: int, b: int) -> int:
    """List the edges between the communities of two blocks, and give their number."""
    own, other = labels[a], labels[b]
    desk.members[0] = a
    desk.is_in[a] = True
    n_members, n_between, i = 1, 0, 0
    while i < n_members:
        block = desk.members[i]
        i += 1
        for slot in range(ground.start[block], ground.start[block + 1]):
            there = ground.neighbour[slot]
            if labels[there] == own:
                if not desk.is_in[there]:
                    desk.is_in[there] = True
                    desk.members[n_members] = there
                    n_members += 1
            elif labels[there] == other:
                desk.between[n_between] = ground.edge[slot]
                n_between += 1
    for i in range(n_members):
        desk.is_in[desk.members[i]] = False
    return n_between


@compiled()
def _compare(ground: Ground, part: IntArray, whole_a: IntArray, whole_b: IntArray) -> int:
    """Tell whether a part of two communities and the rest are within the bounds: 0 if so, 1 where it must shrink.

    Or -1: it must grow, and nothing in it is too much.
    """
    answer = 0
    for q in range(len(part)):
        whole = whole_a[q] + whole_b[q]
        if part[q] > min(ground.upper[q], whole - ground.lower[q]):
            return 1
        if part[q] < max(ground.lower[q], whole - ground.upper[q]):
            answer = -1
    return answer


@compiled()
def _cut_tree(ground: Ground, desk: Desk, rng: np.random.Generator, a: int, b: int, n_in_both: int) -> bool:
    """Cut the tree of both at one edge; mark what becomes the second community, and tell whether anything changes."""
    n_places, chosen = 0, -1
    for i in range(1, n_in_both):  # the edge to the parent; that of the second root is the one that joins them
        if _compare(ground, desk.hanging[desk.order[i]], desk.hanging[a], desk.hanging[b]) == 0:
            n_places += 1
            if rng.random() * n_places < 1:
                chosen = desk.order[i]
    if chosen == b or chosen < 0:
        return False
    for i in range(n_in_both):
        block = desk.order[i]
        above = desk.parent[block]
        desk.is_in[block] = block == chosen or (above >= 0 and desk.is_in[above])
    return True


@compiled()
def _cut_cycle(
    ground: Ground,
    labels: Assignment,
    desk: Desk,
    rng: np.random.Generator,
    a: int,
    b: int,
    second: int,
    n_in_both: int,
) -> bool:
    """Cut the cycle that two edges close at two edges; mark and tell as `_cut_tree` does."""
    end_a, end_b = ground.ends[second, 0], ground.ends[second, 1]
    if labels[end_a] != labels[a]:
        end_a, end_b = end_b, end_a
    for i in range(n_in_both):
        desk.at[desk.order[i]] = -1
    n_cycle = 0
    block = end_a
    while block >= 0:
        desk.path[n_cycle] = block
        n_cycle += 1
        block = desk.parent[block]
    for i in range(n_cycle // 2):
        j = n_cycle - 1 - i
        desk.path[i], desk.path[j] = desk.path[j], desk.path[i]
    n_first = n_cycle
    block = end_b
    while block >= 0:
        desk.path[n_cycle] = block
        n_cycle += 1
        block = desk.parent[block]
    for i in range(n_cycle):
        block = desk.path[i]
        desk.at[block] = i
        below = i + 1 if i < n_first else i - 1
        has_below = n_first <= below if i >= n_first else below < n_first
        for q in range(ground.size.shape[1]):
            own = desk.hanging[block, q]
            if has_below:
                own -= desk.hanging[desk.path[below], q]
            desk.sums[i + 1, q] = desk.sums[i, q] + own
    n_places, _, _ = _find_place(ground, desk, a, b, n_cycle, -1)
    _, low, high = _find_place(ground, desk, a, b, n_cycle, int(rng.random() * n_places))
    if low == n_first - 1 and high == n_cycle - 1:
        return False
    for i in range(n_in_both):
        block = desk.order[i]
        if desk.at[block] < 0:
            desk.at[block] = desk.at[desk.parent[block]]
        desk.is_in[block] = low < desk.at[block] <= high
    return True


@compiled()
def _find_place(ground: Ground, desk: Desk, a: int, b: int, n_cycle: int, wanted: int) -> tuple[int, int, int]:
    """Count the pairs of places to cut a cycle, up to the one wanted, and give that one.

    Blocks ``low + 1 .. high`` of the cycle become the second community; as it stands is one of the places.
    """
    n_places = 0
    part = desk.sums[-1]
    for low in range(n_cycle - 1):
        for high in range(low + 1, n_cycle):
            for q in range(len(part)):
                part[q] = desk.sums[high + 1, q] - desk.sums[low + 1, q]
            order = _compare(ground, part, desk.hanging[a], desk.hanging[b])
            if order > 0:  # the part only grows from here
                break
            if order == 0:
                if n_places == wanted:
                    return n_places, low, high
                n_places += 1
    return n_places, -1, -1


@compiled()
def _count_between(ground: Ground, desk: Desk, n_in_both: int) -> int:
    """Count the edges between what is marked and the rest of the two communities."""
    for i in range(n_in_both):
        desk.at[desk.order[i]] = -2
    n_new = 0
    for i in range(n_in_both):
        block = desk.order[i]
        if desk.is_in[block]:
            for slot in range(ground.start[block], ground.start[block + 1]):
                there = ground.neighbour[slot]
                if desk.at[there] == -2 and not desk.is_in[there]:
                    n_new += 1
    for i in range(n_in_both):
        desk.at[desk.order[i]] = -1
    return n_new


@compiled()
def _write(ground: Ground, books: Books, desk: Desk, own: int, other: int, n_in_both: int, n_cut: int) -> int:
    """Write a new division of two communities into the books; what is marked is the second. Give the edges cut."""
    for i in range(n_in_both):
        block = desk.order[i]
        label = other if desk.is_in[block] else own
        if label == books.labels[block]:
            continue
        for q in range(ground.size.shape[1]):
            books.totals[books.labels[block], q] -= ground.size[block, q]
            books.totals[label, q] += ground.size[block, q]
        books.labels[block] = label
        for slot in range(ground.start[block], ground.start[block + 1]):
            e = ground.edge[slot]
            is_cut = books.labels[ground.neighbour[slot]] != label
            if is_cut and books.place[e] < 0:
                books.cut[n_cut] = e
                books.place[e] = n_cut
                n_cut += 1
            elif not is_cut and books.place[e] >= 0:
                n_cut -= 1
                last = books.cut[n_cut]
                books.cut[books.place[e]] = last
                books.place[last] = books.place[e]
                books.cut[n_cut] = -1
                books.place[e] = -1
    return n_cut
