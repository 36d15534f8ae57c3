"""Today's communities: their names, staff and locks, and which blocks they hold."""

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.alike import fold, show
from redistrict.geo.blocks import Blocks
from redistrict.geo.source import read_table
from redistrict.geo.tables import as_numbers, read_keys, read_numbers, read_text
from redistrict.geo.totals import without_totals
from redistrict.messages import NOTHING, Message, name_some
from redistrict.scenario.sources import CurrentSource, Data

_KEY = "data.current"
_OPEN = frozenset(
    {
        "", "0", "0.0", "no", "n", "false", "f", "off", "none", "null", "na", "n/a", "nan", "unlocked", "open", "x",
        "×", "✗", "✘", "✕", "-", "--", "–", "—", "——", "/", "否", "无", "非", "未", "不", "不是", "没有", "不锁",
        "不锁定", "未锁定", "非锁定", "可调整", "空", "调整", "可以调整", "需调整", "❌", "✖",
    }
)  # fmt: skip
_LOCKED = frozenset(
    {
        "1", "1.0", "yes", "y", "true", "t", "on", "locked", "lock", "keep", "√", "✓", "✔", "☑", "是", "有", "对", "锁",
        "锁定", "已锁定", "保留", "不变", "不动", "保持不变", "村改居", "不调整", "不作调整", "不予调整", "保持现状",
        "维持现状", "✅",
    }
)  # fmt: skip
_REMARK = re.compile(r"(.+?)[(\[【〔](?!.*(?:部分|待|拟|除|未|\?))[^()\[\]【】〔〕]*[)\]】〕]")
"""A word with a remark in brackets that takes nothing of it back."""
_DRAWN_AS = str.maketrans("", "", "\ufe0e\ufe0f")
"""Marks that say whether a sign is drawn as text or as a picture."""


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
    notes : tuple of Message
        What was chosen, lost or left out while reading.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    districts: tuple[str, ...]
    of_block: NDArray[np.int32]
    staff: NDArray[np.int64] | None
    is_locked: NDArray[np.bool_]
    notes: tuple[Message, ...] = ()

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
    notes: list[Message] = []
    names, staff, locked = ids, None, np.zeros(len(ids), dtype=bool)
    if data.current is not None:
        names, staff, locked = _read_table(data.current, ids, notes)
    district = blocks.frame["district"].to_numpy(dtype=object)
    current = CurrentPlan(
        ids=tuple(ids),
        names=tuple(names),
        districts=tuple(_most_common(district[of_block == c].tolist()) for c in range(len(ids))),
        of_block=of_block,
        staff=staff,
        is_locked=locked,
    )
    return replace(current, notes=(*notes, *note_over_districts(current, blocks)))


def _read_table(
    source: CurrentSource, ids: list[str], notes: list[Message]
) -> tuple[list[str], NDArray[np.int64] | None, NDArray[np.bool_]]:
    """Give name, staff and lock of each community the blocks name."""
    columns = source.columns
    raw = read_table(source, columns.model_dump().values(), key=_KEY, notes=notes)
    problems: list[Message] = []
    raw = without_totals(raw, columns.id, (columns.staff,), _KEY, problems, notes)
    keys = read_keys(raw[columns.id], f"{_KEY}.columns.id", problems)
    missing = sorted(set(ids) - set(keys.tolist()))
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
    used = np.isin(keys, ids)
    numbers = None
    if columns.staff is not None:
        own = raw[columns.staff].where(used | np.isfinite(as_numbers(raw[columns.staff])))
        numbers = read_numbers(own, keys.tolist(), f"{_KEY}.columns.staff", problems, notes, whole=True)
    if problems:
        raise DataError(problems)
    notes += _note_unused(keys[~used], None if numbers is None else numbers[~used], source.path.name)
    row = {key: n for n, key in enumerate(keys.tolist())}
    at = np.array([row[key] for key in ids], dtype=np.int64)
    names = read_text(raw, columns.name)
    is_locked = np.zeros(len(raw), dtype=bool)
    if columns.locked is not None:
        is_locked[used] = _read_locks(read_text(raw, columns.locked)[used], keys[used], columns.locked, notes)
    return (
        [str(names[n] or keys[n]) for n in at.tolist()],
        None if numbers is None else numbers[at].astype(np.int64),
        is_locked[at],
    )


def _read_locks(
    words: NDArray[np.object_], keys: NDArray[np.object_], column: str, notes: list[Message]
) -> NDArray[np.bool_]:
    """Tell which words mean yes, with a note of those that do.

    Raises
    ------
    DataError
        Naming the words that mean neither yes nor no.
    """
    plain = np.array([_plain(word) for word in words], dtype=object)
    is_locked = np.isin(plain, list(_LOCKED | {_plain(column)} - _OPEN))
    if (odd := np.flatnonzero(~is_locked & ~np.isin(plain, list(_OPEN)))).size:
        named = name_some([f"'{show(words[n])}' ({keys[n]})" for n in odd])
        raise DataError(
            Message(
                f"{_KEY}.columns.locked: {odd.size} values of '{column}' are neither yes nor no: {named.en}; write 1 "
                "or yes for communities that stay as they are, and 0, no or nothing for the others.",
                f"{_KEY}.columns.locked：“{column}”有 {odd.size} 个值既不是“是”也不是“否”：{named.zh}；"
                "保持不变的社区请写“是”或 1，其余写“否”、0 或留空。",
            )
        )
    if is_locked.any():
        taken = Counter(words[is_locked].tolist())
        said = name_some([f"'{show(word)}' ({n})" for word, n in taken.most_common()])
        notes.append(
            Message(
                f"{_KEY}.columns.locked: {int(is_locked.sum())} of {len(words)} communities stay as they are; taken "
                f"for yes in '{column}': {said.en}.",
                f"{_KEY}.columns.locked：{len(words)} 个社区中有 {int(is_locked.sum())} 个保持不变；"
                f"“{column}”中视为“是”的值：{said.zh}。",
            )
        )
    return is_locked


def _plain(word: str) -> str:
    """Give a word as the eye sees it, without a remark in brackets."""
    bare = fold(word).translate(_DRAWN_AS)
    found = _REMARK.fullmatch(bare)
    return bare if found is None else found[1]


def _note_unused(unused: NDArray[np.object_], staff: NDArray[np.float64] | None, file: str) -> list[Message]:
    """Name the rows whose community holds no block, and the staff that is lost with them."""
    if not unused.size:
        return []
    lost = 0 if staff is None else int(staff.sum())
    named = name_some(unused.tolist())
    more = Message(f" ({lost} staff)", f"（工作者 {lost} 人）") if lost else NOTHING
    return [
        Message(
            f"{_KEY}: {unused.size} communities of {file} hold no block and are left out: {named.en}{more.en}; "
            "check their keys.",
            f"{_KEY}：{file} 中有 {unused.size} 个社区没有任何地块，未计入：{named.zh}{more.zh}；请检查编号。",
        )
    ]


def note_over_districts(current: CurrentPlan, blocks: Blocks) -> list[Message]:
    """Name the communities with blocks in several districts: one over a border, or two of one name."""
    homes = np.array(current.districts, dtype=object)[current.of_block] if len(current) else np.array([], dtype=object)
    district = blocks.frame["district"].to_numpy(dtype=object)
    astray = (current.of_block >= 0) & (homes != district) if len(current) else np.zeros(len(blocks), dtype=bool)
    if not astray.any():
        return []
    over = np.unique(current.of_block[astray]).tolist()
    called = [
        current.ids[c] if current.ids[c] == current.names[c] else f"{current.ids[c]} {current.names[c]}" for c in over
    ]
    where = ["/".join(sorted(set(district[current.of_block == c]))) for c in over]
    named = name_some([f"{name} ({places})" for name, places in zip(called, where, strict=True)])
    return [
        Message(
            f"{len(over)} communities have blocks in more than one district and count where most lie: {named.en}. "
            "If these are several of one name, give each a key of its own.",
            f"{len(over)} 个社区跨区，按地块最多的区计：{named.zh}。如为不同区的同名社区，请分别编号。",
        )
    ]


def _most_common(names: list[str]) -> str:
    """Give the name that stands most often; the first by text where several do."""
    return max(sorted(set(names)), key=names.count)
