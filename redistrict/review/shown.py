"""Shown: the plan of a moment: the result or a repair of it, with what was painted and merged since put on top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redistrict.model.plan import Plan
from redistrict.review.desk import Desk
from redistrict.review.state import PAINTED, Moment
from redistrict.scenario.pins import Pin


@dataclass(frozen=True, eq=False)
class Shown:
    """A plan on the page, perhaps a broken one.

    Attributes
    ----------
    ids, names : tuple of str
        Of each community; none is empty.
    of_block : (n_blocks,) int32
        Community of each block.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    of_block: NDArray[np.int32]

    @property
    def plan(self) -> Plan:
        """The plan, numbered as here."""
        return Plan(self.of_block)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """A digest of the blocks of each community: equal blocks, equal shape."""
        return tuple(key_of(np.flatnonzero(self.of_block == c)) for c in range(len(self.ids)))


def key_of(blocks: NDArray[np.int64]) -> str:
    """Give the digest of some blocks, ascending."""
    return sha256(blocks.astype("<i8").tobytes()).hexdigest()[:20]


def show_repaired(desk: Desk, ids: Sequence[str], names: Mapping[str, str]) -> Shown:
    """Put a plan, given as the key of each block's community, in the order of keys."""
    keys = sorted({*ids})
    number = {key: c for c, key in enumerate(keys)}
    of_block = np.array([number[key] for key in ids], dtype=np.int32)
    named = dict(zip(desk.basis.before.ids, desk.basis.before.names, strict=True)) | dict(names)
    return Shown(tuple(keys), tuple(named[key] for key in keys), of_block)


def show(desk: Desk, moment: Moment, repairs: Mapping[int, Mapping[str, Any]]) -> Shown:
    """Give the plan of a moment.

    Parameters
    ----------
    repairs : mapping of int to body
        What each event that accepted a repair says of it: `moves` against the result, and `names` of communities.
    """
    ids = [desk.basis.before.ids[c] for c in desk.basis.before.of_block.tolist()]
    names: dict[str, str] = {}
    since = 0
    if moment.repair is not None:
        body, since = repairs[moment.repair], moment.repair
        names.update(body["names"])
        for block, _, to in body["moves"]:
            ids[desk.place[block]] = to
    for held in moment.pins:
        if held.event > since:
            _put(desk, ids, held.pin)
    for held in moment.pins:
        if held.event > since and held.pin.rename is not None:
            names[find_home(desk, ids, held.pin.rename)] = held.pin.to or ""
    return show_repaired(desk, ids, names)


def _put(desk: Desk, ids: list[str], pin: Pin) -> None:
    """Put blocks that are painted, or communities that are merged, where a pin says; other pins wait for a repair."""
    if pin.form in PAINTED:
        to = ids[desk.place[pin.with_]] if pin.with_ is not None else find_home(desk, ids, pin.in_ or "")
        for block in pin.blocks or ():
            ids[desk.place[block]] = to
    elif pin.merge is not None:
        into, gone = sorted((find_home(desk, ids, word) for word in pin.merge), key=lambda key: -_size(desk, ids, key))
        ids[:] = [into if key == gone else key for key in ids]


def find_home(desk: Desk, ids: Sequence[str], word: str) -> str:
    """Give the community that is, or continues, one of the result: by key, else who has most of its residents.

    Parameters
    ----------
    word : str
        Key or name of a community of the result.
    """
    before = desk.basis.before
    key = word if word in before.ids else before.ids[before.names.index(word)]
    if key in ids:
        return key
    held: dict[str, int] = {}
    for i in np.flatnonzero(before.of_block == before.ids.index(key)).tolist():
        held[ids[i]] = held.get(ids[i], 0) + int(desk.residents[i])
    return max(sorted(held), key=lambda there: held[there])


def _size(desk: Desk, ids: Sequence[str], key: str) -> int:
    return sum(int(desk.residents[i]) for i, there in enumerate(ids) if there == key)
