"""A compiled hash table: numbers keys in the order in which they are met, each once.

A key is a row of bytes (pieces on the frontier) and a row of whole numbers (sizes, sides), of fixed widths, either of
which may be 0. Which key stands where in the table never shows: results depend on the order of the keys alone.

References
----------
Fowler, Noll and Vo (1991), the hash FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.solver.compiled import compiled

_FEWEST_PLACES = 16


class KeyTable(NamedTuple):
    """The keys met so far, those with a number stand first in `row` and `value`.

    Attributes
    ----------
    place : (n_places,) int64
        Number of the key at each place, -1 where it is free; n_places is a power of two.
    row : (most, width) uint8
    value : (most, n_values) int64
    """

    place: NDArray[np.int64]
    row: NDArray[np.uint8]
    value: NDArray[np.int64]


@compiled()
def free_places(most: int) -> NDArray[np.int64]:
    """Give free places, a power of two of them, of which at most so many keys take no more than half."""
    n_places = _FEWEST_PLACES
    while n_places < 2 * most:
        n_places *= 2
    return np.full(n_places, -1, np.int64)


@compiled()
def make_key_table(most: int, width: int, n_values: int) -> KeyTable:
    """Make a table for at most so many keys."""
    return KeyTable(free_places(most), np.empty((most, width), np.uint8), np.empty((most, n_values), np.int64))


@compiled()
def number_key(table: KeyTable, row: NDArray[np.uint8], value: NDArray[np.int64], count: int) -> int:
    """Give the number of a key: that it has, or else `count`, under which it is entered.

    Parameters
    ----------
    row : (width,) uint8
    value : (n_values,) int64
    count : int
        Number of keys met before.
    """
    code = np.uint64(0)
    for q in range(value.size):
        code = (code ^ np.uint64(value[q])) * np.uint64(0x9E3779B97F4A7C15)
    for j in range(row.size):
        code = (code ^ np.uint64(row[j])) * np.uint64(0x100000001B3)
    code ^= code >> np.uint64(29)
    last = table.place.size - 1
    at = np.int64(code & np.uint64(last))
    while table.place[at] >= 0:
        if _is_key(table, table.place[at], row, value):
            return int(table.place[at])
        at = (at + 1) & last
    table.place[at] = count
    for q in range(value.size):
        table.value[count, q] = value[q]
    for j in range(row.size):
        table.row[count, j] = row[j]
    return count


@compiled()
def _is_key(table: KeyTable, number: int, row: NDArray[np.uint8], value: NDArray[np.int64]) -> bool:
    for q in range(value.size):
        if table.value[number, q] != value[q]:
            return False
    j = 0
    while j < row.size and table.row[number, j] == row[j]:
        j += 1
    return j == row.size
