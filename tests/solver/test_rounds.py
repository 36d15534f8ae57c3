"""Rounds: what each piece starts from, and what is kept of it."""

import numpy as np

from redistrict.problem import AreaProblem
from redistrict.solver.cases import Assignment, Case, as_found
from redistrict.solver.costs import plan_cost
from redistrict.solver.rounds import LATER, list_pieces, put_together

from .maps import grid, make_area


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


def test_parts_outside_their_bounds_are_begun_anew_and_others_go_on() -> None:
    """Only the part that holds the spoilt tiles has no plan to start from."""
    area, plan = tiled_city()
    found = as_found(area, spoil(plan))
    pieces = list_pieces(Case(0, area, seed=1), found, LATER[0])
    assert len(pieces) > 1
    for piece in pieces:
        is_spoilt = bool(np.isin(plan[piece.part.blocks], [0, 1]).any())
        assert (piece.base is None) == is_spoilt
        assert piece.known.plan is not None


def test_gains_elsewhere_are_kept_while_one_part_is_still_outside() -> None:
    """A plan that misses by as much as before is taken: another part has become cheaper."""
    area, plan = tiled_city()
    rough, smooth = spoil(plan), spoil(plan)
    rough[np.flatnonzero(plan == 119)[0]] = 118
    before = as_found(area, rough)
    pieces = list_pieces(Case(0, area, seed=1), before, LATER[0])
    after = [
        as_found(piece.part.problem, np.unique(smooth[piece.part.blocks], return_inverse=True)[1].astype(np.int32))
        for piece in pieces
    ]
    merged = put_together(area, before, pieces, after)
    assert merged.plan is not None
    assert merged.miss == before.miss
    assert plan_cost(area, merged.plan) < plan_cost(area, rough)
