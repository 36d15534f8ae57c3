"""Kinds of communities, and the prices of blocks and names that promise the highest bound on the cost of a plan."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.necks import count_loose_parts
from redistrict.solver.surround import find_surrounded
from redistrict.solver.sweep.boxed_program import Column, best_inside_box
from redistrict.solver.sweep.cheapest_community import block_shares, half_costs, half_set_costs
from redistrict.solver.sweep.diagram import PART, Diagram
from redistrict.solver.sweep.diagram_paths import Rows, cheapest_with_each
from redistrict.solver.sweep.extend_sets import FAR
from redistrict.solver.tasks.stop import Stop

IntArray = NDArray[np.int64]

_MOST_ROUNDS = 60
_FIRST_BOX = 0.2
_OF_LEFT, _OF_PRICES = 0.02, 0.001
"""No better prices are looked for once they promise less than these shares of what is left to prove, and of them."""
_ENTRY_WORK = 10
"""Work of an entry of a linear program, in visits of a node of a diagram."""


@dataclass(frozen=True, eq=False)
class Kind:
    """The communities that take one name of today's, or those that take none.

    Attributes
    ----------
    bonus : (n_blocks,) int64
        What the residents of a block who stay take off the cost.
    diagram : Diagram
    """

    bonus: IntArray
    diagram: Diagram


@dataclass(frozen=True, eq=False)
class Prices:
    """What communities get for blocks and pay for names, in parts of half units, and what that proves.

    Attributes
    ----------
    block : (n_blocks,) int64
    name : (n_kinds,) int64
        At least 0; 0 for those that take no name.
    least : int
        No community costs less beyond these.
    total : int
        No plan costs less.
    box : float
        Prices may move by this share of themselves and their mean.
    """

    block: IntArray
    name: IntArray
    least: int = -FAR
    total: int = -FAR
    box: float = _FIRST_BOX

    @property
    def bound(self) -> int:
        """No plan costs less."""
        return -(-self.total // (2 * PART))

    @property
    def scale(self) -> int:
        """Sum of the prices of blocks."""
        return int(np.abs(self.block).sum())


class Pricing:
    """The communities met, each once a kind, with their costs: the columns of a linear program."""

    def __init__(self, problem: AreaProblem, stop: Stop, most_work: int) -> None:
        self._problem = problem
        self._stop = stop
        self._fixed = PART * half_costs(problem).fixed
        if problem.stay is not None:
            self._fixed += 2 * PART * problem.stay.rate * problem.stay.n_residents
        self._columns: dict[tuple[int, bytes], int] = {}
        self._unit = 1.0
        self.work_left = most_work

    @property
    def is_over(self) -> bool:
        """Tell whether the work is used up or it is time to stop."""
        return self.work_left <= 0 or self._stop.reason is not None

    def first_prices(self, kinds: list[Kind]) -> tuple[Prices, Prices]:
        """Give no prices, and prices by size as if all communities cost what those do that are cheapest then."""
        problem = self._problem
        name = np.zeros(len(kinds), dtype=np.int64)
        free = self._price(kinds, Prices(np.zeros(problem.n_blocks, dtype=np.int64), name))
        mean = problem.n_communities * float(np.mean([0, *self._columns.values()]))
        self._unit = 1.0 + mean / problem.n_blocks
        return free, Prices(np.floor(mean * block_shares(problem)).astype(np.int64), name)

    def improve(self, kinds: list[Kind], *starts: Prices, goal: int) -> Prices:
        """Give better prices for these diagrams: until the goal is passed, or little more can be won."""
        best = max((self._price(kinds, prices) for prices in starts), key=lambda prices: prices.total)
        for _ in range(_MOST_ROUNDS):
            if best.bound > goal or self.is_over:
                break
            promise, tried = self._best_inside_box(kinds, best)
            hoped = promise - best.total
            if hoped <= min(_OF_LEFT * (2 * PART * (goal + 1) - best.total), _OF_PRICES * best.scale):
                break
            found = self._price(kinds, tried)
            won = found.total - best.total
            if won > 0:
                best = replace(found, box=best.box * 2 if won > hoped / 2 else best.box)
            elif won < -hoped:
                best = replace(best, box=best.box / 2)
        return best

    def limit(self, prices: Prices, goal: int, number: int) -> int:
        """Give what a community of a kind costs at most, if a plan costs no more than the goal."""
        left = 2 * PART * goal - prices.total + prices.least
        return int(left - prices.name[number])

    def keep_feasible(self) -> None:
        """Forget what lies outside the bounds, and what coarse diagrams have said of costs."""
        kept = {}
        for number, blocks in self._columns:
            row = np.zeros((1, self._problem.n_blocks), dtype=bool)
            row[0, np.frombuffer(blocks, dtype=np.int64)] = True
            if are_inside(self._problem, row)[0]:
                kept[number, blocks] = PART * int(set_costs(self._problem, row)[0])
        self._columns = kept

    def _price(self, kinds: list[Kind], prices: Prices) -> Prices:
        """Find what the prices prove; the communities met on the way become columns."""
        least = FAR
        for number, kind in enumerate(kinds):
            reward = prices.block + kind.bonus
            cost, rows = cheapest_with_each(kind.diagram, reward)
            self.work_left -= kind.diagram.n_nodes
            least = min(least, int(cost.min(initial=FAR)) + int(prices.name[number]))
            for row, value in zip(rows, (cost + rows @ reward).tolist(), strict=True):
                self._columns[number, np.flatnonzero(row).tobytes()] = value
        total = self._fixed + int(prices.block.sum()) - int(prices.name.sum()) + self._problem.n_communities * least
        return replace(prices, least=least, total=total if least < FAR else FAR)

    def _best_inside_box(self, kinds: list[Kind], prices: Prices) -> tuple[int, Prices]:
        """Give the prices near these at which the communities met promise the highest total, and that total."""
        if not self._columns:  # nothing was met inside the bounds: no price promises anything
            return prices.total, prices
        center = np.append(prices.block, prices.name).astype(np.float64)
        unit = self._unit
        reach = prices.box * (np.abs(center) + unit)
        low, high = (center - reach) / unit, (center + reach) / unit
        low[prices.block.size :] = np.maximum(low[prices.block.size :], 0.0)
        low[-1] = high[-1] = 0.0
        columns = [self._column(kinds, number, blocks, cost) for (number, blocks), cost in self._columns.items()]
        self.work_left -= _ENTRY_WORK * sum(len(column.blocks) for column in columns)
        n_blocks = prices.block.size
        most = float(np.abs(low).sum() + np.abs(high).sum()) + max(self._columns.values()) / unit
        found = best_inside_box(
            low, high, columns, n_blocks=n_blocks, n_communities=self._problem.n_communities, most=most
        )
        if found is None:
            return prices.total, prices
        price = np.floor(unit * found.price).astype(np.int64)
        best = replace(prices, block=price[:n_blocks], name=np.maximum(price[n_blocks:], 0))
        return self._fixed + round(unit * found.promise), best

    def _column(self, kinds: list[Kind], number: int, blocks: bytes, cost: int) -> Column:
        members = np.frombuffer(blocks, dtype=np.int64)
        return Column(members.tolist(), number, (cost - int(kinds[number].bonus[members].sum())) / self._unit)


def set_costs(problem: AreaProblem, rows: Rows) -> IntArray:
    """Give what each set of blocks costs as a community, half units: with idle workers, necks and levels."""
    cost = half_set_costs(problem, half_costs(problem), rows)
    if problem.necks is not None and problem.necks.price is not None:
        cost = cost + 2 * problem.necks.price * count_loose_parts(problem.necks, rows)
    if problem.dear is not None:
        cost = cost + 2 * problem.dear.cost_of(rows @ problem.dear.count(np.arange(problem.n_blocks), problem.n_blocks))
    return cost if problem.idle is None else np.asarray(cost + 2 * problem.idle.cost(rows @ problem.size))


def are_inside(problem: AreaProblem, rows: Rows) -> NDArray[np.bool_]:
    """Tell which sets of blocks are inside the bounds, may be outlines, and hold no two blocks to be kept apart."""
    size = rows @ problem.size
    inside = (size >= problem.lower).all(axis=1) & (size <= problem.upper).all(axis=1)
    together = np.asarray(rows[:, problem.apart].all(axis=2))
    return np.asarray(inside & ~together.any(axis=1) & may_be_outlines(problem, rows))


def may_be_outlines(problem: AreaProblem, rows: Rows) -> NDArray[np.bool_]:
    """Tell which sets of blocks have the shape of communities: compact, around no other, without necks, as asked."""
    asked, allowed = problem.compactness, np.ones(len(rows), dtype=bool)
    if asked is not None:
        allowed &= asked.excess(asked.outlines_of(rows)) == 0
    if problem.enclosure is not None:
        allowed &= ~find_surrounded(problem.enclosure, rows).any(axis=1)
    if problem.necks is not None and problem.necks.price is None:
        allowed &= count_loose_parts(problem.necks, rows) == 0
    return allowed
