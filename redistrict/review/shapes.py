"""Shapes: the ground of communities as the map packs it, drawn when it is first asked for."""

import threading

import numpy as np
from numpy.typing import NDArray

from redistrict.review.desk import Desk
from redistrict.review.shown import Shown

Shape = list[list[list[int]]]


class Shapes:
    """Shapes of all communities that any state has shown, by the digest of their blocks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._blocks: dict[str, NDArray[np.int64]] = {}
        self._drawn: dict[str, Shape] = {}

    def note(self, shown: Shown) -> None:
        """Let the shapes of a plan be asked for."""
        with self._lock:
            for c, key in enumerate(shown.keys):
                if key not in self._blocks:
                    self._blocks[key] = np.flatnonzero(shown.of_block == c)

    def draw(self, keys: list[str]) -> dict[str, Shape]:
        """Give shapes by key; those that nobody has noted are left out."""
        with self._lock:
            for key in keys:
                if key in self._blocks and key not in self._drawn:
                    self._drawn[key] = self._desk.draw(self._blocks[key])
            return {key: self._drawn[key] for key in keys if key in self._drawn}
