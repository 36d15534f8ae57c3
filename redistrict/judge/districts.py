"""The districts of a province: whether each was asked what the province is, from the blocks that its file holds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError, RedistrictError
from redistrict.judge.reading import as_text, read_layer, read_result_layer
from redistrict.judge.sweep_places import POINTS, is_plain, read_points
from redistrict.judge.verification import Verification, Violation, name_first
from redistrict.messages import Message, name_some
from redistrict.scenario import Scenario, load_scenario
from redistrict.scenario.delivered import load_delivered

FILE, QUESTION, DATA, KEY = "districts.gpkg", "province.yaml", "data", "data.blocks.layer"
_USES = ("id", "households", "people", "dwellings", "name", "community")
_SAME = ("communities", "objective", "contiguity", "standards", "solve", "grids", "pins")
"""Sections of the scenario that are the same in every district, but for `count_by_district`."""
_NEAR = 1e-9
"""Areas and extents of a shape and its copy differ by less than this share."""
_AROUND = Message(
    "data: that roads, barriers and structures near each district are all those of the province; the outlines in "
    "districts.gpkg",
    "data：各区县附近的道路、屏障与设施是否为全域数据中的全部；districts.gpkg 中的轮廓",
)
_NO_QUESTION = Message(
    f"data: whether the districts are those of the province: {QUESTION} is not there",
    f"data：各区县是否与全域一致：缺少 {QUESTION}",
)
Rows = dict[str, gpd.GeoDataFrame]
"""Blocks by the name of their district, columns named by what they hold."""


def is_province(folder: Path) -> bool:
    """Whether the points of a sweep are the districts of a province."""
    return any((folder / name).exists() for name in (FILE, QUESTION, DATA))


def judge_districts(folder: Path) -> Verification:
    """Hold every district's question, name and blocks against the province's, row by row, as the judge reads both.

    Raises
    ------
    OSError, ScenarioError
        If a scenario cannot be read.
    """
    if not (folder / QUESTION).is_file():
        return Verification((), not_checked=(_NO_QUESTION,))
    province = load_scenario(folder / QUESTION)
    try:
        whole = _group(province, {})
        shown = read_result_layer(folder / FILE, layer=Path(FILE).stem)
        names = list(zip(as_text(shown["district"]), as_text(shown["blocks"]), strict=True))
    except (RedistrictError, OSError, ValueError, KeyError, AttributeError) as error:
        return Verification((), not_checked=(_unread(error),))
    asked = _list_sections(province)
    points = read_points(folder)
    assert not isinstance(points, Violation), "the record has been read"
    if len(names) != len(points):
        return Verification((_differs(FILE, "has other districts than the record", "所列区县与记录不符"),))
    found, lost, met = list[Violation](), list[str](), set[str]()
    for one, (name, n_blocks) in zip(points, names, strict=True):
        own = str(one["values"].get(KEY, ""))
        path = folder / DATA / own / f"{own}.gpkg"
        if one["folder"]:
            found += _judge_question(own, asked, load_delivered(folder / POINTS / one["folder"]), path)
        copies = _read_copy(province, path, own)
        if copies is None:
            lost.append(own)
            continue
        met |= copies.keys()
        found += _judge_copy(copies, whole, name, n_blocks)
    if len(missing := whole.keys() - met) > len(lost):
        found.append(_differs(name_some(sorted(missing)).en, "not there", "缺失"))
    unread = () if not lost else (_say_lost(lost),)
    return Verification(name_first(found), not_checked=(*unread, _AROUND))


def _list_sections(scenario: Scenario) -> dict[str, Any]:
    """Give the sections that are the same in every district."""
    sections = scenario.model_dump(mode="json", by_alias=True, include=set(_SAME))
    sections["communities"].pop("count_by_district")
    return sections


def _judge_question(own: str, asked: dict[str, Any], scenario: Scenario, path: Path) -> Iterator[Violation]:
    """Name the first section that asks something else of a district than of the province, and data from elsewhere."""
    found = _list_sections(scenario)
    if other := [name for name in _SAME if asked[name] != found[name]]:
        yield _differs(own, f"was asked otherwise than the province: {other[0]}", f"的问题与全域不同：{other[0]}")
    if scenario.data.blocks.path.resolve() != path.resolve():
        yield _differs(own, "was planned from other files", "使用了其他文件")


def _judge_copy(copies: Rows, whole: Rows, shown: str, n_blocks: str) -> Iterator[Violation]:
    """Hold the blocks of one district against the province's, and against what the map says of it."""
    for name, rows in copies.items():
        if name not in whole or not _is_same(whole[name], rows):
            yield _differs(name, "holds other blocks than the province", "的地块与全域数据不同")
    names, n = set(copies), sum(map(len, copies.values()))
    is_called = names == {shown} or (names == {""} and shown != "")
    if not is_called or n_blocks != f"{n}":
        yield _differs(name_some(sorted(names)).en, f"is shown as {shown} of {n_blocks} blocks", f"显示为 {shown}")


def _group(province: Scenario, changes: Mapping[str, Any]) -> Rows:
    """Read blocks, of the province or (with changes) of a copy, which has columns named by what they hold."""
    source = province.data.blocks.model_copy(update=dict(changes))
    held = {use: column for use in _USES if (column := getattr(source.columns, use)) is not None}
    held |= {level.key: level.column for level in province.levels if level.column is not None}
    held["district"] = source.columns.district or ""
    if changes:
        held = {use: "block_id" if use == "id" else use for use in held}
    layer = read_layer(source, held.values())
    table = gpd.GeoDataFrame({use: layer[column] for use, column in held.items()}, geometry=layer.geometry)
    return {str(name): rows for name, rows in table.groupby(as_text(table["district"]))}


def _read_copy(province: Scenario, path: Path, name: str) -> Rows | None:
    """Read the blocks of one district; none where they cannot be read."""
    if not is_plain(name) or not path.is_file():
        return None
    try:
        return _group(province, {"path": path, "layer": name, "where": None, "encoding": None})
    except (DataError, KeyError):
        return None


def _is_same(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame) -> bool:
    """Whether both hold the same texts and shapes, in whatever order; the shapes by area and extent."""
    if len(one) != len(two) or one.crs != two.crs:
        return False
    (texts, grounds), (others, places) = (_in_order(rows) for rows in (one, two))
    near = np.allclose(grounds, places, rtol=_NEAR, atol=_NEAR, equal_nan=True)
    return near and bool((texts == others).all())


def _in_order(rows: gpd.GeoDataFrame) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    names = [name for name in rows.columns if name != "geometry"]
    text = np.column_stack([as_text(rows[name]) for name in names]).astype(str)
    shapes = rows.geometry.to_numpy()
    area = shapely.area(shapes)
    ground = np.column_stack([np.where(area > 0, area, np.nan), shapely.bounds(shapes)])
    order = np.lexsort((*ground.T, *text.T))
    return text[order], ground[order]


def _differs(name: str, en: str, zh: str) -> Violation:
    message = Message(f"{DATA}: {name} {en}.", f"{DATA}：{name} {zh}。")
    return Violation("sweep", None, (), en, "as in the province", message)


def _unread(error: Exception) -> Message:
    said = error.problems[0] if isinstance(error, RedistrictError) else Message(repr(error), repr(error))
    return Message("data: that the blocks are those of the province: ", "data：地块是否与全域数据一致：") + said


def _say_lost(names: list[str]) -> Message:
    named = name_some(names)
    return Message(
        f"data: {named.en}: the blocks of these districts cannot be read", f"data：{named.zh}：这些区县的地块无法读取"
    )
