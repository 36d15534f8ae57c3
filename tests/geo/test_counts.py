"""Counts joined by key: what fits, what is left over, and keys that only look alike."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.geo.counts import _read_whole
from redistrict.geo.headings import _guess
from redistrict.judge.reading import as_counts, read_table
from redistrict.messages import Message
from redistrict.scenario.sources import CountSource, Data

COUNTS = pd.DataFrame(
    {"key": ["03", "01", "04", "02"], "hh": ["30", "10", "40", "20"], "ppl": ["93", "31", "124", "62"]}
)


def _read(town: gpd.GeoDataFrame, folder: Path, table: Path, **changes: object) -> Blocks:
    town.drop(columns=["户数"]).assign(名=["d", "b", "a", "c"]).to_file(folder / "town.gpkg")
    counts = {"path": table, "columns": {"id": "key", "households": "hh", "people": "ppl"}}
    counts |= {name: changes.pop(name) for name in ("block_column", "header_row") if name in changes}
    return read_blocks(
        Data.model_validate(
            {"blocks": {"path": folder / "town.gpkg", "columns": {"id": "编号"}, "counts": counts, **changes}}
        )
    )


def _csv(folder: Path, table: pd.DataFrame, *, above: str = "", encoding: str = "utf-8") -> Path:
    path = folder / "counts.csv"
    path.write_bytes((above + table.to_csv(index=False)).encode(encoding))
    return path


def _said(read: object) -> str:
    return "\n".join(message.en for message in getattr(read, "notes", ()) or getattr(read, "problems", ()))


def test_counts_come_by_key(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Every block gets the counts of the row with its key, whatever the order, and nothing is remarked."""
    blocks = _read(four_blocks, tmp_path, _csv(tmp_path, COUNTS))
    assert blocks.quantities == ("households", "people")
    assert blocks.size.tolist() == [[10, 31], [20, 62], [30, 93], [40, 124]]
    assert _said(blocks) == ""


def test_counts_come_by_another_column(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """With `block_column` the key stands in another column of the layer; there, too, it must be unique."""
    table = _csv(tmp_path, COUNTS.assign(key=["a", "b", "c", "d"]))
    blocks = _read(four_blocks, tmp_path, table, block_column="名")
    by_name = {"a": 30, "b": 10, "c": 40, "d": 20}
    names = dict(zip(four_blocks["编号"], ["d", "b", "a", "c"], strict=True))
    assert blocks.size[:, 0].tolist() == [by_name[names[key]] for key in blocks.ids]
    with pytest.raises(DataError, match=r"data.blocks.counts.block_column: in '同' these stand more than once: x"):
        _read(four_blocks.assign(同="x"), tmp_path, table, block_column="同")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
@pytest.mark.parametrize("above", ["花湖街道人口统计表,,\n\n", "表一\n单位：户、人\n\n", '"说明：1,200 户",,\n'])
def test_titles_above_the_headings(four_blocks: gpd.GeoDataFrame, tmp_path: Path, encoding: str, above: str) -> None:
    """The headings are found below titles, in every encoding, and the row is said; `header_row` gives it by hand."""
    table = _csv(tmp_path, COUNTS.rename(columns={"key": "编号"}), above=above, encoding=encoding)
    row = above.count("\n") + 1
    for given in ({}, {"header_row": row}):
        town = four_blocks.drop(columns=["户数"])
        town.to_file(tmp_path / "town.gpkg")
        counts = {"path": table, "columns": {"id": "编号", "households": "hh"}, **given}
        source = {"path": tmp_path / "town.gpkg", "columns": {"id": "编号"}, "counts": counts}
        blocks = read_blocks(Data.model_validate({"blocks": source}))
        assert blocks.size[:, 0].tolist() == [10, 20, 30, 40]
        assert f"the headings of counts.csv are taken from row {row}; what stands above" in _said(blocks)


@pytest.mark.parametrize("above", ["", "人口统计表\n"])
def test_a_cell_as_long_as_an_outline_is_passed_over(four_blocks: gpd.GeoDataFrame, tmp_path: Path, above: str) -> None:
    """A table saved from a layer keeps its outlines as text, far longer than a cell usually is; the judge agrees."""
    outlines = ["POLYGON ((" + "1.5 2.5," * 40_000, "", "", ""]
    table = _csv(tmp_path, COUNTS.assign(WKT=outlines), above=above)
    assert _read(four_blocks, tmp_path, table).size[:, 0].tolist() == [10, 20, 30, 40]
    source = CountSource.model_validate({"path": table, "columns": {"id": "key", "households": "hh"}})
    assert read_table(source, ["hh"])["hh"].tolist() == COUNTS["hh"].tolist()


def test_a_workbook_with_titles(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A sheet with a merged title is read from its headings on; keys stay text, numbers are numbers."""
    with xlsxwriter.Workbook(tmp_path / "counts.xlsx") as book:
        sheet = book.add_worksheet("人口")
        sheet.merge_range(0, 0, 0, 2, "花湖街道人口统计表")
        for row, cells in enumerate([COUNTS.columns, *COUNTS.astype({"hh": int, "ppl": int}).itertuples(index=False)]):
            sheet.write_row(row + 2, 0, cells)
    blocks = _read(four_blocks, tmp_path, tmp_path / "counts.xlsx")
    assert blocks.size.tolist() == [[10, 31], [20, 62], [30, 93], [40, 124]]
    assert "taken from row 3" in _said(blocks)


def test_a_row_that_is_not_there(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A `header_row` beyond the table is refused; one that names other columns tells which there are."""
    table = _csv(tmp_path, COUNTS)
    with pytest.raises(DataError, match=r"data.blocks.counts.header_row: counts.csv has no row 9"):
        _read(four_blocks, tmp_path, table, header_row=9)
    with pytest.raises(DataError, match=r"counts.csv has no column 'key'.*its columns are: 03, 30, 93") as refused:
        _read(four_blocks, tmp_path, table, header_row=2)
    assert "Row 2 is taken for the headings: write 'header_row:' if another row holds them" in _said(refused.value)


def test_rows_without_a_block_are_named_with_what_they_hold(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Rows of the table that no block names are left out, with their sums."""
    more = pd.concat([COUNTS, pd.DataFrame({"key": ["98", "99"], "hh": ["5", "6"], "ppl": ["7", "8"]})])
    said = _said(_read(four_blocks, tmp_path, _csv(tmp_path, more)))
    assert said == "data.blocks.counts: 2 rows of counts.csv name no block and are left out (hh 11, ppl 15): 98, 99."


def test_blocks_without_a_row(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A block without a row is refused, unless blanks are said to be nobody; then it is noted."""
    table = _csv(tmp_path, COUNTS.iloc[1:])
    with pytest.raises(DataError, match=r"1 blocks have no row in counts.csv \(by 'key'\): 03\. If.*'blanks: zero'"):
        _read(four_blocks, tmp_path, table)
    blocks = _read(four_blocks, tmp_path, table, blanks="zero")
    assert blocks.size[:, 0].tolist() == [10, 20, 0, 40]
    assert "1 blocks have no row in counts.csv (by 'key'): 03. They count as empty." in _said(blocks)


def test_empty_cells(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """An empty count is refused with the key to write, or counts as nobody when that is written."""
    table = _csv(tmp_path, COUNTS.assign(hh=["", "10", "40", "20"]))
    with pytest.raises(DataError, match=r"'hh' must hold whole numbers.*\): 03\. If that.*write 'blanks: zero'"):
        _read(four_blocks, tmp_path, table)
    blocks = _read(four_blocks, tmp_path, table, blanks="zero")
    assert blocks.size[:, 0].tolist() == [10, 20, 0, 40]
    assert "data.blocks.counts: 'hh' is empty in 1 of 4 blocks, which count as 0 (blanks: zero): 03." in _said(blocks)
    with pytest.raises(DataError, match=r"'hh' must hold whole numbers"):
        _read(four_blocks, tmp_path, _csv(tmp_path, COUNTS.assign(hh="")), blanks="zero")


@pytest.mark.parametrize(
    ("written", "pair"),
    [
        (["3", "1", "4", "2"], "'01' = '1'"),
        (["3.0", "1.0", "4.0", "2.0"], "'01' = '1.0'"),
        (["1000000US03", "1000000US01", "1000000US04", "1000000US02"], "'01' = '1000000US01'"),
    ],
    ids=["zeros lost", "with a point", "with the prefix of the census"],
)
def test_keys_that_look_alike(four_blocks: gpd.GeoDataFrame, tmp_path: Path, written: list[str], pair: str) -> None:
    """Keys that spreadsheets or census files have changed are shown in pairs, and never count as nobody."""
    table = _csv(tmp_path, COUNTS.assign(key=written))
    with pytest.raises(DataError, match="These look like the same key, written differently") as refused:
        _read(four_blocks, tmp_path, table, blanks="zero")
    assert pair in _said(refused.value)
    assert "keep the keys as text" in _said(refused.value)


def test_keys_that_have_nothing_in_common(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Where no key fits at all, no `blanks: zero` makes a town of nobody of it; keys of both sides are shown."""
    table = _csv(tmp_path, COUNTS.assign(key=["p", "q", "r", "s"]))
    with pytest.raises(
        DataError, match=r"4 blocks have no row.*: 01, 02, 03, 04\. Rows without a block: p, q, r and 1"
    ):
        _read(four_blocks, tmp_path, table, blanks="zero")


def test_keys_in_two_rows_are_refused(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Whose counts are meant, nobody can know."""
    table = _csv(tmp_path, COUNTS.assign(key=["01", "01", "04", "02"]))
    with pytest.raises(DataError, match=r"data.blocks.counts.columns.id: in 'key' these stand more than once: 01"):
        _read(four_blocks, tmp_path, table)


@pytest.mark.parametrize("above", ["", "表一\n"])
def test_half_a_character_is_told_and_stops_nothing(four_blocks: gpd.GeoDataFrame, tmp_path: Path, above: str) -> None:
    """A name cut in the middle of a character, in a column that is read or not, hinders neither engine nor judge."""
    table = _csv(tmp_path, COUNTS.assign(名="花湖街道"), above=above)
    table.write_bytes(table.read_bytes().replace("街道".encode(), "街道".encode()[:-1], 1))
    blocks = _read(four_blocks, tmp_path, table)
    assert blocks.size[:, 0].tolist() == [10, 20, 30, 40]
    source = CountSource.model_validate({"path": table, "columns": {"id": "key", "households": "hh"}})
    assert sorted(read_table(source, ["key"])["key"]) == ["01", "02", "03", "04"]


def test_types_beside_a_table_are_not_believed(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A list of types (.csvt) that some program left beside a table makes no dates of counts and cuts none."""
    table = _csv(tmp_path, COUNTS.assign(ppl=["93", "31", "124", "70000"]))
    for types in ('"Date","Date","Date"', '"String","Integer(Int16)","Integer(Int16)"', '"Integer","String","Real"'):
        table.with_suffix(".csvt").write_text(types)
        assert _read(four_blocks, tmp_path, table).size.tolist() == [[10, 31], [20, 70000], [30, 93], [40, 124]]


def test_a_byte_that_no_text_has_is_named_with_its_row(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """What GDAL reads of a cell ends at it."""
    table = _csv(tmp_path, COUNTS)
    table.write_bytes(table.read_bytes().replace(b"01,10", b"01,1\x000"))
    with pytest.raises(DataError, match=r"counts: row 3 of counts.csv holds a byte that no text has \(NUL\)"):
        _read(four_blocks, tmp_path, table)


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", " "])
def test_blanks_around_numbers_are_no_part_of_them(four_blocks: gpd.GeoDataFrame, tmp_path: Path, blank: str) -> None:
    """Tables copied from a web page have blanks of their own kinds; engine and judge take them alike."""
    table = _csv(tmp_path, COUNTS.assign(hh=["30", f"10{blank}", f"{blank}40", "20"]))
    read = _read(four_blocks, tmp_path, table)
    assert read.size[:, 0].tolist() == [10, 20, 30, 40]
    source = CountSource.model_validate({"path": table, "columns": {"id": "key", "households": "hh"}})
    rows = read_table(source, ["key", "hh"])
    assert as_counts(rows["hh"], rows["key"].to_numpy()).tolist() == [30, 10, 40, 20]


def test_a_quotation_mark_that_is_never_closed_is_named(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """It takes all rows below into one cell, or its own row; the row is told. Within a cell it is as others are."""
    text = COUNTS.to_csv(index=False)
    table = tmp_path / "counts.csv"
    for above in ("", "人口表\n"):
        table.write_text(above + text.replace("01,10", '01,"10'), encoding="utf-8")
        row = 3 + above.count("\n")
        with pytest.raises(DataError, match=rf'mark in row {row} of counts.csv is never closed, .*: 01,"10,31; close'):
            _read(four_blocks, tmp_path, table)
    table.write_text(text.replace("02,20,62", '02,20,"62'), encoding="utf-8")
    with pytest.raises(DataError, match=r'mark in row 5 of counts.csv is never closed, .*: 02,20,"62; close'):
        _read(four_blocks, tmp_path, table)
    table.write_text("\n".join([text.replace("01,10", '01,"10'), *["x" * 99] * 2000]), encoding="utf-8")
    with pytest.raises(DataError, match=r"mark in row 3 of counts.csv is never closed"):
        _read(four_blocks, tmp_path, table)
    for fine in (text.replace("02,20,62", '02,20,"62"'), text + '5"x,1,1\n', text + '"a\nb",1,1\n'):
        table.write_text(fine, encoding="utf-8")
        assert _read(four_blocks, tmp_path, table).size[:, 0].tolist() == [10, 20, 30, 40]


def test_a_cell_far_from_the_table_is_said(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A workbook with one in its last row cannot be read; that is no matter of a coordinate system."""
    with xlsxwriter.Workbook(tmp_path / "counts.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([COUNTS.columns, *COUNTS.itertuples(index=False)]):
            sheet.write_row(row, 0, cells)
        sheet.write(1_048_575, 2, "x")
    with pytest.raises(DataError, match=r"counts.xlsx cannot be read, since a cell far below the table"):
        _read(four_blocks, tmp_path, tmp_path / "counts.xlsx")


@pytest.mark.parametrize("title", ["x" * 200_000, "单位：户"])
def test_a_lone_quotation_mark_above_the_headings_takes_no_row(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path, title: str
) -> None:
    """A mark that would take all that follows into one cell leaves the rows as they are, to engine and judge."""
    table = _csv(tmp_path, COUNTS, above=f'"{title}\n')
    assert _read(four_blocks, tmp_path, table).size[:, 0].tolist() == [10, 20, 30, 40]
    source = CountSource.model_validate({"path": table, "columns": {"id": "key", "households": "hh"}})
    assert read_table(source, ["key"])["key"].tolist() == COUNTS["key"].tolist()


def test_cells_beyond_the_headings_are_refused_in_every_table_of_lines(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """A row with a cell too many is named in tables parted by tabs as well; one of empty cells is none too many."""
    lines = COUNTS.to_csv(index=False, sep="\t").splitlines()
    (tmp_path / "c.tsv").write_text("\n".join([lines[0], lines[1] + "\t\t", *lines[2:]]), encoding="utf-8")
    assert _read(four_blocks, tmp_path, tmp_path / "c.tsv").size[:, 0].tolist() == [10, 20, 30, 40]
    (tmp_path / "c.tsv").write_text("\n".join([*lines[:2], lines[2] + "\t5", *lines[3:]]), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"1 rows of c.tsv have more cells than the 3 headings, .*: rows 3 .01, 10, 31, 5"
    ):
        _read(four_blocks, tmp_path, tmp_path / "c.tsv")


@pytest.mark.parametrize("remark", ["一;二;三;四;五;六", "一|二|三|四|五|六", "一\t二\t三\t四\t五\t六"])
def test_other_marks_in_a_remark_part_no_cells(four_blocks: gpd.GeoDataFrame, tmp_path: Path, remark: str) -> None:
    """Which mark parts the cells is seen by the headings alone; blank cells beyond them are none too many."""
    table = COUNTS.assign(remark=[remark, "", "", ""]).to_csv(index=False).splitlines()
    (tmp_path / "c.csv").write_text("\n".join([*table[:4], table[4] + ", "]), encoding="utf-8")
    assert _read(four_blocks, tmp_path, tmp_path / "c.csv").size[:, 0].tolist() == [10, 20, 30, 40]


def test_keys_cut_after_fifteen_digits_are_told(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A spreadsheet writes zeros for all digits after the 15th: repeated or not, keys are told to be cut."""
    town = four_blocks.assign(编号=[f"42020100100100{n}012" for n in range(1, 5)])
    cut = COUNTS.assign(key=[f"42020100100100{n}000" for n in range(1, 5)])
    with pytest.raises(DataError, match="The table has only the first 15 digits of 420201001001001012, 4202010010010"):
        _read(town, tmp_path, _csv(tmp_path, cut), blanks="zero")
    with pytest.raises(
        DataError, match="keys in 'key' are numbers that have lost their last digits: 420201001001001000"
    ):
        _read(town, tmp_path, _csv(tmp_path, cut.assign(key="420201001001001000")), blanks="zero")


def test_communities_by_numbers_without_their_last_digits_are_refused(
    four_blocks: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    """Codes of today's communities that have lost digits would make one community of several."""
    four_blocks.assign(社区=[4.20201001001e17 + n for n in range(4)]).to_file(tmp_path / "town.gpkg")
    columns = {"id": "编号", "households": "户数", "community": "社区"}
    with pytest.raises(DataError, match=r"data.blocks.columns.community: keys in '社区' are numbers that have lost"):
        read_blocks(Data.model_validate({"blocks": {"path": tmp_path / "town.gpkg", "columns": columns}}))


@pytest.mark.parametrize(("filled", "row"), [((2, 5, 5), 2), ((3, 6, 6), 1), ((2, 3, 5), 3), ((0,), 1), ((), 1)])
def test_titles_fill_less_than_half_of_what_headings_do(filled: tuple[int, ...], row: int) -> None:
    """Where no row names a wanted column the fullest is taken for headings, if the first is not half as full."""
    assert _guess([("x",) * n + ("",) * (6 - n) for n in filled], ["id"]) == row


@pytest.mark.parametrize(
    ("values", "counts", "advised"),
    [(["-1", "2"], [0, 2], False), (["", "2"], [0, 2], True), (["", ""], [0, 0], False), (["1", "2"], [1, 2], False)],
)
def test_only_where_some_cells_are_empty_they_may_be_zero(
    values: list[str], counts: list[int], *, advised: bool
) -> None:
    """A wrong number, or a column without any, is not mended by taking blanks for zero."""
    problems: list[Message] = []
    read = _read_whole(pd.Series(values, name="hh"), np.array(["a", "b"], dtype=object), "key", problems)
    assert read.tolist() == counts
    assert any("blanks: zero" in problem.en for problem in problems) == advised
