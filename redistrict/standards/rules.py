"""Clause by clause: whether every community meets the rule packs, what was found, and what was waived.

1. A clause passes, fails, or is unknown where the data lack the fact it speaks of.
2. What does not pass is waived where the scenario says so, with its reason; what passes needs no waiver.
3. Findings come in the order of the packs, of their clauses, and of the communities as given.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from redistrict.errors import ScenarioError
from redistrict.messages import Message, name_some
from redistrict.scenario.clauses import AnyClause, Strength
from redistrict.scenario.explain import suggest_word
from redistrict.scenario.office import Waiver
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.clauses import CommunityFacts, judge_clause

Outcome = Literal["pass", "fail", "waived", "unknown"]

_WORDS: dict[Outcome, Message] = {
    "pass": Message("meets", "符合"),
    "fail": Message("does not meet", "不符合"),
    "waived": Message("need not meet", "豁免"),
    "unknown": Message("cannot be judged by", "无法核对"),
}


@dataclass(frozen=True)
class Finding:
    """How one community stands to one clause.

    Attributes
    ----------
    pack, clause : str
        Keys of the rule pack and of its clause.
    strength : {"must", "generally", "should"}
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
    holds, found, allowed = judge_clause(clause, one)
    outcome: Outcome = "pass" if holds else "waived" if waived else "unknown" if holds is None else "fail"
    reason, word = waived if outcome == "waived" else "", _WORDS[outcome]
    why = Message(f"; waived: {reason}", f"；豁免理由：{reason}") if reason else Message("", "")
    message = Message(
        f"{one.name} {word.en} '{clause.text.en}': {found.en}; asked: {allowed.en}{why.en}.",
        f"{one.name}{word.zh}“{clause.text.zh}”：{found.zh}；要求：{allowed.zh}{why.zh}。",
    )
    return Finding(pack.key, clause.key, clause.strength, one.id, one.name, outcome, found, allowed, reason, message)


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
