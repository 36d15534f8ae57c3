"""Splits: polygons that fall apart when half the least neck is taken off all around, and what joins their parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from redistrict.judge.case import Case
from redistrict.judge.faults import CRUMB_M2, LEAST_NECK_M, Drawn, Ints
from redistrict.judge.pieces import find_pieces
from redistrict.judge.reading import Geometries
from redistrict.messages import Message, join, name_some

ROUGH_M = 0.1  # the neck of an outline may be this much thinner than that of the block it runs along


@dataclass(frozen=True, eq=False)
class Split:
    """One polygon in parts.

    Attributes
    ----------
    community : int
    blocks : (n,)
        Positions of the community's blocks.
    parts : (m,) polygons
        What is left of the polygon, two or more.
    part_of : (n,)
        The part each block lies in.
    loose : (l,)
        Parts with blocks that nothing joins to the part with most blocks; none in a polygon that may be as it is.
    ties : tuple of Message
        What joins the others.
    """

    community: int
    blocks: Ints
    parts: Geometries
    part_of: Ints
    loose: Ints
    ties: tuple[Message, ...]

    @property
    def cut_off(self) -> Ints:
        """Blocks in loose parts."""
        return self.blocks[np.isin(self.part_of, self.loose)]

    def tell_ties(self, name: str) -> Message:
        """Say that the polygon is in parts, and what joins them."""
        ties = join(self.ties, mark=";")
        return Message(
            f"Community {name} lies in {len(self.parts)} parts, as it may: {ties.en}.",
            f"社区 {name} 的图形分成 {len(self.parts)} 部分，属允许情形：{ties.zh}。",
        )


def find_splits(drawn: Drawn, case: Case) -> Iterator[Split]:
    """Give every polygon in parts.

    Links and bridges join, and so does a block that lies in parts by itself. A part where nobody lives, and that hangs
    together with nobody, may lie by itself: it belongs to the nearest.

    Parameters
    ----------
    case : Case
        The plan's, which knows what hangs together with nobody.
    """
    thin = shapely.buffer(drawn.shapes, -LEAST_NECK_M / 2, join_style="mitre")
    for c in np.flatnonzero(shapely.get_num_geometries(thin) > 1).tolist():
        parts = shapely.get_parts(thin[c])
        parts = parts[shapely.area(parts) > CRUMB_M2]
        if len(parts) > 1:
            yield _join_parts(drawn, case, c, parts)


def tell_pieces(case: Case, plan: Drawn, today: list[Drawn]) -> Message:
    """Say how many communities are not in one piece, of the plan and of today.

    Parameters
    ----------
    case : Case
        The plan's, which has looked from block to block.
    """
    n = case.n_communities
    said = [_count_unjoined(case, plan, Message(f"{n} communities", f"方案 {n} 个社区"))]
    for drawn in today:
        n = drawn.case.n_communities
        said.append(_count_unjoined(case, drawn, Message(f"today's {n}", f"现有 {n} 个社区")))
    return Message("Not in one piece: ", "不连片的社区：") + join(said, mark=";") + Message(".", "。")


def _count_unjoined(case: Case, drawn: Drawn, whose: Message) -> Message:
    names = find_unjoined(case, drawn)
    some = name_some(names)
    en, zh = (f" ({some.en})", f"（{some.zh}）") if names else ("", "")
    return Message(f"{len(names)} of {whose.en}{en}", f"{whose.zh}中 {len(names)} 个{zh}")


def find_unjoined(case: Case, drawn: Drawn) -> list[str]:
    """Name the communities whose polygons are in pieces, or whose residents are cut off from each other."""
    own = drawn.case
    in_pieces = {split.community for split in find_splits(drawn, case) if split.loose.size}
    broken = own.find_broken(find_pieces(case.survey, own.plan.community, own.links))
    in_pieces |= {c for c, blocks in broken.items() if not case.ground.is_empty[blocks].all()}
    return [own.plan.names[c] for c in sorted(in_pieces)]


def _join_parts(drawn: Drawn, case: Case, c: int, parts: Geometries) -> Split:
    ground, blocks = case.ground, drawn.case.blocks_of(c)
    part_of = _part_of_each(parts, ground.polygons[blocks])
    group, ties = np.arange(len(parts)), []
    for one, two, tie in [*_tied_by_links(drawn.case, blocks, part_of), *_tied_by_blocks(drawn.case, blocks, parts)]:
        if group[one] != group[two]:
            group[group == group[one]] = group[two]
            ties.append(tie)
    n_blocks, settled = np.bincount(part_of, minlength=len(parts)), ~ground.is_empty[blocks]
    lonely = ~np.isin(part_of, part_of[settled])
    lonely[lonely] = case.are_lonely(blocks[lonely])
    weight = np.bincount(part_of, np.where(lonely, 0.0, 1.0), minlength=len(parts))
    main = np.bincount(group, weight if weight.any() else n_blocks).argmax()
    away = np.flatnonzero((group != main) & (n_blocks > 0))
    ties += [_say_lonely(case, blocks[part_of == part]) for part in away[weight[away] == 0]]
    return Split(c, blocks, parts, part_of, away[weight[away] > 0], tuple(ties))


def _part_of_each(parts: Geometries, polygons: Geometries) -> Ints:
    """Give the part each block lies in, or is nearest to."""
    core = shapely.buffer(polygons, -LEAST_NECK_M / 2)
    middle = shapely.point_on_surface(np.where(shapely.is_empty(core), polygons, core))
    _, part = shapely.STRtree(parts).query_nearest(middle, all_matches=False)
    return np.asarray(part, dtype=np.intp)


def _tied_by_links(case: Case, blocks: Ints, part_of: Ints) -> Iterator[tuple[int, int, Message]]:
    """Give the parts that a link of the scenario or a bridge of the data joins, and which."""
    part = dict(zip(blocks.tolist(), part_of.tolist(), strict=True))
    by_hand = {frozenset(pair) for pair in case.ground.find_pairs(case.scenario.contiguity.links)}
    for a, b in case.links:
        if a in part and b in part:
            ends = f"{case.ground.ids[a]} - {case.ground.ids[b]}"
            link = Message(f"link {ends} of the scenario", f"方案中的连接 {ends}")
            bridge = Message(f"bridge {ends}", f"桥梁 {ends}")
            yield part[a], part[b], link if frozenset((a, b)) in by_hand else bridge


def _tied_by_blocks(case: Case, blocks: Ints, parts: Geometries) -> Iterator[tuple[int, int, Message]]:
    """Give the parts joined by a block that lies in parts itself, less what others claim of it."""
    polygons, community = case.ground.polygons, case.plan.community
    row, part = shapely.STRtree(parts).query(polygons[blocks], predicate="intersects")
    times = np.bincount(row, minlength=len(blocks))
    for at in np.flatnonzero(times > 1).tolist():
        block, reached = int(blocks[at]), part[row == at].tolist()
        others = np.flatnonzero(shapely.intersects(polygons, polygons[block]) & (community != community[block]))
        own = shapely.difference(polygons[block], shapely.union_all(polygons[others]))
        if shapely.get_num_geometries(shapely.buffer(own, -LEAST_NECK_M / 2 - ROUGH_M, join_style="mitre")) > 1:
            key = case.ground.ids[block]
            for one, two in pairwise(reached):
                yield one, two, Message(f"block {key} is in parts itself", f"地块 {key} 本身分成几部分")


def _say_lonely(case: Case, blocks: Ints) -> Message:
    some = name_some(case.keys(blocks))
    return Message(f"nobody lives in {some.en}, nor beside it", f"{some.zh} 无人居住且孤立")
