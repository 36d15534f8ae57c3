"""Clauses: what `rules.csv` says of every community, worked out anew from the rule packs and the judge's own sums.

Metres of road inside and the share of the border along named lines are taken as published in `crossings.csv` and
`bounds.csv`, which are judged for themselves; today's staff of a community as in `transition.csv`; and where today's
communities are not redrawn, and may lie in pieces, how many of these are said.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from redistrict.judge.case import Case
from redistrict.judge.clause_kinds import NEAR, Facts, Judged, judge_clause, numbers_in
from redistrict.judge.verification import Violation, disagree
from redistrict.scenario.clauses import AnyClause, RoadInside
from redistrict.scenario.rulepack import load_rulepack

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
_SHARE = 0.11
"""Shares of a border are published to the tenth of one per cent, in both files."""


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
    found, near = _numbers(text, clause), _SHARE if "%" in text else NEAR
    is_near = len(found) == len(right) and all(abs(a - b) <= near for a, b in zip(found, right, strict=True))
    return is_near, ", ".join(f"{one:,.2f}".rstrip("0").rstrip(".") for one in right) or "no number"


def _numbers(text: str, clause: AnyClause) -> list[float]:
    """Give the numbers of a text, but for those in names of classes."""
    for name in clause.classes if isinstance(clause, RoadInside) else ():
        text = text.replace(f"{name} ", "")
    return numbers_in(text)
