"""What an alternative does otherwise than the first plan, in plain words."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from redistrict.messages import Message, join, list_of
from redistrict.report.alternatives.content import Alternatives
from redistrict.report.compare.lines import as_text
from redistrict.report.style import class_word

_CROSSING = "crossing_"
_NAMED = ("boundary_m", "households_worst", "people_worst", "workers", "staff_left", "premises_short", "first_year")
"""Lines of the table that are told in words where they differ."""
_MOST_MOVES, _MOST_PLACES = 5, 3


class _Move(NamedTuple):
    """Residents of a community of the first plan that another plan puts elsewhere."""

    residents: int
    home: int
    goal: int
    places: tuple[str, ...]


def list_differences(found: Alternatives, n: int) -> Iterator[Message]:
    """Say what the plan of a position adds up to, as against the first."""
    facts = {line.key: line for line in found.comparison.lines}
    yield from _say_cost(found, n)
    if n:
        yield from _say_changed(found, n)
        yield from _say_roads(found, n)
    clauses = []
    for key in ("communities", *_NAMED):
        if key in facts and (n == 0 or facts[key].values[n] != facts[key].values[0]):
            line = facts[key]
            own, first = (Message(*(as_text(line.values[i], line.form, lang) for lang in ("en", "zh"))) for i in (n, 0))
            before = Message(f" (plan 1: {first.en})", f"（方案 1：{first.zh}）") if n else Message("", "")
            clauses.append(line.words + Message(": ", "：") + own + before)
    if clauses:
        yield join(clauses, mark=";") + Message(".", "。")
    yield from _say_today(found, n)


def list_moves(found: Alternatives, n: int) -> Iterator[Message]:
    """Say which places a plan puts into another community than the first plan, most residents first."""
    moves = _find_moves(found, n)
    first, own = (found.comparison.sides[i].names for i in (0, n))
    partner = found.matchings[n].partner
    for move in moves[:_MOST_MOVES]:
        shown, more = list_of(move.places[:_MOST_PLACES]), len(move.places) - _MOST_PLACES
        rest = Message(f" and {more} more places", f"等 {len(move.places)} 处") if more > 0 else Message("", "")
        goal = partner[move.goal]
        to = Message(f"to {first[goal]}", f"划入{first[goal]}")
        if goal < 0:
            to = Message(f"to {own[move.goal]}, which plan 1 has not", f"划入方案 1 所无的{own[move.goal]}")
        yield Message(
            f"{shown.en}{rest.en} ({move.residents:,} residents): from {first[move.home]} {to.en}",
            f"{shown.zh}{rest.zh}（居民 {move.residents:,}）：由{first[move.home]}{to.zh}",
        )
    if len(moves) > _MOST_MOVES:
        others = sum(move.residents for move in moves[_MOST_MOVES:])
        n_more = len(moves) - _MOST_MOVES
        yield Message(
            f"and {n_more} more such moves with {others:,} residents", f"另有 {n_more} 处调整，涉及居民 {others:,}"
        )


def _find_moves(found: Alternatives, n: int) -> list[_Move]:
    """Gather the blocks that change by where they come from and go to."""
    comparison, changed = found.comparison, np.flatnonzero(found.matchings[n].is_changed)
    changed = changed[np.argsort(-found.residents[changed], kind="stable")]
    homes, goals = comparison.communities[0], comparison.communities[n]
    names = [
        str(name or key) for name, key in zip(comparison.blocks["name"], comparison.blocks["block_id"], strict=True)
    ]
    groups: dict[tuple[int, int], list[int]] = {}
    for i in changed.tolist():
        groups.setdefault((int(homes[i]), int(goals[i])), []).append(i)
    moves = [
        _Move(int(found.residents[own].sum()), home, goal, tuple(dict.fromkeys(names[i] for i in own)))
        for (home, goal), own in groups.items()
    ]
    return sorted(moves, key=lambda move: (-move.residents, move.home, move.goal))


def _say_cost(found: Alternatives, n: int) -> Iterator[Message]:
    own, first = (float(str(found.comparison.sides[i].facts["cost"])) for i in (n, 0))
    if n == 0:
        yield Message(
            f"The plan that redistrict run makes; it costs {own:,.0f} weighted metres.",
            f"即 redistrict run 得到的方案，总代价 {own:,.0f} 加权米。",
        )
    elif first:
        share, word = abs(own - first) / first, ("more", "高") if own >= first else ("less", "低")
        yield Message(
            f"Costs {share:.1%} {word[0]} than plan 1: {own:,.0f} weighted metres.",
            f"代价比方案 1 {word[1]} {share:.1%}：{own:,.0f} 加权米。",
        )


def _say_changed(found: Alternatives, n: int) -> Iterator[Message]:
    share, same = found.apart[0, n], found.comparison.pairs[n - 1].agreement.n_same
    yield Message(
        f"{found.matchings[n].n_changed:,} residents ({share:.1%}) live in another community than in plan 1; {same} of "
        f"{len(found.comparison.sides[n].names)} communities are the same.",
        f"与方案 1 相比，{found.matchings[n].n_changed:,} 名居民（{share:.1%}）所属社区不同；"
        f"{len(found.comparison.sides[n].names)} 个社区中有 {same} 个完全相同。",
    )


def _say_roads(found: Alternatives, n: int) -> Iterator[Message]:
    clauses = []
    for line in found.comparison.lines:
        if line.key.startswith(_CROSSING):
            metres = float(str(line.values[n] or 0)) - float(str(line.values[0] or 0))
            words, amount = class_word(line.key.removeprefix(_CROSSING)), f"{abs(metres):,.0f}"
            if amount != "0":
                less, zh = ("less", "少") if metres < 0 else ("more", "多")
                clauses.append(Message(f"{amount} m {less} of {words.en}", f"{words.zh}{zh} {amount} 米"))
    if clauses:
        said = join(clauses)
        yield Message(f"Inside communities {said.en}.", f"社区内部穿越：{said.zh}。")


def _say_today(found: Alternatives, n: int) -> Iterator[Message]:
    shares = [side.facts.get("moved_share") for side in found.comparison.sides]
    if shares[n] is not None:
        own, first = (as_text(shares[i], "share", "en") for i in (n, 0))
        before = Message(f" (plan 1: {first})", f"（方案 1：{first}）") if n else Message("", "")
        yield Message(
            f"Against today {own} of residents change community{before.en}.",
            f"与现状相比，{own} 的居民变更社区{before.zh}。",
        )
