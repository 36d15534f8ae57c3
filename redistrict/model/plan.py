"""Plan: which community every block belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Plan:
    """An immutable assignment of blocks to communities 0 .. k-1, every community non-empty.

    Attributes
    ----------
    assignment : (n_blocks,) int32, read-only
        Community of each block.

    Raises
    ------
    ValueError
        If a community number is missing or negative.
    """

    assignment: NDArray[np.int32]

    def __post_init__(self) -> None:
        labels = np.array(self.assignment, dtype=np.int32)
        used = np.unique(labels)
        if labels.ndim != 1 or not np.array_equal(used, np.arange(used.size)):
            raise ValueError("communities must be numbered 0 .. k-1 without a gap")
        labels.setflags(write=False)
        object.__setattr__(self, "assignment", labels)

    @property
    def n_communities(self) -> int:
        """Number of communities."""
        return int(self.assignment.max()) + 1 if self.assignment.size else 0

    def __repr__(self) -> str:
        return f"Plan({self.assignment.size} blocks, {self.n_communities} communities)"


def canonical_plan(assignment: NDArray[np.int32]) -> Plan:
    """Number the communities by their first block, so that equal partitions are equal plans.

    Raises
    ------
    ValueError
        If a block has no community (a negative number).
    """
    if assignment.size and assignment.min() < 0:
        raise ValueError(f"{int((assignment < 0).sum())} blocks have no community")
    _, first, inverse = np.unique(assignment, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int32)
    rank[np.argsort(first)] = np.arange(first.size, dtype=np.int32)
    return Plan(rank[inverse])


def join_divisions(n_blocks: int, parts: Iterable[tuple[NDArray[np.int64], NDArray[np.int32]]]) -> NDArray[np.int32]:
    """Put divisions of some blocks each, their communities 0 .. k-1, together, (n_blocks,); -1 where there is none.

    Parameters
    ----------
    parts : iterable of ((n,) int64, (n,) int32)
        Blocks, and the community of each.
    """
    labels, offset = np.full(n_blocks, -1, dtype=np.int32), 0
    for blocks, division in parts:
        labels[blocks] = division + offset
        offset += int(division.max()) + 1
    return labels
