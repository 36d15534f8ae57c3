"""A server that is killed while somebody edits loses nothing that it answered as saved (`bench/review_kills.py`)."""

import multiprocessing
import random
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from redistrict.review.desk import Desk
from redistrict.review.server import log_of, serve_review
from tests.bench.review_kills import Editing, kill_while_editing, look

FORK = multiprocessing.get_context("fork")


def serve(folder: Path, told: Connection) -> None:
    serve_review(folder, port=0, opinions=None, on_ready=told.send)


def test_nothing_that_was_saved_is_lost_by_a_kill(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three kills at random moments; what was on its way is sent again, and counts once."""
    monkeypatch.setattr("redistrict.review.server.open_desk", lambda folder: replace(desk, folder=folder))
    out, rng = tmp_path / "out", random.Random(7)
    editing = Editing(rng)

    def start() -> tuple[int, str]:
        told, ours = FORK.Pipe(duplex=False)
        process = FORK.Process(target=serve, args=(out, ours), daemon=True)
        process.start()
        assert process.pid is not None
        return process.pid, told.recv()

    for _ in range(3):
        kill_while_editing(start, editing, rng.uniform(0.05, 0.6))
        assert look(log_of(out), editing) == []
    assert len(editing.saved) > 10
