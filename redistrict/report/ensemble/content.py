"""The figures of an ensemble: of each measure where the plan stands, and of neighbours how often they lie together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.cells import Cells
from redistrict.messages import Language, Message
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem
from redistrict.report.compare.lines import as_text
from redistrict.report.front.content import MEASURES
from redistrict.report.tables.columns import Form
from redistrict.scenario import Scenario
from redistrict.solver.ensemble.convergence import Convergence, diagnose_chains
from redistrict.solver.ensemble.sample import Sample
from redistrict.solver.measuring import PPM, Measure

FloatArray = NDArray[np.float64]

PLAN = "plan"
"""Folder of the plan."""
_ENDS = (5, 50, 95)
"""Percentiles told of each measure."""
_MOST_APART = 0.2
"""Shares of chains further apart than this are not told as one."""
_MEASURE, _OWN = Message("measure", "指标"), Message("plan", "方案")
_BETTER = Message("better ones drawn", "更优者占比")
_PERCENTILES = tuple(Message(f"{end} % of them", f"{end}% 分位") for end in _ENDS)
_SIZE, _RHAT = Message("effective plans", "有效样本量"), Message("R-hat", "R-hat")


@dataclass(frozen=True, eq=False)
class Standing:
    """Where the plan stands in one measure.

    Attributes
    ----------
    own : float
        Of the plan, in the unit of its form, as `values`.
    values : (n_chains, n_draws) float64
    n_better : int
        Plans drawn that are better.
    """

    measure: Measure
    words: Message
    form: Form
    own: float
    values: FloatArray
    n_better: int
    convergence: Convergence

    @property
    def share_better(self) -> float | None:
        """Share of the plans drawn that are better; none where the sample is too small to say."""
        return self.n_better / self.values.size if self.convergence.is_enough else None

    @property
    def percentiles(self) -> tuple[float | None, ...]:
        """Percentiles of the plans drawn; none where the sample is too small to say."""
        if not self.convergence.is_enough:
            return (None,) * len(_ENDS)
        return tuple(np.percentile(self.values, _ENDS).tolist())

    def say(self) -> Message:
        """Say it in a sentence."""
        found = self.convergence
        if not found.is_enough:
            worth = f"{found.size:.0f}, R-hat {found.rhat:.3f}"
            return self.words + Message(
                f": the sample is too small to say where the plan stands (effective plans {worth}); draw more "
                "(--plans).",
                f"：样本不足，无法判断方案所处位置（有效样本量 {worth}）；请增大 --plans。",
            )
        n, (low, middle, high) = self.values.size, self.percentiles

        def show(value: float | None) -> str:
            return as_text(value, self.form, "en")

        share = f"{self.n_better / n:.1%}" if self.n_better * 1000 >= n else f"{self.n_better / n:.2%}"
        better = Message(f"{share} are better", f"其中 {share} 更优") if self.n_better else _NONE
        return self.words + Message(
            f": {show(self.own)} in the plan; {show(middle)} in the middle of the plans drawn ({show(low)} to "
            f"{show(high)} without the outer tenth). {better.en}.",
            f"：本方案 {show(self.own)}；随机方案中位数 {show(middle)}（去掉两端各 5% 为 {show(low)}–{show(high)}）。"
            f"{better.zh}。",
        )


_NONE = Message("None is better", "没有一个更优")


@dataclass(frozen=True, eq=False)
class Neighbours:
    """How often neighbours lie in one community.

    Attributes
    ----------
    pairs : (n, 2) int32
        Positions in the block table.
    is_together : (n,) bool
        In the plan.
    share, least, most : (n,) float64
        Of the plans drawn; of the chain where they do so least, and most often.
    is_enough : bool
        The sample is large enough for a measure; else it is for no pair.
    """

    pairs: NDArray[np.int32]
    is_together: NDArray[np.bool_]
    share: FloatArray
    least: FloatArray
    most: FloatArray
    is_enough: bool

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Pairs of which the chains tell nearly the same, (n,)."""
        return np.asarray((self.most - self.least <= _MOST_APART) & self.is_enough)


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What is delivered besides the plans.

    Attributes
    ----------
    ids : tuple of str
        Keys of the blocks.
    cells : Cells
        Their ground.
    """

    scenario: Scenario
    n_plans: int
    n_chains: int
    standings: tuple[Standing, ...]
    neighbours: Neighbours
    ids: tuple[str, ...]
    cells: Cells

    @property
    def heads(self) -> tuple[Message, ...]:
        """Headers of the table for people."""
        return (_MEASURE, _OWN, _BETTER, *_PERCENTILES, _SIZE, _RHAT)

    def table(self, language: Language) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give headers and rows for people."""
        return self.heads, [tuple(self._cells(one, language)) for one in self.standings]

    def _cells(self, one: Standing, language: Language) -> Iterator[str]:
        yield one.words.in_language(language)
        yield as_text(one.own, one.form, language)
        yield "–" if one.share_better is None else f"{one.share_better:.2%}"
        yield from (as_text(value, one.form, language) for value in one.percentiles)
        same = np.isnan(one.convergence.size)
        yield "–" if same else f"{one.convergence.size:,.0f}"
        yield "–" if same else f"{one.convergence.rhat:.3f}"

    def messages(self) -> tuple[Message, ...]:
        """Say what was drawn, where the plan stands, and of neighbours how far the chains agree."""
        drawn = Message(
            f"{self.n_plans:,} plans drawn at random by {self.n_chains} chains, all under the limits of the scenario. "
            "Prices play no part: a plan is drawn the more often, the more spanning trees its communities have, which "
            "favours compact ones.",
            f"由 {self.n_chains} 条链随机抽取 {self.n_plans:,} 个方案，均满足方案文件的全部限制。抽取不考虑代价："
            "社区的生成树越多，方案被抽到的机会越大，因而偏向紧凑的社区。",
        )
        return (drawn, *(one.say() for one in self.standings), *self._say_neighbours())

    def _say_neighbours(self) -> Iterator[Message]:
        near = self.neighbours
        n, n_unknown = len(near.pairs), int((~near.is_known).sum())
        is_odd = near.is_known & np.where(near.is_together, near.share < 0.2, near.share > 0.8)
        n_odd = int(is_odd.sum())
        if not near.is_enough:
            yield Message(
                "The sample is too small to say how often neighbours lie together.",
                "样本不足，无法判断相邻地块同属一个社区的频率。",
            )
            return
        yield Message(
            f"Of {n:,} pairs of neighbours, {n_odd:,} lie in the plan otherwise than in four of five plans drawn.",
            f"{n:,} 对相邻地块中，有 {n_odd:,} 对在本方案中的分合与五分之四以上的随机方案相反。",
        )
        if n_unknown:
            yield Message(
                f"Left out: {n_unknown:,} pairs of which the chains tell shares more than {_MOST_APART:.0%} apart.",
                f"另有 {n_unknown:,} 对在各链中的占比相差超过 {_MOST_APART:.0%}，不予列出。",
            )


def place_of(chain: int) -> str:
    """Give the name of the folder of the last plan of a chain by its position."""
    return f"chain-{chain + 1}"


def stand(
    scenario: Scenario, ids: Sequence[str], problem: Problem, plan: Plan, sample: Sample, cells: Cells
) -> Ensemble:
    """Say where a plan stands among those drawn.

    Parameters
    ----------
    ids : sequence of str
        Keys of the blocks.
    problem : Problem
        As the plans were measured by it.
    cells : Cells
        The ground of the blocks.
    """
    standings = tuple(
        _stand_in(measure, problem, sample.values[:, :, m], int(sample.own[m]))
        for m, measure in enumerate(sample.measures)
    )
    ends = plan.assignment[problem.edges]
    drawn = sample.is_drawn
    together = sample.together[:, drawn]
    neighbours = Neighbours(
        problem.edges[drawn],
        (ends[:, 0] == ends[:, 1])[drawn],
        together.mean(axis=0),
        together.min(axis=0),
        together.max(axis=0),
        any(one.convergence.is_enough for one in standings),
    )
    return Ensemble(scenario, sample.n_plans, sample.n_chains, standings, neighbours, tuple(ids), cells)


def _stand_in(measure: Measure, problem: Problem, values: NDArray[np.int64], own: int) -> Standing:
    words, form = MEASURES[measure]
    n_residents = 0 if problem.stay is None else problem.stay.n_residents
    unit = {
        Measure.COST: problem.per_metre,
        Measure.CROSSING: problem.per_metre,
        Measure.MOVED: max(1, n_residents),
        Measure.BALANCE: PPM,
        Measure.COMPACTNESS: PPM,
        Measure.COUNT: 1,
    }[measure]

    def show(value: NDArray[np.int64]) -> FloatArray:
        return np.asarray((PPM - value if measure is Measure.COMPACTNESS else value) / unit)

    return Standing(
        measure,
        words,
        form,
        float(show(np.array(own))),
        show(values),
        int((values < own).sum()),
        diagnose_chains(values),
    )
