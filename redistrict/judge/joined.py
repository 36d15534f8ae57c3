"""Joined: pieces of a level too small for a community lie with the neighbour they share most border with, where asked.

The joining is done again: the smallest piece first, to the unit inside the same one above that faces most of it, with
which it grows. Where borders are nearly alike either unit is right, and nothing is said of the piece and of those
beside it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from redistrict.judge.case import Case, Ints
from redistrict.judge.verification import Violation
from redistrict.messages import Message, name_some

ALIKE_SHARE, ALIKE_M = 0.8, 20.0
"""A border is as long as another if it has this share of it, less some metres: two ways measure it."""
_LINK_M = 1e-6
"""A link counts where there is no frontage."""
_EITHER = -1
"""Unit of a piece that may have joined one or another."""
Metres = dict[tuple[int, int], float]


def check_joined(case: Case) -> Iterator[Violation]:
    """Check that small pieces of the innermost hard level have joined the unit with most border, where there is one."""
    if not case.joins_small:
        return
    piece, right = case.unit_piece, _join_again(case)
    is_small = np.isin(piece, case.small_pieces)
    level = case.hard_levels[-1]
    names, title = case.ground.levels[level.key].astype(str), level.title
    for p in case.small_pieces:
        own = np.flatnonzero(piece == p)
        wrong = own[[_is_wrong(case, block, int(right[block]), is_small) for block in own.tolist()]]
        if not wrong.size:
            continue
        found, wanted = (names[case.unit == units[wrong[0]]][0] for units in (case.place, right))
        some, home = name_some(case.keys(wrong)), case.plan.names[case.plan.community[wrong[0]]]
        joined = Message(f"is joined to {found}", f"并入了{found}")
        if case.place[wrong[0]] == case.unit[wrong[0]]:
            joined = Message("is joined to none", "未并入其他单元")
        message = Message(
            f"{title.en}: {some.en}, too small for a community, {joined.en}; it shares most border with {wanted}.",
            f"{title.zh}：{some.zh} 规模不足一个社区，{joined.zh}；与其边界最长的是{wanted}。",
        )
        yield Violation("levels", home, case.keys(wrong), joined.en.removeprefix("is "), f"joined to {wanted}", message)


def _is_wrong(case: Case, block: int, right: int, is_small: NDArray[np.bool_]) -> bool:
    """Tell whether a block lies in another unit; of a community of small pieces alone any may be that they joined."""
    if right in (_EITHER, case.place[block]):
        return False
    mates = case.blocks_of(int(case.plan.community[block]))
    return not is_small[mates].all() or right not in case.unit[mates]


def _join_again(case: Case) -> Ints:
    """Give the unit of each block after joining, `_EITHER` where borders are nearly alike."""
    piece, border_m = case.unit_piece, _measure_borders(case)
    unit, above = case.unit.copy(), _units_above(case)
    group = {p: np.flatnonzero(piece == p) for p in np.unique(piece).tolist()}
    left = set[int]()
    while True:
        short = [p for p, own in group.items() if p not in left and case.is_short(own)]
        if not short:
            return unit
        p = min(short, key=lambda one: (case.ground.held[case.lead][group[one]].sum(), min(case.keys(group[one]))))
        own, shared = group[p], dict[int, float]()
        beside = {q: border_m.get((min(p, q), max(p, q)), 0.0) for q in group if q != p}
        for q, metres in beside.items():
            there = group[q][0]
            if metres > 0 and above[there] == above[own[0]] and unit[there] != unit[own[0]]:
                shared[int(unit[there])] = shared.get(int(unit[there]), 0.0) + metres
        if not shared:
            left.add(p)
            continue
        longest_m = max(shared.values())
        alike = [one for one, metres in shared.items() if metres >= ALIKE_SHARE * longest_m - ALIKE_M or one == _EITHER]
        if len(alike) > 1 or alike == [_EITHER]:
            unit[own] = _EITHER
            left.add(p)
            continue
        unit[own] = alike[0]
        for q, metres in beside.items():
            if metres > 0 and unit[group[q][0]] == alike[0]:
                own = group[p] = np.concatenate([group[p], group.pop(q)])
                _grow(border_m, p, q)


def _grow(border_m: Metres, p: int, q: int) -> None:
    """Give p the borders of q, which has become part of it."""
    for (a, b), metres in list(border_m.items()):
        if q in (a, b):
            other = a + b - q
            del border_m[a, b]
            if other != p:
                key = min(p, other), max(p, other)
                border_m[key] = border_m.get(key, 0.0) + metres


def _units_above(case: Case) -> Ints:
    if len(case.hard_levels) == 1:
        return case.district
    names = case.ground.levels[case.hard_levels[-2].key].astype(str)
    return np.unique(names, return_inverse=True)[1].astype(np.intp)


def _measure_borders(case: Case) -> Metres:
    """Measure how much of pieces too small for a community, and of each other piece, face each other."""
    piece, small = case.unit_piece, case.small_pieces
    i, j = case.survey.pairs.T
    rows = np.flatnonzero((piece[i] != piece[j]) & (np.isin(piece[i], small) | np.isin(piece[j], small)))
    rows = rows[case.survey.are_neighbours(rows, close_by=False)]
    found: Metres = {}
    for (a, b), metres in zip(case.survey.pairs[rows].tolist(), case.survey.measure_facing(rows), strict=True):
        key = int(min(piece[a], piece[b])), int(max(piece[a], piece[b]))
        found[key] = found.get(key, 0.0) + max(float(metres), _LINK_M)
    for a, b in case.links:
        key = int(min(piece[a], piece[b])), int(max(piece[a], piece[b]))
        if key[0] != key[1]:
            found.setdefault(key, _LINK_M)
    return found
