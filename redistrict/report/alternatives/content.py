"""The alternatives as their folders tell them, and how far they are from each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Language, Message
from redistrict.model.result import StoppedBy
from redistrict.report.compare.lines import Comparison, Line, build_comparison
from redistrict.report.compare.sides import Side, read_side
from redistrict.solver.alternatives import Wish
from redistrict.solver.exact.match_plans import Matching, match_plans


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What is delivered besides the plans.

    Attributes
    ----------
    comparison : Comparison
        Of all plans, the best first, each called by its number; its lines begin with those of `_list_lines`.
    matchings : tuple of Matching
        Of each plan with the first.
    residents : (n_blocks,) int64
        People, or households where the data have no people.
    apart : (n_plans, n_plans) float64
        Share of residents that change community from one plan to another, at least.
    stopped : StoppedBy
        What ended the search for them.
    """

    comparison: Comparison
    wish: Wish
    matchings: tuple[Matching, ...]
    residents: NDArray[np.int64]
    apart: NDArray[np.float64]
    stopped: StoppedBy

    @property
    def n_plans(self) -> int:
        """Number of plans found, the best included."""
        return len(self.matchings)

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people."""
        return self.comparison.table(language)

    def messages(self) -> tuple[Message, ...]:
        """Say how many plans were found, and where fewer than wished for, what that means."""
        n, wish = self.n_plans, self.wish
        terms = Message(
            f"at least {wish.apart:.1%} of residents apart from each other and at most {wish.dearer:.1%} dearer than "
            "plan 1",
            f"两两之间至少有 {wish.apart:.1%} 的居民所属社区不同、代价比方案 1 最多高 {wish.dearer:.1%}",
        )
        if n == wish.count:
            return (Message(f"{n} plans, {terms.en}.", f"共 {n} 个方案，{terms.zh}。"),)
        short = Message(
            f"{n} of {wish.count} plans: no more were found {terms.en}. That is no proof that there are none.",
            f"要求 {wish.count} 个方案，得到 {n} 个：未找到更多满足“{terms.zh}”的方案，但这并不证明不存在。",
        )
        return (short, *([_CUT_SHORT[self.stopped]] if self.stopped in _CUT_SHORT else []))


_CUT_SHORT = {
    StoppedBy.TIME_LIMIT: Message(
        "The time was up; more solve.time_limit_s may find more.",
        "到达时间限制；增大 solve.time_limit_s 可能找到更多。",
    ),
    StoppedBy.INTERRUPT: Message("The search was stopped by you.", "搜索由用户中断。"),
}


def gather_alternatives(folders: Sequence[Path], wish: Wish, stopped: StoppedBy) -> Alternatives:
    """Read finished results of one scenario, the best first, and compare them.

    Raises
    ------
    OutputError, ScenarioError
        If a folder is no finished result.
    """
    read = [read_side(folder) for folder in folders]
    return build_alternatives([side for side, _ in read], read[0][1], wish, stopped)


def build_alternatives(sides: Sequence[Side], blocks: gpd.GeoDataFrame, wish: Wish, stopped: StoppedBy) -> Alternatives:
    """Compare plans of one scenario, the best first, each called by its number."""
    named = [replace(side, name=Message(f"Plan {n}", f"方案 {n}")) for n, side in enumerate(sides, start=1)]
    comparison = build_comparison(named, blocks)
    quantity = "people" if "people" in blocks else "households"
    residents = blocks[quantity].to_numpy().astype(np.int64)
    pairs = [[match_plans(a, b, residents) for a in comparison.communities] for b in comparison.communities]
    changed = np.array([[pair.n_changed for pair in row] for row in pairs])
    apart = np.round(changed / max(1, int(residents.sum())), 6)
    matchings = tuple(row[0] for row in pairs)
    lines = (*_list_lines(comparison, matchings, apart), *(one for one in comparison.lines if one.key != "seconds"))
    return Alternatives(replace(comparison, lines=lines), wish, matchings, residents, apart, stopped)


def _list_lines(comparison: Comparison, matchings: Sequence[Matching], apart: NDArray[np.float64]) -> tuple[Line, ...]:
    """Give the rows that only alternatives have."""
    costs = [float(str(side.facts["cost"])) for side in comparison.sides]
    others = apart + np.where(np.eye(len(apart)), np.inf, 0)
    nearest = [None if np.isinf(share) else float(share) for share in others.min(axis=1)]
    return (
        Line(
            "dearer_share",
            Message("Dearer than plan 1 by", "代价比方案 1 高"),
            "share",
            tuple(round((cost - costs[0]) / costs[0], 6) if costs[0] else 0.0 for cost in costs),
        ),
        Line(
            "changed",
            Message("Residents who change community against plan 1", "与方案 1 相比所属社区不同的居民"),
            "count",
            tuple(one.n_changed for one in matchings),
        ),
        Line(
            "changed_share",
            Message("– as a share of all", "– 占全部居民"),
            "share",
            tuple(apart[0].tolist()),
        ),
        Line(
            "nearest_share",
            Message("– against the nearest of the plans", "– 与最接近的另一方案相比"),
            "share",
            tuple(nearest),
        ),
    )
