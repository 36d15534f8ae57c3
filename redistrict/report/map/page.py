"""What the map page shows, put together from the report and the layers."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from redistrict.geo.graph import ContiguityGraph
from redistrict.messages import QUANTITY_UNITS, Message, count_of, join
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.problem import edge_costs
from redistrict.report.layers import Layers
from redistrict.report.levels import LevelRows, UnitRow
from redistrict.report.map.cards import ON_PAGE, new_cards, old_cards
from redistrict.report.map.content import Era, MapPage
from redistrict.report.map.crossings import locate_crossings
from redistrict.report.map.faults import list_faults
from redistrict.report.map.figures import list_figures
from redistrict.report.style import by_importance, class_word
from redistrict.report.summary import Report
from redistrict.report.title_block import list_lines
from redistrict.scenario.models import Objective
from redistrict.standards.city import PlannedCity
from redistrict.standards.office import Office
from redistrict.standards.why_here import explain_blocks


def build_page(city: PlannedCity, report: Report, layers: Layers) -> MapPage:
    """Put together what `write_map` shows of a plan."""
    scenario, blocks, plan, current = city.scenario, city.blocks, city.plan, city.records.current
    today = np.full(len(blocks), -1, dtype=np.int32) if current is None else current.of_block
    label, targets = scenario.data.label, _targets(city)
    return MapPage(
        title=scenario.heading,
        label=label.message if label else None,
        language=scenario.output.language,
        tiles=scenario.output.tiles,
        figures=list_figures(city, report),
        facts=_facts(report),
        notes=(report.balance(), *report.exceptions, *report.notes),
        faults=list_faults(report),
        new=_new_era(city, report, layers),
        old=_old_era(city, report.office, layers, targets),
        blocks=layers.blocks.assign(new=plan.assignment, old=today),
        estates=_estates(report.office, blocks.quantities),
        moves=explain_blocks(city.problem, city.graph, plan),
        roads=layers.roads,
        grids=layers.grids,
        level=report.levels[-1] if report.levels else None,
        by_district=_list_districts(report),
        others=report.others,
        crossings=locate_crossings(city, today),
        sites=_sites(report.office, layers),
        targets=targets | _other_targets(city),
        objective=scenario.objective,
        per_metre=city.problem.per_metre,
        sheet=list_lines(scenario, blocks.crs),
    )


def _list_districts(report: Report) -> LevelRows:
    """Give the communities of each district, as units of a level."""
    rows = report.communities
    own = {name: [row for row in rows if row.district == name] for name in sorted({row.district for row in rows})}
    units = tuple(
        UnitRow(
            name=name,
            district="",
            communities=tuple(row.id for row in members),
            households=_sum_up(row.households for row in members),
            population=_sum_up(row.people for row in members),
            workers=sum(row.workers for row in members),
            premises_m2=None,
            residents_changed=0,
        )
        for name, members in own.items()
    )
    return LevelRows("district", Message("district", "区"), "hard", units, tuple(row.district for row in rows))


def _sum_up(sizes: Iterable[int | None]) -> int | None:
    """Add sizes up, none where the data have none."""
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _targets(city: PlannedCity) -> dict[str, float]:
    """Give the targets sizes are measured against; none where they are measured against means."""
    communities = city.scenario.communities
    if communities.around != "targets":
        return {}
    wanted = {name: getattr(communities.target, name) for name in ("households", "people")}
    return {q: float(value) for q, value in wanted.items() if value is not None and q in city.blocks.quantities}


def _other_targets(city: PlannedCity) -> dict[str, float]:
    """Give the same of further quantities, by their names on the page."""
    communities = city.scenario.communities
    if communities.around != "targets":
        return {}
    return {ON_PAGE + key: float(other.target) for key, other in communities.others.items() if other.target}


def _new_era(city: PlannedCity, report: Report, layers: Layers) -> Era:
    crossing_m = _crossed_m(city.graph, city.scenario.objective, city.plan.assignment, city.plan.n_communities)
    return Era(
        layers.communities.assign(
            is_exception=[row.exception is not None for row in report.communities],
            crossing_m=crossing_m,
        ),
        new_cards(report),
    )


def _old_era(city: PlannedCity, office: Office, layers: Layers, targets: dict[str, float]) -> Era | None:
    """Give today's communities with the sizes their blocks add up to, against the same targets."""
    blocks, current = city.blocks, city.records.current
    if current is None or layers.today is None:
        return None
    known = current.of_block >= 0
    sizes = {
        q: np.bincount(current.of_block[known], blocks.size[known, n], minlength=len(current)).astype(np.int64)
        for n, q in enumerate(blocks.quantities)
    }
    deviations = {f"{q}_deviation": sizes[q] / target - 1 for q, target in targets.items()}
    table = {
        "community_id": current.ids,
        "community_name": current.names,
        "is_exception": np.zeros(len(current), dtype=bool),
        "crossing_m": _crossed_m(city.graph, city.scenario.objective, current.of_block, len(current)),
    }
    n_blocks = np.bincount(current.of_block[known], minlength=len(current))
    frame = gpd.GeoDataFrame(table | sizes | deviations, geometry=layers.today, crs=blocks.crs)
    return Era(frame, old_cards(office, frame, n_blocks.tolist()))


def _crossed_m(
    graph: ContiguityGraph, objective: Objective, community: NDArray[np.int32], k: int
) -> NDArray[np.float64]:
    """Give the weighted metres of road inside each community, (k,)."""
    a, b = community[graph.edges].T
    inside = (a == b) & (a >= 0)
    cost = edge_costs(graph, objective)[0][inside]
    return np.asarray(np.bincount(a[inside], cost / COST_PER_METRE, minlength=k))


def _estates(office: Office, quantities: tuple[str, ...]) -> tuple[tuple[str, int, Message], ...]:
    """Give every delivery: name, position of the block, year and what moves in."""
    projects = office.records.projects
    if projects is None:
        return ()
    found = []
    for p, name in enumerate(projects.names):
        sizes = dict(zip(quantities, projects.size[p].tolist(), strict=True))
        amounts = join(count_of(size, QUANTITY_UNITS[q]) for q, size in sizes.items())
        year = projects.year[p]
        found.append((name, int(projects.block[p]), Message(f"{year}: ", f"{year}年：") + amounts))
    return tuple(found)


def _sites(office: Office, layers: Layers) -> gpd.GeoDataFrame:
    """Give every site with its floor area, and whether its new community uses it."""
    sites, premises = office.records.sites, office.premises
    if sites is None or premises is None:
        return gpd.GeoDataFrame({"name": [], "text": [], "is_used": []}, geometry=[], crs=layers.blocks.crs)
    used = {s for community in premises.communities for s in community.used}
    text = [Message(f"{area_m2:,.0f} m²", f"{area_m2:,.0f} 平方米") for area_m2 in sites.area_m2]
    return gpd.GeoDataFrame(
        {"name": sites.names, "text": text, "is_used": [s in used for s in range(len(sites))]},
        geometry=gpd.points_from_xy(*sites.xy.T),
        crs=layers.blocks.crs,
    )


def _facts(report: Report) -> tuple[tuple[Message, str], ...]:
    result, settled_m = report.result, report.totals()["crossing_settled_m"]
    has_bound = result.bound is not None
    facts = []
    for name, metres in by_importance(settled_m):
        if report.scenario.objective.crossing.get(name):
            word = class_word(name)
            words = Message(f"Homes on both sides: {word.en}, m", f"两侧均有居民的{word.zh}（米）")
            facts.append((words, f"{metres:,.0f}"))
    return (
        *facts,
        (Message("Cost (weighted metres)", "总代价（加权米）"), f"{result.cost_m or 0:,.0f}"),
        (Message("Lower bound", "下界"), f"{result.bound_m:,.0f}" if has_bound else "—"),
        (Message("Gap", "差距"), f"{result.gap or 0:.1%}" if has_bound else "—"),
        (Message("Seed", "随机种子"), f"{report.scenario.solve.seed}"),
    )
