"""The published cost is judged by the formula, from the scenario's prices and the judge's own sums."""

import json
from pathlib import Path

import pytest
import shapely

from redistrict.jobs.run import run
from redistrict.judge import verify_files
from redistrict.scenario.levels import Level
from redistrict.scenario.models import Communities, Objective, Scenario, Sizes, Solve, Tolerance
from redistrict.scenario.office import Staffing, Standards

from .towns import make_town, square

PARTS = ("crossing", "boundary", "deviation", "disruption", "idle_staff", "levels")
KEYS = dict(zip("abcdefghi", ((x, y) for y in (240, 120, 0) for x in (0, 120, 240)), strict=True))


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Path]:
    """Give a scenario where everything has an odd price, and its results: nine blocks, three communities."""
    folder = tmp_path_factory.mktemp("costs")
    town = make_town(
        folder,
        {key: square(x, y) for key, (x, y) in KEYS.items()},
        households={key: 310 + 17 * n for n, key in enumerate(KEYS)},
        people={key: 700 + 59 * n for n, key in enumerate(KEYS)},
        district="东区",
        today={key: "甲" if n < 5 else "乙" for n, key in enumerate(KEYS)},
        roads=[
            ("primary", shapely.LineString([(500_110, 2_999_900), (500_110, 3_000_400)])),
            ("primary", shapely.LineString([(499_900, 3_000_230), (500_400, 3_000_230)])),
        ],
        communities=Communities(
            target=Sizes(households=1111, people=2777), tolerance=Tolerance(households=0.6, people=0.6), count=3
        ),
        standards=Standards(
            staffing=Staffing(households_per_worker=233.3, people_per_worker=766.7, combine="mean", rounding="nearest")
        ),
    )
    prices = Objective(crossing={"primary": 0.11}, boundary=0.3, deviation=0.7, disruption=0.003, idle_staff=10)
    scenario = town.scenario.model_copy(
        update={
            "objective": prices,
            "levels": (street_at(0.004),),
            "solve": Solve(effort=0.05, workers=1),
            "output": town.scenario.output,
        }
    )
    out = folder / "out"
    run(scenario, out=out)
    return scenario, out


def street_at(each: float) -> Level:
    """Let today's communities be streets, at a price for a resident whose street changes."""
    title = {"zh": "街道", "en": "street"}
    return Level.model_validate({"key": "street", "title": title, "column": "community", "keep": "dear", "each": each})


def faults(scenario: Scenario, out: Path) -> set[str]:
    """Give what of the report is said to be wrong."""
    verdict = verify_files(scenario, out)
    return {v.message.en.split(" is ")[0].removeprefix("report.json: ") for v in verdict.violations}


def test_published_cost_passes(delivered: tuple[Scenario, Path]) -> None:
    """What a run publishes is what the formula says, each part above nothing."""
    scenario, out = delivered
    parts = json.loads((out / "report.json").read_text(encoding="utf-8"))["totals"]["cost_parts"]
    assert set(parts) == {*PARTS, "neck"}
    assert all(parts[name] > 0 for name in PARTS)
    assert faults(scenario, out) == set()


@pytest.mark.parametrize("name", PARTS)
def test_a_part_by_another_price_is_wrong(delivered: tuple[Scenario, Path], name: str) -> None:
    """Judged by a scenario that asks for another price, exactly that part of the cost is wrong, by row of crossings."""
    scenario, out = delivered
    if name == "levels":
        other = scenario.model_copy(update={"levels": (street_at(0.008),)})
    else:
        price = {"primary": 0.22} if name == "crossing" else 2 * getattr(scenario.objective, name)
        other = scenario.model_copy(update={"objective": scenario.objective.model_copy(update={name: price})})
    found = faults(other, out)
    rows = {one for one in found if one.startswith("crossings.csv: cost_m of primary")}
    assert found - rows == {f"totals.cost_parts.{name}"}
    assert bool(rows) == (name == "crossing")


@pytest.mark.parametrize(
    ("name", "value"),
    [*zip(PARTS, (None, "many", 1e9, float("nan"), [0], -1), strict=True), ("cost", None), ("cost", 0.5)],
)
def test_a_changed_cost_is_told(delivered: tuple[Scenario, Path], tmp_path: Path, name: str, value: object) -> None:
    """Whatever stands there instead of a part or of the cost is named."""
    scenario, out = delivered
    for file in out.rglob("*"):
        target = tmp_path / file.relative_to(out)
        target.mkdir(parents=True, exist_ok=True) if file.is_dir() else target.write_bytes(file.read_bytes())
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    (report if name == "cost" else report["totals"]["cost_parts"])[name] = value
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    found = faults(scenario, tmp_path)
    assert ("cost" if name == "cost" else f"totals.cost_parts.{name}") in found
