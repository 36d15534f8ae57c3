"""When a clause on walks is sure: nobody lives just at the distance, and the rooms are the community's own."""

import numpy as np
import pytest

from redistrict.judge.clause_kinds import Walks

WALKS = Walks(
    metres=np.array([[100.0, 300.0, 500.0], [300.0, 100.0, np.inf]]),
    is_tied=np.array([False, True]),
    community=np.array([0, 1, 1]),
    counts={"households": np.array([5, 0, 0]), "people": np.array([0, 0, 9])},
    dwellings=None,
    by_line=None,
)


@pytest.mark.parametrize(
    ("c", "most_m", "sure"),
    [(0, 200, True), (0, 100, False), (0, 300, True), (0, 500, False), (1, 200, False), (1, 300, False)],
)
def test_a_walk_is_sure_where_nobody_lives_at_its_end(c: int, most_m: float, *, sure: bool) -> None:
    """Households or people count; the block 300 m away is empty; rooms as near to another community are not sure."""
    assert WALKS.is_sure(c, most_m) == sure
