"""Clashes: pins that contradict each other, or the numbers of communities allowed, told before anything is solved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from redistrict.jobs.pinned import Asked, Basis, label_communities
from redistrict.messages import Message, list_of
from redistrict.model.cores import say_core, shrink


@dataclass(frozen=True)
class Clash:
    """Pins that cannot hold together; without any one of them the rest does not clash in this way."""

    pins: tuple[Asked, ...]
    message: Message


def find_clash(basis: Basis, asked: Sequence[Asked]) -> Clash | None:
    """Give the first contradiction that needs no solver, if there is one."""
    return find_contradiction(basis, asked) or find_miscount(basis, asked)


def find_contradiction(basis: Basis, asked: Sequence[Asked]) -> Clash | None:
    """Give the first pins that contradict each other, if there are any."""
    if next(_list_clashes(basis, asked), None) is not None:
        core = shrink(asked, lambda some: next(_list_clashes(basis, some), None) is not None)
        return Clash(tuple(core), say_core([one.name for one in core], next(_list_clashes(basis, core))))
    return None


def _list_clashes(basis: Basis, asked: Sequence[Asked]) -> Iterator[Message]:
    yield from _across_areas(basis, asked)
    yield from _named_twice(basis, asked)
    yield from _two_places(basis, asked)


def _across_areas(basis: Basis, asked: Sequence[Asked]) -> Iterator[Message]:
    """A community lies in one area: a connected piece of a district."""
    for one in asked:
        areas = {int(basis.area_of[i]) for i in one.blocks} | {basis.area_of_community(c) for c in one.communities}
        if one.form != "apart" and len(areas) > 1:
            named = list_of(sorted(basis.problem.areas[area].name for area in areas))
            yield Message(
                f"it speaks of {len(areas)} areas ({named.en}), and no community lies in two",
                f"涉及 {len(areas)} 个片区（{named.zh}），而社区不能跨片区",
            )


def _named_twice(basis: Basis, asked: Sequence[Asked]) -> Iterator[Message]:
    """A community that is kept, merged or split is that alone; of one that is split `in` names no part.

    Nor do two communities bear one name, or one community two.
    """
    label = label_communities(basis, asked)
    for one, other in combinations([one for one in asked if one.form == "rename"], 2):
        if one.to == other.to or label[one.communities[0]] == label[other.communities[0]]:
            yield Message("a community has one name, and no other has it", "一个社区只有一个名称，且不与其他社区重名")
    merges = [one for one in asked if one.form == "merge"]
    for n, one in enumerate(merges):
        label = label_communities(basis, merges[:n])
        if len({label[c] for c in one.communities}) == 1:
            yield Message("they are one community already", "二者已是同一社区")
    for one, other in combinations([one for one in asked if one.form in ("keep", "merge", "split", "in")], 2):
        forms = {one.form, other.form}
        if forms <= {"in", "merge"} or forms == {"keep"} or forms == {"in", "keep"}:
            continue
        for c in sorted({*one.communities} & {*other.communities}):
            name = basis.before.names[c]
            if "in" in forms:
                yield Message(
                    f"{name} is split, and `in` does not say into which part; name a block by `with`",
                    f"{name}将被拆分，in 未说明归入哪一部分；请用 with 指定地块",
                )
            else:
                yield Message(f"{name} cannot be both", f"{name}不能同时如此")


def _two_places(basis: Basis, asked: Sequence[Asked]) -> Iterator[Message]:
    """What is to lie together has one place, and what is to lie apart has several."""
    label, ids = label_communities(basis, asked), basis.blocks.ids
    group = {i: i for one in asked for i in one.blocks}
    place: dict[int, set[int]] = {}
    for one in asked:
        if one.form not in ("apart", "merge", "split") and one.blocks:
            roots = {group[i] for i in one.blocks}
            group = {i: min(roots) if root in roots else root for i, root in group.items()}
    for one in asked:
        if one.form in ("in", "keep"):
            place.setdefault(group[one.blocks[0]], set()).add(label[one.communities[0]])
    name_of = {label[c]: name for c, name in reversed([*enumerate(basis.before.names)])}
    for root, places in sorted(place.items()):
        if len(places) > 1:
            named = list_of(name_of[c] for c in sorted(places))
            yield Message(
                f"block {ids[root]} would lie in {len(places)} communities ({named.en})",
                f"地块 {ids[root]} 将同属 {len(places)} 个社区（{named.zh}）",
            )
    for one in asked:
        inside = {*one.blocks}
        if one.form == "keep":
            kept = label[one.communities[0]]
            for i, root in sorted(group.items()):
                if i not in inside and (
                    kept in place.get(root, ()) or any(group[j] == root for j in inside & {*group})
                ):
                    yield Message(
                        f"block {ids[i]} would come to {name_of[kept]}, which is to stay as it is",
                        f"地块 {ids[i]} 将并入须保持不变的{name_of[kept]}",
                    )
        if one.form == "apart":
            for i, j in combinations(one.blocks, 2):
                if group[i] == group[j] or place.get(group[i], {-1}) & place.get(group[j], {-2}):
                    yield Message(
                        f"blocks {ids[i]} and {ids[j]} are to lie together and apart",
                        f"地块 {ids[i]} 与 {ids[j]} 既要同属又要分属社区",
                    )


def count_change(one: Asked) -> int:
    """Give by how much a pin changes the number of communities of its area."""
    return {"merge": -1, "split": one.into - 1}.get(one.form, 0)


def _miscounts(held: int, allowed: Sequence[int], some: Sequence[Asked]) -> bool:
    return held + sum(map(count_change, some)) not in allowed


def find_miscount(basis: Basis, asked: Sequence[Asked]) -> Clash | None:
    """Check that mergers and splits leave each area a number of communities that it may have."""
    for number, area in enumerate(basis.problem.areas):
        own = [one for one in asked if one.is_structural and basis.area_of_community(one.communities[0]) == number]
        n_before = len({*basis.before.of_block[list(area.blocks)].tolist()})
        allowed = [option.n_communities for option in area.options]
        n_after = n_before + sum(map(count_change, own))
        if not own or n_after in allowed:
            continue
        sign = -1 if n_after < allowed[0] else 1
        surplus = [one for one in own if count_change(one) * sign > 0]
        others = [one for one in own if one not in surplus]

        held = n_before + sum(map(count_change, others))
        core = shrink(surplus, partial(_miscounts, held, allowed))
        least, most = allowed[0], allowed[-1]
        limits = f"{least}" if least == most else f"{least}-{most}"
        why = Message(
            f"{area.name} would have {n_after} communities, and {limits} are allowed; change communities.count, or "
            "merge and split as many",
            f"{area.name}将有 {n_after} 个社区，而允许 {limits} 个；请修改 communities.count，或使合并与拆分数目相抵",
        )
        return Clash(tuple(core), say_core([one.name for one in core], why))
    return None
