"""spopt as a peer, where it applies: regions that are alike in where their blocks lie, a fixed number of them.

spopt knows neither edge weights nor bounds. Of its methods those are used that take a number of regions and keep them
connected: Ward clustering once, then k-means regions from other seeds; both look at the middles of blocks, so they do
not apply where there is no map. Its max-p heuristic takes a lower bound instead of a number of regions, and finds
another number than asked: it does not apply.

References
----------
Feng, Rey, Wei (2022). https://doi.org/10.21105/joss.03330
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from redistrict.bench.partitioners import Floats, Labels
from redistrict.model.problem import AreaProblem


def run_regions(problem: AreaProblem, xy: Floats | None, seed: int, _seconds: float) -> Iterator[Labels]:
    """Give connected regions by Ward clustering (seed 0) or by k-means."""
    if xy is None:
        return
    from libpysal.weights import W
    from spopt.region import RegionKMeansHeuristic, WardSpatial

    neighbours: dict[int, list[int]] = {i: [] for i in range(problem.n_blocks)}
    for i, j in problem.edges.tolist():
        neighbours[i].append(j)
        neighbours[j].append(i)
    weights = W(neighbours, silence_warnings=True)
    if seed == 0:
        model = WardSpatial(pd.DataFrame(xy, columns=["x", "y"]), weights, ["x", "y"], problem.n_communities)
    else:
        np.random.seed(seed)  # noqa: NPY002  # spopt draws from the global generator
        model = RegionKMeansHeuristic(xy, problem.n_communities, weights)
    model.solve()
    yield np.unique(model.labels_, return_inverse=True)[1].astype(np.int32)
