"""What is said of an area without a plan: the limits that no plan keeps, or those that the nearest one misses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.messages import Message, join, list_of, name_some
from redistrict.model.areas import Area
from redistrict.model.pins import list_own
from redistrict.model.problem import AreaProblem, Problem
from redistrict.model.quantities import quantity_words
from redistrict.model.result import AreaResult, StoppedBy
from redistrict.model.terms import Stay
from redistrict.solver.costs import are_around, community_totals, excess_perimeter, is_feasible, loose_parts
from redistrict.solver.why_not.binding import Limit, keep_only, list_limits

_WHY_NONE = {
    StoppedBy.TIME_LIMIT: Message(
        "the time was up first, raise solve.time_limit_s", "时间已到，请增大 solve.time_limit_s"
    ),
    StoppedBy.INTERRUPT: Message("it was stopped before one was found", "尚未找到即被中断"),
}
_KEPT = {
    Limit.BOUNDS: Message("meet the bounds", "满足规模限制"),
    Limit.ROADS: Message("keep apart what roads never to be crossed part", "不跨越不得跨越的道路"),
    Limit.EXTENT: Message("keep to communities.max_extent_m", "不超过 communities.max_extent_m 所限距离"),
    Limit.COMPACTNESS: Message("reach communities.min_compactness", "达到 communities.min_compactness"),
    Limit.ENCLAVES: Message("lie side by side without enclaves", "互不包围"),
    Limit.NECKS: Message("hang together by communities.min_neck_m", "连接处宽度达到 communities.min_neck_m"),
}
_REMEDY = {
    Limit.BOUNDS: Message("widen communities.tolerance", "放宽 communities.tolerance"),
    Limit.ROADS: Message("let roads be crossed in objective.crossing", "在 objective.crossing 中允许跨越道路"),
    Limit.EXTENT: Message("raise communities.max_extent_m", "增大 communities.max_extent_m"),
    Limit.COMPACTNESS: Message("lower communities.min_compactness", "降低 communities.min_compactness"),
    Limit.ENCLAVES: Message("set 'communities.enclaves: note'", "改用 communities.enclaves: note"),
    Limit.NECKS: Message("lower communities.min_neck_m", "降低 communities.min_neck_m"),
    Limit.MOVED: Message("raise communities.max_moved_share", "增大 communities.max_moved_share"),
}


def say_too_few_blocks(area: Area) -> Message:
    """Say that an area has fewer blocks than it is to have communities."""
    n, n_blocks = area.n_min, len(area.blocks)
    return Message(
        f"{area.name}: {n} communities are asked for, but there are only {n_blocks} blocks; change the count.",
        f"{area.name}：要求 {n} 个社区，但只有 {n_blocks} 个地块；请调整数量。",
    )


def say_proved(
    problem: Problem, area: Area, numbers: Sequence[int], binding: Sequence[Limit], *, tolerance_helps: bool | None
) -> Message:
    """Say which limits no plan of an area keeps together, and which of them to change.

    Parameters
    ----------
    numbers : sequence of int
        Numbers of communities it was proved of.
    tolerance_helps : bool or None
        Whether a tolerance below 1 would admit a plan; none where that is not known.
    """
    n = Message(" or ".join(map(str, numbers)), " 或 ".join(map(str, numbers)))
    some = "community" if list(numbers) == [1] else "communities"
    kept = [_KEPT[limit] for limit in binding if limit is not Limit.MOVED]
    en, zh = " and ".join(clause.en for clause in kept), "、".join(clause.zh for clause in kept)
    advice = list_of(
        [
            *(_REMEDY[limit] for limit in binding if limit is not Limit.BOUNDS or tolerance_helps is not False),
            Message("change the count, or add links", "调整数量或添加 links"),
        ]
    )
    if Limit.MOVED not in binding:
        return Message(
            f"{area.name}: proved that no {n.en} connected {some} can {en}; {advice.en}.",
            f"{area.name}：已证明不存在{zh}的 {n.zh} 个连片社区；请{advice.zh}。",
        )
    that, those = (f" that {en}", f"{zh}的 ") if kept else ("", " ")
    moved = _say_allowed(problem, area)
    return Message(
        f"{area.name}: proved that with any {n.en} connected {some}{that} more residents change community than may: "
        f"{moved.en}; {advice.en}.",
        f"{area.name}：已证明任何{those}{n.zh} 个连片社区都会使更换社区的居民过多：{moved.zh}；请{advice.zh}。",
    )


def _say_allowed(problem: Problem, area: Area) -> Message:
    """Say how many residents of an area may change, and that the share holds in each area where there are several."""
    stay = _stay_of(problem, area)
    each = Message(" in each area by itself", "在每个区域内分别计算，") if len(problem.areas) > 1 else Message("", "")
    return Message(
        f"communities.max_moved_share {stay.max_share:g} allows{each.en} at most {stay.max_moved:,} of "
        f"{stay.n_residents:,} here",
        f"communities.max_moved_share 为 {stay.max_share:g}，{each.zh}此处 {stay.n_residents:,} 名居民中至多 "
        f"{stay.max_moved:,} 名",
    )


def _stay_of(problem: Problem, area: Area) -> Stay:
    assert problem.stay is not None, "no share is limited where nobody has a community today"
    return problem.stay.take(np.array(area.blocks, dtype=np.int64))


def say_pinned(problem: Problem, area: Area, numbers: Sequence[int], *, is_proved: bool) -> Message:
    """Say that no plan of an area keeps to its pins, or that none was found, and what to do."""
    own = [one.pin for one in list_own(problem.demands, area.blocks)]
    pins, n = name_some(own), list_of(numbers)
    if is_proved:
        return Message(
            f"{area.name}: proved that no {n.en} communities inside the limits keep to pins {pins.en}; drop some of "
            "them, or change the count.",
            f"{area.name}：已证明没有既符合限制又满足第 {pins.zh} 条要求的 {n.zh} 个社区；请删去其中几条或调整数量。",
        )
    return Message(
        f"{area.name}: no plan of {n.en} communities inside the limits that keeps to pins {pins.en} was found; "
        "drop some of them, or raise solve.effort or solve.time_limit_s.",
        f"{area.name}：未找到既符合限制又满足第 {pins.zh} 条要求的 {n.zh} 个社区方案；"
        "请删去其中几条，或提高 solve.effort 或 solve.time_limit_s。",
    )


def say_not_found(blocks: Blocks, problem: Problem, number: int, found: AreaResult) -> Message:
    """Say that no plan was found, which limits the nearest one misses, and what to do."""
    area, n = problem.areas[number], found.n_communities
    misses = {} if found.nearest is None else _list_misses(blocks, problem, number, found.nearest)
    where, which = join(misses.values(), mark=";"), misses or list_limits(problem)
    if misses:
        where = Message(f" (the nearest {where.en})", f"（最接近的方案{where.zh}）")
    more = list_of([*(_REMEDY[limit] for limit in which), Message("or raise solve.effort", "或提高 solve.effort")])
    why = _WHY_NONE.get(found.stopped_by) or Message("", "请") + more
    return Message(
        f"{area.name}: no plan of {n} communities inside the limits was found{where.en}; {why.en}.",
        f"{area.name}：未找到满足限制的 {n} 个社区方案{where.zh}；{why.zh}。",
    )


def _list_misses(blocks: Blocks, problem: Problem, number: int, nearest: Sequence[int]) -> dict[Limit, Message]:
    """Say of each limit that a plan of an area misses where it does."""
    area, plan = problem.areas[number], np.asarray(nearest, dtype=np.int32)
    names = [blocks.ids[i] for i in area.blocks]
    misses: dict[Limit, Message] = {}
    for limit in list_limits(problem):
        only = keep_only(problem, number, int(plan.max()) + 1, [limit])
        together = only.apart[plan[only.apart[:, 0]] == plan[only.apart[:, 1]]].tolist()
        if limit is Limit.BOUNDS:
            outside = _say_outside(only, plan, names, problem.quantities)
            if outside:
                misses[limit] = outside
        elif limit in _SHAPES:
            wrong = _SHAPES[limit](only, plan, names)
            if wrong:
                misses[limit] = wrong
        elif together:
            misses[limit] = _say_together(limit, *(names[end] for end in together[0]))
        elif only.stay is not None and not is_feasible(only, plan):
            misses[limit] = _say_moved(problem, area, only.stay.moved(plan))
    return misses


def _say_outside(
    problem: AreaProblem, plan: NDArray[np.int32], names: Sequence[str], quantities: Sequence[str]
) -> Message | None:
    """Name the first communities of a plan that miss the bounds, by blocks and size; none where all keep them."""
    parts: list[Message] = []
    words = [quantity_words(name) for name in quantities]
    for c, totals in enumerate(community_totals(problem, plan).tolist()):
        wrong = [
            Message(f"{word.en} {t:,} ({low:,}-{high:,})", f"{word.zh} {t:,} ({low:,}-{high:,})")
            for word, t, low, high in zip(words, totals, problem.lower.tolist(), problem.upper.tolist(), strict=True)
            if not low <= t <= high
        ]
        if wrong:
            named = name_some([names[i] for i in np.flatnonzero(plan == c).tolist()], limit=2)
            parts.append(Message(f"blocks {named.en}: ", f"地块 {named.zh}：") + join(wrong))
    if not parts:
        return None
    where = join(parts[:3], mark=";")
    return Message(f"misses the bounds at {where.en}", f"不满足规模限制之处：{where.zh}")


def _say_thin(problem: AreaProblem, plan: NDArray[np.int32], names: Sequence[str]) -> Message | None:
    """Name the first communities of a plan that are not compact enough, the least compact first."""
    asked = problem.compactness
    if asked is None:
        return None
    found = asked.of(asked.outlines(plan, problem.n_communities))
    thin = np.flatnonzero(excess_perimeter(problem, plan))
    parts = []
    for c in thin[np.argsort(found[thin], kind="stable")].tolist()[:3]:
        named = name_some([names[i] for i in np.flatnonzero(plan == c).tolist()], limit=2)
        parts.append(Message(f"{found[c]:.3f} (blocks {named.en})", f"{found[c]:.3f}（地块 {named.zh}）"))
    where = join(parts, mark=";")
    return (
        Message(
            f"has communities of a compactness of {where.en}, below communities.min_compactness",
            f"有社区的紧凑度为 {where.zh}，低于 communities.min_compactness",
        )
        if parts
        else None
    )


def _say_around(problem: AreaProblem, plan: NDArray[np.int32], names: Sequence[str]) -> Message | None:
    """Name the first community of a plan that surrounds others."""
    around = np.flatnonzero(are_around(problem, plan))
    if not around.size:
        return None
    named = name_some([names[i] for i in np.flatnonzero(plan == around[0]).tolist()], limit=2)
    return Message(
        f"has a community around another (blocks {named.en}), which communities.enclaves refuses",
        f"有社区（地块 {named.zh}）包围另一社区，communities.enclaves 不允许",
    )


def _say_narrow(problem: AreaProblem, plan: NDArray[np.int32], names: Sequence[str]) -> Message | None:
    """Name a part of a plan's first community that hangs on the rest by a neck."""
    narrow = np.flatnonzero(loose_parts(problem, plan))
    if problem.necks is None or not narrow.size:
        return None
    parts = problem.necks.parts_of(np.flatnonzero(plan == narrow[0]).tolist())
    named = name_some([names[i] for i in min(parts, key=len)], limit=2)
    return Message(
        f"has a part of a community (blocks {named.en}) behind a neck narrower than communities.min_neck_m",
        f"有社区的一部分（地块 {named.zh}）连接处窄于 communities.min_neck_m",
    )


_SHAPES = {Limit.COMPACTNESS: _say_thin, Limit.ENCLAVES: _say_around, Limit.NECKS: _say_narrow}


def _say_together(limit: Limit, i: str, j: str) -> Message:
    if limit is Limit.ROADS:
        return Message(
            f"has blocks {i} and {j} in one community, which a road never to be crossed parts",
            f"将不得跨越的道路两侧的地块 {i} 与 {j} 划入同一社区",
        )
    return Message(
        f"has blocks {i} and {j} in one community, farther apart than communities.max_extent_m",
        f"将相距超过 communities.max_extent_m 的地块 {i} 与 {j} 划入同一社区",
    )


def _say_moved(problem: Problem, area: Area, moved: int) -> Message:
    allowed = _say_allowed(problem, area)
    return Message(
        f"changes the community of {moved:,} residents, {allowed.en}",
        f"使 {moved:,} 名居民更换社区，{allowed.zh}",
    )
