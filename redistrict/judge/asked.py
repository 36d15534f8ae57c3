"""What the scenario's pins ask, checked on the plan: blocks, names and today's communities as the judge reads them."""

from collections.abc import Iterator

import numpy as np

from redistrict.judge.across import find_joined_across
from redistrict.judge.case import Case, Ints
from redistrict.judge.verification import Violation
from redistrict.messages import Message, name_some
from redistrict.scenario.pin import Pin


def check_pins(case: Case) -> Iterator[Violation]:
    """Check every pin; a pin that names what there is not is broken, too."""
    for number, pin in enumerate(case.scenario.pins, start=1):
        own = _find_blocks(case, pin)
        wrong = Message("there is nothing it names", "其所指不存在") if own is None else _find_wrong(case, pin, own)
        if wrong is not None:
            message = Message(
                f"Pin {number} ({pin.reason}) does not hold: {wrong.en}.",
                f"第 {number} 条要求（{pin.reason}）不成立：{wrong.zh}。",
            )
            blocks = () if own is None else case.keys(own)
            yield Violation("pins", None, blocks, f"pin {number} broken", "every pin holds", message)


def _find_wrong(case: Case, pin: Pin, own: Ints) -> Message | None:
    """Say what is wrong with a pin, if anything."""
    community = case.plan.community
    homes = np.unique(community[own])
    if pin.along is not None:
        named = name_some(case.keys(own))
        return (
            Message(f"blocks {named.en} share one across it", f"隔其相对的地块 {named.zh} 同属一个社区")
            if own.size
            else None
        )
    if pin.apart is not None:
        held, n_blocks = np.unique(community[own], return_counts=True)
        together = own[np.isin(community[own], held[n_blocks > 1])]
        named = name_some(case.keys(together))
        return Message(f"blocks {named.en} share one", f"地块 {named.zh} 同属一个社区") if together.size else None
    n_asked = pin.count or pin.into or (1 if pin.keep is not None else 0)
    if not n_asked:
        named = name_some([_name(case, c) for c in homes.tolist()])
        return Message(f"its blocks lie in {named.en}", f"其地块分属 {named.zh}") if homes.size > 1 else None
    strangers = np.setdiff1d(np.flatnonzero(np.isin(community, homes)), own)
    if strangers.size:
        named = name_some(case.keys(strangers))
        return Message(f"blocks {named.en} lie there as well", f"其中另有地块 {named.zh}")
    if homes.size != n_asked:
        return Message(
            f"its blocks are {homes.size} communities, not {n_asked}",
            f"其地块为 {homes.size} 个社区，应为 {n_asked} 个",
        )
    return None


def _name(case: Case, community: int) -> str:
    return case.plan.names[community] if community >= 0 else "-"


def _find_blocks(case: Case, pin: Pin) -> Ints | None:
    """Give the positions of the blocks that a pin speaks of; none where it names what there is not."""
    ground = case.ground
    if pin.along is not None:
        return find_joined_across(case, pin.along)
    if pin.estate is not None:
        own = np.flatnonzero(ground.names == pin.estate)
        return own if own.size else None
    keys = [*(pin.blocks or pin.together or pin.apart or ()), *([] if pin.with_ is None else [pin.with_])]
    places = [np.flatnonzero(ground.ids == key) for key in keys]
    words = [pin.whole, pin.keep, pin.split, *(pin.merge or ())]
    places += [np.flatnonzero(ground.today == _find_today(case, word)) for word in words if word is not None]
    return np.unique(np.concatenate(places)) if all(place.size for place in places) else None


def _find_today(case: Case, word: str) -> str | None:
    """Give the key of a community of today by key or name; none where it is not just one."""
    ground = case.ground
    if word and word in ground.today:
        return word
    named = [key for key, name in ground.names_today.items() if name == word and key in ground.today]
    return named[0] if len(named) == 1 else None
