"""The judge on the least neck that a report gives: measured anew on the polygons in the files."""

import json
from collections.abc import Callable
from math import hypot
from pathlib import Path

import numpy as np
import pytest
import shapely

from redistrict.geo.necks import measure_necks
from redistrict.geo.outlines import draw_plan
from redistrict.jobs.inputs import read_inputs
from redistrict.judge import verify_files
from redistrict.judge.case import Assignment, Case
from redistrict.judge.faults import Drawn
from redistrict.judge.ground import read_ground
from redistrict.judge.neck_widths import check_neck_widths
from redistrict.scenario.models import Contiguity

from .delivery import write_result
from .towns import Town, square

MakeTown = Callable[..., Town]
BLOCKS = {"s0": square(0, 0), "s1": square(100, 0), "t0": square(85, 100), "t1": square(185, 100)}
"""Two rows of two, the upper shifted by 85 m: t0 shares 15 m with s0, and t1 with s1."""
NECK_M = hypot(15 + 20, 20)  # outlines reach 10 m beyond the blocks


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (round(NECK_M, 1), []),
        (NECK_M - 1, [f"> {NECK_M - 0.8:.1f}"]),
        (NECK_M + 1, [f"< {NECK_M + 0.8:.1f}"]),
        (0.5, ["> 0.7"]),
        (None, ["< 63.8"]),
        (-1, ["a width, or none"]),
        ("wide", ["a width, or none"]),
    ],
)
def test_a_least_neck_is_what_the_polygons_have(
    make_town: MakeTown, tmp_path: Path, given: object, allowed: list[str]
) -> None:
    """Said too wide, too narrow, none or nonsense it is named, with the community and what it may be."""
    town = make_town(BLOCKS, households=1)
    write_result(town, tmp_path, {"s0": "a", "t0": "a", "s1": "b", "t1": "b"}, workers=1)
    path = tmp_path / "report.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    a, b = report["communities"]
    a["neck_m"], b["neck_m"] = round(NECK_M, 1), given
    path.write_text(json.dumps(report), encoding="utf-8")
    found = [v for v in verify_files(town.scenario, tmp_path).violations if "neck_m" in v.message.en]
    assert [(v.rule, v.community, v.allowed) for v in found] == [("report", "b", one) for one in allowed]


def test_a_neck_as_wide_as_a_level_is_that_of_its_blocks(make_town: MakeTown) -> None:
    """Blocks of 50 m count up to the level of 32 m, and so does a neck between them that is just as wide."""
    share_m = (32**2 - 20**2) ** 0.5 - 20
    blocks = {"s": square(0, 0, 50, 50), "t": square(50 - share_m, 50, 50, 50)}
    scenario = make_town(blocks).scenario
    case = Case(scenario, read_ground(scenario), Assignment(("0",), np.zeros(2, dtype=np.intp)))
    shape = shapely.union_all([shapely.buffer(block, 10, join_style="mitre") for block in blocks.values()])
    drawn = Drawn("plan", 0.01, case, np.array([shape], dtype=object))
    assert [*check_neck_widths(drawn, _rows([32.0]))] == []
    assert [v.allowed for v in check_neck_widths(drawn, _rows([31.7]))] == ["> 31.9"]


@pytest.mark.parametrize("seed", [13, 29])
def test_what_is_published_is_right_to_the_judge(make_town: MakeTown, seed: int) -> None:
    """In towns of uneven blocks, some overlapping, what random plans publish passes; half a metre more is named."""
    rng = np.random.default_rng(seed)
    shift = np.repeat(rng.uniform(0, 100, 4), 5)
    corner = np.column_stack([np.tile(np.arange(5), 4) * 100 + shift, np.repeat(np.arange(4), 5) * 100])
    inset = rng.uniform(0, 45, (20, 4)) - 3
    polygons = {
        f"{n:02}": square(x + left, y + low, 100 - left - right, 100 - low - high)
        for n, ((x, y), (left, low, right, high)) in enumerate(zip(corner.tolist(), inset.tolist(), strict=True))
    }
    settled = dict.fromkeys(polygons, 1) | dict.fromkeys(rng.choice([*polygons], 3), 0)
    scenario = make_town(
        polygons, households=settled, people=settled, district="东区", contiguity=Contiguity(max_gap_m=60)
    ).scenario
    inputs, ground = read_inputs(scenario), read_ground(scenario)
    graph, n_told = inputs.graph, 0
    for _ in range(15):
        plan = rng.integers(0, 4, 20).astype(np.int32)
        plan[:4] = np.arange(4)
        case = Case(scenario, ground, Assignment(tuple("0123"), plan.astype(np.intp)))
        drawn = Drawn("plan", 0.01, case, draw_plan(graph.cells, plan))
        necks = measure_necks(drawn.shapes, graph.cells.blocks, graph.is_peopled, plan, graph.edges[graph.is_link])
        given = [None if np.isnan(neck_m) else neck_m for neck_m in necks.tolist()]
        assert not [*check_neck_widths(drawn, _rows(given))]
        n_told += len([*check_neck_widths(drawn, _rows([None if m is None else m + 0.5 for m in given]))])
    assert n_told > 10


def _rows(given: list[float | None]) -> list[dict[str, object]]:
    return [{"id": f"{c}", "neck_m": neck_m} for c, neck_m in enumerate(given)]
