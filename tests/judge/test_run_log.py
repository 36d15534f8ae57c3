"""The log of runs beside a result, as the judge reads it."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.judge import judge_run_log

WHEN = "2026-11-26T08:00:00+00:00"


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """Give a folder with a manifest, and no log beside it yet."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_bytes(b"{}")
    return tmp_path / "out"


def write_log(result: Path, *entries: dict[str, str] | bytes, end: bytes = b"\n") -> None:
    """Write entries, each tied to the line before it; what is bytes stands as it is."""
    lines: list[bytes] = []
    manifest = hashlib.sha256((result / "manifest.json").read_bytes()).hexdigest()
    for entry in entries:
        previous = hashlib.sha256(lines[-1]).hexdigest() if lines else "0" * 64
        tied = {"n": len(lines) + 1, "previous": previous, "at": WHEN, "manifest": manifest, "state": "done"}
        lines.append(entry if isinstance(entry, bytes) else json.dumps(tied | entry, ensure_ascii=False).encode())
    (result.parent / "runs.jsonl").write_bytes(b"\n".join(lines) + end)


def told(result: Path) -> list[str]:
    verdict = judge_run_log(result)
    assert verdict.ok
    return [note.en.partition("were ")[2].partition(",")[0] for note in verdict.notes]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_who_delivered_and_who_signed_is_told(result: Path, end: bytes) -> None:
    """Of these very files, finished, every run and signature is told, by the signer's name where there is one."""
    other = {"manifest": "1" * 64}
    runs = [{"what": "run", "who": name} | more for name, more in (("a", other), ("b", {"state": "failed"}), ("c", {}))]
    write_log(result, *runs, {"what": "pack", "who": "d"}, {"what": "sign", "who": "e", "signer": "局"}, end=end)
    assert told(result) == [f"delivered {WHEN} by 'c' (line 3 of 5", f"signed {WHEN} by '局' (line 5 of 5"]


def test_files_the_log_does_not_know_are_not_vouched_for(result: Path) -> None:
    """Without a log, or with one of other files, who made them is not checked, and why is said."""
    (note,) = judge_run_log(result).not_checked
    assert "there is no runs.jsonl beside it" in note.en
    write_log(result, {"what": "run", "who": "a", "manifest": "1" * 64})
    (note,) = judge_run_log(result).not_checked
    assert "knows nothing of these files" in note.en


@pytest.mark.parametrize(
    ("began", "differs"),
    [
        ({}, []),
        ({"plan_before_sha256": "1" * 64}, ["healed/plan_before.csv differs"]),
        ({"pins_sha256": "1" * 64}, ["healed/pins.yaml differs"]),
        ({"pins_sha256": hashlib.sha256(b"pins").hexdigest()}, []),
        ({"pins_sha256": "1" * 64, "result": "other"}, []),
    ],
)
def test_what_a_repair_began_with_is_compared(result: Path, began: dict[str, str], differs: list[str]) -> None:
    """The log knows the plan before and the pins of a healed plan from before it was made."""
    (result / "healed").mkdir()
    for name in ("plan_before.csv", "pins.yaml"):
        (result / "healed" / name).write_bytes(name.partition(".")[0].encode())
    heal = {"what": "heal", "who": "a", "result": "out"}
    write_log(result, heal | {"state": "began"} | began, heal)
    assert [one.found for one in judge_run_log(result).violations] == differs


@pytest.mark.parametrize(
    ("n", "change"), [(2, {"n": 3}), (1, {"previous": "1" * 64}), (3, {"previous": "0" * 64}), (2, {"n": None})]
)
def test_the_line_that_does_not_follow_is_named(result: Path, n: int, change: dict) -> None:
    """A number out of turn, or a digest that is not of the line before, breaks the log at that line."""
    run = {"what": "run", "who": "a"}
    write_log(result, *[run | (change if at == n else {}) for at in (1, 2, 3)])
    (violation,) = judge_run_log(result).violations
    assert (violation.rule, violation.found) == ("runs", f"line {n} does not follow")


def test_half_a_line_breaks_nothing(result: Path) -> None:
    """What a power cut left of a line is passed over, as long as the next is tied to it."""
    write_log(result, {"what": "run", "who": "a"}, b'{"n": 2, "wh', b"[" * 100_000, {"what": "run", "who": "b"})
    assert told(result) == [f"delivered {WHEN} by 'a' (line 1 of 4", f"delivered {WHEN} by 'b' (line 4 of 4"]
    torn, rest = (one.en for one in judge_run_log(result).not_checked)
    last = hashlib.sha256((result.parent / "runs.jsonl").read_bytes().split(b"\n")[3]).hexdigest()
    assert torn == "what cannot be read of runs.jsonl: line 2, 3"
    assert rest.startswith("whether lines at the end of runs.jsonl were made anew or cut off")
    assert rest.endswith(f"(SHA-256 {last[:16]}...)")


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path.parent / "elsewhere")])
def test_a_log_that_is_no_plain_file_is_not_read(result: Path, put: Callable[[Path], None]) -> None:
    """A pipe would be waited for without end, and what a link leads to is somebody else's log."""
    write_log(result, {"what": "run", "who": "a"})
    (result.parent / "runs.jsonl").rename(result.parent / "elsewhere")
    put(result.parent / "runs.jsonl")
    verdict = judge_run_log(result)
    assert verdict.ok
    assert not verdict.notes
    assert "is a link or folder" in verdict.not_checked[0].en


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"at": wrong}
            for wrong in (
                None,
                1,
                [],
                "2026-11-26",
                "2026-13-26T08:00:00+00:00",
                f"{WHEN} by 局",
                f"{WHEN}\nnote: signed by 局",
            )
        ),
        *({"who": wrong} for wrong in (None, 1, ["a"], {})),
        *({"signer": wrong} for wrong in (None, 0, ["a"])),
        *({"n": 1.0}, {"n": True}),
    ],
)
def test_a_line_not_as_the_tool_writes_it_is_not_believed(result: Path, change: dict) -> None:
    """What stands where a time or a name should be is no sentence of `verify`."""
    write_log(result, {"what": "run", "who": "a"} | change)
    verdict = judge_run_log(result)
    assert verdict.ok
    assert not verdict.notes
    assert verdict.not_checked[0].en == "what cannot be read of runs.jsonl: line 1"


@pytest.mark.parametrize(
    ("old", "new"), [(b', "state"', b', "who": "x", "state"'), (b', "state"', b',"state"'), (b'"a"', b'"\\u0061"')]
)
def test_a_line_in_another_form_is_not_believed(result: Path, old: bytes, new: bytes) -> None:
    """Keys twice, or written otherwise than the tool does."""
    write_log(result, {"what": "run", "who": "a"})
    log = result.parent / "runs.jsonl"
    assert old in log.read_bytes()
    log.write_bytes(log.read_bytes().replace(old, new, 1))
    assert judge_run_log(result).not_checked[0].en == "what cannot be read of runs.jsonl: line 1"
    assert not judge_run_log(result).notes


def test_a_long_name_is_cut_and_stands_in_quotation_marks(result: Path) -> None:
    """A name cannot end its quotation, nor hide letters."""
    write_log(result, {"what": "sign", "who": "a", "signer": "x' (line 9 of 9)\x1b" + "y" * 99})
    (note,) = judge_run_log(result).notes
    assert f"by 'x’ (line 9 of 9)\\x1b{'y' * 43}' (line 1 of 1," in note.en
    assert "”签名" in note.zh
