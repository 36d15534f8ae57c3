"""Community workers (社区工作者) from households and people, exact in whole numbers."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, floor

from redistrict.scenario.office import Staffing


def workers_needed(households: int | None, people: int | None, ratios: Staffing) -> int:
    """Give the workers one community needs: the exact need made whole by `rounding`, never under the `minimum`.

    Parameters
    ----------
    households, people : int or None
        None where the data do not have them; not both.
    """
    need = exact_need(households, people, ratios)
    whole = ceil(need) if ratios.rounding == "up" else floor(need + Fraction(1, 2))
    return max(whole, ratios.minimum)


def exact_need(households: int | None, people: int | None, ratios: Staffing) -> Fraction:
    """Give the workers one community needs before rounding.

    Each quantity the data have gives a need, ``households / households_per_worker`` and ``people /
    people_per_worker``; `ratios.combine` takes the larger or the mean of the two.

    Notes
    -----
    The Huangshi report asks for one worker per 250 households or 800 people (section 三(一)); the ratios are
    scenario data, never constants.
    """
    needs = [
        Fraction(count) / Fraction(str(ratio))
        for count, ratio in (
            (households, ratios.households_per_worker),
            (people, ratios.people_per_worker),
        )
        if count is not None
    ]
    return max(needs) if ratios.combine == "larger" else sum(needs, Fraction(0)) / len(needs)


def staffing_by_district(districts: Iterable[str], workers: Iterable[int]) -> dict[str, int]:
    """Give the workers of each district, in the order the districts first stand; both go by community."""
    totals: dict[str, int] = {}
    for district, n_workers in zip(districts, workers, strict=True):
        totals[district] = totals.get(district, 0) + n_workers
    return totals
