"""Opinions: the table of the public notice, filled in, shown beside the communities that it names."""

from pathlib import Path

import pandas as pd

from redistrict.errors import DataError
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
    for row in table[table["text"] != ""].to_dict("records"):
        name = row["community"]
        if name not in key_of:
            raise DataError(
                Message(
                    f"{path.name}: the result has no community “{name}” (column {COLUMNS['community'][0].en})",
                    f"{path.name}：成果中没有社区“{name}”（{COLUMNS['community'][0].zh}列）",
                )
            )
        said.setdefault(key_of[name], []).append({key: row[key] for key in SHOWN})
    return said


def _read(path: Path) -> pd.DataFrame:
    """Read the table, in whichever language it was made."""
    keys, problems = ["community", *SHOWN], list[Message]()
    for language in ("zh", "en"):
        words = {getattr(COLUMNS[key][0], language): key for key in keys}
        source = Source(path=path.absolute(), layer=getattr(SHEET, language))
        try:
            table = read_table(source, words, key="--opinions", notes=[])
        except DataError as error:
            problems += [message for message in error.problems if message not in problems]
        else:
            return table[list(words)].rename(columns=words).fillna("").astype(str)
    raise DataError(problems)
