"""Which sets of blocks surround others, searched over the ground."""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.enclosure import Enclosure
from redistrict.solver.compiled import compiled


def find_surrounded(enclosure: Enclosure, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nodes that may not be are surrounded by sets of blocks, (n_sets, n_blocks), as (n_sets, n_nodes)."""
    return enclosure.must_get_out & find_cut_off(enclosure, rows)


def find_cut_off(enclosure: Enclosure, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nodes sets of blocks, (n_sets, n_blocks), part from the outside, (n_sets, n_nodes)."""
    walls = np.zeros((len(rows), enclosure.n_nodes), dtype=bool)
    walls[:, : enclosure.n_blocks] = rows
    return np.asarray(~walls & ~_reach(*enclosure.rows, walls, enclosure.n_blocks))


@compiled()
def _reach(start, beside, walls, first):  # type: ignore[no-untyped-def]
    """Tell which nodes are reached from the first without crossing each wall."""
    seen = np.zeros(walls.shape, dtype=np.bool_)
    queue = np.empty(walls.shape[1], dtype=np.int32)
    for w in range(walls.shape[0]):
        queue[0], seen[w, first] = first, True
        head, tail = 0, 1
        while head < tail:
            here = queue[head]
            head += 1
            for p in range(start[here], start[here + 1]):
                other = beside[p]
                if not (walls[w, other] or seen[w, other]):
                    seen[w, other] = True
                    queue[tail] = other
                    tail += 1
    return seen


@compiled()
def closes_ring(around, assignment, block, goal, queue, stamp, mark):  # type: ignore[no-untyped-def]
    """Tell whether a block closes a ring of community `goal` around ground that no community may surround.

    What lies beside the block is looked for from there, around the community; only if some is not found the whole
    ground is searched from the outside. Stamps of `mark` and above must be new.
    """
    start, beside, is_held = around
    n_blocks, n_wanted, first = assignment.size, 0, -1
    for p in range(start[block], start[block + 1]):
        other = beside[p]
        if other >= n_blocks or assignment[other] != goal:
            stamp[other] = mark
            n_wanted += 1
            first = other
    if n_wanted <= 1:
        return False
    stamp[block] = stamp[first] = mark + 1
    queue[0] = first
    n_wanted -= 1
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for p in range(start[here], start[here + 1]):
            other = beside[p]
            if stamp[other] != mark + 1 and (other >= n_blocks or assignment[other] != goal):
                n_wanted -= int(stamp[other] == mark)
                if n_wanted == 0:
                    return False
                stamp[other] = mark + 1
                queue[tail] = other
                tail += 1
    walls = np.zeros((1, stamp.size), dtype=np.bool_)
    walls[0, :n_blocks] = assignment == goal
    walls[0, block] = True
    seen = _reach(start, beside, walls, n_blocks)[0]
    for node in range(stamp.size):
        if not (seen[node] or walls[0, node]) and (node < n_blocks or is_held[node - n_blocks]):
            return True
    return False
