"""Real block data kept beside the project: read, put into a graph, and compared with plain geometry."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from redistrict.geo.blocks import read_blocks
from redistrict.geo.components import components
from redistrict.geo.graph import build_graph
from redistrict.geo.roads import read_surroundings
from redistrict.scenario.models import Contiguity
from redistrict.scenario.sources import BlockColumns, BlockSource, Data, RoadSource

pytestmark = pytest.mark.shared

TILINGS = {
    "burlington_vt_399": (399, BlockColumns(id="block_id", households="households", people="population")),
    "cambridge_1044": (1044, BlockColumns(id="GEOID20", households="households", people="population")),
    "rockland_ny_4764": (4764, BlockColumns(id="GEOID", people="pop")),
}


def _data(folder: Path, name: str, **layers: object) -> Data:
    layer = "blocks" if name == "cambridge_1044" else None
    source = BlockSource(path=folder / f"{name}.gpkg", layer=layer, columns=TILINGS[name][1])
    return Data.model_validate({"blocks": source, **layers})


@pytest.mark.parametrize("name", TILINGS)
def test_real_tilings_have_the_neighbours_that_shapely_finds(shared_data: Path, name: str) -> None:
    """On a real tiling, frontage agrees with the intersection of touching blocks, and nothing hangs alone."""
    data = _data(shared_data, name)
    blocks = read_blocks(data)
    assert len(blocks) == TILINGS[name][0]
    rules = Contiguity(max_gap_m=0, min_frontage_m=10)
    graph = build_graph(blocks, read_surroundings(data, blocks.crs), rules)
    i, j = shapely.STRtree(blocks.shapes).query(blocks.shapes, predicate="touches")
    i, j = i[i < j], j[i < j]
    shared_m = shapely.length(shapely.intersection(blocks.shapes[i], blocks.shapes[j]))
    truth = {(int(a), int(b)): m for a, b, m in zip(i, j, shared_m, strict=True) if m > 0}
    found = dict(zip(map(tuple, graph.edges.tolist()), graph.frontage_m, strict=True))
    assert {pair for pair, m in truth.items() if m > 15} <= set(found)
    assert all(truth.get(pair, 0) > 5 for pair in found)
    error_m = np.array([abs(m - truth[pair]) for pair, m in found.items()])
    assert np.median(error_m) < 0.1
    assert error_m.max() < 10
    assert len(components(len(blocks), graph.edges)) == 1


def test_major_roads_run_along_block_borders(shared_data: Path) -> None:
    """The metres along frontages are of the order of Cambridge's 32 and 52 km of major road; the ledger adds up."""
    data = _data(
        shared_data,
        "cambridge_1044",
        roads=[
            RoadSource(
                path=shared_data / "cambridge_1044.gpkg",
                layer="roads",
                class_column="MajorRoad",
                classes={"1": "primary", "2": "secondary"},
                name_column="Street",
            )
        ],
    )
    blocks = read_blocks(data)
    graph = build_graph(blocks, read_surroundings(data, blocks.crs), Contiguity())
    by_class = dict(zip(graph.classes, graph.crossing_m.sum(axis=0), strict=True))
    assert 0.7 * 32_000 < by_class["primary"] < 1.3 * 32_000
    assert 0.7 * 52_000 < by_class["secondary"] < 1.3 * 52_000
    ledger = graph.crossings
    total = np.zeros_like(graph.crossing_m)
    np.add.at(total, (ledger.edge, ledger.road_class), ledger.length_m)
    assert np.allclose(total, graph.crossing_m, atol=0.01)
    assert "Massachusetts Ave" in set(ledger.name)
