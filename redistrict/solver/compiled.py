"""Compiled functions: by numba, and kept on disk where there is a place to keep them."""

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(**options: Any) -> Callable[[Any], Any]:
    """Compile a function when it is first called, without the interpreter's lock; `options` are those of numba.

    It is kept on disk for the next run. An account that may write neither the package's folder nor a home has no place
    for it: then each run compiles it anew.
    """

    def compile_later(function: Any) -> Any:
        try:
            return njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # numba finds no place it may write to
            return njit(nogil=True, **options)(function)

    return compile_later
