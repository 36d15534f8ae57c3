"""Necks as a limit: what counts, what is named, and what parts a set of blocks falls into."""

import re

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from redistrict.geo.graph import build_graph
from redistrict.model.necks import Necks
from redistrict.model.problem import AreaProblem, area_problem, build_problem
from redistrict.scenario.models import Communities, Contiguity, Objective, Sizes, Tolerance
from redistrict.solver.necks import count_loose_parts
from tests.geo.drawing import cells, make_blocks, surroundings
from tests.solver.maps import examples, tiny_cities

RULES = Communities(target=Sizes(households=200), tolerance=Tolerance(households=0.5), min_neck_m=30)


def test_blocks_narrow_or_cut_off_by_themselves_are_named_and_do_not_count() -> None:
    """Of four squares, a strip, a square that hangs on one of them by 15 m and an empty one, the squares count."""
    shapes, (x, y) = cells("a b\nc d"), (600_000, 3_340_000)
    shapes["strip"] = box(x, y + 200, x + 200, y + 220)
    shapes["corner"] = box(x + 185, y - 100, x + 285, y)
    shapes["empty"] = box(x + 200, y + 100, x + 300, y + 200)
    blocks = make_blocks(shapes, households=dict.fromkeys(shapes, 100) | {"empty": 0}, people=0)
    graph = build_graph(blocks, surroundings(), Contiguity(max_gap_m=0))
    problem = build_problem(blocks, graph, RULES, Objective())
    assert problem.necks is not None
    counts = {blocks.ids[i] for i in np.flatnonzero(problem.necks.counts)}
    assert counts == {"a", "b", "c", "d"}
    assert any(re.search(r"^2 inhabited .*: (strip, corner|corner, strip)\.$", note.en) for note in problem.notes)
    assert area_problem(problem, 0, 3).necks is not None


@examples(60)
@given(tiny_cities(), st.randoms(use_true_random=False))
def test_parts_are_those_of_the_graph_of_wide_neighbours(area: AreaProblem, random: object) -> None:
    """Of any blocks: the parts with a block that counts, by networkx; the compiled count says how many too many."""
    necks = area.necks or Necks(area.edges[::2], np.arange(area.n_blocks) % 3 > 0)
    row = np.array([random.random() < 0.6 for _ in range(area.n_blocks)])  # type: ignore[attr-defined]
    members = np.flatnonzero(row).tolist()
    wide = nx.Graph(necks.pairs.tolist())
    wide.add_nodes_from(members)
    expected = [set(p) for p in nx.connected_components(wide.subgraph(members)) if necks.counts[list(p)].any()]
    parts = necks.parts_of(members)
    assert sorted(map(sorted, parts)) == sorted(map(sorted, expected))
    assert all(necks.counts[part[0]] for part in parts)
    assert count_loose_parts(necks, row[None]).tolist() == [max(0, len(parts) - 1)]
    assert necks.take(np.array(members, dtype=np.int64)).counts.tolist() == necks.counts[row].tolist()
