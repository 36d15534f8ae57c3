"""Graph partitioners as peers: METIS, KaHIP and KaMinPar, on our edge weights with our tolerance.

They want weights above zero on the edges they cut, and balance one weight a block. So an edge weighs what cutting it
costs us, ``boundary - crossing``, but never less than nothing: where a main road makes it better to cut, cutting is
free. A block weighs the mean of its shares of a community's households and people. As Python has them none knows a
lower bound, and only METIS can keep parts connected: connected blocks of KaHIP 3.25 are an option of its program
`kaffpa` alone, minimum block weights of KaMinPar 3.7 one of its C++ library alone. Those can take part by files:
`redistrict bench --export` and `--check`.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency

Labels = NDArray[np.int32]
Floats = NDArray[np.float64]
Attempt = Callable[[AreaProblem, Floats | None, int, float], Iterator[Labels]]
"""Area, middles of its blocks if known, seed, seconds it may take: one partition, or a series of them."""

_LARGEST_SUM = 2**30
_WHOLE = 10_000
_KAHIP_STRONG = 2


@dataclass(frozen=True, eq=False)
class WeightedGraph:
    """An area as partitioners want it: compressed rows, whole weights of at least 1.

    Attributes
    ----------
    start : (n_blocks + 1,) int32
    neighbour, edge_weight : (2 * n_edges,)
    block_weight : (n_blocks,) int64
        Ten-thousandths of a community.
    imbalance : float
        How much heavier than the mean a part may be, as a share.
    """

    start: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    edge_weight: NDArray[np.int64]
    block_weight: NDArray[np.int64]
    imbalance: float


def weigh_graph(problem: AreaProblem) -> WeightedGraph:
    """Turn an area into a graph for partitioners; weights are scaled so that their sum fits into 32 bits."""
    rows = build_adjacency(problem.n_blocks, problem.edges)
    cut = np.maximum(-problem.edge_weight, 0)
    scaled = cut * min(1.0, _LARGEST_SUM / max(1, int(2 * cut.sum())))
    load = (problem.size / np.maximum(problem.target, 1)).mean(axis=1)
    return WeightedGraph(
        rows.start,
        rows.neighbour,
        1 + np.rint(scaled).astype(np.int64)[rows.edge],
        np.maximum(1, np.rint(_WHOLE * load)).astype(np.int64),
        float((problem.upper / np.maximum(problem.target, 1)).min()) - 1.0,
    )


def run_metis(problem: AreaProblem, _xy: Floats | None, seed: int, _seconds: float) -> Iterator[Labels]:
    """Give a partition by METIS, k-way, with connected parts asked for.

    References
    ----------
    Karypis, Kumar (1998). https://doi.org/10.1137/S1064827595287997
    """
    import pymetis

    graph = weigh_graph(problem)
    _, labels = pymetis.part_graph(
        problem.n_communities,
        pymetis.CSRAdjacency(graph.start, graph.neighbour),
        vweights=graph.block_weight.tolist(),
        eweights=graph.edge_weight.tolist(),
        recursive=False,
        options=pymetis.Options(seed=seed, contig=1, ufactor=max(1, round(1000 * graph.imbalance))),
    )
    yield np.array(labels, dtype=np.int32)


def run_kahip(problem: AreaProblem, _xy: Floats | None, seed: int, _seconds: float) -> Iterator[Labels]:
    """Give a partition by KaHIP's KaFFPa, preconfiguration strong.

    References
    ----------
    Sanders, Schulz (2013): Think locally, act globally. https://doi.org/10.1007/978-3-642-38527-8_16
    """
    import kahip

    graph = weigh_graph(problem)
    _, labels = kahip.kaffpa(
        graph.block_weight.tolist(),
        graph.start.tolist(),
        graph.edge_weight.tolist(),
        graph.neighbour.tolist(),
        problem.n_communities,
        graph.imbalance,
        True,
        seed,
        _KAHIP_STRONG,
    )
    yield np.array(labels, dtype=np.int32)


def run_kaminpar(problem: AreaProblem, _xy: Floats | None, seed: int, _seconds: float) -> Iterator[Labels]:
    """Give a partition by KaMinPar, context strong, one thread.

    References
    ----------
    Gottesbüren, Heuer, Sanders, Schulz, Seemaier (2021): Deep multilevel graph partitioning.
    https://doi.org/10.4230/LIPIcs.ESA.2021.48
    """
    import kaminpar

    weighted = weigh_graph(problem)
    kaminpar.reseed(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "area.graph"
        path.write_text(_metis_text(weighted), encoding="ascii")
        graph = kaminpar.load_graph(str(path), kaminpar.GraphFileFormat.METIS)
    partitioner = kaminpar.KaMinPar(1, kaminpar.strong_context())
    labels = partitioner.compute_partition(graph, problem.n_communities, weighted.imbalance)
    yield np.array(labels, dtype=np.int32)


def _metis_text(graph: WeightedGraph) -> str:
    """Write a graph with weights on blocks and edges in the METIS format."""
    lines = [f"{graph.start.size - 1} {graph.neighbour.size // 2} 11"]
    for i, weight in enumerate(graph.block_weight.tolist()):
        row = slice(graph.start[i], graph.start[i + 1])
        pairs = zip(graph.neighbour[row] + 1, graph.edge_weight[row], strict=True)
        lines.append(" ".join([str(weight), *(f"{j} {w}" for j, w in pairs)]))
    return "\n".join(lines) + "\n"
