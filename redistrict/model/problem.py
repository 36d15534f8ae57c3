"""Problem: the integers the solver may see, and nothing else."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.components import components
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import PARTS_SHARE, ContiguityGraph, find_island_links
from redistrict.messages import Message, name_some
from redistrict.model.areas import Area, build_areas
from redistrict.model.compactness import Compactness
from redistrict.model.dear import DearLevels, build_dear_levels
from redistrict.model.enclosure import Enclosure
from redistrict.model.joining import join_small
from redistrict.model.mergers import Mergers, build_mergers
from redistrict.model.necks import Necks
from redistrict.model.pins import Demand, check_demands
from redistrict.model.prices import COST_PER_METRE, build_prices, crossing_weight
from redistrict.model.quantities import counts_residents
from redistrict.model.shape_limits import (
    build_compactness,
    build_enclosure,
    build_necks,
    find_far,
    say_cut_off,
    say_too_thin,
)
from redistrict.model.subgraph import edges_among
from redistrict.model.succession import is_home
from redistrict.model.terms import IdleStaff, Stay, build_idle_staff
from redistrict.scenario.models import Communities, Objective
from redistrict.scenario.office import Staffing

IntArray = NDArray[np.int64]
_NO_PAIRS = np.zeros((0, 2), dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Problem:
    """Divide the blocks of each area into connected communities inside bounds, at least cost.

    The cost of a plan is the `crossing_cost` of the edges inside communities, plus the `boundary_cost` of the
    edges between them, plus ``deviation_rate * |size - target|`` of every community and quantity, plus what `stay`,
    `idle`, `dear` and `necks` ask for.

    Attributes
    ----------
    quantities : tuple of str
        Names of the columns of `size`.
    size : (n_blocks, n_quantities) int64
    edges : (n_edges, 2) int32
        Neighbours i < j that lie in the same area.
    crossing_cost, boundary_cost : (n_edges,) int64
        In units of cost, as all prices here are.
    deviation_rate : (n_quantities,) int64
        Cost of one household or person off target.
    areas : tuple of Area
        The connected pieces that are divided independently; every block is in exactly one.
    apart : (n_pairs, 2) int32
        Blocks i < j of one area with a road between them that no community may cross; never neighbours.
    far : (n_pairs, 2) int32
        Blocks i < j of one area so far apart that no community may hold both; never neighbours.
    compactness : Compactness or None
        What the outline of a community must be like, if that is limited.
    enclosure : Enclosure or None
        What lies beside what, if no community may surround another of its area.
    necks : Necks or None
        Which blocks hang together widely, if communities must, or if it costs something where they do not.
    stay : Stay or None
        Where residents belong today, if it matters how many change.
    idle : IdleStaff or None
        What rounding to whole workers costs, if it does.
    dear : DearLevels or None
        Which street or other unit of a level blocks lie in, if it costs something to change it.
    mergers : Mergers or None
        Today's communities, if they are only merged whole.
    demands : tuple of Demand
        What pins ask besides: `solver.knit` puts it into areas.
    notes : tuple of Message
        Blocks without residents joined across a road that must never be crossed, blocks too thin or cut off by
        themselves, and units too small for a community that are joined to a neighbour.
    frees : bool
        Where no plan inside the bounds is found, the nearest one is taken (`exceptions: nearest`).
    per_metre : int
        Units of cost in a weighted metre.
    """

    quantities: tuple[str, ...]
    size: IntArray
    edges: NDArray[np.int32]
    crossing_cost: IntArray
    boundary_cost: IntArray
    deviation_rate: IntArray
    areas: tuple[Area, ...]
    apart: NDArray[np.int32] = field(default_factory=lambda: _NO_PAIRS)
    far: NDArray[np.int32] = field(default_factory=lambda: _NO_PAIRS)
    compactness: Compactness | None = None
    enclosure: Enclosure | None = None
    necks: Necks | None = None
    stay: Stay | None = None
    idle: IdleStaff | None = None
    dear: DearLevels | None = None
    mergers: Mergers | None = None
    demands: tuple[Demand, ...] = ()
    notes: tuple[Message, ...] = ()
    frees: bool = False
    per_metre: int = COST_PER_METRE

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.size)


@dataclass(frozen=True, eq=False)
class AreaProblem:
    """One area with one number of communities: what a single search or model works on.

    Attributes
    ----------
    size : (n, n_quantities) int64
    edges : (m, 2) int32
        Positions within the area.
    edge_weight : (m,) int64
        Crossing cost minus boundary cost: what it costs to have the edge inside a community, not cut.
    base_cost : int
        Cost of cutting every edge; the cost of a plan is this, plus the weights inside, plus deviation.
    n_communities : int
    lower, upper, target, deviation_rate : (n_quantities,) int64
        Bounds of one community; deviation is measured from the target.
    apart : (n_pairs, 2) int32
        Positions that may not share a community.
    compactness, enclosure, necks, stay, idle, dear
        As in `Problem`, of these blocks.
    center : tuple of Fraction
        What tolerances are counted from, (n_quantities,), not rounded; empty where that is not known.
    """

    size: IntArray
    edges: NDArray[np.int32]
    edge_weight: IntArray
    base_cost: int
    n_communities: int
    lower: IntArray
    upper: IntArray
    target: IntArray
    deviation_rate: IntArray
    apart: NDArray[np.int32] = field(default_factory=lambda: _NO_PAIRS)
    compactness: Compactness | None = None
    enclosure: Enclosure | None = None
    necks: Necks | None = None
    stay: Stay | None = None
    idle: IdleStaff | None = None
    dear: DearLevels | None = None
    center: tuple[Fraction, ...] = ()

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.size)


def build_problem(
    blocks: Blocks,
    graph: ContiguityGraph,
    communities: Communities,
    objective: Objective,
    *,
    current: CurrentPlan | None = None,
    staffing: Staffing | None = None,
    demands: tuple[Demand, ...] = (),
) -> Problem:
    """Put blocks, neighbours, areas and costs into integers.

    Parameters
    ----------
    current : CurrentPlan, optional
        Today's communities; needed where they are only merged, or where it costs to move residents.
    staffing : Staffing, optional
        Ratios of community workers; needed where idle workers cost something.
    demands : tuple of Demand
        What the scenario's pins ask.

    Raises
    ------
    DataError
        If today's communities cannot be merged as the data have them.
    InfeasibleScenarioError
        If the totals of some area cannot meet the bounds, with the sums.
    ScenarioError
        If the numbers of communities asked for cannot be shared out, neighbours lie too far apart, what pins
        put together does not touch, or prices or ratios cannot be held in whole numbers.
    """
    today = replace(blocks, quantities=tuple(name for name in blocks.quantities if counts_residents(name)))
    edges, apart, notes = _with_barred_roads(today, graph, objective)
    residents, staffing = count_residents(blocks), staffing or Staffing()
    blocks, joined = join_small(blocks, edges, graph, communities, residents)
    areas, mergers = build_mergers(blocks, current, communities)
    if mergers is None:
        check_demands(demands, edges, blocks.ids)
    areas = areas or build_areas(blocks, edges, communities)
    area_of = np.full(len(blocks), -1, dtype=np.int64)
    for number, area in enumerate(areas):
        area_of[list(area.blocks)] = number
    inside = area_of[edges[:, 0]] == area_of[edges[:, 1]]
    prices = build_prices(
        blocks,
        graph,
        communities,
        objective,
        areas,
        n_residents=0 if current is None else int(residents.sum()),
        fewest_workers=staffing.minimum,
    )
    crossing, boundary = _costs_of(edges, graph, objective, prices.per_metre)
    compactness = build_compactness(graph, communities)
    necks = build_necks(graph, edges[inside], communities, objective, prices.neck)
    return Problem(
        quantities=blocks.quantities,
        size=blocks.size,
        edges=edges[inside],
        crossing_cost=crossing[inside],
        boundary_cost=boundary[inside],
        deviation_rate=prices.deviation,
        areas=areas,
        apart=apart[area_of[apart[:, 0]] == area_of[apart[:, 1]]],
        far=find_far(blocks, edges[inside], area_of, communities),
        compactness=compactness,
        enclosure=build_enclosure(graph, communities),
        necks=necks,
        stay=_build_stay(residents, current, communities, prices.resident, area_of),
        idle=build_idle_staff(blocks.quantities, blocks.size, staffing, prices.worker),
        dear=build_dear_levels(prices.levels, residents),
        mergers=mergers,
        demands=demands,
        notes=(*notes, *joined, *say_too_thin(blocks, compactness, areas), *say_cut_off(today, necks, areas)),
        frees=mergers is None and communities.exceptions == "nearest",
        per_metre=prices.per_metre,
    )


def _with_barred_roads(
    blocks: Blocks, graph: ContiguityGraph, objective: Objective
) -> tuple[NDArray[np.int32], NDArray[np.int32], tuple[Message, ...]]:
    """Give the edges that may lie inside a community, the pairs that must be kept apart, and notes.

    Blocks parted by a road that must never be crossed are no neighbours, and are kept apart. A piece of a district
    that loses all its neighbours by that must belong somewhere all the same if nobody lives in it today: it is joined
    to the nearest block, and not kept apart from any. These links follow the edges of the graph.
    """
    barred = find_barred(graph, objective)
    if not barred.any():
        return graph.edges, graph.edges[barred], ()
    links = np.array(find_island_links(blocks, graph.edges[~barred].astype(np.int64)), dtype=np.int32).reshape(-1, 2)
    place = blocks.places
    within = ~barred & (place[graph.edges[:, 0]] == place[graph.edges[:, 1]])
    is_desert = np.zeros(len(blocks), dtype=bool)
    for piece in components(len(blocks), graph.edges[within]):
        is_desert[piece] = blocks.size[piece].sum() == 0
    return (
        np.vstack([graph.edges[~barred], links]),
        graph.edges[barred & ~is_desert[graph.edges].any(axis=1)],
        _desert_notes(blocks, is_desert),
    )


def _desert_notes(blocks: Blocks, is_desert: NDArray[np.bool_]) -> tuple[Message, ...]:
    if not is_desert.any():
        return ()
    named = name_some([blocks.ids[i] for i in np.flatnonzero(is_desert).tolist()])
    n = int(is_desert.sum())
    return (
        Message(
            f"{n} blocks where nobody lives are cut off by roads that must never be crossed; they belong to the "
            f"nearest community all the same: {named.en}.",
            f"{n} 个无居民地块被不得跨越的道路隔开，仍归入最近的社区：{named.zh}。",
        ),
    )


def find_barred(graph: ContiguityGraph, objective: Objective) -> NDArray[np.bool_]:
    """Tell which edges a road that must never be crossed runs along, for half of their frontage or more, (n_edges,)."""
    never = [n for n, name in enumerate(graph.classes) if objective.crossing.get(name) == "never"]
    never_m = graph.crossing_m[:, never].sum(axis=1)
    return np.asarray((never_m > 0) & (never_m >= PARTS_SHARE * graph.frontage_m))


def crossing_share(graph: ContiguityGraph, objective: Objective) -> NDArray[np.float64]:
    """Give the share of the price of a road that remains at each edge, (n_edges,).

    Less is left where the crossing is served, and where nobody lives on one side, for then nobody crosses.
    """
    served = np.where(graph.is_served, objective.served_share, 1.0)
    return np.asarray(served * np.where(graph.is_beside_empty, objective.empty_share, 1.0))


def _costs_of(
    edges: NDArray[np.int32], graph: ContiguityGraph, objective: Objective, per_metre: int
) -> tuple[IntArray, IntArray]:
    """Give the two costs of the edges of `_with_barred_roads`; links cost nothing."""
    kept = ~find_barred(graph, objective)
    crossing, boundary = (
        np.pad(cost[kept], (0, len(edges) - int(kept.sum()))) for cost in edge_costs(graph, objective, per_metre)
    )
    return crossing, boundary


def edge_costs(
    graph: ContiguityGraph, objective: Objective, per_metre: int = COST_PER_METRE
) -> tuple[IntArray, IntArray]:
    """Give the cost of each edge when inside a community (crossing) and when cut (boundary).

    Returns
    -------
    crossing, boundary : (n_edges,) int64
        Units of cost: metres x weight x `per_metre`, rounded; the crossing times its `crossing_share`.
    """
    weight = np.array([crossing_weight(objective, name) for name in graph.classes])
    crossing = graph.crossing_m @ weight if weight.size else np.zeros(graph.n_edges)
    boundary = graph.frontage_m * objective.boundary
    return (
        np.rint(crossing * crossing_share(graph, objective) * per_metre).astype(np.int64),
        np.rint(boundary * per_metre).astype(np.int64),
    )


def area_problem(problem: Problem, number: int, n_communities: int) -> AreaProblem:
    """Cut out one area, to be divided into `n_communities`; the outline of one that is not divided is what it is."""
    area = problem.areas[number]
    limits = area.limits(n_communities)
    members = np.array(area.blocks, dtype=np.int64)
    edges, inside = edges_among(problem.edges, members, problem.n_blocks)
    return AreaProblem(
        size=problem.size[members],
        edges=edges,
        edge_weight=(problem.crossing_cost - problem.boundary_cost)[inside],
        base_cost=int(problem.boundary_cost[inside].sum()),
        n_communities=n_communities,
        lower=np.array(limits.lower, dtype=np.int64),
        upper=np.array(limits.upper, dtype=np.int64),
        target=np.array(limits.target, dtype=np.int64),
        deviation_rate=problem.deviation_rate,
        apart=edges_among(np.vstack([problem.apart, problem.far]), members, problem.n_blocks)[0],
        compactness=problem.compactness.take(members) if problem.compactness and n_communities > 1 else None,
        enclosure=problem.enclosure.take(members, holds=False) if problem.enclosure and n_communities > 1 else None,
        necks=problem.necks.take(members) if problem.necks and n_communities > 1 else None,
        stay=problem.stay.take(members) if problem.stay else None,
        idle=problem.idle,
        dear=problem.dear.take(members) if problem.dear else None,
        center=limits.center,
    )


def cut_out(problem: AreaProblem, blocks: IntArray, n_communities: int) -> AreaProblem:
    """Cut out some blocks, ascending, as a problem of their own, with the limits of the whole.

    Edges that leave the blocks are cut in any division; they and the base cost are left out. `stay` is restricted to
    the blocks: the same price for moving, the same largest share. Who continues whom is decided over the whole area,
    though, so where one of today's communities lies on both sides of a border, the parts together count fewer
    residents moved than the whole: a plan put together is to be judged as a whole.
    """
    edges, inside = edges_among(problem.edges, blocks, problem.n_blocks)
    return replace(
        problem,
        size=problem.size[blocks],
        edges=edges,
        edge_weight=problem.edge_weight[inside],
        base_cost=0,
        n_communities=n_communities,
        apart=edges_among(problem.apart, blocks, problem.n_blocks)[0],
        compactness=problem.compactness.take(blocks) if problem.compactness else None,
        enclosure=problem.enclosure.take(blocks, holds=True) if problem.enclosure else None,
        necks=problem.necks.take(blocks) if problem.necks else None,
        stay=problem.stay.take(blocks) if problem.stay else None,
        dear=problem.dear.take(blocks) if problem.dear else None,
    )


def count_residents(blocks: Blocks) -> IntArray:
    """Give the people of each block, or the households where the data have no people, (n_blocks,)."""
    return blocks.size[:, blocks.quantities.index("people" if "people" in blocks.quantities else "households")]


def _build_stay(
    residents: IntArray, current: CurrentPlan | None, communities: Communities, rate: int, area_of: IntArray
) -> Stay | None:
    """Gather where residents belong today, if the scenario asks how many change."""
    if current is None or (rate == 0 and communities.max_moved_share is None):
        return None
    return Stay(
        current=current.of_block,
        is_home=is_home(current.of_block, residents, area_of),
        residents=residents,
        rate=rate,
        max_share=communities.max_moved_share,
    )
