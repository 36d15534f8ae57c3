"""Dear levels: what a community costs whose residents come from several streets, and the same for parts of a map."""

import numpy as np
import pytest

from redistrict.model.dear import DearLevel, build_dear_levels

STREET = np.array([0, 0, 1, 1, 2, 2])
RESIDENTS = np.array([5, 0, 3, 4, 6, 1])


def test_all_pay_but_those_of_the_unit_with_most() -> None:
    """Blocks 0, 2, 3 hold 5 and 7, so 5 pay; 1, 4, 5 hold 0 and 7, so nobody does."""
    dear = build_dear_levels([DearLevel(STREET, 10)], RESIDENTS)
    assert dear is not None
    assert dear.cost(np.array([0, 1, 0, 0, 1, 1]), 2).tolist() == [50, 0]


def test_levels_add_up_each_at_its_price() -> None:
    """A second level, of other borders, costs on its own: 8 of the first three blocks pay 10, then 3 or 5 pay 100."""
    dear = build_dear_levels([DearLevel(STREET, 10), DearLevel(np.array([0, 0, 1, 1, 1, 1]), 100)], RESIDENTS)
    assert dear is not None
    assert dear.cost(np.array([0, 0, 0, 1, 1, 1]), 2).tolist() == [30 + 300, 40 + 0]


@pytest.mark.parametrize(
    ("levels", "residents"),
    [
        ([], RESIDENTS),
        ([DearLevel(STREET, 0)], RESIDENTS),
        ([DearLevel(0 * STREET, 10)], RESIDENTS),
        ([DearLevel(STREET, 10)], RESIDENTS * (STREET == 1)),
    ],
)
def test_what_can_never_cost_anything_is_not_there(levels: list[DearLevel], residents: np.ndarray) -> None:
    """No level, no price, one street, residents in one street only: the search has no term to weigh."""
    assert build_dear_levels(levels, residents) is None


def test_parts_and_clusters_cost_what_they_do_in_the_whole() -> None:
    """Any blocks taken out, in any order, and any joined, cost as communities of the whole map do."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        n = int(rng.integers(2, 9))
        levels = [DearLevel(rng.integers(0, 4, n), int(rng.integers(0, 4))) for _ in range(2)]
        dear = build_dear_levels(levels, rng.integers(0, 4, n))
        if dear is None:
            continue
        community = rng.integers(0, 3, n)
        members = np.sort(rng.permutation(n)[: int(rng.integers(1, n + 1))])
        part = dear.take(members)
        elsewhere = np.full(n, 3)
        elsewhere[members] = community[members]
        expected = dear.cost(elsewhere, 4)[:3].tolist()
        assert (part.cost(community[members], 3).tolist() if part else [0, 0, 0]) == expected
        cluster = rng.integers(0, n, n)
        of_cluster = rng.integers(0, 3, n)
        assert dear.join(cluster).cost(of_cluster, 3).tolist() == dear.cost(of_cluster[cluster], 3).tolist()
