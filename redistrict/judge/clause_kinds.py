"""Kinds of clauses: what each may say of a community, by the judge's own facts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.scenario.clauses import (
    AnyClause,
    Circle,
    Committee,
    DwellingLimits,
    EstateWhole,
    GridCount,
    GridOnePiece,
    GridPosts,
    GridSize,
    MergeBelow,
    OneDistrict,
    OnePiece,
    OneUnit,
    OutlineAlong,
    PremisesNorm,
    RoadInside,
    SimpleOutline,
    SizeLimits,
    SplitAbove,
    StaffingRatio,
    TargetSize,
    WalkShare,
)
from redistrict.scenario.section import Quantity, Range

Holds = bool | None
NUMBER = re.compile(r"(?<!\w)\d[\d,]*(?:\.\d+)?")
NEAR = 0.011
"""Numbers are published to the hundredth."""
_AT_M = 0.05
"""Blocks this near to a distance may lie on either side of it."""
_SHOWN = 3
"""Divided estates, and grids, are named up to so many."""
EITHER: frozenset[Holds] = frozenset((True, False))


def numbers_in(text: str) -> list[float]:
    """Give the numbers of a text in their order, the word `one` as 1."""
    return [float(one.replace(",", "")) for one in NUMBER.findall(re.sub(r"\bone\b", "1", text))]


class Judged(NamedTuple):
    """What a clause may say of a community (None: it is unknown), and the numbers found and allowed.

    The numbers are none where the judge does not know them.
    """

    holds: frozenset[Holds]
    found: list[float] | None
    allowed: list[float] | None


@dataclass(frozen=True, eq=False)
class Walks:
    """How far blocks are from the rooms of each community, and who lives there.

    Attributes
    ----------
    metres : (k, n) float64
        From the middle of each block to the nearest rooms in the community, infinite where it has none, or they are
        farther than any clause asks.
    is_tied : (k,) bool
        Whether rooms are as near to another community, so that it may have more or fewer.
    community : (n,) int
        Community of each block, -1 for none.
    counts : mapping of quantity to (n,) int64
    dwellings : (n,) int64, or None
        None where the data have none.
    by_line : (k, n) bool, or None
        Where no road leads to the rooms, so that the straight line counts; none: it counts everywhere.
    """

    metres: NDArray[np.float64]
    is_tied: NDArray[np.bool_]
    community: NDArray[np.intp]
    counts: Mapping[Quantity, NDArray[np.int64]]
    dwellings: NDArray[np.int64] | None
    by_line: NDArray[np.bool_] | None

    def count_by_line(self, c: int, most_m: float, *, own: bool) -> list[float]:
        """Give how many lived-in blocks near enough no road leads to, as it is told: not at all if none."""
        if self.by_line is None:
            return []
        held = [*self.counts.values(), *([] if self.dwellings is None else [self.dwellings])]
        near = np.any([one > 0 for one in held], axis=0) & self.by_line[c] & (self.metres[c] <= most_m)
        n = int((near & (self.community == c)).sum() if own else near.sum())
        return [float(n)] if n else []

    def is_sure(self, c: int, most_m: float) -> bool:
        """Tell whether nobody lives just at the distance, and the rooms are the community's."""
        held = [*self.counts.values(), *([] if self.dwellings is None else [self.dwellings])]
        lived = np.any([counts > 0 for counts in held], axis=0)
        near = np.abs(self.metres[c, lived] - most_m) <= _AT_M
        return not self.is_tied[c] and not near.any()


class GridHeld(NamedTuple):
    """A grid as `grids.csv` and `grid_list.csv` have it: code, households of its blocks, posts, and pieces."""

    code: str
    households: int
    posts: int
    n_pieces: int


@dataclass(frozen=True)
class Grids:
    """Grids of each community, by code, and the fewest and most households the scenario asks of one."""

    held: list[list[GridHeld]]
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Facts:
    """What clauses look at, by number of the community.

    Attributes
    ----------
    sums : mapping of quantity to list of int
    dwellings : list of int, or None
        None where the data have none.
    workers : list of int
    staff_today : list of float, or None
    premises_m2 : list of (float or None), or None
        None where a site is as near to two communities; None for all where there are no premises.
    border_share : list of float
    inside_m : mapping of class to list of float
        Every class of the data.
    n_districts : list of int
    n_pieces : list of int
    compactness : list of float, or None
        Of the polygons handed over; None where there are none to be read.
    estates : list of list of str, or None
        Names of the estates each shares with others, sorted; None where no block has a name.
    n_units : mapping of level to list of int
    walks : Walks or None
        None where there are no premises.
    grids : Grids or None
        None where the scenario asks for none, or no clause for them.
    """

    sums: Mapping[str, list[int]]
    dwellings: list[int] | None
    workers: list[int]
    staff_today: list[float] | None
    premises_m2: list[float | None] | None
    border_share: list[float]
    inside_m: Mapping[str, list[float]]
    n_districts: list[int]
    n_pieces: list[int]
    compactness: list[float] | None
    estates: list[list[str]] | None
    n_units: Mapping[str, list[int]]
    walks: Walks | None
    grids: Grids | None


def judge_clause(clause: AnyClause, facts: Facts, c: int) -> Judged:
    """Judge one community by one clause, leaving waivers aside."""
    match clause:
        case OnePiece():
            return Judged(frozenset((facts.n_pieces[c] == 1,)), [float(facts.n_pieces[c])], [1.0])
        case OneDistrict():
            return Judged(frozenset((facts.n_districts[c] == 1,)), [float(facts.n_districts[c])], [1.0])
        case OutlineAlong(min_share=least):
            share = facts.border_share[c]
            holds = EITHER if abs(share - least) < 0.0006 else frozenset((share >= least,))
            return Judged(holds, [share * 100], [least * 100])
        case RoadInside():
            known = [facts.inside_m[name][c] for name in clause.classes if name in facts.inside_m]
            total, slack_m = sum(known), NEAR * len(known)
            near = abs(total - clause.most_m) <= slack_m and total > 0
            sure: frozenset[Holds] = EITHER if near else frozenset((total <= clause.most_m,))
            return Judged(sure if known else frozenset((None,)), known, [clause.most_m])
        case StaffingRatio():
            return _judge_staff(clause, facts, c)
        case PremisesNorm():
            return _judge_premises(clause, facts, c)
        case Committee(min_members=fewest):
            posts = facts.workers[c]
            return Judged(frozenset((posts >= fewest,)), [float(posts)], [float(fewest)])
        case SimpleOutline(min_compactness=lowest):
            return _judge_outline(facts.compactness, lowest, c)
        case EstateWhole():
            return _judge_estates(facts.estates, c)
        case OneUnit(level=level):
            if level not in facts.n_units:
                return Judged(frozenset((None,)), [], [1.0])
            n_units = facts.n_units[level][c]
            return Judged(frozenset((n_units == 1,)), [float(n_units)], [1.0])
        case DwellingLimits(dwellings=limits):
            held = facts.sums.get("households") if facts.dwellings is None else facts.dwellings
            return _hold_against(None if held is None else held[c], limits)
        case WalkShare():
            return _judge_walk(clause, facts.walks, c)
        case Circle():
            return _judge_circle(clause, facts.walks, c)
        case GridCount() | GridSize() | GridOnePiece() | GridPosts():
            return _judge_grids(clause, facts.grids, c)
        case SizeLimits() | TargetSize() | SplitAbove() | MergeBelow():
            return _judge_size(clause, facts, c)


def _judge_outline(compactness: list[float] | None, lowest: float, c: int) -> Judged:
    if compactness is None:
        return Judged(EITHER, None, [lowest * 100])
    holds = EITHER if abs(compactness[c] - lowest) < 0.0006 else frozenset((compactness[c] >= lowest,))
    return Judged(holds, [compactness[c] * 100], [lowest * 100])


def _judge_estates(estates: list[list[str]] | None, c: int) -> Judged:
    if estates is None:
        return Judged(frozenset((None,)), [], [])
    shared = estates[c]
    in_names = [one for name in shared[:_SHOWN] for one in numbers_in(name)]
    return Judged(frozenset((not shared,)), [float(len(shared)), *in_names] if shared else [], [])


def _hold_against(count: int | None, limits: Range) -> Judged:
    allowed = [float(limit) for limit in (limits.min, limits.max) if limit is not None]
    if count is None:
        return Judged(frozenset((None,)), [], allowed)
    inside = (limits.min or 0) <= count and (limits.max is None or count <= limits.max)
    return Judged(frozenset((inside,)), [float(count)], allowed)


def _judge_walk(clause: WalkShare, walks: Walks | None, c: int) -> Judged:
    allowed = [clause.min_share * 100, clause.most_m]
    if walks is None:
        return Judged(frozenset((None,)), [], allowed)
    if not walks.is_sure(c, clause.most_m):
        return Judged(EITHER, None, allowed)
    own = list(walks.counts.values())[-1][walks.community == c]
    near = own[walks.metres[c, walks.community == c] <= clause.most_m].sum()
    share = Fraction(int(near), int(own.sum())) if own.any() else Fraction(1)
    told = [float(share * 100), *walks.count_by_line(c, clause.most_m, own=True)]
    return Judged(frozenset((float(share) >= clause.min_share,)), told, allowed)


def _judge_circle(clause: Circle, walks: Walks | None, c: int) -> Judged:
    parts = []
    asked: tuple[tuple[Quantity, Range | None], ...] = (("people", clause.people), ("households", clause.dwellings))
    for quantity, limits in asked:
        if limits is not None:
            counts = None if walks is None else walks.counts.get(quantity)
            if quantity == "households" and walks is not None and walks.dwellings is not None:
                counts = walks.dwellings
            near = None if walks is None or counts is None else int(counts[walks.metres[c] <= clause.most_m].sum())
            parts.append(_hold_against(near, limits))
    allowed = [limit for part in parts for limit in part.allowed or ()]
    if walks is not None and not walks.is_sure(c, clause.most_m):
        return Judged(frozenset((True, False, None)), None, allowed)
    holds = _worst({hold for part in parts for hold in part.holds})
    by_line = [] if walks is None else walks.count_by_line(c, clause.most_m, own=False)
    return Judged(frozenset((holds,)), [*(count for part in parts for count in part.found or ()), *by_line], allowed)


def _judge_grids(clause: GridCount | GridSize | GridOnePiece | GridPosts, grids: Grids | None, c: int) -> Judged:
    (low, high), column = _grid_limits(clause, grids)
    allowed = [float(limit) for limit in (low, high) if limit is not None]
    if isinstance(clause, GridOnePiece):
        allowed = [1.0]
    if grids is None:
        return Judged(frozenset((None,)), [], allowed or None)
    held = grids.held[c]
    counts = {one.code: int(one[column]) for one in held} if column else {}
    wrong = [code for code, n in counts.items() if n < (low or 0) or n > (high or n)]
    named = [number for code in wrong[:_SHOWN] for number in (*numbers_in(code), float(counts[code]))]
    n_grids = len(held)
    is_right = not wrong if column else (low or 0) <= n_grids <= (high or n_grids)
    return Judged(frozenset((is_right,)), [float(n_grids), *([float(len(wrong)), *named] if wrong else [])], allowed)


def _grid_limits(
    clause: GridCount | GridSize | GridOnePiece | GridPosts, grids: Grids | None
) -> tuple[tuple[int | None, int | None], int | None]:
    """Give what is allowed, and of which column of a grid; none: of their number."""
    match clause:
        case GridCount(grids=limits):
            return (limits.min, limits.max), None
        case GridSize(households=Range() as limits):
            return (limits.min, limits.max), 1
        case GridSize():
            return (grids.least, grids.most) if grids else (None, None), 1
        case GridPosts(min_posts=least):
            return (least, None), 2
        case GridOnePiece():
            return (None, 1), 3


def _judge_size(clause: SizeLimits | TargetSize | SplitAbove | MergeBelow, facts: Facts, c: int) -> Judged:
    found, allowed = list[float](), list[float]()
    holds = set[Holds]()
    for quantity in ("households", "people"):
        size = getattr(clause, quantity)
        if size is None:
            continue
        low, high = _limits(clause, size)
        allowed += [float(limit) for limit in (low, high) if limit is not None]
        count = facts.sums[quantity][c] if quantity in facts.sums else None
        if count is None:
            holds.add(None)
            continue
        found.append(count)
        holds.add((low is None or count >= low) and (high is None or count <= high))
    return Judged(frozenset((_worst(holds),)), found, allowed)


def _limits(clause: SizeLimits | TargetSize | SplitAbove | MergeBelow, size: Any) -> tuple[int | None, int | None]:
    if isinstance(clause, SizeLimits):
        return size.min, size.max
    if isinstance(clause, TargetSize):
        share = Fraction(str(clause.tolerance))
        return ceil(size * (1 - share)), floor(size * (1 + share))
    return (None, size) if isinstance(clause, SplitAbove) else (size, None)


def _worst(holds: set[Holds]) -> Holds:
    return False if False in holds else None if None in holds else True


def _judge_staff(clause: StaffingRatio, facts: Facts, c: int) -> Judged:
    ratios = {"households": clause.households_per_worker, "people": clause.people_per_worker}
    needs = [facts.sums[q][c] / Fraction(str(ratio)) for q, ratio in ratios.items() if ratio and q in facts.sums]
    if not needs:
        return Judged(frozenset((None,)), [], None)
    need = max(needs) if clause.combine == "larger" else sum(needs, Fraction(0)) / len(needs)
    whole = ceil(need) if clause.rounding == "up" else floor(need + Fraction(1, 2))
    today = [] if facts.staff_today is None else [facts.staff_today[c]]
    return Judged(frozenset((facts.workers[c] >= whole,)), [float(facts.workers[c]), *today], [float(whole)])


def _judge_premises(clause: PremisesNorm, facts: Facts, c: int) -> Judged:
    rate = Fraction(str(clause.m2_per_100_households)) / 100
    minimum, households = Fraction(str(clause.minimum_m2)), facts.sums.get("households")
    if not rate:
        least: Fraction | None = minimum
    else:
        least = None if households is None else max(minimum, rate * households[c])
    allowed = None if least is None else [ceil(least * 100) / 100]
    if facts.premises_m2 is None:
        return Judged(frozenset((None,)), [], allowed)
    area_m2 = facts.premises_m2[c]
    if area_m2 is None:
        return Judged(frozenset((True, False, None)), None, allowed)
    if least is None:
        return Judged(frozenset((False if area_m2 < clause.minimum_m2 else None,)), [area_m2], None)
    return Judged(frozenset((area_m2 >= least,)), [area_m2], allowed)
