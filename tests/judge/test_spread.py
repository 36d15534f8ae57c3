"""The judge's own sharing out of counts of larger areas over blocks, by hand."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.judge.spread import spread_again
from redistrict.scenario.sources import BlockColumns, BlockSource, SpreadColumns, SpreadSource

from .towns import CRS, square

FOUR = {"c": square(0, 0), "a": square(100, 0), "b": square(200, 0), "d": square(300, 0)}
"""Blocks of 100 m in a row: c a b d."""


def spread(
    folder: Path, areas: Sequence[tuple[shapely.Geometry, str, str]], *, by: str = "area"
) -> dict[str, list[int]]:
    """Give what each block gets of areas with households and people; weights are 1, 3, none and 0."""
    shapes, households, people = zip(*areas, strict=True)
    path = folder / "areas.gpkg"
    table = {"id": [f"{n}" for n in range(len(areas))], "hh": households, "pop": people}
    gpd.GeoDataFrame(table, geometry=list(shapes), crs=CRS).to_file(path)
    source = BlockSource(
        path=folder / "blocks.gpkg",
        columns=BlockColumns(id="id"),
        spread=SpreadSource(path=path, columns=SpreadColumns(id="id", households="hh", people="pop"), by=by),
    )
    blocks = pd.DataFrame({"id": [*FOUR], "floors": ["1", "3", "", "0"]})
    polygons = np.array([*FOUR.values()], dtype=object)
    found = spread_again(source, blocks, np.array([*FOUR], dtype=object), polygons, gpd.GeoSeries(crs=CRS).crs)
    return {name: counts.tolist() for name, counts in found.items()}


@pytest.mark.parametrize(
    ("areas", "got"),
    [
        ([(square(0, 0, 400, 100), "8", "12")], ([2, 2, 2, 2], [3, 3, 3, 3])),
        ([(square(0, 0, 400, 100), "9", "10")], ([2, 3, 2, 2], [2, 3, 3, 2])),  # on a tie by key: a, b, c, d
        ([(square(0, 0, 150, 100), "9", "0")], ([6, 3, 0, 0], [0, 0, 0, 0])),
        ([(square(0, 0, 150, 100), "10", "")], ([7, 3, 0, 0], [0, 0, 0, 0])),  # 6.67 and 3.33
        ([(square(0, 0, 150, 100), "8", "1")], ([5, 3, 0, 0], [1, 0, 0, 0])),  # 5.33 and 2.67
        ([(square(0, 0, 150, 100), "3", "0"), (square(150, 0, 150, 100), "3", "6")], ([2, 2, 2, 0], [0, 2, 4, 0])),
        ([(square(0, 500), "7", "7"), (square(400, 0), "5", "5")], ([0, 0, 0, 0], [0, 0, 0, 0])),  # on no block
    ],
)
def test_counts_are_shared_out_by_ground(
    tmp_path: Path, areas: list[tuple[shapely.Geometry, str, str]], got: tuple[list[int], list[int]]
) -> None:
    """In proportion to the ground; what is left over goes to the largest fractions, and the sum stays."""
    assert spread(tmp_path, areas) == dict(zip(("households", "people"), got, strict=True))


@pytest.mark.parametrize(
    ("area", "got"),
    [
        (square(0, 0, 400, 100), [2, 6, 0, 0]),
        (square(50, 0, 350, 100), [1, 7, 0, 0]),  # half of 1 against 3: 1.14 and 6.86
        (square(200, 0, 200, 100), [0, 0, 0, 0]),  # no weight, nobody
    ],
)
def test_counts_are_shared_out_by_weight(tmp_path: Path, area: shapely.Geometry, got: list[int]) -> None:
    """In proportion to a column, of blocks in part as much as of their ground; blank and 0 get nothing."""
    assert spread(tmp_path, [(area, "8", "0")], by="floors")["households"] == got


def test_without_areas_nothing_is_spread() -> None:
    """Counts that stand with the blocks are not touched."""
    source = BlockSource(path=Path("x.gpkg"), columns=BlockColumns(id="id", households="hh"))
    none = np.array([], dtype=object)
    assert spread_again(source, pd.DataFrame(), none, none, gpd.GeoSeries(crs=CRS).crs) == {}
