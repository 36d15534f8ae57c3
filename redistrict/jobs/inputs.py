"""What a scenario names, read: blocks, roads, graph, records and rules, and the problem they make."""

import json
import logging
import time
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.geo.along import Walk
from redistrict.geo.blocks import Blocks, read_blocks
from redistrict.geo.current import read_current
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.grids_today import read_grids_today
from redistrict.geo.levels import PREFIX
from redistrict.geo.misplaced import find_misplaced
from redistrict.geo.projects import read_projects
from redistrict.geo.roads import Surroundings, note_unpriced, read_surroundings
from redistrict.geo.sites import read_sites
from redistrict.geo.start import read_start
from redistrict.judge.agreement import compare_reading
from redistrict.messages import Message
from redistrict.model.grids import check_grids
from redistrict.model.pins import look_up_demands
from redistrict.model.problem import Problem, build_problem
from redistrict.model.quantities import with_growth, with_others, with_sites
from redistrict.scenario import Scenario
from redistrict.scenario.called import call_as_asked
from redistrict.scenario.rulepack import RulePack, load_rulepack
from redistrict.scenario.sources import Data
from redistrict.spent import spend
from redistrict.standards.city import Records
from redistrict.standards.growth import list_years
from redistrict.standards.rules import check_waivers

_log = logging.getLogger(__name__)

_NOT_READ = {"name", "title", "communities", "objective", "pins", "solve", "output", "procedure", "notice"}
"""Sections that `read_inputs` passes over, but for the names and the `never` of `objective.crossing`."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything read for a scenario.

    Attributes
    ----------
    start : (n_blocks,) int32 or None
        Communities of the plan to start from, -1 where it says nothing.
    start_notes : tuple of Message
        What was chosen, lost or left out while reading that plan.
    """

    blocks: Blocks
    surroundings: Surroundings
    graph: ContiguityGraph
    records: Records
    packs: tuple[RulePack, ...]
    start: NDArray[np.int32] | None
    start_notes: tuple[Message, ...] = ()

    @property
    def findings(self) -> tuple[Message, ...]:
        """What was chosen, mended, lost or left out while reading the data."""
        return (*self.blocks.notes, *self.surroundings.notes, *self.records.notes, *self.start_notes)

    @spend("read")
    def problem(self, scenario: Scenario, *, exceptions: Literal["refuse", "widen"] | None = None) -> Problem:
        """Put the question into integers, with later years and premises as quantities where they must hold.

        Raises
        ------
        DataError, ScenarioError, InfeasibleScenarioError
            If the data cannot be used, pins name what there is not, or the totals say that no plan exists.
        """
        communities, standards = scenario.communities, scenario.standards
        blocks, projects, sites = self.blocks, self.records.projects, self.records.sites
        if projects is not None and standards.growth.hold == "required":
            blocks = with_growth(blocks, projects, list_years(projects, standards.growth.years))
        blocks = with_others(blocks, {key: other.title.message for key, other in communities.others.items()})
        if sites is not None and standards.premises.site == "required":
            blocks = with_sites(blocks, sites.block)
        walk = Walk(self.blocks, self.graph, self.surroundings, scenario.contiguity)
        problem = build_problem(
            blocks,
            self.graph,
            communities.model_copy(update={"exceptions": exceptions or communities.exceptions}),
            scenario.objective,
            current=self.records.current,
            staffing=standards.staffing,
            demands=look_up_demands(scenario.pins, self.blocks, self.records.current, walk),
        )
        check_grids(scenario.grids, problem)
        return problem


def read_problem(scenario: Scenario) -> Problem:
    """Read everything a scenario names, and put its question into the integers that `solve` takes.

    Raises
    ------
    DataError, ScenarioError
        If the data cannot be used.
    InfeasibleScenarioError
        If the totals say that no plan exists.
    """
    return read_inputs(scenario).problem(scenario)


@spend("read")
def read_inputs(scenario: Scenario) -> Inputs:
    """Read everything a scenario names, and let the judge read it again: a file the two read differently is refused.

    Raises
    ------
    DataError, ScenarioError
        If the data cannot be used.
    """
    call_as_asked(scenario)
    packs = tuple(load_rulepack(name) for name in scenario.standards.rules)
    check_waivers(packs, scenario.standards.waivers)
    data = scenario.data
    blocks = read_blocks(data, scenario.levels)
    surroundings, sites = read_surroundings(data, blocks.crs), read_sites(data, blocks)
    unpriced = note_unpriced(surroundings, scenario.objective.crossing)
    surroundings = replace(surroundings, notes=(*surroundings.notes, *unpriced))
    asked = scenario.grids.today if scenario.grids else None
    grids = read_grids_today(asked, blocks) if asked else None
    records = Records(read_current(data, blocks), sites, read_projects(data, blocks), grids)
    start_notes = list[Message]()
    start = read_start(data, blocks, start_notes)
    misplaced = find_misplaced(data, blocks, surroundings, sites, tables=("current", "projects", "start"))
    blocks = replace(blocks, notes=(*blocks.notes, *misplaced))
    began = time.monotonic()
    never = [name for name, weight in scenario.objective.crossing.items() if weight == "never"]
    with spend("graph"):
        graph = build_graph(blocks, surroundings, scenario.contiguity, never=never)
    _log.info("%r, %r, built in %.1f s", blocks, graph, time.monotonic() - began)
    inputs = Inputs(blocks, surroundings, graph, records, packs, start, tuple(start_notes))
    with spend("judging"):
        compare_reading(scenario, _tabulate(inputs, scenario.data))
    return inputs


def list_read(scenario: Scenario) -> str:
    """Give all of a scenario that `read_inputs` looks at, as text: where it is the same, so is what is read."""
    never = {name: weight == "never" for name, weight in scenario.objective.crossing.items()}
    return scenario.model_dump_json(exclude=_NOT_READ) + json.dumps(never)


def _tabulate(inputs: Inputs, data: Data) -> dict[str, pd.DataFrame]:
    """Give everything that was read as tables, for the judge to compare."""
    blocks, around, records = inputs.blocks, inputs.surroundings, inputs.records
    table = blocks.frame[["block_id", "name", "district", "community", *blocks.quantities, *data.blocks.others]]
    table = pd.DataFrame(table).rename(columns={"block_id": "id"}).assign(area_m2=shapely.area(blocks.shapes))
    table = table.assign(**{PREFIX + level.key: level.of_block for level in blocks.levels})
    layers = {"data.roads": around.roads, "data.barriers": around.barriers, "data.structures": around.structures}
    tables = {
        key: pd.DataFrame(layer.drop(columns=[layer.geometry.name, "layer"], errors="ignore"))
        for key, layer in layers.items()
    }
    tables = {key: layer.rename(columns={"road_class": "class"}) for key, layer in tables.items()}
    tables["data.blocks"] = table
    if data.current is not None and (current := records.current) is not None:
        staff = np.zeros(len(current)) if current.staff is None else current.staff
        tables["data.current"] = pd.DataFrame(
            {"id": current.ids, "name": current.names, "staff": staff, "locked": current.is_locked}
        )
    if (sites := records.sites) is not None:
        tables["data.premises"] = pd.DataFrame({"id": sites.ids, "name": sites.names, "area_m2": sites.area_m2})
    if (projects := records.projects) is not None:
        sizes = dict(zip(blocks.quantities, projects.size.T, strict=True))
        where = {"id": projects.ids, "block": [blocks.ids[i] for i in projects.block], "year": projects.year}
        tables["data.projects"] = pd.DataFrame({**where, **sizes})
    if inputs.start is not None:
        tables["data.start"] = pd.DataFrame({"id": blocks.ids, "plan": inputs.start})
    return tables
