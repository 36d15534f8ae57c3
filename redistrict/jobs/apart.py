"""Apart: points solved in processes of their own, several at a time; what becomes of one never touches another."""

import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, connection, get_context, parent_process
from os import _exit
from pathlib import Path
from typing import TypeVar

from redistrict.errors import RedistrictError
from redistrict.jobs.inputs import read_inputs
from redistrict.jobs.sweep import Outcome, solve_point
from redistrict.messages import Message
from redistrict.report.sweep.record import State
from redistrict.scenario.points import Point
from redistrict.solver.tasks.pools import working_with
from redistrict.solver.tasks.stop import Stop

_T = TypeVar("_T")
_TURNS = 60
"""Points that one process solves before another takes its place: what libraries keep in memory is given back."""
_MOST = 61
"""Windows waits for no more processes at a time."""
_BLINK_S = 0.5
_DIED = Message(
    "its process was ended by the system (too little memory?); run the command again, alone on the machine, or with "
    "fewer --workers",
    "处理该区县的进程被系统终止（内存不足？）；请关闭其他程序或减小 --workers 后重新运行该命令",
)


def solve_apart(asked: Sequence[tuple[_T, Point, Path]], workers: int, stop: Stop) -> Iterator[tuple[_T, Outcome]]:
    """Solve points, each into a folder, and give what becomes of them in the order in which they end.

    Where the user interrupts nothing more is begun, and what runs is waited for: a search ends with the best plan so
    far. A process that dies costs its own point alone.

    Raises
    ------
    OutputError
        If results cannot be written.
    """
    suspects: list[tuple[_T, Point, Path]] = []
    yield from _solve(list(asked), workers, stop, suspects.extend)
    for one in suspects:  # one of them has ended a process in which, or beside which, the others ran
        died: list[tuple[_T, Point, Path]] = []
        yield from _solve([one], 1, stop, died.extend)
        yield from ((key, (State.REFUSED, (_DIED,))) for key, _, _ in died)


def _solve(
    waiting: list[tuple[_T, Point, Path]],
    workers: int,
    stop: Stop,
    give_back: Callable[[Sequence[tuple[_T, Point, Path]]], None],
) -> Iterator[tuple[_T, Outcome]]:
    """Solve points; those that were running when a process died are given back, and a new pool takes up the rest."""
    while waiting and stop.reason is None:
        running: dict[Future[Outcome], tuple[_T, Point, Path]] = {}
        context = get_context("spawn")  # no threads or locks of this process are copied, and it is so on Windows
        n = min(workers, _MOST, len(waiting))
        pool = ProcessPoolExecutor(n, context, _be_a_worker, max_tasks_per_child=_TURNS)
        with pool, _ended_at_once():
            while running or (waiting and stop.reason is None):
                try:
                    while waiting and len(running) < n and stop.reason is None:
                        running[pool.submit(_solve_one, *waiting[0][1:])] = waiting[0]
                        del waiting[0]
                    ended, _ = wait(running, timeout=_BLINK_S, return_when=FIRST_COMPLETED)
                    for future in ended:
                        outcome = future.result()
                        yield running.pop(future)[0], outcome
                except BrokenProcessPool:
                    give_back(list(running.values()))
                    break


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """Do not wait for what runs where an error, or a second Ctrl-C, ends the block; journals keep what was found."""
    others = active_children()
    try:
        yield
    except BaseException:
        for child in active_children():
            if child not in others:
                child.terminate()
        raise


def _solve_one(point: Point, out: Path) -> Outcome:
    """Solve a point; an error that nobody foresaw is its own, too."""
    try:
        with ThreadPoolExecutor(1) as pool, working_with(pool):
            return solve_point(point, out, read_inputs, lambda _: None)
    except RedistrictError:
        raise
    except Exception as error:  # noqa: BLE001 (hundreds of others need not fall with it)
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        return State.REFUSED, (Message(f"unexpected error, please report it: {told}", f"意外错误，请反馈：{told}"),)


def _be_a_worker() -> None:
    """Leave Ctrl-C to the search, and end when the process that gives the work has ended."""
    signal.signal(signal.SIGINT, lambda *_: None)  # a search puts its own in place of a function, not of `SIG_IGN`
    parent = parent_process()
    assert parent is not None, "a process of the pool"

    def watch() -> None:
        connection.wait([parent.sentinel])
        _exit(1)

    threading.Thread(target=watch, daemon=True).start()
