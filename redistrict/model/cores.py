"""Cores: of things that cannot hold together, some of which none can be left out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from redistrict.messages import Message, list_of

T = TypeVar("T")


def shrink(all_of: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Leave out one after the other as long as the rest fails; none of those that remain can be left out."""
    core = list(all_of)
    for one in all_of:
        rest = [other for other in core if other is not one]
        if fails(rest):
            core = rest
    return core


def say_core(names: Sequence[Message], why: Message) -> Message:
    """Say that one thing cannot hold, or that several contradict each other, and why; without a full stop."""
    named = list_of(names)
    if len(names) == 1:
        return Message(f"{named.en} cannot hold: {why.en}", f"{named.zh}无法满足：{why.zh}")
    return Message(f"{named.en} contradict each other: {why.en}", f"{named.zh}互相矛盾：{why.zh}")
