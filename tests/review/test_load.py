"""Five editors and fifty readers at once: no error, and everybody is told of everything (`bench/review_load.py`)."""

from collections.abc import Callable
from pathlib import Path

from tests.bench.review_load import press

from .browser import Browser


def test_many_at_once_are_all_told(serve: Callable[[Path], Browser], tmp_path: Path) -> None:
    """For a second; edits on a stale state are refused and made again, none is lost, and no answer is an error."""
    browser = serve(tmp_path / "out")
    outcome = press(browser.address.geturl(), seconds=1.0, n_editors=5, n_readers=50, pause_s=0.1)
    assert outcome.errors == []
    assert outcome.untold == 0
    assert outcome.saved
    assert len(outcome.saved) == outcome.statuses[201]
    assert browser.state()["event"] == len(outcome.saved) + 1
