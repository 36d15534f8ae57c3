"""Sweep: a scenario with values for its keys in, a verified result for each point out, and a page to compare them."""

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from redistrict.errors import (
    DataError,
    InfeasibleScenarioError,
    InterruptedSolveError,
    OutputError,
    RedistrictError,
    ScenarioError,
    SolverError,
    VerificationError,
)
from redistrict.jobs.inputs import Inputs, list_read, read_inputs
from redistrict.jobs.run import RESUMING, Read, run_reading
from redistrict.jobs.sweep_points import Layout, check_blocked, count_kept, lay_out, part_of, read_before
from redistrict.messages import NOTHING, Message
from redistrict.model.result import StoppedBy
from redistrict.report.delivery import cannot_write, locked
from redistrict.report.sweep.content import Planned, Points, gather_points, read_planned
from redistrict.report.sweep.districts import Districts
from redistrict.report.sweep.page import write_sweep_page
from redistrict.report.sweep.record import PAGE, POINTS, RECORD, TABLE, Record, Session, State, write_record
from redistrict.report.sweep.table import write_sweep_table
from redistrict.scenario import Scenario
from redistrict.scenario.points import Point
from redistrict.solver.tasks.progress import OnProgress, Progress

__all__ = ["Points", "make_sweep"]

_WITHOUT_PLAN: dict[type[RedistrictError], State] = {
    InfeasibleScenarioError: State.INFEASIBLE,
    SolverError: State.NOT_FOUND,
    VerificationError: State.UNVERIFIED,
    DataError: State.REFUSED,
    ScenarioError: State.REFUSED,
}
"""What becomes of a point that is refused; every other error ends the sweep."""
Outcome = tuple[State, tuple[Message, ...]]


def make_sweep(
    points: Sequence[Point], *, out: Path | str, overwrite: bool = False, on_progress: OnProgress | None = None
) -> Points:
    """Solve every point that is not solved yet, and deliver each as a result of its own below `out`.

    Record, table and page stand beside them and are written anew after every point. Called again, the sweep goes on
    where it was. A point without a plan never stops the others; where the user interrupts, the rest stays open.

    Raises
    ------
    OutputError
        If `out` holds something else, or (without `overwrite`) answers to other questions in the folders of points; or
        if something cannot be written.
    """
    out = Path(out)
    read_before(out)  # refuses before a folder is made
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(cannot_write(out, error)) from error
    with locked(out.resolve()):
        layout = lay_out(points, out)
        if not overwrite:
            check_blocked(layout, out)
        return _sweep(layout, out, on_progress or (lambda _: None))


def write_points(
    out: Path, record: Record, read: Callable[[Path], Planned], districts: Districts | None = None
) -> Points:
    """Write record, table and page of a sweep, each whole or not at all.

    Raises
    ------
    OutputError
    """
    points = gather_points(out, record, read, districts)
    try:
        for name, write in (
            (RECORD, partial(write_record, record=record)),
            (TABLE, partial(write_sweep_table, points=points)),
            (PAGE, partial(write_sweep_page, points=points)),
        ):
            _put(out, name, write)
    except OSError as error:
        raise OutputError(cannot_write(out, error)) from error
    return points


def _put(out: Path, name: str, write: Callable[[Path], None]) -> None:
    aside = out / part_of(name)
    aside.unlink(missing_ok=True)  # a killed sweep left it, or it is a link that somebody put there
    write(aside)
    with aside.open("rb+") as file:
        os.fsync(file.fileno())
    aside.replace(out / name)


def keep_record(out: Path, record: Record) -> None:
    """Write the record alone.

    Raises
    ------
    OutputError
    """
    try:
        _put(out, RECORD, partial(write_record, record=record))
    except OSError as error:
        raise OutputError(cannot_write(out, error)) from error


def enter(record: Record, question: str, folder: str, outcome: Outcome) -> Record:
    """Put what has become of a question to all of its points."""
    state, reasons = outcome
    changes = {"state": state, "folder": folder if state is State.DONE else "", "reasons": reasons}
    entries = tuple(replace(one, **changes) if one.question == question else one for one in record.entries)  # type: ignore[arg-type]
    return replace(record, entries=entries)


def _sweep(layout: Layout, out: Path, tell: OnProgress) -> Points:
    """Solve question after question."""
    record, earlier = layout.record, layout.record.sessions
    asked = list_open(layout)
    n_known = len(layout.folder_of) - len(asked)
    session, reader, began = Session(solved_reused=n_known), _Reader(), time.monotonic()
    read_plan = cache(read_planned)
    found = write_points(out, replace(record, sessions=(*earlier, session)), read_plan)
    for n, (question, point) in enumerate(asked):
        name = layout.folder_of[question]
        mean_s = (time.monotonic() - began) / n if n else None
        heed = _Heed(tell, point.number, n_known + n, len(layout.folder_of), mean_s, partial(count_kept, out, name))
        outcome = solve_point(point, out / POINTS / name, reader, heed)
        if outcome[0] is State.OPEN:
            break
        session = Session(reader.n_read, reader.n_reused, n + 1, n_known, session.search_tasks_reused + heed.n_taken_up)
        record = replace(enter(record, question, name, outcome), sessions=(*earlier, session))
        found = write_points(out, record, read_plan)
    return found


def list_open(layout: Layout) -> list[tuple[str, Point]]:
    """Give each question without an answer with its first point; those that read the same data one after another."""
    first: dict[str, Point] = {}
    for entry, point in zip(layout.record.entries, layout.points, strict=True):
        if entry.state is State.OPEN:
            first.setdefault(entry.question, point)
    reading = {question: list_read(point.scenario) for question, point in first.items()}
    turn = {text: n for n, text in reversed(list(enumerate(reading.values())))}
    return sorted(first.items(), key=lambda one: turn[reading[one[0]]])


def solve_point(point: Point, out: Path, read: Read, tell: OnProgress) -> Outcome:
    """Solve a point; it stays open where the user interrupts, with the best plan so far in its folder if there is one.

    Whatever stands in the folder has been found to be ours to replace.

    Raises
    ------
    OutputError
    """
    try:
        report = run_reading(read, point.scenario, out=out, overwrite=True, on_progress=tell)
    except InterruptedSolveError:
        return State.OPEN, ()
    except tuple(_WITHOUT_PLAN) as error:
        return _WITHOUT_PLAN[type(error)], error.problems
    return (State.OPEN if report.result.stopped_by is StoppedBy.INTERRUPT else State.DONE), ()


class _Reader:
    """Reads what a scenario names, unless it is what was read last."""

    def __init__(self) -> None:
        self.n_read = self.n_reused = 0
        self._last: tuple[str, Inputs] | None = None

    def __call__(self, scenario: Scenario) -> Inputs:
        wanted = list_read(scenario)
        if self._last is not None and self._last[0] == wanted:
            self.n_reused += 1
        else:
            self._last = None  # two cities need not fit into memory
            self._last = (wanted, read_inputs(scenario))
            self.n_read += 1
        return self._last[1]


class _Heed:
    """Tells the progress of one point as that of the whole sweep, with the time left where one can tell.

    Where its search goes on from an unfinished one, the tasks that this has kept are counted: those of searches for
    other answers are gone by then.
    """

    def __init__(
        self, tell: OnProgress, number: int, n_done: int, n: int, mean_s: float | None, count: Callable[[], int]
    ) -> None:
        minutes = 0 if mean_s is None else math.ceil(mean_s * (n - n_done) / 60)
        left = Message(f", about {minutes} min left", f"，约剩 {minutes} 分钟") if minutes else NOTHING
        self._tell, self._done, self._n, self._count = tell, n_done, n, count
        self._before = Message(
            f"Point {number} ({n_done} of {n} done{left.en}): ", f"第 {number} 点（已完成 {n_done}/{n}{left.zh}）："
        )
        self.n_taken_up = 0

    def __call__(self, progress: Progress) -> None:
        if progress.phase == RESUMING:
            self.n_taken_up = self._count()
        fraction = (self._done + progress.fraction) / self._n
        self._tell(replace(progress, phase=self._before + progress.phase, fraction=fraction))
