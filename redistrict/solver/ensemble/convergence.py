"""Whether a sample is large enough to speak: effective sample size and agreement of the chains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST_SIZE, _MOST_RHAT = 100, 1.01
"""Effective plans for each chain, and the factor by which the chains together spread more than each."""
_TAILS = (0.05, 0.95)


@dataclass(frozen=True)
class Convergence:
    """What a measure's sample is worth.

    Attributes
    ----------
    size : float
        As many independent plans would tell as much, of the middle and of the tails: the smaller of both; NaN where all
        plans have the same value.
    rhat : float
        Rank-normalised split R-hat: 1 where the chains agree; NaN where all plans have the same value.
    is_enough : bool
        The chains agree, and the size is enough for percentiles.
    """

    size: float
    rhat: float
    is_enough: bool


def diagnose_chains(values: NDArray[np.int64]) -> Convergence:
    """Diagnose a measure of the plans of several chains.

    Parameters
    ----------
    values : (n_chains, n_draws) int64

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021, "Rank-normalization, folding, and localization: an improved
    R-hat for assessing convergence of MCMC", doi:10.1214/20-BA1221: R-hat below 1.01 and an effective size of 100 a
    chain.
    """
    from arviz_stats.base.array import array_stats  # an extra of its own

    n_chains, n_draws = values.shape
    if n_draws < 4 or values.min() == values.max():
        return Convergence(float("nan"), float("nan"), n_draws >= _LEAST_SIZE)
    found = values.astype(np.float64)
    bulk = array_stats.ess(found, chain_axis=0, draw_axis=1, method="bulk")
    tail = array_stats.ess(found, chain_axis=0, draw_axis=1, method="tail", prob=_TAILS)
    size = float(np.nanmin([bulk, tail]))
    rhat = float(array_stats.rhat(found, chain_axis=0, draw_axis=1))
    return Convergence(size, rhat, size >= _LEAST_SIZE * n_chains and rhat <= _MOST_RHAT)
