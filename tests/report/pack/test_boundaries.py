"""The annex of boundaries: a line on the edge of a street says on which."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from redistrict.messages import Language, Message
from redistrict.report.pack.boundaries import build_boundaries
from redistrict.report.pack.document import Table, Text
from redistrict.report.pack.matter import Matter

LINE = {
    "line": "L1", "community_name": "甲", "beyond_name": "乙", "from_point": "J1", "to_point": "J2", "line_m": "340",
    "bearing": "90", "length_m": "340.0", "on_line_m": "0.0",
}  # fmt: skip


def build(language: Language, boundary: str, **row: str) -> tuple[str, str]:
    """Give the note and the course of one line."""

    def tell(words: Message) -> str:
        return words.in_language(language)

    matter: Any = SimpleNamespace(
        scenario=SimpleNamespace(output=SimpleNamespace(boundary=boundary)),
        facts=SimpleNamespace(tables={"boundaries": [LINE | row], "boundary_points": []}),
        say=lambda en, zh: tell(Message(en, zh)),
        tell=tell,
    )
    note, _, lines, *_ = build_boundaries(cast(Matter, matter))
    assert isinstance(note, Text)
    assert isinstance(lines, Table)
    return note.text, lines.rows[0][-1]


@pytest.mark.parametrize(
    ("name", "side", "zh", "en"),
    [
        ("白宁路", "west", "白宁路西侧边线 340 m", "west edge of 白宁路 340 m"),
        ("", "south", "街道南侧边线 340 m", "south edge of the street 340 m"),
        ("白宁路", "centreline", "白宁路 340 m（340 m）", "白宁路 340 m (340 m)"),
    ],
)
def test_the_course_names_the_edge(name: str, side: str, zh: str, en: str) -> None:
    """South and west edges are named with their road, or as those of the street; centrelines as ever."""
    road = {"road_name": name, "road_class": "", "side": side}
    assert build("zh", "edge", **road)[1] == zh
    assert build("en", "edge", **road)[1] == en


def test_what_an_edge_means_is_said_where_there_are_some() -> None:
    """On centrelines the note says nothing of edges; a result made before there were any has its course."""
    row = {"road_name": "白宁路", "road_class": ""}
    assert "整条街道归另一侧社区" in build("zh", "edge", **row)[0]
    assert "整条街道" not in build("zh", "centreline", **row)[0]
