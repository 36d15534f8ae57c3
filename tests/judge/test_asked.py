"""The judge's own look at the pins of a scenario: each form kept and broken."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from redistrict.scenario.pin import Pin
from redistrict.scenario.sources import BlockColumns, CurrentColumns

from .towns import Town, cells, marks

MakeTown = Callable[..., Town]
COLUMNS = BlockColumns(
    id="key", households="households", people="people", district="district", name="community", community="community"
)


def with_pin(town: Town, **asked: object) -> Town:
    """Give a town whose scenario asks one thing; the names of today's communities stand in the column `locked`."""
    pin = Pin.model_validate({"reason": "gate", **asked})
    data = town.scenario.data
    if data.current is not None:
        named = data.current.model_copy(update={"columns": CurrentColumns(id="id", name="locked")})
        data = data.model_copy(update={"current": named})
    return replace(town, scenario=town.scenario.model_copy(update={"pins": (pin,), "data": data}))


@pytest.mark.parametrize(
    ("asked", "kept", "broken", "said"),
    [
        ({"together": ("00", "02")}, "xxxx yyyy", "xxyy yyyy", "its blocks lie in x, y"),
        ({"blocks": ("00", "01"), "with": "11"}, "xxyy xxyy", "xxyy yyyy", "its blocks lie in x, y"),
        ({"apart": ("00", "01", "02")}, "xyzz xyzz", "xyxx xyxx", "blocks 00, 02 share one"),
        ({"keep": "a"}, "xxyy zzzz", "xxxy zzzz", "blocks 02 lie there as well"),
        ({"keep": "a"}, "xxyy zzzz", "xwyy zzzz", "its blocks are 2 communities, not 1"),
        ({"keep": "老社区"}, "xxyy zzzz", "xwyy zzzz", "its blocks are 2 communities, not 1"),
        ({"whole": "c"}, "xxxx xxxx", "xxxx xyyy", "its blocks lie in x, y"),
        ({"merge": ("a", "b")}, "xxxx yyyy", "xxyy yyyy", "its blocks lie in x, y"),
        ({"split": "a", "into": 2}, "xwyy zzzz", "xxyy zzzz", "its blocks are 1 communities, not 2"),
        ({"blocks": ("00", "10"), "count": 2}, "xyyy zyyy", "xyyy xyyy", "its blocks are 1 communities, not 2"),
        ({"estate": "c"}, "xxxx xxyy", "xxxx xyyy", "its blocks lie in x, y"),
    ],
)
def test_each_form_is_kept_or_broken(
    make_town: MakeTown, asked: dict[str, object], kept: str, broken: str, said: str
) -> None:
    """A plan that keeps to the pin passes; one that does not is told, with the pin's number and reason."""
    town = make_town(cells("xxxx xxxx"), today=marks("aabb ccdd"), columns=COLUMNS, locked="id,locked\na,老社区\n")
    town = with_pin(town, **asked)
    assert [v for v in town.judge(marks(kept)).violations if v.rule == "pins"] == []
    (violation,) = [v for v in town.judge(marks(broken)).violations if v.rule == "pins"]
    assert violation.message.en == f"Pin 1 (gate) does not hold: {said}."
    assert violation.message.zh.startswith("第 1 条要求（gate）不成立：")


def test_a_pin_that_names_nothing_is_broken(make_town: MakeTown) -> None:
    """A block, an estate or a community that is not in the data cannot be judged to be anywhere."""
    town = make_town(cells("xx"), today=marks("aa"))
    for asked in ({"together": ("00", "77")}, {"estate": "nowhere"}, {"keep": "z"}):
        told = with_pin(town, **asked).judge("x")
        assert [(v.rule, v.message.en) for v in told.violations] == [
            ("pins", "Pin 1 (gate) does not hold: there is nothing it names.")
        ]
        assert [v.blocks for v in told.violations] == [()]
