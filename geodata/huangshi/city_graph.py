"""Which blocks look at each other: across streets always, across rail and water only at bridges and underpasses."""

from collections import deque

import city_plan as plan
import numpy as np
import shapely
from city_blocks import IntArray
from city_field import Geometry
from city_plan import FloatArray
from numpy.typing import NDArray

REACH_M = 60.0
STRUCTURE_REACH_M = 55.0
_STEP_M = 6.0


def find_neighbours(
    shapes: NDArray[np.object_], barriers: Geometry, openings: NDArray[np.object_]
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Find the pairs of blocks that face each other over at least 9 m of border.

    Rays of 60 m go out square to every border; the first other block a ray meets is what the border faces
    there, unless the ray crosses a barrier farther than 55 m from every opening.

    Parameters
    ----------
    shapes : (n_blocks,) polygons that do not overlap
    barriers : water and railway
    openings : points of bridges and underpasses

    Returns
    -------
    neighbours : for each block its neighbours, ascending
    pairs : the pairs i < j, sorted
    """
    block, start, end = _rays(shapes)
    seen = _first_seen(shapes, block, start, end, barriers, openings)
    found = seen >= 0
    low, high = np.minimum(block, seen)[found], np.maximum(block, seen)[found]
    pairs, count = np.unique(np.column_stack([low, high]), axis=0, return_counts=True)
    kept = [(int(i), int(j)) for i, j in pairs[count * _STEP_M / 2 >= 9.0]]
    neighbours: list[list[int]] = [[] for _ in shapes]
    for i, j in kept:
        neighbours[i].append(j)
        neighbours[j].append(i)
    return [sorted(n) for n in neighbours], kept


def _rays(shapes: NDArray[np.object_]) -> tuple[IntArray, FloatArray, FloatArray]:
    rings = shapely.segmentize(shapely.get_exterior_ring(shapely.orient_polygons(shapes)), _STEP_M)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    along = (points[1:] - points[:-1])[same]
    middle = ((points[1:] + points[:-1]) / 2)[same]
    length = np.hypot(along[:, 0], along[:, 1])
    keep = length > 0.3 * _STEP_M
    outward = np.column_stack([along[:, 1], -along[:, 0]])[keep] / length[keep, None]
    return ring[1:][same][keep], middle[keep] + 0.01 * outward, middle[keep] + REACH_M * outward


def _first_seen(
    shapes: NDArray[np.object_], block: IntArray, start: FloatArray, end: FloatArray,
    barriers: Geometry, openings: NDArray[np.object_],
) -> IntArray:  # fmt: skip
    rays = shapely.linestrings(np.stack([start, end], axis=1))
    ray, other = shapely.STRtree(shapes).query(rays, predicate="intersects")
    far = shapely.distance(shapely.points(start[ray]), shapely.intersection(rays[ray], shapes[other]))
    order = np.lexsort([far, ray])
    ray, other, far = ray[order], other[order], far[order]
    first = np.append(True, ray[1:] != ray[:-1])
    ray, other, far = ray[first], other[first], far[first]
    reach = start[ray] + (end[ray] - start[ray]) * (far / REACH_M)[:, None]
    sight = shapely.linestrings(np.stack([start[ray], reach], axis=1))
    shapely.prepare(barriers)
    barred = shapely.intersects(barriers, sight)
    near, _ = shapely.STRtree(openings).query(sight, predicate="dwithin", distance=STRUCTURE_REACH_M)
    barred[np.unique(near)] = False
    seen = np.full(len(block), -1, dtype=np.int64)
    clear = ~barred & (other != block[ray])
    seen[ray[clear]] = other[clear]
    return seen


def components(neighbours: list[list[int]], members: list[int]) -> list[list[int]]:
    """Split blocks into connected groups, the largest first."""
    left, groups = set(members), []
    for root in members:
        if root not in left:
            continue
        left.discard(root)
        group, queue = [root], deque([root])
        while queue:
            for j in neighbours[queue.popleft()]:
                if j in left:
                    left.discard(j)
                    group.append(j)
                    queue.append(j)
        groups.append(sorted(group))
    return sorted(groups, key=lambda g: (-len(g), g[0]))


def drop_cut_off(neighbours: list[list[int]], district: IntArray, weight: FloatArray) -> NDArray[np.bool_]:
    """Mark the blocks that hang together with the bulk of their district's populated blocks.

    Two rounds: populated blocks must be connected without the help of empty ones, and every empty block must
    face one of its district.
    """
    keep = np.zeros(len(district), dtype=bool)
    for number in range(len(plan.DISTRICTS)):
        mine = np.flatnonzero(district == number)
        lived_in = [int(i) for i in mine if weight[i] > 0]
        bulk = set(components(neighbours, lived_in)[0])
        empty = [int(i) for i in mine if weight[i] == 0]
        whole = components(neighbours, sorted([*bulk, *empty]))
        for group in whole:
            if bulk & set(group):
                keep[group] = True
    return keep
