"""Spanning trees of a community, drawn uniformly, compiled; and the map and the desk that a step works on.

References
----------
Wilson 1996, "Generating random spanning trees more quickly than the cover time", doi:10.1145/237814.237880.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.compiled import compiled

Assignment = NDArray[np.int32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Ground(NamedTuple):
    """The contiguity graph and the bounds: neighbours of block i stand at ``start[i] .. start[i + 1]``."""

    start: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    edge: NDArray[np.int32]
    ends: NDArray[np.int32]
    size: IntArray
    lower: IntArray
    upper: IntArray


class Desk(NamedTuple):
    """Room for one step: for each block its parent in the tree, what hangs on it, and where; lists of blocks."""

    parent: NDArray[np.int32]
    hanging: IntArray
    at: NDArray[np.int32]
    members: NDArray[np.int32]
    order: NDArray[np.int32]
    path: NDArray[np.int32]
    is_in: BoolArray
    sums: IntArray
    between: NDArray[np.int32]


def lay_desk(ground: Ground) -> Desk:
    """Give room for steps on a map."""
    n, m, q = len(ground.size), len(ground.ends), ground.size.shape[1]
    parent, at, members, order, path = (np.zeros(n, dtype=np.int32) for _ in range(5))
    return Desk(
        parent,
        np.zeros((n, q), dtype=np.int64),
        at,
        members,
        order,
        path,
        np.zeros(n, dtype=np.bool_),
        np.zeros((n + 2, q), dtype=np.int64),
        np.zeros(m, dtype=np.int32),
    )


@compiled()
def draw_tree(
    ground: Ground, labels: Assignment, desk: Desk, rng: np.random.Generator, root: int, n_before: int
) -> int:
    """Draw a spanning tree of a community by Wilson's algorithm; list its blocks after others, parents first.

    The walks end at the block with most neighbours, where they end soonest; the tree is hung up at its root after that.
    What hangs on each block is summed up.

    Returns
    -------
    int
        How many blocks are listed in all.
    """
    n_order: int
    middle, n_order = _list_community(ground, labels, desk, root, n_before)
    own = labels[root]
    desk.is_in[middle] = True
    desk.parent[middle] = -1
    for i in range(n_before, n_order):
        here = desk.order[i]
        while not desk.is_in[here]:
            step = ground.start[here] + int(rng.random() * (ground.start[here + 1] - ground.start[here]))
            there = ground.neighbour[step]
            if labels[there] == own:
                desk.parent[here] = there
                here = there
        here = desk.order[i]
        while not desk.is_in[here]:
            desk.is_in[here] = True
            here = desk.parent[here]
    _hang_up(ground, desk, root, n_before, n_order)
    return n_order


@compiled()
def _list_community(ground: Ground, labels: Assignment, desk: Desk, root: int, n_before: int) -> tuple[int, int]:
    """List the blocks of a community after others; give the one with most neighbours in it, and the end of the list."""
    own, n_order, i = labels[root], n_before + 1, n_before
    middle, most = root, -1
    desk.order[n_before] = root
    desk.is_in[root] = True
    while i < n_order:
        block = desk.order[i]
        i += 1
        n_near = 0
        for slot in range(ground.start[block], ground.start[block + 1]):
            there = ground.neighbour[slot]
            if labels[there] == own:
                n_near += 1
                if not desk.is_in[there]:
                    desk.is_in[there] = True
                    desk.order[n_order] = there
                    n_order += 1
        if n_near > most:
            middle, most = block, n_near
    for i in range(n_before, n_order):
        desk.is_in[desk.order[i]] = False
    return middle, n_order


@compiled()
def _hang_up(ground: Ground, desk: Desk, root: int, n_before: int, n_order: int) -> None:
    """Turn a tree so that it hangs on a root; list its blocks parents first, sum up what hangs on each, clear marks."""
    above, block = -1, root
    while block >= 0:
        below = desk.parent[block]
        desk.parent[block] = above
        above, block = block, below
    n_path = n_before
    for i in range(n_before, n_order):
        block, depth = desk.order[i], 0
        while block >= 0 and desk.is_in[block]:  # up to what is listed
            desk.members[depth] = block
            desk.is_in[block] = False
            depth += 1
            block = desk.parent[block]
        while depth > 0:
            depth -= 1
            desk.path[n_path] = desk.members[depth]
            n_path += 1
    for i in range(n_before, n_order):
        block = desk.path[i]
        desk.order[i] = block
        for q in range(ground.size.shape[1]):
            desk.hanging[block, q] = ground.size[block, q]
    for i in range(n_order - 1, n_before, -1):
        block = desk.order[i]
        for q in range(ground.size.shape[1]):
            desk.hanging[desk.parent[block], q] += desk.hanging[block, q]
