"""The plan before: the finished plan that a healed one was made from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PlanBefore:
    """A finished plan that planners asked to change.

    Attributes
    ----------
    ids, names : tuple of str
        Key and name of each community, in the order of the keys.
    of_block : (n_blocks,) int32
        Community of each block.
    n_pins : int
        How many things were asked.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    of_block: NDArray[np.int32]
    n_pins: int = 0


def number_plan(rows: tuple[tuple[str, str, str], ...], block_ids: tuple[str, ...], n_pins: int = 0) -> PlanBefore:
    """Put a plan of (block, key of its community, name of its community), in any order, into the order of the blocks.

    Raises
    ------
    KeyError
        If a block is missing.
    """
    name_of = {key: name for _, key, name in rows}
    ids = sorted(name_of)
    number = {key: c for c, key in enumerate(ids)}
    community_of = {block: number[key] for block, key, _ in rows}
    of_block = np.array([community_of[block] for block in block_ids], dtype=np.int32)
    return PlanBefore(tuple(ids), tuple(name_of[key] for key in ids), of_block, n_pins)
