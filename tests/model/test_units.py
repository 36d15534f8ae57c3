"""Which unit a community belongs to, and whose unit changes."""

import numpy as np

from redistrict.geo.levels import BlockLevel
from redistrict.model.units import count_changed, home_units

#          unit       a  a  b  b  c
#          community  0  0  0  1  1
LEVEL = BlockLevel("street", ("a", "b", "c"), np.array([0, 0, 1, 1, 2], dtype=np.int32))
PLAN = np.array([0, 0, 0, 1, 1], dtype=np.int32)


def test_a_community_belongs_where_most_of_its_residents_live() -> None:
    """Residents decide, not blocks; of equals the first by name; where nobody lives, a unit it has ground in."""
    for residents, homes, changed in (
        ([1, 2, 4, 5, 3], [1, 1], [3, 3]),
        ([1, 3, 4, 5, 5], [0, 1], [4, 5]),
        ([1, 0, 0, 0, 0], [0, 1], [0, 0]),
    ):
        counts = np.array(residents, dtype=np.int64)
        assert home_units(LEVEL, PLAN, counts).tolist() == homes
        assert count_changed(LEVEL, PLAN, counts).tolist() == changed
