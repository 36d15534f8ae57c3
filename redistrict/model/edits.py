"""Edits: what planners ask of a plan, as blocks and communities by number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]


class EditKind(Enum):
    """What an edit asks of its blocks."""

    IN = "in"
    """All of them lie in one named community."""
    TOGETHER = "together"
    """All of them lie in one community, whichever."""
    APART = "apart"
    """No two of them lie in one community."""
    EXACTLY = "exactly"
    """They are one named community, no block more and none less."""
    SHARE = "share"
    """At least so many of their residents lie in one named community."""


@dataclass(frozen=True)
class Edit:
    """One thing asked.

    Attributes
    ----------
    pin : int
        Which of the planner's pins it comes from.
    blocks : tuple of int
    community : int
        That of `IN`, `EXACTLY` and `SHARE`; else -1.
    residents : tuple of int
        Of `SHARE`: those of each block.
    least : int
        Of `SHARE`: how many of them.
    """

    pin: int
    kind: EditKind
    blocks: tuple[int, ...]
    community: int = -1
    residents: tuple[int, ...] = ()
    least: int = 0

    @property
    def is_place(self) -> bool:
        """Whether it says of all its blocks where they lie."""
        return self.kind in (EditKind.IN, EditKind.EXACTLY)

    def holds(self, plan: Labels) -> bool:
        """Whether a plan keeps to it."""
        where = plan[list(self.blocks)]
        if self.kind is EditKind.APART:
            return len(np.unique(where)) == len(where)
        if self.kind is EditKind.TOGETHER:
            return len(np.unique(where)) <= 1
        if self.kind is EditKind.SHARE:
            return int(np.array(self.residents)[where == self.community].sum()) >= self.least
        inside = bool((where == self.community).all())
        return inside and (self.kind is EditKind.IN or int((plan == self.community).sum()) == len(self.blocks))


def take_edits(edits: Iterable[Edit], blocks: Sequence[int], communities: Sequence[int]) -> tuple[Edit, ...]:
    """Give those edits that ask something of some blocks and communities, by position among them.

    Of an edit, blocks that are not among them are left out.
    """
    block_at, community_at = ({old: new for new, old in enumerate(some)} for some in (blocks, communities))
    found = []
    for edit in edits:
        kept = [n for n, block in enumerate(edit.blocks) if block in block_at]
        if kept:
            inside = tuple(block_at[edit.blocks[n]] for n in kept)
            residents = tuple(edit.residents[n] for n in kept) if edit.residents else ()
            place = community_at.get(edit.community, -1)
            found.append(replace(edit, blocks=inside, community=place, residents=residents))
    return tuple(found)
