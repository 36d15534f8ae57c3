"""What the office counts of a plan, counted anew: sizes in later years, rooms, where the workers go, and the clauses.

As far as plan and data decide it: which of a community's sites are used, how far residents are from them and which of
several equally good moves of staff is chosen is not judged here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from redistrict.judge.agreement import read_current, read_premises
from redistrict.judge.case import Case, add_up
from redistrict.judge.clause_kinds import Facts, Grids
from redistrict.judge.clauses import COLUMNS as RULES
from redistrict.judge.clauses import check_clauses, count_outcomes
from redistrict.judge.crossings import COLUMNS as CROSSINGS
from redistrict.judge.crossings import check_crossings
from redistrict.judge.ground import find_site_blocks, read_deliveries
from redistrict.judge.lineage import COLUMNS as LINEAGE
from redistrict.judge.lineage import check_lineage, check_lineage_totals
from redistrict.judge.procedure import check_procedure
from redistrict.judge.today import check_today
from redistrict.judge.told import section
from redistrict.judge.verification import Violation, disagree
from redistrict.judge.walks import measure_walks

COLUMNS = {
    "growth.csv": ("year", "community_id"),
    "premises.csv": ("community_id", "required_m2", "existing_m2", "shortfall_m2"),
    "transition.csv": ("from_id", "to_id", "workers", "kind_en"),
    "lineage.csv": LINEAGE,
    "crossings.csv": CROSSINGS,
    "bounds.csv": ("community_id", "named_border_share"),
    "rules.csv": RULES,
}
"""Tables of the office with the columns that are counted anew, less those of the quantities."""
COUNTED = ("growth.csv", "lineage.csv")
"""Tables with a column of every quantity."""
Tables = Mapping[str, pd.DataFrame]
Told = dict[str, dict[str, Any]]
_NEAR_M2 = 0.011
"""Square metres are published to the hundredth."""
_STAYS, _LEAVES, _SPARE, _VACANT = "with residents", "moved elsewhere", "without a post", "vacant post"


def check_office(
    case: Case,
    tables: Tables,
    communities: pd.DataFrame,
    report: Mapping[str, Any],
    *,
    is_healed: bool,
    grids: Grids | None = None,
) -> Iterator[Violation]:
    """Check the tables of the office that are there, and what the report says of them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By the name of the file, as text, with the columns of `COLUMNS`.
    communities : DataFrame
        Name, district, workers and sums of every community, by its key; its `compactness` where there are polygons.
    report : mapping
        The whole of it.
    is_healed : bool
        Whether names follow another plan.
    grids : Grids, optional
        What clauses on grids look at.
    """
    told = section(report, "standards")
    yield from _check_names(tables, communities)
    yield from check_procedure(case.scenario, told)
    if "today" in report:
        yield from check_today(case, report["today"])
    if "growth.csv" in tables:
        yield from check_growth(case, tables["growth.csv"])
    if "premises.csv" in tables:
        yield from check_premises(case, tables["premises.csv"], communities.get("households"))
    if "transition.csv" in tables:
        yield from check_transition(case, tables["transition.csv"], communities["workers"])
    if "lineage.csv" in tables:
        names = dict(zip(case.plan.names, communities.loc[list(case.plan.names), "community_name"], strict=True))
        yield from check_lineage(case, tables["lineage.csv"], names, is_healed=is_healed)
        yield from check_lineage_totals(case, section(told, "lineage"))
    if "crossings.csv" in tables:
        yield from check_crossings(case, tables["crossings.csv"], report)
    if {"rules.csv", "crossings.csv", "bounds.csv"} <= tables.keys():
        rules = tables["rules.csv"]
        yield from check_clauses(case, _gather_facts(case, tables, communities, grids), rules)
        if told.get("rules") != (right := count_outcomes(rules)):
            yield disagree("report", "report.json", "standards.rules", None, told.get("rules"), right)


def _check_names(tables: Tables, communities: pd.DataFrame) -> Iterator[Violation]:
    """Check that every table calls each community as the plan does, and puts it into its district."""
    for file, rows in tables.items():
        for column in ("community_name", "district"):
            if not {"community_id", column} <= {*rows.columns}:
                continue
            for key, name in rows[["community_id", column]].drop_duplicates().itertuples(index=False):
                if key in communities.index and name != communities.at[key, column]:
                    yield disagree("files", file, column, key, name or "-", communities.at[key, column])


def _gather_facts(case: Case, tables: Tables, communities: pd.DataFrame, grids: Grids | None) -> Facts:
    """Gather what the clauses look at; what cannot be read as a number is not a number, which no clause allows."""
    inside, bounds = tables["crossings.csv"], tables["bounds.csv"]
    metres = pd.to_numeric(inside["length_m"], errors="coerce")
    share = pd.to_numeric(bounds["named_border_share"], errors="coerce").groupby(bounds["community_id"]).first()
    names, transition = case.plan.names, tables.get("transition.csv")
    staff = None
    if transition is not None:
        filled = pd.to_numeric(transition["workers"], errors="coerce").where(transition["from_id"] != "", 0)
        staff = [float(filled[transition["to_id"] == name].sum()) for name in names]
    pieces = {} if case.scenario.communities.change == "redraw" else _read_pieces(tables["rules.csv"])
    return Facts(
        sums={load.quantity: totals for load, totals in case.totals.items() if load.year is None},
        dwellings=None
        if case.ground.dwellings is None
        else add_up(case.ground.dwellings, case.plan.community, case.n_communities),
        workers=communities.loc[list(names), "workers"].tolist(),
        staff_today=staff,
        premises_m2=_sites_m2(case),
        border_share=share.reindex(list(names)).tolist(),
        inside_m={
            kind: [
                float(metres[(inside["community_id"] == name) & (inside["road_class"] == kind)].sum()) for name in names
            ]
            for kind in sorted(set(case.lines.road_class))
        },
        n_districts=[int(np.unique(case.district[case.blocks_of(c)]).size) for c in range(len(names))],
        n_pieces=[pieces.get(name, 1) for name in names],
        compactness=communities.loc[list(names), "compactness"].tolist() if "compactness" in communities else None,
        estates=_find_shared_estates(case),
        n_units={
            key: [len({*units[case.blocks_of(c)]}) for c in range(len(names))]
            for key, units in case.ground.levels.items()
        },
        walks=measure_walks(case),
        grids=grids,
    )


def _find_shared_estates(case: Case) -> list[list[str]] | None:
    """Name for each community the estates (a name in a district) that others have blocks of, too."""
    holders: dict[tuple[str, str], set[int]] = {}
    for district, name, community in zip(case.ground.district, case.ground.names, case.plan.community, strict=True):
        if name:
            holders.setdefault((str(district), str(name)), set()).add(int(community))
    if not holders:
        return None
    shared = [(name, held) for (_, name), held in holders.items() if len(held) > 1]
    return [sorted({name for name, held in shared if c in held}) for c in range(case.n_communities)]


def _read_pieces(rules: pd.DataFrame) -> dict[str, int]:
    """Read in how many pieces each community is said to lie."""
    said = rules["found"].str.extract(r"^pieces: (\d+)$", expand=False)
    return {str(key): int(n) for key, n in zip(rules["community_id"], said, strict=True) if not pd.isna(n)}


def _sites_m2(case: Case) -> list[float | None] | None:
    """Add up the premises of each community; none where a site is as near to two, or where there are no premises."""
    source = case.scenario.data.premises
    if source is None:
        return None
    area_m2 = read_premises(source)["area_m2"].to_numpy(dtype=float)
    site, block = find_site_blocks(source, case.ground.polygons, case.ground.crs).T
    stands = np.unique(np.column_stack([site, case.plan.community[block]]), axis=0)
    between = np.bincount(stands[:, 0])[stands[:, 0]] > 1
    own = [stands[:, 1] == c for c in range(case.n_communities)]
    return [None if between[mine].any() else float(area_m2[stands[mine, 0]].sum()) for mine in own]


def check_growth(case: Case, rows: pd.DataFrame) -> Iterator[Violation]:
    """Check the size of every community at the end of every year of `growth.csv`."""
    ground, plan = case.ground, case.plan
    due = read_deliveries(case.scenario.data.projects, ground.ids, list(ground.counts))
    listed = case.scenario.standards.growth.years
    years = sorted(set(due["year"].tolist() if listed is None else listed))
    expected: Told = {}
    for year in years:
        now = due[due["year"] <= year]
        for quantity, counts in ground.counts.items():
            size = counts.copy()
            np.add.at(size, now["block"].to_numpy(), now[quantity].to_numpy())
            for name, total in zip(plan.names, add_up(size, plan.community, case.n_communities), strict=True):
                expected.setdefault(f"{year} {name}", {})[quantity] = total
    keyed = rows["year"] + " " + rows["community_id"]
    yield from _compare("growth.csv", rows.set_index(keyed), expected)


def check_premises(case: Case, rows: pd.DataFrame, households: "pd.Series[Any] | None") -> Iterator[Violation]:
    """Check what every community of `premises.csv` must have, has and lacks, in square metres."""
    source, norm = case.scenario.data.premises, case.scenario.standards.premises
    if source is None:
        return
    expected: Told = {}
    for name, existing in zip(case.plan.names, _sites_m2(case) or (), strict=True):
        count = 0 if households is None else int(households[name])
        required = max(norm.minimum_m2, norm.m2_per_100_households * count / 100)
        expected[name] = {"required_m2": required}
        if existing is not None:
            expected[name] |= {"existing_m2": existing, "shortfall_m2": max(0.0, required - existing)}
    yield from _compare("premises.csv", rows.set_index("community_id"), expected)


def check_transition(case: Case, rows: pd.DataFrame, workers: "pd.Series[Any]") -> Iterator[Violation]:
    """Check that `transition.csv` gives each worker one place and no community more than its posts.

    As many posts are filled as can be; whoever goes to a community that takes over residents of theirs goes with them.
    """
    source = case.scenario.data.current
    if source is None:
        return
    staff = read_current(source, {*case.ground.today} - {""}).set_index("id")["staff"]
    columns = [rows[name].tolist() for name in ("from_id", "to_id", "kind_en")]
    numbers = pd.to_numeric(rows["workers"], errors="coerce").fillna(0).tolist()
    leaving, arriving = Counter[str](), Counter[str]()
    for old, new, n in zip(*columns[:2], numbers, strict=True):
        leaving[old] += n
        arriving[new] += n
    vacant, spare = leaving.pop("", 0), arriving.pop("", 0)
    told = {
        "workers from": (leaving, {str(key): int(n) for key, n in staff.items()}),
        "posts": (arriving, {str(key): int(n) for key, n in workers.items()}),
    }
    for what, (found, right) in told.items():
        for key in sorted(found.keys() | right.keys()):
            if found[key] != right.get(key, 0):
                yield disagree("files", "transition.csv", what, key, found[key], right.get(key, 0))
    if min(vacant, spare) > 0:
        yield disagree("files", "transition.csv", "vacant posts", None, vacant, f"0, as {spare:g} have none")
    names = np.array([*case.plan.names, ""], dtype=object)[case.plan.community]
    lived = list(case.ground.counts.values())[-1] > 0
    shared = set(zip(case.ground.today[lived], names[lived], strict=True))
    for old, new, kind in zip(*columns, strict=True):
        if kind != (right_kind := _kind(old, new, (old, new) in shared)):
            yield disagree("files", "transition.csv", f"kind_en from {old or '-'}", new, kind, right_kind)


def _kind(source: str, goal: str, shares: bool) -> str:
    if not source:
        return _VACANT
    return _SPARE if not goal else _STAYS if shares else _LEAVES


def _compare(file: str, rows: pd.DataFrame, expected: Told) -> Iterator[Violation]:
    """Compare numbers by row and column; every row must be there once."""
    if sorted(rows.index) != sorted(expected):
        odd = sorted({*rows.index} ^ {*expected})[:5]
        yield disagree("files", file, "list of rows", None, f"{len(rows)} ({', '.join(odd)})", len(expected))
        return
    for key, columns in expected.items():
        for column, right in columns.items():
            found = rows.at[key, column]
            if not abs(_number(found) - right) <= _NEAR_M2:
                yield disagree("files", file, column, key, found or "-", round(right, 2))


def _number(text: Any) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
