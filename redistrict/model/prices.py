"""Prices: the one place where prices in weighted metres become whole numbers of a unit of cost.

The unit is a weighted centimetre wherever every price can be held in it, else the largest decimal fraction of it that
can. What is charged is what is written:

1. one household or person off target, one resident moved or whose unit of a level changes, one idle worker and one neck
   to a millionth of the price;
2. a frontage to half a unit, a metre at the lowest weight being ten units or more, and the idle staff of a community
   to one unit;
3. where the dearest plan would then cost more than `MOST_UNITS`, the unit is the finest that avoids this, and 1 holds
   to a ten-thousandth;
4. what cannot be held so is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import ContiguityGraph
from redistrict.messages import Message
from redistrict.model.areas import Area, target_of
from redistrict.model.dear import DearLevel
from redistrict.model.quantities import is_counted_today
from redistrict.scenario.models import Communities, Objective

COST_PER_METRE = 100
"""Units of cost in a weighted metre, where no price needs finer ones."""
MOST_UNITS = 2**48
"""No plan costs more: the provers count in 2,000ths of a unit, and stay below 2**60."""
_FINE, _COARSE = Fraction(1, 10**6), Fraction(1, 10**4)
_LEAST_FOR_A_METRE = 10
_UNITS = tuple(10**digits for digits in range(2, 15))

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Prices:
    """Prices in units of cost.

    Attributes
    ----------
    per_metre : int
        Units in a weighted metre.
    deviation : (n_quantities,) int64
        One household or person off target.
    resident : int
        One resident whose community changes.
    worker : int
        One whole worker lost to rounding.
    neck : int
        One part behind a neck.
    levels : tuple of DearLevel
        One resident whose unit changes, of each dear level.
    """

    per_metre: int
    deviation: IntArray
    resident: int
    worker: int
    neck: int
    levels: tuple[DearLevel, ...]


@dataclass(frozen=True)
class _Price:
    """A price as written.

    Attributes
    ----------
    key : str
        Where it is written.
    written : Fraction
    metres : Fraction
        Weighted metres for one of what is counted.
    most : int
        The most that any plan can have of it.
    is_length : bool
        Metres are counted, each frontage rounded once.
    section : str
        The section of the scenario that `key` is in.
    """

    key: str
    written: Fraction
    metres: Fraction
    most: int
    is_length: bool = False
    section: str = "objective"

    @property
    def path(self) -> str:
        """Where it is written, the section included."""
        return f"{self.section}.{self.key}"

    def is_held(self, per_metre: int, precision: Fraction) -> bool:
        """Tell whether the price is charged as written."""
        exact = self.metres * per_metre
        return exact >= _LEAST_FOR_A_METRE if self.is_length else abs(round(exact) - exact) <= precision * exact

    def times(self, factor: Fraction) -> "_Price":
        """Give the same for a price written higher or lower."""
        return replace(self, written=self.written * factor, metres=self.metres * factor)


def build_prices(
    blocks: Blocks,
    graph: ContiguityGraph,
    communities: Communities,
    objective: Objective,
    areas: Sequence[Area],
    *,
    n_residents: int,
    fewest_workers: int,
) -> Prices:
    """Put the prices of a scenario into whole numbers.

    Parameters
    ----------
    n_residents : int
        Residents who could change community.
    fewest_workers : int
        Of any community.

    Raises
    ------
    ScenarioError
        If no unit holds all of them, naming the two that lie too far apart.

    Notes
    -----
    One per cent of deviation is one per cent of the target in `communities.target`, or, where none is written, of
    the mean that the fewest communities allowed would have.
    """
    goals = _find_goals(blocks, communities, areas)
    disruption, worker = map(as_written, (objective.disruption, objective.idle_staff))
    deviation = [_price_off(name, communities, objective) for name in blocks.quantities]
    neck = as_written(objective.neck.each) if objective.neck else Fraction(0)
    everybody = int(blocks.size.sum(axis=0).max(initial=0))
    each = [(level, as_written(level.asked.each)) for level in blocks.levels if level.asked and level.asked.each]
    n_most = sum(area.n_max for area in areas) * max(1, fewest_workers)
    off = [100 * price / goal if goal else Fraction(0) for (_, _, price), goal in zip(deviation, goals, strict=True)]
    prices = [
        *_list_lengths(graph, objective),
        *(
            _Price(key, price, metres, _most_off(areas, q), section=section)
            for q, ((section, key, price), metres) in enumerate(zip(deviation, off, strict=True))
        ),
        _Price("disruption", disruption, disruption, n_residents),
        *(_Price(f"{level.key}.each", metres, metres, everybody, section="levels") for level, metres in each),
        _Price("idle_staff", worker, worker, n_most),
        _Price("neck.each", neck, neck, len(blocks)),
    ]
    per_metre = _choose_unit([price for price in prices if price.metres and price.most])
    return Prices(
        per_metre=per_metre,
        deviation=np.array([round(metres * per_metre) for metres in off], dtype=np.int64),
        resident=round(disruption * per_metre),
        worker=round(worker * per_metre),
        neck=round(neck * per_metre),
        levels=tuple(DearLevel(level.unit, round(metres * per_metre)) for level, metres in each),
    )


def as_written(value: float) -> Fraction:
    """Give a number of the scenario exactly as its decimal digits have it."""
    return Fraction(str(value))


def crossing_weight(objective: Objective, road_class: str) -> float:
    """Give the price of a metre of road of a class; what must never be crossed has none."""
    weight = objective.crossing.get(road_class, 0.0)
    return 0.0 if weight == "never" else weight


def _list_lengths(graph: ContiguityGraph, objective: Objective) -> Iterable[_Price]:
    """Give the price of a metre of each class of road, and of frontage."""
    for name, metres in zip(graph.classes, graph.crossing_m.sum(axis=0).tolist(), strict=True):
        weight = as_written(crossing_weight(objective, name))
        yield _Price(f"crossing.{name}", weight, weight, ceil(metres), is_length=True)
    weight = as_written(objective.boundary)
    yield _Price("boundary", weight, weight, ceil(graph.frontage_m.sum()), is_length=True)


def _find_goals(blocks: Blocks, communities: Communities, areas: Sequence[Area]) -> list[Fraction]:
    """Give what deviations are shares of, one for each quantity; 0 for what has no target."""
    n_fewest = max(1, sum(area.n_min for area in areas))
    totals = blocks.size.sum(axis=0).tolist()
    means = [max(Fraction(total, n_fewest), Fraction(1)) for total in totals]
    return [
        Fraction(target_of(communities, name) or mean) if is_counted_today(name) else Fraction(0)
        for name, mean in zip(blocks.quantities, means, strict=True)
    ]


def _price_off(quantity: str, communities: Communities, objective: Objective) -> tuple[str, str, Fraction]:
    """Give section, key and price of one per cent of a quantity off target."""
    other = communities.others.get(quantity)
    if other is None or other.price is None:
        return "objective", "deviation", as_written(objective.deviation)
    return "communities", f"others.{quantity}.price", as_written(other.price)


def _most_off(areas: Sequence[Area], q: int) -> int:
    """Give the most that all communities together can be off target."""
    return sum(area.total[q] + max(o.n_communities * o.target[q] for o in area.options) for area in areas)


def _choose_unit(prices: Sequence[_Price]) -> int:
    """Give the units in a metre.

    Raises
    ------
    ScenarioError
        If there are none that hold every price.
    """
    found = _find_unit(prices)
    if found is None:
        raise ScenarioError(_say_too_far_apart(prices))
    return found


def _find_unit(prices: Sequence[_Price]) -> int | None:
    most_m = sum((price.metres * price.most for price in prices), Fraction(0))
    units: list[int] = [unit for unit in _UNITS if unit * most_m <= MOST_UNITS]
    for unit in units:
        if all(price.is_held(unit, _FINE) for price in prices):
            return unit
    return units[-1] if units and all(price.is_held(units[-1], _COARSE) for price in prices) else None


def _say_too_far_apart(prices: Sequence[_Price]) -> Message:
    """Name the price that can charge most and the one that needs the finest unit, and what would do."""
    high = max(prices, key=lambda price: price.metres * price.most)
    low = max(prices, key=_find_own_unit)
    lower, higher = _first_held(prices, high.path, Fraction(1, 10)), _first_held(prices, low.path, Fraction(10))
    advice = []
    if lower is not None:
        advice.append(Message(f"lower {high.path} to {lower:.15g}", f"将 {high.path} 降至 {lower:.15g}"))
    if higher is not None and high.path != low.path:
        advice.append(
            Message(
                f"raise {low.path} to {higher:.15g}, or set it to 0",
                f"将 {low.path} 提高到 {higher:.15g} 或设为 0",
            )
        )
    advice = advice or [Message("lower the prices under objective", "降低 objective 中的各项单价")]
    most_m, dear, fine = float(high.metres * high.most), float(high.written), float(low.written)
    return Message(
        f"{high.section}: {high.key} {dear:.15g} can charge up to {most_m:,.0f} weighted metres; beside that, "
        f"{low.key} {fine:.15g} cannot be charged as written, to one part in 10,000. "
        f"Please {', or '.join(one.en for one in advice)}.",
        f"{high.section}：{high.key} {dear:.15g} 最多可计 {most_m:,.0f} 加权米，此时 {low.key} {fine:.15g} "
        f"无法以万分之一的精度计入。请{'，或'.join(one.zh for one in advice)}。",
    )


def _find_own_unit(price: _Price) -> int:
    """Give the units in a metre that the price needs by itself."""
    return next((unit for unit in _UNITS if price.is_held(unit, _COARSE)), MOST_UNITS)


def _first_held(prices: Sequence[_Price], path: str, factor: Fraction) -> float | None:
    """Give the first of the values a price would have, changed by `factor` again and again, that is held."""
    for times in range(1, 20):
        changed = [price.times(factor**times) if price.path == path else price for price in prices]
        if _find_unit(changed) is not None:
            return next(float(price.written) for price in changed if price.path == path)
    return None
