"""Fixtures of a review: a small town with a result, read once, and servers over copies of it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from redistrict.review.desk import Desk, open_desk
from redistrict.review.server import Server, serve_review
from tests.jobs.small_town import make_blocks, tell, write_scenario

from .browser import Browser

W1, W2, E1, E2 = "西塞山区-01", "西塞山区-02", "黄石港区-01", "黄石港区-02"
ROOMY = {
    "tolerance: {households: 0.3, people: 0.3}": "tolerance: {households: 0.5, people: 0.5}\n  count: {min: 4, max: 6}"
}


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a result `out` of two communities in each district; each may have two to six blocks.

    ::

        B30 B31 | B32 B33     西塞山区-02 | 黄石港区-02
        B20 B21 | B22 B23
        B10 B11 | B12 B13     西塞山区-01 | 黄石港区-01
        B00 B01 | B02 B03
    """
    folder = tmp_path_factory.mktemp("review")
    make_blocks().to_file(folder / "b.gpkg")
    code, said = tell("run", write_scenario(folder, ROOMY), "--out", folder / "out")
    assert code == 0, said
    return folder


@pytest.fixture(scope="session")
def desk(town: Path) -> Desk:
    return open_desk(town / "out")


@pytest.fixture(scope="module")
def serve(desk: Desk) -> Iterator[Callable[..., Browser]]:
    """Give a function that serves the review of a folder, as if it held the town's result; all end with the module."""
    patch = pytest.MonkeyPatch()
    patch.setattr("redistrict.review.server.open_desk", lambda folder: replace(desk, folder=folder.resolve()))
    servers: list[tuple[Server, threading.Thread]] = []

    def start(folder: Path, opinions: Path | None = None) -> Browser:
        ready, addresses = threading.Event(), list[str]()

        def on_ready(address: str) -> None:
            addresses.append(address)
            ready.set()

        running: list[Server] = []
        options = {"port": 0, "opinions": opinions, "on_ready": on_ready, "hold": running.append}
        thread = threading.Thread(target=serve_review, args=(folder,), kwargs=options)
        thread.start()
        assert ready.wait(30)
        servers.append((running[0], thread))
        browser = Browser(addresses[0])
        browser.end = lambda: end(running[0], thread)  # type: ignore[attr-defined]
        return browser

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
def out(tmp_path: Path) -> Path:
    """Give the place of a result; servers read the town's instead."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"
