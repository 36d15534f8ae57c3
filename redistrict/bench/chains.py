"""GerryChain's optimizers as peers: short bursts and tilted runs of ReCom steps, on our cost.

A chain needs a plan inside the bounds to start from. It is made by GerryChain's own recursive tree cuts on the first
quantity where these find one, else by METIS, and repaired in either case. Chains hold the first quantity by the cut
and the others by a constraint; ReCom keeps communities connected.

References
----------
Cannon, Goldbloom-Helzner, Gupta, Matthews, Suwal (2023): Voting rights, Markov chains, and optimization by short
bursts. https://doi.org/10.1007/s11009-023-09994-1
"""

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from typing import Any

import networkx as nx
import numpy as np

from redistrict.bench.partitioners import Floats, Labels, run_metis
from redistrict.bench.repair import repair
from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import is_feasible, plan_cost

_START_ATTEMPTS = 300
_BURST = 10
_TILT = 0.01
_FOREVER = 10**9
_FIRST = "q0"


def run_bursts(problem: AreaProblem, _xy: Floats | None, seed: int, seconds: float) -> Iterator[Labels]:
    """Give the ever better plans of short bursts of 10 steps."""
    began = time.monotonic()
    optimizer = _build_optimizer(problem, seed)
    if optimizer is not None:
        yield from _records(optimizer.short_bursts(_BURST, _FOREVER), began + seconds)


def run_tilted(problem: AreaProblem, _xy: Floats | None, seed: int, seconds: float) -> Iterator[Labels]:
    """Give the ever better plans of a run that takes a worse plan once in a hundred times."""
    began = time.monotonic()
    optimizer = _build_optimizer(problem, seed)
    if optimizer is not None:
        yield from _records(optimizer.tilted_run(_FOREVER, _TILT), began + seconds)


def _records(states: Iterator[Any], deadline: float) -> Iterator[Labels]:
    best = math.inf
    for state in states:
        if time.monotonic() > deadline:
            return
        if state["cost"] < best:
            best = state["cost"]
            yield _labels(state)


def _build_optimizer(problem: AreaProblem, seed: int) -> Any:
    """Give an optimizer that stands at a plan inside the bounds, or none where no such plan was found."""
    from gerrychain import Graph, Partition
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals.tree_proposals import build_recom_proposal_fn
    from gerrychain.tree import bipartition_tree

    graph = Graph.from_networkx(_as_networkx(problem))
    start = _find_start(problem, graph, seed)
    if start is None:
        return None
    target = float(problem.target[0])
    proposal = build_recom_proposal_fn(
        _FIRST,
        target,
        _tolerance(problem),
        bipartition_tree_fn=partial(bipartition_tree, max_attempts=100, allow_pair_reselection=True),
    )
    return SingleMetricOptimizer(
        proposal,
        [lambda partition: is_feasible(problem, _labels(partition))],
        Partition(
            graph, dict(enumerate(start.tolist())), {"cost": lambda partition: plan_cost(problem, _labels(partition))}
        ),
        lambda partition: partition["cost"],
        maximize=False,
        rng=seed,
    )


def _find_start(problem: AreaProblem, graph: Any, seed: int) -> Labels | None:
    """Give a plan inside the bounds from recursive tree cuts, else from METIS, repaired; or none."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    for labels in (*_cut_trees(problem, graph, seed), *_partition(problem, seed)):
        start = repair(problem, adjacency, labels, np.random.default_rng(seed))
        if is_feasible(problem, start):
            return start
    return None


def _cut_trees(problem: AreaProblem, graph: Any, seed: int) -> Iterator[Labels]:
    from gerrychain.partition.initial_partition_generators import recursive_tree_part
    from gerrychain.tree import bipartition_tree
    from gerrychain.tree.bipartition_tree import PopulationBalanceError

    with suppress(RuntimeError, PopulationBalanceError):
        found = recursive_tree_part(
            graph,
            range(problem.n_communities),
            float(problem.target[0]),
            _FIRST,
            _tolerance(problem),
            bipartition_tree_fn=partial(bipartition_tree, max_attempts=_START_ATTEMPTS),
            rng=seed,
        )
        yield np.array([found[i] for i in range(problem.n_blocks)], dtype=np.int32)


def _partition(problem: AreaProblem, seed: int) -> Iterator[Labels]:
    if find_spec("pymetis"):
        yield from run_metis(problem, None, seed, 0.0)


def _as_networkx(problem: AreaProblem) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from((i, {_FIRST: size}) for i, size in enumerate(problem.size[:, 0].tolist()))
    graph.add_edges_from(problem.edges.tolist())
    return graph


def _tolerance(problem: AreaProblem) -> float:
    target = float(problem.target[0])
    return min(float(problem.upper[0]) / target - 1.0, 1.0 - float(problem.lower[0]) / target)


def _labels(partition: Any) -> Labels:
    return np.array([partition.assignment[i] for i in range(len(partition.graph))], dtype=np.int32)
