"""Facts: what the clauses look at in each community, from what is counted, and what they find there."""

from dataclasses import replace

import numpy as np

from redistrict.geo.blocks import Blocks
from redistrict.geo.components import components
from redistrict.geo.extent import find_middles, measure_compactness
from redistrict.geo.walks import build_network
from redistrict.model.measures import count_pieces, crossing_m
from redistrict.model.plan import Plan
from redistrict.scenario.clauses import NOT_WALKED, Circle, WalkShare
from redistrict.standards.city import PlannedCity
from redistrict.standards.clauses import CommunityFacts, GridFacts, Grids, Walks
from redistrict.standards.grids import GridPlan
from redistrict.standards.office import Office
from redistrict.standards.rules import check_rules, find_idle_waivers
from redistrict.standards.transition import Transition


def judge_clauses(city: PlannedCity, counted: Office, grids: GridPlan | None = None) -> Office:
    """Give the counts of the office with what the clauses of its rule packs find."""
    facts, waivers = _list_facts(city, counted, grids), city.scenario.standards.waivers
    return replace(counted, findings=check_rules(city.packs, facts, waivers), notes=find_idle_waivers(facts, waivers))


def _list_facts(city: PlannedCity, counted: Office, grids: GridPlan | None) -> list[CommunityFacts]:
    """Give what the clauses look at, from what is counted."""
    graph, plan = city.graph, city.plan
    metres = crossing_m(graph, plan)
    n_pieces = count_pieces(graph, plan).tolist()
    district = city.blocks.frame["district"].to_numpy(dtype=object)
    dwellings = city.blocks.dwellings
    compactness = measure_compactness(city.outlines).tolist()
    divided, walks = _find_divided(city.blocks, plan), _measure_walks(city)
    held = None if grids is None else _list_grids(city, grids)
    facts = []
    for c, (key, name) in enumerate(zip(counted.ids, counted.names, strict=True)):
        sizes = {q: int(size[c]) for q, size in counted.sizes.items()}
        facts.append(
            CommunityFacts(
                id=key,
                name=name,
                district=counted.districts[c],
                households=sizes.get("households"),
                people=sizes.get("people"),
                dwellings=None if dwellings is None else int(dwellings[plan.assignment == c].sum()),
                n_pieces=n_pieces[c],
                n_districts=len(set(district[plan.assignment == c].tolist())),
                workers=int(counted.workers[c]),
                staff_today=None if counted.transition is None else _n_staff(counted.transition, c),
                premises_m2=None if counted.premises is None else counted.premises.communities[c].existing_m2,
                named_border_share=counted.bounds[c].named_border_share,
                crossing_m=dict(zip(graph.classes, metres[c].tolist(), strict=True)),
                compactness=compactness[c],
                divided=None if divided is None else divided[c],
                n_units={one.key: int(np.unique(one.unit[plan.assignment == c]).size) for one in city.blocks.levels},
                walks=None if walks is None else walks[c],
                grids=None if held is None else held[c],
            )
        )
    return facts


def _list_grids(city: PlannedCity, plan: GridPlan) -> list[Grids]:
    """Give the grids of each community by code, with what the scenario asks of their size."""
    rules, graph, of_block = city.scenario.grids, city.graph, plan.of_block
    assert rules is not None, "there are grids where the scenario asks for them"
    inside = graph.edges[of_block[graph.edges[:, 0]] == of_block[graph.edges[:, 1]]]
    first = [piece[0] for piece in components(graph.n_blocks, inside)]
    n_pieces = np.bincount(of_block[first], minlength=len(plan.grids)).tolist()
    found: list[list[GridFacts]] = [[] for _ in range(city.plan.n_communities)]
    for grid, n in sorted(zip(plan.grids, n_pieces, strict=True), key=lambda pair: pair[0].code):
        found[grid.community].append(GridFacts(grid.code, grid.households, grid.workers, n))
    return [Grids(tuple(own), rules.lower, rules.upper) for own in found]


def _find_divided(blocks: Blocks, plan: Plan) -> list[tuple[str, ...]] | None:
    """Name for each community the estates it shares with others; none where no block has a name."""
    table = blocks.frame[["district", "name"]].assign(community=plan.assignment)
    table = table[table["name"] != ""]
    if table.empty:
        return None
    shared = table[table.groupby(["district", "name"])["community"].transform("nunique") > 1]
    return [tuple(sorted({*shared.loc[shared["community"] == c, "name"]})) for c in range(plan.n_communities)]


def _measure_walks(city: PlannedCity) -> list[Walks] | None:
    """Measure for each community how far all blocks are from its rooms; none where the data have no premises.

    Inside the block that rooms stand in, and where no road leads, the straight line counts.
    """
    sites, blocks, assignment = city.records.sites, city.blocks, city.plan.assignment
    clauses = (clause for pack in city.packs for clause in pack.clauses)
    asked = [clause.most_m for clause in clauses if isinstance(clause, WalkShare | Circle)]
    if sites is None or not asked:
        return None
    middles, residents = find_middles(blocks.shapes), dict(zip(blocks.quantities, blocks.size.T, strict=True))
    roads, n = city.surroundings.roads, len(blocks)
    walked = roads.geometry[~roads["road_class"].isin(NOT_WALKED)].to_numpy(dtype=object)
    streets = build_network(walked, np.concatenate([middles, sites.xy]))
    found = []
    for c in range(city.plan.n_communities):
        own = np.flatnonzero(assignment[sites.block] == c)
        away = np.hypot(*(middles[:, None] - sites.xy[own]).transpose(2, 0, 1))
        metres, by_line = away.min(axis=1, initial=np.inf), None
        if streets is not None:
            by_line = ~streets.are_joined(n + own)[:n] & np.isfinite(metres)
            by_line[sites.block[own]] = False
            walk_m = streets.measure((n + own).tolist(), max(asked))[:n]
            here = sites.block[own]
            np.minimum.at(walk_m, here, away[here, np.arange(own.size)])
            metres = np.where(by_line, metres, walk_m)
        found.append(Walks(metres, assignment == c, residents, blocks.dwellings, by_line))
    return found


def _n_staff(transition: Transition, c: int) -> int:
    """Count the workers of today who go to a community."""
    return sum(move.workers for move in transition.by_goal.get(c, ()) if move.source is not None)
