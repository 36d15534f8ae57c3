"""Encoding: what the bytes say, and which of several files declares it."""

from pathlib import Path

import pytest

from redistrict.geo.encoding import choose_encoding, declared_encoding, guess_encoding


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("这边团对应", "gbk", "gb18030"),
        ("這邊團對應", "big5", "cp950"),
        ("cafés", "cp1252", "cp1252"),
        ("黄石", "utf-8", "utf-8"),
        ("人大", "utf-8", "utf-8"),
        ("\xff\xfe\xff\xfe", "latin-1", None),
        ("籲", "big5", "cp950"),
        ("é è à ç éé", "cp1252", None),
        ("é è à ç ç éé", "cp1252", "cp1252"),
    ],
)
def test_text_is_known_by_its_common_characters(text: str, encoding: str, found: str | None) -> None:
    """Simplified characters alone are Chinese of the mainland, traditional ones of Taiwan; the rest goes by form."""
    assert guess_encoding([text.encode(encoding)]) == found


@pytest.mark.parametrize(
    ("text", "declared", "found"),
    [
        ("中文".encode("big5"), "cp950", "cp950"),
        ("这边团对应".encode("gbk"), "cp950", "gb18030"),
        ("情".encode("gbk"), "cp950", "gb18030"),
        ("这边团对应".encode("gbk"), "cp1252", "gb18030"),
        ("这边团对应".encode(), "gb18030", "utf-8"),
        ("Привет".encode("cp1251"), "cp1251", "cp1251"),
        ("cafés".encode("cp1252"), "utf-8", "cp1252"),
        ("劝".encode("gbk"), "utf-8", "utf-8"),
        ("透".encode("gbk"), "utf-8", "gb18030"),
    ],
)
def test_a_declaration_holds_unless_the_bytes_speak_clearly(text: bytes, declared: str, found: str) -> None:
    """What is declared decides where text can be either; what does not fit it, or is plainly Chinese, does not.

    As UTF-8 劝 would be a letter, too, 透 one that does not exist.
    """
    assert choose_encoding([b"id", text], declared) == found


def _write_parts(folder: Path) -> None:
    """Write the declarations of two layers, and what a Mac leaves beside them."""
    for name, encoding in (("m.cpg", "BIG5"), ("z.cpg", "GBK"), ("._m.cpg", "UTF-8"), ("m.dbf", "x" * 29 + "\x4d")):
        (folder / name).write_bytes(encoding.encode())


def test_a_layer_has_its_own_declaration(tmp_path: Path) -> None:
    """Alone and in a folder, the .cpg of that name counts before the table's language; hidden files do not."""
    _write_parts(tmp_path)
    given = ((tmp_path / "m.shp", None), (tmp_path, "m"))
    (tmp_path / "m.shp").write_bytes(b"")
    assert [declared_encoding(path, layer) for path, layer in given] == ["cp950"] * 2
    (tmp_path / "m.cpg").unlink()
    assert declared_encoding(tmp_path / "m.shp", None) == "gb18030"
