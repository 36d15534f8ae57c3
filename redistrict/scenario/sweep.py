"""Sweep: one scenario asked over and over, with other values of its keys."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Annotated

from pydantic import Field, model_validator

from redistrict.scenario.section import Section, refusal

Scalar = int | float | str | None
Values = Mapping[str, Scalar]
"""What a point changes: keys with dots, as `--set` takes them."""


class Sweep(Section):
    """Values of other keys for which the scenario is asked anew: all of the grid, then those of the list."""

    grid: dict[str, Annotated[tuple[Scalar, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Values of each key, which has dots as in `--set`: every value of one with every value of the others."""
    list: tuple[dict[str, Scalar], ...] = ()
    """Points besides: of each the keys that are not as in the scenario; `{}` is the scenario as it stands."""
    most: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Most points; where there would be more, nothing is solved."""

    @property
    def n_points(self) -> int:
        """Number of points."""
        return (prod(map(len, self.grid.values())) if self.grid else 0) + len(self.list)

    def points(self) -> Iterator[Values]:
        """Give what each point changes; of the grid the last key goes round first."""
        for values in product(*self.grid.values()) if self.grid else ():
            yield dict(zip(self.grid, values, strict=True))
        yield from self.list

    @model_validator(mode="after")
    def _has_few_points(self) -> "Sweep":
        keys = [*self.grid, *(key for values in self.list for key in values)]
        if wrong := [key for key in keys if not _is_key(key)]:
            raise refusal(
                f"'{wrong[0]}' is no key that can be swept; write one with dots, such as communities.count",
                f"{wrong[0]} 不是可遍历的键；应写成带点的键，例如 communities.count",
            )
        if self.n_points == 0:
            raise refusal("give 'grid', 'list' or both", "grid 与 list 至少要写一个")
        if self.n_points > self.most:
            raise refusal(
                f"there would be {self.n_points:,} points, and at most {self.most:,} are solved; give fewer values, or "
                "raise sweep.most",
                f"共有 {self.n_points:,} 个点，超过上限 {self.most:,} 个；请减少取值，或增大 sweep.most",
            )
        return self


def _is_key(key: str) -> bool:
    """Whether a key is written in the one way in which it is looked up again: no part is empty, or has blanks."""
    names = key.split(".")
    return names[0] != "sweep" and all(names) and names == [name.strip() for name in names]
