"""Blocks and communities by the keys and names that planners write; what is unknown is said, with what is near."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from redistrict.geo.blocks import Blocks
from redistrict.geo.current import CurrentPlan
from redistrict.messages import Message, name_some
from redistrict.scenario.explain import suggest_word


def name_pin(number: int, reason: str) -> Message:
    """Give number and reason of a pin, as messages name it."""
    return Message(f"pin {number} ({reason})", f"第 {number} 条（{reason}）")


def find_blocks(ids: tuple[str, ...], keys: Sequence[str], found: list[Message]) -> Iterator[int]:
    """Give the positions of blocks by key; what is unknown or named twice is added to `found`."""
    place = _number(ids)
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        named = name_some(twice)
        found.append(Message(f"named twice: {named.en}", f"重复出现：{named.zh}"))
    for key in dict.fromkeys(keys):
        if key in place:
            yield place[key]
        else:
            found.append(Message(f"there is no block {key}", f"没有地块 {key}") + suggest_word(key, ids))


@lru_cache(maxsize=4)
def _number(ids: tuple[str, ...]) -> Mapping[str, int]:
    """Give the position of each key; a review looks up hundreds of pins for every edit."""
    return {key: i for i, key in enumerate(ids)}


def find_community(
    word: str, ids: Sequence[str], names: Sequence[str], what: Message, found: list[Message]
) -> list[int]:
    """Find a community by key, else by name; none is given where none, or more than one, is meant."""
    named = [ids.index(word)] if word in ids else [c for c, name in enumerate(names) if name == word]
    if len(named) == 1:
        return named
    if named:
        keys = name_some([ids[c] for c in named])
        found.append(Message(f"{word} is the name of {keys.en}; give the key", f"{word} 同名的有 {keys.zh}，请写编号"))
    else:
        close = suggest_word(word, [*ids, *names])
        found.append(Message(f"there is no {what.en} {word}", f"没有{what.zh} {word}") + close)
    return []


def blocks_of_today(current: CurrentPlan | None, word: str, found: list[Message]) -> list[int]:
    """Give the blocks of a community of today, by key or name."""
    if current is None:
        found.append(Message("the data know no communities of today", "数据中没有现有社区"))
        return []
    today = Message("community of today", "现有社区")
    return [
        i for c in find_community(word, current.ids, current.names, today, found) for i in current.blocks_of(c).tolist()
    ]


def blocks_of_estate(blocks: Blocks, word: str, found: list[Message]) -> list[int]:
    """Give the blocks that bear a name."""
    names = blocks.frame["name"].tolist()
    own = [i for i, name in enumerate(names) if name == word]
    if not own:
        close = suggest_word(word, sorted(set(names)))
        found.append(Message(f"no block bears the name {word}", f"没有名为 {word} 的地块") + close)
    return own
