"""The rules, by an instance and the plan of an answer alone.

1. each block has one community, and a community lies in one area;
2. each area has a number of communities that it may have;
3. each community is in one piece, by edges;
4. its sums are inside the bounds of its area;
5. no two blocks that must be apart are together;
6. the cost is added up anew.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .reading import Answer, Instance, Option, Said

BY_EDGES = "edges"
"""The bound that anybody can add up: see `edge_bound`."""


class Verdict(NamedTuple):
    """What is wrong with a plan; what it costs, if nothing is."""

    faults: tuple[Said, ...]
    cost: int | None


def judge_answer(instance: Instance, answer: Answer) -> Verdict:
    """Judge the plan of an answer."""
    n, given = len(instance.blocks), len(answer.plan)
    if n != given:
        said = Said(f"the plan has {given} blocks, the instance {n}", f"方案有 {given} 个地块，算例有 {n} 个")
        return Verdict((said,), None)
    return judge_plan(instance, answer.plan)


def judge_plan(instance: Instance, plan: Sequence[int]) -> Verdict:
    """Judge a plan that has a community for every block, by rules 1 to 6."""
    area_of = {block: number for number, area in enumerate(instance.areas) for block in area.blocks}
    homes: dict[int, set[int]] = defaultdict(set)
    for block, community in enumerate(plan):
        homes[community].add(area_of[block])
    faults = [
        Said(f"community {c} lies in {len(held)} areas", f"社区 {c} 跨 {len(held)} 个分区")
        for c, held in sorted(homes.items())
        if len(held) > 1
    ]
    faults += _find_torn(instance, plan)
    faults += _find_together(instance, plan)
    sums = _add_up(instance, plan)
    cost = sum(inside if plan[i] == plan[j] else parted for i, j, inside, parted in instance.edges)
    for number, area in enumerate(instance.areas):
        inside = sorted(c for c, held in homes.items() if number in held)
        option = area.options.get(len(inside))
        if option is None:
            allowed = ", ".join(map(str, sorted(area.options)))
            faults.append(
                Said(
                    f"area {area.name} has {len(inside)} communities; allowed: {allowed}",
                    f"分区 {area.name} 有 {len(inside)} 个社区，允许 {allowed} 个",
                )
            )
            continue
        faults += (fault for c in inside for fault in _find_outside(instance, option, c, sums[c]))
        cost += sum(_deviation(instance, option, sums[c]) for c in inside)
    return Verdict(tuple(faults), None if faults else cost)


def _find_torn(instance: Instance, plan: Sequence[int]) -> Iterator[Said]:
    """Rule 3."""
    root = list(range(len(plan)))

    def find(block: int) -> int:
        while root[block] != block:
            root[block] = block = root[root[block]]
        return block

    for i, j, _, _ in instance.edges:
        if plan[i] == plan[j]:
            root[find(i)] = find(j)
    pieces = Counter(plan[block] for block in range(len(plan)) if find(block) == block)
    for c, n in sorted(pieces.items()):
        if n > 1:
            yield Said(f"community {c} is in {n} pieces", f"社区 {c} 分成 {n} 片")


def _find_outside(instance: Instance, option: Option, community: int, sums: Sequence[int]) -> Iterator[Said]:
    """Rule 4."""
    for name, total, low, high in zip(instance.quantities, sums, option.lower, option.upper, strict=True):
        if (low is not None and total < low) or (high is not None and total > high):
            least, most = ("…" if end is None else f"{end}" for end in (low, high))
            yield Said(
                f"community {community} has {total} {name}, not {least} to {most}",
                f"社区 {community} 的 {name} 为 {total}，不在 {least} 至 {most} 之内",
            )


def _find_together(instance: Instance, plan: Sequence[int]) -> Iterator[Said]:
    """Rule 5."""
    for i, j in instance.apart:
        if plan[i] == plan[j]:
            yield Said(
                f"blocks {i} and {j} must be apart, and are both in community {plan[i]}",
                f"地块 {i} 与 {j} 不得同属一个社区，却都在社区 {plan[i]}",
            )


def _add_up(instance: Instance, plan: Sequence[int]) -> dict[int, list[int]]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * len(instance.quantities))
    for held, community in zip(instance.blocks, plan, strict=True):
        of = sums[community]
        for q, value in enumerate(held):
            of[q] += value
    return sums


def _deviation(instance: Instance, option: Option, sums: Sequence[int]) -> int:
    rates = zip(instance.deviation, sums, option.target, strict=True)
    return sum(rate * abs(total - target) for rate, total, target in rates)


def edge_bound(instance: Instance) -> int:
    """Give what no plan costs less than: every edge is inside a community or parted, every area off its targets.

    The cheaper cost of every edge, and for every area ``rate * |total - n * target|``, for the n where that is least.
    """
    bound = sum(min(inside, parted) for _, _, inside, parted in instance.edges)
    for area in instance.areas:
        total = [sum(column) for column in zip(*(instance.blocks[i] for i in area.blocks), strict=True)]
        bound += min(
            _deviation(instance, option._replace(target=tuple(n * goal for goal in option.target)), total)
            for n, option in area.options.items()
        )
    return bound


def check_instance(instance: Instance) -> Iterator[Said]:
    """Say what of an instance's own claims does not hold: its plan and the cost of it, and bounds."""
    best, cost = instance.best_known, None
    if instance.plan is not None:
        verdict = judge_plan(instance, instance.plan)
        yield from verdict.faults
        cost = verdict.cost
        if cost is not None and cost != instance.plan_cost:
            yield Said(
                f"its plan costs {cost}, not {instance.plan_cost}", f"所附方案代价为 {cost}，并非 {instance.plan_cost}"
            )
        if cost is not None and (best is None or cost < best):
            yield Said(f"its plan costs {cost}, less than the best known", f"所附方案代价 {cost} 低于最好纪录")
    for bound, by in instance.bounds:
        if by == BY_EDGES and bound != edge_bound(instance):
            yield Said(
                f"the edges show {edge_bound(instance)}, not {bound}", f"相邻关系证明的下界为 {edge_bound(instance)}"
            )
        if best is not None and bound > best:
            yield Said(f"the bound {bound} is above the best known {best}", f"下界 {bound} 高于最好纪录 {best}")
