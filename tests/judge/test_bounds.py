"""What must be named on each side of a community, and what may be, on two blocks either side of a street."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import cos, radians, sin
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from redistrict.judge.border import Border
from redistrict.judge.bounds import SIDES, check_bounds, find_axes
from redistrict.scenario.models import Contiguity

from .test_border import trace, upright
from .towns import Town, cells

MakeTown = Callable[..., Town]
Noun = tuple[str, str]
OPEN, ROAD, FAR = ("the edge of the built-up area", "建成区边缘"), ("甲路", "甲路"), ("乙路", "乙路")
LINE = {c: (f"the district line with {c}区", f"与{c}区的区界") for c in "东西"}
OTHERS = ("others", "等")


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Two blocks over a street, in two districts; the border between a and b is at 110."""
    districts = {"00": "西区", "01": "东区"}
    return make_town(cells("xx", street_m=20), contiguity=Contiguity(max_gap_m=20), district=districts)


def turn_east(border: Border, degrees: float) -> Border:
    """Turn the pieces in the east of a, those in the north to the north and those in the south to the south."""
    x, y = (border.middle - (500_110, 3_000_050)).T.round(3)
    angle = np.where((x == 0) & (border.community == 0), np.sign(y) * np.radians(degrees), 0)
    turned = np.column_stack([np.cos(angle), np.sin(angle)])
    return replace(border, normal=np.where(angle[:, None] == 0, border.normal, turned))


def told(town: Town, folder: Path, road: Noun, share: float = 0.25, *, askew: float = 0, **said: Noun) -> list[str]:
    """Give what is wrong with the bounds of a, some of them changed, where a road of this name runs along at 110."""
    x = 110 if road == ROAD else 700
    case, traced = trace(town, folder, [(road[0], upright(x))])
    border = turn_east(traced, askew)
    right: Mapping[str, Mapping[str, Noun]] = {
        "a": {side: OPEN for side, _ in SIDES} | {"east": road if road == ROAD else LINE["东"]} | said,
        "b": {side: OPEN for side, _ in SIDES} | {"west": road if road == ROAD else LINE["西"]},
    }
    rows = []
    for key, nouns in right.items():
        row: dict[str, object] = {"community_id": key, "community_name": f"{key}社区", "named_border_share": share}
        for side, side_zh in SIDES:
            row[f"{side}_en"] = f"{side} to {nouns[side][0]}"
            row[f"{side}_zh"] = f"{side_zh}{'' if nouns[side] == OTHERS else '至'}{nouns[side][1]}"
        row["bounds_en"] = "; ".join(str(row[f"{side}_en"]) for side, _ in SIDES) + "."
        row["bounds_zh"] = "，".join(str(row[f"{side}_zh"]) for side, _ in SIDES) + "。"
        rows.append(row)
    found = [violation.message.en for violation in check_bounds(case, border, pd.DataFrame(rows).astype(str))]
    return [message.removeprefix("bounds.csv: ") for message in found]


def test_sides_as_they_are_pass(town: Town, tmp_path: Path) -> None:
    """A road along the border, or without one the district beyond."""
    assert told(town, tmp_path, ROAD) == []
    assert told(town, tmp_path, FAR, 0.0) == []


@pytest.mark.parametrize(
    ("road", "side", "said", "wrong"),
    [
        (ROAD, "east", LINE["东"], ["east to the district line with 东区; {} 甲路, along most of it."]),
        (FAR, "east", OTHERS, ["east to others; {} the district line with 东区, along most of it."]),
        (ROAD, "east", OPEN, ["east to the edge of the built-up area; {} 甲路, along most of it."]),
        (
            ROAD,
            "west",
            ROAD,
            ["甲路; {} what lies on that side.", "west to 甲路; {} the edge of the built-up area, along most of it."],
        ),
    ],
)
def test_what_takes_most_of_a_side_must_be_named(
    town: Town, tmp_path: Path, road: Noun, side: str, said: Noun, wrong: list[str]
) -> None:
    """Whatever else lies there, or near its end, may be named with it, and nothing else."""
    found = told(town, tmp_path, road, 0.25 if road == ROAD else 0.0, **{side: said})
    assert found == [f"{side} of community a is {one.format('the plan and the data give')}" for one in wrong]


@pytest.mark.parametrize(("askew", "sides"), [(25, ["east"]), (25.1, [])])
def test_a_piece_25_degrees_askew_looks_straight_to_a_side(
    town: Town, tmp_path: Path, askew: float, sides: list[str]
) -> None:
    """What runs along it must be named; along one that is more askew it need not."""
    wrong = told(town, tmp_path, ROAD, askew=askew, east=OPEN)
    assert [message.partition(" of ")[0] for message in wrong] == sides


@pytest.mark.parametrize(("share", "n_wrong"), [(0.151, 0), (0.149, 2), (0.349, 0), (0.351, 2)])
def test_the_share_along_lines_is_right_to_a_tenth(town: Town, tmp_path: Path, share: float, n_wrong: int) -> None:
    """A quarter of either border runs along the road."""
    wrong = told(town, tmp_path, ROAD, share)
    assert [message.partition(" of ")[0] for message in wrong] == ["named_border_share"] * n_wrong


@pytest.mark.parametrize(("degrees", "east"), [(0, [0, 0]), (90, [0, 0]), (45, [45, -45])])
def test_a_grid_at_45_degrees_may_be_turned_either_way(
    town: Town, tmp_path: Path, degrees: int, east: list[int]
) -> None:
    """One along the axes is not turned."""
    _, border = trace(town, tmp_path, [(ROAD[0], upright(110))])
    turn = np.array([[cos(radians(degrees)), sin(radians(degrees))], [-sin(radians(degrees)), cos(radians(degrees))]])
    turned: Border = replace(border, normal=border.normal @ turn)
    ways = find_axes(turned, 2)[:, :, 0]
    assert np.degrees(np.arctan2(ways[..., 1], ways[..., 0])).round(6).tolist() == [[way, way] for way in east]
