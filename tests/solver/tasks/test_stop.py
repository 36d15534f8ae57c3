import signal
import threading
from collections.abc import Iterator

import pytest

from redistrict.model.result import StoppedBy
from redistrict.solver.tasks.stop import Stop, interruptible


@pytest.fixture
def usual_ctrl_c() -> Iterator[None]:
    """Handle Ctrl-C as Python does, also where a shell started the tests with it ignored, as `nohup` does."""
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, found)


def test_stop_gives_no_reason_before_its_limit() -> None:
    """With time left nothing stops."""
    stop = Stop(100)
    assert stop.reason is None
    assert 0 < stop.remaining_s <= 100


def test_time_limit_is_a_reason() -> None:
    """After the limit no seconds are left."""
    stop = Stop(0)
    assert stop.reason is StoppedBy.TIME_LIMIT
    assert stop.remaining_s == 0


def test_interrupt_is_a_reason_that_leaves_no_time() -> None:
    """The user's interrupt counts before the time limit, and whatever starts later has no time."""
    stop = Stop(100)
    stop.interrupt()
    assert stop.reason is StoppedBy.INTERRUPT
    assert stop.remaining_s == 0


def test_interrupt_halts_what_is_watched_and_nothing_else() -> None:
    """Halts are called while they are watched, all of them, and not after."""
    stop, halted = Stop(100), []
    with stop.watch(lambda: halted.append("over")):
        pass
    with stop.watch(lambda: halted.append("a")), stop.watch(lambda: halted.append("b")):
        stop.interrupt()
    stop.interrupt()
    assert halted == ["a", "b"]


@pytest.mark.usefixtures("usual_ctrl_c")
def test_ctrl_c_interrupts_once_then_ends_as_usual() -> None:
    """The first Ctrl-C asks the search to stop; the second is the usual KeyboardInterrupt."""
    stop, usual = Stop(100), signal.getsignal(signal.SIGINT)
    with interruptible(stop):
        signal.raise_signal(signal.SIGINT)
        assert stop.reason is StoppedBy.INTERRUPT
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is usual


def test_ctrl_c_is_as_usual_after_the_block() -> None:
    """Leaving the block, even by an error, puts the usual handler back."""
    usual = signal.getsignal(signal.SIGINT)
    with pytest.raises(RuntimeError, match="broken"), interruptible(Stop(100)):
        raise RuntimeError("broken")
    assert signal.getsignal(signal.SIGINT) is usual


def test_interruptible_does_nothing_outside_the_main_thread() -> None:
    """Python allows no signal handlers there, so the handler stays as it is."""
    usual, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with interruptible(Stop(100)):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [usual]
