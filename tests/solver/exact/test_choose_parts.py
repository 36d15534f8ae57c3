"""The choice of a division for each area, against every choice."""

from itertools import product

import numpy as np
import pytest

from redistrict.solver.exact.choose_parts import choose_parts
from redistrict.solver.tasks.stop import Stop


@pytest.mark.parametrize("number", range(20))
def test_the_cheapest_of_all_choices_far_enough_is_chosen(number: int) -> None:
    """What is chosen is far enough from every plan and costs as little as any such choice; none where there is none."""
    chance = np.random.default_rng(number)
    n_plans = int(chance.integers(1, 4))
    sizes = chance.integers(1, 4, size=3).tolist()
    costs = [chance.integers(0, 50, size=n).tolist() for n in sizes]
    far = [chance.integers(0, 10, size=(n, n_plans)) for n in sizes]
    least = int(chance.integers(5, 22))

    def is_far(choice: tuple[int, ...]) -> bool:
        return bool((np.sum([own[n] for own, n in zip(far, choice, strict=True)], axis=0) >= least).all())

    def cost(choice: tuple[int, ...]) -> int:
        return sum(own[n] for own, n in zip(costs, choice, strict=True))

    possible = [choice for choice in product(*map(range, sizes)) if is_far(choice)]
    found = choose_parts(costs, far, least, Stop(60))
    if not possible:
        assert found is None
    else:
        assert found in possible
        assert cost(found) == min(map(cost, possible))
