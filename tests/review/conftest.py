"""Fixtures of a review: a small town with a result, read once, and servers over copies of it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from redistrict.jobs.heal import OnFound, Repaired, solve_pins
from redistrict.review.desk import Desk, open_desk
from redistrict.review.server import Server, serve_review
from redistrict.solver.tasks.stop import Stop
from tests.jobs.small_town import deliver_town, make_blocks

from .browser import Browser


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return deliver_town(tmp_path_factory.mktemp("review"), make_blocks())


@pytest.fixture(scope="session")
def desk(town: Path) -> Desk:
    return open_desk(town / "out")


@pytest.fixture(scope="module")
def serve(desk: Desk) -> Iterator[Callable[..., Browser]]:
    """Give a function that serves the review of a folder, as if it held the town's result; all end with the module."""
    patch = pytest.MonkeyPatch()
    patch.setattr("redistrict.review.server.open_desk", lambda folder: replace(desk, folder=folder.resolve()))
    servers: list[tuple[Server, threading.Thread]] = []

    def start(folder: Path, opinions: Path | None = None, on_wait: Callable[[], None] = lambda: None) -> Browser:
        ready, running = threading.Event(), list[tuple[str, Server]]()

        def on_ready(address: str, server: Server) -> None:
            running.append((address, server))
            ready.set()

        options = {"port": 0, "opinions": opinions, "on_ready": on_ready, "on_wait": on_wait}
        thread = threading.Thread(target=serve_review, args=(folder,), kwargs=options)
        thread.start()
        assert ready.wait(30)
        ((address, server),) = running
        servers.append((server, thread))
        return Browser(address, end=lambda: end(server, thread))

    def end(server: Server, thread: threading.Thread) -> None:
        server.end()
        thread.join(30)
        assert not thread.is_alive()

    yield start
    for server, _ in servers:
        server.end()
    for one in servers:
        end(*one)
    patch.undo()


@pytest.fixture
def endless(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each search find B21 in the community of B20, which need not be, and then go on until it is stopped."""
    b20, b21 = desk.place["B20"], desk.place["B21"]

    def solve(*asked: object, stop: Stop, on_found: OnFound, **options: Any) -> Repaired:
        def take(repaired: Repaired) -> None:
            labels = repaired.labels.copy()
            labels[b21] = labels[b20]
            on_found(replace(repaired, areas=(*repaired.areas[:-1], replace(repaired.areas[-1], plan=labels))))
            while stop.reason is None:
                threading.Event().wait(0.01)

        return solve_pins(*asked, stop=stop, on_found=take, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("redistrict.review.healer.solve_pins", solve)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Give the place of a result; servers read the town's instead."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"
