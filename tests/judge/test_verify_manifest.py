"""The manifest of a result folder: written with the result, and judged by code of the judge's own."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from redistrict.judge import judge_links, judge_manifest
from redistrict.judge.manifest import find_others, judge_listed
from redistrict.report.manifest import list_edited, write_manifest
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
    found = ["plan.csv changed", "shapefile/communities.cpg missing", "shapefile/Communities.qix extra"]
    assert told(town, result) == found


def test_only_what_is_read_along_with_files_of_the_result_is_extra(town: Scenario, tmp_path: Path) -> None:
    """A printed map beside the map is the user's own; a log beside a database and a module beside a script are not."""
    (tmp_path / "certificate").mkdir()
    for name in ("map.html", "report.xlsx", "communities.gpkg", "certificate/check.py"):
        (tmp_path / name).write_text("?")
    write_manifest(tmp_path, town)
    own = {
        "map.pdf",
        "report.docx",
        "communities.pdf",
        "communities.qgz",
        "communities.gpkg.bak",
        "certificate/notes.txt",
        "mine.py",
    }
    extra = {"communities.gpkg-wal", "Communities.qml", "certificate/json.PY", "MAP.html"}
    for name in own | extra:
        (tmp_path / name).write_text("?")
    assert sorted(told(town, tmp_path)) == [f"{name} extra" for name in sorted(extra)]
    assert find_others(tmp_path) == own


def test_a_file_that_the_manifest_keeps_quiet_about_is_named(result: Path, town: Scenario) -> None:
    """What a run writes must be listed; what is read along with it is extra all the same."""
    for name in ("communities.gpkg", "communities.gpkg-wal"):
        (result / name).write_text("?")
    assert find_others(result, {"communities.gpkg"}) == frozenset()
    found = judge_listed(result, {"plan.csv", "communities.gpkg"}).violations
    assert [one.found for one in found] == ["communities.gpkg not listed"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda told: told | {"approved": {"by": "局"}}, '"approved": {'),
        (lambda told: told["files"]["plan.csv"].update(reviewed="yes"), '"reviewed": "yes"'),
        (lambda told: told["files"]["plan.csv"].update(bytes=told["files"]["plan.csv"]["bytes"] + 0.7), ".7"),
        (lambda told: told["inputs"][0].update(read="yes"), '"read": "yes"'),
    ],
)
def test_further_keys_and_other_forms_are_named(
    result: Path, town: Scenario, change: Callable[[dict], dict | None], line: str
) -> None:
    """A manifest says what a run writes in it, and no more."""
    listed = json.loads((result / "manifest.json").read_bytes())
    text = json.dumps(change(listed) or listed, ensure_ascii=False, indent=1) + "\n"
    (result / "manifest.json").write_text(text, encoding="utf-8")
    (message,) = [one.message.en for one in judge_manifest(town, result).violations]
    assert message.startswith("manifest.json (line")
    assert line in message or "a key more" in message


def test_double_keys_and_inputs_are_named(result: Path, town: Scenario) -> None:
    """Readers differ in which of two they take."""
    path = result / "manifest.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('{\n "files"', '{\n "files": {},\n "files"'), encoding="utf-8")
    assert len(told(town, result)) == 1
    listed = json.loads(text)
    listed["inputs"].insert(0, listed["inputs"][0] | {"sha256": "0" * 64})
    path.write_text(json.dumps(listed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert told(town, result) == [f"data.blocks: {town.data.blocks.path.name} differs"]


def test_links_in_place_of_files_are_named_and_others_listed(result: Path, town: Scenario, tmp_path: Path) -> None:
    """What a link leads to may change after the verdict; none is followed, nor is a pipe waited for."""
    aside = tmp_path / "aside"
    (result / "shapefile").rename(aside)
    (result / "shapefile").symlink_to(aside)
    (result / "official").symlink_to(aside)
    (result / "approved").mkdir()
    os.mkfifo(result / "pipe")
    assert [one.found for one in judge_links(result).violations] == ["shapefile is a link"]
    (one, *rest) = judge_manifest(town, result).violations
    assert (one.found, [two.found for two in rest]) == ("shapefile is a link", ["shapefile/communities.cpg missing"])
    said = [message.en.partition(": ")[2] for message in judge_manifest(town, result).not_checked]
    assert said == ["aside/communities.cpg", "official, pipe", "approved"]
    (result / "manifest.json").unlink()
    os.mkfifo(result / "manifest.json")
    assert [one.found for one in judge_links(result).violations] == ["manifest.json is a link"]


@pytest.mark.parametrize("name", ["staffing.csv", "report.xlsx", "Map.HTML", "certificate/certificate.json"])
def test_a_pipe_that_the_manifest_keeps_quiet_about_is_not_waited_for(result: Path, name: str) -> None:
    """Whatever has the name of a file that a run may write could be read, so that no link or pipe may stand there."""
    (result / name).parent.mkdir(exist_ok=True)
    os.mkfifo(result / name)
    assert [one.found for one in judge_links(result).violations] == [f"{name} is a link"]


@pytest.mark.parametrize("name", ["communities.gpkg-wal", "Communities.gpkg-shm", "repaired_blocks.gpkg-journal"])
def test_what_a_program_left_beside_a_geopackage_is_named_before_it_is_read(result: Path, name: str) -> None:
    """Whoever reads the GeoPackage writes it anew with that; beside a layer of the office's own it may lie."""
    for one in (name, "own.gpkg-wal"):
        (result / one).write_text("?")
    assert [one.found for one in judge_links(result).violations] == [f"{name} extra"]


@pytest.mark.parametrize("name", ["manifest.json", "plan.csv"])
def test_a_folder_in_place_of_a_file_is_named(result: Path, name: str) -> None:
    """A folder with the name of a file is no file that some program holds."""
    (result / name).unlink()
    (result / name).mkdir()
    (one,) = judge_links(result).violations
    assert one.message.en.startswith(f"{name} is a folder where a file belongs")


def test_many_files_are_named_up_to_fifty_and_none_can_pose_as_a_line(result: Path, town: Scenario) -> None:
    """Fifty are named and the others counted, whatever letters a name holds."""
    names = [f"a{n:03}.txt" for n in range(49)]
    for name in (*names, "b.txt\nok: no rule is broken", "c1.txt", "c2.txt"):
        (result / name).write_text("?")
    (message,) = judge_manifest(town, result).not_checked
    assert ", ".join(names) in message.en
    assert message.en.endswith(" and 2 more")
    assert "\n" not in message.en
    assert "b.txt\\nok" in message.zh


def test_many_extra_files_hide_no_change(result: Path, town: Scenario) -> None:
    """What was changed is named first, then fifty in all and how many more there are."""
    (result / "shapefile" / "communities.cpg").write_text("?")
    for n in range(60):
        (result / f"plan.csv-{n}").touch()
    first, *_, last = found = told(town, result)
    assert first == "shapefile/communities.cpg changed"
    assert (len(found), last) == (51, "11 more")


def test_folders_too_deep_are_not_looked_into(result: Path, town: Scenario) -> None:
    """However deep they lie in each other, they are listed, and take no time."""
    deep = result / "/".join("d" * 300)
    deep.mkdir(parents=True)
    (message,) = judge_manifest(town, result).not_checked
    assert message.en.endswith(f": {'/'.join('d' * 21)}")


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


def test_a_manifest_too_deep_to_read_stops_no_run(result: Path, town: Scenario) -> None:
    """Neither the judge nor who looks for files that somebody has edited ends in a traceback."""
    (result / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    assert told(town, result) == ["unreadable"]
    assert list_edited(result) == []


def test_what_others_put_there_is_not_vouched_for(result: Path, town: Scenario) -> None:
    """An approval pack, and files of a file manager, are no fault, but are listed as not checked."""
    (result / "pack").mkdir()
    for name in ("pack/pack.json", "pack/pack_zh.pdf", ".DS_Store"):
        (result / name).write_text("?", encoding="utf-8")
    verdict = judge_manifest(town, result)
    assert verdict.ok
    assert ".DS_Store, pack/pack.json, pack/pack_zh.pdf" in verdict.not_checked[0].en
