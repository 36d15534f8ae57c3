"""The sheets of the workbook as tables, in the scenario's language."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from redistrict.messages import QUANTITY_WORDS, Language, Message
from redistrict.model.quantities import quantity_words
from redistrict.report.before_after import sizes_today
from redistrict.report.layers import Layers
from redistrict.report.levels import LevelRows
from redistrict.report.origins import name_fact, name_input
from redistrict.report.style import by_importance, class_word
from redistrict.report.summary import MEASURED, Report, tabulate_others
from redistrict.report.tables.columns import Form, find_column, in_lines, put_in_words
from redistrict.report.tables.grids import list_grids
from redistrict.report.tables.office import list_tables
from redistrict.scenario.rulepack import RulePack

_COUNTS = (("All", "总", "sum"), ("Least", "最少", "min"), ("Most", "最多", "max"))
YES, NO = Message("yes", "是"), Message("no", "否")

SHEETS = {
    "communities": Message("communities", "社区"),
    "bounds": Message("four bounds", "四至"),
    "blocks": Message("blocks", "地块"),
    "grids": Message("grids", "网格"),
    "staffing": Message("staffing", "人员配备"),
    "transition": Message("transition", "人员安置"),
    "premises": Message("premises", "用房"),
    "lineage": Message("lineage", "沿革"),
    "crossings": Message("crossings", "穿越道路"),
    "rules": Message("rules", "规则核对"),
    "provenance": Message("provenance", "来源"),
}
"""The sheets after the summary, in their order."""

_BAD_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
"""What a spreadsheet does not take in the name of a sheet."""

_LEFT_OUT = {
    "rules": ["message_zh", "message_en"],
    "bounds": ["bounds_zh", "bounds_en", *(f"{side}_named_share" for side in ("east", "south", "west", "north"))],
}
"""Columns that other columns of the same row say as well."""


class Fact(NamedTuple):
    """A row of the summary: what it counts, today's value and the plan's; none where there is none."""

    words: Message
    today: float | None
    plan: float | None
    form: Form


def list_sheets(report: Report, layers: Layers) -> dict[str, pd.DataFrame]:
    """Give every table the data allow by the name of its sheet; texts in one language, numbers as numbers."""
    tables = list_tables(report.office) | {
        "communities": _list_communities(report),
        "blocks": pd.DataFrame(layers.blocks.drop(columns="geometry")),
        "provenance": _list_provenance(_lasting(report.provenance)),
    }
    tables["rules"] = _name_clauses(tables["rules"], report.office.packs)
    tables |= {level.key: _list_units(level) for level in report.levels}
    if report.grids is not None:
        tables["grids"] = list_grids(report)
    language = report.scenario.output.language
    return {
        name: _put_in_language(tables[name].drop(columns=_LEFT_OUT.get(name, [])), language)
        for name in name_sheets(report)
        if name in tables
    }


def name_sheets(report: Report) -> dict[str, Message]:
    """Give the name of every sheet after the summary; those of levels stand after the communities."""
    words = ((level.key, [_BAD_IN_A_NAME.sub(" ", text)[:12] for text in level.title]) for level in report.levels)
    of_levels = {key: Message(f"by {en}", f"按{zh}") for key, (en, zh) in words}
    return {"communities": SHEETS["communities"]} | of_levels | SHEETS


def list_facts(report: Report) -> list[Fact]:
    """Give the totals a planner compares, today and in the plan."""
    office, totals, result = report.office, report.totals(), report.result
    current, lineage, premises = office.records.current, office.lineage, office.premises
    n_today = None if current is None else len(current)
    facts = [Fact(Message("Communities", "社区数"), n_today, len(report.communities), "count")]
    today = sizes_today(office)
    for quantity, words in QUANTITY_WORDS.items():
        if quantity not in office.sizes:
            continue
        before, after = today.get(quantity), office.sizes[quantity]
        for en, zh, count in _COUNTS:
            values = [None if sizes is None else int(getattr(sizes, count)()) for sizes in (before, after)]
            facts.append(Fact(Message(f"{en} {words.en}", f"{zh}{words.zh}"), values[0], values[1], "count"))
    for key in report.others:
        held, words = np.array([row.others[key] for row in report.communities]), quantity_words(key)
        facts += [
            Fact(Message(f"{en} {words.en}", f"{zh}{words.zh}"), None, int(getattr(held, count)()), "count")
            for en, zh, count in _COUNTS
        ]
    staff = None if current is None or current.staff is None else int(current.staff.sum())
    facts.append(Fact(Message("Community workers", "社区工作者"), staff, totals["workers"], "count"))
    if lineage is not None:
        facts.append(
            Fact(Message("Residents whose community changes", "所属社区变化的居民"), None, lineage.moved_share, "share")
        )
    if premises is not None:
        facts.append(
            Fact(Message("Premises short by, m²", "用房缺口（平方米）"), None, premises.shortfall_m2, "amount")
        )
    for name, metres in by_importance(totals["crossing_m"]):
        word = class_word(name)
        facts.append(Fact(Message(f"Inside: {word.en}, m", f"穿越{word.zh}（米）"), None, metres, "metres"))
        settled_m = totals["crossing_settled_m"].get(name, 0.0)
        facts.append(Fact(Message("– homes on both sides", "– 两侧均有居民"), None, settled_m, "metres"))
    return [
        *facts,
        Fact(Message("Cost, weighted m", "总代价（加权米）"), None, result.cost_m, "metres"),
        Fact(Message("Lower bound, weighted m", "下界（加权米）"), None, result.bound_m, "metres"),
        Fact(Message("Gap", "差距"), None, result.gap, "share"),
        Fact(Message("Seed", "随机种子"), None, report.scenario.solve.seed, "count"),
    ]


def _list_communities(report: Report) -> pd.DataFrame:
    """Give every community with its sizes and the metres of each class inside it."""
    classes = [name for name, _ in by_importance(report.totals()["crossing_m"])]
    rows = [
        {
            "community_id": row.id,
            "community_name": row.name,
            "district": row.district,
            **row.units,
            "n_blocks": row.n_blocks,
            "area_km2": row.area_km2,
            "households": row.households,
            "households_deviation": row.households_deviation,
            "people": row.people,
            "people_deviation": row.people_deviation,
            "dwellings": row.dwellings,
        }
        | tabulate_others(row)
        | {
            "workers": row.workers,
            "boundary_m": row.boundary_m,
            "extent_m": row.extent_m,
            "compactness": row.compactness,
            "neck_m": row.neck_m,
        }
        | {f"crossing_{name}_m": row.crossing_m.get(name, 0.0) for name in classes}
        | {"exception": row.exception}
        for row in report.communities
    ]
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def _list_units(level: LevelRows) -> pd.DataFrame:
    """Give every unit of a level with its sums."""
    rows = [
        {
            level.key: unit.name,
            "district": unit.district,
            "n_communities": len(unit.communities),
            "households": unit.households,
            "people": unit.population,
            "workers": unit.workers,
            "premises_m2": unit.premises_m2,
            "residents_changed": unit.residents_changed,
        }
        for unit in level.units
    ]
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def _list_provenance(provenance: dict[str, Any]) -> pd.DataFrame:
    """Give every fact of the provenance and every input by its name."""
    facts = list(_flatten(provenance))
    values = [name_input(value) if isinstance(value, str) and path.endswith(".key") else value for path, value in facts]
    return pd.DataFrame({"item": _as_objects([name_fact(path) for path, _ in facts]), "value": _as_objects(values)})


def _name_clauses(rules: pd.DataFrame, packs: Sequence[RulePack]) -> pd.DataFrame:
    """Put titles for the keys of rule packs, and what clauses ask for theirs."""
    titles = {pack.key: pack.title.message for pack in packs}
    asked = {(pack.key, clause.key): clause.text.message for pack in packs for clause in pack.clauses}
    keys = list(zip(rules["pack"], rules["clause"], strict=True))
    return rules.assign(
        pack=_as_objects([titles[pack] for pack, _ in keys]), clause=_as_objects([asked[key] for key in keys])
    )


def _as_objects(values: Sequence[Any]) -> "pd.Series[Any]":
    """Give a column of values as they are, messages too."""
    return pd.Series(list(values), dtype=object)


def _put_in_language(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Join the columns that stand in both languages, and put keys into words."""
    columns: dict[str, list[Any]] = {}
    for name in table.columns:
        values = table[name].tolist()
        if name.endswith("_zh"):
            pairs = zip(table[f"{name[:-3]}_en"], values, strict=True)
            columns[name[:-3]] = [_say(name[:-3], Message(en, zh), language) for en, zh in pairs]
        elif not name.endswith("_en"):
            columns[name] = [_as_value(name, value, language) for value in values]
    return pd.DataFrame(columns, dtype=object)


def _say(name: str, words: Message, language: Language) -> str:
    """Give a sentence on a line for each language, and a short word on one line."""
    is_sentence = find_column(name).form == "text"
    return in_lines(words, language) if is_sentence else words.in_language(language)


def _as_value(name: str, value: Any, language: Language) -> Any:
    if isinstance(value, Message):
        return _say(name, value, language)
    if name in ("divides", "keeps_name"):
        return (YES if value else NO).in_language(language)
    return put_in_words(name, value, language) if isinstance(value, str) else value


def _lasting(provenance: dict[str, Any]) -> dict[str, Any]:
    """Leave out seconds and memory, which differ from run to run."""
    return {key: value for key, value in provenance.items() if key not in MEASURED}


def _flatten(value: Any, key: str = "") -> Iterator[tuple[str, str | Message]]:
    """Give nested values as pairs of a dotted key and a text, or the text in both languages where it has these."""
    if isinstance(value, dict) and value.keys() == {"zh", "en"}:
        yield key, Message(**value)
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value, start=1)
        for inner, entry in items:
            yield from _flatten(entry, f"{key}.{inner}" if key else str(inner))
    elif value is not None:
        yield key, str(value)
