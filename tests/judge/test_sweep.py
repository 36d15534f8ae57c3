"""The table of a sweep against reports made by hand: columns that only some cities have."""

import json
from pathlib import Path
from typing import Any

import pytest

from redistrict.judge import judge_sweep
from tests.scenario.refusals import SMALLEST

TOTALS = {"workers": None, "boundary_m": 10.0, "cost_parts": {"crossing": 3.0}, "crossing_m": {"trunk": 1.5}}
FIGURES = {"status": "FEASIBLE", "stopped_by": "effort", "cost": 3.0, "bound": None, "gap": None}


def make_sweep(folder: Path, growth: dict[str, Any], cells: dict[str, str]) -> Path:
    """Write a sweep of one point with two communities, one of them 5 % above and one 20 % below its target."""
    place = folder / "points" / "a"
    place.mkdir(parents=True)
    (place / "scenario.yaml").write_text(SMALLEST, encoding="utf-8")
    rows = [
        {"households_deviation": off, "population_deviation": None, "exception": why}
        for off, why in ((0.05, None), (-0.2, {"en": "so", "zh": "此"}))
    ]
    report = FIGURES | {"totals": TOTALS, "standards": {"growth": growth}, "communities": rows}
    (place / "report.json").write_text(json.dumps(report), encoding="utf-8")
    points = [{"point": 1, "folder": "a", "values": {"solve.seed": 1}}]
    (folder / "sweep.json").write_text(json.dumps({"points": points}), encoding="utf-8")
    told = {
        "point": "1",
        "folder": "points/a",
        "solve.seed": "1",
        **{name: "" if value is None else f"{value}" for name, value in FIGURES.items()},
    }
    told |= {"communities": "2", "exceptions": "1", "households_worst": "0.2", "within": "0.5", "boundary_m": "10"}
    told |= {"crossing_trunk": "1.5", "crossing_lane": "0", "cost_crossing": "3"} | cells
    (folder / "sweep.csv").write_text(f"{','.join(told)}\n{','.join(told.values())}\n", encoding="utf-8-sig")
    return folder


@pytest.mark.parametrize(
    ("growth", "cell"),
    [
        ({}, ""),
        ({"years": [2030, 2035], "first_year": 2035}, "2035"),
        ({"years": [2030, 2035], "first_year": None}, "至2035年均符合"),
        ({"years": [2030, 2035], "first_year": None}, "none to 2035"),
        ({"years": [2030, 2035], "first_year": None}, "至2035年均符合 none to 2035"),
    ],
)
def test_the_first_year_out_of_bounds_is_judged(tmp_path: Path, growth: dict[str, Any], cell: str) -> None:
    """The year, or the sentence that there is none, in any of the languages; nothing else."""
    (tmp_path / "right").mkdir()
    assert judge_sweep(make_sweep(tmp_path / "right", growth, {"first_year": cell})).violations == ()
    for wrong in {"2030", "none to 2030", "2035"} - {cell}:
        folder = make_sweep(tmp_path / wrong, growth, {"first_year": wrong})
        assert [one.found for one in judge_sweep(folder).violations] == [f"first_year = {wrong}"]


def test_every_cell_of_a_plan_is_known(tmp_path: Path) -> None:
    """A class that this plan does not cross is 0, what the data do not have is empty, and no column is passed over."""
    cells = {"crossing_lane": "7", "people_worst": "0.1", "moved": "3", "within": "1", "cost_levels": "1", "mine": "1"}
    found = judge_sweep(make_sweep(tmp_path, {}, cells)).violations
    assert sorted(one.found for one in found) == sorted(f"{name} = {cell}" for name, cell in cells.items())


@pytest.mark.parametrize(
    "text", ["", "point,folder\n1,points/a\n", "point,folder,status\n1,points/a\n1,2,3,4\n", "\xff"]
)
def test_what_is_no_table_is_named(tmp_path: Path, text: str) -> None:
    """A file without the columns that every table has, or with rows of another length, is a fault and no crash."""
    folder = make_sweep(tmp_path, {}, {})
    (folder / "sweep.csv").write_bytes(text.encode("latin-1"))
    assert [one.found for one in judge_sweep(folder).violations] == ["unreadable"]
