"""What partitioners are given."""

from redistrict.bench.partitioners import weigh_graph
from tests.solver.maps import make_area, path


def test_cutting_is_free_where_a_main_road_makes_it_better_to_cut() -> None:
    """An edge weighs what cutting it costs us plus 1; one that is better cut weighs the least there is."""
    area = make_area(path(3), k=2, weight=[-70, 40], size=[[1], [2], [3]], target=[3], upper=[3])
    graph = weigh_graph(area)
    assert graph.edge_weight.tolist() == [71, 71, 1, 1]
    assert graph.block_weight.tolist() == [3333, 6667, 10000]
    assert graph.imbalance == 0.0


def test_weights_of_large_cities_fit_into_32_bits() -> None:
    """The sum over all edges stays below 2**31, and no weight is lost."""
    area = make_area(path(1001), k=2, weight=[-(10**9)] * 1000, target=[500], upper=[550])
    graph = weigh_graph(area)
    assert graph.edge_weight.min() > 0
    assert graph.edge_weight.sum() < 2**31
