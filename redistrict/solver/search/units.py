"""Units: what is searched on its own (an area, or a part of one that pins divide), and results put together from them.

An area without pins is one unit of the same number. The parts of the others are numbered after all areas; where several
numbers of communities of an area leave the same part the same bounds, it is the same unit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from redistrict.model.areas import Limits
from redistrict.model.necessity import Necessity
from redistrict.model.pins import list_own
from redistrict.model.problem import Problem, area_problem
from redistrict.model.result import AreaResult, LocalOptimality, SolveStatus, StoppedBy
from redistrict.solver.joined import first_blocks
from redistrict.solver.knit import Knit, knit
from redistrict.solver.search.area_options import Assignment, Case, best_option

Known = Mapping[tuple[int, int], AreaResult]
"""What is known of each unit and number of communities."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way to divide an area: which units with how many communities.

    Attributes
    ----------
    knit : Knit or None
        None where the area is one unit.
    units, numbers : tuple of int
    """

    knit: Knit | None
    n_communities: int
    units: tuple[int, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Units:
    """All cases of a problem, and the ways in which they make up each area.

    Attributes
    ----------
    cases : tuple of Case
        Their `area` is the number of the unit.
    ways : tuple of tuple of Way
        Of each area; none where pins leave none.
    n_units : int
    """

    cases: tuple[Case, ...]
    ways: tuple[tuple[Way, ...], ...]
    n_units: int

    def only(self, areas: Collection[int]) -> list[int]:
        """Give the units that are some areas, as far as one unit is all of an area."""
        return [
            ways[0].units[0]
            for ways in (self.ways[number] for number in sorted(areas))
            if ways and len(ways[0].units) == 1
        ]


def list_units(problem: Problem, seed: int, start: Assignment | None) -> Units:
    """Give every unit with every number of communities it may have, with its part of the plan to start from.

    Parameters
    ----------
    start : (n_blocks,) int32 or None
    """
    cases: dict[tuple[int, int], Case] = {}
    number_of: dict[tuple[int, bytes, Limits], int] = {}
    ways = []
    for number, area in enumerate(problem.areas):
        own = []
        for option in area.options:
            whole = area_problem(problem, number, option.n_communities)
            labels = None if start is None else start[list(area.blocks)]
            if not list_own(problem.demands, area.blocks):
                cases[number, option.n_communities] = Case(number, whole, seed, labels)
                own.append(Way(None, option.n_communities, (number,), (option.n_communities,)))
                continue
            tied = knit(whole, area.blocks, problem.demands, any_total=problem.frees)
            keys = [(number, part.tobytes(), option.of_count(0)) for part in tied.parts]
            units = tuple(number_of.setdefault(key, len(problem.areas) + len(number_of)) for key in keys)
            own += [Way(tied, option.n_communities, units, numbers) for numbers in tied.numbers]
            for p, n in sorted({(p, n) for numbers in tied.numbers for p, n in enumerate(numbers)}):
                at = first_blocks(tied.cluster)[tied.parts[p]]
                start_there = None if labels is None else labels[at]
                cases.setdefault((units[p], n), Case(units[p], tied.cut(p, n), seed, start_there))
        ways.append(tuple(own))
    ordered = tuple(case for _, case in sorted(cases.items()))
    return Units(ordered, tuple(ways), len(problem.areas) + len(number_of))


def put_units_together(
    units: Units, problem: Problem, known: Iterable[tuple[Case, AreaResult]], best: Mapping[int, AreaResult]
) -> list[AreaResult]:
    """Give what was found for each area.

    Parameters
    ----------
    known : iterable of (Case, AreaResult)
        Of every case.
    best : mapping of int to AreaResult
        What is known of each unit, of its best number of communities.
    """
    of_each = {(case.area, case.problem.n_communities): result for case, result in known}
    if problem.frees:
        of_each |= {(number, result.n_communities): result for number, result in best.items()}
    return [
        best[number]
        if ways and ways[0].knit is None
        else best_option([_of_way(way, of_each) for way in ways] or [_none(area.n_min)])
        for number, (area, ways) in enumerate(zip(problem.areas, units.ways, strict=True))
    ]


def _none(n_communities: int) -> AreaResult:
    return AreaResult(n_communities, SolveStatus.INFEASIBLE, StoppedBy.PROOF, None, None, None)


def _of_way(way: Way, known: Known) -> AreaResult:
    """Put the parts of an area together, divided in one of the ways."""
    found = [known[key] for key in zip(way.units, way.numbers, strict=True)]
    if any(one.status is SolveStatus.INFEASIBLE for one in found):
        return _none(way.n_communities)
    bounds, costs = [one.bound for one in found], [one.cost for one in found]
    is_solved, is_proved = None not in costs, all(one.status is SolveStatus.OPTIMAL for one in found)
    stopped = [one.stopped_by for one in found if one.status is not SolveStatus.OPTIMAL]
    plan = _expand(way, [one.assignment for one in found])
    return AreaResult(
        n_communities=way.n_communities,
        status=SolveStatus.OPTIMAL if is_proved else SolveStatus.FEASIBLE if is_solved else SolveStatus.UNKNOWN,
        stopped_by=StoppedBy.PROOF if is_proved else stopped[0],
        assignment=plan,
        cost=sum(cost for cost in costs if cost is not None) if is_solved else None,
        bound=None if None in bounds else sum(bound for bound in bounds if bound is not None),
        nearest=None if is_solved else _expand(way, [one.assignment or one.nearest for one in found]),
        local=LocalOptimality.total(one.local for one in found),
        exceptions=_weakest([one.exceptions for one in found if one.exceptions is not None]),
    )


def _expand(way: Way, plans: Sequence[tuple[int, ...] | None]) -> tuple[int, ...] | None:
    given = [plan for plan in plans if plan is not None]
    if way.knit is None or len(given) < len(plans):
        return None
    return way.knit.expand(given, way.numbers)


def _weakest(proved: Sequence[Necessity]) -> Necessity | None:
    """Give what is proved of the exceptions of all parts."""
    return next((one for one in reversed(Necessity) if one in proved), None)
