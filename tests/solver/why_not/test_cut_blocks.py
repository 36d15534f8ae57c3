import networkx as nx
import numpy as np
from hypothesis import given

from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.why_not.cut_blocks import list_pockets
from tests.solver.maps import Edges, connected_edges, examples, path, star


def pockets(edges: Edges) -> set[tuple[int, tuple[int, ...]]]:
    array = np.array(edges, dtype=np.int32)
    found = list_pockets(build_adjacency(1 + int(array.max()), array))
    return {(gate, tuple(sorted(pocket.tolist()))) for gate, pocket in found}


@examples(150)
@given(connected_edges(max_blocks=14))
def test_pockets_lie_behind_every_cut_block(edges: Edges) -> None:
    """The cut blocks are networkx's; behind each, of the pieces without it, all are given but that of block 0."""
    graph, found = nx.Graph(edges), pockets(edges)
    expected = set()
    for gate in nx.articulation_points(graph):
        pieces = [tuple(sorted(c)) for c in nx.connected_components(graph.subgraph(set(graph) - {gate}))]
        behind = [piece for piece in pieces if piece[0] != 0 or gate == 0]
        expected |= {(gate, piece) for piece in behind}
        if gate != 0:
            expected.add((gate, tuple(sorted(sum(behind, ())))))
    assert found == expected


def test_a_path_has_a_pocket_behind_every_inner_block() -> None:
    """0 - 1 - 2 - 3: behind 1 lie 2 and 3, behind 2 lies 3."""
    assert pockets(path(4)) == {(1, (2, 3)), (2, (3,))}


def test_the_middle_of_a_star_has_every_leaf_behind_it() -> None:
    """Seen from the middle, there is no side before it."""
    assert pockets(star(4)) == {(0, (1,)), (0, (2,)), (0, (3,))}
