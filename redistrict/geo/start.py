"""A plan to start from, read from a file and laid over the blocks."""

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks
from redistrict.geo.source import read_table
from redistrict.geo.tables import as_text, read_keys
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Data

_KEY = "data.start"
GUARD = r"\A'(?='*[=+\-@＝＋－＠\t\r])"
"""The apostrophe that keeps a spreadsheet from taking a key for a formula, which tables of ours have."""


def read_start(data: Data, blocks: Blocks, notes: list[Message]) -> NDArray[np.int32] | None:
    """Give the community of each block in the plan `data.start`, numbered; none where no plan is given.

    Parameters
    ----------
    notes : list of Message
        What was chosen, lost or left out while reading is added to it.

    Returns
    -------
    (n_blocks,) int32 or None
        -1 for blocks of which the plan says nothing.

    Raises
    ------
    DataError
        If keys repeat, or the plan knows none of the blocks.
    """
    source = data.start
    if source is None:
        return None
    columns = source.columns
    raw = read_table(source, columns.model_dump().values(), key=_KEY, notes=notes)
    problems: list[Message] = []
    keys = read_keys(raw[columns.id].replace(GUARD, "", regex=True), f"{_KEY}.columns.id", problems)
    community = dict(zip(keys.tolist(), as_text(raw[columns.community]).tolist(), strict=True))
    if not len(raw):
        problems.append(
            Message(
                f"{_KEY}: {source.path.name} has no rows; give a plan, or take the key out.",
                f"{_KEY}：{source.path.name} 没有数据行；请提供方案，或删去此键。",
            )
        )
    elif not problems and not community.keys() & set(blocks.ids):
        found, ours = name_some(sorted(community), limit=3), name_some(list(blocks.ids), limit=3)
        problems.append(
            Message(
                f"{_KEY}: {source.path.name} has none of the blocks: '{columns.id}' holds {found.en}, the blocks are "
                f"{ours.en}.",
                f"{_KEY}：{source.path.name} 中没有任何地块：“{columns.id}”为 {found.zh}，而地块为 {ours.zh}。",
            )
        )
    if problems:
        raise DataError(problems)
    notes += _note_unknown(sorted(community.keys() - set(blocks.ids)), source.path.name)
    number = {name: c for c, name in enumerate(sorted(set(community.values()) - {""}))}
    plan = np.array([number.get(community.get(block, ""), -1) for block in blocks.ids], dtype=np.int32)
    if without := [block for block, c in zip(blocks.ids, plan.tolist(), strict=True) if c < 0]:
        notes.append(_note_without(without, len(blocks.ids), source.path.name))
    return plan


def _note_without(without: list[str], n_blocks: int, file: str) -> Message:
    named, n_known = name_some(without), n_blocks - len(without)
    return Message(
        f"{_KEY}: of {n_blocks} blocks, {n_known} have a community in {file} and {len(without)} have none: {named.en}.",
        f"{_KEY}：{n_blocks} 个地块中，{file} 给出所属社区的有 {n_known} 个，没有的有 {len(without)} 个：{named.zh}。",
    )


def _note_unknown(unknown: list[str], file: str) -> list[Message]:
    if not unknown:
        return []
    named = name_some(unknown)
    return [
        Message(
            f"{_KEY}: {len(unknown)} rows of {file} name no block there is, and are left out: {named.en}.",
            f"{_KEY}：{file} 中有 {len(unknown)} 行的地块不存在，未采用：{named.zh}。",
        )
    ]
