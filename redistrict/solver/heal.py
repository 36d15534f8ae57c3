"""Heal: the valid plan that keeps to what planners ask, and moves the fewest residents.

Area by area: where it is not enough to move those that the edits name, the exact model moves blocks beside the borders,
or a search finds a repair, and then the model moves fewer, or proves that nobody does: in the communities that this
repair changes and ever more around, and with blocks ever farther from the community that they join.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from redistrict.model.edits import Edit, EditKind, take_edits
from redistrict.model.problem import Problem, area_problem, cut_out
from redistrict.solver.adjacency import Adjacency, build_adjacency
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.heal_group import Repair, Torn, cheapen, find_fewest, find_some
from redistrict.solver.exact.separators import pieces_of
from redistrict.solver.search.repair import HOT, QUICK, RUNS, Runs, find_soon
from redistrict.solver.tasks.stop import Stop

Labels = NDArray[np.int32]
IntArray = NDArray[np.int64]
STAGES = ((1, 0), (1, 4), (2, 4), (4, 7), (None, 7))
"""What is proved one after the other: of blocks so far from the community that they join (none: any), and with so many
of the communities nearest to what is broken free to change."""
_NEAR = 2
"""Of blocks so far away the cheapest repair is sought among those that move as few."""
_REACH = 4
"""Of blocks so far away any repair at all is sought, before those from anywhere are asked as well."""
_GLANCE, _FIRST_SHARE = 0.01, 0.05
"""Of the effort, what questions take that only show a repair soon: whether there is any, and the fewest of a kind."""
_SHARE, _LATER_SHARE = 0.5, 0.2
"""Of the effort left, what a question may take: as long as nothing is proved, and once something is."""


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
        Those that may change in what is proved.
    is_impossible : bool
        Proved: no plan that changes only these keeps to the edits.
    fewer : int or None
        Proved: no plan that changes only these moves more than so many residents fewer; none: there is no plan.
    is_everywhere : bool
        That holds for all plans, for nobody is moved but those that the edits name, or no others can have a part in it.
    is_cheapest : bool
        Proved: no plan that moves as few, changes no other communities than this one, and moves other blocks than it
        at most to a community two blocks away, costs less.
    depth : int or None
        That none moves fewer holds for plans whose blocks lay at most so many blocks away from the community that they
        join; none: for those from anywhere.
    """

    number: int
    plan: Labels | None
    communities: tuple[int, ...]
    is_impossible: bool
    fewer: int | None
    is_cheapest: bool
    is_everywhere: bool
    depth: int | None

    @property
    def is_fewest(self) -> bool:
        """Whether it is proved that no plan that changes only these moves fewer residents."""
        return self.fewer == 0


OnRing = Callable[[int], None]
"""Called with the number of communities about to be divided anew."""
OnFound = Callable[[tuple[HealedArea, ...]], None]
"""Called with each repair of all areas as soon as it is known, the last of which is the answer."""


def heal(
    problem: Problem,
    edited: Edited,
    stop: Stop,
    *,
    effort: float,
    seed: int,
    on_ring: OnRing | None = None,
    on_found: OnFound | None = None,
) -> tuple[HealedArea, ...]:
    """Repair every area that an edit touches or leaves broken: first all of them somehow, then one after the other.

    Parameters
    ----------
    effort : float
        CP-SAT's deterministic time for each area, roughly seconds.
    """
    torn = [(number, np.flatnonzero(edited.area == number)) for number in range(len(problem.areas))]
    numbers, searches = list[int](), list[Iterator[_Found]]()
    for number, own in torn:
        whole = _cut_area(problem, edited, number, own)
        if broken := _find_broken(whole):
            numbers.append(number)
            searches.append(_Search(whole, broken, stop, seed, on_ring, effort).repairs())
    found = [next(search) for search in searches]

    def tell() -> None:
        if on_found is not None and all(one.plan is not None for one in found):
            on_found(_of_city(problem, edited, numbers, found))

    tell()
    for n, search in enumerate(searches):
        for better in search:
            found[n] = better
            tell()
    return _of_city(problem, edited, numbers, found)


@dataclass(frozen=True, eq=False)
class _Found:
    """The repair of an area: `plan` and `communities` by position in it, the rest as in `HealedArea`."""

    plan: Labels | None
    communities: tuple[int, ...]
    is_impossible: bool = False
    fewer: int | None = None
    is_cheapest: bool = False
    is_everywhere: bool = False
    depth: int | None = None


def _of_city(
    problem: Problem, edited: Edited, numbers: Sequence[int], found: Sequence[_Found]
) -> tuple[HealedArea, ...]:
    """Put what was found in each area as plans of the whole problem, each with the areas before it."""
    healed, plan = [], edited.home
    for number, one in zip(numbers, found, strict=True):
        own = np.flatnonzero(edited.area == number)
        if one.plan is not None:
            plan = plan.copy()
            plan[list(problem.areas[number].blocks)] = own[one.plan]
        ring = tuple(own[list(one.communities)].tolist())
        flags = (one.is_impossible, one.fewer, one.is_cheapest, one.is_everywhere)
        healed.append(HealedArea(number, None if one.plan is None else plan, ring, *flags, one.depth))
    return tuple(healed)


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
        self._n_forced = int(whole.residents[forced].sum())
        self._has_shares = any(edit.kind is EditKind.SHARE for edit in whole.edits)
        self._adjacency = build_adjacency(whole.problem.n_blocks, whole.problem.edges)
        self._steps = _count_steps(whole, self._adjacency)

    def repairs(self) -> Iterator[_Found]:
        """Give ever better repairs, or the same ones with more proved; the last is the answer, perhaps without a plan.

        First with nobody moved but those named, then by a search and with blocks beside the borders. How many these
        move decides which communities can have a part in a better repair (see `_reach`), so that what is proved of them
        holds for all.
        """
        best = self.with_nobody_else()
        if best.plan is None:
            for found in self._first_repairs():
                if self._is_better(found, best):
                    best = found
                    yield best
            if best.plan is None:
                best = self.somehow(_SHARE)
                yield best
            if best.plan is None:
                return
            for found in self._improve(best):
                best = found
                yield best
        else:
            yield best
        yield self.cheapen(best)

    def _is_better(self, one: _Found, other: _Found) -> bool:
        """Tell whether a repair moves fewer residents than another, or as few and costs less."""
        assert one.plan is not None, "only plans are compared"
        if other.plan is None:
            return True
        moved, least = self._whole.moved(one.plan), self._whole.moved(other.plan)
        problem = self._whole.problem
        return (moved, plan_cost(problem, one.plan)) < (least, plan_cost(problem, other.plan))

    def _first_repairs(self) -> Iterator[_Found]:
        """Give repairs found soon: by a short search, or else by the exact model; then with blocks beside the borders.

        Where the search cannot get through, the model mostly finds one at once; only then the search takes its time.
        Where communities are split, it takes its time before.
        """
        near = _widen(self._whole, sorted(self._broken))
        farther, everywhere = _widen(self._whole, near), list(range(self._whole.problem.n_communities))
        found = None
        for found in self._search((near, QUICK), (farther, QUICK), (everywhere, QUICK)):
            yield found
        if found is None and self._has_shares:
            for found in self._search((everywhere, HOT)):
                yield found
        if found is None:
            some = self.somehow(_GLANCE)
            if some.plan is not None:
                yield some
            elif not self._has_shares:
                yield from self._search((everywhere, HOT))
        found = self.beside_borders()
        if found is not None:
            yield found
        else:
            yield from self._search((farther, RUNS), (everywhere, RUNS))

    def with_nobody_else(self) -> _Found:
        """Repair with nobody moved but those named, among the broken communities alone."""
        ring, away = sorted(self._broken), self._away(0)
        repair = self._find_fewest(ring, away <= 0, self._n_forced, _FIRST_SHARE)
        if repair.plan is None:
            return _Found(None, tuple(ring))
        plan = _put_back(self._whole, ring, repair.plan)
        return _Found(plan, tuple(ring), fewer=0, is_everywhere=True)

    def beside_borders(self) -> _Found | None:
        """Repair the broken communities and those around them with blocks that touch the community they join."""
        ring = _widen(self._whole, sorted(self._broken))
        repair = self._find_fewest(ring, self._steps <= 1, self._whole.most_moved, _FIRST_SHARE)
        if repair.plan is None:
            return None
        return self._found(_put_back(self._whole, ring, repair.plan))

    def _search(self, *tries: tuple[list[int], Runs]) -> Iterator[_Found]:
        """Repair by the first of some searches, each in a ring and with its runs, that finds a repair."""
        for n, (ring, runs) in enumerate(tries):
            if (ring, runs) in tries[:n]:
                continue
            is_open, plan = np.isin(np.arange(self._whole.problem.n_communities), ring), None
            for holds_cores in (True, False)[: 1 + self._has_shares]:
                for plan in find_soon(
                    self._whole,
                    is_open,
                    self._stop,
                    runs,
                    least=self._n_forced,
                    seed=self._seed,
                    holds_cores=holds_cores,
                ):
                    yield self._found(plan)
                if plan is not None:
                    return

    def _found(self, plan: Labels) -> _Found:
        """Give a repair of which nothing is proved but that those whom the edits name are moved in any."""
        fewer = self._whole.moved(plan) - self._n_forced
        return _Found(plan, tuple(self._touched(plan)), fewer=fewer, is_everywhere=True)

    def somehow(self, share: float) -> _Found:
        """Repair the broken communities by the exact model, or else these with those between them, and with neighbours.

        That is for blocks a few steps from the community that they join; what is proved is for all, of the neighbours.
        """
        joined, every = _joined(self._whole, self._broken), self._whole.allowed
        wide, near = _widen(self._whole, sorted(self._broken)), self._steps <= _REACH
        for ring, allowed in (
            (sorted(self._broken), every),
            (joined, near),
            (_widen(self._whole, joined), near),
            (wide, every),
        ):
            part = self._cut(ring, allowed, self._whole.most_moved)
            repair = find_some(part, self._stop, effort=self._left * share, seed=self._seed)
            self._left -= repair.effort
            if repair.plan is not None:
                return self._found(_put_back(self._whole, ring, repair.plan))
        return _Found(None, tuple(ring), is_impossible=repair.is_proved)

    def _improve(self, found: _Found) -> Iterator[_Found]:
        """Move fewer residents or prove that nobody does, stage by stage."""
        for depth, widest in STAGES:
            assert found.plan is not None, "only a plan can be improved"
            assert found.fewer is not None, "of a plan it is always known"
            spare = self._whole.moved(found.plan) - self._n_forced - 1
            if spare < 0:
                yield replace(found, fewer=0, is_everywhere=True, depth=None)
                break
            away = self._away(spare)
            reached = _reach(away, self._whole.home, self._broken, spare)
            ring = sorted({*self._touched(found.plan), *reached[:widest]})
            is_near, is_open = self._near(found.plan, depth), away <= spare
            is_known = found.fewer == 0 and found.depth in (depth, None) and tuple(ring) == found.communities
            share = _LATER_SHARE if found.fewer == 0 else _SHARE
            repair = (
                Repair(None, is_proved=True, effort=0.0)
                if is_known
                else self._find_fewest(ring, is_open & is_near, self._n_forced + spare, share)
            )
            fewer = 0 if repair.is_proved else spare + 1 - max(0, repair.least - self._n_forced)
            if not repair.is_proved and fewer >= found.fewer:
                break
            plan = found.plan if repair.plan is None else _put_back(self._whole, ring, repair.plan)
            is_all = bool(is_near[is_open].all())
            found = _Found(
                plan,
                tuple(ring),
                fewer=fewer,
                is_everywhere=is_all and {*reached} <= {*ring},
                depth=None if is_all else depth,
            )
            yield found
            if found.fewer or found.is_everywhere:
                break

    def _near(self, plan: Labels, depth: int | None) -> NDArray[np.bool_]:
        """Tell the places of blocks that are near enough or in a plan already, alike for the parts of a community."""
        family = self._whole.family
        is_near: NDArray[np.bool_] = family[plan][:, None] == family
        if depth is None:
            is_near[:] = True
        else:
            is_near |= self._steps <= depth
        return is_near

    def _find_fewest(self, ring: list[int], allowed: NDArray[np.bool_], most_moved: int, share: float) -> Repair:
        part = self._cut(ring, allowed, most_moved)
        repair = find_fewest(part, self._stop, effort=self._left * share, seed=self._seed)
        self._left -= repair.effort
        return repair

    def _away(self, most: int) -> IntArray:
        return _away(self._whole, self._adjacency, self._weight, most)

    def cheapen(self, found: _Found) -> _Found:
        """Give the cheapest plan that moves as few and changes no other communities than the one found."""
        assert found.plan is not None, "only a plan can be cheaper"
        ring, moved = self._touched(found.plan), self._whole.moved(found.plan)
        spare = moved - self._n_forced
        part = self._cut(ring, (self._away(spare) <= spare) & self._near(found.plan, _NEAR), moved)
        own = np.searchsorted(ring, found.plan[np.isin(self._whole.home, ring)]).astype(np.int32)
        repair = cheapen(part, own, self._stop, effort=self._left * _LATER_SHARE, seed=self._seed)
        assert repair.plan is not None, "the plan it began with"
        return replace(found, plan=_put_back(self._whole, ring, repair.plan), is_cheapest=repair.is_proved)

    def _touched(self, plan: Labels) -> list[int]:
        """Give the broken communities, and those that a plan changes."""
        differs = plan != self._whole.home
        return sorted({*self._broken, *plan[differs].tolist(), *self._whole.home[differs].tolist()})

    def _cut(self, ring: list[int], allowed: NDArray[np.bool_], most_moved: int) -> Torn:
        if self._on_ring is not None:
            self._on_ring(len(ring))
        return _cut_ring(self._whole, ring, allowed, most_moved)


def _widen(whole: Torn, ring: Sequence[int]) -> list[int]:
    """Give a ring with the communities that touch it."""
    ends = whole.home[whole.problem.edges]
    inside = np.isin(ends, ring)
    return sorted({*ring, *ends[inside.any(axis=1)].ravel().tolist()})


def _joined(whole: Torn, ring: Collection[int]) -> list[int]:
    """Give some communities with those on the shortest ways between them."""
    graph = nx.Graph(whole.home[whole.problem.edges].tolist())
    ends = [c for c in sorted(ring) if c in graph]
    joined = {*ends[:1]}
    for end in ends[1:]:
        joined |= {*nx.multi_source_dijkstra_path(graph, joined).get(end, [end])}
    return sorted({*ring, *joined})


def _forced(torn: Torn) -> set[int]:
    """Give the blocks that the edits alone take from their home, wherever the others go."""
    return {
        i
        for edit in torn.edits
        if edit.kind is EditKind.IN and edit.community >= 0
        for i in edit.blocks
        if torn.family[torn.home[i]] != torn.family[edit.community]
    }


def _away(torn: Torn, adjacency: Adjacency, weight: IntArray, most: int) -> IntArray:
    """Give how many residents must at least be moved for a block to lie in a community, (n_blocks, n_communities).

    The blocks on the way there from the community's own must go there as well: a shortest way, each block weighing its
    residents. What is more than `most` is told as more.
    """
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


def _count_steps(torn: Torn, adjacency: Adjacency) -> IntArray:
    """Count the steps from block to block to each community, 0 in it, (n_blocks, n_communities).

    A block that must lie in a community counts as one of its own.
    """
    n, k = torn.problem.n_blocks, torn.problem.n_communities
    steps = np.full((n, k), n, dtype=np.int64)
    steps[torn.family[torn.home][:, None] == torn.family] = 0
    for edit in torn.edits:
        if edit.kind is EditKind.IN and edit.community >= 0:
            steps[list(edit.blocks), edit.community] = 0
    a, b = np.repeat(np.arange(n), np.diff(adjacency.start)), adjacency.neighbour
    for _ in range(max(depth or 0 for depth, _ in STAGES)):
        before = steps.copy()
        np.minimum.at(steps, a, before[b] + 1)
        if np.array_equal(before, steps):
            break
    return steps


def _reach(away: IntArray, home: Labels, broken: set[int], most: int) -> list[int]:
    """Give the communities that can have a part in a repair that moves so few, the nearest first.

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
    nearest: list[int] = inside[np.lexsort((inside, far[inside], hops[inside]))].tolist()
    return nearest


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
