"""Area totals: areas of a layer that sum up others they lie over, whose residents would count twice."""

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.totals import is_called_total

_COVERED = 0.99
"""Share of the ground of an area that lies in another which covers it."""


def find_area_totals(
    keys: NDArray[np.object_], counts: NDArray[np.int64], areas: NDArray[np.object_], *, fewest: int = 1
) -> list[str]:
    """Give the keys of areas that are called totals beside others, or hold the sum of the areas they cover.

    Parameters
    ----------
    keys : (n_areas,) str
    counts : (n_areas, n_quantities) int64
    areas : (n_areas,) Polygon or MultiPolygon
        In one metric CRS.
    fewest : int
        So many areas at least make a sum: one may be the same area under another key.
    """
    size_m2 = shapely.area(areas)
    is_total = np.array([len(keys) > 1 and is_called_total(key) for key in keys.tolist()], dtype=bool)
    outer, inner = shapely.STRtree(shapely.point_on_surface(areas)).query(areas, predicate="contains")
    apart = outer != inner
    outer, inner = outer[apart], inner[apart]
    shared_m2 = shapely.area(shapely.intersection(areas[outer], areas[inner]))
    covered = shared_m2 >= _COVERED * size_m2[inner]
    outer, inner = outer[covered], inner[covered]
    for area in sorted(set(outer.tolist()), key=lambda n: (size_m2[n], str(keys[n]))):
        parts = inner[outer == area]
        parts = parts[~is_total[parts]]
        is_sum = (counts[parts].sum(axis=0) == counts[area]).all() and counts[area].any()
        is_total[area] |= bool(parts.size >= fewest and is_sum)
    return sorted(keys[is_total].tolist())
