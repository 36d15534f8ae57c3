"""Text in any encoding and container: engine and judge read the same words, or the planner is told the row."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import DataError
from redistrict.geo.encoding import choose_encoding, find_codec
from redistrict.geo.source import read_source, read_table
from redistrict.geo.tables import as_text
from redistrict.judge.reading import read_layer
from redistrict.judge.reading import read_table as read_table_again
from redistrict.judge.text import find_encoding, find_named
from redistrict.messages import Message
from redistrict.scenario.sources import Source

from .small_town import make_blocks

SIMPLIFIED = ["黄石港区", "西塞山区", "花湖一区", "团城山", "桂林里", "纺机", "联通", "喆镕里"]
TRADITIONAL = ["嘉義市", "東區", "竹圍里", "後湖里", "臺斗坑", "湖內里"]
WORDS = {"utf-8": SIMPLIFIED, "gbk": SIMPLIFIED, "gb18030": [*SIMPLIFIED, "䶮园", "𠮷祥里"], "big5": TRADITIONAL}
DECLARED = {"utf-8": "UTF-8", "gbk": "ANSI 936", "gb18030": "GB18030", "big5": "950"}
LIES = {"none": None, "true": "", "latin": "ISO-8859-1", "gb2312": "GB2312", "utf-8": "UTF-8", "junk": "SYSTEM"}
SHAPEFILES = ("shp", "zip", "zipped folder", "zip from a Mac", "SHP", "Shp", "folder")
TABLES = ("dbf", "DBF", "csv", "CSV")


def _words(seed: int, encoding: str) -> list[str]:
    picked = np.random.default_rng(seed).integers(0, len(WORDS[encoding]), size=16)
    return [WORDS[encoding][n] for n in picked]


def _write_shapefile(folder: Path, encoding: str, words: list[str], container: str, cpg: str | None) -> Path:
    """Write blocks whose column 名 and names hold the words, bare, zipped, or with suffixes in other letters."""
    place = folder / "layer"
    place.mkdir()
    make_blocks()[["id", "geometry"]].assign(名=words).to_file(place / "b.shp", encoding=encoding)
    (place / "b.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (place / "b.cpg").write_text(cpg)
    if "zip" in container:
        with ZipFile(folder / "b.zip", "w") as archive:
            for part in place.iterdir():
                archive.write(part, part.name if container == "zip" else f"town/{part.name}")
                if "Mac" in container:
                    archive.writestr(f"__MACOSX/town/._{part.name}", b"\0\5\x16\7")
        return folder / "b.zip"
    if container == "folder":
        return place
    for part in list(place.iterdir()):
        suffix = (
            part.suffix.upper() if container == "SHP" else part.suffix.title() if container == "Shp" else part.suffix
        )
        part.rename(part.with_suffix(suffix))
    return place / f"b.{container}"


def _write_table(folder: Path, encoding: str, words: list[str], container: str) -> Path:
    table = pd.DataFrame({"id": [f"C{n}" for n in range(len(words))], "名": words})
    path = folder / f"t.{container.lower()}"
    if container.lower() == "csv":
        table.to_csv(path, index=False, encoding=encoding)
    else:
        pyogrio.write_dataframe(table, path, driver="ESRI Shapefile", encoding=encoding)
        path.with_suffix(".cpg").unlink(missing_ok=True)
    return path.rename(path.with_suffix(f".{container}"))


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    encoding=st.sampled_from(sorted(WORDS)),
    container=st.sampled_from(SHAPEFILES),
    lie=st.sampled_from(sorted(LIES)),
)
def test_shapefiles_in_any_encoding_and_container(seed: int, encoding: str, container: str, lie: str) -> None:
    """Whatever a .cpg says, engine and judge read the words as they were written, bare, zipped and in a folder."""
    cpg = DECLARED[encoding] if lie == "true" else LIES[lie]
    words = _words(seed, encoding)
    with TemporaryDirectory() as folder:
        source = Source(path=_write_shapefile(Path(folder), encoding, words, container, cpg))
        notes: list[Message] = []
        layer = read_source(source, ("id", "名"), key="data.blocks", notes=notes)
        again = read_layer(source, ("id", "名"))
    assert layer["名"].tolist() == words
    assert list(again["名"]) == words
    if lie in ("latin", "utf-8") and encoding != "utf-8":
        assert f"but it is {find_codec(encoding)}" in notes[0].en
        assert "疑似" in notes[0].zh or "按后者读取" in notes[0].zh


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    encoding=st.sampled_from([*sorted(WORDS), "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    container=st.sampled_from(TABLES),
    filtered=st.booleans(),
)
def test_tables_in_any_encoding_and_container(seed: int, encoding: str, container: str, filtered: bool) -> None:
    """A dBASE table by itself, or a CSV table in UTF-16 too, is read alike by both, with and without a filter."""
    is_dbase = container.lower() == "dbf"
    words = _words(seed, encoding if encoding in WORDS else "utf-8")
    with TemporaryDirectory() as folder:
        path = _write_table(Path(folder), "utf-8" if is_dbase and encoding not in WORDS else encoding, words, container)
        source = Source(path=path, where=f"\"名\" = '{words[0]}'" if filtered else None)
        expected = [word for word in words if not filtered or word == words[0]]
        assert read_table(source, ("id", "名"), key="k", notes=[])["名"].tolist() == expected
        assert read_table_again(source, ("id", "名"))["名"].tolist() == expected


@pytest.mark.parametrize(
    ("words", "encodings"),
    [
        (SIMPLIFIED, ("utf-8", "gb18030")),
        (TRADITIONAL, ("utf-8", "gb18030", "cp950")),
        (["Saint-Étienne", "Besançon", "Köln"], ("utf-8", "cp1252")),
        (["Москва", "Химки"], ("utf-8",)),
    ],
    ids=["simplified", "traditional", "Western", "Russian"],
)
@pytest.mark.parametrize("declared", [None, "iso8859-1", "utf-8", "gb18030", "cp950"])
def test_two_ways_to_find_an_encoding_agree(words: list[str], encodings: tuple[str], declared: str | None) -> None:
    """The engine looks at the form of the bytes, the judge at how the words read; both find the true encoding."""
    for encoding in encodings:
        texts = [word.encode(encoding) for word in words]
        found = choose_encoding(texts, declared)
        assert found == find_encoding(texts, declared)
        assert [text.decode(found) for text in texts] == words


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf-8"), ("UTF-8\n", "utf-8"), ("65001", "utf-8"), ("ANSI 936", "gb18030"), ("GB2312", "gb18030"),
        ("CP936", "gb18030"), ("gbk", "gb18030"), ("BIG5", "cp950"), ("ISO 88591", "iso8859-1"), ("88591", "iso8859-1"),
        ("ANSI 1252", "cp1252"), ("SYSTEM", None), ("", None), ("hex", None), ("a\0", None),
    ],
)  # fmt: skip
def test_names_of_encodings(name: str, codec: str | None) -> None:
    """Encodings go by many names; what is none is none."""
    assert find_codec(name) == codec
    if name not in ("hex", ""):
        assert find_named(name) == codec


def test_the_language_byte_of_a_table_counts(tmp_path: Path) -> None:
    """Without a .cpg the language byte of the dBASE header says GBK or Big5; a Western one says nothing."""
    words = TRADITIONAL * 2 + TRADITIONAL[:4]
    path = _write_shapefile(tmp_path, "big5", words, "shp", None)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    for language, n_notes in ((0x4F, 0), (0x57, 1)):
        table[29] = language
        path.with_suffix(".dbf").write_bytes(table)
        notes: list[Message] = []
        assert read_source(Source(path=path), ("名",), key="k", notes=notes)["名"].tolist() == words
        assert len(notes) == n_notes


def test_half_a_character_is_named_with_its_row(tmp_path: Path) -> None:
    """A name cut in the middle of a character is read up to there and named; in a column nobody uses it is not."""
    path = _write_shapefile(tmp_path, "utf-8", ["花湖一区"] * 16, "shp", "UTF-8")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace("花湖一区".encode(), "花湖一".encode() + b"\xe5\x8c ", 1))
    notes: list[Message] = []
    layer = read_source(Source(path=path), ("id", "名"), key="data.blocks", notes=notes)
    assert layer["名"][0] == "花湖一\ufffd" == read_layer(Source(path=path), ("名",))["名"][0]
    assert notes[0].en.startswith(
        "data.blocks: b.shp: 1 texts in '名' hold half a character, or one that is not utf-8 "
    )
    assert "(rows 1 (B00); '花湖一\ufffd')" in notes[0].en
    assert "第 1 (B00) 行" in notes[0].zh
    notes.clear()
    read_source(Source(path=path), ("id",), key="data.blocks", notes=notes)
    assert notes == []


@pytest.mark.parametrize("name", ["b.geojson", "b.tab"])
def test_other_formats_in_gbk(tmp_path: Path, name: str) -> None:
    """GeoJSON that is not UTF-8, and a MapInfo table that names no encoding, are read right, with a note."""
    words = (SIMPLIFIED * 2)[:16]
    blocks = make_blocks()[["id", "geometry"]].assign(名=words)
    if name.endswith("geojson"):
        text = blocks.to_crs(4326).to_json(ensure_ascii=False, to_wgs84=True)
        (tmp_path / name).write_bytes(text.encode("gbk"))
    else:
        blocks.to_file(tmp_path / name, driver="MapInfo File", encoding="gbk")
    notes: list[Message] = []
    assert read_source(Source(path=tmp_path / name), ("名",), key="k", notes=notes)["名"].tolist() == words
    assert list(read_layer(Source(path=tmp_path / name), ("名",))["名"]) == words
    assert "but it is gb18030" in notes[0].en


def test_text_in_no_known_encoding(tmp_path: Path) -> None:
    """Bytes that are neither UTF-8 nor Chinese nor Western are refused with the row they stand in."""
    (tmp_path / "a.csv").write_bytes(b"id,n\n1,x\n2,\xff\xff\x81\n3,\xff\x81\x8d\n")
    with pytest.raises(DataError, match=r"text is not utf-8 \(row 2: .*\); write its 'encoding:'"):
        read_table(Source(path=tmp_path / "a.csv"), ("id", "n"), key="k", notes=[])


def test_a_column_name_on_two_columns_is_refused(tmp_path: Path) -> None:
    """Two columns of one name are refused where that name is used, in CSV and dBASE, by engine and judge."""
    (tmp_path / "a.csv").write_text("id,hh,hh\n1,2,3\n")
    blocks = make_blocks()[["id", "hh", "ppl", "geometry"]]
    blocks.to_file(tmp_path / "b.shp")
    table = bytearray((tmp_path / "b.dbf").read_bytes())
    table[32 + 64 : 32 + 75] = b"hh".ljust(11, b"\0")
    (tmp_path / "b.dbf").write_bytes(table)
    for name in ("a.csv", "b.shp"):
        source = Source(path=tmp_path / name)
        with pytest.raises(DataError, match=r"has 2 columns 'hh'; rename all but the right one"):
            read_table(source, ("id", "hh"), key="k", notes=[])
        assert as_text(read_table(source, ("id",), key="k", notes=[])["id"]).tolist()
        with pytest.raises(DataError, match=r"column 'hh' is there 2 times"):
            read_table_again(source, ("id", "hh"))


@pytest.mark.parametrize("throughout", [True, False])
@pytest.mark.parametrize("value", [{"名": "桂林里"}, ["桂林里", "b"], [1, 2], [0.5], [[1], {"a": None}], []])
def test_lists_and_objects_of_geojson_are_text(tmp_path: Path, value: object, throughout: bool) -> None:
    """Found by damaging files at random: an object for a name, in one row or all, ended in a traceback."""
    blocks = json.loads(make_blocks()[["id", "geometry"]].to_crs("EPSG:4326").to_json())
    for at, feature in enumerate(blocks["features"]):
        feature["properties"]["名"] = value if throughout or at == 1 else "里"
    (tmp_path / "b.geojson").write_text(json.dumps(blocks), encoding="utf-8")
    source = Source(path=tmp_path / "b.geojson")
    ours = as_text(read_source(source, ("id", "名"), key="data.blocks", notes=[])["名"])
    assert [text.replace(" ", "") for text in ours[1:2]] == [json.dumps(value, ensure_ascii=False).replace(" ", "")]
    assert list(read_layer(source, ("id", "名"))["名"]) == ours.tolist()


def _names_in_database(folder: Path, of_row: Callable[[int], bytes]) -> Path:
    """Write a GeoPackage whose names are these bytes, whatever a GeoPackage should hold."""
    path = folder / "b.gpkg"
    make_blocks()[["id", "geometry"]].assign(名="x").to_file(path)
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        for row in range(16):
            database.execute('UPDATE b SET "名" = CAST(? AS TEXT) WHERE fid = ?', (of_row(row), row + 1))
        database.commit()
    return path


def _refusal(source: Source) -> Message:
    with pytest.raises(DataError) as refused:
        read_source(source, ("id", "名"), key="data.blocks", notes=[])
    return refused.value.problems[0]


def test_a_geopackage_in_gbk_is_refused_until_that_is_said(tmp_path: Path) -> None:
    """Text that is not UTF-8 is shown as it should be; with `encoding:` engine and judge read it so."""
    path = _names_in_database(tmp_path, lambda row: f"花湖{row}".encode("gbk"))
    told = _refusal(Source(path=path))
    assert "16 texts in '名' are not utf-8; as gb18030 they are (by row) 1: '花湖0', 2: '花湖1'" in told.en
    assert told.en.endswith("write 'encoding: gb18030' there, or save the layer anew in UTF-8.")
    assert "按 gb18030 读取为（行号：文字）1：“花湖0”" in told.zh
    source = Source(path=path, encoding="gbk")
    layer = read_source(source, ("id", "名"), key="data.blocks", notes=[])
    assert layer["名"].tolist() == [f"花湖{row}" for row in range(16)] == list(read_layer(source, ("名",))["名"])


@pytest.mark.parametrize("encoding", [None, "gbk"])
def test_a_geopackage_in_two_encodings_is_refused(tmp_path: Path, encoding: str | None) -> None:
    """One name in GBK among others in UTF-8 is named, whatever encoding is given."""
    path = _names_in_database(tmp_path, lambda row: f"花湖{row}".encode("gbk" if row == 7 else "utf-8"))
    told = _refusal(Source(path=path, encoding=encoding)).en
    assert "1 texts in '名' are not utf-8; as gb18030 they are (by row) 8: '花湖7'; correct them, or save" in told


def test_an_encoding_that_does_not_apply_is_refused(tmp_path: Path) -> None:
    """A GeoPackage that holds UTF-8 is not read in another encoding."""
    path = _names_in_database(tmp_path, lambda row: f"花湖{row}".encode())
    told = _refusal(Source(path=path, encoding="gbk"))
    assert "data.blocks.encoding: the text of b.gpkg is UTF-8, as in every file of its kind" in told.en
    assert "encoding: gbk 不适用" in told.zh
    for encoding in ("utf-8", "UTF8", None):
        read_source(Source(path=path, encoding=encoding), ("id", "名"), key="data.blocks", notes=[])


@pytest.mark.parametrize(
    ("words", "encoding", "cpg", "note"),
    [
        (["西塞山区", "黄石港区", *["花湖"] * 14], "gbk", "Big5", "but it is gb18030 (row 1: '西塞山区')"),
        ([*["x"] * 3, "园", *["y"] * 12], "gbk", "UTF-8", "declares its text as utf-8, but it is gb18030"),
        (["㙟䶮"] * 16, "gb18030", None, "does not name its text encoding; it is read as GB18030"),
        (["é"] * 16, "utf-8", "UTF-8", None),
        (["臺灣彰化"] * 16, "big5", "Big5", None),
    ],
)
def test_text_that_speaks_against_its_declaration(
    tmp_path: Path, words: list[str], encoding: str, cpg: str | None, note: str | None
) -> None:
    """What does not fit, or makes no sense as declared, is read by engine and judge as what it is."""
    path, notes = _write_shapefile(tmp_path, encoding, words, "shp", cpg), list[Message]()
    layer = read_source(Source(path=path), ("id", "名"), key="data.blocks", notes=notes)
    assert layer["名"].tolist() == words == list(read_layer(Source(path=path), ("名",))["名"])
    assert [note in one.en for one in notes if note] == ([] if note is None else [True])
    assert note is not None or notes == []


def test_text_that_reads_well_in_two_encodings_is_shown_in_both(tmp_path: Path) -> None:
    """Where GBK declared as Big5 makes common characters of both, the declaration holds, and that is said."""
    path, notes = _write_shapefile(tmp_path, "gbk", ["花湖"] * 16, "shp", "Big5"), list[Message]()
    as_big5 = "花湖".encode("gbk").decode("cp950")
    (column,) = set(pyogrio.read_info(path, encoding="cp950")["fields"]) - {"id"}
    layer = read_source(Source(path=path), ("id", column), key="data.blocks", notes=notes)
    assert set(layer[column]) == {as_big5} == set(read_layer(Source(path=path), (column,))[column])
    assert f"is read as that (row 1: '{as_big5}'), but would read as well in gb18030 (row 1: '花湖')" in notes[0].en


def test_a_name_in_another_encoding_than_the_rest_is_refused(tmp_path: Path) -> None:
    """Of a shapefile in UTF-8 with one name in GBK, row and name are told; in a column nobody uses it does no harm."""
    path = _write_shapefile(tmp_path, "utf-8", [f"花湖{row:02d}" for row in range(16)], "shp", "UTF-8")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace("花湖07".encode(), "花湖07".encode("gbk") + b"  "))
    assert "1 texts in '名' are not utf-8; as gb18030 they are (by row) 8: '花湖07'" in _refusal(Source(path=path)).en
    assert len(read_source(Source(path=path), ("id",), key="data.blocks", notes=[])) == 16


def test_marks_within_a_table_in_utf8_leave_it_that(tmp_path: Path) -> None:
    """A byte order mark before every key speaks for UTF-8, to the judge as well."""
    (tmp_path / "t.csv").write_text("编号,名\n" + "".join(f"\ufeffB{row},花湖\n" for row in range(9)), encoding="utf-8")
    source = Source(path=tmp_path / "t.csv")
    table = read_table(source, ("编号", "名"), key="k", notes=[])
    assert table["名"].tolist() == ["花湖"] * 9 == list(read_table_again(source, ("编号", "名"))["名"])
