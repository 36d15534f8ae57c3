"""What parts cost: every second counts once, for the innermost part; nothing is gathered outside a metered job."""

import subprocess
import sys
import time
from typing import get_args

import pytest

from redistrict.judge.claims import PARTS
from redistrict.spent import Part, list_spent, metered, spend, tell_spent

WORK_S, SLACK_S = 0.05, 0.04
HOLD = """
from redistrict.spent import metered, spend, tell_spent
with metered():
    with spend("read"):
        pass
    with spend("graph"):
        held = b"x" * (100 << 20)
    del held
    with spend("search"):
        pass
    print(*(int(spent["peak_mib"]) for spent in tell_spent().values()))
"""
FREE = """
import ctypes, re, threading
from redistrict.spent import metered, spend

def held_mib():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) >> 10

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def hold():
    pieces = [libc.malloc(1000) for _ in range(80_000)]
    for piece in pieces:
        ctypes.memset(ctypes.c_void_p(piece), 1, 1000)
    global most
    most = held_mib()
    last = libc.malloc(1000)  # keeps the heap from shrinking by itself
    for piece in pieces:
        libc.free(piece)

before = held_mib()
with metered(), spend("graph"):
    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
print(before, most, held_mib())
"""


def work() -> None:
    """Keep the processor busy for a while."""
    end = time.process_time() + WORK_S
    while time.process_time() < end:
        pass


def test_every_second_counts_once() -> None:
    """For the innermost part, whether a block or a function is charged to it; a part done twice is added up."""
    pairs = spend("pairs")(work)
    with metered():
        began = time.process_time()
        with spend("search"):
            work()
            pairs()
            work()
        pairs()
        all_s = time.process_time() - began
        cpu_s = {part: spent["cpu_s"] for part, spent in tell_spent().items()}
    assert list(cpu_s) == ["search", "pairs"]
    assert abs(sum(cpu_s.values()) - all_s) <= 0.02
    assert all(2 * WORK_S - 0.01 <= seconds <= 2 * WORK_S + SLACK_S for seconds in cpu_s.values())


def test_a_part_at_work_is_told_of() -> None:
    """What it has cost so far is in the account, and what follows is added."""
    with metered(), spend("writing"):
        work()
        so_far = tell_spent()["writing"]["cpu_s"]
        work()
        assert tell_spent()["writing"]["cpu_s"] >= so_far + WORK_S - 0.01
        assert list_spent().startswith("writing 0.1 (")


def test_a_job_inside_a_job_is_part_of_it() -> None:
    """One account is kept of both, and none once the job is over, even by an error."""
    try:
        with metered(), spend("read"), metered(), spend("graph"):
            assert list(tell_spent()) == ["read", "graph"]
            raise ValueError
    except ValueError:
        assert tell_spent() == {}
    with spend("read"):
        assert tell_spent() == {}


def test_the_peak_is_the_most_memory_so_far() -> None:
    """It rises with the part that holds 100 MiB and never falls; what started the process is not counted."""
    _big = b"x" * (200 << 20)
    done = subprocess.run([sys.executable, "-c", HOLD], capture_output=True, text=True, check=True)
    before, held, after = map(int, done.stdout.split())
    assert before < 60
    assert 95 <= held - before <= 110
    assert abs(after - held) <= 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system keeps what is freed, or takes it at once")
def test_what_a_part_has_freed_is_given_back() -> None:
    """Small pieces that several threads have held do not stay with the process."""
    done = subprocess.run([sys.executable, "-c", FREE], capture_output=True, text=True, check=True)
    before, held, after = map(int, done.stdout.split())
    assert held - before > 60
    assert after - before < 20


def test_the_judge_knows_every_part() -> None:
    """It has a list of its own."""
    assert set(get_args(Part)) == PARTS
