"""State: what a list of events comes to. Pure functions over events; nothing else of a review is state.

`history` holds one moment for each thing asked, and `at` says which of them counts: undo and redo only move it, and
whatever is asked next cuts off what was undone. Comments and versions stand beside it. An event that does not apply
(undo where there is nothing to undo) leaves the review the very same object, so that it can be refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from redistrict.scenario.pins import Pin, read_pin

ASKING = ("paint", "pin")
"""Kinds of events that ask something by a pin in their body."""
KINDS = (*ASKING, "drop", "undo", "redo", "accept", "comment", "settle", "version", "restore")
PAINTED = ("in", "with")
"""Forms of pins that put blocks into a community: of two for one block the newer counts."""


@dataclass(frozen=True)
class Event:
    """One thing that somebody did.

    Attributes
    ----------
    n : int
        Its number, from 1.
    id : str
        Made by the browser, so that what is sent twice counts once.
    at : str
        When, in UTC (ISO 8601).
    author : str
    after : int
        Number of the event it was made on.
    kind : str
        One of `KINDS`.
    body : dict
        JSON values; see `posted`.
    """

    n: int
    id: str
    at: str
    author: str
    after: int
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Held:
    """A pin that is asked, with the event and the author it comes from."""

    event: int
    author: str
    pin: Pin


@dataclass(frozen=True)
class Moment:
    """All that is asked at one time.

    Attributes
    ----------
    pins : tuple of Held
        By event.
    repair : int or None
        The event by which a repair was accepted; pins of later events are not in it.
    """

    pins: tuple[Held, ...] = ()
    repair: int | None = None


@dataclass(frozen=True)
class Comment:
    """What somebody says of a community or a block; `on` is ``{"community": id}`` or ``{"block": id}``."""

    event: int
    author: str
    at: str
    on: dict[str, str]
    text: str
    is_open: bool = True


@dataclass(frozen=True)
class Version:
    """A name for a moment; `event` is the one that named it."""

    name: str
    event: int
    author: str
    moment: Moment


@dataclass(frozen=True)
class Review:
    """What all events so far come to."""

    history: tuple[Moment, ...] = (Moment(),)
    at: int = 0
    comments: tuple[Comment, ...] = ()
    versions: tuple[Version, ...] = ()

    @property
    def moment(self) -> Moment:
        """What counts now."""
        return self.history[self.at]


def fold(events: Iterable[Event]) -> Review:
    """Give what events come to, in their order."""
    return reduce(step, events, Review())


def step(review: Review, event: Event) -> Review:
    """Give the review after one more event; the same object where the event does not apply."""
    body, moment = event.body, review.moment
    match event.kind:
        case "paint" | "pin":
            return _push(review, replace(moment, pins=_ask(moment.pins, event)))
        case "drop":
            return _drop(review, body["pin"])
        case "accept":
            return _push(review, replace(moment, repair=event.n))
        case "restore":
            found = [one.moment for one in review.versions if one.name == body["version"]]
            return _push(review, found[-1]) if found else review
        case "undo" if review.at > 0:
            return replace(review, at=review.at - 1)
        case "redo" if review.at + 1 < len(review.history):
            return replace(review, at=review.at + 1)
        case "comment":
            said = Comment(event.n, event.author, event.at, body["on"], body["text"])
            return replace(review, comments=(*review.comments, said))
        case "settle":
            return _settle(review, body["comment"], body["is_open"])
        case "version":
            named = Version(body["name"], event.n, event.author, moment)
            others = (one for one in review.versions if one.name != named.name)
            return replace(review, versions=(*others, named))
    return review


def _push(review: Review, moment: Moment) -> Review:
    """Let a new moment count; what was undone is cut off."""
    return replace(review, history=(*review.history[: review.at + 1], moment), at=review.at + 1)


def _ask(pins: tuple[Held, ...], event: Event) -> tuple[Held, ...]:
    """Add a pin; blocks that it puts somewhere are taken from older pins that put them elsewhere."""
    new = Held(event.n, event.author, read_pin(event.body["pin"]))
    if new.pin.form in PAINTED:
        pins = tuple(left for held in pins if (left := _without(held, new.pin.blocks or ())) is not None)
    return (*pins, new)


def _without(held: Held, blocks: tuple[str, ...]) -> Held | None:
    """Take blocks from a pin that puts them somewhere; none where nothing is left of it."""
    if held.pin.form not in PAINTED:
        return held
    left = tuple(block for block in held.pin.blocks or () if block not in blocks)
    return replace(held, pin=held.pin.model_copy(update={"blocks": left})) if left else None


def _drop(review: Review, event: int) -> Review:
    """Take a pin back; where nothing is asked any more, the result itself is left."""
    moment = review.moment
    left = tuple(held for held in moment.pins if held.event != event)
    if len(left) == len(moment.pins):
        return review
    return _push(review, replace(moment, pins=left) if left else Moment())


def _settle(review: Review, event: int, is_open: bool) -> Review:
    changed = tuple(replace(one, is_open=is_open) if one.event == event else one for one in review.comments)
    return review if changed == review.comments else replace(review, comments=changed)
