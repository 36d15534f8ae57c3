"""The office's lists as CSV tables, one function a file; texts in Chinese and English stand side by side."""

from pathlib import Path
from typing import Any

import pandas as pd

from redistrict.messages import Message
from redistrict.report.tables.files import write_csv
from redistrict.standards.bounds import FourBounds
from redistrict.standards.office import Office
from redistrict.standards.transition import Move

_SIDES = ("east", "south", "west", "north")


def write_office(folder: Path, office: Office) -> None:
    """Write every list the data allow: `staffing`, `transition`, `premises`, `lineage`, `crossings`, `bounds`, ..."""
    for name, table in list_tables(office).items():
        write_csv(folder / f"{name}.csv", table)


def list_tables(office: Office) -> dict[str, pd.DataFrame]:
    """Give every list the data allow, by name."""
    tables = {
        "staffing": _staffing(office),
        "transition": _transition(office),
        "premises": _premises(office),
        "lineage": _lineage(office),
        "crossings": _crossings(office),
        "bounds": _bounds(office),
        "rules": _rules(office),
        "growth": _growth(office),
    }
    return {name: table for name, table in tables.items() if table is not None}


def _community(office: Office, c: int) -> dict[str, Any]:
    return {"community_id": office.ids[c], "community_name": office.names[c], "district": office.districts[c]}


def _staffing(office: Office) -> pd.DataFrame:
    """Posts by the ratios, and how many of today's staff fill them."""
    rows = []
    for c in range(len(office.ids)):
        row = _community(office, c) | {q: int(size[c]) for q, size in office.sizes.items()}
        row["workers"] = int(office.workers[c])
        if office.transition is not None:
            moves = office.transition.by_goal.get(c, ())
            row["filled"] = sum(move.workers for move in moves if move.source is not None)
            row["vacant"] = sum(move.workers for move in moves if move.source is None)
        rows.append(row)
    return pd.DataFrame(rows)


def _transition(office: Office) -> pd.DataFrame | None:
    """Who goes where: every worker of today in one row, every post too."""
    current = office.records.current
    if office.transition is None or current is None:
        return None
    rows = []
    for move in office.transition.moves:
        source, goal, kind = move.source, move.goal, _kind(move)
        rows.append(
            {
                "from_id": "" if source is None else current.ids[source],
                "from_name": "" if source is None else current.names[source],
                "from_district": "" if source is None else current.districts[source],
                "to_id": "" if goal is None else office.ids[goal],
                "to_name": "" if goal is None else office.names[goal],
                "to_district": "" if goal is None else office.districts[goal],
                "workers": move.workers,
                "kind_zh": kind.zh,
                "kind_en": kind.en,
            }
        )
    columns = ["from_id", "from_name", "from_district", "to_id", "to_name", "to_district", "workers"]
    return pd.DataFrame(rows, columns=[*columns, "kind_zh", "kind_en"])


def _kind(move: Move) -> Message:
    if move.source is None:
        return Message("vacant post", "岗位空缺")
    if move.goal is None:
        return Message("without a post", "富余")
    return Message("with residents", "随居民到岗") if move.takes_over else Message("moved elsewhere", "调往他处")


def _premises(office: Office) -> pd.DataFrame | None:
    """Premises, distances, the service fund and the rooms developers owe, one row a community."""
    premises, sites = office.premises, office.records.sites
    if premises is None or sites is None:
        return None
    owed = {row.community: row.rooms_m2 for row in office.rooms.communities} if office.rooms else {}
    rows = []
    for c, one in enumerate(premises.communities):
        row = _community(office, c) | {
            "required_m2": one.required_m2,
            "existing_m2": one.existing_m2,
            "used_m2": one.used_m2,
            "shortfall_m2": one.shortfall_m2,
            "sites_used": "; ".join(sites.names[s] for s in one.used),
            "sites_idle": "; ".join(sites.names[s] for s in one.idle),
            "mean_distance_m": one.reach.mean_m if one.reach else None,
            "worst_distance_m": one.reach.worst_m if one.reach else None,
            "worst_block": one.reach.worst_block if one.reach else "",
        }
        if office.fund is not None:
            row["fund_yuan"] = office.fund[c].yuan
        if office.rooms is not None:
            row["rooms_owed_m2"] = owed.get(c, 0.0)
        rows.append(row)
    return pd.DataFrame(rows)


def _lineage(office: Office) -> pd.DataFrame | None:
    """The matrix of old and new, one row a pair that shares blocks."""
    lineage, current = office.lineage, office.records.current
    if lineage is None or current is None:
        return None
    rows = []
    for cell in lineage.cells:
        known = cell.old >= 0
        old = lineage.old_changes[cell.old].fate.value if known else Message("", "")
        new = lineage.new_origins[cell.new].fate.value
        row = {
            "old_id": current.ids[cell.old] if known else "",
            "old_name": current.names[cell.old] if known else "",
            "old_fate_zh": old.zh,
            "old_fate_en": old.en,
            "new_id": office.ids[cell.new],
            "new_name": office.names[cell.new],
            "new_fate_zh": new.zh,
            "new_fate_en": new.en,
            "blocks": cell.n_blocks,
            "households": cell.households,
            "people": cell.people,
            "area_km2": round(cell.area_km2, 4),
            "keeps_name": int(cell.keeps_name),
        }
        rows.append(row)
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def _crossings(office: Office) -> pd.DataFrame:
    """Every road, railway and river inside a community."""
    columns = [
        "community_id", "community_name", "district", "road_class", "road_name", "length_m", "cost_m", "served_m",
        "empty_m", "served_by", "divides", "blocks_facing", "blocks_main", "blocks_beyond", "residents_beyond",
    ]  # fmt: skip
    rows = [
        _community(office, row.community)
        | {
            "road_class": row.road_class,
            "road_name": row.name,
            "length_m": row.length_m,
            "cost_m": row.cost_m,
            "served_m": row.served_m,
            "empty_m": row.empty_m,
            "served_by": "; ".join(row.served_by),
            "divides": int(row.divides),
            "blocks_facing": row.n_facing,
            "blocks_main": row.n_blocks[0],
            "blocks_beyond": row.n_blocks[1],
            "residents_beyond": row.residents_beyond,
        }
        for row in office.crossings
    ]
    return pd.DataFrame(rows, columns=columns)


def _bounds(office: Office) -> pd.DataFrame:
    """The four bounds (四至) in words, with the share of each side that a named line explains."""
    rows = []
    for c, four in enumerate(office.bounds):
        row = _community(office, c)
        row |= {"bounds_zh": in_one_line(four).zh, "bounds_en": in_one_line(four).en}
        for side in _SIDES:
            found = getattr(four, side)
            row |= {f"{side}_zh": found.text.zh, f"{side}_en": found.text.en}
            row[f"{side}_named_share"] = round(found.named_share, 3)
        row["named_border_share"] = round(four.named_border_share, 3)
        rows.append(row)
    return pd.DataFrame(rows)


def in_one_line(four: FourBounds) -> Message:
    """Give the four bounds as one sentence."""
    texts = [getattr(four, side).text for side in _SIDES]
    return Message("; ".join(text.en for text in texts) + ".", "，".join(text.zh for text in texts) + "。")


def _rules(office: Office) -> pd.DataFrame:
    """Every clause for every community: pass, fail, waived with the reason, or unknown."""
    columns = [
        "pack", "clause", "strength", "community_id", "community_name", "outcome", "found", "allowed", "reason",
        "message_zh", "message_en",
    ]  # fmt: skip
    rows = [
        {name: getattr(one, name) for name in columns[:-2]}
        | {"message_zh": one.message.zh, "message_en": one.message.en}
        for one in office.findings
    ]
    return pd.DataFrame(rows, columns=columns)


def _growth(office: Office) -> pd.DataFrame | None:
    """What every community holds at the end of every year, and whether that is inside its bounds."""
    growth = office.growth
    if growth is None or not growth.years:
        return None
    outside = {(row.year, row.community, row.quantity) for row in growth.breaches}
    rows = []
    for y, year in enumerate(growth.years):
        for c in range(len(office.ids)):
            row = {"year": year} | _community(office, c)
            for q, quantity in enumerate(office.sizes):
                row[quantity] = int(growth.size[y, c, q])
                row[f"{quantity}_ok"] = int((year, c, quantity) not in outside)
            rows.append(row)
    return pd.DataFrame(rows)
