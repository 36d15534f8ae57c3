"""Runs tasks on threads and gives their answers in the order they were asked, telling progress meanwhile."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

from redistrict.messages import Message
from redistrict.model.result import StoppedBy
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Runner:
    """A pool with a stop watch. The compiled search and CP-SAT leave the interpreter free, so threads are enough.

    Parameters
    ----------
    bound : int
        What is known to be below the cost of any plan, shown with the progress; may be raised later.
    """

    def __init__(self, pool: Executor, stop: Stop, on_progress: OnProgress | None, bound: int) -> None:
        self._pool = pool
        self._stop = stop
        self._on_progress = on_progress or (lambda _progress: None)
        self.bound = bound

    def run(
        self,
        phase: Message,
        tasks: Iterable[Callable[[], _T]],
        *,
        share: tuple[float, float],
        cost: Callable[[], int | None],
    ) -> Iterator[_T]:
        """Start all tasks and give their answers in turn, moving the fraction done through `share`.

        The cost is asked anew once an answer has been taken in. What is told at a fraction does not depend on the
        machine's speed.
        """
        began = time.monotonic()
        futures: list[Future[_T]] = [self._pool.submit(task) for task in tasks]
        low, high = share
        for number, future in enumerate(futures):
            while True:
                fraction = low + number / len(futures) * (high - low)
                self._on_progress(Progress(phase, fraction, cost(), self.bound))
                if wait([future], timeout=0.5).done:
                    break
                if self._stop.reason is StoppedBy.INTERRUPT:
                    self._stop.interrupt()
            yield future.result()
        if futures:
            _log.info("%s: %d tasks in %.1f s", phase.en, len(futures), time.monotonic() - began)
