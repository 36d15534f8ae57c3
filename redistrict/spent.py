"""What the parts of a run cost: CPU seconds and memory, gathered while they work.

A job is `metered`, and whoever does a part of it says so with `spend`. Parts may lie in each other: every second counts
for the innermost. Outside a job that is metered nothing is gathered. What a part has freed is given back to the system
at its end: threads would keep it each for itself, and the next part would take more.
"""

import ctypes
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Part = Literal["read", "graph", "search", "pairs", "bound", "proof", "drawing", "counting", "writing", "judging"]


@dataclass(frozen=True)
class Spent:
    """What one part took.

    Attributes
    ----------
    cpu_s : float
        CPU seconds of all threads of this process; what a cluster does elsewhere is not counted.
    peak_mib : int
        The most memory (MiB) this process has held from its beginning until the part was last done. It never falls:
        the first part with a high number is the one that needed it.
    """

    cpu_s: float = 0.0
    peak_mib: int = 0


class _Meter:
    """Charges the CPU time of the process to the part at work."""

    def __init__(self) -> None:
        self.spent: dict[Part, Spent] = {}
        self._part: Part | None = None
        self._since = 0.0

    def turn_to(self, part: Part | None) -> Part | None:
        """Charge the part at work, begin another, and give the one before."""
        before, now = self._part, time.process_time()
        if before is not None:
            known = self.spent.get(before, Spent())
            self.spent[before] = Spent(known.cpu_s + now - self._since, _measure_peak() >> 20)
        self._part, self._since = part, now
        return before


_METER: ContextVar[_Meter | None] = ContextVar("_METER", default=None)


@contextmanager
def metered() -> Iterator[None]:
    """Gather what the parts of a job cost; inside a metered job it is gathered for the whole of that."""
    if _METER.get() is not None:
        yield
        return
    token = _METER.set(_Meter())
    try:
        yield
    finally:
        _METER.reset(token)


@contextmanager
def spend(part: Part) -> Iterator[None]:
    """Charge what is done inside the block, or the decorated function, to a part."""
    meter = _METER.get()
    if meter is None:
        yield
        return
    before = meter.turn_to(part)
    try:
        yield
    finally:
        meter.turn_to(before)
        _give_back()


def tell_spent() -> dict[str, dict[str, float]]:
    """Give what each part has cost so far, in the order in which they were first done, as JSON values."""
    meter = _METER.get()
    if meter is None:
        return {}
    meter.turn_to(meter.turn_to(None))
    return {part: asdict(Spent(round(spent.cpu_s, 2), spent.peak_mib)) for part, spent in meter.spent.items()}


def list_spent() -> str:
    """Give the same on a line, for the log: ``read 1.3 (210), graph 0.7 (215)``."""
    return ", ".join(f"{part} {spent['cpu_s']:.1f} ({spent['peak_mib']})" for part, spent in tell_spent().items())


def _give_back() -> None:
    """Give freed memory back to the system, where the C library keeps it."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def _measure_peak() -> int:
    """Give the most bytes of memory that this process has held."""
    if sys.platform == "win32":
        return _measure_peak_on_windows()
    if sys.platform == "linux":  # getrusage also counts what the process held before it became this program
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        if found := re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE):
            return int(found[1]) << 10
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of Windows."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        ("peak_working_set", ctypes.c_size_t),
        ("rest", ctypes.c_size_t * 7),
    ]


def _measure_peak_on_windows() -> int:
    if sys.platform != "win32":
        return 0
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Counters), ctypes.c_uint32)
    counters = _Counters(size=ctypes.sizeof(_Counters))
    kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), ctypes.sizeof(counters))
    return int(counters.peak_working_set)
