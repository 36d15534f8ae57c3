"""What must hold of the lengths of edges, 0 inside a community and 1 where it is cut: rows that some lengths break.

Three kinds, all with whole numbers, true for every plan:

- **Heavy**: a tree of blocks that weighs more than a community may must be cut: what hangs below the edges that are
  cut weighs at least what is too much.
- **Light**: blocks that weigh less than a community must go on somewhere. Of a set of them and all that lies beside it,
  each joined up by a tree, either a tree is cut or an edge that leads out is not.
- **Ways**: an edge is not longer than a way around it.

References
----------
Even, Naor, Rao and Schieber (1999), "Fast approximate graph partitioning algorithms", SIAM Journal on Computing 28
(spreading metrics). Chopra and Rao (1993), "The partition problem", Mathematical Programming 59 (ways around).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.exact.length_trees import find_heavy_trees, find_ways_around

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_LEAST_BREACH = 0.02
"""Rows that are broken by less than this share of what they ask for are not worth their place."""
_STEP = 1e-3
"""Added to every length, so that of two ways as short the one of fewer edges is taken."""
_STRIDE = 7919
"""Turns begin so many blocks apart."""
_NEAR = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Blocks that are joined by edges no longer than these are looked at together."""
_REACHES = (1.0, 1.15, 1.5, 2.0)
"""Trees are tried up to the first block with which they weigh this many times the most, and as far as lengths reach."""


@dataclass(frozen=True, eq=False)
class Row:
    """The sum of factors times lengths is at least `least`, whatever the plan.

    Attributes
    ----------
    edge : (n,) int64
        Each at most once.
    factor : (n,) int64
    least : int
    """

    edge: IntArray
    factor: IntArray
    least: int

    def breach(self, length: FloatArray) -> float:
        """Tell by how much lengths fall short of it."""
        return float(self.least - self.factor @ length[self.edge])


@dataclass(frozen=True, eq=False)
class Tile:
    """Some blocks of an area, looked at by themselves.

    Attributes
    ----------
    blocks : (n_blocks,) int64
        Positions in the area, ascending.
    edge : (n_edges,) int64
        Numbers of the edges of the area that lie inside.
    edges : (n_edges, 2) int32
        These by positions in the tile.
    size : (n_blocks, n_quantities) int64
    weight : (n_edges,) int64
    is_open : (n_blocks,) bool
        The block has a neighbour outside.
    lower, upper : (n_quantities,) int64
        What a community of the area weighs at least, and at most.
    """

    blocks: IntArray
    edge: IntArray
    edges: NDArray[np.int32]
    size: IntArray
    weight: IntArray
    is_open: NDArray[np.bool_]
    lower: IntArray
    upper: IntArray


def cut_out(problem: AreaProblem, blocks: IntArray) -> Tile:
    """Look at some blocks of an area by themselves; no community weighs so much that too little is left for others."""
    rest = (problem.n_communities - 1) * np.maximum(problem.lower, 0)
    place = np.full(problem.n_blocks, -1, dtype=np.int32)
    place[blocks] = np.arange(blocks.size)
    ends = place[problem.edges]
    edge = np.flatnonzero((ends >= 0).all(axis=1))
    is_open = np.zeros(blocks.size, dtype=bool)
    is_open[ends[(ends >= 0).sum(axis=1) == 1].max(axis=1)] = True
    upper = np.minimum(problem.upper, problem.size.sum(axis=0) - rest)
    size, weight = problem.size[blocks], problem.edge_weight[edge]
    return Tile(blocks, edge, ends[edge], size, weight, is_open, problem.lower, upper)


class RowFinder:
    """Finds rows that lengths break, in a tile: edges are numbered as there."""

    def __init__(self, tile: Tile) -> None:
        rows = build_adjacency(tile.blocks.size, tile.edges)
        self._tile = tile
        self._rows = rows.start, rows.neighbour, rows.edge
        self._dear = np.flatnonzero(tile.weight > 0)

    def find(self, length: FloatArray, turn: int) -> list[Row]:
        """Give rows of every kind that these lengths break; every turn looks at other blocks first.

        Rows without an edge are left out: there is no plan, and no length can say so.
        """
        first = turn * _STRIDE % self._tile.blocks.size
        rows = [*self._heavy(length, first), *self._ways(length), *self._light(length)]
        return [row for row in rows if row.edge.size]

    def _heavy(self, length: FloatArray, first: int) -> list[Row]:
        tile = self._tile
        reaches = np.array(_REACHES)
        return split_rows(
            *find_heavy_trees(*self._rows, length + _STEP, tile.size, tile.upper, reaches, _LEAST_BREACH, first)
        )

    def _ways(self, length: FloatArray) -> list[Row]:
        return split_rows(*find_ways_around(*self._rows, length, self._tile.edges, self._dear, _LEAST_BREACH))

    def _light(self, length: FloatArray) -> list[Row]:
        if not (self._tile.lower > 0).any():
            return []
        tree = _shortest_tree(self._tile, length)
        found: dict[bytes, Row] = {}
        for near in _NEAR:
            for row in self._light_when_near(tree, length, near):
                found.setdefault(row.edge.tobytes(), row)
        return list(found.values())

    def _light_when_near(self, tree: IntArray, length: FloatArray, near: float) -> list[Row]:
        """Join blocks along the short edges of a tree, and look at what is too light for a community."""
        tile, edges = self._tile, self._tile.edges
        joined = tree[length[tree] <= near]
        group = _groups(tile.blocks.size, edges[joined])
        n_groups = int(group.max()) + 1
        size = np.zeros((n_groups, tile.size.shape[1]), dtype=np.int64)
        np.add.at(size, group, tile.size)
        is_open = np.bincount(group, tile.is_open, n_groups) > 0
        out = np.flatnonzero(group[edges[:, 0]] != group[edges[:, 1]])
        own = group[edges[joined, 0]]
        trees = np.split(joined[np.argsort(own, kind="stable")], np.cumsum(np.bincount(own, minlength=n_groups))[:-1])
        exits: list[list[tuple[int, int, int]]] = [[] for _ in range(n_groups)]
        for e, (a, b) in zip(out.tolist(), edges[out].tolist(), strict=True):
            exits[group[a]].append((e, a, b))
            exits[group[b]].append((e, b, a))
        rows = []
        for g in np.flatnonzero((size < tile.lower).any(axis=1) & ~is_open).tolist():
            row = self._light_row(g, exits[g], group, trees, length)
            if row is not None and row.breach(length) > _LEAST_BREACH:
                rows.append(row)
        return rows

    def _light_row(
        self,
        own: int,
        exits: list[tuple[int, int, int]],
        group: IntArray,
        trees: list[IntArray],
        length: FloatArray,
    ) -> Row | None:
        """Say that a light group goes on somewhere: an edge to one of the groups beside it is not cut, or a tree is."""
        beside: dict[int, list[tuple[int, int, int]]] = {}
        for e, a, b in exits:
            beside.setdefault(int(group[b]), []).append((e, a, b))
        if not beside:
            return None
        edges = self._tile.edges
        cut = _tree_between(edges, trees[own], {a for _, a, _ in exits})
        ways = []
        for other, some in sorted(beside.items()):
            ways.append(min(some, key=lambda way: (length[way[0]], way[0]))[0])
            cut += _tree_between(edges, trees[other], {b for _, _, b in some})
        factor = np.repeat(np.array([-1, 1], dtype=np.int64), (len(ways), len(cut)))
        return Row(np.array(ways + cut, dtype=np.int64), factor, 1 - len(ways))


def split_rows(edge: IntArray, factor: IntArray, end: IntArray, least: IntArray) -> list[Row]:
    """Give the rows that lie one after the other, each up to its end."""
    spans = zip(pairwise([0, *end.tolist()]), least.tolist(), strict=True)
    return [Row(edge[a:b], factor[a:b], value) for (a, b), value in spans]


def _shortest_tree(tile: Tile, length: FloatArray) -> IntArray:
    """Give the edges of a spanning tree, or of one of each piece, that is as short as can be."""
    root = list(range(tile.blocks.size))
    chosen = []
    ends = tile.edges.tolist()
    for e in np.argsort(length, kind="stable").tolist():
        a, b = (_find(root, end) for end in ends[e])
        if a != b:
            root[a] = b
            chosen.append(e)
    return np.array(chosen, dtype=np.int64)


def _find(root: list[int], block: int) -> int:
    while root[block] != block:
        root[block] = block = root[root[block]]
    return block


def _groups(n_blocks: int, edges: NDArray[np.int32]) -> IntArray:
    """Number the groups of blocks that edges join, (n_blocks,)."""
    root = list(range(n_blocks))
    for a, b in edges.tolist():
        root[_find(root, a)] = _find(root, b)
    return np.unique([_find(root, block) for block in range(n_blocks)], return_inverse=True)[1].astype(np.int64)


def _tree_between(edges: NDArray[np.int32], tree: IntArray, needed: set[int]) -> list[int]:
    """Give the edges of a tree that join the blocks needed: all but what hangs on its ends."""
    at: dict[int, set[int]] = {}
    for e in tree.tolist():
        for block in edges[e].tolist():
            at.setdefault(block, set()).add(e)
    loose = [block for block, own in at.items() if len(own) == 1 and block not in needed]
    while loose:
        block = loose.pop()
        for e in at.pop(block):
            other = int(edges[e].sum()) - block
            at[other].discard(e)
            if len(at[other]) == 1 and other not in needed:
                loose.append(other)
    return sorted(set().union(*at.values())) if at else []
