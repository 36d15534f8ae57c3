"""What residents whose street changes cost while a plan is annealed: counts by community and unit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.compiled import compiled


class Dear(NamedTuple):
    """What residents cost if their unit changes, as in `DearLevels`; no entries where that costs nothing.

    Attributes
    ----------
    start : (n_blocks + 1,) int64
        The rows of block i are those from ``start[i]`` to ``start[i + 1]``.
    unit : (n_rows,) int32
    price : (n_rows,) int64
    first : (n_levels + 1,) int64
        First unit of each level.
    """

    start: NDArray[np.int64]
    unit: NDArray[np.int32]
    price: NDArray[np.int64]
    first: NDArray[np.int64]


def dear_terms(problem: AreaProblem) -> Dear:
    """Put the rows of dear levels in the order of the blocks."""
    dear = problem.dear
    if dear is None:
        nothing = np.zeros(0, dtype=np.int64)
        return Dear(nothing, nothing.astype(np.int32), nothing, nothing)
    order = np.argsort(dear.block, kind="stable")
    start = np.append(0, np.cumsum(np.bincount(dear.block, minlength=problem.n_blocks)))
    return Dear(start, dear.unit[order], dear.price[order], dear.first)


@compiled()
def keep_counts(dear, belongs, block, source, goal):  # type: ignore[no-untyped-def]
    """Keep what the residents of each unit in two communities would cost while a block goes from one to the other."""
    for row in range(dear.start[block], dear.start[block + 1]):
        belongs[source, dear.unit[row]] -= dear.price[row]
        belongs[goal, dear.unit[row]] += dear.price[row]


@compiled()
def _largest(dear, belongs, community):  # type: ignore[no-untyped-def]
    """What the residents would cost who are of the unit that a community belongs to, over all levels."""
    total = np.int64(0)
    for level in range(dear.first.size - 1):
        most = np.int64(0)
        for unit in range(dear.first[level], dear.first[level + 1]):
            most = max(most, belongs[community, unit])
        total += most
    return total


@compiled()
def levels_cost(dear, belongs, block, source, goal):  # type: ignore[no-untyped-def]
    """Change of what dear levels cost, if the block goes from community `source` to `goal`."""
    change = _largest(dear, belongs, source) + _largest(dear, belongs, goal)
    keep_counts(dear, belongs, block, source, goal)
    change -= _largest(dear, belongs, source) + _largest(dear, belongs, goal)
    keep_counts(dear, belongs, block, goal, source)
    return float(change)
