"""The figures of a sweep, in columns: of each point with a plan what its report publishes."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from redistrict.errors import OutputError
from redistrict.messages import Language, Message, list_of, name_some, plain
from redistrict.model.result import NOT_PROVED, PROVED, TIME_WAS_UP
from redistrict.report.compare.lines import Line, as_text, list_lines, note_yardsticks
from redistrict.report.compare.sides import Value, find_yardstick, list_facts
from redistrict.report.sweep.districts import DISTRICT, Districts, count_kinds
from redistrict.report.sweep.record import POINTS, Record, State
from redistrict.scenario import Scenario
from redistrict.scenario.delivered import load_delivered

POINT, STATUS = Message("point", "点"), Message("outcome", "结果")
STATES = {
    State.OPEN: Message("not solved yet", "尚未求解"),
    State.INFEASIBLE: Message("proved: no plan can exist", "已证明无可行方案"),
    State.NOT_FOUND: Message("no plan found", "未找到方案"),
    State.REFUSED: Message("refused", "被拒绝"),
    State.UNVERIFIED: Message("refused by the judge", "未通过核验"),
}
_SHORT = ("cost", "bound", "gap", "communities", "moved")
"""Columns that fit a terminal."""
_COSTS_DIFFER = Message(
    "The points count cost differently (objective, targets, levels, neighbours, staffing): costs and bounds are each "
    "point's own, and none is marked best.",
    "各点的代价计算方式不同（目标函数、规模目标、层级、相邻规则或人员标准）：代价与下界各按本点计算，不标注最优。",
)


@dataclass(frozen=True, eq=False)
class Planned:
    """The plan of a point, as its folder tells of it; facts by the key of their column."""

    scenario: Scenario
    facts: dict[str, Value]
    status: str
    stopped_by: str
    is_today: bool = False

    @property
    def yardstick(self) -> tuple[object, ...]:
        """What sizes are measured against."""
        return find_yardstick(self.scenario)


@dataclass(frozen=True, eq=False)
class Points:
    """All points of a sweep side by side.

    Attributes
    ----------
    record : Record
    plans : tuple of Planned or None
        Of each point.
    lines : tuple of Line
        The columns of figures, with a value for each point.
    notes : tuple of Message
        What to mind when one compares them.
    districts : Districts or None
        Where the points are the districts of a province.
    """

    record: Record
    plans: tuple[Planned | None, ...]
    lines: tuple[Line, ...]
    notes: tuple[Message, ...]
    districts: Districts | None = None

    @property
    def keys(self) -> tuple[Message, ...]:
        """What distinguishes the points, as headings."""
        return tuple(map(plain, self.record.keys)) if self.districts is None else (DISTRICT,)

    def list_values(self, n: int) -> tuple[Message, ...]:
        """Give what distinguishes the point of a position."""
        if self.districts is not None:
            return (plain(self.districts.names[n]),)
        return tuple(map(show_value, self.record.entries[n].values.values()))

    def find_kind(self, n: int) -> str:
        """Give what has become of the point of a position, one of `KINDS`."""
        plan = self.plans[n]
        if plan is None:
            return "open" if self.record.entries[n].state is State.OPEN else "without"
        if plan.facts["exceptions"]:
            return "outside"
        return "proved" if plan.status == "OPTIMAL" else "found"

    def say_status(self, n: int) -> Message:
        """Say what has become of the point of a position."""
        plan = self.plans[n]
        if plan is None:
            return STATES[self.record.entries[n].state]
        if plan.status == "OPTIMAL":
            return PROVED
        return TIME_WAS_UP if plan.stopped_by == "time_limit" else NOT_PROVED

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people, with the columns that fit a terminal; an asterisk marks the best."""
        lines = [line for line in self.lines if line.key in _SHORT]
        heads = (POINT, *self.keys, STATUS, *(line.words for line in lines))
        rows = [
            (
                f"{entry.point}",
                *(value.in_language(language) for value in self.list_values(n)),
                self.say_status(n).in_language(language),
                *(as_text(line.values[n], line.form, language) + " *" * (n in line.best) for line in lines),
            )
            for n, entry in enumerate(self.record.entries)
        ]
        return heads, rows

    @property
    def exit_code(self) -> int:
        """That of the command: where the judge or the data refuse a point, theirs; 130 where some are open."""
        states = {entry.state for entry in self.record.entries}
        codes = ((State.OPEN, 130), (State.UNVERIFIED, 1), (State.REFUSED, 3))
        return next((code for state, code in codes if state in states), 0)

    def messages(self) -> tuple[Message, ...]:
        """Count the points, and say why those without a plan have none and what to mind."""
        entries = self.record.entries
        n, done = len(entries), sum(plan is not None for plan in self.plans)
        same = n - len({entry.question for entry in entries})
        counts = Message(f"{done} of {n} points have a plan", f"{n} 个点中 {done} 个有方案")
        if self.districts is not None:
            counts = Message(f"{done} of {n} districts have a plan: ", f"{n} 个区县中 {done} 个有方案：")
            counts += count_kinds(self.find_kind(at) for at in range(n)) + self._say_totals()
        if same:
            counts += Message(f"; {same} ask{'s' * (same == 1)} what another asks", f"；{same} 个与其他点的问题相同")
        why: dict[Message, list[int]] = {}
        for entry in entries:
            for reason in entry.reasons:
                why.setdefault(reason, []).append(entry.point)
        said = (self._say_of(points) + reason for reason, points in why.items())
        return (counts + Message(".", "。"), *said, *self.notes)

    def _say_totals(self) -> Message:
        there = [plan.facts for plan in self.plans if plan is not None]
        n, staff = (sum(int(str(facts[key] or 0)) for facts in there) for key in ("communities", "workers"))
        return Message(f"; {n:,} communities, {staff:,} workers in all", f"；共 {n:,} 个社区、{staff:,} 名工作者")

    def _say_of(self, points: Sequence[int]) -> Message:
        if self.districts is not None:
            return list_of([self.districts.names[at - 1] for at in points]) + Message(": ", "：")
        named = name_some(points)
        return Message(f"Point{'s' * (len(points) > 1)} {named.en}: ", f"第 {named.zh} 点：")


def show_value(value: object) -> Message:
    """Show a value of a key."""
    return Message("none", "无") if value is None else plain(value)


def read_planned(folder: Path) -> Planned:
    """Read what the finished result of a point publishes.

    Raises
    ------
    OutputError, ScenarioError
        If it is none.
    """
    scenario = load_delivered(folder)
    try:
        report = json.loads((folder / "report.json").read_bytes())
        facts = list_facts(report, scenario.communities.tolerance)
        freed = sum(row["exception"] is not None for row in report["communities"])
        extra: dict[str, Value] = {"bound": report["bound"], "gap": report["gap"], "exceptions": freed}
        return Planned(scenario, facts | extra, str(report["status"]), str(report["stopped_by"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            Message(
                f"{folder}: report.json is no report ({error!r}).", f"{folder}：report.json 不是报告（{error!r}）。"
            )
        ) from error


def gather_points(
    folder: Path, record: Record, read: Callable[[Path], Planned] = read_planned, districts: Districts | None = None
) -> Points:
    """Put the points of a sweep side by side.

    Raises
    ------
    OutputError, ScenarioError
        If the folder of a point that should have a plan is no finished result.
    """
    plans = tuple(read(folder / POINTS / one.folder) if one.state is State.DONE else None for one in record.entries)
    there = [plan for plan in plans if plan is not None]
    if there:  # what the plans themselves say is judged
        labels = [plan.scenario.data.label for plan in there]
        label = next((one.message for one in labels if one), None)
        first = there[0].scenario
        heading = first.heading
        if districts is not None:  # that of each ends with its name
            name = districts.names[plans.index(there[0])]
            heading = Message(heading.en.removesuffix(f": {name}"), heading.zh.removesuffix(f"：{name}"))
        record = replace(record, heading=heading, label=label, language=first.output.language)
    found = {line.key: line for line in list_lines(there) if line.key != "seconds"}
    own = {line.key: line for line in _list_own(there)}
    alike = "cost" in found or not there
    lines = [_at_points(line, plans) for line in (own | found).values()]
    if districts is not None:  # none of them is better than another
        lines = [replace(line, best=frozenset()) for line in lines]
    notes = (*note_yardsticks(there), *(() if alike else (_COSTS_DIFFER,)))
    return Points(record, plans, tuple(lines), notes, districts)


def _list_own(plans: Sequence[Planned]) -> Iterator[Line]:
    """Give the columns that only sweeps have, and the cost, which others leave out where it is counted differently."""
    for key, words, form in (
        ("cost", Message("Cost, weighted m", "总代价（加权米）"), "metres"),
        ("bound", Message("Bound, weighted m", "下界（加权米）"), "metres"),
        ("gap", Message("Gap", "差距"), "share"),
        ("exceptions", Message("Communities outside the bounds", "超出规模限制的社区"), "count"),
    ):
        yield Line(key, words, form, tuple(plan.facts[key] for plan in plans))  # type: ignore[arg-type]


def _at_points(line: Line, plans: Sequence[Planned | None]) -> Line:
    """Put the values of the plans to their points."""
    at = [n for n, plan in enumerate(plans) if plan is not None]
    values: list[Value] = [None] * len(plans)
    for n, value in zip(at, line.values, strict=True):
        values[n] = value
    return replace(line, values=tuple(values), best=frozenset(at[n] for n in line.best))
