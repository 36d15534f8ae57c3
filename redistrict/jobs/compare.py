"""The comparison of finished results with each other and with today's communities."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np

from redistrict.errors import DataError, OutputError, RedistrictError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.roads import read_surroundings
from redistrict.jobs.diagnose import read_today
from redistrict.jobs.inputs import read_inputs
from redistrict.messages import Message, name_some
from redistrict.model.measures import fits_areas, plan_cost_parts
from redistrict.model.plan import canonical_plan
from redistrict.report.compare.lines import AlikeCosts, Comparison, build_comparison, count_alike, write_comparison
from redistrict.report.compare.page import write_compare_page
from redistrict.report.compare.sides import Side, describe_today, read_side
from redistrict.report.compare.workbook import write_compare_workbook
from redistrict.report.delivery import check_free, delivered_whole
from redistrict.scenario import Scenario
from redistrict.scenario.called import call_as_asked
from redistrict.standards.diagnosis import diagnose_today

__all__ = ["TODAY", "Comparison", "compare"]

TODAY = "today"
"""Stands for today's communities in a list of result folders; a folder of that name is written ./today."""


def compare(places: Sequence[str], *, out: Path | str, overwrite: bool = False) -> Comparison:
    """Compare two or more plans on the same blocks, and deliver `compare.html`, `.xlsx` and `.json` to `out`, whole.

    Parameters
    ----------
    places : sequence of str
        Result folders, and `today` for the communities that the first result's data know; today comes first.

    Raises
    ------
    OutputError
        Listing every folder that cannot be compared, and what stands in the way of `out`.
    DataError
        If the plans are not on the same blocks, or the data know no communities of today.
    """
    out = Path(out)
    folders = [Path(place) for place in places if place != TODAY]
    problems = _check_places(places, folders)
    results: list[tuple[Side, gpd.GeoDataFrame]] = []
    for folder in folders:
        try:
            results.append(read_side(folder))
        except RedistrictError as error:
            problems += error.problems
    try:
        check_free(out, overwrite=overwrite, inputs=[folder / "report.json" for folder in folders])
    except OutputError as error:
        problems += error.problems
    if problems:
        raise OutputError(problems)
    call_as_asked(results[0][0].scenario)
    sides = [side for side, _ in results]
    if TODAY in places:
        sides.insert(0, _read_today(sides[0].scenario))
    comparison = build_comparison(sides, results[0][1], _count_by_one(sides))
    with delivered_whole(out, overwrite=overwrite) as aside:
        write_compare_page(aside / "compare.html", comparison)
        write_compare_workbook(aside / "compare.xlsx", comparison)
        write_comparison(aside / "compare.json", comparison)
    return comparison


def _check_places(places: Sequence[str], folders: Sequence[Path]) -> list[Message]:
    problems = []
    known = [str(folder.resolve()) for folder in folders] + [place for place in places if place == TODAY]
    twice = sorted({place for place in known if known.count(place) > 1})
    if twice:
        named = name_some(twice)
        problems.append(Message(f"Named twice: {named.en}; name each once.", f"重复指定：{named.zh}；每个只写一次。"))
    if len(known) < 2 or not folders:
        problems.append(
            Message(
                f"Name two result folders or more, or one and `{TODAY}`; {len(known)} given.",
                f"请指定两个以上成果文件夹，或一个成果文件夹和 `{TODAY}`（现状）；目前为 {len(known)} 个。",
            )
        )
    return problems


def _count_by_one(sides: Sequence[Side]) -> AlikeCosts | None:
    """Count what every result costs by the rules of one, if theirs differ: of the first by whose rules all can be."""
    if count_alike(sides):
        return None
    for n, side in enumerate(sides):
        costs = None if side.is_today else _count_by(side, sides)
        if costs is not None and costs[n] == side.facts["cost"]:
            return AlikeCosts(n, costs)
    return None


def _count_by(ruler: Side, sides: Sequence[Side]) -> tuple[float | None, ...] | None:
    """Count what every result costs by the rules of one; none if its data are gone, or its areas are not kept to."""
    try:
        inputs = read_inputs(ruler.scenario)
    except RedistrictError:
        return None
    problem, costs = inputs.problem(ruler.scenario), list[float | None]()
    for side in sides:
        labels = np.array([side.community_of.get(i, -1) for i in inputs.blocks.ids], dtype=np.int32)
        if side.is_today:
            costs.append(None)
        elif (labels < 0).any() or not fits_areas(problem, plan := canonical_plan(labels)):
            return None
        else:
            costs.append(plan_cost_parts(problem, plan).total / problem.per_metre)
    return tuple(costs)


def _read_today(scenario: Scenario) -> Side:
    """Read today's communities from the data of a scenario."""
    blocks = read_blocks(scenario.data, scenario.levels)
    today = read_today(scenario, blocks, read_surroundings(scenario.data, blocks.crs))
    if today is None:
        raise DataError(
            Message(
                f"data.blocks.columns.community: the data of {scenario.name} do not say which communities there are "
                f"today; name the column, or compare without `{TODAY}`.",
                f"data.blocks.columns.community：{scenario.name} 的数据未说明现有社区；"
                f"请写明该列的列名，或不与 `{TODAY}`（现状）比较。",
            )
        )
    diagnosis = diagnose_today(today, scenario.standards, scenario.communities.target, scenario.objective)
    return describe_today(today, diagnosis, scenario)
