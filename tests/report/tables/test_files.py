"""Tables: text a spreadsheet would run as a formula is disarmed, and can be read back."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.report.tables.files import as_cell, write_plan

FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r]")


def _plan_layers(**columns: list[Any]) -> Any:
    rows = {"block_id": ["1"], "district": ["东区"], "community_id": ["东区-01"], "community_name": ["东区第1社区"]}
    return SimpleNamespace(blocks=pd.DataFrame(rows | columns), levels=())


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "＝1+1",
        "＋7",
        "－3",
        "＠SUM(A1)",
        "'＝1",
        "+7",
        "-3",
        "@SUM(A1)",
        "\t=1",
        '=HYPERLINK("http://x")',
        "'=1",
    ],
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    """Whatever a spreadsheet would take for a formula becomes text, and one apostrophe taken away gives it back."""
    assert as_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "001", "东区-01", "a=b", "'quoted'", " =1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """Keys with leading zeros, names and signs further in are left alone."""
    assert as_cell(text) == text


@given(st.text(alphabet="'=＝+＋-－@＠\t\ra1区 "))
def test_no_cell_starts_a_formula_and_no_two_texts_become_one(text: str) -> None:
    """A cell never starts with a formula's sign, and the guard can be undone."""
    cell = as_cell(text)
    assert not FORMULA.match(cell)
    assert re.sub(r"\A'(?='*[=+\-@＝＋－＠\t\r])", "", cell) == text


def test_the_plan_is_utf8_with_a_mark_and_guarded(tmp_path: Path) -> None:
    """Excel opens plan.csv as UTF-8, and keys, districts and names from the data are guarded."""
    layers = _plan_layers(block_id=["-1"], district=["=1+1"], community_id=["=1+1-01"], community_name=["=1+1第1社区"])
    write_plan(tmp_path / "plan.csv", layers)
    assert (tmp_path / "plan.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    text = (tmp_path / "plan.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[1] == "'-1,'=1+1,'=1+1-01,'=1+1第1社区"


def test_writing_leaves_the_layers_alone(tmp_path: Path) -> None:
    """The guard goes into the file, not into the table it was made from."""
    layers = _plan_layers(district=["-"])
    write_plan(tmp_path / "plan.csv", layers)
    assert layers.blocks["district"].tolist() == ["-"]
