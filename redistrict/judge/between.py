"""Between: whose ground two blocks look at each other over, where lines divide the ground between blocks."""

import numpy as np
import shapely

from redistrict.judge.looks import Bools, Floats, Ints, Looks
from redistrict.judge.reading import Geometries

APART_M = 0.2  # two crossings nearer to each other are one


def run_over_others(
    looks: Looks, own: Ints, blocks: shapely.STRtree, dividers: shapely.STRtree, reach_m: float
) -> Bools:
    """Whether the ground in the middle of a look is a third block's.

    A look that no line divides is looked at half way; one that crosses several, between each two of them: across a
    junction that is the corner of a third block. Ground is that of the nearest block with no line in between.

    Parameters
    ----------
    own : (n, 2)
        The two blocks of each look.
    blocks, dividers : STRtree
        All blocks; centrelines of roads and lines of barriers.
    reach_m : float
        Farthest a block has ground.
    """
    lines = looks.lines()
    look, along_m = _find_middles(lines, dividers)
    points = shapely.line_interpolate_point(lines[look], along_m)
    at, block = blocks.query(points, predicate="dwithin", distance=reach_m)
    ways = shapely.shortest_line(points[at], blocks.geometries[block])
    cut, _ = dividers.query(ways, predicate="intersects")
    free = np.ones(at.size, dtype=bool)
    free[cut] = False
    at, block, way_m = at[free], block[free], shapely.length(ways[free])
    order = np.lexsort((block, way_m, at))
    point, first = np.unique(at[order], return_index=True)
    whose, of_look = block[order[first]], look[point]
    over = np.zeros(looks.pair.size, dtype=bool)
    over[of_look[(whose[:, None] != own[of_look]).all(axis=1)]] = True
    return over


def measure_half_way(looks: Looks, n_pairs: int) -> Floats:
    """Give the metres, corner to corner, that the middles of each pair's looks take up: those of a fan hardly any."""
    middle = (looks.start + looks.end) / 2
    low, high = np.full((n_pairs, 2), np.inf), np.full((n_pairs, 2), -np.inf)
    np.minimum.at(low, looks.pair, middle)
    np.maximum.at(high, looks.pair, middle)
    piece_m = np.zeros(n_pairs)
    np.maximum.at(piece_m, looks.pair, looks.piece_m)
    there = np.isfinite(low[:, 0])
    length_m = np.zeros(n_pairs)
    length_m[there] = np.hypot(*(high - low)[there].T) + piece_m[there]
    return length_m


def _find_middles(lines: Geometries, dividers: shapely.STRtree) -> tuple[Ints, Floats]:
    """Give the places on lines half way, or half way between each two dividers, and the line of each."""
    line, divider = dividers.query(lines, predicate="intersects")
    met, row = shapely.get_parts(shapely.intersection(lines[line], dividers.geometries[divider]), return_index=True)
    line = line[row]
    at_m = shapely.line_locate_point(lines[line], shapely.centroid(met))
    order = np.lexsort((at_m, line))
    line, at_m = line[order], at_m[order]
    follows = (line[1:] == line[:-1]) & (np.diff(at_m) > APART_M)
    whole = np.setdiff1d(np.arange(lines.size), line)
    between_m = (at_m[1:] + at_m[:-1])[follows] / 2
    return np.concatenate([whole, line[1:][follows]]), np.concatenate([shapely.length(lines[whole]) / 2, between_m])
