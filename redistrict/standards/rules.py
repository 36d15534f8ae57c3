"""Clause by clause: whether every community meets the rule packs, what was found, and what was waived.

1. A clause passes, fails, or is unknown where the data lack the fact it speaks of.
2. What does not pass is waived where the scenario says so, with its reason; what passes needs no waiver.
3. Findings come in the order of the packs, of their clauses, and of the communities as given.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal, NamedTuple

from redistrict.errors import ScenarioError
from redistrict.messages import QUANTITY_UNITS, Message, count_of, list_of, name_some, plain
from redistrict.scenario.explain import suggest_word
from redistrict.scenario.office import Staffing, Waiver
from redistrict.scenario.rulepack import (
    AnyClause,
    MergeBelow,
    OneDistrict,
    OnePiece,
    OutlineAlong,
    PremisesNorm,
    RoadInside,
    RulePack,
    SizeLimits,
    SplitAbove,
    StaffingRatio,
    Strength,
    TargetSize,
)
from redistrict.standards.staffing import workers_needed

Outcome = Literal["pass", "fail", "waived", "unknown"]
_SizeClause = SizeLimits | TargetSize | SplitAbove | MergeBelow

_UNKNOWN = Message("not in the data", "数据中没有")
_WORDS: dict[Outcome, Message] = {
    "pass": Message("meets", "符合"),
    "fail": Message("does not meet", "不符合"),
    "waived": Message("need not meet", "豁免"),
    "unknown": Message("cannot be judged by", "无法核对"),
}


@dataclass(frozen=True)
class CommunityFacts:
    """What the clauses look at in one community; None where the data do not say.

    Attributes
    ----------
    id, name, district : str
        Key, name and district (that of most of its blocks).
    households, people : int or None
        Residents.
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
    """

    id: str
    name: str
    district: str
    households: int | None
    people: int | None
    n_pieces: int
    n_districts: int
    workers: int
    staff_today: int | None
    premises_m2: float | None
    named_border_share: float | None
    crossing_m: Mapping[str, float]


@dataclass(frozen=True)
class Finding:
    """How one community stands to one clause.

    Attributes
    ----------
    pack, clause : str
        Keys of the rule pack and of its clause.
    strength : {"must", "should"}
        How much the source asks it.
    community_id, community_name : str
        The community.
    outcome : {"pass", "fail", "waived", "unknown"}
        See the rules of this module.
    found, allowed : Message
        The value of the community, and what the clause allows.
    reason : str
        Reason of the waiver; empty where nothing is waived.
    message : Message
        All of it in one sentence.
    """

    pack: str
    clause: str
    strength: Strength
    community_id: str
    community_name: str
    outcome: Outcome
    found: Message
    allowed: Message
    reason: str
    message: Message


@dataclass(frozen=True)
class ClauseCounts:
    """How many communities pass a clause, fail it, are waived, and cannot be judged."""

    pack: str
    clause: str
    strength: Strength
    n_pass: int
    n_fail: int
    n_waived: int
    n_unknown: int


class _Judgement(NamedTuple):
    """What a clause says of a community: None where the data lack the fact."""

    holds: bool | None
    found: Message
    allowed: Message


def check_rules(
    packs: Sequence[RulePack], facts: Sequence[CommunityFacts], waivers: Sequence[Waiver]
) -> tuple[Finding, ...]:
    """Judge every community by every clause.

    Parameters
    ----------
    facts : sequence of CommunityFacts
        One for each community.
    waivers : sequence of Waiver
        Those of communities that there are not change nothing.
    """
    reasons = _reasons(facts, waivers)
    return tuple(
        _finding(pack, clause, one, reasons.get((pack.key, clause.key, one.id), ""))
        for pack in packs
        for clause in pack.clauses
        for one in facts
    )


def summarise(findings: Iterable[Finding]) -> tuple[ClauseCounts, ...]:
    """Count the outcomes of every clause, in the order of the findings."""
    counts: dict[tuple[str, str, Strength], Counter[Outcome]] = {}
    for one in findings:
        counts.setdefault((one.pack, one.clause, one.strength), Counter())[one.outcome] += 1
    return tuple(ClauseCounts(*clause, n["pass"], n["fail"], n["waived"], n["unknown"]) for clause, n in counts.items())


def _finding(pack: RulePack, clause: AnyClause, one: CommunityFacts, waived: str) -> Finding:
    """Judge one community by one clause, and say it in a sentence; `waived` is the reason of a waiver, or empty."""
    holds, found, allowed = _judge(clause, one)
    outcome: Outcome = "pass" if holds else "waived" if waived else "unknown" if holds is None else "fail"
    reason, word = waived if outcome == "waived" else "", _WORDS[outcome]
    why = Message(f"; waived: {reason}", f"；豁免理由：{reason}") if reason else Message("", "")
    message = Message(
        f"{one.name} {word.en} '{clause.text.en}': {found.en}; asked: {allowed.en}{why.en}.",
        f"{one.name}{word.zh}“{clause.text.zh}”：{found.zh}；要求：{allowed.zh}{why.zh}。",
    )
    return Finding(pack.key, clause.key, clause.strength, one.id, one.name, outcome, found, allowed, reason, message)


# --- checks ----------------------------------------------------------------------------------------------


def _judge(clause: AnyClause, one: CommunityFacts) -> _Judgement:
    """Judge one community by one clause, leaving waivers aside."""
    match clause:
        case OnePiece():
            found = Message(f"pieces: {one.n_pieces}", f"{one.n_pieces} 片")
            return _Judgement(one.n_pieces == 1, found, Message("one", "1 片"))
        case OneDistrict():
            found = Message(f"districts: {one.n_districts}", f"{one.n_districts} 个区")
            return _Judgement(one.n_districts == 1, found, Message("one", "1 个区"))
        case OutlineAlong(min_share=least):
            share = one.named_border_share
            found = _UNKNOWN if share is None else plain(f"{share:.1%}")
            return _Judgement(None if share is None else share >= least, found, _at_least(f"{least:.1%}"))
        case RoadInside():
            return _judge_roads(clause, one)
        case StaffingRatio():
            return _judge_staff(clause, one)
        case PremisesNorm():
            return _judge_premises(clause, one)
        case _:
            return _judge_size(clause, one)


def _judge_size(clause: _SizeClause, one: CommunityFacts) -> _Judgement:
    """Compare households and people with the limits the clause sets for them."""
    holds: list[bool | None] = []
    found, allowed = [], []
    for quantity, unit in QUANTITY_UNITS.items():
        low, high = _limits(clause, quantity)
        if low is None and high is None:
            continue
        count = getattr(one, quantity)
        inside = None if count is None else (low is None or count >= low) and (high is None or count <= high)
        holds.append(inside)
        found.append(_UNKNOWN if count is None else count_of(count, unit))
        allowed.append(_between(low, high, unit))
    return _Judgement(_all(holds), list_of(found), list_of(allowed))


def _limits(clause: _SizeClause, quantity: str) -> tuple[int | None, int | None]:
    """Give the least and the most the clause allows of a quantity, None where it sets no limit."""
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


def _judge_roads(clause: RoadInside, one: CommunityFacts) -> _Judgement:
    """Compare the metres of the named classes inside with the most that is allowed."""
    known = {name: one.crossing_m[name] for name in clause.classes if name in one.crossing_m}
    found = [Message(f"{name} {_plain(m)} m", f"{name} {_plain(m)} 米") for name, m in known.items()]
    most = _plain(clause.most_m)
    allowed = Message(f"at most {most} m", f"不超过 {most} 米")
    holds = sum(known.values()) <= clause.most_m if known else None
    return _Judgement(holds, list_of(found or [_UNKNOWN]), allowed)


def _judge_staff(clause: StaffingRatio, one: CommunityFacts) -> _Judgement:
    """Compare the workers with those the clause's ratios ask for."""
    households = one.households if clause.households_per_worker else None
    people = one.people if clause.people_per_worker else None
    if households is None and people is None:
        return _Judgement(None, _UNKNOWN, _asked(clause))
    ratios = clause.model_dump(include=set(Staffing.model_fields), exclude_none=True)
    need = workers_needed(households, people, Staffing(**ratios))
    today = "" if one.staff_today is None else f" ({one.staff_today} today)"
    now = "" if one.staff_today is None else f"（现有 {one.staff_today} 人）"
    found = Message(f"workers: {one.workers}{today}", f"{one.workers} 人{now}")
    return _Judgement(one.workers >= need, found, _at_least(f"{need}"))


def _judge_premises(clause: PremisesNorm, one: CommunityFacts) -> _Judgement:
    """Compare the premises with the least area and with that for the households."""
    area, rate = one.premises_m2, Fraction(str(clause.m2_per_100_households)) / 100
    needs = [
        Fraction(str(clause.minimum_m2)),
        None if one.households is None and rate else rate * (one.households or 0),
    ]
    holds = _all([None if area is None or need is None else area >= need for need in needs])
    found = _UNKNOWN if area is None else Message(f"{_plain(area)} m²", f"{_plain(area)} 平方米")
    known = [need for need in needs if need is not None]
    if len(known) < len(needs):
        return _Judgement(holds, found, _asked(clause))
    least = _plain(ceil(max(known) * 100) / 100)
    return _Judgement(holds, found, Message(f"at least {least} m²", f"不少于 {least} 平方米"))


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


def _asked(clause: AnyClause) -> Message:
    """Give the words of the clause, where the data lack what its limit is worked out from."""
    return clause.text.message


def _at_least(amount: str) -> Message:
    return Message(f"at least {amount}", f"不少于 {amount}")


def _plain(amount: float) -> str:
    """Write an amount with at most two decimals."""
    return f"{amount:,.2f}".rstrip("0").rstrip(".")


# --- waivers ---------------------------------------------------------------------------------------------


def check_waivers(packs: Sequence[RulePack], waivers: Sequence[Waiver]) -> None:
    """Refuse waivers of what no pack says.

    Raises
    ------
    ScenarioError
        If waivers name packs or clauses that there are not, with all of them.
    """
    clauses = {pack.key: [clause.key for clause in pack.clauses] for pack in packs}
    problems = []
    for number, waiver in enumerate(waivers):
        where = f"standards.waivers.{number}"
        if waiver.pack not in clauses:
            problems.append(_unknown(f"{where}.pack", waiver.pack, list(clauses)))
        elif waiver.clause not in clauses[waiver.pack]:
            problems.append(_unknown(f"{where}.clause", waiver.clause, clauses[waiver.pack]))
    if problems:
        raise ScenarioError(problems)


def find_idle_waivers(facts: Sequence[CommunityFacts], waivers: Sequence[Waiver]) -> tuple[Message, ...]:
    """Name the waivers that speak of no community of the plan, or of several by one name: they change nothing."""
    notes = []
    for number, waiver in enumerate(waivers):
        where = f"standards.waivers.{number}.community"
        ids = _waived_ids(waiver.community, facts)
        if not ids:
            notes.append(
                _unknown(where, waiver.community, sorted({word for one in facts for word in (one.id, one.name)}))
            )
        elif len(ids) > 1 and waiver.community != "*":
            named = name_some(ids)
            en = f"several communities are called '{waiver.community}': {named.en}; write the key of one"
            zh = f"有多个社区名为 {waiver.community}：{named.zh}；请改写其中一个的编号"
            notes.append(Message(f"{where}: {en}", f"{where}: {zh}"))
    return tuple(notes)


def _reasons(facts: Sequence[CommunityFacts], waivers: Sequence[Waiver]) -> dict[tuple[str, str, str], str]:
    """Give the reason of every waiver by pack, clause and community; of several for one, the first."""
    reasons: dict[tuple[str, str, str], str] = {}
    for waiver in waivers:
        ids = _waived_ids(waiver.community, facts)
        if len(ids) == 1 or waiver.community == "*":
            for community in ids:
                reasons.setdefault((waiver.pack, waiver.clause, community), waiver.reason)
    return reasons


def _waived_ids(word: str, facts: Sequence[CommunityFacts]) -> list[str]:
    """Give the communities a waiver speaks of: all, the one with that key, or those of that name."""
    if word == "*" or any(one.id == word for one in facts):
        return [one.id for one in facts if word in ("*", one.id)]
    return [one.id for one in facts if one.name == word]


def _unknown(where: str, word: str, words: Sequence[str]) -> Message:
    """Say that there is no such word, and which there are."""
    close, some = suggest_word(word, words), name_some(words)
    return Message(
        f"{where}: there is no '{word}'; write one of {some.en}{close.en}",
        f"{where}: 没有 {word}，应为以下之一：{some.zh}{close.zh}",
    )
