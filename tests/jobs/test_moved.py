"""Results that were moved or copied, with their data or without."""

import shutil
from pathlib import Path

import pytest

from redistrict.errors import DataError
from redistrict.jobs.finished import read_finished
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.scenario import load_scenario
from redistrict.scenario.delivered import load_delivered, read_delivered

from .small_town import tell
from .whole_town import draw_whole_town

PACK = """\
key: own
title: {zh: 本市, en: Ours}
source: {document: {zh: 文, en: A paper}, place: "1", quote: 句}
clauses:
  - {key: size, text: {zh: 不超过800户, en: at most 800}, cited: 句, check: size_limits, households: {max: 800}}
"""


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a town in `project`, with data and a rule pack in `project/data`, copy all of it elsewhere, and delete it."""
    project = tmp_path_factory.mktemp("old") / "project"
    (project / "data").mkdir(parents=True)
    text = draw_whole_town(project / "data").read_text(encoding="utf-8")
    (project / "data" / "town.yaml").unlink()
    (project / "data" / "own.yaml").write_text(PACK, encoding="utf-8")
    for name in ("town.gpkg", "current.csv", "projects.csv"):
        text = text.replace(f"path: {name}", f"path: data/{name}")
    text = text.replace("rules: [huangshi_report]", "rules: [huangshi_report, data/own.yaml], enforce: [own.size]")
    (project / "town.yaml").write_text(text, encoding="utf-8")
    run(load_scenario(project / "town.yaml"), out=project / "results" / "out")
    new = tmp_path_factory.mktemp("new") / "elsewhere"
    shutil.copytree(project, new)
    shutil.rmtree(project)
    return new


def test_a_project_moved_as_a_whole_verifies(moved: Path) -> None:
    """The data are found beside the result, every file is made again, and the plan can be changed further."""
    verdict = verify(moved / "results" / "out")
    assert verdict.ok, verdict.violations
    assert not any("made again" in one.en for one in verdict.not_checked)
    assert read_finished(moved / "results" / "out").scenario.data.blocks.path == moved / "data" / "town.gpkg"


def test_a_result_alone_verifies_with_the_data_wherever_they_are(moved: Path, tmp_path: Path) -> None:
    """Copied without its data it is refused with what is missing and what to do, and verifies with `--data`."""
    out = shutil.copytree(moved / "results" / "out", tmp_path / "out")
    with pytest.raises(DataError, match=r"town\.gpkg is not in .*data, nor beside the result: .* by --data") as refused:
        verify(out)
    assert len(refused.value.problems) == 4
    code, said = tell("verify", out, "--data", moved / "data")
    assert code == 0, said


def test_a_wrong_copy_of_the_data_is_named(moved: Path, tmp_path: Path) -> None:
    """A file of the same name with another content is not taken, beside the result or from `--data`."""
    out = shutil.copytree(moved / "results" / "out", tmp_path / "town" / "out")
    data = shutil.copytree(moved / "data", tmp_path / "town" / "data")
    (data / "current.csv").write_text("id,name,staff\n", encoding="utf-8")
    for given, place in ((None, "nor beside the result"), (data, str(data))):
        with pytest.raises(DataError, match=place) as refused:
            verify(out, data=given)
        (problem,) = refused.value.problems
        assert "current.csv" in problem.en
        assert f"SHA-256: {data / 'current.csv'}." in problem.en
    assert load_delivered(out).data.blocks.path == data / "town.gpkg"


def test_a_result_from_another_system_finds_its_data(moved: Path, tmp_path: Path) -> None:
    """Paths with a drive and backslashes are looked for by what follows, and stay as they were told."""
    out = shutil.copytree(moved / "results" / "out", tmp_path / "out")
    shutil.copytree(moved / "data", tmp_path / "data")
    file = out / "scenario.yaml"
    was = next(line for line in file.read_text(encoding="utf-8").splitlines() if "town.gpkg" in line)
    folder = was.partition("path: ")[2].removesuffix("/data/town.gpkg")
    told = file.read_text(encoding="utf-8").replace(folder, "C:/Users/office/town")
    file.write_text(told, encoding="utf-8", newline="\n")
    delivered = read_delivered(out)
    assert delivered.scenario.data.blocks.path == tmp_path / "data" / "town.gpkg"
    assert delivered.scenario.standards.rules[1] == str(tmp_path / "data" / "own.yaml")
    assert delivered.text == told
    file.write_text(told.replace("C:/Users/office/town/data/", "C:\\Users\\office\\town\\data\\"), encoding="utf-8")
    assert read_delivered(out).scenario == delivered.scenario
