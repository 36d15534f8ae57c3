"""Claims: what a report says of the search, which nobody can count again; whether it holds together."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from redistrict.judge.told import read_json, section
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message
from redistrict.scenario.models import Scenario

STATUSES = ("OPTIMAL", "FEASIBLE")
ENDINGS = ("proof", "effort", "time_limit", "interrupt")
LEAST_M = 1e-14
"""No unit of cost is finer, in weighted metres."""
MOST_M = 1e30
"""No plan costs more, in weighted metres."""
PARTS = {"read", "graph", "search", "pairs", "bound", "proof", "drawing", "counting", "writing", "judging"}
PROVED = (("pairs_proved", "pairs"), ("triples_proved", "triples"))


def judge_claims(scenario: Scenario, folder: Path) -> Verification:
    """Judge whether status, bound, gap and proofs of `report.json` fit each other and the scenario.

    What they rest on, the search and its proofs, is not repeated: that is said under `not_checked`.
    """
    try:
        report = read_json(folder / "report.json")
    except (OSError, ValueError):
        return Verification(())  # told by `verify_files`
    wrong = tuple(_find_wrong(report, scenario))
    return Verification(wrong, not_checked=() if wrong else tuple(_list_unproved(report)))


def _find_wrong(report: dict[str, Any], scenario: Scenario) -> Iterator[Violation]:
    numbers: list[Any] = [report.get(key) for key in ("status", "stopped_by", "cost", "bound", "gap")]
    status, ending, cost, bound, gap = numbers
    if status not in STATUSES:
        yield _wrong("status", status, " / ".join(STATUSES))
    if ending not in ENDINGS:
        yield _wrong("stopped_by", ending, " / ".join(ENDINGS))
    if not _is_cost(cost) or not (bound is None or _is_cost(bound)):
        yield _wrong("cost, bound", f"{cost}, {bound}", "numbers")
    else:
        right = None if bound is None else _gap(cost, bound)
        is_freed = bool(report.get("exceptions"))  # its bound is for plans without exceptions
        if bound is not None and bound > cost and not is_freed:
            yield _wrong("bound", bound, f"at most the cost {cost}")
        if (gap is None) != (right is None) or (right is not None and not _is_near(gap, right)):
            yield _wrong("gap", gap, right)
        if (status == "OPTIMAL") != (right == 0) and not (status == "FEASIBLE" and is_freed):
            yield _wrong("status", status, "OPTIMAL exactly where the bound is the cost")
        if (status == "OPTIMAL") != (ending == "proof"):
            yield _wrong("stopped_by", ending, "proof exactly where the status is OPTIMAL")
    counts = section(report, "local_optimality")
    for proved, of in PROVED:
        n, most = counts.get(proved), counts.get(of)
        if type(n) is not int or type(most) is not int or not 0 <= n <= most:
            yield _wrong(f"local_optimality.{proved}", n, f"0 to {most}")
    for key, right in _data_terms(scenario).items():
        if (said := section(section(report, "provenance"), "data").get(key)) != right:
            yield _wrong(f"provenance.data.{key}", said, right)
    if counts.keys() != {name for pair in PROVED for name in pair}:
        yield _wrong("local_optimality", ", ".join(map(str, counts)), "pairs and triples, with those proved")
    told = report.get("exceptions")
    if not isinstance(told, list) or not all(map(_is_message, told)):
        yield _wrong("exceptions", told, "a list of sentences in both languages")
    if report.get("seed") != scenario.solve.seed:
        yield _wrong("seed", report.get("seed"), scenario.solve.seed)
    timings = section(section(report, "provenance"), "timings_s")
    if timings.keys() != {"read", "solve"} or not all(map(_is_measured, timings.values())):
        yield _wrong("provenance.timings_s", timings, "seconds of read and solve")
    spent = section(report, "provenance").get("spent")
    if not isinstance(spent, dict) or not spent.keys() <= PARTS or not all(map(_is_spent, spent.values())):
        yield _wrong("provenance.spent", spent, f"cpu_s and peak_mib of {', '.join(sorted(PARTS))}")


def _data_terms(scenario: Scenario) -> dict[str, Any]:
    """Give the date and the licence of the data as a report has them."""
    day, licence = scenario.data.date, scenario.data.licence
    return {
        "date": None if day is None else f"{day.year:04}-{day.month:02}-{day.day:02}",
        "licence": None if licence is None else {"zh": licence.zh, "en": licence.en},
    }


_LONGEST_S = 1e9
"""Thirty years."""


def _gap(cost: float, bound: float) -> float:
    """Give the share of the cost that the bound leaves open."""
    return 0.0 if cost <= bound else (cost - bound) / max(abs(cost), LEAST_M)


def _is_spent(told: Any) -> bool:
    return isinstance(told, dict) and told.keys() == {"cpu_s", "peak_mib"} and all(map(_is_measured, told.values()))


def _is_measured(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= _LONGEST_S


def _is_message(told: Any) -> bool:
    is_pair = isinstance(told, dict) and told.keys() == {"en", "zh"}
    return is_pair and all(isinstance(text, str) for text in told.values())


def _is_cost(value: Any) -> bool:
    return _is_number(value) and abs(value) <= MOST_M


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _is_near(value: Any, right: float) -> bool:
    return _is_number(value) and abs(value - right) <= 1e-9


def _wrong(what: str, found: Any, allowed: Any) -> Violation:
    message = Message(
        f"report.json: {what} is {found}; with the rest of the report it must be {allowed}.",
        f"report.json：{what} 为 {found}，与报告其余内容相符的应为 {allowed}。",
    )
    return Violation("report", None, (), str(found), str(allowed), message)


def _list_unproved(report: dict[str, Any]) -> Iterator[Message]:
    """Say what of a report rests on the search alone."""
    counts, bound = report["local_optimality"], report["bound"]
    if bound is not None:
        yield Message(
            f"that no plan costs less than {bound:,.0f} weighted metres (the bound): the proof is not repeated",
            f"任何方案的代价都不低于 {bound:,.0f} 加权米（下界）：不重复证明",
        )
    for proved, of in PROVED:
        if counts[of]:
            yield Message(
                f"that {counts[proved]} of {counts[of]} {of} of neighbouring communities have no better division: the "
                "proofs are not repeated",
                f"{counts[of]} 组相邻社区（{of}）中有 {counts[proved]} 组没有更优划分：不重复证明",
            )
    if report.get("exceptions"):
        yield Message(
            "that the exceptions from the bounds are as few and as small as is said: the proof is not repeated",
            "规模限制的例外确如所述最少、最小：不重复证明",
        )
    yield Message(
        "how the search went: why it stopped, its seconds and memory, pictures/search.png and search.svg",
        "搜索过程：停止原因、用时和内存、pictures/search.png 和 search.svg",
    )
