"""Today's communities: their names, staff and locks, and which blocks they hold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.source import read_table
from redistrict.geo.tables import read_keys, read_numbers, read_text
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import CurrentSource, Data

_KEY = "data.current"
_OPEN = {"", "0", "no", "n", "false", "否", "无"}


@dataclass(frozen=True, eq=False)
class CurrentPlan:
    """Today's communities, sorted by key, and the blocks each holds.

    Attributes
    ----------
    ids, names, districts : tuple of str
        Key, name (the key where none is given) and district (that of most of its blocks) of each community.
    of_block : (n_blocks,) int32, read-only
        Today's community of each block, -1 where it has none.
    staff : (n_communities,) int64 or None
        Workers there today, where the data say so.
    is_locked : (n_communities,) bool
        Communities that must stay as they are.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    districts: tuple[str, ...]
    of_block: NDArray[np.int32]
    staff: NDArray[np.int64] | None
    is_locked: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def blocks_of(self, community: int) -> NDArray[np.int64]:
        """Give the positions of a community's blocks."""
        return np.flatnonzero(self.of_block == community)


def read_current(data: Data, blocks: Blocks) -> CurrentPlan | None:
    """Gather today's communities from the blocks' column and, where there is one, the table `data.current`.

    Returns
    -------
    CurrentPlan or None
        None when the blocks have no column of today's communities.

    Raises
    ------
    DataError
        If keys repeat, counts are no whole numbers, or blocks name communities the table does not have.
    """
    if data.blocks.columns.community is None:
        return None
    keys = blocks.frame["community"].to_numpy(dtype=object)
    ids = sorted(set(keys.tolist()) - {""})
    number = {key: c for c, key in enumerate(ids)} | {"": -1}
    of_block = np.array([number[key] for key in keys.tolist()], dtype=np.int32)
    of_block.setflags(write=False)
    names, staff, locked = _read_table(data.current, ids) if data.current else (ids, None, np.zeros(len(ids), bool))
    district = blocks.frame["district"].to_numpy(dtype=object)
    return CurrentPlan(
        ids=tuple(ids),
        names=tuple(names),
        districts=tuple(_most_common(district[of_block == c].tolist()) for c in range(len(ids))),
        of_block=of_block,
        staff=staff,
        is_locked=locked,
    )


def _read_table(source: CurrentSource, ids: list[str]) -> tuple[list[str], NDArray[np.int64] | None, NDArray[np.bool_]]:
    """Give name, staff and lock of each community the blocks name."""
    columns = source.columns
    raw = read_table(source, columns.model_dump().values(), key=_KEY)
    problems: list[Message] = []
    keys = read_keys(raw[columns.id], f"{_KEY}.columns.id", problems)
    row = {key: n for n, key in enumerate(keys.tolist())}
    missing = [key for key in ids if key not in row]
    if missing:
        named = name_some(missing)
        problems.append(
            Message(
                f"{_KEY}: {len(missing)} communities that blocks belong to are not in {source.path.name}: {named.en}; "
                "add them, or mend the blocks' column.",
                f"{_KEY}：{source.path.name} 中缺少地块所属的 {len(missing)} 个社区：{named.zh}；"
                "请补上，或更正地块的所属社区。",
            )
        )
    numbers = None
    if columns.staff is not None:
        numbers = read_numbers(raw[columns.staff], keys.tolist(), f"{_KEY}.columns.staff", problems, whole=True)
    if problems:
        raise DataError(problems)
    at = np.array([row[key] for key in ids], dtype=np.int64)
    names = read_text(raw, columns.name)
    locks = read_text(raw, columns.locked)
    is_locked = np.array([str(lock).lower() not in _OPEN for lock in locks], dtype=bool)
    return (
        [str(names[n] or keys[n]) for n in at.tolist()],
        None if numbers is None else numbers[at].astype(np.int64),
        is_locked[at],
    )


def _most_common(names: list[str]) -> str:
    """Give the name that stands most often; the first by text where several do."""
    return max(sorted(set(names)), key=names.count)
