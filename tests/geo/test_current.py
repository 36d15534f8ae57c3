"""Today's communities: gathered from the blocks' column, with names, staff and locks from a table."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from redistrict.errors import DataError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.current import CurrentPlan, _read_locks, note_over_districts, read_current
from redistrict.judge.agreement import read_current as read_again
from redistrict.judge.locks import are_locked
from redistrict.messages import Message
from redistrict.scenario.sources import CurrentSource, Data

TABLE = pd.DataFrame(
    {
        "编号": ["007", "12", "99"],
        "名称": ["花湖社区", " ", "无地块社区"],
        "人员": [6, None, 3],
        "村改居": ["是", "否", "是"],
    }
)


def _read(
    town: gpd.GeoDataFrame,
    folder: Path,
    communities: list[str | None],
    table: pd.DataFrame | None = None,
    columns: tuple[str, ...] = ("id", "name", "staff", "locked"),
) -> CurrentPlan | None:
    """Read the town with each block's community, and the table from a CSV file."""
    town.assign(社区=communities).to_file(folder / "town.gpkg")
    names = {"id": "编号", "households": "户数", "district": "行政区", "community": "社区"}
    data: dict[str, object] = {"blocks": {"path": folder / "town.gpkg", "columns": names}}
    if table is not None:
        table.to_csv(folder / "社区.csv", index=False, encoding="gbk")
        named = dict(zip(("id", "name", "staff", "locked"), TABLE.columns, strict=True))
        data["current"] = {"path": folder / "社区.csv", "columns": {key: named[key] for key in columns}}
    checked = Data.model_validate(data)
    return read_current(checked, read_blocks(checked))


def test_the_blocks_alone_say_it(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Without a table, keys are names, nothing is locked, staff is unknown; a block may have no community."""
    current = _read(four_blocks, tmp_path, ["乙", "甲", None, "乙"])
    assert current is not None
    assert (current.ids, current.names) == (("乙", "甲"), ("乙", "甲"))
    assert current.of_block.tolist() == [0, 1, -1, 0]
    assert (current.staff, current.is_locked.tolist()) == (None, [False, False])
    assert current.blocks_of(0).tolist() == [0, 3]
    assert len(current) == 2
    with pytest.raises(ValueError, match="read-only"):
        current.of_block[0] = 1


def test_the_table_gives_names_staff_and_locks(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Rows are found by key, zeros and all; a blank name is the key, blank staff 0; rows without blocks are left."""
    current = _read(four_blocks, tmp_path, ["12", "007", "12", "12"], TABLE.iloc[::-1])
    assert current is not None
    assert (current.ids, current.names) == (("007", "12"), ("花湖社区", "12"))
    assert current.staff is not None
    assert current.staff.tolist() == [6, 0]
    assert current.is_locked.tolist() == [True, False]


def test_communities_without_blocks_are_named_with_their_staff(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """What the table holds beyond the blocks' communities is told, and how many workers are lost; else nothing is."""
    current = _read(four_blocks, tmp_path, ["12", "007", "12", "12"], TABLE)
    assert current is not None
    assert [note.en for note in current.notes if "left out" in note.en] == [
        "data.current: 1 communities of 社区.csv hold no block and are left out: 99 (3 staff); check their keys."
    ]
    current = _read(four_blocks, tmp_path, ["12", "007", "99", "12"], TABLE)
    assert current is not None
    assert not [note for note in current.notes if "left out" in note.en]


def test_only_the_columns_named_are_needed(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A table of keys alone is enough."""
    current = _read(four_blocks, tmp_path, ["12"] * 4, TABLE[["编号"]].assign(x=1), ("id",))
    assert current is not None
    assert (current.names, current.staff, current.is_locked.tolist()) == (("12",), None, [False])


@pytest.mark.parametrize(
    ("lock", "is_locked"),
    [("是", True), ("1", True), ("村改居", True), ("yes", True)]
    + [(lock, False) for lock in ("", "0", "No", "FALSE", "否", "无", " ")],
)
def test_what_locks_a_community(four_blocks: gpd.GeoDataFrame, tmp_path: Path, lock: str, is_locked: bool) -> None:
    """Anything but empty, 0, no, false, 否 and 无 locks a community."""
    current = _read(four_blocks, tmp_path, ["12"] * 4, TABLE.assign(村改居=lock))
    assert current is not None
    assert current.is_locked.tolist() == [is_locked]


@pytest.mark.parametrize("locks", [[1, 0], [1.0, None], [True, False]], ids=["numbers", "blanks", "booleans"])
def test_locks_that_are_no_text(four_blocks: gpd.GeoDataFrame, tmp_path: Path, locks: list[object]) -> None:
    """Locks may be numbers or booleans of a layer."""
    four_blocks.assign(社区=["a", "b", "a", "b"]).to_file(tmp_path / "town.gpkg")
    four_blocks.iloc[:2].assign(编号=["a", "b"], 锁=locks).to_file(tmp_path / "now.gpkg")
    columns = {"id": "编号", "households": "户数", "community": "社区"}
    data = Data.model_validate(
        {
            "blocks": {"path": tmp_path / "town.gpkg", "columns": columns},
            "current": {"path": tmp_path / "now.gpkg", "columns": {"id": "编号", "locked": "锁"}},
        }
    )
    current = read_current(data, read_blocks(data))
    assert current is not None
    assert current.is_locked.tolist() == [True, False]


WORDS = "是 1 Yes ＴＲＵＥ √ 锁定 村改居 locked 保留 1.0 锁 不调整 保持现状 是（村改居） 保留[2024年批复] ✔️ ☑︎"
OTHERS = (
    "否 0 0.0 no N false F off x × - — ／ 无 非 未 不锁定 未锁定 NULL n/a 不 没有 unlocked 调整 可以调整 否（已撤村）"
)


@pytest.mark.parametrize("word", [*WORDS.split(), *OTHERS.split(), "待定", "2", "部分", "丙", "是(部分)", "是(待定)"])
def test_engine_and_judge_take_the_same_words_for_locks(word: str) -> None:
    """Words that say yes lock, those that say no or nothing do not, and others are refused by both."""
    notes: list[Message] = []
    if word in (WORDS + " " + OTHERS).split(" "):
        expected = [word in WORDS.split(" "), False]
        keys = np.array(["a", "b"], dtype=object)
        assert _read_locks(np.array([word, ""], dtype=object), keys, "锁", notes).tolist() == expected
        assert are_locked([word, ""], "锁") == expected
        assert len(notes) == sum(expected)
    else:
        with pytest.raises(DataError, match=f"neither yes nor no: '{re.escape(word)}' .a.; write"):
            _read_locks(np.array([word], dtype=object), np.array(["a"], dtype=object), "锁", notes)
        with pytest.raises(DataError, match=f"Neither yes nor no in '锁': {re.escape(word)}"):
            are_locked([word], "锁")


def test_a_column_called_as_what_says_no(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """The name of the column says yes where it stands in it, but not where it says no."""
    assert _read_locks(np.array(["调整"], dtype=object), np.array(["a"], dtype=object), "调整", []).tolist() == [False]
    assert are_locked(["调整"], "调整") == [False]


def test_rows_without_blocks_are_not_judged(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """What stands in the row of who signed, or of a community without blocks, is neither a lock nor staff."""
    rows = [["审核：李四", "", "见附件", "2025-12-31"], ["99", "丙", "x", "待定"]]
    table = pd.concat([TABLE[TABLE["编号"] != "99"].astype(str), pd.DataFrame(rows, columns=TABLE.columns)])
    current = _read(four_blocks, tmp_path, ["12", "007", "12", "12"], table)
    assert current is not None
    assert current.is_locked.tolist() == [True, False]
    told = "2 communities of 社区.csv hold no block and are left out: 审核：李四, 99"
    assert any(told in note.en for note in current.notes)
    source = CurrentSource.model_validate(
        {"path": tmp_path / "社区.csv", "columns": dict(zip(("id", "name", "staff", "locked"), table, strict=True))}
    )
    assert read_again(source, {"12", "007"})["locked"].tolist() == [True, False]


def test_district_of_most_blocks(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A community in two districts counts for that of most of its blocks, the first by name where they are equal."""
    three = _read(four_blocks, tmp_path, ["a", "b", "a", "a"])
    two = _read(four_blocks, tmp_path, ["a", "b", "b", "a"])
    assert three is not None
    assert two is not None
    assert three.districts == ("西塞山区", "黄石港区")
    assert two.districts == ("西塞山区", "西塞山区")


def test_communities_over_a_border_are_named_with_their_districts(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """Every community with blocks in two districts is named, with both; one that lies in one is not."""
    both = "(西塞山区/黄石港区)"
    for keys, told in (
        (["a", "b", "a", "b"], f"a {both}, b {both}"),
        (["a", "b", "a", "a"], f"a {both}"),
        (["a", "a", "b", None], ""),
    ):
        current = _read(four_blocks, tmp_path, keys)
        columns = {"id": "编号", "households": "户数", "district": "行政区"}
        blocks = read_blocks(Data.model_validate({"blocks": {"path": tmp_path / "town.gpkg", "columns": columns}}))
        assert current is not None
        notes = [note.en for note in note_over_districts(current, blocks)]
        assert [note.partition(": ")[2].partition(". ")[0] for note in notes] == ([told] if told else [])


def test_no_column_no_current_plan(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Without a column of today's communities there is no current plan."""
    four_blocks.to_file(tmp_path / "a.gpkg")
    data = Data.model_validate(
        {"blocks": {"path": tmp_path / "a.gpkg", "columns": {"id": "编号", "households": "户数"}}}
    )
    assert read_current(data, read_blocks(data)) is None


def test_every_problem_of_the_table_is_named(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Communities that are missing, keys that repeat and staff that is no number are refused together."""
    table = TABLE.assign(编号=["12", "12", "99"], 人员=["六", "", "-1"])
    with pytest.raises(DataError, match=r"1 communities that blocks belong to are not in 社区\.csv: 007") as refused:
        _read(four_blocks, tmp_path, ["12", "007", "12", "12"], table)
    assert [message.en for message in refused.value.problems[0::2]] == [
        "data.current.columns.id: in '编号' these stand more than once: 12; each row needs its own.",
        "data.current.columns.staff: '人员' must hold whole numbers from 0 up; found 六, -1 at 12, 99.",
    ]


def test_staff_are_whole_people(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Half a worker is refused."""
    table = TABLE.assign(人员=["1.5", *TABLE["人员"].iloc[1:]])
    with pytest.raises(DataError, match=r"'人员' must hold whole numbers from 0 up; found 1\.5"):
        _read(four_blocks, tmp_path, ["12", "12", "12", "12"], table)


def test_hostile_names_stay_text(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Formulas, tags and braces are names like any other."""
    hostile = "=cmd|'/c calc'!A1{{7*7}}<script>"
    current = _read(four_blocks, tmp_path, [hostile] * 4, TABLE.assign(编号=[hostile, "a", "b"], 名称=hostile))
    assert current is not None
    assert (current.ids, current.names) == ((hostile,), (hostile,))
