"""Apportionment: how many communities each district gets."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from redistrict.errors import ScenarioError
from redistrict.messages import Message, name_some


def largest_remainder(weights: Sequence[int], n_seats: int) -> list[int]:
    """Share out `n_seats` in proportion to `weights` by largest remainder (Hamilton), at least one each.

    Exact in integers; ties go to the earlier entry. With no weight at all everyone counts the same.

    Parameters
    ----------
    weights : sequence of int >= 0
    n_seats : int
        At least ``len(weights)``.

    Raises
    ------
    ValueError
        If there are fewer seats than entries.
    """
    n = len(weights)
    if n_seats < n:
        raise ValueError(f"{n_seats} communities cannot be shared by {n} places: each needs at least one")
    total = sum(weights)
    if total == 0:
        weights, total = [1] * n, n
    floors = [n_seats * weight // total for weight in weights]
    remainder = [n_seats * weight % total for weight in weights]
    seats = floors.copy()
    for place in sorted(range(n), key=lambda i: (-remainder[i], i))[: n_seats - sum(floors)]:
        seats[place] += 1
    while min(seats) == 0:
        seats[seats.index(0)] = 1
        able = (i for i in range(n) if seats[i] > 1)
        richest = max(able, key=lambda i: (seats[i] * total - n_seats * weights[i], seats[i], -i))
        seats[richest] -= 1
    return seats


def share_ends(weights: Mapping[str, int], low: int, high: int) -> dict[str, tuple[int, int]]:
    """Share out the fewest and the most communities by largest remainder.

    Where a share would shrink as the total grows, the fewest serve as the most too: so whatever lies between
    the ends of every share adds up to a total between `low` and `high`.

    Raises
    ------
    ScenarioError
        If there are fewer communities than names.
    """
    if not weights:
        return {}
    first, last = (_share(weights, n_seats) for n_seats in (min(high, max(low, len(weights))), high))
    if any(first[name] > last[name] for name in weights):
        last = first
    return {name: (first[name], last[name]) for name in weights}


def share_within(
    limits: Mapping[str, tuple[int, int]], weights: Mapping[str, int], low: int, high: int
) -> dict[str, tuple[int, int]]:
    """Share out the fewest and the most communities inside limits, one by one to where a community is heaviest.

    Whatever lies between the ends of every share adds up to a total between `low` and `high`.

    Raises
    ------
    ScenarioError
        If the limits leave no such total.
    """
    fewest, most = sum(a for a, _ in limits.values()), sum(b for _, b in limits.values())
    if not (low <= most and fewest <= high):
        raise ScenarioError(contradiction(low, high, fewest, most))
    seats = {name: a for name, (a, _) in limits.items()}
    first = dict(seats)
    for n_seats in range(fewest, min(high, most)):
        open_to = [name for name, (_, b) in limits.items() if seats[name] < b]
        seats[max(open_to, key=lambda name: Fraction(weights[name], 2 * seats[name] + 1))] += 1
        if n_seats < low:
            first = dict(seats)
    return {name: (first[name], seats[name]) for name in limits}


def contradiction(low: int, high: int, fewest: int, most: int) -> Message:
    """Say that the number asked for and the numbers by district cannot both be kept."""
    return Message(
        f"communities.count asks for {low}-{high} communities, count_by_district and count_by of levels for "
        f"{fewest}-{most}; mend one.",
        f"communities.count 要求 {low}–{high} 个社区，count_by_district 与各级 count_by 合计 {fewest}–{most} 个；"
        "请修改其中一处。",
    )


def _share(weights: Mapping[str, int], n_seats: int) -> dict[str, int]:
    try:
        return dict(zip(weights, largest_remainder(list(weights.values()), n_seats), strict=True))
    except ValueError as error:
        named = name_some(list(weights))
        raise ScenarioError(
            Message(
                f"communities.count: {max(n_seats, 0)} communities are left for {len(weights)} districts "
                f"({named.en}); each needs at least one.",
                f"communities.count：{len(weights)} 个区（{named.zh}）只剩 {max(n_seats, 0)} 个社区名额；"
                "每区至少需要一个。",
            )
        ) from error
