"""The layers of the GeoPackage: communities, blocks, boundaries with points, crossings, and today's communities."""

import geopandas as gpd
import numpy as np

from redistrict.geo.roads import Surroundings
from redistrict.messages import Message
from redistrict.report.before_after import sizes_today
from redistrict.report.gis.border_lines import draw_borders, draw_crossings
from redistrict.report.gis.border_points import draw_points
from redistrict.report.layers import Layers
from redistrict.report.style import colour_communities
from redistrict.report.summary import Report


def build_gis(report: Report, layers: Layers, surroundings: Surroundings) -> dict[str, gpd.GeoDataFrame]:
    """Give every layer by its name; `grids` and `communities_today` only where there are any.

    Communities have `colour`, a small number that differs from that of all neighbours.
    """
    communities, office = layers.communities, report.office
    rim_m = report.scenario.contiguity.road_tolerance_m
    gis = {
        "communities": communities.assign(colour=colour_communities(communities.geometry)),
        "blocks": layers.blocks,
        "boundaries": draw_borders(office, surroundings),
        "boundary_points": draw_points(office, surroundings),
        "crossings": draw_crossings(office, surroundings, communities.geometry.to_numpy(), rim_m=rim_m),
    }
    if layers.grids is not None:
        gis["grids"] = layers.grids
    today = _draw_today(report, layers)
    return gis if today is None else gis | {"communities_today": today}


def _draw_today(report: Report, layers: Layers) -> gpd.GeoDataFrame | None:
    """Give today's communities with their counts and fates."""
    current, lineage = report.office.records.current, report.office.lineage
    if not current or lineage is None or layers.today is None:
        return None
    table: dict[str, object] = {
        "community_id": current.ids,
        "community_name": current.names,
        "district": current.districts,
        "n_blocks": np.bincount(current.of_block[current.of_block >= 0], minlength=len(current)),
    }
    table |= sizes_today(report.office)
    if current.staff is not None:
        table["staff"] = current.staff
    fates: list[Message] = [change.fate.value for change in lineage.old_changes]
    table["fate"] = [fate.in_language(report.scenario.output.language) for fate in fates]
    return gpd.GeoDataFrame(table, geometry=layers.today, crs=layers.blocks.crs)
