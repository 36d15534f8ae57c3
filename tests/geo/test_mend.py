"""Mend: blocks put right by rule, and what no rule puts right."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from redistrict.errors import DataError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.mend import mend_blocks, say_mended
from redistrict.messages import Message
from redistrict.scenario.sources import Data
from tests.geo.drawing import CRS, box


@pytest.mark.parametrize(
    ("districts", "refused"),
    [
        (["east", "east", "west"], []),
        (["east", "west", "west"], ["data.repair: shapes of one key differ in data.blocks.columns.district: a;"]),
    ],
)
def test_shapes_of_one_key_lie_in_one_district(districts: list[str], refused: list[str]) -> None:
    """Of a, drawn in two shapes, the counts are added up; two shapes in two districts are no block of either."""
    table = pd.DataFrame({"block_id": ["a", "a", "b"], "district": districts, "name": "", "community": ""})
    table["households"] = [10, 20, 30]
    problems: list[Message] = []
    mended = mend_blocks(table, np.array([box(0, 0), box(100, 0), box(200, 0)]), ["households"], problems)
    assert mended.table["households"].tolist() == [30, 30]
    assert list(mended.table.columns) == list(table.columns)
    assert [problem.en.split(" make")[0] for problem in problems] == refused


@pytest.mark.parametrize(
    ("people", "united"), [([20, 20, 60], [[10, 20], [30, 60]]), ([20, 21, 60], [[20, 41], [30, 60]])]
)
def test_counts_that_all_shapes_state_alike_count_once(people: list[int], united: list[list[int]]) -> None:
    """Both households and people: where either differs each shape has its own, and both are added up."""
    table = pd.DataFrame({"block_id": ["a", "a", "b"], "district": "", "name": "", "community": ""})
    table["households"], table["people"] = [10, 10, 30], people
    mended = mend_blocks(table, np.array([box(0, 0), box(100, 0), box(200, 0)]), ["households", "people"], [])
    assert mended.table[["households", "people"]].to_numpy().tolist() == united
    told = say_mended(mended.log).en
    assert ("counted twice is counted once: 20 households became 10." in told) is (united[0] == [10, 20])
    assert ("40 people became 20." in told) is (united[0] == [10, 20])
    assert ("became" in told) is (united[0] == [10, 20])


@pytest.mark.parametrize(("households", "refused"), [([10, 20, 30], "c"), ([10, 20, 31], ""), ([0, 0, 0], "")])
def test_the_outline_of_an_estate_with_its_sum_is_refused(tmp_path: Path, households: list[int], refused: str) -> None:
    """Cut out of the blocks it covers, its residents would count twice; ground with residents of its own is cut."""
    shapes = [box(0, 0), box(100, 0), box(-50, -50, 300, 200)]
    layer = gpd.GeoDataFrame({"id": list("abc"), "hh": households}, geometry=shapes, crs=CRS)
    layer.to_file(tmp_path / "b.gpkg")
    blocks = {"path": tmp_path / "b.gpkg", "columns": {"id": "id", "households": "hh"}}
    data = Data.model_validate({"blocks": blocks, "repair": "mend"})
    if refused:
        with pytest.raises(DataError, match=rf"1 blocks hold the sum of the blocks they cover, .* twice: {refused};"):
            read_blocks(data)
    else:
        assert read_blocks(data).frame["households"].tolist() == households


@pytest.mark.parametrize(
    ("x", "width", "people", "area_m2", "said"),
    [
        (40, 20, [50, 5], [8000, 2000], ["a: ground given to b"]),
        (90, 100, [5, 50], [9000, 10000], ["a: ground given to b"]),
        (90, 100, [50, 5], [10000, 9000], ["b: ground given to a"]),
        (90, 100, [50, 50], [10000, 9000], ["b: ground given to a"]),
    ],
    ids=["one within the other", "more residents in the second", "in the first", "as many"],
)
def test_ground_that_two_claim_goes_to_one(
    x: float, width: float, people: list[int], area_m2: list[float], said: list[str]
) -> None:
    """A block within another keeps its ground whoever lives there; else more residents do, or the first key."""
    table = pd.DataFrame({"block_id": ["a", "b"], "district": "", "name": "", "community": "", "households": 1})
    mended = mend_blocks(
        table.assign(people=people), np.array([box(0, 0), box(x, 0, width)]), ["households", "people"], []
    )
    assert shapely.area(mended.shapes).round(3).tolist() == area_m2
    assert (mended.log["block_id"] + ": " + mended.log["change_en"]).tolist() == said
