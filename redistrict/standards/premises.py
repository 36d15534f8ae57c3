"""Premises: the rooms (办公服务用房) each community has, needs and uses, and how far its residents are from them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.sites import Sites
from redistrict.model.plan import Plan
from redistrict.scenario.office import Premises

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """How far the residents of a community are from the nearest of its used sites, metres in a straight line.

    Attributes
    ----------
    mean_m : float
        Mean over the residents.
    worst_m : float
        The farthest block where somebody lives.
    worst_block : str
        Key of that block.
    """

    mean_m: float
    worst_m: float
    worst_block: str


@dataclass(frozen=True)
class CommunityPremises:
    """The premises of one community; sites are positions in `Sites`, areas in square metres.

    Attributes
    ----------
    required_m2 : float
        What the norm asks for.
    existing_m2, used_m2 : float
        Area of all its sites, and of the used ones.
    used, idle : tuple of int
        Its sites, largest first: those used, and those it can do without.
    reach : Reach or None
        None where the community has no site of its own, or nobody lives there.
    """

    required_m2: float
    existing_m2: float
    used_m2: float
    used: tuple[int, ...]
    idle: tuple[int, ...]
    reach: Reach | None

    @property
    def has_site(self) -> bool:
        """At least one site stands in the community."""
        return bool(self.used)

    @property
    def shortfall_m2(self) -> float:
        """What the community lacks of the requirement, all its sites counted."""
        return round(max(0.0, self.required_m2 - self.existing_m2), 2)

    @property
    def is_short(self) -> bool:
        """The community does not meet the requirement."""
        return self.shortfall_m2 > 0


@dataclass(frozen=True)
class PremisesPlan:
    """The premises of every community of a plan.

    Attributes
    ----------
    communities : tuple of CommunityPremises
        By number of the community.
    idle : tuple of int
        Sites nobody uses, in the order of `Sites`; those of no community are among them.
    idle_m2 : float
        Their area.
    n_at_minimum : int
        Communities whose sites reach the bare minimum of a community, whatever its size.
    """

    communities: tuple[CommunityPremises, ...]
    idle: tuple[int, ...]
    idle_m2: float
    n_at_minimum: int

    @property
    def n_short(self) -> int:
        """Communities that do not meet their requirement."""
        return sum(community.is_short for community in self.communities)

    @property
    def n_enough(self) -> int:
        """Communities that meet their requirement."""
        return len(self.communities) - self.n_short

    @property
    def without_site(self) -> tuple[int, ...]:
        """Communities without a site of their own."""
        return tuple(c for c, community in enumerate(self.communities) if not community.has_site)

    @property
    def required_m2(self) -> float:
        """What the norm asks for, all communities."""
        return round(sum(community.required_m2 for community in self.communities), 2)

    @property
    def existing_m2(self) -> float:
        """Area of the sites of all communities."""
        return round(sum(community.existing_m2 for community in self.communities), 2)

    @property
    def used_m2(self) -> float:
        """Area of the used sites."""
        return round(sum(community.used_m2 for community in self.communities), 2)

    @property
    def shortfall_m2(self) -> float:
        """What is lacking, all communities; what one has too much is no help to another."""
        return round(sum(community.shortfall_m2 for community in self.communities), 2)


def assess_premises(
    blocks: Blocks,
    plan: Plan,
    sites: Sites,
    households: IntArray | None,
    norm: Premises,
    *,
    community_of_site: IntArray | None = None,
) -> PremisesPlan:
    """Give each community of a plan its sites, and say what it needs, uses and lacks.

    A community uses its largest sites until they meet the requirement, at least one and so as few as possible; the
    others fall idle. Areas are rounded to 0.01 m².

    Parameters
    ----------
    blocks : Blocks
        The blocks of the plan. Distances are from a point inside each block where somebody lives, weighted by
        people, or by households where the data have no people.
    plan : Plan
        New communities, or today's.
    sites : Sites
        The premises there are.
    households : (k,) int64 or None
        Households of each community; None where the data have none: then only the minimum is required.
    norm : Premises
        The norm: ``required = max(minimum_m2, m2_per_100_households * households / 100)``.
    community_of_site : (n_sites,) int64, optional
        Community of each site, -1 for none; default: the community of the block it stands in. For today's plan,
        where the users of a site are known.

    Notes
    -----
    The Huangshi report: 20 m² for every 100 households, never under 300 m² for one community (section 一).
    """
    k = plan.n_communities
    of_site = plan.assignment[sites.block] if community_of_site is None else community_of_site
    by_size = np.argsort(-sites.area_m2, kind="stable")
    count = np.zeros(k, dtype=np.int64) if households is None else households
    required = np.round(np.maximum(norm.minimum_m2, norm.m2_per_100_households * count / 100), 2)
    points = shapely.get_coordinates(shapely.point_on_surface(blocks.shapes))
    residents = blocks.size[:, -1]
    communities = []
    for c in range(k):
        used, rest = _choose(by_size[of_site[by_size] == c], sites.area_m2, required[c])
        homes = np.flatnonzero((plan.assignment == c) & (residents > 0))
        communities.append(
            CommunityPremises(
                required_m2=float(required[c]),
                existing_m2=_total(sites.area_m2[[*used, *rest]]),
                used_m2=_total(sites.area_m2[list(used)]),
                used=used,
                idle=rest,
                reach=_reach(homes, points, residents, sites.xy[list(used)], blocks) if used and homes.size else None,
            )
        )
    idle = np.setdiff1d(np.arange(len(sites)), [s for community in communities for s in community.used])
    return PremisesPlan(
        communities=tuple(communities),
        idle=tuple(idle.tolist()),
        idle_m2=_total(sites.area_m2[idle]),
        n_at_minimum=sum(community.existing_m2 >= norm.minimum_m2 for community in communities),
    )


def _choose(own: IntArray, area_m2: NDArray[np.float64], required_m2: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Split a community's sites, largest first, into those it uses and those it can do without."""
    n_used = 1 + int((np.round(np.cumsum(area_m2[own]), 2) < required_m2)[:-1].sum())
    return tuple(own[:n_used].tolist()), tuple(own[n_used:].tolist())


def _reach(
    homes: IntArray, points: NDArray[np.float64], residents: IntArray, sites: NDArray[np.float64], blocks: Blocks
) -> Reach:
    away = np.hypot(*(points[homes, None] - sites).T).min(axis=0)
    worst = int(away.argmax())
    return Reach(
        mean_m=round(float(np.average(away, weights=residents[homes])), 1),
        worst_m=round(float(away[worst]), 1),
        worst_block=blocks.ids[homes[worst]],
    )


def _total(area_m2: NDArray[np.float64]) -> float:
    return round(float(area_m2.sum()), 2)
