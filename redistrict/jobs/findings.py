"""Findings: what `check` says, with all that is odd about the blocks, as JSON and as a page with a map."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from redistrict.errors import DataError
from redistrict.geo.findings import Examination, examine_blocks, to_json
from redistrict.jobs.check import check
from redistrict.messages import Language
from redistrict.report.check import CheckReport
from redistrict.report.findings.page import write_findings
from redistrict.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Examined:
    """What `check` gives or refuses, beside what was found in the shapes of the blocks."""

    outcome: CheckReport | DataError
    examination: Examination

    def report(self) -> CheckReport:
        """Give what `check` gives; raises the `DataError` with which it refuses."""
        if isinstance(self.outcome, DataError):
            raise self.outcome
        return self.outcome

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        found = self.examination.findings
        places = gpd.GeoSeries([one.place.representative_point() for one in found], crs=self.examination.blocks.crs)
        findings = [to_json(one, at) for one, at in zip(found, places.to_crs(4326), strict=True)]
        if isinstance(self.outcome, CheckReport):
            return self.outcome.to_json() | {"findings": findings}
        problems = [message._asdict() for message in self.outcome.problems]
        return {"ok": False, "problems": problems, "findings": findings}


def examine(scenario: Scenario, *, page: Path | None, language: Language) -> Examined:
    """Do what `check` does, and list what is odd about the blocks even where they are refused.

    Parameters
    ----------
    page : Path or None
        HTML file to write the findings to, with a map.

    Raises
    ------
    DataError, ScenarioError
        If the blocks cannot be read at all, or the scenario contradicts itself.
    OutputError
        If the page cannot be written.
    """
    examination = examine_blocks(scenario.data)
    try:
        outcome: CheckReport | DataError = check(scenario)
    except DataError as error:
        outcome = error
    if page is not None:
        notes = outcome.notes if isinstance(outcome, CheckReport) else ()
        write_findings(page, scenario.heading, examination, outcome.problems, notes, language=language)
    return Examined(outcome, examination)
