"""Every table of a result folder against the others: what must add up, added up."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

TABLES = ("staffing", "transition", "premises", "lineage", "crossings", "bounds", "rules")
NUMBERS = (
    "workers", "filled", "vacant", "households", "people", "blocks", "length_m", "cost_m", "served_m", "required_m2",
    "existing_m2", "shortfall_m2", "fund_yuan", "rooms_owed_m2", "divides", "keeps_name",
)  # fmt: skip


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read every CSV of a result, keys as text and counts as numbers."""
    tables = {}
    for name in ("plan", *TABLES):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
        for column in set(NUMBERS) & set(table.columns):
            table[column] = pd.to_numeric(table[column])
        tables[name] = table
    return tables


def assert_adds_up(folder: Path) -> None:
    """Compare residents, posts, metres, premises, bounds and clauses over all files of a result."""
    tables = read_tables(folder)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    communities = {row["id"]: row for row in report["communities"]}
    assert report["verification"]["ok"]
    _lineage(tables, report, communities)
    _staff(tables, report, communities)
    _crossings(tables, report)
    _premises(tables, report, communities)
    assert tables["bounds"]["community_id"].tolist() == list(communities)
    assert (
        (tables["bounds"][["east_zh", "south_en", "west_zh", "north_en", "bounds_zh", "bounds_en"]] != "")
        .to_numpy()
        .all()
    )
    counted = tables["rules"].groupby(["pack", "clause"])["outcome"].value_counts().to_dict()
    for clause in report["standards"]["rules"]:
        for outcome in ("pass", "fail", "waived", "unknown"):
            assert counted.get((clause["pack"], clause["clause"], outcome), 0) == clause[outcome]
    assert len(tables["rules"]) == len(report["standards"]["rules"]) * len(communities)


def _lineage(tables: dict[str, pd.DataFrame], report: dict[str, Any], communities: dict[str, Any]) -> None:
    """Residents in the lineage are the residents of the plan, by new community and in all."""
    lineage = tables["lineage"]
    by_new = lineage.groupby("new_id")[["blocks", "households", "people"]].sum()
    for key, row in communities.items():
        assert by_new.loc[key].tolist() == [row["n_blocks"], row["households"], row["population"]]
    assert lineage["people"].sum() == report["totals"]["population"]
    stay = lineage.loc[lineage["keeps_name"] == 1, "people"].sum()
    told = report["standards"]["lineage"]
    assert told["moved"] == told["residents"] - stay
    assert told["moved_share"] == pytest.approx(told["moved"] / told["residents"])
    assert sum(told["today"].values()) == lineage.loc[lineage["old_id"] != "", "old_id"].nunique()
    assert sum(told["new"].values()) == len(communities)
    kept = lineage[lineage["keeps_name"] == 1]
    assert (kept["old_id"] == kept["new_id"]).all()
    assert kept["old_id"].is_unique
    assert kept["new_id"].is_unique


def _staff(tables: dict[str, pd.DataFrame], report: dict[str, Any], communities: dict[str, Any]) -> None:
    """Posts = filled + vacant, staff = filled + without a post, and nobody is without one while posts are vacant."""
    staffing, transition, told = tables["staffing"], tables["transition"], report["standards"]["transition"]
    workers = staffing.set_index("community_id")["workers"]
    assert {key: row["workers"] for key, row in communities.items()} == workers.to_dict()
    assert (staffing["workers"] == staffing["filled"] + staffing["vacant"]).all()
    is_staff, is_post = transition["from_id"] != "", transition["to_id"] != ""
    assert transition.loc[is_staff, "workers"].sum() == told["staff"]
    assert transition.loc[is_post, "workers"].sum() == told["posts"] == report["totals"]["workers"]
    assert told["filled"] == staffing["filled"].sum() == told["with_residents"] + told["elsewhere"]
    surplus, vacant = sum(told["surplus"].values()), sum(told["vacancies"].values())
    assert told["staff"] == told["filled"] + surplus
    assert told["posts"] == told["filled"] + vacant
    assert min(surplus, vacant) == 0
    shared = set(zip(tables["lineage"]["old_id"], tables["lineage"]["new_id"], strict=True))
    with_residents = transition[transition["kind_en"] == "with residents"]
    assert set(zip(with_residents["from_id"], with_residents["to_id"], strict=True)) <= shared
    by_district = staffing.groupby("district")["workers"].sum().to_dict()
    assert report["standards"]["staffing"]["by_district"] == by_district


def _crossings(tables: dict[str, pd.DataFrame], report: dict[str, Any]) -> None:
    """Metres in the ledger are those of the totals, and their price is the crossing part of the cost."""
    crossings, totals = tables["crossings"], report["totals"]
    assert crossings["cost_m"].sum() == pytest.approx(totals["cost_parts"]["crossing"], abs=0.001)
    for name, metres in totals["crossing_m"].items():
        assert crossings.loc[crossings["road_class"] == name, "length_m"].sum() == pytest.approx(metres, abs=0.06)
    assert set(crossings["road_class"]) == set(totals["crossing_m"])
    assert report["cost"] == pytest.approx(sum(totals["cost_parts"].values()), abs=0.001)


def _premises(tables: dict[str, pd.DataFrame], report: dict[str, Any], communities: dict[str, Any]) -> None:
    """Premises, fund and rooms add up to the totals; a shortfall is what the norm asks for and is not there."""
    premises, told = tables["premises"], report["standards"]["premises"]
    assert premises["community_id"].tolist() == list(communities)
    lacking = (premises["required_m2"] - premises["existing_m2"]).clip(lower=0)
    assert premises["shortfall_m2"].tolist() == pytest.approx(lacking.tolist(), abs=0.011)
    assert premises["shortfall_m2"].sum() == pytest.approx(told["shortfall_m2"], abs=0.05)
    assert told["reach_norm"] + told["short_of_norm"] == len(communities)
    assert premises["fund_yuan"].sum() == pytest.approx(report["standards"]["fund_yuan"])
    assert premises["rooms_owed_m2"].sum() == pytest.approx(report["standards"]["developer_rooms"]["owed_m2"], abs=0.05)
