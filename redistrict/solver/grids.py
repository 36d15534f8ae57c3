"""Grids: every community of a plan divided on its own, all of them through the strategy together.

First with estates whole and the number of grids nearest to the target; where that leaves no plan, with any number the
sums allow; then with estates divided, too, and the nearest plan where none is inside the bounds. The last is searched
only: to prove what lies around exceptions takes as long as all the rest.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from redistrict.model.grids import GridGround, Part, find_estates, grid_problem, list_parts
from redistrict.model.plan import canonical_plan
from redistrict.model.problem import IntArray
from redistrict.scenario.grids import Grids
from redistrict.scenario.models import Solve
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.stop import Stop

EFFORT = 0.005
"""Share of the usual effort: a community has a hundredth of a city's blocks."""


def divide_communities(
    ground: GridGround, names: Sequence[str], rules: Grids, search: Solve, stop: Stop
) -> NDArray[np.int32]:
    """Give the grid of each block, (n_blocks,), numbered from 0 by first blocks.

    Parameters
    ----------
    names : sequence of str
        Of each block; blocks of one name are an estate, "" is none.
    search : Solve
        Seed, effort, workers and method; the grids do not depend on the workers.
    stop : Stop
        Where it strikes first, a part that is not divided yet stays one grid.
    """
    parts = list_parts(ground, rules)
    whole, each = find_estates(ground, names, rules.upper), np.arange(ground.n_blocks, dtype=np.int64)
    search = search.model_copy(update={"effort": search.effort * EFFORT, "bound": "quick"})
    home = np.full(ground.n_blocks, -1, dtype=np.int64)
    for part in parts:
        home[list(part.blocks)] = part.blocks[0]
    asked = [part for part in parts if part.numbers != (1,)]
    divided: dict[tuple[int, ...], IntArray] = {}
    for estate, only_nearest, frees in ((whole, True, False), (whole, False, False), (each, False, True)):
        tried = [_with_room(part, estate, only_nearest) for part in asked if part.blocks not in divided]
        if able := [part for part in tried if part.numbers]:
            problem, places = grid_problem(ground, able, estate, rules, frees=frees)
            searched = [n for n, part in enumerate(able) if frees and not _has_estates(part, whole)]
            how = search.model_copy(update={"method": "search"}) if frees else search
            found = solve(problem, how, stop, hopeless=searched).areas
            divided |= {
                part.blocks: _by_first_blocks(part, np.array(one.assignment)[place])
                for part, place, one in zip(able, places, found, strict=True)
                if one.assignment is not None
            }
    for blocks, firsts in divided.items():
        home[list(blocks)] = firsts
    return canonical_plan(home.astype(np.int32)).assignment


def _with_room(part: Part, estate: IntArray, only_nearest: bool) -> Part:
    """Leave only the numbers of grids that are tried, none above that of the estates."""
    n_estates = len(np.unique(estate[list(part.blocks)]))
    numbers = part.numbers[:1] if only_nearest else part.numbers
    return replace(part, numbers=tuple(n for n in numbers if n <= n_estates))


def _has_estates(part: Part, estate: IntArray) -> bool:
    return len(np.unique(estate[list(part.blocks)])) < len(part.blocks)


def _by_first_blocks(part: Part, grid: IntArray) -> IntArray:
    """Number the grids of a part by their first blocks."""
    _, first, which = np.unique(grid, return_index=True, return_inverse=True)
    return np.array(part.blocks)[first][which]
