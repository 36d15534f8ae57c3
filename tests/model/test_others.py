"""Further quantities: bounds, prices and words of what the scenario counts besides households and people."""

import pickle
from dataclasses import replace
from typing import Any

import pytest

from redistrict.errors import InfeasibleScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.graph import build_graph
from redistrict.messages import Message
from redistrict.model.areas import NO_BOUND, Area, build_areas
from redistrict.model.problem import Problem, build_problem
from redistrict.model.quantities import Other, quantity_words, tolerance_key, with_others
from redistrict.scenario.models import Communities, Contiguity, Objective
from tests.geo.drawing import cells, make_blocks, surroundings

WORDS = Message("elderly people", "老年人")
TITLE = WORDS._asdict()
ROW = cells("a b c d e f g h")
ELDERLY = [30, 10, 20, 40, 50, 10, 20, 20]


def _blocks() -> Blocks:
    """Eight blocks in a row of 100 households, with 200 elderly people in all."""
    blocks = make_blocks(ROW, households=100)
    return with_others(replace(blocks, frame=blocks.frame.assign(elderly=ELDERLY)), {"elderly": WORDS})


def _rules(**asked: Any) -> Communities:
    rules = {"target": {"households": 400}, "tolerance": {"households": 0.5}}
    return Communities.model_validate(rules | {"others": {"elderly": {"title": TITLE} | asked}})


def _areas(**asked: Any) -> tuple[Area, ...]:
    blocks = _blocks()
    return build_areas(blocks, build_graph(blocks, surroundings(), Contiguity()).edges, _rules(**asked))


def _problem(**asked: Any) -> Problem:
    blocks = _blocks()
    graph = build_graph(blocks, surroundings(), Contiguity())
    return build_problem(blocks, graph, _rules(**asked), Objective(deviation=20))


@pytest.mark.parametrize(
    ("asked", "target", "lower", "upper"),
    [
        ({"target": 90, "tolerance": 0.2}, 90, 72, 108),
        ({"tolerance": 0.3}, 100, 70, 130),
        ({"target": 90}, 90, 0, NO_BOUND),
        ({}, 100, 0, NO_BOUND),
        ({"limits": {"min": 60}}, 100, 60, NO_BOUND),
        ({"target": 90, "tolerance": 0.2, "limits": {"max": 105}}, 90, 72, 105),
    ],
)
def test_bounds_are_hard_where_a_tolerance_or_limits_are_given(
    asked: dict[str, Any], target: int, lower: int, upper: int
) -> None:
    """Around the target, or the mean of the area; without either anything goes."""
    (area,) = _areas(**asked)
    (limits,) = area.options
    assert (limits.target[1], limits.lower[1], limits.upper[1]) == (target, lower, upper)


def test_totals_that_cannot_fit_are_refused_with_the_sums() -> None:
    """They are named in the words of the scenario, in both languages."""
    with pytest.raises(InfeasibleScenarioError, match="200 elderly people") as caught:
        _areas(target=500, tolerance=0.1)
    assert "老年人 200" in caught.value.problems[0].zh


@pytest.mark.parametrize(("price", "rate"), [(None, 20), (7, 7), (0, 0)])
def test_one_per_cent_off_costs_its_price(price: float | None, rate: int) -> None:
    """Its own price, or that of all quantities; a hundred is one per cent of ten thousand units a metre."""
    problem = _problem(target=100, price=price)
    assert problem.deviation_rate[1] == rate * problem.per_metre
    assert problem.deviation_rate[0] * 400 == 100 * 20 * problem.per_metre


def test_a_further_quantity_carries_its_words() -> None:
    """So it does in another process, and it is a key like any other."""
    one = pickle.loads(pickle.dumps(Other("elderly", WORDS)))
    assert one == "elderly"
    assert {one: 1}["elderly"] == 1
    assert quantity_words(one) == WORDS
    assert tolerance_key(one) == "communities.others.elderly.tolerance"
    assert tolerance_key("people@2030") == "communities.tolerance.people"
