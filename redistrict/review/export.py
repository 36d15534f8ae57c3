"""Export: the reviewed plan as a new result folder, as `heal` writes it, with the minutes of the review in it."""

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pandas as pd

from redistrict.errors import RedistrictError, SolverError
from redistrict.jobs.heal import deliver, solve_pins, tell_log
from redistrict.messages import Message
from redistrict.report.delivery import claimed
from redistrict.report.healing import Healing
from redistrict.report.provenance import list_sources
from redistrict.report.run_log import logged
from redistrict.review.desk import Desk
from redistrict.review.posted import RefusedError
from redistrict.review.repairs import list_moves, show_repair
from redistrict.review.said import name_all, say_event
from redistrict.review.state import Event, Review
from redistrict.review.told import both
from redistrict.scenario.pins import read_pin

_BUSY = Message("an export is on its way", "正在导出，请稍候")
_WRITING = Message("Writing and verifying the results", "输出并核验成果")
_OTHERWISE = Message(
    "the repair came out otherwise than the one that was accepted: give more solve.time_limit_s, repair again and "
    "accept",
    "修复结果与已采纳的方案不一致：请增大 solve.time_limit_s，重新修复并采纳",
)
Tell = Callable[[str, dict[str, Any]], None]


class Export:
    """Writes one result at a time, in a thread; `tell` is told ``"export"`` and how far it is."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._thread: threading.Thread | None = None

    def start(self, write: Callable[[], Healing]) -> None:
        """Begin to write.

        Raises
        ------
        RefusedError
            If another is on its way.
        """
        if self.is_writing:
            raise RefusedError(_BUSY)
        self._thread = threading.Thread(target=copy_context().run, args=(self._run, write), name="export")
        self._thread.start()

    @property
    def is_writing(self) -> bool:
        """Whether a result is on its way."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self) -> None:
        """Wait until what is being written is there."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, write: Callable[[], Healing]) -> None:
        self._put("running", [_WRITING])
        ended: tuple[str, Sequence[Message]] = ("failed", [Message("internal error", "内部错误")])
        try:
            ended = "done", [*write().messages()]
        except RedistrictError as error:
            ended = "failed", error.problems
        finally:
            self._put(*ended)

    def _put(self, status: str, messages: Sequence[Message]) -> None:
        text = Message(" ".join(one.en for one in messages), "".join(one.zh for one in messages))
        self._tell("export", {"status": status, "text": both(text)})


def check_name(folder: Path, name: str) -> Path:
    """Give the folder of a new result beside another one.

    Raises
    ------
    RefusedError
        If the name is a path, hidden, or of no folder that can be made everywhere.
    """
    if name != Path(name).name or name[0] in ". " or name[-1] in ". " or any(ch in '<>:"/\\|?*\n\t' for ch in name):
        raise RefusedError(Message("give the plain name of a folder", "请只写文件夹名称"))
    out = folder.with_name(name)
    if out.exists():
        raise RefusedError(Message(f"{name} exists already; give another name", f"{name} 已存在，请换名"))
    return out


def deliver_review(desk: Desk, events: Sequence[Event], review: Review, out: Path) -> Healing:
    """Repair once more with all that is asked, and write the result with pins and minutes.

    Raises
    ------
    OutputError, VerificationError
        As `heal`.
    SolverError
        If the repair comes out otherwise than the one that was accepted.
    """
    finished = desk.finished
    inputs = [source.path for _, source in list_sources(finished.scenario)]
    accepted = events[(review.moment.repair or 0) - 1].body
    exactly = [read_pin(pin) for pin in accepted.get("exactly", ())]
    pins = [*(held.pin for held in review.moment.pins), *exactly]
    with (
        claimed(out, overwrite=False, inputs=inputs),
        logged("heal", out, healed_from=desk.folder.name, **tell_log(finished, pins)),
    ):
        repaired = solve_pins(finished, pins)
        if list_moves(desk, show_repair(desk, repaired)) != accepted["moves"]:
            raise SolverError(_OTHERWISE)
        return deliver(finished, repaired, out=out, minutes=list_minutes(desk, events, review))


def list_minutes(desk: Desk, events: Sequence[Event], review: Review) -> pd.DataFrame:
    """Give the minutes: who did what and when, with comments and whether they are settled."""
    is_open = {comment.event: comment.is_open for comment in review.comments}
    asked = {held.event for held in review.moment.pins}
    rows, names = [], name_all(desk, events)
    for event in events:
        text = say_event(event, names)
        state = "" if event.n not in is_open else ("open" if is_open[event.n] else "settled")
        rows.append(
            {
                "event": event.n,
                "at": event.at,
                "author": event.author,
                "kind": event.kind,
                "text_en": text.en,
                "text_zh": text.zh,
                "state": "asked" if event.n in asked else state,
            }
        )
    return pd.DataFrame(rows)
