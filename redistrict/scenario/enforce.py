"""Enforce: clauses of rule packs made bounds of the search, before anything is read or solved.

1. A clause on size narrows `communities.limits`; dwellings count as households where the data have none.
2. A clause on roads inside makes its classes `never` in `objective.crossing`, where it allows no metre.
3. One piece, one district, and one unit of a hard level are kept anyway.
4. Everything else is judged only, and refused here.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor

from redistrict.messages import Message, name_some
from redistrict.scenario.clauses import (
    AnyClause,
    DwellingLimits,
    MergeBelow,
    OneDistrict,
    OnePiece,
    OneUnit,
    RoadInside,
    SizeLimits,
    SplitAbove,
    TargetSize,
)
from redistrict.scenario.explain import Finding, suggest_word
from redistrict.scenario.models import Communities, Scenario, SizeRanges
from redistrict.scenario.rulepack import load_rulepack
from redistrict.scenario.section import Quantity, Range

QUANTITIES: tuple[Quantity, ...] = ("households", "people")
Ends = tuple[int | None, int | None]


def size_range(clause: AnyClause, quantity: Quantity) -> Ends:
    """Give the least and the most a clause allows of a quantity, none where it sets no limit."""
    match clause:
        case DwellingLimits(dwellings=limits):
            return (limits.min, limits.max) if quantity == "households" else (None, None)
        case SizeLimits() | TargetSize() | SplitAbove() | MergeBelow():
            return _ends(clause, quantity)
        case _:
            return None, None


def _ends(clause: SizeLimits | TargetSize | SplitAbove | MergeBelow, quantity: Quantity) -> Ends:
    size = getattr(clause, quantity)
    if size is None:
        return None, None
    match clause:
        case SizeLimits():
            return size.min, size.max
        case TargetSize():
            slack = size * Fraction(str(clause.tolerance))
            return ceil(size - slack), floor(size + slack)
        case SplitAbove():
            return None, size
        case MergeBelow():
            return size, None


def find_unenforceable(scenario: Scenario) -> Iterator[Finding]:
    """Name what `standards.enforce` asks that no search can keep: with what can be, or with the sizes that clash."""
    asked = scenario.standards.enforce
    clauses = _list_clauses(scenario) if asked else {}
    can = [name for name, clause in clauses.items() if _can_be_kept(clause, scenario)]
    communities = scenario.communities
    for number, name in enumerate(asked):
        path = ("standards", "enforce", number)
        if scenario.communities.change != "redraw":
            en = "clauses are kept where communities are redrawn only; leave it out, or set communities.change: redraw"
            yield Finding(
                path, Message(en, "仅重新划分（communities.change: redraw）时可强制执行条款；请删去或改用 redraw")
            )
        elif name not in can:
            some, close = name_some(can), suggest_word(name, can)
            en = f"'{name}' cannot be kept by the search; write one of: {some.en or 'none of these packs'}{close.en}"
            zh = f"{name} 无法在求解中强制执行，可写：{some.zh or '（所列规则包中没有）'}{close.zh}"
            yield Finding(path, Message(en, zh))
        else:
            yield from (Finding(path, clash) for clash in _find_clashes(clauses[name], communities))
            communities = _within(communities, clauses[name])


def enforce(scenario: Scenario) -> Scenario:
    """Give the scenario with the clauses of `standards.enforce` among its limits and its roads never crossed."""
    if not scenario.standards.enforce:
        return scenario
    communities, crossing, clauses = scenario.communities, dict(scenario.objective.crossing), _list_clauses(scenario)
    for name in scenario.standards.enforce:
        clause = clauses[name]
        if isinstance(clause, RoadInside):
            crossing.update((kind, "never") for kind in clause.classes)
        communities = _within(communities, clause)
    objective = scenario.objective.model_copy(update={"crossing": crossing})
    return scenario.model_copy(update={"communities": communities, "objective": objective})


def _within(communities: Communities, clause: AnyClause) -> Communities:
    """Narrow the limits to what a clause allows."""
    households, people = (_narrow(getattr(communities.limits, q), size_range(clause, q)) for q in QUANTITIES)
    return communities.model_copy(update={"limits": SizeRanges.model_construct(households=households, people=people)})


def _list_clauses(scenario: Scenario) -> Mapping[str, AnyClause]:
    packs = [load_rulepack(name) for name in scenario.standards.rules]
    return {f"{pack.key}.{clause.key}": clause for pack in packs for clause in pack.clauses}


def _can_be_kept(clause: AnyClause, scenario: Scenario) -> bool:
    match clause:
        case OnePiece() | OneDistrict():
            return True
        case DwellingLimits() if scenario.data.blocks.columns.dwellings is not None:
            return False
        case OneUnit(level=key):
            return any(level.key == key and level.keep == "hard" for level in scenario.levels)
        case RoadInside(most_m=most):
            return most == 0
        case _:
            return any(end is not None for quantity in QUANTITIES for end in size_range(clause, quantity))


def _find_clashes(clause: AnyClause, communities: Communities) -> Iterator[Message]:
    """Say where no size is left between a clause and the bounds around the target, or `communities.limits`."""
    for quantity in QUANTITIES:
        target, share = getattr(communities.target, quantity), getattr(communities.tolerance, quantity)
        given, ends = getattr(communities.limits, quantity), size_range(clause, quantity)
        if target is not None and communities.around == "targets":
            slack = target * Fraction(str(share))
            given = _narrow(given, (ceil(target - slack), floor(target + slack)))
        low, high = _meet(given, ends)
        if low is not None and high is not None and low > high:
            asked, left = say_range(*ends), say_range(*_meet(given, (None, None)))
            yield Message(
                f"it asks for {asked.en} {quantity}, and the target with its tolerance, or limits, for {left.en}",
                f"条款要求 {asked.zh}（{quantity}），而目标与允许偏差或 limits 为 {left.zh}",
            )


def _narrow(given: Range | None, ends: Ends) -> Range | None:
    low, high = _meet(given, ends)
    return None if low is None and high is None else Range.model_construct(min=low, max=high)


def _meet(given: Range | None, ends: Ends) -> Ends:
    old = (given.min, given.max) if given else (None, None)
    lows = [low for low in (old[0], ends[0]) if low is not None]
    highs = [high for high in (old[1], ends[1]) if high is not None]
    return max(lows, default=None), min(highs, default=None)


def say_range(low: int | None, high: int | None) -> Message:
    """Say from where to where: one of both may be open."""
    if low is None:
        return Message(f"at most {high:,}", f"不超过 {high:,}")
    if high is None:
        return Message(f"at least {low:,}", f"不少于 {low:,}")
    return Message(f"{low:,} to {high:,}", f"{low:,} 至 {high:,}")
