"""Apportionment: largest remainder, at least one each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redistrict.errors import ScenarioError
from redistrict.model.apportion import largest_remainder, share_ends, share_within

weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12)


def test_huangshi() -> None:
    """Four districts of Huangshi share 83 communities as 28, 31, 14, 10; with a fifth, 90 as 28, 31, 14, 10, 7."""
    four = [219_900, 250_600, 114_300, 78_000]
    assert largest_remainder(four, 83) == [28, 31, 14, 10]
    assert largest_remainder([*four, 57_000], 90) == [28, 31, 14, 10, 7]


@given(weights=weights, extra=st.integers(0, 200))
def test_all_seats_are_given_and_everyone_gets_one(weights: list[int], extra: int) -> None:
    """The seats add up to the number given, and nobody goes without."""
    seats = largest_remainder(weights, len(weights) + extra)
    assert sum(seats) == len(weights) + extra
    assert min(seats) >= 1


@given(weights=weights, extra=st.integers(0, 200))
def test_quota(weights: list[int], extra: int) -> None:
    """Where everyone's share is at least one seat, nobody is a whole seat away from it."""
    n_seats, total = len(weights) + extra, sum(weights)
    if total and all(n_seats * weight >= total for weight in weights):
        for weight, seats in zip(weights, largest_remainder(weights, n_seats), strict=True):
            assert abs(seats * total - n_seats * weight) < total


@given(weights=weights, extra=st.integers(0, 200))
def test_heavier_places_never_get_fewer(weights: list[int], extra: int) -> None:
    """A place with more weight gets at least as many seats."""
    ordered = sorted(weights)
    seats = largest_remainder(ordered, len(weights) + extra)
    assert all(seats[i] <= seats[i + 1] for i in range(len(seats) - 1) if ordered[i] < ordered[i + 1])


def test_tiny_places_next_to_a_large_one() -> None:
    """Several places far below one seat each get one, all from the large one."""
    assert largest_remainder([1, 1, 1, 100], 4) == [1, 1, 1, 1]
    assert largest_remainder([0, 0, 1000], 9) == [1, 1, 7]


def test_ties_go_to_the_earlier_place() -> None:
    """Equal remainders are settled by order, so the result never changes from run to run."""
    assert largest_remainder([5, 5], 3) == [2, 1]
    assert largest_remainder([0, 0, 0], 5) == [2, 2, 1]


def test_fewer_seats_than_places_are_refused() -> None:
    """With fewer seats than places not everyone can get one."""
    with pytest.raises(ValueError, match="2 communities cannot be shared by 3 places"):
        largest_remainder([1, 2, 3], 2)


@given(weights=weights, extra=st.integers(0, 40), width=st.integers(0, 9))
def test_ends_of_a_range_add_up_to_its_ends(weights: list[int], extra: int, width: int) -> None:
    """The fewest add up to the low end, the most to no more than the high end, and no share shrinks."""
    low = len(weights) + extra
    ends = share_ends({str(i): weight for i, weight in enumerate(weights)}, low, low + width)
    assert sum(first for first, _ in ends.values()) == low
    assert sum(last for _, last in ends.values()) <= low + width
    assert all(first <= last for first, last in ends.values())


@given(data=st.data(), low=st.integers(1, 30), width=st.integers(0, 9))
def test_shares_stay_within_their_limits_and_the_range(data: st.DataObject, low: int, width: int) -> None:
    """Between the ends, every share keeps its limits and every total the range; else the numbers are refused."""
    pairs = data.draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6))
    limits = {str(i): (fewest, fewest + more) for i, (fewest, more) in enumerate(pairs)}
    weight = {name: data.draw(st.integers(0, 10**6)) for name in limits}
    fewest, most = (sum(limit[end] for limit in limits.values()) for end in (0, 1))
    if fewest > low + width or most < low:
        with pytest.raises(ScenarioError, match="mend one"):
            share_within(limits, weight, low, low + width)
        return
    ends = share_within(limits, weight, low, low + width)
    assert low <= sum(first for first, _ in ends.values()) <= sum(last for _, last in ends.values()) <= low + width
    assert all(limits[name][0] <= first <= last <= limits[name][1] for name, (first, last) in ends.items())
