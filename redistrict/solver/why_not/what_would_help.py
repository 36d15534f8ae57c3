"""What would help an area without a plan: another number of communities, or the tolerance of the nearest plan found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message, name_some
from redistrict.model.problem import AreaProblem, IntArray
from redistrict.model.quantities import base_of, quantity_words
from redistrict.solver.costs import community_totals, is_feasible, sizes_outside
from redistrict.solver.why_not.impossible_places import find_room

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
    """What would admit the nearest plan found: a tolerance that is enough, though another plan may need less.

    Attributes
    ----------
    tolerance : tuple of float or None
        Share of the target, one for each quantity; none where the plan keeps the bounds as they are.
    misses : tuple of Miss
    """

    tolerance: tuple[float | None, ...]
    misses: tuple[Miss, ...]


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
    centers = problem.center or tuple(Fraction(int(target)) for target in problem.target)
    shares = [_tolerance_for(totals[:, q], centers[q]) if wrong[q] else None for q in range(len(wrong))]
    if any(share is not None and share >= 1 for share in shares):
        return None
    misses = [
        Miss(tuple(np.flatnonzero(plan == c).tolist()), tuple(outside[c].tolist()))
        for c in np.flatnonzero((outside != 0).any(axis=1)).tolist()
    ]
    return Relaxation(tuple(shares), tuple(misses))


def _tolerance_for(totals: IntArray, center: Fraction) -> float:
    """Give the least tolerance, in thousandths, that admits these totals; 1 and more where none does.

    Bounds are ``ceil(center * (1 - share))`` and ``floor(center * (1 + share))``, as `model.areas` makes them, so the
    totals lie inside when ``share >= 1 - least / center`` and ``share >= most / center - 1``.
    """
    if center <= 0:
        return 1.0
    share = max(1 - int(totals.min()) / center, int(totals.max()) / center - 1)
    return ceil(1000 * share) / 1000


def explain_squeeze(squeeze: Squeeze, quantities: Sequence[str]) -> Message:
    """Say how little room the totals leave, and what leaves more; without a full stop."""
    words, n = quantity_words(quantities[squeeze.quantity]), squeeze.n_communities
    (low, high), (least, most) = squeeze.bounds, squeeze.left
    numbers = [str(m) for m in squeeze.roomier]
    more = (
        Message(f"more room: {' or '.join(numbers)} communities", f"更宽松的社区数：{'、'.join(numbers)}")
        if numbers
        else Message("no other number leaves more room", "没有更宽松的社区数")
    )
    return Message(
        f"{squeeze.total:,} {words.en} in {n} communities of {low:,}-{high:,} leave each only {least:,}-{most:,}; "
        f"{more.en}; or widen communities.tolerance, or use 'around: means'",
        f"{words.zh} {squeeze.total:,} 分为 {n} 个社区（每个 {low:,}–{high:,}），"
        f"实际每个只能在 {least:,}–{most:,} 之间；{more.zh}；也可放宽 communities.tolerance 或使用 around: means",
    )


def explain_relaxation(relaxation: Relaxation, names: Sequence[object], quantities: Sequence[str]) -> Message:
    """Say what each of the first three communities outside the bounds lacks, and what would admit the plan."""
    shares = [
        f"communities.tolerance.{base_of(q)} {share:g}"
        for q, share in zip(quantities, relaxation.tolerance, strict=True)
        if share is not None
    ]
    parts = [_miss_words(miss, names, quantities) for miss in relaxation.misses[:3]]
    rest = len(relaxation.misses) - len(parts)
    if rest > 0:
        parts.append(Message(f"and {rest} more", f"另有 {rest} 个"))
    return Message(
        f"the nearest plan found needs {' and '.join(shares)} ({'; '.join(part.en for part in parts)})",
        f"最接近的方案需要 {'、'.join(shares)}（{'；'.join(part.zh for part in parts)}）",
    )


def _miss_words(miss: Miss, names: Sequence[object], quantities: Sequence[str]) -> Message:
    blocks = name_some([names[i] for i in miss.blocks], limit=2)
    wrong = [(quantity_words(q), by) for q, by in zip(quantities, miss.outside, strict=True) if by]
    en = ", ".join(f"{abs(by):,} {words.en} too {'many' if by > 0 else 'few'}" for words, by in wrong)
    zh = "，".join(f"{words.zh}{'多' if by > 0 else '少'} {abs(by):,}" for words, by in wrong)
    return Message(f"blocks {blocks.en}: {en}", f"地块 {blocks.zh}：{zh}")
