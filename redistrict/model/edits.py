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


@dataclass(frozen=True)
class Edit:
    """One thing asked.

    Attributes
    ----------
    pin : int
        Which of the planner's pins it comes from.
    blocks : tuple of int
    community : int
        That of `IN` and `EXACTLY`; else -1.
    """

    pin: int
    kind: EditKind
    blocks: tuple[int, ...]
    community: int = -1

    def holds(self, plan: Labels) -> bool:
        """Whether a plan keeps to it."""
        where = plan[list(self.blocks)]
        if self.kind is EditKind.APART:
            return len(np.unique(where)) == len(where)
        if self.kind is EditKind.TOGETHER:
            return len(np.unique(where)) <= 1
        inside = bool((where == self.community).all())
        return inside and (self.kind is EditKind.IN or int((plan == self.community).sum()) == len(self.blocks))


def take_edits(edits: Iterable[Edit], blocks: Sequence[int], communities: Sequence[int]) -> tuple[Edit, ...]:
    """Give those edits that ask something of some blocks and communities, by position among them.

    Of an edit, blocks that are not among them are left out.
    """
    block_at, community_at = ({old: new for new, old in enumerate(some)} for some in (blocks, communities))
    found = []
    for edit in edits:
        inside = tuple(block_at[block] for block in edit.blocks if block in block_at)
        if inside:
            found.append(replace(edit, blocks=inside, community=community_at.get(edit.community, -1)))
    return tuple(found)
