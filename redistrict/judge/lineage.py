"""Lineage: what `lineage.csv` and the report say becomes of today's communities, and what the new ones are made of.

A community that continues one of today's bears its key. Whom a plan continues is worked out anew but for a healed plan,
whose names follow the plan before.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from redistrict.judge.agreement import read_current
from redistrict.judge.case import Case
from redistrict.judge.change import find_sources, find_successions
from redistrict.judge.verification import Violation, disagree

COLUMNS = (
    "old_id", "old_name", "old_fate_en", "old_fate_zh", "new_id", "new_name", "new_fate_en", "new_fate_zh", "blocks",
    "area_km2", "keeps_name",
)  # fmt: skip
_WORDS = {
    "unchanged": "不变",
    "adjusted": "调整",
    "split": "拆分",
    "merged": "并入",
    "abolished": "撤销",
    "new": "新设",
}
_AREA_SHARE, _AREA_KM2 = 0.01, 1e-4
"""Two ways to mend a block differ in area by less; it is published to the hundred square metres."""
_Pair = tuple[str, str]


class _Cell(NamedTuple):
    """What an old and a new community share; counts of blocks and of each quantity."""

    old: str
    new: str
    counts: tuple[int, ...]
    residents: int
    area_km2: float
    is_source: bool

    @property
    def keeps_name(self) -> bool:
        """Whether the new community continues the old one."""
        return self.old == self.new


def check_lineage(case: Case, rows: pd.DataFrame, names: Mapping[str, str], *, is_healed: bool) -> Iterator[Violation]:
    """Check blocks, residents, area, names and fates of every pair of an old and a new community that shares blocks.

    Parameters
    ----------
    rows : DataFrame
        Text, with `COLUMNS` and each quantity.
    names : mapping of str to str
        Name of each community of the plan, by its key.
    is_healed : bool
        Whether names follow another plan.
    """
    cells = _count_cells(case)
    given = Counter(zip(rows["old_id"], rows["new_id"], strict=True))
    if given != Counter(cells.keys()):
        yield from _name_odd(case, given, cells)
        return
    if not is_healed:
        yield from _check_successions(case, cells)
    quantities = ["blocks", *case.ground.counts]
    texts = _find_texts(case, cells, names)
    for row in rows.to_dict("records"):
        pair = row["old_id"], row["new_id"]
        cell, where = cells[pair], f"from {pair[0] or '-'}"
        found = [pd.to_numeric(row[name], errors="coerce") for name in (*quantities, "area_km2")]
        if found[:-1] != [*cell.counts]:
            said, right = (", ".join(map(str, one)) for one in ((row[name] for name in quantities), cell.counts))
            violation = disagree("files", "lineage.csv", f"{', '.join(quantities)} {where}", pair[1], said, right)
            yield replace(violation, blocks=_blocks_between(case, pair))
        if not abs(found[-1] - cell.area_km2) <= _AREA_KM2 + _AREA_SHARE * cell.area_km2:
            area = f"{cell.area_km2:.4f}"
            yield disagree("files", "lineage.csv", f"area_km2 {where}", pair[1], row["area_km2"] or "-", area)
        for name, text in texts[pair].items():
            if row[name] != text:
                yield disagree("files", "lineage.csv", f"{name} {where}", pair[1], row[name] or "-", text or "-")


def check_lineage_totals(case: Case, said: Mapping[str, Any]) -> Iterator[Violation]:
    """Check the residents who change community, and how many communities have which fate, in the report."""
    cells = _count_cells(case)
    old_fates, new_fates = _find_fates(cells)
    residents = sum(cell.residents for cell in cells.values() if cell.old)
    moved = residents - sum(cell.residents for cell in cells.values() if cell.keeps_name)
    right = {
        "residents": residents,
        "moved": moved,
        "moved_share": moved / residents if residents else 0.0,
        "today": dict(Counter([fate for old, fate in old_fates.items() if old])),
        "new": dict(Counter(new_fates.values())),
    }
    for name, value in right.items():
        if said.get(name) != value:
            yield disagree("report", "report.json", f"standards.lineage.{name}", None, said.get(name), value)


def _count_cells(case: Case) -> dict[_Pair, _Cell]:
    """Give what every pair of an old and a new community shares, by their keys."""
    ground, names = case.ground, np.array([*case.plan.names, ""], dtype=object)
    table = pd.DataFrame({"old": ground.today, "new": names[case.plan.community], "blocks": 1} | dict(ground.counts))
    table["residents"] = ground.counts["people"] if "people" in ground.counts else ground.counts["households"]
    table["km2"] = shapely.area(ground.polygons) / 1e6
    sums = table[table["new"] != ""].groupby(["old", "new"], as_index=False).sum().to_dict("records")
    sources, counted = find_sources(case), ("blocks", *ground.counts)
    found = dict[_Pair, _Cell]()
    for row in sums:
        pair = str(row["old"]), str(row["new"])
        counts = tuple(int(row[name]) for name in counted)
        found[pair] = _Cell(*pair, counts, int(row["residents"]), float(row["km2"]), pair in sources)
    return found


def _find_fates(cells: Mapping[_Pair, _Cell]) -> tuple[dict[str, str], dict[str, str]]:
    """Give what becomes of every old community, and what every new one is."""
    of_old, of_new = dict[str, list[_Cell]](), dict[str, list[_Cell]]()
    for cell in cells.values():
        of_old.setdefault(cell.old, []).append(cell)
        of_new.setdefault(cell.new, []).append(cell)
    whole = {key for key in of_old.keys() & of_new.keys() if len(of_old[key]) == len(of_new[key]) == 1}
    whole = {key for key in whole if of_old[key] == of_new[key]}
    return (
        {old: "unchanged" if old in whole else _fate(parts) if old else "" for old, parts in of_old.items()},
        {
            new: "unchanged" if new in whole else "adjusted" if any(cell.keeps_name for cell in parts) else "new"
            for new, parts in of_new.items()
        },
    )


def _fate(parts: list[_Cell]) -> str:
    """Say what becomes of an old community that is not left as it is."""
    if sum(cell.is_source for cell in parts) > 1:
        return "split"
    if any(cell.keeps_name for cell in parts):
        return "adjusted"
    n_goals = sum(cell.residents > 0 for cell in parts) or len(parts)
    return "merged" if n_goals == 1 else "abolished"


def _find_texts(case: Case, cells: Mapping[_Pair, _Cell], names: Mapping[str, str]) -> dict[_Pair, dict[str, str]]:
    """Give names and fates of both communities of every pair, by column; without a table the old are called by key."""
    source, name_of = case.scenario.data.current, {cell.old: cell.old for cell in cells.values()}
    if source is not None:
        table = read_current(source, {*name_of} - {""})
        name_of |= dict(zip(table["id"], table["name"], strict=True))
    old_fates, new_fates = _find_fates(cells)
    return {
        (old, new): {
            "old_name": name_of[old],
            "new_name": names[new],
            "old_fate_en": old_fates[old],
            "old_fate_zh": _WORDS.get(old_fates[old], ""),
            "new_fate_en": new_fates[new],
            "new_fate_zh": _WORDS[new_fates[new]],
            "keeps_name": f"{cell.keeps_name:d}",
        }
        for (old, new), cell in cells.items()
    }


def _check_successions(case: Case, cells: Mapping[_Pair, _Cell]) -> Iterator[Violation]:
    """Check that those, and only those, that continue a community of today bear its key."""
    right = {new: old for old, new in find_successions(case)}
    found = {cell.new: cell.old for cell in cells.values() if cell.keeps_name}
    for new in sorted(key for key in found.keys() | right.keys() if found.get(key) != right.get(key)):
        yield disagree(
            "files", "plan.csv", "community of today continued", new, found.get(new, "-"), right.get(new, "-")
        )


def _name_odd(case: Case, given: Counter[_Pair], cells: Mapping[_Pair, _Cell]) -> Iterator[Violation]:
    """Name the pairs that stand there too often, or not at all."""
    for old, new in sorted(given.keys() | cells.keys()):
        right = int((old, new) in cells)
        if given[old, new] != right:
            violation = disagree("files", "lineage.csv", f"rows from {old or '-'}", new or "-", given[old, new], right)
            yield replace(violation, blocks=_blocks_between(case, (old, new)))


def _blocks_between(case: Case, pair: _Pair) -> tuple[str, ...]:
    names = np.array([*case.plan.names, ""], dtype=object)[case.plan.community]
    return case.keys(np.flatnonzero((case.ground.today == pair[0]) & (names == pair[1])))
