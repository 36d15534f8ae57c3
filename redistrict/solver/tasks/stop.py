"""When to stop: a time limit, or the user."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from redistrict.model.result import StoppedBy

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Stop:
    """A limit that many threads watch; effort is counted by the search itself.

    Parameters
    ----------
    time_limit_s : float
        Seconds from now.
    """

    def __init__(self, time_limit_s: float) -> None:
        self._deadline = time.monotonic() + time_limit_s
        self._interrupted = threading.Event()
        self._lock = threading.RLock()
        self._running: dict[int, Callable[[], None]] = {}

    @property
    def reason(self) -> StoppedBy | None:
        """Why to stop now, or none."""
        if self._interrupted.is_set():
            return StoppedBy.INTERRUPT
        return StoppedBy.TIME_LIMIT if self.remaining_s <= 0 else None

    @property
    def remaining_s(self) -> float:
        """Seconds left; none once the user has interrupted."""
        return 0.0 if self._interrupted.is_set() else max(0.0, self._deadline - time.monotonic())

    def interrupt(self) -> None:
        """Ask everything to stop, running models included; may be called again for one that was just starting."""
        self._interrupted.set()
        with self._lock:
            for halt in self._running.values():
                halt()

    def __reduce__(self) -> tuple[Callable[[float], "Stop"], tuple[float]]:
        """Send it to another process with the time of day when it ends; the user's strike does not reach it there."""
        return _stop_at, (time.time() + self.remaining_s,)

    @contextmanager
    def watch(self, halt: Callable[[], None]) -> Iterator[None]:
        """Call `halt` if the user interrupts while the block runs."""
        key = id(halt)
        with self._lock:
            self._running[key] = halt
        try:
            yield
        finally:
            with self._lock:
                del self._running[key]


def _stop_at(unix_s: float) -> Stop:
    return Stop(unix_s - time.time())


@contextmanager
def interruptible(stop: Stop) -> Iterator[None]:
    """Turn Ctrl-C, and what ends the program like it, into `stop.interrupt()` while the block runs.

    A second one ends the program as usual. Outside the main thread, where Python allows no signal handlers, it does
    nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    usual = {number: signal.getsignal(number) for number in numbers}
    usual = {number: handler for number, handler in usual.items() if callable(handler)}

    def handle(_number: int, _frame: FrameType | None) -> None:
        put_back()
        stop.interrupt()

    def put_back() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    for number in usual:
        signal.signal(number, handle)
    try:
        yield
    finally:
        put_back()
