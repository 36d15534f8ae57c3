"""Rounds: what each unit starts from, and what is kept of it."""

from dataclasses import replace

import numpy as np

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import plan_cost
from redistrict.solver.search.area_options import Assignment, Case
from redistrict.solver.search.rounds import FIRST, LATER, list_search_units, put_together
from redistrict.solver.search.search_area import LENIENT, MANNERS, STRICT, Found, as_found, better_manner
from redistrict.solver.tasks.stop import Stop
from tests.solver.maps import grid, make_area


def tiled_city() -> tuple[AreaProblem, Assignment]:
    """Give a city of 3,600 blocks, large enough to be searched in parts, and a plan of 120 tiles of 5 x 6 blocks."""
    row, column = np.divmod(np.arange(3600), 60)
    area = make_area(grid(60, 60), k=120, lower=[25], upper=[35], target=[30])
    return area, (row // 5 * 10 + column // 6).astype(np.int32)


def spoil(plan: Assignment) -> Assignment:
    """Let the first tile lose two thirds of its blocks to the next."""
    spoilt = plan.copy()
    spoilt[np.flatnonzero(plan == 0)[np.arange(30) % 6 > 1]] = 1
    return spoilt


def test_parts_outside_their_bounds_are_annealed_on_and_begun_anew() -> None:
    """Only the part that holds the spoilt tiles gets two starts, one of them from scratch; here both mend it."""
    area, plan = tiled_city()
    found = as_found(area, spoil(plan))
    units = list_search_units(Case(0, area, seed=1), found, LATER[0])
    assert len(units) > 1
    for unit in units:
        is_spoilt = bool(np.isin(plan[unit.part.blocks], [0, 1]).any())
        assert unit.n_starts(1.0) == 1 + is_spoilt
        assert unit.is_stuck == is_spoilt
    stuck = next(unit for unit in units if unit.is_stuck)
    elsewhere = replace(stuck, base=np.flip(stuck.base))
    on, anew, also_anew = (
        unit.anneal(start, Stop(60.0), effort=1.0)().best for unit, start in ((stuck, 0), (stuck, 1), (elsewhere, 1))
    )
    assert on is not None
    assert anew is not None
    assert on.tolist() != anew.tolist() == also_anew.tolist()


def test_gains_elsewhere_are_kept_while_one_part_is_still_outside() -> None:
    """A plan that misses by as much as before is taken: another part has become cheaper."""
    area, plan = tiled_city()
    rough, smooth = spoil(plan), spoil(plan)
    rough[np.flatnonzero(plan == 119)[0]] = 118
    before = as_found(area, rough)
    units = list_search_units(Case(0, area, seed=1), before, LATER[0])
    after = [
        as_found(unit.part.problem, np.unique(smooth[unit.part.blocks], return_inverse=True)[1].astype(np.int32))
        for unit in units
    ]
    merged = put_together(area, before, units, after)
    assert merged.plan is not None
    assert merged.miss == before.miss
    assert plan_cost(area, merged.plan) < plan_cost(area, rough)


def test_manners_take_turns_from_scratch_and_the_better_one_goes_on() -> None:
    """Later rounds anneal in the manner of the cheapest plan, or of the nearest miss where there is none."""
    area = make_area(grid(6, 6), k=4, lower=[6], upper=[12], target=[9])
    (unit,) = list_search_units(Case(0, area, seed=1), Found(), FIRST)
    assert unit.manners == MANNERS == (LENIENT, STRICT)
    (unit,) = list_search_units(Case(0, area, seed=1), Found(), LATER[0], STRICT)
    assert unit.manners == (STRICT,)
    assert better_manner([Found(miss=0.2), Found(miss=0.1)]) is STRICT
    assert better_manner([Found(cost=9), Found(cost=9)]) is LENIENT
    lucky = [Found(cost=1), Found(cost=7), Found(miss=0.1), Found(cost=8), Found(cost=9), Found(cost=6)]
    assert better_manner(lucky) is STRICT


def test_every_other_start_is_anew_once_a_round_has_gained_nothing() -> None:
    """Odd starts come from scratch and go on from there; even ones go on from the best plan."""
    area = make_area(grid(6, 6), k=4, lower=[9], upper=[9], target=[9])
    row, column = np.divmod(np.arange(36), 6)
    found = as_found(area, (row // 3 * 2 + column // 3).astype(np.int32))
    assert found.cost is not None
    for is_stalled in (False, True):
        (unit,) = list_search_units(Case(0, area, seed=1), found, LATER[0], is_stalled=is_stalled)
        met = [unit.anneal(start, Stop(60.0), effort=0.1)().pool.costs for start in (0, 1)]
        holds_start = [all(members in pool for members in found.pool.costs) for pool in met]
        assert holds_start == [True, not is_stalled]
