"""Terms of the cost beyond metres: residents whose community changes, and workers lost to rounding."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import floor, lcm

import numpy as np
from numpy.typing import NDArray

from redistrict.model.succession import trace_succession
from redistrict.scenario.office import Staffing

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stay:
    """What it costs to move residents to another community than today's, and how many may be.

    Attributes
    ----------
    current : (n_blocks,) int32
        Today's community of each block, -1 where it has none.
    is_home : (n_blocks,) bool
        Blocks in the area from which their community of today may be continued: the one with most of its residents.
    residents : (n_blocks,) int64
        People, or households where the data have no people.
    rate : int
        Cost of one resident whose community changes, weighted centimetres.
    max_share : float or None
        Largest share of residents that may change.
    """

    current: NDArray[np.int32]
    is_home: NDArray[np.bool_]
    residents: IntArray
    rate: int
    max_share: float | None

    @cached_property
    def max_moved(self) -> int | None:
        """Most residents that may change."""
        return None if self.max_share is None else floor(Fraction(str(self.max_share)) * self.n_residents)

    def take(self, members: IntArray) -> "Stay":
        """Give the same for some of the blocks."""
        return replace(
            self,
            current=self.current[members],
            is_home=self.is_home[members],
            residents=self.residents[members],
        )

    @cached_property
    def n_residents(self) -> int:
        """Residents who have a community today."""
        return int(self.residents[self.current >= 0].sum())

    def moved(self, assignment: NDArray[np.int32]) -> int:
        """Give the residents whose community changes, by the rule of `succession`."""
        kept = trace_succession(assignment, self.current, self.residents, is_home=self.is_home).kept
        return self.n_residents - int(kept.sum())


@dataclass(frozen=True)
class IdleStaff:
    """What rounding to whole workers costs a community: the difference of its workers and its exact need.

    The need of a community of size s is ``s @ share / scale`` workers (the largest product alone where `combine` is
    `larger`), exact in whole numbers.

    Attributes
    ----------
    share : tuple of int
        One entry for each quantity; 0 for those that need no workers.
    scale : int
    larger, up : bool
        The larger need decides, not the mean; fractions are rounded up, not to the nearest.
    minimum : int
        Fewest workers of a community.
    rate : int
        Cost of ``1 / scale`` worker, weighted centimetres.
    """

    share: tuple[int, ...]
    scale: int
    larger: bool
    up: bool
    minimum: int
    rate: int

    def cost(self, size: IntArray) -> IntArray:
        """Give the cost of each community of size (k, n_quantities)."""
        need = self.need(size)
        return np.asarray(self.rate * np.abs(self.workers(need) * self.scale - need))

    def need(self, size: IntArray) -> IntArray:
        """Give the exact need of each community of size (k, n_quantities), ``1 / scale`` workers."""
        parts = size * np.array(self.share, dtype=np.int64)
        return np.asarray(parts.max(axis=1) if self.larger else parts.sum(axis=1))

    def workers(self, need: IntArray) -> IntArray:
        """Give the whole workers of communities with this need, (k,)."""
        whole = -(-need // self.scale) if self.up else (2 * need + self.scale) // (2 * self.scale)
        return np.asarray(np.maximum(whole, self.minimum))


def build_idle_staff(quantities: tuple[str, ...], rules: Staffing, cost_per_worker: int) -> IdleStaff | None:
    """Put the staffing rules into whole numbers; none where idle workers cost nothing."""
    if cost_per_worker == 0:
        return None
    ratios = {"households": rules.households_per_worker, "people": rules.people_per_worker}
    given = [q for q in quantities if q in ratios]
    n_needs = 1 if rules.combine == "larger" else len(given)
    need = {q: 1 / (Fraction(str(ratios[q])) * n_needs) for q in given}
    scale = lcm(*(part.denominator for part in need.values()))
    return IdleStaff(
        share=tuple(int(need[q] * scale) if q in need else 0 for q in quantities),
        scale=scale,
        larger=rules.combine == "larger",
        up=rules.rounding == "up",
        minimum=rules.minimum,
        rate=max(1, round(cost_per_worker / scale)),
    )
