"""Opinions: the table of the public notice, filled in, shown beside the communities that it names."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from redistrict.errors import DataError
from redistrict.geo.headings import SHEETS
from redistrict.geo.limits import OPINIONS
from redistrict.geo.source import read_table
from redistrict.messages import Message
from redistrict.report.notice.workbook import COLUMNS, SHEET
from redistrict.review.desk import Desk
from redistrict.scenario.sources import Source

SHOWN = ("date", "place", "opinion", "text", "answer", "state")
"""What is shown of an opinion; names and contacts of residents stay in the table."""
Opinions = dict[str, list[dict[str, str]]]


def read_opinions(path: Path, desk: Desk) -> Opinions:
    """Read the opinions on each community, by its key.

    Raises
    ------
    DataError
        If the file is not a table of opinions, or names communities that the result does not have.
    """
    table = _read(path)
    before = desk.basis.before
    key_of = dict(zip(before.names, before.ids, strict=True)) | {key: key for key in before.ids}
    said: Opinions = {}
    problems: list[Message] = []
    for row, opinion in zip(table.index.tolist(), table.to_dict("records"), strict=True):
        name = opinion["community"]
        if name in key_of:
            said.setdefault(key_of[name], []).append({key: opinion[key] for key in SHOWN})
        else:
            problems.append(_say_unknown(path.name, row, name))
    if problems:
        raise DataError(problems)
    return said


def _say_unknown(file: str, row: int, name: str) -> Message:
    column = COLUMNS["community"][0]
    if not name:
        return Message(
            f"{file}: row {row} names no community (column {column.en})",
            f"{file}：第 {row} 行没有填写社区（{column.zh}列）",
        )
    return Message(
        f"{file}: row {row}: the result has no community “{name}” (column {column.en})",
        f"{file}：第 {row} 行：成果中没有社区“{name}”（{column.zh}列）",
    )


def _read(path: Path) -> pd.DataFrame:
    """Read the rows that hold anything, in whichever language the table was made; the index numbers them as seen."""
    keys, problems = ["community", *SHOWN], list[Message]()
    for language in ("zh", "en"):
        words = {getattr(COLUMNS[key][0], language): key for key in keys}
        source = Source(path=path.absolute(), layer=getattr(SHEET, language))
        try:
            table = read_table(source, words, key=OPINIONS, notes=[])
        except DataError as error:
            if _is_unfilled(source, words):
                return pd.DataFrame(columns=keys)
            problems += [message for message in error.problems if message not in problems]
        else:
            said: pd.DataFrame = table[list(words)].rename(columns=words).fillna("").astype(str)
            for key in keys:
                said[key] = said[key].str.strip()
            return said
    raise DataError(problems)


def _is_unfilled(source: Source, words: Collection[str]) -> bool:
    """Whether a sheet has its headings alone, which GDAL takes for a row."""
    if source.path.suffix.lower() not in SHEETS:
        return False
    try:
        rows = pyogrio.read_dataframe(source.path, layer=source.layer, read_geometry=False, HEADERS="DISABLE")
    except (DataSourceError, DataLayerError, ValueError):
        return False
    return len(rows) == 1 and set(words) <= set(rows.iloc[0].tolist())
