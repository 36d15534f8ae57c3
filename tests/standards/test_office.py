"""The office's counts of one plan: which of them there are, and what later years and the clauses go by."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import build_graph
from redistrict.geo.levels import BlockLevel
from redistrict.geo.outlines import draw_plan
from redistrict.geo.projects import Projects
from redistrict.geo.sites import Sites
from redistrict.messages import Message
from redistrict.model.before import PlanBefore
from redistrict.model.plan import Plan
from redistrict.model.problem import build_problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack, load_rulepack
from redistrict.standards.city import PlannedCity, Records
from redistrict.standards.facts import judge_clauses
from redistrict.standards.grids import Grid, GridPlan
from redistrict.standards.office import count_office, number_communities
from tests.geo.drawing import ORIGIN, cells, make_blocks, surroundings
from tests.standards.test_rules import pack

NOTHING = Records(None, None, None)
AROUND = surroundings()
SIZE = {"target": {"households": 200}, "tolerance": {"households": 0.5}}


def plan_row(
    plan: str, records: Records = NOTHING, *, districts: str = "", packs: tuple[RulePack, ...] = (), **communities: Any
) -> PlannedCity:
    """Give a row of blocks of 100 households: a letter for the community of each, one for its district."""
    names = [f"{n:02d}" for n in range(len(plan))]
    district = dict(zip(names, districts or [""] * len(plan), strict=True))
    blocks = make_blocks(cells(" ".join(names), street_m=20), district=district)
    source = {"path": "x.gpkg", "columns": {"id": "id", "households": "households"}}
    scenario = Scenario.model_validate(
        {"name": "row", "data": {"blocks": source}, "communities": communities or SIZE | {"count": 2}}
    )
    graph = build_graph(blocks, AROUND, scenario.contiguity)
    assignment = np.array([sorted(set(plan)).index(letter) for letter in plan], dtype=np.int32)
    return PlannedCity(
        scenario=scenario,
        blocks=blocks,
        surroundings=AROUND,
        graph=graph,
        records=records,
        packs=packs,
        problem=build_problem(blocks, graph, scenario.communities, scenario.objective, current=records.current),
        result=Result(Plan(assignment), SolveStatus.FEASIBLE, StoppedBy.EFFORT, None, None, (), 0.0),
        outlines=draw_plan(graph.cells, assignment),
    )


def today(plan: str, staff: list[int] | None) -> CurrentPlan:
    """Give today's communities of a row of blocks, a letter for each."""
    ids = tuple(sorted(set(plan)))
    return CurrentPlan(
        ids=ids,
        names=ids,
        districts=("",) * len(ids),
        of_block=np.array([ids.index(letter) for letter in plan], dtype=np.int32),
        staff=None if staff is None else np.array(staff),
        is_locked=np.zeros(len(ids), dtype=bool),
    )


def moving_in(*rows: tuple[int, int]) -> Records:
    """Give estates finished in 2030, as block and households."""
    block, households = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    names = tuple(f"p{n}" for n in range(len(rows)))
    return Records(
        None, None, Projects(names, names, block, np.full(block.size, 2030), households[:, None], households)
    )


def breaches(city: PlannedCity) -> list[tuple[int, int]]:
    """Give which communities lie outside their bounds in later years, and by how many households they have."""
    growth = count_office(city).growth
    assert growth is not None
    return [(breach.community, breach.found) for breach in growth.breaches]


def test_only_what_the_data_have_is_counted() -> None:
    """Without records there is no lineage, staff, premises or growth; each record brings its own, and no other."""
    site = Sites(("s",), ("s",), np.array([80.0]), ("",), np.array([0]), np.zeros((1, 2)))
    estates = moving_in((0, 10)).projects

    def counted(*records: Any) -> list[bool]:
        office = count_office(plan_row("aabb", Records(*records)))
        parts = (office.lineage, office.transition, office.premises, office.rooms, office.growth)
        assert all(part is None or bool(part) for part in parts)
        return [part is not None for part in parts]

    assert counted(None, None, None) == [False] * 5
    assert counted(today("aabb", None), None, None) == [True, False, False, False, False]
    assert counted(today("aabb", [1, 2]), None, None) == [True, True, False, False, False]
    assert counted(None, site, None) == [False, False, True, False, False]
    assert counted(None, None, estates) == [False, False, False, True, True]


def test_who_continues_today_keeps_its_key_and_its_staff() -> None:
    """Keys and names are those of today's communities, the workers stay with their residents, and funds are counted."""
    office = count_office(plan_row("aabb", Records(today("aabb", [1, 0]), None, None)))
    assert (office.ids, office.names) == (("a", "b"), ("a", "b"))
    assert office.transition is not None
    assert office.transition.n_stay_with_residents == 1
    assert office.fund is not None
    assert [fund.yuan for fund in office.fund] == [2000, 2000]
    assert count_office(plan_row("aabb")).names == ("第1社区", "第2社区")


def test_workers_come_with_those_who_go_there() -> None:
    """Beside the posts of a community stand the workers of today who go to it; without staff there are none."""
    pack = load_rulepack("huangshi_report")
    told = {}
    for staff in (None, [1, 0]):
        city = plan_row("aabb", Records(today("aabb", staff), None, None), packs=(pack,))
        found = [finding.found.en for finding in judge_clauses(city, count_office(city)).findings]
        told[staff is not None] = [one for one in found if one.startswith("workers")]
    assert told == {False: ["workers: 1", "workers: 1"], True: ["workers: 1 (1 today)", "workers: 1 (0 today)"]}


def test_later_years_are_held_against_the_bounds_of_today() -> None:
    """Of two communities of 200, allowed 100 to 300, 100 more are still allowed and 101 too many."""
    assert breaches(plan_row("aabb", moving_in((0, 100), (3, 101)))) == [(1, 301)]


def test_an_exception_of_today_has_no_bounds_later() -> None:
    """A community that may lie outside the bounds, for a reason that is named, is not said to break them."""
    city = plan_row("aabb", moving_in((0, 101), (3, 101)), districts="EEWW", count_by_district={"E": 1, "W": 1}, **SIZE)
    east, west = city.problem.areas
    excused = replace(city.problem, areas=(replace(east, exception=Message("small", "小")), west))
    assert breaches(city) == [(0, 301), (1, 301)]
    assert breaches(replace(city, problem=excused)) == [(1, 301)]


def test_what_stays_as_it_is_keeps_a_size_outside_the_bounds() -> None:
    """Of today's communities, allowed 200 to 300, one of 400 is too large already; the others can become it."""
    records = replace(moving_in((0, 101), (2, 1), (5, 1)), current=today("aabbbcccc", None))
    rules = {"change": "keep", "target": {"households": 250}, "tolerance": {"households": 0.2}}
    assert breaches(plan_row("aabbbcccc", records, **rules)) == [(0, 301), (1, 301)]


def before(ids: str, plan: str) -> PlanBefore:
    """Give a plan before of a row of blocks, a letter for the community of each."""
    return PlanBefore(tuple(ids), tuple(ids.upper()), np.array([ids.index(letter) for letter in plan], dtype=np.int32))


def test_names_of_the_plan_before_go_before_those_of_today() -> None:
    """Of three communities one keeps the name from before, one has that of today's a, and one is new.

    Without communities today the other two are new, and numbered from 1.
    """
    city = replace(plan_row("abbc", **SIZE, count=3), before=before("x", "xxxx"))
    office = count_office(city)
    assert (office.ids, office.names) == (("01", "x", "02"), ("第1社区", "X", "第2社区"))
    with_today = replace(city, records=Records(today("abbb", None), None, None))
    assert count_office(with_today).ids == ("a", "x", "新01")


def test_lineage_follows_the_names_of_the_plan_before() -> None:
    """Where planners had the two names of today swapped, everybody lives in another community than today."""
    city = plan_row("aabb", Records(today("aabb", [1, 1]), None, None))
    as_today, swapped = count_office(city), count_office(replace(city, before=before("ab", "bbaa")))
    assert (as_today.ids, swapped.ids) == (("a", "b"), ("b", "a"))
    assert as_today.lineage is not None
    assert swapped.lineage is not None
    assert (as_today.lineage.moved, swapped.lineage.moved) == (0, 400)


def test_workers_without_residents_to_follow_stay_in_their_district() -> None:
    """Of two workers of a one finds no post there, and goes to b, in the same district, not to c."""
    now = replace(today("aabbccdd", [2, 0, 0, 1]), districts=("E", "E", "W", "W"))
    rules = SIZE | {"count_by_district": {"E": 2, "W": 2}}
    transition = count_office(plan_row("aabbccdd", Records(now, None, None), districts="EEEEWWWW", **rules)).transition
    assert transition is not None
    assert [(move.source, move.goal) for move in transition.moves] == [(0, 0), (0, 1), (3, 3), (None, 2)]


def found(city: PlannedCity, rules: RulePack) -> list[tuple[str, str]]:
    """Give what a clause says of each community, and what was found."""
    asked = replace(city, packs=(rules,))
    return [(one.outcome, one.found.en) for one in judge_clauses(asked, count_office(asked)).findings]


def test_dwellings_of_a_community_are_those_of_its_blocks() -> None:
    """Where the data count them they are looked at, not the 200 households of either community."""
    city, rules = plan_row("aabb"), pack("dwelling_limits", dwellings={"max": 40})
    counted = replace(city, blocks=replace(city.blocks, frame=city.blocks.frame.assign(dwellings=[10, 20, 30, 40])))
    assert found(counted, rules) == [("pass", "30 dwellings"), ("fail", "70 dwellings")]


def test_units_of_a_community_are_those_of_its_blocks() -> None:
    """Of a row in two streets, the border after the first block, only the first community lies in both."""
    city = plan_row("aabb")
    street = BlockLevel("street", ("东街", "西街"), np.array([0, 1, 1, 1], dtype=np.int32))
    rules = pack("one_unit")
    assert found(city, rules) == [("unknown", "not in the data")] * 2
    streets = replace(city, blocks=replace(city.blocks, levels=(street,)))
    assert found(streets, rules) == [("fail", "units: 2"), ("pass", "units: 1")]


def test_estates_that_communities_share_are_found_by_name_and_district() -> None:
    """Only 桂园 is in two; blocks without a name are no estate, and one name in two districts is two estates."""
    city, rules = plan_row("aabbcc", count=3, **SIZE), pack("estate_whole")
    assert found(city, rules) == [("unknown", "not in the data")] * 3

    def named(*names: str, districts: str = "......") -> PlannedCity:
        frame = city.blocks.frame.assign(name=names, district=[*districts])
        return replace(city, blocks=replace(city.blocks, frame=frame))

    one = named("锦园", "桂园", "桂园", "", "和园", "")
    assert found(one, rules) == [("fail", "divided: 1 (桂园)")] * 2 + [("pass", "none")]
    assert found(named("", "桂园", "桂园", "", "", "", districts="EEWWWW"), rules) == [("pass", "none")] * 3


def test_walks_are_measured_to_the_nearest_rooms_of_the_community() -> None:
    """Blocks stand every 120 m; the first community has rooms in its first block, the second in two, the third none."""
    xy = np.array([[50.0, 50.0], [290.0, 50.0], [410.0, 150.0]]) + ORIGIN
    sites = Sites(("r", "s", "t"), ("r", "s", "t"), np.full(3, 80.0), ("",) * 3, np.array([0, 2, 3]), xy)
    rules = pack("walk", most_m=119, min_share=1)
    assert found(plan_row("aabbcc", count=3, **SIZE), rules) == [("unknown", "not in the data")] * 3
    city = plan_row("aabbcc", Records(None, sites, None), count=3, **SIZE)
    shares = [share.partition(" ")[0] for _, share in found(city, rules)]
    assert shares == ["50.0%", "100.0%", "0.0%"]


def test_walks_go_along_streets_not_along_railways() -> None:
    """From the rooms in the third block to the middle of the fourth: 60 m to the street, 120 m along it, 60 m back.

    A railway runs through the middle of the blocks, and would be 120 m.
    """
    y = ORIGIN[1]
    rail, street = (shapely.LineString([(ORIGIN[0] - 10, at), (ORIGIN[0] + 480, at)]) for at in (y + 50, y + 110))
    xy = np.array([[50.0, 50.0], [290.0, 50.0]]) + ORIGIN
    sites = Sites(("r", "s"), ("r", "s"), np.full(2, 80.0), ("",) * 2, np.array([0, 2]), xy)
    city = plan_row("aabb", Records(None, sites, None))

    def walked(most_m: float, *roads: tuple[str, str, shapely.Geometry]) -> list[str]:
        around = replace(city, surroundings=surroundings(roads=roads))
        return [said for _, said in found(around, pack("walk", most_m=most_m, min_share=1))]

    along = [("residential", "街", street), ("rail", "铁路", rail)]
    assert walked(239, *along) == ["50.0% of the residents, along the streets"] * 2
    assert walked(241, *along) == ["100.0% of the residents, along the streets"] * 2
    assert walked(121, along[1]) == ["100.0% of the residents, in a straight line"] * 2


def test_pieces_of_grids_are_counted() -> None:
    """Of three grids in a row, the first lies on both sides of the second, which is told of its community."""
    city = plan_row("aaab")
    rules = {"households": 100, "tolerance": 0.25, "workers": 1, "code": "{community}-{number}"}
    scenario = Scenario.model_validate({**city.scenario.model_dump(exclude_unset=True), "grids": rules})
    held = [("01-1", 0, 2), ("01-2", 0, 1), ("02-1", 1, 1)]
    grids = tuple(Grid(code, c, n, 100 * n, None, 1, "", "", None) for code, c, n in held)
    asked = replace(city, scenario=scenario, packs=(pack("grid_one_piece"),))
    plan = GridPlan(grids, np.array([0, 1, 0, 2], dtype=np.int32), ())
    findings = judge_clauses(asked, count_office(asked), plan).findings
    assert [one.found.en for one in findings] == ["grids: 2; not so: 1: 01-1 (2)", "grids: 1"]


def test_communities_are_numbered_within_their_district() -> None:
    """Numbers begin anew in every district and have two digits, or as many as the largest needs."""
    assert number_communities(["东", "西", "东"], "zh") == [
        ("东-01", "东第1社区"),
        ("西-01", "西第1社区"),
        ("东-02", "东第2社区"),
    ]
    assert number_communities([""], "en") == [("01", "Community 1")]
    assert number_communities(["E"] * 100, "both")[99] == ("E-100", "E第100社区")
