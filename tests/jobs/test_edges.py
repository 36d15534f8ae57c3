"""`output.boundary: edge` from run to verify."""

from pathlib import Path

import pandas as pd
import pytest

from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.scenario.models import Communities, Output, Sizes, Solve
from tests.judge.towns import cells, line, make_town

ROADS = [("primary", line((-60, -10), (700, -10))), ("secondary", line((350, -200), (350, 200)))]


def test_a_plan_is_delivered_and_made_again_with_streets_on_one_side(tmp_path: Path) -> None:
    """Two rows of six in halves: the street in the middle goes to the half in the east, in every file and table."""
    town = make_town(
        tmp_path,
        cells("xxxxxx xxxxxx", street_m=20),
        households=10,
        district="东",
        roads=ROADS,
        communities=Communities(target=Sizes(households=60), count=2),
    )
    asked = town.scenario.model_copy(
        update={
            "solve": Solve(effort=0.05, workers=1),
            "output": Output(boundary="edge", language="en"),
            "objective": town.scenario.objective.model_copy(update={"boundary": 1.0}),
        }
    )
    report = run(asked, out=tmp_path / "out")
    assert verify(tmp_path / "out", scenario=asked).violations == ()
    lines = pd.read_csv(tmp_path / "out" / "boundaries.csv", dtype={"side": str}, keep_default_na=False)
    (shared,) = lines[lines["beyond_id"] != ""].itertuples()
    assert (shared.road_class, shared.side) == ("secondary", "west")
    assert shared.on_line_m == pytest.approx(0, abs=1)
    assert any("0.2 km along the south or west edge" in note.en for note in report.notes)
    other = asked.model_copy(update={"output": Output()})
    refused = verify(tmp_path / "out", scenario=other).violations
    assert [v.found for v in refused] == ["output.boundary = edge"]
