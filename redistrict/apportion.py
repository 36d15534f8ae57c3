"""Apportionment: how many communities each district gets."""

from collections.abc import Sequence


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
