"""Grids in the pack: counts are written as in every other table, and each community names its own."""

from types import SimpleNamespace
from typing import Any, cast

from redistrict.messages import Language, Message
from redistrict.report.pack.document import Table
from redistrict.report.pack.grids import build_grids, say_grids
from redistrict.report.pack.matter import Matter

GRID = {
    "grid": "甲-01", "community_id": "c1", "community_name": "甲", "n_blocks": "12", "households": "1200",
    "grid_workers": "1", "continues_name": "老街网格",
}  # fmt: skip


def matter_of(*grids: dict[str, str], language: Language = "zh") -> Matter:
    """Give as much of a pack as knows of grids."""
    matter: Any = SimpleNamespace(
        facts=SimpleNamespace(
            tables={"grid_list": grids},
            rows_of=lambda _, community: [row for row in grids if row["community_id"] == community],
        ),
        say=lambda en, zh: Message(en, zh).in_language(language),
    )
    return cast(Matter, matter)


def test_thousands_stand_apart() -> None:
    """Households and people above a thousand have a comma; data without people leave a dash."""
    (table,) = build_grids(matter_of(GRID, GRID | {"people": "3960", "exception_zh": "超出", "exception_en": "above"}))
    assert isinstance(table, Table)
    assert table.rows == (
        ("甲-01", "甲", "12", "1,200", "—", "1", "沿用老街网格"),
        ("甲-01", "甲", "12", "1,200", "3,960", "1", "超出"),
    )
    assert build_grids(matter_of()) == []


def test_a_community_names_its_grids() -> None:
    """Code, households and today's grid, where there is one; nothing where the community has no grids."""
    grids = (GRID, GRID | {"grid": "甲-02", "continues_name": ""}, GRID | {"grid": "乙-01", "community_id": "c2"})
    assert say_grids(matter_of(*grids), "c1") == "共 2 个：甲-01（1,200，沿用老街网格）、甲-02（1,200）"
    english = say_grids(matter_of(*grids, language="en"), "c1")
    assert english == "2: 甲-01 (1,200, continues 老街网格), 甲-02 (1,200)"
    assert say_grids(matter_of(*grids), "c3") == ""
