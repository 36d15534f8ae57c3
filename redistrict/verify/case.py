"""Case: one plan on one ground, and everything the rules ask about it, worked out when first asked."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.scenario.models import Quantity, Scenario
from redistrict.verify.frontage import Survey
from redistrict.verify.ground import Ground
from redistrict.verify.pieces import Pairs, find_island_links, find_links, find_pieces, merge

Ints = NDArray[np.intp]


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
    """One plan on one ground, with what several rules ask for, worked out when first asked."""

    scenario: Scenario
    ground: Ground
    plan: Assignment

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

    def sums(self, quantity: Quantity, group: Ints, size: int) -> list[int]:
        """Add up a quantity over groups 0 .. size-1, passing over negative ones."""
        total = np.zeros(size, dtype=np.int64)
        np.add.at(total, group[group >= 0], self.ground.counts[quantity][group >= 0])
        return [int(value) for value in total]

    @cached_property
    def survey(self) -> Survey:
        """The ground ready for looking from block to block."""
        return Survey(self.ground, self.scenario.contiguity)

    @cached_property
    def links(self) -> Pairs:
        """Pairs joined by hand or by a bridge."""
        return find_links(self.ground, self.scenario.contiguity)

    @cached_property
    def district(self) -> Ints:
        """Number of each block's district."""
        _, number = np.unique(self.ground.district.astype(str), return_inverse=True)
        return number.astype(np.intp)

    @cached_property
    def _raw_area(self) -> Ints:
        return find_pieces(self.survey, self.district, self.links)

    @cached_property
    def island_links(self) -> Pairs:
        """Joins of areas without people to the nearest blocks of their district."""
        return find_island_links(self.ground, self._raw_area, self.district)

    @cached_property
    def area(self) -> Ints:
        """Connected part of the district each block lies in, numbered 0, 1, ..."""
        joined = merge(self._raw_area, self.island_links)
        return np.unique(joined, return_inverse=True)[1].astype(np.intp)

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
    def totals(self) -> dict[Quantity, list[int]]:
        """Sums of each quantity by community."""
        return {q: self.sums(q, self.plan.community, self.n_communities) for q in self.ground.counts}

    @cached_property
    def area_totals(self) -> dict[Quantity, list[int]]:
        """Sums of each quantity by area."""
        return {q: self.sums(q, self.area, int(self.area.max()) + 1) for q in self.ground.counts}

    def bounds(self, quantity: Quantity, community: int) -> tuple[int, int] | None:
        """Fewest and most of a quantity in a community, or none when the scenario sets no target for it."""
        rules = self.scenario.communities
        tolerance = Fraction(str(getattr(rules.tolerance, quantity)))
        target = getattr(rules.target, quantity)
        if rules.around == "means":
            area = self.area_of_community[community]
            target = Fraction(self.area_totals[quantity][area], int(self.communities_in_area[area]))
        if target is None:
            return None
        hair = Fraction(1, 10**9)
        return ceil(target * (1 - tolerance) - hair), floor(target * (1 + tolerance) + hair)

    def strays(self, community: int) -> list[tuple[Quantity, int, int, int]]:
        """Quantities of a community outside their bounds: with the sum, the fewest and the most."""
        found = []
        for quantity, totals in self.totals.items():
            bounds = self.bounds(quantity, community)
            if bounds is not None and not bounds[0] <= totals[community] <= bounds[1]:
                found.append((quantity, totals[community], *bounds))
        return found

    @cached_property
    def stray_communities(self) -> list[int]:
        """Communities outside the bounds of some quantity."""
        return [c for c in range(self.n_communities) if self.strays(c)]

    def is_oversize_block(self, community: int) -> bool:
        """Whether a single block, too large by itself, makes up the community."""
        alone = self.blocks_of(community).size == 1
        return alone and any(found > upper for _, found, _, upper in self.strays(community))

    def is_island(self, community: int) -> bool:
        """Whether the community is a whole area, too small by itself, beside a larger one in its district."""
        blocks = self.blocks_of(community)
        area = self.area[blocks[0]]
        if not np.array_equal(blocks, np.flatnonzero(self.area == area)):
            return False
        lead = self.scenario.communities.lead
        size = self.area_totals[lead if lead in self.area_totals else next(iter(self.area_totals))]
        rivals = np.unique(self.area[self.district == self.district[blocks[0]]])
        is_smaller = any(size[rival] > size[area] for rival in rivals)
        return is_smaller and any(found < lower for _, found, lower, _ in self.strays(community))

    def is_unsplittable(self, community: int) -> bool:
        """Whether the area's totals cannot be split into its number of communities within the bounds."""
        area = self.area_of_community[community]
        k = int(self.communities_in_area[area])
        for quantity, totals in self.area_totals.items():
            bounds = self.bounds(quantity, community)
            if bounds is not None and not k * bounds[0] <= totals[area] <= k * bounds[1]:
                return True
        return False

    @cached_property
    def special(self) -> list[int]:
        """Oversize blocks and small islands: communities of their own, outside the bounds and the count."""
        return [c for c in self.stray_communities if self.is_oversize_block(c) or self.is_island(c)]
