"""Pins: what planners ask of a plan, one thing each with its reason, in a scenario or of a finished plan."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from redistrict.messages import Message
from redistrict.scenario.section import Section, refusal

Point = tuple[float, float]
Keys = Annotated[tuple[str, ...], Field(min_length=1)]
Group = Annotated[tuple[str, ...], Field(min_length=2)]

FORMS = {
    **dict.fromkeys(("together", "apart", "keep", "whole", "merge", "estate", "along")),
    "split": "into",
}
"""Keys that each say alone what a pin asks, or with another key; besides there is `blocks` with one of `PLACES`."""
PLACES = {"in": "in_", "with": "with_", "count": "count"}
_HOW = Message(
    "a pin says one thing: blocks with `in`, `with` or `count`, together, apart, keep, whole, merge, split with "
    "`into`, estate, or along",
    "每条固定要求只写一种：blocks 配 in、with 或 count、together、apart、keep、whole、merge、split 配 into、"
    "estate、along",
)


class Stretch(Section):
    """A road or barrier from one point to another, in longitude and latitude or in metres of the map."""

    name: str
    """Name of the road or barrier, as in its `name_column`."""
    start: Point = Field(alias="from")
    """Where the boundary begins: x and y; the nearest point of the line counts."""
    end: Point = Field(alias="to")
    """Where it ends, likewise."""


class Pin(Section):
    """One thing asked of the plan, and why. Communities (in a scenario: today's) are named by key or name."""

    forms: ClassVar[Mapping[str, str | None]] = FORMS
    how: ClassVar[Message] = _HOW

    reason: str = Field(max_length=200)
    """Why, in a few words: it stands beside every move that the pin asks for."""
    blocks: Keys | None = None
    """Blocks that are to lie in one community, which `in` or `with` names."""
    in_: str | None = Field(default=None, alias="in")
    """Community of the plan for `blocks`."""
    with_: str | None = Field(default=None, alias="with")
    """Block whose community, whichever it will be, is that of `blocks`."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Number of communities that `blocks`, and no other block, are to make."""
    together: Group | None = None
    """Blocks that are to lie in one community, whichever."""
    apart: Group | None = None
    """Blocks of which no two are to lie in one community."""
    keep: str | None = None
    """Community that is to stay as it is."""
    whole: str | None = None
    """Community of today whose blocks are to lie in one community."""
    merge: tuple[str, str] | None = None
    """Two communities that are to be one."""
    split: str | None = None
    """Community that is to be divided."""
    into: Annotated[int, Field(ge=2, le=100)] | None = None
    """Number of communities that `split` makes of it."""
    estate: str | None = None
    """Name that blocks bear which are to lie in one community."""
    along: Stretch | None = None
    """Stretch of a road or barrier that is to be a boundary: no two blocks beside it share a community across it."""

    @property
    def form(self) -> str:
        """The key that says what the pin asks: `in`, `with`, `count` or one of `FORMS`."""
        keys = PLACES if self.blocks is not None else {key: key for key in self.forms}
        return next(key for key, name in keys.items() if getattr(self, name) is not None)

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Pin":
        forms = [name for name in ("blocks", *self.forms) if getattr(self, name) is not None]
        n_places = sum(getattr(self, name) is not None for name in PLACES.values())
        is_whole = all(
            (getattr(self, more) is not None) == (name in forms) for name, more in self.forms.items() if more
        )
        if len(forms) != 1 or n_places != ("blocks" in forms) or not is_whole:
            raise refusal(self.how.en, self.how.zh)
        return self
