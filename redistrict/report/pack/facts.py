"""What a finished result folder says, read back as values."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from redistrict.errors import OutputError
from redistrict.messages import Language, Message
from redistrict.report.pack.drawings import Ground
from redistrict.report.result_folder import ResultFolder, list_missing, read_result
from redistrict.report.tables.diagnosis import DiagnosisReport
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack

_GUARD = re.compile(r"\A'(?='*[=+\-@＝＋－＠\t\r])")
_TABLES = ("staffing", "premises", "lineage", "bounds", "boundaries", "boundary_points", "rules")
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


@dataclass(frozen=True, eq=False)
class Matter:
    """Everything the pack is made of.

    Attributes
    ----------
    scenario : Scenario
    facts : Facts
    ground : Ground
    today : DiagnosisReport or None
        None where the data do not say which communities there are today.
    histogram : Path or None
        Picture of the sizes of today's communities.
    packs : tuple of RulePack
    language : {"zh", "en"}
    """

    scenario: Scenario
    facts: Facts
    ground: Ground
    today: DiagnosisReport | None
    histogram: Path | None
    packs: tuple[RulePack, ...]
    language: Language

    def say(self, en: str, zh: str) -> str:
        """Give a text in the pack's language."""
        return self.tell(Message(en, zh))

    def tell(self, words: Message) -> str:
        """Give a message in the pack's language."""
        return words.in_language(self.language)

    def pick(self, both: dict[str, str]) -> str:
        """Give a sentence of `report.json` in the pack's language."""
        return self.say(both["en"], both["zh"])

    @property
    def title(self) -> str:
        """Name of the plan."""
        return self.tell(self.scenario.heading)

    @property
    def warning(self) -> str:
        """What every reader must know of the data; "" if nothing."""
        label = self.scenario.data.label
        return self.tell(label.message) if label else ""


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
    rows = table.replace(_GUARD, "", regex=True).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
