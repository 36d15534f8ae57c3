"""Case: one plan on one ground, and everything the rules ask about it, worked out when first asked."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.judge.frontage import Survey
from redistrict.judge.ground import Ground
from redistrict.judge.lines import Lines, read_lines
from redistrict.judge.pieces import Pairs, find_island_links, find_links, find_lonely, find_pieces
from redistrict.scenario.levels import Level
from redistrict.scenario.models import Scenario
from redistrict.scenario.section import CountRange

Ints = NDArray[np.intp]
Counts = NDArray[np.int64]
NO_LIMIT = 10**12


class Load(NamedTuple):
    """What a community must hold neither too little nor too much of, today or when a year's deliveries are in."""

    quantity: str
    year: int | None = None


class Stray(NamedTuple):
    """A load outside its bounds: how much there is, the fewest and the most allowed."""

    load: Load
    found: int
    lower: int
    upper: int


@dataclass(frozen=True, eq=False)
class Assignment:
    """Community of each block of the file: its number in `names`, or -1."""

    names: tuple[str, ...]
    community: Ints


def assign(ground: Ground, plan: pd.DataFrame) -> Assignment:
    """Read each block's community from the plan; a repeated block counts where it comes first."""
    given = plan.drop_duplicates("block_id").set_index("block_id")["community_id"]
    wanted = given.reindex(ground.ids).fillna("").to_numpy(dtype=object)
    names = sorted(set(wanted) - {""})
    number = {name: at for at, name in enumerate(names)} | {"": -1}
    return Assignment(tuple(names), np.array([number[name] for name in wanted], dtype=np.intp))


@dataclass(frozen=True, eq=False)
class Case:
    """One plan on one ground, with what several rules ask for, worked out when first asked.

    Attributes
    ----------
    named : frozenset of str
        Communities that the plan's report names as exceptions from the bounds.
    """

    scenario: Scenario
    ground: Ground
    plan: Assignment
    named: frozenset[str] = frozenset()

    @property
    def n_communities(self) -> int:
        """Number of communities."""
        return len(self.plan.names)

    def blocks_of(self, community: int) -> Ints:
        """Positions of the community's blocks."""
        return np.flatnonzero(self.plan.community == community)

    def keys(self, blocks: Ints) -> tuple[str, ...]:
        """Keys of blocks."""
        return tuple(str(key) for key in self.ground.ids[blocks])

    def are_lonely(self, blocks: Ints) -> NDArray[np.bool_]:
        """Whether each of these blocks hangs together with nobody in its district or hard unit."""
        return find_lonely(self.ground, self.survey, self.unit, self.links, blocks)

    def find_broken(self, piece: Ints) -> dict[int, Ints]:
        """Give each community in several pieces with its blocks outside the main piece (the most blocks)."""
        broken = {}
        for number in range(self.n_communities):
            blocks = self.blocks_of(number)
            pieces, size = np.unique(piece[blocks], return_counts=True)
            if pieces.size > 1:
                broken[number] = blocks[piece[blocks] != pieces[np.argmax(size)]]
        return broken

    @cached_property
    def loads(self) -> dict[Load, Counts]:
        """What is held against bounds, by block: what is counted today, residents in each year, then premises."""
        ground, standards = self.ground, self.scenario.standards
        found = {Load(quantity): counts for quantity, counts in ground.held.items()}
        if standards.growth.hold == "required":
            listed = standards.growth.years
            years = ground.deliveries["year"].tolist() if listed is None else list(listed)
            found |= {Load(q, year): ground.counts_in(q, year) for year in sorted(set(years)) for q in ground.counts}
        if standards.premises.site == "required":
            found[Load("sites")] = ground.n_sites
        return found

    @cached_property
    def survey(self) -> Survey:
        """The ground ready for looking from block to block."""
        return Survey(self.ground, self.scenario.contiguity)

    @cached_property
    def lines(self) -> Lines:
        """Roads and barriers with class and name."""
        return read_lines(self.scenario.data, self.ground.crs)

    @cached_property
    def links(self) -> Pairs:
        """Pairs joined by hand or by a bridge."""
        return find_links(self.ground, self.scenario.contiguity, self.plan.community)

    @cached_property
    def district(self) -> Ints:
        """Number of each block's district."""
        _, number = np.unique(self.ground.district.astype(str), return_inverse=True)
        return number.astype(np.intp)

    @cached_property
    def hard_levels(self) -> list[Level]:
        """Levels that no community may cross, outermost first."""
        return [level for level in self.scenario.levels if level.keep == "hard"]

    @cached_property
    def unit(self) -> Ints:
        """Number of the smallest unit that no community may leave: of the innermost hard level, or the district."""
        if not self.hard_levels:
            return self.district
        names = self.ground.levels[self.hard_levels[-1].key]
        return np.unique(names.astype(str), return_inverse=True)[1].astype(np.intp)

    @cached_property
    def unit_piece(self) -> Ints:
        """Number of the piece of its unit each block lies in, 0, 1, ..."""
        piece = find_pieces(self.survey, self.unit, self.all_links, community=self.plan.community)
        return np.unique(piece, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def small_pieces(self) -> list[int]:
        """Pieces of units that are too small for a community."""
        numbers = np.unique(self.unit_piece).tolist()
        return [p for p in numbers if self.is_short(np.flatnonzero(self.unit_piece == p))]

    @cached_property
    def joins_small(self) -> bool:
        """Whether pieces too small for a community are to join a neighbour."""
        redraws = self.scenario.communities.change == "redraw"
        return redraws and bool(self.hard_levels) and self.hard_levels[-1].pieces == "join"

    @cached_property
    def place(self) -> Ints:
        """Unit of each block; of pieces too small for a community that are to join a neighbour, the one they joined."""
        place = self.unit.copy()
        if not self.joins_small:
            return place
        is_small = np.isin(self.unit_piece, self.small_pieces)
        for p in self.small_pieces:
            own = np.flatnonzero(self.unit_piece == p)
            for community in np.unique(self.plan.community[own]).tolist():
                blocks = self.blocks_of(community)
                hosts = blocks[~is_small[blocks]] if not is_small[blocks].all() else blocks
                held = np.bincount(self.unit[hosts], 1 + self.ground.held[self.lead][hosts])
                place[own[self.plan.community[own] == community]] = int(held.argmax())
        return place

    @cached_property
    def today(self) -> Assignment:
        """Today's communities in place of those of the plan."""
        names = sorted({*self.ground.today} - {""})
        number = {name: at for at, name in enumerate(names)} | {"": -1}
        return Assignment(tuple(names), np.array([number[name] for name in self.ground.today], dtype=np.intp))

    @cached_property
    def part(self) -> Ints:
        """Number of each block's community today; a block without one is a part of its own."""
        _, number = np.unique(self.ground.today.astype(str), return_inverse=True)
        alone = number.max() + 1 + np.arange(number.size)
        return np.where(self.ground.today == "", alone, number)

    @cached_property
    def merged(self) -> list[int]:
        """Communities of two or more parts."""
        return [c for c in range(self.n_communities) if np.unique(self.part[self.blocks_of(c)]).size > 1]

    @cached_property
    def island_links(self) -> Pairs:
        """Joins of pieces without people to the nearest block of their district or hard unit."""
        piece = find_pieces(self.survey, self.unit, self.links, community=self.plan.community)
        return find_island_links(self.ground, piece, self.unit, self.plan.community)

    @cached_property
    def all_links(self) -> Pairs:
        """Every pair joined without a frontage."""
        return [*self.links, *self.island_links]

    @cached_property
    def piece(self) -> Ints:
        """Connected part of the district each block lies in, oversize blocks and all, numbered 0, 1, ..."""
        piece = find_pieces(self.survey, self.place, self.all_links, community=self.plan.community)
        return np.unique(piece, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def area(self) -> Ints:
        """Connected part of the district each block lies in, less its oversize communities, numbered 0, 1, ..."""
        group = self.place.copy()
        for at, community in enumerate(self.oversize):
            group[self.blocks_of(community)] = self.place.max() + 1 + at
        area = find_pieces(self.survey, group, self.all_links, community=self.plan.community)
        return np.unique(area, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def area_of_community(self) -> Ints:
        """Area of each community's first block."""
        _, first = np.unique(self.plan.community[self.plan.community >= 0], return_index=True)
        return self.area[np.flatnonzero(self.plan.community >= 0)[first]]

    @cached_property
    def communities_in_area(self) -> Ints:
        """Number of communities in each area."""
        return np.bincount(self.area_of_community, minlength=int(self.area.max()) + 1)

    @cached_property
    def totals(self) -> dict[Load, list[int]]:
        """Sums of each load by community."""
        return {load: add_up(counts, self.plan.community, self.n_communities) for load, counts in self.loads.items()}

    @cached_property
    def area_totals(self) -> dict[Load, list[int]]:
        """Sums of each load by area."""
        return {load: add_up(counts, self.area, int(self.area.max()) + 1) for load, counts in self.loads.items()}

    def bounds(self, load: Load, community: int) -> tuple[int, int] | None:
        """Fewest and most of a load in a community, or none when the scenario does not limit it."""
        communities = self.scenario.communities
        if load.quantity == "sites":
            return 1, NO_LIMIT
        target = self.written_target(load.quantity)
        if communities.change != "redraw":
            if communities.change == "keep" or target is None or community not in self.merged:
                return None
            around = self._around(target, load.quantity)
            return None if around is None else (0, around[1])
        center = self._area_mean(load, community) if communities.around == "means" or target is None else target
        return self._limited(self._around(center, load.quantity), load.quantity)

    def _area_mean(self, load: Load, community: int) -> Fraction:
        area = self.area_of_community[community]
        return Fraction(self.area_totals[load][area], int(self.communities_in_area[area]))

    def written_target(self, quantity: str) -> int | None:
        """Target the scenario has for a quantity."""
        target: int | None = self.scenario.communities.rule("target", quantity)
        return target

    def _limited(self, bounds: tuple[int, int] | None, quantity: str) -> tuple[int, int] | None:
        """Give the part of bounds that lies inside the limits of any community, none where there are neither."""
        limits = self.scenario.communities.rule("limits", quantity)
        if limits is None:
            return bounds
        low, high = bounds or (0, NO_LIMIT)
        return max(low, limits.min or low), min(high, limits.max or high)

    def _around(self, target: Fraction | int, quantity: str) -> tuple[int, int] | None:
        """Bounds around a target, none where a quantity may deviate by any amount."""
        rules = self.scenario.communities
        asked, is_other = rules.rule("tolerance", quantity), quantity in rules.others
        if asked is None or (not is_other and rules.around == "targets" and self.written_target(quantity) is None):
            return None
        tolerance, hair = Fraction(str(asked)), Fraction(1, 10**9)
        return ceil(target * (1 - tolerance) - hair), floor(target * (1 + tolerance) + hair)

    def strays(self, community: int) -> list[Stray]:
        """Loads of a community outside their bounds."""
        found = []
        for load, totals in self.totals.items():
            bounds = self.bounds(load, community)
            if bounds is not None and not bounds[0] <= totals[community] <= bounds[1]:
                found.append(Stray(load, totals[community], *bounds))
        return found

    @cached_property
    def usual_bounds(self) -> dict[Load, tuple[int, int]]:
        """Bounds around the targets, or around the means of the number of communities asked for."""
        communities = self.scenario.communities
        found = {}
        for load in self.loads:
            if load.quantity == "sites":
                found[load] = (1, NO_LIMIT)
                continue
            target = self.written_target(load.quantity)
            center = self.usual_means[load] if communities.around == "means" or target is None else target
            bounds = self._limited(self._around(center, load.quantity), load.quantity)
            if bounds is not None:
                found[load] = bounds
        return found

    @cached_property
    def usual_means(self) -> dict[Load, Fraction]:
        """Means of the number of communities asked for."""
        n_asked = max(self._number_asked_for(), int(self.district.max()) + 1)
        return {load: Fraction(int(counts.sum()), n_asked) for load, counts in self.loads.items()}

    def _number_asked_for(self) -> int:
        communities = self.scenario.communities
        if isinstance(communities.count, CountRange):
            return communities.count.min
        if isinstance(communities.count, int):
            return communities.count
        whole = int(self.ground.held[self.lead].sum())
        target = self.written_target(self.lead) or whole or 1
        return max(1, floor(Fraction(whole, target) + Fraction(1, 2)))

    @property
    def lead(self) -> str:
        """The quantity that decides how many communities a district gets."""
        lead, counts = self.scenario.communities.lead, self.ground.held
        return lead if lead in counts else next(iter(counts))

    @cached_property
    def oversize(self) -> list[int]:
        """Communities of one block too large by itself, with the small parts only it joins to their district."""
        blocks = np.flatnonzero(self._is_too_large())
        if not blocks.size or self.scenario.communities.change != "redraw":
            return []
        group = self.place.copy()
        group[blocks] = -1
        piece = find_pieces(self.survey, group, self.all_links, community=self.plan.community)
        short = {p for p in np.unique(piece).tolist() if self.is_short(np.flatnonzero(piece == p))}
        found = []
        for community in np.unique(self.plan.community[blocks]).tolist():
            own = self.blocks_of(community)
            parts = set(piece[np.setdiff1d(own, blocks)].tolist())
            whole = all(np.isin(np.flatnonzero(piece == p), own).all() for p in parts)
            if community >= 0 and np.isin(own, blocks).sum() == 1 and parts <= short and whole:
                found.append(community)
        return found

    def _is_too_large(self) -> NDArray[np.bool_]:
        """Blocks that by themselves exceed the usual upper bound of some load."""
        above = [self.loads[load] > high for load, (_, high) in self.usual_bounds.items()]
        return np.any(above, axis=0) if above else np.zeros(len(self.ground.ids), dtype=bool)

    def is_short(self, blocks: Ints) -> bool:
        """Whether a set of blocks stays below the usual lower bound of some load."""
        return any(int(self.loads[load][blocks].sum()) < low for load, (low, _) in self.usual_bounds.items())

    def is_island(self, community: int) -> bool:
        """Whether the community is a whole piece, too small by itself, of a hard unit or beside a larger one."""
        blocks = self.blocks_of(community)
        own = self.piece[blocks[0]]
        if not np.array_equal(blocks, np.flatnonzero(self.piece == own)):
            return False
        if self.hard_levels:
            return self.is_short(blocks) and self.hard_levels[-1].pieces != "refuse"
        size = add_up(self.ground.held[self.lead], self.piece, int(self.piece.max()) + 1)
        rivals = np.unique(self.piece[self.place == self.place[blocks[0]]])
        return self.is_short(blocks) and any(size[rival] > size[own] for rival in rivals)

    def is_unsplittable(self, load: Load, community: int) -> bool:
        """Whether the area's total cannot be split into its number of communities within the bounds."""
        area, bounds = self.area_of_community[community], self.bounds(load, community)
        k = int(self.communities_in_area[area])
        return bounds is not None and not k * bounds[0] <= self.area_totals[load][area] <= k * bounds[1]

    @cached_property
    def special(self) -> list[int]:
        """Oversize blocks and small islands: communities of their own, outside the bounds and the count.

        Where today's communities are kept or merged there are none.
        """
        if self.scenario.communities.change != "redraw":
            return []
        small = [c for c in range(self.n_communities) if self.is_short(self.blocks_of(c))]
        return sorted({*self.oversize, *(c for c in small if self.is_island(c))})

    @cached_property
    def freed(self) -> list[int]:
        """Communities outside the bounds that the report names, where the scenario frees some of them (`nearest`)."""
        communities = self.scenario.communities
        if communities.change != "redraw" or communities.exceptions != "nearest":
            return []
        named = [c for c, name in enumerate(self.plan.names) if name in self.named and c not in self.special]
        return [c for c in named if self.strays(c)]


def add_up(counts: Counts, group: Ints, size: int) -> list[int]:
    """Add up over groups 0 .. size-1, passing over negative ones."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, group[group >= 0], counts[group >= 0])
    return [int(value) for value in total]
