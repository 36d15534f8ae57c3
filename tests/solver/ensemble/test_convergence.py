"""What a sample is worth: independent plans count fully, chains that disagree do not speak."""

import math

import numpy as np

from redistrict.solver.ensemble.convergence import diagnose_chains


def test_independent_plans_count_fully_and_repeated_ones_do_not() -> None:
    """As many effective plans as are drawn, within a fifth; a tenth where each is drawn ten times in turn."""
    plans = np.random.default_rng(1).integers(0, 10**9, (4, 2_000))
    found = diagnose_chains(plans)
    assert 0.8 * 8_000 < found.size < 1.25 * 8_000
    assert found.rhat < 1.01
    assert found.is_enough
    slow = diagnose_chains(np.repeat(plans[:, :200], 10, axis=1))
    assert 0.5 * 800 < slow.size < 2 * 800


def test_chains_that_disagree_and_small_samples_do_not_speak() -> None:
    """A chain somewhere else raises R-hat; two hundred plans are too few; plans all alike need no more."""
    plans = np.random.default_rng(2).integers(0, 1_000, (4, 1_000))
    apart = plans + np.array([[0], [0], [0], [800]])
    assert diagnose_chains(plans).is_enough
    assert diagnose_chains(apart).rhat > 1.05
    assert not diagnose_chains(apart).is_enough
    assert not diagnose_chains(plans[:, :50]).is_enough
    alike = diagnose_chains(np.full((4, 500), 7))
    assert math.isnan(alike.size)
    assert alike.is_enough
