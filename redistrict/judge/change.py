"""The rules on today's communities: kept, merged whole, locked, and how many residents may change theirs."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.judge.case import Case, Ints
from redistrict.judge.pieces import find_pieces, merge
from redistrict.judge.verification import Violation
from redistrict.messages import Message, name_some


def check_change(case: Case) -> Iterator[Violation]:
    """Check that today's communities stay whole, and where they are kept that nothing is added to them."""
    change = case.scenario.communities.change
    if change == "redraw":
        return
    today, home = case.ground.today, _find_homes(case)
    for community, name in enumerate(case.plan.names):
        own = case.blocks_of(community)
        at_home = home[own] == community
        if change == "keep":
            at_home &= (today[own] == _most_common(today[own[at_home]])) & (today[own] != "")
        strangers = case.keys(own[~at_home])
        if strangers:
            some, found = name_some(strangers), f"{len(strangers)} blocks"
            rule = Message("Today's communities may only be merged whole", "现有社区只能整体合并，不得拆分")
            if change == "keep":
                rule = Message("Today's communities must stay as they are", "现有社区必须保持不变")
            message = Message(
                f"Community {name} holds {len(strangers)} blocks of today's communities that belong elsewhere: "
                f"{some.en}. {rule.en}.",
                f"社区 {name} 含有 {len(strangers)} 个应属其他现有社区的地块：{some.zh}。{rule.zh}。",
            )
            yield Violation("change", name, strangers, found, "0 blocks", message)


def check_locked(case: Case) -> Iterator[Violation]:
    """Check that nothing whole is merged with a community that is locked."""
    if case.scenario.communities.change != "merge_only":
        return
    ground, home = case.ground, _find_homes(case)
    for community, name in enumerate(case.plan.names):
        own = case.blocks_of(community)
        own = own[home[own] == community]
        locked = sorted(ground.locked & set(ground.today[own]))
        strangers = case.keys(own[ground.today[own] != locked[0]]) if locked else ()
        if strangers:
            some, merged_with = name_some(strangers), name_some(locked)
            message = Message(
                f"Community {name} adds {len(strangers)} blocks to the locked community {merged_with.en}: {some.en}. "
                "A locked community must stay exactly as it is.",
                f"社区 {name} 将 {len(strangers)} 个地块并入已锁定的社区 {merged_with.zh}：{some.zh}。"
                "已锁定的社区必须保持不变。",
            )
            yield Violation("locked", name, strangers, f"{len(strangers)} blocks added", "0 blocks", message)


def check_mergers(case: Case) -> Iterator[Violation]:
    """Check that the parts of a merged community touch, and that it is in no more pieces than one of them today."""
    community, part = case.plan.community, case.part
    is_merged = np.isin(community, case.merged)
    piece = find_pieces(case.survey, np.where(is_merged, community, -1), case.all_links)
    order = np.lexsort((part, community))
    same = (np.diff(part[order]) == 0) & (np.diff(community[order]) == 0)
    together = merge(piece, zip(order[:-1][same].tolist(), order[1:][same].tolist(), strict=True))
    apart = case.find_broken(together)
    pieces_today = find_pieces(
        case.survey, np.where(is_merged, part, -1), case.all_links, community=np.arange(part.size)
    )
    for number, blocks in case.find_broken(piece).items():
        if number not in case.merged:
            continue
        if number in apart:
            yield _in_pieces(case, number, apart[number], together, None)
            continue
        parts = np.unique(part[community == number])
        most = max(np.unique(pieces_today[part == p]).size for p in parts)
        if np.unique(piece[community == number]).size > most:
            yield _in_pieces(case, number, blocks, piece, most)


def _in_pieces(case: Case, number: int, blocks: Ints, piece: Ints, most: int | None) -> Violation:
    """Say that a merged community is in more than `most` pieces, or that its parts do not touch (none)."""
    name, cut_off = case.plan.names[number], case.keys(blocks)
    n_pieces, some = np.unique(piece[case.plan.community == number]).size, name_some(cut_off)
    rule = Message(
        f"as many as one of its parts today ({most}) are allowed", f"至多与其中一个现有社区同样多（{most} 片）"
    )
    if most is None:
        rule = Message("the communities merged must touch", "合并的现有社区必须相邻")
    message = Message(
        f"Community {name} is in {n_pieces} pieces; cut off from its main piece: {some.en}; {rule.en}.",
        f"社区 {name} 分成 {n_pieces} 片，与主体不相连的地块：{some.zh}；{rule.zh}。",
    )
    allowed = "parts that touch" if most is None else f"at most {most} pieces"
    return Violation("contiguity", name, cut_off, f"{n_pieces} pieces", allowed, message)


def _find_homes(case: Case) -> Ints:
    """Give for each block the new community that holds most blocks of its community today."""
    homes = np.full(case.part.size, -1, dtype=np.intp)
    for part in np.unique(case.part):
        blocks = np.flatnonzero(case.part == part)
        held, n_blocks = np.unique(case.plan.community[blocks], return_counts=True)
        homes[blocks] = held[np.argmax(np.where(held >= 0, n_blocks, 0))]
    return homes


def _most_common(keys: NDArray[np.object_]) -> str:
    """Give the key that stands most often, the lowest of several; empty text only where there is no other."""
    return max(sorted({*keys} - {""}), key=keys.tolist().count, default="")


def check_moved_share(case: Case) -> Iterator[Violation]:
    """Check how many of the residents with a community today come into one that does not take over its name."""
    most = case.scenario.communities.max_moved_share
    if most is None:
        return
    blocks, heirs = _find_heirs(case)
    total, moved = int(blocks["residents"].sum()), int(blocks["residents"].sum() - heirs["residents"].sum())
    if moved <= Fraction(str(most)) * total:
        return
    stay = set(zip(heirs["old"], heirs["new"], strict=True))
    lived_in = blocks[blocks["residents"] > 0]
    rows = zip(lived_in["key"], lived_in["old"], lived_in["new"], strict=True)
    movers = tuple(sorted(key for key, *pair in rows if tuple(pair) not in stay))
    found, allowed, some = f"{moved / total:.2%}", f"at most {most:.2%}", name_some(movers)
    message = Message(
        f"{moved:,} of {total:,} residents ({found}) change community; {allowed} are allowed: {some.en}.",
        f"{total:,} 名居民中有 {moved:,} 名（{found}）更换社区，允许不超过 {most:.2%}：{some.zh}。",
    )
    yield Violation("max_moved_share", None, movers, found, allowed, message)


def count_moved(case: Case) -> int:
    """Count the residents with a community today who come into one that does not take over its name."""
    blocks, heirs = _find_heirs(case)
    return int(blocks["residents"].sum() - heirs["residents"].sum())


def find_sources(case: Case) -> frozenset[tuple[str, str]]:
    """Give today's community that most residents of each new one come from, with that one, by their keys."""
    return _pairs(case, _trace(case)[1])


def find_successions(case: Case) -> frozenset[tuple[str, str]]:
    """Give each community of today that is continued, with the new one that takes over its name, by their keys."""
    return _pairs(case, _find_heirs(case)[1])


def _pairs(case: Case, rows: pd.DataFrame) -> frozenset[tuple[str, str]]:
    return frozenset((str(old), case.plan.names[new]) for old, new in zip(rows["old"], rows["new"], strict=True))


def _find_heirs(case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the blocks that have a community today, and the pairs of communities of which one takes over the name.

    A new community takes over the name of today's community most of its residents come from (ties: more blocks,
    then the lower key); of several the one with most of its residents (ties: more blocks, then the lower first
    block), and only in the area where most of today's community live.
    """
    blocks, sources = _trace(case)
    return blocks, _pick(sources[sources["is_home"]], "old", "first")


def _trace(case: Case) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the blocks that have a community today, and for each new community where most of its residents come from."""
    blocks = _residents(case)
    first = blocks.groupby("new")["key"].min()
    blocks = blocks[blocks["old"] != ""]
    pairs = _add_up(blocks, ["old", "new"]).assign(first=lambda rows: rows["new"].map(first))
    return blocks, _pick(pairs, "new", "old")


def _residents(case: Case) -> pd.DataFrame:
    """Give the blocks that are in the plan with old and new community, and whether the old one's name lives here."""
    counts = case.ground.counts
    table = pd.DataFrame(
        {
            "key": case.ground.ids,
            "old": case.ground.today,
            "new": case.plan.community,
            "residents": counts["people"] if "people" in counts else counts["households"],
            "is_home": True,
        }
    )
    if case.scenario.communities.change == "redraw":
        table["area"] = case.area
        home = _pick(_add_up(table, ["old", "area"]), "old", "area").set_index("old")["area"]
        table["is_home"] = table["area"] == table["old"].map(home)
    return table[table["new"] >= 0]


def _add_up(blocks: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add up residents and blocks by group, and tell whether any block of it is at home."""
    sums = {"residents": ("residents", "sum"), "blocks": ("key", "size"), "is_home": ("is_home", "any")}
    return blocks.groupby(keys, as_index=False).agg(**sums)


def _pick(rows: pd.DataFrame, each: str, last: str) -> pd.DataFrame:
    """Give for each value of a column the row with most residents; ties: more blocks, lower `last`."""
    order = rows.sort_values(["residents", "blocks", last], ascending=[False, False, True])
    return order.drop_duplicates(each)
