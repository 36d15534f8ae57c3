"""Attribute tables: every column is as wide as its longest value, and is read by others as it was written."""

import struct
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from redistrict.report.gis.dbf import write_dbf
from redistrict.report.gis.vectors import write_shapefile

from .test_vectors import communities

Field = tuple[str, str, int, int]


def read_fields(path: Path) -> list[Field]:
    """Give name, kind, width and decimals of every field as the header has them."""
    data = path.read_bytes()
    (n_rows, head, row) = struct.unpack_from("<IHH", data, 4)
    assert len(data) == head + n_rows * row + 1
    entries = [data[at : at + 32] for at in range(32, head - 1, 32)]
    assert row == 1 + sum(entry[16] for entry in entries)
    return [(entry[:11].rstrip(b"\0").decode("ascii"), chr(entry[11]), entry[16], entry[17]) for entry in entries]


@pytest.mark.parametrize(("encoding", "per_sign"), [("utf-8", 3), ("gbk", 2), ("gb18030", 2)])
def test_fields_of_the_shapefile_fit_their_content(tmp_path: Path, encoding: str, per_sign: int) -> None:
    """Texts are measured in bytes of the encoding, counts have no decimals and deviations only those they need."""
    write_shapefile(tmp_path / "shapefile", communities(name="东区社区"), encoding=encoding)
    assert read_fields(tmp_path / "shapefile" / "communities.dbf") == [
        ("COMM_ID", "C", 2 * per_sign + len("-01"), 0),
        ("NAME", "C", 4 * per_sign, 0),
        ("DISTRICT", "C", 2 * per_sign, 0),
        ("HH", "N", 4, 0),
        ("POP", "N", 4, 0),
        ("WORKERS", "N", 2, 0),
        ("BLOCKS", "N", 1, 0),
        ("DEV_HH", "N", len("-0.012345"), 6),
    ]


def test_values_read_back(tmp_path: Path) -> None:
    """Numbers keep the decimals they have, nine where they have no end; what is not known or empty stays so."""
    table = pd.DataFrame(
        {
            "THIRD": [1 / 3, -0.25, np.nan],
            "METRES": [36.09, 1_234_567.8, 0.0],
            "COUNT": [1, 22, 12_345_678_901],
            "TEXT": ["", "石" * 84, "a b"],
        }
    )
    write_dbf(tmp_path / "t.dbf", table, encoding="utf-8", written=date(2000, 1, 1))
    assert read_fields(tmp_path / "t.dbf") == [
        ("THIRD", "N", 12, 9),
        ("METRES", "N", 10, 2),
        ("COUNT", "N", 11, 0),
        ("TEXT", "C", 252, 0),
    ]
    read = pyogrio.read_dataframe(tmp_path / "t.dbf", encoding="utf-8")
    numbers = table[["THIRD", "METRES", "COUNT"]]
    pd.testing.assert_frame_equal(read[[*numbers]], numbers.round(9), check_dtype=False, check_exact=True)
    assert read["TEXT"].fillna("").tolist() == table["TEXT"].tolist()
