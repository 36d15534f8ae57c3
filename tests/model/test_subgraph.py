"""Edges between some blocks of a map."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.subgraph import edges_among
from tests.solver.maps import examples, grid


@examples(40)
@given(st.sets(st.integers(0, 11)))
def test_edges_among_some_blocks_are_those_with_both_ends_there(chosen: set[int]) -> None:
    """Renumbered back they are the edges of the map with both ends among the blocks, in the order of the map."""
    edges, blocks = np.array(grid(3, 4), dtype=np.int32), np.array(sorted(chosen), dtype=np.int64)
    found, is_among = edges_among(edges, blocks, 12)
    assert blocks[found].tolist() == [list(edge) for edge in grid(3, 4) if chosen.issuperset(edge)]
    assert edges[is_among].tolist() == blocks[found].tolist()
    assert found.dtype == np.int32
