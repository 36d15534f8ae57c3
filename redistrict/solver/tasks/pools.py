"""Pools: who does the tasks. Threads of this process, unless the block is inside `working_with` another pool."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

_ELSEWHERE: ContextVar[Executor | None] = ContextVar("_ELSEWHERE", default=None)


@contextmanager
def working_with(pool: Executor) -> Iterator[None]:
    """Let all tasks inside the block be done by a pool; the answers are the same."""
    token = _ELSEWHERE.set(pool)
    try:
        yield
    finally:
        _ELSEWHERE.reset(token)


@contextmanager
def open_pool(workers: int | None) -> Iterator[Executor]:
    """Give the pool in force, or so many threads; as many as there are processors where no number is given."""
    elsewhere = _ELSEWHERE.get()
    if elsewhere is not None:
        yield elsewhere
        return
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        yield pool
