"""Rounds of the search: every case is annealed several times, whole or in parts, and what was met is recombined."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from redistrict.messages import Message
from redistrict.model.problem import AreaProblem
from redistrict.solver.search.area_options import Assignment, Case, Stream
from redistrict.solver.search.search_area import (
    LENIENT,
    MANNERS,
    Found,
    Manner,
    anneal_run,
    as_found,
    n_coarse,
    recombine,
)
from redistrict.solver.search.split_area import Part, divide_area, regroup, stitch
from redistrict.solver.tasks.stop import Stop

_MOST_CLUSTERS, _MOST_BLOCKS = 3000, 6000
"""Areas of more clusters (of blocks, where the search does not join them), or of more blocks, are searched in parts."""
_PART_BLOCKS = 2000
"""Blocks or clusters of a part."""
_QUICK = 0.25
"""Share of the effort that parts get from scratch: soon there is a plan, and what is left to do lies in its seams."""
_N_ADAPTED = 2
"""Starts from the plan given, where one is."""
_COVER_EFFORT = 8.0


@dataclass(frozen=True)
class Round:
    """One round: its number, what the user reads, starts of an area taken whole (parts have one), and from where.

    In a race the manners take turns, and the area has the better one from then on.
    """

    number: int
    phase: Message
    n_starts: int
    from_scratch: bool
    is_race: bool = False


SCOUT = Round(0, Message("Trying numbers of communities", "试算社区数量"), 2, from_scratch=True, is_race=True)
_SEARCHING = Message("Searching for plans", "搜索方案")
FIRST = Round(1, _SEARCHING, 4, from_scratch=True, is_race=True)
SECOND = Round(2, _SEARCHING, 4, from_scratch=True)
"""Not for areas in parts, which go on from the first plan at once."""
_N_LATER = 6
"""Each gains less than the one before; after six of them a city of 3,000 blocks is 0.2 % above what twelve come to."""
LATER = tuple(
    Round(3 + n, Message("Searching from the best plans", "从较优方案继续搜索"), 4, from_scratch=False)
    for n in range(_N_LATER)
)


@dataclass(frozen=True, eq=False)
class SearchUnit:
    """A case, or a part of a large one, in one round.

    Attributes
    ----------
    number : int
        Of the part within the case.
    base : (n_blocks of the part,) int32 or None
        The plan to start from.
    manners : tuple of Manner
        Those in which it is annealed, in turns.
    known : Found
        What is known before the round: the start, and the candidates of earlier rounds if the case is whole.
    is_stalled : bool
        The round before has gained nothing: every other start is anew, and goes on as from the best plan.
    """

    case: Case
    round_: Round
    number: int
    part: Part
    base: Assignment | None
    manners: tuple[Manner, ...]
    known: Found
    is_stalled: bool = False

    def n_starts(self, effort: float) -> int:
        """Give how often it is annealed."""
        n_starts = self.round_.n_starts if self.is_whole else 1 + self.is_stuck
        return round(n_starts * max(1.0, effort))

    @property
    def is_whole(self) -> bool:
        """The unit is its whole case."""
        return self.part.problem is self.case.problem

    @property
    def is_stuck(self) -> bool:
        """It is a part that an earlier round has left outside its bounds, perhaps behind what no small move mends."""
        return not self.round_.from_scratch and not self.is_whole and self.known.best is None

    def anneal(self, start: int, stop: Stop, *, effort: float) -> Callable[[], Found]:
        """Give the task of annealing it once."""
        later = (self.is_stuck or self.is_stalled) and start % 2 == 1
        base = None if (start >= _N_ADAPTED if self.round_.from_scratch else later) else self.base
        return partial(
            anneal_run,
            self.part.problem,
            stop,
            start=base,
            seed=self.case.sequence(Stream.ANNEAL, self.round_.number, self.number, start),
            effort=min(1.0, effort) * (_QUICK if base is None and not self.is_whole else 1.0),
            manner=self.manners[start % len(self.manners)],
            goes_on=self.is_stalled,
        )

    def recombine(self, runs: list[Found], stop: Stop, *, effort: float) -> Callable[[], Found]:
        """Give the task of recombining what the runs have met."""
        return partial(
            recombine,
            self.part.problem,
            [self.known, *runs],
            stop,
            seed=self.case.cp_seed + self.round_.number,
            effort=_COVER_EFFORT * effort,
        )


def is_divided(problem: AreaProblem) -> bool:
    """Tell whether an area is so large that it is searched in parts."""
    return n_coarse(problem) > _MOST_CLUSTERS or problem.n_blocks > _MOST_BLOCKS


def list_search_units(
    case: Case, found: Found, round_: Round, manner: Manner = LENIENT, *, is_stalled: bool = False
) -> list[SearchUnit]:
    """Give a case whole, or, where it is large, in parts: other ones in every round.

    The manner is that of parts, and of all rounds that are no race. Parts never stall, as they change.

    A part that an earlier round has left outside its bounds is annealed on, and begun anew beside that.
    """
    problem = case.problem
    base = case.adapted if round_.from_scratch else found.plan
    if not is_divided(problem):
        manners = MANNERS if round_.is_race else (manner,)
        return [
            SearchUnit(case, round_, 0, Part(np.arange(problem.n_blocks), problem), base, manners, found, is_stalled)
        ]
    rng = np.random.default_rng(case.sequence(Stream.SPLIT, round_.number))
    most_blocks = _PART_BLOCKS * problem.n_blocks // n_coarse(problem)
    if base is None:
        parts = divide_area(problem, rng, most_blocks=most_blocks)
        return [SearchUnit(case, round_, number, part, None, (manner,), Found()) for number, part in enumerate(parts)]
    units = []
    for number, part in enumerate(regroup(problem, base, rng, most_blocks=most_blocks)):
        own = np.unique(base[part.blocks], return_inverse=True)[1].astype(np.int32)
        units.append(SearchUnit(case, round_, number, part, own, (manner,), as_found(part.problem, own)))
    return units


def put_together(problem: AreaProblem, before: Found, units: list[SearchUnit], after: list[Found]) -> Found:
    """Give what is known of a case after a round."""
    if units[0].is_whole:
        return after[0]
    plans = [found.plan for found in after]
    if any(plan is None for plan in plans):
        return before
    whole = as_found(problem, stitch([unit.part for unit in units], [plan for plan in plans if plan is not None]))
    if before.cost is None:
        return whole if whole.cost is not None or whole.miss <= before.miss else before
    return whole if whole.cost is not None and whole.cost < before.cost else before
