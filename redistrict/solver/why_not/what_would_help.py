"""What would help an area without a plan: another number of communities, or the tolerance of the nearest plan found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message, name_some
from redistrict.model.problem import AreaProblem
from redistrict.model.quantities import Other, base_of, quantity_words, tolerance_key
from redistrict.solver.costs import community_totals, is_feasible, sizes_outside
from redistrict.solver.tasks.stop import Stop
from redistrict.solver.why_not.impossible_places import find_room

_LEAST_EFFORT = 10.0
"""CP-SAT's deterministic time for the least tolerances of one area."""
_TIGHT = 0.5
"""Totals are tight when they leave a community less than this share of the sizes inside its bounds."""


@dataclass(frozen=True)
class Squeeze:
    """Totals so near the end of what the communities hold together that hardly a community may differ from another.

    Attributes
    ----------
    quantity, n_communities, total : int
    bounds : tuple of int
        Least and most of one community.
    left : tuple of int
        Least and most once the others must stay inside the bounds too.
    roomier : tuple of int
        Numbers of communities that leave more room inside the same bounds, the roomiest first, at most three.
    """

    quantity: int
    n_communities: int
    total: int
    bounds: tuple[int, int]
    left: tuple[int, int]
    roomier: tuple[int, ...]


def find_squeeze(problem: AreaProblem) -> Squeeze | None:
    """Tell whether the totals leave too little room; this proves nothing, but often is why no plan is found."""
    share = _room_shares(problem)
    q = int(np.argmin(share))
    if problem.n_communities == 1 or not 0 < share[q] < _TIGHT:
        return None
    n, room = problem.n_communities, find_room(problem)
    rooms = {m: float(_room_shares(replace(problem, n_communities=m)).min()) for m in range(1, 2 * n + 1)}
    roomier = sorted((m for m in rooms if rooms[m] > share[q]), key=lambda m: (-rooms[m], m))
    return Squeeze(
        quantity=q,
        n_communities=n,
        total=int(room.least[n, q]),
        bounds=(int(problem.lower[q]), int(problem.upper[q])),
        left=(int(room.least[1, q]), int(room.most[1, q])),
        roomier=tuple(roomier[:3]),
    )


def _room_shares(problem: AreaProblem) -> NDArray[np.float64]:
    """Give the share of the sizes inside the bounds that the totals leave to a community; none or less if they miss."""
    room = find_room(problem)
    widest = np.minimum(problem.upper, problem.size.sum(axis=0)) - problem.lower + 1
    return np.asarray((room.most[1] - room.least[1] + 1) / np.maximum(widest, 1))


class Miss(NamedTuple):
    """A community outside the bounds: its blocks, and how much it lies above, or (negative) below, in each quantity."""

    blocks: tuple[int, ...]
    outside: tuple[int, ...]


@dataclass(frozen=True)
class Relaxation:
    """What would admit a plan: tolerances that are enough, though another plan may need less.

    Attributes
    ----------
    tolerance : tuple of float or None
        Share of the target, one for each quantity; none where the plan keeps the bounds as they are.
    misses : tuple of Miss
    is_least : bool
        It is proved that with a thousandth less of any of them there is no plan.
    """

    tolerance: tuple[float | None, ...]
    misses: tuple[Miss, ...]
    is_least: bool = False


def smallest_relaxation(problem: AreaProblem, nearest: Sequence[int] | None) -> Relaxation | None:
    """Give the least tolerances that admit the nearest plan found; none without a plan, or if none below 1 does.

    Parameters
    ----------
    nearest : (n_blocks,) int, optional
        Community of each block, connected.
    """
    if nearest is None:
        return None
    plan = np.asarray(nearest, dtype=np.int32)
    totals = community_totals(problem, plan)
    outside = sizes_outside(problem, plan)
    wrong = (outside != 0).any(axis=0)
    wider = replace(
        problem,
        lower=np.where(problem.target > 0, np.minimum(problem.lower, totals.min(axis=0)), problem.lower),
        upper=np.maximum(problem.upper, totals.max(axis=0)),
    )
    if not wrong.any() or not is_feasible(wider, plan):
        return None
    from redistrict.solver.exact.least_cover import THOUSAND, needed_tolerances  # CP-SAT, which few checks need

    needed = np.where(wrong, needed_tolerances(problem, totals).max(axis=0), 0)
    if needed.max() >= THOUSAND:
        return None
    shares = [int(n) / THOUSAND if n else None for n in needed]
    misses = [
        Miss(tuple(np.flatnonzero(plan == c).tolist()), tuple(outside[c].tolist()))
        for c in np.flatnonzero((outside != 0).any(axis=1)).tolist()
    ]
    return Relaxation(tuple(shares), tuple(misses))


class Remedy(NamedTuple):
    """Whether a wider tolerance is proved to help, none where that is not known; and the least that does."""

    helps: bool | None
    relaxation: Relaxation | None = None


def least_relaxation(options: Sequence[AreaProblem], quantities: Sequence[str], stop: Stop) -> Remedy:
    """Give the least tolerances with which an area has a plan, where its connected sets are few enough to tell.

    Parameters
    ----------
    options : sequence of AreaProblem
        The area with each number of communities it may have.
    """
    from redistrict.solver.exact.least_cover import cover_with_least_tolerance  # CP-SAT, which few checks need

    bases = [base_of(q) for q in quantities]
    shared = [bases.index(base) for base in bases]
    best: tuple[float, Relaxation | None] | None = None
    for option in options:
        cover = cover_with_least_tolerance(option, shared, stop, effort=_LEAST_EFFORT, seed=0)
        if cover is None:
            return Remedy(None)
        if cover.assignment is not None:
            found = smallest_relaxation(option, cover.assignment.tolist())
            total = sum(needed_by_base(found, quantities).values()) if found else 0.0
            if best is None or total < best[0]:
                best = total, found and replace(found, is_least=True)
    return Remedy(False) if best is None else Remedy(True, best[1])


def needed_by_base(relaxation: Relaxation, quantities: Sequence[str]) -> dict[str, float]:
    """Give each tolerance that must be wider, by the quantity of today: later years share it."""
    needed: dict[str, float] = {}
    for q, share in zip(quantities, relaxation.tolerance, strict=True):
        if share is not None:
            needed[base_of(q)] = max(share, needed.get(base_of(q), share))
    return needed


def explain_squeeze(squeeze: Squeeze, quantities: Sequence[str]) -> Message:
    """Say how little room the totals leave, and what leaves more; without a full stop."""
    quantity, n = quantities[squeeze.quantity], squeeze.n_communities
    words = quantity_words(quantity)
    (low, high), (least, most) = squeeze.bounds, squeeze.left
    numbers = [str(m) for m in squeeze.roomier]
    tolerance = tolerance_key(quantity) if isinstance(quantity, Other) else "communities.tolerance"
    more = (
        Message(f"more room: {' or '.join(numbers)} communities", f"更宽松的社区数：{'、'.join(numbers)}")
        if numbers
        else Message("no other number leaves more room", "没有更宽松的社区数")
    )
    return Message(
        f"{squeeze.total:,} {words.en} in {n} communities of {low:,}-{high:,} leave each only {least:,}-{most:,}; "
        f"{more.en}; or widen {tolerance}, or use 'around: means'",
        f"{words.zh} {squeeze.total:,} 分为 {n} 个社区（每个 {low:,}–{high:,}），"
        f"实际每个只能在 {least:,}–{most:,} 之间；{more.zh}；也可放宽 {tolerance} 或使用 around: means",
    )


def explain_relaxation(relaxation: Relaxation, names: Sequence[object], quantities: Sequence[str]) -> Message:
    """Say what each of the first three communities outside the bounds lacks, and what would admit the plan."""
    needed = needed_by_base(relaxation, quantities)
    shares = " and ".join(f"{tolerance_key(base)} {share:g}" for base, share in needed.items())
    zh_shares = "、".join(f"{tolerance_key(base)} 放宽到 {share:g}" for base, share in needed.items())
    parts = [_miss_words(miss, names, quantities) for miss in relaxation.misses[:3]]
    rest = len(relaxation.misses) - len(parts)
    if rest > 0:
        parts.append(Message(f"and {rest} more", f"另有 {rest} 个"))
    en, zh = "; ".join(part.en for part in parts), "；".join(part.zh for part in parts)
    if relaxation.is_least:
        which = "" if len(needed) == 1 else " of either"
        return Message(
            f"{shares} would be enough, a thousandth less{which} would not: all plans were compared "
            f"(outside the bounds as they are: {en})",
            f"将 {zh_shares} 即可，{'其中任何一项' if which else ''}再小 0.001 则不可：已比较全部方案"
            f"（按现有限制不满足之处：{zh}）",
        )
    return Message(
        f"the nearest plan found needs {shares} ({en})",
        f"最接近的方案需要将 {zh_shares}（{zh}）",
    )


def _miss_words(miss: Miss, names: Sequence[object], quantities: Sequence[str]) -> Message:
    blocks = name_some([names[i] for i in miss.blocks], limit=2)
    wrong = [(quantity_words(q), by) for q, by in zip(quantities, miss.outside, strict=True) if by]
    en = ", ".join(f"{abs(by):,} {words.en} too {'many' if by > 0 else 'few'}" for words, by in wrong)
    zh = "，".join(f"{words.zh}{'多' if by > 0 else '少'} {abs(by):,}" for words, by in wrong)
    return Message(f"blocks {blocks.en}: {en}", f"地块 {blocks.zh}：{zh}")
