"""Projects: estates under delivery from the tables planners keep them in."""

import re
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from redistrict.errors import DataError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.dates import find_year
from redistrict.geo.projects import Projects, read_projects
from redistrict.judge.dates import year_of
from redistrict.judge.ground import read_estates
from redistrict.scenario.sources import Data

COLUMNS = {
    "id": "项目",
    "block": "地块",
    "date": "交房",
    "name": "小区",
    "households": "户",
    "people": "人",
    "homes": "套",
}
TABLE = pd.DataFrame(
    {
        "项目": ["P2", "P1", "P10"],
        "地块": ["02", "04", "02"],
        "交房": ["2028-06-30", "2027", "2028年12月"],
        "小区": ["松亭花园", None, "松亭花园"],
        "户": [100, 60, None],
        "人": [320, 192, 30],
        "套": [110, None, 12],
    }
).astype({"户": "Int64", "套": "Int64"})


def _data(town: gpd.GeoDataFrame, path: Path, **columns: str | None) -> Data:
    town.to_file(path.parent / "town.gpkg")
    named = {key: name for key, name in (COLUMNS | columns).items() if name is not None}
    return Data.model_validate(
        {
            "blocks": {
                "path": path.parent / "town.gpkg",
                "columns": {"id": "编号", "households": "户数", "people": "人口"},
            },
            "projects": {"path": path, "columns": named},
        }
    )


def _read(town: gpd.GeoDataFrame, folder: Path, table: pd.DataFrame, **columns: str | None) -> Projects:
    table.to_csv(folder / "在建.csv", index=False, encoding="gbk")
    data = _data(town, folder / "在建.csv", **columns)
    projects = read_projects(data, read_blocks(data))
    assert projects is not None
    return projects


def test_a_list_is_read(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Deliveries come out by key with block, year and counts; a blank name is the key, a blank count 0."""
    projects = _read(four_blocks, tmp_path, TABLE)
    assert projects.ids == ("P1", "P10", "P2")
    assert projects.names == ("P1", "松亭花园", "松亭花园")
    assert projects.block.tolist() == [3, 1, 1]
    assert projects.year.tolist() == [2027, 2028, 2028]
    assert projects.size.tolist() == [[60, 192], [0, 30], [100, 320]]
    assert projects.homes.tolist() == [0, 12, 110]
    assert len(projects) == 3


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_spreadsheets_are_read_alike(four_blocks: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    """A sheet gives the same as the CSV file, also where its dates are dates and its years numbers."""
    wanted = _read(four_blocks, tmp_path, TABLE)
    for dates in (TABLE["交房"], pd.to_datetime(["2028-06-30", "2027-01-01", "2028-12-31"]), [2028, 2027, 2028]):
        path = tmp_path / f"在建.{suffix}"
        pyogrio.write_dataframe(TABLE.assign(交房=dates), path, driver=suffix.upper())
        data = _data(four_blocks, path)
        read = read_projects(data, read_blocks(data))
        assert read is not None
        assert (read.ids, read.names) == (wanted.ids, wanted.names)
        for name in ("block", "year", "size", "homes"):
            assert getattr(read, name).tolist() == getattr(wanted, name).tolist()
        path.unlink()


YEARS = (
    "2028|2028.0|2028-06-30|2028/6/30|2028.6|2028年|2028年6月|2028 年 6 月 30 日前|2028年底|2028-06-30 00:00:00|"
    "20280630|202806|2028Q2|2028-q4|2028上半年|2028年上半年|2028底|２０２８年|'2028|二〇二八年|二〇二八年6月30日|30/06/2028|6/30/2028|06/2028|"
    "2028-06-30T00:00:00+08:00|2028-06-30T00:00:00+0800|约2028年|预计2028年6月|2028四季度|2028第四季度|"
    "Q2 2028|2028左右|（2028年）|2028.6-2028.12|2028-06~2028-12|2028年5月交付，2028年9月入住|30-Jun-2028|Jun 2028|"
    "June 30th, 2028|2028（暂定）|by end of 2028|202806-202812|2028年6月30日（预计）|拟2028年底"
)
NO_YEARS = (
    "|28|明年|2028-2029|2028-29|2028年至2029年|2028.6-2029.3|1028|2028x|28-06-30|1928|2199|202813|待定|2028年6月至29年3月|2028待定|"
    "合同2028号|2028-13|约2028至2029|Jun-28|不早于2028|2028?|2028年合同202905"
)


@pytest.mark.parametrize("text", YEARS.split("|"))
def test_years_of_dates(text: str) -> None:
    """Engine and judge read the year of each usual way to write a date."""
    assert find_year(text) == year_of(text) == 2028


@pytest.mark.parametrize("text", NO_YEARS.split("|"))
def test_what_is_no_date_has_no_year(four_blocks: gpd.GeoDataFrame, tmp_path: Path, text: str) -> None:
    """A text without a year that can be meant, or with a second one, is not guessed at, and shown."""
    told = re.escape(
        f"'交房' of P2 ({text or '-'}), P1 ({text or '-'}), P10 ({text or '-'}); write 2028 or 2028-06-30."
    )
    with pytest.raises(DataError, match=told):
        _read(four_blocks, tmp_path, TABLE.assign(交房=text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("46934", "46934 looks like a spreadsheet's number for 2028-06-30: format the column as a date"),
        ("1905-07-20", "1905-07-20 looks like a year that was formatted as a date: format the column as a number"),
        ("1905-07-20 00:00:00", "1905-07-20 looks like a year that was formatted as a date"),
    ],
)
def test_numbers_of_a_spreadsheet_are_explained(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path, text: str, told: str
) -> None:
    """A date kept as a number of days, and a year shown as a date, are told what they are."""
    with pytest.raises(DataError, match=told):
        _read(four_blocks, tmp_path, TABLE.assign(交房=text))


def test_what_is_wrong_with_a_date_is_told(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """No year, several years, and a year beside something else are told apart."""
    with pytest.raises(DataError) as refused:
        _read(four_blocks, tmp_path, TABLE.assign(交房=["明年", "2028-2029", "2028?"]))
    assert [problem.en for problem in refused.value.problems] == [
        f"data.projects.columns.date: {what}; write 2028 or 2028-06-30."
        for what in (
            "no year from 2000 to 2100 in '交房' of P2 (明年)",
            "more beside the year than words of time in '交房' of P10 (2028?)",
            "more than one year in '交房' of P1 (2028-2029)",
        )
    ]


def test_every_iso_date_has_its_year() -> None:
    """Any date from 2000 to 2100 written as ISO 8601, or without marks, gives its year to engine and judge."""
    days = [date(2000, 1, 1) + timedelta(days) for days in range(0, 36_890, 97)]
    for day in days:
        for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day:%d.%m.%Y}"):
            assert find_year(text) == year_of(text) == day.year
    assert {day.year for day in days} == set(range(2000, 2101))


def test_what_has_moved_in_by_a_year(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Deliveries to the same block add up, and count from their own year on."""
    projects = _read(four_blocks, tmp_path, TABLE)
    assert projects.added_by(2026, 4).tolist() == [[0, 0]] * 4
    assert projects.added_by(2027, 4).tolist() == [[0, 0]] * 3 + [[60, 192]]
    assert projects.added_by(2099, 4).tolist() == [[0, 0], [100, 350], [0, 0], [60, 192]]


def test_homes_are_the_households_where_no_column_says(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Without a column of homes the households count as homes, and without one of people nobody is known to come."""
    projects = _read(four_blocks, tmp_path, TABLE, homes=None, people=None, name=None)
    assert projects.homes.tolist() == [60, 0, 100]
    assert projects.size.tolist() == [[60, 0], [0, 0], [100, 0]]
    assert projects.names == projects.ids
    assert not [note.en for note in projects.notes if "people" in note.en]


def test_people_without_households_are_told_where_both_are_counted(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """Of P10 only people are known; more households than people would be told alike."""
    assert [note.en for note in _read(four_blocks, tmp_path, TABLE).notes if "people" in note.en] == [
        "data.projects: 1 rows hold people but no household (households / people): P10 (0 / 30); check them."
    ]


def test_every_problem_is_named(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Blank keys, unknown or missing blocks, dates without a year and wrong counts are refused together."""
    table = TABLE.assign(
        项目=["P2", None, "P2"], 地块=["2", None, "02"], 交房=["明年", "2027", "2028"], 人=["many", "1", "2"]
    )
    with pytest.raises(DataError, match="no block '', 2; check the keys \\(spreadsheets drop") as refused:
        _read(four_blocks, tmp_path, table)
    assert [message.en.split(":")[0] for message in refused.value.problems] == [
        "data.projects.columns.id",
        "data.projects.columns.id",
        "data.projects.columns.block",
        "data.projects.columns.date",
        "data.projects.columns.people",
    ]
    assert "“交房”没有 2000 至 2100 的年份" in refused.value.problems[3].zh


def test_remarks_below_the_list_are_left_out(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Rows with neither a block nor a count are told and left out by engine and judge; one with a count is refused."""
    foot = pd.DataFrame({"项目": ["注：以规划许可为准", None], "地块": [None, "审核：李四"]})
    table = pd.concat([TABLE, foot])
    projects = _read(four_blocks, tmp_path, table)
    assert projects.ids == ("P1", "P10", "P2")
    told = "data.projects: 2 rows name no block there is and hold no counts, and are left out: 注：以规划许可为准, -."
    assert told in [note.en for note in projects.notes]
    source = _data(four_blocks, tmp_path / "在建.csv").projects
    assert source is not None
    assert read_estates(source, np.array(["02", "04"], dtype=object))["项目"].tolist() == ["P2", "P1", "P10"]
    with pytest.raises(DataError, match="there is no block '', 审核：李四"):
        _read(four_blocks, tmp_path, pd.concat([TABLE, foot.assign(户=7)]))
    with pytest.raises(DataError, match="there is no block x"):
        _read(four_blocks, tmp_path, TABLE.assign(地块="x", 户=None, 人=None, 套=None))


def test_no_projects(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """An empty table is an empty list; a scenario without one has none."""
    projects = _read(four_blocks, tmp_path, TABLE.iloc[:0])
    assert (len(projects), projects.size.shape) == (0, (0, 2))
    assert projects.added_by(2030, 4).tolist() == [[0, 0]] * 4
    data = _data(four_blocks, tmp_path / "在建.csv").model_copy(update={"projects": None})
    assert read_projects(data, read_blocks(data)) is None


def test_hostile_names_stay_text(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Formulas, tags, quotes and line breaks in a name are read as they are."""
    hostile = '=HYPERLINK("x")<img onerror=1>\n{{7*7}}'
    assert _read(four_blocks, tmp_path, TABLE.assign(小区=hostile)).names == (hostile,) * 3
