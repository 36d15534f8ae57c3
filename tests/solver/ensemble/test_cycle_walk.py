"""The chain draws every division as often as it should: held against all divisions counted out."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from redistrict.solver.costs import is_feasible
from redistrict.solver.ensemble.chains import segment_task
from redistrict.solver.ensemble.cycle_walk import lay_ground, open_books, walk
from redistrict.solver.search.area_options import Case
from redistrict.solver.tasks.stop import Stop

from .counted_out import Divisions, as_masks, count_out


def surprise(drawn: NDArray[np.int64], probability: NDArray[np.float64], n_cells: int) -> float:
    """Give how many standard deviations chi-square lies above its mean, divisions put together to cells alike likely.

    Wilson and Hilferty 1931: the cube root of chi-square over its degrees of freedom is nearly normal.
    """
    cell = np.minimum((np.cumsum(probability) * n_cells).astype(np.int64), n_cells - 1)
    expected = np.bincount(cell, probability) * drawn.sum()
    found = np.bincount(cell, drawn)
    used = expected >= 5
    chi, freedom = float(((found - expected)[used] ** 2 / expected[used]).sum()), int(used.sum()) - 1
    part = 2 / (9 * freedom)
    return ((chi / freedom) ** (1 / 3) - (1 - part)) / math.sqrt(part)


def draw(divisions: Divisions, n_draws: int, n_steps: int, seed: int) -> NDArray[np.int64]:
    """Give how often each division is drawn, with as many steps between two draws."""
    problem, number, _ = divisions
    masks = next(iter(number))
    labels = np.array([[mask >> i & 1 for mask in sorted(masks)].index(1) for i in range(problem.n_blocks)])
    ground, books, rng = lay_ground(problem), open_books(problem, labels.astype(np.int32)), np.random.default_rng(seed)
    counts = np.zeros(len(number), dtype=np.int64)
    walk(ground, books, rng, 100 * n_steps)
    for _ in range(n_draws):
        walk(ground, books, rng, n_steps)
        counts[number[as_masks(books.labels, problem.n_communities)]] += 1
    return counts


def test_a_small_grid_is_drawn_as_counted_out() -> None:
    """Sixteen blocks into fours: 117 divisions, chi-square no more than three deviations above its mean."""
    divisions = count_out(4, 4, 4)
    assert len(divisions.number) == 117
    drawn = draw(divisions, 12_000, 80, seed=3)
    assert (drawn > 0).all()
    assert surprise(drawn, divisions.probability, 10_000) < 3
    uniform = np.full(117, 1 / 117)
    assert surprise(drawn, uniform, 10_000) > 10, "the test tells one distribution from another"


@pytest.mark.slow(covers=["redistrict/solver/ensemble/"])
@pytest.mark.parametrize(
    ("size", "n_divisions", "n_steps"), [(2, 6_728, 400), (4, 178_939, 200), (6, 451_206, 150), (12, 264_500, 100)]
)
def test_the_six_by_six_grid_is_drawn_as_counted_out(size: int, n_divisions: int, n_steps: int) -> None:
    """All divisions of 36 blocks into 18, 9, 6 or 3: chi-square over 800 cells no more than three deviations above."""
    divisions = count_out(6, 6, size)
    assert len(divisions.number) == n_divisions
    drawn = draw(divisions, 80_000, n_steps, seed=size)
    assert surprise(drawn, divisions.probability, 800) < 3


def test_limits_beyond_the_bounds_leave_the_same_measure_among_what_obeys_them() -> None:
    """Two blocks kept apart: divisions that hold both together are never drawn, the others as often as before."""
    problem, number, probability = count_out(4, 4, 4)
    obeys = np.array([not any(mask >> 5 & 1 and mask >> 10 & 1 for mask in masks) for masks in number])
    assert 20 < obeys.sum() < 100
    limited = replace(problem, apart=np.array([[5, 10]], dtype=np.int32))
    start = next(masks for masks, good in zip(number, obeys, strict=True) if good)
    labels = np.array([[mask >> i & 1 for mask in sorted(start)].index(1) for i in range(16)], dtype=np.int32)
    case, stop = Case(0, limited, 1, labels), Stop(math.inf)
    last = segment_task(case, 0, 0, None, 200, stop, None)()
    drawn = segment_task(case, 0, 1, last, 8_000, stop, None)().draws
    assert all(is_feasible(limited, one.astype(np.int32)) for one in drawn[::50])
    counts = np.zeros(len(number), dtype=np.int64)
    for one in drawn:
        counts[number[as_masks(one, 4)]] += 1
    assert not counts[~obeys].any()
    share = probability[obeys] / probability[obeys].sum()
    assert surprise(counts[obeys], share, 10_000) < 3
