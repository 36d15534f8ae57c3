"""Repairs in the background: one at a time, the latest wins, and each ends in one of four ways."""

import queue
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from redistrict.errors import InfeasibleScenarioError
from redistrict.messages import Message
from redistrict.review.desk import Desk
from redistrict.review.healer import Healer
from redistrict.scenario.pins import Pin
from redistrict.solver.tasks.stop import Stop

WAITS, ENDS, FAILS, BREAKS, HALTS = (Pin.model_validate({"reason": "r", "keep": key}) for key in "abcde")


class Told:
    """What browsers were told, to be waited for."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.news = threading.Condition()

    def __call__(self, name: str, values: dict[str, Any]) -> None:
        """Hear something."""
        assert name == "heal"
        with self.news:
            self.seen.append((values["preview"], values["status"]))
            self.news.notify_all()

    def wait(self, key: str, status: str) -> None:
        """Wait until a preview is told to have a status."""
        with self.news:
            assert self.news.wait_for(lambda: (key, status) in self.seen, timeout=10), self.seen


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def healer(desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch) -> Healer:
    """Give a healer whose solver waits for its stop, ends, finds nothing or breaks, as the pin says."""

    def solve(_: object, pins: tuple[Pin, ...], *, stop: Stop, on_progress: Any, on_found: Any) -> Any:
        on_progress(SimpleNamespace(phase=Message("Repairing (3 communities)", "修复方案（3 个社区）")))
        if pins == (HALTS,):
            on_found(SimpleNamespace(labels=np.array([0, 0, 1])))
            while stop.reason is None:
                threading.Event().wait(0.01)
            on_found(SimpleNamespace(labels=np.array([0, 1, 1])))
        if pins == (FAILS,):
            raise InfeasibleScenarioError(Message("no plan keeps to pin 1", "没有方案"))
        if pins == (BREAKS,):
            raise ZeroDivisionError("a bug")
        while pins == (WAITS,) and stop.reason is None:
            threading.Event().wait(0.01)
        for labels in ([0, 0, 1], [0, 1, 1], [0, 1, 1]):
            on_found(SimpleNamespace(labels=np.array(labels)))

    monkeypatch.setattr("redistrict.review.healer.solve_pins", solve)
    return Healer(desk, told)


def test_the_latest_repair_stops_the_one_before(healer: Healer, told: Told) -> None:
    """The first is stopped and gives nothing; the second runs after it, and is done."""
    first = healer.start((WAITS,))
    told.wait(first, "running")
    second = healer.start((ENDS,))
    told.wait(second, "done")
    assert told.seen.index((first, "stopped")) < told.seen.index((second, "done"))
    found = healer.get(first), healer.get(second)
    assert [(one.status, len(one.found)) for one in found if one] == [("stopped", 0), ("done", 3)]


def test_only_the_plan_found_last_is_the_answer(healer: Healer, told: Told) -> None:
    """Every one found is told and stays known; the answer is the last, and whatever is the same plan."""
    key = healer.start((ENDS,))
    told.wait(key, "done")
    assert [status for _, status in told.seen] == ["running", "running", "found", "found", "found", "done"]
    preview = healer.get(key)
    assert preview is not None
    assert [preview.is_answer(one) for one in preview.found] == [False, True, True]


def test_what_was_found_before_a_stop_stays_known(healer: Healer, told: Told) -> None:
    """It is not the answer, and nothing found after the stop counts."""
    key = healer.start((HALTS,))
    told.wait(key, "found")
    healer.stop(key)
    told.wait(key, "stopped")
    preview = healer.get(key)
    assert preview is not None
    assert [preview.is_answer(one) for one in preview.found] == [False]


def test_what_a_time_limit_ended_is_no_answer(healer: Healer, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another computer gets farther in the same time."""
    monkeypatch.setattr("redistrict.review.healer.Stop", lambda _: Stop(0.0))
    key = healer.start((ENDS,))
    told.wait(key, "done")
    preview = healer.get(key)
    assert preview is not None
    assert not any(preview.is_answer(one) for one in preview.found)


def test_a_repair_that_is_forgotten_stops_and_is_gone(healer: Healer, told: Told) -> None:
    """Nobody can accept it any more."""
    key = healer.start((WAITS,))
    told.wait(key, "running")
    healer.forget(key)
    told.wait(key, "stopped")
    assert healer.get(key) is None
    healer.forget("none")


def test_what_ends_without_a_plan_says_why(healer: Healer, told: Told) -> None:
    """The reasons are those of the solver."""
    key = healer.start((FAILS,))
    told.wait(key, "failed")
    preview = healer.get(key)
    assert preview is not None
    assert [reason.en for reason in preview.reasons] == ["no plan keeps to pin 1"]


def test_a_bug_ends_a_repair_as_well(healer: Healer, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page does not wait for ever, the bug is told where threads tell theirs, and the next repair runs."""
    bugs: queue.Queue[threading.ExceptHookArgs] = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", bugs.put)
    key = healer.start((BREAKS,))
    told.wait(key, "failed")
    assert bugs.get(timeout=10).exc_type is ZeroDivisionError
    told.wait(healer.start((ENDS,)), "done")
