"""Alternatives: plans of nearly the least cost that differ from each other by many residents.

The same search is asked again with another seed and a price on the borders that the plans so far have. What it finds is
cut into areas, and the cheapest choice of one division for each area that is far enough from every plan so far is the
next plan, if it costs little enough. Where there is none the price is raised (too near) or lowered (too dear), and the
search asked once more. Every plan obeys the scenario, for only prices were changed.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from math import ceil, floor, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.model.plan import Plan, canonical_plan, join_divisions
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import Result
from redistrict.scenario.models import Solve
from redistrict.solver.costs import plan_cost
from redistrict.solver.exact.choose_parts import choose_parts
from redistrict.solver.exact.match_plans import match_plans
from redistrict.solver.strategy import solve
from redistrict.solver.tasks.journal import Journal, fingerprint
from redistrict.solver.tasks.progress import OnProgress, Progress
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]
IntArray = NDArray[np.int64]
_Numbers = tuple[int, ...]

_MOST_TRIES = 5
"""Searches for one more plan."""
_EFFORT = 0.2
"""Share of the scenario's effort that each of them gets."""
_FIRST_PRICE, _STEP = 0.1, 3.0
"""Price of a border that a plan has already, in mean prices of an edge, and by how much it is raised or lowered."""


@dataclass(frozen=True)
class Wish:
    """What is asked of the plans together.

    Attributes
    ----------
    count : int
        How many, the best included.
    apart : float
        Least share of residents that change community from any plan to any other.
    dearer : float
        Largest share by which a plan may cost more than the best.
    """

    count: int
    apart: float
    dearer: float


def find_alternatives(
    problem: Problem,
    best: Result,
    residents: IntArray,
    wish: Wish,
    rules: Solve,
    stop: Stop,
    on_progress: OnProgress | None = None,
    *,
    journal: Journal | None = None,
    hopeless: Collection[int] = (),
) -> list[Plan]:
    """Give the best plan, and then others far enough from each before them, as many as are found.

    Parameters
    ----------
    best : Result
        Has a plan. Areas of it with exceptions from the bounds stay as they are.
    residents : (n_blocks,) int64
    rules : Solve
        Seed, effort, workers and method of the scenario.
    journal : Journal, optional
        What an earlier search has found.
    hopeless : collection of int
        As `solve` takes it.

    Returns
    -------
    list of Plan
        They depend neither on the number of workers nor on the journal, unless the time was up or the user struck. That
        there are fewer than wished for proves nothing.
    """
    choice = _Choice(problem, best, residents, wish)

    def search(price: float, tried: int) -> Result:
        number = len(choice.chosen) * _MOST_TRIES + tried
        seed, priced = (rules.seed + number) % 2**32, _with_prices(problem, choice.plans(), price)
        return solve(
            priced,
            rules.model_copy(update={"seed": seed, "effort": _EFFORT * rules.effort, "bound": "quick"}),
            stop,
            _told(on_progress, len(choice.chosen), tried, wish.count),
            journal=journal.part(fingerprint(priced.boundary_cost, seed)) if journal else None,
            hopeless=hopeless,
        )

    while len(choice.chosen) < wish.count and (choice.choose(stop) or _search_one_more(choice, search, stop)):
        pass
    return choice.plans()


def _search_one_more(choice: "_Choice", search: Callable[[float, int], Result], stop: Stop) -> bool:
    """Search until one plan more can be chosen; false where none is found."""
    price, low, high = _FIRST_PRICE, 0.0, inf
    for tried in range(_MOST_TRIES):
        found = search(price, tried)
        if found.plan is not None:
            if choice.take_in(found):
                low, price = price, price * _STEP if high == inf else sqrt(price * high)
            else:
                high, price = price, price / _STEP if low == 0 else sqrt(price * low)
            if choice.choose(stop):
                return True
        if stop.reason:
            break
    return False


def _with_prices(problem: Problem, plans: list[Plan], price: float) -> Problem:
    """Make borders dearer that plans have: by `price` times the mean price of an edge for each plan that has it."""
    ends = [plan.assignment[problem.edges] for plan in plans]
    n_times = sum((one[:, 0] != one[:, 1]).astype(np.int64) for one in ends)
    unit = np.abs(problem.crossing_cost - problem.boundary_cost).mean() if len(problem.edges) else 0
    more = np.rint(price * max(1.0, unit) * n_times).astype(np.int64)
    return replace(problem, boundary_cost=problem.boundary_cost + more)


def _told(on_progress: OnProgress | None, n_found: int, tried: int, count: int) -> OnProgress:
    """Tell a search as a part of all; its cost and bound are those of altered prices, and kept back."""

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            done = (n_found - 1 + (tried + progress.fraction) / _MOST_TRIES) / (count - 1)
            phase = Message(f"Plan {n_found + 1} of {count}: ", f"第 {n_found + 1}/{count} 个方案：") + progress.phase
            on_progress(Progress(phase, done))

    return tell


@dataclass(eq=False)
class _Place:
    """An area with its divisions met so far, first that of the best plan; all areas where they depend on each other.

    Attributes
    ----------
    areas : tuple of int
        Numbers of its areas.
    is_fixed : bool
        Communities lie outside the bounds there as they must (`exceptions: nearest`).
    """

    areas: tuple[int, ...]
    blocks: IntArray
    is_fixed: bool
    parts: list[Assignment] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    def add(self, part: Assignment, cost: int) -> int:
        """Take in a division if it is new, and give its number."""
        for number, known in enumerate(self.parts):
            if np.array_equal(known, part):
                return number
        self.parts.append(part)
        self.costs.append(cost)
        return len(self.parts) - 1


class _Choice:
    """The divisions of all places, and the plans chosen, each as the number of a division for every place."""

    def __init__(self, problem: Problem, best: Result, residents: IntArray, wish: Wish) -> None:
        numbers = range(len(problem.areas))
        groups = [(number,) for number in numbers] if problem.mergers is None else [tuple(numbers)]
        self._problem = problem
        self._residents = residents
        self._places = [
            _Place(
                group,
                np.concatenate([np.array(problem.areas[number].blocks, dtype=np.int64) for number in group]),
                any(best.areas[number].exceptions is not None for number in group),
            )
            for group in groups
        ]
        self._least = max(1, ceil(wish.apart * int(residents.sum())))
        self.chosen: list[_Numbers] = [tuple(self._add(place, best) for place in self._places)]
        self._most_cost = floor(self._cost(self.chosen[0]) * (1 + wish.dearer))

    def plans(self) -> list[Plan]:
        """Give the plans chosen."""
        return [self._put_together(numbers) for numbers in self.chosen]

    def take_in(self, found: Result) -> bool:
        """Take in the divisions of a plan, and tell whether it is too near to one that was chosen."""
        numbers = [self._add(place, found) for place in self._places]
        far = [own[number] for own, number in zip(self._distances(), numbers, strict=True)]
        return bool(np.sum(far, axis=0).min() < self._least)

    def choose(self, stop: Stop) -> bool:
        """Choose one plan more: the cheapest that is far enough from the others, if it costs little enough."""
        picked = choose_parts([place.costs for place in self._places], self._distances(), self._least, stop)
        if picked is None or self._cost(picked) > self._most_cost:
            return False
        self.chosen.append(picked)
        return True

    def _add(self, place: _Place, found: Result) -> int:
        """Take in a division of a place, and give its number; that of the best, where it is not one to choose from."""
        assert found.plan is not None, "only plans are taken in"
        is_outside = any(found.areas[number].exceptions is not None for number in place.areas)
        if place.parts and (place.is_fixed or is_outside):
            return 0
        cost = sum(_cost_of(self._problem, number, found.plan) for number in place.areas)
        return place.add(canonical_plan(found.plan.assignment[place.blocks]).assignment, cost)

    def _cost(self, numbers: _Numbers) -> int:
        return sum(place.costs[number] for place, number in zip(self._places, numbers, strict=True))

    def _distances(self) -> list[IntArray]:
        """Give how far the divisions of each place are from those chosen, each (n_divisions, n_chosen)."""
        found = []
        for place, own in zip(self._places, zip(*self.chosen, strict=True), strict=True):
            residents, others = self._residents[place.blocks], [place.parts[number] for number in own]
            rows = [[match_plans(one, part, residents).n_changed for one in others] for part in place.parts]
            found.append(np.array(rows, dtype=np.int64))
        return found

    def _put_together(self, numbers: _Numbers) -> Plan:
        parts = ((place.blocks, place.parts[number]) for place, number in zip(self._places, numbers, strict=True))
        return canonical_plan(join_divisions(self._problem.n_blocks, parts))


def _cost_of(problem: Problem, number: int, plan: Plan) -> int:
    """Give what an area of a plan costs."""
    own = canonical_plan(plan.assignment[list(problem.areas[number].blocks)])
    return plan_cost(area_problem(problem, number, own.n_communities), own.assignment)
