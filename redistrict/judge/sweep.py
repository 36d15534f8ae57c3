"""The table of a sweep, held against the reports and scenarios of its points by means of the judge's own."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import Any

import pandas as pd

from redistrict.judge.question import flat
from redistrict.judge.reading import read_result_table
from redistrict.judge.sweep_places import POINTS, RECORD, TABLE, judge_places, read_points
from redistrict.judge.told import read_json, section
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message, name_some
from redistrict.scenario import Scenario
from redistrict.scenario.delivered import load_delivered

_CLAIMED = Message(
    "sweep.json: of points without a plan outcome, reasons and values of keys; which points ask the same; what each "
    "session did",
    "sweep.json：无方案各点的结果、原因和键值；哪些点的问题相同；各次运行的工作量",
)
_CROSSING = "crossing_"
_OWN = ("point", "folder", "reasons")
"""Columns that no scenario or report tells of."""
_SLACK = 1e-6
"""Deviations are published with six decimals."""


def judge_sweep(folder: Path) -> Verification:
    """Check that the table has a row for each point, and that it says what the point's scenario and report say.

    Raises
    ------
    OSError
        If a file that is there cannot be read.
    ScenarioError
        If the scenario of a point cannot be read.
    """
    if not (places := judge_places(folder)).ok:
        return places
    points = read_points(folder)
    assert not isinstance(points, Violation), "the record has been read"
    wanted = [(str(one["point"]), f"{POINTS}/{one['folder']}" if one["folder"] else "") for one in points]
    try:
        rows = read_result_table(folder / TABLE)
        given = list(zip(rows["point"], rows["folder"], strict=True))
        without = Counter(rows.loc[rows["folder"] == "", "status"])
    except (ValueError, KeyError, FileNotFoundError) as error:
        message = Message(f"{TABLE} cannot be read ({error!r}).", f"{TABLE} 无法读取（{error!r}）。")
        return Verification((Violation("sweep", None, (), "unreadable", "a table", message),))
    if given != wanted:
        odd = name_some(sorted({f"{one}" for one, _ in set(given) ^ set(wanted)}) or ["order"])
        message = Message(
            f"{TABLE}: the points and their folders are not those of {RECORD}: {odd.en}.",
            f"{TABLE}：各点及其文件夹与 {RECORD} 不符：{odd.zh}。",
        )
        return Verification((Violation("sweep", None, (), odd.en, f"as in {RECORD}", message),))
    scenarios = {name: load_delivered(folder / name) for _, name in wanted if name}
    reports = {name: read_json(folder / name / "report.json") for name in scenarios}
    keys = tuple(points[0]["values"])
    planned = [(row, row["folder"]) for _, row in rows.iterrows() if row["folder"]]
    found = [fault for row, name in planned for fault in _judge_row(row, scenarios[name], reports[name], keys)]
    others = {path.name for path in (folder / POINTS).glob("[!.]*") if path.is_dir()}
    notes = (*_say_without(without, len(rows)), *_say_besides(list(scenarios.values()), keys))
    unknown = _say_others(sorted(others - {name.removeprefix(f"{POINTS}/") for name in scenarios}))
    return Verification(tuple(found), notes, not_checked=(_CLAIMED, *unknown))


def _judge_row(
    row: "pd.Series[Any]", scenario: Scenario, report: Mapping[str, Any], keys: Sequence[str]
) -> Iterator[Violation]:
    """Name every cell of a point with a plan that says something else; of what the judge does not know, every one."""
    told = _publish(report) | {"within": _share_within(report["communities"], scenario)}
    if "cost_crossing" not in row.index:  # where points count cost differently its parts are left out
        told = {name: value for name, value in told.items() if not name.startswith("cost_")}
    wanted = told | {key: _at(scenario, key) for key in keys}
    for name in (*row.index, *wanted.keys() - set(row.index)):
        value = wanted.get(name, 0.0 if name.startswith(_CROSSING) else None)
        if name not in _OWN and not _says(row.get(name, ""), value):
            yield _differs(row, name, value)


def _publish(report: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a report says of each column that the judge knows."""
    totals, office, communities = section(report, "totals"), section(report, "standards"), report["communities"]
    lineage, premises = section(office, "lineage"), section(office, "premises")
    surplus = section(office, "transition").get("surplus")
    worst = {
        f"{name}_worst": None if None in (off := [row[column] for row in communities]) else max(map(abs, off))
        for name, column in (("households", "households_deviation"), ("people", "population_deviation"))
    }
    return {
        **{name: report[name] for name in ("status", "stopped_by", "cost", "bound", "gap")},
        "communities": len(communities),
        "exceptions": sum(row["exception"] is not None for row in communities),
        "workers": totals.get("workers"),
        "boundary_m": totals.get("boundary_m"),
        "moved": lineage.get("moved"),
        "moved_share": lineage.get("moved_share"),
        "premises_short": premises.get("short_of_norm"),
        "premises_short_m2": premises.get("shortfall_m2"),
        "first_year": _first_year(section(office, "growth")),
        "staff_left": None if surplus is None else sum(surplus.values()),
        **worst,
        **{f"cost_{name}": metres for name, metres in section(totals, "cost_parts").items()},
        **{_CROSSING + name: metres for name, metres in section(totals, "crossing_m").items() if metres},
    }


def _first_year(growth: Mapping[str, Any]) -> int | Message | None:
    if not growth.get("years"):
        return None
    last = growth["years"][-1]
    return growth["first_year"] or Message(f"none to {last}", f"至{last}年均符合")


def _share_within(communities: Sequence[Mapping[str, Any]], scenario: Scenario) -> float | None:
    """Count the communities no quantity of which is off by more than its tolerance, where the data have any."""
    columns = {"households_deviation": "households", "population_deviation": "people"}
    known = [(column, q) for column, q in columns.items() if all(row[column] is not None for row in communities)]
    allowed = {column: getattr(scenario.communities.tolerance, q) + _SLACK for column, q in known}
    n = sum(all(abs(row[column]) <= most for column, most in allowed.items()) for row in communities)
    return n / len(communities) if allowed else None


def _at(scenario: Scenario, key: str) -> Any:
    """Give what a scenario has at a key with dots; none for a section."""
    node: Any = scenario.model_dump(mode="json", by_alias=True)
    for part in key.split("."):
        if isinstance(node, list):
            node = node[int(part)] if part.isdecimal() and int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
    return None if isinstance(node, dict | list) else node


def _says(cell: str, value: Any) -> bool:
    """Whether a cell of the table holds a value; of numbers the last digits may differ."""
    if value is None:
        return cell == ""
    if isinstance(value, Message):
        return cell in {*value, value.in_language("both")}
    if isinstance(value, int | float):
        try:
            return isclose(float(cell), value, rel_tol=1e-12, abs_tol=1e-9)
        except ValueError:
            return False
    return cell == str(value)


def _differs(row: "pd.Series[Any]", name: str, value: Any) -> Violation:
    found, allowed = row.get(name, "no column") or "-", "-" if value is None else f"{value}"
    message = Message(
        f"{TABLE}: {name} of point {row['point']} is {found}; scenario and report in {row['folder']} say {allowed}.",
        f"{TABLE}：第 {row['point']} 点的 {name} 为 {found}，而 {row['folder']} 中的方案与报告为 {allowed}。",
    )
    return Violation("sweep", None, (), f"{name} = {found}", allowed, message)


def _say_without(states: Counter[str], n: int) -> Iterator[Message]:
    if states:
        named = name_some([f"{state} {count}" for state, count in sorted(states.items())])
        yield Message(
            f"{states.total()} of {n} points have no plan: {named.en}.",
            f"{n} 个点中 {states.total()} 个没有方案：{named.zh}。",
        )


def _say_besides(scenarios: Sequence[Scenario], keys: Sequence[str]) -> Iterator[Message]:
    """Tell in what else the points differ: what follows from a key, or a point that somebody took from elsewhere."""
    leaves = [flat(scenario.model_dump(by_alias=True)) for scenario in scenarios]
    differ = [leaf for leaf in sorted(set[str]().union(*leaves)) if len({one.get(leaf) for one in leaves}) > 1]
    swept = [re.sub(r"\.(\d+)", r"[\1]", key) for key in keys]
    below = tuple(f"{key}{more}" for key in swept for more in ".[")
    if rest := [leaf for leaf in differ if leaf not in swept and not leaf.startswith(below)]:
        some = name_some(rest)
        yield Message(
            f"besides the keys of the sweep its points differ in {some.en}",
            f"除遍历的键外，各点还有以下不同：{some.zh}",
        )


def _say_others(names: list[str]) -> Iterator[Message]:
    if names:
        some = name_some(names)
        yield Message(f"folders of no point of the sweep: {some.en}", f"不属于任何点的文件夹：{some.zh}")
