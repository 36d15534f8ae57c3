"""The judge on the written files of a result: a good directory, then one planted fault in each file."""

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from redistrict.judge import verify_files
from redistrict.judge.files import count_workers
from redistrict.judge.verification import Violation
from redistrict.scenario.models import Communities, Sizes, Tolerance
from redistrict.scenario.office import Staffing
from redistrict.scenario.sources import BlockColumns

from .delivery import read_shapes, write_layers, write_result
from .towns import Town, cells, marks, square

MakeTown = Callable[..., Town]


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Two communities of two blocks, a street between every two blocks: ``a a | b b``."""
    return make_town(cells("xxxx", street_m=20), households=1000, people=3000, district="东区")


@pytest.fixture
def result(town: Town, tmp_path: Path) -> Path:
    """Give a result directory without a fault: 8 workers for 2,000 households and 6,000 people."""
    write_result(town, tmp_path, marks("aabb"))
    return tmp_path


def only(town: Town, result: Path) -> Violation:
    (violation,) = verify_files(town.scenario, result).violations
    return violation


def test_faultless_directory_passes(town: Town, result: Path) -> None:
    """Files that agree with plan and data have no violation."""
    assert verify_files(town.scenario, result).violations == ()


@pytest.mark.parametrize(
    ("place", "value"),
    [("blocks", 5), ("workers", 15), ("communities_by_district", {"东区": 1}), ("n_blocks", 3)],
)
def test_counts_of_the_report_are_counted_anew(town: Town, result: Path, place: str, value: object) -> None:
    """Blocks, workers, communities by district and blocks of a community are those of the plan."""
    report = json.loads((result / "report.json").read_text(encoding="utf-8"))
    right = {"blocks": 4, "workers": 16, "communities_by_district": {"东区": 2}}
    report["totals"] |= right
    report["communities"] = [row | {"n_blocks": 2} for row in report["communities"]]
    (result / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert verify_files(town.scenario, result).violations == ()
    if place in right:
        report["totals"][place] = value
    else:
        report["communities"][0][place] = value
    (result / "report.json").write_text(json.dumps(report), encoding="utf-8")
    violation = only(town, result)
    assert violation.rule == "report"
    assert place in violation.message.en


def test_quantity_without_a_column_may_be_absent(make_town: MakeTown, tmp_path: Path) -> None:
    """Without a column of people the files need no numbers of people."""
    columns = BlockColumns(id="key", households="households", district="district")
    town = make_town(cells("xxxx", street_m=20), households=1000, district="东区", columns=columns)
    write_result(town, tmp_path, marks("aabb"), keep=("households",))
    assert verify_files(town.scenario, tmp_path).violations == ()


@pytest.mark.parametrize(
    "name",
    ["plan.csv", "report.json", "staffing.csv", "communities.gpkg", "communities.geojson", "shapefile/communities.shp"],
)
def test_missing_or_unreadable_file_is_named(town: Town, result: Path, name: str) -> None:
    """A file that is not there, or is no such file, breaks the rule `files`."""
    for content in (b"\xff\xfe\x00", None):
        (result / name).unlink()
        if content is not None:
            (result / name).write_bytes(content)
        violations = verify_files(town.scenario, result).violations
        assert {violation.rule for violation in violations} == {"files"}
        assert all(Path(name).name in violation.message.zh for violation in violations)


def test_a_result_of_a_stranger_runs_nothing(town: Town, result: Path) -> None:
    """A view in place of the communities, and a VRT in place of GeoJSON, are named, not run (issue 16)."""
    with closing(sqlite3.connect(result / "communities.gpkg")) as database:
        database.execute("ALTER TABLE communities RENAME TO c")
        database.execute("CREATE VIEW communities AS SELECT * FROM c")
        database.commit()
    (result / "communities.geojson").write_text("<OGRVRTDataSource/>")
    found = [violation.message.en for violation in verify_files(town.scenario, result).violations]
    assert any("communities is a view or computes columns" in message for message in found), found
    assert any("communities.geojson is not read: it holds 'OGRVRTDataSource'" in message for message in found), found


def test_where_blocks_are_mended_their_layer_is_judged(town: Town, result: Path) -> None:
    """A result of mended blocks without the layer of these is named."""
    data = town.scenario.data.model_copy(update={"repair": "mend"})
    (violation,) = verify_files(town.scenario.model_copy(update={"data": data}), result).violations
    assert "repaired_blocks.gpkg cannot be read" in violation.message.en


@pytest.mark.parametrize(("named", "told"), [("b", []), ("ab", ["a"]), ("", [])])
def test_only_communities_outside_the_bounds_may_be_exceptions(
    make_town: MakeTown, tmp_path: Path, named: str, told: list[str]
) -> None:
    """Where some are freed, a report may not name one inside the bounds; b is twice as large as asked."""
    rules = Communities(target=Sizes(households=20), tolerance=Tolerance(households=0.1), exceptions="nearest")
    households = {"00": 10, "01": 10, "02": 19, "03": 21}
    town = make_town(cells("xxxx", street_m=20), households=households, people=1, communities=rules)
    write_result(town, tmp_path, marks("aabb"), workers=1)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    for row in report["communities"]:
        row["exception"] = "too large" if row["id"] in named else ""
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    verdict = verify_files(town.scenario, tmp_path)
    assert [v.community for v in verdict.violations if "exception" in v.message.en] == told
    assert verdict.exceptions == (("b",) if "b" in named else ())
    assert [v.community for v in verdict.violations if v.rule == "households"] == ([] if "b" in named else ["b"])


def test_faulty_plan_is_refused(town: Town, result: Path) -> None:
    """The rules of the plan are judged from plan.csv."""
    plan = pd.read_csv(result / "plan.csv", dtype=str, encoding="utf-8-sig")
    plan.iloc[:3].to_csv(result / "plan.csv", index=False)
    violations = verify_files(town.scenario, result).violations
    assert violations[0].rule == "coverage"
    assert violations[0].blocks == ("03",)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_apostrophe_before_a_formula_is_no_part_of_the_text(town: Town, result: Path, start: str) -> None:
    """One apostrophe before ``= + - @``, a tab or a carriage return is taken off in every text column."""
    shapes = read_shapes(result).assign(community_name=[f"{start}1", f"2'{start}"], community_id=["=a", "-b"])
    blocks = gpd.read_file(result / "communities.gpkg", layer="blocks")
    blocks["community_id"] = blocks["community_id"].map({"a": "=a", "b": "-b"})
    write_layers(result, shapes, blocks)
    guarded = {"a": {"community_id": "'=a", "community_name": f"'{start}1"}}
    guarded["b"] = {"community_id": "'-b", "community_name": f"2'{start}"}
    plan = town.plan(marks("aabb"))
    for column in ("community_name", "community_id"):
        plan[column] = [guarded[to][column] for to in plan["community_id"]]
    plan.to_csv(result / "plan.csv", index=False, quoting=csv.QUOTE_ALL)
    (result / "staffing.csv").write_text("community_id,workers\n'=a,8\n'-b,8\n", encoding="utf-8-sig")
    report = json.loads((result / "report.json").read_text(encoding="utf-8"))
    report["communities"] = [
        row | {"id": shape.community_id, "name": shape.community_name}
        for row, shape in zip(report["communities"], shapes.itertuples(), strict=True)
    ]
    (result / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert verify_files(town.scenario, result).violations == ()


@pytest.mark.parametrize("change", [{"communities": 7}, {"communities": [1]}, {"communities": {"a": 1}}, {"totals": 5}])
def test_a_report_of_another_form_is_named(town: Town, result: Path, change: dict) -> None:
    """Whatever stands where rows or totals should, the report is called unreadable, and nothing is raised."""
    report = json.loads((result / "report.json").read_text(encoding="utf-8"))
    (result / "report.json").write_text(json.dumps(report | change), encoding="utf-8")
    told = [violation.message.en for violation in verify_files(town.scenario, result).violations]
    assert any("report.json is missing or unreadable: communities or totals" in message for message in told)


def test_other_apostrophes_stay(town: Town, result: Path) -> None:
    """An apostrophe before any other character belongs to the text."""
    plan = town.plan(marks("aabb")).assign(community_name="'甲")
    plan.to_csv(result / "plan.csv", index=False)
    violations = verify_files(town.scenario, result).violations
    assert {violation.allowed for violation in violations} == {"'甲"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"n_communities": 3}, ("report", None, "3", "2")),
        ({"totals": {"households": 4000, "population": 1}}, ("report", None, "1", "12000")),
        (
            {"communities": []},
            ("report", None, "community_name, district, households, people, workers", "all columns"),
        ),
    ],
)
def test_report_must_agree(town: Town, result: Path, change: dict, expected: tuple) -> None:
    """Count, totals and communities of the report are those of the plan."""
    report = json.loads((result / "report.json").read_text(encoding="utf-8"))
    (result / "report.json").write_text(json.dumps(report | change), encoding="utf-8")
    first, *_ = verify_files(town.scenario, result).violations
    assert (first.rule, first.community, first.found, first.allowed) == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", "别的"), ("district", "西区"), ("households", 1999), ("population", 6001), ("workers", 9)],
)
def test_number_of_a_community_in_the_report_must_agree(town: Town, result: Path, key: str, value: object) -> None:
    """Every number and name of a community in the report is checked."""
    report = json.loads((result / "report.json").read_text(encoding="utf-8"))
    report["communities"][1][key] = value
    (result / "report.json").write_text(json.dumps(report), encoding="utf-8")
    violation = only(town, result)
    assert (violation.rule, violation.community, violation.found) == ("report", "b", str(value))
    assert f"{key.replace('population', 'people')} of community b is {value}; " in violation.message.en
    assert "社区 b 的" in violation.message.zh


def test_a_number_that_the_report_leaves_out_is_named(town: Town, result: Path) -> None:
    """With a dash for what is found."""
    report = json.loads((result / "report.json").read_text(encoding="utf-8"))
    del report["communities"][1]["workers"]
    (result / "report.json").write_text(json.dumps(report), encoding="utf-8")
    violation = only(town, result)
    assert (violation.rule, violation.community, violation.found, violation.allowed) == ("report", "b", "-", "8")


@pytest.mark.parametrize(("name", "missing"), [("boundaries.csv", "beyond_id"), ("bounds.csv", "community_name")])
def test_tables_of_borders_have_their_columns(town: Town, result: Path, name: str, missing: str) -> None:
    """A table that is there is read, and which columns it lacks is told."""
    (result / name).write_text("community_id,named_border_share\na,0\nb,0\n", encoding="utf-8-sig")
    violation = only(town, result)
    assert violation.message.en.startswith(f"{name}: missing column is {missing}, ")


def test_staffing_must_follow_the_rule(town: Town, result: Path) -> None:
    """The workers of each community are those the scenario's ratios give; a line of totals is passed over."""
    path = result / "staffing.csv"
    path.write_text("community_id,workers\na,8\nb,8\n,16\n", encoding="utf-8-sig")
    assert verify_files(town.scenario, result).ok
    path.write_text("community_id,workers\na,8\nb,7\n", encoding="utf-8-sig")
    violation = only(town, result)
    assert (violation.rule, violation.community, violation.found) == ("files", "b", "7")
    path.write_text("community_id,workers\na,8\nc,8\n", encoding="utf-8-sig")
    assert "b, c" in only(town, result).found


@pytest.fixture(scope="module")
def settled(make_town: MakeTown) -> Town:
    """Give the blocks of `town` with today's communities: one of the last has none."""
    today = {"00": "=甲", "01": "乙", "02": "乙", "03": ""}
    return make_town(cells("xxxx", street_m=20), households=1000, people=3000, district="东区", today=today)


def test_unreadable_lineage_is_named(settled: Town, tmp_path: Path) -> None:
    """A table that is there must be one."""
    write_result(settled, tmp_path, marks("aabb"))
    (tmp_path / "lineage.csv").write_bytes(b"\xff\xfe\x00")
    assert "lineage.csv" in only(settled, tmp_path).message.zh


def test_columns_of_the_layers_must_agree(town: Town, result: Path) -> None:
    """A wrong number in GeoPackage, shapefile and GeoJSON is found in each."""
    write_layers(result, read_shapes(result).assign(households=[2000, 2001]))
    violations = verify_files(town.scenario, result).violations
    assert [(v.rule, v.community, v.found) for v in violations] == [("files", "b", "2001")] * 3
    assert "communities.gpkg" in violations[0].message.en
    assert "communities.shp" in violations[1].message.en


def test_block_layer_must_agree(town: Town, result: Path) -> None:
    """A block that the layer puts elsewhere than the plan is named."""
    blocks = gpd.read_file(result / "communities.gpkg", layer="blocks")
    blocks.loc[1, "community_id"] = "b"
    blocks.to_file(result / "communities.gpkg", layer="blocks")
    assert only(town, result).blocks == ("01",)
    blocks.drop(columns="community_id").to_file(result / "communities.gpkg", layer="blocks")
    assert only(town, result).found == "community_id"


def test_blocks_that_overlap_in_the_data_are_nobody_s_fault(make_town: MakeTown, tmp_path: Path) -> None:
    """Where blocks of two communities overlap in the data, either polygon may have the strip."""
    blocks = {f"0{i}": square(99.5 * i, 0) for i in range(4)}
    town = make_town(blocks, households=1000, people=3000, district="东区")
    write_result(town, tmp_path, marks("aabb"))
    halves = [shapely.union_all([blocks[key] for key in keys]) for keys in (("00", "01"), ("02", "03"))]
    for geometry in ([halves[0], halves[1] - halves[0]], [halves[0] - halves[1], halves[1]]):
        write_layers(tmp_path, read_shapes(tmp_path).assign(geometry=geometry))
        assert verify_files(town.scenario, tmp_path).ok


def test_layers_in_degrees_are_compared_in_metres(town: Town, result: Path) -> None:
    """Layers written in another CRS are brought to the blocks' own before they are compared."""
    write_layers(result, read_shapes(result).to_crs("EPSG:4490"))
    assert verify_files(town.scenario, result).ok


def test_layer_without_crs_is_refused(town: Town, result: Path) -> None:
    """A layer that does not say where it lies cannot be compared."""
    (result / "shapefile" / "communities.prj").unlink()
    assert "CRS" in only(town, result).found


@pytest.mark.parametrize(
    ("rule", "households", "people", "workers"),
    [
        (Staffing(), 2500, 8000, 10),
        (Staffing(), 2501, 8000, 11),
        (Staffing(), 2500, 8001, 11),
        (Staffing(combine="mean"), 2500, 9600, 11),
        (Staffing(combine="mean", rounding="nearest"), 2500, 8800, 11),
        (Staffing(rounding="nearest"), 2624, 0, 10),
        (Staffing(households_per_worker=0.1), 3, 0, 30),
        (Staffing(minimum=5), 10, 30, 5),
        (Staffing(), 0, 0, 0),
    ],
)
def test_workers_follow_the_staffing_rule(rule: Staffing, households: int, people: int, workers: int) -> None:
    """Ratios, combination, rounding (halves go up) and minimum give the number of workers."""
    assert count_workers(rule, {"households": households, "people": people}) == workers
