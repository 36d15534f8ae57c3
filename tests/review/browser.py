"""A browser without a page: speaks to the server of a review as the page does."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4


@dataclass(frozen=True)
class Answer:
    """What a server says: the values of its JSON, or none, beside the bytes."""

    status: int
    json: Any
    body: bytes
    headers: dict[str, str]


class Browser:
    """Speaks to a server as a page does; `end` ends the server, where it can."""

    def __init__(self, address: str, author: str = "王", end: Callable[[], None] = lambda: None) -> None:
        self.address, self.author, self.end = urlsplit(address), author, end

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
        return self.ask("POST", "events", {"id": str(uuid4()), "after": n, "author": self.author, "kind": kind, **body})

    def accept(self, preview: dict[str, Any]) -> Answer:
        """Accept a repair as it was told, with its id."""
        return self.post("accept", preview=preview["id"], found=preview["found"])

    @contextmanager
    def listen(self) -> Iterator[HTTPResponse]:
        """Open the stream."""
        with closing(HTTPConnection(self.address.hostname or "", self.address.port, timeout=60)) as line:
            line.request("GET", self.address.path + "stream")
            with line.getresponse() as stream:
                yield stream

    def heal(self, until: str = "done") -> Any:
        """Repair what is asked, and give the preview, with its id, at the end or as soon as it has a status."""
        begun = self.ask("POST", "heal", {"after": self.state()["event"]})
        assert begun.status == 202, begun
        for _ in range(600):
            told = self.ask("GET", f"previews/{begun.json['preview']}").json
            if told["status"] not in {"running", "found"} - {until}:
                return told | {"id": begun.json["preview"]}
            threading.Event().wait(0.05)
        raise AssertionError(told)
