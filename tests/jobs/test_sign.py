"""Who answers for a result: keys, signatures of its manifest, and the log of runs beside it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.errors import DataError, InterruptedSolveError, OutputError
from redistrict.jobs.sign import make_keys, sign
from redistrict.jobs.verify import verify
from redistrict.judge import judge_run_log, judge_signature
from redistrict.report.run_log import logged

from .small_town import make_blocks, tell, write_scenario

LOG = "runs.jsonl"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a result `out` made by `run`, keys, and what the run wrote beside."""
    folder = tmp_path_factory.mktemp("office")
    make_blocks().to_file(folder / "b.gpkg")
    code, said = tell("run", write_scenario(folder), "--out", folder / "out")
    assert code == 0, said
    make_keys(folder / "office.key", "")
    make_keys(folder / "street.key", "口令 two")
    return folder


@pytest.fixture
def office(delivered: Path, tmp_path: Path) -> Path:
    """Give such a folder to change."""
    return shutil.copytree(delivered, tmp_path / "office")


def entries(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / LOG).read_text(encoding="utf-8").splitlines()]


def test_two_offices_sign_and_each_is_found_by_its_key(office: Path) -> None:
    """Each signature is checked by its public key alone, says who signed, and is no stranger in the folder."""
    code, said = tell("sign", office / "out", "--key", office / "office.key", "--name", "民政局")
    assert code == 0, said
    sign(office / "out", key=office / "street.key", ask=lambda: "口令 two", name="a\nb")
    for key, who in (("office.pub", "民政局"), ("street.pub", "a b")):
        (note,) = judge_signature(office / "out", office / key).notes
        assert f"signed by {who}, 2" in note.en
    code, said = tell("verify", office / "out", "--key", office / "office.pub")
    assert code == 0, said
    assert "signed by 民政局" in said
    assert "does not write" not in said
    assert len(judge_signature(office / "out", None).not_checked) == 2
    make_keys(office / "third.key", "")
    (violation,) = judge_signature(office / "out", office / "third.pub").violations
    assert violation.found == "is not there"


def change_comment(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("signed by:", "signed by:x"), encoding="utf-8")


def change_signature(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = lines[1][:40] + ("A" if lines[1][40] != "A" else "B") + lines[1][41:]
    path.write_text("\n".join(lines), encoding="utf-8")


def change_manifest(path: Path) -> None:
    manifest = path.with_name("manifest.json")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("plan.csv", "plan.csv "), encoding="utf-8")


@pytest.mark.parametrize("change", [change_comment, change_signature, change_manifest])
def test_a_signature_fits_one_manifest_and_one_signer(office: Path, change: Callable[[Path], None]) -> None:
    """A byte of the manifest, of the signature or of what is said of the signer makes it void."""
    signature, _ = sign(office / "out", key=office / "office.key")
    change(signature)
    (violation,) = judge_signature(office / "out", office / "office.pub").violations
    assert (violation.rule, violation.found) == ("signature", "does not fit")


@pytest.mark.parametrize("content", ["", "a\nb\nc\nd\n", "x\nRWQ=\ntrusted comment: x\nAA==\n", "\udcff"])
def test_what_is_no_signature_counts_as_none(office: Path, content: str) -> None:
    """Any bytes under the name of a signature are no signature."""
    (office / "out" / "manifest.json.AB.minisig").write_text(content, encoding="utf-8", errors="surrogateescape")
    assert not judge_signature(office / "out", office / "office.pub").ok


def test_keys_are_told_apart_and_never_replaced(office: Path) -> None:
    """A wrong passphrase, a wrong file and a key that is there already are each one message."""
    with pytest.raises(DataError, match="passphrase is wrong"):
        sign(office / "out", key=office / "street.key", ask=lambda: "?")
    with pytest.raises(DataError, match="secret key"):
        sign(office / "out", key=office / "office.pub")
    with pytest.raises(DataError, match="no public key"):
        verify(office / "out", key=office / "office.key")
    before = (office / "office.key").read_bytes()
    with pytest.raises(OutputError, match="never replaced"):
        make_keys(office / "office.key", "")
    assert (office / "office.key").read_bytes() == before
    assert (office / "office.key").stat().st_mode & 0o077 == 0


def test_new_results_drop_signatures_of_the_old(office: Path) -> None:
    """Nobody has signed what replaces a signed result, and the log knows what was edited before."""
    sign(office / "out", key=office / "office.key")
    (office / "out" / "map.html").write_text("edited", encoding="utf-8")
    (office / "out" / "letter.txt").write_text("mine", encoding="utf-8")
    code, said = tell("run", office / "s.yaml", "--out", office / "out", "--overwrite")
    assert code == 0, said
    assert not [*(office / "out").glob("*.minisig")]
    assert (office / "out" / "letter.txt").is_file()
    began = [entry for entry in entries(office) if entry["state"] == "began"][-1]
    assert began["edited"] == ["map.html"]


def test_the_log_says_who_delivered_what(office: Path) -> None:
    """A run is a beginning and an end with the manifest of what it delivered; `verify` says so."""
    sign(office / "out", key=office / "office.key", name="局长")
    told = [(entry["n"], entry["what"], entry["state"]) for entry in entries(office)]
    assert told == [(1, "run", "began"), (2, "run", "done"), (3, "sign", "began"), (4, "sign", "done")]
    by_run, by_sign = judge_run_log(office / "out").notes
    assert "delivered" in by_run.en
    assert "(line 2 of 4" in by_run.en
    assert "局长" in by_sign.zh


def drop_line(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def change_who(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b'"who": "', b'"who": "x'), *lines[1:]]


def double_line(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines]


@pytest.mark.parametrize("change", [drop_line, change_who, double_line])
def test_a_changed_log_is_named(office: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """A line that was taken out, altered or put in breaks the chain."""
    sign(office / "out", key=office / "office.key")
    lines = (office / LOG).read_bytes().splitlines()
    (office / LOG).write_bytes(b"\n".join(change(lines)) + b"\n")
    (violation,) = judge_run_log(office / "out").violations
    assert violation.rule == "runs"


def test_half_a_line_of_a_power_cut_stays_and_is_gone_on_from(office: Path) -> None:
    """What was torn counts as a line; the next is tied to it."""
    with (office / LOG).open("ab") as log:
        log.write(b'{"n": 3, "prev')
    sign(office / "out", key=office / "office.key")
    assert (office / LOG).read_bytes().count(b"\n") == 5
    assert judge_run_log(office / "out").ok


def test_interruptions_and_faults_are_written_down(tmp_path: Path) -> None:
    """How a command ended is in the log, also where it did not end well."""
    for error, state in ((KeyboardInterrupt(), "interrupted"), (InterruptedSolveError([]), "interrupted"),
                         (DataError([]), "refused"), (ValueError(), "failed")):  # fmt: skip
        with pytest.raises(type(error)), logged("run", tmp_path / "out"):
            raise error
        assert entries(tmp_path)[-1]["state"] == state
    assert [entry["n"] for entry in entries(tmp_path)] == list(range(1, 9))
    assert not [path for path in tmp_path.iterdir() if path.name != LOG]


def test_a_log_that_cannot_be_written_stops_a_run_before_it_begins(tmp_path: Path) -> None:
    """Nothing is made of which the log would know nothing."""
    (tmp_path / LOG).mkdir()
    with pytest.raises(OutputError, match=r"runs\.jsonl"), logged("run", tmp_path / "out"):
        pytest.fail("begun")


def test_without_a_log_nothing_is_said_of_who_made_it(office: Path) -> None:
    """A folder that was copied elsewhere has no history, which is said."""
    (office / LOG).unlink()
    (said,) = judge_run_log(office / "out").not_checked
    assert "no runs.jsonl" in said.en
