"""Figures: sizes, staff, road metres and faults of a plan that may be broken, and what it costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.components import components
from redistrict.messages import Message, count_of, name_some, say_amount
from redistrict.model.areas import Area
from redistrict.model.measures import (
    community_areas,
    community_sizes,
    community_targets,
    plan_cost_parts,
)
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem
from redistrict.model.quantities import quantity_words
from redistrict.review.desk import Desk
from redistrict.review.shown import Shown
from redistrict.standards.staffing import workers_needed

IntArray = NDArray[np.int64]
_PEOPLE = Message("residents", "人（户）")


@dataclass(frozen=True, eq=False)
class Figures:
    """What is counted of a plan; community c is entry c.

    Attributes
    ----------
    sizes : dict of str to (k,) int64
        Households and people, where the data have them.
    deviation : dict of str to tuple of (float or None)
        Signed share of the target.
    workers : (k,) int64
    road_m : (k,) float64
        Weighted metres of road inside.
    faults : tuple of tuples of Message
        What each community is not allowed to be.
    of_all : tuple of Message
        What the plan as a whole is not allowed to be.
    cost_m : float
        Weighted metres.
    moved : (int, int)
        Blocks and residents in another community than in the result.
    """

    sizes: dict[str, IntArray]
    deviation: dict[str, tuple[float | None, ...]]
    workers: IntArray
    road_m: NDArray[np.float64]
    faults: tuple[tuple[Message, ...], ...]
    of_all: tuple[Message, ...]
    cost_m: float
    moved: tuple[int, int]


def count_figures(desk: Desk, shown: Shown) -> Figures:
    """Count a plan."""
    plan = shown.plan
    problem = _with_counts(desk.problem, plan)
    sizes, target = community_sizes(problem, plan), community_targets(problem, plan)[0]
    counted = desk.basis.blocks.quantities
    column = {q: problem.quantities.index(q) for q in counted}
    held = {q: sizes[:, n] for q, n in column.items()}
    staffing = desk.scenario.standards.staffing
    homes, people = (held[q].tolist() if q in held else [None] * len(sizes) for q in ("households", "people"))
    workers = [workers_needed(h, p, staffing) for h, p in zip(homes, people, strict=True)]
    before = desk.basis.before
    ids = np.array(shown.ids, dtype=object)[shown.of_block]
    moved = ids != np.array(before.ids, dtype=object)[before.of_block]
    return Figures(
        sizes=held,
        deviation={q: tuple(map(_deviation, held[q].tolist(), target[:, n].tolist())) for q, n in column.items()},
        workers=np.array(workers, dtype=np.int64),
        road_m=_sum_roads(desk, shown.of_block, plan.n_communities),
        faults=_list_faults(desk, problem, shown),
        of_all=(*_say_counts(desk.problem, plan), *_say_moved(problem, plan)),
        cost_m=plan_cost_parts(problem, plan).total / problem.per_metre,
        moved=(int(moved.sum()), int(desk.residents[moved].sum())),
    )


def _deviation(size: int, target: int) -> float | None:
    return round(size / target - 1, 6) if target else None


def _sum_roads(desk: Desk, of_block: NDArray[np.int32], k: int) -> NDArray[np.float64]:
    a, b = of_block[desk.finished.inputs.graph.edges].T
    return np.asarray(np.bincount(a[a == b], desk.road_m[a == b], minlength=k))


def _with_counts(problem: Problem, plan: Plan) -> Problem:
    """Let every area have as many communities as a plan gives it, within the bounds for the nearest number allowed."""
    areas = tuple(_with_count(area, n) for area, n in _count_in_areas(problem, plan))
    return replace(problem, areas=areas)


def _count_in_areas(problem: Problem, plan: Plan) -> Iterator[tuple[Area, int]]:
    """Give each area with its number of communities."""
    n_in_area = np.bincount(community_areas(problem, plan), minlength=len(problem.areas)).tolist()
    return zip(problem.areas, n_in_area, strict=True)


def _with_count(area: Area, n: int) -> Area:
    nearest = min(area.options, key=lambda option: abs(option.n_communities - n))
    return replace(area, options=(nearest.of_count(n),))


# --- faults -----------------------------------------------------------------------------------------------


def _say_counts(problem: Problem, plan: Plan) -> Iterator[Message]:
    for area, n in _count_in_areas(problem, plan):
        allowed = [option.n_communities for option in area.options]
        if n not in allowed:
            limits = f"{allowed[0]}" if len(allowed) == 1 else f"{allowed[0]}-{allowed[-1]}"
            yield Message(
                f"{area.name} has {n} communities, and {limits} are allowed: merge and split as many",
                f"{area.name}有 {n} 个社区，而允许 {limits} 个：合并与拆分数目应相抵",
            )


def _say_moved(problem: Problem, plan: Plan) -> Iterator[Message]:
    stay = problem.stay
    if stay is not None and stay.max_moved is not None and (moved := stay.moved(plan.assignment)) > stay.max_moved:
        n, most = count_of(moved, _PEOPLE), count_of(stay.max_moved, _PEOPLE)
        yield Message(
            f"{n.en} would change community against today, and {most.en} may",
            f"与现状相比变动居民 {n.zh}，而允许 {most.zh}",
        )


def _list_faults(desk: Desk, problem: Problem, shown: Shown) -> tuple[tuple[Message, ...], ...]:
    """Give what each community is not allowed to be."""
    found: list[list[Message]] = [[] for _ in shown.ids]
    for c, message in chain(
        _bounds(desk, problem, shown),
        _pieces(desk, problem, shown),
        _barred(desk, problem, shown),
        _thin(problem, shown),
        _rings(problem, shown),
        _necks(problem, shown),
        _pins(problem, shown),
    ):
        found[c].append(message)
    return tuple(map(tuple, found))


_Found = Iterator[tuple[int, Message]]


def _bounds(desk: Desk, problem: Problem, shown: Shown) -> _Found:
    """Sizes outside the bounds; a named exception may stay as far outside as it is in the result."""
    plan, before = shown.plan, desk.basis.before
    sizes = community_sizes(problem, plan)
    _, lower, upper = community_targets(problem, plan)
    for home in desk.basis.freed:
        if before.ids[home] in shown.ids:
            c, was = shown.ids.index(before.ids[home]), problem.size[before.of_block == home].sum(axis=0)
            lower[c], upper[c] = np.minimum(lower[c], was), np.maximum(upper[c], was)
    for c, q in np.argwhere(sizes < lower).tolist():
        words = say_amount(int(sizes[c, q]), quantity_words(problem.quantities[q]))
        least = f"{int(lower[c, q]):,}"
        yield c, Message(f"{words.en}, at least {least} are needed", f"{words.zh}，低于下限 {least}")
    for c, q in np.argwhere(sizes > upper).tolist():
        words = say_amount(int(sizes[c, q]), quantity_words(problem.quantities[q]))
        most = f"{int(upper[c, q]):,}"
        yield c, Message(f"{words.en}, at most {most} are allowed", f"{words.zh}，超过上限 {most}")


def _pieces(desk: Desk, problem: Problem, shown: Shown) -> _Found:
    """Communities in pieces, with the blocks that lie off the largest."""
    a, b = shown.of_block[problem.edges].T
    pieces: dict[int, list[list[int]]] = {}
    for piece in components(problem.n_blocks, problem.edges[a == b]):
        pieces.setdefault(int(shown.of_block[piece[0]]), []).append(piece)
    for c, own in sorted(pieces.items()):
        if len(own) > 1:
            own.sort(key=len)
            named = name_some([desk.basis.blocks.ids[i] for piece in own[:-1] for i in piece], limit=3)
            n = len(own)
            yield c, Message(f"it lies in {n} pieces; apart: {named.en}", f"不连片，分为 {n} 处；分离地块：{named.zh}")


def _pairs(desk: Desk, shown: Shown, pairs: NDArray[np.int32]) -> Iterator[tuple[int, Message]]:
    """Name the blocks of each community that holds both of a pair."""
    a, b = shown.of_block[pairs].T if len(pairs) else (np.zeros(0, dtype=np.int32),) * 2
    for c in np.unique(a[a == b]).tolist():
        ids = desk.basis.blocks.ids
        yield c, name_some([f"{ids[i]}-{ids[j]}" for i, j in pairs[(a == b) & (a == c)].tolist()])


def _barred(desk: Desk, problem: Problem, shown: Shown) -> _Found:
    """Pairs of blocks that may not share a community, because of a road or of how far apart they lie."""
    for c, named in _pairs(desk, shown, problem.apart):
        yield (
            c,
            Message(
                f"a road that must never be crossed lies inside, between {named.en}",
                f"其中有不得穿越的道路：{named.zh}",
            ),
        )
    for c, named in _pairs(desk, shown, problem.far):
        yield c, Message(f"blocks lie too far apart: {named.en}", f"地块相距过远：{named.zh}")


def _divided(problem: Problem, shown: Shown) -> list[int]:
    """Give the communities of areas that are divided: the shape of one alone is what it is."""
    area = community_areas(problem, shown.plan)
    return np.flatnonzero(np.bincount(area)[area] > 1).tolist()


def _thin(problem: Problem, shown: Shown) -> _Found:
    asked = problem.compactness
    if asked is not None:
        excess = asked.excess(asked.outlines(shown.of_block, len(shown.ids)))
        for c in _divided(problem, shown):
            if excess[c] > 0:
                yield c, Message("it is less compact than allowed", "紧凑度低于下限")


def _rings(problem: Problem, shown: Shown) -> _Found:
    for area in problem.areas if problem.enclosure is not None else ():
        blocks = np.array(area.blocks)
        assert problem.enclosure is not None, "just looked at"
        enclosure, home = problem.enclosure.take(blocks, holds=False), shown.of_block[blocks]
        for c in np.unique(home).tolist():
            if area.n_max > 1 and enclosure.surrounds({*np.flatnonzero(home == c).tolist()}):
                yield c, Message("it surrounds another community", "包围其他社区")


def _necks(problem: Problem, shown: Shown) -> _Found:
    for c in _divided(problem, shown) if problem.necks is not None else ():
        assert problem.necks is not None, "just looked at"
        if len(problem.necks.parts_of({*np.flatnonzero(shown.of_block == c).tolist()})) > 1:
            yield c, Message("a part of it hangs on it by a neck too narrow", "有部分仅由过窄处相连")


def _pins(problem: Problem, shown: Shown) -> _Found:
    """Pins of the scenario that do not hold."""
    for one in problem.demands:
        if not one.holds(shown.of_block):
            for c in np.unique(shown.of_block[sorted(one.blocks)]).tolist():
                yield c, Message(f"{one.name.en} of the scenario does not hold", f"方案文件{one.name.zh}不成立")


def compare_faults(before: Figures, after: Figures, was: Shown, shown: Shown) -> Sequence[Message]:
    """Give the faults that a plan has and the one before has not, each with its community."""
    old = {(was.ids[c], message) for c, some in enumerate(before.faults) for message in some}
    new = [
        Message(f"{shown.names[c]}: {message.en}", f"{shown.names[c]}：{message.zh}")
        for c, some in enumerate(after.faults)
        for message in some
        if (shown.ids[c], message) not in old
    ]
    return [*new, *(message for message in after.of_all if message not in before.of_all)]
