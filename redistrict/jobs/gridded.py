"""Gridded: the communities of a plan divided into grids, by the search or as a finished result has them."""

from collections.abc import Mapping

import numpy as np

from redistrict.model.grids import build_grid_ground
from redistrict.standards.city import PlannedCity
from redistrict.standards.grids import GridPlan, count_grids
from redistrict.standards.office import Office


def lay_grids(city: PlannedCity, office: Office, known: Mapping[str, str] | None) -> GridPlan | None:
    """Divide every community of a plan into grids; none where the scenario asks for none.

    Parameters
    ----------
    known : mapping of str to str, optional
        Grid of each block in a finished result, which is only counted again.
    """
    rules, search = city.scenario.grids, city.scenario.solve
    if rules is None:
        return None
    ids, community = city.blocks.ids, city.plan.assignment
    if known is not None:
        grid = np.unique([known[key] for key in ids], return_inverse=True)[1].astype(np.int32)
    else:
        from redistrict.solver.grids import divide_communities  # and with it the solver
        from redistrict.solver.tasks.stop import Stop, interruptible

        ground = build_grid_ground(city.problem, community, rules, city.scenario.objective.deviation)
        stop = Stop(search.time_limit_s)
        with interruptible(stop):
            grid = divide_communities(ground, city.blocks.frame["name"].tolist(), rules, search, stop)
    return count_grids(rules, city.blocks, office, community, grid, city.records.grids)
