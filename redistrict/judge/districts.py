"""The districts of a province: whether the blocks each was solved with are those that the province's own file holds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from redistrict.errors import DataError
from redistrict.judge.reading import as_text, read_layer
from redistrict.judge.sweep_places import is_plain, read_points
from redistrict.judge.verification import Verification, Violation, name_first
from redistrict.messages import Message, name_some
from redistrict.scenario import load_scenario
from redistrict.scenario.sources import BlockSource

QUESTION, DATA, KEY = "province.yaml", "data", "data.blocks.layer"
_USES = ("id", "district", "households", "people", "dwellings", "name", "community")
_NEAR = 1e-9
"""Areas of a shape and its copy differ by less than this share."""
_AROUND = Message(
    "data: that roads, barriers and structures near each district are all those of the province",
    "data：各区县附近的道路、屏障与设施是否为全域数据中的全部",
)


def judge_districts(folder: Path) -> Verification:
    """Hold the blocks of every district against the province's file, row by row, as the judge reads both.

    Raises
    ------
    OSError, ScenarioError
        If the province's scenario cannot be read.
    """
    source = load_scenario(folder / QUESTION).data.blocks
    held = {use: column for use in _USES if (column := getattr(source.columns, use)) is not None}
    try:
        whole = _tabulate(source, held)
    except DataError as error:
        return Verification((), not_checked=tuple(_unread(one) for one in error.problems))
    points = read_points(folder)
    assert not isinstance(points, Violation), "the record has been read"
    parts = [_read_part(folder, source, held, str(one["values"].get(KEY, ""))) for one in points]
    copies = pd.concat([part for part in parts if isinstance(part, pd.DataFrame)] or [whole.iloc[:0]])
    lost = {part for part in parts if isinstance(part, str)}
    found = list(_compare(whole, copies, without=len(lost)))
    unread = () if not lost else (_say_lost(sorted(lost)),)
    return Verification(name_first(found), not_checked=(*unread, _AROUND))


def _tabulate(source: BlockSource, held: Mapping[str, str]) -> pd.DataFrame:
    layer = read_layer(source, held.values())
    table = pd.DataFrame({use: as_text(layer[column]) for use, column in held.items()})
    area = shapely.area(layer.geometry.to_numpy())
    return table.assign(area=np.where(area > 0, area, np.nan))


def _read_part(folder: Path, source: BlockSource, held: Mapping[str, str], name: str) -> pd.DataFrame | str:
    """Read the blocks of one district, or give the name of what cannot be read."""
    path = folder / DATA / name / f"{name}.gpkg"
    if not is_plain(name) or not path.is_file():
        return name
    own = source.model_copy(update={"path": path, "layer": name, "where": None, "encoding": None})
    try:
        return _tabulate(own, {use: "block_id" if use == "id" else use for use in held})
    except DataError:
        return name


def _compare(whole: pd.DataFrame, copies: pd.DataFrame, *, without: int) -> Iterator[Violation]:
    """Name the districts whose blocks are others than in the province's file; some may have no copy at all."""
    there = set(copies["district"])
    missing = set(whole["district"]) - there
    if len(missing) > without:
        yield _differs(sorted(missing), "no data", Message("have no data", "没有数据"))
    ours, theirs = (dict(iter(table.groupby("district"))) for table in (copies, whole))
    odd = [str(name) for name, rows in ours.items() if name not in theirs or not _is_same(rows, theirs[name])]
    if odd:
        yield _differs(odd, "other blocks", Message("hold other blocks than the province", "的地块与全域数据不同"))


def _is_same(one: pd.DataFrame, two: pd.DataFrame) -> bool:
    one, two = (rows.sort_values(list(rows.columns), ignore_index=True) for rows in (one, two))
    near = len(one) == len(two) and np.allclose(one["area"], two["area"], rtol=_NEAR, atol=0.0, equal_nan=True)
    return bool(near) and one.drop(columns="area").equals(two.drop(columns="area"))


def _differs(names: list[str], found: str, words: Message) -> Violation:
    named = name_some(names)
    message = Message(f"{DATA}: districts {named.en} {words.en}.", f"{DATA}：区县 {named.zh}{words.zh}。")
    return Violation("sweep", None, (), found, "the blocks of the province", message)


def _unread(problem: Message) -> Message:
    return Message("data: that the blocks are those of the province: ", "data：地块是否与全域数据一致：") + problem


def _say_lost(names: list[Any]) -> Message:
    named = name_some(names)
    return Message(
        f"data: {named.en}: the blocks of these districts cannot be read", f"data：{named.zh}：这些区县的地块无法读取"
    )
