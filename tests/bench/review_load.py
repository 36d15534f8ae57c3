"""Review load: editors and readers on one review at once, and how long they wait.

    python tests/bench/review_load.py ADDRESS [--seconds 60] [--editors 5] [--readers 50]

ADDRESS is what `redistrict review` prints. Each editor sends an edit on the newest state about once a second, and reads
the state again where somebody was faster (409). Each reader listens to the stream and reads the state after what it is
told. Prints percentiles of milliseconds; exit code 1 after any error, or if somebody was not told of an event.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np

PERCENTILES = (50, 95, 99, 100)


@dataclass
class Outcome:
    """What was seen: milliseconds by what was waited for, answers by status, and what went wrong."""

    waits_ms: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    saved: set[int] = field(default_factory=set)
    told: list[set[int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, seconds: float) -> None:
        """Note how long something took."""
        with self.lock:
            self.waits_ms.setdefault(what, []).append(1000 * seconds)

    @property
    def untold(self) -> int:
        """Events that some reader was not told of."""
        return sum(len(self.saved - told) for told in self.told)

    def lines(self) -> list[str]:
        """Give the percentiles, a line for each thing waited for."""
        found = []
        for what, waits in sorted(self.waits_ms.items()):
            values = np.percentile(waits, PERCENTILES)
            said = ", ".join(f"{p} % {value:.0f}" for p, value in zip(PERCENTILES, values, strict=True))
            found.append(f"{what} ({len(waits)}): {said} ms")
        return found


class Line:
    """A connection that is kept."""

    def __init__(self, address: str) -> None:
        self._base = urlsplit(address)
        self._line = HTTPConnection(self._base.hostname or "", self._base.port, timeout=60)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def ask(self, method: str, path: str, values: object = None) -> tuple[int, Any]:
        """Send a request."""
        body = None if values is None else json.dumps(values).encode()
        self._line.request(method, self._base.path + path, body)
        answer = self._line.getresponse()
        return answer.status, json.loads(answer.read())

    def listen(self) -> HTTPResponse:
        """Open the stream."""
        self._line.request("GET", self._base.path + "stream")
        return self._line.getresponse()


def press(address: str, *, seconds: float, n_editors: int, n_readers: int, pause_s: float = 1.0) -> Outcome:
    """Let editors and readers work for a while."""
    outcome, over, ready = Outcome(), threading.Event(), threading.Barrier(n_readers + 1)
    with Line(address) as line:
        plan = line.ask("GET", "plan")[1]
    readers = [threading.Thread(target=_read, args=(address, outcome, over, ready)) for _ in range(n_readers)]
    editors = [
        threading.Thread(target=_edit, args=(address, plan, random.Random(n), outcome, over, pause_s))
        for n in range(n_editors)
    ]
    for one in readers:
        one.start()
    ready.wait(60)
    for one in editors:
        one.start()
    time.sleep(seconds)
    over.set()
    for one in editors:
        one.join()
    with Line(address) as line:
        last = {"id": str(uuid4()), "author": "end", "kind": "version", "name": "end"}
        line.ask("POST", "events", last | {"after": line.ask("GET", "state")[1]["event"]})
    for one in readers:
        one.join()
    return outcome


def _edit(address: str, plan: Any, rng: random.Random, outcome: Outcome, over: threading.Event, pause_s: float) -> None:
    with Line(address) as line:
        while not over.wait(rng.uniform(0, 2 * pause_s)):
            _send(line, plan, rng.randrange(len(plan["edges"]["a"])), outcome)


def _send(line: Line, plan: Any, e: int, outcome: Outcome) -> None:
    """Give a block to its neighbour's community, until that was done on the newest state."""
    block, beside = plan["page"]["blocks"]["id"][plan["edges"]["a"][e]], plan["edges"]["b"][e]
    event = {"id": str(uuid4()), "author": "王", "kind": "paint", "blocks": [block]}
    status, told = 409, None
    while status == 409:
        began = time.monotonic()
        state = line.ask("GET", "state")[1]
        outcome.note("state read by an editor", time.monotonic() - began)
        where = {"community": state["communities"][state["of_block"][beside]]["id"], "after": state["event"]}
        began = time.monotonic()
        status, told = line.ask("POST", "events", event | where)
        outcome.note("edit answered", time.monotonic() - began)
        with outcome.lock:
            outcome.statuses[status] += 1
    if status == 201:
        outcome.saved.add(told["event"])
    elif status != 422:
        outcome.errors.append(f"{status}: {told}")


def _read(address: str, outcome: Outcome, over: threading.Event, ready: threading.Barrier) -> None:
    told = set[int]()
    with Line(address) as line, Line(address) as other, other.listen() as stream:
        stream.readline()
        outcome.told.append(told)
        ready.wait(60)
        for raw in stream:
            if not raw.startswith(b"data: "):
                continue
            event = json.loads(raw[6:])
            told.add(event["event"])
            began = time.monotonic()
            status, state = line.ask("GET", "state")
            outcome.note("state read by a reader", time.monotonic() - began)
            if status != 200 or state["event"] < event["event"]:
                outcome.errors.append(f"state: {status}")
            if over.is_set() and event["author"] == "end":
                return


def main() -> int:
    """Press a review, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--editors", type=int, default=5)
    parser.add_argument("--readers", type=int, default=50)
    wanted = parser.parse_args()
    outcome = press(wanted.address, seconds=wanted.seconds, n_editors=wanted.editors, n_readers=wanted.readers)
    for text in (*outcome.lines(), f"answers to edits: {dict(outcome.statuses)}", *outcome.errors[:10]):
        sys.stdout.write(f"{text}\n")
    sys.stdout.write(f"{len(outcome.errors)} errors, {outcome.untold} events that somebody was not told of\n")
    return 1 if outcome.errors or outcome.untold else 0


if __name__ == "__main__":
    sys.exit(main())
