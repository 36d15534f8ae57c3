"""How far it is to rooms along the roads, and when a clause on walks is sure."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from redistrict.judge.case import Case, assign
from redistrict.judge.clause_kinds import Walks
from redistrict.judge.ground import read_ground
from redistrict.judge.walks import measure_walks
from redistrict.scenario.office import Standards

from .towns import Town, cells, line, marks, square

MakeTown = Callable[..., Town]

WALKS = Walks(
    metres=np.array([[100.0, 300.0, 500.0], [300.0, 100.0, np.inf]]),
    is_tied=np.array([False, True]),
    community=np.array([0, 1, 1]),
    counts={"households": np.array([5, 0, 0]), "people": np.array([0, 0, 9])},
    dwellings=None,
    by_line=None,
)


@pytest.mark.parametrize(
    ("c", "most_m", "sure"),
    [(0, 200, True), (0, 100, False), (0, 300, True), (0, 500, False), (1, 200, False), (1, 300, False)],
)
def test_a_walk_is_sure_where_nobody_lives_at_its_end(c: int, most_m: float, *, sure: bool) -> None:
    """Households or people count; the block 300 m away is empty; rooms as near to another community are not sure."""
    assert WALKS.is_sure(c, most_m) == sure


def measure(make_town: MakeTown, folder: Path, roads: Sequence[shapely.Geometry], *, most_m: float = 300) -> Walks:
    """Measure the walks in a row of three blocks over streets of 20 m, with rooms in the middle of the first."""
    words = "{zh: 字, en: words}"
    head = f"key: near\ntitle: {words}\nsource: {{document: {words}, place: 页, quote: 句}}\nclauses:\n"
    asked = f"  - {{key: w, text: {words}, cited: 句, check: walk, most_m: {most_m}, min_share: 0.5}}\n"
    (folder / "near.yaml").write_text(head + asked, encoding="utf-8")
    town = make_town(
        cells("xxx", street_m=20),
        standards=Standards(rules=(str(folder / "near.yaml"),)),
        sites=[square(49, 49, 2, 2)],
        roads=[("residential", road) for road in roads],
    )
    ground = read_ground(town.scenario)
    walks = measure_walks(Case(town.scenario, ground, assign(ground, town.plan(marks("aab")))))
    assert walks is not None
    return walks


STREET, APART = line((0, -10), (210, -10)), line((240, -10), (340, -10))
"""South of the first two blocks, and of the third alone."""


@pytest.mark.parametrize(
    ("roads", "most_m", "metres", "by_line"),
    [
        ([], 300, [0, 120, 240], None),
        ([STREET], 400, [0, 240, 320], [False] * 3),  # 60 m to the street and from it; 100 m from its end
        ([STREET], 300, [0, 240, np.inf], [False] * 3),
        ([STREET], 239, [0, 240, np.inf], [False] * 3),  # a metre more than asked is looked at
        ([STREET], 238, [0, np.inf, np.inf], [False] * 3),
        ([STREET, APART], 300, [0, 240, 240], [False, False, True]),
    ],
)
def test_walks_go_along_roads_where_roads_lead(
    make_town: MakeTown,
    tmp_path: Path,
    roads: list[shapely.Geometry],
    most_m: float,
    metres: list[float],
    by_line: list[bool] | None,
) -> None:
    """In the block of the rooms, and where no road leads, the straight line counts; beyond the limit nothing does."""
    walks = measure(make_town, tmp_path, roads, most_m=most_m)
    assert walks.metres[0].round(3).tolist() == pytest.approx(metres)
    assert np.isinf(walks.metres[1]).all()
    assert (walks.by_line is None) == (by_line is None)
    assert walks.by_line is None or walks.by_line.tolist() == [by_line, [False] * 3]
