"""Prospects: what is sure of the communities of an area before there are any, by totals, numbers and bounds alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.areas import NO_BOUND, Limits
from redistrict.model.problem import Problem
from redistrict.scenario.enforce import Ends

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Prospect:
    """An area, or the whole city where communities are only merged, with what no plan of it leaves.

    Attributes
    ----------
    name : str
        Empty for the whole city.
    blocks : (n,) int64
    size : (n, n_quantities) int64
    quantities : tuple of str
    options : tuple of Limits
        Each number of communities, with bounds that every plan keeps.
    is_redrawn : bool
        Every community is connected; one that is merged, or stays as it is, may be in pieces.
    """

    name: str
    blocks: IntArray
    size: IntArray
    quantities: tuple[str, ...]
    options: tuple[Limits, ...]
    is_redrawn: bool

    @property
    def fewest(self) -> int:
        """Fewest communities."""
        return min(option.n_communities for option in self.options)

    @property
    def most(self) -> int:
        """Most communities."""
        return max(option.n_communities for option in self.options)

    def say_numbers(self) -> str:
        """Give the number of communities, or from where to where it is."""
        return f"{self.fewest}" if self.fewest == self.most else f"{self.fewest}-{self.most}"

    def total(self, quantity: str) -> int:
        """Give the sum of a quantity."""
        return int(self.size[:, self.quantities.index(quantity)].sum())

    def largest(self, quantity: str) -> int:
        """Give the most that one block has of a quantity."""
        return int(self.size[:, self.quantities.index(quantity)].max(initial=0))

    def bounds(self, quantity: str) -> tuple[int, int]:
        """Give the least and the most that the bounds allow, whatever the number of communities."""
        q = self.quantities.index(quantity)
        return min(o.lower[q] for o in self.options), max(o.upper[q] for o in self.options)

    def span(self, quantity: str) -> tuple[int, int]:
        """Give the least and the most that any community can have, so that something is left for the others."""
        q, total = self.quantities.index(quantity), self.total(quantity)
        each = [(o.n_communities - 1, o.lower[q], o.upper[q]) for o in self.options]
        least = min(max(low, total - others * high) for others, low, high in each)
        return least, max(min(high, total - others * low) for others, low, high in each)

    def count_failing(self, quantity: str, ends: Ends) -> int:
        """Count the communities that must lie outside `ends` at least, whatever the plan."""
        q, total = self.quantities.index(quantity), self.total(quantity)
        failing = min(o.n_communities - _most_within(o, q, total, ends) for o in self.options)
        return max(failing, int(ends[1] is not None and self.largest(quantity) > ends[1]))

    def counting(self, quantity: str, amounts: IntArray) -> "Prospect":
        """Give the same, with the amounts of each block of a quantity that no bound speaks of."""
        options = tuple(Limits(o.n_communities, (0,), (0,), (NO_BOUND,)) for o in self.options)
        return replace(self, size=amounts[:, None], quantities=(quantity,), options=options)

    def can_share(self, cells: Sequence[IntArray]) -> bool:
        """Tell whether the sums let every community lie inside one cell.

        Parameters
        ----------
        cells : sequence of (n,) int64
            Positions in `blocks`, each in one cell.
        """
        return any(_can_share(option, [self._held(cell) for cell in cells]) for option in self.options)

    def find_odd(self, cells: Sequence[IntArray]) -> tuple[int, ...] | None:
        """Give the sums of the first cell that holds no whole number of communities; none where each may hold one."""
        held = (self._held(cell) for cell in cells)
        return next((one.totals for one in held if all(_share(option, one) is None for option in self.options)), None)

    def _held(self, cell: IntArray) -> "_Held":
        return _Held(tuple(self.size[cell].sum(axis=0).tolist()), len(cell))


class _Held(NamedTuple):
    """What a cell holds: the sum of each quantity, and blocks."""

    totals: tuple[int, ...]
    n_blocks: int


def list_prospects(problem: Problem) -> tuple[Prospect, ...]:
    """Give the areas with what is sure of them; where bounds may be left, numbers and totals alone are."""
    if problem.mergers is not None:
        return (_whole_city(problem),)
    return tuple(
        Prospect(
            name=area.name or "-",
            blocks=np.array(area.blocks, dtype=np.int64),
            size=problem.size[list(area.blocks)],
            quantities=problem.quantities,
            options=tuple(map(_opened, area.options)) if problem.frees else area.options,
            is_redrawn=True,
        )
        for area in problem.areas
    )


def _whole_city(problem: Problem) -> Prospect:
    """Give the city whose communities are merged: one that stays as it is may lie outside the bounds."""
    mergers = problem.mergers
    assert mergers is not None, "the caller has looked"
    n_parts, (low, high) = len(mergers.names), mergers.count
    if mergers.is_locked.all():
        low = n_parts
    low = max(low, sum(n for n, _ in mergers.count_by_area))
    high = min(high, sum(n for _, n in mergers.count_by_area))
    free = _opened(problem.areas[0].options[0])
    return Prospect(
        name="",
        blocks=np.arange(problem.n_blocks),
        size=problem.size,
        quantities=problem.quantities,
        options=tuple(free.of_count(n) for n in range(low, max(low, high) + 1)),
        is_redrawn=False,
    )


def _opened(limits: Limits) -> Limits:
    n = len(limits.lower)
    return replace(limits, lower=(0,) * n, upper=(NO_BOUND,) * n)


def _most_within(option: Limits, q: int, total: int, ends: Ends) -> int:
    """Give the most communities that can lie within `ends`, the others anywhere inside the bounds."""
    n, low, high = option.n_communities, option.lower[q], option.upper[q]
    least = low if ends[0] is None else max(low, ends[0])
    most = high if ends[1] is None else min(high, ends[1])
    if least > most:
        return 0
    fitting = (m for m in range(n, 0, -1) if m * least + (n - m) * low <= total <= m * most + (n - m) * high)
    return next(fitting, 0)


def _can_share(option: Limits, cells: Sequence[_Held]) -> bool:
    """Tell whether each cell can hold a whole number of communities inside the bounds, and all together theirs."""
    shares = [_share(option, cell) for cell in cells]
    whole = [share for share in shares if share is not None]
    fewest, most = sum(low for low, _ in whole), sum(high for _, high in whole)
    return len(whole) == len(cells) and fewest <= option.n_communities <= most


def _share(option: Limits, cell: _Held) -> tuple[int, int] | None:
    """Give the fewest and the most communities inside the bounds that a cell can hold; none where it holds none."""
    limits = list(zip(cell.totals, option.lower, option.upper, strict=True))
    low = max(1, *(-(-total // upper) for total, _, upper in limits if upper > 0))
    high = min(cell.n_blocks, option.n_communities, *(total // lower for total, lower, _ in limits if lower > 0))
    return (low, high) if low <= high else None
