"""Grids of random communities: in one piece, of their size where the sums allow, always the same (issue 18)."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redistrict.model.grids import GridGround, list_parts
from redistrict.scenario.grids import Grids
from redistrict.scenario.models import Solve
from redistrict.solver.grids import divide_communities
from redistrict.solver.tasks.stop import Stop

from .maps import examples

RULES = Grids(households=30, tolerance=0.4, workers=1, code="{community}-{number}")


def draw_ground(households: list[int], columns: int, community: list[int]) -> GridGround:
    """Lay blocks out row by row; neighbours are those above and beside of the same community."""
    n = len(households)
    pairs = [(i, i + 1) for i in range(n - 1) if (i + 1) % columns] + [(i, i + columns) for i in range(n - columns)]
    edges = np.array([pair for pair in pairs if community[pair[0]] == community[pair[1]]], dtype=np.int32)
    return GridGround(
        households=np.array(households, dtype=np.int64),
        community=np.array(community, dtype=np.int32),
        edges=edges.reshape(-1, 2),
        crossing_cost=np.zeros(len(edges), dtype=np.int64),
        boundary_cost=np.full(len(edges), 100, dtype=np.int64),
        deviation_rate=10,
        per_metre=100,
    )


def divide(ground: GridGround, names: list[str], *, workers: int = 1) -> list[int]:
    search = Solve(effort=0.2, workers=workers)
    return divide_communities(ground, names, RULES, search, Stop(60.0)).tolist()


@st.composite
def communities(draw: st.DrawFn) -> GridGround:
    """Give a map of up to 15 blocks in up to two communities, some blocks empty, some larger than a grid."""
    columns, rows = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    size = st.sampled_from([0, 5, 8, 10, 12, 20, 50])
    households = draw(st.lists(size, min_size=columns * rows, max_size=columns * rows))
    first = draw(st.integers(1, columns * rows))
    return draw_ground(households, columns, [0 if i < first else 1 for i in range(columns * rows)])


@examples(12)
@given(communities())
def test_grids_are_whole_pieces_of_one_community(ground: GridGround) -> None:
    """Every block is in one connected grid of its community; more than one thread changes nothing."""
    names = [""] * ground.n_blocks
    grid = divide(ground, names)
    graph = nx.Graph(ground.edges.tolist())
    graph.add_nodes_from(range(ground.n_blocks))
    for g in set(grid):
        own = [i for i in range(ground.n_blocks) if grid[i] == g]
        assert len({int(ground.community[i]) for i in own}) == 1
        assert nx.is_connected(graph.subgraph(own))
    assert divide(ground, names, workers=2) == grid
    for part in list_parts(ground, RULES):
        total, n = int(ground.households[list(part.blocks)].sum()), len({grid[i] for i in part.blocks})
        assert n in part.numbers
        assert n == 1 or part.lower * n <= total <= part.upper * n


def test_every_size_is_kept_on_a_map_that_allows_it() -> None:
    """Sixteen blocks of ten households become five or six grids of 18 to 42, empty blocks with a neighbour.

    ::

        10 10 10 10
        10  0 10 10
        10 10  0 10
        10 10 10 10
    """
    households = [10] * 16
    households[5] = households[10] = 0
    ground = draw_ground(households, 4, [0] * 16)
    grid = divide(ground, [""] * 16)
    sizes = np.bincount(grid, ground.households)
    assert len(sizes) == 5
    assert ((sizes >= 18) & (sizes <= 42)).all()


def test_an_estate_stays_whole_where_it_fits_and_a_large_one_does_not() -> None:
    """In a row, three blocks of one name (30 households) share a grid; six of another (60, above 42) cannot.

    ::

        a a a . . b b b b b b
    """
    ground = draw_ground([10] * 11, 11, [0] * 11)
    names = ["a"] * 3 + [""] * 2 + ["b"] * 6
    grid = divide(ground, names)
    assert len({grid[i] for i in range(3)}) == 1
    assert len({grid[i] for i in range(5, 11)}) > 1


def test_an_estate_is_divided_where_nothing_else_keeps_the_size() -> None:
    """Of 40, 10 10 (one estate), 40 only two grids of 50 keep at most 50: the estate lies in both.

    ::

        40 | 10a | 10a | 40
    """
    ground = draw_ground([40, 10, 10, 40], 4, [0] * 4)
    rules = Grids(households=50, tolerance=0.0, workers=0, code="{community}-{number}")
    grid = divide_communities(ground, ["", "a", "a", ""], rules, Solve(effort=0.2, workers=1), Stop(60.0))
    assert grid.tolist() == [0, 0, 1, 1]


def test_a_block_above_a_grid_stands_alone_with_what_only_it_holds() -> None:
    """60 is above 42: it is a grid with the 5 that hang on it; the rest is divided.

    ::

        5 60 20 20 20
    """
    ground = draw_ground([5, 60, 20, 20, 20], 5, [0] * 5)
    grid = divide(ground, [""] * 5)
    assert grid[0] == grid[1] != grid[2]
