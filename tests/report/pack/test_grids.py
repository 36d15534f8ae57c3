"""The annex of grids: counts are written as in every other table of the pack."""

from types import SimpleNamespace
from typing import Any, cast

from redistrict.messages import Message
from redistrict.report.pack.document import Table
from redistrict.report.pack.grids import build_grids
from redistrict.report.pack.matter import Matter

GRID = {
    "grid": "甲-01", "community_name": "甲", "n_blocks": "12", "households": "1200", "grid_workers": "1",
    "continues_name": "老街网格",
}  # fmt: skip


def matter_of(*grids: dict[str, str]) -> Matter:
    """Give what the annex is made of, in Chinese."""
    matter: Any = SimpleNamespace(
        facts=SimpleNamespace(tables={"grid_list": grids}), say=lambda en, zh: Message(en, zh).in_language("zh")
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
