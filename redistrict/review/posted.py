"""Posted: what browsers send, checked field by field, and turned into what stands in the log."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from redistrict.errors import ScenarioError
from redistrict.jobs.clashes import find_contradiction
from redistrict.jobs.pinned import look_up
from redistrict.messages import Message, plain
from redistrict.review.desk import Desk
from redistrict.review.shown import Shown
from redistrict.review.state import ASKING, KINDS, Event, Review, step
from redistrict.scenario.pins import Pin, dump_pin, read_pin

_MOST_BLOCKS = 20_000
_BODIES = {
    "paint": ("blocks", "community", "reason"),
    "pin": ("pin",),
    "drop": ("pin",),
    "accept": ("preview", "found"),
    "comment": ("on", "text"),
    "settle": ("comment", "is_open"),
    "version": ("name",),
    "restore": ("version",),
}
_NOT_NOW = {
    "drop": Message("this pin is not asked (any more)", "该要求不存在或已撤回"),
    "undo": Message("there is nothing to undo", "没有可撤销的操作"),
    "redo": Message("there is nothing to redo", "没有可重做的操作"),
    "settle": Message("there is no such comment, or it is so already", "没有该批注，或其状态已是如此"),
    "restore": Message("there is no version of this name", "没有此名称的版本"),
}


class RefusedError(Exception):
    """What a browser asked cannot be; `message` says why."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message.en)


@dataclass(frozen=True)
class Posted:
    """An event as it was sent."""

    id: str
    after: int
    author: str
    kind: str
    body: dict[str, Any]


class Fields:
    """A JSON object, read field by field.

    Raises
    ------
    RefusedError
        Where a field is missing, of another type or too long.
    """

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise RefusedError(Message("a JSON object is expected", "应为 JSON 对象"))
        self._values: Mapping[str, Any] = values

    def has(self, key: str) -> bool:
        """Tell whether a field is there."""
        return key in self._values

    def text(self, key: str, most: int, *, least: int = 1) -> str:
        """Give a text of one line."""
        value = self.lines(key, most, least=least)
        if "\n" in value:
            raise _odd(key, "one line", "一行文字")
        return value

    def lines(self, key: str, most: int, *, least: int = 1) -> str:
        """Give a text without control characters but line ends."""
        value = self._values.get(key)
        if not isinstance(value, str) or not least <= len(value.strip()) <= len(value) <= most or not _is_plain(value):
            raise _odd(key, f"text of {least} to {most} characters", f"{least} 至 {most} 个字符的文字")
        return value.strip()

    def number(self, key: str) -> int:
        """Give a whole number from 0."""
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
            raise _odd(key, "a whole number", "非负整数")
        return value

    def flag(self, key: str) -> bool:
        """Give true or false."""
        value = self._values.get(key)
        if not isinstance(value, bool):
            raise _odd(key, "true or false", "true 或 false")
        return value

    def texts(self, key: str) -> list[str]:
        """Give a list of different texts."""
        value = self._values.get(key)
        if not isinstance(value, list) or not 0 < len(value) <= _MOST_BLOCKS or not all(map(_is_key, value)):
            raise _odd(key, "a list of keys", "编号列表")
        return list(dict.fromkeys(value))

    def object(self, key: str) -> dict[str, Any]:
        """Give an object."""
        value = self._values.get(key)
        if not isinstance(value, dict):
            raise _odd(key, "an object", "对象")
        return value

    def only(self, *allowed: str) -> None:
        """Refuse keys that mean nothing."""
        if more := sorted(self._values.keys() - {*allowed}):
            raise _odd(more[0][:40], "no such field", "无此字段")


def read_posted(values: object) -> Posted:
    """Check an event as it was sent, but for what it says of the plan."""
    fields = Fields(values)
    kind = fields.text("kind", 20)
    if kind not in KINDS:
        raise _odd("kind", "one of " + ", ".join(KINDS), "、".join(KINDS))
    fields.only("id", "after", "author", "kind", *_BODIES.get(kind, ()))
    sent = fields.text("id", 64, least=8), fields.number("after"), fields.text("author", 40)
    return Posted(*sent, kind, _read_body(kind, fields))


def _read_body(kind: str, fields: Fields) -> dict[str, Any]:
    match kind:
        case "paint":
            reason = fields.text("reason", 200, least=0) if fields.has("reason") else ""
            return {"blocks": fields.texts("blocks"), "community": fields.text("community", 200), "reason": reason}
        case "pin":
            return {"pin": fields.object("pin")}
        case "drop":
            return {"pin": fields.number("pin")}
        case "accept":
            return {"preview": fields.text("preview", 64), "found": fields.number("found")}
        case "comment":
            return {"on": _read_on(fields.object("on")), "text": fields.lines("text", 500)}
        case "settle":
            return {"comment": fields.number("comment"), "is_open": fields.flag("is_open")}
        case "version":
            return {"name": fields.text("name", 60)}
        case "restore":
            return {"version": fields.text("version", 60)}
    return {}


def _read_on(values: dict[str, Any]) -> dict[str, str]:
    fields = Fields(values)
    key = "community" if "community" in values else "block"
    fields.only(key)
    return {key: fields.text(key, 200)}


def _is_key(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and _is_plain(value)


def _is_plain(text: str) -> bool:
    """Whether a text holds no control characters but line ends, and can be written as UTF-8."""
    return all((ch >= " " or ch == "\n") and ch != "\x7f" and not "\ud800" <= ch <= "\udfff" for ch in text)


def _odd(key: str, allowed: str, allowed_zh: str) -> RefusedError:
    return RefusedError(Message(f"{key}: {allowed}", f"{key}：{allowed_zh}"))


# --- what an event says of the plan -----------------------------------------------------------------------


def admit(desk: Desk, review: Review, shown: Shown, event: Event) -> Event:
    """Give an event as it is to be written: a pin for what is painted, and all of it possible now.

    Parameters
    ----------
    review, shown
        The state that it was made on, and the plan shown then.

    Raises
    ------
    RefusedError
        Where it names what there is not, does not apply, or contradicts what is asked already.
    """
    event = _with_pin(desk, review, shown, event)
    if event.kind == "comment":
        _check_on(desk, shown, event.body["on"])
    after = step(review, event)
    if after is review:
        raise RefusedError(_NOT_NOW[event.kind])
    if event.kind in ASKING:
        _check_pins(desk, [held.pin for held in after.moment.pins])
    return event


def _with_pin(desk: Desk, review: Review, shown: Shown, event: Event) -> Event:
    body = dict(event.body)
    if event.kind == "paint":
        reason = body["reason"] or event.author
        body["pin"] = {"reason": reason} | paint(desk, review, shown, body["blocks"], body["community"])
    if event.kind == "pin":
        asked = {"reason": event.author} | body["pin"]
        Fields(asked).text("reason", 200)
        body["pin"] = dump_pin(_read(asked))
    return replace(event, body=body)


def paint(desk: Desk, review: Review, shown: Shown, blocks: list[str], community: str) -> dict[str, Any]:
    """Give the pin that puts blocks into a community of the plan shown, but for its reason.

    `in` names a community of the result; of one that a repair made, or that is to be split, `with` names a block,
    the one with most residents that is not painted itself.
    """
    if unknown := [block for block in blocks if block not in desk.place]:
        raise RefusedError(Message(f"there is no block {unknown[0]}", f"没有地块 {unknown[0]}"))
    if community not in shown.ids:
        raise RefusedError(Message(f"there is no community {community}", f"没有社区 {community}"))
    pins = [held.pin for held in review.moment.pins]
    anchored = [pin for pin in pins if pin.with_ in blocks]
    if anchored:
        raise RefusedError(
            Message(
                f"block {anchored[0].with_} stands for the community that “{anchored[0].reason}” names: "
                "take that pin back first",
                f"地块 {anchored[0].with_} 代表“{anchored[0].reason}”所指社区：请先撤回该要求",
            )
        )
    is_split = any(pin.split in (community, shown.names[shown.ids.index(community)]) for pin in pins if pin.split)
    if community in desk.basis.before.ids and not is_split:
        return {"blocks": blocks, "in": community}
    painted = {*blocks, *(block for pin in pins if pin.blocks is not None for block in pin.blocks)}
    members = np.flatnonzero(shown.of_block == shown.ids.index(community)).tolist()
    own = [i for i in members if desk.basis.blocks.ids[i] not in painted]
    if not own:
        raise RefusedError(
            Message(f"{community} has no block of its own left", f"{community} 已没有未被调整的地块，无法指明")
        )
    anchor = max(own, key=lambda i: (int(desk.residents[i]), -i))
    return {"blocks": blocks, "with": desk.basis.blocks.ids[anchor]}


def _check_on(desk: Desk, shown: Shown, on: dict[str, str]) -> None:
    known = {*shown.ids, *desk.basis.before.ids} if "community" in on else desk.place.keys()
    (key,) = on.values()
    if key not in known:
        raise RefusedError(Message(f"there is no {key}", f"没有 {key}"))


def _check_pins(desk: Desk, pins: list[Pin]) -> None:
    """Refuse pins that name what there is not, or contradict each other; a miscount may still come right."""
    try:
        asked = look_up(desk.basis, pins)
    except ScenarioError as error:
        raise RefusedError(_joined(error)) from error
    if (clash := find_contradiction(desk.basis, asked)) is not None:
        raise RefusedError(clash.message)


def _read(values: dict[str, Any]) -> Pin:
    try:
        return read_pin(values)
    except ScenarioError as error:
        raise RefusedError(_joined(error)) from error


def _joined(error: ScenarioError) -> Message:
    first, *rest = error.problems
    for message in rest:
        first = first + plain(" ") + message
    return first
