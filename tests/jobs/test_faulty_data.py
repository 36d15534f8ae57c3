"""Faulty inputs, each with what the planner is told and the exit code: what is wrong, where, and what to do.

Exit code 3 where the result would be wrong, 0 where the data can be used and the finding is a note.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.jobs.inputs import read_inputs
from redistrict.judge import agreement
from redistrict.scenario import load_scenario

from .small_town import CRS, SIDE_M, make_blocks, place, tell, with_block, write_scenario

BLOCKS = "path: b.gpkg"
TODAY = {"name: name}}": "name: name, community: today}}"}
COLUMNS = "{id: code, name: cname, staff: staff, locked: locked}"


def _with(text: str) -> dict[str, str]:
    """Add a layer to the data of the scenario."""
    return {"communities:": f"  {text}\ncommunities:"}


def _current(path: str) -> dict[str, str]:
    return {**TODAY, **_with(f"current: {{path: {path}, columns: {COLUMNS}}}")}


ROADS = _with("roads: [{path: roads.gpkg, class_column: cls, classes: {Main: primary, main: trunk}}]")
PLAIN_ROADS = _with("roads: [{path: roads.gpkg, class_column: cls}]")
MADE = _with("structures: [{path: made.gpkg, kind_column: kind}]")
SITES = _with("premises: {path: sites.gpkg, columns: {id: sid, area_m2: area, community: own}}")
PROJECTS = _with("projects: {path: p.csv, columns: {id: pid, block: b, date: d, households: hh, homes: n}}")
START = _with("start: {path: plan.csv}")
TABLED = {
    "households: hh, people: ppl, district: dist, name: name}": "district: dist, name: name}, counts: {path: c.csv, "
    "columns: {id: key, households: h, people: p}}"
}


class Fault(NamedTuple):
    """How the town is spoilt, what changes in the scenario, the exit code of `check`, and words of what it says."""

    spoil: Callable[[Path], None]
    changes: dict[str, str]
    code: int
    told: str


def _blocks(change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame], name: str = "b.gpkg") -> Callable[[Path], None]:
    return lambda folder: change(make_blocks()).to_file(folder / name)


def _value(column: str, value: object, row: int = 5) -> Callable[[Path], None]:
    def change(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        blocks.loc[row, column] = value
        return blocks

    return _blocks(change)


def _shape(shape: shapely.Geometry) -> Callable[[Path], None]:
    """Draw block B11 anew."""

    def change(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = blocks.geometry.to_numpy().copy()
        shapes[5] = shape
        return blocks.set_geometry(shapes, crs=CRS)

    return _blocks(change)


def _unclosed(folder: Path) -> None:
    """Leave the last point of a ring away, as only GeoJSON can."""
    make_blocks().to_crs(4326).to_file(folder / "b.geojson")
    layer = json.loads((folder / "b.geojson").read_text(encoding="utf-8"))
    layer["features"][5]["geometry"]["coordinates"][0].pop()
    (folder / "b.geojson").write_text(json.dumps(layer), encoding="utf-8")


def _broken_vertex(name: str) -> Callable[[Path], None]:
    """Make a vertex of block B11, or of a road, no number in the file: writers would refuse it."""

    def spoil(folder: Path) -> None:
        blocks = make_blocks()
        blocks.to_file(folder / "b.gpkg")
        layer = blocks if name.startswith("b.") else gpd.GeoDataFrame({"cls": ["Main"]}, geometry=[ROAD], crs=CRS)
        layer.to_file(folder / name)
        vertex = shapely.get_coordinates(layer.geometry.iloc[min(5, len(layer) - 1)])[1].tobytes()
        content = (folder / name).read_bytes()
        assert vertex in content
        (folder / name).write_bytes(content.replace(vertex, np.full(2, np.nan).tobytes()))

    return spoil


def _today(
    table: pd.DataFrame | None = None, name: str = "cur.csv", two_districts: bool = False
) -> Callable[[Path], None]:
    """Write the blocks with communities C1 (rows 0 and 1) and C2, and a table of today's communities."""

    def spoil(folder: Path) -> None:
        blocks = make_blocks()
        rows = blocks["id"].str[1].astype(int)
        blocks["today"] = np.where(rows < 2, "C1", "C2")
        if not two_districts:
            blocks["dist"] = "西塞山区"
        blocks.to_file(folder / "b.gpkg")
        if table is not None and name.endswith("csv"):
            table.to_csv(folder / name, index=False)
        elif table is not None:
            pyogrio.write_dataframe(table, folder / name, driver="XLSX")

    return spoil


def _staff(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"code": ["C1", "C2", "C3"], "cname": ["甲", "乙", "丙"], "staff": 9, "locked": "no"} | columns)


def _layer(name: str, shape: shapely.Geometry, **columns: object) -> Callable[[Path], None]:
    """Write the blocks and a layer of the same shape in every row."""

    def spoil(folder: Path) -> None:
        make_blocks().to_file(folder / "b.gpkg")
        table = pd.DataFrame(columns)
        gpd.GeoDataFrame(table, geometry=[shape] * len(table), crs=CRS).to_file(folder / name)

    return spoil


def _table(name: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        make_blocks().to_file(folder / "b.gpkg")
        (folder / name).write_text(text, encoding="utf-8")

    return spoil


def _counts(*more: str, **rows: str) -> Callable[[Path], None]:
    """Write the counts of the 16 blocks as a CSV table: some rows otherwise, and more below them."""
    lines = [rows.get(key, f"{key},100,300") for key in make_blocks()["id"]]
    return _table("c.csv", "\n".join(["key,h,p", *lines, *more]) + "\n")


def _both(one: Callable[[Path], None], two: Callable[[Path], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        one(folder)
        two(folder)

    return spoil


ROAD = shapely.LineString([(600_100, 3_339_900), (600_100, 3_341_000)])
SPOT = shapely.Point(600_045, 3_340_045)
TWO_PLACES = shapely.union_all([place(1, 1, 40, 40), place(20, 1, 40, 40)])
BOW_TIE = shapely.Polygon([(600_110, 3_340_110), (600_200, 3_340_200), (600_200, 3_340_110), (600_110, 3_340_200)])

FAULTS = {
    "a block inside another": Fault(
        _blocks(lambda b: with_block(b, place(0.2, 0.2, 20, 20))), {}, 0,
        "1 pairs of blocks lie on each other: Z1 on B00 (400 m²)",
    ),
    "a block over two others": Fault(
        _blocks(lambda b: with_block(b, place(0.6, 0))), {}, 0, "2 pairs of blocks lie on each other: ",
    ),
    "the outline of the city": Fault(
        _blocks(lambda b: with_block(b, place(0, 0, 420, 420))), {}, 3, "Z1 covers 16 other blocks: B00, B01,",
    ),
    "the outline of an estate": Fault(
        _blocks(lambda b: with_block(b, place(0, 0, 310, SIDE_M))), {}, 3, "Z1 covers 3 other blocks: B00, B01, B02;",
    ),
    "a block drawn twice": Fault(
        _blocks(lambda b: with_block(b, place(2, 2))), {}, 3, "drawn on the same ground: B22 = Z1",
    ),
    "a block drawn twice, not quite alike": Fault(
        _blocks(lambda b: with_block(b, place(2.01, 2.02))), {}, 3, "drawn on the same ground: B22 = Z1",
    ),
    "a block in two places": Fault(
        _shape(TWO_PLACES), {}, 0, "1 blocks lie in several places and join what does not touch: B11 (2 parts,",
    ),
    "a bow-tie": Fault(_shape(BOW_TIE), {}, 0, "1 blocks had invalid outlines and were repaired"),
    "a ring that is not closed": Fault(
        _unclosed, {BLOCKS: "path: b.geojson"}, 3, "b.geojson: 1 features have a shape that cannot be read",
    ),
    "a vertex that is no number": Fault(
        _broken_vertex("b.fgb"), {BLOCKS: "path: b.fgb"}, 3, "have a shape that cannot be read",
    ),
    "a vertex of a shapefile that is no number": Fault(
        _broken_vertex("b.shp"), {BLOCKS: "path: b.shp"}, 3, "have a shape that cannot be read",
    ),
    "a road with a vertex that is no number": Fault(
        _broken_vertex("roads.fgb"), {**ROADS, "roads.gpkg": "roads.fgb"}, 3,
        "data.roads[0]: roads.fgb: 1 features have a shape that cannot be read",
    ),
    "more households than people": Fault(
        _value("ppl", 90), {}, 0, "1 rows hold more households than people (households / people): B11 (100 / 90)",
    ),
    "people without a household": Fault(
        _value("hh", 0), {}, 0, "1 rows hold people but no household (households / people): B11 (0 / 300)",
    ),
    "a district with an invisible character": Fault(
        _value("dist", "西塞山区\u200b"), {}, 3,
        "data.blocks.columns.district: these look like one name, written differently (width, case, blanks, invisible "
        "characters): '西塞山区' (7) = '西塞山区\\u200b' (1); write them alike",
    ),
    "districts of two widths": Fault(
        _blocks(lambda b: b.assign(dist=["A1区", "Ａ1区"] * 8)), {}, 3, "'A1区' (8) = 'Ａ1区' (8); write them alike",
    ),
    "communities of today in two cases": Fault(
        _blocks(lambda b: b.assign(today=["c1", "C1"] * 8, dist="A")), TODAY, 0, "'C1' (8) = 'c1' (8); write them",
    ),
    "classes of roads that look alike": Fault(
        _layer("roads.gpkg", ROAD, cls=["Main", "main", "main\u200b"]), ROADS, 0,
        "data.roads[0].class_column: these look like one name, written differently",
    ),
    "names that are empty throughout": Fault(
        _blocks(lambda b: b.assign(name="")), {}, 0, "'name' of b.gpkg is empty in all 16 rows",
    ),
    "a class that no road has": Fault(
        _layer("roads.gpkg", ROAD, cls=["Main", "MAIN", "lane"]), ROADS, 0,
        "data.roads[0].classes: main occurs nowhere in 'cls'; left out are: MAIN (1), lane (1).",
    ),
    "no class that any road has": Fault(
        _layer("roads.gpkg", ROAD, cls=["a", "b"]), ROADS, 3, "none of Main, main occurs in 'cls'; its values are: ",
    ),
    "a class without a price": Fault(
        _layer("roads.gpkg", ROAD, cls=["trunk", "Trunk"]), PLAIN_ROADS, 0,
        "data.roads: Trunk (1) have no weight in objective.crossing (trunk, primary, secondary) and cost nothing",
    ),
    "roads without a class": Fault(
        _layer("roads.gpkg", ROAD, cls=["trunk", "", None]), PLAIN_ROADS, 0,
        "data.roads[0]: 2 of 3 roads of roads.gpkg have nothing in 'cls' and are left out.",
    ),
    "roads that are points": Fault(
        _layer("roads.gpkg", SPOT, cls=["trunk"]), PLAIN_ROADS, 3, "1 of 1 features of roads.gpkg are points or have",
    ),
    "barriers of no length": Fault(
        _layer("wall.gpkg", shapely.LineString([(0, 0), (0, 0)]), n=["a"]), _with("barriers: [{path: wall.gpkg}]"), 3,
        "data.barriers[0]: 1 of 1 features of wall.gpkg are points or have no length and count for nothing; give lines",
    ),
    "roads that are areas": Fault(
        _layer("roads.gpkg", ROAD.buffer(5), cls=["trunk"]), PLAIN_ROADS, 0, "are areas; their outlines count, which",
    ),
    "no roads in the layer": Fault(
        _layer("roads.gpkg", ROAD, cls=[]), PLAIN_ROADS, 0, "data.roads[0]: roads.gpkg holds no features; check the",
    ),
    "kinds of structures in capitals": Fault(
        _layer("made.gpkg", SPOT, kind=["bridge", "Bridge"]), MADE, 0, "occurs nowhere in 'kind'; left out are: Bridge",
    ),
    "no kind of structure at all": Fault(
        _layer("made.gpkg", SPOT, kind=["Brücke"]), MADE, 3, "none of bridge, underpass, signal occurs in 'kind'",
    ),
    "staff of a community without blocks": Fault(
        _today(_staff()), _current("cur.csv"), 0, "1 communities of cur.csv hold no block and are left out: C3 (9",
    ),
    "staff that a spreadsheet did not calculate": Fault(
        _today(_staff(staff=None), "cur.xlsx"), _current("cur.xlsx"), 3, "'staff' is empty in all 3 rows (formulas",
    ),
    "staff of one community missing": Fault(
        _today(_staff(staff=["9", "", "9"])), _current("cur.csv"), 0, "is empty in 1 of 3 rows, which count as 0: C2",
    ),
    "locks that are empty throughout": Fault(
        _today(_staff(locked="")), _current("cur.csv"), 0, "'locked' of cur.csv is empty in all 3 rows",
    ),
    "locks that are neither yes nor no": Fault(
        _today(_staff(locked=["待定", "是", "否"])), _current("cur.csv"), 3,
        "1 values of 'locked' are neither yes nor no: '待定' (C1); write 1 or yes",
    ),
    "what is taken for a lock": Fault(
        _today(_staff(locked=["是", "√", "不锁定"])), _current("cur.csv"), 0,
        "2 of 2 communities stay as they are; taken for yes in 'locked': '是' (1), '√' (1).",
    ),
    "a community missing from the table": Fault(
        _today(_staff().iloc[:1]), _current("cur.csv"), 3, "1 communities that blocks belong to are not in cur.csv: C2",
    ),
    "one name in two districts": Fault(
        _today(two_districts=True), TODAY, 0, "2 communities have blocks in more than one district",
    ),
    "a site of no community": Fault(
        _both(_layer("sites.gpkg", SPOT, sid=["S1"], area=[500.0], own=["C9"]), _today()),
        {**TODAY, **SITES}, 0, "data.premises: 1 sites belong to no community of today and are left out: S1",
    ),
    "floor areas that are empty throughout": Fault(
        _layer("sites.gpkg", SPOT, sid=["S1"], area=[""], own=["C1"]), SITES, 3, "'area' is empty in all 1 rows",
    ),
    "a site at 0, 0": Fault(
        _table("s.csv", "sid,area,x,y\nS1,300,600045,3340045\nS2,300,0,0\n"),
        _with("premises: {path: s.csv, crs: EPSG:4547, columns: {id: sid, area_m2: area}}"), 3,
        "1 sites lie more than 200 km from every block: S2 (3,3",
    ),
    "more households than homes": Fault(
        _table("p.csv", "pid,b,d,hh,n\nP1,B00,2028,120,100\n"), PROJECTS, 0,
        "in 1 rows more households move in than homes are built: P1 (120 > 100)",
    ),
    "a delivery in a block there is not": Fault(
        _table("p.csv", "pid,b,d,hh,n\nP1,B99,2028,1,1\n"), PROJECTS, 3, "there is no block B99",
    ),
    "keys of blocks beyond what a number holds": Fault(
        _blocks(lambda b: b.assign(id=[4.20201001001e18 + n for n in range(16)])),
        {"data:": "data:\n  repair: mend"}, 3,
        "data.blocks.columns.id: keys in 'id' are numbers that have lost their last digits: 4.20201001001e+18; save",
    ),
    "keys of counts in scientific notation": Fault(
        _counts(B00="4.20201E+11,1,1", B01="4.20201E+11,1,1"), TABLED, 3,
        "data.blocks.counts.columns.id: keys in 'key' are numbers that have lost their last digits: 4.20201E+11",
    ),
    "keys that became dates": Fault(
        _counts(B00="1月2日,1,1", B01="45658,1,1"), {**TABLED, "p}}}": "p}}, blanks: zero}"}, 3,
        "Keys of the table look like dates that a spreadsheet made of them: 1月2日, 45658; format",
    ),
    "keys in wide digits": Fault(_counts(B00="Ｂ００,1,1"), TABLED, 3, "'B00' = 'Ｂ００' (spreadsheets drop"),
    "keys with an apostrophe": Fault(_counts(B00="'B00,1,1"), TABLED, 3, "differently: 'B00' = ''B00'"),
    "keys with an invisible character": Fault(_counts(B00="B00\u200b,1,1"), TABLED, 3, "'B00' = 'B00\\u200b'"),
    "empty rows and a total below the counts": Fault(
        _counts(",,", "合计,1600,4800", ",,", ""), TABLED, 0,
        "data.blocks.counts: rows 19 (合计) are the sum of the rows above or below ('h', 'p') and are left out as "
        "totals.",
    ),
    "a total that is none": Fault(
        _counts("", "合计,1601,4800"), TABLED, 3, "rows 19 (合计) are called totals, but are not the sum of the rows",
    ),
    "a total without a word that is none": Fault(
        _counts(",1601,4800"), TABLED, 3, "counts.columns.id: 1 rows have nothing in 'key' (rows 18); fill it in.",
    ),
    "a total of staff, and one of homes": Fault(
        _both(
            _today(_staff(code=["C1", "C2", ""], staff=[9, 8, 17], locked=["", "是", "1 个"])),
            lambda folder: (folder / "p.csv").write_text("pid,b,d,hh,n\nP1,B00,2028,9,9\n,,,9,9\n", encoding="utf-8"),
        ),
        _current("cur.csv") | {"communities:": _current("cur.csv")["communities:"].removesuffix("communities:")
        + PROJECTS["communities:"]}, 0, "data.projects: rows 3 (-) are the sum of the rows above",
    ),
    "a thousand with a comma, in quotes": Fault(
        _counts(B03='B03,"1,200",300'), TABLED, 3,
        "(found 1,200): B03. Write numbers without thousands separators (1000).",
    ),
    "a thousand with a comma, not in quotes": Fault(
        _counts(B03="B03,1,200,300"), TABLED, 3, "1 rows of c.csv have more cells than the 3 headings, so that values "
        "stand in the wrong columns: rows 5 (B03, 1, 200, 300). Write numbers without separators",
    ),
    "a plan with blocks there are not": Fault(
        _table("plan.csv", "block_id,community_id\nB00,1\nB99,1\n"), START, 0, "1 rows of plan.csv name no block",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_place_and_exit_code(tmp_path: Path, fault: str) -> None:
    """Each faulty input ends in its message, in `check` and before anything is solved, with its exit code."""
    spoil, changes, code, words = FAULTS[fault]
    spoil(tmp_path)
    found, told = tell("check", write_scenario(tmp_path, changes))
    assert words in told
    assert found == code, told


def test_every_finding_is_said_in_chinese_too(tmp_path: Path) -> None:
    """The notes of a town with several faults are Chinese when that is asked for."""
    blocks = with_block(make_blocks(), place(0.2, 0.2, 20, 20), ppl=90)
    blocks.to_file(tmp_path / "b.gpkg")
    findings = read_inputs(load_scenario(write_scenario(tmp_path))).findings
    assert [note.zh.split("：")[1][:10] for note in findings] == ["1 对地块相互重叠", "1 行户数多于人口（"]


def test_run_says_what_was_found_as_well(tmp_path: Path) -> None:
    """What `check` tells of the data, `run` tells too, and the report keeps it."""
    _value("ppl", 90)(tmp_path)
    code, told = tell("run", write_scenario(tmp_path), "--out", tmp_path / "out")
    assert code == 0, told
    assert "1 rows hold more households than people" in told
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert any("1 rows hold more households than people" in note["en"] for note in report["notes"])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("hh", 7, "data.blocks: 'households' of B00: the engine reads 100, the judge 7"),
        ("name", "x", "data.blocks: 'name' of B00: the engine reads 花湖0-0, the judge x"),
        ("dist", "x", "data.blocks: 'district' of B00"),
        ("id", "x", "data.blocks: 'id' of B00: the engine reads B00, the judge B01"),
    ],
)
def test_a_file_read_differently_is_refused_before_solving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, value: object, words: str
) -> None:
    """Where the judge reads another value than the engine, `check` and `run` refuse, with table, column and both."""
    make_blocks().to_file(tmp_path / "b.gpkg")
    other = make_blocks().astype({column: object})
    other.loc[0, column] = value
    other.infer_objects().to_file(tmp_path / "other.gpkg")
    scenario = load_scenario(write_scenario(tmp_path))
    source = scenario.data.blocks.model_copy(update={"path": tmp_path / "other.gpkg"})
    twin = scenario.model_copy(update={"data": scenario.data.model_copy(update={"blocks": source})})
    again = agreement.read_again(twin)
    monkeypatch.setattr(agreement, "read_again", lambda _: again)
    with pytest.raises(DataError) as refused:
        read_inputs(scenario)
    assert words in str(refused.value)
