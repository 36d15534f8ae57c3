"""The shifts of Chinese web maps, against values published with two independent programs."""

from collections.abc import Callable

import numpy as np
import pytest

from redistrict.geo.gcj02 import from_bd09, from_gcj02, to_bd09, to_gcj02

SQUARE = (116.404, 39.915)
SHIFTS = [
    (to_gcj02, (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    (to_gcj02, (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    (to_gcj02, (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    (from_gcj02, (121.531541859215, 31.17530398364597), (121.5272106, 31.1774276)),
    (to_gcj02, SQUARE, (116.41024449916938, 39.91640428150164)),
    (from_bd09, SQUARE, (116.39762729119315, 39.90865673957631)),
    (to_bd09, SQUARE, (116.41036949371029, 39.92133699351021)),
]
"""Test values of github.com/googollee/eviltransform, and from SQUARE on of github.com/wandergis/coordtransform."""


@pytest.mark.parametrize(("shift", "given", "published"), SHIFTS)
def test_shifts_are_those_published(
    shift: Callable[[np.ndarray], np.ndarray], given: tuple[float, float], published: tuple[float, float]
) -> None:
    """Every place goes where the published values have it, to far below a millimetre."""
    assert np.abs(shift(np.array([given])) - published).max() < 1e-10
