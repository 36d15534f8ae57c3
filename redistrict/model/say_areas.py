"""What is said of areas: why totals cannot be shared out, and which blocks must stay by themselves."""

from collections.abc import Sequence

from redistrict.messages import Message, join, list_of, name_some, say_amount
from redistrict.model.quantities import SITES, quantity_words


def say_too_few(district: str, n_parts: int, n: int) -> Message:
    """Say that a district gets fewer communities than it has parts that do not touch."""
    return Message(
        f"communities.count: district {district} is in {n_parts} parts that do not touch, but gets {n} "
        "communities; each part needs one: raise its number in 'count_by_district', or join the parts by links.",
        f"communities.count：{district} 分为 {n_parts} 个互不相连的部分，但只分到 {n} 个社区，每部分至少一个："
        "请在 count_by_district 中增加数量，或用 links 连接各部分。",
    )


def say_unknown_districts(unknown: Sequence[str], known: Sequence[str]) -> Message:
    """Say which districts the data do not have, and which they have."""
    listed, named = name_some(known, limit=20), name_some(unknown)
    return Message(
        f"communities.count_by_district: there is no district {named.en}; the data have: {listed.en}.",
        f"communities.count_by_district：没有名为 {named.zh} 的区；数据中有：{listed.zh}。",
    )


def say_cannot_fit(district: str, ids: Sequence[str], sums: Sequence[Message], fitting: Sequence[int]) -> Message:
    """Say with the sums why no allowed number of communities fits, and what would.

    Parameters
    ----------
    ids : sequence of str
        Keys of the blocks of the area.
    sums : sequence of Message
        What does not add up, as `say_sites` and `say_sum` put it.
    fitting : sequence of int
        Numbers of communities that would fit.
    """
    where, why = name_some(ids, limit=3), join([*sums, _say_fitting(fitting)], mark=";")
    return Message(
        f"District {district} ({len(ids)} blocks: {where.en}) cannot meet the bounds: {why.en}.",
        f"{district}（{len(ids)} 个地块：{where.zh}）无法满足规模限制：{why.zh}。",
    )


def say_sites(n_sites: int, low: int, high: int) -> Message:
    """Say that there are fewer sites than communities that each need one."""
    words, asked = quantity_words(SITES), _say_range(low, high)
    return Message(
        f"{n_sites:,} {words.en} for {asked} communities that each need one",
        f"{asked} 个社区各需一处{words.zh}，只有 {n_sites:,} 处",
    )


def say_sum(total: int, words: Message, asked: tuple[int, int], bounds: tuple[int, int]) -> Message:
    """Set what there is of a quantity against what the asked numbers of communities can hold."""
    (low, high), (lower, upper) = asked, bounds
    n = _say_range(low, high)
    return join(
        [
            say_amount(total, words),
            Message(
                f"{n} communities of {lower:,}-{upper:,} hold {low * lower:,}-{high * upper:,}",
                f"{n} 个社区（每个 {lower:,}–{upper:,}）共可容纳 {low * lower:,}–{high * upper:,}",
            ),
        ]
    )


def _say_range(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}-{high}"


def _say_fitting(fitting: Sequence[int]) -> Message:
    """Say which numbers of communities would fit, or what to do where none does."""
    if fitting:
        return Message("numbers that fit: ", "可行的社区数：") + list_of(fitting[:8])
    return Message(
        "no number fits both: widen 'communities.tolerance', or use 'around: means' or 'exceptions: widen'",
        "没有可行的社区数：请放宽 communities.tolerance，或使用 around: means、exceptions: widen",
    )


def say_alone(district: str, ids: Sequence[str], sums: Sequence[Message], why: Message) -> Message:
    """Say which blocks are a community of their own, how much they hold, and why."""
    named, held = name_some(ids), join(sums)
    return Message(
        f"{district}: {len(ids)} blocks ({named.en}; {held.en}) are a community of their own: {why.en}.",
        f"{district}：{len(ids)} 个地块（{named.zh}；{held.zh}）单独成为一个社区：{why.zh}。",
    )
