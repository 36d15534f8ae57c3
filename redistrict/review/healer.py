"""Healer: repairs in a thread, one at a time; the latest that is asked for stops the one before."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from redistrict.errors import RedistrictError
from redistrict.jobs.heal import Repaired, solve_pins
from redistrict.messages import Message
from redistrict.model.result import StoppedBy
from redistrict.review.desk import Desk
from redistrict.review.told import both
from redistrict.scenario.pins import Pin
from redistrict.solver.tasks.progress import Progress
from redistrict.solver.tasks.stop import Stop

_KEPT = 20
"""So many previews are kept; the oldest are forgotten."""
_BEGUN = Message("Repairing", "修复方案")
_DONE = Message("A repair was found", "已找到修复方案")
_STOPPED = Message("Stopped", "已停止")
_FAILED = Message("No repair", "无法修复")
_INTERNAL = Message("internal error", "内部错误")


@dataclass(frozen=True, eq=False)
class Preview:
    """A repair on its way, or found.

    Attributes
    ----------
    id : str
    pins : tuple of Pin
        What it keeps to.
    status : {"running", "done", "failed", "stopped"}
    text : Message
    repaired : Repaired or None
    reasons : tuple of Message
        Why there is none.
    """

    id: str
    pins: tuple[Pin, ...]
    status: str = "running"
    text: Message = _BEGUN
    repaired: Repaired | None = None
    reasons: tuple[Message, ...] = ()


Tell = Callable[[str, dict[str, Any]], None]


class Healer:
    """Makes previews.

    Parameters
    ----------
    tell : callable
        Is told ``"heal"`` and what browsers are to know of each change.
    """

    def __init__(self, desk: Desk, tell: Tell) -> None:
        self._desk, self._tell = desk, tell
        self._lock, self._one_at_a_time = threading.Lock(), threading.Lock()
        self._previews: dict[str, Preview] = {}
        self._stops: dict[str, Stop] = {}

    def start(self, pins: tuple[Pin, ...]) -> str:
        """Begin a repair, and give the id of its preview."""
        preview = Preview(secrets.token_hex(8), pins)
        self.stop_all()
        stop = Stop(self._desk.scenario.solve.time_limit_s)
        with self._lock:
            self._previews[preview.id], self._stops[preview.id] = preview, stop
            for old in list(self._previews)[:-_KEPT]:
                del self._previews[old]
        threading.Thread(target=self._run, args=(preview, stop), name="heal", daemon=True).start()
        return preview.id

    def get(self, key: str) -> Preview | None:
        """Give a preview, if it is known."""
        with self._lock:
            return self._previews.get(key)

    def forget(self, key: str) -> None:
        """Stop a preview that is on its way, and forget it."""
        with self._lock:
            self._previews.pop(key, None)
            stop = self._stops.get(key)
        if stop is not None:
            stop.interrupt()

    def stop_all(self) -> None:
        """Stop whatever is on its way."""
        with self._lock:
            stops = [*self._stops.values()]
        for stop in stops:
            stop.interrupt()

    def _run(self, preview: Preview, stop: Stop) -> None:
        ended = replace(preview, status="failed", text=_FAILED, reasons=(_INTERNAL,))
        try:
            with self._one_at_a_time:
                ended = self._solve(preview, stop)
        finally:
            with self._lock:
                del self._stops[preview.id]
            self._put(ended)

    def _solve(self, preview: Preview, stop: Stop) -> Preview:
        def show(progress: Progress) -> None:
            self._put(replace(preview, text=progress.phase))

        if stop.reason is not None:
            return replace(preview, status="stopped", text=_STOPPED)
        try:
            repaired = solve_pins(self._desk.finished, preview.pins, stop=stop, on_progress=show)
            ended = replace(preview, status="done", text=_DONE, repaired=repaired)
        except RedistrictError as error:
            ended = replace(preview, status="failed", text=_FAILED, reasons=error.problems)
        if stop.reason is StoppedBy.INTERRUPT:  # what was found by then is no answer to be repeated
            return replace(preview, status="stopped", text=_STOPPED)
        return ended

    def _put(self, preview: Preview) -> None:
        with self._lock:
            if preview.id in self._previews:
                self._previews[preview.id] = preview
        self._tell("heal", {"preview": preview.id, "status": preview.status, "text": both(preview.text)})
