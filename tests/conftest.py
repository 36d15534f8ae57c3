"""Fixtures every part of the tests may ask for."""

from pathlib import Path

import geopandas as gpd
import pytest

from .geo.drawing import CRS, cells
from .sample_city import SampleCity, shared_folder

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder with the real block data kept beside the project, or skip."""
    if not SHARED.is_dir():
        pytest.skip("the real block data are not beside the project (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> SampleCity:
    """Give the results of the scenarios on the sample city, each made when it is first asked for."""
    return SampleCity(shared_folder(tmp_path_factory) / "sample_city")


@pytest.fixture
def four_blocks() -> gpd.GeoDataFrame:
    """Give four blocks of 100 m with streets of 20 m between them, as a planner's table.

    ::

        01  02
        03  04
    """
    return gpd.GeoDataFrame(
        {
            "编号": ["01", "02", "03", "04"],
            "户数": [300, 0, 120, 80],
            "人口": [900, 0, 400, 250],
            "行政区": ["黄石港区", "黄石港区", "西塞山区", "西塞山区"],
            "小区名": ["花湖一区", "𠮷祥里", "䶮园", None],
        },
        geometry=list(cells("01 02\n03 04", street_m=20).values()),
        crs=CRS,
    )
