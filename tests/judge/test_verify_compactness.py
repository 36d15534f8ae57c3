"""The judge on compactness: measured on the polygons in the files, each by itself."""

from collections.abc import Callable, Mapping
from math import pi
from pathlib import Path

import pytest
import shapely

from redistrict.judge import verify_files
from redistrict.judge.verification import Violation

from .delivery import FILES, read_shapes, write_layer, write_result
from .towns import Town, cells, marks, square

MakeTown = Callable[..., Town]
PICTURE = """
    aaabb
    aaabb
"""


@pytest.fixture(scope="module")
def town(make_town: MakeTown) -> Town:
    """Two communities in one district, and a row of four blocks that is a district by itself."""
    blocks = {**cells(PICTURE, street_m=20), **{f"r{n}": square(120 * n, 900) for n in range(4)}}
    district = {key: "西区" if key.startswith("r") else "东区" for key in blocks}
    return make_town(blocks, households=1, people=3, district=district)


def judge(town: Town, folder: Path, least: float, plan: Mapping[str, str] | None = None) -> list[Violation]:
    communities = town.scenario.communities.model_copy(update={"min_compactness": least})
    if plan is not None:
        write_result(town, folder, plan, workers=1)
    return list(verify_files(town.scenario.model_copy(update={"communities": communities}), folder).violations)


PLAN = marks(PICTURE) | {f"r{n}": "r" for n in range(4)}
ROUND_A = 4 * pi * 360 * 240 / 1200**2
ROUND_R = 4 * pi * 480 * 120 / 1200**2


def test_a_polygon_less_compact_than_asked_is_named(town: Town, tmp_path: Path) -> None:
    """360 by 240 m has 0.754 and 240 by 240 m 0.785; the third digit decides, rounded. All files are named at once."""
    assert judge(town, tmp_path, round(ROUND_A, 3), PLAN) == []
    (named,) = judge(town, tmp_path, round(ROUND_A, 3) + 0.001)
    assert (named.rule, named.community, named.found) == ("compactness", "a", f"{ROUND_A:.3f}")
    assert set(named.blocks) == {key for key, to in PLAN.items() if to == "a"}
    assert all(file in named.message.en and file in named.message.zh for file in FILES)


def test_a_community_that_is_its_whole_area_may_have_any_shape(town: Town, tmp_path: Path) -> None:
    """The row of four has 0.503 and nothing to be drawn; divided in 1 and 3, the three are held to the limit."""
    assert ROUND_R < 0.7 < ROUND_A
    assert judge(town, tmp_path, 0.7, PLAN) == []
    (named,) = judge(town, tmp_path, 0.7, PLAN | {"r3": "s"})
    assert named.community == "r"


@pytest.mark.parametrize("file", FILES)
def test_one_file_with_a_ragged_outline_is_named(town: Town, tmp_path: Path, file: str) -> None:
    """A spike of a millimetre's width makes a polygon less compact, in the file that has it."""
    write_result(town, tmp_path, PLAN, workers=1)
    shapes = read_shapes(tmp_path)
    a, *others = shapes.geometry
    bay = square(100, -11, 0.4, 120)  # from the edge of a, in its own street
    write_layer(tmp_path, file, shapes.assign(geometry=[shapely.difference(a, bay), *others]))
    rules = {(v.rule, v.message.en.partition(":")[0]) for v in judge(town, tmp_path, 0.7)}
    assert ("compactness", file) in rules
