"""Threads: work in pieces, each in a thread of its own; the pieces, and the order of what they give, never change."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

THREADS = 2
"""Whatever is done in pieces is done by so many threads, however many there could be."""

_Found = TypeVar("_Found")


def do_halves(work: Callable[[NDArray[Any]], _Found], values: NDArray[Any]) -> list[_Found]:
    """Do the same work on each half of some values, and give what it gives."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, np.array_split(values, THREADS)))
