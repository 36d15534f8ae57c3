"""Foretold: of each kind of clause, how many communities must miss it, whatever the plan, and the figures that say so.

1. Sizes follow from totals, numbers and bounds; households stand in for dwellings where the data have none.
2. Roads, units of a level and estates cut an area up: where its sums do not fit the pieces, some community must miss.
3. Posts follow from sizes, premises from the sites there are, the names of borders from those in the data.
4. The rest is kept by every plan (one piece, one district), or is not foreseen (outlines, sizes of grids).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.components import components
from redistrict.geo.graph import ContiguityGraph
from redistrict.geo.roads import Surroundings
from redistrict.geo.sites import Sites
from redistrict.messages import QUANTITY_UNITS, Message, join, list_of, plain, say_amount
from redistrict.model.problem import Problem
from redistrict.model.quantities import quantity_words
from redistrict.scenario.clauses import (
    AnyClause,
    Circle,
    Committee,
    DwellingLimits,
    EstateWhole,
    GridPosts,
    OneUnit,
    OutlineAlong,
    PremisesNorm,
    RoadInside,
    StaffingRatio,
    WalkShare,
)
from redistrict.scenario.enforce import QUANTITIES, Ends, say_range, size_range
from redistrict.scenario.grids import Grids
from redistrict.scenario.office import Staffing, Standards
from redistrict.standards.prospects import IntArray, Prospect
from redistrict.standards.staffing import workers_needed

_ROUNDED = 0.01
"""Published metres and square metres may be more, or less, by that."""
_DWELLINGS = Message("dwellings", "套住宅")


@dataclass(frozen=True, eq=False)
class Outlook:
    """A city without a plan, and what the office asks and counts by."""

    blocks: Blocks
    problem: Problem
    graph: ContiguityGraph
    surroundings: Surroundings
    sites: Sites | None
    standards: Standards
    grids: Grids | None

    @cached_property
    def estates(self) -> tuple[tuple[str, IntArray], ...]:
        """Name and blocks of every estate (blocks of one name in one district) of several blocks."""
        named = self.blocks.frame[["district", "name"]].reset_index(drop=True)
        groups = named[named["name"] != ""].groupby(["district", "name"], sort=True).groups.items()
        return tuple((str(name), rows.to_numpy()) for (_, name), rows in groups if len(rows) > 1)


class Foretold(NamedTuple):
    """What a clause asks, the figures that forbid it, and how many communities miss it at least."""

    asked: Message
    reach: Message
    failing: int


def foretell(clause: AnyClause, one: Prospect, outlook: Outlook) -> list[Foretold]:
    """Give what a clause cannot have in an area; nothing where nothing is sure."""
    match clause:
        case DwellingLimits(dwellings=limits) if outlook.blocks.dwellings is not None:
            found = _foretell_dwellings((limits.min, limits.max), one, outlook.blocks.dwellings[one.blocks])
        case RoadInside():
            found = _foretell_roads(clause, one, outlook)
        case OneUnit(level=level):
            found = _foretell_units(level, one, outlook.blocks)
        case EstateWhole():
            found = _foretell_estates(one, outlook)
        case StaffingRatio() | Committee():
            found = _foretell_posts(clause, one, outlook)
        case PremisesNorm():
            found = _foretell_premises(clause, one, outlook)
        case WalkShare() | Circle():
            found = _foretell_near(clause, one, outlook)
        case OutlineAlong(min_share=least):
            found = _foretell_outlines(least, one, outlook.surroundings)
        case GridPosts(min_posts=least) if outlook.grids is not None:
            found = [_say_posts(least, plain("grids.workers"), outlook.grids.workers, one)]
        case _:
            found = _foretell_sizes(clause, one)
    return [told for told in found if told.failing > 0]


# --- sizes -----------------------------------------------------------------------------------------------


def _foretell_sizes(clause: AnyClause, one: Prospect) -> list[Foretold]:
    """Compare what a clause allows of households and people with bounds and totals."""
    found = []
    for quantity in QUANTITIES:
        ends, unit = size_range(clause, quantity), QUANTITY_UNITS[quantity]
        if ends != (None, None) and quantity in one.quantities:
            reach, failing = _say_reach(one, quantity, ends), one.count_failing(quantity, ends)
            found.append(Foretold(say_limits(ends, unit), reach, failing))
    return found


def _say_reach(one: Prospect, quantity: str, ends: Ends) -> Message:
    """Give the bounds where they forbid it by themselves, else the sizes that the total leaves, a block, the total."""
    for low, high in (one.bounds(quantity), one.span(quantity)):
        if _is_beyond((low, high), ends):
            if low == high:
                return Message(f"the only one has {low:,}", f"唯一的社区为 {low:,}")
            return Message(f"communities have {low:,} to {high:,}", f"社区只能为 {low:,} 至 {high:,}")
    if ends[1] is not None and (largest := one.largest(quantity)) > ends[1]:
        return Message(f"one block alone has {largest:,}", f"单个地块已有 {largest:,}")
    return _say_total(one.total(quantity), QUANTITY_UNITS[quantity])


def _say_total(total: int, unit: Message) -> Message:
    return Message(f"there are {total:,} {unit.en} in all", f"合计 {total:,} {unit.zh}")


def say_limits(ends: Ends, unit: Message) -> Message:
    """Give limits with their unit."""
    asked = say_range(*ends)
    return Message(f"{asked.en} {unit.en}", f"{asked.zh} {unit.zh}")


def _is_beyond(span: tuple[int, int], ends: Ends) -> bool:
    """Tell whether nothing of a span lies within the ends of a clause."""
    low, high = span
    return (ends[0] is not None and high < ends[0]) or (ends[1] is not None and low > ends[1])


def _foretell_dwellings(ends: Ends, one: Prospect, dwellings: IntArray) -> list[Foretold]:
    """Compare the dwellings of an area with its number of communities; no bound speaks of them."""
    counted = one.counting("dwellings", dwellings)
    failing = counted.count_failing("dwellings", ends)
    return [Foretold(say_limits(ends, _DWELLINGS), _say_total(int(dwellings.sum()), _DWELLINGS), failing)]


# --- pieces of an area -----------------------------------------------------------------------------------


def _foretell_roads(clause: RoadInside, one: Prospect, outlook: Outlook) -> list[Foretold]:
    """Find out whether roads leave pieces that no whole communities fill; what lies between two is no other's."""
    graph, edges = outlook.graph, outlook.problem.edges
    columns = [n for n, name in enumerate(graph.classes) if name in clause.classes]
    if not columns or not one.is_redrawn:
        return []
    crossed = graph.crossing_m[:, columns].sum(axis=1) > clause.most_m + _ROUNDED * len(columns)
    barred, place = graph.edges[crossed], np.full(outlook.problem.n_blocks, -1, dtype=np.int64)
    place[one.blocks] = np.arange(one.blocks.size)
    own = edges[place[edges[:, 0]] >= 0]
    is_open = ~np.isin(_as_numbers(own, place.size), _as_numbers(barred, place.size))
    cells = [np.array(piece) for piece in components(one.blocks.size, place[own[is_open]])]
    most, named = f"{clause.most_m:,g}", list_of([graph.classes[n] for n in columns])
    asked = Message(f"at most {most} m of {named.en} inside", f"内部 {named.zh} 不超过 {most} 米")
    return _foretell_cells(one, cells, asked, Message("pieces between these roads", "片（由这些道路分隔）"))


def _as_numbers(edges: NDArray[np.int32], n_blocks: int) -> IntArray:
    """Give a number for every pair i < j."""
    return edges[:, 0].astype(np.int64) * n_blocks + edges[:, 1]


def _foretell_units(level: str, one: Prospect, blocks: Blocks) -> list[Foretold]:
    """Find out whether the units of a level hold whole communities."""
    unit = next((own.unit[one.blocks] for own in blocks.levels if own.key == level), None)
    if unit is None:
        return []
    cells = [np.flatnonzero(unit == number) for number in np.unique(unit)]
    words = Message(f"units of {level}", f"个 {level}")
    return _foretell_cells(one, cells, Message(f"one unit of {level}", f"同属一个 {level}"), words)


def _foretell_cells(one: Prospect, cells: list[IntArray], asked: Message, words: Message) -> list[Foretold]:
    """Say that some community must reach from one piece into another, where the sums leave no other way."""
    if one.can_share(cells):
        return []
    n, numbers, odd = len(cells), one.say_numbers(), one.find_odd(cells)
    reach = Message(
        f"the {n} {words.en} do not hold {numbers} whole communities", f"{n} {words.zh}容不下 {numbers} 个完整社区"
    )
    if odd is not None:
        sums = list_of(say_amount(total, quantity_words(q)) for q, total in zip(one.quantities, odd, strict=True))
        reach = Message(
            f"one of the {n} {words.en} has {sums.en}, no whole number of communities",
            f"{n} {words.zh}中有一个为{sums.zh}，不是整数个社区的规模",
        )
    return [Foretold(asked, reach, 1)]


def _foretell_estates(one: Prospect, outlook: Outlook) -> list[Foretold]:
    """Find estates that several communities must share: larger than one can be, or in several areas."""
    asked = Message("no estate of one name divided", "不分割同名小区")
    is_here = np.zeros(len(outlook.blocks.frame), dtype=bool)
    is_here[one.blocks] = one.is_redrawn
    own = [(name, blocks) for name, blocks in outlook.estates if is_here[blocks].any()]
    found = [Foretold(asked, *_share_estate(one, name, blocks)) for name, blocks in own]
    return [max(found, key=lambda told: told.failing)] if found else []


def _share_estate(one: Prospect, name: str, blocks: IntArray) -> tuple[Message, int]:
    """Say why, and how many communities of an area at least, share an estate; none where one may hold all of it."""
    inside = np.flatnonzero(np.isin(one.blocks, blocks))
    for quantity, total in zip(one.quantities, one.size[inside].sum(axis=0).tolist(), strict=True):
        high = one.span(quantity)[1]
        if total > high > 0:
            words = say_amount(total, quantity_words(quantity))
            most = Message(
                f"{name} has {words.en}, a community at most {high:,}", f"{name}{words.zh}，社区上限 {high:,}"
            )
            return most, -(-total // high)
    parted = Message(f"{name} lies in several areas", f"{name} 分属多个区域")
    return parted, int(inside.size < blocks.size)


# --- posts, premises, names ------------------------------------------------------------------------------


def _foretell_posts(clause: StaffingRatio | Committee, one: Prospect, outlook: Outlook) -> list[Foretold]:
    """Compare the posts of the largest community there can be with those asked for the smallest."""
    most = workers_needed(*_people_of(one, outlook.blocks, end=1), outlook.standards.staffing)
    key = plain("standards.staffing")
    if isinstance(clause, Committee):
        return [_say_posts(clause.min_members, key, most, one)]
    households, people = _people_of(one, outlook.blocks, end=0)
    households = households if clause.households_per_worker else None
    people = people if clause.people_per_worker else None
    if households is None and people is None:
        return []
    ratios = clause.model_dump(include=set(Staffing.model_fields), exclude_none=True)
    return [_say_posts(workers_needed(households, people, Staffing(**ratios)), key, most, one)]


def _people_of(one: Prospect, blocks: Blocks, *, end: int) -> tuple[int | None, int | None]:
    """Give households and people of the smallest (0) or the largest (1) community there can be."""
    households, people = (one.span(q)[end] if q in blocks.quantities else None for q in QUANTITIES)
    return households, people


def _say_posts(least: int, key: Message, most: int, one: Prospect) -> Foretold:
    """Say that even the smallest community needs more posts than the largest gets; none fails where it does not."""
    reach = Message(
        f"each needs at least {least}, and by {key.en} none gets more than {most}",
        f"每个社区至少需要 {least} 个，而按 {key.zh} 至多 {most} 个",
    )
    return Foretold(Message("enough posts", "岗位充足"), reach, one.fewest if most < least else 0)


def _foretell_premises(clause: PremisesNorm, one: Prospect, outlook: Outlook) -> list[Foretold]:
    """Count the communities that the rooms of an area suffice for, each with as few households as can be."""
    if outlook.sites is None:
        return []
    rooms, rate = _rooms_by_block(one, outlook.sites), Fraction(str(clause.m2_per_100_households)) / 100
    counts = "households" in outlook.blocks.quantities
    need = max(Fraction(str(clause.minimum_m2)), rate * (one.span("households")[0] if counts else 0))
    in_all, there = rate * one.total("households") if counts else Fraction(0), f"{sum(rooms):,.0f}"
    asked = _say_norm(clause)
    if need and (served := _count_served(rooms, need)) < one.fewest:
        each = f"{ceil(need):,}"
        reach = Message(
            f"each needs at least {each} m², and the premises there ({there} m²) are enough for {served}",
            f"每个至少需要 {each} 平方米，而现有用房 {there} 平方米仅够 {served} 个",
        )
        return [Foretold(asked, reach, one.fewest - served)]
    reach = Message(
        f"all need {ceil(in_all):,} m², and the premises there have {there} m²",
        f"共需 {ceil(in_all):,} 平方米，而现有用房 {there} 平方米",
    )
    return [Foretold(asked, reach, int(sum(rooms) + _ROUNDED * one.most < in_all))]


def _say_norm(clause: PremisesNorm) -> Message:
    """Say what premises a clause asks for; what it sets at 0 it does not ask."""
    per, least = f"{clause.m2_per_100_households:,g}", f"{clause.minimum_m2:,g}"
    parts = {
        Message(f"{per} m² per 100 households", f"每百户 {per} 平方米"): clause.m2_per_100_households,
        Message(f"at least {least} m²", f"不少于 {least} 平方米"): clause.minimum_m2,
    }
    return join(words for words, amount in parts.items() if amount)


def _count_served(rooms: list[float], need: Fraction) -> int:
    """Count the communities that can have enough: one for each block with enough, the others from what is left."""
    large = [m2 for m2 in rooms if m2 + _ROUNDED >= need]
    rest = sum(m2 + _ROUNDED for m2 in rooms) - sum(m2 + _ROUNDED for m2 in large)
    return len(large) + int(Fraction(rest) // need)


def _rooms_by_block(one: Prospect, sites: Sites) -> list[float]:
    """Give the square metres of the premises in each block of an area that has some."""
    own = np.isin(sites.block, one.blocks)
    _, where = np.unique(sites.block[own], return_inverse=True)
    return [float(m2) for m2 in np.bincount(where, sites.area_m2[own])]


def _foretell_near(clause: WalkShare | Circle, one: Prospect, outlook: Outlook) -> list[Foretold]:
    """Count the communities without rooms, as there are fewer blocks with rooms than communities."""
    sites, blocks = outlook.sites, outlook.blocks
    if sites is None:
        return []
    if isinstance(clause, WalkShare):
        is_missed = one.span(blocks.quantities[-1])[0] > 0
    else:
        known = {"people": "people" in blocks.quantities}
        known["dwellings"] = blocks.dwellings is not None or "households" in blocks.quantities
        limits = {"people": clause.people, "dwellings": clause.dwellings}
        is_missed = any(known[q] and own is not None and (own.min or 0) > 0 for q, own in limits.items())
    n = len(_rooms_by_block(one, sites))
    asked = Message("premises in every community", "每个社区内有用房")
    reach = Message(f"they stand in {n} blocks only", f"仅 {n} 个地块内有用房")
    return [Foretold(asked, reach, one.fewest - n)] if is_missed else []


def _foretell_outlines(least: float, one: Prospect, around: Surroundings) -> list[Foretold]:
    """Find out whether any line has a name that an outline could follow."""
    if any(layer["name"].ne("").any() for layer in (around.roads, around.barriers)):
        return []
    asked = Message(f"{least:.0%} of the outline along named lines", f"边界的 {least:.0%} 沿有名称的界线")
    reach = Message("no road, railway, water or hill has a name", "道路、铁路、水系、山体均无名称")
    return [Foretold(asked, reach, one.fewest)]
