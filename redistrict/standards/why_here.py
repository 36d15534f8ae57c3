"""Why here: what it would cost to give a block to a neighbouring community, and which rule would forbid it.

Only single blocks are looked at, from the plan as it stands. The cost is the one the search minimises; it has no
meaning where the number of communities would change or the block would leave its area, and is left out there.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from redistrict.geo.graph import ContiguityGraph
from redistrict.model.dear import DearLevels
from redistrict.model.measures import community_areas, community_sizes, community_targets
from redistrict.model.necks import Necks
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem
from redistrict.model.terms import Stay

IntArray = NDArray[np.int64]
Rule = Literal[
    "district",
    "unit",
    "area",
    "locked",
    "whole",
    "pin",
    "never",
    "far",
    "thin",
    "ring",
    "neck",
    "last",
    "pieces",
    "moved",
    "lower",
    "upper",
]


@dataclass(frozen=True)
class Forbidden:
    """A rule that a move would break.

    Attributes
    ----------
    rule : Rule
        `district`: the other community lies in another district; `unit`: in another unit of a hard level; `area`: in
        another connected piece of it, or is one block of its own; `locked`, `whole`: today's communities stay, or are
        only merged whole; `pin`: a pin of the scenario would not hold; `never`: a road that must never be crossed would
        lie inside; `far`: two blocks would lie too far apart; `thin`: one of the two would not be compact enough;
        `ring`: the new community would surround another; `neck`: a part of one of the two would hang on it by a neck
        too narrow; `last`: the old one would be gone; `pieces`: it would fall apart; `moved`: too many residents would
        change community; `lower`: the old community would hold too little; `upper`: the new one too much.
    quantity : str
        Of `lower` and `upper`: what is bounded.
    found, allowed : int
        Of `moved`, `lower` and `upper`: the number that would be reached, and the bound it would pass. Of `pin`:
        the pin's number, and 0.
    """

    rule: Rule
    quantity: str = ""
    found: int = 0
    allowed: int = 0


@dataclass(frozen=True)
class Move:
    """One block given to one neighbouring community.

    Attributes
    ----------
    block, community : int
    cost_change : int or None
        Cost of the plan afterwards less its cost now, in units of cost; none where the two cannot be compared.
    forbidden : tuple of Forbidden
        Empty where the move is allowed.
    """

    block: int
    community: int
    cost_change: int | None
    forbidden: tuple[Forbidden, ...]


class _Pairs(NamedTuple):
    """Moves in columns: each block, its community and the one it would go to."""

    block: IntArray
    old: IntArray
    new: IntArray


def explain_blocks(problem: Problem, graph: ContiguityGraph, plan: Plan) -> tuple[Move, ...]:
    """Give every block at a border with every community beyond it, by block and community."""
    pairs = _find_pairs(problem, graph, plan)
    area = community_areas(problem, plan)
    same_area = area[pairs.old] == area[pairs.new]
    is_last = np.bincount(plan.assignment, minlength=plan.n_communities)[pairs.old] == 1
    is_priced = same_area & ~is_last
    weight, touches = _sum_weights(problem, plan, pairs)
    moved = _count_moved(problem.stay, plan, pairs, is_priced)
    change = weight + _size_change(problem, plan, pairs)
    if problem.stay is not None and problem.stay.rate:
        change += problem.stay.rate * (moved - problem.stay.moved(plan.assignment))
    change += _level_change(problem.dear, plan, pairs)
    n_loose, n_more = _count_loose(problem.necks, plan, pairs)
    necks_cost = None if problem.necks is None else problem.necks.price
    if necks_cost is not None:
        change += necks_cost * n_more
    broken: list[list[Forbidden]] = [[] for _ in pairs.block]
    district, unit = (
        np.array([getattr(problem.areas[a], kind) for a in area.tolist()], dtype=object)
        for kind in ("district", "unit")
    )
    other_district, other_unit = (names[pairs.old] != names[pairs.new] for names in (district, unit))
    _note(broken, other_district, "district")
    _note(broken, other_unit & ~other_district, "unit")
    _note(broken, ~same_area & ~other_district & ~other_unit, "area")
    _note_mergers(broken, problem, plan, pairs)
    _note_pins(broken, problem, plan, pairs)
    _note(broken, same_area & (~touches | _are_apart(problem.apart, plan, pairs)), "never")
    _note(broken, _are_apart(problem.far, plan, pairs), "far")
    _note(broken, is_priced & _are_too_thin(problem, plan, pairs), "thin")
    _note(broken, same_area & _close_rings(problem, plan, pairs), "ring")
    _note(broken, is_priced & (n_loose > 0) & (necks_cost is None), "neck")
    _note(broken, is_last, "last")
    _note(broken, _holds_together(problem, plan)[pairs.block] & ~is_last, "pieces")
    limit = problem.stay.max_moved if problem.stay is not None else None
    if limit is not None:
        for n in np.flatnonzero(is_priced & (moved > limit)).tolist():
            broken[n].append(Forbidden("moved", "", int(moved[n]), limit))
    _note_bounds(broken, problem, plan, pairs, is_priced)
    return tuple(
        Move(b, c, cost if priced else None, tuple(rules))
        for b, c, cost, priced, rules in zip(
            pairs.block.tolist(), pairs.new.tolist(), change.tolist(), is_priced.tolist(), broken, strict=True
        )
    )


def _find_pairs(problem: Problem, graph: ContiguityGraph, plan: Plan) -> _Pairs:
    block, beyond = _both_ways(np.vstack([graph.edges, problem.edges]))
    old, new = plan.assignment[block], plan.assignment[beyond]
    border = old != new
    key = np.unique(block[border] * plan.n_communities + new[border])
    block, new = np.divmod(key, max(1, plan.n_communities))
    return _Pairs(block, plan.assignment[block].astype(np.int64), new.astype(np.int64))


def _both_ways(edges: NDArray[np.int32]) -> tuple[IntArray, IntArray]:
    both = np.vstack([edges, edges[:, ::-1]]).astype(np.int64)
    return both[:, 0], both[:, 1]


def _sum_weights(problem: Problem, plan: Plan, pairs: _Pairs) -> tuple[IntArray, NDArray[np.bool_]]:
    """Give what crossing and boundary change by, and whether the block touches the new community."""
    weight = problem.crossing_cost - problem.boundary_cost
    (there, touches), (here, _) = (
        _sum_beside(problem.edges, weight, plan, pairs.block, community) for community in (pairs.new, pairs.old)
    )
    return there - here, touches


def _sum_beside(
    edges: NDArray[np.int32], values: IntArray, plan: Plan, blocks: IntArray, communities: IntArray
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Give the sum of the values of the edges from each block to each community, and whether there are any."""
    block, beyond = _both_ways(edges)
    k = plan.n_communities
    key, row = np.unique(block * k + plan.assignment[beyond], return_inverse=True)
    total = np.zeros(key.size + 1, dtype=np.int64)
    np.add.at(total, row, np.tile(values, 2))
    wanted = blocks * k + communities
    at = np.searchsorted(key, wanted)
    at = np.where(np.append(key, -1)[at] == wanted, at, key.size)
    return total[at], at < key.size


def _size_change(problem: Problem, plan: Plan, pairs: _Pairs) -> IntArray:
    """Give what deviation and idle staff change by."""
    sizes, target = community_sizes(problem, plan), community_targets(problem, plan)[0]

    def cost(size: IntArray, community: IntArray) -> IntArray:
        off: IntArray = np.abs(size - target[community]) @ problem.deviation_rate
        return off if problem.idle is None else off + problem.idle.cost(size)

    moved = problem.size[pairs.block]
    return np.asarray(
        sum(cost(sizes[c] + sign * moved, c) - cost(sizes[c], c) for c, sign in ((pairs.old, -1), (pairs.new, 1)))
    )


def _level_change(dear: DearLevels | None, plan: Plan, pairs: _Pairs) -> IntArray:
    """Give what residents whose unit of a dear level changes cost more."""
    change = np.zeros(pairs.block.size, dtype=np.int64)
    if dear is None:
        return change
    counts = dear.count(plan.assignment, plan.n_communities)
    moved = dear.count(np.arange(len(plan.assignment)), len(plan.assignment))[pairs.block]
    for c, sign in ((pairs.old, -1), (pairs.new, 1)):
        change += dear.cost_of(counts[c] + sign * moved) - dear.cost_of(counts[c])
    return change


def _are_apart(apart: NDArray[np.int32], plan: Plan, pairs: _Pairs) -> NDArray[np.bool_]:
    """Tell which blocks are kept apart from a block of the new community."""
    block, beyond = _both_ways(apart)
    k = plan.n_communities
    return np.isin(pairs.block * k + pairs.new, block * k + plan.assignment[beyond])


def _are_too_thin(problem: Problem, plan: Plan, pairs: _Pairs) -> NDArray[np.bool_]:
    """Tell whether the old community without the block, or the new one with it, is less compact than it may be."""
    asked, are_thin = problem.compactness, np.zeros(pairs.block.size, dtype=bool)
    if asked is None:
        return are_thin
    outlines = asked.outlines(plan.assignment, plan.n_communities)
    for community, sign in ((pairs.old, -1), (pairs.new, 1)):
        shared, _ = _sum_beside(asked.pairs, asked.border, plan, pairs.block, community)
        own = np.column_stack([asked.area[pairs.block], asked.around[pairs.block] - 2 * shared])
        are_thin |= asked.excess(outlines[community] + sign * own) > 0
    return are_thin


def _close_rings(problem: Problem, plan: Plan, pairs: _Pairs) -> NDArray[np.bool_]:
    """Tell whether the new community with the block surrounds another of the area, where none may.

    It can only if it does already, or if ground beside the block is parted by it.
    """
    found, whole = np.zeros(pairs.block.size, dtype=bool), problem.enclosure
    if whole is None:
        return found
    for area in problem.areas:
        blocks = np.array(area.blocks)
        enclosure = whole.take(blocks, holds=False)
        ground = nx.Graph(enclosure.pairs.tolist())
        ground.add_nodes_from(range(enclosure.n_nodes))
        members = {c: set(np.flatnonzero(plan.assignment[blocks] == c).tolist()) for c in np.unique(pairs.new).tolist()}
        around = {c for c, wall in members.items() if enclosure.surrounds(wall)}
        for n in np.flatnonzero(np.isin(pairs.block, blocks)).tolist():
            c, block = int(pairs.new[n]), int(np.searchsorted(blocks, pairs.block[n]))
            beside = set(ground[block]) - members[c]
            if c in around or not nx.is_connected(ground.subgraph(beside or {block})):
                found[n] = enclosure.surrounds(members[c] | {block})
    return found


def _count_loose(necks: Necks | None, plan: Plan, pairs: _Pairs) -> tuple[IntArray, IntArray]:
    """Count the parts by necks of the old community without the block and the new one with it; how many more."""
    after, before = np.zeros((2, pairs.block.size), dtype=np.int64)
    if necks is None:
        return after, before
    members = [set(np.flatnonzero(plan.assignment == c).tolist()) for c in range(plan.n_communities)]
    now = np.array([_n_loose(necks, blocks) for blocks in members])
    for n, (block, old, new) in enumerate(zip(*(column.tolist() for column in pairs), strict=True)):
        after[n] = _n_loose(necks, members[old] - {block}) + _n_loose(necks, members[new] | {block})
        before[n] = now[old] + now[new]
    return after, after - before


def _n_loose(necks: Necks, members: set[int]) -> int:
    return max(0, len(necks.parts_of(members)) - 1)


def _holds_together(problem: Problem, plan: Plan) -> NDArray[np.bool_]:
    """Tell which blocks their community needs to be in one piece, (n_blocks,)."""
    inside = problem.edges[plan.assignment[problem.edges[:, 0]] == plan.assignment[problem.edges[:, 1]]]
    found = np.zeros(problem.n_blocks, dtype=bool)
    found[list(nx.articulation_points(nx.Graph(inside.tolist())))] = True
    return found


def _note(broken: list[list[Forbidden]], where: NDArray[np.bool_], rule: Rule) -> None:
    for n in np.flatnonzero(where).tolist():
        broken[n].append(Forbidden(rule))


def _note_pins(broken: list[list[Forbidden]], problem: Problem, plan: Plan, pairs: _Pairs) -> None:
    """Note the pins of the scenario that a move would break."""
    for one in problem.demands:
        breaks = np.isin(pairs.block, one.together)
        breaks |= _are_apart(np.array(one.apart, dtype=np.int32).reshape(-1, 2), plan, pairs)
        breaks |= np.isin(pairs.block, one.own) != np.isin(pairs.new, plan.assignment[list(one.own)])
        for n in np.flatnonzero(breaks).tolist():
            broken[n].append(Forbidden("pin", found=one.pin))


def _note_mergers(broken: list[list[Forbidden]], problem: Problem, plan: Plan, pairs: _Pairs) -> None:
    """Note where today's communities stay as they are, or move only whole."""
    if problem.mergers is None:
        return
    part, is_locked = problem.mergers.part, problem.mergers.is_locked
    has_locked = np.zeros(plan.n_communities, dtype=bool)
    has_locked[plan.assignment[is_locked[part]]] = True
    locked = is_locked[part[pairs.block]] | has_locked[pairs.new]
    _note(broken, locked, "locked")
    _note(broken, ~locked, "whole")


def _note_bounds(
    broken: list[list[Forbidden]], problem: Problem, plan: Plan, pairs: _Pairs, is_priced: NDArray[np.bool_]
) -> None:
    """Note what the old community would lack, and what the new one would have too much of."""
    sizes = community_sizes(problem, plan)
    _, lower, upper = community_targets(problem, plan)
    moved = problem.size[pairs.block]
    less, more = sizes[pairs.old] - moved, sizes[pairs.new] + moved
    for q, quantity in enumerate(problem.quantities):
        matters = is_priced & (moved[:, q] > 0)
        for n in np.flatnonzero(matters & (less[:, q] < lower[pairs.old, q])).tolist():
            broken[n].append(Forbidden("lower", quantity, int(less[n, q]), int(lower[pairs.old[n], q])))
        for n in np.flatnonzero(matters & (more[:, q] > upper[pairs.new, q])).tolist():
            broken[n].append(Forbidden("upper", quantity, int(more[n, q]), int(upper[pairs.new[n], q])))


def _count_moved(stay: Stay | None, plan: Plan, pairs: _Pairs, is_priced: NDArray[np.bool_]) -> IntArray:
    """Give the residents whose community differs from today's after each move, 0 where that is of no matter."""
    moved = np.zeros(pairs.block.size, dtype=np.int64)
    if stay is None:
        return moved
    claims = _Claims(stay, plan)
    now = stay.moved(plan.assignment)
    for n in np.flatnonzero(is_priced).tolist():
        moved[n] = now - claims.gain(int(pairs.block[n]), int(pairs.old[n]), int(pairs.new[n]))
    return moved


class _Share(NamedTuple):
    """What one community holds of one of today's: residents and blocks, in the order in which sources are chosen."""

    residents: int
    n_blocks: int


class _Claims:
    """Which of today's communities each new one would continue (see `succession`), and with how many residents."""

    def __init__(self, stay: Stay, plan: Plan) -> None:
        self._stay = stay
        self._shares: list[dict[int, _Share]] = [{} for _ in range(plan.n_communities)]
        self._is_home: dict[tuple[int, int], bool] = {}
        for i, c in enumerate(plan.assignment.tolist()):
            old = int(stay.current[i])
            if old >= 0:
                self._is_home[c, old] = bool(stay.is_home[i])
                residents, n_blocks = self._shares[c].get(old, _Share(0, 0))
                self._shares[c][old] = _Share(residents + int(stay.residents[i]), n_blocks + 1)
        self._heirs: dict[int, dict[int, int]] = defaultdict(dict)
        for c, shares in enumerate(self._shares):
            self._claim(self._heirs, c, shares)

    def gain(self, i: int, old: int, new: int) -> int:
        """Give how many more residents stay where they are when block `i` goes from `old` to `new`."""
        home, residents = int(self._stay.current[i]), int(self._stay.residents[i])
        if home < 0:
            return 0
        changed = {c: dict(self._shares[c]) for c in (old, new)}
        for c, sign in ((old, -1), (new, 1)):
            held = changed[c].pop(home, _Share(0, 0))
            if held.n_blocks + sign:
                changed[c][home] = _Share(held.residents + sign * residents, held.n_blocks + sign)
        self._is_home.setdefault((new, home), bool(self._stay.is_home[i]))
        after: dict[int, dict[int, int]] = defaultdict(dict)
        for c, shares in changed.items():
            self._claim(after, c, shares)
        sources = {s for c in (old, new) if (s := self._source(self._shares[c])) >= 0} | set(after)
        gained = 0
        for s in sources:
            rest = {c: kept for c, kept in self._heirs.get(s, {}).items() if c not in changed} | after.get(s, {})
            gained += max(rest.values(), default=0) - max(self._heirs.get(s, {}).values(), default=0)
        return gained

    def _claim(self, heirs: dict[int, dict[int, int]], c: int, shares: dict[int, _Share]) -> None:
        source = self._source(shares)
        if source >= 0 and self._is_home[c, source]:
            heirs[source][c] = shares[source].residents

    @staticmethod
    def _source(shares: dict[int, _Share]) -> int:
        return max(shares, key=lambda old: (*shares[old], -old), default=-1)
