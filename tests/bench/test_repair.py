"""Repair of torn and unbalanced partitions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redistrict.bench.city import City, draw_city
from redistrict.bench.repair import find_pieces, repair
from redistrict.model.problem import AreaProblem, area_problem
from redistrict.solver.adjacency import build_adjacency
from redistrict.solver.costs import is_feasible
from tests.solver.maps import examples, grid, make_area, path, tiny_areas


def mend(area: AreaProblem, labels: list[int]) -> list[int]:
    """Repair a partition with a fixed lot."""
    adjacency = build_adjacency(area.n_blocks, area.edges)
    return repair(area, adjacency, np.array(labels, dtype=np.int32), np.random.default_rng(1)).tolist()


def test_a_torn_off_piece_joins_its_neighbours() -> None:
    """The smaller piece of a torn community goes to the community around it."""
    assert mend(make_area(path(6), k=2), [0, 0, 0, 1, 1, 0]) == [0, 0, 0, 1, 1, 1]


def test_an_empty_community_is_founded_again_and_grows_into_its_bounds() -> None:
    """A partition that lacks a community gets one, as large as the bounds ask."""
    area = make_area(grid(3, 4), k=3, lower=[4], upper=[4], target=[4])
    assert np.bincount(mend(area, [0] * 6 + [1] * 6), minlength=3).tolist() == [4, 4, 4]


def test_what_is_too_much_moves_on_through_the_neighbours() -> None:
    """Along a path, the surplus of one end reaches the other end."""
    area = make_area(path(9), k=3, lower=[2], upper=[4], target=[3])
    assert np.bincount(mend(area, [0, 0, 0, 0, 0, 0, 0, 1, 2])).tolist() == [4, 3, 2]


@examples(60)
@given(tiny_areas(), st.data())
def test_repaired_communities_are_connected_and_none_is_empty(area: AreaProblem, data: st.DataObject) -> None:
    """Whatever the partition, every community is one piece afterwards."""
    labels = data.draw(st.lists(st.integers(0, area.n_communities - 1), min_size=area.n_blocks, max_size=area.n_blocks))
    mended = np.array(mend(area, labels), dtype=np.int32)
    adjacency = build_adjacency(area.n_blocks, area.edges)
    assert np.array_equal(np.unique(mended), np.arange(area.n_communities))
    assert find_pieces(adjacency, mended).max() + 1 == area.n_communities


def test_a_fair_user_gets_a_valid_plan_from_stripes() -> None:
    """Stripes over a city, far from balanced, are brought inside bounds of 10 %."""
    problem, xy = draw_city(City(300, 10, 0.1))
    area = area_problem(problem, 0, 10)
    stripes = np.clip(xy[:, 0] / xy[:, 0].max() * 10, 0, 9).astype(int)
    assert is_feasible(area, np.array(mend(area, stripes.tolist()), dtype=np.int32))
