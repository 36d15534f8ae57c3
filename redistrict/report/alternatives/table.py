"""alternatives.csv: one row a plan, one column for what it adds up to."""

from pathlib import Path

import pandas as pd

from redistrict.report.alternatives.content import Alternatives
from redistrict.report.tables.files import write_csv


def write_alternatives_table(path: Path, found: Alternatives) -> None:
    """Write `plan`, `apart_from_1` and so on, and the lines of the page by their keys."""
    n_plans, language = found.n_plans, found.comparison.language
    columns: dict[str, object] = {"plan": range(1, n_plans + 1)}
    for line in found.comparison.lines:
        columns[line.key] = line.column(language)
    columns |= {f"apart_from_{n + 1}": found.apart[n] for n in range(n_plans)}
    write_csv(path, pd.DataFrame(columns))
