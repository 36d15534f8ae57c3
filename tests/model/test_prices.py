"""Prices in whole numbers: as fine a unit as they ask for, or a refusal that says what would do."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from redistrict.errors import ScenarioError
from redistrict.geo.graph import build_graph
from redistrict.geo.levels import BlockLevel
from redistrict.model.prices import COST_PER_METRE, MOST_UNITS
from redistrict.model.problem import Problem, build_problem
from redistrict.model.terms import build_idle_staff
from redistrict.scenario.levels import Level
from redistrict.scenario.models import Communities, Contiguity, Objective
from redistrict.scenario.office import Staffing
from tests.geo.drawing import cells, make_blocks, surroundings

SHAPES = cells("a b\nc d", street_m=20)


def _problem(objective: Objective, *, households: int = 1250, target: int = 2500) -> Problem:
    blocks = make_blocks(SHAPES, households=households)
    rules = Communities.model_validate({"target": {"households": target}, "count": 2, "tolerance": {"households": 0.9}})
    return build_problem(blocks, build_graph(blocks, surroundings(), Contiguity()), rules, objective)


@pytest.mark.parametrize(
    ("objective", "target", "per_metre"),
    [
        (Objective(), 2500, COST_PER_METRE),
        (Objective(deviation=0.3), 2500, 1000),  # 0.012 m a household
        (Objective(deviation=1), 2487, 10_000_000),  # 0.0402090872... m
        (Objective(boundary=0.01), 2500, 1000),
    ],
)
def test_the_unit_is_as_fine_as_the_prices_ask_for(objective: Objective, target: int, per_metre: int) -> None:
    """A centimetre where prices are held in it, else the largest decimal fraction that holds them to a millionth."""
    problem = _problem(objective, target=target)
    exact = Fraction(str(objective.deviation)) * 100 / target
    assert problem.per_metre == per_metre
    assert abs(Fraction(int(problem.deviation_rate[0]), per_metre) - exact) <= exact / 10**6


@pytest.mark.parametrize("price", [1, 30, 100, 0.07])
def test_idle_staff_costs_what_is_written(price: float) -> None:
    """With the usual ratios 1 and 30 were charged as 40, 100 as 80 (issue 16): now 1,250 households cost 1/8 less."""
    problem = _problem(Objective(idle_staff=price))
    assert problem.idle is not None
    workers = {1250: Fraction(0), 1251: Fraction(249, 250), 2600: Fraction(6, 10)}
    for households, idle in workers.items():
        cost = int(problem.idle.cost(np.array([[households]]))[0])
        assert 0 <= cost - idle * Fraction(str(price)) * problem.per_metre < 1


def test_prices_too_far_apart_are_refused_with_what_would_do() -> None:
    """The message names both keys in both languages, and the values it gives are accepted."""
    prices = {"deviation": 1_000_000, "boundary": 1e-6}
    with pytest.raises(ScenarioError, match=r"objective: deviation 1000000 can charge up to") as refused:
        _problem(Objective.model_validate(prices), households=300_000, target=600_000)
    (message,) = refused.value.problems
    advised = dict(re.findall(r"objective\.(\w+) to ([\d.e+-]+\d)", message.en))
    assert advised.keys() == prices.keys()
    assert all(f"objective.{key}" in message.zh and value in message.zh for key, value in advised.items())
    for key, value in advised.items():
        problem = _problem(Objective.model_validate(prices | {key: float(value)}), households=300_000, target=600_000)
        assert problem.per_metre >= COST_PER_METRE


def test_a_level_too_dear_is_refused_by_its_key() -> None:
    """A million metres for each of 1,200,000 residents beside a frontage at a millionth: the level's key is named."""
    blocks = make_blocks(SHAPES, households=300_000)
    rules = Communities.model_validate({"target": {"households": 600_000}, "count": 2})
    title = {"zh": "街道", "en": "street"}
    level = {"key": "street", "title": title, "column": "street", "keep": "dear"}
    graph, prices = build_graph(blocks, surroundings(), Contiguity()), Objective(boundary=1e-6)

    def build(each: float) -> Problem:
        asked = Level.model_validate(level | {"each": each})
        street = BlockLevel("street", ("E", "W"), np.array([0, 0, 1, 1], dtype=np.int32), asked)
        return build_problem(replace(blocks, levels=(street,)), graph, rules, prices)

    with pytest.raises(ScenarioError, match=r"^levels: street\.each 1000000 can charge up to") as refused:
        build(1_000_000)
    (message,) = refused.value.problems
    (advised,) = re.findall(r"lower levels\.street\.each to ([\d.e+-]+\d)", message.en)
    assert f"levels.street.each 降至 {advised}" in message.zh
    assert build(float(advised)).dear is not None


def test_ratios_of_too_many_digits_are_refused_with_some_that_do() -> None:
    """What is advised instead of 333.333333 and 888.888889 (issue 16) is accepted, and as near as can be."""
    size = np.array([[100_000, 250_000]])
    quantities = ("households", "people")
    rules = Staffing(households_per_worker=333.333333, people_per_worker=888.888889)
    with pytest.raises(ScenarioError, match=r"people_per_worker: with 333\.333333 / 888\.888889") as no:
        build_idle_staff(quantities, size, rules, 3000)
    (message,) = no.value.problems
    households, people = map(float, re.findall(r"such as ([\d.]+) / ([\d.]+\d)", message.en)[0])
    assert f"{households} / {people}" in message.zh
    idle = build_idle_staff(
        quantities,
        size,
        rules.model_copy(update={"households_per_worker": households, "people_per_worker": people}),
        3000,
    )
    assert idle is not None
    assert households == pytest.approx(333.333333, abs=0.001)


@pytest.mark.parametrize(("price", "scale_digits"), [(7, 3), (10**6, 3), (MOST_UNITS, 4), (3 * 10**7, 5)])
def test_idle_staff_is_exact_in_workers_and_close_in_cost(price: int, scale_digits: int) -> None:
    """Workers are counted in fractions, and charged to a unit and a hundred-thousandth, whatever ratios and price."""
    rules = Staffing(
        households_per_worker=round(1000 / 3, scale_digits), people_per_worker=round(6100 / 7, scale_digits), minimum=2
    )
    sizes = np.array([[h, round(2.6 * h)] for h in range(0, 4000, 137)])
    idle = build_idle_staff(("households", "people"), sizes, rules, price)
    assert idle is not None
    for (households, people), cost in zip(sizes.tolist(), idle.cost(sizes).tolist(), strict=True):
        ratios = (rules.households_per_worker, rules.people_per_worker)
        need = max(n / Fraction(str(r)) for n, r in zip((households, people), ratios, strict=True))
        exact = price * abs(max(-(-need // 1), 2) - need)
        assert abs(cost - exact) <= 1 + Fraction(price, 10**6) + exact / 10**5
