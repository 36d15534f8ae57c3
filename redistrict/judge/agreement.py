"""Agreement: what the engine read, beside what the judge reads of the same files, before anything is solved.

A file that the two read differently would be refused only when the plan is finished. Every table is a data frame; the
order of rows does not matter.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from redistrict.errors import DataError
from redistrict.judge.dates import year_of
from redistrict.judge.ground import Ground, kinds_of, read_estates, read_ground
from redistrict.judge.locks import are_locked
from redistrict.judge.reading import GUARD, as_text, column, read_layer, read_table, text_column
from redistrict.judge.totals import leave_out_totals
from redistrict.messages import Message
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import CurrentSource, Data, ProjectSource, SiteSource, Source, StartSource

AREA_SHARE = 0.01  # two projections may differ by a thousandth
STRUCTURES = ("bridge", "underpass", "signal")

Tables = Mapping[str, pd.DataFrame]


def compare_reading(scenario: Scenario, given: Tables) -> None:
    """Read everything the scenario names again, and refuse what comes out otherwise.

    Parameters
    ----------
    given : key of the scenario -> DataFrame
        What the engine read: `data.blocks` with `id`, `name`, `district`, `community`, each quantity, each level as
        `levels.` and its key, and `area_m2`;
        `data.roads` and `data.barriers` with `class` and `name`; `data.structures` with `kind`; `data.current` with
        `id`, `name`, `staff` and `locked` of the communities that hold blocks; `data.premises` with `id`, `name` and
        `area_m2`; `data.projects` with `id`, `block`, `year` and each quantity; `data.start` with `id` and `plan`,
        communities numbered in the order of their names.

    Raises
    ------
    DataError
        Listing tables and columns that differ, or what the judge cannot read.
    """
    again = read_again(scenario)
    problems = [
        message
        for key in sorted(given.keys() | again.keys())
        for message in _compare(key, given.get(key, pd.DataFrame()), again.get(key, pd.DataFrame()))
    ]
    if problems:
        raise DataError(problems)


def read_again(scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Read everything a scenario names, as the tables `compare_reading` takes.

    Raises
    ------
    DataError
        If the judge cannot read a file, or finds no numbers where it should.
    """
    data, ground = scenario.data, read_ground(scenario)
    found = {"data.blocks": _blocks(data, ground), **_surroundings(data)}
    if data.current is not None:
        found["data.current"] = read_current(data.current, set(ground.today) - {""})
    if data.premises is not None:
        found["data.premises"] = read_premises(data.premises)
    if data.projects is not None:
        found["data.projects"] = _projects(data.projects, ground)
    if data.start is not None:
        found["data.start"] = _start(data.start, list(ground.ids))
    return found


def _blocks(data: Data, ground: Ground) -> pd.DataFrame:
    columns = data.blocks.columns
    table = read_table(data.blocks, (columns.id, columns.name))
    keys, names = (text_column(table, name, data.blocks) for name in (columns.id, columns.name))
    name_of = dict(reversed(list(zip(keys, names, strict=True))))  # a key that stands twice is called as at first
    found: dict[str, Any] = {"id": ground.ids, "name": [name_of[key] for key in ground.ids]}
    found |= {"district": ground.district, "community": ground.today, "area_m2": shapely.area(ground.polygons)}
    found |= {f"levels.{key}": names for key, names in ground.levels.items()}
    return pd.DataFrame(found | ground.held)


def _surroundings(data: Data) -> dict[str, pd.DataFrame]:
    """Give the rows of roads, barriers and structures that have a class and a place."""
    rows: dict[str, list[pd.DataFrame]] = {"data.roads": [], "data.barriers": [], "data.structures": []}
    for road in data.roads:
        layer = read_layer(road, (road.class_column, road.name_column))
        classes = kinds_of(layer, road, road.class_column, road.classes, road.class_name)
        rows["data.roads"].append(
            _placed(layer, {"class": classes, "name": text_column(layer, road.name_column, road)})
        )
    for wall in data.barriers:
        layer = read_layer(wall, (wall.name_column,))
        names = text_column(layer, wall.name_column, wall)
        rows["data.barriers"].append(_placed(layer, {"class": np.full(len(layer), wall.class_name), "name": names}))
    for made in data.structures:
        layer = read_layer(made, (made.kind_column,))
        kinds = kinds_of(layer, made, made.kind_column, made.kinds, made.kind)
        rows["data.structures"].append(_placed(layer, {"kind": np.where(np.isin(kinds, STRUCTURES), kinds, "")}))
    return {key: pd.concat(tables, ignore_index=True) for key, tables in rows.items() if tables}


def _placed(layer: Any, columns: Mapping[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(dict(columns))
    shapes = layer.geometry.to_numpy()
    is_placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (table.iloc[:, 0] != "").to_numpy()
    placed: pd.DataFrame = table.loc[is_placed]
    return placed


def _numbers(table: pd.DataFrame, name: str | None, source: Source) -> "pd.Series[Any]":
    """Give a column of numbers, 0 where a cell is empty or there is no such column."""
    if name is None:
        return pd.Series(0.0, index=table.index)
    values = column(table, name, source)
    return pd.to_numeric(values.where(as_text(values) != "", 0), errors="coerce").astype(float)


def read_current(source: CurrentSource, used: set[str]) -> pd.DataFrame:
    """Give `id`, `name`, `staff` and `locked` of those communities of today that hold blocks."""
    columns = source.columns
    table = leave_out_totals(read_table(source, columns.model_dump().values()), columns.id, (columns.staff,))
    table = table.loc[np.isin(text_column(table, columns.id, source), list(used))].reset_index(drop=True)
    ids, names = (text_column(table, name, source) for name in (columns.id, columns.name))
    locks = are_locked(text_column(table, columns.locked, source), columns.locked or "")
    found = {"id": ids, "name": np.where(names == "", ids, names), "staff": _numbers(table, columns.staff, source)}
    return pd.DataFrame(found).assign(locked=locks)


def read_premises(source: SiteSource) -> pd.DataFrame:
    """Give `id`, `name` and `area_m2` of the sites."""
    columns = source.columns
    table = read_layer(source, columns.model_dump().values())
    ids, names = (text_column(table, name, source) for name in (columns.id, columns.name))
    found = {"id": ids, "name": np.where(names == "", ids, names)}
    return pd.DataFrame(found).assign(area_m2=_numbers(table, columns.area_m2, source).to_numpy())


def _projects(source: ProjectSource, ground: Ground) -> pd.DataFrame:
    columns, table = source.columns, read_estates(source, ground.ids)
    texts = {name: text_column(table, getattr(columns, name), source) for name in ("id", "block", "date")}
    years = [year_of(date) for date in texts.pop("date")]
    sizes: dict[str, Any] = {name: _numbers(table, getattr(columns, name), source) for name in ground.counts}
    return pd.DataFrame({**texts, **sizes}).assign(year=years)


def _start(source: StartSource, blocks: Sequence[str]) -> pd.DataFrame:
    columns = source.columns
    table = read_table(source, columns.model_dump().values())
    ids, plan = (text_column(table, name, source) for name in (columns.id, columns.community))
    keys = [re.sub(GUARD, "", key) for key in ids]
    names = sorted(set(plan) - {""})
    number = {key: names.index(name) if name else -1 for key, name in zip(keys, plan, strict=True)}
    return pd.DataFrame({"id": blocks, "plan": [number.get(block, -1) for block in blocks]})


def _compare(key: str, given: pd.DataFrame, again: pd.DataFrame) -> list[Message]:
    """Say how two tables differ: in rows, or in the columns that do not have the same values."""
    if len(given) != len(again):
        return [_differ(key, Message("rows", "行数"), len(given), len(again))]
    if not len(given):
        return []
    names = [name for name in again.columns if name in given.columns]
    first, second = (table.sort_values(_keys(names), ignore_index=True) for table in (given[names], again[names]))
    problems = []
    for name in names:
        if name == "area_m2":
            same = np.isclose(first[name].astype(float), second[name].astype(float), rtol=AREA_SHARE, atol=1.0)
        else:
            same = np.array([a == b for a, b in zip(first[name], second[name], strict=True)], dtype=bool)
        if not same.all():
            row = int(np.argmin(same))
            called = str(first.iloc[row, 0])
            where = Message(f"'{name}' of {called}", f"{called} 的“{name}”")
            problems.append(_differ(key, where, first[name][row], second[name][row]))
    return problems


def _keys(names: list[str]) -> list[str]:
    return ["id"] if "id" in names else names


def _differ(key: str, what: Message, given: object, again: object) -> Message:
    return Message(
        f"{key}: {what.en}: the engine reads {given}, the judge {again}; no result would be accepted. Save the file in "
        "another format, such as GeoPackage or CSV in UTF-8, or name its 'encoding:'.",
        f"{key}：{what.zh}：程序读到 {given}，复核程序读到 {again}，成果将无法通过核验。请改用其他格式"
        "（如 GeoPackage、UTF-8 的 CSV），或写明 encoding:。",
    )
