"""Tables: plan.csv and report.json, and how any table is written."""

import json
import re
from pathlib import Path

import pandas as pd

from redistrict.report.layers import Layers
from redistrict.report.summary import Report

_STARTS_A_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r]")


def as_cell(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula: an apostrophe goes before ``= + - @``, full-width too.

    Text that has apostrophes there already gets one more, so that taking one away gives the text back.
    """
    return f"'{text}" if _STARTS_A_FORMULA.match(text) else text


def write_plan(path: Path, layers: Layers) -> None:
    """Write block, district, units of the levels, and community, one row a block, as UTF-8 that Excel opens."""
    write_csv(path, layers.blocks[["block_id", "district", *layers.levels, "community_id", "community_name"]])


def write_report(path: Path, report: Report) -> None:
    """Write every published number as JSON."""
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as UTF-8 that Excel opens, with no cell it would take for a formula."""
    safe = table.copy()
    for name in safe.columns:
        if pd.api.types.is_string_dtype(safe[name].dtype) or safe[name].dtype == object:
            safe[name] = [as_cell(value) if isinstance(value, str) else value for value in safe[name]]
    safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
