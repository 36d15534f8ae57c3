"""Clauses: what `rules.csv` says of every community, worked out anew from the rule packs and the judge's own sums.

Metres of road inside and the share of the border along named lines are taken as published in `crossings.csv` and
`bounds.csv`, which are judged for themselves; today's staff of a community as in `transition.csv`; and where today's
communities are not redrawn, and may lie in pieces, how many of these are said.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

import pandas as pd

from redistrict.judge.case import Case
from redistrict.judge.verification import Violation, disagree
from redistrict.scenario.rulepack import (
    AnyClause,
    MergeBelow,
    OneDistrict,
    OnePiece,
    OutlineAlong,
    PremisesNorm,
    RoadInside,
    SizeLimits,
    SplitAbove,
    StaffingRatio,
    TargetSize,
    load_rulepack,
)

COLUMNS = (
    "pack", "clause", "strength", "community_id", "community_name", "outcome", "found", "allowed", "reason",
    "message_zh", "message_en",
)  # fmt: skip
_KEYS = ["pack", "clause", "community_id"]
_WORDS = {
    "pass": ("meets", "符合"),
    "fail": ("does not meet", "不符合"),
    "waived": ("need not meet", "豁免"),
    "unknown": ("cannot be judged by", "无法核对"),
}
_NUMBER = re.compile(r"(?<!\w)\d[\d,]*(?:\.\d+)?")
_SHARE = 0.11
"""Shares of a border are published to the tenth of one per cent, in both files."""
_NEAR = 0.011
Holds = bool | None
EITHER: frozenset[Holds] = frozenset((True, False))


class Judged(NamedTuple):
    """What a clause may say of a community (None: it is unknown), and the numbers found and allowed.

    The numbers are none where the judge does not know them.
    """

    holds: frozenset[Holds]
    found: list[float] | None
    allowed: list[float] | None


@dataclass(frozen=True, eq=False)
class Facts:
    """What clauses look at, by number of the community.

    Attributes
    ----------
    sums : mapping of quantity to list of int
    workers : list of int
    staff_today : list of float, or None
    premises_m2 : list of (float or None), or None
        None where a site is as near to two communities; None for all where there are no premises.
    border_share : list of float
    inside_m : mapping of class to list of float
        Every class of the data.
    n_districts : list of int
    n_pieces : list of int
    """

    sums: Mapping[str, list[int]]
    workers: list[int]
    staff_today: list[float] | None
    premises_m2: list[float | None] | None
    border_share: list[float]
    inside_m: Mapping[str, list[float]]
    n_districts: list[int]
    n_pieces: list[int]


def check_clauses(case: Case, facts: Facts, rows: pd.DataFrame) -> Iterator[Violation]:
    """Check every row: outcome, numbers, reason and both sentences.

    Parameters
    ----------
    rows : DataFrame
        Text, with `COLUMNS`.
    """
    packs = [load_rulepack(name) for name in case.scenario.standards.rules]
    asked = [
        ((pack.key, clause.key, name), clause) for pack in packs for clause in pack.clauses for name in case.plan.names
    ]
    clause_of, wanted = dict(asked), Counter(key for key, _ in asked)
    given = Counter(rows[_KEYS].itertuples(index=False, name=None))
    for key in sorted(given.keys() | wanted.keys()):
        if given[key] != wanted[key]:
            yield disagree("files", "rules.csv", f"rows of {key[0]}, {key[1]}", key[2], given[key], wanted[key])
    reasons = _list_reasons(case, rows)
    number = {key: c for c, key in enumerate(case.plan.names)}
    for values in rows[list(COLUMNS)].itertuples(index=False):
        row = dict(zip(COLUMNS, map(str, values), strict=True))
        key = row["pack"], row["clause"], row["community_id"]
        if key in clause_of:
            judged = judge_clause(clause_of[key], facts, number[key[2]])
            yield from _check_row(row, clause_of[key], judged, reasons.get(key, ""))


def count_outcomes(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the outcomes of every clause in a table of clauses, in its order, as the report does."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for pack, clause, strength, outcome in rows[["pack", "clause", "strength", "outcome"]].itertuples(index=False):
        counts.setdefault((pack, clause, strength), Counter())[outcome] += 1
    return [
        {"pack": pack, "clause": clause, "strength": strength} | {name: found[name] for name in _WORDS}
        for (pack, clause, strength), found in counts.items()
    ]


def _list_reasons(case: Case, rows: pd.DataFrame) -> dict[tuple[str, str, str], str]:
    """Give the reason of every waiver by clause and community: of all, of one by key, or of one by its only name."""
    names = rows.drop_duplicates("community_id").set_index("community_id")["community_name"]
    reasons: dict[tuple[str, str, str], str] = {}
    for waiver in case.scenario.standards.waivers:
        word = waiver.community
        meant = list(case.plan.names) if word == "*" else [key for key in case.plan.names if key == word]
        meant = meant or list(names.index[names == word])
        for key in meant if len(meant) == 1 or word == "*" else ():
            reasons.setdefault((waiver.pack, waiver.clause, key), waiver.reason)
    return reasons


def _check_row(row: dict[str, str], clause: AnyClause, judged: Judged, waived: str) -> Iterator[Violation]:
    outcomes = {
        "pass" if holds else "waived" if waived else "unknown" if holds is None else "fail" for holds in judged.holds
    }
    told = {
        "outcome": (row["outcome"] in outcomes, " / ".join(sorted(outcomes))),
        "strength": (row["strength"] == clause.strength, clause.strength),
        "reason": (row["reason"] == (waived if row["outcome"] == "waived" else ""), waived or "-"),
        "found": _are_near(row["found"], clause, judged.found),
        "allowed": _are_near(row["allowed"], clause, judged.allowed),
    }
    if all(is_right for is_right, _ in told.values()):
        told |= _check_sentences(row, clause, is_told=judged.allowed is not None)
    for column, (is_right, right) in told.items():
        if not is_right:
            what = f"{column} of {row['pack']}, {row['clause']}"
            yield disagree("files", "rules.csv", what, row["community_id"], row[column] or "-", right)


def _check_sentences(row: dict[str, str], clause: AnyClause, *, is_told: bool) -> dict[str, tuple[bool, str]]:
    """Check that the sentences say what the columns do: the English word for word, the Chinese by its numbers.

    Where the limit is not told (`is_told`), the words of the clause stand there, with numbers of their own.
    """
    (en, zh), name = _WORDS[row["outcome"]], row["community_name"]
    why_en, why_zh = (f"; waived: {row['reason']}", f"；豁免理由：{row['reason']}") if row["reason"] else ("", "")
    english = f"{name} {en} '{clause.text.en}': {row['found']}; asked: {row['allowed']}{why_en}."
    begin, end = f"{name}{zh}“{clause.text.zh}”：", f"{why_zh}。"
    chinese = row["message_zh"]
    said = chinese.removeprefix(begin).removesuffix(end)
    numbers = _numbers(f"{row['found']}; {row['allowed']}", clause)
    is_framed = chinese == f"{begin}{said}{end}"
    return {
        "message_en": (row["message_en"] == english, english),
        "message_zh": (
            is_framed and (not is_told or _numbers(said, clause) == numbers),
            f"{begin} ... {numbers} ... {end}",
        ),
    }


def _are_near(text: str, clause: AnyClause, right: list[float] | None) -> tuple[bool, str]:
    if right is None:
        return True, ""
    found, near = _numbers(text, clause), _SHARE if "%" in text else _NEAR
    is_near = len(found) == len(right) and all(abs(a - b) <= near for a, b in zip(found, right, strict=True))
    return is_near, ", ".join(f"{one:,.2f}".rstrip("0").rstrip(".") for one in right) or "no number"


def _numbers(text: str, clause: AnyClause) -> list[float]:
    """Give the numbers of a text, but for those in names of classes."""
    for name in clause.classes if isinstance(clause, RoadInside) else ():
        text = text.replace(f"{name} ", "")
    return [float(one.replace(",", "")) for one in _NUMBER.findall(re.sub(r"\bone\b", "1", text))]


# --- clauses ----------------------------------------------------------------------------------------------


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
            total, slack_m = sum(known), _NEAR * len(known)
            near = abs(total - clause.most_m) <= slack_m and total > 0
            sure: frozenset[Holds] = EITHER if near else frozenset((total <= clause.most_m,))
            return Judged(sure if known else frozenset((None,)), known, [clause.most_m])
        case StaffingRatio():
            return _judge_staff(clause, facts, c)
        case PremisesNorm():
            return _judge_premises(clause, facts, c)
        case SizeLimits() | TargetSize() | SplitAbove() | MergeBelow():
            return _judge_size(clause, facts, c)


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
