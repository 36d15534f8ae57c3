"""ensemble.csv, plans.csv and neighbours.csv: where the plan stands, what was drawn, and who lies with whom."""

from pathlib import Path

import numpy as np
import pandas as pd

from redistrict.report.ensemble.content import Ensemble
from redistrict.report.tables.files import write_csv


def write_ensemble_tables(folder: Path, found: Ensemble) -> None:
    """Write a row for each measure, for each plan drawn, and for each pair of neighbours; same sample, same bytes.

    What the sample is too small to tell is left empty.
    """
    write_csv(folder / "ensemble.csv", _tell_standings(found))
    write_csv(folder / "plans.csv", _list_plans(found))
    write_csv(folder / "neighbours.csv", _list_neighbours(found))


def _tell_standings(found: Ensemble) -> pd.DataFrame:
    standings = found.standings
    low, middle, high = zip(*(one.percentiles for one in standings), strict=True)
    return pd.DataFrame(
        {
            "measure": [one.measure.value for one in standings],
            "plan": [one.own for one in standings],
            "share_better": [one.share_better for one in standings],
            "percentile_5": low,
            "median": middle,
            "percentile_95": high,
            "plans": [one.values.size for one in standings],
            "effective_plans": [round(one.convergence.size, 1) for one in standings],
            "r_hat": [round(one.convergence.rhat, 4) for one in standings],
            "is_enough": [one.convergence.is_enough for one in standings],
        }
    )


def _list_plans(found: Ensemble) -> pd.DataFrame:
    n_draws = found.n_plans // found.n_chains
    chain, draw = np.divmod(np.arange(found.n_plans), n_draws)
    columns: dict[str, object] = {"chain": chain + 1, "draw": draw + 1}
    columns |= {one.measure.value: one.values.ravel() for one in found.standings}
    return pd.DataFrame(columns)


def _list_neighbours(found: Ensemble) -> pd.DataFrame:
    near, ids = found.neighbours, np.array(found.ids, dtype=object)
    return pd.DataFrame(
        {
            "block": ids[near.pairs[:, 0]],
            "neighbour": ids[near.pairs[:, 1]],
            "together_in_plan": near.is_together,
            "share_together": np.where(near.is_known, near.share.round(6), np.nan),
            "least_of_chains": near.least.round(6),
            "most_of_chains": near.most.round(6),
        }
    )
