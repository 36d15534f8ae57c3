"""Fixtures every part of the tests may ask for."""

import subprocess
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import settings

from redistrict.errors import OutputError
from redistrict.report.pack.fonts import choose_fonts

from .geo.drawing import CRS, cells
from .sample_city import SampleCity, shared_folder

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"

settings.register_profile("any machine", deadline=None)
settings.register_profile("whole", deadline=None)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the gate leave out slow tests of what has not changed."""
    parser.addoption("--changed-since", metavar="REV", help="of the slow tests, only those of files changed since REV")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, and leave out slow tests that cover no changed file."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)
    revision = config.getoption("--changed-since")
    if revision is None:
        return
    names = subprocess.run(
        ["git", "diff", "--name-only", revision], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    idle = [item for item in items if not is_due(item.get_closest_marker("slow"), names)]
    items[:] = [item for item in items if item not in idle]
    config.hook.pytest_deselected(items=idle)


def is_due(slow: pytest.Mark | None, changed: list[str]) -> bool:
    """Tell whether a test is due after these files have changed: not slow, or one lies in a path it `covers`."""
    return slow is None or any(name.startswith(tuple(slow.kwargs["covers"])) for name in changed)


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


@pytest.fixture(scope="session")
def chinese_font() -> None:
    """Skip where no font is installed that a pack can be written with."""
    try:
        choose_fonts("社区")
    except OutputError:
        pytest.skip("no Chinese font is installed on this machine")


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
