"""Cities drawn by lot for the benchmarks: a crooked street grid with merged blocks, main roads, parks and a river.

Streets are a grid whose corners are moved at random; at many corners two blocks meet across, at others some cells are
one block, so that a block has two to eleven neighbours, most four to six. Every eighth street or so is a main road. A
river wanders through the middle and can be passed on bridges only. People per household change slowly over the city,
as in real ones (2.1 - 2.7).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.model.areas import Area, Limits
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.problem import Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CELL_M = 110.0
"""Mean distance of two streets, metres."""
_JITTER = 0.22
_MERGED_SHARE = 0.3
_OFFSET_SHARE = 0.4
_EMPTY_SHARE = 0.15
_MAIN_EVERY = 8
_BRIDGE_EVERY = 6
_PRICES = (3.0, 6.0, 10.0)
"""Price of a metre of secondary, primary and trunk road inside a community, as scenarios have it."""
_DEVIATION = 20.0
"""Weighted metres for one per cent off target, as scenarios have it."""


@dataclass(frozen=True)
class City:
    """What to draw: how many blocks and communities, the tolerance of both quantities as a share, and the lot."""

    n_blocks: int
    n_communities: int
    tolerance: float
    seed: int = 1


TRIAL = City(n_blocks=80, n_communities=3, tolerance=0.3)
"""A tiny city to work on before the clock starts, so that everything is imported and compiled."""


def draw_city(city: City) -> tuple[Problem, FloatArray]:
    """Draw a city of one area.

    Returns
    -------
    problem : Problem
        Households and people, bounds around their means.
    xy : (n_blocks, 2) float64
        Middle of every block, metres.
    """
    rng = np.random.default_rng(city.seed)
    rows = max(4, round(math.sqrt(city.n_blocks * (1 + _MERGED_SHARE))))
    columns = math.ceil(city.n_blocks * (1 + _MERGED_SHARE) / rows)
    sides = _draw_sides(rows, columns, rng)
    block = _merge_cells(sides, rows, columns, city.n_blocks, rng)
    middle = np.stack([np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)], axis=1) * CELL_M
    n_cells = np.bincount(block)[:, None]
    xy = np.stack([np.bincount(block, middle[:, axis]) for axis in (0, 1)], axis=1) / n_cells
    edges, crossing, boundary = _join_sides(sides, block, rng)
    size = _draw_people(xy, rng)
    return _as_problem(city, size, edges, crossing, boundary), xy


@dataclass(frozen=True, eq=False)
class _Sides:
    """The sides between neighbouring cells: their two cells, length, price of the road along them, and the river."""

    cells: IntArray
    length_m: FloatArray
    price: FloatArray
    is_river: NDArray[np.bool_]
    is_bridge: NDArray[np.bool_]


def _draw_sides(rows: int, columns: int, rng: np.random.Generator) -> _Sides:
    """Draw corners, main roads and river, and list the sides: east of a cell, south of it, across corners."""
    grid = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1)
    corner = (grid + rng.uniform(-_JITTER, _JITTER, grid.shape)) * CELL_M
    cell = np.arange(rows * columns).reshape(rows, columns)
    east = np.stack([cell[:, :-1], cell[:, 1:]], axis=-1).reshape(-1, 2)
    south = np.stack([cell[:-1], cell[1:]], axis=-1).reshape(-1, 2)
    east_m = np.linalg.norm(corner[:-1, 1:-1] - corner[1:, 1:-1], axis=-1).ravel()
    south_m = np.linalg.norm(corner[1:-1, :-1] - corner[1:-1, 1:], axis=-1).ravel()
    east_price = np.broadcast_to(_draw_roads(columns - 1, rng), (rows, columns - 1)).ravel()
    south_price = np.broadcast_to(_draw_roads(rows - 1, rng)[:, None], (rows - 1, columns)).ravel()
    steps = rng.integers(-1, 2, columns).cumsum() + rows // 2
    is_north = (np.arange(rows)[:, None] < np.clip(steps, 2, rows - 2)).ravel()
    offset, offset_m, offset_price = _draw_offsets(cell, east_price, south_price, rng)
    cells = np.concatenate([east, south, offset])
    is_river = is_north[cells[:, 0]] != is_north[cells[:, 1]]
    on_bridge = (cells[:, 0] % columns) % _BRIDGE_EVERY == _BRIDGE_EVERY // 2
    is_bridge = is_river & on_bridge & (cells[:, 1] - cells[:, 0] == columns)
    length_m, price = (
        np.concatenate([east_m, south_m, offset_m]),
        np.concatenate([east_price, south_price, offset_price]),
    )
    return _Sides(cells, length_m, price, is_river, is_bridge)


def _draw_offsets(
    cell: IntArray, east_price: FloatArray, south_price: FloatArray, rng: np.random.Generator
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Give short sides between blocks that meet across a corner, with the price of the dearest road there."""
    falling = np.stack([cell[:-1, :-1], cell[1:, 1:]], axis=-1).reshape(-1, 2)
    rising = np.stack([cell[:-1, 1:], cell[1:, :-1]], axis=-1).reshape(-1, 2)
    offset = np.where(rng.random((len(falling), 1)) < 0.5, falling, rising)
    rows, columns = cell.shape
    east = east_price.reshape(rows, columns - 1)
    price = np.maximum(east[:-1], south_price.reshape(rows - 1, columns)[:, :-1]).ravel()
    drawn = rng.random(len(offset)) < _OFFSET_SHARE
    return offset[drawn], rng.uniform(5, 30, int(drawn.sum())), price[drawn]


def _draw_roads(n_streets: int, rng: np.random.Generator) -> FloatArray:
    """Give the price of a metre of each of the parallel streets; most are no main road and cost nothing."""
    price = np.zeros(n_streets)
    main = np.arange(rng.integers(2, _MAIN_EVERY), n_streets, _MAIN_EVERY)
    main = np.clip(main + rng.integers(-2, 3, main.size), 0, n_streets - 1)
    price[main] = rng.choice(_PRICES, main.size, p=(0.5, 0.35, 0.15))
    return price


def _merge_cells(sides: _Sides, rows: int, columns: int, n_blocks: int, rng: np.random.Generator) -> IntArray:
    """Give the block of every cell, (n_cells,): pairs in a row first, then single cells join the one below."""
    n_cells, n_east, n_south = rows * columns, rows * (columns - 1), (rows - 1) * columns
    is_open = (sides.price == 0) & ~sides.is_river
    row, column = np.divmod(sides.cells[:, 0], columns)
    is_first = (column + rng.integers(0, 2, rows)[row]) % 2 == 0
    surplus = n_cells - n_blocks
    pairs = rng.permutation(np.flatnonzero((is_open & is_first)[:n_east]))[: surplus * 2 // 3]
    root = np.arange(n_cells)
    root[sides.cells[pairs, 1]] = sides.cells[pairs, 0]
    is_single = np.ones(n_cells, dtype=bool)
    is_single[sides.cells[pairs]] = False
    fits = is_open & is_single[sides.cells[:, 0]] & (row % 2 == 0)
    joined = rng.permutation(n_east + np.flatnonzero(fits[n_east : n_east + n_south]))[: surplus - pairs.size]
    root[sides.cells[joined, 0]] = root[sides.cells[joined, 1]]
    return np.unique(root, return_inverse=True)[1]


def _join_sides(
    sides: _Sides, block: IntArray, rng: np.random.Generator
) -> tuple[NDArray[np.int32], IntArray, IntArray]:
    """Add up the sides between each two blocks: edges (m, 2) int32, crossing and boundary cost (m,)."""
    ends = np.sort(block[sides.cells], axis=1)
    kept = (ends[:, 0] != ends[:, 1]) & (~sides.is_river | sides.is_bridge)
    n_blocks = int(block.max()) + 1
    key, number = np.unique(ends[kept, 0] * n_blocks + ends[kept, 1], return_inverse=True)
    boundary_m = np.bincount(number, sides.length_m[kept])
    crossing_m = np.bincount(number, (sides.length_m * sides.price)[kept])
    is_served = rng.random(key.size) < 0.1
    edges = np.stack(np.divmod(key, n_blocks), axis=1).astype(np.int32)
    return (
        edges,
        np.rint(crossing_m * np.where(is_served, 0.5, 1.0) * COST_PER_METRE).astype(np.int64),
        np.rint(boundary_m * COST_PER_METRE).astype(np.int64),
    )


def _draw_people(xy: FloatArray, rng: np.random.Generator) -> IntArray:
    """Give households and people of every block, (n_blocks, 2)."""
    households = rng.integers(40, 161, len(xy))
    households[rng.random(len(xy)) < _EMPTY_SHARE] = 0
    waves = np.sin(xy / (25 * CELL_M) + rng.uniform(0, 2 * math.pi, 2)).mean(axis=1)
    per_household = np.clip(2.4 + 0.08 * waves + rng.uniform(-0.25, 0.25, len(xy)), 2.1, 2.7)
    return np.stack([households, np.rint(households * per_household).astype(np.int64)], axis=1)


def _as_problem(
    city: City, size: IntArray, edges: NDArray[np.int32], crossing: IntArray, boundary: IntArray
) -> Problem:
    mean = size.sum(axis=0) / city.n_communities
    limits = Limits(
        city.n_communities,
        tuple(np.rint(mean).astype(int).tolist()),
        tuple(np.ceil(mean * (1 - city.tolerance)).astype(int).tolist()),
        tuple(np.floor(mean * (1 + city.tolerance)).astype(int).tolist()),
    )
    area = Area("all blocks", "", tuple(range(len(size))), tuple(size.sum(axis=0).tolist()), (limits,))
    rate = np.rint(_DEVIATION * 100 * COST_PER_METRE / mean).astype(np.int64)
    return Problem(("households", "people"), size, edges, crossing, boundary, rate, (area,))
