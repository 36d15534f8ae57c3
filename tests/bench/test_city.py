"""Cities drawn by lot."""

import numpy as np
import pytest

from redistrict.bench.city import City, draw_city
from redistrict.geo.components import components


@pytest.mark.parametrize("n_blocks", [80, 300, 3000])
def test_a_city_has_as_many_blocks_as_asked_in_one_piece(n_blocks: int) -> None:
    """Every block is there, connected, with the middles to match, and the totals fit the bounds."""
    problem, xy = draw_city(City(n_blocks, n_blocks // 27, 0.1))
    assert problem.n_blocks == len(xy) == n_blocks
    assert len(components(n_blocks, problem.edges)) == 1
    (area,) = problem.areas
    (limits,) = area.options
    for total, low, high in zip(area.total, limits.lower, limits.upper, strict=True):
        assert limits.n_communities * low <= total <= limits.n_communities * high


def test_a_city_looks_like_a_real_one() -> None:
    """Blocks have 40 - 160 households or none, 2.1 - 2.7 people each; most have four to six neighbours."""
    problem, _ = draw_city(City(3000, 90, 0.1))
    households, people = problem.size.T
    lived_in = households > 0
    assert 0.1 < 1 - lived_in.mean() < 0.2
    assert households[lived_in].min() >= 40
    assert households.max() <= 160
    ratio = people[lived_in] / households[lived_in]
    assert 2.05 < ratio.min() < ratio.max() < 2.75
    n_neighbours = np.bincount(problem.edges.ravel())
    assert np.isin(n_neighbours, range(4, 7)).mean() > 0.6
    better_cut = problem.crossing_cost > problem.boundary_cost
    assert 0.05 < better_cut.mean() < 0.4


def test_the_lot_decides_and_nothing_else() -> None:
    """The same seed gives the same city, another seed another one."""
    first, again, other = (draw_city(City(300, 10, 0.1, seed)) for seed in (1, 1, 2))
    for name in ("size", "edges", "crossing_cost", "boundary_cost"):
        assert np.array_equal(getattr(first[0], name), getattr(again[0], name))
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0].size, other[0].size)
