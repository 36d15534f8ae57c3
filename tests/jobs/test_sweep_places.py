"""Where a sweep says that its points lie: no forged name, link or pipe leads the judge or a later sweep elsewhere."""

import json
import os
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redistrict.errors import OutputError
from redistrict.jobs.sweep import make_sweep
from redistrict.jobs.sweep_points import foresee_sweep, lay_out
from redistrict.jobs.verify import verify
from redistrict.judge.sweep_places import is_plain
from redistrict.messages import Message
from redistrict.report.sweep.record import Entry, Record, State, is_folder_name, write_record
from redistrict.scenario.points import Point, load_points
from tests.scenario.refusals import SMALLEST

ODD_NAMES = {
    "up": "../..",
    "up and back": "../points/a",
    "here": ".",
    "down": "a/b",
    "absolute": "/etc",
    "drive": "C:evil",
    "backslash": "..\\..\\evil",
    "share": "\\\\host\\share",
    "nul": "a\0b",
    "device": "CON",
    "device with an ending": "nul.txt",
    "device with a small digit": "COM¹",
    "hidden": ".a.previous",
    "dot at the end": "a.",
    "blank at the end": "a ",
    "right to left": "a\u202eb",
    "half a letter": "a\ud800",
    "too long": "a" * 201,
    "a number": 7,
    "nothing": None,
    "a list": ["a"],
}


@pytest.fixture
def points(tmp_path: Path) -> tuple[Point, ...]:
    """Give two points."""
    (tmp_path / "s.yaml").write_text(SMALLEST + "sweep: {grid: {solve.seed: [1, 2]}}\n", encoding="utf-8")
    return load_points(tmp_path / "s.yaml")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Make the folder of a sweep of two points, of which the first is said to have a plan, in `a`."""
    out = tmp_path / "out"
    (out / "points" / "a").mkdir(parents=True)
    entries = (Entry(1, {"solve.seed": 1}, "q1", State.DONE, "a"), Entry(2, {"solve.seed": 2}, "q2"))
    write_record(out / "sweep.json", Record("town", Message("Town", "小镇"), None, "both", entries))
    for name in ("sweep.csv", "sweep.html"):
        (out / name).write_text("", encoding="utf-8")
    return out


def list_all(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("folder", ODD_NAMES.values(), ids=ODD_NAMES)
def test_names_that_lead_out_of_the_sweep_are_refused(out: Path, points: tuple[Point, ...], folder: object) -> None:
    """The judge names the point and reads nothing else; a sweep that would go on there says so and writes nothing."""
    record = json.loads((out / "sweep.json").read_bytes())
    record["points"][0]["folder"] = folder
    (out / "sweep.json").write_text(json.dumps(record), encoding="utf-8")
    there = list_all(out)
    found = verify(out)
    (fault,) = found.violations
    assert fault.message.en.startswith("sweep.json: the folder of point 1 is '")
    assert fault.message.zh.startswith("sweep.json：第 1 点的文件夹为“")
    assert [one.en.partition(":")[0] for one in found.not_checked] == ["everything else"]
    for go_on in (make_sweep, foresee_sweep):
        with pytest.raises(OutputError, match=r"the folder of point 1 is .*no plain name in points") as caught:
            go_on(points, out=out)
        assert "第 1 点的文件夹为" in caught.value.problems[0].zh
    assert list_all(out) == there


@settings(max_examples=50)
@given(st.text(max_size=8) | st.sampled_from(list(ODD_NAMES.values())))
def test_sweep_and_judge_take_the_same_names(name: object) -> None:
    """What the one writes the other reads: names that lead one step down, and no more, on every system."""
    assert is_folder_name(name) == is_plain(name)
    if isinstance(name, str) and is_plain(name):
        assert PureWindowsPath("points", name).parts == PurePosixPath("points", name).parts == ("points", name)


def test_a_sweep_is_no_point(out: Path) -> None:
    """A folder of a point that says it is a sweep itself, of one point without a plan, passes for no result."""
    inner = out / "points" / "a"
    entries = (Entry(1, {"solve.seed": 1}, "q1", State.INFEASIBLE),)
    write_record(inner / "sweep.json", Record("town", Message("Town", "小镇"), None, "both", entries))
    (inner / "sweep.csv").write_text("point,folder,status\n1,,INFEASIBLE\n", encoding="utf-8")
    (inner / "scenario.yaml").write_text(SMALLEST, encoding="utf-8")
    assert verify(out).violations[0].message.en.startswith("points/a: ")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("name", ["points", "points/a", "sweep.csv", "sweep.html", "sweep.json"])
def test_links_are_not_followed(out: Path, points: tuple[Point, ...], name: str) -> None:
    """A link in place of a file or folder of the sweep is named; no sweep goes on where it leads."""
    elsewhere = (out / name).rename(out.parent / "elsewhere")
    (out / name).symlink_to(elsewhere)
    (fault,) = verify(out).violations
    assert fault.message.en.startswith(f"{name} is a link")
    if name.startswith("points"):
        with pytest.raises(OutputError, match=f"{name} is a link"):
            make_sweep(points, out=out)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_what_a_killed_sweep_left_half_written_is_no_hindrance(tmp_path: Path, points: tuple[Point, ...]) -> None:
    """A sweep killed before its record was in place goes on, and writes through no link that bears the half's name."""
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.write_text("mine", encoding="utf-8")
    out.mkdir()
    (out / ".sweep.json.part").symlink_to(mine)
    found = make_sweep(points, out=out)
    assert [entry.state for entry in found.record.entries] == [State.REFUSED] * 2  # there are no data
    assert mine.read_text(encoding="utf-8") == "mine"
    assert list_all(out) == ["sweep.csv", "sweep.html", "sweep.json"]


def test_a_search_whose_time_was_up_goes_on(out: Path, points: tuple[Point, ...]) -> None:
    """What was searched without a plan is known; but where tasks are kept, it was cut short, and is asked again."""
    (first,) = {entry.question for entry in lay_out(points[:1], out).record.entries}
    entries = (Entry(1, {"solve.seed": 1}, first, State.NOT_FOUND),)
    write_record(out / "sweep.json", Record("town", Message("Town", "小镇"), None, "both", entries))
    assert lay_out(points[:1], out).record.entries[0].state is State.NOT_FOUND
    kept = out / "points" / ".seed-1.unfinished-1234"
    kept.mkdir()
    (kept / "0.npz").write_bytes(b"")
    assert lay_out(points[:1], out).record.entries[0].state is State.OPEN


@pytest.mark.parametrize("n_written", [0, 1, 2, 4, 8])
def test_a_sweep_cut_off_between_any_two_files_goes_on(
    tmp_path: Path, points: tuple[Point, ...], monkeypatch: pytest.MonkeyPatch, n_written: int
) -> None:
    """Record, table and page are written three times; cut off before any is in place, the next call ends it."""
    make_sweep(points, out=tmp_path / "whole")
    written: list[int] = []

    def cut_off(number: int) -> None:
        written.append(number)
        if len(written) > n_written:
            raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", cut_off)
    with pytest.raises(KeyboardInterrupt):
        make_sweep(points, out=tmp_path / "out")
    monkeypatch.undo()
    make_sweep(points, out=tmp_path / "out")
    assert list_all(tmp_path / "out") == list_all(tmp_path / "whole")
    for name in ("sweep.csv", "sweep.html"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are of Unix")
def test_pipes_are_not_waited_for(out: Path) -> None:
    """A pipe in place of the table or a point is named."""
    (out / "points" / "a").rmdir()
    (out / "sweep.csv").unlink()
    os.mkfifo(out / "points" / "a")
    os.mkfifo(out / "sweep.csv")
    assert [one.found for one in verify(out).violations] == ["points/a is a link", "sweep.csv is a link"]
