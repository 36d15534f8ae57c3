"""Extent and compactness, against what they are by definition."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.geo.components import components
from redistrict.geo.extent import find_far_pairs, find_middles, measure_compactness, measure_extents

from .drawing import box, cells


def test_middles_are_centroids() -> None:
    """The middle of a square is its middle."""
    shapes = np.array([box(0, 0), box(100, 0)], dtype=object)
    assert np.diff(find_middles(shapes), axis=0).tolist() == [[100, 0]]


def test_a_row_is_cut_at_the_limit() -> None:
    """In a row of blocks 100 m apart, those one step beyond the limit are kept apart, and no more are named."""
    middles = find_middles(np.array(list(cells("a b c d e").values()), dtype=object))
    edges = np.array([(i, i + 1) for i in range(4)], dtype=np.int32)
    assert find_far_pairs(middles, edges, 200.0).tolist() == [[0, 3], [1, 4]]


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 1.2))
def test_a_connected_set_without_a_far_pair_is_within_the_limit(seed: int, limit_m: float) -> None:
    """A connected set holds a pair that is named if and only if it is wider than the limit."""
    rng = np.random.default_rng(seed)
    middles = rng.random((12, 2))
    edges = np.unique(np.sort(rng.integers(0, 12, (24, 2)), axis=1), axis=0).astype(np.int32)
    edges = edges[edges[:, 0] != edges[:, 1]]
    far = find_far_pairs(middles, edges, limit_m)
    for _ in range(20):
        members = np.flatnonzero(rng.random(12) < rng.random())
        if not members.size:
            continue
        inside = np.isin(edges, members).all(axis=1)
        piece = next(p for p in components(12, edges[inside]) if members[0] in p)
        is_wide = measure_extents(middles[piece], np.zeros(len(piece), dtype=np.int32))[0] > limit_m
        assert is_wide == bool(np.isin(far, piece).all(axis=1).any())


def test_extent_is_that_of_the_two_blocks_farthest_apart() -> None:
    """Every community has its own; one of a single block has none."""
    middles = np.array([(0, 0), (3, 4), (1, 1), (9, 9)], dtype=float)
    assert measure_extents(middles, np.array([0, 0, 0, 1], dtype=np.int32)).tolist() == [5, 0]


def test_compactness_of_shapes_known() -> None:
    """A circle has 1, a square pi / 4, a strip little."""
    shapes = np.array([shapely.Point(0, 0).buffer(1, 256), box(0, 0), box(0, 0, 1000, 10)], dtype=object)
    assert measure_compactness(shapes) == pytest.approx([1, np.pi / 4, 0.0308], abs=1e-4)
