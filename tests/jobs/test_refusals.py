"""What planners get wrong: each ends in one clear message and the right exit code, and nothing is touched."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from typer.testing import CliRunner

from redistrict.cli.app import app
from tests.jobs.test_run import make_town
from tests.jobs.whole_town import draw_whole_town

Spoil = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


def _with(column: str, value: object) -> Spoil:
    def spoil(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        blocks = blocks.astype({column: object})
        blocks.loc[3, column] = value
        return blocks.infer_objects()

    return spoil


SPOILT_DATA: dict[str, tuple[Spoil, str]] = {
    "duplicate id": (_with("编号", "000"), r"1 keys in '编号' stand on more than one block: 000"),
    "blank id": (_with("编号", ""), r"1 blocks have no key in '编号' \(features 4\)"),
    "negative count": (_with("户数", -5), r"'户数' must hold whole numbers from 0 up; 1 blocks do not \(found -5"),
    "missing count": (_with("户数", None), r"'户数' must hold whole numbers.*: 003"),
    "text for a count": (_with("人口", "many"), r"'人口' must hold whole numbers.*found.*many.*: 003"),
    "fraction of people": (_with("人口", 2.5), r"'人口' must hold whole numbers.*2\.5.*: 003"),
    "blank district": (_with("区", ""), r"1 blocks have no district: 003"),
    "no shape": (lambda b: b.set_geometry(b.geometry.where(b["编号"] != "003")), r"1 blocks have no outline: 003"),
    "empty layer": (lambda blocks: blocks.iloc[:0], r"holds no blocks"),
    "missing CRS": (lambda blocks: blocks.set_crs(None, allow_override=True), r"does not say its coordinate system"),
    "wrong column": (
        lambda blocks: blocks.rename(columns={"户数": "户数2"}),
        r"no column '户数' \(did you mean '户数2'",
    ),
}

SPOILT_SCENARIO = {
    "missing file": ("path: town.gpkg\n    layer: blocks", "path: twon.gpkg\n    layer: blocks", 3, "there is no file"),
    "missing layer": ("layer: blocks", "layer: block", 3, "did you mean 'blocks'"),
    "unknown key": ("tolerance:", "tolerence:", 3, r"yaml:13:3: communities\.tolerence.*did you mean 'tolerance'"),
    "wrong type": ("households: 600", "households: many", 3, r"town\.yaml:12:24: communities\.target\.households"),
    "impossible bounds": ("people: 1800", "people: 400", 4, r"District 东区 .* cannot meet the bounds"),
    "tolerance of nothing": ("households: 0.2", "households: 0", 3, r"communities\.tolerance\.households"),
    "unknown district": ("people: 0.2}", "people: 0.2}\n  count_by_district: {南区: 3}", 3, "no district 南区"),
    "link to nowhere": (
        "objective:", "contiguity: {links: [{blocks: ['000', '999'], reason: x}]}\nobjective:", 3, "no block '999'",
    ),
}  # fmt: skip


def _refusal(scenario: Path, out: Path) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["--language", "en", "run", str(scenario), "--out", str(out), "--overwrite"])
    return answer.exit_code, " ".join(answer.stderr.split())


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A folder that looks like an earlier result."""
    folder = tmp_path / "earlier"
    folder.mkdir()
    (folder / "report.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
@pytest.mark.parametrize("fault", SPOILT_DATA)
def test_bad_data_end_in_one_clear_message(tmp_path: Path, finished: Path, fault: str) -> None:
    """Each fault in the blocks exits with 3, is named with its blocks, and leaves the earlier result alone."""
    spoil, message = SPOILT_DATA[fault]
    scenario = make_town(tmp_path)
    blocks = gpd.read_file(tmp_path / "town.gpkg", layer="blocks")
    (tmp_path / "town.gpkg").rename(tmp_path / "roads.gpkg")
    text = scenario.read_text(encoding="utf-8").replace(
        "{path: town.gpkg, layer: roads", "{path: roads.gpkg, layer: roads"
    )
    scenario.write_text(text, encoding="utf-8")
    spoil(blocks).to_file(tmp_path / "town.gpkg", layer="blocks")
    code, found = _refusal(scenario, finished)
    assert code == 3, found
    assert re.search(message, found), found
    assert [path.name for path in finished.iterdir()] == ["report.json"]


@pytest.mark.parametrize("fault", SPOILT_SCENARIO)
def test_bad_scenarios_end_in_one_clear_message(tmp_path: Path, finished: Path, fault: str) -> None:
    """Each fault in the scenario exits with its code, is placed or named, and leaves the earlier result alone."""
    before, after, expected, message = SPOILT_SCENARIO[fault]
    scenario = make_town(tmp_path)
    text = scenario.read_text(encoding="utf-8")
    assert before in text
    scenario.write_text(text.replace(before, after, 1), encoding="utf-8")
    code, found = _refusal(scenario, finished)
    assert code == expected, found
    assert re.search(message, found), found
    assert [path.name for path in finished.iterdir()] == ["report.json"]


def test_all_problems_of_the_blocks_come_at_once(tmp_path: Path, finished: Path) -> None:
    """Several faults in one file are listed together, not one a run."""
    scenario = make_town(tmp_path)
    blocks = gpd.read_file(tmp_path / "town.gpkg", layer="blocks")
    blocks.loc[1, "编号"] = "000"
    blocks.loc[2, "户数"] = -1
    blocks.loc[3, "区"] = ""
    blocks.to_file(tmp_path / "town.gpkg", layer="blocks")
    code, found = _refusal(scenario, finished)
    assert code == 3
    assert all(words in found for words in ("more than one block", "whole numbers", "no district"))


def test_messages_come_in_chinese(tmp_path: Path, finished: Path) -> None:
    """Asked for Chinese, the refusal is Chinese."""
    scenario = make_town(tmp_path)
    (tmp_path / "town.gpkg").unlink()
    answer = CliRunner().invoke(app, ["--language", "zh", "run", str(scenario), "--out", str(finished), "--overwrite"])
    assert answer.exit_code == 3
    assert "找不到文件" in answer.stderr


@pytest.mark.parametrize(
    "key", ["blocks", "roads", "barriers", "structures", "current", "premises", "projects", "start"]
)
@pytest.mark.parametrize(("name", "message"), [("gone", "there is no file"), ("long" * 70, "File name too long")])
def test_a_missing_file_is_named_whichever_it_is(tmp_path: Path, key: str, name: str, message: str) -> None:
    """No file is opened before it is looked for, not even to see where its shapes lie; nor is one no disk can hold."""
    scenario = draw_whole_town(tmp_path)
    plain = {"barriers": "[{path: x.gpkg}]", "structures": "[{path: x.gpkg, kind: bridge}]", "start": "{path: x.csv}"}
    text = scenario.read_text(encoding="utf-8")
    more = "" if f"  {key}:" in text else f"  {key}: {plain[key]}\n"
    before, at, after = text.replace("communities:\n", f"{more}communities:\n").partition(f"  {key}:")
    gone = re.sub(r"path: [\w.]+", f"path: {name}.csv", after, count=1)
    scenario.write_text(before + at + gone, encoding="utf-8")
    answer = CliRunner().invoke(app, ["--language", "en", "check", str(scenario)])
    said = " ".join(answer.stderr.split())
    assert (answer.exit_code, f"data.{key}" in said) == (3, True), said
    assert message in said


@pytest.mark.parametrize(
    "words",
    [
        ["check", "LONG"],
        ["verify", "LONG"],
        ["verify", "DONE", "--scenario", "LONG"],
        ["compare", "DONE", "LONG"],
        ["heal", "DONE", "--pins", "LONG"],
        ["run", "TOWN", "--start", "LONG", "--out", "OUT"],
        ["run", "TOWN", "--out", "LONG"],
    ],
    ids=" ".join,
)
def test_a_name_too_long_for_any_disk_is_refused(tmp_path: Path, finished: Path, words: list[str]) -> None:
    """Wherever a path may be given, it is named; nothing is called our own fault."""
    given = {"LONG": "long" * 70, "DONE": finished, "TOWN": make_town(tmp_path), "OUT": tmp_path / "out"}
    answer = CliRunner().invoke(app, ["--language", "en", *(str(given.get(word, word)) for word in words)])
    said = "".join(answer.stderr.split())
    assert (answer.exit_code, "long" * 70 in said) == (3, True), said


def test_the_parent_of_a_scenario_may_not_have_such_a_name_either(tmp_path: Path) -> None:
    """It is named with its line."""
    (tmp_path / "child.yaml").write_text(f"extends: {'long' * 70}.yaml\n", encoding="utf-8")
    answer = CliRunner().invoke(app, ["--language", "en", "check", str(tmp_path / "child.yaml")])
    assert answer.exit_code == 3
    assert "child.yaml:1:10: extends: there is no such file" in answer.stderr
