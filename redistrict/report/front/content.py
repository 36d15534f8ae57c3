"""The figures of a front: of each plan what its report publishes, its measures first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from redistrict.messages import Language, Message
from redistrict.model.result import StoppedBy
from redistrict.report.compare.lines import Line, as_text, list_lines
from redistrict.report.sweep.content import Planned, read_planned
from redistrict.report.tables.columns import Form
from redistrict.scenario import Scenario
from redistrict.solver.measuring import Measure

PLAN, KNEE = Message("plan", "方案"), Message("knee", "拐点")
MEASURES: dict[Measure, tuple[Message, Form]] = {
    Measure.COST: (Message("Cost, weighted m", "总代价（加权米）"), "metres"),
    Measure.CROSSING: (Message("Roads crossed, weighted m", "道路穿越（加权米）"), "metres"),
    Measure.MOVED: (Message("Residents who change community", "变更社区的居民占比"), "share"),
    Measure.BALANCE: (Message("Largest deviation from the target", "与目标的最大偏差"), "share"),
    Measure.COMPACTNESS: (Message("Least compactness", "最小紧凑度"), "ratio"),
    Measure.COUNT: (Message("Communities", "社区数"), "count"),
}
_KEYS: dict[Measure, tuple[str, ...]] = {
    Measure.COST: ("cost",),
    Measure.CROSSING: ("cost_crossing",),
    Measure.MOVED: ("moved_share",),
    Measure.BALANCE: ("households_worst", "people_worst"),
    Measure.COMPACTNESS: (),
    Measure.COUNT: ("communities",),
}
"""What reports publish of them: the measure is the largest."""
_CUT_SHORT = {
    StoppedBy.TIME_LIMIT: Message(
        "The time was up before all was searched; run again with more solve.time_limit_s for more of the front.",
        "搜索未完成即到达时间限制；增大 solve.time_limit_s 后重新运行可得到更完整的前沿。",
    ),
    StoppedBy.INTERRUPT: Message("The search was stopped by you.", "搜索由用户中断。"),
}


@dataclass(frozen=True, eq=False)
class Front:
    """What is delivered besides the plans.

    Attributes
    ----------
    measures : tuple of Measure
    plans : tuple of Planned
        The least of the second measure first.
    lines : tuple of Line
        The measures, one a line, and then the lines of a comparison.
    knee : int or None
        Which plan is the knee; none where the front has no bend or its knee was not chosen.
    stopped : StoppedBy
        What ended the search.
    """

    scenario: Scenario
    measures: tuple[Measure, ...]
    plans: tuple[Planned, ...]
    lines: tuple[Line, ...]
    knee: int | None
    stopped: StoppedBy

    @property
    def n_plans(self) -> int:
        """Number of plans."""
        return len(self.plans)

    @property
    def axes(self) -> tuple[Line, ...]:
        """The measures."""
        return self.lines[: len(self.measures)]

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people: the measures, and which plan is the knee."""
        rows = [
            (
                place_of(n) + (f" ({KNEE.in_language(language)})" if n == self.knee else ""),
                *(as_text(line.values[n], line.form, language) for line in self.axes),
            )
            for n in range(self.n_plans)
        ]
        return (PLAN, *(line.words for line in self.axes)), rows

    def messages(self) -> tuple[Message, ...]:
        """Say what the plans are, and what is not claimed of them."""
        n = self.n_plans
        first = (
            Message(
                f"{n} plans, none of which is better than another in every measure. All obey the scenario, and each "
                "was verified.",
                f"共 {n} 个方案，任意两个方案中没有一个在所有指标上都不劣于另一个；均符合方案文件并已逐一核验。",
            )
            if n > 1
            else Message(
                "One plan is the best found in every measure: there is nothing to trade off.",
                "有一个方案在所有指标上都是已找到的最优，无需权衡。",
            )
        )
        claim = Message(
            "They are the best that the search found; that no better ones exist is not proved, but no plan costs less "
            "than the bound of each report.",
            "这些是搜索所得的最优方案，并未证明不存在更好的方案；但任何方案的代价都不会低于各报告中的下界。",
        )
        return (first, claim, *([_CUT_SHORT[self.stopped]] if self.stopped in _CUT_SHORT else []))


def place_of(n: int) -> str:
    """Give the name of the folder of a plan by its position."""
    return f"{n + 1:02}"


def gather_front(folders: Sequence[Path], measures: Sequence[Measure], knee: int | None, stopped: StoppedBy) -> Front:
    """Read the finished results of a front, the least of the second measure first.

    Raises
    ------
    OutputError, ScenarioError
        If a folder is no finished result.
    """
    plans = tuple(read_planned(folder) for folder in folders)
    least = [_read_least(folder) for folder in folders] if Measure.COMPACTNESS in measures else []
    axes = tuple(
        Line(
            measure.value,
            *MEASURES[measure],
            tuple(least) if measure is Measure.COMPACTNESS else tuple(_read(measure, plan) for plan in plans),
        )
        for measure in measures
    )
    told = {"seconds", *(key for measure in measures for key in _KEYS[measure])}
    others = tuple(line for line in list_lines(plans) if line.key not in told and any(line.values))
    return Front(plans[0].scenario, tuple(measures), plans, (*axes, *others), knee, stopped)


def _read(measure: Measure, plan: Planned) -> float:
    """Give a measure as the report publishes it."""
    values = [plan.facts.get(key) for key in _KEYS[measure]]
    return max(float(str(value)) for value in values if value is not None)


def _read_least(folder: Path) -> float:
    report = json.loads((folder / "report.json").read_bytes())
    return min(float(row["compactness"]) for row in report["communities"])
