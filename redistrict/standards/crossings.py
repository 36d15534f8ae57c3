"""Crossings: every named road, railway and river inside a community, what it costs, and whom it cuts off."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import PARTS_SHARE, ContiguityGraph
from redistrict.geo.roads import STRUCTURE_KINDS
from redistrict.model.plan import Plan
from redistrict.model.prices import COST_PER_METRE, crossing_weight
from redistrict.model.problem import crossing_share, edge_costs, find_barred
from redistrict.scenario.models import Objective

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class CrossingRow:
    """One road, railway or river inside one community.

    It parts two blocks when it runs along at least half of their frontage, and it divides the community when some
    blocks cannot be reached from the others without stepping over it. The largest of the parts, by residents, is
    the main part; the others lie beyond. A road that ends inside divides nothing: everyone can go round.

    Attributes
    ----------
    community : int
    road_class, name : str
        Name "" for all of the class that have none, together.
    length_m : float
        Metres of frontage inside the community that it runs along.
    cost_m : float
        Its share of the plan's crossing cost in weighted metres; 0 where the class has no weight.
    served_m : float
        Metres of `length_m` on frontages that a structure serves.
    empty_m : float
        Metres beside a block where nobody lives.
    served_by : tuple of str
        Kinds of these structures, in the order of `STRUCTURE_KINDS`.
    n_facing : int
        Blocks it parts from another block of the community.
    n_blocks : (int, int)
        Blocks of the community on the side of the main part, and beyond.
    residents_beyond : int
        Households (people, where the data have none) who must cross it to reach the main part.
    """

    community: int
    road_class: str
    name: str
    length_m: float
    cost_m: float
    served_m: float
    empty_m: float
    served_by: tuple[str, ...]
    n_facing: int
    n_blocks: tuple[int, int]
    residents_beyond: int

    @property
    def divides(self) -> bool:
        """Whether some blocks lie beyond it."""
        return self.n_blocks[1] > 0


class _Parts:
    """Parts of communities that hang together, grown edge by edge; the last joins can be undone.

    Parameters
    ----------
    edges : list
        The two blocks of every edge.
    residents : list of int
        Of every block.
    """

    def __init__(self, edges: list[list[int]], residents: list[int]) -> None:
        self._edges = edges
        self._next = list(range(len(residents)))
        self._size = [(people, 1) for people in residents]
        self._joined: list[int] = []

    def join(self, edges: Iterable[int]) -> int:
        """Join the blocks of these edges; gives what to hand to `undo`."""
        mark = len(self._joined)
        for e in edges:
            a, b = map(self._part, self._edges[e])
            if a != b:
                small, large = (a, b) if self._size[a][1] < self._size[b][1] else (b, a)
                self._next[small] = large
                self._grow(large, small, 1)
                self._joined.append(small)
        return mark

    def undo(self, mark: int) -> None:
        """Take back the joins made since `mark` was given."""
        while len(self._joined) > mark:
            small = self._joined.pop()
            self._grow(self._next[small], small, -1)
            self._next[small] = small

    def beyond(self, parted: set[int]) -> tuple[int, int]:
        """Give the residents and blocks outside the main part when all edges are joined but these."""
        sizes = {part: self._size[part] for e in parted for part in map(self._part, self._edges[e])}
        mark = self.join(parted)
        pieces = defaultdict(list)
        for part, size in sizes.items():
            pieces[self._part(part)].append(size)
        self.undo(mark)
        cut_off = [size for piece in pieces.values() for size in sorted(piece)[:-1]]
        return sum(residents for residents, _ in cut_off), sum(n_blocks for _, n_blocks in cut_off)

    def _part(self, block: int) -> int:
        while self._next[block] != block:
            block = self._next[block]
        return block

    def _grow(self, part: int, other: int, sign: int) -> None:
        (residents, n_blocks), (more, others) = self._size[part], self._size[other]
        self._size[part] = residents + sign * more, n_blocks + sign * others


def list_crossings(
    graph: ContiguityGraph, plan: Plan, blocks: Blocks, objective: Objective, *, per_metre: int = COST_PER_METRE
) -> tuple[CrossingRow, ...]:
    """List every road, railway and river inside a community, by community, class and name.

    Parameters
    ----------
    objective : Objective
        Says what a metre of each class costs.
    per_metre : int
        Units of cost in a weighted metre.

    Notes
    -----
    To the centimetre, lengths add up to `measures.crossing_m`; costs add up to the crossing part of the plan's cost.
    """
    ledger, is_served, cost = graph.crossings, graph.is_served, _share_costs(graph, objective, per_metre)
    is_between = ledger.length_m >= PARTS_SHARE * graph.frontage_m[ledger.edge]
    groups = sorted(_group_rows(graph, plan).items())
    parted = [set(ledger.edge[rows][is_between[rows]].tolist()) for _, rows in groups]
    inside = set(np.flatnonzero(_is_inside(graph.edges, plan)).tolist())
    parts = _Parts(graph.edges.tolist(), blocks.size[:, 0].tolist())
    parts.join(inside.difference(*parted))
    n_blocks = np.bincount(plan.assignment).tolist()
    found = []
    for (key, rows), edges, (residents, n_beyond) in zip(groups, parted, _look_beyond(parts, parted), strict=True):
        community, road_class, _, name = key
        edge, length_m = ledger.edge[rows], ledger.length_m[rows]
        found.append(
            CrossingRow(
                community=community,
                road_class=road_class,
                name=name,
                length_m=round(float(length_m.sum()), 2),
                cost_m=int(cost[rows].sum()) / per_metre,
                served_m=round(float(length_m[is_served[edge]].sum()), 2),
                empty_m=round(float(length_m[graph.is_beside_empty[edge]].sum()), 2),
                served_by=tuple(kind for n, kind in enumerate(STRUCTURE_KINDS) if graph.serves[edge, n].any()),
                n_facing=np.unique(graph.edges[list(edges)]).size,
                n_blocks=(n_blocks[community] - n_beyond, n_beyond),
                residents_beyond=residents,
            )
        )
    return tuple(found)


def _group_rows(graph: ContiguityGraph, plan: Plan) -> dict[tuple[int, str, bool, str], list[int]]:
    """Gather the rows of the ledger inside communities by community, class and name, the nameless last."""
    ledger = graph.crossings
    community = plan.assignment[graph.edges[ledger.edge, 0]]
    rows = defaultdict(list)
    for row in np.flatnonzero(_is_inside(graph.edges[ledger.edge], plan)).tolist():
        name = str(ledger.name[row])
        rows[int(community[row]), graph.classes[ledger.road_class[row]], name == "", name].append(row)
    return rows


def _is_inside(edges: NDArray[np.int32], plan: Plan) -> NDArray[np.bool_]:
    return np.asarray(plan.assignment[edges[:, 0]] == plan.assignment[edges[:, 1]])


def _look_beyond(parts: _Parts, roads: list[set[int]]) -> list[tuple[int, int]]:
    """Give the residents and blocks beyond each road, a set of edges; all other edges are joined already.

    Each half of the roads is looked at with the edges of the other half joined. So an edge is joined about
    log2(n_roads) times, where a search for each road by itself would walk through whole communities.
    """
    if len(roads) < 2:
        return [parts.beyond(parted) for parted in roads]
    found, middle = [], len(roads) // 2
    everything = set().union(*roads)
    for half in (roads[:middle], roads[middle:]):
        mark = parts.join(everything.difference(*half))
        found += _look_beyond(parts, half)
        parts.undo(mark)
    return found


def _share_costs(graph: ContiguityGraph, objective: Objective, per_metre: int) -> IntArray:
    """Share the crossing cost of each edge, in units of cost, out to its rows by largest remainder.

    The cost is rounded once for an edge; rows rounded by themselves would not add up to it. An edge over a road that
    must never be crossed costs nothing: only what is not redrawn, or where nobody lives, holds both its blocks.

    Returns
    -------
    cost : (n_rows,) int64
        Units of cost of each row of the ledger.
    """
    ledger, barred = graph.crossings, find_barred(graph, objective)
    weight = np.array([crossing_weight(objective, name) for name in graph.classes])
    share = np.where(barred, 0.0, crossing_share(graph, objective))
    exact = ledger.length_m * weight[ledger.road_class] * share[ledger.edge] * per_metre
    cost: IntArray = np.floor(exact).astype(np.int64)
    missing = np.where(barred, 0, edge_costs(graph, objective, per_metre)[0])
    np.subtract.at(missing, ledger.edge, cost)
    order = np.lexsort((cost - exact, ledger.edge))
    edge = ledger.edge[order]
    cost[order] += np.arange(edge.size) - np.searchsorted(edge, edge) < missing[edge]
    return cost
