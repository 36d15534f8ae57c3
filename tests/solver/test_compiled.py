"""Compiled functions: the same with and without a place to keep them."""

import numba
import pytest
from numba.core.caching import CacheImpl

from redistrict.solver.compiled import compiled


def _add_one(number: int) -> int:
    return number + 1


def test_a_function_that_nothing_can_keep_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numba finds no folder it may write to, and so refuses, a function is compiled for this run alone."""
    assert compiled()(_add_one).stats.cache_path is not None
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(_add_one)
    alone = compiled()(_add_one)
    assert alone(1) == 2
    assert alone.stats.cache_path is None
