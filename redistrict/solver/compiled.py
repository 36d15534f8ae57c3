"""Compiled functions: by numba, and kept on disk where there is a place to keep them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from numba import njit


def compiled(**options: Any) -> Callable[[Any], Any]:
    """Compile a function when it is first called, without the interpreter's lock; `options` are those of numba.

    It is kept on disk for the next run. Where there is no place for it, since an account may write neither the
    package's folder nor a home, or since the disk is full, each run compiles it anew.
    """

    def compile_later(function: Any) -> Any:
        try:
            kept = njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # numba finds no place it may write to
            return njit(nogil=True, **options)(function)
        kept._cache._guard_against_spurious_io_errors = lambda: suppress(OSError)  # numba's own is for Windows alone
        return kept

    return compile_later
