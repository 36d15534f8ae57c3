"""Premises: what communities need, use and lack, on a drawn row of blocks."""

from collections.abc import Sequence

import numpy as np
import pytest

from redistrict.geo.blocks import Blocks
from redistrict.geo.sites import Sites
from redistrict.model.plan import Plan
from redistrict.scenario.office import Premises
from redistrict.standards.premises import CommunityPremises, PremisesPlan, Reach, assess_premises
from tests.geo.drawing import ORIGIN, cells, make_blocks


def sites(*rows: tuple[int, float], area_m2: Sequence[float]) -> Sites:
    """Give sites as (block, metres east of the block's western side), in the middle of the row."""
    return Sites(
        ids=tuple(f"s{n}" for n in range(len(rows))),
        names=tuple(f"s{n}" for n in range(len(rows))),
        area_m2=np.array(area_m2, dtype=np.float64),
        community=("",) * len(rows),
        block=np.array([row[0] for row in rows], dtype=np.int64),
        xy=np.array([(100 * block + east, 50) for block, east in rows], dtype=np.float64).reshape(-1, 2) + ORIGIN,
    )


@pytest.fixture
def row_of_five() -> Blocks:
    """Give five blocks of 100 m; nobody lives in ``c`` and ``e``.

    ::

        a b c d e
    """
    return make_blocks(cells("a b c d e"), people={"a": 300, "b": 100, "d": 50})


PLAN = Plan(np.array([0, 0, 0, 1, 2], dtype=np.int32))
"""``a b c | d | e``"""


def assess(blocks: Blocks, found: Sites, households: Sequence[int] = (1500, 0, 0), **rules: float) -> PremisesPlan:
    return assess_premises(blocks, PLAN, found, np.array(households, dtype=np.int64), Premises.model_validate(rules))


def test_the_norm_grows_with_the_households_above_the_minimum(row_of_five: Blocks) -> None:
    """20 m² for every 100 households and never under 300 m²: 2,500 households need 500 m², 1,500 and 10 need 300."""
    plan = assess(row_of_five, sites(area_m2=[]), (2500, 1500, 10))
    assert [community.required_m2 for community in plan.communities] == [500, 300, 300]
    assert plan.required_m2 == plan.shortfall_m2 == 1100
    assert assess(row_of_five, sites(area_m2=[]), (1001, 0, 0), minimum_m2=0).required_m2 == 200.2
    (small, *_) = assess(
        row_of_five, sites(area_m2=[]), (1, 0, 0), minimum_m2=0, m2_per_100_households=12.5
    ).communities
    assert small.required_m2 == 0.12


def test_without_households_only_the_minimum_is_required(row_of_five: Blocks) -> None:
    """Data that count people only cannot ask for more than the minimum."""
    plan = assess_premises(row_of_five, PLAN, sites((0, 50), area_m2=[300]), None, Premises())
    assert [community.required_m2 for community in plan.communities] == [300, 300, 300]
    assert [community.is_short for community in plan.communities] == [False, True, True]


def test_the_largest_sites_are_used_until_they_are_enough(row_of_five: Blocks) -> None:
    """Of 100, 250, 60 and 50 m² the two largest meet 300 m²; the others fall idle, and are no shortfall."""
    plan = assess(row_of_five, sites((0, 50), (1, 50), (1, 60), (2, 50), area_m2=[60, 250, 100, 50]))
    first = plan.communities[0]
    assert (first.used, first.idle) == ((1, 2), (0, 3))
    assert (first.existing_m2, first.used_m2, first.shortfall_m2, first.is_short) == (460, 350, 0, False)
    assert (plan.idle, plan.idle_m2) == ((0, 3), 110)


def test_sites_that_just_reach_the_norm_are_enough(row_of_five: Blocks) -> None:
    """Tenths of a square metre add up as written: 299.7 + 0.1 + 0.2 is 300, and the fourth site is not needed."""
    plan = assess(row_of_five, sites(*[(0, 50)] * 4, area_m2=[299.7, 0.2, 0.1, 0.05]))
    assert plan.communities[0].used == (0, 1, 2)
    assert not plan.communities[0].is_short
    almost = assess(row_of_five, sites((0, 50), (0, 50), area_m2=[299.996, 50]))
    assert (almost.communities[0].used, almost.communities[0].used_m2) == ((0,), 300)


def test_a_community_short_of_rooms_uses_all_it_has(row_of_five: Blocks) -> None:
    """Nothing falls idle where the sites do not suffice; what lacks is the requirement less all sites."""
    plan = assess(row_of_five, sites((0, 50), (1, 50), area_m2=[100, 80.5]))
    assert plan.communities[0].used == (0, 1)
    assert plan.communities[0].shortfall_m2 == 119.5
    assert (plan.n_short, plan.n_enough, plan.shortfall_m2) == (3, 0, 719.5)


def test_one_site_is_used_where_nothing_is_required(row_of_five: Blocks) -> None:
    """A norm of nothing leaves a community the largest of its sites."""
    plan = assess(row_of_five, sites((0, 50), (1, 50), area_m2=[10, 20]), minimum_m2=0, m2_per_100_households=0)
    assert (plan.communities[0].used, plan.communities[0].idle) == ((1,), (0,))
    assert plan.n_short == 0


def test_residents_walk_to_the_nearest_used_site(row_of_five: Blocks) -> None:
    """300 people live 10 m and 100 people 90 m from the used site: 30 m in the mean; the idle site is no help.

    The empty block c, 190 m away, counts for nothing.
    """
    plan = assess(row_of_five, sites((0, 60), (1, 50), area_m2=[300, 200]))
    assert plan.communities[0].reach == Reach(mean_m=30.0, worst_m=90.0, worst_block="b")


def test_each_block_goes_to_its_own_nearest_site(row_of_five: Blocks) -> None:
    """With both sites in use a is 10 m from its own and b 20 m."""
    plan = assess(row_of_five, sites((0, 60), (1, 70), area_m2=[200, 200]))
    assert plan.communities[0].reach == Reach(mean_m=12.5, worst_m=20.0, worst_block="b")
    plan = assess(row_of_five, sites((0, 60.06), (1, 70.06), area_m2=[200, 200]))
    assert plan.communities[0].reach == Reach(mean_m=12.6, worst_m=20.1, worst_block="b")


def test_data_without_people_weigh_by_households() -> None:
    """Blocks that count households only are weighted by these."""
    blocks = make_blocks(cells("a b c d e"), households={"a": 1, "b": 3})
    plan = assess(blocks, sites((0, 50), area_m2=[400]))
    assert plan.communities[0].reach == Reach(mean_m=75.0, worst_m=100.0, worst_block="b")


def test_a_community_without_a_site_is_named(row_of_five: Blocks) -> None:
    """No site, no distance; neither is there one where nobody lives."""
    plan = assess(row_of_five, sites((0, 50), (4, 50), area_m2=[300, 300]))
    assert plan.without_site == (1,)
    assert plan.communities[1] == CommunityPremises(300, 0, 0, (), (), None)
    assert plan.communities[2].has_site
    assert plan.communities[2].reach is None


def test_a_known_user_comes_before_the_block(row_of_five: Blocks) -> None:
    """The community that uses a site may be said, wherever it stands; a site of none (-1) is idle."""
    found = sites((0, 50), (0, 60), (3, 50), area_m2=[300, 310, 320])
    plan = assess_premises(row_of_five, PLAN, found, None, Premises(), community_of_site=np.array([1, -1, 1]))
    assert plan.without_site == (0, 2)
    assert (plan.communities[1].used, plan.communities[1].idle) == ((2,), (0,))
    assert plan.communities[1].reach == Reach(0.0, 0.0, "d")
    assert (plan.idle, plan.existing_m2, plan.used_m2, plan.idle_m2) == ((0, 1), 620, 320, 610)


def test_the_bare_minimum_is_counted_apart(row_of_five: Blocks) -> None:
    """300 m² are the bare minimum, reached also by a community whose households ask for more."""
    plan = assess(row_of_five, sites((0, 50), (3, 50), area_m2=[300, 299.99]), (5000, 0, 0))
    assert plan.n_at_minimum == 1
    assert (plan.n_enough, plan.n_short) == (0, 3)


def test_sites_of_one_size_are_taken_in_their_order(row_of_five: Blocks) -> None:
    """Equal areas are used by the order of their keys, so that the answer is always the same."""
    plan = assess(row_of_five, sites((2, 50), (0, 50), (1, 50), area_m2=[300, 300, 300]))
    assert (plan.communities[0].used, plan.communities[0].idle) == ((0,), (1, 2))
