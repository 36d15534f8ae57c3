"""The rules of a plan, each checked against the judge's own reading of the data."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.judge.asked import check_pins
from redistrict.judge.case import Case, Stray, assign
from redistrict.judge.change import check_change, check_locked, check_mergers, check_moved_share
from redistrict.judge.ground import Ground, read_ground
from redistrict.judge.joined import check_joined
from redistrict.judge.pieces import find_pieces
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message, name_some
from redistrict.scenario.models import Scenario
from redistrict.scenario.section import CountRange

COLUMNS = ("block_id", "district", "community_id", "community_name")
_ROUNDING_M = 0.1
UNIT = {"households": Message("households", "户"), "people": Message("people", "人")}


def verify_plan(scenario: Scenario, plan: pd.DataFrame) -> Verification:
    """Judge a plan by the scenario and the original data alone.

    Parameters
    ----------
    plan : DataFrame
        Text columns `block_id`, `district`, `community_id`, `community_name`; one row per block.

    Returns
    -------
    Verification
        Every violation of the rules coverage, district, levels, change, locked, contiguity, never, extent, households,
        people, site, count, max_moved_share and pins, and of further quantities by their keys. A plan alone names no
        exceptions: with `exceptions: nearest`, too, none passes.

    Raises
    ------
    DataError
        If the data the scenario names cannot be read.
    """
    ground = read_ground(scenario)
    missing = find_missing_columns(plan)
    return Verification(tuple(missing or judge_case(Case(scenario, ground, assign(ground, plan)), plan)))


def find_missing_columns(plan: pd.DataFrame) -> list[Violation]:
    """Say which columns the plan lacks, if it does: then nothing else of it can be judged."""
    missing = [column for column in COLUMNS if column not in plan.columns]
    if not missing:
        return []
    some = name_some(missing)
    message = Message(f"The plan has no column {some.en}.", f"方案缺少字段：{some.zh}。")
    return [Violation("coverage", None, (), "-", ", ".join(COLUMNS), message)]


def judge_case(case: Case, plan: pd.DataFrame) -> list[Violation]:
    """Give every violation of the plan of a case; see `verify_plan`."""
    return [
        *check_coverage(case.ground, plan),
        *check_district(case, plan),
        *check_levels(case),
        *check_joined(case),
        *check_change(case),
        *check_locked(case),
        *(check_mergers(case) if case.scenario.communities.change == "merge_only" else check_contiguity(case)),
        *check_never(case),
        *check_extent(case),
        *check_sizes(case),
        *check_count(case),
        *check_moved_share(case),
        *check_pins(case),
    ]


def check_coverage(ground: Ground, plan: pd.DataFrame) -> Iterator[Violation]:
    """Check that every block of the file stands in the plan exactly once, and in a community."""
    keys = plan["block_id"]
    known = set(ground.ids)
    findings = {
        Message("not in the plan", "不在方案中"): sorted(known - set(keys)),
        Message("not in the data", "不在数据中"): sorted(set(keys) - known),
        Message("more than once in the plan", "在方案中重复出现"): sorted(set(keys[keys.duplicated()])),
        Message("without a community", "没有所属社区"): sorted(set(keys[plan["community_id"] == ""])),
    }
    for what, blocks in findings.items():
        if blocks:
            some = name_some(blocks)
            message = Message(
                f"{len(blocks)} blocks are {what.en}: {some.en}. Every block is allowed one community.",
                f"{len(blocks)} 个地块{what.zh}：{some.zh}。每个地块必须且只能属于一个社区。",
            )
            found = f"{len(blocks)} {what.en}"
            yield Violation("coverage", None, tuple(blocks), found, "every block once", message)


def check_district(case: Case, plan: pd.DataFrame) -> Iterator[Violation]:
    """Check that the plan's districts are the file's, and that no community holds blocks of two."""
    ground = case.ground
    true = dict(zip(ground.ids, ground.district, strict=True))
    rows = zip(plan["block_id"], plan["district"], strict=True)
    wrong = sorted({block for block, district in rows if true.get(block, district) != district})
    if wrong:
        some = name_some([f"{block} ({true[block] or '-'})" for block in wrong])
        message = Message(
            f"{len(wrong)} blocks stand in another district than the data say: {some.en}.",
            f"{len(wrong)} 个地块的所属区与数据不符：{some.zh}。",
        )
        yield Violation("district", None, tuple(wrong), f"{len(wrong)} wrong", "as in the data", message)
    for community, name in enumerate(case.plan.names):
        blocks = case.blocks_of(community)
        districts = sorted(set(ground.district[blocks]))
        if len(districts) > 1:
            some = name_some(districts)
            message = Message(
                f"Community {name} holds blocks of {len(districts)} districts: {some.en}. One is allowed.",
                f"社区 {name} 跨 {len(districts)} 个区：{some.zh}。社区不得跨区。",
            )
            home = max(districts, key=lambda d: (ground.district[blocks] == d).sum())
            strangers = case.keys(blocks[ground.district[blocks] != home])
            yield Violation("district", name, strangers, ", ".join(districts), "one district", message)


def check_levels(case: Case) -> Iterator[Violation]:
    """Check that no community holds blocks of two units of a hard level, but pieces that joined it as too small."""
    for level in case.hard_levels:
        names = case.ground.levels[level.key]
        unit = case.place if level is case.hard_levels[-1] else np.unique(names.astype(str), return_inverse=True)[1]
        title = level.title
        for community, name in enumerate(case.plan.names):
            blocks = case.blocks_of(community)
            held, n_blocks = np.unique(unit[blocks], return_counts=True)
            if held.size == 1:
                continue
            some = name_some(sorted(set(names[blocks])))
            strangers = case.keys(blocks[unit[blocks] != held[n_blocks.argmax()]])
            message = Message(
                f"Community {name} holds blocks of {held.size} units of {title.en}: {some.en}. One is allowed.",
                f"社区 {name} 跨 {held.size} 个{title.zh}：{some.zh}。社区不得跨{title.zh}。",
            )
            yield Violation("levels", name, strangers, f"{held.size} units", "one unit", message)


def check_contiguity(case: Case) -> Iterator[Violation]:
    """Check that each community hangs together, unless today's are kept as they are."""
    if case.scenario.communities.change == "keep":
        return
    community = case.plan.community
    piece = find_pieces(case.survey, community, case.links)
    broken = case.find_broken(piece)
    if any(case.ground.is_empty[case.blocks_of(number)].any() for number in broken):
        piece = find_pieces(case.survey, community, case.all_links)
        broken = case.find_broken(piece)
    for number, blocks in broken.items():
        name = case.plan.names[number]
        n_pieces = np.unique(piece[community == number]).size
        some = name_some(case.keys(blocks))
        message = Message(
            f"Community {name} is in {n_pieces} pieces; cut off from its main piece: {some.en}. "
            "One connected piece is allowed.",
            f"社区 {name} 分成 {n_pieces} 片，与主体不相连的地块：{some.zh}。社区必须连成一片。",
        )
        yield Violation("contiguity", name, case.keys(blocks), f"{n_pieces} pieces", "1 piece", message)


def check_never(case: Case) -> Iterator[Violation]:
    """Check that no community holds two blocks parted by a road never to be crossed.

    Islands nobody lives on are free; so is what today's communities hold already where they are not redrawn.
    """
    survey, community = case.survey, case.plan.community
    i, j = survey.pairs.T
    together = (community[i] == community[j]) & (community[i] >= 0)
    if case.scenario.communities.change != "redraw":
        together &= case.part[i] != case.part[j]
    rows = np.flatnonzero(together)
    rows = rows[survey.are_parted(rows)]
    if rows.size == 0:
        return
    rows = rows[~case.are_lonely(survey.pairs[rows].ravel()).reshape(-1, 2).any(axis=1)]
    for number in np.unique(community[i[rows]]).tolist():
        own = rows[community[i[rows]] == number]
        name, blocks = case.plan.names[number], case.keys(np.unique(survey.pairs[own]))
        some, metres = name_some(blocks), f"{survey.measure_never(own)[0].sum():,.0f}"
        message = Message(
            f"Community {name} holds blocks that face each other over {metres} m of road it may not cross: {some.en}. "
            "Such a road may run along less than half of what two blocks see of each other.",
            f"社区 {name} 内有隔着禁止跨越道路相对的地块（共 {metres} 米）：{some.zh}。"
            "此类道路只能占两个地块相对边界的一半以下。",
        )
        yield Violation("never", name, blocks, f"{metres} m", "less than half of a frontage", message)


def check_extent(case: Case) -> Iterator[Violation]:
    """Check that no two blocks of a community lie farther apart than asked, but in special ones."""
    limit_m = case.scenario.communities.max_extent_m
    middles = shapely.get_coordinates(shapely.centroid(case.ground.polygons))
    for community in range(case.n_communities if limit_m is not None else 0):
        blocks = case.blocks_of(community)
        apart_m = np.sqrt(((middles[blocks, None] - middles[blocks]) ** 2).sum(axis=2))
        widest_m = apart_m.max()
        if community in case.special or widest_m <= (limit_m or 0.0) + _ROUNDING_M:
            continue
        ends = case.keys(blocks[list(divmod(int(apart_m.argmax()), blocks.size))])
        name, some = case.plan.names[community], name_some(ends)
        message = Message(
            f"Community {name} is {widest_m:,.0f} m wide, from block to block ({some.en}); {limit_m:,.0f} m allowed.",
            f"社区 {name} 内地块（{some.zh}）最远相距 {widest_m:,.0f} 米，允许 {limit_m:,.0f} 米。",
        )
        yield Violation("extent", name, ends, f"{widest_m:.0f} m", f"at most {limit_m:g} m", message)


def check_sizes(case: Case) -> Iterator[Violation]:
    """Check what is counted of each community, and its premises, against the bounds and the exceptions to them.

    Of households and people, the first year that breaks a bound is told, today before all. Where the scenario frees
    what cannot meet the bounds, a community outside them passes only if the plan's report names it.
    """
    communities = case.scenario.communities
    widens = communities.change == "redraw" and communities.exceptions == "widen"
    for community in range(case.n_communities):
        strays = case.strays(community)
        if not strays or community in case.special or community in case.freed:
            continue
        told = set()
        for stray in strays:
            if stray.load.quantity in told or (widens and case.is_unsplittable(stray.load, community)):
                continue
            told.add(stray.load.quantity)
            yield _without_site(case, community) if stray.load.quantity == "sites" else _misfit(case, community, stray)


def _without_site(case: Case, community: int) -> Violation:
    name, blocks = case.plan.names[community], case.keys(case.blocks_of(community))
    some = name_some(blocks)
    message = Message(
        f"Community {name} contains no premises that exist today; at least one site is required: {some.en}.",
        f"社区 {name} 内没有现有办公服务用房，至少须有一处：{some.zh}。",
    )
    return Violation("site", name, blocks, "0 sites", "at least 1 site", message)


def _misfit(case: Case, community: int, stray: Stray) -> Violation:
    (quantity, year), found, lower, upper = stray
    name, blocks = case.plan.names[community], case.keys(case.blocks_of(community))
    other = case.scenario.communities.others.get(quantity)
    unit = UNIT[quantity] if other is None else other.title.message
    some = name_some(blocks)
    when = Message("", "") if year is None else Message(f" in {year}", f"{year} 年")
    limits = Message(f"{lower:,} to {upper:,}", f"{lower:,}—{upper:,}")
    if lower == 0:
        limits = Message(f"at most {upper:,}", f"不超过 {upper:,}")
    message = Message(
        f"Community {name} has {found:,} {unit.en}{when.en}; {limits.en} allowed: {some.en}.",
        f"社区 {name} {when.zh}有 {found:,} {unit.zh}，允许 {limits.zh} {unit.zh}：{some.zh}。",
    )
    allowed = f"{limits.en.replace(',', '')} {unit.en}"
    return Violation(quantity, name, blocks, f"{found} {unit.en}{when.en}", allowed, message)


def check_count(case: Case) -> Iterator[Violation]:
    """Check the number of communities, in all, by district and by hard unit, passing over the special ones.

    Where all are special (one block too large by itself is the whole district) no number can be kept; nor where
    today's communities are.
    """
    communities = case.scenario.communities
    by_unit = [(case.ground.district, communities.count_by_district)]
    by_unit += [(case.ground.levels[level.key], level.count_by) for level in case.hard_levels]
    if communities.change == "keep" or (communities.count == "auto" and not any(numbers for _, numbers in by_unit)):
        return
    counted = [c for c in range(case.n_communities) if c not in case.special]
    if communities.count != "auto" and counted:
        yield from _outside(None, len(counted), communities.count)
    for names, numbers in by_unit:
        homes = [_home(case, names, c) for c in counted]
        for name, allowed in numbers.items():
            if name in homes:
                yield from _outside(name, homes.count(name), allowed)


def _home(case: Case, names: NDArray[np.object_], community: int) -> str:
    """Give the unit of a community: that of a block which has not joined it from a neighbouring one."""
    blocks = case.blocks_of(community)
    return str(names[blocks[np.argmax(case.unit[blocks] == case.place[blocks])]])


def _outside(district: str | None, found: int, allowed: int | CountRange) -> Iterator[Violation]:
    lowest, highest = (allowed, allowed) if isinstance(allowed, int) else (allowed.min, allowed.max)
    if lowest <= found <= highest:
        return
    limits = str(lowest) if lowest == highest else f"{lowest} to {highest}"
    limits_zh = str(lowest) if lowest == highest else f"{lowest}—{highest}"
    whose = "The plan" if district is None else district
    message = Message(
        f"{whose} has {found} communities; {limits} are allowed.",
        f"{'方案' if district is None else district}共有 {found} 个社区，允许 {limits_zh} 个。",
    )
    yield Violation("count", None, (), f"{found} communities", limits, message)
