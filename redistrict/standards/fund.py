"""What goes by the count: the yearly service fund of a community, and the rooms developers owe."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.projects import Projects
from redistrict.model.plan import Plan
from redistrict.scenario.office import DeveloperDuty, ServiceFund


@dataclass(frozen=True)
class CommunityFund:
    """Service fund (社区服务经费) of one community: its number, its households, and yuan a year."""

    community: int
    households: int
    yuan: float


@dataclass(frozen=True)
class EstateRooms:
    """Rooms owed for one estate, all its deliveries together.

    Attributes
    ----------
    name : str
        Name of the estate.
    communities : tuple of int
        Communities its blocks lie in, sorted.
    homes : int
        Homes built.
    rooms_m2 : float
        Community rooms owed.
    """

    name: str
    communities: tuple[int, ...]
    homes: int
    rooms_m2: float


@dataclass(frozen=True)
class CommunityRooms:
    """Rooms owed in one community: its number, the homes built there, and square metres owed for them."""

    community: int
    homes: int
    rooms_m2: float


@dataclass(frozen=True)
class DeveloperRooms:
    """Rooms developers owe (配建社区用房), twice the same homes: by estate name and by community.

    Attributes
    ----------
    estates : tuple of EstateRooms
        Sorted by name.
    communities : tuple of CommunityRooms
        Every community of the plan, by number.
    homes : int
        Homes built, all together.
    rooms_m2 : float
        Rooms owed, all together.
    """

    estates: tuple[EstateRooms, ...]
    communities: tuple[CommunityRooms, ...]
    homes: int
    rooms_m2: float


def service_fund(households: NDArray[np.int64], fund: ServiceFund) -> tuple[CommunityFund, ...]:
    """Give the service fund of each community from its households, (k,).

    Notes
    -----
    The Huangshi report: 10 yuan for every household and year (section 一).
    """
    return tuple(CommunityFund(c, n, round(fund.yuan_per_household * n, 2)) for c, n in enumerate(households.tolist()))


def developer_rooms(projects: Projects, plan: Plan, duty: DeveloperDuty) -> DeveloperRooms:
    """Give the rooms owed for the homes of every estate under delivery, in proportion.

    Deliveries that carry one name are one estate, in whichever blocks they stand.

    Notes
    -----
    The Huangshi report: 100 m² free of charge for every 1,000 homes built (section 一; the unit is read as m²).
    """

    def owed(homes: int) -> float:
        return round(duty.m2 * homes / duty.homes, 2)

    community = plan.assignment[projects.block]
    names = np.array(projects.names, dtype=object)
    estates = []
    for name in sorted(set(projects.names)):
        rows = names == name
        homes = int(projects.homes[rows].sum())
        estates.append(EstateRooms(name, tuple(np.unique(community[rows]).tolist()), homes, owed(homes)))
    in_community = np.zeros(plan.n_communities, dtype=np.int64)
    np.add.at(in_community, community, projects.homes)
    total = int(projects.homes.sum())
    return DeveloperRooms(
        estates=tuple(estates),
        communities=tuple(CommunityRooms(c, n, owed(n)) for c, n in enumerate(in_community.tolist())),
        homes=total,
        rooms_m2=owed(total),
    )
