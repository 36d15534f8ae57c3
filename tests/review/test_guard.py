"""Nothing let in: token, Host, Origin, paths, bodies, and texts that would be scripts or formulas."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.review.guard import MAX_BODY
from tests.jobs.small_town import W1

from .browser import Browser


@pytest.fixture(scope="module")
def browser(serve: Callable[[Path], Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return serve(tmp_path_factory.mktemp("out"))


def test_without_the_token_nothing_is_there(browser: Browser) -> None:
    """Missing, wrong, cut off, longer, in another case: as if there were no page at all."""
    token = browser.address.path.strip("/")
    for path in (
        "/",
        "/state",
        f"/{token[:-1]}/state",
        f"/{token}x/state",
        f"/{token.swapcase()}/state",
        f"//{token}/",
    ):
        answer = browser.send("GET", path)
        assert (answer.status, answer.json) == (404, {"message": ["不存在", "not found"]}), path
    assert browser.send("POST", "/events", b"{}").status == 404
    assert browser.ask("GET", "state").status == 200


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost.example.org:{port}", ""])
def test_a_foreign_host_is_refused(browser: Browser, host: str) -> None:
    """A name that somebody makes point here (DNS rebinding) is not ours."""
    answer = browser.ask("GET", "state", Host=host.format(port=browser.address.port))
    assert answer.status == 403
    assert browser.ask("GET", "state", Host=f"localhost:{browser.address.port}").status == 200


@pytest.mark.parametrize("origin", ["http://example.org", "null", "https://127.0.0.1:{port}", "http://127.0.0.1"])
def test_a_foreign_origin_is_refused(browser: Browser, origin: str) -> None:
    """A page elsewhere that knew the token could still do nothing."""
    n = browser.state()["event"]
    event = {"id": f"event {origin}", "after": n, "author": "x", "kind": "version", "name": "v"}
    foreign = origin.format(port=browser.address.port)
    assert browser.ask("POST", "events", event, Origin=foreign).status == 403
    assert browser.state()["event"] == n
    own = f"http://127.0.0.1:{browser.address.port}"
    assert browser.ask("POST", "events", event, Origin=own).status == 201


def test_every_answer_forbids_what_the_page_does_not_need(browser: Browser) -> None:
    """A strict policy stands on pages, data and refusals alike."""
    for answer in (browser.ask("GET", ""), browser.ask("GET", "state"), browser.send("GET", "/")):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "static/../../pyproject.toml",
        "static/%2e%2e/%2e%2e/pyproject.toml",
        "static/..%2f..%2fpyproject.toml",
        "static//etc/passwd",
        "static/%2fetc%2fpasswd",
        "static/review.js%00.css",
        "static/__init__.py",
        "static/",
        "previews/../state",
        "previews/none",
        "state?event=-1",
        "state?event=1e3",
        "state?event=" + "9" * 40,
        "nothing",
    ],
)
def test_tricks_with_paths_find_nothing(browser: Browser, path: str) -> None:
    """Only names of the list are served, however they are written."""
    assert browser.ask("GET", path).status == 404


def test_the_page_and_its_files_are_served(browser: Browser) -> None:
    """Every address that the page names, with its media type."""
    page = browser.ask("GET", "").body.decode()
    assert "static/review.js" in page
    for name in ("review.js", "leaflet.js", "layer.js", "leaflet.css", "page.css"):
        assert f"static/{name}" in page
        answer = browser.ask("GET", f"static/{name}")
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        assert (answer.status, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8")


def test_bodies_are_limited_however_they_are_sent(browser: Browser) -> None:
    """Over 1 MB is refused by its bytes, not by what its header says; just below it is read."""
    path = browser.address.path + "events"
    assert browser.send("POST", path, b" " * (MAX_BODY + 1)).status == 413
    assert browser.send("POST", path, b" " * MAX_BODY).status == 422
    with socket.create_connection((browser.address.hostname or "", browser.address.port or 0), timeout=30) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: {browser.address.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n"
        line.sendall(head.encode())
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        for _ in range(16):
            line.sendall(chunk)
        assert line.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"paint"',
        b'{"kind": "paint"}',
        b"[" * 100_000,
        b'{"kind": "version", "name": NaN}',
        b'{"kind": ["version"]}',
        b'{"id": 12345678, "after": 0, "author": "x", "kind": "version", "name": "v"}',
        b'{"id": "12345678", "after": "0", "author": "x", "kind": "version", "name": "v"}',
        b'{"id": "12345678", "after": 0, "author": "", "kind": "version", "name": "v"}',
        b'{"id": "12345678", "after": 0, "author": "x", "kind": "version", "name": "\\ud800"}',
        b'{"id": "12345678", "after": 0, "author": "x", "kind": "version", "name": "v", "more": 1}',
        b'{"id": "12345678", "after": 0, "author": "x", "kind": "paint", "blocks": [1], "community": "x"}',
        b'{"id": "12345678", "after": 0, "author": "x", "kind": "pin", "pin": {"blocks": [[]], "in": {}}}',
        b'{"id": "12345678", "after": 0, "author": "x", "kind": "comment", "on": {}, "text": "x"}',
        b'{"after": 99999999999999999999999, "kind": "undo"}',
    ],
)
def test_malformed_bodies_are_refused(browser: Browser, body: bytes) -> None:
    """By every address that takes one, with words, and nothing is written."""
    n = browser.state()["event"]
    body = body.replace(b'"after": 0', f'"after": {n}'.encode())
    for name in ("events", "why", "heal", "export"):
        answer = browser.send("POST", browser.address.path + name, body)
        assert answer.status == 422, name
        assert [bool(text) for text in answer.json["message"]] == [True, True]
    assert browser.state()["event"] == n


def test_texts_come_out_as_they_went_in(browser: Browser) -> None:
    """Markup and formulas in names, reasons and comments are text in JSON, and no answer is a page but the page."""
    nasty = "</script><img src=x onerror=alert(1)>'\"&=HYPERLINK(1)\u2028{{x}}"
    browser = Browser(browser.address.geturl(), nasty[:40])
    browser.post("comment", on={"community": W1}, text=nasty)
    browser.post("pin", pin={"rename": W1, "to": nasty[:50], "reason": nasty})
    browser.post("version", name=nasty[:60])
    answer = browser.ask("GET", "state")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["comments"][-1]["text"] == nasty
    assert answer.json["pins"][-1]["reason"] == nasty
    assert answer.json["communities"][0]["name"] == nasty[:50]
    assert answer.json["versions"][-1]["name"] == nasty[:60]
    assert nasty not in browser.ask("GET", "").body.decode()
    assert json.loads(answer.body) == answer.json


def test_other_methods_are_not_allowed(browser: Browser) -> None:
    """What only reads cannot be posted to, and the other way round."""
    assert browser.ask("POST", "state", {}).status == 405
    assert browser.ask("GET", "events").status == 405
    assert browser.ask("PUT", "events", {}).status == 405
