"""Heal: the valid plan that keeps to what planners ask, and moves the fewest residents.

Area by area: the communities that the edits touch or break are divided anew, exactly, with ever more residents who may
be moved besides those that the edits name; how many may be moved decides which communities can have a part in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from redistrict.model.edits import Edit, EditKind, take_edits
from redistrict.model.problem import Problem, area_problem, cut_out
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.exact.heal_group import Torn, cheapen, find_fewest, find_some
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.tasks.stop import Stop

Labels = NDArray[np.int32]
IntArray = NDArray[np.int64]
WIDEST = 7
"""Communities that are divided anew at once, at most."""
_SHARE = 0.3
"""Of the effort left, what a repair that is sought somehow may take."""
_STEPS = 16
"""The first residents who may be moved besides those named are this part of a community."""


@dataclass(frozen=True, eq=False)
class Edited:
    """A plan that was edited and has not been repaired.

    Attributes
    ----------
    home : (n_blocks,) int32
        Community of each block, 0 .. k-1, each within one area; merged ones bear one number already.
    family : (k,) int64
        Communities of one number are one home: the parts that a community is to be split in (some still empty).
    area : (k,) int64
        Area of each community.
    freed : frozenset of int
        Communities that may stay as far outside the bounds as they are.
    residents : (n_blocks,) int64
    edits : tuple of Edit
    """

    home: Labels
    family: IntArray
    area: IntArray
    freed: frozenset[int]
    residents: IntArray
    edits: tuple[Edit, ...]


@dataclass(frozen=True, eq=False)
class HealedArea:
    """What was found in one area.

    Attributes
    ----------
    number : int
        Of the area.
    plan : (n_blocks,) int32 or None
        Of the whole problem, with the other areas as they were; none was found.
    communities : tuple of int
        Those that were divided anew.
    is_impossible : bool
        Proved: no plan that changes only these keeps to the edits.
    is_fewest, is_cheapest : bool
        Proved: no plan that changes only these moves fewer residents; or, moving as few, costs less.
    is_everywhere : bool
        That holds for all plans, for nobody is moved but those that the edits name, or these are all communities there
        are.
    """

    number: int
    plan: Labels | None
    communities: tuple[int, ...]
    is_impossible: bool
    is_fewest: bool
    is_cheapest: bool
    is_everywhere: bool


OnRing = Callable[[int], None]
"""Called with the number of communities about to be divided anew."""


def heal(
    problem: Problem,
    edited: Edited,
    stop: Stop,
    *,
    effort: float,
    seed: int,
    on_ring: OnRing | None = None,
) -> tuple[HealedArea, ...]:
    """Repair every area that an edit touches or leaves broken.

    Parameters
    ----------
    effort : float
        CP-SAT's deterministic time for each area, roughly seconds.
    """
    healed = []
    plan = edited.home
    for number in range(len(problem.areas)):
        own = np.flatnonzero(edited.area == number)
        whole = _cut_area(problem, edited, number, own)
        broken = _find_broken(whole)
        if broken:
            found = _heal_area(whole, broken, stop, effort=effort, seed=seed, on_ring=on_ring)
            blocks = np.array(problem.areas[number].blocks)
            if found.plan is not None:
                plan = plan.copy()
                plan[blocks] = own[found.plan]
            healed.append(_of_city(found, number, None if found.plan is None else plan, own))
    return tuple(healed)


def _of_city(found: "_Found", number: int, plan: Labels | None, own: IntArray) -> HealedArea:
    ring = tuple(own[list(found.communities)].tolist())
    flags = (found.is_impossible, found.is_fewest, found.is_cheapest, found.is_everywhere)
    return HealedArea(number, plan, ring, *flags)


@dataclass(frozen=True, eq=False)
class _Found:
    """The repair of an area: `plan` and `communities` by position in it, the rest as in `HealedArea`."""

    plan: Labels | None
    communities: tuple[int, ...]
    is_impossible: bool = False
    is_fewest: bool = False
    is_cheapest: bool = False
    is_everywhere: bool = False


def _cut_area(problem: Problem, edited: Edited, number: int, own: IntArray) -> Torn:
    """Cut out one area with its communities, as if all of it were to be divided anew."""
    area = area_problem(problem, number, len(own))
    blocks = np.array(problem.areas[number].blocks)
    home = np.searchsorted(own, edited.home[blocks]).astype(np.int32)
    size = np.zeros((len(own), area.size.shape[1]), dtype=np.int64)
    np.add.at(size, home, area.size)
    is_free = np.isin(own, sorted(edited.freed))[:, None]
    return Torn(
        problem=area,
        home=home,
        family=edited.family[own],
        lower=np.where(is_free, np.minimum(area.lower, size), area.lower),
        upper=np.where(is_free, np.maximum(area.upper, size), area.upper),
        residents=edited.residents[blocks],
        edits=take_edits(edited.edits, blocks.tolist(), own.tolist()),
        allowed=np.ones((len(blocks), len(own)), dtype=np.bool_),
        most_moved=int(edited.residents[blocks].sum()),
    )


def _find_broken(torn: Torn) -> set[int]:
    """Give the communities that an edit names or that are not valid as they are."""
    problem, home = torn.problem, torn.home
    size = np.zeros_like(torn.lower)
    np.add.at(size, home, problem.size)
    broken = set(np.flatnonzero(((size < torn.lower) | (size > torn.upper)).any(axis=1)).tolist())
    adjacency = build_adjacency(problem.n_blocks, problem.edges)
    for c in range(problem.n_communities):
        if len(pieces_of(np.flatnonzero(home == c).tolist(), adjacency)) > 1:
            broken.add(c)
    for i, j in problem.apart.tolist():
        if home[i] == home[j]:
            broken.add(int(home[i]))
    for edit in torn.edits:
        if not edit.holds(home):
            broken |= {*home[list(edit.blocks)].tolist()} | ({edit.community} - {-1})
    return broken


def _heal_area(
    whole: Torn, broken: set[int], stop: Stop, *, effort: float, seed: int, on_ring: OnRing | None
) -> _Found:
    """Repair, first with nobody moved but those named, then somehow, then with ever more who may be moved.

    The repairs that are found somehow say how many may be moved at most; those may be moved decide which communities
    can have a part in it (see `_reach`), so that what is proved of them holds for all.
    """
    search = _Search(whole, broken, stop, seed, on_ring, effort)
    found = search.with_nobody_else()
    if found.plan is None:
        found = search.with_spare(0)
    if found.plan is None:
        known = search.somehow()
        found = known if known.is_impossible else search.prove(known, found)
    return found if found.plan is None else search.cheapen(found)


class _Search:
    """What is spent and known while one area is repaired."""

    def __init__(
        self, whole: Torn, broken: set[int], stop: Stop, seed: int, on_ring: OnRing | None, effort: float
    ) -> None:
        self._whole, self._broken, self._stop, self._seed, self._on_ring = whole, broken, stop, seed, on_ring
        self._left = effort
        forced = sorted(_forced(whole))
        self._weight = whole.residents.copy()
        self._weight[forced] = 0
        self._n_forced, self._n_all = int(whole.residents[forced].sum()), int(self._weight.sum())

    def with_nobody_else(self) -> _Found:
        """Repair with nobody moved but those named, among the broken communities alone."""
        allowed = _away(self._whole, self._weight, 0) <= 0
        return self._find_fewest(sorted(self._broken), allowed, self._n_forced, is_everywhere=False)

    def with_spare(self, spare: int) -> _Found:
        """Repair with at most so many residents moved besides those named."""
        away = _away(self._whole, self._weight, spare)
        ring, is_everywhere = _reach(away, self._whole.home, self._broken, spare)
        return self._find_fewest(ring, away <= spare, self._n_forced + spare, is_everywhere=is_everywhere)

    def _find_fewest(
        self, ring: list[int], allowed: NDArray[np.bool_], most_moved: int, *, is_everywhere: bool
    ) -> _Found:
        repair = find_fewest(self._cut(ring, allowed, most_moved), self._stop, effort=self._left, seed=self._seed)
        self._left -= repair.effort
        if repair.plan is None:
            return _Found(None, tuple(ring), is_impossible=repair.is_proved, is_everywhere=is_everywhere)
        plan = _put_back(self._whole, ring, repair.plan)
        is_least = self._whole.moved(plan) == self._n_forced
        return _Found(plan, tuple(ring), is_fewest=True, is_everywhere=is_everywhere or is_least)

    def somehow(self) -> _Found:
        """Repair the broken communities, then these with their neighbours, without asking for the best."""
        best = _Found(None, ())
        ring = sorted(self._broken)
        for _ in range(2):
            most = self._whole.most_moved if best.plan is None else self._whole.moved(best.plan) - 1
            part = self._cut(ring, self._whole.allowed, most)
            repair = find_some(part, self._stop, effort=self._left * _SHARE, seed=self._seed)
            self._left -= repair.effort
            if repair.plan is not None:
                best = _Found(_put_back(self._whole, ring, repair.plan), tuple(ring))
            elif best.plan is None:
                best = _Found(None, tuple(ring), is_impossible=repair.is_proved)
            ring = _widen(self._whole, ring)
        return best

    def prove(self, known: _Found, last: _Found) -> _Found:
        """Let ever more residents be moved, until there is a repair, or none that moves fewer than the one known.

        Parameters
        ----------
        known : _Found
            Found somehow, with a plan or without.
        last : _Found
            That nobody else is moved: without a plan.
        """
        moved = self._n_forced + self._n_all + 1 if known.plan is None else self._whole.moved(known.plan)
        if moved == self._n_forced:
            return replace(known, is_fewest=True, is_everywhere=True)
        spare, first = 0, self._n_all // (_STEPS * self._whole.problem.n_communities)
        most = moved - self._n_forced - 1
        while last.is_impossible and spare < most:
            spare = min(most, max(spare * 3 // 2, spare + 1, first))
            last = self.with_spare(spare)
            if last.plan is not None:
                return last
        if known.plan is None:
            return last
        if not last.is_impossible:
            return known
        return replace(known, is_fewest=True, is_everywhere=last.is_everywhere, communities=last.communities)

    def cheapen(self, found: _Found) -> _Found:
        """Give the cheapest plan that moves as few and changes only the communities found."""
        assert found.plan is not None, "only a plan can be cheaper"
        ring = sorted({*found.communities, *np.flatnonzero(_changed(self._whole, found.plan)).tolist()})
        part = self._cut(ring, self._whole.allowed, self._whole.moved(found.plan))
        own = np.searchsorted(ring, found.plan[np.isin(self._whole.home, ring)]).astype(np.int32)
        repair = cheapen(part, own, self._stop, effort=self._left, seed=self._seed)
        assert repair.plan is not None, "the plan it began with"
        return replace(
            found,
            plan=_put_back(self._whole, ring, repair.plan),
            communities=tuple(ring),
            is_fewest=found.is_fewest and (found.is_everywhere or len(ring) == len(found.communities)),
            is_cheapest=repair.is_proved,
        )

    def _cut(self, ring: list[int], allowed: NDArray[np.bool_], most_moved: int) -> Torn:
        if self._on_ring is not None:
            self._on_ring(len(ring))
        return _cut_ring(self._whole, ring, allowed, most_moved)


def _changed(whole: Torn, plan: Labels) -> NDArray[np.bool_]:
    """Tell which communities a plan changes."""
    differs, changed = plan != whole.home, np.zeros(whole.problem.n_communities, dtype=np.bool_)
    changed[plan[differs]] = changed[whole.home[differs]] = True
    return changed


def _widen(whole: Torn, ring: Sequence[int]) -> list[int]:
    """Give a ring with the communities that touch it."""
    ends = whole.home[whole.problem.edges]
    inside = np.isin(ends, ring)
    return sorted({*ring, *ends[inside.any(axis=1)].ravel().tolist()})


def _forced(torn: Torn) -> set[int]:
    """Give the blocks that the edits alone take from their home, wherever the others go."""
    return {
        i
        for edit in torn.edits
        if edit.kind is EditKind.IN and edit.community >= 0
        for i in edit.blocks
        if torn.family[torn.home[i]] != torn.family[edit.community]
    }


def _away(torn: Torn, weight: IntArray, most: int) -> IntArray:
    """Give how many residents must at least be moved for a block to lie in a community, (n_blocks, n_communities).

    The blocks on the way there from the community's own must go there as well: a shortest way, each block weighing its
    residents. What is more than `most` is told as more.
    """
    adjacency = build_adjacency(torn.problem.n_blocks, torn.problem.edges)
    start, neighbour = adjacency.start.tolist(), adjacency.neighbour.tolist()
    away = np.full((torn.problem.n_blocks, torn.problem.n_communities), most + 1, dtype=np.int64)
    weights = weight.tolist()
    for c in range(torn.problem.n_communities):
        own = np.flatnonzero(torn.family[torn.home] == torn.family[c]).tolist()
        least = dict.fromkeys(own, 0)
        heap = [(0, i) for i in own]
        while heap:
            so_far, i = heappop(heap)
            if so_far > least[i]:
                continue
            for j in neighbour[start[i] : start[i + 1]]:
                there = so_far + weights[j]
                if there <= most and there < least.get(j, most + 1):
                    least[j] = there
                    heappush(heap, (there, j))
        away[list(least), c] = list(least.values())
        away[:, c] = np.minimum(away[:, c], weight[own].sum())  # all its own have left it: then it may be anywhere
    for edit in torn.edits:  # a block that must lie there is there, whatever the way
        if edit.kind is EditKind.IN and edit.community >= 0:
            away[list(edit.blocks), edit.community] = 0
    return away


def _reach(away: IntArray, home: Labels, broken: set[int], most: int) -> tuple[list[int], bool]:
    """Give the communities that can have a part in a repair that moves so few, and whether these are all.

    Changes that hang together with no broken community could be taken back. So from each that has a part a chain of
    changes leads to a broken one, and each step of it moves a block at least from one community to the next.
    """
    n = away.shape[1]
    step = np.full((n, n), most + 1, dtype=np.int64)
    for c in range(n):
        np.minimum.at(step[:, c], home, away[:, c])
    step = np.minimum(step, step.T)
    far = np.full(n, most + 1, dtype=np.int64)
    hops = np.full(n, n, dtype=np.int64)
    far[sorted(broken)], hops[sorted(broken)] = 0, 0
    for _ in range(n):
        through = far[:, None] + step
        nearer = np.minimum(far, through.min(axis=0))
        hops = np.minimum(hops, np.where(through <= most, hops[:, None] + 1, n).min(axis=0))
        if np.array_equal(nearer, far):
            break
        far = nearer
    inside = np.flatnonzero(far <= most)
    nearest = inside[np.lexsort((inside, far[inside], hops[inside]))]
    chosen = sorted({*broken, *nearest[:WIDEST].tolist()})
    return chosen, len(chosen) == inside.size


def _cut_ring(whole: Torn, ring: Sequence[int], allowed: NDArray[np.bool_], most_moved: int) -> Torn:
    """Cut out some communities of an area."""
    blocks = np.flatnonzero(np.isin(whole.home, ring))
    part, chosen = cut_out(whole.problem, blocks, len(ring)), np.array(ring)
    return Torn(
        problem=part,
        home=np.searchsorted(ring, whole.home[blocks]).astype(np.int32),
        family=whole.family[chosen],
        lower=whole.lower[chosen],
        upper=whole.upper[chosen],
        residents=whole.residents[blocks],
        edits=take_edits(whole.edits, blocks.tolist(), list(ring)),
        allowed=allowed[np.ix_(blocks, chosen)],
        most_moved=most_moved,
    )


def _put_back(whole: Torn, ring: Sequence[int], plan: Labels) -> Labels:
    home = whole.home.copy()
    home[np.isin(whole.home, ring)] = np.array(ring, dtype=np.int32)[plan]
    return home
