"""The distance of two plans, against every matching of their communities."""

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from redistrict.solver.exact.match_plans import match_plans

Labels = NDArray[np.int32]


def draw(chance: np.random.Generator, n: int) -> Labels:
    """Draw a plan of up to four communities, numbered without a gap."""
    return np.unique(chance.integers(0, 4, size=n), return_inverse=True)[1].astype(np.int32)


def fewest(first: Labels, second: Labels, residents: NDArray[np.int64]) -> int:
    """Count who changes under each way to call the communities of one plan by numbers of the other."""
    k = 4
    return min(int(residents[np.array(names)[second] != first].sum()) for names in permutations(range(k)))


@pytest.mark.parametrize("number", range(60))
def test_the_distance_is_that_of_the_best_of_all_matchings(number: int) -> None:
    """As many residents change as under the best matching, and they live in the blocks that are said to change."""
    chance = np.random.default_rng(number)
    n = int(chance.integers(1, 9))
    first, second, third = (draw(chance, n) for _ in range(3))
    residents = chance.integers(0, 9, size=n)
    found = match_plans(first, second, residents)
    assert found.n_changed == fewest(first, second, residents) == int(residents[found.is_changed].sum())
    assert np.array_equal(found.is_changed, found.partner[second] != first)
    named = [one for one in found.partner.tolist() if one >= 0]
    assert len(named) == len(set(named))
    assert found.n_changed == match_plans(second, first, residents).n_changed
    by_way = match_plans(first, third, residents).n_changed + match_plans(third, second, residents).n_changed
    assert found.n_changed <= by_way


def test_names_do_not_count_and_blocks_break_ties() -> None:
    """The same communities under other numbers are no change; where nobody lives, more blocks in common decide."""
    first = np.array([0, 0, 1, 1, 2], dtype=np.int32)
    assert match_plans(first, (2 - first).astype(np.int32), np.full(5, 7)).n_changed == 0
    empty = match_plans(first, np.array([1, 1, 1, 0, 2], dtype=np.int32), np.zeros(5, dtype=np.int64))
    assert empty.is_changed.tolist() == [False, False, True, False, False]
