"""Parts along dear units: whole streets where they hold whole communities, joined where they do not."""

from dataclasses import replace

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.dear import DearLevel, build_dear_levels
from redistrict.model.problem import AreaProblem
from redistrict.solver.search.unit_parts import divide_by_units
from tests.solver.maps import examples, grid, make_area

SIDE = 8


def make_town(street: NDArray[np.integer], *, residents: NDArray[np.int64] | None = None, k: int = 8) -> AreaProblem:
    """Give a town of 64 blocks, communities of 8 residents, give or take 2, and streets that are dear."""
    size = np.ones(SIDE * SIDE, dtype=np.int64) if residents is None else residents
    area = make_area(grid(SIDE, SIDE), k=k, size=size[:, None].tolist(), lower=[6], upper=[10], target=[8])
    return replace(area, dear=build_dear_levels([DearLevel(street, 3)], size))


def test_each_street_that_holds_whole_communities_is_a_part() -> None:
    """Two rows are a street, of two communities; a park is of the street it lies in."""
    row = np.arange(SIDE * SIDE) // SIDE
    residents = np.ones(SIDE * SIDE, dtype=np.int64)
    residents[26:28] = 0
    parts = divide_by_units(make_town(row // 2, residents=residents))
    assert [part.blocks.tolist() for part in parts] == [[*range(n, n + 16)] for n in range(0, 64, 16)]
    assert [part.problem.n_communities for part in parts] == [2] * 4
    assert all(part.problem.dear is None for part in parts), "there is but one street in it"


def test_a_street_that_no_number_of_communities_fits_is_joined() -> None:
    """Of rows of 8, 32 and 24 residents with communities of 20, give or take 2, the first goes with the second."""
    row = np.arange(SIDE * SIDE) // SIDE
    town = make_town(np.array([0, 1, 1, 1, 1, 2, 2, 2])[row])
    town = replace(town, n_communities=3, lower=np.array([18]), upper=np.array([24]), target=np.array([21]))
    parts = divide_by_units(town)
    assert [(part.blocks.size, part.problem.n_communities) for part in parts] == [(40, 2), (24, 1)]


def test_nothing_is_divided_without_dear_units_or_where_nothing_fits() -> None:
    """Either there are no streets, or two halves of three communities each would have to be three and a half."""
    row = np.arange(SIDE * SIDE) // SIDE
    assert divide_by_units(make_area(grid(SIDE, SIDE), k=8)) == []
    odd = replace(make_town(row // 4, k=7), lower=np.array([9]), upper=np.array([10]))
    assert divide_by_units(odd) == []


@examples(60)
@given(st.lists(st.integers(0, 4), min_size=64, max_size=64), st.integers(4, 10), st.integers(0, 9))
def test_parts_hold_all_blocks_and_communities_and_each_fits(street: list[int], k: int, seed: int) -> None:
    """Streets may lie anywhere, in as many pieces as there are."""
    residents = np.random.default_rng(seed).integers(0, 3, size=SIDE * SIDE)
    town = make_town(np.array(street), residents=residents, k=k)
    parts, graph = divide_by_units(town), nx.Graph(town.edges.tolist())
    if parts:
        assert sorted(i for part in parts for i in part.blocks.tolist()) == [*range(SIDE * SIDE)]
        assert sum(part.problem.n_communities for part in parts) == k
    for part in parts:
        n, total = part.problem.n_communities, int(part.problem.size.sum())
        assert nx.is_connected(graph.subgraph(part.blocks.tolist()))
        assert 6 * n <= total <= 10 * n
        assert n <= part.blocks.size
