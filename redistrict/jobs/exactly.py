"""Exactly so: pins that leave a repair as the only plan, so that it is found again without its search."""

from collections.abc import Sequence

import numpy as np

from redistrict.jobs.heal import Repaired
from redistrict.jobs.pinned import Basis, label_communities
from redistrict.messages import Language, Message
from redistrict.scenario.pins import Pin, read_pin

_REASON = Message("accepted as it was before the search had ended", "搜索结束前按当时方案采纳")


def pin_exactly(basis: Basis, repaired: Repaired, ids: Sequence[str], language: Language) -> tuple[Pin, ...]:
    """Give pins that say which blocks a community has, for each that may change in a repair with the same pins.

    With these, nobody has to move but those whom pins name, and no block is left to be chosen. What bears no key of the
    plan before that a pin may name, as the parts of a community that is split, or another than the repair's own pins
    name, lies together, and then all else in the area is pinned, so that it cannot lie elsewhere.

    Parameters
    ----------
    ids : sequence of str
        Key of each block's community, as a result made of the repair has it: by that key the judge looks for it.
    """
    labels, edited = repaired.labels, repaired.edited
    number_of = dict(zip(basis.before.ids, label_communities(basis, repaired.asked), strict=True))
    is_part = np.bincount(edited.family)[edited.family] > 1
    members = {int(c): np.flatnonzero(labels == c).tolist() for c in np.unique(labels)}
    taken = {edit.community: int(labels[edit.blocks[0]]) for edit in edited.edits if edit.community >= 0}
    asked, key_of = {c: number for number, c in taken.items()}, dict[int, str]()
    for c, blocks in members.items():
        number = number_of.get(ids[blocks[0]])
        if number is None or is_part[number] or asked.get(c, number) != number:
            continue
        if taken.setdefault(number, c) == c:
            key_of[c] = ids[blocks[0]]
    keyless = [c for c in members if c not in key_of]
    named = _list_named(repaired) | {*np.flatnonzero(np.isin(edited.area, edited.area[keyless])).tolist()}
    pins = []
    for c in sorted(named):
        keys = [basis.blocks.ids[i] for i in members[c]]
        if c in key_of:
            pins.append({"blocks": keys, "in": key_of[c]})
        elif len(keys) > 1:
            pins.append({"together": keys})
    return tuple(read_pin({**pin, "reason": _REASON.in_language(language)}) for pin in pins)


def _list_named(repaired: Repaired) -> set[int]:
    """Give the communities that the repair changes, and those of pins that did not hold."""
    edited, labels = repaired.edited, repaired.labels
    differs = labels != edited.home
    named = {*labels[differs].tolist(), *edited.home[differs].tolist()}
    for edit in edited.edits:
        if not edit.holds(edited.home):
            named |= {*edited.home[list(edit.blocks)].tolist()} | ({edit.community} - {-1})
    return named
