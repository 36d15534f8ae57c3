"""The trade-off front: scenario in, verified results out of which none is better in every measure, and a page."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from redistrict.errors import ScenarioError
from redistrict.jobs.run import Question, search
from redistrict.jobs.several import as_result, deliver_several, measured, searching_on, write_plans
from redistrict.messages import Message, name_some
from redistrict.model.problem import Problem
from redistrict.model.result import Result, StoppedBy
from redistrict.report.front.content import Front, gather_front, place_of
from redistrict.report.front.page import write_front_page
from redistrict.report.front.table import write_front_table
from redistrict.scenario import Scenario
from redistrict.solver.front import FrontPlan, find_front
from redistrict.solver.measuring import Measure
from redistrict.solver.tasks.journal import Journal
from redistrict.solver.tasks.progress import OnProgress, told_between

__all__ = ["Front", "make_front", "read_measures"]

_BEST, _SEARCHED = 0.2, 0.7
"""Shares of the progress told until the best plan is found, and until the others are."""


def read_measures(names: str) -> tuple[Measure, ...]:
    """Read the names of measures, the one that searches make least moved to the front.

    Raises
    ------
    ScenarioError
        If there are fewer than two, an unknown one, or not exactly one of cost and crossing.
    """
    asked = list(dict.fromkeys(name.strip().lower() for name in names.split(",") if name.strip()))
    known = {measure.value: measure for measure in Measure}
    unknown = [name for name in asked if name not in known]
    problems = []
    if unknown:
        named, all_known = name_some(unknown), ", ".join(known)
        problems.append(
            Message(
                f"--of: unknown measure {named.en}; there are: {all_known}.",
                f"--of：未知的指标 {named.zh}；可用：{all_known}。",
            )
        )
    measures = [known[name] for name in asked if name in known]
    if not unknown and (len(measures) < 2 or sum(measure.is_price for measure in measures) != 1):
        problems.append(
            Message(
                "--of: give two measures or more, one of them cost or crossing and not both, such as "
                "--of crossing,moved.",
                "--of：请给出至少两个指标，其中恰有一个是 cost 或 crossing，例如 --of crossing,moved。",
            )
        )
    if problems:
        raise ScenarioError(problems)
    return tuple(sorted(measures, key=lambda measure: not measure.is_price))


def make_front(
    scenario: Scenario,
    measures: Sequence[Measure],
    count: int,
    *,
    out: Path | str,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> Front:
    """Find plans of which none is better than another in every measure, and deliver each to `out`, whole.

    `01`, `02` and so on are the results, those with the least of the second measure first. The time limit of the
    scenario holds for the plan that it asks for, and once more for all searches after it together.

    Raises
    ------
    ScenarioError
        If a measure has no meaning in this scenario.
    DataError, OutputError, InfeasibleScenarioError, SolverError, InterruptedSolveError, VerificationError
        As `run`.
    """
    out, tell = Path(out), on_progress or (lambda _: None)
    return deliver_several(
        "front",
        scenario,
        out,
        lambda asked: _search(asked, _check(asked, measures), measures, count, out, tell),
        lambda folder, asked, searched: _write(folder, asked, measures, searched, told_between(tell, _SEARCHED, 1.0)),
        tell,
        overwrite=overwrite,
    )


def _check(asked: Question, measures: Sequence[Measure]) -> Problem:
    """Give the problem with all that the measures need to know.

    Raises
    ------
    ScenarioError
        If they cannot.
    """
    communities = asked.scenario.communities
    problems = []
    if communities.change != "redraw":
        problems.append(
            Message(
                f"communities.change: {communities.change}: a front needs plans that redraw; set change: redraw.",
                f"communities.change: {communities.change}：权衡前沿只适用于重划方案，请改为 redraw。",
            )
        )
    if Measure.MOVED in measures and asked.inputs.records.current is None:
        problems.append(
            Message(
                "--of moved: the scenario names no communities of today (data.current); leave moved out.",
                "--of moved：方案未给出现有社区（data.current）；请去掉 moved。",
            )
        )
    if Measure.COMPACTNESS in measures and asked.scenario.output.boundary == "edge":
        problems.append(
            Message(
                "--of compactness is that of boundaries on centrelines; leave it out, or output.boundary: edge.",
                "--of compactness 按沿街道中线的界线计算；请去掉该指标，或删去 output.boundary: edge。",
            )
        )
    if Measure.COUNT in measures and all(area.n_min == area.n_max for area in asked.problem.areas):
        problems.append(
            Message(
                "--of count: the scenario leaves no choice of the number of communities; give communities.count as a "
                "range, or leave count out.",
                "--of count：方案中社区数量已确定；请将 communities.count 设为范围，或去掉 count。",
            )
        )
    if problems:
        raise ScenarioError(problems)
    return measured(asked, measures)


@dataclass(frozen=True, eq=False)
class _Searched:
    """The plans as results, the knee among them if there is one, and what ended the search."""

    results: tuple[Result, ...]
    knee: int | None
    stopped: StoppedBy


def _search(
    asked: Question, measured: Problem, measures: Sequence[Measure], count: int, out: Path, tell: OnProgress
) -> tuple[_Searched, Journal]:
    """Search for the plan of the scenario, and for the front."""
    best, journal = search(asked, out, told_between(tell, 0.0, _BEST))
    stopped = best.stopped_by
    began, rules = time.monotonic(), asked.scenario.solve
    with searching_on(asked, best, out) as stop:
        plans = find_front(
            measured,
            best,
            measures,
            count,
            rules,
            stop,
            told_between(tell, _BEST, _SEARCHED),
            journal=journal,
            hopeless=asked.known.areas,
        )
    seconds = time.monotonic() - began
    results = tuple(as_result(asked, best, one.plan, seconds) for one in plans)
    return _Searched(results, _find_knee(plans), stop.reason or stopped), journal


def _find_knee(plans: Sequence[FrontPlan]) -> int | None:
    return next((n for n, one in enumerate(plans) if one.is_knee), None)


def _write(folder: Path, asked: Question, measures: Sequence[Measure], searched: _Searched, tell: OnProgress) -> Front:
    """Write each plan as a result of its own, judged, and what compares them."""
    places = [folder / place_of(n) for n in range(len(searched.results))]
    write_plans(places, asked, searched.results, tell)
    found = gather_front(places, measures, searched.knee, searched.stopped)
    write_front_page(folder / "front.html", found)
    write_front_table(folder / "front.csv", found)
    return found
