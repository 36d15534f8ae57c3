"""The fold of events: against a plain twin on random events, and its laws of undo, redo and replay."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.errors import ScenarioError
from redistrict.review.state import Event, Review, fold, step

BLOCKS, PLACES, NAMES = ("b1", "b2", "b3", "b4"), ("A", "B"), ("v1", "v2")


def asks() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    some = st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=3, unique=True)
    painted = st.builds(lambda blocks, to: {"reason": "r", "blocks": blocks, "in": to}, some, st.sampled_from(PLACES))
    tied = st.builds(lambda blocks: {"reason": "r", "blocks": blocks, "with": "z"}, some)
    kept = st.sampled_from(PLACES).map(lambda place: {"reason": "r", "keep": place})
    return st.one_of(
        st.tuples(st.just("paint"), st.one_of(painted, tied).map(lambda pin: {"pin": pin})),
        st.tuples(st.just("pin"), kept.map(lambda pin: {"pin": pin})),
    )


def others() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    n = st.integers(1, 12)
    return st.one_of(
        st.tuples(st.sampled_from(["undo", "undo", "redo"]), st.just({})),
        st.tuples(st.just("drop"), n.map(lambda n: {"pin": n})),
        st.tuples(st.just("accept"), st.just({"pins": [], "moves": [], "names": {}})),
        st.tuples(st.just("version"), st.sampled_from(NAMES).map(lambda name: {"name": name})),
        st.tuples(st.just("restore"), st.sampled_from(NAMES).map(lambda name: {"version": name})),
        st.tuples(st.just("comment"), st.just({"on": {"block": "b1"}, "text": "t"})),
        st.tuples(st.just("settle"), st.tuples(n, st.booleans()).map(lambda p: {"comment": p[0], "is_open": p[1]})),
    )


def number(kinds: list[tuple[str, dict[str, Any]]], start: int = 1) -> list[Event]:
    return [Event(n, f"id{n}", "2026", "王", n - 1, kind, body) for n, (kind, body) in enumerate(kinds, start)]


EVENTS = st.lists(st.one_of(asks(), others()), max_size=25).map(number)


def told(review: Review) -> Any:
    """Give what is asked now as plain values: each pin with its event, and the repair."""
    pins = [(held.event, held.pin.model_dump(mode="json", by_alias=True)) for held in review.moment.pins]
    return pins, review.moment.repair


class Twin:
    """The same, told by what stands in the log alone: a list of lists of events, and of a position in it."""

    def __init__(self, events: list[Event]) -> None:
        self.stack: list[tuple[list[Event], int | None]] = [([], None)]
        self.at = 0
        versions: dict[str, tuple[list[Event], int | None]] = {}
        for event in events:
            asked, repair = self.stack[self.at]
            if event.kind in ("paint", "pin"):
                self.push(([*asked, event], repair))
            elif event.kind == "drop" and event.body["pin"] in [n for n, _ in self.pins(asked)]:
                kept = [one for one in asked if one.n != event.body["pin"]]
                gone = next(one for one in asked if one.n == event.body["pin"])
                kept = self.without(kept, gone)
                self.push((kept, repair) if self.pins(kept) else ([], None))
            elif event.kind == "accept":
                self.push((asked, event.n))
            elif event.kind == "undo":
                self.at = max(0, self.at - 1)
            elif event.kind == "redo":
                self.at = min(len(self.stack) - 1, self.at + 1)
            elif event.kind == "version":
                versions[event.body["name"]] = (asked, repair)
            elif event.kind == "restore" and event.body["version"] in versions:
                self.push(versions[event.body["version"]])

    def push(self, moment: tuple[list[Event], int | None]) -> None:
        """Cut off what was undone."""
        self.stack = [*self.stack[: self.at + 1], moment]
        self.at += 1

    @staticmethod
    def without(kept: list[Event], gone: Event) -> list[Event]:
        """Blocks that the dropped pin had taken from older ones do not come back to them."""
        taken = {*gone.body["pin"].get("blocks", ())}
        cut = []
        for one in kept:
            if one.n < gone.n and taken & {*one.body["pin"].get("blocks", ())}:
                left = [block for block in one.body["pin"]["blocks"] if block not in taken]
                if left:
                    pin = one.body["pin"] | {"blocks": left}
                    cut.append(Event(one.n, one.id, one.at, one.author, one.after, one.kind, {"pin": pin}))
            else:
                cut.append(one)
        return cut

    @staticmethod
    def pins(asked: list[Event]) -> list[tuple[int, dict[str, Any]]]:
        """Give each pin with the blocks for which it is the newest that puts them somewhere."""
        newest = {block: one.n for one in asked for block in one.body["pin"].get("blocks", ())}
        found = []
        for one in asked:
            pin = dict(one.body["pin"])
            if "blocks" in pin:
                pin["blocks"] = [block for block in pin["blocks"] if newest[block] == one.n]
                if not pin["blocks"]:
                    continue
            found.append((one.n, pin))
        return found


@given(EVENTS)
def test_a_review_is_what_a_plain_twin_makes_of_its_events(events: list[Event]) -> None:
    """What is asked, by which event, and in which repair, after any events in any order."""
    twin = Twin(events)
    asked, repair = twin.stack[twin.at]
    assert told(fold(events)) == (twin.pins(asked), repair)


@given(EVENTS)
def test_no_block_is_put_in_two_places(events: list[Event]) -> None:
    """In every moment there is: a newer pin takes its blocks from the older ones."""
    for moment in fold(events).history:
        blocks = [block for held in moment.pins for block in held.pin.blocks or ()]
        assert len(blocks) == len({*blocks})
        assert [held.event for held in moment.pins] == sorted(held.event for held in moment.pins)


@given(EVENTS, st.lists(asks(), min_size=1, max_size=5))
def test_as_many_undos_as_changes_lead_back_and_redos_forth(
    events: list[Event], changes: list[tuple[str, dict[str, Any]]]
) -> None:
    """Undo takes back one change each, redo brings each back, and what is done after an undo cuts off the rest."""
    before = fold(events)
    after = fold([*events, *number(changes, len(events) + 1)])
    undo, redo = (Event(99, "u", "2026", "王", 98, kind, {}) for kind in ("undo", "redo"))
    review = after
    for _ in changes:
        review = step(review, undo)
    assert review.moment == before.moment
    again = review
    for _ in changes:
        again = step(again, redo)
    assert again == after
    assert step(again, redo) is again
    other = step(review, number([changes[0]], 98)[0])
    assert step(other, redo) is other


@given(EVENTS)
def test_events_that_do_not_apply_change_nothing(events: list[Event]) -> None:
    """They can be left out of the log; and a log that went through JSON gives the same review."""
    applied: list[Event] = []
    review = Review()
    for event in events:
        after = step(review, event)
        if after is not review:
            applied.append(event)
        review = after
    copies = [Event(**json.loads(json.dumps(vars(event)))) for event in applied]
    assert fold(copies) == review == fold(events)


@given(EVENTS)
def test_comments_stand_beside_the_history(events: list[Event]) -> None:
    """Undo takes no comment back; each is open or settled as was said last."""
    said = {event.n: True for event in events if event.kind == "comment"}
    for event in events:
        if event.kind == "settle" and event.body["comment"] in said and event.body["comment"] < event.n:
            said[event.body["comment"]] = event.body["is_open"]
    assert {one.event: one.is_open for one in fold(events).comments} == said


def test_a_pin_of_no_known_form_never_gets_into_a_review() -> None:
    """What stands in the log is checked again when it is read."""
    event = number([("pin", {"pin": {"reason": "r", "burn": "A"}})])
    with pytest.raises(ScenarioError, match="burn"):
        fold(event)
