"""Session: one review that is open: what is posted is checked, written down, and told to everybody."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from redistrict.messages import Message
from redistrict.review.desk import Desk
from redistrict.review.export import Export, check_name, deliver_review
from redistrict.review.figures import compare_faults, count_figures
from redistrict.review.healer import Healer
from redistrict.review.log import Log
from redistrict.review.posted import Fields, RefusedError, admit, read_posted
from redistrict.review.repairs import note_repair, show_repair, tell_repair
from redistrict.review.shapes import Shapes
from redistrict.review.shown import Shown, show
from redistrict.review.state import Event, Review, fold, step
from redistrict.review.told import Json, both, is_repaired, since, tell_state

_KEPT_STATES = 50
_ALLOWED = Message("nothing forbids it", "没有规则禁止")
_NO_PREVIEW = Message("there is no such repair, or it is not of what is asked now", "没有该修复方案，或要求已有变化")
_NOTHING = Message("nothing is asked, so there is nothing to repair", "没有任何要求，无需修复")
Tell = Callable[[str, Json], None]


class StaleError(Exception):
    """Something was made on a state that is not the newest; `told` says what has happened since."""

    def __init__(self, told: Json) -> None:
        self.told = told
        super().__init__("stale")


class Session:
    """A review that is open.

    Parameters
    ----------
    tell : callable
        Is told the name and the values of everything that browsers are to know at once; from any thread.
    """

    def __init__(self, desk: Desk, log: Log, tell: Tell) -> None:
        self.desk, self._log, self._tell = desk, log, tell
        self._lock = threading.RLock()
        self._events = log.read()
        self._review = fold(self._events)
        self._states: dict[int, bytes] = {}
        self.shapes = Shapes(desk)
        self.healer = Healer(desk, tell)
        self._export = Export(tell)

    def close(self, on_wait: Callable[[], None]) -> None:
        """Stop what is on its way, and wait for what is being written; `on_wait` is called before that."""
        self.healer.stop_all()
        if self._export.is_writing:
            on_wait()
        self._export.wait()

    # --- what is shown ------------------------------------------------------------------------------------

    def known_state(self, n: int | None = None) -> bytes | None:
        """Give the state after event `n` (none: now) if it is at hand, without waiting for anybody."""
        return self._states.get(len(self._events) if n is None else n)

    def state(self, n: int | None = None) -> bytes:
        """Give the state after event `n` (none: now) as JSON.

        Raises
        ------
        RefusedError
            If there is no such event yet.
        """
        with self._lock:
            n = len(self._events) if n is None else n
            if n > len(self._events):
                raise RefusedError(Message(f"there is no event {n}", f"没有第 {n} 项操作"))
            if n not in self._states:
                events = self._events[:n]
                review = self._review if n == len(self._events) else fold(events)
                shown = self._show(review)
                self.shapes.note(shown)
                told = tell_state(self.desk, events, review, shown)
                self._states[n] = json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
                for old in list(self._states)[:-_KEPT_STATES]:
                    del self._states[old]
            return self._states[n]

    def _show(self, review: Review) -> Shown:
        repairs = {event.n: event.body for event in self._events if event.kind == "accept"}
        return show(self.desk, review.moment, repairs)

    # --- what is done -------------------------------------------------------------------------------------

    def post(self, values: object) -> int:
        """Write an event down, and give its number; one that was sent before has its number already.

        Raises
        ------
        RefusedError, StaleError
        """
        posted = read_posted(values)
        with self._lock:
            for known in self._events:
                if known.id == posted.id:
                    return known.n
            self._check_fresh(posted.after)
            body = self._complete(posted.kind, posted.body)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            event = Event(len(self._events) + 1, posted.id, at, posted.author, posted.after, posted.kind, body)
            event = admit(self.desk, self._review, self._show(self._review), event)
            review = step(self._review, event)
            self._log.append(event)
            if event.kind == "accept":
                self.healer.stop(event.body["preview"])
            self._events.append(event)
            self._review = review
            self.state()  # everybody asks for it at once
            self._tell("event", {"event": event.n, "author": event.author, "kind": event.kind})
        return event.n

    def _check_fresh(self, after: int) -> None:
        if after != len(self._events):
            message = Message("others have changed the plan since", "他人已作修改，请先查看")
            told = {
                "event": len(self._events),
                "since": since(self.desk, self._events, after),
                "message": both(message),
            }
            raise StaleError(told)

    def _complete(self, kind: str, body: Json) -> Json:
        """Put what a repair comes to into the event that accepts it."""
        if kind != "accept":
            return body
        preview = self.healer.get(body["preview"])
        pins = tuple(held.pin for held in self._review.moment.pins)
        if preview is None or not 0 < body["found"] <= len(preview.found) or preview.pins != pins:
            raise RefusedError(_NO_PREVIEW)
        repaired = preview.found[body["found"] - 1]
        return body | note_repair(self.desk, repaired, is_answer=preview.is_answer(repaired))

    # --- what is asked without being written --------------------------------------------------------------

    def why(self, values: object) -> Json:
        """Say what painting some blocks would break, and what it would cost.

        Raises
        ------
        RefusedError, StaleError
        """
        fields = Fields(values)
        fields.only("after", "blocks", "community")
        blocks, community = fields.texts("blocks"), fields.text("community", 200)
        with self._lock:
            self._check_fresh(fields.number("after"))
            review, was = self._review, self._show(self._review)
        try:
            trial = Event(2**53, "why", "", "-", 0, "paint", {"blocks": blocks, "community": community, "reason": ""})
            after = step(review, admit(self.desk, review, was, trial))
        except RefusedError as error:
            return {"cost_m": None, "text": [both(error.message)]}
        shown = self._show(after)
        before, then = count_figures(self.desk, was), count_figures(self.desk, shown)
        faults = compare_faults(before, then, was, shown) or [_ALLOWED]
        return {"cost_m": round(then.cost_m - before.cost_m, 2), "text": [both(message) for message in faults]}

    def heal(self, values: object) -> str:
        """Begin a repair of what is asked, and give the id of its preview.

        Raises
        ------
        RefusedError, StaleError
        """
        fields = Fields(values)
        fields.only("after")
        with self._lock:
            self._check_fresh(fields.number("after"))
            pins = tuple(held.pin for held in self._review.moment.pins)
        if not pins:
            raise RefusedError(_NOTHING)
        return self.healer.start(pins)

    def preview(self, key: str) -> Json | None:
        """Give what is known of a repair; none where there is no such one."""
        preview = self.healer.get(key)
        if preview is None:
            return None
        told: Json = {"status": preview.status, "text": both(preview.text), "found": len(preview.found)}
        if preview.found:
            repaired = preview.found[-1]
            self.shapes.note(show_repair(self.desk, repaired))
            told |= tell_repair(self.desk, repaired, is_searching=preview.status == "found")
        return told | {"reasons": [both(message) for message in preview.reasons]}

    # --- what is written beside ---------------------------------------------------------------------------

    def export(self, values: object) -> None:
        """Begin to write the plan as a new result folder beside this one.

        Raises
        ------
        RefusedError
            Where the repair of what is asked was not accepted yet, or the name is none for a folder.
        """
        fields = Fields(values)
        fields.only("name")
        name = fields.text("name", 80)
        with self._lock:
            events, review = [*self._events], self._review
        if not review.moment.pins:
            raise RefusedError(Message("nothing is asked, so the result is as it was", "没有任何要求，成果没有变化"))
        if not is_repaired(events, review):
            raise RefusedError(Message("repair the plan first, and accept the repair", "请先修复方案并采纳"))
        out = check_name(self.desk.folder, name)
        self._export.start(lambda: deliver_review(self.desk, events, review, out))
