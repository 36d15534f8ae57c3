"""The check: everything short of solving, as a table by district and a list of findings."""

from dataclasses import dataclass
from typing import Any

from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import ContiguityGraph
from redistrict.messages import Message, name_some
from redistrict.model.areas import Area, Limits
from redistrict.model.problem import Problem
from redistrict.model.quantities import is_counted_today, quantity_words
from redistrict.report.failure import foresee, list_conflicts


@dataclass(frozen=True)
class CheckRow:
    """One area: its totals, the number of communities and what each may hold.

    `bounds` lacks quantities that nothing limits; it is empty where the totals cannot meet the bounds, and the
    check's `problems` give the sums.
    """

    area: str
    n_blocks: int
    totals: dict[str, int]
    n_communities: tuple[int, int]
    bounds: dict[str, tuple[int, int]]
    means: dict[str, float]
    reachable: tuple[int, ...]


@dataclass(frozen=True)
class CheckReport:
    """What a scenario's data look like to the engine, and what can jointly be reached.

    `problems` is empty when a plan may exist.
    """

    rows: tuple[CheckRow, ...]
    quantities: tuple[str, ...]
    notes: tuple[Message, ...]
    problems: tuple[Message, ...]

    @property
    def ok(self) -> bool:
        """Nothing found forbids a plan."""
        return not self.problems

    def messages(self) -> tuple[Message, ...]:
        """Give the findings as sentences."""
        return (*self.notes, *self.problems)

    def table(self) -> tuple[tuple[Message, ...], tuple[tuple[str, ...], ...]]:
        """Give headers and rows for people."""
        headers = [Message("Area", "区域"), Message("Blocks", "地块"), Message("Communities", "社区数")]
        for name in self.quantities:
            en, zh = quantity_words(name)
            headers += [
                Message(f"Total {en}", f"{zh}合计"),
                Message(f"Mean {en}", f"平均{zh}"),
                Message(f"Allowed {en}", f"允许{zh}"),
            ]
        if {"households", "people"} <= {*self.quantities}:
            headers.append(Message("People per household", "户均人口"))
        headers.append(Message("Numbers that fit", "可行社区数"))
        return tuple(headers), tuple(self._cells(row) for row in self.rows)

    def _cells(self, row: CheckRow) -> tuple[str, ...]:
        cells = [row.area or "-", f"{row.n_blocks:,}", _ranges(row.n_communities)]
        for name in self.quantities:
            allowed = "{:,}-{:,}".format(*row.bounds[name]) if name in row.bounds else "-"
            cells += [f"{row.totals[name]:,}", f"{row.means[name]:,.0f}", allowed]
        if {"households", "people"} <= {*self.quantities}:
            households = row.totals["households"]
            cells.append(f"{row.totals['people'] / households:.2f}" if households else "-")
        cells.append(_ranges(row.reachable))
        return tuple(cells)

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        return {
            "ok": self.ok,
            "areas": [{n: getattr(row, n) for n in row.__dataclass_fields__} for row in self.rows],
            "notes": [message._asdict() for message in self.notes],
            "problems": [message._asdict() for message in self.problems],
        }


_FREED = Message(
    "Warning: 'exceptions: nearest' frees from the bounds what is named here, by as little as can be:",
    "注意：按 exceptions: nearest，以下之处将以尽可能小的幅度超出规模限制：",
)


def build_check(
    blocks: Blocks,
    graph: ContiguityGraph,
    problem: Problem,
    problems: tuple[Message, ...],
    *,
    findings: tuple[Message, ...],
    around_means: bool,
) -> CheckReport:
    """Describe the areas of a problem, and say what is in the way of a plan.

    Parameters
    ----------
    problems : tuple of Message
        What makes the totals impossible, as it was refused.
    findings : tuple of Message
        What was chosen, mended, lost or left out while reading the data.
    around_means : bool
        Whether the bounds lie around the means, not around the targets.
    """
    rows = tuple(_describe_area(area, problem, problems, around_means=around_means) for area in problem.areas)
    shown = tuple(q for q in problem.quantities if is_counted_today(q))
    known = foresee(blocks, problem)
    freed = known.hopeless if problem.frees else ()
    notes = (
        Message(
            f"{len(blocks):,} blocks, {graph.n_edges:,} pairs of neighbours, {len(problem.areas)} areas.",
            f"{len(blocks):,} 个地块，{graph.n_edges:,} 对相邻地块，{len(problem.areas)} 个区域。",
        ),
        *findings,
        *graph.notes,
        *problem.notes,
        *_office_notes(problem),
        *known.narrow,
        *([_FREED] if freed else []),
        *freed,
        *(area.exception for area in problem.areas if area.exception and area.exception not in problems),
        *_isolated(blocks, graph),
    )
    hopeless = () if problem.frees else known.hopeless
    return CheckReport(rows, shown, notes, (*problems, *hopeless, *list_conflicts(blocks, problem)))


def _describe_area(area: Area, problem: Problem, problems: tuple[Message, ...], *, around_means: bool) -> CheckRow:
    n_likely = area.n_max if problem.mergers else area.n_min
    return CheckRow(
        area=area.name,
        n_blocks=len(area.blocks),
        totals=dict(zip(problem.quantities, area.total, strict=True)),
        n_communities=(area.n_min, area.n_max),
        bounds={} if area.exception in problems else _bounds(problem.quantities, area.total, area.options[0]),
        means={q: area.total[i] / n_likely for i, q in enumerate(problem.quantities)},
        reachable=() if area.exception else _reachable(area, around_means=around_means),
    )


def _isolated(blocks: Blocks, graph: ContiguityGraph) -> list[Message]:
    """Name the blocks without a neighbour."""
    isolated = sorted(set(range(len(blocks))) - set(graph.edges.ravel().tolist()))
    if not isolated:
        return []
    named = name_some([blocks.ids[i] for i in isolated])
    return [
        Message(
            f"{len(isolated)} blocks have no neighbour: {named.en}. Raise contiguity.max_gap_m or add links.",
            f"{len(isolated)} 个地块没有相邻地块：{named.zh}。可增大 contiguity.max_gap_m 或添加 links。",
        )
    ]


def _office_notes(problem: Problem) -> list[Message]:
    """Say what else must hold: whole communities of today, sites, and later years with their totals."""
    notes = []
    if problem.mergers is not None:
        n, n_locked = len(problem.mergers.names), int(problem.mergers.is_locked.sum())
        notes.append(
            Message(
                f"{n} communities today are only merged whole, {n_locked} stay as they are; means are today's.",
                f"现有 {n} 个社区只整体合并，其中 {n_locked} 个保持不变；表中平均值为现状。",
            )
        )
    for n, quantity in enumerate(problem.quantities):
        if not is_counted_today(quantity):
            words, total = quantity_words(quantity), int(problem.size[:, n].sum())
            notes.append(
                Message(
                    f"The bounds must hold for {words.en} as well: {total:,} in all.",
                    f"限制同样适用于{words.zh}：合计 {total:,}。",
                )
            )
    return notes


def _bounds(quantities: tuple[str, ...], total: tuple[int, ...], limits: Limits) -> dict[str, tuple[int, int]]:
    """Give lower and upper bound of every quantity that has bounds at all."""
    rows = zip(quantities, total, limits.lower, limits.upper, strict=True)
    return {q: (low, high) for q, t, low, high in rows if low > 0 or high < t}


def _reachable(area: Area, *, around_means: bool) -> tuple[int, ...]:
    """Give the numbers of communities whose bounds the totals can meet, all quantities at once.

    Where the bounds lie around the means they move with the number: only the numbers asked for are known to fit.
    """
    if around_means:
        return tuple(option.n_communities for option in area.options)
    limits = area.options[0]
    return tuple(
        n
        for n in range(1, 2 * area.n_max + 2)
        if all(n * a <= t <= n * b for t, a, b in zip(area.total, limits.lower, limits.upper, strict=True))
    )


def _ranges(numbers: tuple[int, ...]) -> str:
    if not numbers:
        return "-"
    low, high = numbers[0], numbers[-1]
    return f"{low}" if low == high else f"{low}-{high}"
