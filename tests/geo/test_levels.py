"""Levels above the community: read by column or by polygons, nested; the judge reads the same."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redistrict.errors import DataError
from redistrict.geo.alike import refuse_alike
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.judge.ground import read_ground
from redistrict.messages import Message
from redistrict.scenario import Scenario, load_scenario

CRS = "EPSG:4547"
WEST, SOUTH = 500_000.0, 3_340_000.0
SCENARIO = """
name: streets
data:
  blocks: {path: blocks.gpkg, columns: {id: id, households: n, district: district}}
levels:
"""
BY_COLUMN = "- {key: street, title: {zh: 街道, en: street}, keep: hard, column: street}\n"
BY_LAYER = "- {key: street, title: {zh: 街道, en: street}, keep: hard, layer: {path: s.gpkg, columns: {name: n}}}\n"

Strip = tuple[str | None, float, float]


def box(west: float, east: float) -> shapely.Polygon:
    return shapely.box(WEST + west, SOUTH, WEST + east, SOUTH + 100)


def make_row(
    folder: Path, levels: str, *, districts: str, streets: str = "", strips: list[Strip] | None = None
) -> Scenario:
    """Draw blocks `0`, `1`, ... of 100 m side by side, a letter each for district and street, and strips of streets."""
    folder.mkdir(exist_ok=True)
    n = len(districts)
    table = {"id": [str(i) for i in range(n)], "n": [10] * n, "district": list(districts)}
    table["street"] = [None if name == "." else name for name in streets or "a" * n]
    shapes = [box(100 * i, 100 * i + 100) for i in range(n)]
    gpd.GeoDataFrame(table, geometry=shapes, crs=CRS).to_file(folder / "blocks.gpkg")
    if strips is not None:
        drawn = [box(west, east) for _, west, east in strips]
        gpd.GeoDataFrame({"n": [name for name, _, _ in strips]}, geometry=drawn, crs=CRS).to_file(folder / "s.gpkg")
    (folder / "s.yaml").write_text(SCENARIO + levels, encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def read(scenario: Scenario) -> Blocks:
    """Read the blocks, and let the judge read the same."""
    blocks, ground = read_blocks(scenario.data, scenario.levels), read_ground(scenario)
    assert {level.key: level.of_block.tolist() for level in blocks.levels} == {
        key: names.tolist() for key, names in ground.levels.items()
    }
    return blocks


def streets_of(blocks: Blocks) -> str:
    return "".join(blocks.levels[0].of_block)


def test_streets_stand_in_a_column(tmp_path: Path) -> None:
    """Names are sorted, and every block knows its own; the table of the blocks stays as it was."""
    blocks = read(make_row(tmp_path, BY_COLUMN, districts="EEEWW", streets="bbacc"))
    assert blocks.levels[0].names == ("a", "b", "c")
    assert blocks.levels[0].unit.tolist() == [1, 1, 0, 2, 2]
    assert set(blocks.frame.columns) == {"block_id", "households", "district", "name", "community", "geometry"}


def test_streets_are_drawn(tmp_path: Path) -> None:
    """A block belongs to the polygon with most of its ground; what is split, and what is a tie, is named."""
    strips: list[Strip] = [("b", 0, 250), ("a", 250, 330), ("a", 330, 500)]
    blocks = read(make_row(tmp_path, BY_LAYER, districts="EEEEE", strips=strips))
    assert streets_of(blocks) == "bbaaa"
    (note,) = blocks.notes
    assert "1 blocks lie in several units and belong to one of them (equal parts; the first by name): 2 (a)" in note.en
    strips = [("b", 0, 240), ("a", 240, 500), ("a", 400, 500)]
    blocks = read(make_row(tmp_path, BY_LAYER, districts="EEEEE", strips=strips))
    assert streets_of(blocks) == "bbaaa"
    assert "(the one with most of their ground): 2 (a)" in blocks.notes[0].en


def test_a_street_that_crosses_itself_is_not_repaired_in_silence(tmp_path: Path) -> None:
    """Its halves count, and it is named with its level."""
    scenario = make_row(tmp_path, BY_LAYER, districts="EE", strips=[("a", 0, 100), ("b", 100, 200)])
    layer = gpd.read_file(tmp_path / "s.gpkg")
    west, south, east, north = layer.geometry[0].bounds
    layer.loc[0, "geometry"] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    layer.to_file(tmp_path / "s.gpkg")
    (note,) = read(scenario).notes
    assert "1 units had invalid outlines and were repaired" in note.en
    assert note.en.startswith("levels[0].layer: ")


@pytest.mark.parametrize(("beyond_m", "is_named"), [(1, False), (1.5, True)])
def test_a_hundredth_of_a_block_in_another_street_is_not_told(
    tmp_path: Path, beyond_m: float, *, is_named: bool
) -> None:
    """A block of 100 m that another street reaches into by 1 m is drawn as people draw; by more, it is named."""
    strips: list[Strip] = [("b", 0, 100 + beyond_m), ("a", 100 + beyond_m, 200)]
    blocks = read(make_row(tmp_path, BY_LAYER, districts="EE", strips=strips))
    assert streets_of(blocks) == "ba"
    assert bool(blocks.notes) == is_named


@pytest.mark.parametrize(
    ("districts", "streets", "expected"),
    [
        ("EEWW", "aabb", None),
        (
            "EEWW",
            "aaab",
            "levels[0]: a lies in 2 districts: E (2), W (1) blocks; it must lie in one. Mend the blocks 2;",
        ),
        ("EEWW", "a.bb", "levels[0].column: 1 blocks have nothing in 'street': 1; fill it in."),
    ],
)
def test_a_street_lies_in_one_district(tmp_path: Path, districts: str, streets: str, expected: str | None) -> None:
    """A street in two districts, or a block without a street, is one error that names it."""
    scenario = make_row(tmp_path, BY_COLUMN, districts=districts, streets=streets)
    if expected is None:
        read(scenario)
        return
    with pytest.raises(DataError, match=re.escape(expected)) as caught:
        read_blocks(scenario.data, scenario.levels)
    assert len(caught.value.problems) == 1


def test_each_level_lies_inside_the_one_above(tmp_path: Path) -> None:
    """Villages inside streets are read; one in two streets is named by the title of the level above."""
    below = "- {key: village, title: {zh: 村, en: village}, keep: free, column: %s}\n"
    scenario = make_row(tmp_path, BY_COLUMN + below % "id", districts="EEWW", streets="aabb")
    assert [len(level.names) for level in read(scenario).levels] == [2, 4]
    scenario = make_row(tmp_path, BY_COLUMN + below % "n", districts="EEEE", streets="aabb")
    with pytest.raises(DataError, match=re.escape("levels[1]: 10 lies in 2 units of street: a (2), b (2) blocks")):
        read_blocks(scenario.data, scenario.levels)


def test_every_problem_of_the_polygons_is_listed(tmp_path: Path) -> None:
    """Polygons without a name, and blocks outside all of them, are told with their rows and keys."""
    scenario = make_row(tmp_path, BY_LAYER, districts="EEE", strips=[("a", 0, 100), (None, 100, 300)])
    with pytest.raises(DataError, match=re.escape("1 polygons have no name in 'n' (features 2)")):
        read_blocks(scenario.data, scenario.levels)
    scenario = make_row(tmp_path, BY_LAYER, districts="EEE", strips=[("a", 0, 100), ("b", 200.05, 1000)])
    with pytest.raises(DataError, match=re.escape("1 blocks lie in no unit of s.gpkg: 1; draw the units")) as refused:
        read_blocks(scenario.data, scenario.levels)
    assert "1 个地块不在 s.gpkg 的任何单位内：1；" in refused.value.problems[0].zh
    scenario = make_row(tmp_path, BY_COLUMN.replace("column: street", "column: stret"), districts="E")
    with pytest.raises(DataError, match="did you mean 'street'"):
        read_blocks(scenario.data, scenario.levels)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    strips=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(1, 30)).map(
            lambda s: (s[0], 10.0 * s[1], 10.0 * (s[1] + s[2]))
        ),
        max_size=5,
    )
)
def test_the_judge_reads_polygons_that_overlap_alike(tmp_path: Path, strips: list[Strip]) -> None:
    """However units overlap, engine and judge put every block into the same one."""
    scenario = make_row(tmp_path, BY_LAYER, districts="EEEE", strips=[*strips, ("d", 0, 400)])
    blocks = read(scenario)
    for i, name in enumerate(streets_of(blocks)):
        held = {
            unit: shapely.union_all([box(w, e) for u, w, e in [*strips, ("d", 0, 400)] if u == unit])
            .intersection(box(100 * i, 100 * i + 100))
            .area
            for unit in "abcd"
        }
        assert name == max(sorted(held), key=lambda unit: round(held[unit]))


def test_streets_that_look_alike_cut_no_city(tmp_path: Path) -> None:
    """Streets that differ in width only are refused where no community may cross them, and noted where it may."""
    with pytest.raises(DataError, match=r"levels\[0\]: these look like one name.*'A' \(1\) = 'Ａ' \(1\)"):
        read(make_row(tmp_path / "hard", BY_COLUMN, districts="xx", streets="AＡ"))
    soft = make_row(tmp_path / "free", BY_COLUMN.replace("hard", "free"), districts="xx", streets="AＡ")
    assert any("'A' (1) = 'Ａ' (1)" in note.en for note in read(soft).notes)


@pytest.mark.parametrize("streets", ["Aa", "1①", "B²"])
def test_names_that_may_be_meant_are_noted(tmp_path: Path, streets: str) -> None:
    """Codes may differ in case, or by a small number; rare characters that only some fonts have are others."""
    one, other = (streets, "B2") if "²" in streets else streets
    named = refuse([one, other])
    assert named == ([], [f"'{min(one, other)}' (1) = '{max(one, other)}' (1)"])
    assert refuse(["\ue123镇", "\ue456镇"]) == ([], [])
    assert refuse(["东 区", "东\u00a0区", "东  区"])[0] == ["'东  区' (1) = '东 区' (1) = '东\\u00a0区' (1)"]


def refuse(names: list[str]) -> tuple[list[str], list[str]]:
    """Give what is refused and what is noted of some names, by the names."""
    problems: list[Message] = []
    notes: list[Message] = []
    refuse_alike(names, "x", problems, notes)
    refused, noted = ([one.en.split("): ", 1)[1].split(";")[0] for one in some] for some in (problems, notes))
    return refused, noted
