"""Components: what hangs together."""

import networkx as nx
import numpy as np
from numpy.typing import NDArray


def components(n_nodes: int, edges: NDArray[np.integer]) -> list[list[int]]:
    """Give the connected pieces, each sorted, ordered by their first node."""
    graph = nx.Graph()
    graph.add_nodes_from(range(n_nodes))
    graph.add_edges_from(edges.tolist())
    return sorted(sorted(piece) for piece in nx.connected_components(graph))
