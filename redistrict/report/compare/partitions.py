"""How far two partitions of the same blocks agree, and which communities differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.model.succession import IntArray, trace_succession


@dataclass(frozen=True)
class Change:
    """A community of the first plan and the one of the second that continues it, where they are not the same.

    Attributes
    ----------
    first, second : int
        Their positions, -1 where there is none: the first is dissolved, or the second is new.
    blocks_common, blocks_left, blocks_joined : int
        Blocks in both, only in the first, and only in the second.
    residents_common, residents_left, residents_joined : int
        The residents of these.
    """

    first: int
    second: int
    blocks_common: int
    blocks_left: int
    blocks_joined: int
    residents_common: int
    residents_left: int
    residents_joined: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The six counts in this order, for tables."""
        return (
            self.blocks_common, self.blocks_left, self.blocks_joined,
            self.residents_common, self.residents_left, self.residents_joined,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far two plans agree, among the residents who have a community in both.

    Attributes
    ----------
    same_share : float
        Share of residents whose community consists of the same blocks in both.
    n_same : int
        Communities that consist of the same blocks in both.
    moved : int
        Residents whose community of the second plan does not continue theirs of the first (`succession`).
    overlap_share : float
        Share of residents who are not `moved`: the overlap of matched communities.
    information_bits : float
        Variation of information, 0 for equal partitions.
    changes : tuple of Change
        Most residents affected first.
    is_moved : (n_blocks,) bool
        The blocks of these residents.

    Notes
    -----
    With p(a, b) the share of residents in community a of the first plan and b of the second, the variation of
    information is -sum p(a, b) (log2 p(a, b)/p(a) + log2 p(a, b)/p(b)); the points clustered there are residents here.

    References
    ----------
    Meilă, M. (2007). Comparing clusterings: an information based distance. Journal of Multivariate Analysis, 98(5),
    873-895. https://doi.org/10.1016/j.jmva.2006.11.013
    """

    same_share: float
    n_same: int
    moved: int
    overlap_share: float
    information_bits: float
    changes: tuple[Change, ...]
    is_moved: NDArray[np.bool_]


def compare_partitions(first: NDArray[np.int32], second: NDArray[np.int32], residents: IntArray) -> Agreement:
    """Compare two plans block by block.

    Parameters
    ----------
    first : (n_blocks,) int32
        Community of each block, -1 for none.
    second : (n_blocks,) int32
        The same of the other plan.
    residents : (n_blocks,) int64
        People, or households where the data have no people.
    """
    n_first, n_second = int(first.max(initial=-1)) + 1, int(second.max(initial=-1)) + 1
    both = (first >= 0) & (second >= 0)
    blocks, people = (np.zeros((n_first + 1, n_second + 1), dtype=np.int64) for _ in range(2))
    np.add.at(blocks, (first, second), 1)  # -1, no community, is the last row or column
    np.add.at(people, (first, second), residents)
    heir = trace_succession(second, first, residents).successor
    is_same = np.array([_is_same(blocks, a, b) for a, b in enumerate(heir.tolist())], dtype=bool)
    is_moved = both & (heir[first] != second)
    total, moved = int(residents[both].sum()), int(residents[is_moved].sum())
    return Agreement(
        same_share=int(people[:-1][is_same].sum()) / total if total else 0.0,
        n_same=int(is_same.sum()),
        moved=moved,
        overlap_share=1 - moved / total if total else 1.0,
        information_bits=_variation_of_information(people[:-1, :-1]),
        changes=_list_changes(blocks, people, heir, is_same),
        is_moved=is_moved,
    )


def _is_same(blocks: IntArray, a: int, b: int) -> bool:
    return b >= 0 and bool(blocks[a].sum() == blocks[a, b] == blocks[:, b].sum())


def _list_changes(blocks: IntArray, people: IntArray, heir: IntArray, is_same: NDArray[np.bool_]) -> tuple[Change, ...]:
    pairs = [(a, b) for a, b in enumerate(heir.tolist()) if not is_same[a]]
    pairs += [(-1, b) for b in range(blocks.shape[1] - 1) if b not in set(heir.tolist())]
    changes = [Change(a, b, *_parts(blocks, a, b), *_parts(people, a, b)) for a, b in pairs]
    return tuple(sorted(changes, key=lambda one: (-one.residents_left - one.residents_joined, one.first, one.second)))


def _parts(counts: IntArray, a: int, b: int) -> tuple[int, int, int]:
    """Give what two communities have in common, what only the first has, and what only the second has."""
    common = int(counts[a, b]) if a >= 0 and b >= 0 else 0
    of_first, of_second = (int(counts[a].sum()) if a >= 0 else 0), (int(counts[:, b].sum()) if b >= 0 else 0)
    return common, of_first - common, of_second - common


def _variation_of_information(people: IntArray) -> float:
    a, b = np.nonzero(people)
    share = people[a, b] / max(1, people.sum())
    of_first, of_second = (np.bincount(side, share, minlength=side.max(initial=0) + 1) for side in (a, b))
    return abs(float(-(share * (np.log2(share / of_first[a]) + np.log2(share / of_second[b]))).sum()))
