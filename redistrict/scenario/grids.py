"""Grids (网格): the parts of a community below it, how large, how coded, with whom."""

import re
from fractions import Fraction
from math import ceil, floor
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from redistrict.scenario.section import Section, Share, refusal
from redistrict.scenario.sources import Source

Count = Annotated[int, Field(ge=1, le=1_000_000)]
_FIELD = re.compile(r"\{(community|number)(?::0([1-9]))?\}")


class GridColumns(Section):
    """Which columns of the layer of today's grids hold what."""

    id: str
    """Key of a grid."""
    name: str | None = None
    """Name of the grid."""


class GridSource(Source):
    """Today's grids as polygons; a block belongs to the one that covers most of it."""

    columns: GridColumns
    """Which columns hold the key and the name."""


class Grids(Section):
    """How every community of the plan is divided into grids."""

    households: Count
    """Households of a grid to aim at."""
    tolerance: Share
    """How far a grid may deviate: 0.25 means 25 % below to 25 % above."""
    least: Count | None = None
    """Fewest households of a grid, instead of what the tolerance gives."""
    most: Count | None = None
    """Most households of a grid, instead of what the tolerance gives."""
    workers: Annotated[int, Field(ge=0, le=1000)]
    """Posts of grid workers in a grid."""
    code: str = Field(max_length=60)
    """Pattern of the codes, with `{community}` (its key) and `{number}` or, with leading zeros, `{number:02}`."""
    today: GridSource | None = None
    """Today's grids, of which each new one names the one it mostly continues."""

    @field_validator("code")
    @classmethod
    def _is_a_pattern(cls, code: str) -> str:
        fields = [match[1] for match in _FIELD.finditer(code)]
        rest = _FIELD.sub("", code)
        if sorted(fields) != ["community", "number"] or "{community:" in code or set("{}") & set(rest):
            raise refusal(
                "write {community} and {number} (or {number:02}) once each, and no other braces",
                "{community} 与 {number}（或 {number:02}）须各写一次，不得有其他花括号",
            )
        if not rest.isprintable() or rest != rest.strip():
            raise refusal("a code is one line without spaces around it", "编码应为一行文字，首尾无空格")
        return code

    @model_validator(mode="after")
    def _has_room(self) -> "Grids":
        if not self.lower <= self.households <= self.upper:
            raise refusal(
                f"{self.households} households do not lie between the fewest, {self.lower}, and the most, {self.upper}",
                f"每个网格 {self.households} 户不在下限（{self.lower}）与上限（{self.upper}）之间",
            )
        return self

    @property
    def lower(self) -> int:
        """Fewest households of a grid."""
        return self.least or ceil(self.households * (1 - Fraction(str(self.tolerance))))

    @property
    def upper(self) -> int:
        """Most households of a grid."""
        return self.most or floor(self.households * (1 + Fraction(str(self.tolerance))))

    def code_of(self, community: str, number: int) -> str:
        """Give the code of a grid, `number` from 1."""
        values = {"community": community, "number": str(number)}
        return _FIELD.sub(lambda match: values[match[1]].zfill(int(match[2] or 1)), self.code)
