"""What of an area is thick enough to be a fault."""

import pytest

from redistrict.judge.faults import thick

from .towns import square


@pytest.mark.parametrize(
    ("width_m", "height_m", "m2"), [(1, 0.5, 0.5), (1, 0.49, None), (0.25, 10, 2.5), (0.2, 10, None)]
)
def test_crumbs_and_strips_are_no_fault(width_m: float, height_m: float, m2: float | None) -> None:
    """Half a square metre is one, and so is what is wider than asked."""
    found = thick(square(0, 0, width_m, height_m), 0.21)
    assert (found if found is None else round(found.area, 6)) == m2
