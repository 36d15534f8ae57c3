"""Reach: what hangs together with a block, compiled."""

import numpy as np

from redistrict.solver.compiled import compiled


@compiled()
def reach(start, neighbour, is_open, source):  # type: ignore[no-untyped-def]
    """Give the blocks that hang together with `source` over open blocks, the nearest first; `is_open` is used up."""
    found = np.empty(is_open.size, dtype=np.int64)
    found[0] = source
    is_open[source] = False
    count = 1
    for head in range(is_open.size):
        if head == count:
            break
        for p in range(start[found[head]], start[found[head] + 1]):
            other = neighbour[p]
            if is_open[other]:
                is_open[other] = False
                found[count] = other
                count += 1
    return found[:count].copy()
