"""Parts: blocks in several places are named, with how far these lie apart."""

import numpy as np
import pytest
import shapely

from redistrict.geo.parts import note_far_parts

from .drawing import box


@pytest.mark.parametrize(("gap_m", "said"), [(999, "999 m"), (1000, "1.0 km"), (2550, "2.5 km")])
def test_from_a_kilometre_on_distances_are_in_kilometres(gap_m: float, said: str) -> None:
    """Below it they are in metres."""
    shapes = np.array([shapely.union_all([box(0, 0), box(100 + gap_m, 0)]), box(0, 200)])
    (note,) = note_far_parts(shapes, np.array(["a", "b"], dtype=object))
    assert f"1 blocks lie in several places and join what does not touch: a (2 parts, {said} apart);" in note.en
