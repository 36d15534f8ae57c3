"""Clauses that totals, bounds and data do not let a plan meet; and every plan of tiny towns agrees."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from redistrict.messages import Message
from redistrict.model.areas import NO_BOUND, Area, Limits
from redistrict.model.problem import Problem
from redistrict.scenario.clauses import AnyClause
from redistrict.scenario.grids import Grids as GridRules
from redistrict.scenario.office import Staffing, Standards, Waiver
from redistrict.scenario.rulepack import RulePack
from redistrict.standards.clauses import CommunityFacts, GridFacts, Grids, Walks, judge_clause
from redistrict.standards.foresight import WHAT_TO_DO, foresee_clauses
from redistrict.standards.foretold import Outlook, foretell
from redistrict.standards.prospects import list_prospects
from redistrict.standards.staffing import workers_needed

NONE = "no"
GRIDS = GridRules(households=4, tolerance=0.5, workers=1, code="{community}-{number}")
ROADS = SimpleNamespace(roads=pd.DataFrame({"name": ["花湖路"]}), barriers=pd.DataFrame({"name": [""]}))
NAMELESS = SimpleNamespace(roads=pd.DataFrame({"name": [""]}), barriers=pd.DataFrame({"name": []}))


def make_pack(clause: dict[str, Any]) -> RulePack:
    """Give a pack `p` with one clause `c`."""
    words = {"zh": "字", "en": "words"}
    source = {"document": words, "place": "1", "quote": "句"}
    asked = {"key": "c", "text": words, "cited": "句", **clause}
    return RulePack.model_validate({"key": "p", "title": words, "source": source, "clauses": [asked]})


def make_outlook(
    areas: tuple[Area, ...], size: list[list[int]], edges: list[tuple[int, int]] | None = None, **given: Any
) -> Outlook:
    """Give a city of households, or households and people, with whatever else is given."""
    n, quantities = len(size), ("households", "people")[: len(size[0])]
    pairs = np.array(edges or [(i, i + 1) for i in range(n - 1)], dtype=np.int32).reshape(-1, 2)
    costs = np.zeros(len(pairs), dtype=np.int64)
    rate = np.zeros(len(quantities), dtype=np.int64)
    problem = Problem(quantities, np.array(size, dtype=np.int64), pairs, costs, costs, rate, areas)
    frame = pd.DataFrame({"district": "d", "name": given.get("names", [""] * n)})
    blocks: Any = SimpleNamespace(
        frame=frame, quantities=quantities, dwellings=given.get("dwellings"), levels=given.get("levels", ())
    )
    metres = given.get("crossing_m", np.zeros((len(pairs), 1)))
    graph: Any = SimpleNamespace(classes=("trunk",), edges=pairs, crossing_m=metres)
    standards = given.get("standards", Standards())
    around: Any = given.get("surroundings", ROADS)
    return Outlook(blocks, problem, graph, around, given.get("sites"), standards, given.get("grids"))


def two_areas() -> Outlook:
    """Give areas of four communities and of one, of 900 to 1,100 households each, and one of a single block of 1."""
    areas = tuple(
        Area(name, name, tuple(blocks), (1000 * k,), (Limits(k, (1000,), (900,), (1100,)),))
        for name, k, blocks in [("east", 4, range(5)), ("west", 1, [5])]
    )
    limits = (Limits(1, (1000,), (1,), (1,)),)
    areas += (Area("island", "island", (6,), (1,), limits, exception=Message("far", "远")),)
    return make_outlook(areas, [[800]] * 5 + [[1000], [1]])


def foresee(clause: dict[str, Any], outlook: Outlook, *, added: dict[int, list[int]] | None = None) -> list[str]:
    """Give what is said of a clause, without what to do about it."""
    later = {year: {"households": more} for year, more in (added or {}).items()}
    notes = foresee_clauses([make_pack(clause)], outlook, later)
    assert all(digits(note.en) == digits(note.zh) for note in notes)
    return [note.en for note in notes if note != WHAT_TO_DO]


def digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def test_what_no_community_can_meet_is_named_with_both_figures_and_what_to_do() -> None:
    """Bounds outside the clause are told once for all areas alike, under a line that says what can be done."""
    limits = {"check": "size_limits", "households": {"min": 1101}}
    head, line = foresee_clauses([make_pack(limits)], two_areas(), {})
    assert head == WHAT_TO_DO
    assert line.en == (
        "p.c asks for at least 1,101 households: no community can meet it, as communities have 900 to 1,100 "
        "(east, west); no community can meet it, as the only one has 1 (island)."
    )
    assert line.zh == (
        "p.c 要求 不少于 1,101 户：社区只能为 900 至 1,100，任何社区都不能符合（east、west）；"
        "唯一的社区为 1，任何社区都不能符合（island）。"
    )


def test_bounds_that_reach_beyond_the_clause_are_told_as_a_risk() -> None:
    """Some communities may miss it, so nothing is said to be sure; inside the bounds nothing is said at all."""
    (note,) = foresee({"check": "size_limits", "households": {"max": 1050}}, two_areas())
    assert note.startswith("p.c asks for at most 1,050 households: some communities may not meet it, as the bounds")
    assert note.endswith("are 900 to 1,100 (east).")
    assert foresee({"check": "size_limits", "households": {"min": 1, "max": 1100}}, two_areas()) == []
    assert foresee({"check": "size_limits", "people": {"min": 1}}, two_areas()) == []
    assert foresee({"check": "one_piece"}, two_areas()) == []


@pytest.mark.parametrize(
    ("limits", "how"),
    [
        ({"min": 1100}, "at least 2 of 4"),
        ({"min": 1101}, "no"),
        ({"max": 900}, "at least 2 of 4"),
        ({"max": 899}, "no"),
    ],
)
def test_the_very_end_of_the_bounds_can_still_meet_it(limits: dict[str, int], how: str) -> None:
    """With bounds of 900 to 1,100 a community may have just 900, or 1,100, and two of four then have the other end."""
    note = foresee({"check": "size_limits", "households": limits}, two_areas())[0]
    assert f"households: {how} communit" in note


def test_what_is_waived_for_all_is_not_told() -> None:
    """A waiver of all communities answers the warning; one of a single community does not."""
    limits = {"check": "size_limits", "households": {"min": 1101}}
    for community, n_told in (("*", 0), ("east-01", 1)):
        waiver = Waiver(pack="p", clause="c", community=community, reason="why")
        outlook = replace(two_areas(), standards=Standards(waivers=(waiver,)))
        assert len(foresee(limits, outlook)) == n_told


def test_bounds_that_may_be_left_make_nothing_sure() -> None:
    """With `exceptions: nearest` a plan may leave the bounds: only what the totals forbid is sure."""
    outlook = two_areas()
    outlook = replace(outlook, problem=replace(outlook.problem, frees=True))
    (note,) = foresee({"check": "size_limits", "households": {"min": 1050, "max": 1101}}, outlook)
    assert "at least 1 of 4 communities cannot meet it, as there are 4,000 households in all (east)" in note


def test_communities_that_are_merged_may_lie_outside_the_bounds() -> None:
    """Only numbers and totals bind whole communities of today: 5,001 households make four of 1,101 and a fifth."""
    mergers: Any = SimpleNamespace(
        names=("a",) * 7, is_locked=np.array([False]), count=(5, 7), count_by_area=((1, 5), (1, 1), (1, 1))
    )
    outlook = replace(two_areas(), problem=replace(two_areas().problem, mergers=mergers))
    assert foresee({"check": "size_limits", "households": {"min": 1101}}, outlook) == [
        "p.c asks for at least 1,101 households: at least 1 of 5-7 communities cannot meet it, as there are 5,001 "
        "households in all."
    ]
    assert foresee({"check": "size_limits", "households": {"min": 900}}, outlook) == []


def test_years_whose_mean_leaves_the_clause_are_named() -> None:
    """Whatever the plan, the mean of an area with its deliveries leaves the clause: the first such year is told."""
    clause = {"check": "dwelling_limits", "dwellings": {"max": 1100}}
    added = {2027: [400, 0, 0, 0, 0, 100, 9], 2028: [404, 0, 0, 0, 0, 101, 9], 2029: [999, 0, 0, 0, 0, 999, 9]}
    assert foresee(clause, two_areas(), added=added) == [
        "p.c asks for at most 1,100 households: the mean of east leaves it in 2028, with 1,101.",
        "p.c asks for at most 1,100 households: the mean of west leaves it in 2028, with 1,101.",
    ]


# --- every plan of tiny towns ----------------------------------------------------------------------------


CLAUSES: tuple[dict[str, Any], ...] = (
    *({"check": "size_limits", "households": {"min": n}} for n in (3, 6, 9)),
    *({"check": "size_limits", "people": {"min": 9 - n, "max": 9 + n}} for n in (0, 3)),
    {"check": "target_size", "households": 6, "people": 12, "tolerance": 0.3},
    {"check": "split_above", "households": 5},
    {"check": "merge_below", "people": 12},
    *({"check": "dwelling_limits", "dwellings": {"min": n, "max": n + 3}} for n in (2, 6)),
    *({"check": "road_inside", "classes": ["trunk"], "most_m": most} for most in (0, 10)),
    {"check": "one_unit", "level": "street"},
    {"check": "estate_whole"},
    *({"check": "staffing", "people_per_worker": ratio} for ratio in (3, 6)),
    *({"check": "committee", "min_members": n} for n in (2, 4)),
    *({"check": "premises", "minimum_m2": least, "m2_per_100_households": 400} for least in (0, 30)),
    {"check": "walk", "most_m": 1, "min_share": 0.1},
    *({"check": "circle", "most_m": 1, "people": {"min": n}} for n in (1, 60)),
    {"check": "circle", "most_m": 1, "dwellings": {"max": 5}},
    {"check": "outline_along", "min_share": 0.3},
    *({"check": "grid_posts", "min_posts": n} for n in (1, 2)),
)
CERTAIN = {str(one["check"]) for one in CLAUSES}


def draw_town(chance: np.random.Generator) -> Outlook:
    """Draw a path or ring of six blocks with roads, streets, estates, dwellings and premises, in one or two areas."""
    n = 6
    edges = [(i, i + 1) for i in range(n - 1)] + [(0, n - 1)] * int(chance.integers(2))
    households = chance.integers(0, 5, size=n)
    size = np.stack([households, households * chance.integers(1, 4, size=n)], axis=1)
    cut = int(chance.choice([2, 3, n]))
    edges = [(i, j) for i, j in edges if (i < cut) == (j < cut)]
    areas = tuple(_draw_area(chance, size, range(*ends)) for ends in ((0, cut), (cut, n)) if ends[0] < ends[1])
    n_sites = int(chance.integers(4))
    sites = SimpleNamespace(
        block=np.sort(chance.integers(0, n, size=n_sites)), area_m2=np.round(chance.random(n_sites) * 50, 2)
    )
    street: Any = SimpleNamespace(key="street", unit=np.sort(chance.integers(0, 3, size=n)))
    return make_outlook(
        areas,
        size.tolist(),
        edges,
        names=chance.choice(["甲", "乙", ""], size=n).tolist(),
        dwellings=households + 1 if chance.integers(2) else None,
        levels=(street,),
        crossing_m=np.round(chance.choice([0, 0, 4, 30], size=(len(edges), 1)) * chance.random((len(edges), 1)), 2),
        sites=sites,
        surroundings=NAMELESS if chance.integers(2) else ROADS,
        standards=Standards(staffing=Staffing(people_per_worker=4, households_per_worker=2, combine="mean")),
        grids=GRIDS,
    )


def _draw_area(chance: np.random.Generator, size: np.ndarray, blocks: range) -> Area:
    """Draw one or two numbers of communities, with bounds that a plan may keep, or no upper bound."""
    total = tuple(size[list(blocks)].sum(axis=0).tolist())
    first, slack = int(chance.integers(1, 3)), int(chance.integers(0, 5))
    options = []
    for n in range(first, first + int(chance.integers(1, 3))):
        lower = tuple(max(0, t // n - slack) for t in total)
        upper = tuple(NO_BOUND if slack == 4 else -(-t // n) + slack for t in total)
        options.append(Limits(n, lower, lower, upper))
    return Area(f"a{blocks.start}", "d", tuple(blocks), total, tuple(options))


def every_plan(outlook: Outlook, area: Area) -> Iterator[list[list[int]]]:
    """Give every division of an area into connected communities inside the bounds."""
    graph = nx.Graph(outlook.problem.edges.tolist())
    graph.add_nodes_from(area.blocks)
    for option in area.options:
        for labels in product(range(option.n_communities), repeat=len(area.blocks)):
            first = [labels.index(c) if c in labels else -1 for c in range(option.n_communities)]
            if min(first) < 0 or first != sorted(first):
                continue
            parts = [[i for i, c in zip(area.blocks, labels, strict=True) if c == own] for own in range(len(first))]
            sums = [outlook.problem.size[part].sum(axis=0) for part in parts]
            is_inside = all(((s >= option.lower) & (s <= option.upper)).all() for s in sums)
            if is_inside and all(nx.is_connected(graph.subgraph(part)) for part in parts):
                yield parts


def facts_of(outlook: Outlook, part: list[int]) -> CommunityFacts:
    """Count what clauses look at in one community, plainly."""
    blocks, edges = outlook.blocks, outlook.problem.edges.tolist()
    households, people = outlook.problem.size[part].sum(axis=0).tolist()
    inside = [e for e, (i, j) in enumerate(edges) if i in part and j in part]
    names = blocks.frame["name"].tolist()
    divided = {names[i] for i in part if names[i]} & {names[i] for i in range(len(names)) if i not in part}
    sites: Any = outlook.sites
    near = np.where(np.isin(np.arange(len(names)), [b for b in sites.block if b in part]), 0.0, np.inf)
    residents = dict(zip(("households", "people"), outlook.problem.size.T, strict=True))
    is_own = np.isin(np.arange(len(names)), part)
    return CommunityFacts(
        id="c",
        name="c",
        district="d",
        households=households,
        people=people,
        dwellings=None if blocks.dwellings is None else int(blocks.dwellings[part].sum()),
        n_pieces=1,
        n_districts=1,
        workers=workers_needed(households, people, outlook.standards.staffing),
        staff_today=None,
        premises_m2=round(float(sum(m2 for b, m2 in zip(sites.block, sites.area_m2, strict=True) if b in part)), 2),
        named_border_share=0.0 if outlook.surroundings is NAMELESS else 1.0,
        crossing_m={"trunk": round(float(outlook.graph.crossing_m[inside].sum()), 2)},
        compactness=1.0,
        divided=tuple(divided) if any(names) else None,
        n_units={"street": len({blocks.levels[0].unit[i] for i in part})},
        walks=Walks(near, is_own, residents, blocks.dwellings),
        grids=Grids((GridFacts("1", households, GRIDS.workers, 1),), GRIDS.lower, GRIDS.upper),
    )


def count_failing(clause: AnyClause, outlook: Outlook, plan: list[list[int]]) -> int:
    return sum(judge_clause(clause, facts_of(outlook, part)).holds is False for part in plan)


def list_told(clause: AnyClause, outlook: Outlook) -> list[int]:
    """Give for each area how many communities must fail."""
    return [
        max((told.failing for told in foretell(clause, one, outlook)), default=0)
        for one in list_prospects(outlook.problem)
    ]


def test_what_is_foreseen_no_plan_of_a_tiny_town_escapes() -> None:
    """In every valid plan at least as many communities fail as was foretold; of each kind something is foretold."""
    chance, told_of, n_plans = np.random.default_rng(20), set(), 0
    for _ in range(60):
        outlook = draw_town(chance)
        for clause in (make_pack(one).clauses[0] for one in CLAUSES):
            for area, told in zip(outlook.problem.areas, list_told(clause, outlook), strict=True):
                if told:
                    failing = [count_failing(clause, outlook, plan) for plan in every_plan(outlook, area)]
                    assert min(failing, default=told) >= told, (clause, area, outlook.problem.size)
                    n_plans += len(failing)
                    told_of |= {clause.check} if failing else set()
    assert told_of == CERTAIN
    assert n_plans > 1000


def test_where_nothing_is_said_of_a_size_every_plan_keeps_it() -> None:
    """A clause on size that is neither sure nor at risk is met by every community of every valid plan."""
    chance, n_silent = np.random.default_rng(21), 0
    sizes = [one for one in CLAUSES if one["check"] in ("size_limits", "target_size", "split_above", "merge_below")]
    for _ in range(200):
        outlook = draw_town(chance)
        if any(option.upper[0] == NO_BOUND for area in outlook.problem.areas for option in area.options):
            continue
        for one in sizes:
            if not foresee(one, outlook):
                (clause,) = make_pack(one).clauses
                plans = [plan for area in outlook.problem.areas for plan in every_plan(outlook, area)]
                assert not any(count_failing(clause, outlook, plan) for plan in plans)
                n_silent += len(plans)
    assert n_silent > 100
