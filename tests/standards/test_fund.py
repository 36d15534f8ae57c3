"""Service fund and developers' rooms: what goes by the count."""

import numpy as np
import pytest

from redistrict.geo.projects import Projects
from redistrict.model.plan import Plan
from redistrict.scenario.office import DeveloperDuty, ServiceFund
from redistrict.standards.fund import CommunityFund, CommunityRooms, EstateRooms, developer_rooms, service_fund


def projects(*rows: tuple[str, int, int]) -> Projects:
    """Give deliveries as (name of the estate, block, homes)."""
    homes = np.array([row[2] for row in rows], dtype=np.int64)
    return Projects(
        ids=tuple(f"p{n}" for n in range(len(rows))),
        names=tuple(row[0] for row in rows),
        block=np.array([row[1] for row in rows], dtype=np.int64),
        year=np.full(len(rows), 2028, dtype=np.int64),
        size=homes[:, None],
        homes=homes,
    )


@pytest.fixture
def two_communities() -> Plan:
    """Give five blocks: ``0 0 1 1 2``, by community."""
    return Plan(np.array([0, 0, 1, 1, 2], dtype=np.int32))


def test_every_household_brings_the_same_fund() -> None:
    """The report's 10 yuan for every household and year, or another rate with fen."""
    assert service_fund(np.array([2500, 0]), ServiceFund()) == (CommunityFund(0, 2500, 25000), CommunityFund(1, 0, 0))
    assert service_fund(np.array([3]), ServiceFund(yuan_per_household=0.1))[0].yuan == 0.3
    assert service_fund(np.array([1]), ServiceFund(yuan_per_household=0.125))[0].yuan == 0.12


def test_rooms_are_owed_in_proportion(two_communities: Plan) -> None:
    """The report's 100 m² for 1,000 homes: 650 homes owe 65 m²; a community without estates is owed nothing."""
    rooms = developer_rooms(projects(("花湖一期", 2, 650)), two_communities, DeveloperDuty())
    assert rooms.estates == (EstateRooms("花湖一期", (1,), 650, 65.0),)
    assert rooms.communities == (CommunityRooms(0, 0, 0), CommunityRooms(1, 650, 65), CommunityRooms(2, 0, 0))
    assert (rooms.homes, rooms.rooms_m2) == (650, 65)
    assert developer_rooms(projects(("甲园", 0, 1)), two_communities, DeveloperDuty(m2=100, homes=3)).rooms_m2 == 33.33


def test_deliveries_of_one_name_are_one_estate(two_communities: Plan) -> None:
    """Stages of an estate count together, also across a community line, where each side has its own share."""
    rows = projects(("乙园", 3, 300), ("甲园", 4, 100), ("乙园", 0, 500), ("乙园", 1, 200))
    rooms = developer_rooms(rows, two_communities, DeveloperDuty(m2=90, homes=900))
    assert rooms.estates == (EstateRooms("乙园", (0, 1), 1000, 100), EstateRooms("甲园", (2,), 100, 10))
    assert [row.homes for row in rooms.communities] == [700, 300, 100]
    assert (
        sum(row.rooms_m2 for row in rooms.communities) == sum(row.rooms_m2 for row in rooms.estates) == rooms.rooms_m2
    )


def test_no_project_owes_no_rooms(two_communities: Plan) -> None:
    """Without projects there are no estates, and every community is owed nothing."""
    rooms = developer_rooms(projects(), two_communities, DeveloperDuty())
    assert (rooms.estates, rooms.homes, rooms.rooms_m2) == ((), 0, 0)
    assert [row.rooms_m2 for row in rooms.communities] == [0, 0, 0]
