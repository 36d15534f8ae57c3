"""A lower bound on the cost of any plan of an area, from lengths of edges: 0 inside a community, 1 where it is cut.

Some rows must hold of the lengths of every plan (see `length_rows`): heavy trees are cut, light sets go on. A linear
program finds the cheapest lengths that keep the rows found so far; what these break is found, and again. Any
multipliers of the rows, at least 0, prove a bound: it is added up in whole numbers, so that no rounding of the linear
program can make it untrue, and anyone can add it up again.

A large area is cut in tiles, each with a program of its own; edges between tiles count at their cheaper side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.exact.edge_bound import edge_bound
from redistrict.solver.exact.length_rows import Row, RowFinder, Tile, cut_out
from redistrict.solver.sweep.reach import reach
from redistrict.solver.tasks.stop import Stop

FloatArray = NDArray[np.float64]

_WORK_PER_EFFORT = 250_000
"""Factors of the rows of all linear programs solved in one unit of effort, roughly a second."""
_MOST_BLOCKS = 600
"""Of a tile: what a program takes grows faster than its blocks."""
_MOST_ROUNDS, _PATIENCE, _LEAST_GAIN = 400, 10, 0.0005
"""It is enough once so many rounds have raised the bound by less than this share of it."""
_NEW = 0.6
"""Rows are looked for at this share of the newest lengths and the rest of those before."""
_IDLE_ROUNDS = 4
"""A row that holds with room to spare this many times is let go."""
SCALE = 10**12
"""Multipliers are whole numbers of this part of a unit of cost."""


@dataclass(frozen=True, eq=False)
class Witness:
    """Rows that hold of every plan, with multipliers: what they prove together is added up by `proved_cost`.

    Attributes
    ----------
    rows : tuple of Row
        Edges are numbered as in the area.
    multiplier : tuple of int
        At least 0.
    """

    rows: tuple[Row, ...]
    multiplier: tuple[int, ...]


class _Lengths(NamedTuple):
    """The cheapest lengths, the multipliers of the rows, and what the lengths cost."""

    length: FloatArray
    multiplier: FloatArray
    cost: float


def cut_in_tiles(problem: AreaProblem) -> list[Tile]:
    """Cut an area in tiles: halves of halves, across where they are longest."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    rows = adjacency.start, adjacency.neighbour
    tiles, waiting = [], [np.arange(problem.n_blocks)]
    while waiting:
        blocks = waiting.pop()
        if blocks.size <= _MOST_BLOCKS:
            tiles.append(cut_out(problem, np.sort(blocks)))
            continue
        is_in = np.zeros(problem.n_blocks, dtype=np.bool_)
        is_in[blocks] = True
        far = reach(*rows, is_in.copy(), blocks.min())[-1]
        order = reach(*rows, is_in, far)
        order = np.concatenate([order, np.flatnonzero(is_in)])
        waiting += [order[blocks.size // 2 :], order[: blocks.size // 2]]
    return tiles


def bound_tile(tile: Tile, stop: Stop, *, effort: float) -> Witness:
    """Give rows and multipliers that prove much of a tile; they never vary unless stopped.

    Parameters
    ----------
    stop : Stop
        Once it says so, what is found so far is given.
    effort : float
        Work allowed, roughly seconds.
    """
    finder, price = RowFinder(tile), -tile.weight.astype(np.float64)
    unit = float(np.abs(price).mean()) if price.any() else 1.0
    length = (price < 0).astype(np.float64)
    center, rows, idle, costs = length, list[Row](), list[int](), list[float]()
    left, multiplier = effort * _WORK_PER_EFFORT, np.zeros(0)
    for turn in range(_MOST_ROUNDS):
        found = finder.find(center, turn) or finder.find(length, turn)
        left -= sum(row.edge.size for row in rows + found)
        if not found or left < 0 or stop.reason or _is_slow(costs):
            break
        best = _cheapest_lengths(price / unit, rows + found)
        if best is None:
            break
        length, center = best.length, _NEW * best.length + (1 - _NEW) * center
        costs.append(best.cost - float(np.minimum(price / unit, 0).sum()))
        idle = [0 if y > 0 else n + 1 for y, n in zip(best.multiplier, idle + [0] * len(found), strict=True)]
        kept = [r for r, n in enumerate(idle) if n < _IDLE_ROUNDS]
        rows, idle = [(rows + found)[r] for r in kept], [idle[r] for r in kept]
        multiplier = best.multiplier[kept]
    whole = [int(y * unit * SCALE) for y in multiplier.tolist()]
    counted = [
        (Row(tile.edge[row.edge], row.factor, row.least), y) for row, y in zip(rows, whole, strict=True) if y > 0
    ]
    return Witness(tuple(row for row, _ in counted), tuple(y for _, y in counted))


def proved_cost(problem: AreaProblem, witnesses: Iterable[Witness]) -> int:
    """Add up what rows with multipliers prove: no plan costs less.

    A plan costs what keeping every edge does, less the weights of those cut, plus deviation. With the multipliers times
    what the rows have above what they ask for taken off, every length can be chosen by itself, at its cheaper end.
    """
    price: list[int] = [-SCALE * weight for weight in problem.edge_weight.tolist()]
    total = SCALE * int(problem.edge_weight.sum())
    for witness in witnesses:
        for row, multiplier in zip(witness.rows, witness.multiplier, strict=True):
            total += multiplier * row.least
            for e, factor in zip(row.edge.tolist(), row.factor.tolist(), strict=True):
                price[e] -= multiplier * factor
    total += sum(min(0, value) for value in price)
    cheaper = int(problem.edge_weight[problem.edge_weight < 0].sum())
    return edge_bound(problem) + max(0, -(-total // SCALE) - cheaper)


def _is_slow(costs: Sequence[float]) -> bool:
    """Tell whether the last rounds have gained little of what all have."""
    return len(costs) > _PATIENCE and costs[-1] - costs[-1 - _PATIENCE] < _LEAST_GAIN * costs[-1]


def _cheapest_lengths(price: FloatArray, rows: Sequence[Row]) -> _Lengths | None:
    """Solve the linear program over some rows; none if GLOP gives up. Each row is divided by its largest factor."""
    model = model_builder.Model()  # type: ignore[no-untyped-call]
    lengths = [model.new_num_var(0.0, 1.0, "") for _ in price]
    most = np.array([np.abs(row.factor).max() for row in rows], dtype=np.float64)
    added = []
    for row, unit in zip(rows, most.tolist(), strict=True):
        factors: list[float] = (row.factor / unit).tolist()
        held = model_builder.LinearExpr.weighted_sum([lengths[e] for e in row.edge.tolist()], factors)
        asked = model.add(held >= row.least / unit)
        assert isinstance(asked, model_builder.LinearConstraint)
        added.append(asked)
    costs: list[float] = price.tolist()
    model.minimize(model_builder.LinearExpr.weighted_sum(lengths, costs))
    solver = model_builder.Solver("GLOP")
    if solver.solve(model) != model_builder.SolveStatus.OPTIMAL:
        return None
    length = np.array([solver.value(one) for one in lengths])
    multiplier = np.array([solver.dual_value(one) for one in added]) / most
    return _Lengths(np.clip(length, 0.0, 1.0), np.maximum(multiplier, 0.0), float(solver.objective_value))
