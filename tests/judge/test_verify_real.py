"""The judge on the real block data kept beside the project."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from redistrict.judge import verify_plan
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import BlockColumns, BlockSource, Data

from .towns import ANY_SIZE

CAMBRIDGE = Path(__file__).parents[3] / "shared" / "data" / "cambridge_1044.gpkg"


@pytest.mark.shared
@pytest.mark.skipif(not CAMBRIDGE.exists(), reason="the real block data are not beside the project")
def test_cambridge_has_one_neighbourhood_in_two_pieces() -> None:
    """Of Cambridge's 13 published neighbourhoods exactly one, Neighborhood Nine, does not hang together."""
    columns = BlockColumns(id="GEOID20", households="households", people="population")
    source = BlockSource(path=CAMBRIDGE, layer="blocks", columns=columns)
    blocks = gpd.read_file(CAMBRIDGE, layer="blocks")
    plan = pd.DataFrame({"block_id": blocks["GEOID20"], "community_id": blocks["neighborhood"]})
    scenario = Scenario(name="cambridge", data=Data(blocks=source), communities=ANY_SIZE)
    verdict = verify_plan(scenario, plan.assign(district="", community_name=""))
    (violation,) = verdict.violations
    assert violation.community == "Neighborhood Nine"
    assert violation.blocks == ("250173536002014",)
