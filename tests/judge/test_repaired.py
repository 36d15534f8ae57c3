"""The judge on the layer of mended blocks: key, counts and ground of each are what mending the original gives."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest

from redistrict.judge.ground import read_ground
from redistrict.judge.repaired import check_repaired

from .towns import Town, cells, square

MakeTown = Callable[..., Town]


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Two blocks of a hectare, 100 m apart."""
    return make_town(cells("x.x"), households={"00": 5, "02": 7}, people=30)


def told(town: Town, folder: Path, **changes: list) -> list[tuple[str, ...]]:
    """Give the blocks named where columns of the layer are changed."""
    layer = town.blocks.rename(columns={"key": "block_id"}).assign(**changes)
    layer.to_file(folder / "repaired_blocks.gpkg", layer="repaired_blocks")
    return [violation.blocks for violation in check_repaired(folder, read_ground(town.scenario))]


@pytest.mark.parametrize(("more_m", "named"), [(0.1, []), (-0.1, []), (0.11, [("02",)]), (-0.11, [("02",)])])
def test_ground_may_be_off_by_roundings(town: Town, tmp_path: Path, more_m: float, named: list) -> None:
    """By a thousandth of a block, and half a square metre: 10.5 m² of a hectare."""
    first, _ = town.blocks.geometry
    assert told(town, tmp_path, geometry=[first, square(200, 0, 100 + more_m, 100)]) == named


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, []),
        ({"households": [5, 8]}, [("02",)]),
        ({"people": [29, 31]}, [("00", "02")]),
        ({"block_id": ["00", "03"]}, [("02", "03")]),
    ],
)
def test_keys_and_counts_are_those_of_the_mended_blocks(
    town: Town, tmp_path: Path, changes: dict[str, list], named: list
) -> None:
    """A block with another count is named, and a key that only one of both has."""
    assert told(town, tmp_path, **changes) == named


def test_a_layer_that_is_not_there_is_told(town: Town, tmp_path: Path) -> None:
    """Where blocks are mended, the layer must be there."""
    (violation,) = check_repaired(tmp_path, read_ground(town.scenario))
    assert violation.message.en.startswith("repaired_blocks.gpkg cannot be read")


def test_a_layer_without_the_counts_is_told(town: Town, tmp_path: Path) -> None:
    """Blocks without their people cannot be judged."""
    layer = gpd.GeoDataFrame(town.blocks.rename(columns={"key": "block_id"}).drop(columns="people"))
    layer.to_file(tmp_path / "repaired_blocks.gpkg", layer="repaired_blocks")
    (violation,) = check_repaired(tmp_path, read_ground(town.scenario))
    assert (violation.rule, violation.found) == ("files", "unreadable")
