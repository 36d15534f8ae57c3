"""Joining: blocks that are taken as one, with all that is asked of them; what a plan of them costs is the same."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from redistrict.model.compactness import Compactness
from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import join_edges

IntArray = NDArray[np.int64]


def join_blocks(problem: AreaProblem, cluster: IntArray) -> AreaProblem:
    """Give the clusters as blocks: sizes and weights add up, and what lies inside is no longer an edge.

    Parameters
    ----------
    cluster : (n_blocks,) int64
        Cluster of each block, 0 .. n-1.
    """
    n = int(cluster.max()) + 1
    size = np.zeros((n, problem.size.shape[1]), dtype=np.int64)
    np.add.at(size, cluster, problem.size)
    edges, weight = join_edges(problem.edges, problem.edge_weight, cluster)
    return replace(
        problem,
        size=size,
        edges=edges,
        edge_weight=weight,
        base_cost=problem.base_cost + int(problem.edge_weight.sum() - weight.sum()),
        apart=np.sort(cluster[problem.apart], axis=1).astype(np.int32),
        compactness=_join_ground(problem.compactness, cluster) if problem.compactness else None,
        enclosure=problem.enclosure.join(cluster) if problem.enclosure else None,
        necks=problem.necks.join(cluster) if problem.necks else None,
        stay=problem.stay.join(cluster) if problem.stay else None,
        dear=problem.dear.join(cluster) if problem.dear else None,
    )


def _join_ground(compactness: Compactness, cluster: IntArray) -> Compactness:
    pairs, border = join_edges(compactness.pairs, compactness.border, cluster)
    area, around = compactness.outlines(cluster.astype(np.int32), int(cluster.max()) + 1).T
    return replace(compactness, area=area, around=around, pairs=pairs, border=border)


def first_blocks(cluster: IntArray) -> IntArray:
    """Give the lowest block of each cluster, (n_clusters,)."""
    return np.unique(cluster, return_index=True)[1]
