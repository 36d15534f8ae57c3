"""First plans: connected communities grown together, or made from communities there are."""

import heapq

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem, cut_out
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.search.straight_cuts import blocks_behind, find_cuts

_HANDFUL = 32
"""Blocks among which the farthest is a start: few enough to be quick, enough to be far."""


def first_plan(problem: AreaProblem, adjacency: Adjacency, rng: np.random.Generator) -> NDArray[np.int32]:
    """Give a connected assignment to start from: grown freely, or today's communities where it matters to stay.

    Of the starts that may use today's communities every second one, by the draw, does.
    """
    if problem.stay is None or rng.random() < 0.5:
        return grow_plan(problem, adjacency, rng)
    return adapt_plan(problem, adjacency, problem.stay.current[problem.stay.first], rng)


def adapt_plan(
    problem: AreaProblem, adjacency: Adjacency, labels: NDArray[np.int32], rng: np.random.Generator
) -> NDArray[np.int32]:
    """Give communities there are, their pieces merged or divided until there are `n_communities`, bounds not respected.

    Again and again the smallest piece goes to a neighbour, drawn among those that stay smallest; where there are too
    few, the largest with two blocks is divided in two connected sides, as even as can be, in a random direction.

    Parameters
    ----------
    labels : (n_blocks,) int
        The community of each block, whatever the numbers; a block with -1 is a piece by itself.

    Returns
    -------
    (n_blocks,) int32
        Every community non-empty and connected.
    """
    share = _share(problem)
    near = adjacency.near
    pieces = _merge_pieces(_pieces(labels, near), share, near, problem.n_communities, rng)
    largest = [(-float(share[piece].sum()), n) for n, piece in enumerate(pieces)]
    heapq.heapify(largest)
    while len(pieces) < problem.n_communities:
        _, n = heapq.heappop(largest)
        if len(pieces[n]) == 1:
            continue
        pieces[n], fresh = _halve(problem, np.sort(pieces[n]), share, rng)
        pieces.append(fresh)
        for number in (n, len(pieces) - 1):
            heapq.heappush(largest, (-float(share[pieces[number]].sum()), number))
    assignment = np.empty(problem.n_blocks, dtype=np.int32)
    for community, piece in enumerate(pieces):
        assignment[piece] = community
    return assignment


def _share(problem: AreaProblem) -> NDArray[np.float64]:
    """Give each block's share of a community, a little above 0 where nobody lives, (n_blocks,)."""
    return np.asarray((problem.size / np.maximum(problem.target, 1)).mean(axis=1) + 1e-6)


def _pieces(labels: NDArray[np.int32], near: list[list[int]]) -> list[list[int]]:
    """Give the connected pieces of communities, by their first block."""
    label, seen = labels.tolist(), [False] * len(near)
    pieces = []
    for block in range(len(near)):
        if seen[block]:
            continue
        seen[block] = True
        piece = [block]
        for here in piece:
            for other in near[here]:
                if not seen[other] and label[other] == label[block] >= 0:
                    seen[other] = True
                    piece.append(other)
        pieces.append(piece)
    return pieces


def _merge_pieces(
    pieces: list[list[int]], share: NDArray[np.float64], near: list[list[int]], most: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Merge the smallest piece into a small neighbour until there are no more than `most`."""
    number = [0] * len(near)
    for n, piece in enumerate(pieces):
        for block in piece:
            number[block] = n
    amount = [float(share[piece].sum()) for piece in pieces]
    smallest = [(amount[n], n) for n in range(len(pieces))]
    heapq.heapify(smallest)
    n_left = len(pieces)
    while n_left > most:
        so_much, n = heapq.heappop(smallest)
        if so_much != amount[n]:
            continue
        around = {number[other] for block in pieces[n] for other in near[block]} - {n}
        best = sorted(around, key=lambda other: (amount[other], other))[: 1 + len(around) // 3]
        goal = best[int(rng.integers(len(best)))]
        for block in pieces[n]:
            number[block] = goal
        pieces[goal] += pieces[n]
        amount[goal] += amount[n]
        pieces[n], amount[n] = [], -1.0
        n_left -= 1
        heapq.heappush(smallest, (amount[goal], goal))
    return [np.array(piece) for piece in pieces if piece]


def _halve(
    problem: AreaProblem, blocks: NDArray[np.int64], share: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut a connected piece, ascending, in two connected sides that are most alike."""
    piece = cut_out(problem, blocks, 2)
    adjacency = build_adjacency(piece.n_blocks, piece.edges)
    a, b = rng.choice(piece.n_blocks, size=2, replace=False).tolist()
    length = np.ones(len(piece.edges), dtype=np.int64)
    cuts = find_cuts(adjacency, (a, b), length=length, values=share[blocks, None], price=np.zeros(len(piece.edges)))
    place = 1 + int(np.abs(2 * cuts.behind[1:, 0] - cuts.behind[0, 0]).argmin())
    behind = blocks_behind(adjacency, cuts, place)
    return np.delete(blocks, behind), blocks[behind]


def grow_plan(problem: AreaProblem, adjacency: Adjacency, rng: np.random.Generator) -> NDArray[np.int32]:
    """Give a connected assignment into `n_communities`, roughly balanced, bounds not respected.

    Communities start at blocks far apart. Again and again the community with the least of its target takes the
    free neighbour that costs least to have inside.

    Returns
    -------
    (n_blocks,) int32
        Every community non-empty and connected, given that the area is connected and has enough blocks.
    """
    n = problem.n_blocks
    share = _share(problem)
    assignment = np.full(n, -1, dtype=np.int32)
    fronts: list[list[tuple[float, int]]] = []
    filled: list[tuple[float, int]] = []
    for community, block in enumerate(_spread(problem, adjacency, rng)):
        assignment[block] = community
        fronts.append([])
        filled.append((float(share[block]), community))
    for block in np.flatnonzero(assignment >= 0).tolist():
        _push_front(fronts[assignment[block]], block, assignment, adjacency, problem, rng)
    heapq.heapify(filled)
    while filled:
        amount, community = heapq.heappop(filled)
        block = _pop_free(fronts[community], assignment)
        if block < 0:
            continue
        assignment[block] = community
        _push_front(fronts[community], block, assignment, adjacency, problem, rng)
        heapq.heappush(filled, (amount + float(share[block]), community))
    return assignment


def _spread(problem: AreaProblem, adjacency: Adjacency, rng: np.random.Generator) -> list[int]:
    """Choose starts far apart: each next one is the farthest of a random handful from those chosen.

    A start without residents would grow into a community nobody lives in, with no way out of a park or a shore: so
    starts are blocks with residents, as long as there are any.
    """
    is_settled = problem.size.sum(axis=1) > 0
    near = adjacency.near
    free, later = np.flatnonzero(is_settled).tolist(), np.flatnonzero(~is_settled).tolist()
    starts: list[int] = []
    hops = [problem.n_blocks] * problem.n_blocks
    while len(starts) < problem.n_communities:
        if not free:
            free = later
        place = max(rng.integers(len(free), size=_HANDFUL).tolist(), key=lambda n: hops[free[n]])
        starts.append(free[place])
        free[place] = free[-1]
        free.pop()
        _lower_hops(starts[-1], near, hops)
    return starts


def _lower_hops(source: int, near: list[list[int]], hops: list[int]) -> None:
    """Lower the hop distances, in place, where `source` is nearer; only those blocks are walked."""
    hops[source] = 0
    ring = [source]
    while ring:
        further = []
        for block in ring:
            for other in near[block]:
                if hops[other] > hops[block] + 1:
                    hops[other] = hops[block] + 1
                    further.append(other)
        ring = further


def _push_front(
    front: list[tuple[float, int]],
    block: int,
    assignment: NDArray[np.int32],
    adjacency: Adjacency,
    problem: AreaProblem,
    rng: np.random.Generator,
) -> None:
    for place in range(adjacency.start[block], adjacency.start[block + 1]):
        other = int(adjacency.neighbour[place])
        if assignment[other] < 0:
            weight = float(problem.edge_weight[adjacency.edge[place]])
            heapq.heappush(front, (weight * (0.5 + rng.random()), other))


def _pop_free(front: list[tuple[float, int]], assignment: NDArray[np.int32]) -> int:
    while front:
        _, block = heapq.heappop(front)
        if assignment[block] < 0:
            return block
    return -1
