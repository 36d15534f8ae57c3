"""Which sets of blocks hang together by narrow ground alone, searched over their wide neighbours."""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.necks import Necks
from redistrict.solver.compiled import compiled


def count_loose_parts(necks: Necks, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give how many parts hang on the rest of sets of blocks, (n_sets, n_blocks), by narrow ground alone, (n_sets,).

    A part without a block that counts is none.
    """
    return np.asarray(_count_loose(*necks.rows, necks.counts, rows))


@compiled()
def _count_loose(start, beside, counts, rows):  # type: ignore[no-untyped-def]
    loose = np.zeros(rows.shape[0], dtype=np.int64)
    queue = np.empty(rows.shape[1], dtype=np.int32)
    for r in range(rows.shape[0]):
        left, n_parts = rows[r].copy(), 0
        for first in range(left.size):
            if not (left[first] and counts[first]):
                continue
            n_parts += 1
            queue[0], left[first] = first, False
            head, tail = 0, 1
            while head < tail:
                here = queue[head]
                head += 1
                for p in range(start[here], start[here + 1]):
                    other = beside[p]
                    if left[other]:
                        left[other] = False
                        queue[tail] = other
                        tail += 1
        loose[r] = max(0, n_parts - 1)
    return loose


@compiled()
def loose_then(necks, assignment, block, source, goal):  # type: ignore[no-untyped-def]
    """Give the loose parts of communities `source` and `goal` once the block has gone from the one to the other."""
    rows = np.empty((2, assignment.size), dtype=np.bool_)
    for i in range(assignment.size):
        rows[0, i], rows[1, i] = assignment[i] == source, assignment[i] == goal
    rows[0, block], rows[1, block] = False, True
    loose = _count_loose(necks.start, necks.beside, necks.counts, rows)
    return loose[0], loose[1]


@compiled()
def joins_widely(necks, assignment, block, goal):  # type: ignore[no-untyped-def]
    """Tell whether a block brings community `goal` no part of its own for sure: the wide neighbours are looked at."""
    for p in range(necks.start[block], necks.start[block + 1]):
        other = necks.beside[p]
        if assignment[other] == goal and necks.counts[other]:
            return True
    return not necks.counts[block]
