"""Tampering with a finished result: `verify` notices every kind, or has said beforehand that it does not look there.

The forger knows the tool and makes the manifest anew, so that every digest is right.
"""

import copy
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import redistrict.jobs.remake as remaking
from redistrict.errors import OutputError, RedistrictError
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.judge import verify_files
from redistrict.judge.verification import Verification
from redistrict.report.manifest import write_manifest
from redistrict.scenario import load_scenario

from .tampering import change_part, list_kinds, list_leaves
from .whole_town import draw_whole_town

NOT_LOOKED_AT = {
    "pictures/search.": "pictures/search.png and search.svg",
    "report.json: provenance.timings_s": "its seconds",
    "report.json: provenance.spent": "its seconds and memory",
    "report.json: provenance.": "the programs the result says it was made with",
    "report.xlsx: packed otherwise": "report.xlsx (",
}
"""Kinds that are not noticed, by how their names begin, and the words of `verify` that say so."""
EVERY = 121


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a result with every deliverable there is."""
    folder = tmp_path_factory.mktemp("town")
    run(load_scenario(draw_whole_town(folder)), out=folder / "out")
    return folder / "out"


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Verification]:
    """Give `verify`, which makes what it is to make again only once of the same plan and claims."""
    make, made = remaking.remake, dict[object, Path]()

    def make_once(own, asked, claims, judged, folder: Path) -> None:
        key = (own, asked, claims, judged)
        kept = made.get(str(key))
        if kept is None:
            kept = made[str(key)] = tmp_path_factory.mktemp("made")
            make(own, asked, claims, judged, kept)
        shutil.copytree(kept, folder, dirs_exist_ok=True)

    monkeypatch.setattr(remaking, "remake", make_once)
    return verify


def tamper(result: Path, folder: Path, name: str) -> Path:
    """Give a copy of the result changed in this way, with a manifest that fits it."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(result, out)
    list_kinds(result)[name](out)
    if not name.startswith("manifest.json"):
        write_manifest(out, load_scenario(result / "scenario.yaml"))
    return out


def is_noticed(judge: Callable[[Path], Verification], out: Path, name: str) -> bool:
    """Whether a kind of tampering is noticed; if not, it must be one that `verify` says it does not look at."""
    try:
        verdict = judge(out)
    except RedistrictError:  # a scenario that is none
        return True
    if not verdict.ok:
        return True
    said = " ".join(message.en for message in verdict.not_checked)
    words = [words for start, words in NOT_LOOKED_AT.items() if name.startswith(start)]
    assert words, f"{name} is not noticed"
    assert words[0] in said, name
    return False


def test_an_honest_result_passes(result: Path, judge: Callable[[Path], Verification]) -> None:
    """A result as it was written is made again byte for byte, and what cannot be made again is listed."""
    verdict = judge(result)
    assert verdict.violations == ()
    said = [message.en for message in verdict.not_checked]
    assert any("the bound" in one for one in said)
    assert any("pictures/search.png" in one for one in said)
    assert not any("bytes" in one or "perhaps" in one for one in said)
    assert any("by the scenario in the folder itself" in note.en for note in verdict.notes)


def test_what_may_not_be_read_is_named(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a program holds, or one without the right to read it, is no verdict."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(OutputError, match=r"cannot be judged \(.*: Permission denied\); close the programs"):
        verify(result)


@pytest.mark.parametrize("name", ["map.html: a number in a name", "manifest.json: quiet of a file"])
def test_tampering_that_once_passed(
    result: Path, judge: Callable[[Path], Verification], tmp_path: Path, name: str
) -> None:
    """Numbers in names were compared by value, and a file that the manifest keeps quiet about was not missed."""
    assert is_noticed(judge, tamper(result, tmp_path, name), name)


def test_some_tampering(result: Path, judge: Callable[[Path], Verification], tmp_path: Path) -> None:
    """Every 121st kind is noticed or listed, and so are bytes that nobody reads."""
    kinds = list(list_kinds(result))
    assert len(kinds) >= 120
    names = [*kinds[::EVERY], "report.xlsx: packed otherwise", "communities.gpkg: bytes after the end"]
    noticed = [is_noticed(judge, tamper(result, tmp_path, name), name) for name in names]
    assert sum(noticed) >= 0.8 * len(noticed)


@pytest.mark.long
def test_all_tampering(result: Path, judge: Callable[[Path], Verification], tmp_path: Path) -> None:
    """Every kind is noticed or listed; how many of all is told."""
    names = list(list_kinds(result))
    noticed = [is_noticed(judge, tamper(result, tmp_path, name), name) for name in names]
    print(f"{sum(noticed)} of {len(names)} kinds of tampering noticed, the others listed as not checked")  # noqa: T201
    assert sum(noticed) >= 0.95 * len(names)


def each_part(told: Any) -> list[tuple[Any, ...]]:
    """Give the way to every part of a JSON file; of the rows of a table the first that has it."""
    first: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for leaf in list_leaves(told):
        for way in (leaf[:n] for n in range(1, len(leaf) + 1)):
            first.setdefault(tuple("row" if isinstance(step, int) else step for step in way), way)
    return [*first.values()]


ALL_PARTS = [
    pytest.param(name, 7, marks=pytest.mark.long)
    for name in ("report.json", "manifest.json", "certificate/certificate.json")
]


@pytest.mark.parametrize(("name", "every"), [("report.json", 311), *ALL_PARTS])
def test_any_part_may_be_anything(result: Path, tmp_path: Path, name: str, every: int) -> None:
    """Whatever stands in place of a number, a text, a table or a section, `verify` names it or refuses the file."""
    shutil.copytree(result.parent, tmp_path / "copy")
    file = tmp_path / "copy" / "out" / name
    told = json.loads(file.read_bytes())
    changes = [(way, junk) for way in each_part(told) for junk in (7, "x", [7], [], {"a": 1})]
    for way, junk in changes[::every]:
        changed = copy.deepcopy(told)
        change_part(changed, way, lambda _, junk=junk: junk)
        file.write_text(json.dumps(changed), encoding="utf-8")
        with suppress(RedistrictError):
            assert not verify(file.parents[name.count("/")]).ok, (way, junk)


def forge(result: Path, folder: Path, *, scenario: dict[str, str], report: dict[str, object]) -> Path:
    """Give a copy whose scenario or claims are changed, and all files made anew by the tool itself to fit them."""
    out, made = folder / "forged", folder / "made"
    shutil.copytree(result, out)
    made.mkdir()
    text = (out / "scenario.yaml").read_text(encoding="utf-8")
    for old, new in scenario.items():
        assert old in text
        text = text.replace(old, new)
    (out / "scenario.yaml").write_text(text, encoding="utf-8")
    own = load_scenario(out / "scenario.yaml")
    claims = json.loads((out / "report.json").read_text(encoding="utf-8")) | report
    (out / "report.json").write_text(json.dumps(claims), encoding="utf-8")
    remaking.remake(own, own, remaking.read_claims(out), verify_files(own, result), made)
    shutil.copytree(made, out, dirs_exist_ok=True)
    write_manifest(out, own)
    return out


def test_a_question_and_a_proof_of_its_own(result: Path, tmp_path: Path) -> None:
    """A scenario that was eased and a bound made up, with everything made anew, pass by their own word, which is said.

    By the approved question the folder fails.
    """
    approved = load_scenario(result / "scenario.yaml")
    claimed = {"status": "FEASIBLE", "stopped_by": "effort", "bound": 0.0, "gap": 1.0}
    out = forge(result, tmp_path, scenario={"households: 0.3": "households: 0.45"}, report=claimed)
    own = verify(out)
    assert own.violations == ()
    assert any("Give the approved one by --scenario" in note.en for note in own.notes)
    assert any("less than 0 weighted metres (the bound): the proof is not repeated" in m.en for m in own.not_checked)
    verdict = verify(out, scenario=approved)
    assert "communities.tolerance.households = 0.45" in [one.found for one in verdict.violations]


def test_the_approved_question_itself_passes(result: Path) -> None:
    """Given the approved scenario, nothing is said of the folder's own."""
    verdict = verify(result, scenario=load_scenario(result / "scenario.yaml"))
    assert verdict.ok
    assert not any("--scenario" in note.en for note in verdict.notes)


def test_a_result_made_by_other_programs_is_not_called_forged(result: Path, tmp_path: Path) -> None:
    """Where files were made with other versions, what differs in them is listed and not held against them."""
    out = shutil.copytree(result, tmp_path / "out")
    report = (out / "report.json").read_text(encoding="utf-8")
    version = json.loads(report)["provenance"]["packages"]["xlsxwriter"]
    (out / "report.json").write_text(
        report.replace(f'"xlsxwriter": "{version}"', '"xlsxwriter": "0"'), "utf-8", newline=""
    )
    list_kinds(result)["report.xlsx: a shared text"](out)
    write_manifest(out, load_scenario(out / "scenario.yaml"))
    verdict = verify(out)
    said = " ".join(message.en for message in verdict.not_checked)
    assert "xlsxwriter 0 (" in said
    assert "perhaps because of these other versions: report.xlsx" in said
    assert verdict.ok
