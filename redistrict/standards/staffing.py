"""Community workers (社区工作者) from households and people, exact in whole numbers."""

from fractions import Fraction
from math import ceil, floor

from redistrict.scenario.office import Staffing


def workers_needed(households: int | None, people: int | None, rules: Staffing) -> int:
    """Give the workers one community needs.

    Each quantity the data have gives a need, ``households / households_per_worker`` and ``people /
    people_per_worker``; `rules.combine` takes the larger or the mean of the two, `rules.rounding` makes it whole,
    and `rules.minimum` is the least.

    Notes
    -----
    The Huangshi report asks for one worker per 250 households or 800 people (section 三(一)); the ratios are
    scenario data, never constants.
    """
    needs = [
        Fraction(count) / Fraction(str(ratio))
        for count, ratio in (
            (households, rules.households_per_worker),
            (people, rules.people_per_worker),
        )
        if count is not None
    ]
    need = max(needs) if rules.combine == "larger" else sum(needs, Fraction(0)) / len(needs)
    whole = ceil(need) if rules.rounding == "up" else floor(need + Fraction(1, 2))
    return max(whole, rules.minimum)
