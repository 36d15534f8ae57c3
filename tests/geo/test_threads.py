"""Threads change nothing."""

import numpy as np
import pytest
import shapely

from redistrict.geo import clipping, diagram, threads

from .drawing import build_cells, cells


def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are the same to the last byte."""
    names = [f"{row:02d}{column}" for row in range(12) for column in "abcd"]
    picture = "\n".join(" ".join(names[4 * row : 4 * row + 4]) for row in range(12))
    shapes = np.array([*cells(picture, side_m=90, street_m=17).values()], dtype=object)
    monkeypatch.setattr(diagram, "_HEAP", 200)
    found = []
    for n in (1, 2, 5):
        for module in (clipping, diagram, threads):
            monkeypatch.setattr(module, "THREADS", n)
        found.append(shapely.to_wkb(build_cells(shapes, np.array([], dtype=object), max_gap_m=40).shapes).tolist())
    assert found[0] == found[1] == found[2]
