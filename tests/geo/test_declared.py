"""Declared and found: which encoding a table is read in, and what is said where it is another than declared."""

from pathlib import Path

import pandas as pd
import pytest

from redistrict.errors import DataError
from redistrict.geo.declared import BYTES, lost_characters, refuse_unfit, settle_beside_utf8, settle_encoding
from redistrict.messages import Message
from redistrict.scenario.sources import Source

KEY, TEXT = "data.blocks", "这边团对应"


def _source(encoding: str | None) -> Source:
    return Source(path=Path("a.csv"), encoding=encoding)


@pytest.mark.parametrize(
    ("text", "by_hand", "in_file", "found", "said"),
    [
        (b"abc", None, None, "utf-8", ""),
        (TEXT.encode(), None, None, "utf-8", ""),
        (TEXT.encode(), None, "utf-8", "utf-8", ""),
        (TEXT.encode("gbk"), None, None, "gb18030", "does not name its text encoding; it is read as GB18030"),
        (TEXT.encode("gbk"), None, "gb18030", "gb18030", ""),
        (TEXT.encode("gbk"), None, "utf-8", "gb18030", f"as utf-8, but it is gb18030 (row 3: '{TEXT}')"),
        (TEXT.encode("gbk"), "gbk", "utf-8", "gb18030", ""),
        (TEXT.encode("gbk"), "cp1252", None, "cp1252", f"but the text looks like gb18030 (row 3: '{TEXT}')"),
        ("這邊團對應".encode("big5"), None, "cp950", "cp950", ""),
        (b"abc", None, "cp950", "cp950", ""),
    ],
)
def test_what_is_declared_is_compared_with_the_text(
    text: bytes, by_hand: str | None, in_file: str | None, found: str, said: str
) -> None:
    """The scenario's word holds where most text can be it, that of the file unless the text is plainly another's."""
    notes: list[Message] = []
    assert settle_encoding(_source(by_hand), {b"id": 0, text: 3}, in_file, KEY, notes) == found
    assert [said in note.en for note in notes] == ([True] if said else [])


def test_text_that_reads_well_in_both_chinese_encodings_is_told() -> None:
    """It is read as declared, and shown both ways."""
    text, notes = "中文".encode("big5"), list[Message]()
    assert settle_encoding(_source(None), {b"id": 0, text: 3}, "cp950", KEY, notes) == "cp950"
    (note,) = notes
    other = text.decode("gb18030")
    assert f"(row 3: '中文'), but would read as well in gb18030 (row 3: '{other}')" in note.en


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", rf"text is not utf-8 \(row 3: '{TEXT}'\); it looks like gb18030"),
        ("klingon", "'klingon' is no encoding known here"),
    ],
)
def test_an_encoding_written_by_hand_has_to_fit(encoding: str, said: str) -> None:
    """One that text is not in, or that does not exist, is refused."""
    with pytest.raises(DataError, match=said):
        settle_encoding(_source(encoding), {b"id": 0, TEXT.encode("gbk"): 3}, None, KEY, [])


def test_the_row_that_is_named_is_one_that_does_not_fit() -> None:
    """Rows that are in the encoding stand before it."""
    texts = {b"id": 0, "中文".encode(): 2} | {f"{TEXT}{n}".encode("gbk"): n for n in range(3, 30)}
    with pytest.raises(DataError, match=rf"text is not utf-8 \(row 3: '{TEXT}3'\)"):
        settle_encoding(_source("utf-8"), texts, None, KEY, [])


@pytest.mark.parametrize(
    ("texts", "encoding", "found"),
    [
        ([TEXT.encode()], "utf-8", "utf-8"),
        ([TEXT.encode()], None, "utf-8"),
        ([b"abc"], "gbk", "utf-8"),
        ([TEXT.encode("gbk")], "gbk", "gb18030"),
        ([TEXT.encode("gbk"), TEXT.encode()], "gbk", "utf-8"),
    ],
)
def test_files_of_utf8_hold_another_encoding_only_by_mistake(
    texts: list[bytes], encoding: str | None, found: str
) -> None:
    """The scenario's word counts where none of the text is UTF-8; where all of it is, the word is wrong."""
    assert settle_beside_utf8(_source(encoding), dict.fromkeys(texts, 1), KEY) == found
    with pytest.raises(DataError, match=r"the text of a\.csv is UTF-8"):
        settle_beside_utf8(_source("gbk"), {TEXT.encode(): 1}, KEY)


@pytest.mark.parametrize(
    ("values", "encoding", "advice"),
    [
        ([TEXT.encode("gbk")], None, "write 'encoding: gb18030' there"),
        ([TEXT.encode("gbk"), TEXT.encode()], None, "correct them"),
        ([TEXT.encode("gbk")], "utf-8", "correct them"),
    ],
)
def test_text_of_another_encoding_is_refused_by_row(values: list[bytes], encoding: str | None, advice: str) -> None:
    """All of it asks for another encoding, some of it for correction; what fits is not named."""
    frame = pd.DataFrame({"n": [value.decode(BYTES) for value in values]}, index=range(7, 7 + len(values)))
    with pytest.raises(DataError) as refused:
        refuse_unfit(frame, ["n"], "utf-8", _source(encoding), KEY)
    assert f"1 texts in 'n' are not utf-8; as gb18030 they are (by row) 7: '{TEXT}'; {advice}" in str(refused.value)
    refuse_unfit(frame, ["n"], "gb18030", _source(encoding), KEY)


def test_lost_characters_are_named_by_row() -> None:
    """With the first text that holds one, and what its row is called; columns that hold none are not named."""
    frame = pd.DataFrame({"id": ["甲", "乙", "丙"], "n": ["好", "黄\ufffd", "石\ufffd"]}, index=[5, 6, 7])
    (note,) = lost_characters(frame, ["id", "n"], "gb18030", _source(None), KEY)
    assert (
        "2 texts in 'n' hold half a character, or one that is not gb18030 (rows 6 (乙), 7 (丙); '黄\ufffd')" in note.en
    )
