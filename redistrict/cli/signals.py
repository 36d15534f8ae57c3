"""Signals: being told to end, by whatever means, is like Ctrl-C, and Ctrl-C is never lost."""

import os
import signal
import sys

TYPE_CHECKING = False  # nothing is loaded before Ctrl-C counts that need not be
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from redistrict.solver.tasks.progress import Progress

INTERRUPTED = 130
"""The exit code then."""
_pressed = False


def end_like_ctrl_c() -> None:
    """Let SIGTERM, a closed terminal and (Windows) Ctrl-Break end the program as Ctrl-C does."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup asks for
            signal.signal(number, _interrupt)
    sys.unraisablehook = _tell_lost
    sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Print an error, but an interrupt: libraries print one that comes while they call back, and then go on."""
    if not (_pressed and issubclass(kind, KeyboardInterrupt)):
        sys.__excepthook__(kind, error, trace)


def _tell_lost(lost: "sys.UnraisableHookArgs") -> None:
    """Print an error that came where none can be raised, but an interrupt, and what comes after one."""
    if not (_pressed or issubclass(lost.exc_type, KeyboardInterrupt)):
        sys.__unraisablehook__(lost)


def is_pressed() -> bool:
    """Whether an interrupt has come."""
    return _pressed


def raise_if_pressed() -> None:
    """Raise an interrupt that has come but was lost, as one is when it comes while a library calls back."""
    if _pressed:
        raise KeyboardInterrupt


def heeding(show: "Callable[[Progress], None]") -> "Callable[[Progress], None]":
    """Give a callback that shows progress, and raises an interrupt that was lost before."""

    def show_and_heed(progress: "Progress") -> None:
        raise_if_pressed()
        show(progress)

    return show_and_heed


def _interrupt(number: int, _frame: "FrameType | None") -> None:
    global _pressed
    _pressed = True
    if number == getattr(signal, "SIGHUP", None):
        _print_to_nowhere()
    raise KeyboardInterrupt


def _print_to_nowhere() -> None:
    """Let nothing fail for want of the terminal."""
    for stream in (sys.stdout, sys.stderr):
        if stream.isatty():
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
