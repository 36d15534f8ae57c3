"""A planned city: one plan with everything it was made from, as all who count, draw and write take it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.geo.graph import ContiguityGraph
from redistrict.geo.grids_today import GridsToday
from redistrict.geo.projects import Projects
from redistrict.geo.roads import Surroundings
from redistrict.geo.sites import Sites
from redistrict.messages import Message
from redistrict.model.before import PlanBefore
from redistrict.model.exceptions import list_exceptions
from redistrict.model.plan import Plan
from redistrict.model.problem import Problem
from redistrict.model.result import Result
from redistrict.scenario.models import Scenario
from redistrict.scenario.rulepack import RulePack


@dataclass(frozen=True, eq=False)
class Records:
    """The data an office keeps beside the blocks; each is none where the scenario names no such file."""

    current: CurrentPlan | None
    sites: Sites | None
    projects: Projects | None
    grids: GridsToday | None = None

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was chosen, lost or left out while reading them."""
        return tuple(note for one in (self.current, self.sites, self.projects, self.grids) if one for note in one.notes)


@dataclass(frozen=True, eq=False)
class PlannedCity:
    """A city with a plan.

    Attributes
    ----------
    scenario : Scenario
    blocks : Blocks
    surroundings : Surroundings
        Roads, barriers and structures around the blocks.
    graph : ContiguityGraph
        Which blocks are neighbours.
    records : Records
    packs : tuple of RulePack
        The rule packs the scenario names.
    problem : Problem
        The question in integers.
    result : Result
        The answer; it has a plan.
    outlines : (k,) polygons or multipolygons
        Areas of the communities, up to the middle of the streets, or to their edges.
    outlines_today : (n_current,) polygons or multipolygons, or None
        Areas of today's communities, drawn in the same way; none where the data have none.
    moved : (k,) polygons or multipolygons, or None
        What of `outlines` lies beyond the middle of a street; none where all run there.
    before : PlanBefore or None
        The plan that this one was healed from, whose names it keeps.

    Raises
    ------
    ValueError
        If the result has no plan.
    """

    scenario: Scenario
    blocks: Blocks
    surroundings: Surroundings
    graph: ContiguityGraph
    records: Records
    packs: tuple[RulePack, ...]
    problem: Problem
    result: Result
    outlines: NDArray[np.object_]
    outlines_today: NDArray[np.object_] | None = None
    moved: NDArray[np.object_] | None = None
    before: PlanBefore | None = None

    def __post_init__(self) -> None:
        if self.result.plan is None:
            raise ValueError("a planned city needs a plan")

    @property
    def plan(self) -> Plan:
        """The plan of the result."""
        assert self.result.plan is not None, "checked when the city was made"
        return self.result.plan

    @property
    def findings(self) -> tuple[Message, ...]:
        """What was chosen, mended, lost or left out while reading the data."""
        return (*self.blocks.notes, *self.surroundings.notes, *self.records.notes)

    @cached_property
    def exceptions(self) -> tuple[Message | None, ...]:
        """Why each community may lie outside the bounds, (k,); none where it may not."""
        return list_exceptions(self.problem, self.plan, self.result.areas, self.blocks.ids)
