"""A lower bound on the cost of any plan of an area, from what each block pays towards its community.

Give every block a price. A plan costs the prices of all blocks plus, for each community, what it costs beyond the
prices of its blocks; no community has less of that than the cheapest there is. The sum is a bound for any prices
whatever; good ones come from the linear program over the communities met so far, and what the proof of one bound
finds cheapest joins them for the next.

References
----------
Barnhart et al. (1998), "Branch-and-price: column generation for solving huge integer programs", Operations Research 46
(the bound of Lasdon and Farley at any prices). Marsten, Hogan and Blankenship (1975), "The boxstep method for
large-scale optimization", Operations Research 23 (prices kept in a box).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.sweep.boxed_program import Column, best_inside_box
from redistrict.solver.sweep.cheapest_community import block_shares, half_costs, half_set_costs, price_communities
from redistrict.solver.sweep.frontier import WIDEST_FRONTIER, plan_route
from redistrict.solver.tasks.stop import Stop

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_STATES_PER_EFFORT = 1_000_000
"""Work of one unit of effort, roughly a second."""
_MOST_BLOCKS = 1500
_MOST_ROUNDS = 60
_PROBE, _HOPE = 16, 0.03
"""The first sweep is this many times narrower; a full one betters it by this share of the cost of a plan at most."""
_FIRST_BOX, _LAST_BOX = 0.05, 0.005
_GROWTH = 1.5
"""Prices may move by this share of themselves and their mean: more after every better bound, else half of it."""


def price_bound(
    problem: AreaProblem,
    columns: Iterable[tuple[NDArray[np.int32], int]],
    stop: Stop,
    *,
    known: int | None = None,
    best_cost: int | None,
    effort: float,
) -> int:
    """Give a proved lower bound on the cost of any plan of an area; it never varies unless stopped.

    Parameters
    ----------
    columns : iterable of (blocks, cost)
        Communities the search has met: blocks ascending, int32.
    stop : Stop
        Once it says so, the best bound so far is given.
    known : int, optional
        Another bound: what does not promise to better it is not tried.
    best_cost : int or None
        Cost of the best plan known: the bound need not be better.
    effort : float
        Work allowed, roughly seconds; with 0 nothing is bettered.

    Returns
    -------
    int
        Weighted centimetres, at least `edge_bound` and what is known. Residents who move and idle workers are taken to
        cost nothing.

    Notes
    -----
    For prices p of the blocks, b the cost of cutting every edge and c(S) the cost of a community S, a plan costs
    ``b + sum(p) + sum over its communities of (c(S) - p(S))``. Each community has another last block on the route of
    the sweep, so the last sum is at least that of the n_communities smallest minima by last block.
    """
    own = edge_bound(problem)
    bound = max(own, known or own)
    left = round(effort * _STATES_PER_EFFORT)
    if left <= 0 or stop.reason or not 1 < problem.n_communities <= problem.n_blocks <= _MOST_BLOCKS:
        return bound
    met = _Met(problem)
    for blocks, _ in columns:
        met.add(blocks)
    if not met.costs:
        return bound
    route = plan_route(problem)
    if route.width > WIDEST_FRONTIER:
        return bound
    guess = met.guess if best_cost is None else 2 * best_cost - met.half.fixed
    center = block_shares(problem) * guess
    spread = np.abs(center) + np.abs(center).mean()
    width = max(1000, left // (2 * problem.n_blocks))
    box = _FIRST_BOX
    for n in range(_MOST_ROUNDS):
        is_probe = n == 0
        reward, ceiling = met.best_prices(center, box * spread)
        narrow = width // _PROBE if is_probe else width
        priced = price_communities(problem, route, reward, stop, ceiling=ceiling, width=narrow, most_states=left)
        if priced.least is None:
            break
        for blocks in priced.communities:
            met.add(blocks)
        least = np.sort(priced.least)[: problem.n_communities]
        found = -((-met.half.fixed - int(reward.sum()) - int(least.sum())) // 2)
        if is_probe and found + round(_HOPE * guess / 2) <= bound:
            break
        if not is_probe:
            box = min(1.0, box * _GROWTH) if found > own else box / 2
        if found > own:
            own, center = found, reward.astype(np.float64)
            bound = max(bound, own)
        left -= priced.n_states
        if left < priced.n_states or box < _LAST_BOX or (best_cost is not None and bound >= best_cost):
            break
    return bound


class _Met:
    """The communities met, each once, with its cost in half units."""

    def __init__(self, problem: AreaProblem) -> None:
        self._problem = problem
        self.half = half_costs(problem)
        self.costs: dict[bytes, int] = {}

    def add(self, blocks: NDArray[np.int32]) -> None:
        """Add a connected set, if it is inside the bounds."""
        problem, key = self._problem, blocks.tobytes()
        if key in self.costs:
            return
        size = problem.size[blocks].sum(axis=0)
        if (size < problem.lower).any() or (size > problem.upper).any():
            return
        row = np.zeros((1, problem.n_blocks), dtype=bool)
        row[0, blocks] = True
        self.costs[key] = int(half_set_costs(problem, self.half, row)[0])

    @property
    def guess(self) -> int:
        """Cost of a plan whose communities cost what the mean of those met does, half units."""
        return round(self._problem.n_communities * float(np.mean(list(self.costs.values()))))

    def best_prices(self, center: FloatArray, box: FloatArray) -> tuple[IntArray, int]:
        """Give the prices within the box for which the communities met promise the highest bound.

        Returns
        -------
        reward : (n_blocks,) int64
            Half units.
        least : int
            The least that one of the communities costs, the rewards taken off.
        """
        unit = max(1.0, float(np.abs(center).mean()))
        low, high = (center - box) / unit, (center + box) / unit
        columns = (
            Column(np.frombuffer(blocks, dtype=np.int32).tolist(), None, cost / unit)
            for blocks, cost in self.costs.items()
        )
        problem, most = self._problem, float(np.abs(low).sum() + np.abs(high).sum())
        found = best_inside_box(
            low, high, columns, n_blocks=problem.n_blocks, n_communities=problem.n_communities, most=most
        )
        if found is None:
            return np.floor(center).astype(np.int64), 0
        return np.floor(unit * found.price).astype(np.int64), round(unit * found.least)
