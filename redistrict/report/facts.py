"""A finished result folder read back with its tables, as papers are made from it."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from redistrict.errors import OutputError
from redistrict.geo.start import GUARD
from redistrict.messages import Message
from redistrict.report.provenance import file_sha256
from redistrict.report.result_folder import ResultFolder, list_missing, read_result
from redistrict.report.swap import PACK

_TABLES = ("staffing", "premises", "lineage", "bounds", "boundaries", "boundary_points", "rules", "grid_list")
_NEEDED = ("scenario.yaml", "plan.csv", "report.json", "communities.gpkg", "staffing.csv", "bounds.csv", "rules.csv")

Row = dict[str, str]


@dataclass(frozen=True, eq=False)
class Facts(ResultFolder):
    """The files of a result with its tables.

    Attributes
    ----------
    tables : dict of str to list of dict
        Rows of the CSV files as text; no rows where a file is not there.
    """

    tables: dict[str, list[Row]]

    def rows_of(self, table: str, community: str, *, key: str = "community_id") -> list[Row]:
        """Give the rows of a table that are about one community."""
        return [row for row in self.tables[table] if row[key] == community]


def read_facts(folder: Path) -> Facts:
    """Read a result folder.

    Raises
    ------
    OutputError
        Naming the files that are not there.
    """
    missing = list_missing(folder, _NEEDED)
    if missing:
        raise OutputError(
            Message(
                f"{folder} lacks {', '.join(missing)}: it is not a finished result; run the scenario again.",
                f"{folder} 缺少 {'、'.join(missing)}，不是完整的成果；请重新运行方案。",
            )
        )
    tables = [name for name in _TABLES if (folder / f"{name}.csv").is_file()]
    result = read_result(folder, list(dict.fromkeys([*_NEEDED, *(f"{name}.csv" for name in tables)])))
    return Facts(
        report=result.report,
        communities=result.communities,
        blocks=result.blocks.fillna({"name": ""}),
        digests=result.digests,
        tables={name: _read_rows(folder / f"{name}.csv") if name in tables else [] for name in _TABLES},
    )


def _read_rows(path: Path) -> list[Row]:
    """Read a table as text, without the apostrophe that keeps a spreadsheet from seeing a formula."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows = table.replace(GUARD, "", regex=True).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def write_digests(folder: Path, sources: dict[str, object]) -> None:
    """Write what papers were made from, and their own files with SHA-256, by which they are known as ours."""
    own = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps(sources | {"pack": own}, ensure_ascii=False, indent=1)
    (folder / PACK).write_text(text + "\n", "utf-8", newline="\n")
