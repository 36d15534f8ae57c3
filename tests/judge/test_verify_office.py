"""The judge's rules of the office: roads never crossed, premises in every community, growth that must hold."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.judge import verify_plan
from redistrict.judge.verification import Violation
from redistrict.scenario.models import Communities, SizeRanges, Sizes, Tolerance
from redistrict.scenario.office import Growth, Premises, Standards
from redistrict.scenario.section import Range
from redistrict.scenario.sources import ProjectColumns, ProjectSource

from .towns import ANY_SIZE, Town, cells, line, marks, square

MakeTown = Callable[..., Town]
SIZES = Communities(target=Sizes(households=200, people=600), tolerance=Tolerance(households=0.1, people=0.15))
MEANS = SIZES.model_copy(update={"around": "means", "tolerance": Tolerance()})


def _only(violations: tuple[Violation, ...]) -> Violation:
    (violation,) = violations
    assert violation.message.en.endswith(".")
    assert violation.message.zh.endswith("。")
    return violation


def test_limits_of_any_community_are_bounds(make_town: MakeTown) -> None:
    """A community inside target and tolerance but beyond the limits is named, with what is left of both."""
    blocks, counts = cells("##"), {"households": {"00": 190, "01": 200}, "people": 600}
    assert make_town(blocks, communities=SIZES, **counts).judge({"00": "A", "01": "B"}).ok
    limits = SizeRanges(households=Range(min=195), people=Range(max=5000))
    town = make_town(blocks, communities=SIZES.model_copy(update={"limits": limits}), **counts)
    violation = _only(town.judge({"00": "A", "01": "B"}).violations)
    assert (violation.rule, violation.community) == ("households", "A")
    assert (violation.found, violation.allowed) == ("190 households", "195 to 220 households")


# --- never -------------------------------------------------------------------------------------------

SIDES = {"1": square(0, 0), "2": square(120, 0), "3": square(0, -120, 220, 100)}
"""Two blocks over a street, both over another street from a third."""
BETWEEN = line((110, 0), (110, 300))


def _over(make_town: MakeTown, road: shapely.Geometry, blocks: dict = SIDES, never: str = "trunk") -> Town:
    return make_town(blocks, roads=[("trunk", road), ("primary", road)], never=[never])


def test_no_community_holds_both_sides_of_such_a_road(make_town: MakeTown) -> None:
    """Two blocks over a road never to be crossed may not share a community, even if it leads around the road."""
    town = _over(make_town, BETWEEN)
    violation = _only(town.judge("A").violations)
    assert (violation.rule, violation.community, violation.blocks) == ("never", "A", ("1", "2"))
    assert (violation.found, violation.allowed) == ("100 m", "less than half of a frontage")
    assert town.judge({"1": "A", "2": "B", "3": "A"}).ok
    assert make_town(SIDES, roads=[("trunk", BETWEEN)]).judge("A").ok
    assert _over(make_town, BETWEEN, never="secondary").judge("A").ok


def test_blocks_over_such_a_road_are_no_neighbours(make_town: MakeTown) -> None:
    """Without another way round, the community is in two pieces as well."""
    pair = {key: SIDES[key] for key in ("1", "2")}
    assert [v.rule for v in _over(make_town, BETWEEN, pair).judge("A").violations] == ["contiguity", "never"]


def test_communities_that_are_not_redrawn_keep_their_roads(make_town: MakeTown) -> None:
    """Where today's communities stay whole, such a road inside one stays; no merger may add one."""
    merge = ANY_SIZE.model_copy(update={"change": "merge_only"})

    def judge(today: dict[str, str]) -> list[str]:
        options = {"roads": [("trunk", BETWEEN)], "never": ["trunk"], "communities": merge}
        return [v.rule for v in make_town(SIDES, today=today, **options).judge("A").violations]

    assert judge({"1": "a", "2": "a", "3": "b"}) == []
    assert judge({"1": "a", "2": "b", "3": "c"}) == ["never"]


AROUND = shapely.Polygon(line((110, -900), (900, 900), (-900, 900)), [line((110, 600), (120, 700), (100, 700))])
"""Only its outlines count: the outer one begins south of the street, that of its hole in the north."""
ROADS = {
    "on the frontage of the first": (line((100, 0), (100, 300)), False),
    "ten metres inside the first": (line((90, -10), (90, 300)), False),
    "ten metres inside the second": (line((130, -10), (130, 300)), False),
    "a road area": (square(105, 0, 10, 300), False),
    "along two thirds of it": (line((110, 33), (110, 300)), False),
    "an area around both": (AROUND, True),
    "deep inside the first": (line((80, -10), (80, 300)), True),
    "along hardly more than half of it": (line((110, 45), (110, 300)), True),
    "along a fifth of it": (line((110, 80), (110, 300)), True),
    "past the end of the frontage": (line((-100, 110), (300, 110)), True),
    "across both, along the looks": (line((-100, 50), (300, 50)), True),
}


@pytest.mark.parametrize(("road", "ok"), ROADS.values(), ids=ROADS)
def test_road_counts_between_blocks_and_just_inside(make_town: MakeTown, road: shapely.Geometry, ok: bool) -> None:
    """A road counts between two blocks and up to 12 m inside either, when it runs along most of their frontage."""
    verdict = _over(make_town, road).judge("A")
    assert [(v.rule, v.blocks) for v in verdict.violations] == ([] if ok else [("never", ("1", "2"))])


def test_road_on_a_shared_edge_counts_but_not_at_the_far_side(make_town: MakeTown) -> None:
    """Between blocks that touch the road counts; where it turns off along the far side of one it does not."""
    blocks = {"1": square(0, 0), "2": square(100, 0), "3": square(0, -100, 200, 100)}
    assert _only(_over(make_town, line((100, 0), (100, 300)), blocks).judge("A").violations).blocks == ("1", "2")
    slanted = shapely.Polygon(line((0, 80), (100, 0), (100, 100), (0, 100)))
    blocks = {"1": slanted, "2": square(100, 0)}
    assert _over(make_town, line((0, 80), (100, 0), (200, 0)), blocks).judge("A").ok


def test_blocks_diagonal_over_a_crossing_do_not_face_each_other(make_town: MakeTown) -> None:
    """On one side of such a road everything may be one community, whatever is diagonal over its crossings."""
    town = _over(make_town, line((110, -1000), (110, 1000)), cells("xx xx", street_m=20))
    assert town.judge(marks("ab ab")).ok
    assert [v.blocks for v in town.judge(marks("aa bb")).violations if v.rule == "never"] == [
        ("00", "01"),
        ("10", "11"),
    ]


@pytest.mark.parametrize("along_m", [55, 100])
def test_such_a_road_divides_areas(make_town: MakeTown, along_m: int) -> None:
    """Either side of a road never to be crossed has a mean of its own, if it runs along half the frontage or more."""
    households = {key: 50 if key < "04" else 75 for key in cells("xxxxxxxx")}
    road, blocks = line((470, -1000), (470, along_m)), cells("xxxxxxxx", street_m=20)
    means = MEANS.model_copy(update={"count": 4})
    options = {"households": households, "people": 0, "communities": means, "roads": [("trunk", road)]}
    assert make_town(blocks, never=["trunk"], **options).judge(marks("aabbccdd")).ok
    assert {v.rule for v in make_town(blocks, **options).judge(marks("aabbccdd")).violations} == {"households"}
    options["roads"] = [("trunk", line((470, -1000), (470, 45)))]
    town = make_town(blocks, never=["trunk"], **options)
    assert {v.rule for v in town.judge(marks("aabbccdd")).violations} == {"households"}


@pytest.mark.parametrize(("along_m", "parted"), [(48, True), (46, False)])
def test_just_half_of_a_frontage_is_enough_to_divide_areas(make_town: MakeTown, along_m: float, parted: bool) -> None:
    """Of 96 m, seen in pieces of 2 m; a block below the bounds is no fault where it is its own area."""
    town = make_town(
        {"1": square(0, 0, 100, 96), "2": square(120, 0, 100, 96)},
        households={"1": 100, "2": 10},
        roads=[("trunk", line((110, -100), (110, along_m)))],
        never=["trunk"],
        communities=Communities(target=Sizes(households=100), tolerance=Tolerance(households=0.5)),
    )
    assert [v.community for v in town.judge({"1": "a", "2": "b"}).violations] == ([] if parted else ["b"])


def test_nobody_is_parted_from_an_island_nobody_lives_on(make_town: MakeTown) -> None:
    """Blocks without people that such a road cuts off may join the nearest block across it."""
    pair, lived_in = {key: SIDES[key] for key in ("1", "2")}, {"1": 9}
    town = make_town(pair, roads=[("trunk", BETWEEN)], never=["trunk"], households=lived_in, people=lived_in)
    assert town.judge("A").ok


@pytest.mark.parametrize(("width_m", "rules"), [(20, ["contiguity", "never"]), (100, ["contiguity"])])
def test_structures_do_not_open_a_barrier_never_to_be_crossed(
    make_town: MakeTown, width_m: int, rules: list[str]
) -> None:
    """Neither a bridge near by nor a long one over it makes neighbours across such a barrier."""
    blocks = {"1": square(0, 0), "2": square(100 + width_m, 0)}
    rail, bridge = line((110, -500), (110, 500)), line((90, 50), (110 + width_m, 50))
    options = {"barriers": [rail], "structures": [("bridge", bridge)]}
    assert make_town(blocks, **options).judge("A").ok
    verdict = make_town(blocks, **options, never=["barrier"]).judge("A")
    assert [violation.rule for violation in verdict.violations] == rules


# --- premises ----------------------------------------------------------------------------------------

SITE = Standards(premises=Premises(site="required"))


def _point(x: float, y: float) -> shapely.Point:
    return shapely.Point(500_000 + x, 3_000_000 + y)


def test_every_community_contains_a_site(make_town: MakeTown) -> None:
    """A site counts for the block it stands in, or the nearest; an outline by a point in it."""
    town = make_town(cells("xxxx"), standards=SITE, sites=[_point(50, 50), square(230, 20, 20, 20), _point(350, 130)])
    assert town.judge(marks("aabb")).ok
    assert town.judge(marks("aabc")).ok
    violation = _only(town.judge(marks("abcc")).violations)
    assert (violation.rule, violation.community, violation.blocks) == ("site", "b", ("01",))
    assert (violation.found, violation.allowed) == ("0 sites", "at least 1 site")
    assert make_town(cells("xxxx"), sites=[]).judge(marks("abcc")).ok


def test_site_between_two_blocks_serves_either(make_town: MakeTown) -> None:
    """A site on the border of two blocks counts for both."""
    assert make_town(cells("xx"), standards=SITE, sites=[_point(100, 50)]).judge(marks("ab")).ok


def test_without_sites_every_community_lacks_one(make_town: MakeTown) -> None:
    """A required site that no data name is missing everywhere, where today's communities are kept too."""
    keep = Communities(change="keep")
    town = make_town(cells("xx"), standards=SITE, today=marks("ab"), communities=keep)
    assert [(v.rule, v.community) for v in town.judge(marks("ab")).violations] == [("site", "a"), ("site", "b")]


def test_island_may_be_without_a_site(make_town: MakeTown) -> None:
    """A part cut off from its district that has no site is a community of its own all the same."""
    blocks = {**cells("xx"), "i": square(0, 900)}
    households, people = {"00": 200, "01": 200, "i": 10}, {"00": 600, "01": 600, "i": 30}
    options = {"households": households, "people": people, "communities": SIZES, "standards": SITE}
    sites = [_point(50, 50), _point(150, 50)]
    assert make_town(blocks, **options, sites=sites).judge({"00": "a", "01": "b", "i": "c"}).ok
    verdict = make_town(blocks, **options, sites=sites[:1]).judge({"00": "a", "01": "b", "i": "c"})
    assert _only(verdict.violations).community == "b"


# --- growth ------------------------------------------------------------------------------------------

HEAD = "id,block,date,households,people\n"
PROJECTS = HEAD + "p,00,2027-06-30,15,30\nq,00,2029年3月,10,\n"


def _required(*years: int) -> Standards:
    return Standards(growth=Growth(hold="required", years=years or None))


def test_plan_must_hold_in_every_year(make_town: MakeTown) -> None:
    """Deliveries add up; the first year that breaks a bound is named."""
    town = make_town(cells("xxxx"), communities=SIZES, standards=_required(), projects=PROJECTS)
    violation = _only(town.judge(marks("aabb")).violations)
    assert (violation.rule, violation.community, violation.blocks) == ("households", "a", ("00", "01"))
    assert (violation.found, violation.allowed) == ("225 households in 2029", "180 to 220 households")
    assert "2029" in violation.message.zh


@pytest.mark.parametrize(
    "standards",
    [
        _required(2026, 2028),
        Standards(growth=Growth(hold="required", years=())),
        Standards(),
        Standards(growth=Growth(years=(2029,))),
    ],
)
def test_only_the_years_asked_for_must_hold(make_town: MakeTown, standards: Standards) -> None:
    """Years outside the list are free, and all are where growth is only checked."""
    town = make_town(cells("xxxx"), communities=SIZES, standards=standards, projects=PROJECTS)
    assert town.judge(marks("aabb")).ok


def test_a_bound_broken_today_is_told_once(make_town: MakeTown) -> None:
    """What is wrong today is not told again for later years."""
    rows = HEAD + "p,00,2027,1,500\n"
    town = make_town(cells("xxxxx"), communities=SIZES, standards=_required(), projects=rows)
    told = [(v.community, v.found) for v in town.judge(marks("aabbb")).violations]
    assert told == [("a", "1100 people in 2027"), ("b", "300 households"), ("b", "900 people")]


def test_block_oversize_in_a_later_year_may_be_alone(make_town: MakeTown) -> None:
    """A block that grows above a bound is a community of its own from the start."""
    rows = HEAD + "p,00,2030,900,10\n"
    town = make_town(cells("xxx"), communities=SIZES, standards=_required(), projects=rows)
    assert town.judge(marks("abb")).ok
    assert not make_town(cells("xxx"), communities=SIZES, projects=rows).judge(marks("abb")).ok
    assert [v.found for v in town.judge(marks("aab")).violations][:2] == ["1100 households in 2030", "100 households"]


def test_means_are_those_of_the_year(make_town: MakeTown) -> None:
    """Around means, each year has its own mean: even growth is free, one-sided growth breaks both communities."""
    options = {"communities": MEANS, "standards": _required()}
    even = HEAD + "p,00,2027,100,300\nq,03,2027,100,300\n"
    assert make_town(cells("xxxx"), **options, projects=even).judge(marks("aabb")).ok
    uneven = make_town(cells("xxxx"), **options, projects=HEAD + "p,00,2027,100,300\n")
    told = [(v.community, v.allowed) for v in uneven.judge(marks("aabb")).violations if v.rule == "households"]
    assert told == [("a", "225 to 275 households"), ("b", "225 to 275 households")]


def test_widened_bounds_are_those_of_the_year(make_town: MakeTown) -> None:
    """`widen` excuses a year in which the area's totals leave no other way, and no other year."""
    widen = SIZES.model_copy(update={"exceptions": "widen"})

    def found(households: int) -> list[str]:
        rows = HEAD + f"p,00,2027,{households},\n"
        town = make_town(cells("xxxx"), communities=widen, standards=_required(), projects=rows)
        return [v.found for v in town.judge(marks("aabb")).violations]

    assert found(50) == []
    assert found(30) == ["230 households in 2027"]


def test_growth_of_merged_communities_keeps_to_the_upper_bound(make_town: MakeTown) -> None:
    """Only mergers are held to the bounds in later years too."""
    merge = SIZES.model_copy(update={"change": "merge_only"})
    options = {"today": marks("abcd"), "communities": merge, "standards": _required(), "projects": PROJECTS}
    town = make_town(cells("xxxx"), **options)
    assert town.judge(marks("abcc")).ok
    assert _only(town.judge(marks("aacd")).violations).found == "225 households in 2029"


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("p,99,2027,1,1", "rows of unknown blocks, or without a year: 99"),
        ("p,00,soon,1,1", "rows of unknown blocks, or without a year: 00"),
        ("p,00,20271,1,1", "without a year: 00"),
        ("p,00,2027,-1,1", "'households' must hold whole numbers from 0 up; it does not in blocks 00"),
    ],
)
def test_deliveries_that_cannot_be_used_are_refused(make_town: MakeTown, row: str, match: str) -> None:
    """Unknown blocks, dates without a year and counts that are none are named."""
    town = make_town(cells("x"), standards=_required(), projects=HEAD + row + "\n")
    with pytest.raises(DataError, match=match):
        town.judge("a")
    assert make_town(cells("x"), projects=HEAD + row + "\n").judge("a").ok


def test_deliveries_may_stand_in_a_workbook(make_town: MakeTown, tmp_path: Path) -> None:
    """A table in XLSX is read like one in CSV; a missing one is named."""
    town = make_town(cells("xxxx"), communities=SIZES, standards=_required())
    rows = pd.DataFrame({"编号": ["p"], "block": ["00"], "年": [2027], "户": [25]})
    pyogrio.write_dataframe(rows, tmp_path / "projects.xlsx")
    columns = ProjectColumns(id="编号", block="block", date="年", households="户")

    def judge(name: str) -> tuple[Violation, ...]:
        projects = ProjectSource(path=tmp_path / name, columns=columns)
        data = town.scenario.data.model_copy(update={"projects": projects})
        return verify_plan(town.scenario.model_copy(update={"data": data}), town.plan(marks("aabb"))).violations

    assert _only(judge("projects.xlsx")).found == "225 households in 2027"
    with pytest.raises(DataError, match=r"cannot read nowhere\.csv"):
        judge("nowhere.csv")
