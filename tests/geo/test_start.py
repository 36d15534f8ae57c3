"""A plan to start from: laid over the blocks by key, whatever else it names."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from redistrict.errors import DataError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.start import read_start
from redistrict.judge.agreement import _start
from redistrict.messages import Message
from redistrict.scenario.sources import Data, StartSource


def _read(town: gpd.GeoDataFrame, folder: Path, rows: list[str]) -> tuple[np.ndarray | None, list[str]]:
    """Give the plan of a table of blocks and communities, and what is noted."""
    town.to_file(folder / "town.gpkg")
    (folder / "plan.csv").write_text("\n".join(["地块,社区", *rows]), encoding="utf-8")
    data = Data.model_validate(
        {
            "blocks": {"path": folder / "town.gpkg", "columns": {"id": "编号", "households": "户数"}},
            "start": {"path": folder / "plan.csv", "columns": {"id": "地块", "community": "社区"}},
        }
    )
    notes: list[Message] = []
    return read_start(data, read_blocks(data), notes), [note.en for note in notes]


def test_communities_are_numbered_by_name(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A block the plan does not name, or names without a community, is in none; keys of no block are told."""
    plan, notes = _read(four_blocks, tmp_path, ["03,b", "01,a", "04,", "99,c"])
    assert plan is not None
    assert plan.tolist() == [0, -1, 1, -1]
    assert notes == [
        "data.start: 1 rows of plan.csv name no block there is, and are left out: 99.",
        "data.start: of 4 blocks, 2 have a community in plan.csv and 2 have none: 02, 04.",
    ]
    assert _read(four_blocks, tmp_path, ["01,a", "02,a", "03,b", "04,b"])[1] == []


def test_the_guard_of_our_own_plans_is_no_part_of_a_key(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Keys that a spreadsheet would take for formulas have an apostrophe before them in a plan; the judge agrees."""
    keys = ["=1", "+2", "'-3", "'x"]
    town = four_blocks.assign(编号=keys)
    plan, notes = _read(town, tmp_path, ["'=1,a", "'+2,a", "''-3,b", "'x,b"])
    assert plan is not None
    assert (plan.tolist(), notes) == ([1, 1, 0, 0], []) or (sorted(plan.tolist()), notes) == ([0, 0, 1, 1], [])
    columns = {"id": "地块", "community": "社区"}
    again = _start(StartSource.model_validate({"path": tmp_path / "plan.csv", "columns": columns}), sorted(keys))
    assert again["plan"].tolist() == plan.tolist()


def test_a_plan_of_other_blocks_is_refused(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """Where no key fits both are shown."""
    with pytest.raises(DataError, match=r"plan.csv has none of the blocks: '地块' holds 1, 3, the blocks are 01"):
        _read(four_blocks, tmp_path, ["3,b", "1,a"])


def test_an_empty_plan_is_refused_as_such(four_blocks: gpd.GeoDataFrame, tmp_path: Path) -> None:
    """A table with headings and no rows has no keys to show."""
    with pytest.raises(DataError, match=r"data\.start: plan\.csv has no rows; give a plan"):
        _read(four_blocks, tmp_path, [])
