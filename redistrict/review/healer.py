"""Healer: repairs in a thread, one at a time; the latest that is asked for stops the one before."""

import secrets
import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from redistrict.errors import InterruptedSolveError, RedistrictError
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
_FOUND = Message("A repair was found; still looking for one that moves fewer", "已找到修复方案，仍在寻找移动更少的方案")
_DONE = Message("A repair was found", "已找到修复方案")
_STOPPED = Message("Stopped", "已停止")
_FAILED = Message("No repair", "无法修复")
_INTERNAL = Message("internal error", "内部错误")


@dataclass(frozen=True, eq=False)
class Preview:
    """A repair on its way, with those found so far.

    Attributes
    ----------
    id : str
    pins : tuple of Pin
        What it keeps to.
    status : {"running", "found", "done", "failed", "stopped"}
        Found: there is one, and the search goes on.
    text : Message
    found : tuple of Repaired
        Each moves no more residents than the one before, and of the same costs no more.
    is_repeatable : bool
        The last one found is the answer, and is so again whenever it is asked for.
    reasons : tuple of Message
        Why there is none.
    """

    id: str
    pins: tuple[Pin, ...]
    status: str = "running"
    text: Message = _BEGUN
    found: tuple[Repaired, ...] = ()
    is_repeatable: bool = False
    reasons: tuple[Message, ...] = ()

    def is_answer(self, repaired: Repaired) -> bool:
        """Tell whether a repair, which was found, is the plan that the same pins give again."""
        return self.is_repeatable and np.array_equal(repaired.labels, self.found[-1].labels)


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
        run = copy_context().run
        threading.Thread(target=run, args=(self._run, preview, stop), name="heal", daemon=True).start()
        return preview.id

    def get(self, key: str) -> Preview | None:
        """Give a preview, if it is known."""
        with self._lock:
            return self._previews.get(key)

    def forget(self, key: str) -> None:
        """Stop a preview that is on its way, and forget it."""
        with self._lock:
            self._previews.pop(key, None)
        self.stop(key)

    def stop(self, key: str) -> None:
        """Stop a preview that is on its way; what it has found stays known."""
        with self._lock:
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
        def put(**changes: Any) -> None:
            nonlocal preview
            if stop.reason is StoppedBy.INTERRUPT:
                raise InterruptedSolveError(_STOPPED)
            preview = replace(preview, **changes)
            self._put(preview)

        def show(progress: Progress) -> None:
            if not preview.found:
                put(text=progress.phase)

        def take(repaired: Repaired) -> None:
            put(status="found", text=_FOUND, found=(*preview.found, repaired))

        try:
            show(Progress(_BEGUN, 0.0))
            solve_pins(self._desk.finished, preview.pins, stop=stop, on_progress=show, on_found=take)
            ended = replace(preview, status="done", text=_DONE, is_repeatable=stop.reason is None)
        except RedistrictError as error:
            ended = replace(preview, status="failed", text=_FAILED, reasons=error.problems)
        if stop.reason is StoppedBy.INTERRUPT:
            return replace(preview, status="stopped", text=_STOPPED)
        return ended

    def _put(self, preview: Preview) -> None:
        with self._lock:
            if preview.id in self._previews:
                self._previews[preview.id] = preview
        told = {"status": preview.status, "found": len(preview.found), "text": both(preview.text)}
        self._tell("heal", {"preview": preview.id, **told})
