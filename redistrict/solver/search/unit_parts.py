"""Parts along the units of a dear level: where changing one's unit is dear, good plans hardly cross their borders."""

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem, cut_out
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.search.split_area import Part

IntArray = NDArray[np.int64]


def divide_by_units(problem: AreaProblem) -> list[Part]:
    """Divide an area along the units of its lowest dear level, each part with a number of communities that fits it.

    Pieces of units that no number of communities fits are joined with the neighbour that they have most in common with,
    and so are the smallest ones as long as the numbers do not add up.

    Returns
    -------
    list of Part
        Every block in exactly one; the numbers of communities add up. Empty where there is nothing to divide.
    """
    if problem.dear is None:
        return []
    group = _piece_of_block(problem.dear.lowest, build_adjacency(problem.n_blocks, problem.edges))
    while group.max() > 0:
        totals = np.zeros((group.max() + 1, problem.size.shape[1]), dtype=np.int64)
        np.add.at(totals, group, problem.size)
        least, most = _numbers_that_fit(problem, totals, np.bincount(group))
        misfits = np.flatnonzero(least > most)
        if not misfits.size:
            share = (totals / np.maximum(problem.size.sum(axis=0), 1)).mean(axis=1)
            numbers = _share_out(problem.n_communities, share, least, most)
            if numbers is not None:
                parts = [np.flatnonzero(group == n) for n in range(len(numbers))]
                return [Part(blocks, cut_out(problem, blocks, k)) for blocks, k in zip(parts, numbers, strict=True)]
            misfits = np.arange(len(totals))
        group = _join(problem, group, int(misfits[totals[misfits].sum(axis=1).argmin()]))
    return []


def _piece_of_block(unit: IntArray, adjacency: Adjacency) -> IntArray:
    """Number the connected pieces of units, (n_blocks,)."""
    group = np.empty_like(unit)
    pieces = [piece for one in np.unique(unit) for piece in pieces_of(np.flatnonzero(unit == one).tolist(), adjacency)]
    for number, piece in enumerate(pieces):
        group[piece] = number
    return group


def _numbers_that_fit(problem: AreaProblem, totals: IntArray, n_blocks: IntArray) -> tuple[IntArray, IntArray]:
    """Give the fewest and most communities inside the bounds that each total makes."""
    least = np.maximum(1, -(-totals // np.maximum(problem.upper, 1))).max(axis=1)
    most = np.where(problem.lower > 0, totals // np.maximum(problem.lower, 1), n_blocks[:, None]).min(axis=1)
    return least, np.minimum(most, n_blocks)


def _share_out(n: int, share: NDArray[np.float64], least: IntArray, most: IntArray) -> list[int] | None:
    """Give each part its share of the communities, inside what fits it; none if they do not add up."""
    if not least.sum() <= n <= most.sum():
        return None
    numbers = np.clip(np.rint(n * share).astype(np.int64), least, most)
    while numbers.sum() != n:
        step = 1 if numbers.sum() < n else -1
        may = (numbers < most) if step > 0 else (numbers > least)
        numbers[np.where(may, step * (n * share - numbers), -np.inf).argmax()] += step
    return [int(number) for number in numbers]


def _join(problem: AreaProblem, group: IntArray, number: int) -> IntArray:
    """Join a group with the neighbour whose border with it weighs most."""
    ends = group[problem.edges]
    at_border = (ends == number).sum(axis=1) == 1
    others = ends[at_border].sum(axis=1) - number
    weight = np.bincount(others, weights=1.0 + np.abs(problem.edge_weight[at_border]), minlength=group.max() + 1)
    joined = np.where(group == number, weight.argmax(), group)
    return np.asarray(np.unique(joined, return_inverse=True)[1], dtype=np.int64)
