"""A result without a bound: it says so everywhere, and judge, remake and certificate pass it."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.report.summary import Report
from redistrict.scenario import load_scenario

from .small_town import make_blocks, write_scenario


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Give the report of a run that asks for no bound and proves nothing."""
    folder = tmp_path_factory.mktemp("town")
    make_blocks().to_file(folder / "b.gpkg")
    path = write_scenario(folder, {"{effort: 0.05,": "{effort: 0.01, method: search, bound: none,"})
    return run(load_scenario(path), out=folder / "out")


def test_it_says_that_nothing_is_bounded(report: Report) -> None:
    """In the report, at the end of the run, on the map and in the workbook."""
    assert report.folder is not None
    out = Path(report.folder)
    told = json.loads((out / "report.json").read_bytes())
    assert (told["status"], told["stopped_by"], told["bound"], told["gap"]) == ("FEASIBLE", "effort", None, None)
    assert told["bound_covers"]["en"].startswith("The scenario asks for no bound (solve.bound: none)")
    assert any("no bound asked for" in message.en for message in report.messages())
    page = (out / "map.html").read_text(encoding="utf-8")
    assert page.count('"\u2014"') + page.count('"\\u2014"') >= 2
    book = openpyxl.load_workbook(out / "report.xlsx", read_only=True)
    rows = {str(row[0]): row[1:] for row in book.worksheets[0].values if row[0]}
    assert not any(next(row for name, row in rows.items() if "Lower bound" in name))


def test_it_is_judged_and_made_again(report: Report) -> None:
    """The judge finds nothing wrong, every file is made again, and the certificate's checker agrees."""
    assert report.folder is not None
    verdict = verify(Path(report.folder))
    assert verdict.violations == ()
    assert not any("(the bound)" in message.en for message in verdict.not_checked)
    checker = Path(report.folder) / "certificate" / "check_certificate.py"
    done = subprocess.run([sys.executable, str(checker)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
