"""The notebooks, run as scripts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.first
FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(path for path in FOLDER.glob("*.py") if "# %%" in path.read_text("utf-8"))

LONG = ("comparing", "first_run", "many_plans", "your_own_city")
SLOW = pytest.mark.slow(
    covers=["notebooks/", "redistrict/report/compare/", "redistrict/jobs/", "redistrict/solver/ensemble/"]
)
RUN = [pytest.param(path, marks=[SLOW] * (path.stem in LONG), id=path.stem) for path in NOTEBOOKS]


@pytest.mark.parametrize("notebook", RUN)
def test_a_notebook_runs_from_top_to_bottom(notebook: Path, tmp_path: Path) -> None:
    """Every notebook runs as it stands, in any folder, and leaves nothing but a result in the temporary folder."""
    temporary = {name: str(tmp_path) for name in ("TMPDIR", "TEMP", "TMP")}
    environment = {**os.environ, **temporary, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(notebook)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("redistrict-*/results/**/map.html"))) > 0
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("redistrict-")] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_explains_in_both_languages(notebook: Path) -> None:
    """Every notebook opens with a heading in Chinese and English."""
    heading = next(line for line in notebook.read_text("utf-8").splitlines() if line.startswith("# # "))
    chinese, _, english = heading.removeprefix("# # ").partition(" · ")
    assert not chinese.isascii()
    assert english.isascii()
