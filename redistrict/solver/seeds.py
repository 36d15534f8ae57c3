"""First plans: connected communities grown together, the smallest always next."""

import heapq

import numpy as np
from numpy.typing import NDArray

from redistrict.problem import AreaProblem
from redistrict.solver.csr import Adjacency


def first_plan(problem: AreaProblem, adjacency: Adjacency, rng: np.random.Generator) -> NDArray[np.int32]:
    """Give a connected assignment to start from: grown freely, or today's communities where it matters to stay.

    Of the starts that may use today's communities every second one, by the draw, does.
    """
    if problem.stay is None or rng.random() < 0.5:
        return grow_plan(problem, adjacency, rng)
    return adapt_plan(problem, adjacency, rng)


def adapt_plan(problem: AreaProblem, adjacency: Adjacency, rng: np.random.Generator) -> NDArray[np.int32]:
    """Give today's communities, their pieces merged or divided until there are `n_communities`, bounds not respected.

    Again and again the smallest piece goes to a neighbour, drawn among those that stay smallest; where there are too
    few, the largest with two blocks is divided along a random spanning tree.

    Returns
    -------
    (n_blocks,) int32
        Every community non-empty and connected.
    """
    share = (problem.size / np.maximum(problem.target, 1)).mean(axis=1) + 1e-6
    groups = _pieces_of_today(problem, adjacency)
    label = np.empty(problem.n_blocks, dtype=np.int64)
    for number, group in groups.items():
        label[group] = number
    amount = {number: float(share[group].sum()) for number, group in groups.items()}
    while len(groups) > problem.n_communities:
        least = min(groups, key=lambda number: (amount[number], number))
        near = sorted({int(label[other]) for block in groups[least] for other in _near(block, adjacency)} - {least})
        best = sorted(near, key=lambda number: (amount[number], number))[: 1 + len(near) // 3]
        goal = best[int(rng.integers(len(best)))]
        label[groups[least]] = goal
        groups[goal] += groups.pop(least)
        amount[goal] += amount.pop(least)
    fresh = max(groups) + 1
    while len(groups) < problem.n_communities:
        largest = max((n for n in groups if len(groups[n]) > 1), key=lambda n: (amount[n], -n))
        branch = _half(groups[largest], share, adjacency, rng)
        groups[fresh] = branch
        groups[largest] = sorted(set(groups[largest]) - set(branch))
        for number in (largest, fresh):
            amount[number] = float(share[groups[number]].sum())
        fresh += 1
    assignment = np.empty(problem.n_blocks, dtype=np.int32)
    for community, number in enumerate(sorted(groups)):
        assignment[groups[number]] = community
    return assignment


def _pieces_of_today(problem: AreaProblem, adjacency: Adjacency) -> dict[int, list[int]]:
    """Give the connected pieces of today's communities, numbered; a block without one is a piece by itself."""
    assert problem.stay is not None
    current, seen = problem.stay.current, np.zeros(problem.n_blocks, dtype=bool)
    pieces: dict[int, list[int]] = {}
    for block in range(problem.n_blocks):
        if seen[block]:
            continue
        seen[block] = True
        piece = [block]
        for here in piece:
            for other in _near(here, adjacency):
                if not seen[other] and current[other] == current[block] >= 0:
                    seen[other] = True
                    piece.append(other)
        pieces[len(pieces)] = piece
    return pieces


def _half(group: list[int], share: NDArray[np.float64], adjacency: Adjacency, rng: np.random.Generator) -> list[int]:
    """Cut a connected group at the edge of a random spanning tree that leaves its two sides most alike."""
    parent = _random_tree(group, adjacency, rng)
    below = {block: float(share[block]) for block in group}
    for block in reversed(list(parent)):
        if parent[block] >= 0:
            below[parent[block]] += below[block]
    root = group[0]
    cut = min((b for b in parent if b != root), key=lambda b: (abs(2 * below[b] - below[root]), b))
    branch = {cut}
    for block, above in parent.items():
        if above in branch:
            branch.add(block)
    return sorted(branch)


def _random_tree(group: list[int], adjacency: Adjacency, rng: np.random.Generator) -> dict[int, int]:
    """Give the parent of each block in a random spanning tree, parents before children; -1 for the root."""
    inside = set(group)
    parent = {group[0]: -1}
    edge_ends = [(float(rng.random()), group[0], other) for other in _near(group[0], adjacency) if other in inside]
    heapq.heapify(edge_ends)
    while edge_ends:
        _, above, block = heapq.heappop(edge_ends)
        if block not in parent:
            parent[block] = above
            for other in _near(block, adjacency):
                if other in inside and other not in parent:
                    heapq.heappush(edge_ends, (float(rng.random()), block, other))
    return parent


def _near(block: int, adjacency: Adjacency) -> list[int]:
    return [int(v) for v in adjacency.neighbour[adjacency.start[block] : adjacency.start[block + 1]]]


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
    share = (problem.size / np.maximum(problem.target, 1)).mean(axis=1) + 1e-6
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
    """Choose starts far apart: each next one among the farthest of a random handful from those chosen.

    A start without residents would grow into a community nobody lives in, with no way out of a park or a shore: so
    starts are blocks with residents, as long as there are any.
    """
    is_settled = problem.size.sum(axis=1) > 0
    starts: list[int] = []
    hops = np.full(problem.n_blocks, problem.n_blocks, dtype=np.int64)
    while len(starts) < problem.n_communities:
        free = np.flatnonzero((hops > 0) & is_settled)
        free = free if free.size else np.flatnonzero(hops > 0)
        handful = rng.choice(free, size=min(free.size, 1 + free.size // 8), replace=False)
        starts.append(int(handful[np.argmax(hops[handful])]))
        hops = _hops(starts[-1], adjacency, hops)
    return starts


def _hops(source: int, adjacency: Adjacency, known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lower the known hop distances by what is nearer to `source`."""
    known[source] = 0
    ring = [source]
    while ring:
        further = []
        for block in ring:
            for other in _near(block, adjacency):
                if known[other] > known[block] + 1:
                    known[other] = known[block] + 1
                    further.append(other)
        ring = further
    return known


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
