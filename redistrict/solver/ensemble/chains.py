"""A chain: divisions of one unit, drawn one after another under all its limits.

The walk itself keeps communities connected and within their bounds. Where there are more limits (roads never crossed,
compactness, necks, residents moved, ...) the walk goes a few steps at a time, and back if where it has come to breaks
one: as those few steps are reversible, what remains is the same measure among the divisions that break none (Liu 2001,
"Monte Carlo strategies in scientific computing", 9.4.3, "surrogate transition"). How many steps go at a time is learnt
before the first draw that counts, and not changed after it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from redistrict.model.problem import AreaProblem
from redistrict.solver.costs import is_feasible
from redistrict.solver.ensemble.cycle_walk import lay_ground, open_books, walk
from redistrict.solver.journal_forms import JournalStep
from redistrict.solver.search.area_options import Case, Stream
from redistrict.solver.search.search_area import anneal_run
from redistrict.solver.tasks.journal import Arrays, Form, Journal, kept
from redistrict.solver.tasks.stop import Stop

Assignment = NDArray[np.int32]
Draws = NDArray[np.uint16]

_STEPS = 24
"""Steps between two draws, for each community."""
_SEGMENT = 250
"""Draws that are kept in the journal at once."""
_WARM_UP = 0.25
"""Draws before those that count, as a share of these."""
_OFTEN, _SELDOM = 0.6, 0.3
"""Shares of tries kept above which more steps go at a time while that is learnt, and below which fewer."""
_START_EFFORT, _START_TRIES = 0.1, 3
"""Effort of a search for where a chain begins, and how often it is tried."""


@dataclass(frozen=True, eq=False)
class Segment:
    """Some draws of a chain.

    Attributes
    ----------
    draws : (n, n_blocks) uint16
        Communities of the blocks of the unit.
    stride : int
        Steps that go at a time where there are limits besides the bounds.
    """

    draws: Draws
    stride: int


def _to_arrays(segment: Segment) -> Arrays:
    return {"draws": segment.draws, "stride": np.array(segment.stride, dtype=np.int64)}


_SEGMENT_FORM = Form(_to_arrays, lambda arrays: Segment(arrays["draws"], int(arrays["stride"])))


def list_segments(n_draws: int) -> list[int]:
    """Give how many draws each segment of a chain has; those of the first one do not count."""
    return [max(1, round(_WARM_UP * n_draws)), *(min(_SEGMENT, n_draws - n) for n in range(0, n_draws, _SEGMENT))]


def segment_task(
    case: Case, chain: int, number: int, last: Segment | None, n_draws: int, stop: Stop, journal: Journal | None
) -> Callable[[], Segment]:
    """Give the task of drawing from one unit, going on from the segment before.

    It draws fewer where time was up or the user struck.

    A chain begins at a division that a search finds for prices drawn at random, or at that of the plan where it finds
    none: so chains begin far apart, and agree only when each has forgotten where it began.

    Parameters
    ----------
    case : Case
        With `labels`, the division of the plan.
    chain, number : int
        Which chain, and which segment of it: they tell its random numbers from those of others.
    last : Segment or None
        The one before; none for the first.
    """
    key = (JournalStep.DRAW, case.area, case.problem.n_communities, chain, number)
    rng = np.random.default_rng(case.sequence(Stream.DRAW, chain, number))
    return kept(journal, key, stop, partial(_draw, case, last, n_draws, rng, stop), _SEGMENT_FORM)


def _draw(case: Case, last: Segment | None, n_draws: int, rng: np.random.Generator, stop: Stop) -> Segment:
    """Make one segment; the first one learns how many steps go at a time."""
    problem = case.problem
    labels = _find_start(case, rng, stop) if last is None else last.draws[-1].astype(np.int32)
    n_steps = _STEPS * problem.n_communities
    stride, is_plain = 1 if last is None else last.stride, _is_plain(problem)
    ground, books = lay_ground(problem), open_books(problem, labels)
    draws = np.empty((n_draws, problem.n_blocks), dtype=np.uint16)
    for n in range(n_draws):
        if stop.reason:
            return Segment(draws[:n], stride)
        if is_plain:
            walk(ground, books, rng, n_steps)
        else:
            n_tries, n_kept = -(-n_steps // stride), 0
            for _ in range(n_tries):
                before = books.labels.copy()
                walk(ground, books, rng, stride)
                if is_feasible(problem, books.labels):
                    n_kept += 1
                else:
                    books = open_books(problem, before)
            if last is None and n_kept > _OFTEN * n_tries:
                stride = min(2 * stride, n_steps)
            elif last is None and n_kept < _SELDOM * n_tries:
                stride = max(1, stride // 2)
        draws[n] = books.labels
    return Segment(draws, stride)


def _is_plain(problem: AreaProblem) -> bool:
    """Tell whether there are no limits besides connectedness and the bounds."""
    forbids_necks = problem.necks is not None and problem.necks.price is None
    limits_moves = problem.stay is not None and problem.stay.max_moved is not None
    has_shape = problem.compactness is not None or problem.enclosure is not None
    return not (len(problem.apart) or has_shape or forbids_necks or limits_moves)


def _find_start(case: Case, rng: np.random.Generator, stop: Stop) -> Assignment:
    """Find a division for prices drawn at random; that of the plan where none is found."""
    problem = case.problem
    for _ in range(_START_TRIES):
        priced = replace(
            problem,
            edge_weight=rng.integers(-1000, 1001, len(problem.edges)),
            deviation_rate=np.zeros_like(problem.deviation_rate),
            stay=replace(problem.stay, rate=0) if problem.stay else None,
            idle=None,
            dear=None,
        )
        seed = np.random.SeedSequence(int(rng.integers(2**32)))
        found = anneal_run(priced, stop, start=None, seed=seed, effort=_START_EFFORT).best
        if found is not None:
            return found
    assert case.labels is not None, "a chain is given the division of the plan"
    return np.unique(case.labels, return_inverse=True)[1].astype(np.int32)
