"""Exactly so: pins that leave a repair as the only plan, so that it is found again without its search."""

import numpy as np

from redistrict.jobs.heal import Repaired
from redistrict.jobs.pinned import Basis, label_communities
from redistrict.messages import Language, Message
from redistrict.scenario.pins import Pin, read_pin

_REASON = Message("accepted as it was before the search had ended", "搜索结束前按当时方案采纳")


def pin_exactly(basis: Basis, repaired: Repaired, language: Language) -> tuple[Pin, ...]:
    """Give pins that say which blocks a community has, for each that may change in a repair with the same pins.

    With these, nobody has to move but those whom pins name, and no block is left to be chosen. The parts of a community
    that is split have no names yet: what one of them has lies together, and all else in the area has its place.
    """
    labels, family, keys = repaired.labels, repaired.edited.family, basis.blocks.ids
    label = label_communities(basis, repaired.asked)
    key_of = dict(zip(reversed(label), reversed(basis.before.ids), strict=True))
    pins = []
    for c in _list_named(repaired):
        blocks = [keys[i] for i in np.flatnonzero(labels == c).tolist()]
        if (family == family[c]).sum() == 1:
            pins.append({"blocks": blocks, "in": key_of[c]})
        elif len(blocks) > 1:
            pins.append({"together": blocks})
    return tuple(read_pin({**pin, "reason": _REASON.in_language(language)}) for pin in pins)


def _list_named(repaired: Repaired) -> list[int]:
    """Give the communities that the repair changes, those of pins that did not hold, and all where one is split."""
    edited, labels = repaired.edited, repaired.labels
    differs = labels != edited.home
    named = {*labels[differs].tolist(), *edited.home[differs].tolist()}
    for edit in edited.edits:
        if not edit.holds(edited.home):
            named |= {*edited.home[list(edit.blocks)].tolist()} | ({edit.community} - {-1})
    is_part = np.bincount(edited.family)[edited.family] > 1
    return sorted({*named, *np.flatnonzero(np.isin(edited.area, edited.area[is_part])).tolist()})
