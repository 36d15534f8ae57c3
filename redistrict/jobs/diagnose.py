"""The diagnosis of today's plan, from the data a scenario names to tables, pictures and files."""

from pathlib import Path

import shapely

from redistrict.errors import DataError
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.geo.current import CurrentPlan, read_current
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.misplaced import find_misplaced
from redistrict.geo.outlines import draw_plan
from redistrict.geo.roads import Surroundings, list_features, read_surroundings
from redistrict.geo.sites import Sites, read_sites
from redistrict.messages import Message
from redistrict.report.about_data import tell_data
from redistrict.report.delivery import check_free, delivered_whole
from redistrict.report.pictures.diagnosis import FaultMap, Lettering, choose_lettering, draw_faults, draw_histogram
from redistrict.report.provenance import collect_provenance, list_sources
from redistrict.report.style import by_importance
from redistrict.report.tables.diagnosis import DiagnosisReport, write_diagnosis
from redistrict.scenario import Scenario, dump_scenario
from redistrict.standards.diagnosis import Today, diagnose_today, plan_today
from redistrict.standards.diagnosis_notes import describe_data

__all__ = ["DiagnosisReport", "diagnose"]


def diagnose(scenario: Scenario, *, out: Path | str | None = None, overwrite: bool = False) -> DiagnosisReport:
    """Look at today's communities; with `out`, deliver tables and pictures there, whole.

    Raises
    ------
    DataError, OutputError
        If the data cannot be used, say nothing of today's communities, or `out` is in the way.
    """
    out = None if out is None else Path(out)
    if out is not None:
        check_free(out, overwrite=overwrite, inputs=[source.path for _, source in list_sources(scenario)])
    blocks = read_blocks(scenario.data, scenario.levels)
    surroundings = read_surroundings(scenario.data, blocks.crs)
    today = read_today(scenario, blocks, surroundings)
    if today is None:
        raise DataError(
            Message(
                "data.blocks.columns.community: the diagnosis needs today's community of each block; name its column.",
                "data.blocks.columns.community：诊断需要每个地块目前所属的社区；请写明该列的列名。",
            )
        )
    misplaced = find_misplaced(scenario.data, blocks, surroundings, today.sites, tables=("current",))
    diagnosis = diagnose_today(today, scenario.standards, scenario.communities.target, scenario.objective)
    lettering, notes = choose_lettering(scenario.output.language)
    report = DiagnosisReport(
        scenario=scenario,
        diagnosis=diagnosis,
        notes=(*tell_data(scenario.data), *misplaced, *describe_data(today), *(notes if out else ())),
        provenance=collect_provenance(scenario, dump_scenario(scenario)),
        folder=None if out is None else str(out),
    )
    if out is not None:
        with delivered_whole(out, overwrite=overwrite) as folder:
            write_diagnosis(folder, report)
            _draw(folder, report, _fault_map(report, today, surroundings), lettering)
    return report


def read_today(scenario: Scenario, blocks: Blocks, surroundings: Surroundings) -> Today | None:
    """Read today's communities; none where the data have none."""
    current = read_current(scenario.data, blocks)
    if current is None or not len(current):
        return None
    graph = build_graph(blocks, surroundings, scenario.contiguity)
    return draw_today(blocks, graph, current, read_sites(scenario.data, blocks), surroundings)


def draw_today(
    blocks: Blocks, graph: ContiguityGraph, current: CurrentPlan, sites: Sites | None, surroundings: Surroundings
) -> Today:
    """Draw today's communities from what was read."""
    return Today(
        blocks=blocks,
        graph=graph,
        current=current,
        sites=sites,
        areas=draw_plan(graph.cells, plan_today(current).assignment)[: len(current)],
        has_roads=len(surroundings.roads) > 0,
        road_notes=surroundings.notes,
    )


def _fault_map(report: DiagnosisReport, today: Today, surroundings: Surroundings) -> FaultMap:
    inner = shapely.buffer(shapely.simplify(today.areas, 1.0), -report.scenario.contiguity.road_tolerance_m)
    features = list_features(surroundings)
    lines, classes = features.geometry.to_numpy(), features["road_class"].to_numpy()
    roads = {}
    for name, _ in by_importance(dict.fromkeys(report.diagnosis.everything.main_roads, 0.0)):
        own = lines[classes == name]
        line, area = shapely.STRtree(inner).query(own, predicate="intersects")
        roads[name] = shapely.union_all(shapely.intersection(own[line], inner[area]))
    water = surroundings.barriers[surroundings.barriers["road_class"] != "hill"]
    return FaultMap(report.diagnosis.everything, today.areas, roads, water.geometry.to_numpy())


def _draw(folder: Path, report: DiagnosisReport, faults: FaultMap, lettering: Lettering) -> None:
    scenario = report.scenario
    label = scenario.data.label
    heading = [scenario.heading, *([label.message] if label else [])]
    if faults.group.bands() is not None:
        draw_histogram(folder, faults.group, heading, lettering)
    draw_faults(folder, faults, heading, lettering)
