"""The price charged is the price written: random prices and ratios, against the formula of the reference.

Towns of nine blocks, small enough to count out every plan. The formula is written anew here, from metres, counts and
the scenario alone; the engine's rates are not looked at.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property
from itertools import combinations
from math import ceil, floor

import networkx as nx
import numpy as np
import pytest

from redistrict.errors import ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.levels import BlockLevel
from redistrict.model.measures import plan_cost_parts
from redistrict.model.prices import MOST_UNITS
from redistrict.model.problem import build_problem
from redistrict.model.result import SolveStatus, StoppedBy
from redistrict.scenario.levels import Level
from redistrict.scenario.models import Communities, Contiguity, Objective, Solve
from redistrict.scenario.office import Staffing
from redistrict.solver.strategy import solve
from tests.geo.drawing import cells, line, make_blocks, point, surroundings

SHAPES = cells("a b c\nd e f\ng h i", side_m=93.7, street_m=21.3)
AROUND = surroundings(
    roads=[
        ("primary", "", line((-50, 104), (420, 104))),
        ("secondary", "", line((219, -50), (219, 420))),
    ],
    structures=[("signal", point(50, 104))],
)
LARGEST = {"households": 10**9, "people": 3 * 10**9}
Community = frozenset[int]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Town:
    """A town with prices."""

    blocks: Blocks
    graph: ContiguityGraph
    current: CurrentPlan
    communities: Communities
    objective: Objective
    staffing: Staffing

    @property
    def each(self) -> float:
        """Price of a resident whose street changes."""
        (street,) = self.blocks.levels
        assert street.asked is not None
        return street.asked.each or 0.0

    @property
    def k(self) -> int:
        """Number of communities."""
        assert isinstance(self.communities.count, int)
        return self.communities.count

    @cached_property
    def counts(self) -> dict[str, list[int]]:
        """Counts of each block."""
        return {quantity: self.blocks.frame[quantity].tolist() for quantity in self.blocks.quantities}


def draw_price(rng: np.random.Generator, most: float = 6.0) -> float:
    """Give a price from a thousandth to a million, of one to six digits, or none."""
    if rng.random() < 0.25:
        return 0.0
    return float(f"{10 ** rng.uniform(-3, most):.{rng.integers(1, 7)}g}")


def draw_town(seed: int) -> Town:
    """Draw counts up to a thousand million households, prices up to a million, and ratios of up to six decimals."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 4))
    mean = 10 ** rng.uniform(1, 8)
    households = np.rint(mean * rng.uniform(0.6, 1.4, 9)).astype(np.int64)
    people = np.rint(households * rng.uniform(2.2, 2.7, 9)).astype(np.int64)
    if rng.random() < 0.3:
        households[4] = people[4] = 0
    ids = sorted(SHAPES)
    title = {"zh": "街道", "en": "street"}
    level = {"key": "street", "title": title, "column": "s", "keep": "dear", "each": draw_price(rng, 3.0)}
    streets = BlockLevel("street", ("E", "M", "W"), rng.integers(0, 3, 9).astype(np.int32), Level.model_validate(level))
    blocks = make_blocks(
        SHAPES,
        households=dict(zip(ids, households.tolist(), strict=True)),
        people=dict(zip(ids, people.tolist(), strict=True)),
    )
    goals = [max(1, round(float(size.sum()) / k * rng.uniform(0.8, 1.25))) for size in (households, people)]
    today = rng.integers(0, 3, 9).astype(np.int32)
    n_workers = rng.uniform(2, 20)
    digits = int(rng.integers(0, 7))
    ratios = [max(1.0, round(goal / n_workers * rng.uniform(0.8, 1.2), digits)) for goal in goals]
    return Town(
        replace(blocks, levels=(streets,)),
        build_graph(blocks, AROUND, Contiguity()),
        CurrentPlan(("A", "B", "C"), ("A", "B", "C"), ("", "", ""), today, None, np.zeros(3, dtype=bool)),
        Communities.model_validate(
            {
                "target": {"households": goals[0], "people": goals[1] if rng.random() < 0.8 else None},
                "around": str(rng.choice(["targets", "means"])),
                "tolerance": {"households": 0.7, "people": 0.7},
                "count": k,
            }
        ),
        Objective.model_validate(
            {
                "crossing": {"primary": draw_price(rng), "secondary": draw_price(rng)},
                "served_share": round(rng.random(), 2),
                "empty_share": round(rng.random(), 2),
                "boundary": draw_price(rng),
                "deviation": draw_price(rng),
                "disruption": draw_price(rng, 3.0),
                "idle_staff": draw_price(rng),
            }
        ),
        Staffing.model_validate(
            {
                "households_per_worker": ratios[0],
                "people_per_worker": ratios[1],
                "combine": str(rng.choice(["larger", "mean"])),
                "rounding": str(rng.choice(["up", "nearest"])),
                "minimum": int(rng.choice([0, 0, 8])),
            }
        ),
    )


@cache
def list_connected(edges: tuple[tuple[int, int], ...]) -> list[Community]:
    """Give every connected set of blocks."""
    graph = nx.Graph(edges)
    sets = (frozenset(c) for n in range(1, 9) for c in combinations(range(9), n))
    return [c for c in sets if nx.is_connected(graph.subgraph(c))]


class Formula:
    """What a plan costs in weighted metres, as the reference has it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.per_cent_off = cache(self._per_cent_off)
        self.idle = cache(self._idle)

    def metres(self, plan: list[Community]) -> dict[str, float]:
        """Give the parts of the cost."""
        of_block = {i: n for n, community in enumerate(plan) for i in community}
        town, price = self.town, self.town.objective
        crossing = boundary = 0.0
        for e, (i, j) in enumerate(town.graph.edges.tolist()):
            if of_block[i] != of_block[j]:
                boundary += price.boundary * town.graph.frontage_m[e]
                continue
            share = price.served_share if town.graph.is_served[e] else 1.0
            share *= price.empty_share if 0 in (town.counts["people"][i], town.counts["people"][j]) else 1.0
            for name, metres in zip(town.graph.classes, town.graph.crossing_m[e].tolist(), strict=True):
                crossing += price.crossing[name] * share * metres
        return {
            "crossing": crossing,
            "boundary": boundary,
            "deviation": price.deviation * sum(self.per_cent_off(c) for c in plan),
            "disruption": price.disruption * self.moved(plan),
            "idle_staff": price.idle_staff * sum(self.idle(c) for c in plan),
            "levels": town.each * sum(map(self.strangers, plan)),
        }

    def _per_cent_off(self, community: Community) -> float:
        """Give the per cent off target, both quantities together."""
        rules, off = self.town.communities, Fraction(0)
        for quantity in ("households", "people"):
            column, written = self.town.counts[quantity], getattr(rules.target, quantity)
            mean = Fraction(sum(column), self.town.k)
            target = round(mean) if rules.around == "means" or written is None else written
            off += abs(sum(column[i] for i in community) - target) * Fraction(100) / (written or mean)
        return float(off)

    def _idle(self, community: Community) -> float:
        """Give whole workers less the exact need."""
        rules, needs = self.town.staffing, []
        for quantity, ratio in (("households", rules.households_per_worker), ("people", rules.people_per_worker)):
            needs.append(sum(self.town.counts[quantity][i] for i in community) / Fraction(str(ratio)))
        need = max(needs) if rules.combine == "larger" else sum(needs, Fraction(0)) / 2
        whole = ceil(need) if rules.rounding == "up" else floor(need + Fraction(1, 2))
        return float(abs(max(whole, rules.minimum) - need))

    def strangers(self, community: Community) -> int:
        """Give the people who live in another street than most of a community."""
        people, street = self.town.counts["people"], self.town.blocks.levels[0].unit.tolist()
        lived = [sum(people[i] for i in community if street[i] == s) for s in range(3)]
        return sum(lived) - max(lived)

    def moved(self, plan: list[Community]) -> int:
        """Give the people whose community does not take over the name of theirs today."""
        people, today = self.town.counts["people"], self.town.current.of_block.tolist()
        kept: dict[int, int] = {}
        for community in plan:
            shares = Counter(dict.fromkeys(sorted({today[i] for i in community}), 0))
            shares.update({name: sum(people[i] for i in community if today[i] == name) for name in shares})
            n_blocks = Counter(today[i] for i in community)
            source = max(shares, key=lambda name: (shares[name], n_blocks[name], -name))
            kept[source] = max(kept.get(source, 0), shares[source])
        return sum(people) - sum(kept.values())

    def plans(self) -> Iterator[list[Community]]:
        """Count out every plan inside the bounds."""
        edges = tuple((i, j) for i, j in self.town.graph.edges.tolist())
        fit = [c for c in list_connected(edges) if self.is_inside(c)]

        def extend(plan: list[Community], left: Community) -> Iterator[list[Community]]:
            if len(plan) == self.town.k:
                if not left:
                    yield plan
                return
            first = min(left, default=None)
            for community in fit:
                if first in community and community <= left:
                    yield from extend([*plan, community], left - community)

        yield from extend([], frozenset(range(9)))

    def is_inside(self, community: Community) -> bool:
        """Tell whether a set of blocks may be a community."""
        rules = self.town.communities
        for quantity in ("households", "people"):
            column, target = self.town.counts[quantity], getattr(rules.target, quantity)
            if rules.around == "means":
                target = Fraction(sum(column), self.town.k)
            size = sum(column[i] for i in community)
            if target is not None and not target * Fraction(3, 10) <= size <= target * Fraction(17, 10):
                return False
        return True

    def most_m(self) -> float:
        """Give more than any plan can cost."""
        town, price = self.town, self.town.objective
        lengths = sum(
            float(metres) * price.crossing[name]
            for name, metres in zip(town.graph.classes, town.graph.crossing_m.sum(axis=0), strict=True)
        )
        lengths += price.boundary * float(town.graph.frontage_m.sum())
        worst = self.per_cent_off(frozenset(range(9))) + 2 * 100 * (town.k + 1) * 1.3
        people = sum(town.counts["people"])
        return (
            lengths
            + price.deviation * worst
            + (price.disruption + town.each) * people
            + price.idle_staff * town.k * max(1, town.staffing.minimum)
        )

    def tolerance_m(self, parts: dict[str, float], per_metre: int) -> float:
        """Give the stated precision of a cost, with room for the rounding of floats."""
        is_coarse = per_metre * 10 * self.most_m() > MOST_UNITS
        units = len(self.town.graph.edges) / 2 + self.town.k
        share = 1e-4 if is_coarse else 1e-6
        a_part_m = 1e-6 * self.town.k * self.town.objective.idle_staff
        return (
            units / per_metre
            + share * (parts["deviation"] + parts["disruption"] + parts["levels"])
            + (share + 1e-5) * parts["idle_staff"]
            + a_part_m
            + 1e-9 * sum(parts.values())
        )


def check_town(seed: int) -> str:
    """Solve a town, and check what it publishes; tell how it ended."""
    town = draw_town(seed)
    formula = Formula(town)
    try:
        problem = build_problem(
            town.blocks,
            town.graph,
            town.communities,
            town.objective,
            current=town.current,
            staffing=town.staffing,
        )
    except ScenarioError as error:
        (message,) = error.problems
        assert any(key in message.en for key in ("objective", "levels.street.each"))
        assert any(key in message.zh for key in ("objective", "levels.street.each"))
        assert any(words in message.en for words in ("lower", "raise", "give"))
        return "refused: " + ("ratios" if message.en.startswith("standards") else "prices")
    for effort in (0.02, 1.0, 10.0):
        result = solve(problem, Solve(method="exact", effort=effort, workers=1))
        if result.stopped_by is StoppedBy.PROOF:
            break
    plans = list(formula.plans())
    if not plans:
        assert result.status is SolveStatus.INFEASIBLE
        return "no plan"
    assert result.status is SolveStatus.OPTIMAL
    assert result.plan is not None
    assert result.cost_m is not None
    labels = result.plan.assignment.tolist()
    found = [frozenset(i for i in range(9) if labels[i] == c) for c in range(town.k)]
    assert set(found) in [set(plan) for plan in plans]
    parts = formula.metres(found)
    cost_m, tolerance_m = sum(parts.values()), formula.tolerance_m(parts, problem.per_metre)
    assert result.cost_m == pytest.approx(cost_m, rel=0, abs=tolerance_m)
    published = plan_cost_parts(problem, result.plan)
    for name, metres in parts.items():
        assert getattr(published, name) / problem.per_metre == pytest.approx(metres, rel=0, abs=tolerance_m), name
    best = min(map(formula.metres, plans), key=lambda metres: sum(metres.values()))
    least_m = sum(best.values())
    assert cost_m <= least_m + tolerance_m + formula.tolerance_m(best, problem.per_metre)
    return f"optimal, unit 1/{problem.per_metre:,} m"


def test_published_costs_are_those_of_the_formula() -> None:
    """Of twelve towns the published cost and the optimum are those of the formula."""
    ended = Counter(check_town(seed) for seed in range(12))
    assert sum(n for how, n in ended.items() if how.startswith("optimal")) >= 5


@pytest.mark.long
def test_two_thousand_published_costs_are_those_of_the_formula() -> None:
    """The same for two thousand; `pytest --log-cli-level=INFO` tells how many ended how."""
    ended = Counter(check_town(seed) for seed in range(1000, 3000))
    for how, n in sorted(ended.items()):
        _log.info("%5d %s", n, how)
    assert sum(n for how, n in ended.items() if how.startswith("optimal")) >= 1000
