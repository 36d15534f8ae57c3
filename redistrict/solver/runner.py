"""Runs tasks on threads and gives their answers in the order they were asked, telling progress meanwhile."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from redistrict.messages import Message
from redistrict.result import StoppedBy
from redistrict.solver.progress import OnProgress, Progress
from redistrict.solver.stop import Stop

_T = TypeVar("_T")


class Runner:
    """A pool with a stop watch. The compiled search and CP-SAT leave the interpreter free, so threads are enough.

    Parameters
    ----------
    bound : int
        What is known to be below the cost of any plan, shown with the progress; may be raised later.
    """

    def __init__(self, pool: ThreadPoolExecutor, stop: Stop, on_progress: OnProgress | None, bound: int) -> None:
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
        see: Callable[[int, _T], None] = lambda _number, _answer: None,
    ) -> list[_T]:
        """Wait for all tasks, moving the fraction done through `share`; `see` each answer as it comes, by number."""
        futures: list[Future[_T]] = [self._pool.submit(task) for task in tasks]
        numbers = {future: number for number, future in enumerate(futures)}
        left = set(futures)
        low, high = share
        while left:
            done = 1.0 - len(left) / len(futures)
            self._on_progress(Progress(phase, low + done * (high - low), cost(), self.bound))
            ended, left = wait(left, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in ended:
                see(numbers[future], future.result())
            if self._stop.reason is StoppedBy.INTERRUPT:
                self._stop.interrupt()
        return [future.result() for future in futures]
