"""The diagnosis as tables for people, as JSON and as CSV."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from redistrict.messages import QUANTITY_WORDS, Message
from redistrict.report.style import by_importance, class_word
from redistrict.report.tables.files import write_csv
from redistrict.scenario.models import Scenario
from redistrict.standards.diagnosis import CommunityToday, Diagnosis, Group
from redistrict.standards.diagnosis_notes import name_communities

EVERYTHING = Message("All", "合计")
_NONE = "-"


class PrintedTable(NamedTuple):
    """A table ready to be printed: what it shows, headers, and rows of text."""

    title: Message
    headers: tuple[Message, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class DiagnosisReport:
    """The diagnosis of a scenario's city, with the remarks on its data and where it all comes from."""

    scenario: Scenario
    diagnosis: Diagnosis
    notes: tuple[Message, ...]
    provenance: dict[str, Any]
    folder: str | None = None

    def messages(self) -> tuple[Message, ...]:
        """Give the sentences below the tables."""
        everything, label = self.diagnosis.everything, self.scenario.data.label
        found = [
            (everything.in_pieces(), Message("In several pieces", "不连片的社区")),
            (everything.enclaves(), Message("Wholly inside another community", "完全被另一社区包围的社区")),
            (everything.holed(), Message("With a hole that holds blocks of others", "内含其他社区地块的社区")),
        ]
        return (
            *((label.message,) if label else ()),
            *(_named(rows, what) for rows, what in found if rows),
            *self.notes,
            _where(self.folder),
        )

    def tables(self) -> tuple[PrintedTable, ...]:
        """Give bands, sizes, shapes, premises and staff by district."""
        return (
            *self._table_of_bands(),
            self._table_of_sizes(),
            self._table_of_shapes(),
            self._table_of_premises(),
            self._table_of_staff(),
        )

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values; null where the data do not say."""
        label = self.scenario.data.label
        return {
            **_group_json(self.diagnosis.everything),
            "by_district": {name: _group_json(group) for name, group in self.diagnosis.by_district.items()},
            "communities": [asdict(row) for row in self.diagnosis.everything.communities],
            "data_label": label.model_dump() if label else None,
            "notes": [message._asdict() for message in self.notes],
            "provenance": self.provenance,
        }

    def _table_of_bands(self) -> list[PrintedTable]:
        """Count communities by households, with a last row of shares."""
        bands = self.diagnosis.everything.bands()
        if bands is None:
            return []
        table = self._table(
            Message("Communities by households", "社区户数规模"),
            (Message("all", "社区数"), *(band.label for band in bands)),
            lambda group: [f"{len(group)}", *(f"{band.count}" for band in group.bands() or ())],
        )
        return [table._replace(rows=(*table.rows, ("%", "", *(f"{band.share:.1%}" for band in bands))))]

    def _table_of_sizes(self) -> PrintedTable:
        return self._table(
            Message("Sizes", "总量与极值"),
            (*QUANTITY_WORDS.values(), Message("smallest", "最小"), Message("largest", "最大")),
            lambda group: [
                *(_number(group.total(quantity)) for quantity in QUANTITY_WORDS),
                *(f"{row.name} ({row.size:,})" for row in (group.smallest, group.largest)),
            ],
        )

    def _table_of_shapes(self) -> PrintedTable:
        main = [name for name, _ in by_importance(dict.fromkeys(self.diagnosis.everything.main_roads, 0.0))]
        headers = (
            Message("in pieces", "不连片"),
            Message("enclaves", "被包围"),
            Message("crossed", "被穿越"),
            *map(class_word, main),
        )

        def cells(group: Group) -> list[str]:
            metres = group.crossing_m()
            crossed = _NONE if metres is None else f"{len(group.crossed())}"
            counts = [f"{len(rows)}" for rows in (group.in_pieces(), group.enclaves())]
            return [*counts, crossed, *(f"{metres[name] / 1000:,.1f}" for name in main if metres)]

        title = Message("Shapes, and kilometres of main road inside", "社区形态与穿越社区的主要道路（公里）")
        return self._table(title, headers, cells)

    def _table_of_premises(self) -> PrintedTable:
        least = f"{self.scenario.standards.premises.minimum_m2:g} m²"
        headers = (
            Message("m²", "m²"),
            Message(f"{least} or more", f"{least} 以上"),
            Message("short", "不足"),
            Message("full norm met", "达完整标准"),
            Message("short", "未达"),
        )

        def cells(group: Group) -> list[str]:
            counts = [group.count(name) or (None, None) for name in ("reaches_minimum", "reaches_norm")]
            return [_number(group.total("premises_m2")), *(_number(n) for pair in counts for n in pair)]

        return self._table(Message("Office and service premises", "办公服务用房"), headers, cells)

    def _table_of_staff(self) -> PrintedTable:
        headers = (
            Message("workers today", "现有工作者"),
            Message("needed", "需配"),
            Message("difference", "差额"),
            Message("service fund, yuan", "服务经费（元）"),
        )

        def cells(group: Group) -> list[str]:
            today, needed = group.total("staff"), group.total("workers_needed")
            difference = _NONE if today is None else f"{today - (needed or 0):+,.0f}"
            return [_number(today), _number(needed), difference, _number(group.total("fund_yuan"))]

        return self._table(Message("Staff and fund", "人员与经费"), headers, cells)

    def _table(self, title: Message, headers: Sequence[Message], cells: Callable[[Group], list[str]]) -> PrintedTable:
        """Make a row for each named district, and one for all."""
        groups = {name: group for name, group in self.diagnosis.by_district.items() if name}
        rows = [(name, *cells(group)) for name, group in groups.items()]
        every = EVERYTHING.in_language("both")
        return PrintedTable(
            title, (Message("District", "区"), *headers), (*rows, (every, *cells(self.diagnosis.everything)))
        )


def write_diagnosis(folder: Path, report: DiagnosisReport) -> None:
    """Write `diagnosis.csv` (one row a community), `districts.csv` (the last row is all) and `diagnosis.json`."""
    diagnosis = report.diagnosis
    write_csv(
        folder / "diagnosis.csv", pd.DataFrame([_community_cells(row) for row in diagnosis.everything.communities])
    )
    every = EVERYTHING.in_language(report.scenario.output.language)
    groups = [*diagnosis.by_district.items(), (every, diagnosis.everything)]
    write_csv(folder / "districts.csv", pd.DataFrame([_district_cells(name, group) for name, group in groups]))
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "diagnosis.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _community_cells(row: CommunityToday) -> dict[str, Any]:
    values = {"community_id": row.id, "community_name": row.name} | asdict(row)
    metres = values.pop("crossing_m") or {}
    values["holds"] = " ".join(row.holds)
    del values["id"], values["name"]
    return values | _metres_cells(metres)


def _district_cells(name: str, group: Group) -> dict[str, Any]:
    facts = _group_json(group)
    bands = {f"households_from_{band['lower']}": band["count"] for band in facts["bands"] or ()}
    counts = {key: len(facts[key]) for key in ("pieces", "enclaves", "holes")}
    ends = {f"{end}_{key}": facts[end][key] for end in ("smallest", "largest") for key in ("id", "name", "households")}
    premises, staff = facts["premises"] or {}, {f"staff_{key}": n for key, n in facts["staff"].items()}
    named = {f"premises_{key}": n for key, n in premises.items()}
    sums = {key: facts[key] for key in ("n_communities", "households", "people", "fund_yuan", "crossed_by_main_roads")}
    return {"district": name} | sums | bands | ends | counts | named | staff | _metres_cells(facts["crossing_m"] or {})


def _metres_cells(metres: dict[str, float]) -> dict[str, float]:
    return {f"crossing_{road_class}_m": length for road_class, length in metres.items()}


def _group_json(group: Group) -> dict[str, Any]:
    """Give what a group of communities adds up to."""
    bands, today, needed = group.bands(), group.total("staff"), group.total("workers_needed")
    return {
        "n_communities": len(group),
        "households": group.total("households"),
        "people": group.total("people"),
        "bands": None if bands is None else [asdict(band) | {"share": round(band.share, 4)} for band in bands],
        "smallest": _facts(group.smallest, "households", "people"),
        "largest": _facts(group.largest, "households", "people"),
        "premises": _premises_json(group),
        "staff": {"today": today, "needed": needed, "difference": None if today is None else today - (needed or 0)},
        "fund_yuan": group.total("fund_yuan"),
        "pieces": [_facts(row, "n_pieces") for row in group.in_pieces()],
        "enclaves": [_facts(row, "inside") for row in group.enclaves()],
        "holes": [_facts(row, "holds") for row in group.holed()],
        "crossing_m": group.crossing_m(),
        "main_roads": list(group.main_roads),
        "crossed_by_main_roads": None if group.crossing_m() is None else len(group.crossed()),
    }


def _premises_json(group: Group) -> dict[str, Any] | None:
    least, norm = group.count("reaches_minimum"), group.count("reaches_norm") or (None, None)
    if least is None:
        return None
    return {
        "reach": least[0],
        "short": least[1],
        "reach_norm": norm[0],
        "short_norm": norm[1],
        "total_m2": group.total("premises_m2"),
        "norm_m2": group.total("premises_norm_m2"),
    }


def _facts(row: CommunityToday, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "name", *names)}


def _named(rows: tuple[CommunityToday, ...], what: Message) -> Message:
    named = name_communities(rows)
    return Message(f"{what.en}: {named.en}.", f"{what.zh}：{named.zh}。")


def _where(folder: str | None) -> Message:
    if folder is None:
        return Message(
            "Nothing was written; --out DIR gives the tables, the histogram and the map of faults as files.",
            "未写出文件；用 --out 指定文件夹可得到表格、规模分布图和问题图。",
        )
    return Message(f"The files are in {folder}: open faults.png.", f"文件在 {folder}：请打开 faults.png。")


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:,.0f}"
