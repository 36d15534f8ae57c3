"""The linear program of the prices that promise most, each kept inside a box around the prices so far.

References
----------
Marsten, Hogan and Blankenship (1975), "The boxstep method for large-scale optimization", Operations Research 23.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder

FloatArray = NDArray[np.float64]


class Column(NamedTuple):
    """A community: its blocks, the number of the name it takes or none, and its cost in units of the box."""

    blocks: list[int]
    name: int | None
    cost: float


class BestPrices(NamedTuple):
    """The prices, blocks first and then names; the least that a community costs beyond them; and what they promise."""

    price: FloatArray
    least: float
    promise: float


def best_inside_box(
    low: FloatArray, high: FloatArray, columns: Iterable[Column], *, n_blocks: int, n_communities: int, most: float
) -> BestPrices | None:
    """Give the prices inside the box for which some communities promise the highest bound; none if GLOP gives up.

    Parameters
    ----------
    low, high : (n_blocks + n_names,) float64
        The box.
    most : float
        No community costs more than this beyond any prices of the box, or less than minus this.

    Notes
    -----
    Maximise the prices of blocks, less those of names, plus `n_communities` times the least; no community costs less
    than the least plus what its blocks are paid, less the price of its name.
    """
    model = model_builder.Model()  # type: ignore[no-untyped-call]
    prices = [model.new_num_var(a, b, "") for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    block, name = prices[:n_blocks], prices[n_blocks:]
    least = model.new_num_var(-most, most, "")
    for column in columns:
        paid = model_builder.LinearExpr.sum([*(block[i] for i in column.blocks), least])
        model.add((paid if column.name is None else paid - name[column.name]) <= column.cost)
    total = model_builder.LinearExpr.sum(block) - model_builder.LinearExpr.sum(name)
    model.maximize(total + n_communities * least)
    solver = model_builder.Solver("GLOP")
    if solver.solve(model) != model_builder.SolveStatus.OPTIMAL:
        return None
    found = np.array([solver.value(price) for price in prices])
    return BestPrices(found, float(solver.value(least)), float(solver.objective_value))
