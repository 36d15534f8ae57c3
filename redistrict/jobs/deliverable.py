"""Deliverable: everything that is written of a plan, counted and drawn; `run` delivers it, `verify` makes it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redistrict.geo.outlines import draw_edges, draw_plan
from redistrict.jobs.gridded import lay_grids
from redistrict.jobs.inputs import Inputs
from redistrict.messages import Message
from redistrict.model.before import PlanBefore
from redistrict.model.problem import Problem
from redistrict.model.result import Result
from redistrict.report.certificate import write_certificate
from redistrict.report.exports import write_exports
from redistrict.report.gis.vectors import write_layer
from redistrict.report.healing import list_moves, say_moves
from redistrict.report.layers import Layers, build_layers
from redistrict.report.map.html import MapPage, write_map
from redistrict.report.map.page import build_page
from redistrict.report.pictures.diagnosis import Lettering, choose_lettering
from redistrict.report.provenance import collect_provenance
from redistrict.report.summary import Report, build_report
from redistrict.report.tables.files import write_csv, write_plan
from redistrict.report.tables.grids import write_grids
from redistrict.report.tables.office import write_office
from redistrict.scenario import Scenario, dump_scenario
from redistrict.solver.tasks.progress import Progress
from redistrict.spent import spend, tell_spent
from redistrict.standards.bounds import say_edges
from redistrict.standards.city import PlannedCity
from redistrict.standards.facts import judge_clauses
from redistrict.standards.office import count_office


@dataclass(frozen=True, eq=False)
class Deliverable:
    """What is written of a plan.

    Attributes
    ----------
    report : Report
        Every published number; its verification comes after the judge has read the files.
    layers : Layers
    page : MapPage
    city : PlannedCity
        The plan with all it was made from.
    lettering : Lettering
        Font and language of the pictures.
    """

    report: Report
    layers: Layers
    page: MapPage
    city: PlannedCity
    lettering: Lettering


def describe(
    scenario: Scenario,
    inputs: Inputs,
    problem: Problem,
    result: Result,
    *,
    measured: dict[str, Any],
    notes: Sequence[Message],
    before: PlanBefore | None = None,
    grid_of: Mapping[str, str] | None = None,
) -> Deliverable:
    """Draw the plan, count everything the office counts, and gather it into report, layers and map.

    Parameters
    ----------
    result : Result
        Has a plan.
    measured : dict of str to JSON values
        What was measured of the run, for the record: its `timings_s`, and what it `spent` if that is known.
    notes : sequence of Message
        What was said of the question before it was solved.
    before : PlanBefore, optional
        The plan that this one was healed from.
    grid_of : mapping of str to str, optional
        Grid of each block, where the scenario asks for grids and they are known.
    """
    city = _plan_city(scenario, inputs, problem, result, before)
    lettering, font_notes = choose_lettering(scenario.output.language)
    provenance = collect_provenance(scenario, dump_scenario(scenario))
    provenance |= {"font": lettering.font, **measured}
    with spend("counting"):
        counted = count_office(city)
        grids = lay_grids(city, counted, grid_of)
        report = build_report(city, judge_clauses(city, counted, grids), provenance, grids)
    with spend("drawing"):
        layers = build_layers(city, report)
        page = build_page(city, report, layers)
    edges = say_edges(report.office.borders) if scenario.output.boundary == "edge" else ()
    healed = () if before is None else (say_moves(list_moves(inputs.blocks, before, report), before.n_pins),)
    report = replace(report, notes=(*report.notes, *inputs.start_notes, *notes, *edges, *healed, *font_notes))
    return Deliverable(report, layers, page, city, lettering)


@spend("writing")
def write_deliverable(folder: Path, made: Deliverable, *, trace: Sequence[Progress]) -> None:
    """Write every file but `report.json` into an empty folder.

    Parameters
    ----------
    trace : sequence of Progress
        What the search told of itself, the earliest first; none: no picture of it.
    """
    report = made.report
    write_exports(folder, report, made.layers, made.city.surroundings, trace=trace, lettering=made.lettering)
    (folder / "scenario.yaml").write_text(dump_scenario(report.scenario), encoding="utf-8", newline="\n")
    write_plan(folder / "plan.csv", made.layers)
    write_office(folder, report.office)
    write_grids(folder, report, made.layers)
    if (log := made.city.blocks.mended) is not None:
        write_csv(folder / "repaired_blocks.csv", log)
        write_layer(folder / "repaired_blocks.gpkg", made.city.blocks.frame)
    write_map(folder / "map.html", made.page)
    write_certificate(folder / "certificate", made.city, report.office.ids)


def with_spent(report: Report) -> Report:
    """Put what each part of the job has cost so far into a report."""
    return replace(report, provenance=report.provenance | {"spent": tell_spent()})


@spend("drawing")
def _plan_city(
    scenario: Scenario, inputs: Inputs, problem: Problem, result: Result, before: PlanBefore | None
) -> PlannedCity:
    """Draw the plan, and today's, and put them to what they were made from."""
    assert result.plan is not None, "only a result with a plan is delivered"
    current, cells, plan = inputs.records.current, inputs.graph.cells, result.plan.assignment
    on_edge = scenario.output.boundary == "edge"
    outlines, moved = draw_edges(cells, plan) if on_edge else (draw_plan(cells, plan), None)
    return PlannedCity(
        scenario=scenario,
        blocks=inputs.blocks,
        surroundings=inputs.surroundings,
        graph=inputs.graph,
        records=inputs.records,
        packs=inputs.packs,
        problem=problem,
        result=result,
        outlines=outlines,
        outlines_today=draw_plan(cells, current.of_block) if current else None,
        moved=moved,
        before=before,
    )
