"""A benchmark run: case after case, written down as it goes."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from redistrict.bench.instances import build_instance, list_cases, say_missing
from redistrict.bench.match import Outcome, play
from redistrict.bench.pictures import draw_costs, draw_times
from redistrict.bench.record import write_answers, write_record
from redistrict.bench.referee.contest import ANSWERS
from redistrict.bench.rivals import PEERS, Peer
from redistrict.errors import ScenarioError
from redistrict.messages import Message, name_some
from redistrict.scenario.benchmark import BenchmarkCase

Tell = Callable[[Message], None]


def run_benchmarks(
    folder: Path, names: Sequence[str], *, peers: Sequence[str], time_s: float | None, out: Path, tell: Tell
) -> list[Outcome]:
    """Run cases of a folder, all of them where none is named, and write the record after each.

    Parameters
    ----------
    peers : sequence of str
        Names of `PEERS`; those whose package is not installed are named and left out.
    time_s : float or None
        Seconds for our search, instead of those of the case.
    out : Path
        Folder for `results.json`, `table.md`, the pictures and `answers/`.
    tell : callable
        Called with what is skipped, and before each case.

    Raises
    ------
    ScenarioError
        If a case or peer is unknown, or a case file is wrong.
    """
    cases = choose_cases(folder, names)
    notes: list[Message] = []

    def note(message: Message) -> None:
        notes.append(message)
        tell(message)

    asked = list(_choose_peers(peers, note))
    outcomes: list[Outcome] = []
    workers = os.cpu_count() or 1
    for name, case in cases.items():
        absent = say_missing(name, case)
        if absent:
            note(absent)
            continue
        tell(Message(f"{name} ...", f"{name} ……"))
        outcomes.append(play(build_instance(name, case), asked, seconds=time_s or case.time_s, workers=workers))
        write_record(out, outcomes, notes, workers=workers)
        write_answers(out / ANSWERS, outcomes[-1])
        draw_costs(out, outcomes)
        draw_times(out, outcomes)
    return outcomes


def choose_cases(folder: Path, names: Sequence[str]) -> dict[str, BenchmarkCase]:
    """Give the named cases of a folder, or all.

    Raises
    ------
    ScenarioError
        If a case is unknown, or a case file is wrong.
    """
    cases = list_cases(folder)
    _refuse_unknown(names, list(cases), Message("case", "案例"))
    return {name: cases[name] for name in (names or cases)}


def _choose_peers(names: Sequence[str], note: Tell) -> Iterator[Peer]:
    known = {peer.name: peer for peer in PEERS}
    _refuse_unknown(names, list(known), Message("peer", "对手程序"))
    for name in names:
        if known[name].is_installed:
            yield known[name]
        else:
            package = known[name].package
            note(Message(f"{name}: left out, {package} is not installed.", f"{name}：未安装 {package}，略过。"))


def _refuse_unknown(names: Sequence[str], known: Sequence[str], what: Message) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        wrong, there = name_some(unknown), name_some(known, limit=60)
        raise ScenarioError(
            Message(
                f"There is no {what.en} {wrong.en}; there are: {there.en}.",
                f"没有名为 {wrong.zh} 的{what.zh}；现有：{there.zh}。",
            )
        )
