"""The diagnosis of today's communities: sizes, shapes, roads inside, premises, staff and fund.

The section 一 of the Huangshi report, for any city. Communities are rows; a district and the whole city are groups
of the same rows, so every table counts alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.components import components
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import ContiguityGraph
from redistrict.geo.sites import Sites
from redistrict.messages import Message, plain
from redistrict.model.measures import crossing_m
from redistrict.model.plan import Plan
from redistrict.scenario.models import Objective, Sizes
from redistrict.scenario.office import Premises, Standards
from redistrict.standards.staffing import workers_needed

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Today:
    """The city as it is.

    Attributes
    ----------
    blocks : Blocks
    graph : ContiguityGraph
    current : CurrentPlan
    sites : Sites or None
        Premises, where the data have them.
    areas : (n_communities,) polygons
        Area of each community up to the middle of the streets; areas do not overlap and hold their own blocks only.
    has_roads : bool
        Without roads in the data nothing is said of what crosses a community.
    road_notes : tuple of Message
        What was chosen, lost or left out while reading roads, barriers and structures.
    """

    blocks: Blocks
    graph: ContiguityGraph
    current: CurrentPlan
    sites: Sites | None
    areas: NDArray[np.object_]
    has_roads: bool
    road_notes: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class CommunityToday:
    """One community of today; what the data do not say is none.

    Attributes
    ----------
    households_deviation, people_deviation : float or None
        (size - target) / target.
    n_pieces : int
        Connected pieces of its blocks in the contiguity graph.
    inside : str or None
        Key of the community around it, where it is an enclave.
    holds : tuple of str
        Keys of the communities with blocks in a hole of this one.
    crossing_m : dict of str to float, or None
        Metres of each class of roads, and of barriers with a way across, inside.
    premises_m2, premises_norm_m2 : float or None
        Floor area there is, and the norm: so much per 100 households, never under the minimum.
    reaches_minimum, reaches_norm : bool or None
        Whether the premises are as large as the minimum of any community, and as the full norm.
    """

    id: str
    name: str
    district: str
    is_locked: bool
    n_blocks: int
    households: int | None
    people: int | None
    households_deviation: float | None
    people_deviation: float | None
    n_pieces: int
    inside: str | None
    holds: tuple[str, ...]
    crossing_m: dict[str, float] | None
    premises_m2: float | None
    premises_norm_m2: float | None
    reaches_minimum: bool | None
    reaches_norm: bool | None
    staff: int | None
    workers_needed: int
    fund_yuan: float | None

    @property
    def size(self) -> int:
        """Households, or people where the data have no households."""
        return self.people or 0 if self.households is None else self.households


@dataclass(frozen=True)
class Band:
    """Communities of `lower` to under `upper` households (none: no end), and their share of all."""

    lower: int
    upper: int | None
    count: int
    share: float

    @property
    def label(self) -> Message:
        """The band in words."""
        if self.upper is None:
            return Message(f"{self.lower} and above", f"{self.lower}以上")
        if self.lower == 0:
            return Message(f"under {self.upper}", f"不足{self.upper}")
        span = f"{self.lower}–{self.upper - 1}"
        return plain(span)


def count_bands(households: Sequence[int], steps: Sequence[int]) -> tuple[Band, ...]:
    """Count communities by their households; `steps` are the sizes at which the bands begin."""
    band = np.searchsorted(steps, households, side="right")
    counts = np.bincount(band, minlength=len(steps) + 1).tolist()
    ends = zip((0, *steps), (*steps, None), counts, strict=True)
    return tuple(Band(lower, upper, n, n / len(households)) for lower, upper, n in ends)


@dataclass(frozen=True)
class Group:
    """Communities of one district, or of all.

    `steps` are the sizes at which the bands begin, `main_roads` the road classes that should not lie inside.
    """

    communities: tuple[CommunityToday, ...]
    steps: tuple[int, ...]
    main_roads: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.communities)

    def total(self, name: str) -> int | float | None:
        """Add up one attribute; none where the data do not have it."""
        values = [getattr(row, name) for row in self.communities]
        return None if None in values else round(sum(values), 2)

    def bands(self) -> tuple[Band, ...] | None:
        """Count the communities by households."""
        if self.total("households") is None:
            return None
        return count_bands([row.size for row in self.communities], self.steps)

    @property
    def smallest(self) -> CommunityToday:
        """The community with the fewest households; the first by key where several have."""
        return min(self.communities, key=lambda row: row.size)

    @property
    def largest(self) -> CommunityToday:
        """The community with the most households."""
        return max(self.communities, key=lambda row: row.size)

    def too_small(self) -> tuple[CommunityToday, ...]:
        """Give the communities in the lowest band."""
        return self._with_households(0, self.steps[0])

    def too_large(self) -> tuple[CommunityToday, ...]:
        """Give the communities in the highest band."""
        return self._with_households(self.steps[-1], float("inf"))

    def in_pieces(self) -> tuple[CommunityToday, ...]:
        """Give the communities that are not connected."""
        return tuple(row for row in self.communities if row.n_pieces > 1)

    def enclaves(self) -> tuple[CommunityToday, ...]:
        """Give the communities that lie wholly inside another."""
        return tuple(row for row in self.communities if row.inside is not None)

    def holed(self) -> tuple[CommunityToday, ...]:
        """Give the communities with a hole that holds blocks of others."""
        return tuple(row for row in self.communities if row.holds)

    def crossed(self) -> tuple[CommunityToday, ...]:
        """Give the communities with metres of main road inside."""
        return tuple(row for row in self.communities if any((row.crossing_m or {}).get(c) for c in self.main_roads))

    def crossing_m(self) -> dict[str, float] | None:
        """Add up the metres of road inside communities, by class."""
        ledgers = [row.crossing_m for row in self.communities if row.crossing_m is not None]
        if len(ledgers) < len(self):
            return None
        return {name: round(sum(row[name] for row in ledgers), 2) for name in sorted(set().union(*ledgers))}

    def count(self, name: str) -> tuple[int, int] | None:
        """Give how many communities are, and are not, as a yes-or-no attribute says."""
        values = [getattr(row, name) for row in self.communities]
        return None if None in values else (sum(values), len(values) - sum(values))

    def premises_short(self) -> tuple[int, float] | None:
        """Count the communities whose premises are short of the norm, and the square metres they lack in all."""
        lacking = [
            max(0.0, row.premises_norm_m2 - row.premises_m2)
            for row in self.communities
            if row.premises_m2 is not None and row.premises_norm_m2 is not None
        ]
        return (sum(m2 > 0 for m2 in lacking), round(sum(lacking), 2)) if lacking else None

    def _with_households(self, lower: float, upper: float) -> tuple[CommunityToday, ...]:
        rows = self.communities
        return tuple(row for row in rows if row.households is not None and lower <= row.households < upper)


@dataclass(frozen=True)
class Diagnosis:
    """What was found: all communities, and the same by district (sorted by name)."""

    everything: Group
    by_district: dict[str, Group]


def diagnose_today(today: Today, standards: Standards, target: Sizes, objective: Objective) -> Diagnosis:
    """Look at every community of today by the office's standards, the target sizes, and what makes a main road.

    Parameters
    ----------
    standards : Standards
        Size bands, staffing, premises and fund.
    target : Sizes
        Deviations are shares of it; none where it says nothing.
    objective : Objective
        What a metre of road or boundary costs.

    Notes
    -----
    A main road is one dearer to cross than a metre of boundary costs: the solver would rather end a community there.
    """
    rows = _community_rows(today, standards, target)
    main_roads = tuple(name for name in today.graph.classes if today.has_roads and is_main_road(name, objective))

    def group(members: Iterable[CommunityToday]) -> Group:
        return Group(tuple(members), standards.bands, main_roads)

    districts = sorted({row.district for row in rows})
    return Diagnosis(group(rows), {name: group(row for row in rows if row.district == name) for name in districts})


def plan_today(current: CurrentPlan) -> Plan:
    """Give today's plan; blocks without a community are put together under one more number, the last."""
    return Plan(np.where(current.of_block < 0, len(current), current.of_block).astype(np.int32))


def is_main_road(road_class: str, objective: Objective) -> bool:
    """Whether a road of this class is dearer to cross than a metre of boundary costs."""
    weight = objective.crossing.get(road_class, 0.0)
    return weight == "never" or weight > objective.boundary


def _community_rows(today: Today, standards: Standards, target: Sizes) -> tuple[CommunityToday, ...]:
    current, plan, n = today.current, plan_today(today.current), len(today.current)
    sizes = {
        name: np.bincount(plan.assignment, today.blocks.size[:, q], minlength=n).astype(np.int64)
        for q, name in enumerate(today.blocks.quantities)
    }
    n_blocks = np.bincount(plan.assignment, minlength=n).tolist()
    n_pieces = _count_pieces(today.graph, plan).tolist()
    inside, holds = _enclosed(today)
    metres = crossing_m(today.graph, plan)
    premises = _premises_m2(today)
    rows = []
    for c in range(n):
        households, people = (int(sizes[q][c]) if q in sizes else None for q in ("households", "people"))
        has_m2 = None if premises is None else float(premises[c])
        norm_m2 = _norm_m2(households, standards.premises)
        rows.append(
            CommunityToday(
                id=current.ids[c],
                name=current.names[c],
                district=current.districts[c],
                is_locked=bool(current.is_locked[c]),
                n_blocks=n_blocks[c],
                households=households,
                people=people,
                households_deviation=_deviation(households, target.households),
                people_deviation=_deviation(people, target.people),
                n_pieces=n_pieces[c],
                inside=inside.get(c),
                holds=holds.get(c, ()),
                crossing_m=dict(zip(today.graph.classes, metres[c].tolist(), strict=True)) if today.has_roads else None,
                premises_m2=has_m2,
                premises_norm_m2=norm_m2,
                reaches_minimum=None if has_m2 is None else has_m2 >= standards.premises.minimum_m2,
                reaches_norm=None if has_m2 is None or norm_m2 is None else has_m2 >= norm_m2,
                staff=None if current.staff is None else int(current.staff[c]),
                workers_needed=workers_needed(households, people, standards.staffing),
                fund_yuan=None if households is None else households * standards.fund.yuan_per_household,
            )
        )
    return tuple(rows)


def _deviation(size: int | None, target: int | None) -> float | None:
    return None if size is None or target is None else round((size - target) / target, 6)


def _norm_m2(households: int | None, norm: Premises) -> float | None:
    """Give the floor area a community must have; none without households."""
    if households is None:
        return None
    return round(max(norm.minimum_m2, norm.m2_per_100_households * households / 100), 2)


def _count_pieces(graph: ContiguityGraph, plan: Plan) -> IntArray:
    ends = plan.assignment[graph.edges]
    pieces = components(graph.n_blocks, graph.edges[ends[:, 0] == ends[:, 1]])
    return np.bincount(plan.assignment[[piece[0] for piece in pieces]])


def _enclosed(today: Today) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """Give the community around each enclave, the innermost if several are, and what lies in whose holes.

    Areas hold no block of others, so whatever else stands within an area's outer outline stands in a hole of it.
    """
    current = today.current
    parts, owner = shapely.get_parts(today.areas, return_index=True)
    tree = shapely.STRtree(shapely.point_on_surface(today.blocks.shapes))
    part, block = tree.query(shapely.polygons(shapely.get_exterior_ring(parts)), predicate="contains")
    held: dict[int, set[int]] = defaultdict(set)
    for c, i in zip(owner[part].tolist(), block.tolist(), strict=True):
        if current.of_block[i] not in (c, -1):
            held[c].add(i)
    inside: dict[int, str] = {}
    holds: dict[int, tuple[str, ...]] = {}
    for c in sorted(held, key=lambda c: (-len(held[c]), c)):
        others = np.unique(current.of_block[list(held[c])]).tolist()
        holds[c] = tuple(current.ids[other] for other in others)
        inside |= {other: current.ids[c] for other in others if held[c].issuperset(current.blocks_of(other).tolist())}
    return inside, holds


def _premises_m2(today: Today) -> NDArray[np.float64] | None:
    """Add up the floor area of each community; none where no premises are named."""
    if today.sites is None:
        return None
    number = {key: c for c, key in enumerate(today.current.ids)}
    m2 = np.zeros(len(number))
    for key, area in zip(today.sites.community, today.sites.area_m2.tolist(), strict=True):
        if key in number:
            m2[number[key]] += area
    return np.round(m2, 2)
