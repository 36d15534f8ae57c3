"""Swap: whatever the moment a process dies, no result and no file of the user's is lost, and nothing is left over."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from redistrict.errors import OutputError
from redistrict.report import swap
from redistrict.report.delivery import check_free, claimed, delivered_whole

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of this process")


def _write(folder: Path, word: str, names: tuple[str, ...] = ("report.json", "pictures/a.png")) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(word, encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"files": dict.fromkeys(names)}), encoding="utf-8")


def _old_result(out: Path) -> Path:
    """Make a result in whose folder the user keeps a letter and a photo."""
    _write(out, "old", ("report.json", "pictures/a.png", "gone.csv"))
    (out / "letter.txt").write_text("dear", encoding="utf-8")
    (out / "photos").mkdir()
    (out / "photos" / "b.jpg").write_text("smile", encoding="utf-8")
    return out


def _read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


USERS = {"letter.txt": "dear", "photos/b.jpg": "smile"}
OLD = {"report.json": "old", "pictures/a.png": "old", "gone.csv": "old"}
NEW = {"report.json": "new", "pictures/a.png": "new"}


def _deliver(out: Path) -> None:
    with delivered_whole(out, overwrite=True) as folder:
        _write(folder, "new")


def _die_at(line: int, out: Path) -> bool:
    """Deliver in a copy of this process that dies at so many different lines of the swap; tell whether it did."""
    child = os.fork()
    if child == 0:
        seen = set()

        def count(frame: FrameType, event: str, _: object) -> Any:
            if frame.f_code.co_filename != swap.__file__:
                return None
            if event == "line":
                seen.add(frame.f_lineno)
            if len(seen) == line:
                os._exit(9)
            return count

        sys.settrace(count)
        _deliver(out)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def _all_deaths(tmp_path: Path) -> Iterator[Path]:
    """Let a delivery die at every line of the swap in turn, and give the place it should have gone to."""
    for line in range(1, 10_000):
        out = _old_result(tmp_path / str(line) / "out")
        if not _die_at(line, out):
            assert line > 40
            return
        yield out


@needs_fork
@pytest.mark.parametrize(
    "one_step", [pytest.param(True, marks=pytest.mark.slow(covers=["redistrict/report/swap.py"])), False]
)
def test_a_swap_that_dies_at_any_line_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_step: bool
) -> None:
    """The old result stands there or the new one, whole, with all the user keeps there; the next start leaves no rest.

    Where names are exchanged in one step, that holds at the moment of death already.
    """
    if one_step and not _can_exchange(tmp_path):
        pytest.skip("this system cannot exchange two names in one step")
    if not one_step:
        monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    for out in _all_deaths(tmp_path):
        at_death = _read(out) if out.exists() else None
        with claimed(out, overwrite=True):
            pass
        assert _read(out) in (OLD | USERS, NEW | USERS)
        assert at_death == _read(out) or not one_step
        assert {path.name for path in out.parent.iterdir()} <= {"out", ".out.previous"}
        shutil.rmtree(out.parent)


def _can_exchange(folder: Path) -> bool:
    one, two = folder / "one", folder / "two"
    one.mkdir()
    two.mkdir()
    return swap._exchange(one, two)


@pytest.mark.parametrize("one_step", [True, False])
def test_only_results_are_replaced_and_those_before_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_step: bool
) -> None:
    """What the user keeps in the folder stays there, also a link; the results before are beside it, once."""
    if not one_step:
        monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    out = _old_result(tmp_path / "out")
    (out / "link").symlink_to("letter.txt")
    _deliver(out)
    assert _read(out) == NEW | USERS | {"link": "dear"}
    assert (out / "link").is_symlink()
    assert _read(tmp_path / ".out.previous") == OLD
    _deliver(out)
    assert _read(tmp_path / ".out.previous") == NEW
    assert {path.name for path in tmp_path.iterdir()} == {"out", ".out.previous"}


def test_a_file_of_the_users_with_the_name_of_a_result_is_not_replaced(tmp_path: Path) -> None:
    """New results that would cover it are kept beside the old ones."""
    out = tmp_path / "out"
    _write(out, "old", ("report.json",))
    (out / "pictures").mkdir()
    (out / "pictures" / "a.png").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"pictures.a\.png is yours.*new results are in"):
        _deliver(out)
    assert _read(out) == {"report.json": "old", "pictures/a.png": "mine"}
    (beside,) = tmp_path.glob("out-*")
    assert _read(beside) == NEW


def test_an_index_that_another_program_made_does_not_stay_with_new_layers(tmp_path: Path) -> None:
    """A spatial index of the old shapefile would mislead whoever reads the new one."""
    out = tmp_path / "out"
    _write(out, "old", ("report.json", "a.shp", "a.gpkg"))
    for name in ("a.qix", "a.shp.xml", "a.gpkg-wal", "b.qix", "a.docx"):
        (out / name).write_text("x", encoding="utf-8")
    _deliver(out)
    assert _read(out) == NEW | {"b.qix": "x", "a.docx": "x"}


def test_a_pack_of_the_old_plan_does_not_stay_with_the_new_one(tmp_path: Path) -> None:
    """A pack in the result folder goes with the results it was made of; a letter of the office in it stays."""
    out = _old_result(tmp_path / "out")
    (out / "pack").mkdir()
    (out / "pack" / "pack_zh.pdf").write_text("old", encoding="utf-8")
    (out / "pack" / "pack.json").write_text('{"pack": {"pack_zh.pdf": "1234"}}', encoding="utf-8")
    (out / "pack" / "letter.txt").write_text("dear", encoding="utf-8")
    _deliver(out)
    assert _read(out) == NEW | USERS | {"pack/letter.txt": "dear"}


def test_a_manifest_says_which_inputs_may_stand_in_the_folder(tmp_path: Path) -> None:
    """Data of the user's own in the folder are safe; a file of the result would be replaced while it is read."""
    out = _old_result(tmp_path / "out")
    check_free(out, overwrite=True, inputs=[out / "letter.txt"])
    with pytest.raises(OutputError, match=r"holds the input file gone\.csv"):
        check_free(out, overwrite=True, inputs=[out / "gone.csv"])


def test_a_second_process_is_refused_at_once(tmp_path: Path) -> None:
    """While one process has claimed a place, another one is told so; afterwards nothing of the lock is left."""
    code = (
        "import sys; from pathlib import Path; from redistrict.errors import OutputError\n"
        "from redistrict.report.delivery import claimed\n"
        "try:\n    with claimed(Path(sys.argv[1]), overwrite=True): print('free')\n"
        "except OutputError as error: print(error)"
    )

    def try_it() -> str:
        return subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "out")], capture_output=True, text=True, check=True
        ).stdout

    with claimed(tmp_path / "out", overwrite=True), claimed(tmp_path / "out", overwrite=True):
        assert "Another run is writing to" in try_it()
    assert try_it() == "free\n"
    assert list(tmp_path.iterdir()) == []


def test_folders_made_for_nothing_are_removed(tmp_path: Path) -> None:
    """A run that ends before anything is written leaves no empty folders."""
    with pytest.raises(ZeroDivisionError), claimed(tmp_path / "a" / "b" / "out", overwrite=False):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
