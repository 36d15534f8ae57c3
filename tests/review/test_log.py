"""The log of a review: what is in it stays, once, and belongs to one result and one process at a time."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from redistrict.errors import OutputError
from redistrict.review.desk import Desk
from redistrict.review.log import opened
from redistrict.review.server import log_of, serve_review
from redistrict.review.state import Event
from tests.jobs.small_town import W1

from .browser import Browser

Serve = Callable[..., Browser]


def test_the_log_keeps_what_it_has(out: Path, desk: Desk) -> None:
    """Written ahead, to the disk; neither a number nor an id stands in it twice."""
    event = Event(1, "a", "2026", "王", 0, "undo", {})
    with opened(log_of(out), desk.digest) as log:
        log.append(event)
        for again in (replace(event, id="b"), replace(event, n=2)):
            with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
                log.append(again)
        assert log.read() == [event]
        pragmas = [log.file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        assert pragmas == ["wal", 2]


@pytest.mark.parametrize("name", ["out", "out.txt/log"])
def test_a_place_that_cannot_be_written_is_told(out: Path, name: str) -> None:
    """A folder where the log should be, and a file where its folder should be."""
    (out.parent / "out.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"), opened(out.parent / name, "digest"):
        pass


def test_a_log_of_other_data_is_refused(out: Path, desk: Desk, serve: Serve) -> None:
    """The digest stands in every row; an empty log is anybody's."""
    browser = serve(out)
    browser.post("paint", blocks=["B20"], community=W1)
    browser.end()
    with pytest.raises(OutputError, match="another result"), opened(log_of(out), "other"):
        pass
    with opened(log_of(out), desk.digest) as log:
        assert len(log.read()) == 1


def test_a_second_review_and_a_taken_port_are_told(out: Path, serve: Serve) -> None:
    """One process at a time has a log open; a port in use is named."""
    browser = serve(out)
    ask = "import sys; from pathlib import Path; from redistrict.review.log import opened\n"
    ask += "with opened(Path(sys.argv[1]), 'x'): pass"
    second = subprocess.run([sys.executable, "-c", ask, log_of(out)], capture_output=True, text=True, check=False)
    assert "OutputError: Another run is writing" in second.stderr
    with pytest.raises(OutputError, match="cannot be used"):
        serve_review(out, port=browser.address.port or 0, opinions=None, on_ready=lambda *_: None)
