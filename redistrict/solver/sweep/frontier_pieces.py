"""Pieces on the frontier of a sweep: a number for each place, 0 where there is none."""

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.compiled import compiled

Pieces = NDArray[np.uint8]


@compiled()
def rename_piece(row: Pieces, piece: int, own: int) -> None:
    """Give a piece another number."""
    for j in range(row.size):
        if row[j] == piece:
            row[j] = own


@compiled()
def join_pieces(row: Pieces, slot: int, near: NDArray[np.int64]) -> None:
    """Put the block at `slot` into the set; the pieces it touches become one."""
    own = row.size + 1
    row[slot] = own
    for other in near:
        if row[other] > 0 and row[other] != own:
            rename_piece(row, row[other], own)


@compiled()
def number_pieces(row: Pieces, name: Pieces) -> int:
    """Number the pieces in the order in which they lie on the frontier; give how many there are.

    `name` is a place to work in, two longer than `row`.
    """
    count = 0
    name[:] = 0
    for j in range(row.size):
        if row[j] > 0:
            if name[row[j]] == 0:
                count += 1
                name[row[j]] = count
            row[j] = name[row[j]]
    return count
