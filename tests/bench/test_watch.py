"""Processes watched from outside."""

import os
import time
from multiprocessing.connection import Connection

from redistrict.bench.watch import READY, watch


def report(pipe: Connection, word: str) -> None:
    """Do as one should."""
    pipe.send(READY)
    print("noise")  # noqa: T201  # what compiled libraries do
    pipe.send(word)


def hang(pipe: Connection) -> None:
    """Say something, then never end."""
    pipe.send(READY)
    pipe.send("before")
    time.sleep(3600)


def die(pipe: Connection) -> None:
    """End as a compiled library does that reads where it must not."""
    pipe.send(READY)
    os.abort()


def refuse(pipe: Connection) -> None:
    """Raise something."""
    raise ValueError("no such thing")


def test_messages_come_through_and_noise_does_not() -> None:
    """What jobs send arrives, in any order of the jobs, without failures."""
    watched = watch([(report, ("a",)), (report, ("b",))], seconds=60)
    assert sorted(watched.messages) == ["a", "b"]
    assert watched.failures == ()


def test_a_job_that_hangs_is_killed_and_named() -> None:
    """What it sent before is kept, and another job is not harmed."""
    watched = watch([(hang, ()), (report, ("a",))], seconds=0.5)
    assert sorted(watched.messages) == ["a", "before"]
    assert watched.failures == ("killed: did not end in time",)


def test_jobs_that_crash_are_named_with_their_last_words() -> None:
    """A dead process is told by its exit code, an exception by its line."""
    died, refused = watch([(die, ())], seconds=60), watch([(refuse, ())], seconds=60)
    assert died.failures[0].startswith("crashed (exit code -")
    assert refused.failures == ("crashed (exit code 1) ValueError: no such thing",)
