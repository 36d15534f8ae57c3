"""`redistrict review`: what it prints and opens, what it refuses, and how it ends."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from redistrict.review.server import log_of
from tests.jobs.small_town import W1, tell

from .browser import Browser

ADDRESS = "http://127.0.0.1:8123/secret/"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give a list of what is served and opened, by stand-ins."""
    seen: list[Any] = []

    def serve_review(folder: Path, *, port: int, opinions: Path | None, on_ready: Any, on_wait: Any) -> None:
        seen.append((folder, port, opinions))
        on_ready(ADDRESS, None)
        on_wait()

    monkeypatch.setattr("redistrict.review.server.serve_review", serve_review)
    monkeypatch.setattr("webbrowser.open", seen.append)
    return seen


def test_the_address_is_printed_and_opened(opened: list[Any]) -> None:
    """The browser is this machine's own; `--no-browser` leaves it alone."""
    code, said = tell("review", "out")
    assert (code, ADDRESS in said) == (0, True)
    assert "still being written" in said
    code, said = tell("review", "out", "--no-browser", "--port", "8123", "--opinions", "o.xlsx")
    assert (code, ADDRESS in said) == (0, True)
    assert opened == [(Path("out"), 0, None), ADDRESS, (Path("out"), 8123, Path("o.xlsx"))]


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else of redistrict needs these libraries."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    code, said = tell("review", "out")
    assert (code, 'python -m pip install "redistrict[review]"' in said) == (1, True)


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    """A folder that is not there, and one that holds something else."""
    code, said = tell("review", tmp_path / "none", "--no-browser")
    assert (code, "There is no result folder" in said) == (3, True)
    code, said = tell("review", tmp_path, "--no-browser")
    assert (code, "is not a result folder" in said) == (3, True)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow(covers=["redistrict/review/server.py", "redistrict/cli/app.py", "redistrict/cli/signals.py"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_while_somebody_listens(town: Path, number: signal.Signals) -> None:
    """With exit code 130, at once, and with nothing left of the log but one file."""
    command = [sys.executable, "-m", "redistrict", "--language", "en", "review", str(town / "out"), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    browser = Browser(process.stdout.readline().strip())
    assert browser.post("paint", blocks=["B20"], community=W1).status == 201
    with browser.listen() as stream:
        stream.readline()
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, "Interrupted." in said) == (130, True)
    assert "Traceback" not in said
    left = [path.name for path in town.iterdir() if "review.sqlite" in path.name]
    log_of(town / "out").unlink()
    assert left == ["out.review.sqlite"]
