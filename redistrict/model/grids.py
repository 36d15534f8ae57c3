"""Grids: every community of a plan as a small question of its own, how to divide its blocks into grids."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.components import components
from redistrict.messages import Message
from redistrict.model.areas import Area, Limits
from redistrict.model.prices import as_written
from redistrict.model.problem import IntArray, Problem
from redistrict.model.subgraph import edges_among
from redistrict.scenario.grids import Grids

Edges = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class GridGround:
    """The ground of all communities, as grids see it.

    Attributes
    ----------
    households : (n_blocks,) int64
    community : (n_blocks,) int32
    edges : (n_edges, 2) int32
        Neighbours of one community.
    crossing_cost, boundary_cost : (n_edges,) int64
        As `Problem` has them.
    deviation_rate : int
        Cost of one household off the target of a grid.
    per_metre : int
    """

    households: IntArray
    community: NDArray[np.int32]
    edges: Edges
    crossing_cost: IntArray
    boundary_cost: IntArray
    deviation_rate: int
    per_metre: int

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.households)


def check_grids(rules: Grids | None, problem: Problem) -> None:
    """Refuse grids that are larger than the communities they divide.

    Raises
    ------
    ScenarioError
    """
    if rules is None:
        return
    if "households" not in problem.quantities:
        raise ScenarioError(
            Message(
                "grids: a grid is made of households; name their column in data.blocks.columns.households.",
                "grids：网格按户数划分，请在 data.blocks.columns.households 写明户数列。",
            )
        )
    q = problem.quantities.index("households")
    largest = max(option.target[q] for area in problem.areas for option in area.options)
    if rules.households > largest:
        raise ScenarioError(
            Message(
                f"grids.households: {rules.households} is above the {largest} households of a community; a grid is a "
                "part of one.",
                f"grids.households：{rules.households} 户大于社区的 {largest} 户；网格须小于社区。",
            )
        )


def build_grid_ground(problem: Problem, community: NDArray[np.int32], rules: Grids, deviation: float) -> GridGround:
    """Take from the question of the communities what that of their grids needs.

    Parameters
    ----------
    community : (n_blocks,) int32
    deviation : float
        Price of one per cent off the target, in weighted metres.
    """
    inside = community[problem.edges[:, 0]] == community[problem.edges[:, 1]]
    metres = as_written(deviation) * 100 / rules.households
    return GridGround(
        households=problem.size[:, problem.quantities.index("households")],
        community=community,
        edges=problem.edges[inside],
        crossing_cost=problem.crossing_cost[inside],
        boundary_cost=problem.boundary_cost[inside],
        deviation_rate=round(metres * problem.per_metre),
        per_metre=problem.per_metre,
    )


def find_estates(ground: GridGround, names: Sequence[str], most: int) -> IntArray:
    """Number what must not be divided, (n_blocks,): touching blocks of one name that fit a grid, or one block.

    Numbers are those of the first block.
    """
    estate = np.arange(ground.n_blocks, dtype=np.int64)
    named = np.array(names, dtype=object)
    i, j = ground.edges.T
    within = ground.edges[(named[i] == named[j]) & (named[i] != "")]
    for piece in components(ground.n_blocks, within):
        if int(ground.households[piece].sum()) <= most:
            estate[piece] = piece[0]
    return estate


@dataclass(frozen=True)
class Part:
    """Connected blocks of one community that become grids by themselves.

    Attributes
    ----------
    blocks : tuple of int
        Ascending.
    numbers : tuple of int
        Numbers of grids that the sums allow, the one nearest to the target first; one number where they allow none.
    lower, upper : int
        Households of one grid; where the sums allow no number, wide enough to hold them.
    """

    blocks: tuple[int, ...]
    numbers: tuple[int, ...]
    lower: int
    upper: int


def list_parts(ground: GridGround, rules: Grids) -> list[Part]:
    """Give the parts of every community: blocks above a grid alone, and what else hangs together.

    What is too small for a grid, and hangs on such a block, goes with it.
    """
    parts = []
    for c in range(int(ground.community.max()) + 1):
        members = np.flatnonzero(ground.community == c)
        among, _ = edges_among(ground.edges, members, ground.n_blocks)
        is_large = ground.households[members] > rules.upper
        for blocks in _cut_at(is_large, ground.households[members], among, rules.lower):
            own = members[blocks]
            parts.append(_as_part(own, ground.households[own], rules))
    return parts


def _cut_at(is_large: NDArray[np.bool_], households: IntArray, edges: Edges, least: int) -> list[list[int]]:
    """Give the connected pieces between large blocks, each of these with the small pieces that only it holds."""
    among = edges[~is_large[edges].any(axis=1)]
    pieces = {tuple(piece) for piece in components(len(is_large), among) if not is_large[piece[0]]}
    own = {block: [block] for block in np.flatnonzero(is_large).tolist()}
    kept = []
    for piece in sorted(pieces):
        beside = set(edges[np.isin(edges, piece).any(axis=1)].ravel().tolist()) & own.keys()
        if beside and int(households[list(piece)].sum()) < least:
            own[min(beside)] += piece
        else:
            kept.append(list(piece))
    return sorted([*kept, *(sorted(blocks) for blocks in own.values())])


def _as_part(blocks: IntArray, households: IntArray, rules: Grids) -> Part:
    own, total, number = tuple(blocks.tolist()), int(households.sum()), 1
    if households.max() <= rules.upper:
        fitting = [n for n in range(1, len(own) + 1) if n * rules.lower <= total <= n * rules.upper]
        if fitting:
            numbers = sorted(fitting, key=lambda n: (abs(total - n * rules.households), n))
            return Part(own, tuple(numbers), rules.lower, rules.upper)
        number = min(len(own), max(1, round(Fraction(total, rules.households))))
    return Part(own, (number,), min(rules.lower, total // number), max(rules.upper, -(-total // number)))


def grid_problem(
    ground: GridGround, parts: Sequence[Part], estate: IntArray, rules: Grids, *, frees: bool
) -> tuple[Problem, list[IntArray]]:
    """Put some parts into integers, an area each, an estate as one block.

    Parameters
    ----------
    estate : (n_blocks,) int64
        As `find_estates` gives it.
    frees : bool
        A part without a plan inside the bounds gets the nearest one.

    Returns
    -------
    problem : Problem
    places : list of (n_blocks_of_part,) int64
        Position in its area of each block of the part.
    """
    areas, places = [], list[IntArray]()
    position, start = np.full(ground.n_blocks, -1, dtype=np.int64), 0
    for number, part in enumerate(parts):
        blocks = list(part.blocks)
        first, place = np.unique(estate[blocks], return_inverse=True)
        total = int(ground.households[blocks].sum())
        options = tuple(
            Limits(n, (rules.households,), (part.lower,), (part.upper,), (Fraction(rules.households),))
            for n in sorted(part.numbers)
        )
        areas.append(Area(str(number), "", tuple(range(start, start + len(first))), (total,), options))
        places.append(place.astype(np.int64))
        position[blocks] = place + start
        start += len(first)
    return _join(ground, position, start, tuple(areas), frees), places


def _join(ground: GridGround, position: IntArray, n: int, areas: tuple[Area, ...], frees: bool) -> Problem:
    """Add up what stands at one position; blocks at -1, and edges between areas, are left out."""
    there = position >= 0
    size = np.zeros((n, 1), dtype=np.int64)
    np.add.at(size[:, 0], position[there], ground.households[there])
    area_of = np.repeat(np.arange(len(areas)), [len(area.blocks) for area in areas])
    ends = np.sort(position[ground.edges], axis=1)
    is_kept = (ends[:, 0] >= 0) & (ends[:, 0] != ends[:, 1])
    is_kept[is_kept] = area_of[ends[is_kept, 0]] == area_of[ends[is_kept, 1]]
    pairs, edge = np.unique(ends[is_kept], axis=0, return_inverse=True)
    costs = np.zeros((2, len(pairs)), dtype=np.int64)
    for row, cost in zip(costs, (ground.crossing_cost, ground.boundary_cost), strict=True):
        np.add.at(row, edge.ravel(), cost[is_kept])
    return Problem(
        quantities=("households",),
        size=size,
        edges=pairs.astype(np.int32).reshape(-1, 2),
        crossing_cost=costs[0],
        boundary_cost=costs[1],
        deviation_rate=np.array([ground.deviation_rate], dtype=np.int64),
        areas=areas,
        frees=frees,
        per_metre=ground.per_metre,
    )
