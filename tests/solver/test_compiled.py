"""Compiled functions: the same with and without a place to keep them."""

import errno
from pathlib import Path

import numba
import pytest
from numba.core.caching import CacheImpl, IndexDataCacheFile

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


@pytest.mark.parametrize("does", ["load", "save"])
def test_a_full_disk_or_a_file_nobody_may_read_is_no_reason_to_stop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str
) -> None:
    """Where what was compiled cannot be kept, or what was kept cannot be read, it is compiled all the same."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(IndexDataCacheFile, does, fail)
    with pytest.raises(OSError, match="No space left"):
        numba.njit(cache=True)(_add_one)(1)
    assert compiled()(_add_one)(1) == 2
