"""Lineage: what becomes of today's communities, and what the new ones are made of (不变 调整 拆分 并入 撤销 新设)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count

import pandas as pd

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.messages import Language, Message, name_some
from redistrict.model.plan import Plan
from redistrict.model.succession import Succession
from redistrict.standards.naming import new_name


class Fate(Enum):
    """What happens to a community, in the words of an approval (批复)."""

    UNCHANGED = Message("unchanged", "不变")
    ADJUSTED = Message("adjusted", "调整")
    SPLIT = Message("split", "拆分")
    MERGED = Message("merged", "并入")
    ABOLISHED = Message("abolished", "撤销")
    NEW = Message("new", "新设")


@dataclass(frozen=True)
class Cell:
    """The blocks that one of today's communities and one of the new ones share.

    Attributes
    ----------
    old, new : int
        The two communities; `old` is -1 for blocks without a community today.
    n_blocks : int
    households, people : int or None
        None where the data have no such column.
    area_km2 : float
    keeps_name : bool
        The new community continues the old one.
    is_source : bool
        Most residents of the new community come from the old one.
    """

    old: int
    new: int
    n_blocks: int
    households: int | None
    people: int | None
    area_km2: float
    keeps_name: bool
    is_source: bool

    @property
    def residents(self) -> int:
        """People, or households where the data have no people."""
        return self.people if self.people is not None else self.households or 0


@dataclass(frozen=True)
class Change:
    """What happens to one community.

    Attributes
    ----------
    community : int
    fate : Fate
        Of today's communities all but `NEW`; of the new ones `UNCHANGED`, `ADJUSTED` or `NEW`.
    parts : tuple of Cell
        Where its blocks go (today's), or come from (new), most residents first. A community that is merged has all
        its residents in the first.
    """

    community: int
    fate: Fate
    parts: tuple[Cell, ...]


@dataclass(frozen=True)
class Lineage:
    """Who comes from where.

    Attributes
    ----------
    cells : tuple of Cell
        One for every pair that shares blocks, sorted by old and new; every block is in exactly one.
    old_changes, new_origins : tuple of Change
        One for each of today's communities, and for each of the new ones, in their order.
    moved, residents : int
        Residents with a community today whose community changes, and all of them.
    """

    cells: tuple[Cell, ...]
    old_changes: tuple[Change, ...]
    new_origins: tuple[Change, ...]
    moved: int
    residents: int

    @property
    def moved_share(self) -> float:
        """Share of residents whose community changes, 0 where nobody has one today."""
        return self.moved / self.residents if self.residents else 0.0


def trace_lineage(blocks: Blocks, current: CurrentPlan, plan: Plan, succession: Succession) -> Lineage:
    """Tell what becomes of every community of today, and what every new one is made of.

    Parameters
    ----------
    succession : Succession
        Who continues whom in this plan, by people, or by households where the data have no people.

    Notes
    -----
    The first that holds decides. Today's community is *unchanged* if a new one continues it with exactly its blocks;
    *split* if it is the source of two or more new ones; *adjusted* if one continues it; *merged* if all its residents
    (its blocks, if nobody lives there) come into one new community; else *abolished*. A new community is *unchanged*
    or *adjusted* if it continues one of today's, else *new*.
    """
    cells = _find_cells(blocks, current, plan, succession)
    of_old: list[list[Cell]] = [[] for _ in range(len(current))]
    of_new: list[list[Cell]] = [[] for _ in range(plan.n_communities)]
    for cell in cells:
        of_new[cell.new].append(cell)
        if cell.old >= 0:
            of_old[cell.old].append(cell)
    whole = {cell for cell in cells if cell.keeps_name and len(of_old[cell.old]) == len(of_new[cell.new]) == 1}
    residents = sum(cell.residents for cell in cells if cell.old >= 0)
    return Lineage(
        cells=cells,
        old_changes=tuple(Change(c, _old_fate(parts, whole), _most_first(parts)) for c, parts in enumerate(of_old)),
        new_origins=tuple(Change(c, _new_fate(parts, whole), _most_first(parts)) for c, parts in enumerate(of_new)),
        moved=residents - int(succession.kept.sum()),
        residents=residents,
    )


def name_communities(
    succession: Succession, current: CurrentPlan, districts: Sequence[str], language: Language
) -> list[tuple[str, str]]:
    """Give every new community an id and a name: those of the one it continues, or a running number in its district.

    No new id or name is one of today's, not even of a community that disappears.

    Parameters
    ----------
    districts : sequence of str
        District of each new community.
    """
    taken = {*current.ids, *current.names}
    named = []
    for district, predecessor in zip(districts, succession.predecessor.tolist(), strict=True):
        if predecessor >= 0:
            named.append((current.ids[predecessor], current.names[predecessor]))
            continue
        choices = (new_name(district, number, language, is_new=True) for number in count(1))
        named.append(next(choice for choice in choices if taken.isdisjoint(choice)))
        taken.update(named[-1])
    return named


def describe_old(lineage: Lineage, old_names: Sequence[str], new_names: Sequence[str]) -> tuple[Message, ...]:
    """Say of each of today's communities what becomes of it.

    Parameters
    ----------
    old_names, new_names : sequence of str
        Names of today's communities and of the plan's, in their order.
    """

    def say(change: Change) -> Message:
        name, lived = old_names[change.community], _lived(change.parts)
        if change.fate is Fate.UNCHANGED:
            return Message(f"{name} is unchanged.", f"{name}不变。")
        if change.fate is Fate.SPLIT:
            into = name_some([new_names[cell.new] for cell in change.parts if cell.is_source])
            return Message(f"{name} is split into {into.en}.", f"{name}拆分为{into.zh}。")
        left = name_some([new_names[cell.new] for cell in lived if not cell.keeps_name])
        if change.fate is Fate.MERGED:
            return Message(f"{name} is merged into {left.en}.", f"{name}并入{left.zh}。")
        if change.fate is Fate.ABOLISHED:
            return Message(f"{name} is abolished; its residents go to {left.en}.", f"{name}撤销，居民划入{left.zh}。")
        if not left.en:
            return Message(f"{name} is adjusted; all its residents stay.", f"{name}调整范围，原有居民不变。")
        return Message(f"{name} is adjusted; parts of it go to {left.en}.", f"{name}调整范围，部分划入{left.zh}。")

    return tuple(say(change) for change in lineage.old_changes)


def describe_new(lineage: Lineage, old_names: Sequence[str], new_names: Sequence[str]) -> tuple[Message, ...]:
    """Say of each new community what it is made of; names as in `describe_old`."""
    n_cells = Counter(cell.old for cell in lineage.cells)

    def part(cell: Cell) -> Message:
        if cell.old < 0:
            return Message("blocks without a community today", "原无社区的地块")
        en, zh = ("all", "全部") if n_cells[cell.old] == 1 else ("part", "部分")
        return Message(f"{en} of {old_names[cell.old]}", f"{old_names[cell.old]}（{zh}）")

    def say(change: Change) -> Message:
        name, parts = new_names[change.community], [part(cell) for cell in _lived(change.parts)]
        if change.fate is Fate.UNCHANGED:
            return Message(f"{name} is unchanged.", f"{name}不变。")
        made_of = name_some(parts)
        how = Message("new", "为新设社区") if change.fate is Fate.NEW else Message("adjusted", "调整范围")
        return Message(f"{name} is {how.en}: made of {made_of.en}.", f"{name}{how.zh}，由{made_of.zh}组成。")

    return tuple(say(change) for change in lineage.new_origins)


def _find_cells(blocks: Blocks, current: CurrentPlan, plan: Plan, succession: Succession) -> tuple[Cell, ...]:
    table = pd.DataFrame(
        {
            "old": current.of_block,
            "new": plan.assignment,
            "n_blocks": 1,
            "area_km2": blocks.frame.geometry.area.to_numpy() / 1e6,
            **{name: blocks.size[:, q] for q, name in enumerate(blocks.quantities)},
        }
    )
    cells = []
    for row in table.groupby(["old", "new"], as_index=False).sum().to_dict("records"):
        old, new = int(row["old"]), int(row["new"])
        cells.append(
            Cell(
                old=old,
                new=new,
                n_blocks=int(row["n_blocks"]),
                households=int(row["households"]) if "households" in row else None,
                people=int(row["people"]) if "people" in row else None,
                area_km2=float(row["area_km2"]),
                keeps_name=bool(0 <= old == succession.predecessor[new]),
                is_source=bool(0 <= old == succession.source[new]),
            )
        )
    return tuple(cells)


def _old_fate(parts: list[Cell], whole: set[Cell]) -> Fate:
    if not whole.isdisjoint(parts):
        return Fate.UNCHANGED
    if sum(cell.is_source for cell in parts) > 1:
        return Fate.SPLIT
    if any(cell.keeps_name for cell in parts):
        return Fate.ADJUSTED
    return Fate.MERGED if len(_lived(parts)) == 1 else Fate.ABOLISHED


def _new_fate(parts: list[Cell], whole: set[Cell]) -> Fate:
    if not whole.isdisjoint(parts):
        return Fate.UNCHANGED
    return Fate.ADJUSTED if any(cell.keeps_name for cell in parts) else Fate.NEW


def _most_first(parts: list[Cell]) -> tuple[Cell, ...]:
    return tuple(sorted(parts, key=lambda cell: (-cell.residents, -cell.n_blocks, cell.old, cell.new)))


def _lived(parts: Sequence[Cell]) -> list[Cell]:
    """Give the parts where somebody lives, or all of them where nobody does."""
    return [cell for cell in parts if cell.residents] or list(parts)
