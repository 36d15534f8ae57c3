"""Raw tables: what is told of their text before anything is decoded."""

import pytest

from redistrict.geo.raw import _wide

TABLE = "编号,户数\n03,30\n01,10\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (TABLE.encode(), None),
        (TABLE.encode() + b"02,\x00\n" + b"04,40\n" * 9, None),
        (b"\x00" * 204 + b"1" * 3892 + b"\x00" * 99, None),
        (b"\x00" * 205 + b"1" * 3892, "utf-16-be"),
    ],
    ids=["low byte first", "high byte first", "UTF-8", "UTF-8 with a slip", "zeros late", "zeros early"],
)
def test_utf16_without_a_mark_is_known_by_its_zeros(content: bytes, found: str | None) -> None:
    """Every second byte of what is written in ASCII is 0; a few are slips: under 5 % of the first 4096 bytes."""
    assert _wide(content) == found
