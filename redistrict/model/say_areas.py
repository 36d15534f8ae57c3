"""What is said of areas: why totals cannot be shared out, and which blocks must stay by themselves."""

from collections.abc import Sequence

from redistrict.messages import NOTHING, Message, join, list_of, name_some, say_amount
from redistrict.model.necessity import Necessity
from redistrict.model.quantities import SITES, quantity_words


def say_too_few(key: str, where: Message, n_parts: int, n: int) -> Message:
    """Say that a unit gets fewer communities than it has parts that do not touch; `key` gives numbers by unit."""
    return Message(
        f"communities.count: {where.en} is in {n_parts} parts that do not touch, but gets {n} "
        f"communities; each part needs one: raise its number in '{key}', or join the parts by links.",
        f"communities.count：{where.zh} 分为 {n_parts} 个互不相连的部分，但只分到 {n} 个社区，每部分至少一个："
        f"请在 {key} 中增加数量，或用 links 连接各部分。",
    )


def say_sums(
    key: str, where: Message, ends: tuple[int, int], given: tuple[int, int], parts: Message, free: Message
) -> Message:
    """Say that the units inside one cannot share the communities it gets.

    Parameters
    ----------
    ends, given : (int, int)
        Fewest and most that the unit gets, and that are asked for inside it by name.
    parts, free : Message
        The units asked for, with their numbers, and those that are not, each of which needs one.
    """
    got, asked = _say_range(*ends), _say_range(*given)
    rest = Message(f", and {free.en} need one each", f"，{free.zh} 各至少一个") if free.en else NOTHING
    return Message(
        f"{key}: {where.en} gets {got} communities, but {asked} are asked for inside it ({parts.en or '-'}){rest.en}; "
        "mend one.",
        f"{key}：{where.zh} 分到 {got} 个社区，但其内要求 {asked} 个（{parts.zh or '—'}）{rest.zh}；请修改其中一处。",
    )


def say_too_many(key: str, n: int, n_blocks: int) -> Message:
    """Say that more communities are asked for than there are blocks."""
    return Message(
        f"{key}: {n:,} communities are asked for, but there are {n_blocks:,} blocks, and each community "
        "needs one; lower the number.",
        f"{key}：要求 {n:,} 个社区，但只有 {n_blocks:,} 个地块，每个社区至少需要一个地块；请减少数量。",
    )


def say_unknown_units(key: str, title: Message, unknown: Sequence[str], known: Sequence[str]) -> Message:
    """Say which districts, or units of a level, the data do not have, and which they have."""
    listed, named = name_some(known, limit=20), name_some(unknown)
    return Message(
        f"{key}: there is no {title.en} {named.en}; the data have: {listed.en}.",
        f"{key}：没有名为 {named.zh} 的{title.zh}；数据中有：{listed.zh}。",
    )


def say_cannot_fit(
    name: Message, ids: Sequence[str], sums: Sequence[Message], fitting: Sequence[int], *, tolerance_helps: bool
) -> Message:
    """Say with the sums why no allowed number of communities fits, and what would.

    Parameters
    ----------
    name : Message
        The district, or hard unit, it is.
    ids : sequence of str
        Keys of the blocks of the area.
    sums : sequence of Message
        What does not add up, as `say_sites` and `say_sum` put it.
    fitting : sequence of int
        Numbers of communities that would fit.
    tolerance_helps : bool
        A tolerance below 1 would be wide enough.
    """
    where, why = name_some(ids, limit=3), join([*sums, _say_fitting(fitting, tolerance_helps)], mark=";")
    return Message(
        f"{name.en[:1].upper()}{name.en[1:]} ({len(ids)} blocks: {where.en}) cannot meet the bounds: {why.en}.",
        f"{name.zh}（{len(ids)} 个地块：{where.zh}）无法满足规模限制：{why.zh}。",
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


def _say_fitting(fitting: Sequence[int], tolerance_helps: bool) -> Message:
    """Say which numbers of communities would fit, or what to do where none does."""
    if fitting:
        return Message("numbers that fit: ", "可行的社区数：") + list_of(fitting[:8])
    widen = (
        Message("widen 'communities.tolerance', or ", "请放宽 communities.tolerance，或")
        if tolerance_helps
        else NOTHING
    )
    return Message(
        f"no number fits: {widen.en}use 'around: means' or 'exceptions: nearest'",
        f"没有可行的社区数：{widen.zh or '请'}使用 around: means、exceptions: nearest",
    )


def say_alone(district: str, ids: Sequence[str], sums: Sequence[Message], why: Message) -> Message:
    """Say which blocks are a community of their own, how much they hold, and why."""
    named, held = name_some(ids), join(sums)
    return Message(
        f"{district}: {len(ids)} blocks ({named.en}; {held.en}) are a community of their own: {why.en}.",
        f"{district}：{len(ids)} 个地块（{named.zh}；{held.zh}）单独成为一个社区：{why.zh}。",
    )


def say_refused(unit: str, ids: Sequence[str], sums: Sequence[Message]) -> Message:
    """Say that a unit, or a part of one, is too small for a community, and what can be chosen instead."""
    named, held = name_some(ids), join(sums)
    return Message(
        f"levels.pieces: refuse: {unit}: {len(ids)} blocks ({named.en}; {held.en}) are too small for a community; "
        "write own (one of their own) or join (to a neighbour), add a link, or widen the bounds.",
        f"levels.pieces: refuse：{unit}：{len(ids)} 个地块（{named.zh}；{held.zh}）规模不足一个社区；"
        "请改写 own（单独成社区）或 join（并入相邻单位），或添加 links，或放宽规模限制。",
    )


def say_exception(
    area: str, ids: Sequence[str], amounts: Sequence[tuple[str, int, int, int]], necessity: Necessity
) -> Message:
    """Say which community lies outside the bounds, by how much, and whether that is proved to be least.

    Parameters
    ----------
    ids : sequence of str
        Keys of its blocks.
    amounts : sequence of (quantity, held, lower, upper)
        Of each quantity outside its bounds.
    """
    named = name_some(ids, limit=3)
    held = join(_say_outside(*amount) for amount in amounts)
    proved = {
        Necessity.LEAST: Message(
            "proved: no plan has fewer such communities, or as many by less",
            "已证明：没有方案能使超限社区更少，或数量相同而超出更少",
        ),
        Necessity.NEEDED: Message(
            "proved: no plan is inside the bounds; that none comes nearer is not proved",
            "已证明：没有方案能全部满足限制；未证明这是最接近的方案",
        ),
        Necessity.UNPROVED: Message(
            "the nearest plan found; that none is inside the bounds is not proved",
            "这是找到的最接近的方案；未证明不存在满足限制的方案",
        ),
    }[necessity]
    return Message(
        f"{area}: the community of {len(ids)} blocks ({named.en}) lies outside the bounds: {held.en} ({proved.en}).",
        f"{area}：由 {len(ids)} 个地块（{named.zh}）组成的社区超出规模限制：{held.zh}（{proved.zh}）。",
    )


def _say_outside(quantity: str, held: int, lower: int, upper: int) -> Message:
    amount = say_amount(held, quantity_words(quantity))
    if quantity == SITES:
        return amount
    by = lower - held if held < lower else held - upper
    ends = f"{lower:,}-{upper:,}"
    return Message(
        f"{amount.en}, {by:,} too {'few' if held < lower else 'many'} ({ends} allowed)",
        f"{amount.zh}，{'少' if held < lower else '多'} {by:,}（允许 {ends}）",
    )
