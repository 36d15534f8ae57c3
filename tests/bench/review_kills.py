"""Review kills: the server of a review is killed again and again while somebody edits, and its log is looked at.

    python tests/bench/review_kills.py RESULT_DIR [--times 100] [--seed 1]

RESULT_DIR must have no review yet. Every event that was answered as saved must be in the log after each kill, once;
one that was on its way is sent again with its id, and must be there once as well. Exit code 1 if anything was lost or
doubled.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.review.browser import Browser

Start = Callable[[], tuple[int, str]]
"""Starts a server, and gives the number of its process and its address."""


@dataclass
class Editing:
    """What a scripted editor has sent: the number of each event that was answered, by id, and the one on its way."""

    rng: random.Random
    saved: dict[str, int] = field(default_factory=dict)
    pending: dict[str, Any] | None = None
    blocks: list[str] = field(default_factory=list)
    communities: list[str] = field(default_factory=list)

    def edit(self, browser: Browser, times: int = 10**9) -> None:
        """Send so many events, or until the server is gone."""
        try:
            if not self.blocks:
                plan = browser.ask("GET", "plan").json
                self.blocks, self.communities = plan["page"]["blocks"]["id"], plan["base_ids"]
            for _ in range(times):
                event = self.pending or self._next(browser)
                self.pending = event
                answer = browser.ask("POST", "events", event)
                if answer.status == 201:
                    self.saved[event["id"]] = answer.json["event"]
                elif answer.status != 422:
                    raise AssertionError(answer)
                self.pending = None
        except (OSError, HTTPException):
            return

    def _next(self, browser: Browser) -> dict[str, Any]:
        state = browser.state()
        sent = {"id": str(uuid4()), "after": state["event"], "author": "王"}
        kind = self.rng.choices(["paint", "undo", "redo", "comment", "version"], [6, 2, 1, 1, 1])[0]
        if kind == "paint":
            blocks, community = [self.rng.choice(self.blocks)], self.rng.choice(self.communities)
            return sent | {"kind": kind, "blocks": blocks, "community": community}
        if kind == "comment":
            return sent | {"kind": kind, "on": {"community": self.communities[0]}, "text": "x" * 400}
        return sent | {"kind": kind} | ({"name": str(uuid4())} if kind == "version" else {})


def kill_while_editing(start: Start, editing: Editing, delay_s: float) -> None:
    """Start a server, edit, and kill it after a while."""
    pid, address = start()
    killer = threading.Timer(delay_s, os.kill, (pid, signal.SIGKILL))
    killer.start()
    editing.edit(Browser(address))
    killer.join()


def look(log: Path, editing: Editing) -> list[str]:
    """Tell what is wrong with a log: events lost, doubled, or out of order."""
    with closing(sqlite3.connect(log)) as file:
        rows = file.execute("SELECT n, id FROM event ORDER BY n").fetchall()
    number = {key: n for n, key in rows}
    wrong = [f"event {n} lost" for key, n in editing.saved.items() if number.get(key) != n]
    if [n for n, _ in rows] != [*range(1, len(rows) + 1)]:
        wrong.append("numbers have gaps")
    unknown = number.keys() - editing.saved.keys() - {(editing.pending or {}).get("id")}
    return wrong + [f"{key} was never sent" for key in unknown]


def _start_command(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "redistrict", "review", str(folder), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    return process.pid, process.stdout.readline().strip()


def main() -> int:
    """Kill, look, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    rng = random.Random(wanted.seed)
    log = wanted.folder.resolve().with_name(f"{wanted.folder.resolve().name}.review.sqlite")
    if log.exists():
        parser.error(f"{log} exists: this would mix with a review of yours")
    editing, began, faults = Editing(rng), time.monotonic(), list[str]()
    for n in range(wanted.times):
        kill_while_editing(lambda: _start_command(wanted.folder), editing, rng.uniform(0.02, 1.5))
        faults += [f"kill {n + 1}: {fault}" for fault in look(log, editing)]
    took_s = time.monotonic() - began
    sys.stdout.write(f"{wanted.times} kills, {len(editing.saved)} events answered as saved, {took_s:.0f} s\n")
    sys.stdout.write("\n".join(faults or ["nothing lost, nothing twice"]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
