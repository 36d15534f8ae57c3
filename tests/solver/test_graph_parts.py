import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.exact.separators import minimal_separator, pieces_of

from .maps import connected_edges, examples, make_area, path

Edges = list[tuple[int, int]]


def rows(edges: Edges) -> Adjacency:
    area = make_area(edges, k=1)
    return build_adjacency(area.n_blocks, area.edges)


@examples(60)
@given(connected_edges(max_blocks=12))
def test_adjacency_names_every_neighbour_and_the_edge_between(edges: Edges) -> None:
    """Row i lists the neighbours of i in ascending order, each with the number of the edge to it."""
    adjacency, graph = rows(edges), nx.Graph(edges)
    assert adjacency.start[-1] == 2 * len(edges)
    for i in graph.nodes:
        row = slice(adjacency.start[i], adjacency.start[i + 1])
        neighbours = adjacency.neighbour[row].tolist()
        assert neighbours == sorted(graph.neighbors(i))
        assert [edges[e] for e in adjacency.edge[row]] == [(min(i, j), max(i, j)) for j in neighbours]


def test_adjacency_of_a_single_block_is_empty() -> None:
    """A block without neighbours has an empty row."""
    adjacency = build_adjacency(1, np.zeros((0, 2), dtype=np.int32))
    assert adjacency.start.tolist() == [0, 0]
    assert adjacency.neighbour.size == 0


@examples(80)
@given(connected_edges(max_blocks=12), st.data())
def test_pieces_are_the_connected_components(edges: Edges, data: st.DataObject) -> None:
    """The pieces of any set of blocks are its connected components, ordered by their first block."""
    n = 1 + max(j for _, j in edges)
    members = data.draw(st.sets(st.integers(0, n - 1)))
    graph = nx.Graph(edges).subgraph(members)
    assert pieces_of(members, rows(edges)) == sorted(sorted(c) for c in nx.connected_components(graph))


@examples(150)
@given(connected_edges(min_blocks=4, max_blocks=14), st.data())
def test_separator_separates_and_none_of_it_can_be_left_out(edges: Edges, data: st.DataObject) -> None:
    """Without the separator a cannot reach b; with any one block of it put back, it can."""
    graph = nx.Graph(edges)
    members = data.draw(st.sets(st.sampled_from(sorted(graph.nodes)), min_size=2))
    pieces = pieces_of(members, rows(edges))
    assume(len(pieces) > 1)
    a, b = data.draw(st.sampled_from(pieces[0])), data.draw(st.sampled_from(pieces[1]))
    separator = minimal_separator(a, b, pieces[0], rows(edges))
    assert not {a, b} & set(separator)
    assert not nx.has_path(graph.subgraph(set(graph) - set(separator)), a, b)
    for block in separator:
        assert nx.has_path(graph.subgraph(set(graph) - set(separator) | {block}), a, b)


@pytest.mark.parametrize("b", [1, 2])
def test_separator_refuses_a_block_the_piece_reaches(b: int) -> None:
    """Nothing lies between a piece and a block inside it or next to it."""
    with pytest.raises(ValueError, match="the piece reaches both"):
        minimal_separator(0, b, [0, 1], rows(path(4)))


def test_separator_between_unconnected_parts_is_empty() -> None:
    """Blocks that cannot reach each other at all need no fence."""
    assert minimal_separator(0, 2, [0, 1], rows([(0, 1), (2, 3)])) == []
