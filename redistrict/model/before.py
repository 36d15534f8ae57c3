"""The plan before: the finished plan that a healed one was made from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from redistrict.scenario.pins import Pin


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
    renamed : tuple of (int, str)
        Communities that are to bear another name, each with it.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    of_block: NDArray[np.int32]
    n_pins: int = 0
    renamed: tuple[tuple[int, str], ...] = ()


def number_plan(rows: tuple[tuple[str, str, str], ...], block_ids: tuple[str, ...]) -> PlanBefore:
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
    return PlanBefore(tuple(ids), tuple(name_of[key] for key in ids), of_block)


def with_pins(before: PlanBefore, pins: Sequence[Pin]) -> PlanBefore:
    """Put to a plan what its pins ask of names; they name communities that it has, by key or name."""
    word_of = {name: c for c, name in enumerate(before.names)} | {key: c for c, key in enumerate(before.ids)}
    renamed = tuple((word_of[pin.rename], pin.to or "") for pin in pins if pin.rename is not None)
    return replace(before, n_pins=len(pins), renamed=renamed)
