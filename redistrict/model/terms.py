"""Terms of the cost beyond metres: residents whose community changes, and workers lost to rounding."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import floor, lcm

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.messages import Message
from redistrict.model.succession import Succession, trace_succession
from redistrict.scenario.office import Staffing

IntArray = NDArray[np.int64]
_MOST = 2**60
_PARTS = 2**20
_PRECISION = 100_000


@dataclass(frozen=True, eq=False)
class Stay:
    """What it costs to move residents to another community than today's, and how many may be.

    Attributes
    ----------
    current : (n_rows,) int32
        Today's community of each block, -1 where it has none; a row for each block, or for each that was joined.
    is_home : (n_rows,) bool
        Blocks in the area from which their community of today may be continued: the one with most of its residents.
    residents : (n_rows,) int64
        People, or households where the data have no people.
    rate : int
        Cost of one resident whose community changes, in units of cost.
    max_share : float or None
        Largest share of residents that may change.
    block : (n_rows,) int64 or None
        Where blocks were joined, which one each row is in; else row i is block i.
    shares : (n_rows,) float64 or None
        Where areas have a `max_share` each, that of the area of each row.
    """

    current: NDArray[np.int32]
    is_home: NDArray[np.bool_]
    residents: IntArray
    rate: int
    max_share: float | None
    block: IntArray | None = None
    shares: NDArray[np.float64] | None = None

    @cached_property
    def place(self) -> IntArray:
        """Block of each row, (n_rows,)."""
        return np.arange(len(self.current)) if self.block is None else self.block

    @cached_property
    def first(self) -> IntArray:
        """First row of each block, (n_blocks,)."""
        return np.unique(self.place, return_index=True)[1]

    @cached_property
    def max_moved(self) -> int | None:
        """Most residents that may change."""
        return None if self.max_share is None else floor(Fraction(str(self.max_share)) * self.n_residents)

    def take(self, members: IntArray) -> "Stay":
        """Give the same for some of the blocks."""
        rows, block = members, None
        if self.block is not None:
            at = np.full(int(self.block.max()) + 1, -1, dtype=np.int64)
            at[members] = np.arange(len(members))
            rows = np.flatnonzero(at[self.block] >= 0)
            block = at[self.block[rows]]
        shares = None if self.shares is None else self.shares[rows]
        return replace(
            self,
            current=self.current[rows],
            is_home=self.is_home[rows],
            residents=self.residents[rows],
            max_share=self.max_share if shares is None else float(shares.min()),
            block=block,
            shares=shares,
        )

    def join(self, cluster: IntArray) -> "Stay":
        """Give the same for clusters of blocks, (n_blocks,) their numbers; nothing is added up."""
        return replace(self, block=cluster[self.place])

    def trace(self, assignment: NDArray[np.int32]) -> Succession:
        """Say who continues whom in a plan, (n_blocks,)."""
        return trace_succession(assignment[self.place], self.current, self.residents, is_home=self.is_home)

    @cached_property
    def n_residents(self) -> int:
        """Residents who have a community today."""
        return int(self.residents[self.current >= 0].sum())

    def moved(self, assignment: NDArray[np.int32]) -> int:
        """Give the residents whose community changes, by the rule of `succession`."""
        return self.n_residents - int(self.trace(assignment).kept.sum())


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
    price : int
        Cost of one whole worker, in units of cost.

    Notes
    -----
    What a community is charged is rounded up to whole units of cost. Ratios of many digits make a large `scale`:
    workers are then counted exactly, but charged in about a million parts each.
    """

    share: tuple[int, ...]
    scale: int
    larger: bool
    up: bool
    minimum: int
    price: int

    def cost(self, size: IntArray) -> IntArray:
        """Give the cost of each community of size (k, n_quantities)."""
        need = self.need(size)
        parts = -(-np.abs(self.workers(need) * self.scale - need) // self.grain)
        return np.asarray(-(-self.rate.numerator * parts // self.rate.denominator))

    @cached_property
    def grain(self) -> int:
        """How many times ``1 / scale`` worker are charged as one part."""
        return max(1, self.scale // _PARTS)

    @cached_property
    def most_parts(self) -> int:
        """The most parts that any community is charged."""
        return -(-self.scale * max(1, self.minimum) // self.grain)

    @cached_property
    def rate(self) -> Fraction:
        """Cost of one part, in units of cost; whole where the numbers would grow too large."""
        exact = Fraction(self.price * self.grain, self.scale).limit_denominator(2 * _PARTS)
        return exact if exact.numerator * self.most_parts <= _MOST else Fraction(round(exact))

    def need(self, size: IntArray) -> IntArray:
        """Give the exact need of each community of size (k, n_quantities), ``1 / scale`` workers."""
        parts = size * np.array(self.share, dtype=np.int64)
        return np.asarray(parts.max(axis=1) if self.larger else parts.sum(axis=1))

    def workers(self, need: IntArray) -> IntArray:
        """Give the whole workers of communities with this need, (k,)."""
        whole = -(-need // self.scale) if self.up else (2 * need + self.scale) // (2 * self.scale)
        return np.asarray(np.maximum(whole, self.minimum))


def build_idle_staff(quantities: tuple[str, ...], size: IntArray, rules: Staffing, price: int) -> IdleStaff | None:
    """Put the staffing rules into whole numbers; none where idle workers cost nothing.

    Parameters
    ----------
    size : (n_blocks, n_quantities) int64
    price : int
        Cost of one worker, in units of cost.

    Raises
    ------
    ScenarioError
        If the ratios have too many digits.
    """
    if price == 0:
        return None
    ratios = {"households": rules.households_per_worker, "people": rules.people_per_worker}
    given = {name: ratio for name, ratio in ratios.items() if name in quantities}
    idle = _with_ratios(quantities, given, rules, price)
    if not _is_held(idle, size):
        raise ScenarioError(_say_too_fine(quantities, size, rules, price, given))
    return idle


def _with_ratios(quantities: tuple[str, ...], ratios: dict[str, float], rules: Staffing, price: int) -> IdleStaff:
    n_needs = 1 if rules.combine == "larger" else len(ratios)
    need = {name: 1 / (Fraction(str(ratio)) * n_needs) for name, ratio in ratios.items()}
    scale = lcm(*(part.denominator for part in need.values()))
    return IdleStaff(
        share=tuple(int(need[q] * scale) if q in need else 0 for q in quantities),
        scale=scale,
        larger=rules.combine == "larger",
        up=rules.rounding == "up",
        minimum=rules.minimum,
        price=price,
    )


def _is_held(idle: IdleStaff, size: IntArray) -> bool:
    """Tell whether the need of all blocks together is far from leaving 64 bits, and the rate is precise."""
    totals: list[int] = size.sum(axis=0).tolist()
    need = sum(total * share for total, share in zip(totals, idle.share, strict=True))
    exact = Fraction(idle.price * idle.grain, idle.scale)
    return max(need, idle.rate.numerator * idle.most_parts) <= _MOST and abs(idle.rate - exact) <= exact / _PRECISION


def _say_too_fine(
    quantities: tuple[str, ...], size: IntArray, rules: Staffing, price: int, ratios: dict[str, float]
) -> Message:
    """Name the ratios, and the most digits that would do."""
    found = " / ".join(str(ratio) for ratio in ratios.values())
    keys = ", ".join(f"standards.staffing.{name}_per_worker" for name in ratios)
    for digits in range(9, -1, -1):
        rounded = {name: round(ratio, digits) for name, ratio in ratios.items()}
        if all(rounded.values()) and _is_held(_with_ratios(quantities, rounded, rules, price), size):
            shorter = " / ".join(f"{ratio:.15g}" for ratio in rounded.values())
            advice = Message(f"give fewer digits, such as {shorter}", f"请减少小数位数，例如 {shorter}")
            break
    else:
        advice = Message(
            "give whole numbers, or a lower objective.idle_staff or standards.staffing.minimum",
            "请改用整数，或降低 objective.idle_staff 或 standards.staffing.minimum",
        )
    return Message(
        f"{keys}: with {found}, objective.idle_staff cannot be charged in whole numbers of 64 bits; {advice.en}.",
        f"{keys}：取值 {found} 时，objective.idle_staff 无法用 64 位整数计入；{advice.zh}。",
    )
