"""Random towns with an office: communities of today, premises, deliveries and roads no community may cross.

The builder and the judge agree on each, or the run says why there is no plan.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.geo.blocks import read_blocks
from redistrict.geo.current import read_current
from redistrict.geo.graph import build_graph
from redistrict.geo.projects import read_projects
from redistrict.geo.roads import read_surroundings
from redistrict.geo.sites import read_sites
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.judge import verify_files, verify_plan
from redistrict.model.problem import Problem, build_problem
from redistrict.model.quantities import SITES, base_of, with_growth, with_sites
from redistrict.model.succession import trace_succession
from redistrict.report.check_certificate import check
from redistrict.scenario.models import Objective, Scenario
from redistrict.scenario.office import Growth, Premises, Standards
from redistrict.scenario.sources import (
    BlockColumns,
    CurrentColumns,
    CurrentSource,
    ProjectColumns,
    ProjectSource,
    RoadSource,
    SiteColumns,
    SiteSource,
)
from redistrict.standards.growth import list_years

from .judge.towns import ANY_SIZE, line, make_town, square
from .test_random_towns import (
    EXPECTED_REFUSALS,
    TOWNS,
    Dirt,
    choose,
    draw_blocks,
    make_scenario,
    misses,
    mostly,
    read_plan,
    write_layer,
)

KEYS = {
    "code": lambda at: f"{at:02d}",
    "awkward": lambda at: (
        ("=1+1", "新01", "东区-新01", "东区-01", "NA", "'x", "7.0", "甲 乙")[at % 8] + "/" * (at // 8)
    ),
}
pytestmark = pytest.mark.first
CLASSES = ("trunk", "rail", "primary", "residential")


@dataclass(frozen=True)
class Papers:
    """What an office hands in beside the map, and what it asks for; the town's seed decides the rest.

    Attributes
    ----------
    blocks_per_part : blocks of one of today's communities, 0 where the data have none
    scattered, homeless : blocks that lie in another community of today, or in none (where they are redrawn)
    nested : today's communities keep to the districts (always where they are not redrawn)
    never : classes no community may cross; roads have those and others
    """

    blocks_per_part: int
    scattered: int
    homeless: int
    nested: bool
    locked: int
    keys: str
    staff: bool
    roads: int
    never: tuple[str, ...]
    change: str
    max_moved_share: float | None
    disruption: float
    sites: int
    site: str
    deliveries: int
    hold: str
    years: tuple[int, ...] | None


PAPERS: dict[str, Sequence] = {
    "blocks_per_part": mostly(3, 1, 2, 5, 0),
    "scattered": mostly(0, 1, 4),
    "homeless": mostly(0, 2),
    "nested": mostly(True, False),
    "locked": mostly(0, 1, 3),
    "keys": sorted(KEYS),
    "staff": [False, True],
    "roads": range(7),
    "never": mostly(("trunk",), ("trunk", "rail"), ("trunk", "barrier"), ()),
    "change": mostly("redraw", "merge_only", "keep"),
    "max_moved_share": mostly(None, 0.1, 0.3, 0.6),
    "disruption": [0.0, 1.0],
    "sites": [2, 8, 20],
    "site": mostly("optional", "required"),
    "deliveries": [0, 2, 6],
    "hold": mostly("checked", "required"),
    "years": mostly(None, (2027,), (2026, 2030), ()),
}
"""What there is to choose from for each field of `Papers`."""


NUMBERS = (*range(15), 35, 40, 102, 105)
SLOW = pytest.mark.slow(covers=["redistrict/"])
IN_THE_GATE = (105,)
"""Of the first offices, and a few more for what is seldom met (roads never to be crossed, bounds on people), the gate
runs this one, and the slow tests the others and what all come to."""
MADE_AGAIN = 5
"""Of so many results one is made again from its plan; of the others only the judge reads the files."""


def draw_office(number: int) -> tuple[Dirt, Papers]:
    """Draw the office of this number."""
    rng = np.random.default_rng(number)
    return Dirt(seed=number, **choose(TOWNS, rng)), Papers(**choose(PAPERS, rng))


def make_office(dirt: Dirt, papers: Papers, folder: Path) -> Scenario:
    """Write the town and the office's data, and give a scenario that names them."""
    scenario = make_scenario(dirt, folder)
    rng = np.random.default_rng([dirt.seed, 1])
    blocks = draw_blocks(dirt, np.random.default_rng(dirt.seed))
    columns = scenario.data.blocks.columns
    objective: dict[str, object] = {"crossing": {"primary": 2.0} | dict.fromkeys(papers.never, "never")}
    asked: dict[str, object] = {}
    sources: dict[str, object] = {
        "roads": _roads(dirt, papers, blocks, folder, rng),
        "premises": _premises(dirt, papers, blocks, folder, rng),
        "projects": _projects(papers, columns, blocks, folder, rng),
    }
    if papers.blocks_per_part:
        blocks["today"] = _today(papers, blocks, rng)
        write_layer(folder, "blocks", blocks, dirt)
        columns = columns.model_copy(update={"community": "today"})
        sources["blocks"] = scenario.data.blocks.model_copy(update={"columns": columns})
        sources["current"] = _current(papers, blocks["today"], folder, rng)
        objective["disruption"] = papers.disruption
        asked = {"change": papers.change, "max_moved_share": papers.max_moved_share}
        if papers.change == "merge_only":
            asked |= {"around": "targets", "count": "auto"}
    return scenario.model_copy(
        update={
            "data": scenario.data.model_copy(update=sources),
            "communities": scenario.communities.model_copy(update=asked),
            "objective": Objective(**objective),
            "standards": Standards(
                premises=Premises(site=papers.site),
                growth=Growth(hold=papers.hold if papers.deliveries else "checked", years=papers.years),
                rules=("huangshi_report",),
            ),
        }
    )


def _today(papers: Papers, blocks: gpd.GeoDataFrame, rng: np.random.Generator) -> list[str]:
    """Give each block the community of the nearest of a few blocks, of its district if they are nested."""
    xy = shapely.get_coordinates(blocks.geometry.representative_point())
    district = blocks["district"].to_numpy()
    seeds = [np.flatnonzero(district == name)[0] for name in sorted(set(district))]
    seeds += rng.permutation(len(blocks))[: len(blocks) // papers.blocks_per_part].tolist()
    away_m = np.hypot(*(xy[:, None] - xy[seeds][None]).T).T
    if papers.nested or papers.change != "redraw":
        away_m[district[:, None] != district[seeds][None]] = np.inf
    part = away_m.argmin(axis=1)
    for at in rng.permutation(len(blocks))[: papers.scattered]:
        part[at] = rng.choice(np.flatnonzero(np.isfinite(away_m[at])))
    keys = [KEYS[papers.keys](number) for number in part.tolist()]
    for at in rng.permutation(len(blocks))[: papers.homeless * (papers.change == "redraw")]:
        keys[at] = ""
    return keys


def _current(papers: Papers, today: pd.Series, folder: Path, rng: np.random.Generator) -> CurrentSource:
    keys = sorted(set(today) - {""})
    table = pd.DataFrame({"id": keys, "name": [f"{key}社区" for key in keys], "staff": rng.integers(0, 9, len(keys))})
    table["locked"] = ["是" if at < papers.locked else "" for at in rng.permutation(len(keys))]
    table.to_csv(folder / "current.csv", index=False)
    names = {name: name for name in ("name", "locked", *(["staff"] if papers.staff else []))}
    return CurrentSource(path=folder / "current.csv", columns=CurrentColumns(id="id", **names))


def _roads(
    dirt: Dirt, papers: Papers, blocks: gpd.GeoDataFrame, folder: Path, rng: np.random.Generator
) -> tuple[RoadSource, ...]:
    """Draw straight roads beside block edges, right through the town or part of the way, some of them slanted."""
    west, south, east, north = blocks.total_bounds
    lines = []
    for bounds in blocks.bounds.to_numpy()[rng.integers(0, len(blocks), papers.roads)]:
        x, y = bounds[2:] + rng.uniform(-3, dirt.street_m + 3, 2)
        slant = rng.choice([0.0, 0.0, 30.0])
        if rng.random() < 0.5:
            ends = [(x, south - 50), (x + slant, rng.choice([north + 50, rng.uniform(south, north)]))]
        else:
            ends = [(west - 50, y), (rng.choice([east + 50, rng.uniform(west, east)]), y + slant)]
        lines.append(shapely.LineString(ends))
    if not lines:
        return ()
    write_layer(folder, "roads", gpd.GeoDataFrame({"class": rng.choice(CLASSES, len(lines))}, geometry=lines), dirt)
    return (RoadSource(path=folder / "town.gpkg", layer="roads", class_column="class"),)


def _premises(
    dirt: Dirt, papers: Papers, blocks: gpd.GeoDataFrame, folder: Path, rng: np.random.Generator
) -> SiteSource:
    xy = rng.uniform(blocks.total_bounds[:2], blocks.total_bounds[2:], (papers.sites, 2))
    sites = {"id": range(papers.sites), "m2": rng.integers(0, 500, papers.sites)}
    write_layer(folder, "sites", gpd.GeoDataFrame(sites, geometry=shapely.points(xy)), dirt)
    return SiteSource(path=folder / "town.gpkg", layer="sites", columns=SiteColumns(id="id", area_m2="m2"))


def _projects(
    papers: Papers, columns: BlockColumns, blocks: gpd.GeoDataFrame, folder: Path, rng: np.random.Generator
) -> ProjectSource | None:
    if not papers.deliveries:
        return None
    n = papers.deliveries
    households = rng.integers(0, 120, n)
    table = pd.DataFrame({"id": range(n), "block": rng.choice(blocks["key"].astype(str), n)})
    table = table.assign(date=rng.choice([2027, 2028, 2030], n), households=households, people=households * 3)
    table.to_csv(folder / "projects.csv", index=False)
    counts = {name: name for name in ("households", "people") if getattr(columns, name)}
    return ProjectSource(
        path=folder / "projects.csv", columns=ProjectColumns(id="id", block="block", date="date", **counts)
    )


def _problem(scenario: Scenario) -> tuple[Problem, list[list[int]]]:
    """Give the problem, and the pairs of blocks that a road surely parts: nearly everywhere, and along many metres."""
    data, standards = scenario.data, scenario.standards
    blocks = read_blocks(data)
    graph = build_graph(blocks, read_surroundings(data, blocks.crs), scenario.contiguity)
    current, sites, projects = read_current(data, blocks), read_sites(data, blocks), read_projects(data, blocks)
    if projects is not None and standards.growth.hold == "required":
        blocks = with_growth(blocks, projects, list_years(projects, standards.growth.years))
    if sites is not None and standards.premises.site == "required":
        blocks = with_sites(blocks, sites.block)
    problem = build_problem(blocks, graph, scenario.communities, scenario.objective, current=current)
    never = [scenario.objective.crossing.get(name) == "never" for name in graph.classes]
    never_m = graph.crossing_m[:, never].max(axis=1, initial=0.0)
    clear = graph.edges[(never_m > 12.0) & (never_m > 0.8 * graph.frontage_m)].tolist()
    return problem, [pair for pair in problem.apart.tolist() if pair in clear]


def _faults(
    problem: Problem, apart: list[list[int]], plan: np.ndarray, change: str
) -> Iterator[tuple[int, int, str, int | None]]:
    """Give moves of one block that surely break a rule: block, community, rule, community to be named if it is one."""
    area_of = {block: area for area in problem.areas for block in area.blocks}
    part = np.arange(plan.size) if problem.mergers is None else problem.mergers.part
    for block, home in enumerate(plan.tolist()):
        for name in sorted(set(plan.tolist()) - {home}):
            after = plan.copy()
            after[block] = name
            old, new = (np.flatnonzero(after == at).tolist() for at in (home, name))
            if change != "redraw":
                if change == "keep" or (part == part[block]).sum() > 2:
                    yield block, name, "change", None
                continue
            if any(sorted((block, other)) in apart for other in new):
                yield block, name, "never", name
            area = area_of[block]
            if not old or any(area_of[i] is not area for i in new) or area.exception is not None:
                continue
            for whose, quantity in misses(problem, area, plan, {home: old, name: new}):
                yield block, name, "site" if quantity == SITES else base_of(quantity), whose
            if _moves_too_many(problem, after):
                yield block, name, "max_moved_share", None


def _moves_too_many(problem: Problem, plan: np.ndarray) -> bool:
    stay = problem.stay
    if stay is None or stay.max_share is None:
        return False
    kept = int(trace_succession(plan, stay.current, stay.residents, is_home=stay.is_home).kept.sum())
    residents = int(stay.residents[stay.current >= 0].sum())
    return residents - kept > stay.max_share * residents + 1


def _check_faults(scenario: Scenario, out: Path, seed: int, n_faults: int) -> Counter:
    """Plant faults, one at a time, and require the judge to name each."""
    rows = read_plan(out).set_index("block_id")
    ids = list(read_blocks(scenario.data).ids)
    names, plan = np.unique(rows["community_id"].loc[ids].to_numpy(dtype=str), return_inverse=True)
    faults = list(_faults(*_problem(scenario), plan.astype(np.int32), scenario.communities.change))
    found = Counter()
    rng = np.random.default_rng(seed)
    for rule in sorted({fault[2] for fault in faults}):
        some = [fault for fault in faults if fault[2] == rule]
        for at in rng.permutation(len(some))[:n_faults]:
            block, to, _, whose = some[at]
            after = rows.copy()
            after.loc[ids[block], "community_id"] = names[to]
            named = {(v.rule, v.community) for v in verify_plan(scenario, after.reset_index()).violations}
            said = (rule, names[whose]) in named if whose is not None else rule in {r for r, _ in named}
            assert said, f"{ids[block]} to {names[to]}: {rule} not in {named}"
            found[rule] += 1
    return found


def _check_tables(out: Path, scenario: Scenario) -> None:
    """Add up plan, lineage, staff, metres and report."""
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    plan, tables = read_plan(out), {path.stem: pd.read_csv(path, keep_default_na=False) for path in out.glob("*.csv")}
    told = report["standards"]
    assert set(plan["community_id"]) == {row["id"] for row in report["communities"]}
    assert report["cost"] == pytest.approx(sum(report["totals"]["cost_parts"].values()), abs=0.001)
    crossings = tables["crossings"]["cost_m"].sum()
    assert crossings == pytest.approx(report["totals"]["cost_parts"]["crossing"], abs=0.001)
    assert tables["premises"]["shortfall_m2"].sum() == pytest.approx(told["premises"]["shortfall_m2"], abs=0.05)
    if "lineage" not in tables:
        return
    lineage = tables["lineage"]
    assert lineage["blocks"].sum() == len(plan)
    counted = "people" if "people" in lineage else "households"
    stay = lineage.loc[lineage["keeps_name"] == 1, counted].sum()
    assert told["lineage"]["moved"] == told["lineage"]["residents"] - stay
    most = scenario.communities.max_moved_share
    assert most is None or told["lineage"]["moved"] <= most * told["lineage"]["residents"]
    if "transition" in tables:
        staffing = tables["staffing"]
        assert (staffing["workers"] == staffing["filled"] + staffing["vacant"]).all()
        assert told["transition"]["posts"] == staffing["workers"].sum()


def check_office(dirt: Dirt, papers: Papers, folder: Path, *, n_faults: int) -> Counter:
    """Run one town and require agreement or a refusal with a sentence; give what happened."""
    scenario, out = make_office(dirt, papers, folder), folder / "out"
    try:
        run(scenario, out=out)
    except EXPECTED_REFUSALS as error:
        refusal = error
    else:
        verdict = verify(out) if dirt.seed % MADE_AGAIN == 0 else verify_files(scenario, out)
        assert verdict.ok, verdict
        assert check(out / "certificate") == []
        _check_tables(out, scenario)
        return Counter(["delivered"]) + _check_faults(scenario, out, dirt.seed, n_faults)
    assert refusal.problems
    assert all(problem.en and problem.zh for problem in refusal.problems)
    assert not out.exists()
    return Counter([type(refusal).__name__])


@cache
def happened(number: int) -> Counter:
    """Run the office of this number, once in a process, and give what happened."""
    with TemporaryDirectory() as folder:
        return check_office(*draw_office(number), Path(folder), n_faults=1)


@pytest.mark.parametrize("number", [pytest.param(n, marks=[SLOW] * (n not in IN_THE_GATE)) for n in NUMBERS])
def test_every_office_gets_a_verified_plan_or_a_reason(number: int) -> None:
    """A run delivers what the judge accepts or says why it cannot, and the judge names every planted fault."""
    assert happened(number)


@SLOW
def test_offices_meet_every_end() -> None:
    """Half of the offices get a plan, some are refused, and faults of each rule are planted and named."""
    ends = sum(map(happened, NUMBERS), Counter())
    n_refused = sum(ends[kind.__name__] for kind in EXPECTED_REFUSALS)
    assert ends["delivered"] + n_refused == len(NUMBERS)
    assert ends["delivered"] >= len(NUMBERS) / 2
    assert n_refused >= len(NUMBERS) / 4
    assert min(ends[rule] for rule in ("change", "households", "never")) >= 3
    assert min(ends[rule] for rule in ("people", "site")) >= 1


TRUNK = line((110, -100), (110, 300))
OVER_TRUNK = {"1": square(0, 0), "2": square(120, 0)}
"""Two blocks with a trunk road between them."""


def test_a_block_that_fills_up_later_is_empty_today(tmp_path: Path) -> None:
    """A block cut off by a road never to be crossed joins the nearest if nobody lives there today, as for the judge."""
    projects = "id,block,date,households,people\np,2,2030,90,270\n"
    town = make_town(
        tmp_path,
        OVER_TRUNK,
        households={"1": 100},
        people={"1": 300},
        district="区",
        roads=[("trunk", TRUNK)],
        never=["trunk"],
        projects=projects,
        communities=ANY_SIZE.model_copy(update={"count": 1}),
        standards=Standards(growth=Growth(hold="required")),
    )
    assert run(town.scenario, out=tmp_path / "out").verification.ok
    assert read_plan(tmp_path / "out")["community_id"].nunique() == 1


def test_roads_along_one_never_to_be_crossed_cost_nothing_where_nothing_is_redrawn(tmp_path: Path) -> None:
    """Where a community of today holds such a road, the list of crossings still adds up to the cost of the plan."""
    town = make_town(
        tmp_path,
        OVER_TRUNK,
        district="区",
        today="a",
        roads=[("trunk", TRUNK), ("primary", TRUNK)],
        sites=[],
        communities=ANY_SIZE.model_copy(update={"change": "keep"}),
    )
    weights = Objective(crossing={"trunk": "never", "primary": 2.0})
    scenario = town.scenario.model_copy(update={"objective": weights})
    run(scenario, out=tmp_path / "out")
    _check_tables(tmp_path / "out", scenario)
