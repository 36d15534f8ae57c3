"""Units of blocks that a layer gives: the one that holds most of a block's ground."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.judge.levels import read_levels
from redistrict.scenario.levels import Level
from redistrict.scenario.sources import BlockColumns, BlockSource

from .towns import CRS, square


def units_of(folder: Path, units: Sequence[tuple[str, shapely.Geometry]], *blocks: shapely.Geometry) -> list[str]:
    """Give the street of each block."""
    names, shapes = zip(*units, strict=True)
    gpd.GeoDataFrame({"name": names}, geometry=list(shapes), crs=CRS).to_file(folder / "streets.gpkg")
    layer = {"path": folder / "streets.gpkg", "columns": {"name": "name"}}
    title = {"zh": "街道", "en": "street"}
    level = Level.model_validate({"key": "street", "title": title, "layer": layer, "keep": "hard"})
    source = BlockSource(path=folder / "blocks.gpkg", columns=BlockColumns(id="id", households="hh"))
    polygons, crs = np.array(blocks, dtype=object), gpd.GeoSeries(crs=CRS).crs
    return read_levels([level], source, pd.DataFrame(), [*range(len(blocks))], polygons, crs)["street"].tolist()


WEST, EAST = ("w", square(0, 0, 500, 500)), ("e", square(500, 0, 500, 500))


@pytest.mark.parametrize(
    ("x", "unit"),
    [(0, "w"), (449, "w"), (449.96, "e"), (450, "e"), (450.04, "e"), (450.06, "e"), (600, "e"), (-99, "w")],
)
def test_a_block_lies_in_the_unit_with_most_of_its_ground(tmp_path: Path, x: float, unit: str) -> None:
    """Within a thousandth of its ground two are alike, and the first by name counts; outside all nothing does."""
    assert units_of(tmp_path, [WEST, EAST], square(x, 0)) == [unit]


def test_parts_of_a_unit_count_together(tmp_path: Path) -> None:
    """Two features of one name are one unit."""
    parts = [("w", square(0, 0, 40, 100)), ("w", square(70, 0, 30, 100)), ("e", square(40, 0, 30, 100))]
    assert units_of(tmp_path, parts, square(0, 0), square(40, 0, 30, 50)) == ["w", "e"]


@pytest.mark.parametrize("x", [-200, -99.95])
def test_a_block_in_no_unit_is_refused(tmp_path: Path, x: float) -> None:
    """Beside all of them, or inside by less than a thousandth."""
    with pytest.raises(DataError, match=r"1 blocks lie in no street"):
        units_of(tmp_path, [WEST, EAST], square(0, 0), square(x, 0))


def test_a_unit_without_a_name_is_refused(tmp_path: Path) -> None:
    """Its feature is named by its place in the file."""
    with pytest.raises(DataError, match=r"streets.gpkg has units without a name: features 2"):
        units_of(tmp_path, [WEST, ("", square(500, 0))], square(0, 0))
