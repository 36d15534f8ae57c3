"""Before and after: today's communities and the plan's, counted alike for the pictures and the workbook."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.report.summary import Report
from redistrict.standards.diagnosis import Band, count_bands
from redistrict.standards.office import Office

TODAY, PLAN = Message("today", "现状"), Message("plan", "方案")


class Pair(NamedTuple):
    """The same count today and in the plan; today's is none where the data do not say."""

    today: int | None
    plan: int


def sizes_today(office: Office) -> dict[str, NDArray[np.int64]]:
    """Give households and people of each of today's communities; nothing where the data know none."""
    current, lineage = office.records.current, office.lineage
    if not current or lineage is None:
        return {}
    sizes = {quantity: np.zeros(len(current), dtype=np.int64) for quantity in office.sizes}
    for cell in lineage.cells:
        for quantity, counts in sizes.items():
            if cell.old >= 0:
                counts[cell.old] += getattr(cell, quantity)
    return sizes


def compare_bands(report: Report) -> tuple[tuple[Band, ...] | None, tuple[Band, ...] | None]:
    """Give the size bands of today's communities and of the plan's; none where the data have no households."""
    steps = report.scenario.standards.bands
    both = (sizes_today(report.office).get("households"), report.office.sizes.get("households"))
    today, plan = (None if counts is None else count_bands(counts.tolist(), steps) for counts in both)
    return today, plan


def compare_staff(office: Office) -> dict[str, Pair]:
    """Give today's workers and the plan's posts by district, in the order of the plan."""
    current = office.records.current
    staff = None if current is None else current.staff
    districts = [*dict.fromkeys(office.districts)]
    if current is not None and staff is not None:
        districts += [name for name in dict.fromkeys(current.districts) if name not in districts]
    plan, today = np.array(office.districts, dtype=object), np.array(current.districts if current else [], dtype=object)
    return {
        name: Pair(None if staff is None else int(staff[today == name].sum()), int(office.workers[plan == name].sum()))
        for name in districts
    }
