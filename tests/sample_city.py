"""The report's scenarios on the sample city, each run once for all tests and all processes of a session."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import redistrict

SCENARIOS = Path(__file__).parents[1] / "scenarios"
EFFORT = {"huangshi_redraw": 0.002, "huangshi_stable": 0.004, "huangshi_strict_roads": 0.003, "huangshi_growth": 0.01}
"""How short the search is kept; the others are proved, or search nothing."""


class SampleCity:
    """Runs a scenario when it is first asked for; a process that asks meanwhile waits for the result.

    A result folder is moved into place whole, so the one that is there is complete.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def __getitem__(self, name: str) -> Path:
        out = self.folder / name
        with FileLock(self.folder / f"{name}.lock"):
            if not out.exists():
                overrides = [f"solve.effort={EFFORT.get(name, 1)}", "solve.time_limit_s=900"]
                scenario = redistrict.load_scenario(SCENARIOS / f"{name}.yaml", overrides=overrides)
                redistrict.run(scenario, out=out)
        return out

    def report(self, name: str) -> dict[str, Any]:
        """Give the report of a run."""
        report: dict[str, Any] = json.loads((self[name] / "report.json").read_text(encoding="utf-8"))
        return report


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Give the temporary folder of the session, which the processes of pytest-xdist have in common."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
