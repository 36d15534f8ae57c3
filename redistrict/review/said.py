"""Said: pins and events in words, communities by name and key."""

from collections.abc import Iterable, Mapping

from redistrict.messages import Message, list_of, name_some
from redistrict.review.desk import Desk
from redistrict.review.state import Event
from redistrict.scenario.pins import Pin, read_pin

Names = Mapping[str, str]
_BEFORE_THE_END = Message(" (before the search had ended)", "（搜索尚未结束）")


def name_all(desk: Desk, events: Iterable[Event]) -> Names:
    """Give the names of the result's communities, and of those that accepted repairs made, by key."""
    names = dict(zip(desk.basis.before.ids, desk.basis.before.names, strict=True))
    for event in events:
        if event.kind == "accept":
            names |= {key: name for key, name in event.body["names"].items() if key not in names}
    return names


def _call(word: str, names: Names) -> str:
    """Give name and key of a community."""
    name = names.get(word, word)
    return name if name == word else f"{name} ({word})"


def say_pin(pin: Pin, names: Names) -> Message:
    """Say what a pin asks."""
    blocks = name_some(list(pin.blocks or pin.together or pin.apart or ()))
    place = _call(pin.in_ or pin.keep or pin.split or pin.rename or "", names)
    match pin.form:
        case "in":
            return Message(f"{blocks.en} in {place}", f"{blocks.zh} 归入 {place}")
        case "with":
            return Message(f"{blocks.en} with block {pin.with_}", f"{blocks.zh} 与地块 {pin.with_} 同属")
        case "together":
            return Message(f"{blocks.en} together", f"{blocks.zh} 同属一个社区")
        case "apart":
            return Message(f"{blocks.en} apart", f"{blocks.zh} 分属不同社区")
        case "keep":
            return Message(f"{place} stays as it is", f"{place} 保持不变")
        case "whole":
            return Message(f"{pin.whole} of today in one community", f"现有社区 {pin.whole} 不拆分")
        case "merge":
            named = list_of(_call(word, names) for word in pin.merge or ())
            return Message(f"merge {named.en}", f"合并 {named.zh}")
        case "split":
            return Message(f"split {place} in {pin.into}", f"{place} 拆分为 {pin.into} 个")
        case "rename":
            return Message(f"{place} is called {pin.to}", f"{place} 更名为 {pin.to}")
    return Message(f"all blocks called {pin.estate} together", f"名为 {pin.estate} 的地块不拆分")


def say_event(event: Event, names: Names) -> Message:
    """Say what somebody did."""
    body = event.body
    match event.kind:
        case "paint":
            n = _count_blocks(len(body["blocks"]))
            place = _call(body["community"], names)
            said = Message(f"{n.en} to {place}", f"{n.zh}划入 {place}")
            return said if not body["reason"] else said + Message(f" ({body['reason']})", f"（{body['reason']}）")
        case "pin":
            reason = body["pin"]["reason"]
            return say_pin(read_pin(body["pin"]), names) + Message(f" ({reason})", f"（{reason}）")
        case "drop":
            return Message(f"takes back what event {body['pin']} asked", f"撤回第 {body['pin']} 项的要求")
        case "undo":
            return Message("undoes the last change", "撤销上一步")
        case "redo":
            return Message("redoes what was undone", "重做")
        case "accept":
            n = _count_blocks(len(body["moves"]))
            said = Message(f"accepts the repair: {n.en} moved in all", f"采纳修复方案：共变动 {n.zh}")
            return said + _BEFORE_THE_END if "exactly" in body else said
        case "comment":
            on = body["on"]
            place = on["block"] if "block" in on else _call(on["community"], names)
            return Message(f"on {place}: {body['text']}", f"就 {place} 批注：{body['text']}")
        case "settle":
            opens, zh = ("opens", "重新打开") if body["is_open"] else ("settles", "办结")
            return Message(f"{opens} comment {body['comment']}", f"{zh}第 {body['comment']} 项批注")
        case "version":
            return Message(f"names this version {body['name']}", f"将当前版本命名为“{body['name']}”")
    return Message(f"goes back to version {body['version']}", f"恢复版本“{body['version']}”")


def _count_blocks(n: int) -> Message:
    return Message(f"{n:,} block{'' if n == 1 else 's'}", f"{n:,} 个地块")
