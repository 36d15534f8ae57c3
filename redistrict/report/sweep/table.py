"""sweep.csv: one row a point, with the keys that vary and what its report publishes."""

from pathlib import Path

import pandas as pd

from redistrict.report.sweep.content import Points
from redistrict.report.sweep.record import POINTS, State
from redistrict.report.tables.files import write_csv


def write_sweep_table(path: Path, points: Points) -> None:
    """Write number, folder, keys of the sweep, status, figures by their keys, and reasons; same points, same bytes."""
    entries, language = points.record.entries, points.record.language
    columns: dict[str, list[object]] = {
        "point": [entry.point for entry in entries],
        "folder": [f"{POINTS}/{entry.folder}" if entry.state is State.DONE else "" for entry in entries],
    }
    columns |= {key: [entry.values[key] for entry in entries] for key in points.record.keys}
    columns["status"] = [
        plan.status if plan else entry.state.name for plan, entry in zip(points.plans, entries, strict=True)
    ]
    columns["stopped_by"] = [plan.stopped_by if plan else "" for plan in points.plans]
    for line in points.lines:
        columns[line.key] = line.column(language)
    columns["reasons"] = [" | ".join(one.in_language(language) for one in entry.reasons) for entry in entries]
    write_csv(path, pd.DataFrame(columns).convert_dtypes())
