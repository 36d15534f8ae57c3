"""Mergers: today's communities as the parts that are only ever put together whole."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import DataError, ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.messages import Message, name_some
from redistrict.model.areas import Area, usual_limits
from redistrict.model.counts import Tier, as_range, list_tiers
from redistrict.scenario.models import Communities


@dataclass(frozen=True, eq=False)
class Mergers:
    """What may be merged with what.

    Attributes
    ----------
    names : tuple of str
        Names of today's communities.
    part : (n_blocks,) int32
        Today's community of each block; every block has one, and no community lies in two districts.
    is_locked : (n_parts,) bool
        Communities that stay as they are; all of them where nothing may change.
    count : (int, int)
        Fewest and most communities in all.
    count_by_area : tuple of (int, int)
        Fewest and most in each area.
    """

    names: tuple[str, ...]
    part: NDArray[np.int32]
    is_locked: NDArray[np.bool_]
    count: tuple[int, int]
    count_by_area: tuple[tuple[int, int], ...]


def build_mergers(
    blocks: Blocks, current: CurrentPlan | None, rules: Communities
) -> tuple[tuple[Area, ...], Mergers | None]:
    """Give the districts or hard units as areas, and what may be merged in them; none where blocks are redrawn freely.

    Raises
    ------
    DataError
        If a block has no community today, or a community lies in two districts, or two units of a hard level.
    ScenarioError
        If numbers are asked for by units that hold several areas.
    """
    if rules.change == "redraw":
        return (), None
    if current is None:
        raise DataError(
            Message(
                "communities.change: today's communities are needed; name their column in data.blocks.columns.",
                "communities.change：需要现有社区；请在 data.blocks.columns.community 中写明所在列。",
            )
        )
    *above, tier = list_tiers(blocks, rules)
    if any(one.counts for one in above):
        raise ScenarioError(
            Message(
                f"communities.change: where communities are only merged, numbers are asked for by {tier.key} only.",
                f"communities.change：只合并现有社区时，社区数只能写在 {tier.key}。",
            )
        )
    _check_parts(blocks, current, tier)
    places = sorted(set(tier.of_block.tolist()))
    areas = tuple(_place_area(blocks, current, rules, np.flatnonzero(tier.of_block == name)) for name in places)
    n_parts = len(current)
    given = [tier.counts.get(name) for name in places]
    most = [len({int(current.of_block[i]) for i in area.blocks}) for area in areas]
    keep = rules.change == "keep"
    return areas, Mergers(
        names=current.names,
        part=current.of_block,
        is_locked=np.ones(n_parts, dtype=bool) if keep else current.is_locked,
        count=(1, n_parts) if keep or rules.count == "auto" else as_range(rules.count),
        count_by_area=tuple(
            (1, n) if keep or asked is None else as_range(asked) for asked, n in zip(given, most, strict=True)
        ),
    )


def _place_area(blocks: Blocks, current: CurrentPlan, rules: Communities, members: NDArray[np.intp]) -> Area:
    """Give the blocks of a district or hard unit with one option for every number of its communities.

    Only merged ones keep to the bounds.
    """
    usual = usual_limits(blocks, rules)
    n_parts = len(np.unique(current.of_block[members]))
    district, place = str(blocks.frame["district"].iloc[members[0]]), str(blocks.places[members[0]])
    return Area(
        name=place or "all blocks",
        district=district,
        unit=place if any(level.is_hard for level in blocks.levels) else "",
        blocks=tuple(members.tolist()),
        total=tuple(blocks.size[members].sum(axis=0).tolist()),
        options=tuple(usual.of_count(n) for n in range(1, n_parts + 1)),
    )


def _check_parts(blocks: Blocks, current: CurrentPlan, tier: Tier) -> None:
    problems = []
    homeless = [blocks.ids[i] for i in np.flatnonzero(current.of_block < 0).tolist()]
    if homeless:
        named = name_some(homeless)
        problems.append(
            Message(
                f"communities.change: {len(homeless)} blocks belong to no community today: {named.en}; "
                "fill in their community, or redraw freely.",
                f"communities.change：{len(homeless)} 个地块没有现属社区：{named.zh}；请补全，或改用 redraw。",
            )
        )
    split = [n for c, n in enumerate(current.names) if len(set(tier.of_block[current.of_block == c].tolist())) > 1]
    if split:
        named = name_some(split)
        problems.append(
            Message(
                f"communities.change: these communities lie in more than one {tier.title.en}: {named.en}; "
                f"mend the blocks' {tier.title.en} or community.",
                f"communities.change：以下社区跨{tier.title.zh}：{named.zh}；请更正地块的所属{tier.title.zh}或社区。",
            )
        )
    if problems:
        raise DataError(problems)
