"""Fixtures of a review: a small town with a result, read once, and servers over copies of it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from redistrict.review.desk import Desk, open_desk
from redistrict.review.server import Server, serve_review
from tests.jobs.small_town import make_blocks, tell, write_scenario

W1, W2, E1, E2 = "西塞山区-01", "西塞山区-02", "黄石港区-01", "黄石港区-02"
ROOMY = {
    "tolerance: {households: 0.3, people: 0.3}": "tolerance: {households: 0.5, people: 0.5}\n  count: {min: 4, max: 6}"
}
_number = count()


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


@dataclass(frozen=True)
class Answer:
    """What a server says: the values of its JSON, or none, beside the bytes."""

    status: int
    json: Any
    body: bytes
    headers: dict[str, str]


class Browser:
    """Speaks to a server as a page does."""

    def __init__(self, address: str, author: str = "王") -> None:
        self.address, self.author = urlsplit(address), author

    def ask(self, method: str, path: str, values: object = None, **headers: str) -> Answer:
        """Send a request, relative to the address."""
        body = None if values is None else json.dumps(values).encode()
        return self.send(method, self.address.path + path, body, **headers)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send any bytes to any path."""
        line = HTTPConnection(self.address.hostname or "", self.address.port, timeout=30)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            content = answer.read()
        finally:
            line.close()
        told = {key.lower(): value for key, value in answer.getheaders()}
        is_json = told.get("content-type", "").startswith("application/json")
        return Answer(answer.status, json.loads(content) if is_json else None, content, told)

    def state(self) -> Any:
        """Give the newest state."""
        return self.ask("GET", "state").json

    def post(self, kind: str, *, after: int | None = None, **body: object) -> Answer:
        """Do something on the newest state, or on another."""
        n = self.state()["event"] if after is None else after
        key = f"event-{next(_number)}-{id(self)}"
        return self.ask("POST", "events", {"id": key, "after": n, "author": self.author, "kind": kind, **body})

    def heal(self) -> Any:
        """Repair what is asked, and give the preview, with its id."""
        begun = self.ask("POST", "heal", {"after": self.state()["event"]})
        assert begun.status == 202, begun
        for _ in range(600):
            told = self.ask("GET", f"previews/{begun.json['preview']}").json
            if told["status"] != "running":
                return told | {"id": begun.json["preview"]}
            threading.Event().wait(0.05)
        raise AssertionError(told)


@pytest.fixture
def serve(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Browser]]:
    """Give a function that serves the review of a folder, as if it held the town's result; all end with the test."""
    monkeypatch.setattr("redistrict.review.server.open_desk", lambda folder: replace(desk, folder=folder.resolve()))
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
    for one in servers:
        end(*one)
