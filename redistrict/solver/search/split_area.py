"""Dividing a large area into connected parts that can be searched on their own, and putting the plans together again.

Each part gets a whole number of communities, and its totals give them, on average, what they have on average in the
whole area: so each part can meet the bounds where the whole can. Later rounds group neighbouring communities of a
plan in the same way, with other borders, so that the seams of one round lie inside the groups of the next.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem, cut_out
from redistrict.solver.adjacency import build_adjacency, join_edges
from redistrict.solver.search.straight_cuts import Cuts, blocks_behind, find_cuts

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Assignment = NDArray[np.int32]

_N_TRIES = 8
"""Directions in which a cut is looked for."""
_EVEN_ENOUGH = 0.7
_LOPSIDED = 0.95
"""Shares of the blocks on the larger side: cuts below the first count as alike, above the second there is no cut."""
_AT_EASE = 0.3
"""Strain below which cuts count as alike."""
_STEP = 1000
_PULL = 30
"""Length of a step from block to block, and how many steps more are worth a mean edge that had better be cut: seams are
drawn to long edges. Seams along main roads need no repair later (3.5 % cheaper first plans of a city of 10,000 blocks).
"""


class _Room(NamedTuple):
    """Mean size of a community of the whole area, and how far the mean of a part may lie below and above it."""

    mean: FloatArray
    below: FloatArray
    above: FloatArray


@dataclass(frozen=True, eq=False)
class Part:
    """Some connected blocks of an area, and the problem of dividing them.

    Attributes
    ----------
    blocks : (m,) int64
        Positions within the area, ascending.
    problem : AreaProblem
        These blocks with their number of communities, as `cut_out` gives it.
    """

    blocks: IntArray
    problem: AreaProblem


def divide_area(problem: AreaProblem, rng: np.random.Generator, *, most_blocks: int) -> list[Part]:
    """Divide an area into connected parts of at most `most_blocks`, each with a number of communities that fits it.

    Returns
    -------
    list of Part
        Every block in exactly one; the numbers of communities add up. A part stays larger where every cut would
        leave a side whose totals do not fit, or next to nothing on one side.
    """
    blocks = np.arange(problem.n_blocks)
    whole = Part(blocks, cut_out(problem, blocks, problem.n_communities))
    return _divide(whole, np.ones(problem.n_blocks), rng, most_blocks, _room(problem))


def regroup(problem: AreaProblem, assignment: Assignment, rng: np.random.Generator, *, most_blocks: int) -> list[Part]:
    """Group neighbouring communities of a plan into connected parts of at most `most_blocks`.

    The directions of the borders are drawn, so that little of one round's borders is left a border in the next.

    Returns
    -------
    list of Part
        Every community whole in one part, which has as many communities as it holds.
    """
    communities = _map_of_communities(problem, assignment)
    load = np.bincount(assignment).astype(np.float64)
    whole = Part(np.arange(communities.n_blocks), communities)
    parts = []
    for group in _divide(whole, load, rng, most_blocks, _room(communities)):
        blocks = np.flatnonzero(np.isin(assignment, group.blocks))
        parts.append(Part(blocks, cut_out(problem, blocks, group.blocks.size)))
    return parts


def stitch(parts: list[Part], plans: list[Assignment]) -> Assignment:
    """Put plans of all parts together into one of the whole area, (n_blocks,) int32."""
    assignment = np.empty(sum(part.blocks.size for part in parts), dtype=np.int32)
    offset = 0
    for part, plan in zip(parts, plans, strict=True):
        assignment[part.blocks] = plan + offset
        offset += part.problem.n_communities
    return assignment


def _map_of_communities(problem: AreaProblem, assignment: Assignment) -> AreaProblem:
    """Give the communities of a plan as blocks of size 1, without limits; seams are measured in cut edges."""
    k = problem.n_communities
    edges, n_cut = join_edges(problem.edges, np.ones(len(problem.edges), dtype=np.int64), assignment)
    nothing, one = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
    return AreaProblem(
        size=np.ones((k, 1), dtype=np.int64),
        edges=edges,
        edge_weight=-n_cut,
        base_cost=0,
        n_communities=k,
        lower=nothing,
        upper=k * one,
        target=one,
        deviation_rate=nothing,
    )


def _room(problem: AreaProblem) -> _Room:
    mean = problem.size.sum(axis=0) / problem.n_communities
    return _Room(mean, np.maximum(mean - problem.lower, 1e-9), np.maximum(problem.upper - mean, 1e-9))


def _divide(part: Part, load: FloatArray, rng: np.random.Generator, most: int, room: _Room) -> list[Part]:
    """Cut in two again and again what has more `load` than `most`."""
    if load.sum() <= most or part.problem.n_communities < 2 or part.problem.n_blocks < 2:
        return [part]
    parts = []
    for side, k in _find_cut(part.problem, load, rng, room):
        parts += _divide(Part(part.blocks[side], cut_out(part.problem, side, k)), load[side], rng, most, room)
    return parts or [part]


def _find_cut(
    problem: AreaProblem, load: FloatArray, rng: np.random.Generator, room: _Room
) -> list[tuple[IntArray, int]]:
    """Give the two sides of the best cut found in several directions, with their communities; none if there is none."""
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    price = -problem.edge_weight.astype(np.float64)
    unit = max(1.0, float(np.abs(price).mean()))
    length = (_STEP * (1 + _PULL * np.maximum(-price, 0) / unit)).astype(np.int64)
    values = np.column_stack([load, np.ones(problem.n_blocks), problem.size])
    best = None
    for _ in range(_N_TRIES):
        a, b = rng.choice(problem.n_blocks, size=2, replace=False).tolist()
        cuts = find_cuts(adjacency, (a, b), length=length, values=values, price=price)
        found = _best_cut(cuts, problem.n_communities, room)
        if found is not None and (best is None or found[0] < best[0]):
            best = (*found, cuts)
    if best is None:
        return []
    _, place, k, cuts = best
    behind = blocks_behind(adjacency, cuts, place)
    before = np.setdiff1d(np.arange(problem.n_blocks), behind, assume_unique=True)
    return [(before, problem.n_communities - k), (behind, k)]


def _best_cut(cuts: Cuts, k: int, room: _Room) -> tuple[tuple[float, ...], int, int] | None:
    """Choose a cut that fits, is even and is cheap, in this order: how bad it is, its place, communities behind."""
    load, n_blocks, size = cuts.behind[:, 0], cuts.behind[:, 1], cuts.behind[:, 2:]
    share = (size / np.maximum(room.mean, 1e-9)).mean(axis=1)
    k_behind = np.clip(np.rint(k * share / max(share[0], 1e-9)), 1, k - 1)
    strain = np.maximum(_strain(size, k_behind, room), _strain(size[0] - size, k - k_behind, room))
    larger = np.maximum(load, load[0] - load) / load[0]
    enough = (n_blocks >= k_behind) & (n_blocks[0] - n_blocks >= k - k_behind)
    keys = np.maximum(strain, _AT_EASE), np.maximum(larger, _EVEN_ENOUGH), cuts.seam
    fits = np.flatnonzero(enough & (strain <= 1) & (larger <= _LOPSIDED))
    if not fits.size:
        return None
    place = int(fits[np.lexsort([key[fits] for key in reversed(keys)])[0]])
    return tuple(float(key[place]) for key in keys), place, int(k_behind[place])


def _strain(total: FloatArray, k: FloatArray, room: _Room) -> FloatArray:
    """Give how far the mean of a side lies from the area's, as a share of the way to the bounds, (n_blocks,)."""
    off = total / k[:, None] - room.mean
    return np.asarray(np.maximum(off / room.above, -off / room.below).max(axis=1))
