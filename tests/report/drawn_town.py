"""A town of eight blocks with its report, made without a search, for the tests of what is written."""

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import build_graph
from redistrict.geo.roads import Surroundings
from redistrict.geo.sites import Sites
from redistrict.messages import Language
from redistrict.model.plan import Plan
from redistrict.model.problem import build_problem
from redistrict.model.result import Result, SolveStatus, StoppedBy
from redistrict.report.layers import Layers, build_layers
from redistrict.report.summary import Report, build_report
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import load_rulepack
from redistrict.standards.city import PlannedCity, Records
from redistrict.standards.facts import judge_clauses
from redistrict.standards.office import count_office
from tests.geo.drawing import box, cells, line, make_blocks, surroundings

TOWN = """
a b c d
e f g h
"""
"""Blocks of 100 m with streets of 20 m; 湖滨大道 runs between b and c, 杭州路 between the rows."""
PLAN = {0: "abef", 1: "cg", 2: "dh"}
TODAY = {0: "ab", 1: "ef", 2: "cdgh"}
HOSTILE = ('=HYPERLINK("x")', "<img src=x onerror=alert(1)>", "{{7*7}}", "</script>", "+1", "-1", "@x", "a\x01b")


def make_town(
    *, language: Language = "both", rename: Callable[[str], str] = str, with_today: bool = True
) -> tuple[Report, Layers, Surroundings]:
    """Give report, layers and surroundings; every name from the data goes through `rename`."""
    city = make_city(language=language, rename=rename, with_today=with_today)
    provenance = {"redistrict": "0", "inputs": [{"key": "data.blocks", "file": "x.gpkg"}], "timings_s": {"solve": 1.5}}
    report = build_report(city, judge_clauses(city, count_office(city)), provenance)
    return report, build_layers(city, report), city.surroundings


def make_city(
    *, language: Language = "both", rename: Callable[[str], str] = str, with_today: bool = True
) -> PlannedCity:
    """Give the town with its plan."""
    shapes = cells(TOWN, street_m=20)
    district = {i: rename("西区" if i in "dh" else "东区") for i in shapes}
    blocks = make_blocks(
        shapes, households={i: 100 + 10 * n for n, i in enumerate(shapes)}, people=300, district=district
    )
    blocks.frame["name"] = [rename(f"{i}小区") for i in blocks.frame["block_id"]]
    around = surroundings(
        roads=[
            ("trunk", rename("湖滨大道"), line((230, -50), (230, 270))),
            ("primary", rename("杭州路"), line((-50, 110), (470, 110))),
            ("tertiary", "", line((350, -50), (350, 270))),
        ],
        barriers=[("river", rename("长江"), box(-50, 226, 600, 300))],
    )
    scenario = _make_scenario(language, district)
    plan = Plan(_number(PLAN, blocks))
    records = _make_records(blocks, rename) if with_today else Records(None, None, None)
    graph = build_graph(blocks, around, scenario.contiguity)
    problem = build_problem(
        blocks, graph, scenario.communities, scenario.objective, current=records.current,
        staffing=scenario.standards.staffing,
    )  # fmt: skip
    return PlannedCity(
        scenario=scenario,
        blocks=blocks,
        surroundings=around,
        graph=graph,
        records=records,
        packs=tuple(load_rulepack(name) for name in scenario.standards.rules),
        problem=problem,
        result=Result(plan, SolveStatus.FEASIBLE, StoppedBy.EFFORT, 123_400, 100_000, (), 1.0),
        outlines=_draw(blocks, plan.assignment),
        outlines_today=None if records.current is None else _draw(blocks, records.current.of_block),
    )


def _make_scenario(language: Language, district: dict[str, str]) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "town",
            "data": {"blocks": {"path": "x.gpkg", "columns": {"id": "id", "households": "hh"}}},
            "communities": {
                "target": {"households": 300, "people": 900},
                "tolerance": {"households": 0.9, "people": 0.9},
                "count_by_district": {district["a"]: 2, district["d"]: 1},
            },
            "standards": {"bands": [300, 500], "rules": ["huangshi_report"]},
            "output": {"language": language},
        }
    )


def _make_records(blocks: Blocks, rename: Callable[[str], str]) -> Records:
    current = CurrentPlan(
        ids=("1", "2", "3"),
        names=tuple(rename(name) for name in ("甲社区", "乙社区", "丙社区")),
        districts=(rename("东区"), rename("东区"), rename("东区")),
        of_block=_number(TODAY, blocks),
        staff=np.array([1, 2, 2]),
        is_locked=np.zeros(3, dtype=bool),
    )
    spot = shapely.get_coordinates(shapely.centroid(blocks.shapes[:1]))
    sites = Sites(("S1",), (rename("老年活动中心"),), np.array([80.0]), ("1",), np.array([0]), spot)
    return Records(current, sites, None)


def _number(parts: dict[int, str], blocks: Blocks) -> NDArray[np.int32]:
    of_block = {i: c for c, members in parts.items() for i in members}
    return np.array([of_block[i] for i in blocks.frame["block_id"]], dtype=np.int32)


def _draw(blocks: Blocks, assignment: NDArray[np.int32]) -> NDArray[np.object_]:
    """Give the blocks of each community with half of the streets around them."""
    wide = shapely.buffer(blocks.shapes, 10, join_style="mitre")
    return np.array([shapely.union_all(wide[assignment == c]) for c in range(assignment.max() + 1)], dtype=object)
