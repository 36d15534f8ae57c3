"""The bound by lengths: every row holds of every plan of tiny maps counted out, and so does what they prove."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.exact import length_bound
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.length_bound import Witness, bound_tile, cut_in_tiles, proved_cost
from redistrict.solver.exact.length_rows import Row, RowFinder, cut_out
from redistrict.solver.journal_forms import WITNESS
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import Communities, Truth, examples, grid, make_area, tiny_areas, tiny_cities

_ANY_AREA = st.one_of(tiny_areas(), tiny_cities())


def lengths_of(area: AreaProblem, plan: Communities) -> NDArray[np.float64]:
    """Give 1 for every edge that a plan cuts, 0 for every other."""
    own = {block: number for number, community in enumerate(plan) for block in community}
    return np.array([float(own[i] != own[j]) for i, j in area.edges.tolist()])


def bound_of(area: AreaProblem, *, effort: float = 1.0) -> int:
    """Bound an area by all of its tiles."""
    return proved_cost(area, [bound_tile(tile, Stop(60), effort=effort) for tile in cut_in_tiles(area)])


def town(*, k: int = 4, side: int = 8) -> AreaProblem:
    """A square of blocks of size 1 where every cut edge costs 1: cut in squares it cannot be cut cheaper."""
    edges = grid(side, side)
    n = side * side
    return make_area(
        edges, k=k, weight=[-1] * len(edges), size=[[1]] * n, lower=[n // k], upper=[n // k], target=[n // k], rate=[0]
    )


@examples(60)
@given(_ANY_AREA, st.data())
def test_rows_hold_of_every_plan(area: AreaProblem, data: st.DataObject) -> None:
    """Whatever lengths they are found for, in the whole area or a part of it, rows are broken there and by no plan."""
    blocks = sorted(data.draw(st.sets(st.integers(0, area.n_blocks - 1), min_size=2)))
    tile = cut_out(area, np.array(blocks if data.draw(st.booleans()) else range(area.n_blocks)))
    number = st.sampled_from([0.0, 0.0, 0.2, 0.4, 0.6, 1.0])
    n_edges = tile.edge.size
    length = np.array(data.draw(st.lists(number, min_size=n_edges, max_size=n_edges)))
    plans = [lengths_of(area, plan)[tile.edge] for plan in Truth(area).plans()]
    for row in RowFinder(tile).find(length, data.draw(st.integers(0, 5))):
        assert row.breach(length) > 0
        assert np.unique(row.edge).size == row.edge.size
        assert all(row.breach(cut) <= 0 for cut in plans)


@examples(60)
@given(_ANY_AREA, st.sampled_from([3, 100]))
def test_no_plan_costs_less_than_the_bound(area: AreaProblem, most: int) -> None:
    """The bound is at least the edge bound and never above the optimum, in one tile and in several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(length_bound, "_MOST_BLOCKS", most)
        bound, optimum = bound_of(area), Truth(area).optimum
    assert bound >= edge_bound(area)
    assert optimum is None or bound <= optimum


@examples(40)
@given(_ANY_AREA, st.integers(0, 2**16))
def test_any_multipliers_prove_a_bound(area: AreaProblem, seed: int) -> None:
    """However badly rows are weighed, what is added up is true."""
    rng = np.random.default_rng(seed)
    tile = cut_out(area, np.arange(area.n_blocks))
    rows = RowFinder(tile).find(rng.random(tile.edge.size), 0)
    witness = Witness(tuple(rows), tuple(int(y) for y in rng.integers(0, 50 * length_bound.SCALE, len(rows))))
    optimum = Truth(area).optimum
    assert optimum is None or proved_cost(area, [witness]) <= optimum


def test_least_cut_edges_are_bounded_without_roads() -> None:
    """Of a square cut in four, which costs 16 edges, most is proved; every run proves the same."""
    area = town()
    assert edge_bound(area) == 0
    bounds = [bound_of(area) for _ in range(2)]
    assert bounds[0] == bounds[1]
    assert 12 <= bounds[0] <= 16


def test_light_blocks_must_go_on() -> None:
    """Two blocks that a road parts and that are too light each: the road must be crossed, the whole of it."""
    edges = [(0, 1), (2, 3), (0, 2), (1, 3)]
    area = make_area(edges, k=1, weight=[-20, -20, 5, 7], size=[[1]] * 4, lower=[4], upper=[4], target=[4], rate=[0])
    assert bound_of(area) == Truth(area).optimum == edge_bound(area) + 12


def test_tiles_hold_every_block_once_and_hang_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles are about as large as may be; on a grid each hangs together; blocks beside others are open."""
    monkeypatch.setattr(length_bound, "_MOST_BLOCKS", 20)
    area = town()
    tiles = cut_in_tiles(area)
    assert sorted(np.concatenate([tile.blocks for tile in tiles]).tolist()) == list(range(64))
    graph = nx.Graph(area.edges.tolist())
    for tile in tiles:
        assert 10 <= tile.blocks.size <= 20
        assert nx.is_connected(graph.subgraph(tile.blocks.tolist()))
        own = set(tile.blocks.tolist())
        is_open = [bool(set(graph.neighbors(block)) - own) for block in tile.blocks.tolist()]
        assert tile.is_open.tolist() == is_open
        assert (tile.blocks[tile.edges] == area.edges[tile.edge]).all()


def test_without_effort_or_time_nothing_is_proved() -> None:
    """No effort or no time: no rows count, and the edge bound is left."""
    (tile,) = cut_in_tiles(town())
    assert bound_tile(tile, Stop(60), effort=0.0).rows == ()
    assert bound_tile(tile, Stop(0), effort=1.0).rows == ()
    assert proved_cost(town(), []) == edge_bound(town())


def test_the_journal_gives_a_witness_back() -> None:
    """What is read back proves the same, the longest multipliers included."""
    row = Row(np.array([3, 5]), np.array([1, -1]), -2)
    other = Row(np.array([1]), np.array([4]), 4)
    for witness in (Witness((row, other), (10**30, 7)), Witness((), ())):
        back = WITNESS.from_arrays(WITNESS.to_arrays(witness))
        assert back.multiplier == witness.multiplier
        assert [(r.edge.tolist(), r.factor.tolist(), r.least) for r in back.rows] == [
            (r.edge.tolist(), r.factor.tolist(), r.least) for r in witness.rows
        ]


def test_a_block_too_large_for_any_community_leaves_nothing_to_prove_by_lengths() -> None:
    """What no cutting can mend has no edge to speak of; areas that have no plan are refused by others."""
    area = make_area([(0, 1), (1, 2)], k=3, size=[[0], [0], [5]], upper=[4], target=[1])
    witness = [bound_tile(tile, Stop(60.0), effort=0.1) for tile in cut_in_tiles(area)]
    assert all(row.edge.size for one in witness for row in one.rows)
