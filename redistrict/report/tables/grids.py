"""The grids as tables: the grid of each block, and a row a grid."""

from pathlib import Path

import pandas as pd

from redistrict.messages import Message
from redistrict.report.layers import Layers
from redistrict.report.summary import Report
from redistrict.report.tables.files import write_csv

_NONE = Message("", "")


def write_grids(folder: Path, report: Report, layers: Layers) -> None:
    """Write `grids.csv` and `grid_list.csv`, where the scenario asks for grids."""
    if report.grids is not None:
        codes = [report.grids.grids[g].code for g in report.grids.of_block.tolist()]
        write_csv(folder / "grids.csv", layers.blocks[["block_id", "community_id"]].assign(grid=codes))
        write_csv(folder / "grid_list.csv", list_grids(report))


def list_grids(report: Report) -> pd.DataFrame:
    """Give a row a grid; without people where the data have none."""
    assert report.grids is not None, "asked only where there are grids"
    office, rows = report.office, []
    for grid in report.grids.grids:
        exception = grid.exception or _NONE
        rows.append(
            {
                "grid": grid.code,
                "community_id": office.ids[grid.community],
                "community_name": office.names[grid.community],
                "district": office.districts[grid.community],
                "n_blocks": grid.n_blocks,
                "households": grid.households,
                "people": grid.people,
                "grid_workers": grid.workers,
                "continues_id": grid.continues,
                "continues_name": grid.continues_name,
                "exception_zh": exception.zh,
                "exception_en": exception.en,
            }
        )
    return pd.DataFrame(rows).dropna(axis=1, how="all")
