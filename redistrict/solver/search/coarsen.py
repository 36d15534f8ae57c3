"""Coarsening: blocks joined into small connected clusters, so that a search can move many blocks at once.

Again and again clusters are matched in pairs along the edges that matter most to both, until few enough are left. A
plan of the clusters is a plan of the blocks: connected, of the same sizes and at the same cost. Where communities
have a hundred blocks and more, a search of single blocks hardly gets across large empty ones; one of clusters does.

References
----------
Karypis and Kumar (1998), "A fast and high quality multilevel scheme for partitioning irregular graphs", SIAM Journal on
Scientific Computing 20; Holtgrewe, Sanders and Schulz (2010), "Engineering a scalable high quality graph partitioner",
IPDPS (ratings that take the size of both sides into account).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.compiled import compiled
from redistrict.solver.joined import first_blocks, join_blocks

IntArray = NDArray[np.int64]

_MOST_SHARE = 1 / 8
"""Largest share of a community's target that a cluster may hold, of any quantity."""
_MOST_TIMES = 4
"""How many times as many blocks as the mean a cluster may have."""
_NOISE = 0.3
"""Ratings are drawn this far up or down, so that no two starts share their clusters."""


@dataclass(frozen=True, eq=False)
class Coarse:
    """Clusters of blocks as a problem of their own.

    Attributes
    ----------
    problem : AreaProblem
        The clusters, with all that is asked of the blocks.
    cluster : (n_blocks,) int64
        The cluster of each block.
    """

    problem: AreaProblem
    cluster: IntArray

    def lift(self, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """Give the value that all blocks of a cluster share, (n_clusters,), for each cluster."""
        return values[first_blocks(self.cluster)]


def coarsen(
    problem: AreaProblem, rng: np.random.Generator, *, n_clusters: int, plan: NDArray[np.int32] | None = None
) -> Coarse:
    """Join blocks into about `n_clusters` clusters, or more where no two may be joined.

    Never joined are blocks that had better be apart, that must be, that hang together by a neck too narrow, or that
    belong to different communities of today, where that matters; or to different communities of the plan, (n_blocks,),
    if one is given.
    """
    coarse = Coarse(problem, np.arange(problem.n_blocks))
    community = np.zeros(problem.n_blocks, dtype=np.int32) if plan is None else plan
    most_blocks = _MOST_TIMES * problem.n_blocks / n_clusters
    while coarse.problem.n_blocks > n_clusters:
        n_blocks = np.bincount(coarse.cluster)
        edges = _rank_edges(coarse.problem, n_blocks, most_blocks, rng, coarse.lift(community))
        lower = _match(edges, coarse.problem.n_blocks, coarse.problem.n_blocks - n_clusters)
        cluster = np.unique(lower, return_inverse=True)[1]
        if cluster.max() == cluster.size - 1:
            break
        coarse = Coarse(join_blocks(coarse.problem, cluster), cluster[coarse.cluster])
    return coarse


def _rank_edges(
    problem: AreaProblem,
    n_blocks: IntArray,
    most_blocks: float,
    rng: np.random.Generator,
    community: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Give the edges along which two clusters may be joined, (m, 2), the best first.

    The rating of an edge is its share of what the edges of the one side gain inside, divided by how large both are.
    """
    a, b = problem.edges.T
    gain = np.maximum(-problem.edge_weight, 0).astype(np.float64)
    around = np.bincount(a, gain, minlength=problem.n_blocks) + np.bincount(b, gain, minlength=problem.n_blocks)
    share = (problem.size / np.maximum(problem.target, 1)).max(axis=1)
    is_open = (gain > 0) & (share[a] + share[b] <= _MOST_SHARE) & (n_blocks[a] + n_blocks[b] <= most_blocks)
    is_open &= ~np.isin(_codes(problem, problem.edges), _codes(problem, problem.apart))
    if problem.necks is not None:
        is_wide = np.isin(_codes(problem, problem.edges), _codes(problem, problem.necks.pairs))
        is_open &= is_wide | ~problem.necks.matters[problem.edges].all(axis=1)
    stay = problem.stay and (problem.stay.current[problem.stay.first], problem.stay.is_home[problem.stay.first])
    for column in (community, *(stay or ())):
        is_open &= column[a] == column[b]
    chosen = np.flatnonzero(is_open)
    a, b = a[chosen], b[chosen]
    rating = gain[chosen] / np.minimum(around[a], around[b]) / np.sqrt(n_blocks[a] * n_blocks[b])
    rating *= rng.uniform(1 - _NOISE, 1 + _NOISE, size=rating.size)
    return problem.edges[chosen[np.argsort(-rating, kind="stable")]]


def _codes(problem: AreaProblem, pairs: NDArray[np.int32]) -> IntArray:
    """Give every pair i < j a number of its own."""
    return np.asarray(pairs[:, 0].astype(np.int64) * problem.n_blocks + pairs[:, 1])


@compiled()
def _match(edges, n, most):  # type: ignore[no-untyped-def]
    """Give every cluster the lower number of the pair it is matched in, `most` pairs at most, along the first edges."""
    lower = np.arange(n)
    is_free = np.ones(n, dtype=np.bool_)
    for e in range(edges.shape[0]):
        if most == 0:
            break
        a, b = edges[e]
        if is_free[a] and is_free[b]:
            is_free[a] = is_free[b] = False
            lower[b] = a
            most -= 1
    return lower
