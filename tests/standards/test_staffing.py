"""Staffing: workers from households and people, exact in whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.scenario.office import Staffing
from redistrict.standards.staffing import exact_need, staffing_by_district, workers_needed


@pytest.mark.parametrize(
    ("households", "people", "needed"),
    [(2500, 8000, 10), (2501, 8000, 11), (2500, 8001, 11), (2000, 8000, 10), (2500, 6400, 10), (1, 0, 1)],
)
def test_the_larger_need_decides_and_goes_up(households: int, people: int, needed: int) -> None:
    """By default a worker serves 250 households or 800 people, whichever asks for more, and fractions go up."""
    assert workers_needed(households, people, Staffing()) == needed


@pytest.mark.parametrize(
    ("combine", "rounding", "needed"),
    [("larger", "up", 12), ("larger", "nearest", 11), ("mean", "up", 10), ("mean", "nearest", 9)],
)
def test_both_ways_to_combine_and_to_round(combine: str, rounding: str, needed: int) -> None:
    """2,800 households need 11.2 workers and 6,000 people 7.5: the larger is 11.2, the mean 9.35."""
    rules = Staffing.model_validate({"combine": combine, "rounding": rounding})
    assert workers_needed(2800, 6000, rules) == needed


def test_half_a_worker_goes_up() -> None:
    """Rounding to the nearest takes halves up, also where the whole number below is even."""
    rules = Staffing(rounding="nearest")
    assert [workers_needed(households, None, rules) for households in (125, 375, 625, 124)] == [1, 2, 3, 0]


@pytest.mark.parametrize("combine", ["larger", "mean"])
def test_one_quantity_is_enough(combine: str) -> None:
    """Data with households only, or people only, are counted by that quantity alone."""
    rules = Staffing.model_validate({"combine": combine})
    assert workers_needed(1000, None, rules) == 4
    assert workers_needed(None, 4000, rules) == 5


def test_the_minimum_holds_from_below_only() -> None:
    """No community gets fewer than the minimum, an empty one included, and a larger one is not held down."""
    rules = Staffing(minimum=5)
    assert [workers_needed(n, None, rules) for n in (0, 1250, 1251)] == [5, 5, 6]
    assert workers_needed(0, 0, Staffing()) == 0


def test_ratios_are_exact_decimals() -> None:
    """0.7 is seven tenths: 7 households need 10 workers, where the binary fraction just below would ask for 11."""
    assert workers_needed(7, None, Staffing(households_per_worker=0.7)) == 10
    assert workers_needed(4503599627370497, None, Staffing(households_per_worker=1)) == 4503599627370497


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["up", "nearest"]))
def test_the_mean_lies_between_the_needs(households: int, people: int, rounding: str) -> None:
    """The mean of the two needs is never above the larger one, and rounding moves it by less than one."""
    mean = workers_needed(households, people, Staffing.model_validate({"combine": "mean", "rounding": rounding}))
    larger = workers_needed(households, people, Staffing.model_validate({"rounding": rounding}))
    need = (Fraction(households, 250) + Fraction(people, 800)) / 2
    assert mean <= larger
    assert abs(mean - need) < 1


@pytest.mark.parametrize(
    ("combine", "households", "people", "need"),
    [
        ("larger", 2800, 6000, Fraction(56, 5)),
        ("mean", 2800, 6000, Fraction(187, 20)),
        ("mean", 1, None, Fraction(1, 250)),
        ("larger", None, 1, Fraction(1, 800)),
    ],
)
def test_the_exact_need_is_a_fraction(combine: str, households: int, people: int, need: Fraction) -> None:
    """Before rounding the need is a fraction without error: 2,800 households need 11.2 workers, not 11.199."""
    assert exact_need(households, people, Staffing.model_validate({"combine": combine})) == need


def test_the_minimum_is_no_part_of_the_exact_need() -> None:
    """A community held up by the minimum still has its small need, so that the idle workers can be counted."""
    rules = Staffing(minimum=5)
    assert workers_needed(500, None, rules) - exact_need(500, None, rules) == 3


def test_workers_add_up_by_district() -> None:
    """Each district has the workers of its communities, in the order the districts first stand."""
    assert list(staffing_by_district(["西塞山区", "下陆区", "西塞山区"], [10, 9, 11]).items()) == [
        ("西塞山区", 21),
        ("下陆区", 9),
    ]
    assert staffing_by_district([], []) == {}


def test_every_community_has_one_district() -> None:
    """Districts and workers of different lengths are a mistake of the caller."""
    with pytest.raises(ValueError, match="zip"):
        staffing_by_district(["下陆区"], [1, 2])
