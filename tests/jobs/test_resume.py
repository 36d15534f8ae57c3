"""A run that was killed goes on where it was, and a run may start from any plan."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from redistrict.errors import DataError
from redistrict.jobs.run import run
from redistrict.scenario import load_scenario
from redistrict.solver.tasks.journal import Journal, fingerprint

from .test_run import make_town

pytestmark = pytest.mark.first
SEARCH = ("solve.method=search", "solve.effort=0.1", "solve.workers=1")
SLOW = pytest.mark.slow(covers=["redistrict/jobs/", "redistrict/solver/"])


def unfinished(folder: Path) -> list[Path]:
    """Give what is kept of runs that did not finish."""
    return sorted(folder.glob(".*.unfinished-*/*.npz"))


def kill_after(n_kept: int, town: Path, out: Path) -> bool:
    """Start a run, and kill it once it has kept so much; tell whether it was killed in time."""
    options = [word for value in SEARCH for word in ("--set", value)]
    command = [sys.executable, "-m", "redistrict", "run", str(town), "--out", str(out), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(unfinished(out.parent)) < n_kept:
        time.sleep(0.005)
    process.kill()
    return process.wait() != 0


@pytest.mark.parametrize("n_kept", [pytest.param(n, marks=SLOW) for n in (1, 9, 20)])
def test_a_killed_run_resumes_and_ends_with_the_same_plan(n_kept: int, tmp_path: Path) -> None:
    """Killed early, in the middle or late, the next run takes up what is kept and writes the very same plan."""
    town = make_town(tmp_path)
    whole, resumed = tmp_path / "whole", tmp_path / "killed" / "again"
    run(load_scenario(town, overrides=SEARCH), out=whole)
    assert kill_after(n_kept, town, resumed)
    assert len(unfinished(resumed.parent)) >= n_kept
    assert not resumed.exists()
    phases: list[str] = []
    run(load_scenario(town, overrides=SEARCH), out=resumed, on_progress=lambda p: phases.append(p.phase.en))
    assert "Going on from what an unfinished run has found" in phases
    assert (resumed / "plan.csv").read_bytes() == (whole / "plan.csv").read_bytes()
    assert not list(resumed.parent.glob(".*"))


def test_what_another_question_has_found_is_not_used(tmp_path: Path) -> None:
    """A journal belongs to one question: another one, or a file that was cut off, gives nothing."""
    journal = Journal(tmp_path / "out", "a")
    journal.keep((1, 2), {"best": np.arange(3)})
    assert np.array_equal((journal.recall((1, 2)) or {})["best"], np.arange(3))
    next((tmp_path / ".out.unfinished-a").glob("*.npz")).write_bytes(b"PK\x03\x04 torn")
    assert journal.recall((1, 2)) is None
    assert journal.recall((1, 3)) is None
    other = Journal(tmp_path / "out", "b")
    assert other.n_kept == 0
    assert not (tmp_path / ".out.unfinished-a").exists()
    assert fingerprint(np.arange(3), 1) == fingerprint(np.arange(3), 1) != fingerprint(np.arange(3), 2)


@SLOW
def test_a_run_starts_from_a_plan_and_is_never_worse(tmp_path: Path) -> None:
    """From the plan of a long search a short one is at least as good, and the plan is among the inputs."""
    town = make_town(tmp_path)
    long = run(load_scenario(town, overrides=["solve.method=search", "solve.effort=0.01"]), out=tmp_path / "long")
    start = [f"data.start.path={json.dumps(str(tmp_path / 'long' / 'plan.csv'))}"]
    short = ["solve.method=search", "solve.effort=0.002"]
    again = run(load_scenario(town, overrides=[*short, *start]), out=tmp_path / "again")
    assert again.result.cost is not None
    assert long.result.cost is not None
    assert again.result.cost <= long.result.cost
    assert "data.start" in [row["key"] for row in again.provenance["inputs"]]


def test_a_start_that_knows_no_block_is_refused(tmp_path: Path) -> None:
    """A plan of another city is no start; the message shows both kinds of keys."""
    town = make_town(tmp_path)
    (tmp_path / "other.csv").write_text("block_id,community_id\nX1,a\nX2,b\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"none of the blocks.*X1.*000"):
        run(load_scenario(town, overrides=["data.start.path=other.csv"]), out=tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="signals to another process are of Unix")
@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("SIGINT", "Reading the data"),
        pytest.param("SIGHUP", "Reading the data", marks=SLOW),
        pytest.param("SIGTERM", "; cost ", marks=SLOW),
    ],
)
def test_being_told_to_end_is_like_ctrl_c(name: str, phase: str, tmp_path: Path) -> None:
    """While reading nothing is left behind; while searching the best plan so far is delivered. Either way: exit 130."""
    town, out = make_town(tmp_path), tmp_path / "results" / "out"
    options = [word for value in ("solve.method=search", "solve.effort=50") for word in ("--set", value)]
    command = [sys.executable, "-m", "redistrict", "--language", "en", "run", str(town), "--out", str(out), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if phase in line:
            process.send_signal(getattr(signal, name))
            break
    said = process.communicate()[1]
    assert process.returncode == 130
    assert "Traceback" not in said
    if phase == "; cost ":
        assert json.loads((out / "report.json").read_bytes())["stopped_by"] == "interrupt"
    else:
        assert "Interrupted" in said
        assert not out.parent.exists()
