"""The nearest plan of a small area, exactly: fewest communities outside the bounds, then least outside, then cheapest.

Every connected set of blocks is listed, inside the bounds or not, and CP-SAT covers every block once with them: first
for how far outside, then, with that kept, for the cost.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem, IntArray
from redistrict.model.result import SolveStatus
from redistrict.solver.costs import miss_weights, rank_miss
from redistrict.solver.exact.listing import kept_rewards
from redistrict.solver.exact.set_partition import cover_once
from redistrict.solver.sweep.dual_prices import may_be_outlines, set_costs
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]

_MOST_LISTED, _MOST_SETS = 50_000, 4_000
"""Connected sets that are listed at most, and that are left at most without those that no nearer plan holds."""


@dataclass(frozen=True, eq=False)
class NearestCover:
    """The nearest plan found, and whether it is proved that none is nearer, or that none keeps the other limits."""

    assignment: Assignment
    is_proved: bool
    is_hopeless: bool = False


def cover_nearest(problem: AreaProblem, known: Assignment, stop: Stop, *, effort: float, seed: int) -> NearestCover:
    """Give the nearest plan of an area that has few connected sets; the known one for any other.

    Roads never to be crossed, the limits of shape and the most residents who may change are kept.

    Parameters
    ----------
    known : (n_blocks,) int32
        A plan: what lies further outside in one community than it does in all need not be looked at.
    effort : float
        CP-SAT's deterministic time, roughly seconds, for each of its two questions.
    """
    sets = list_connected(problem, most=_MOST_LISTED)
    if sets is None or stop.reason:
        return NearestCover(known, False)
    rows = np.array([[mask >> i & 1 for i in range(problem.n_blocks)] for mask in sets], dtype=bool)
    rows = rows[may_be_outlines(problem, rows)]
    rank, misses = rank_miss(problem, known), _misses(problem, rows)
    if not rank.broken and rank.n_outside <= 1:
        is_worse = misses.amount > rank.outside
        rows, misses = rows[~is_worse], _Misses(misses.amount[~is_worse], misses.fine)
    if len(rows) > _MOST_SETS:
        return NearestCover(known, False)
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in rows]
    cover_once(model, [np.flatnonzero(row).tolist() for row in rows], chosen, problem.n_blocks)
    model.add(sum(chosen) == problem.n_communities)
    outside = cp_model.LinearExpr.weighted_sum(chosen, misses.values.tolist())
    cost = cp_model.LinearExpr.weighted_sum(chosen, set_costs(problem, rows).tolist())
    best, is_proved, is_hopeless = known, False, False
    for goal in (outside, cost - kept_rewards(model, problem, rows, chosen)):
        model.minimize(goal)
        answer = run_model(model, chosen, stop, effort=effort, seed=seed)
        if answer.objective is None:
            is_hopeless = rank.broken > 0 and answer.status is SolveStatus.INFEASIBLE
            break
        found = rows[np.array(answer.chosen)].argmax(axis=0)
        best = min(best, canonical_plan(found).assignment, key=lambda plan: rank_miss(problem, plan))
        if goal is outside:
            is_proved = answer.status is SolveStatus.OPTIMAL
            model.add(outside <= answer.objective)
    return NearestCover(np.array(best, dtype=np.int32), is_proved, is_hopeless)


def list_connected(problem: AreaProblem, *, most: int) -> list[int] | None:
    """Give every connected set of blocks that need not be kept apart, once, as the bits of a number; none if too many.

    A set grows from its lowest block; what was passed over on the way to it never joins again.
    """
    near, foes = [0] * problem.n_blocks, [0] * problem.n_blocks
    for pairs, masks in ((problem.edges, near), (problem.apart, foes)):
        for i, j in pairs.tolist():
            masks[i] |= 1 << j
            masks[j] |= 1 << i
    found: list[int] = []
    for lowest in range(problem.n_blocks):
        passed = (1 << lowest + 1) - 1
        stack = [(1 << lowest, near[lowest] & ~passed, passed, foes[lowest])]
        while stack:
            members, front, passed, banned = stack.pop()
            if not front:
                found.append(members)
                if len(found) > most:
                    return None
                continue
            block = (front & -front).bit_length() - 1
            passed |= 1 << block
            stack.append((members, front & ~passed, passed, banned))
            if not banned >> block & 1:
                wider = (front | near[block]) & ~passed
                stack.append((members | 1 << block, wider, passed, banned | foes[block]))
    return found


class _Misses(NamedTuple):
    """How far sets lie outside the bounds, (n,), and what lying outside at all counts: more than all amounts."""

    amount: IntArray
    fine: int

    @property
    def values(self) -> IntArray:
        """What each set counts, (n,)."""
        return self.amount + self.fine * (self.amount > 0)


def _misses(problem: AreaProblem, rows: NDArray[np.bool_]) -> _Misses:
    totals = rows.astype(np.int64) @ problem.size
    outside = np.maximum(0, np.maximum(problem.lower - totals, totals - problem.upper))
    amount = np.asarray(outside @ miss_weights(problem))
    return _Misses(amount, int(amount.max(initial=0)) * problem.n_communities + 1)
