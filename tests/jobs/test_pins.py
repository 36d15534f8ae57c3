"""Pins of a scenario from the file to the judge: obeyed, verified, healed with, and refused where they contradict."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from redistrict.judge import verify_plan
from redistrict.scenario import load_scenario

from .small_town import make_blocks, tell, write_scenario
from .whole_town import draw_whole_town

TODAY = ["w1", "w1", "e1", "e2"] * 2 + ["w2", "w2", "e1", "e2"] * 2
COLUMNS = {"name: name}}": "name: name, community: now}}"}
PINS = """
pins:
  - {reason: one estate, estate: 湖滨}
  - {reason: 老社区, keep: e1}
  - {reason: a quarrel, apart: [B00, B01]}
  - {reason: by the gate, blocks: [B00], with: B10}
  - {reason: two streets, blocks: [B00, B01, B10, B11, B20, B21, B30, B31], count: 2}
"""


MERGE_PINS = "pins: [{reason: r, merge: [w1, w2]}, {reason: s, keep: e1}]\n"


def write(folder: Path, pins: str, changes: Mapping[str, str] = MappingProxyType({})) -> Path:
    """Write the town with its communities of today and some pins.

    ::

        B30 B31 | B32 B33     w2 w2 | e1 e2     湖滨 is B10 and B20
        B20 B21 | B22 B23     w2 w2 | e1 e2
        B10 B11 | B12 B13     w1 w1 | e1 e2
        B00 B01 | B02 B03     w1 w1 | e1 e2
    """
    names = ["湖滨" if n in (4, 8) else f"小区{n}" for n in range(16)]
    make_blocks().assign(name=names, now=TODAY).to_file(folder / "b.gpkg")
    return write_scenario(folder, {**COLUMNS, **changes, "solve:": f"objective: {{disruption: 1}}\n{pins}solve:"})


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pinned")
    scenario = write(folder, PINS)
    code, said = tell("check", scenario)
    assert code == 0, said
    code, said = tell("run", scenario, "--out", folder / "out")
    assert code == 0, said
    return folder / "out"


def read(result: Path) -> dict[str, str]:
    rows = pd.read_csv(result / "plan.csv", dtype=str, encoding="utf-8-sig")
    return dict(zip(rows["block_id"], rows["community_id"], strict=True))


def test_every_pin_is_kept_and_verified(delivered: Path) -> None:
    """The only plan that keeps to all is found, proved the best, and passes the judge; the scenario is read back."""
    plan = read(delivered)
    assert plan["B00"] == plan["B10"] == plan["B20"] == plan["B30"]
    assert plan["B01"] == plan["B11"] == plan["B21"] == plan["B31"] != plan["B00"]
    assert {block for block, community in plan.items() if community == plan["B02"]} == {"B02", "B12", "B22", "B32"}
    assert tell("verify", delivered)[0] == 0
    pins = load_scenario(delivered / "scenario.yaml").pins
    assert [pin.form for pin in pins] == ["estate", "keep", "apart", "with", "count"]


def test_report_and_map_show_each_pin_with_its_reason(delivered: Path) -> None:
    """Number, reason, blocks, communities and whether it is kept; the map shows them on the cards."""
    report = json.loads((delivered / "report.json").read_text(encoding="utf-8"))
    assert [(row["reason"], row["is_kept"]) for row in report["pins"]] == [
        ("one estate", True),
        ("老社区", True),
        ("a quarrel", True),
        ("by the gate", True),
        ("two streets", True),
    ]
    assert report["pins"][0]["blocks"] == ["B10", "B20"]
    plan = read(delivered)
    assert report["pins"][0]["communities"] == [plan["B10"]]
    page = (delivered / "map.html").read_text(encoding="utf-8")
    assert "pin 1 (one estate)" in page
    assert "第 2 条固定要求" not in page  # the sentence of a move takes the number from the move
    assert '"pin","",2,0' in page.replace(" ", "")


def test_a_healed_result_keeps_the_pins_of_its_scenario(delivered: Path, tmp_path: Path) -> None:
    """What the scenario asks holds after a repair, and a pin against it is refused."""
    (tmp_path / "pins.yaml").write_text("pins: [{reason: r, apart: [B13, B03]}]", encoding="utf-8")
    code, said = tell("heal", delivered, "--pins", tmp_path / "pins.yaml")
    assert code == 4, said
    assert "no plan" in said


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ("[{reason: r, whole: w1}, {reason: s, apart: [B00, B11]}]", "pin 1 (r), pin 2 (s) contradict each other"),
        (
            "[{reason: r, merge: [w1, w2]}]",
            "pin 1 (r) cannot hold: blocks B00, B01, B10 and 5 more hold 800 households",
        ),
        (
            "[{reason: r, split: e1, into: 2}]",
            "pin 1 (r) cannot hold: 400 households do not make 2 communities of 280-520",
        ),
        ("[{reason: r, merge: [w1, e1]}]", "it speaks of 2 areas (西塞山区, 黄石港区)"),
    ],
)
def test_contradictions_are_named_before_anything_is_solved(tmp_path: Path, pins: str, said: str) -> None:
    """`check` and `run` name the pins and what is in the way, with the exit code of a proof."""
    scenario = write(tmp_path, f"pins: {pins}\n")
    code, told = tell("check", scenario)
    assert said in told
    assert code == 4
    code, told = tell("run", scenario, "--out", tmp_path / "out")
    assert said in told
    assert code == 4
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ("[{reason: r, together: [B00, B0l]}]", "pins[0]: there is no block B0l; did you mean"),
        ("[{reason: r, keep: w3}]", "pins[0]: there is no community of today w3"),
        ("[{reason: r, estate: 湖宾}]", "pins[0]: no block bears the name 湖宾"),
        (
            "[{reason: r, together: [B00, B20]}]",
            "blocks B00 and B20 do not touch; name what is to join them as well, such as B10.",
        ),
        (
            "[{reason: r, blocks: [B00], in: w1}]",
            "pins.0.in: no community has a name yet: name a block of it by `with`",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path: Path, pins: str, said: str) -> None:
    """Unknown names are told with what is near, and blocks that do not touch with what lies between."""
    code, told = tell("check", write(tmp_path, f"pins: {pins}\n"))
    assert code == 3
    assert said in told


def test_a_boundary_along_a_road_is_kept_and_judged(tmp_path: Path) -> None:
    """No community holds blocks on both sides of the stretch; the judge, by its own look, names those that would."""
    path = draw_whole_town(tmp_path)
    pin = "pins: [{reason: the avenue, along: {name: 迎江大道, from: [500000, 3339870], to: [500220, 3339870]}}]\n"
    path.write_text(path.read_text(encoding="utf-8") + pin, encoding="utf-8")
    code, said = tell("run", path, "--out", tmp_path / "out")
    assert code == 0, said
    assert "1 of 1 pins are kept" in said
    plan = read(tmp_path / "out")
    assert all(plan[f"1{column}"] != plan[f"2{column}"] for column in range(2))
    scenario = load_scenario(tmp_path / "out" / "scenario.yaml")
    rows = pd.read_csv(tmp_path / "out" / "plan.csv", dtype=str, encoding="utf-8-sig")
    assert [v for v in verify_plan(scenario, rows).violations if v.rule == "pins"] == []
    rows["community_id"] = rows["community_id"].replace(plan["11"], plan["21"])
    (violation,) = [v for v in verify_plan(scenario, rows).violations if v.rule == "pins"]
    assert {"11", "21"} <= {*violation.blocks}
    assert "share one across it" in violation.message.en


MERGED = {"target: {households: 400, people: 1200}": "target: {households: 800, people: 2400}\n  change: merge_only"}


def test_mergers_of_today_keep_to_pins(tmp_path: Path) -> None:
    """Where communities are only merged, pins say which; what would divide one, or contradicts, is named."""
    code, said = tell("run", write(tmp_path, MERGE_PINS, MERGED), "--out", tmp_path / "out")
    assert code == 0, said
    plan = read(tmp_path / "out")
    assert plan["B00"] == plan["B30"]
    assert plan["B02"] != plan["B03"]
    assert tell("verify", tmp_path / "out")[0] == 0
    for pins, told in (
        ("[{reason: r, merge: [e1, e2]}, {reason: s, keep: e1}]", "pin 1 (r), pin 2 (s) contradict each other"),
        ("[{reason: r, apart: [B00, B01]}]", "pin 1 (r) cannot hold: w1 would be divided, and is only merged"),
        ("[{reason: r, split: e1, into: 2}]", "pins.0.split: today's communities are only merged, not split"),
    ):
        code, said = tell("check", write(tmp_path, f"pins: {pins}\n", MERGED))
        assert told in said
        assert code in (3, 4)
