"""Agreement of two plans, counted by hand and from the definition."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.report.compare.partitions import Change, compare_partitions

FIRST = np.array([0, 0, 1, 1, 2, 2], dtype=np.int32)
SECOND = np.array([1, 1, 0, 0, 0, 2], dtype=np.int32)
RESIDENTS = np.array([10, 20, 30, 40, 50, 60])
"""::

    blocks  a  b   c  d   e  f        first:  [a b] [c d] [e f]
            10 20  30 40  50 60       second: [a b] [c d  e] [f]
"""


def test_moved_residents_and_changes_are_those_of_the_drawing() -> None:
    """One community stays whole; e goes to the other's, and both communities it touches are listed with it."""
    found = compare_partitions(FIRST, SECOND, RESIDENTS)
    assert (found.n_same, found.same_share, found.moved) == (1, 30 / 210, 50)
    assert found.overlap_share == pytest.approx(160 / 210)
    assert found.is_moved.tolist() == [False, False, False, False, True, False]
    assert found.changes == (Change(1, 0, 2, 0, 1, 70, 0, 50), Change(2, 2, 1, 1, 0, 60, 50, 0))


def test_blocks_without_a_community_are_not_moved() -> None:
    """A block that has no community in one plan moves nobody, but its community is no longer the same."""
    first = FIRST.copy()
    first[0] = -1
    found = compare_partitions(first, SECOND, RESIDENTS)
    assert (found.n_same, found.moved) == (0, 50)
    assert Change(0, 1, 1, 0, 1, 20, 0, 10) in found.changes


def test_new_and_dissolved_communities_are_listed() -> None:
    """A community that continues none, and one that nobody continues, stand alone."""
    one, two = np.zeros(4, dtype=np.int32), np.array([0, 0, 0, 1], dtype=np.int32)
    people = np.array([1, 1, 1, 1])
    assert Change(-1, 1, 0, 0, 1, 0, 0, 1) in compare_partitions(one, two, people).changes
    assert Change(1, -1, 0, 1, 0, 0, 1, 0) in compare_partitions(two, one, people).changes


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=20))
def test_variation_of_information_is_that_of_the_definition(rows: list[tuple[int, int, int]]) -> None:
    """It is H(first | second) + H(second | first) by residents, the same either way, and 0 for equal plans."""
    raw = np.array(rows)
    first, second = (np.unique(column, return_inverse=True)[1].astype(np.int32) for column in raw[:, :2].T)
    people = raw[:, 2]
    total = max(1, int(people.sum()))

    def share(*columns: np.ndarray) -> dict[tuple[int, ...], float]:
        shares: dict[tuple[int, ...], float] = {}
        for *key, n in zip(*columns, people, strict=True):
            shares[tuple(key)] = shares.get(tuple(key), 0.0) + n / total
        return shares

    def entropy(shares: dict[tuple[int, ...], float]) -> float:
        return -sum(p * log2(p) for p in shares.values() if p > 0)

    expected = 2 * entropy(share(first, second)) - entropy(share(first)) - entropy(share(second))
    found = compare_partitions(first, second, people)
    assert found.information_bits == pytest.approx(expected, abs=1e-9)
    assert compare_partitions(second, first, people).information_bits == pytest.approx(expected, abs=1e-9)
    assert compare_partitions(first, first, people).information_bits == pytest.approx(0, abs=1e-9)
    assert 0 <= found.same_share <= 1
