"""The comparison, whole: a town is run twice, compared with itself and with today, and refused where it must be."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from typer.testing import CliRunner, Result

from redistrict.cli import app as cli
from redistrict.errors import DataError, OutputError
from redistrict.jobs.compare import compare
from redistrict.jobs.run import run
from redistrict.scenario import load_scenario

SCENARIO = """
name: town
title: {zh: "=1+1 小镇方案", en: "=1+1 {{7*7}} <b>town</b>"}
data:
  label: {zh: 虚构数据, en: Made-up data}
  blocks:
    path: town.gpkg
    columns: {id: id, households: households, people: people, district: district, name: name, community: today}
communities: {target: {households: 400, people: 1200}, tolerance: {households: 0.3, people: 0.3}}
solve: {effort: 0.1}
output: {language: both}
"""
HOSTILE = ("<img src=x onerror=alert(1)>", "${1}", '=HYPERLINK("x")', "</script>")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a town of 4 x 4 blocks twice, for four and for three communities; today one row is one community.

    ::

        [ ][ ][ ][ ]   community <img src=x onerror=alert(1)>
        [ ][ ][ ][ ]   ${1} ...
    """
    folder = tmp_path_factory.mktemp("town")
    _draw(folder, n=16)
    (folder / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    three = ["communities.target={households: 533, people: 1600}", "objective.boundary=2"]
    run(load_scenario(folder / "town.yaml"), out=folder / "four")
    run(load_scenario(folder / "town.yaml", overrides=three), out=folder / "three")
    return folder


def _draw(folder: Path, *, n: int) -> None:
    row, column = np.divmod(np.arange(n), 4)
    west, south = 500_000 + column * 120.0, 3_340_000 + row * 120.0
    blocks = gpd.GeoDataFrame(
        {
            "id": [f"{i:02d}" for i in range(n)],
            "households": 100,
            "people": 300,
            "district": "东区",
            "name": "",
            "today": [HOSTILE[r] for r in row],
        },
        geometry=shapely.box(west, south, west + 100, south + 100),
        crs="EPSG:4547",
    )
    blocks.to_file(folder / "town.gpkg", layer="blocks")


def _call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["--language", "en", "compare", *map(str, arguments)])


def test_two_results_and_today_are_compared(town: Path, tmp_path: Path) -> None:
    """Different numbers of communities stand side by side, and every figure is that of the results' own reports."""
    result = _call(town / "four", town / "three", "today", "--out", tmp_path / "c")
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "c" / "compare.json").read_text(encoding="utf-8"))
    lines = {line["key"]: line for line in told["lines"]}
    reports = [json.loads((town / name / "report.json").read_text(encoding="utf-8")) for name in ("four", "three")]
    assert lines["communities"]["values"] == [4, 4, 3]
    assert lines["boundary_m"]["values"][1:] == [report["totals"]["boundary_m"] for report in reports]
    moved = [report["standards"]["lineage"]["moved"] for report in reports]
    assert lines["moved"]["values"] == [None, *moved]
    assert [pair["residents_moved"] for pair in told["differences"][:2]] == moved
    assert [pair["sides"] for pair in told["differences"]] == [[0, 1], [0, 2], [1, 2]]
    assert sum(line["values"][0] for line in told["communities_by_households"]) == 4
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["compare.html", "compare.json", "compare.xlsx"]


def test_costs_of_other_targets_are_not_compared(town: Path, tmp_path: Path) -> None:
    """With unlike targets the cost is left out, sizes have no best value, and both are said."""
    unlike = compare([str(town / "four"), str(town / "three")], out=tmp_path / "c")
    keys = [line.key for line in unlike.lines]
    assert "cost" not in keys
    assert unlike.lines[keys.index("people_worst")].best == frozenset()
    assert len(unlike.notes) == 2
    alike = compare([str(town / "four"), "today"], out=tmp_path / "d")
    assert {"cost", "cost_boundary"} <= {line.key for line in alike.lines}
    assert alike.notes == ()


@pytest.mark.parametrize(("keep", "key"), [("hard", "cost_alike"), ("free", "cost")])
def test_costs_are_counted_by_one_where_borders_of_streets_cost_nothing(
    town: Path, tmp_path: Path, keep: str, key: str
) -> None:
    """Along a hard level every plan is cut, so that border has no price, as it has without the level."""
    level = f"levels=[{{key: street, title: {{zh: 街道, en: street}}, column: district, keep: {keep}}}]"
    street = run(load_scenario(town / "town.yaml", overrides=[level]), out=tmp_path / "street")
    for places in ([str(town / "four"), str(tmp_path / "street")], [str(tmp_path / "street"), str(town / "four")]):
        found = compare(places, out=tmp_path / "c", overwrite=True)
        (line,) = (line for line in found.lines if line.key in ("cost", "cost_alike"))
        assert line.key == key
        if keep == "hard":
            assert line.values == (street.result.cost_m,) * 2, "the areas are the same, and border none"


def test_costs_are_counted_by_the_rules_of_the_first_that_can(town: Path, tmp_path: Path) -> None:
    """Of two plans of as many communities, each by the rules of the first; its own is what its report says."""
    dear = run(load_scenario(town / "town.yaml", overrides=["objective.boundary=3"]), out=tmp_path / "dear")
    found = compare(["today", str(town / "four"), str(tmp_path / "dear")], out=tmp_path / "c")
    (line,) = (line for line in found.lines if line.key == "cost_alike")
    today, four, other = line.values
    assert (today, four) == (None, json.loads((town / "four" / "report.json").read_text(encoding="utf-8"))["cost"])
    assert other == four == pytest.approx(dear.result.cost_m / 3)
    assert "counted as in" in line.words.en
    assert "by the rules of one" in found.notes[0].en


def test_a_plan_agrees_with_its_copy(town: Path, tmp_path: Path) -> None:
    """Equal plans have the same communities, nobody moves, and alike titles are told apart by their folders."""
    shutil.copytree(town / "four", tmp_path / "copy")
    same = compare([str(town / "four"), str(tmp_path / "copy")], out=tmp_path / "c")
    found = same.pairs[0].agreement
    assert (found.n_same, found.same_share, found.moved, found.information_bits) == (4, 1.0, 0, 0.0)
    assert found.changes == ()
    assert all(line.best == frozenset() for line in same.lines)
    assert [name.en.rpartition("[")[2] for name in same.names] == ["1 four]", "2 copy]"]


def test_the_same_results_give_the_same_bytes(town: Path, tmp_path: Path) -> None:
    """Two comparisons of the same folders are equal byte by byte."""
    for name in ("a", "b"):
        compare(["today", str(town / "four"), str(town / "three")], out=tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_texts_in_the_workbook_are_texts(town: Path, tmp_path: Path) -> None:
    """Titles and names that look like formulas stand in the workbook as text, and there is no formula at all."""
    compare(["today", str(town / "four"), str(town / "three")], out=tmp_path / "c")
    book = openpyxl.load_workbook(tmp_path / "c" / "compare.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert '=HYPERLINK("x")' in {cell.value for cell in cells}
    assert len(book.sheetnames) == 4


def test_the_workbook_prints(town: Path, tmp_path: Path) -> None:
    """Each sheet is as wide as A4 or A3, with its heading on each page; sentences stand over the whole width."""
    compare(["today", str(town / "four"), str(town / "three")], out=tmp_path / "c")
    book = openpyxl.load_workbook(tmp_path / "c" / "compare.xlsx")
    for sheet in book:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.paperSize in (8, 9), int(sheet.page_setup.fitToHeight)) == (True, 0)
        assert sheet.print_area.split("!")[1].replace("$", "") == sheet.dimensions
        assert sheet.print_title_rows in ("$1:$1", "$1:$2")
        assert "&P" in sheet.oddFooter.right.text
        assert "虚构数据" in sheet.oddFooter.left.text
    lines = book.worksheets[0]
    said = [cells for cells in lines.merged_cells.ranges if "variation of" in lines.cell(cells.min_row, 1).value]
    assert [cells.max_col for cells in said] == [4, 4, 4]
    assert all(lines.row_dimensions[cells.min_row].height >= 4 * 15 for cells in said)


def test_other_data_on_the_same_blocks_are_noted(town: Path, tmp_path: Path) -> None:
    """A result whose data had another checksum is compared, with a note that names the input."""
    shutil.copytree(town / "four", tmp_path / "later")
    report = json.loads((tmp_path / "later" / "report.json").read_text(encoding="utf-8"))
    report["provenance"]["inputs"][0]["sha256"] = "0" * 64
    (tmp_path / "later" / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert [
        "data.blocks" in note.en
        for note in compare([str(town / "four"), str(tmp_path / "later")], out=tmp_path / "c").notes
    ] == [True]


def test_other_blocks_are_refused(town: Path, tmp_path: Path) -> None:
    """Results on different sets of blocks give one error in both languages, which names the blocks."""
    _draw(tmp_path, n=12)
    (tmp_path / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    run(load_scenario(tmp_path / "town.yaml"), out=tmp_path / "small")
    with pytest.raises(DataError, match=r"do not have the same blocks \(4 are in one only: 12, 13, 14, 15") as refused:
        compare([str(town / "four"), str(tmp_path / "small")], out=tmp_path / "c")
    assert "地块不同" in refused.value.problems[0].zh
    assert not (tmp_path / "c").exists()


def test_every_problem_is_listed_and_nothing_touched(town: Path, tmp_path: Path) -> None:
    """Missing folders, broken reports, a folder named twice and a place in the way are told in one error."""
    shutil.copytree(town / "four", tmp_path / "broken")
    (tmp_path / "broken" / "report.json").write_text("[]", encoding="utf-8")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("kept", encoding="utf-8")
    places = [town / "four", town / "four", tmp_path / "none", tmp_path / "broken"]
    with pytest.raises(OutputError, match="Named twice") as refused:
        compare([str(place) for place in places], out=tmp_path / "c", overwrite=True)
    said = [message.en for message in refused.value.problems]
    assert len(said) == 4
    assert "lacks scenario.yaml" in said[1]
    assert "do not make one result" in said[2]
    assert "is not a result directory" in said[3]
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("places", [["four"], ["today"]])
def test_one_plan_is_too_few(town: Path, tmp_path: Path, places: list[str]) -> None:
    """A single plan, or today's alone, is refused with exit code 3 and what to name."""
    paths = [place if place == "today" else town / place for place in places]
    result = _call(*paths, "--out", tmp_path / "c")
    assert result.exit_code == 3
    assert "Name two result folders or more" in result.stderr


def test_today_needs_data_that_know_it(town: Path, tmp_path: Path) -> None:
    """Where the data name no communities of today, `today` is refused and nothing is written."""
    shutil.copytree(town / "four", tmp_path / "four")
    text = (tmp_path / "four" / "scenario.yaml").read_text(encoding="utf-8")
    (tmp_path / "four" / "scenario.yaml").write_text(text.replace("community: today", "community: null"), "utf-8")
    with pytest.raises(DataError, match="do not say which communities there are today"):
        compare([str(tmp_path / "four"), "today"], out=tmp_path / "c")
    assert not (tmp_path / "c").exists()
