"""The manifest of a result folder: written with the result, and judged by code of the judge's own."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.judge import judge_manifest
from redistrict.report.manifest import write_manifest
from redistrict.scenario.models import Scenario

from .towns import Town, cells

MakeTown = Callable[..., Town]


@pytest.fixture
def town(make_town: MakeTown) -> Scenario:
    return make_town(cells("xx", street_m=20), households=1000, people=3000).scenario


@pytest.fixture
def result(town: Scenario, tmp_path: Path) -> Path:
    """Give a folder with two files, one of them in a folder, and their manifest."""
    (tmp_path / "shapefile").mkdir()
    (tmp_path / "plan.csv").write_text("block_id\n01\n", encoding="utf-8")
    (tmp_path / "shapefile" / "communities.cpg").write_text("UTF-8", encoding="utf-8")
    write_manifest(tmp_path, town)
    return tmp_path


def told(town: Scenario, result: Path) -> list[str]:
    """Judge, and give what was found wrong."""
    return [violation.found for violation in judge_manifest(town, result).violations]


def test_the_manifest_lists_every_file_and_input(result: Path, town: Scenario) -> None:
    """SHA-256 and size of what was delivered and of what it was made from; the same files give the same bytes."""
    text = (result / "manifest.json").read_bytes()
    listed = json.loads(text)
    assert list(listed["files"]) == ["plan.csv", "shapefile/communities.cpg"]
    assert listed["files"]["shapefile/communities.cpg"] == {"sha256": hashlib.sha256(b"UTF-8").hexdigest(), "bytes": 5}
    blocks = town.data.blocks.path
    digest = hashlib.sha256(blocks.read_bytes()).hexdigest()
    entry = {"key": "data.blocks", "file": blocks.name, "sha256": digest, "bytes": blocks.stat().st_size}
    assert listed["inputs"] == [entry]
    write_manifest(result, town)
    assert (result / "manifest.json").read_bytes() == text
    assert told(town, result) == []


def test_missing_extra_and_changed_files_are_named(result: Path, town: Scenario) -> None:
    """Each file that is not as listed is one violation that names it."""
    (result / "plan.csv").write_text("block_id\n02\n", encoding="utf-8")
    (result / "shapefile" / "communities.cpg").unlink()
    (result / "shapefile" / "Communities.qix").write_text("?", encoding="utf-8")
    found = ["plan.csv changed", "shapefile/Communities.qix extra", "shapefile/communities.cpg missing"]
    assert told(town, result) == found


def test_what_users_keep_there_is_no_fault_but_named(result: Path, town: Scenario) -> None:
    """Letters, packs and the files of file managers were not checked, and that is said."""
    for name in ("letter.docx", "shapefile/notes.txt", "Thumbs.db", "pack/pack_zh.pdf"):
        (result / name).parent.mkdir(exist_ok=True)
        (result / name).write_text("?", encoding="utf-8")
    verification = judge_manifest(town, result)
    assert verification.ok
    (message,) = verification.not_checked
    assert all(name in message.zh for name in ("letter.docx", "shapefile/notes.txt", "pack/pack_zh.pdf"))


def test_a_changed_input_is_named(result: Path, town: Scenario) -> None:
    """Data that were replaced after the run are not those of the result."""
    blocks = town.data.blocks.path
    before = blocks.read_bytes()
    blocks.write_bytes(before + b"\0")
    assert told(town, result) == [f"data.blocks: {blocks.name} differs"]
    blocks.write_bytes(before)
    assert told(town, result) == []


def test_all_parts_of_a_shapefile_and_a_rule_pack_are_inputs(town: Scenario, tmp_path: Path) -> None:
    """A shapefile counts with its table, a rule pack that is a file as well."""
    folder, data = tmp_path / "out", tmp_path / "in"
    folder.mkdir()
    data.mkdir()
    for name in ("b[1].shp", "b[1].dbf", "b1.dbf", "pack.yaml"):
        (data / name).write_text(name, encoding="utf-8")
    blocks = town.data.blocks.model_copy(update={"path": data / "b[1].shp"})
    standards = town.standards.model_copy(update={"rules": (str(data / "pack.yaml"), "huangshi_report")})
    changed = {"data": town.data.model_copy(update={"blocks": blocks}), "standards": standards}
    scenario = town.model_copy(update=changed)
    write_manifest(folder, scenario)
    assert told(scenario, folder) == []
    for name in ("b[1].dbf", "pack.yaml", "b1.dbf"):
        (data / name).write_text("other", encoding="utf-8")
    expected = ["data.blocks: b[1].dbf differs", "standards.rules[0]: pack.yaml differs"]
    assert told(scenario, folder) == expected


@pytest.mark.parametrize("content", [None, "{}", "[]", '{"files": {"a": 1}, "inputs": []}', "\x00"])
def test_a_missing_or_broken_manifest_is_told(result: Path, town: Scenario, content: str | None) -> None:
    """Without a readable manifest one violation says so."""
    (result / "manifest.json").unlink()
    if content is not None:
        (result / "manifest.json").write_text(content, encoding="utf-8")
    (violation,) = judge_manifest(town, result).violations
    assert violation.rule == "manifest"
    assert "manifest.json" in violation.message.zh


def test_what_others_put_there_is_not_vouched_for(result: Path, town: Scenario) -> None:
    """An approval pack, and files of a file manager, are no fault, but are listed as not checked."""
    (result / "pack").mkdir()
    for name in ("pack/pack.json", "pack/pack_zh.pdf", ".DS_Store"):
        (result / name).write_text("?", encoding="utf-8")
    verdict = judge_manifest(town, result)
    assert verdict.ok
    assert ".DS_Store, pack/pack.json, pack/pack_zh.pdf" in verdict.not_checked[0].en
