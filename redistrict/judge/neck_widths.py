"""The least neck that the report gives for every community, held against the polygons as handed over.

A width is right if there is a neck not much wider, and surely none narrower. Which blocks count below each level may
hang by a hair, so each half is judged by its own: of a neck there may be, all parts of a block a little narrower count;
of one that there surely is, only blocks a little wider, in one part, on which no other lies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from redistrict.judge.case import Case
from redistrict.judge.faults import Drawn, Ints
from redistrict.judge.necks import SLACK_M, find_loose, take_off
from redistrict.judge.reading import Geometries
from redistrict.judge.verification import Violation, disagree

LEVELS_M = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
WIDTH_SLACK_M = 0.2  # what is published is rounded, and so are the polygons
KEY = "neck_m"


@dataclass(frozen=True, eq=False)
class _Counted:
    """What is left of the blocks that count below a level, and which block each is of."""

    level_m: float
    blocks: Ints
    cores: Geometries

    def fall_apart(self, drawn: Drawn, c: int, width_m: float) -> bool:
        """Tell whether those of a community lie in several parts of its polygon, less a width."""
        own = drawn.case.plan.community[self.blocks] == c
        thin = take_off(drawn.shapes[c], width_m).item()
        if shapely.get_num_geometries(thin) < 2:
            return False
        return bool(find_loose(drawn.case, thin, self.blocks[own], self.cores[own]).size)


@dataclass(frozen=True, eq=False)
class _Levels:
    """The blocks that count below each level."""

    case: Case

    @cached_property
    def surely(self) -> list[_Counted]:
        """Those that do for sure."""
        polygons = self.case.ground.polygons
        one, two = shapely.STRtree(polygons).query(polygons, predicate="intersects")
        one, two = one[one != two], two[one != two]
        shared = one[shapely.area(shapely.intersection(polygons[one], polygons[two])) > 0]
        clear = np.setdiff1d(np.flatnonzero(~self.case.ground.is_empty), shared)
        return [self._count_whole(clear, level_m) for level_m in LEVELS_M]

    @cached_property
    def maybe(self) -> list[_Counted]:
        """Those that may."""
        peopled = np.flatnonzero(~self.case.ground.is_empty)
        found = []
        for level_m in LEVELS_M:
            left = take_off(self.case.ground.polygons[peopled], max(0.0, level_m - SLACK_M))
            parts, row = shapely.get_parts(left, return_index=True)
            found.append(_Counted(level_m, peopled[row], parts))
        return found

    def _count_whole(self, blocks: Ints, level_m: float) -> _Counted:
        wide, cores = (take_off(self.case.ground.polygons[blocks], level_m + more) for more in (0.0, SLACK_M))
        whole = ~shapely.is_empty(cores)
        whole &= (shapely.get_num_geometries(wide) == 1) & (shapely.get_num_geometries(cores) == 1)
        return _Counted(level_m, blocks[whole], cores[whole])


def check_neck_widths(drawn: Drawn, rows: Sequence[Mapping[str, Any]]) -> Iterator[Violation]:
    """Check the least neck that rows of a report give for their communities, but where links join blocks.

    Parameters
    ----------
    drawn : Drawn
        Valid polygons.
    """
    case, levels = drawn.case, _Levels(drawn.case)
    community = case.plan.community
    linked = {int(community[a]) for a, b in case.all_links if community[a] == community[b]}
    number = {name: c for c, name in enumerate(case.plan.names)}
    for row in rows:
        c, given = number.get(str(row.get("id"))), row.get(KEY)
        if c is None or c in linked or KEY not in row:
            continue
        if given is not None and not (isinstance(given, int | float) and 0 <= given <= LEVELS_M[-1]):
            yield _wrong(row, "a width, or none")
            continue
        if given is not None and not any(
            counted.fall_apart(drawn, c, given + WIDTH_SLACK_M)
            for counted in levels.maybe
            if counted.level_m >= given - WIDTH_SLACK_M
        ):
            yield _wrong(row, f"> {given + WIDTH_SLACK_M:.1f}")
        for counted in levels.surely:
            width_m = min(counted.level_m, LEVELS_M[-1] if given is None else given) - WIDTH_SLACK_M
            if width_m > 0 and counted.fall_apart(drawn, c, width_m):
                yield _wrong(row, f"< {width_m:.1f}")
                break


def _wrong(row: Mapping[str, Any], allowed: str) -> Violation:
    return disagree("report", "report.json", KEY, str(row.get("id")), row.get(KEY), allowed)
