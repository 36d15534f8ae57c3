"""The comparison: a table of what the plans add up to, what differs between each two, and remarks; also as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, Protocol

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.messages import QUANTITY_WORDS, Language, Message, name_some
from redistrict.report.compare.partitions import Agreement, compare_partitions
from redistrict.report.compare.sides import Side, Value
from redistrict.report.style import by_importance, class_word
from redistrict.report.tables.columns import Form
from redistrict.scenario import Scenario
from redistrict.standards.diagnosis import count_bands

Better = Literal["less", "more"] | None
_CROSSING = "crossing_"
_Row = tuple[str, str, str, Form, Better]
"""Key, words in both languages, form, and which value is the better."""
_COST_LINES: tuple[_Row, ...] = (
    ("cost", "Cost, weighted m", "总代价（加权米）", "metres", "less"),
    ("cost_crossing", "– crossing", "– 穿越", "metres", "less"),
    ("cost_boundary", "– border", "– 边界", "metres", "less"),
    ("cost_deviation", "– deviation", "– 规模偏差", "metres", "less"),
    ("cost_disruption", "– residents who change", "– 居民变更", "metres", "less"),
    ("cost_idle_staff", "– staff without a post", "– 人员闲置", "metres", "less"),
    ("cost_neck", "– necks", "– 狭窄连接", "metres", "less"),
    ("cost_levels", "– residents who change street", "– 居民换街道", "metres", "less"),
)


class Measured(Protocol):
    """What the table has to know of a side; see `Side`."""

    @property
    def scenario(self) -> Scenario: ...  # noqa: D102
    @property
    def facts(self) -> dict[str, Value]: ...  # noqa: D102
    @property
    def yardstick(self) -> tuple[object, ...]: ...  # noqa: D102
    @property
    def is_today(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True)
class Line:
    """One row of the table: its words, what each side says, and the sides that are best in it."""

    key: str
    words: Message
    form: Form
    values: tuple[Value, ...]
    best: frozenset[int] = frozenset()

    def column(self, language: Language) -> list[object]:
        """Give the values for a table, sentences in its language."""
        return [value.in_language(language) if isinstance(value, Message) else value for value in self.values]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two sides by position, the earlier first, and how far they agree."""

    first: int
    second: int
    agreement: Agreement


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything that is delivered.

    Attributes
    ----------
    names : tuple of Message
        Of each side, all different.
    communities : (n_sides, n_blocks) int32
        Position of the community of each block in each side, -1 for none.
    blocks : GeoDataFrame
        The blocks of the first result with their counts.
    """

    sides: tuple[Side, ...]
    names: tuple[Message, ...]
    lines: tuple[Line, ...]
    bands: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    notes: tuple[Message, ...]
    labels: tuple[Message, ...]
    communities: NDArray[np.int32]
    blocks: gpd.GeoDataFrame

    @property
    def language(self) -> Language:
        """Language of the first side's scenario."""
        return self.sides[0].scenario.output.language

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people; an asterisk marks the best."""
        rows = [
            (
                line.words.in_language(language),
                *(
                    as_text(value, line.form, language) + (" *" if n in line.best else "")
                    for n, value in enumerate(line.values)
                ),
            )
            for line in self.lines
        ]
        return (Message("", ""), *self.names), rows

    def messages(self) -> tuple[Message, ...]:
        """Give the sentences below the table."""
        return (*(self.say_agreement(pair) for pair in self.pairs), *self.notes)

    def say_agreement(self, pair: Pair) -> Message:
        """Say how far two sides agree."""
        a, b, found = self.names[pair.first], self.names[pair.second], pair.agreement
        return Message(
            f"{a.en} and {b.en}: {found.n_same} communities have the same blocks, with {found.same_share:.1%} of the "
            f"residents; {found.moved:,} residents ({1 - found.overlap_share:.1%}) are in another community; "
            f"variation of information {found.information_bits:.3f} bits (0: the same).",
            f"{a.zh}与{b.zh}：{found.n_same} 个社区的地块完全相同，占居民 {found.same_share:.1%}；"
            f"{found.moved:,} 名居民（{1 - found.overlap_share:.1%}）所属社区不同；"
            f"信息差异量 {found.information_bits:.3f} 比特（0 为完全相同）。",
        )


@dataclass(frozen=True)
class AlikeCosts:
    """What every result costs by the rules of one of them.

    Attributes
    ----------
    by : int
        Position of that side.
    costs_m : tuple of float or None
        Of every side, in weighted metres.
    """

    by: int
    costs_m: tuple[float | None, ...]


def build_comparison(sides: Sequence[Side], blocks: gpd.GeoDataFrame, counted: AlikeCosts | None = None) -> Comparison:
    """Compare sides on the same blocks; `blocks` are those of the first result.

    Parameters
    ----------
    counted : AlikeCosts, optional
        What the plans cost by one set of rules, where theirs differ.

    Raises
    ------
    DataError
        If the sides do not have the same blocks.
    """
    _check_blocks(sides)
    communities = np.array([[side.community_of[str(i)] for i in blocks["block_id"]] for side in sides], dtype=np.int32)
    quantity = next((q for q in ("people", "households") if q in blocks), None)
    residents = np.ones(len(blocks)) if quantity is None else blocks[quantity].to_numpy()
    names, labels = _tell_apart(sides), [side.scenario.data.label for side in sides]
    return Comparison(
        sides=tuple(sides),
        names=names,
        lines=(*list_lines(sides), *_list_counted(names, counted)),
        bands=_list_bands(sides),
        pairs=tuple(
            Pair(a, b, compare_partitions(communities[a], communities[b], residents.astype(np.int64)))
            for a, b in combinations(range(len(sides)), 2)
        ),
        notes=tuple(_list_notes(sides, is_counted=counted is not None)),
        labels=tuple(dict.fromkeys(label.message for label in labels if label)),
        communities=communities,
        blocks=blocks,
    )


def as_text(value: Value, form: Form, language: Language) -> str:
    """Show a value for people."""
    if value is None:
        return "–"
    if isinstance(value, Message):
        return value.in_language(language)
    if form == "share":
        return f"{value:.1%}"
    if form == "ratio":
        return f"{value:.2f}"
    return f"{value:.0f}" if form == "code" else f"{value:,.0f}"


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write everything but the shapes as JSON."""
    text = json.dumps(_to_json(comparison), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _check_blocks(sides: Sequence[Side]) -> None:
    first = sides[0]
    problems = []
    for side in sides[1:]:
        odd = sorted(first.community_of.keys() ^ side.community_of.keys())
        if odd:
            a, b, named = first.folder or first.name.en, side.folder or side.name.en, name_some(odd)
            problems.append(
                Message(
                    f"{a} and {b} do not have the same blocks ({len(odd)} are in one only: {named.en}), so they cannot "
                    "be compared; run both scenarios on the same data.",
                    f"{a} 与 {b} 的地块不同（{len(odd)} 个地块只在其中一个：{named.zh}），无法比较；"
                    "请用同一份数据运行两个方案。",
                )
            )
    if problems:
        raise DataError(problems)


def _tell_apart(sides: Sequence[Side]) -> tuple[Message, ...]:
    """Name each side by its title, and where titles are alike by its folder and number as well."""
    names = [side.name for side in sides]
    return tuple(
        Message(f"{name.en} [{n} {side.folder}]", f"{name.zh}［{n} {side.folder}］") if names.count(name) > 1 else name
        for n, (name, side) in enumerate(zip(names, sides, strict=True), start=1)
    )


def list_lines(sides: Sequence[Measured]) -> tuple[Line, ...]:
    """Give the rows of the table that at least one side fills; costs only where all count them alike."""
    alike = len({side.yardstick for side in sides}) == 1
    costs_alike = count_alike(sides)
    size: Better = "less" if alike else None
    lines: list[_Row] = [
        ("communities", "Communities", "社区数", "count", None),
        ("workers", "Community workers needed", "需社区工作者", "count", None),
        *(
            (f"{q}_worst", f"Largest deviation, {words.en}", f"最大偏差（{words.zh}）", "share", size)
            for q, words in QUANTITY_WORDS.items()
        ),
        ("within", "Communities within the tolerance", "符合允许偏差的社区占比", "share", "more" if alike else None),
        ("boundary_m", "Border between communities, m", "社区边界（米）", "metres", "less"),
        *_crossing_lines(sides),
        ("moved", "Residents who change community", "变更社区的居民", "count", "less"),
        ("moved_share", "Share of residents who change", "变更居民占比", "share", "less"),
        ("premises_short", "Communities short of premises", "用房不足的社区", "count", "less"),
        ("premises_short_m2", "Premises short by, m²", "用房缺口（平方米）", "amount", "less"),
        ("staff_left", "Staff without a post", "未安排岗位的工作者", "count", "less"),
        ("first_year", "First year out of bounds", "首个超出规模的年份", "code", "more"),
        *(_COST_LINES if costs_alike else ()),
        ("seconds", "Seconds of the run", "运行用时（秒）", "count", None),
    ]
    found = []
    for key, en, zh, form, better in lines:
        values = tuple(side.facts.get(key, 0.0 if key.startswith(_CROSSING) else None) for side in sides)
        if any(value is not None for value in values):
            found.append(Line(key, Message(en, zh), form, values, _find_best(values, better)))
    return tuple(found)


def _crossing_lines(sides: Sequence[Measured]) -> list[_Row]:
    """Give a row for each class, of which the less is the better where a scenario counts it."""
    keys = [key for side in sides for key in side.facts if key.startswith(_CROSSING)]
    names = dict.fromkeys((key.removeprefix(_CROSSING) for key in keys), 0.0)
    counted = {name for side in sides for name, weight in side.scenario.objective.crossing.items() if weight}
    return [
        (
            f"{_CROSSING}{name}",
            f"Inside communities: {class_word(name).en}, m",
            f"穿越{class_word(name).zh}（米）",
            "metres",
            "less" if name in counted else None,
        )
        for name, _ in by_importance(names)
    ]


def _list_counted(names: Sequence[Message], counted: AlikeCosts | None) -> tuple[Line, ...]:
    """Give the row of what every plan costs by the rules of one."""
    if counted is None:
        return ()
    name = names[counted.by]
    words = Message(f"Cost, weighted m, counted as in {name.en}", f"总代价（加权米，按{name.zh}计）")
    return (Line("cost_alike", words, "metres", counted.costs_m, _find_best(counted.costs_m, "less")),)


def count_alike(sides: Sequence[Measured]) -> bool:
    """Whether all results count cost in the same way."""
    return len({_cost_rules(side.scenario) for side in sides if not side.is_today}) == 1


def _cost_rules(scenario: Scenario) -> tuple[str, ...]:
    """Give everything that decides what a plan costs."""
    communities = scenario.communities
    parts = (
        communities.target,
        communities.tolerance,
        scenario.objective,
        scenario.contiguity,
        scenario.standards.staffing,
        *(level for level in scenario.levels if level.keep != "free"),  # borders along hard ones cost nothing
    )
    return (communities.around, *(part.model_dump_json() for part in parts))


def _find_best(values: Sequence[Value], better: Better) -> frozenset[int]:
    """Find the best of at least two values; a sentence (nothing amiss) is better than any number."""
    ranks = {n: np.inf if isinstance(v, Message) else v for n, v in enumerate(values) if v is not None}
    if better is None or len(set(ranks.values())) < 2:
        return frozenset()
    best = min(ranks.values()) if better == "less" else max(ranks.values())
    return frozenset(n for n, rank in ranks.items() if rank == best)


def _list_bands(sides: Sequence[Side]) -> tuple[Line, ...]:
    """Count the communities of each side by households, in the bands of the first; none where the data have none."""
    if not all(side.households for side in sides):
        return ()
    steps = sides[0].scenario.standards.bands
    counts = [count_bands(side.households, steps) for side in sides]
    return tuple(
        Line(f"households_from_{row[0].lower}", row[0].label, "count", tuple(band.count for band in row))
        for row in zip(*counts, strict=True)
    )


def note_yardsticks(sides: Sequence[Measured]) -> Iterator[Message]:
    """Say where the plans are not measured alike."""
    if len({side.yardstick for side in sides}) > 1:
        yield Message(
            "The plans have different targets or tolerances: each is measured by its own, and no size is marked best.",
            "各方案的目标规模或允许偏差不同：各按自身标准计算，规模指标不标注最优。",
        )


def _list_notes(sides: Sequence[Side], *, is_counted: bool) -> Iterator[Message]:
    results = [side for side in sides if not side.is_today]
    yield from note_yardsticks(sides)
    rules = "objective, targets, levels, neighbours, staffing"
    zh = "各方案的代价计算方式不同（目标函数、规模目标、层级、相邻规则或人员标准）"
    if is_counted:
        yield Message(
            f"Scenarios count cost differently ({rules}); all plans are counted by the rules of one, whose limits the "
            "others need not keep.",
            f"{zh}；总代价统一按其中一个方案的规则计算，其他方案不一定满足该方案的限制。",
        )
    elif not count_alike(sides):
        yield Message(
            f"Scenarios count cost differently ({rules}), and by the rules of none can all be counted: its data are "
            "not at hand, a community crosses its areas, or it asks for other numbers; costs are left out.",
            f"{zh}，且无法统一按其中任何一个方案计算（缺少其数据、有社区跨越其区县或街道，或社区数量不同），"
            "因此不比较总代价。",
        )
    keys = sorted({key for side in results for key in side.inputs})
    changed = [key for key in keys if len({side.inputs.get(key) for side in results}) > 1]
    if changed:
        named = name_some(changed)
        yield Message(
            f"The plans rest on different data: {named.en}. Residents are those of {results[0].folder}.",
            f"各方案所用数据不同：{named.zh}。居民数以 {results[0].folder} 为准。",
        )


def _to_json(comparison: Comparison) -> dict[str, Any]:
    sides = zip(comparison.names, comparison.sides, strict=True)
    return {
        "sides": [
            {
                "name": name._asdict(),
                "folder": side.folder or None,
                "scenario": side.scenario.name,
                "report_sha256": side.sha256 or None,
            }
            for name, side in sides
        ],
        "data_labels": [label._asdict() for label in comparison.labels],
        "lines": [_line_json(line) for line in comparison.lines],
        "communities_by_households": [_line_json(line) for line in comparison.bands],
        "differences": [_pair_json(comparison, pair) for pair in comparison.pairs],
        "notes": [note._asdict() for note in comparison.notes],
    }


def _line_json(line: Line) -> dict[str, Any]:
    values = [value._asdict() if isinstance(value, Message) else value for value in line.values]
    return {"key": line.key, "words": line.words._asdict(), "values": values, "best": sorted(line.best)}


def _pair_json(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    found, (first, second) = pair.agreement, (comparison.sides[n] for n in (pair.first, pair.second))
    return {
        "sides": [pair.first, pair.second],
        "same_communities": found.n_same,
        "same_residents_share": found.same_share,
        "residents_moved": found.moved,
        "matched_overlap_share": found.overlap_share,
        "variation_of_information_bits": found.information_bits,
        "changes": [
            asdict(change)
            | {
                "first": first.ids[change.first] if change.first >= 0 else None,
                "second": second.ids[change.second] if change.second >= 0 else None,
            }
            for change in found.changes
        ],
    }
