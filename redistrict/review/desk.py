"""Desk: a finished result as a review needs it, read and counted once."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from geopandas import GeoSeries
from numpy.typing import NDArray

from redistrict.geo.cells import join_cells
from redistrict.jobs.finished import Finished, read_finished
from redistrict.jobs.pinned import Basis
from redistrict.jobs.remake import describe_again, read_claims
from redistrict.messages import Message
from redistrict.model.measures import plan_cost_parts
from redistrict.model.plan import canonical_plan
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.problem import Problem, count_residents, edge_costs
from redistrict.report.map.content import pack_page
from redistrict.report.map.geometry import pack_polygons, simplify
from redistrict.report.swap import MANIFEST
from redistrict.scenario import Scenario

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Desk:
    """A finished result, and what is counted of it once.

    Attributes
    ----------
    folder : Path
    digest : str
        SHA-256 of its plan and manifest.
    finished : Finished
    title : Message
    page : dict
        What its map shows, packed in both languages.
    road_m : (n_edges,) float64
        Weighted metres of road along each edge of the graph, charged where it lies inside a community.
    cells : (n_blocks,) polygons or multipolygons
        The ground of each block, in metres, simplified as one coverage.
    """

    folder: Path
    digest: str
    finished: Finished
    title: Message
    page: dict[str, Any]
    road_m: NDArray[np.float64]
    cells: NDArray[np.object_]

    @property
    def basis(self) -> Basis:
        """What pins speak of."""
        return self.finished.basis

    @property
    def problem(self) -> Problem:
        """The question in integers."""
        return self.finished.problem

    @property
    def scenario(self) -> Scenario:
        """The question."""
        return self.finished.scenario

    @cached_property
    def residents(self) -> IntArray:
        """People of each block, or its households, (n_blocks,)."""
        return count_residents(self.basis.blocks)

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of each block, by its key."""
        return {key: i for i, key in enumerate(self.basis.blocks.ids)}

    @cached_property
    def cost(self) -> int:
        """Cost of the result."""
        return plan_cost_parts(self.problem, canonical_plan(self.basis.before.of_block)).total

    @cached_property
    def colours(self) -> dict[str, int]:
        """Colour of each community of the result on its map, by key."""
        new = self.page["new"]
        return dict(zip(new["id"], new["colour"], strict=True))

    def draw(self, blocks: IntArray) -> list[list[list[int]]]:
        """Pack the ground of some blocks as one shape, as the map packs its own."""
        group = np.full(len(self.cells), -1)
        group[blocks] = 0
        return pack_polygons(GeoSeries(join_cells(self.cells, group, 1), crs=self.basis.blocks.crs))[0]


def open_desk(folder: Path) -> Desk:
    """Read a result, count it, and draw its map.

    Raises
    ------
    DataError, OutputError, ScenarioError, VerificationError
        As `read_finished`.
    """
    folder = folder.resolve()
    finished = read_finished(folder)
    inputs, crs = finished.inputs, finished.inputs.blocks.crs
    made = describe_again(finished.scenario, inputs, finished.problem, read_claims(folder))
    cells = simplify(GeoSeries(inputs.graph.cells.shapes, crs=crs)).to_numpy()
    return Desk(
        folder=folder,
        digest=hashlib.sha256(finished.plan_csv + (folder / MANIFEST).read_bytes()).hexdigest(),
        finished=finished,
        title=made.page.title,
        page=pack_page(replace(made.page, language="both")),
        road_m=edge_costs(inputs.graph, finished.scenario.objective)[0] / COST_PER_METRE,
        cells=cells,
    )
