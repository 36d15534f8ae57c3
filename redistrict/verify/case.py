"""Case: one plan on one ground, and everything the rules ask about it, worked out when first asked."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.scenario.models import CountRange, Scenario
from redistrict.scenario.section import Quantity
from redistrict.verify.frontage import Survey
from redistrict.verify.ground import Ground
from redistrict.verify.pieces import Pairs, find_island_links, find_links, find_pieces

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
        return find_links(self.ground, self.scenario.contiguity, self.plan.community)

    @cached_property
    def district(self) -> Ints:
        """Number of each block's district."""
        _, number = np.unique(self.ground.district.astype(str), return_inverse=True)
        return number.astype(np.intp)

    @cached_property
    def island_links(self) -> Pairs:
        """Joins of pieces without people to the nearest block of their district."""
        piece = find_pieces(self.survey, self.district, self.links, community=self.plan.community)
        return find_island_links(self.ground, piece, self.district, self.plan.community)

    @cached_property
    def all_links(self) -> Pairs:
        """Every pair joined without a frontage."""
        return [*self.links, *self.island_links]

    @cached_property
    def piece(self) -> Ints:
        """Connected part of the district each block lies in, oversize blocks and all, numbered 0, 1, ..."""
        piece = find_pieces(self.survey, self.district, self.all_links, community=self.plan.community)
        return np.unique(piece, return_inverse=True)[1].astype(np.intp)

    @cached_property
    def area(self) -> Ints:
        """Connected part of the district each block lies in, less its oversize communities, numbered 0, 1, ..."""
        group = self.district.copy()
        for at, community in enumerate(self.oversize):
            group[self.blocks_of(community)] = self.district.max() + 1 + at
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
        target = getattr(rules.target, quantity)
        if rules.around == "means":
            area = self.area_of_community[community]
            target = Fraction(self.area_totals[quantity][area], int(self.communities_in_area[area]))
        if target is None:
            return None
        return self._around(Fraction(target), quantity)

    def _around(self, target: Fraction, quantity: Quantity) -> tuple[int, int]:
        tolerance = Fraction(str(getattr(self.scenario.communities.tolerance, quantity)))
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

    @cached_property
    def usual_bounds(self) -> dict[Quantity, tuple[int, int]]:
        """Bounds around the targets, or around the means of the number of communities asked for."""
        rules = self.scenario.communities
        whole = {q: int(counts.sum()) for q, counts in self.ground.counts.items()}
        found = {}
        for quantity, total in whole.items():
            target = getattr(rules.target, quantity)
            if rules.around == "means":
                target = Fraction(total, max(self._number_asked_for(whole), int(self.district.max()) + 1))
            if target is not None:
                found[quantity] = self._around(Fraction(target), quantity)
        return found

    def _number_asked_for(self, whole: dict[Quantity, int]) -> int:
        rules = self.scenario.communities
        if isinstance(rules.count, CountRange):
            return rules.count.min
        if isinstance(rules.count, int):
            return rules.count
        lead = rules.lead if rules.lead in whole else next(iter(whole))
        target = getattr(rules.target, lead) or whole[lead] or 1
        return max(1, floor(Fraction(whole[lead], target) + Fraction(1, 2)))

    @cached_property
    def oversize(self) -> list[int]:
        """Communities of one block too large by itself, with the small parts only it joins to their district."""
        blocks = np.flatnonzero(self._is_too_large())
        if not blocks.size:
            return []
        group = self.district.copy()
        group[blocks] = -1
        piece = find_pieces(self.survey, group, self.all_links, community=self.plan.community)
        short = {p for p in np.unique(piece).tolist() if self._is_short(np.flatnonzero(piece == p))}
        found = []
        for community in np.unique(self.plan.community[blocks]).tolist():
            own = self.blocks_of(community)
            parts = set(piece[np.setdiff1d(own, blocks)].tolist())
            whole = all(np.isin(np.flatnonzero(piece == p), own).all() for p in parts)
            if community >= 0 and np.isin(own, blocks).sum() == 1 and parts <= short and whole:
                found.append(community)
        return found

    def _is_too_large(self) -> NDArray[np.bool_]:
        """Blocks that by themselves exceed the usual upper bound of some quantity."""
        counts = self.ground.counts
        above = [counts[quantity] > high for quantity, (_, high) in self.usual_bounds.items()]
        return np.any(above, axis=0) if above else np.zeros(len(self.ground.ids), dtype=bool)

    def _is_short(self, blocks: Ints) -> bool:
        """Whether a set of blocks stays below the usual lower bound of some quantity."""
        return any(int(self.ground.counts[q][blocks].sum()) < low for q, (low, _) in self.usual_bounds.items())

    def is_island(self, community: int) -> bool:
        """Whether the community is a whole piece, too small by itself, beside a larger one in its district."""
        blocks = self.blocks_of(community)
        own = self.piece[blocks[0]]
        if not np.array_equal(blocks, np.flatnonzero(self.piece == own)):
            return False
        lead = self.scenario.communities.lead
        quantity = lead if lead in self.ground.counts else next(iter(self.ground.counts))
        size = self.sums(quantity, self.piece, int(self.piece.max()) + 1)
        rivals = np.unique(self.piece[self.district == self.district[blocks[0]]])
        return self._is_short(blocks) and any(size[rival] > size[own] for rival in rivals)

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
        small = [c for c in range(self.n_communities) if self._is_short(self.blocks_of(c))]
        return sorted({*self.oversize, *(c for c in small if self.is_island(c))})
