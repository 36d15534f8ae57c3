"""The diagnosis of today's plan, whole: the report's table on Huangshi, real cities, and a town of four blocks."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from redistrict.cli import app as cli
from redistrict.jobs.diagnose import diagnose
from redistrict.scenario import load_scenario

TESTS = Path(__file__).parents[1]
HUANGSHI = TESTS.parent / "scenarios" / "huangshi_diagnosis.yaml"
FILES = {
    "diagnosis.csv",
    "districts.csv",
    "diagnosis.json",
    "faults.png",
    "faults.svg",
    "histogram.png",
    "histogram.svg",
}
TOWN = """\
name: town
data:
  blocks:
    path: blocks.gpkg
    columns: {id: 编号, households: 户数, people: 人口, district: 行政区, name: 小区名, community: 社区}
"""


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["--language", "en", "diagnose", *arguments])


@pytest.fixture
def town(tmp_path: Path, four_blocks: gpd.GeoDataFrame, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a scenario of four blocks: two communities in the east, one in the west, a block without any."""
    monkeypatch.chdir(tmp_path)
    four_blocks.assign(社区=["=甲", "乙", "丙", None]).to_file("blocks.gpkg")
    Path("town.yaml").write_text(TOWN, encoding="utf-8")
    return "town.yaml"


@pytest.fixture(scope="module")
def huangshi(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Give the diagnosis of Huangshi as JSON, and its folder."""
    out = tmp_path_factory.mktemp("huangshi") / "today"
    return diagnose(load_scenario(HUANGSHI), out=out).to_json(), out


def test_huangshi_has_the_figures_of_the_report(huangshi: tuple[dict[str, Any], Path]) -> None:
    """Section 一: 133 communities by households, the two ends, premises of 300 m2 and staff, to the unit."""
    found, _ = huangshi
    assert found["n_communities"] == 133
    assert [band["count"] for band in found["bands"]] == [23, 64, 23, 11, 12]
    assert [round(100 * band["share"], 1) for band in found["bands"]] == [17.3, 48.1, 17.3, 8.3, 9.0]
    assert (found["smallest"]["name"], found["smallest"]["households"]) == ("老下陆社区", 298)
    assert (found["largest"]["name"], found["largest"]["households"]) == ("磁湖社区", 4126)
    assert (found["premises"]["reach"], found["premises"]["short"]) == (79, 54)
    assert found["staff"]["today"] == 910
    by_district = {name: group["n_communities"] for name, group in found["by_district"].items()}
    assert by_district == {"黄石港区": 38, "西塞山区": 39, "下陆区": 31, "铁山区": 9, "开发区": 16}
    assert found["data_label"]["en"].startswith("Synthetic data")


def test_the_folder_holds_the_same_numbers(huangshi: tuple[dict[str, Any], Path]) -> None:
    """Tables and JSON say the same, one row a community, one a district and a last one for all."""
    found, out = huangshi
    assert {path.name for path in out.iterdir()} == FILES
    assert json.loads((out / "diagnosis.json").read_text(encoding="utf-8")) == json.loads(json.dumps(found))
    rows = pd.read_csv(out / "diagnosis.csv", dtype={"community_id": str})
    assert len(rows) == rows["community_id"].nunique() == 133
    assert rows["reaches_minimum"].sum() == 79
    assert rows["crossing_trunk_m"].sum() == pytest.approx(found["crossing_m"]["trunk"])
    districts = pd.read_csv(out / "districts.csv").set_index("district")
    assert districts.loc["合计 All", "n_communities"] == districts["n_communities"][:-1].sum() == 133
    assert districts.loc["合计 All", "pieces"] == len(found["pieces"]) == (rows["n_pieces"] > 1).sum()


def test_the_command_prints_tables_and_writes_nothing(town: str) -> None:
    """Tables go to standard output, remarks to standard error; without --out no file is made, and the text says how."""
    before = sorted(Path.cwd().iterdir())
    done = call(town)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "Communities by households",
        "District\tall\tunder 1000\t1000–1999\t2000–2499\t2500–2999\t3000 and above",
    ]
    assert "合计 All\t3\t3\t0\t0\t0\t0" in lines
    assert "西塞山区\t120\t400\t丙 (120)\t丙 (120)" in lines
    assert "1 blocks (80 households, 250 people) have no community today and are in no figure: 04." in done.stderr
    assert "--out DIR" in done.stderr
    assert sorted(Path.cwd().iterdir()) == before


def test_json_has_null_for_what_the_data_do_not_say(town: str) -> None:
    """Standard output is one JSON value; absent premises, staff and roads are null and told in the notes."""
    found = json.loads(call(town, "--json").stdout)
    assert (found["premises"], found["crossing_m"], found["staff"]["today"]) == (None, None, None)
    assert found["staff"]["needed"] == 3
    assert found["bands"][-1]["upper"] is None
    assert found["pieces"] == found["enclaves"] == []
    assert [row["id"] for row in found["communities"]] == sorted(["=甲", "乙", "丙"])
    assert len([note for note in found["notes"] if note["en"].startswith("Not counted")]) == 3


def test_files_are_whole_guarded_and_replaced_only_with_leave(town: str) -> None:
    """A second diagnosis needs --overwrite; a name that looks like a formula is disarmed; other folders are safe."""
    assert call(town, "--out", "today").exit_code == 0
    assert {path.name for path in Path("today").iterdir()} == FILES
    assert "'=甲" in Path("today/diagnosis.csv").read_text(encoding="utf-8-sig")
    assert call(town, "--out", "today").exit_code == 3
    assert call(town, "--out", "today", "--overwrite").exit_code == 0
    Path("letters").mkdir()
    Path("letters/a.txt").write_text("dear", encoding="utf-8")
    refused = call(town, "--out", "letters", "--overwrite")
    assert (refused.exit_code, "is not a result directory" in refused.stderr) == (3, True)


def test_pictures_of_a_town_follow_the_language_of_the_scenario(town: str) -> None:
    """The same town in Chinese and in English gives other pictures and the same numbers."""
    for language in ("zh", "en"):
        assert call(town, "--out", language, "--set", f"output.language={language}").exit_code == 0
    assert Path("zh/faults.svg").read_bytes() != Path("en/faults.svg").read_bytes()
    assert Path("zh/diagnosis.csv").read_bytes() == Path("en/diagnosis.csv").read_bytes()


@pytest.mark.parametrize("column", ["", ", community: 空"])
def test_without_todays_communities_there_is_nothing_to_diagnose(
    town: str, four_blocks: gpd.GeoDataFrame, column: str
) -> None:
    """No column of today's communities, or an empty one, is refused with the key to fill in."""
    four_blocks.assign(空=None).to_file("blocks.gpkg")
    Path(town).write_text(TOWN.replace(", community: 社区", column), encoding="utf-8")
    refused = call(town)
    assert refused.exit_code == 3
    assert refused.stderr.startswith("data.blocks.columns.community: the diagnosis needs")


def test_data_with_people_only_have_no_histogram(town: str) -> None:
    """Without households there are no bands: the histogram is left out, and the notes say which key is missing."""
    Path(town).write_text(TOWN.replace("households: 户数, ", ""), encoding="utf-8")
    done = call(town, "--out", "people")
    assert done.exit_code == 0
    assert {path.name for path in Path("people").iterdir()} == FILES - {"histogram.png", "histogram.svg"}
    assert "for want of data.blocks.columns.households" in done.stderr


@pytest.mark.shared
@pytest.mark.parametrize(("name", "n", "in_pieces"), [("burlington", 8, 0), ("cambridge", 13, 1)])
def test_published_plans_of_real_cities(shared_data: Path, tmp_path: Path, name: str, n: int, in_pieces: int) -> None:
    """Burlington's 8 wards are contiguous, one of Cambridge's 13 neighbourhoods is not; all residents are counted."""
    done = call(str(TESTS / "scenarios" / f"{name}.yaml"), "--out", str(tmp_path / name), "--json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["n_communities"], len(found["pieces"])) == (n, in_pieces)
    assert sum(band["count"] for band in found["bands"]) == n
    assert (found["households"], found["people"]) == {"burlington": (17_412, 44_743), "cambridge": (42_495, 114_944)}[
        name
    ]
    assert {path.name for path in (tmp_path / name).iterdir()} == FILES
