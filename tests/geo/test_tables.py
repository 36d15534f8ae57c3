"""Attribute tables: text, keys and numbers from whatever a file holds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.geo.raw import decode_column
from redistrict.geo.source import read_table
from redistrict.geo.tables import ROW, as_text, note_unlikely_sizes, read_keys, read_numbers
from redistrict.messages import Message
from redistrict.scenario.sources import Source

TABLE = pd.DataFrame({"编号": ["01", "02", "03"], "名称": ["花湖", "=1+1", "<b>团城山</b>"], "人数": [5, None, 7]})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (["007", " 7 ", None, ""], ["007", "7", "", ""]),
        ([7, 12], ["7", "12"]),
        ([7.0, np.nan], ["7", ""]),
        ([7.0, 2.5], ["7.0", "2.5"]),
        ([7.0, np.inf], ["7.0", "inf"]),
        ([4e18, 1e300], ["4e+18", "1e+300"]),
        ([True, False], ["True", "False"]),
        (pd.to_datetime(["2028-06-30", None]), ["2028-06-30", ""]),
    ],
    ids=["text", "whole", "blank among whole", "fractions", "infinity", "huge", "yes and no", "dates"],
)
def test_values_as_text(values: list[object], text: list[str]) -> None:
    """Text keeps its zeros and loses the blanks around it; whole numbers have no point; nothing is ""."""
    assert as_text(pd.Series(values)).tolist() == text


def test_blank_and_repeated_keys_are_named_together() -> None:
    """Rows without a key and keys that stand twice are two problems, by row and by key."""
    problems: list[Message] = []
    read_keys(pd.Series(["7", None, "7", " ", "07"], name="编号"), "data.x.columns.id", problems)
    assert [message.en for message in problems] == [
        "data.x.columns.id: 2 rows have nothing in '编号' (rows 2, 4); fill it in.",
        "data.x.columns.id: in '编号' these stand more than once: 7; each row needs its own.",
    ]
    assert problems[0].zh == "data.x.columns.id：2 行的“编号”为空（第 2、4 行）；请补全。"


def test_blank_numbers_are_zero() -> None:
    """An empty cell counts as 0, in text and in numbers; spaces around a number do not matter."""
    problems: list[Message] = []
    for values in (["12", " 3 ", "", None], [12, 3, np.nan, None]):
        read = read_numbers(pd.Series(values, name="n"), list("abcd"), "k", problems, [], whole=True)
        assert read.tolist() == [12, 3, 0, 0]
    assert problems == []


@pytest.mark.parametrize("wrong", ["-1", "1,200", "十二", "=1+1", "nan", "inf", "2.5", "1e400", True])
def test_what_is_no_count_is_refused(wrong: object) -> None:
    """Anything that is not a whole number from 0 up is named with its row."""
    problems: list[Message] = []
    read = read_numbers(pd.Series(["1", wrong], name="户数"), ["甲", "乙"], "data.x", problems, [], whole=True)
    assert read.tolist() == [1, 0]
    advice = " Write numbers without thousands separators (1000)." if wrong == "1,200" else ""
    assert [message.en for message in problems] == [
        f"data.x: '户数' must hold whole numbers from 0 up; found {wrong} at 乙.{advice}"
    ]


def test_a_count_above_the_limit_is_told_the_limit() -> None:
    """A number that is too large is refused with how large it may be."""
    problems: list[Message] = []
    read_numbers(pd.Series([1, 99_999_999], name="户数"), ["甲", "乙"], "data.x", problems, [], whole=True)
    assert [message.en for message in problems] == [
        "data.x: '户数' must hold whole numbers from 0 up; found 99999999; at most 10,000,000 at 乙."
    ]


def test_the_limit_is_told_only_where_it_is_passed() -> None:
    """The largest count allowed is read; beside it, another fault is told without the limit."""
    problems: list[Message] = []
    read = read_numbers(pd.Series([10_000_000, -1], name="户数"), ["甲", "乙"], "data.x", problems, [], whole=True)
    assert read.tolist() == [10_000_000, 0]
    assert [message.en for message in problems] == ["data.x: '户数' must hold whole numbers from 0 up; found -1 at 乙."]


def test_areas_may_have_fractions() -> None:
    """Where whole numbers are not asked for, fractions are read; infinity is refused."""
    problems: list[Message] = []
    read = read_numbers(pd.Series([312.5, np.inf], name="面积"), ["a", "b"], "data.x", problems, [], whole=False)
    assert read.tolist() == [312.5, 0]
    assert problems[0].zh == "data.x：“面积”必须是不小于 0 的数；b 的现值为 inf。"


@given(st.lists(st.integers(0, 10_000_000)))
def test_counts_come_back_from_any_column(counts: list[int]) -> None:
    """The same counts come out of integers, floats and text."""
    for dtype in (np.int64, np.float64, "string"):
        problems: list[Message] = []
        read = read_numbers(pd.Series(counts, dtype=dtype), counts, "k", problems, [], whole=True)
        assert (read.tolist(), problems) == (counts, [])


def _columns(path: Path, **options: str) -> list[list[str]]:
    frame = read_table(Source(path=path, **options), TABLE.columns, key="data.x", notes=[])
    return [as_text(frame[name]).tolist() for name in TABLE.columns]


AS_TEXT = [["01", "02", "03"], ["花湖", "=1+1", "<b>团城山</b>"], ["5", "", "7"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_tables(tmp_path: Path, encoding: str, separator: str) -> None:
    """A CSV table is read in each usual encoding and separator; zeros, formulas and tags stay the text they are."""
    path = tmp_path / "表.csv"
    TABLE.astype({"人数": "Int64"}).to_csv(path, index=False, encoding=encoding, sep=separator)
    assert _columns(path) == AS_TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark(tmp_path: Path, encoding: str) -> None:
    """UTF-16 is known by its zeros also where nearly all text is Chinese."""
    lines = ["编号,名称,人数", *(f"{number},黄石港区花湖街道花湖社区居民委员会,九" for number in "甲乙丙")]
    (tmp_path / "t.csv").write_bytes("\n".join(lines).encode(encoding))
    frame = read_table(Source(path=tmp_path / "t.csv"), TABLE.columns, key="data.x", notes=[])
    assert frame["编号"].tolist() == ["甲", "乙", "丙"]


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "dbf"])
def test_spreadsheets(tmp_path: Path, suffix: str) -> None:
    """A sheet with a column of numbers is read like the CSV table."""
    path = tmp_path / f"表.{suffix}"
    options = {"driver": "ESRI Shapefile", "encoding": "gbk"} if suffix == "dbf" else {"driver": suffix.upper()}
    pyogrio.write_dataframe(TABLE, path, **options)
    assert _columns(path) == AS_TEXT


def test_only_text_is_decoded() -> None:
    """In a column of text and other values these stay as they are, and so does what is missing."""
    values = pd.Series(["黄石".encode("gbk").decode("latin-1"), "id", True, None, 7], dtype=object)
    assert decode_column(values, "gbk").tolist() == ["黄石", "id", True, None, 7]


@pytest.mark.parametrize(("keys", "advised"), [(["", "a"], True), (["a", ""], False)])
def test_a_second_row_of_headings_is_suspected(keys: list[str], advised: bool) -> None:
    """A key missing right below the headings may be a second row of them; rows are numbered as in the sheet."""
    problems: list[Message] = []
    read_keys(pd.Series(keys, index=pd.Index([2, 3], name=ROW), name="编号"), "k", problems)
    told = problems[0].en
    assert f"rows have nothing in '编号' (rows {2 if advised else 3}); fill it in." in told
    assert ("second row of headings" in told) is advised


def test_sizes_that_are_unlikely_are_told() -> None:
    """People who live alone and empty blocks are usual; one person without a household is not."""
    keys = np.array(["a", "b", "c", "d"], dtype=object)
    households, people = np.array([5, 0, 0, 2]), np.array([5, 0, 1, 1])
    assert [note.en for note in note_unlikely_sizes(keys, households, people, "key")] == [
        "key: 1 rows hold more households than people (households / people): d (2 / 1); check them.",
        "key: 1 rows hold people but no household (households / people): c (0 / 1); check them.",
    ]
