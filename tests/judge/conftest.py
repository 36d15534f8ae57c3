"""Towns for the judge's tests."""

from collections.abc import Callable
from itertools import count

import pytest
import shapely

from .towns import Town, make_town


@pytest.fixture(scope="session", name="make_town")
def _make_town(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Town]:
    """Give `make_town` with a folder of its own for every town."""
    number = count()

    def make(polygons: dict[str, shapely.Geometry], **options: object) -> Town:
        return make_town(tmp_path_factory.mktemp(f"town{next(number)}"), polygons, **options)

    return make
