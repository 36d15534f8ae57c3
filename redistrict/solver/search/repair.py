"""A repair found soon: annealing that pays for every resident who leaves home.

The search begins at the plan before, with what is asked put in and what that tears mended. Of what is asked it knows
where blocks must lie and which lie apart; what is to lie together goes where most of it lies. So a repair may be
missed, and whatever is met is looked at as a whole before it is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from redistrict.model.edits import Edit, EditKind
from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.costs import is_allowed
from redistrict.solver.exact.heal_group import Torn
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.search.anneal import start_state, try_moves
from redistrict.solver.sweep.reach import reach
from redistrict.solver.tasks.stop import Stop

Labels = NDArray[np.int32]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

Place = tuple[list[int], int, bool]
"""Blocks, the community that they must lie in, and whether these are all of it."""
Runs = tuple[tuple[int, int], ...]
RUNS: Runs = ((1, 1), (1, 1), (1, 1), (4, 1), (4, 1), (4, 4), (4, 4), (16, 4))
"""Each run tries so many times `_MOVES_PER_BLOCK` moves in a sweep, and begins so many times as hot and as strict."""
QUICK: Runs = (*RUNS[:2], (4, 4))
"""Runs that show a repair at once: the last one mostly finds one where two of the others did not."""
HOT: Runs = ((4, 4), (4, 8)) * 2
"""Runs where residents must go over many communities: in the hardest cases met, each finds a repair in 2 of 5 times."""
_N_ALWAYS = 5
"""After so many runs the search ends once there is a repair; the others take residents over several communities."""
_N_SWEEPS, _MOVES_PER_BLOCK = 60, 4
_ASTRAY = 0.05
"""What each block costs that leaves home, in residents of a block: those without residents are to stay, too."""
_HOT, _COLD = 1.0, 0.02
"""Temperature of the first and the last sweep, in residents of a block."""
_LENIENT, _HARD = 0.3, 60.0
"""What a resident too many or too few costs in these, in residents moved.

The last few can be as far from where there is room as the longest chain of communities, and a block is moved in each.
"""


def find_soon(
    torn: Torn,
    is_open: NDArray[np.bool_],
    stop: Stop,
    runs: Runs,
    *,
    least: int,
    seed: int,
    holds_cores: bool = True,
) -> Iterator[Labels]:
    """Give repairs that move ever fewer residents, at most one a run; none if none is met.

    Parameters
    ----------
    is_open : (n_communities,) bool
        Communities that may be changed, if what is asked says no more.
    runs : tuple of (int, int)
        See `RUNS`.
    least : int
        Residents who are moved at least: no better repair is looked for.
    holds_cores : bool
        Shares that communities must hold are kept by holding blocks that are enough; else they are looked at in what is
        met.
    """
    bounded = replace(torn.problem, lower=torn.lower, upper=torn.upper)
    adjacency = build_adjacency(torn.problem.n_blocks, torn.problem.edges)
    places = [*_list_cores(torn, adjacency)] if holds_cores else []
    places += _list_places(torn)
    price, rng = _price_places(torn, places), np.random.default_rng(seed)
    start, best = _begin(torn, price, places, adjacency), None
    if np.unique(start).size < len(torn.family) or _list_torn(start, torn.residents, adjacency):
        return
    may_move = is_open[torn.home] | is_open[start]
    for number, (times, heat) in enumerate(runs):
        if stop.reason or (best is not None and (number >= _N_ALWAYS or torn.moved(best) <= least)):
            break
        n_moves, so_far = times * _MOVES_PER_BLOCK * int(may_move.sum()), best
        for plan in _anneal(torn, start, price, rng, adjacency, is_open=may_move, n_moves=n_moves, heat=heat):
            is_better = best is None or torn.moved(plan) < torn.moved(best)
            if is_better and is_allowed(bounded, plan).all() and all(edit.holds(plan) for edit in torn.edits):
                best = plan
        if best is not None and best is not so_far:
            yield best


def _price_places(torn: Torn, places: Sequence[Place]) -> FloatArray:
    """Give the residents who have moved if a block lies in a community, more than all where it may not lie there."""
    is_away = torn.family[torn.home][:, None] != torn.family
    price = np.where(is_away, torn.residents[:, None] + _ASTRAY * _unit(torn), 0.0)
    everybody = float(torn.residents.sum() + 1)
    for blocks, community, is_all in places:
        elsewhere = np.arange(len(torn.family)) != community
        price[np.ix_(blocks, elsewhere)] += everybody
        if is_all:
            price[np.setdiff1d(np.arange(len(price)), blocks), community] += everybody
    return price


def _list_places(torn: Torn) -> Iterator[Place]:
    """Give the blocks that must lie in a community."""
    place: dict[int, int] = {}
    for edit in sorted(torn.edits, key=lambda edit: edit.community < 0):
        if edit.kind in (EditKind.APART, EditKind.SHARE):
            continue
        community = edit.community if edit.community >= 0 else _choose_place(torn, edit, place)
        place.update(dict.fromkeys(edit.blocks, community))
        yield list(edit.blocks), community, edit.kind is EditKind.EXACTLY


def _list_cores(torn: Torn, adjacency: Adjacency) -> Iterator[Place]:
    """Give blocks that are enough of a share that a community must hold.

    Of a community that is split they lie from one end to the other, of those that are merged beside each other.
    """
    shares = [edit for edit in torn.edits if edit.kind is EditKind.SHARE and edit.community >= 0]
    for edit in shares:
        parts, part = [one.community for one in shares if one.blocks == edit.blocks], np.array(edit.blocks)
        others = {i for one in shares if one.community == edit.community and one is not edit for i in one.blocks}
        beside = [i for i in edit.blocks if not others.isdisjoint(adjacency.near[i])] or [edit.blocks[0]]
        turn = [*parts[1:], parts[0]].index(edit.community) / max(1, len(parts) - 1)
        order = _from_end(part, adjacency) if len(parts) > 1 else _in_order(part, beside[0], adjacency)
        held = np.array(edit.residents)[np.searchsorted(part, order)]
        before = np.concatenate([[0], held.cumsum()])
        first = int(np.searchsorted(before, turn * (before[-1] - edit.least), side="right")) - 1
        last = int(np.searchsorted(before, before[first] + edit.least))
        yield order[first:last].tolist(), edit.community, False


def _choose_place(torn: Torn, edit: Edit, place: dict[int, int]) -> int:
    """Give the community for blocks that are to lie together: where one of them must lie, or else most of them do.

    Of a community that is split, what is to lie together has the first part that no others have.
    """
    blocks = list(edit.blocks)
    lived = np.bincount(torn.home[blocks], weights=torn.residents[blocks] + 1)
    parts = np.flatnonzero(torn.family == torn.family[lived.argmax()]).tolist()
    free = [part for part in parts if part not in place.values()] or parts
    return next((place[i] for i in blocks if i in place), free[0])


def _begin(torn: Torn, price: FloatArray, places: Sequence[Place], adjacency: Adjacency) -> Labels:
    """Give a plan to begin at, inside the bounds or not, in whole communities if these can be had by simple means."""
    plan = torn.home.copy()
    for c in range(len(torn.family)):
        if not (plan == c).any():
            is_kin = torn.family == torn.family[c]
            part, n_parts = np.flatnonzero(plan == is_kin.argmax()), int(is_kin[c:].sum()) + 1
            plan[_cut_end(part, torn.residents, 1 / n_parts, adjacency)] = c
    for blocks, community, _ in places:
        plan[blocks] = community
    return _mend(plan, price, torn.residents, adjacency)


def _cut_end(part: IntArray, residents: IntArray, share: float, adjacency: Adjacency) -> IntArray:
    """Give an end of a connected part, with about a share of its residents."""
    order = _from_end(part, adjacency)
    n = np.searchsorted(residents[order].cumsum(), residents[part].sum() * share) + 1
    return order[: min(n, len(part) - 1)]


def _from_end(part: IntArray, adjacency: Adjacency) -> IntArray:
    """Give the blocks of a connected part by their distance from one end."""
    return _in_order(part, int(_in_order(part, int(part[-1]), adjacency)[-1]), adjacency)


def _in_order(part: IntArray, start: int, adjacency: Adjacency) -> IntArray:
    """Give the blocks of a connected part by their distance from one of them."""
    inside = np.zeros(len(adjacency.near), dtype=np.bool_)
    inside[part] = True
    order: IntArray = reach(adjacency.start, adjacency.neighbour, inside, start)
    return order


def _mend(plan: Labels, price: FloatArray, residents: IntArray, adjacency: Adjacency) -> Labels:
    """Let every community keep its largest piece, and give the others to the neighbours where they cost least."""
    for _ in range(price.shape[1]):
        for piece in _list_torn(plan, residents, adjacency):
            around = [plan[adjacency.neighbour[adjacency.start[i] : adjacency.start[i + 1]]] for i in piece]
            near = np.setdiff1d(np.concatenate(around), plan[piece[:1]])
            if near.size:  # else it hangs together again, by a piece given away before it
                plan[piece] = near[price[piece].sum(axis=0)[near].argmin()]
    return plan


def _list_torn(plan: Labels, residents: IntArray, adjacency: Adjacency) -> list[list[int]]:
    """Give the pieces of communities but the largest of each."""
    pieces = (pieces_of(np.flatnonzero(plan == c).tolist(), adjacency) for c in np.unique(plan))
    return [piece for own in pieces for piece in sorted(own, key=lambda one: -int(residents[one].sum()))[1:]]


def _anneal(
    torn: Torn,
    start: Labels,
    price: FloatArray,
    rng: np.random.Generator,
    adjacency: Adjacency,
    *,
    is_open: NDArray[np.bool_],
    n_moves: int,
    heat: int,
) -> Iterator[Labels]:
    """Anneal once, with so many moves in a sweep, and give the plan after each."""
    problem = _without_costs(torn)
    state = start_state(problem, start, is_open=is_open)
    unit = _unit(torn)
    share = torn.residents.sum() / np.maximum(problem.size.sum(axis=0), 1)
    for x in np.linspace(0.0, 1.0, _N_SWEEPS).tolist():
        penalty = _HARD * (_LENIENT * heat / _HARD) ** (1 - x)
        try_moves(
            problem,
            adjacency,
            state,
            rng,
            n_moves=n_moves,
            temperature=unit * _COLD * (_HOT * heat / _COLD) ** (1 - x),
            penalty=penalty * share,
            rule_penalty=penalty * unit,
            place=price,
        )
        yield state.assignment.copy()


def _without_costs(torn: Torn) -> AreaProblem:
    """Give the problem with no cost but the rules, and with what is asked to lie apart."""
    problem = torn.problem
    apart = [pair for edit in torn.edits if edit.kind is EditKind.APART for pair in combinations(edit.blocks, 2)]
    return replace(
        problem,
        edge_weight=np.zeros_like(problem.edge_weight),
        deviation_rate=np.zeros_like(problem.deviation_rate),
        apart=np.vstack([problem.apart, np.array(apart, dtype=np.int32).reshape(-1, 2)]),
        stay=None,
        idle=None,
        dear=None,
        necks=None if problem.necks is None or problem.necks.price is not None else problem.necks,
    )


def _unit(torn: Torn) -> float:
    """Give the mean residents of blocks that have any."""
    return float(torn.residents.sum() + 1) / (np.count_nonzero(torn.residents) + 1)
