"""Walks: how far it is along the streets, from some points to others.

1. Roads are centrelines that meet wherever they cross or touch; whoever walks may turn, and cross, for nothing.
2. A point is joined to the nearest point of any road by a straight line (to several that are as near, give or take
   `_AS_NEAR_M`), and that line counts. So no walk is shorter than the straight line.
3. Two points walk to each other only where roads lead from the one to the other; else there is no walk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

_AS_NEAR_M = 0.01
_ROUNDING_DECIMALS = 2
"""Ends of roads that agree to the centimetre are one junction."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Streets as a graph, with points joined to it.

    Attributes
    ----------
    graph : networkx.Graph
        Nodes are junctions and places where points are joined; `weight` is metres.
    point, node : (n_joins,) int64
        Which point is joined at which node.
    off_m : (n_joins,) float64
        Metres from the point to the road.
    piece : (n_joins,) int64
        Connected piece of the network.
    n_points : int
    """

    graph: nx.Graph
    point: IntArray
    node: IntArray
    off_m: FloatArray
    piece: IntArray
    n_points: int

    def are_joined(self, starts: IntArray) -> NDArray[np.bool_]:
        """Tell which points roads lead to from any of some points, (n_points,)."""
        led = np.isin(self.piece, self.piece[np.isin(self.point, starts)])
        joined = np.zeros(self.n_points, dtype=bool)
        joined[self.point[led]] = True
        return joined

    def measure(self, starts: Sequence[int], limit_m: float) -> FloatArray:
        """Give the metres from the nearest of some points to every point, (n_points,); infinite beyond the limit."""
        at_node = np.full(int(self.node.max()) + 1, np.inf)
        for join in np.flatnonzero(np.isin(self.point, starts)).tolist():
            rest_m = limit_m - float(self.off_m[join])
            if rest_m < 0:
                continue
            found = nx.single_source_dijkstra_path_length(self.graph, int(self.node[join]), cutoff=rest_m)
            nodes, metres = np.array(list(found)), np.array(list(found.values())) + self.off_m[join]
            known = nodes < at_node.size
            at_node[nodes[known]] = np.minimum(at_node[nodes[known]], metres[known])
        reached = np.full(self.n_points, np.inf)
        np.minimum.at(reached, self.point, at_node[self.node] + self.off_m)
        return np.where(reached <= limit_m, reached, np.inf)


def build_network(lines: Iterable[shapely.Geometry], points: FloatArray) -> StreetNetwork | None:
    """Make a network of the lines of roads, with points joined to it; none where there are no lines.

    Parameters
    ----------
    lines : iterable of LineString or MultiLineString
    points : (n_points, 2) float64
    """
    flat = shapely.get_parts(shapely.force_2d(np.array(list(lines), dtype=object)))
    edges = shapely.get_parts(shapely.node(shapely.multilinestrings(flat)))
    edges = edges[shapely.length(edges) > 0]
    if not edges.size:
        return None
    at = shapely.points(points)
    tree = shapely.STRtree(edges)
    _, nearest_m = tree.query_nearest(at, all_matches=False, return_distance=True)
    point, edge = tree.query(at, predicate="dwithin", distance=nearest_m + _AS_NEAR_M)
    along_m = shapely.line_locate_point(edges[edge], at[point])
    off_m = shapely.distance(edges[edge], at[point])
    node = np.arange(point.size, dtype=np.int64)  # joins come first, so that they are found by their number
    graph = _link(edges, edge, along_m, node)
    piece_of = {one: n for n, nodes in enumerate(nx.connected_components(graph)) for one in nodes}
    piece = np.array([piece_of[one] for one in node.tolist()], dtype=np.int64)
    return StreetNetwork(graph, point.astype(np.int64), node, off_m, piece, len(points))


def _link(edges: NDArray[np.object_], edge: IntArray, along_m: FloatArray, node: IntArray) -> nx.Graph:
    """Link what lies next to each other along every edge: its ends, and the joins between them."""
    xy, of_edge = shapely.get_coordinates(edges, return_index=True)
    first = np.searchsorted(of_edge, np.arange(len(edges)))
    last = np.append(first[1:], len(xy)) - 1
    ends = np.concatenate([xy[first], xy[last]]).round(_ROUNDING_DECIMALS)
    _, junction = np.unique(ends, axis=0, return_inverse=True)
    number = np.arange(len(edges))
    nodes = np.concatenate([node, junction.ravel() + node.size])
    lines = np.concatenate([edge, number, number])
    metres = np.concatenate([along_m, np.zeros(len(edges)), shapely.length(edges)])
    order = np.lexsort((metres, lines))
    nodes, lines, metres = nodes[order], lines[order], metres[order]
    same = lines[1:] == lines[:-1]
    step_m = np.diff(metres)[same]
    longest_first = np.argsort(-step_m, kind="stable")  # of two ways between the same ends the shortest stays
    pairs = np.column_stack([nodes[:-1][same], nodes[1:][same]])[longest_first]
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, m) for (a, b), m in zip(pairs.tolist(), step_m[longest_first], strict=True))
    return graph
