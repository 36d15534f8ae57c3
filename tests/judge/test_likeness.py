"""Two folders compared file by file: what differs is named with its place, what only looks different is not."""

import shutil
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.judge.likeness import Likeness, _has_tail, compare_folders


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders that hold the same files of every kind."""
    for name in ("given", "made"):
        folder = tmp_path / name
        (folder / "deep").mkdir(parents=True)
        (folder / "a.csv").write_text("id,m2\n甲,12.50\n乙,3\n", encoding="utf-8-sig")
        (folder / "deep" / "b.bin").write_bytes(b"\x00\x01")
        with zipfile.ZipFile(folder / "c.xlsx", "w") as archive:
            archive.writestr(zipfile.ZipInfo("sheet1.xml"), "<v>1.5</v>")
        base = sqlite3.connect(folder / "d.gpkg")
        base.execute("CREATE TABLE t (a REAL, b BLOB)")
        base.execute("INSERT INTO t VALUES (1.5, x'00ff')")
        base.commit()
        base.close()
    return tmp_path / "given", tmp_path / "made"


def likeness(pair: tuple[Path, Path]) -> Likeness:
    return compare_folders(*pair, passed_over=("own.txt",))


def test_the_same_files_are_alike(pair: tuple[Path, Path]) -> None:
    """Nothing is told of equal files, nor of one that may stand there as well."""
    (pair[0] / "own.txt").write_text("?")
    assert likeness(pair) == Likeness((), ())


def test_lines_that_are_only_in_one_are_told(pair: tuple[Path, Path]) -> None:
    """Where one text ends before the other, that is what it says."""
    (pair[0] / "a.csv").write_text("id,m2\n甲,12.50\n", encoding="utf-8-sig")
    (one,) = likeness(pair).differences
    assert one.message.en == "a.csv says 'nothing'; made again from plan and data it says '3'."
    shutil.rmtree(pair[1])
    shutil.copytree(pair[0], pair[1])
    (pair[0] / "a.csv").write_text("id,m2\n甲,12.50\n乙,3\n", encoding="utf-8-sig")
    (other,) = likeness(pair).differences
    assert other.message.en == "a.csv says '3'; made again from plan and data it says 'nothing'."


def test_a_changed_text_is_shown_at_its_line(pair: tuple[Path, Path]) -> None:
    """The line is named, with what it says and what it should."""
    (pair[0] / "a.csv").write_text("id,m2\n甲,12.50\n乙,4\n", encoding="utf-8-sig")
    (one,) = likeness(pair).differences
    assert (one.file, one.found, one.allowed) == ("a.csv", "乙,4", "乙,3")
    assert one.message.en == "a.csv (line 3) says '乙,4'; made again from plan and data it says '乙,3'."
    assert one.message.zh.startswith("a.csv（3 行）")


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        *(("12.50000000000000001", False), ("12.500000000001", False), ("12.4999999999999982", False)),
        *(("12.51", True), ("12.5000001", True), ("12.5000000001", True), ("13", True)),
        *(("1.25e1", True), ("12.5", True), ("12.500000000000000", True), ("012.50", True), ("12.50e0", True)),
        *(("١٢.٥٠", True), ("１２.５０", True), ("12.50000000000000001.", True), ("12.50000000000000001期", True)),
        *(("-12.50000000000000001", True), ("v12.50000000000000001", True), ("1.12.50000000000000001", True)),
    ],
)
def test_only_the_last_digits_of_long_decimals_may_differ(pair: tuple[Path, Path], text: str, differs: bool) -> None:
    """Long decimals agree to 1e-12, written as programs do; a file that says the same so is listed as that."""
    (pair[0] / "a.csv").write_text(f"id,m2\n甲,{text}\n乙,3\n", encoding="utf-8-sig")
    found = likeness(pair)
    assert [one.file for one in found.differences] == ["a.csv"] * differs
    assert found.other_bytes == ("a.csv",) * (not differs)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("花湖7.1社区", "花湖7.10社区"), ("1.1", "1.10"), ("2026.10.1", "2026.1.1"), ("0714.6512.10", "0714.6512.1")],
)
def test_numbers_in_names_and_dates_are_text(pair: tuple[Path, Path], right: str, wrong: str) -> None:
    """What looks like a number may be the key of a block, a name or a date: it is compared letter by letter."""
    for folder, text in zip(pair, (wrong, right), strict=True):
        (folder / "a.csv").write_text(f"id\n{text}\n", encoding="utf-8")
    assert [one.file for one in likeness(pair).differences] == ["a.csv"]


def test_a_long_row_of_digits_is_read_once(pair: tuple[Path, Path]) -> None:
    """A line of a million digits takes no time that grows with its square."""
    for folder, digit in zip(pair, "12", strict=True):
        (folder / "a.csv").write_text(digit * 1_000_000, encoding="utf-8")
    assert [one.file for one in likeness(pair).differences] == ["a.csv"]


def test_missing_extra_and_binary_files_are_named(pair: tuple[Path, Path]) -> None:
    """Files that are not in both folders, and every other byte of a file nobody takes apart."""
    (pair[0] / "deep" / "b.bin").write_bytes(b"\x00\x02")
    (pair[0] / "more.txt").write_text("?")
    (pair[0] / "a.csv").unlink()
    told = {one.file: one.found for one in likeness(pair).differences}
    assert told == {"a.csv": "missing", "deep/b.bin": "other bytes", "more.txt": "a file"}


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("UPDATE t SET a = 2.5", "t, row 1"),
        ("UPDATE t SET b = x'00fe'", "t, row 1"),
        ("INSERT INTO t VALUES (1, 1)", "t, row 2"),
        ("PRAGMA application_id = 7", "application_id"),
        ("PRAGMA user_version = 7", "user_version"),
        ("CREATE VIEW v AS SELECT 1", "view v"),
        ("CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END", "trigger r"),
    ],
)
def test_a_database_is_compared_by_row_and_declaration(pair: tuple[Path, Path], sql: str, place: str) -> None:
    """Rows, blobs, views and triggers: the first that differs is named."""
    base = sqlite3.connect(pair[0] / "d.gpkg")
    base.execute(sql)
    base.commit()
    base.close()
    (one,) = likeness(pair).differences
    assert one.file == "d.gpkg"
    assert place in f"{one.message.en} {one.found}"


@pytest.mark.parametrize(
    ("gpkg", "line", "only_shapes"),
    [("b = x'00'", "乙", True), ("a = 9", "甲", False), ("a = 9, b = x'00'", "甲", False)],
)
def test_where_only_shapes_differ_that_is_said(
    pair: tuple[Path, Path], gpkg: str, line: str, only_shapes: bool
) -> None:
    """Shapes may depend on the machine; what else a layer says does not."""
    for folder, name, x in zip(pair, (line, "乙"), "12", strict=True):
        text = f'{{ "properties": {{ "n": "{name}" }}, "geometry": {{ "coordinates": [ [ {x}.5, -2e-05 ] ] }} }}\n'
        (folder / "e.geojson").write_text(text, encoding="utf-8")
    base = sqlite3.connect(pair[0] / "d.gpkg")
    base.execute(f"UPDATE t SET {gpkg}")
    if not only_shapes:
        base.execute('CREATE VIEW "shape of t" AS SELECT 1')
    base.commit()
    base.close()
    assert [(one.file, one.only_shapes) for one in likeness(pair).differences] == [
        ("d.gpkg", only_shapes),
        ("e.geojson", only_shapes),
    ]


def test_a_workbook_is_compared_by_member(pair: tuple[Path, Path]) -> None:
    """An archive packed otherwise is told apart from one whose members, comment or number of them differ."""
    with zipfile.ZipFile(pair[0] / "c.xlsx", "w") as archive:
        archive.writestr(zipfile.ZipInfo("sheet1.xml"), "<v>1.5</v>", zipfile.ZIP_DEFLATED)
    found = likeness(pair)
    assert (found.differences, found.other_bytes) == ((), ())
    assert [(one.file, one.is_plain) for one in found.unread] == [("c.xlsx", True)]
    with zipfile.ZipFile(pair[0] / "c.xlsx", "a") as archive:
        archive.writestr("sheet2.xml", "<v/>")
        archive.comment = b"approved"
    assert [one.found for one in likeness(pair).differences] == ["approved"]
    with zipfile.ZipFile(pair[0] / "c.xlsx", "a") as archive:
        archive.comment = b""
    assert [one.found for one in likeness(pair).differences] == ["sheet2.xml"]


@pytest.mark.parametrize("name", ["c.xlsx", "d.gpkg"])
def test_a_broken_file_is_a_difference(pair: tuple[Path, Path], name: str) -> None:
    """What cannot be taken apart is not alike."""
    (pair[0] / name).write_bytes(b"no such file")
    assert [one.file for one in likeness(pair).differences] == [name]


@pytest.mark.parametrize(
    ("at", "value"),
    [(6, b"\x01"), (8, b"\x63"), (8, b"\x0c"), (8, b"\x0e"), (4, b"\xff"), (39, b"\xff\xff\xff\xff")],
    ids=["encrypted", "no such packing", "bzip2", "lzma", "no such version", "broken"],
)
def test_a_workbook_that_cannot_be_unpacked_is_a_difference(pair: tuple[Path, Path], at: int, value: bytes) -> None:
    """Encrypted, packed in a way nobody knows or not as it says, or broken."""
    path = pair[0] / "c.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("sheet1.xml"), "<v>1.5</v>" * 50, zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    content[at : at + len(value)] = value
    if at < 30:  # stands in the list of members as well, two bytes on
        start = content.find(b"PK\x01\x02") + at + 2
        content[start : start + len(value)] = value
    path.write_bytes(content)
    assert [one.file for one in likeness(pair).differences] == ["c.xlsx"]


def test_a_member_that_unpacks_to_far_more_is_not_unpacked(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small workbook may unpack to more than the memory there is: its size alone is a difference."""
    with zipfile.ZipFile(pair[0] / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet1.xml", " " * 5_000)
    monkeypatch.delattr(zipfile.ZipFile, "read")
    (one,) = likeness(pair).differences
    assert (one.found, one.allowed) == ("sheet1.xml: 5,000 bytes", "10 bytes")


def insert_bytes(path: Path, at: int | None) -> None:
    """Put bytes before or after what is packed."""
    content = path.read_bytes()
    path.write_bytes(b"".join((content[:at], b"evil" * 1024, content[at:])) if at is not None else content + b"evil")


def leave_free_page(path: Path) -> None:
    """Write a text into pages that no query reads any more."""
    base = sqlite3.connect(path)
    for sql in ("CREATE TABLE w (a)", "INSERT INTO w VALUES (zeroblob(9000))", "DROP TABLE w"):
        base.execute(sql)
    base.commit()
    base.close()


def flag_wal(path: Path) -> None:
    """Say in the header that a log lies beside the file."""
    content = bytearray(path.read_bytes())
    content[18:20] = b"\2\2"
    path.write_bytes(content)


def put_behind_packed(path: Path) -> None:
    """Put bytes behind the end of what is packed, into the room that the archive says it takes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b"<v>1.5</v>"
    packed = packer.compress(text) + packer.flush() + b"evil" * 9
    sizes = struct.pack("<III", zlib.crc32(text), len(packed), len(text))
    fixed = struct.pack("<HHHHH", 20, 0, 8, 0, 0x21)
    name = b"sheet1.xml"
    local = b"PK\3\4" + fixed + sizes + struct.pack("<HH", len(name), 0) + name + packed
    listed = (
        b"PK\1\2" + struct.pack("<H", 20) + fixed + sizes + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    )
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), len(local), 0)
    path.write_bytes(local + listed + end)


def say_otherwise_there(path: Path) -> None:
    """Let the head of a member say another check sum than the list does."""
    content = bytearray(path.read_bytes())
    content[14] ^= 1
    path.write_bytes(content)


def add_extra_field(path: Path) -> None:
    """Give a member a field and a comment that no program shows."""
    member = zipfile.ZipInfo("sheet1.xml")
    member.extra, member.comment = b"\x99\x99\x04\x00evil", b"evil"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "<v>1.5</v>")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("c.xlsx", lambda path: insert_bytes(path, 0)),
        ("c.xlsx", lambda path: insert_bytes(path, None)),
        ("c.xlsx", add_extra_field),
        ("c.xlsx", put_behind_packed),
        ("c.xlsx", say_otherwise_there),
        ("d.gpkg", lambda path: insert_bytes(path, None)),
        ("d.gpkg", leave_free_page),
        ("d.gpkg", flag_wal),
    ],
    ids=["before", "at the end", "extra field", "behind", "other head", "after", "free pages", "wal"],
)
def test_bytes_that_nobody_reads_are_told(pair: tuple[Path, Path], name: str, change: Callable[[Path], None]) -> None:
    """Anything may ride along in them, although all that is read is as it should be."""
    change(pair[0] / name)
    found = likeness(pair)
    assert (found.differences, found.other_bytes) == ((), ())
    assert [(one.file, one.is_plain) for one in found.unread] == [(name, False)]


def test_what_is_packed_ends_where_it_says() -> None:
    """Neither bytes behind the end nor an end that is missing; what is stored as it is has no end of its own."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"text" * 9) + packer.flush()
    assert not _has_tail(packed, zipfile.ZIP_DEFLATED)
    assert _has_tail(packed + b"x", zipfile.ZIP_DEFLATED)
    assert _has_tail(packed[:-1], zipfile.ZIP_DEFLATED)
    assert not _has_tail(packed, zipfile.ZIP_STORED)
    assert _has_tail(packed, zipfile.ZIP_BZIP2)


def test_an_index_that_says_otherwise_than_its_table_is_told(pair: tuple[Path, Path]) -> None:
    """By the index programs find their layers, so that a layer can be hidden there while its row still stands."""
    for folder in pair:
        base = sqlite3.connect(folder / "d.gpkg")
        base.execute("CREATE TABLE layers (name TEXT UNIQUE)")
        base.execute("INSERT INTO layers VALUES ('crossings')")
        base.commit()
        base.close()
    content = (pair[0] / "d.gpkg").read_bytes()
    at = content.rindex(b"crossings")
    (pair[0] / "d.gpkg").write_bytes(content[:at] + b"crossingz" + content[at + 9 :])
    found = likeness(pair)
    assert (found.differences, [one.is_plain for one in found.unread]) == ((), [False])


def test_a_last_digit_packs_otherwise(pair: tuple[Path, Path]) -> None:
    """A workbook with another last digit of a long number is told as that."""
    for folder, number in zip(pair, ("12.500000000000001", "12.500000000000002"), strict=True):
        with zipfile.ZipFile(folder / "c.xlsx", "w") as archive:
            archive.writestr(zipfile.ZipInfo("sheet1.xml"), f"<v>{number}</v>")
    assert [(one.file, one.is_plain) for one in likeness(pair).unread] == [("c.xlsx", True)]
