"""Checks: what each kind of clause finds in one community, and what it allows; waivers are left aside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import CLASS_WORDS, QUANTITY_UNITS, Message, count_of, list_of, plain
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
from redistrict.scenario.enforce import QUANTITIES, size_range
from redistrict.scenario.office import Staffing
from redistrict.scenario.section import Range
from redistrict.standards.staffing import workers_needed

_SizeClause = SizeLimits | TargetSize | SplitAbove | MergeBelow

UNKNOWN = Message("not in the data", "数据中没有")
_DWELLINGS = Message("dwellings", "套住宅")
_NO_GRIDS = Message("not applicable, as there are no grids", "不适用：没有划分网格")
_GRIDS = Message("grid(s)", "个网格")
_SHOWN = 3
"""Divided estates, or grids, that a finding names."""


@dataclass(frozen=True, eq=False)
class Walks:
    """How far every block of the city is from the rooms of one community.

    Attributes
    ----------
    metres : (n_blocks,) float64
        From the middle of the block to the nearest site in the community, along the streets where there are any;
        infinite without a site.
    is_own : (n_blocks,) bool
        Whether the block is the community's.
    residents : mapping of quantity to (n_blocks,) int64
        What lives in each block.
    dwellings : (n_blocks,) int64, or None
        None where the data have none.
    by_line : (n_blocks,) bool, or None
        Where no road leads to the site, so that the straight line counts; none: it counts everywhere.
    """

    metres: NDArray[np.float64]
    is_own: NDArray[np.bool_]
    residents: Mapping[str, NDArray[np.int64]]
    dwellings: NDArray[np.int64] | None = None
    by_line: NDArray[np.bool_] | None = None

    def share_within(self, most_m: float) -> float:
        """Give the share of the community's residents within a distance; 1 where nobody lives."""
        own = list(self.residents.values())[-1] * self.is_own
        return float(own[self.metres <= most_m].sum() / own.sum()) if own.any() else 1.0

    def count_within(self, most_m: float, quantity: str) -> tuple[int | None, bool]:
        """Count people or dwellings within a distance (none: unknown), and tell whether households stand in."""
        stands_in = quantity == "dwellings" and self.dwellings is None
        counts = self.residents.get("households" if stands_in else quantity)
        if quantity == "dwellings" and not stands_in:
            counts = self.dwellings
        return None if counts is None else int(counts[self.metres <= most_m].sum()), stands_in

    def say_how(self, most_m: float, *, own: bool) -> Message:
        """Say how distances are measured, and how many lived-in blocks near enough no road leads to."""
        if self.by_line is None:
            return Message("in a straight line", "按直线距离")
        lived = np.any([*self.residents.values(), *([] if self.dwellings is None else [self.dwellings])], axis=0)
        near = lived & self.by_line & (self.metres <= most_m) & (self.is_own | (not own))
        along = Message("along the streets", "沿道路")
        if not near.any():
            return along
        n = int(near.sum())
        return along + Message(
            f"; {n} blocks in a straight line, as no road leads there", f"；无道路可达、按直线的地块 {n} 个"
        )


class GridFacts(NamedTuple):
    """One grid: code, households, posts of grid workers, and connected pieces."""

    code: str
    households: int
    workers: int
    n_pieces: int


class Grids(NamedTuple):
    """The grids of one community by code, and the fewest and most households the scenario asks of one."""

    grids: tuple[GridFacts, ...]
    lower: int
    upper: int


@dataclass(frozen=True)
class CommunityFacts:
    """What the clauses look at in one community; None where the data do not say.

    Attributes
    ----------
    id, name, district : str
        Key, name and district (that of most of its blocks).
    households, people, dwellings : int or None
        Residents, and dwellings (none: households stand in for them).
    n_pieces, n_districts : int
        Connected pieces, and districts its blocks lie in.
    workers : int
        Community workers it gets.
    staff_today : int or None
        Workers there today; shown beside `workers`.
    premises_m2 : float or None
        Office and service premises, in square metres.
    named_border_share : float or None
        Share of its outline along named roads, railways, waters or hills, 0 to 1.
    crossing_m : mapping of str to float
        Metres inside it of every class the data have, 0.0 too; empty where the data have no roads.
    compactness : float
        ``4 pi area / perimeter^2`` of its outline, as published.
    divided : tuple of str, or None
        Estates (blocks of one name in one district) that lie in it and in others; None where blocks have no names.
    n_units : mapping of str to int
        Units its blocks lie in, by the key of the level.
    walks : Walks or None
        None where the data have no premises.
    grids : Grids or None
        None where the scenario asks for none.
    """

    id: str
    name: str
    district: str
    households: int | None
    people: int | None
    dwellings: int | None
    n_pieces: int
    n_districts: int
    workers: int
    staff_today: int | None
    premises_m2: float | None
    named_border_share: float | None
    crossing_m: Mapping[str, float]
    compactness: float
    divided: tuple[str, ...] | None
    n_units: Mapping[str, int]
    walks: Walks | None
    grids: Grids | None


class Judgement(NamedTuple):
    """What a clause says of a community: None where the data lack the fact."""

    holds: bool | None
    found: Message
    allowed: Message


def judge_clause(clause: AnyClause, one: CommunityFacts) -> Judgement:
    """Judge one community by one clause, leaving waivers aside."""
    match clause:
        case OnePiece():
            found = Message(f"pieces: {one.n_pieces}", f"{one.n_pieces} 片")
            return Judgement(one.n_pieces == 1, found, Message("one", "1 片"))
        case OneDistrict():
            found = Message(f"districts: {one.n_districts}", f"{one.n_districts} 个区")
            return Judgement(one.n_districts == 1, found, Message("one", "1 个区"))
        case OutlineAlong(min_share=least):
            share = one.named_border_share
            found = UNKNOWN if share is None else plain(f"{share:.1%}")
            return Judgement(None if share is None else share >= least, found, _at_least(f"{least:.1%}"))
        case RoadInside():
            return _judge_roads(clause, one)
        case StaffingRatio():
            return _judge_staff(clause, one)
        case PremisesNorm():
            return _judge_premises(clause, one)
        case Committee(min_members=least):
            found = Message(f"posts: {one.workers}", f"{one.workers} 个岗位")
            return Judgement(one.workers >= least, found, _at_least(f"{least}"))
        case SimpleOutline(min_compactness=lowest):
            found = Message(f"compactness {one.compactness:.1%}", f"紧凑度 {one.compactness:.1%}")
            return Judgement(one.compactness >= lowest, found, _at_least(f"{lowest:.1%}"))
        case EstateWhole():
            return _judge_estates(one)
        case OneUnit(level=level):
            n_units = one.n_units.get(level)
            found = UNKNOWN if n_units is None else Message(f"units: {n_units}", f"{n_units} 个")
            return Judgement(None if n_units is None else n_units == 1, found, Message("one", "1 个"))
        case DwellingLimits(dwellings=limits):
            is_known = one.dwellings is not None
            return _compare(one.dwellings if is_known else one.households, limits, _DWELLINGS, stands_in=not is_known)
        case WalkShare():
            return _judge_walk(clause, one)
        case Circle():
            return _judge_circle(clause, one)
        case GridCount() | GridSize() | GridOnePiece() | GridPosts():
            return _judge_grids(clause, one.grids)
        case SizeLimits() | TargetSize() | SplitAbove() | MergeBelow():
            return _judge_size(clause, one)


def _judge_size(clause: _SizeClause, one: CommunityFacts) -> Judgement:
    """Compare households and people with the limits the clause sets for them."""
    holds: list[bool | None] = []
    found, allowed = [], []
    for quantity in QUANTITIES:
        low, high = size_range(clause, quantity)
        if low is None and high is None:
            continue
        count = getattr(one, quantity)
        holds.append(None if count is None else _is_within(count, low, high))
        found.append(UNKNOWN if count is None else count_of(count, QUANTITY_UNITS[quantity]))
        allowed.append(_between(low, high, QUANTITY_UNITS[quantity]))
    return Judgement(_all(holds), list_of(found), list_of(allowed))


def _judge_roads(clause: RoadInside, one: CommunityFacts) -> Judgement:
    """Compare the metres of the named classes inside with the most that is allowed."""
    known = {name: one.crossing_m[name] for name in clause.classes if name in one.crossing_m}
    words = {CLASS_WORDS.get(name, plain(name)): _plain(m) for name, m in known.items()}
    found = [Message(f"{word.en} {m} m", f"{word.zh} {m} 米") for word, m in words.items()]
    most = _plain(clause.most_m)
    allowed = Message(f"at most {most} m", f"不超过 {most} 米")
    holds = sum(known.values()) <= clause.most_m if known else None
    return Judgement(holds, list_of(found or [UNKNOWN]), allowed)


def _judge_staff(clause: StaffingRatio, one: CommunityFacts) -> Judgement:
    """Compare the workers with those the clause's ratios ask for."""
    households = one.households if clause.households_per_worker else None
    people = one.people if clause.people_per_worker else None
    if households is None and people is None:
        return Judgement(None, UNKNOWN, _words_of(clause))
    ratios = clause.model_dump(include=set(Staffing.model_fields), exclude_none=True)
    need = workers_needed(households, people, Staffing(**ratios))
    today = "" if one.staff_today is None else f" ({one.staff_today} today)"
    now = "" if one.staff_today is None else f"（现有 {one.staff_today} 人）"
    found = Message(f"workers: {one.workers}{today}", f"{one.workers} 人{now}")
    return Judgement(one.workers >= need, found, _at_least(f"{need}"))


def _judge_premises(clause: PremisesNorm, one: CommunityFacts) -> Judgement:
    """Compare the premises with the least area and with that for the households."""
    area, rate = one.premises_m2, Fraction(str(clause.m2_per_100_households)) / 100
    needs = [
        Fraction(str(clause.minimum_m2)),
        None if one.households is None and rate else rate * (one.households or 0),
    ]
    holds = _all([None if area is None or need is None else area >= need for need in needs])
    found = UNKNOWN if area is None else Message(f"{_plain(area)} m²", f"{_plain(area)} 平方米")
    known = [need for need in needs if need is not None]
    if len(known) < len(needs):
        return Judgement(holds, found, _words_of(clause))
    least = _plain(ceil(max(known) * 100) / 100)
    return Judgement(holds, found, Message(f"at least {least} m²", f"不少于 {least} 平方米"))


def _judge_estates(one: CommunityFacts) -> Judgement:
    """Name estates that other communities have blocks of."""
    none = Message("none", "无")
    if one.divided is None:
        return Judgement(None, UNKNOWN, none)
    n, named = len(one.divided), list_of(one.divided[:_SHOWN])
    found = Message(f"divided: {n} ({named.en})", f"被分割 {n} 个（{named.zh}）") if n else none
    return Judgement(n == 0, found, none)


def _judge_walk(clause: WalkShare, one: CommunityFacts) -> Judgement:
    """Compare the share of the residents near the community's rooms with the least."""
    least, most = f"{clause.min_share:.1%}", _plain(clause.most_m)
    allowed = Message(f"at least {least} within {most} m", f"不少于 {least}（{most} 米内）")
    if one.walks is None:
        return Judgement(None, UNKNOWN, allowed)
    share = one.walks.share_within(clause.most_m)
    how = one.walks.say_how(clause.most_m, own=True)
    found = Message(f"{share:.1%} of the residents, {how.en}", f"{share:.1%} 的居民（{how.zh}）")
    return Judgement(share >= clause.min_share, found, allowed)


def _judge_circle(clause: Circle, one: CommunityFacts) -> Judgement:
    """Compare what lives near the community's rooms, in whatever community, with the limits."""
    parts = []
    asked = (("people", clause.people, QUANTITY_UNITS["people"]), ("dwellings", clause.dwellings, _DWELLINGS))
    for quantity, limits, unit in asked:
        if limits is not None:
            near, stands_in = (None, False) if one.walks is None else one.walks.count_within(clause.most_m, quantity)
            parts.append(_compare(near, limits, unit, stands_in=stands_in))
    found = list_of(part.found for part in parts)
    if one.walks is not None:
        how = one.walks.say_how(clause.most_m, own=False)
        found += Message(f" ({how.en})", f"（{how.zh}）")
    return Judgement(_all([part.holds for part in parts]), found, list_of(part.allowed for part in parts))


def _judge_grids(clause: GridCount | GridSize | GridOnePiece | GridPosts, held: Grids | None) -> Judgement:
    """Count the grids, and name those that miss what the clause asks of each."""
    grids = () if held is None else held.grids
    match clause:
        case GridCount(grids=limits):
            missing, is_few = [], not _is_within(len(grids), limits.min, limits.max)
            allowed = _between(limits.min, limits.max, _GRIDS)
        case GridSize(households=limits):
            low, high = (limits.min, limits.max) if limits else (held.lower, held.upper) if held else (None, None)
            missing = [(one.code, one.households) for one in grids if not _is_within(one.households, low, high)]
            is_few, allowed = False, _words_of(clause)
            if low is not None or high is not None:
                allowed = _between(low, high, QUANTITY_UNITS["households"])
        case GridOnePiece():
            missing, is_few = [(one.code, one.n_pieces) for one in grids if one.n_pieces > 1], False
            allowed = Message("one piece", "1 片")
        case GridPosts(min_posts=least):
            missing, is_few = [(one.code, one.workers) for one in grids if one.workers < least], False
            allowed = _at_least(f"{least}")
    if held is None:
        return Judgement(None, _NO_GRIDS, allowed)
    found = Message(f"grids: {len(grids)}", f"{len(grids)} 个网格")
    if missing:
        named = list_of(Message(f"{code} ({n:,})", f"{code}（{n:,}）") for code, n in missing[:_SHOWN])
        found += Message(f"; not so: {len(missing)}: {named.en}", f"；不符 {len(missing)} 个：{named.zh}")
    return Judgement(not missing and not is_few, found, allowed)


def _is_within(count: int, low: int | None, high: int | None) -> bool:
    return (low is None or count >= low) and (high is None or count <= high)


def _compare(count: int | None, limits: Range, unit: Message, *, stands_in: bool) -> Judgement:
    """Compare a count with limits; households may stand in for dwellings, and it is said."""
    allowed = _between(limits.min, limits.max, unit)
    if count is None:
        return Judgement(None, UNKNOWN, allowed)
    found = count_of(count, unit)
    if stands_in:
        found = Message(
            f"{count:,} households, as dwellings are not in the data", f"{count:,} 户（数据中没有住宅套数）"
        )
    return Judgement(_is_within(count, limits.min, limits.max), found, allowed)


def _all(holds: Iterable[bool | None]) -> bool | None:
    """Say whether all hold: one that fails decides, then one that is unknown."""
    found = set(holds)
    return False if False in found else None if None in found else True


def _between(low: int | None, high: int | None, unit: Message) -> Message:
    """Give limits in words."""
    if low is None:
        return Message(f"at most {high:,} {unit.en}", f"不超过 {high:,} {unit.zh}")
    if high is None:
        return Message(f"at least {low:,} {unit.en}", f"不少于 {low:,} {unit.zh}")
    return Message(f"{low:,} to {high:,} {unit.en}", f"{low:,} 至 {high:,} {unit.zh}")


def _words_of(clause: AnyClause) -> Message:
    """Give the words of the clause, where the data lack what its limit is worked out from."""
    return clause.text.message


def _at_least(amount: str) -> Message:
    return Message(f"at least {amount}", f"不少于 {amount}")


def _plain(amount: float) -> str:
    """Write an amount with at most two decimals."""
    return f"{amount:,.2f}".rstrip("0").rstrip(".")
