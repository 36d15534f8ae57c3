"""The exact optimum of an area: price the blocks, list the communities that matter, cover every block once.

Every block gets a price. A plan costs at least the prices of all blocks plus, for each community, the least that any
costs beyond them: a bound, proved on a `diagram` of all communities. A plan that costs no more than some goal has no
community much dearer than the least. Those that are dearer are dropped from the diagram, its sizes are made finer, the
prices are improved for it, and again; the few communities left are listed, and CP-SAT covers every block once with
them. If no cover costs as little as the goal no plan does, and the next goal is higher.

Where it costs something to move residents there is a diagram for each name of today's, in which residents who would
stay are rewarded, and one for communities that take no name.

References
----------
Baldacci, Christofides and Mingozzi (2008), "An exact algorithm for the vehicle routing problem based on the set
partitioning formulation with additional cuts", Mathematical Programming 115 (list the columns within the gap).
"""

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.plan import canonical_plan
from redistrict.model.problem import AreaProblem
from redistrict.model.result import SolveStatus
from redistrict.solver.exact.proof import Proof
from redistrict.solver.exact.set_partition import claim_names, list_claims
from redistrict.solver.sweep.build_diagram import draw_diagram
from redistrict.solver.sweep.diagram import PART, split_by_size
from redistrict.solver.sweep.diagram_paths import Rows, communities_below
from redistrict.solver.sweep.dual_prices import Kind, Prices, Pricing, are_inside, set_costs
from redistrict.solver.sweep.extend_sets import FAR
from redistrict.solver.sweep.frontier import plan_route
from redistrict.solver.tasks.cpsat import run_model
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]

_WORK_PER_EFFORT = 10_000_000
"""Nodes of diagrams visited in one unit of effort, roughly a second."""
_MOST_BLOCKS = 500
_MOST_DRAWN, _MOST_NODES = 2_000_000, 6_000_000
"""Nodes of a diagram before sizes come in, and of all diagrams after: half a gigabyte."""
_UNITS = (8, 32, 128, 512, 2048, 8192)
"""Units of the rounded size in the upper bound, from split to split."""
_MOST_LISTED = (2_000, 2_000, 2_000, 5_000, 20_000, 60_000)
"""Communities that are listed at most at each of these."""
_DRAW_WORK, _SPLIT_WORK = 10, 5
"""Work of a node drawn, and of one split, in visits."""


def prove_by_listing(known: Proof, stop: Stop, *, effort: float, seed: int) -> Proof:
    """Learn more of an area until it is proved, the effort is spent, or its communities are too many."""
    search = _Search(known.problem, stop, effort, seed)
    kinds = search.draw()
    if kinds is not None:
        prices = search.pricing.improve(kinds, *search.pricing.first_prices(kinds), goal=known.worst)
        known = known.learn(bound=min(prices.bound, known.worst + 1))
        step, too_far = max(1, prices.scale // (100 * PART)), known.worst + 1
        while not known.is_proved and not search.pricing.is_over:
            goal = min(known.worst, known.bound + step)
            is_known, plan = search.look_below(kinds, prices, goal)
            known = known.learn(plan=plan, bound=goal + 1 if is_known else None)
            if is_known:
                step = min(step + max(1, step // 2), max(1, too_far - 1))
            elif step > 1:
                step, too_far = max(1, step // 4), step
            else:
                break
    return known.spend(search.spent)


class _Search:
    """The search of one area for plans below a goal."""

    def __init__(self, problem: AreaProblem, stop: Stop, effort: float, seed: int) -> None:
        self._problem = problem
        self._stop = stop
        self._effort = effort
        self._seed = seed
        self._met: dict[int, Prices] = {}
        self.pricing = Pricing(problem, stop, round(effort * _WORK_PER_EFFORT))

    @property
    def spent(self) -> float:
        """Effort spent."""
        return self._effort - self.pricing.work_left / _WORK_PER_EFFORT

    def draw(self) -> list[Kind] | None:
        """Draw all communities, of every kind; none if they are too many."""
        problem, nothing = self._problem, np.zeros(self._problem.n_blocks, dtype=np.int64)
        if problem.n_blocks > _MOST_BLOCKS:
            return None
        diagram = draw_diagram(problem, plan_route(problem), self._stop, most_nodes=_MOST_DRAWN)
        self.pricing.work_left -= _DRAW_WORK * (_MOST_DRAWN if diagram is None else diagram.n_nodes)
        if diagram is None:
            return None
        diagram = split_by_size(diagram, nothing, self._stop, limit=FAR // 2, n_units=_UNITS[0], most_nodes=_MOST_NODES)
        if diagram is None:
            return None
        stay, bonuses = problem.stay, [nothing]
        if stay is not None and stay.rate:
            each = 2 * PART * stay.rate * stay.residents
            names = sorted(set(stay.current[stay.is_home].tolist()))
            bonuses = [np.zeros_like(nothing) for _ in names] + bonuses
            for name, bonus in zip(names, bonuses, strict=False):
                is_of_name = stay.current == name
                np.add.at(bonus, stay.place[is_of_name], each[is_of_name])
        return [Kind(bonus, diagram) for bonus in bonuses]

    def look_below(self, kinds: list[Kind], prices: Prices, goal: int) -> tuple[bool, Assignment | None]:
        """Tell whether all plans up to the goal are known, none or the cheapest; give the best plan met."""
        for n_units, most in zip(_UNITS, _MOST_LISTED, strict=True):
            if n_units > _UNITS[0]:
                finer = self._split(kinds, prices, goal, n_units)
                if finer is None:
                    break
                kinds = finer
                prices = self.pricing.improve(kinds, prices, self._met.get(n_units, prices), goal=goal)
                self._met[n_units] = prices
            if prices.bound > goal:
                return True, None
            rows = self._list(kinds, prices, goal, most)
            if rows is not None:
                return self._cover(rows)
            if self.pricing.is_over:
                break
        return False, None

    def _split(self, kinds: list[Kind], prices: Prices, goal: int, n_units: int) -> list[Kind] | None:
        """Make the sizes finer, without what no plan up to the goal needs."""
        found: list[Kind] = []
        left = _MOST_NODES
        for number, kind in enumerate(kinds):
            limit, reward = self.pricing.limit(prices, goal, number), prices.block + kind.bonus
            finer = split_by_size(kind.diagram, reward, self._stop, limit=limit, n_units=n_units, most_nodes=left)
            if finer is None:
                return None
            found.append(Kind(kind.bonus, finer))
            left -= finer.n_nodes
        self.pricing.work_left -= _SPLIT_WORK * (_MOST_NODES - left)
        self.pricing.keep_feasible()
        return found

    def _list(self, kinds: list[Kind], prices: Prices, goal: int, most: int) -> Rows | None:
        """List the communities of plans up to the goal, each once; none if there are too many."""
        found = []
        for number, kind in enumerate(kinds):
            limit, reward = self.pricing.limit(prices, goal, number), prices.block + kind.bonus
            rows = communities_below(kind.diagram, reward, limit=limit, most=most)
            if rows is None:
                return None
            found.append(rows)
        rows = np.unique(np.concatenate(found), axis=0)
        return rows[are_inside(self._problem, rows)]

    def _cover(self, rows: Rows) -> tuple[bool, Assignment | None]:
        """Choose communities that hold every block once."""
        problem, model = self._problem, cp_model.CpModel()
        chosen = [model.new_bool_var("") for _ in rows]
        for column in rows.T:
            model.add_exactly_one([chosen[n] for n in np.flatnonzero(column).tolist()])
        model.add(sum(chosen) == problem.n_communities)
        costs = cp_model.LinearExpr.weighted_sum(chosen, set_costs(problem, rows).tolist())
        model.minimize(costs - kept_rewards(model, problem, rows, chosen))
        answer = run_model(model, chosen, self._stop, effort=self._effort - self.spent, seed=self._seed)
        self.pricing.work_left -= round(answer.effort * _WORK_PER_EFFORT)
        is_known = answer.status in (SolveStatus.OPTIMAL, SolveStatus.INFEASIBLE)
        if not answer.chosen:
            return is_known, None
        found = rows[np.array(answer.chosen)].argmax(axis=0)
        return is_known, np.array(canonical_plan(found).assignment, dtype=np.int32)


def kept_rewards(
    model: cp_model.CpModel, problem: AreaProblem, rows: Rows, chosen: list[cp_model.IntVar]
) -> cp_model.LinearExpr | int:
    """Let one community at most take each name, and keep residents moved below the limit; give what staying is worth.

    Half units.
    """
    stay = problem.stay
    if stay is None:
        return 0
    row, block = np.nonzero(rows)
    claims = list_claims(stay, row.astype(np.int32), block)
    claimed = claim_names(model, claims, chosen)
    by_name = sorted(claimed, key=lambda n: claims[n].name)
    n_kept = cp_model.LinearExpr.weighted_sum([claimed[n] for n in by_name], [claims[n].kept for n in by_name])
    if stay.max_moved is not None:
        model.add(n_kept >= stay.n_residents - stay.max_moved)
    return 2 * stay.rate * n_kept
