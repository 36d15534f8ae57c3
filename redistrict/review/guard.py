"""Guard: who may speak to the server: this machine's own browser, with the address that the command line printed.

A page elsewhere on the web can make a browser send requests to 127.0.0.1; it cannot know the token, and what it sends
bears its own origin. A name that is made to point to 127.0.0.1 (DNS rebinding) stands in Host.
"""

import hmac
import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1_000_000
"""Bytes that a request may hold."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
_FOREIGN = (403, "not from here", "来源不被允许")
_UNKNOWN = (404, "not found", "不存在")
_TOO_LARGE = (413, "at most 1 MB", "不得超过 1 MB")


class Guard:
    """Lets requests of this machine's own page through, with the token taken off their path.

    Parameters
    ----------
    app : ASGI application
    port : int
        Of the server.
    token : str
        First part of every path.
    """

    def __init__(self, app: ASGIApp, *, port: int, token: str) -> None:
        self._app, self._prefix = app, f"/{token}/"
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return
        send = _with_headers(send)
        headers = scope["headers"]
        hosts, origins = ([value.decode("latin-1") for key, value in headers if key == name] for name in _WHO)
        if len(hosts) != 1 or hosts[0] not in self._hosts or any(one not in self._origins() for one in origins):
            await _refuse(send, *_FOREIGN)
        elif not hmac.compare_digest(scope["path"][: len(self._prefix)].encode(), self._prefix.encode()):
            await _refuse(send, *_UNKNOWN)
        elif (body := await _read(receive)) is None:
            await _refuse(send, *_TOO_LARGE)
        else:
            path = scope["path"][len(self._prefix) - 1 :]
            await self._app(dict(scope, path=path, raw_path=path.encode()), _replay(body, receive), send)

    def _origins(self) -> set[str]:
        return {f"http://{host}" for host in self._hosts}


_WHO = (b"host", b"origin")


async def _read(receive: Receive) -> bytes | None:
    """Read a body; none where it is too large."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read, and then what comes after it."""
    left = [body]

    async def again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def put(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_HEADERS]}
        await send(message)

    return put


async def _refuse(send: Send, status: int, en: str, zh: str) -> None:
    body = json.dumps({"message": [zh, en]}, ensure_ascii=False).encode()
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": body})
