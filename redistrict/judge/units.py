"""Units: what a report says of every street, worked out again from the plan and the data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from redistrict.judge.case import Case
from redistrict.judge.told import rows, section
from redistrict.judge.verification import Violation, disagree


def check_units(
    case: Case, report: Mapping[str, Any], plan: pd.DataFrame, communities: pd.DataFrame
) -> Iterator[Violation]:
    """Check the units of communities and blocks, the sums of every unit, and whose unit changes.

    Parameters
    ----------
    report : mapping
        Content of `report.json`.
    plan : DataFrame
        `plan.csv` as text.
    communities : DataFrame
        By `community_id`: `workers` and each quantity, as the judge counts them.
    """
    by_key = {str(one.get("key")): one for one in rows(report, "levels")}
    if list(by_key) != list(case.ground.levels):
        yield disagree("report", "report.json", "levels", None, list(by_key), list(case.ground.levels))
        return
    communities_told = {str(row.get("id")): section(row, "units") for row in rows(report, "communities")}
    for key, names in case.ground.levels.items():
        homes, moved = find_homes(case, names)
        for community, name in enumerate(case.plan.names):
            found = communities_told.get(name, {}).get(key)
            if found != homes[community]:
                yield disagree("report", "report.json", f"units.{key}", name, found, homes[community])
        units = {str(one.get("name")): one for one in rows(by_key[key], "units")}
        if sorted(units) != sorted(set(names)):
            yield disagree("report", "report.json", f"levels.{key}", None, sorted(units), sorted(set(names)))
            continue
        for name, unit in units.items():
            own = [c for c, home in enumerate(homes) if home == name]
            yield from _check_unit(case, f"levels.{key}.{name}", unit, own, communities, sum(moved[c] for c in own))
        if by_key[key].get("residents_changed") != sum(moved):
            found = by_key[key].get("residents_changed")
            yield disagree("report", "report.json", f"levels.{key}.residents_changed", None, found, sum(moved))
        yield from _check_column(case, key, plan)


def find_homes(case: Case, names: Any) -> tuple[list[str], list[int]]:
    """Give the unit where most residents of each community live, and how many of them live elsewhere."""
    counts = case.ground.counts
    residents = counts["people"] if "people" in counts else counts["households"]
    homes, moved = [], []
    for community in range(case.n_communities):
        blocks = case.blocks_of(community)
        held = {name: int(residents[blocks[names[blocks] == name]].sum()) for name in sorted(set(names[blocks]))}
        homes.append(max(held, key=lambda name: held[name]))
        moved.append(sum(held.values()) - held[homes[-1]])
    return homes, moved


def list_homes(case: Case) -> dict[str, list[str]]:
    """Give the unit of every community by the key of each level."""
    return {key: find_homes(case, names)[0] for key, names in case.ground.levels.items()}


def name_fields(keys: Iterable[str]) -> dict[str, str]:
    """Give the key of each level by its field in a shapefile: L, its number, _ and as many letters of it as fit in."""
    return {f"L{number}_{key.upper()}"[:10]: key for number, key in enumerate(keys, start=1)}


def _check_unit(
    case: Case, what: str, unit: Mapping[str, Any], own: list[int], communities: pd.DataFrame, moved: int
) -> Iterator[Violation]:
    keys = [case.plan.names[c] for c in own]
    right: dict[str, Any] = {"communities": keys, "n_communities": len(keys), "residents_changed": moved}
    for column in ("workers", *case.ground.counts):
        right["population" if column == "people" else column] = int(communities.loc[keys, column].sum())
    for name, value in right.items():
        found = unit.get(name)
        if (sorted(found) if isinstance(found, list) else found) != value:
            yield disagree("report", "report.json", f"{what}.{name}", None, found, value)


def _check_column(case: Case, key: str, plan: pd.DataFrame) -> Iterator[Violation]:
    if key not in plan.columns:
        yield disagree("files", "plan.csv", "missing column", None, key, "all columns")
        return
    given = plan.drop_duplicates("block_id").set_index("block_id")[key].reindex(case.ground.ids).to_numpy()
    wrong = np.flatnonzero(given != case.ground.levels[key])
    if wrong.size:
        block = wrong[0]
        what = f"{key} ({case.ground.ids[block]})"
        yield disagree("files", "plan.csv", what, None, given[block], case.ground.levels[key][block])
