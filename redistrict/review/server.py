"""Server: the review over HTTP, on this machine only. The one module that knows Starlette and uvicorn."""

import json
import secrets
import socket
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from redistrict.errors import OutputError
from redistrict.messages import Message
from redistrict.report.delivery import cannot_write
from redistrict.review.desk import open_desk
from redistrict.review.guard import Guard
from redistrict.review.hub import Hub
from redistrict.review.log import opened
from redistrict.review.opinions import Opinions, read_opinions
from redistrict.review.page import STATIC, read_static, write_page
from redistrict.review.posted import RefusedError
from redistrict.review.session import Session, StaleError
from redistrict.review.told import both, tell_desk

HOST = "127.0.0.1"
_NOT_JSON = Message("the body is no JSON", "请求内容不是 JSON")


class Server(uvicorn.Server):
    """A server that tells when it can be spoken to, and lets go of those who listen when it ends."""

    def __init__(self, config: uvicorn.Config, hub: Hub, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._hub, self._on_ready = hub, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End by a signal."""
        super().handle_exit(sig, frame)
        self._hub.close()

    def end(self) -> None:
        """End soon; from any thread."""
        self.should_exit = True
        self._hub.close()


def log_of(folder: Path) -> Path:
    """Give the file of the log of a result's review."""
    folder = folder.resolve()
    return folder.with_name(f"{folder.name}.review.sqlite")


def serve_review(
    folder: Path,
    *,
    port: int,
    opinions: Path | None,
    on_ready: Callable[[str, Server], None],
    on_wait: Callable[[], None] = lambda: None,
) -> None:
    """Serve the review of a result until it is told to end.

    Parameters
    ----------
    port : int
        0: any that is free.
    opinions : Path or None
        The table of opinions of the public notice, filled in.
    on_ready : callable
        Called with the address once it can be opened, and the server, which another thread may tell to end.
    on_wait : callable
        Called when it is to end while a result is still being written.

    Raises
    ------
    OutputError
        If the port is taken, another review of the result is open, or its log is of another result or not writable.
    DataError, ScenarioError, VerificationError
        If the result or the opinions cannot be read.
    """
    with ExitStack() as stack:
        listening = stack.enter_context(_bound(port))
        desk = open_desk(folder)
        said = {} if opinions is None else read_opinions(opinions, desk)
        log, hub = stack.enter_context(opened(log_of(folder), desk.digest)), Hub()
        session = Session(desk, log, hub.tell)
        stack.callback(session.close, on_wait)
        number, token = listening.getsockname()[1], secrets.token_urlsafe(24)
        guarded = Guard(make_app(session, hub, said), port=number, token=token)
        config = uvicorn.Config(
            guarded,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=3,
        )
        server = Server(config, hub, lambda: on_ready(f"http://{HOST}:{number}/{token}/", server))
        server.run(sockets=[listening])


def _bound(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise OutputError(
            Message(
                f"Port {port} of {HOST} cannot be used ({error}); leave --port out to take any that is free.",
                f"无法使用 {HOST} 的端口 {port}（{error}）；不写 --port 则自动选用空闲端口。",
            )
        ) from error
    return listening


def make_app(session: Session, hub: Hub, opinions: Opinions) -> Starlette:
    """Put the addresses of a review together; see each function for what it takes and gives."""
    plan = json.dumps(tell_desk(session.desk), ensure_ascii=False, allow_nan=False).encode()
    page = write_page(session.desk.title).encode()

    async def show_page(_: Request) -> Response:
        return Response(page, media_type="text/html; charset=utf-8")

    async def give_static(request: Request) -> Response:
        name = request.path_params["name"]
        return Response(read_static(name), media_type=STATIC[name]) if name in STATIC else _not_found()

    async def give_plan(_: Request) -> Response:
        return _json(plan)

    async def give_state(request: Request) -> Response:
        wanted = request.query_params.get("event")
        if wanted is not None and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 16):
            return _not_found()
        n = None if wanted is None else int(wanted)
        known = session.known_state(n)
        return _json(await run_in_threadpool(session.state, n) if known is None else known)

    async def give_shapes(request: Request) -> Response:
        keys = request.query_params.get("keys", "").split(",")
        return JSONResponse(await run_in_threadpool(session.shapes.draw, keys))

    async def stream(_: Request) -> Response:
        return StreamingResponse(hub.listen(), media_type="text/event-stream")

    async def give_opinions(_: Request) -> Response:
        return JSONResponse(opinions)

    async def post_event(request: Request) -> Response:
        n = await run_in_threadpool(session.post, await _read_json(request))
        return JSONResponse({"event": n}, 201)

    async def ask_why(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(session.why, await _read_json(request)))

    async def start_heal(request: Request) -> Response:
        return JSONResponse({"preview": await run_in_threadpool(session.heal, await _read_json(request))}, 202)

    async def give_preview(request: Request) -> Response:
        found = await run_in_threadpool(session.preview, request.path_params["key"])
        return _not_found() if found is None else JSONResponse(found)

    async def forget_preview(request: Request) -> Response:
        session.healer.forget(request.path_params["key"])
        return JSONResponse({})

    async def start_export(request: Request) -> Response:
        await run_in_threadpool(session.export, await _read_json(request))
        return JSONResponse({}, 202)

    routes = [
        Route("/", show_page),
        Route("/static/{name:path}", give_static),
        Route("/plan", give_plan),
        Route("/state", give_state),
        Route("/shapes", give_shapes),
        Route("/stream", stream),
        Route("/opinions", give_opinions),
        Route("/events", post_event, methods=["POST"]),
        Route("/why", ask_why, methods=["POST"]),
        Route("/heal", start_heal, methods=["POST"]),
        Route("/previews/{key}", give_preview),
        Route("/previews/{key}", forget_preview, methods=["DELETE"]),
        Route("/export", start_export, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {RefusedError: _refused, StaleError: _stale, sqlite3.Error: _unwritten}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _read_json(request: Request) -> object:
    def refuse(_: str) -> object:
        raise ValueError

    try:
        return json.loads(await request.body(), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise RefusedError(_NOT_JSON) from error


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _not_found() -> Response:
    return JSONResponse({"message": ["不存在", "not found"]}, 404)


def _refused(_: Request, error: RefusedError) -> Response:
    return JSONResponse({"message": both(error.message)}, 422)


def _stale(_: Request, error: StaleError) -> Response:
    return JSONResponse(error.told, 409)


def _unwritten(_: Request, error: sqlite3.Error) -> Response:
    return JSONResponse({"message": both(cannot_write(Path("review.sqlite"), error))}, 507)
