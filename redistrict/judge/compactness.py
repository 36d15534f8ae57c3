"""Compactness of the polygons as handed over, against the least the scenario asks for."""

from collections.abc import Iterator
from math import pi

import numpy as np
import shapely

from redistrict.judge.case import Case
from redistrict.judge.faults import Drawn
from redistrict.judge.verification import Violation
from redistrict.messages import Message, list_of

ROUNDING = 0.0005  # compactness is told to three digits


def check_compactness(case: Case, plan: list[Drawn]) -> Iterator[Violation]:
    """Check that no community's polygon is less compact than asked in any file, but where it is its whole area.

    Oversize blocks and small islands are communities of their own, whatever their shape.
    """
    least = case.scenario.communities.min_compactness
    if least is None or not plan:
        return
    found = np.array([measure_compactness(drawn) for drawn in plan])
    for c in np.flatnonzero((found < least - ROUNDING).any(axis=0)).tolist():
        if c in case.special or case.communities_in_area[case.area_of_community[c]] == 1:
            continue
        name, blocks, worst = case.plan.names[c], case.keys(case.blocks_of(c)), found[:, c].min()
        files = list_of(drawn.file for drawn, own in zip(plan, found[:, c], strict=True) if own < least - ROUNDING)
        message = Message(
            f"{files.en}: community {name} has a compactness of {worst:.3f}; at least {least:g} is allowed.",
            f"{files.zh}：社区 {name} 的紧凑度为 {worst:.3f}，至少须为 {least:g}。",
        )
        yield Violation("compactness", name, blocks, f"{worst:.3f}", f"at least {least:g}", message)


def measure_compactness(drawn: Drawn) -> list[float]:
    """Give ``4 pi area / perimeter^2`` of each polygon; 0 for one without an outline."""
    area, around = shapely.area(drawn.shapes), shapely.length(drawn.shapes)
    return [float(4 * pi * a / p**2) if p > 0 else 0.0 for a, p in zip(area, around, strict=True)]
