"""Necks of the polygons as handed over, against the least the scenario asks for.

Half the width is taken off a polygon all around. It has a neck if blocks that count are left in several parts: people
live in them, they are so wide themselves, in one part, and with one neighbour of their area alone they hang together
so widely. Any others are narrow or cut off by themselves, whatever the plan.
"""

from collections.abc import Iterator

import numpy as np
import shapely

from redistrict.judge.case import Case
from redistrict.judge.faults import Drawn, Ints
from redistrict.judge.pieces import merge
from redistrict.judge.reading import Geometries
from redistrict.judge.verification import Violation, disagree
from redistrict.messages import Message, list_of, name_some

SLACK_M = 1.5  # blocks that are, or hang together, hardly as widely as asked do not count
NEAREST_M = 0.1  # necks are told to this
_ROUND = 16
_SHARE = 1e-4  # what is charged may differ from the price by this


def check_necks(case: Case, plan: list[Drawn], tree: shapely.STRtree) -> Iterator[Violation]:
    """Check that no community hangs together by a neck narrower than asked in any file, but where it is its whole area.

    Oversize blocks and small islands are communities of their own, whatever their shape.

    Parameters
    ----------
    tree : STRtree of (n,) polygons
        The blocks of the data.
    """
    least_m = case.scenario.communities.min_neck_m
    if least_m is None or not plan:
        return
    thin = [take_off(drawn.shapes, least_m) for drawn in plan]
    in_parts = (np.array([shapely.get_num_geometries(shapes) for shapes in thin]) > 1).any(axis=0)
    for c in np.flatnonzero(in_parts).tolist():
        if c in case.special or case.communities_in_area[case.area_of_community[c]] == 1:
            continue
        blocks, cores = _find_counted(case, c, tree, least_m)
        loose = [find_loose(case, shapes[c], blocks, cores) for shapes in thin]
        files = [drawn.file for drawn, some in zip(plan, loose, strict=True) if some.size]
        if files:
            first = next(n for n, some in enumerate(loose) if some.size)
            found_m = _measure(case, plan[first].shapes[c], blocks, cores, least_m)
            yield _tell(case, c, files, loose[first], found_m, least_m)


def check_neck_cost(drawn: Drawn, tree: shapely.STRtree, cost_m: object) -> Iterator[Violation]:
    """Check that the cost of necks in a report is at least that of those there surely are."""
    case, price = drawn.case, drawn.case.scenario.objective.neck
    if price is None:
        return
    n_loose = 0
    for c, thin in enumerate(take_off(drawn.shapes, price.width_m)):
        if shapely.get_num_geometries(thin) > 1 and case.communities_in_area[case.area_of_community[c]] > 1:
            _, group = _group(case, thin, *_find_counted(case, c, tree, price.width_m))
            n_loose += max(0, np.unique(group).size - 1)
    least_m = n_loose * price.each
    if not isinstance(cost_m, int | float) or cost_m < least_m * (1 - _SHARE):
        yield disagree("report", "report.json", "totals.cost_parts.neck", None, cost_m, f"{least_m:,.2f} or more")


def _tell(case: Case, c: int, files: list[str], loose: Ints, found_m: float, least_m: float) -> Violation:
    name, keys, where = case.plan.names[c], case.keys(loose), list_of(files)
    some = name_some(keys)
    message = Message(
        f"{where.en}: a part of community {name} hangs on it by {found_m:.1f} m; at least {least_m:g} m is allowed. "
        f"Blocks: {some.en}.",
        f"{where.zh}：社区 {name} 的一部分仅由 {found_m:.1f} 米宽处相连，至少须为 {least_m:g} 米。地块：{some.zh}。",
    )
    return Violation("neck", name, keys, f"{found_m:.1f} m", f"at least {least_m:g} m", message)


def take_off(shapes: Geometries | shapely.Geometry, width_m: float) -> Geometries:
    """Take half of a width off shapes, all around."""
    return np.asarray(shapely.buffer(shapes, -width_m / 2, quad_segs=_ROUND))


def find_loose(case: Case, thin: shapely.Geometry, blocks: Ints, cores: Geometries) -> Ints:
    """Give the blocks that are not in the part of a polygon with most of them."""
    held, group = _group(case, thin, blocks, cores)
    return np.unique(held[group != np.bincount(group).argmax()]) if group.size else blocks[:0]


def _group(case: Case, thin: shapely.Geometry, blocks: Ints, cores: Geometries) -> tuple[Ints, Ints]:
    """Give the blocks in the parts of a polygon, and the number of the part of each; links of the data join parts."""
    parts = shapely.get_parts(thin)
    row, part = shapely.STRtree(parts).query(cores, predicate="intersects")
    part_of = dict(zip(blocks[row].tolist(), part.tolist(), strict=True))
    ties = [(part_of[a], part_of[b]) for a, b in case.links if a in part_of and b in part_of]
    return blocks[row], merge(np.arange(len(parts)), ties)[part]


def _measure(case: Case, shape: shapely.Geometry, blocks: Ints, cores: Geometries, least_m: float) -> float:
    """Give the width of the narrowest neck, by halving."""
    low, high = 0.0, least_m
    while high - low > NEAREST_M / 2:
        middle = (low + high) / 2
        is_narrow = find_loose(case, take_off(shape, middle), blocks, cores).size > 0
        low, high = (low, middle) if is_narrow else (middle, high)
    return low


def _find_counted(case: Case, c: int, tree: shapely.STRtree, least_m: float) -> tuple[Ints, Geometries]:
    """Give the blocks of a community that count, and what is left of each."""
    blocks = case.blocks_of(c)
    blocks = blocks[~case.ground.is_empty[blocks]]
    cores = np.array([_core(_own(tree, block), least_m) for block in blocks.tolist()], dtype=object)
    counted = [
        not core.is_empty and _has_wide_neighbour(case, tree, block, core, least_m)
        for block, core in zip(blocks.tolist(), cores, strict=True)
    ]
    return blocks[counted], cores[counted]


def _own(tree: shapely.STRtree, block: int) -> shapely.Geometry:
    """Give a block less what others claim of it."""
    shape = tree.geometries[block]
    others = np.setdiff1d(tree.query(shape, predicate="intersects"), [block])
    return shapely.difference(shape, shapely.union_all(tree.geometries[others]))


def _core(shape: shapely.Geometry, width_m: float) -> shapely.Geometry:
    """Give what is left of a shape with some slack; nothing where it falls into parts, with or without."""
    wide, core = (take_off(shape, width_m + slack_m).item() for slack_m in (0.0, SLACK_M))
    return core if wide.geom_type == core.geom_type == "Polygon" else shapely.Polygon()


def _has_wide_neighbour(case: Case, tree: shapely.STRtree, block: int, core: shapely.Geometry, least_m: float) -> bool:
    """Tell whether a block surely hangs together widely with another of its area, on the ground of the two alone."""
    width_m = max(least_m, case.scenario.contiguity.min_frontage_m)
    pairs = case.survey.pairs
    near = np.setdiff1d(pairs[(pairs == block).any(axis=1)], [block])
    for other in near[case.area[near] == case.area[block]].tolist():
        beyond = _core(_own(tree, other), width_m)
        parts = shapely.get_parts(take_off(_sure_ground(case, tree, block, other), width_m + SLACK_M))
        if not beyond.is_empty and (shapely.intersects(parts, core) & shapely.intersects(parts, beyond)).any():
            return True
    return False


def _sure_ground(case: Case, tree: shapely.STRtree, block: int, other: int) -> shapely.Geometry:
    """Give the ground of two blocks, and what between them no third one is near to; none where a barrier lies."""
    reach_m, ground = case.scenario.contiguity.max_gap_m / 2, case.ground
    pair = shapely.union(_own(tree, block), _own(tree, other))
    third = np.setdiff1d(tree.query(pair, predicate="dwithin", distance=2 * reach_m), [block, other])
    street = shapely.difference(
        shapely.buffer(shapely.buffer(pair, reach_m, quad_segs=_ROUND), -reach_m, quad_segs=_ROUND),
        shapely.union_all(shapely.buffer(tree.geometries[third], reach_m)),
    )
    both = shapely.union(pair, street)
    is_barred = any(shapely.intersects(lines, both).any() for lines in (ground.barriers, ground.walls, ground.never))
    return shapely.Polygon() if is_barred else both
