"""front.csv: one row a plan, its measures and what else its report publishes."""

from pathlib import Path

import pandas as pd

from redistrict.report.front.content import Front, place_of
from redistrict.report.tables.files import write_csv


def write_front_table(path: Path, found: Front) -> None:
    """Write folder, knee, measures and the lines of the page by their keys; same plans, same bytes."""
    language = found.scenario.output.language
    columns: dict[str, list[object]] = {
        "plan": [place_of(n) for n in range(found.n_plans)],
        "is_knee": [n == found.knee for n in range(found.n_plans)],
    }
    for line in found.lines:
        columns[line.key] = line.column(language)
    columns |= {key: [plan.facts[key] for plan in found.plans] for key in ("bound", "gap", "exceptions")}
    write_csv(path, pd.DataFrame(columns))
