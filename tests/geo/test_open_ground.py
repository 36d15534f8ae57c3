"""Open ground: the outside and what blocks enclose, each beside the blocks along its rim."""

import numpy as np

from redistrict.geo.cells import Cells
from redistrict.geo.open_ground import find_contacts
from tests.geo.drawing import cells


def test_the_outside_comes_before_the_courtyard() -> None:
    """Around an empty plot all blocks border on the outside, and those beside it on the plot; corners touch nothing.

    ::

        0 1 2
        3   4      8 is the outside, 9 the plot in the middle
        5 6 7
    """
    ring = np.array(list(cells("a b c\nd . e\nf g h").values()), dtype=object)
    around = [(0, 1), (0, 3), (1, 2), (2, 4), (3, 5), (4, 7), (5, 6), (6, 7)]
    pairs, n_open = find_contacts(Cells(ring, np.array(around), np.full(8, 100.0), ring))
    open_ground = [*((i, 8) for i in range(8)), *((i, 9) for i in (1, 3, 4, 6))]
    assert sorted(map(tuple, pairs.tolist())) == sorted([*around, *open_ground])
    assert n_open == 2


def test_a_corner_is_no_contact_with_open_ground() -> None:
    """The block in the middle touches the plot of the missing one in a corner, and has neighbours on all four sides.

    ::

        0 1 2
        3 4 5
        6 7      8 is the outside
    """
    shapes = np.array(list(cells("a b c\nd e f\ng h .").values()), dtype=object)
    around = [(0, 1), (0, 3), (1, 2), (1, 4), (2, 5), (3, 4), (3, 6), (4, 5), (4, 7), (6, 7)]
    pairs, n_open = find_contacts(Cells(shapes, np.array(around), np.full(10, 100.0), shapes))
    assert n_open == 1
    assert [i for i, j in pairs.tolist() if j == 8] == [0, 1, 2, 3, 5, 6, 7]
