"""The judge's rules other than contiguity: each with a good plan and one planted fault."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.judge import verify_plan
from redistrict.judge.ground import read_ground
from redistrict.judge.verification import Violation
from redistrict.scenario.models import Communities, Scenario, Sizes, Tolerance
from redistrict.scenario.section import CountRange
from redistrict.scenario.sources import BlockColumns

from .towns import ANY_SIZE, CRS, Town, cells, marks, square

MakeTown = Callable[..., Town]


def _only(violations: tuple[Violation, ...]) -> Violation:
    (violation,) = violations
    assert violation.message.en.endswith(".")
    assert violation.message.zh.endswith("。")
    return violation


@pytest.fixture(scope="module")
def four(make_town: MakeTown) -> Town:
    """Four blocks in a row, two in each of two districts, two communities: ``00 01 | 02 03``."""
    return make_town(cells("xxxx"), district={"00": "东", "01": "东", "02": "西", "03": "西"})


GOOD = marks("aabb")


def test_good_plan_passes(four: Town) -> None:
    """A plan inside every limit has no violation."""
    assert four.judge(GOOD).ok


def test_a_community_too_wide_is_refused(make_town: MakeTown) -> None:
    """The two blocks farthest apart are named; one metre more of a limit, and the plan passes."""
    town = make_town(cells("xxxx"))
    middles = shapely.get_coordinates(shapely.centroid(list(cells("xxxx").values())))
    widest_m = float(np.hypot(*(middles[3] - middles[0])))
    for limit_m, rules in ((widest_m - 1, ["extent"]), (widest_m, [])):
        communities = town.scenario.communities.model_copy(update={"max_extent_m": limit_m})
        scenario = town.scenario.model_copy(update={"communities": communities})
        violations = verify_plan(scenario, town.plan(marks("aaaa"))).violations
        assert [violation.rule for violation in violations] == rules
        assert [violation.blocks for violation in violations] == [("00", "03")] * len(rules)


@pytest.mark.parametrize(
    ("rows", "found", "blocks"),
    [
        ({"03": None}, "1 not in the plan", ("03",)),
        ({"99": "b"}, "1 not in the data", ("99",)),
        ({"03": ""}, "1 without a community", ("03",)),
    ],
)
def test_coverage_is_judged(four: Town, rows: dict, found: str, blocks: tuple[str, ...]) -> None:
    """A block left out, unknown or without a community is named."""
    communities = {key: to for key, to in {**GOOD, **rows}.items() if to is not None}
    plan = four.plan(communities)
    violation = _only(verify_plan(four.scenario, plan).violations)
    assert (violation.rule, violation.found, violation.blocks) == ("coverage", found, blocks)


def test_repeated_block_is_refused(four: Town) -> None:
    """A block that stands in the plan twice is named."""
    plan = four.plan(GOOD)
    violation = _only(verify_plan(four.scenario, pd.concat([plan, plan[:1]])).violations)
    assert (violation.rule, violation.blocks) == ("coverage", ("00",))


def test_plan_without_a_column_is_refused(four: Town) -> None:
    """A plan that lacks a column is refused by name of the column."""
    plan = four.plan(GOOD).drop(columns="district")
    violation = _only(verify_plan(four.scenario, plan).violations)
    assert violation.rule == "coverage"
    assert "district" in violation.message.zh


def test_keys_keep_their_leading_zeros(four: Town) -> None:
    """A plan whose keys lost their zeros is not the plan of these blocks."""
    plan = four.plan(GOOD)
    plan["block_id"] = plan["block_id"].str.lstrip("0")
    assert {v.rule for v in verify_plan(four.scenario, plan).violations} == {"coverage"}


def test_wrong_district_of_a_block_is_refused(four: Town) -> None:
    """The plan must give each block the district the file gives it."""
    plan = four.plan(GOOD)
    plan.loc[0, "district"] = "西"
    violation = _only(verify_plan(four.scenario, plan).violations)
    assert (violation.rule, violation.community, violation.blocks) == ("district", None, ("00",))
    assert "00 (东)" in violation.message.en


def test_community_in_two_districts_is_refused(four: Town) -> None:
    """A community may not hold blocks of two districts."""
    violation = _only(four.judge(marks("aaab")).violations)
    assert (violation.rule, violation.community, violation.blocks) == ("district", "a", ("02",))


def test_without_a_district_column_all_is_one_district(make_town: MakeTown) -> None:
    """Without a district column the plan's district is empty and no border holds."""
    columns = BlockColumns(id="key", households="households")
    town = make_town(cells("xx"), columns=columns)
    assert town.judge("a").ok
    plan = town.plan("a").assign(district="东")
    violation = _only(verify_plan(town.scenario, plan).violations)
    assert violation.rule == "district"
    assert "00 (-), 01 (-)" in violation.message.en


SIZES = Communities(target=Sizes(households=200, people=600), tolerance=Tolerance(households=0.1, people=0.15))


@pytest.mark.parametrize(("households", "ok"), [(179, False), (180, True), (220, True), (221, False)])
def test_bounds_include_their_ends(make_town: MakeTown, households: int, ok: bool) -> None:
    """10 % around 200 households allows 180 to 220, both included."""
    town = make_town(cells("xx"), households={"00": 100, "01": households - 100}, communities=SIZES)
    verdict = town.judge("a")
    assert verdict.ok == ok
    if not ok:
        violation = _only(verdict.violations)
        assert (violation.rule, violation.community) == ("households", "a")
        assert violation.found == f"{households} households"
        assert violation.allowed == "180 to 220 households"
        assert violation.blocks == ("00", "01")


def test_people_are_judged_beside_households(make_town: MakeTown) -> None:
    """Each quantity has its own bounds: 15 % around 600 people allows 510 to 690."""
    violation = _only(make_town(cells("xx"), people=350, communities=SIZES).judge("a").violations)
    assert (violation.rule, violation.allowed) == ("people", "510 to 690 people")


def test_quantity_without_target_or_column_is_not_judged(make_town: MakeTown) -> None:
    """People are free when the scenario sets no target for them, or has no column of them."""
    no_target = SIZES.model_copy(update={"target": Sizes(households=200)})
    assert make_town(cells("xx"), people=9, communities=no_target).judge("a").ok
    columns = BlockColumns(id="key", households="households", district="district")
    assert make_town(cells("xx"), people=9, communities=SIZES, columns=columns).judge("a").ok


def test_means_are_those_of_the_connected_area(make_town: MakeTown) -> None:
    """Around means, each connected part of a district has a mean of its own."""
    means = SIZES.model_copy(update={"around": "means", "tolerance": Tolerance()})
    blocks = {**cells("xxx"), "10": square(0, 900), "11": square(100, 900)}
    plan = {"00": "a", "01": "b", "02": "b", "10": "c", "11": "d"}
    households = {"00": 100, "01": 54, "02": 55, "10": 500, "11": 500}
    assert make_town(blocks, households=households, people=0, communities=means).judge(plan).ok
    uneven = make_town(blocks, households=households | {"02": 76}, people=0, communities=means)
    assert [(v.rule, v.community, v.allowed) for v in uneven.judge(plan).violations] == [
        ("households", "a", "104 to 126 households"),
        ("households", "b", "104 to 126 households"),
    ]


def test_small_island_may_be_a_community(make_town: MakeTown) -> None:
    """A part too small by itself is a community of its own, but only whole, and never the main part."""
    blocks = {**cells("xx"), "i": square(0, 900), "j": square(100, 900)}
    people = {"00": 300, "01": 300, "i": 90, "j": 90}
    households = {"00": 100, "01": 100, "i": 30, "j": 30}
    town = make_town(blocks, households=households, people=people, communities=SIZES)
    assert town.judge({"00": "a", "01": "a", "i": "b", "j": "b"}).ok
    verdict = town.judge({"00": "a", "01": "a", "i": "b", "j": "c"})
    assert {v.community for v in verdict.violations} == {"b", "c"}
    alone = make_town(cells("x"), households=30, people=90, communities=SIZES)
    assert not alone.judge("a").ok


def test_oversize_block_may_be_a_community_alone(make_town: MakeTown) -> None:
    """A block above a bound is excused, alone or with a small part only it connects; with any other block it is not."""
    town = make_town(cells("xxx"), households={"00": 900, "01": 100, "02": 100}, communities=SIZES)
    assert town.judge(marks("abb")).ok
    small = make_town(cells("xx"), households={"00": 900, "01": 1}, people=300, communities=SIZES)
    assert small.judge("a").ok
    assert {violation.rule for violation in town.judge(marks("aab")).violations} == {"households", "people"}


def test_widened_bounds_need_totals_that_cannot_be_split(make_town: MakeTown) -> None:
    """`widen` excuses communities only where the area's totals leave no other way."""
    widen = SIZES.model_copy(update={"exceptions": "widen"})
    impossible = make_town(cells("xxx"), communities=widen)
    assert impossible.judge("a").ok
    possible = make_town(cells("xxxx"), communities=widen)
    assert possible.judge(marks("aabb")).ok
    assert {v.community for v in possible.judge(marks("abbb")).violations} == {"a", "b"}
    assert not make_town(cells("xxx"), communities=SIZES).judge("a").ok


@pytest.mark.parametrize("households", [(90, 91, 90, 89), (110, 109, 110, 111)], ids=["lower", "upper"])
def test_totals_at_the_very_bounds_can_be_split(make_town: MakeTown, households: tuple[int, ...]) -> None:
    """360 and 440 households make two communities of 180 or 220: one beside the bound is excused by nothing."""
    widen = SIZES.model_copy(update={"exceptions": "widen"})
    town = make_town(cells("xxxx"), households=dict(zip(GOOD, households, strict=True)), communities=widen)
    assert [(v.rule, v.community) for v in town.judge(GOOD).violations] == [("households", "b")]


@pytest.mark.parametrize(
    ("count", "by_district", "limits"),
    [
        (2, {}, None),
        (CountRange(min=1, max=3), {"东": 1, "西": CountRange(min=1, max=2)}, None),
        (3, {}, ["3"]),
        (CountRange(min=3, max=4), {"西": 2}, ["3 to 4", "2"]),
    ],
)
def test_number_of_communities_is_judged(
    make_town: MakeTown, count: int | CountRange, by_district: dict, limits: list[str] | None
) -> None:
    """The number of communities lies in the scenario's range, in all and in each district named."""
    rules = ANY_SIZE.model_copy(update={"count": count, "count_by_district": by_district})
    district = {"00": "东", "01": "东", "02": "西", "03": "西"}
    verdict = make_town(cells("xxxx"), district=district, communities=rules).judge(GOOD)
    assert [v.allowed for v in verdict.violations] == (limits or [])
    assert {v.rule for v in verdict.violations} <= {"count"}


def test_special_communities_do_not_count(make_town: MakeTown) -> None:
    """Oversize blocks and small islands stand beside the number of communities asked for."""
    rules = SIZES.model_copy(update={"count": 1})
    blocks = {**cells("xxx"), "i": square(0, 900)}
    households = {"00": 900, "01": 100, "02": 100, "i": 30}
    town = make_town(blocks, households=households, communities=rules)
    assert town.judge({"00": "a", "01": "b", "02": "b", "i": "c"}).ok


def test_faults_of_several_rules_are_all_found(four: Town) -> None:
    """The judge reports everything at once."""
    rules = {v.rule for v in four.judge({"00": "a", "01": "b", "02": "a"}).violations}
    assert rules == {"coverage", "district", "contiguity"}


def test_sizes_are_told_by_community_and_quantity(four: Town) -> None:
    """Every community outside a bound is told, and each quantity of it."""
    scenario = four.scenario.model_copy(update={"communities": SIZES})
    told = [(v.rule, v.community) for v in verify_plan(scenario, four.plan(marks("aaab"))).violations]
    assert told[1:] == [("households", "a"), ("people", "a"), ("households", "b"), ("people", "b")]


# --- reading -----------------------------------------------------------------------------------------


def _with_source(town: Town, **changes: object) -> Scenario:
    blocks = town.scenario.data.blocks.model_copy(update=changes)
    data = town.scenario.data.model_copy(update={"blocks": blocks})
    return town.scenario.model_copy(update={"data": data})


def _rewritten(town: Town, path: Path, **options: object) -> Scenario:
    town.blocks.to_file(path, **options)
    return _with_source(town, path=path)


def test_shapefile_in_gbk_without_a_cpg_is_read(four: Town, tmp_path: Path) -> None:
    """Chinese districts in a GBK shapefile that does not say so are read as Chinese."""
    scenario = _rewritten(four, tmp_path / "blocks.shp", encoding="gbk")
    (tmp_path / "blocks.cpg").unlink()
    assert verify_plan(scenario, four.plan(GOOD)).ok


def test_degrees_are_projected(four: Town, tmp_path: Path) -> None:
    """Blocks in degrees are judged in metres, GCJ-02 degrees included."""
    path = tmp_path / "blocks.geojson"
    four.blocks.to_crs("EPSG:4326").to_file(path)
    plan = four.plan(GOOD)
    assert verify_plan(_with_source(four, path=path), plan).ok
    assert verify_plan(_with_source(four, path=path, crs="gcj02"), plan).ok


def test_whole_number_keys_are_text_without_a_point(make_town: MakeTown, tmp_path: Path) -> None:
    """Numeric keys, even stored as floats, are written as whole numbers."""
    town = make_town(cells("xx"))
    layer = town.blocks.assign(key=[7.0, 8.0])
    layer.to_file(tmp_path / "blocks.gpkg")
    scenario = _with_source(town, path=tmp_path / "blocks.gpkg")
    assert verify_plan(scenario, town.plan({"7": "a", "8": "a"})).ok


def test_filter_of_the_scenario_holds(four: Town) -> None:
    """Blocks outside the scenario's attribute filter are no blocks of the plan."""
    scenario = _with_source(four, where="district = '东'")
    assert verify_plan(scenario, four.plan({"00": "a", "01": "a"})).ok


def test_an_empty_count_is_nobody_where_the_scenario_says_so(four: Town, tmp_path: Path) -> None:
    """And an error where it does not."""
    four.blocks.assign(households=[100, None, 100, 100]).to_file(tmp_path / "blanks.gpkg")
    scenario = _with_source(four, path=tmp_path / "blanks.gpkg", blanks="zero")
    assert read_ground(scenario).counts["households"].tolist() == [100, 0, 100, 100]
    with pytest.raises(DataError, match="whole numbers from 0 up; it does not in blocks 01"):
        read_ground(_with_source(four, path=tmp_path / "blanks.gpkg"))


def test_unreadable_data_are_refused(four: Town, tmp_path: Path) -> None:
    """Missing files and columns, repeated keys, counts that are none and lost shapes are named."""
    plan = four.plan(GOOD)
    with pytest.raises(DataError, match=r"nowhere\.gpkg"):
        verify_plan(_with_source(four, path=tmp_path / "nowhere.gpkg"), plan)
    columns = BlockColumns(id="key", people="inhabitants")
    with pytest.raises(DataError, match="no column 'inhabitants'; it has key, households"):
        verify_plan(_with_source(four, columns=columns), plan)
    faults = {
        "0 blocks, repeated or missing": four.blocks.iloc[:0].to_crs("EPSG:4490"),
        "repeated or missing: 00": four.blocks.assign(key="00"),
        "'people' must hold whole numbers from 0 up; it does not in blocks 00": four.blocks.assign(people=-1.5),
        "without an area: 00, 01": four.blocks.assign(geometry=four.blocks.geometry.boundary),
    }
    for number, (match, layer) in enumerate(faults.items()):
        layer.to_file(tmp_path / f"{number}.gpkg")
        with pytest.raises(DataError, match=match):
            verify_plan(_with_source(four, path=tmp_path / f"{number}.gpkg"), plan)


def test_layer_without_a_crs_needs_one_from_the_scenario(four: Town, tmp_path: Path) -> None:
    """A file that does not say its CRS is refused unless the scenario does."""
    path = tmp_path / "blocks.shp"
    four.blocks.to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(DataError, match="does not say its coordinate system"):
        verify_plan(_with_source(four, path=path), four.plan(GOOD))
    assert verify_plan(_with_source(four, path=path, crs=CRS), four.plan(GOOD)).ok
    with pytest.raises(DataError, match="Unknown coordinate system 'EPSG:nonsense'"):
        verify_plan(_with_source(four, path=path, crs="EPSG:nonsense"), four.plan(GOOD))


def test_invalid_rings_are_mended(make_town: MakeTown) -> None:
    """A ring that crosses itself still has its area."""
    bow = shapely.Polygon([(500_100, 3_000_000), (500_100, 3_000_100), (500_200, 3_000_000), (500_200, 3_000_099)])
    assert not bow.is_valid
    assert make_town({"1": square(0, 0), "2": bow}).judge("a").ok


def test_kinds_of_structures_are_mapped(make_town: MakeTown, tmp_path: Path) -> None:
    """Values of the kind column count through the scenario's table."""
    river, bridge = square(105, -500, 10, 1100), square(100, 40, 20, 5)
    town = make_town({"1": square(0, 0), "2": square(120, 0)}, barriers=[river], structures=[("桥", bridge)])
    assert not town.judge("a").ok
    (source,) = town.scenario.data.structures
    mapped = source.model_copy(update={"kinds": {"桥": "bridge"}})
    data = town.scenario.data.model_copy(update={"structures": (mapped,)})
    assert verify_plan(town.scenario.model_copy(update={"data": data}), town.plan("a")).ok
