"""The card of every community on the map: sizes, staff, premises, four bounds, roads inside and lineage, as text."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from redistrict.messages import (
    NOTHING,
    QUANTITY_UNITS,
    QUANTITY_WORDS,
    Message,
    count_of,
    join,
    list_of,
    plain,
    say_amount,
)
from redistrict.model.quantities import quantity_words
from redistrict.report.map.words import WORDS
from redistrict.report.style import by_importance, class_word, say_neck
from redistrict.report.summary import CommunityRow, Report
from redistrict.scenario.models import Objective
from redistrict.standards.crossings import CrossingRow
from redistrict.standards.growth import Breach
from redistrict.standards.lineage import Cell
from redistrict.standards.office import Office

_SERVING = {
    "bridge": Message("bridge", "桥梁"),
    "underpass": Message("underpass", "地下通道"),
    "signal": Message("signal", "信号灯"),
}

ON_PAGE = "quantity_"
"""Begins the names of further quantities on the page, where their keys might mean something else."""


class Row(NamedTuple):
    """One line of a card; `key` names the figure for whoever reads the page by program."""

    key: str
    label: Message
    value: Message


class Section(NamedTuple):
    """Some lines of a card under a heading, which may be empty."""

    head: Message
    rows: tuple[Row, ...]


Card = tuple[Section, ...]


def new_cards(report: Report) -> tuple[Card, ...]:
    """Give the card of every new community, in the report's order."""
    office = report.office
    crossings: list[list[CrossingRow]] = [[] for _ in office.ids]
    for crossing in office.crossings:
        crossings[crossing.community].append(crossing)
    breaches: list[list[Breach]] = [[] for _ in office.ids]
    for breach in office.growth.breaches if office.growth else ():
        breaches[breach.community].append(breach)
    return tuple(
        _card(
            ("", [*_sizes(row), *(Row(level.key, level.title, plain(level.homes[c])) for level in report.levels)]),
            ("exception", [Row("exception", WORDS["exception"], row.exception)] if row.exception else []),
            ("pins_head", [Row("pin", one.name, one.verdict) for one in report.pins if row.id in one.communities]),
            ("staff_head", _staff(office, c)),
            ("premises_head", _premises(office, c)),
            ("bounds_head", _bounds(office, c)),
            ("crossings_head", _crossings(row, crossings[c], report.scenario.objective)),
            ("lineage_head", _origin(office, c)),
            ("growth_head", [_breach(breach) for breach in breaches[c]]),
        )
        for c, row in enumerate(report.communities)
    )


def old_cards(office: Office, sizes: pd.DataFrame, n_blocks: Sequence[int]) -> tuple[Card, ...]:
    """Give the card of each of today's communities, in their order: its size, and what becomes of it.

    Parameters
    ----------
    sizes : DataFrame
        The quantities and their deviations, as in `content.Era`.
    """
    current = office.records.current
    assert current is not None, "without communities of today there is nothing to say"
    return tuple(
        _card(
            ("", _old_sizes(current.districts[c], row, n_blocks[c])),
            ("staff_head", _staff_today(office, c)),
            ("lineage_head", _fate(office, c)),
        )
        for c, row in enumerate(sizes.to_dict("records"))
    )


def name_others(others: Sequence[str]) -> dict[str, Message]:
    """Give the words of the page for further quantities and the views of them."""
    found = dict[str, Message]()
    for key in others:
        en, zh = quantity_words(key)
        head = en[:1].upper() + en[1:]
        found[ON_PAGE + key] = Message(head, zh)
        found[f"{ON_PAGE}{key}_deviation"] = Message(f"{head}: deviation", f"{zh}偏差")
    return found


def signed_percent(share: float) -> str:
    """Write a signed share: +3.4%, −3.4%."""
    return f"{round(share, 3) + 0.0:+.1%}".replace("-", "−")


def sized(count: int, deviation: float | None) -> Message:
    """Write a count with its deviation from the target."""
    return plain(f"{count:,}" + (f"\u00a0({signed_percent(deviation)})" if deviation is not None else ""))


def _card(*sections: tuple[str, Iterable[Row]]) -> Card:
    found = ((head, tuple(rows)) for head, rows in sections)
    return tuple(Section(WORDS[head] if head else NOTHING, rows) for head, rows in found if rows)


def _row(key: str, value: Message) -> Row:
    return Row(key, WORDS[key], value)


def _sizes(row: CommunityRow) -> list[Row]:
    rows = [_row("district", plain(row.district))] if row.district else []
    if row.households is not None:
        rows.append(_row("households", sized(row.households, row.households_deviation)))
    if row.people is not None:
        rows.append(_row("people", sized(row.people, row.people_deviation)))
    for key, held in row.others.items():
        rows.append(Row(str(key), quantity_words(key), sized(held, row.others_deviation[key])))
    return [
        *rows,
        _row("n_blocks", plain(f"{row.n_blocks:,}")),
        _row("area_km2", plain(f"{row.area_km2:,.2f} km²")),
        _row("boundary_m", _metres(row.boundary_m)),
        _row("extent_m", _metres(row.extent_m)),
        _row("compactness", plain(f"{row.compactness:.0%}")),
        _row("neck_m", say_neck(row.neck_m)),
    ]


def _old_sizes(district: str, row: dict[Hashable, Any], n_blocks: int) -> list[Row]:
    rows = [_row("district", plain(district))] if district else []
    rows += [_row(q, sized(row[q], row.get(f"{q}_deviation"))) for q in QUANTITY_WORDS if q in row]
    return [*rows, _row("n_blocks", plain(f"{n_blocks:,}"))]


def _staff(office: Office, c: int) -> list[Row]:
    rows = [_row("workers", plain(office.workers[c]))]
    current, moves = office.records.current, office.transition.by_goal.get(c, ()) if office.transition else ()
    sources = [f"{current.names[move.source]} {move.workers}" for move in moves if current and move.source is not None]
    if sources:
        rows.append(_row("staff_from", list_of(sources)))
    vacant = sum(move.workers for move in moves if move.source is None)
    return [*rows, _row("vacant", plain(vacant))] if vacant else rows


def _staff_today(office: Office, c: int) -> list[Row]:
    current = office.records.current
    if current is None or current.staff is None or office.transition is None:
        return []
    moves = office.transition.by_source.get(c, ())
    goals = [f"{office.names[move.goal]} {move.workers}" for move in moves if move.goal is not None]
    surplus = sum(move.workers for move in moves if move.goal is None)
    return [
        _row("staff", plain(current.staff[c])),
        *([_row("staff_to", list_of(goals))] if goals else []),
        *([_row("surplus", plain(surplus))] if surplus else []),
    ]


def _premises(office: Office, c: int) -> list[Row]:
    if office.premises is None or office.records.sites is None:
        return []
    one, sites = office.premises.communities[c], office.records.sites
    named = [[f"{sites.names[s]} {sites.area_m2[s]:,.0f} m²" for s in group] for group in (one.used, one.idle)]
    rows = [
        _row("required_m2", _square_metres(one.required_m2)),
        _row("existing_m2", _square_metres(one.existing_m2)),
    ]
    if one.is_short:
        rows.append(_row("shortfall_m2", _square_metres(one.shortfall_m2)))
    rows += [_row(key, list_of(group)) for key, group in zip(("used_sites", "idle_sites"), named, strict=True) if group]
    if one.reach is not None:
        mean_m, worst_m = one.reach.mean_m, one.reach.worst_m
        text = Message(
            f"{mean_m:,.0f} m on average, {worst_m:,.0f} m at most", f"平均 {mean_m:,.0f} 米，最远 {worst_m:,.0f} 米"
        )
        rows.append(_row("reach", text))
    if office.fund is not None:
        yuan = office.fund[c].yuan
        rows.append(_row("fund", Message(f"{yuan:,.0f} yuan a year", f"每年 {yuan:,.0f} 元")))
    return rows


def _bounds(office: Office, c: int) -> list[Row]:
    """Give the four sides, each without the word that says which it is."""
    rows = []
    for key in ("east", "south", "west", "north"):
        en, zh = getattr(office.bounds[c], key).text
        rows.append(_row(key, Message(en.removeprefix(f"{key} "), zh.removeprefix(WORDS[key].zh))))
    return rows


def _crossings(row: CommunityRow, crossings: list[CrossingRow], objective: Objective) -> list[Row]:
    """Give the metres by class, then every road that has a price, the dearest first."""
    if not row.crossing_m:
        return []
    by_class = [(class_word(name), metres) for name, metres in by_importance(row.crossing_m)]
    total = join(Message(f"{word.en} {metres:,.0f} m", f"{word.zh} {metres:,.0f} 米") for word, metres in by_class)
    priced = [one for one in crossings if objective.crossing.get(one.road_class)]
    priced.sort(key=lambda one: (-one.cost_m, -one.length_m))
    return [_row("crossing_m", total), *map(_crossing, priced)]


def _crossing(one: CrossingRow) -> Row:
    word = class_word(one.road_class)
    said = [_metres(one.length_m)]
    if one.divides:
        said.append(
            Message(
                f"cuts off {one.n_blocks[1]} blocks, {one.residents_beyond:,} households",
                f"隔开 {one.n_blocks[1]} 个地块 {one.residents_beyond:,} 户",
            )
        )
    if one.served_by:
        said.append(Message("with ", "有") + list_of(_SERVING[kind] for kind in one.served_by))
    label = Message(f"{one.name} ({word.en})", f"{one.name}（{word.zh}）") if one.name else word
    return Row("crossing", label, join(said, mark=";"))


def _origin(office: Office, c: int) -> list[Row]:
    lineage, current = office.lineage, office.records.current
    if lineage is None or current is None:
        return []
    change = lineage.new_origins[c]
    whole = {cell for old in lineage.old_changes if len(old.parts) == 1 for cell in old.parts}
    rows = [_row("fate", change.fate.value)]
    for cell in change.parts:
        label = plain(current.names[cell.old]) if cell.old >= 0 else Message("no community today", "原无社区")
        rows.append(Row("part", label, _part(cell, is_whole=cell in whole)))
    return rows


def _fate(office: Office, c: int) -> list[Row]:
    if office.lineage is None:
        return []
    change = office.lineage.old_changes[c]
    is_whole = len(change.parts) == 1
    parts = [Row("part", plain(office.names[cell.new]), _part(cell, is_whole=is_whole)) for cell in change.parts]
    return [_row("fate", change.fate.value), *parts]


def _part(cell: Cell, *, is_whole: bool) -> Message:
    how_much = Message("all", "全部") if is_whole else Message("part", "部分")
    unit = QUANTITY_UNITS["households" if cell.people is None else "people"]
    return join([how_much, count_of(cell.residents, unit)])


def _breach(breach: Breach) -> Row:
    limits = f"{breach.lower:,}–{breach.upper:,}"
    allowed = Message(f" (allowed {limits})", f"（允许 {limits}）")
    value = say_amount(breach.found, QUANTITY_WORDS[breach.quantity]) + allowed
    return Row("breach", Message(f"End of {breach.year}", f"{breach.year}年末"), value)


def _metres(metres: float) -> Message:
    return Message(f"{metres:,.0f} m", f"{metres:,.0f} 米")


def _square_metres(area_m2: float) -> Message:
    return Message(f"{area_m2:,.0f} m²", f"{area_m2:,.0f} 平方米")
