"""Every division of a grid into equal connected parts, counted out by bit masks, and how often each is to be drawn."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from tests.solver.maps import grid, make_area


class Divisions(NamedTuple):
    """The area, the number of each division by its communities, and their probabilities."""

    problem: AreaProblem
    number: dict[frozenset[int], int]
    probability: NDArray[np.float64]


def count_out(rows: int, columns: int, size: int) -> Divisions:
    """Give all divisions into connected communities of `size` blocks, as likely as they have spanning forests."""
    n, edges = rows * columns, grid(rows, columns)
    near = [0] * n
    for i, j in edges:
        near[i] |= 1 << j
        near[j] |= 1 << i
    found = list(_divide((1 << n) - 1, size, near))

    @cache
    def count_trees(community: int) -> float:
        """Kirchhoff: the determinant of the Laplacian without its first row and column."""
        members = [i for i in range(n) if community >> i & 1]
        beside = np.array([[float(near[i] >> j & 1) for j in members] for i in members])
        return float(np.linalg.det((np.diag(beside.sum(axis=1)) - beside)[1:, 1:]))

    weights = np.array([np.prod([count_trees(one) for one in division]) for division in found])
    problem = make_area(edges, k=n // size, lower=[size], upper=[size], target=[size])
    return Divisions(problem, {frozenset(one): i for i, one in enumerate(found)}, weights / weights.sum())


def as_masks(labels: NDArray[np.integer], k: int) -> frozenset[int]:
    """Give the communities of a division as bit masks."""
    masks = np.zeros(k, dtype=np.int64)
    np.add.at(masks, labels, 1 << np.arange(len(labels), dtype=np.int64))
    return frozenset(masks.tolist())


def _divide(free: int, size: int, near: list[int]) -> Iterator[tuple[int, ...]]:
    if not free:
        yield ()
        return
    for own in _grow(free, size, near):
        for rest in _divide(free ^ own, size, near):
            yield (own, *rest)


def _grow(free: int, size: int, near: list[int]) -> Iterator[int]:
    """Give the connected sets that hold the first free block and leave parts that can be divided."""
    first = free & -free
    stack = [(first, near[first.bit_length() - 1] & free, free ^ first)]
    while stack:
        own, beside, allowed = stack.pop()
        if own.bit_count() == size:
            if all(part.bit_count() % size == 0 for part in _parts(free ^ own, near)):
                yield own
        elif beside:
            block = beside & -beside
            stack.append((own, beside ^ block, allowed & ~block))
            more = near[block.bit_length() - 1] & allowed & ~block
            stack.append((own | block, (beside ^ block) | more, allowed & ~block))


def _parts(free: int, near: list[int]) -> Iterator[int]:
    while free:
        part, grown = 0, free & -free
        while grown != part:
            part, rest = grown, grown
            while rest:
                block = rest & -rest
                rest ^= block
                grown |= near[block.bit_length() - 1] & free
        yield part
        free ^= part
