"""Data as a newcomer has them: every stumble ends in a message with the key and the values there are (issue 16)."""

import re
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import pandas as pd
import pytest
import xlsxwriter

from redistrict.judge.files import verify_files
from redistrict.judge.manifest import judge_manifest
from redistrict.scenario import load_scenario

from .small_town import CRS, make_blocks, place, tell

HEAD = "name: town\ndata:\n"
TAIL = """
communities:
  target: {households: 400, people: 1200}
  tolerance: {households: 0.3, people: 0.3}
"""

Step = tuple[str, int, str]
"""What stands under `data`, the exit code of `check`, and what it says."""


def _roads() -> gpd.GeoDataFrame:
    lines = [place(column, 0).boundary.centroid.buffer(300).boundary for column in range(3)]
    return gpd.GeoDataFrame({"MTFCC": ["S1200", "S1400", "S1400"]}, geometry=lines, crs=CRS)


def _census(folder: Path) -> list[Step]:
    """Blocks zipped on a Mac, counts as the census gives them: another spelling of the key, labels below, blanks."""
    blocks = make_blocks().assign(GEOID20=[f"0900{n:02d}" for n in range(16)])[["GEOID20", "geometry"]]
    blocks.to_file(folder / "tl_blocks.shp")
    with ZipFile(folder / "blocks.zip", "w") as archive:
        for part in sorted(folder.glob("tl_blocks.*")):
            archive.write(part, part.name)
            archive.writestr(f"__MACOSX/._{part.name}", b"\0\5\26\7resource fork")
    table = pd.DataFrame({"GEO_ID": [f"1000000US{key}" for key in blocks["GEOID20"]], "GEOCODE": blocks["GEOID20"]})
    table = table.assign(H1_001N=["", *["100"] * 15], P1_001N=["", *["300"] * 15])
    labels = pd.DataFrame([["Geography", "Code", "!!Total", "!!Total"]], columns=table.columns)
    pd.concat([labels, table]).to_csv(folder / "counts.csv", index=False)
    _roads().to_file(folder / "roads.shp")
    layer = "  blocks: {path: blocks.zip, columns: {id: %s}%s}\n"
    counts = ", counts: {path: counts.csv, columns: {id: %s, households: %s, people: P1_001N}}"
    good = layer % ("GEOID20", counts % ("GEOCODE", "H1_001N") + ", blanks: zero")
    roads = "  roads: [{path: roads.shp, class_column: MTFCC, classes: {%s}}]\n"
    return [
        (layer % ("GEOID20", ""), 3, "give at least one of 'households' and 'people' in 'columns', or in 'counts' or"),
        (layer % ("GEOID", counts % ("GEOCODE", "H1_001N")), 3, "no column 'GEOID' .did you mean 'GEOID20'"),
        (layer % ("GEOID20", counts % ("GEOCODE", "H1")), 3, "has no column 'H1'.* GEO_ID, GEOCODE, H1_001N"),
        (layer % ("GEOID20", counts % ("GEO_ID", "H1_001N")), 3, "16 blocks have no row .*'090000' = '1000000US09"),
        (layer % ("GEOID20", counts % ("GEOCODE", "H1_001N")), 3, "'H1_001N' .*: 090000. If .* write 'blanks: zero'"),
        (good, 0, "1 rows of counts.csv name no block and are left out .*: Code.*'H1_001N' is empty in 1 of 16 blocks"),
        (good + roads % "motorway: trunk", 3, "none of motorway occurs in 'MTFCC'; its values are: S1200, S1400"),
        (good + roads % "S1200: primary, S1100: trunk", 0, "S1100.* occurs nowhere in 'MTFCC'; left out are: S1400"),
        (good + roads % "S1200: artery", 3, "'artery' has no weight in objective.crossing .trunk, primary"),
        (good + roads % "S1200: primary", 0, "16 blocks"),
    ]  # fmt: skip


def _county(folder: Path) -> list[Step]:
    """A county's export: GBK without saying so, a workbook with titles and numbers for keys, offices by coordinates."""
    blocks = make_blocks().assign(地块编号=[f"00{n:02d}" for n in range(16)])
    blocks["社区"] = ["团城山", "花湖"] * 8
    blocks[["地块编号", "name", "社区", "geometry"]].to_file(folder / "地块.shp", encoding="gbk")
    (folder / "社区.csv").write_bytes("社区一览表,\n社区,人员\n团城山,5\n花湖,6\n".encode("gbk"))
    (folder / "地块.cpg").unlink()
    with xlsxwriter.Workbook(folder / "人口.xlsx") as book:
        for name, keys in (("街道", list(range(16))), ("地块", blocks["地块编号"].tolist())):
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, 2, "某县人口统计表（2025 年）")
            sheet.write_row(2, 0, ["编号", "户数", "人数"])
            for row, key in enumerate(keys):
                sheet.write_row(row + 3, 0, [key, 100, 300])
        sheet = book.add_worksheet("两行")
        sheet.merge_range(0, 0, 1, 0, "编号")
        sheet.merge_range(0, 1, 0, 2, "规模")
        sheet.write_row(1, 1, ["户数", "人数"])
        sheet.write_row(2, 0, ["0000", 100, 300])
    at = blocks.geometry.iloc[:2].representative_point().to_crs(4490)
    sites = pd.DataFrame({"名称": ["甲", "乙"], "面积": [300, 250], "东经": at.x, "北纬": at.y})
    for file, table in {
        "用房.csv": sites,
        "度分秒.csv": sites.rename(columns={"东经": "经度", "北纬": "纬度"}).assign(经度="115°02′"),
        "经纬度.csv": sites.rename(columns={"东经": "经度", "北纬": "纬度"}),
        "颠倒.csv": sites.rename(columns={"东经": "纬度", "北纬": "经度"}),
        "别处.csv": sites.rename(columns={"东经": "经度", "北纬": "纬度"}).assign(经度=114.1),
    }.items():
        (folder / file).write_bytes(("办公用房一览表,,,\n" + table.to_csv(index=False)).encode("gbk"))
    layer = "  blocks: {path: 地块.shp, columns: {id: 地块编号, name: name}, counts: {path: 人口.xlsx%s, %s}}\n"
    columns = "columns: {id: 编号, households: 户数, people: 人数}"
    good = layer % (", layer: 地块", columns)
    today = "  current: {path: 社区.csv, columns: {id: 社区}}\n"
    offices = "  premises: {path: %s, columns: {id: 名称, area_m2: 面积%s}}\n"
    return [
        (layer % ("", columns), 3, "counts.layer: 人口.xlsx has several layers; name one of: 街道, 地块, 两行"),
        (layer % (", layer: 街道", columns), 3, "no row in 人口.xlsx .*'0000' = '0'.*keep the keys as text"),
        (layer % (", layer: 地块", columns.replace("户数", "户")), 3, "no column '户'.* columns are: 编号, 户数, 人数"),
        (layer % (", layer: 两行", columns), 3, "no column '编号'.*Row 2 is taken for the headings: write"),
        (good, 0, "GB18030.*headings of 人口.xlsx are taken from row 3"),
        (good.replace("name: name", "name: name, community: 社区") + today, 0, "社区.csv are taken from row 2"),
        (good + offices % ("用房.csv", ""), 3,
         "as 'x' and 'y' under data.premises.columns. Its columns are: 名称, 面积, 东经, 北纬"),
        (good + offices % ("用房.csv", ", x: 东经"), 3, "'x' and 'y' belong together"),
        (good + offices % ("用房.csv", ", x: 东经, y: 北纬"), 0, "its columns '东经' and '北纬', as degrees"),
        (good + offices % ("度分秒.csv", ""), 3, "'经度' must hold coordinates as numbers, .* found 115°02′"),
        (good + offices % ("颠倒.csv", ""), 3, "the axes seem to be swapped"),
        (good + offices % ("别处.csv", ""), 3, "别处.csv lies [0-9.]+ km from the blocks"),
        (good + offices % ("经纬度.csv", ""), 0, "经纬度.csv are taken from row 2.*'经度' and '纬度'"),
    ]  # fmt: skip


def _capital(folder: Path) -> list[Step]:
    """A city's open data: GeoJSON, keys with a point, one file of districts with gaps, metres without a system."""
    blocks = make_blocks().assign(OBJECTID=range(1, 17), WARD=["1"] * 8 + ["2"] * 7 + [None])
    blocks.to_crs(4326)[["OBJECTID", "WARD", "geometry"]].to_file(folder / "Blocks.geojson")
    table = pd.DataFrame({"ID": [f"{n}.0" for n in range(1, 17)], "TRACT": ["t1"] * 16, "UNITS": 100, "POP": 300})
    table.to_csv(folder / "with_a_point.csv", index=False)
    table.assign(ID=range(1, 17)).to_csv(folder / "counts.csv", index=False)
    roads = _roads().assign(FUNC=["Interstate", "Local", None])
    roads.to_file(folder / "roads.shp")
    (folder / "roads.prj").unlink()
    at = blocks.geometry.iloc[:2].representative_point()
    pd.DataFrame({"NAME": ["a", "b"], "SQM": 300, "X": at.x, "Y": at.y}).to_csv(folder / "offices.csv", index=False)
    layer = "  blocks: {path: Blocks.geojson, columns: {id: OBJECTID%s}, counts: {path: %s, columns: {id: %s, %s}}}\n"
    both = "households: UNITS, people: POP"
    good = layer % ("", "counts.csv", "ID", both)
    street = "  roads: [{path: roads.shp, class_column: FUNC, classes: {%s: primary}%s}]\n"
    office = "  premises: {path: offices.csv, columns: {id: NAME, area_m2: SQM}%s}\n"
    return [
        (layer % ("", "count.csv", "ID", both), 3, "data.blocks.counts.path: there is no file .*count.csv"),
        (layer % (", people: POP", "counts.csv", "ID", both), 3, "'people' stands in 'columns' and in 'counts"),
        (layer % ("", "with_a_point.csv", "ID", both), 3, "'1' = '1.0'.*add .0"),
        (layer % ("", "counts.csv", "TRACT", both), 3, "counts.columns.id: in 'TRACT' .* more than once: t1"),
        (layer % (", district: WARD", "counts.csv", "ID", both), 3, "data.blocks.columns.district: 1 blocks .*: 16"),
        (good + street % ("Interstate", ""), 3, r"data.roads\[0\]: roads.shp does not say its coordinate system"),
        (good + street % ("interstate", ", crs: EPSG:4547"), 3, "none of interstate .*'FUNC'; its values are: Inters"),
        (good + office % "", 3, "data.premises: offices.csv does not say its coordinate system .*add 'crs:'"),
        (good + office % ", crs: EPSG:4547", 0, "taken from its columns 'X' and 'Y'"),
    ]  # fmt: skip


@pytest.mark.parametrize("town", [_census, _county, _capital])
def test_every_stumble_ends_in_a_message(tmp_path: Path, town: object) -> None:
    """From the first try to the one that works, `check` says what is wrong, where, and what there is instead."""
    assert callable(town)
    for number, (data, code, message) in enumerate(town(tmp_path)):
        scenario = tmp_path / f"{number}.yaml"
        scenario.write_text(HEAD + data + TAIL, encoding="utf-8")
        found, said = tell("check", scenario)
        assert (found, bool(re.search(message, said))) == (code, True), f"{number}: {data}\n{found} {said}"


def test_a_plan_from_files_apart_is_delivered_and_verified(tmp_path: Path) -> None:
    """Counts and offices from tables of their own, and mended blocks, reach the plan, its manifest, and the judge.

    The blocks lie in the one folder of an archive.
    """
    data = _county(tmp_path)[-1][0].replace("地块.shp", "地块.zip") + "  repair: mend\n"
    town = gpd.read_file(tmp_path / "地块.shp", encoding="gbk")
    kiosk = town.iloc[[0]].set_geometry([place(0.9, 0.1, 30, 20)], crs=CRS)
    pd.concat([town, kiosk]).to_file(tmp_path / "地块.shp", encoding="gbk")
    with ZipFile(tmp_path / "地块.zip", "w") as archive:
        for part in sorted(tmp_path.glob("地块.*")):
            if part.suffix != ".zip":
                archive.write(part, f"县里/{part.name}")
    scenario = tmp_path / "town.yaml"
    site = "standards: {premises: {site: required}}\nsolve: {effort: 0.05}\n"
    scenario.write_text(HEAD + data + TAIL.replace("400", "800").replace("1200", "2400") + site, encoding="utf-8")
    code, said = tell("run", scenario, "--out", tmp_path / "out")
    assert code == 0, said
    sizes = pd.read_csv(tmp_path / "out/staffing.csv")
    assert sizes["households"].tolist() == [800, 800]
    mended = pd.read_csv(tmp_path / "out/repaired_blocks.csv", dtype={"block_id": str}).set_index("block_id")
    assert mended["change_en"].to_dict() == {"0000": "2 shapes united", "0001": "ground given to 0000"}
    assert mended.loc["0001", "area_m2_after"] == 8100 - 19 * 20
    assert judge_manifest(load_scenario(scenario), tmp_path / "out").ok
    assert verify_files(load_scenario(scenario), tmp_path / "out").ok
    with xlsxwriter.Workbook(tmp_path / "人口.xlsx") as book:
        sheet = book.add_worksheet("地块")
        for row, cells in enumerate([["编号", "户数", "人数"], *([f"00{n:02d}", 101, 300] for n in range(16))]):
            sheet.write_row(row, 0, cells)
    changed = verify_files(load_scenario(scenario), tmp_path / "out")
    assert "households" in " ".join(violation.message.en for violation in changed.violations)
    assert not judge_manifest(load_scenario(scenario), tmp_path / "out").ok
