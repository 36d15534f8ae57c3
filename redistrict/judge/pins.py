"""Pins: whether a healed plan keeps to what planners asked of the plan before, and `changes.csv` is the difference.

All is looked up in the delivered folder itself; that its blocks and names are those of the data is judged elsewhere.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyogrio.errors import DataLayerError, DataSourceError

from redistrict.errors import RedistrictError
from redistrict.judge.reading import list_result_layers, read_result_layer, read_result_table
from redistrict.judge.told import read_json
from redistrict.judge.verification import Verification, Violation, disagree
from redistrict.messages import Message, name_some
from redistrict.scenario.pins import Pin, load_pins

FOLDER = "healed"
BESIDES = ("balance or contiguity", "规模或连通")
_NOT_REPEATED = Message(
    "what healed/heal.json says is proved (that no plan keeping to the pins moves fewer residents): not repeated",
    "healed/heal.json 所称已证明的内容（没有变动居民更少且满足各条要求的方案）：不重复证明",
)
_NOT_KNOWN = Message(
    "that healed/plan_before.csv is the plan that was delivered before, and healed/pins.yaml what was asked, and who "
    "asked it",
    "healed/plan_before.csv 确为此前交付的方案；healed/pins.yaml 确为当时所提要求及其提出者",
)
_MINUTES = Message("what healed/minutes.csv says of the review", "healed/minutes.csv 所记的会商过程")


@dataclass(frozen=True, eq=False)
class _Healed:
    """What a folder says.

    Attributes
    ----------
    before, after : dict of str to str
        Key of each block's community in the plan before, and in the plan.
    names, names_after : dict of str to str
        Name of each community of the plan before, and of the plan.
    blocks : DataFrame
        Name, today's community and counts, by the key of the block.
    today : dict of str to str
        Name of each community of today.
    """

    before: dict[str, str]
    after: dict[str, str]
    names: dict[str, str]
    names_after: dict[str, str]
    blocks: pd.DataFrame
    today: dict[str, str]
    changes: pd.DataFrame
    claims: dict[str, Any]
    moved: dict[str, Any]
    sha256: str
    pins: tuple[Pin, ...]

    @property
    def residents(self) -> "pd.Series[int]":
        """People of each block, or its households where there are none."""
        return self.blocks["people" if "people" in self.blocks else "households"]


def judge_healed(folder: Path) -> Verification:
    """Judge the folder `healed` of a result; without one there is nothing to judge.

    Returns
    -------
    Verification
        Violations of `pins`.
    """
    if not (folder / FOLDER).exists():
        return Verification(())
    try:
        healed = _read(folder)
    except (OSError, ValueError, KeyError, TypeError, DataSourceError, DataLayerError, RedistrictError) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return Verification((disagree("pins", FOLDER, "its files", None, said, "a plan before, pins and changes"),))
    if healed.before.keys() != healed.after.keys() or {*healed.after} != {*healed.blocks.index}:
        odd = name_some(sorted({*healed.before} ^ {*healed.after})).en
        return Verification(
            (disagree("pins", "plan_before.csv", "list of blocks", None, odd, "the blocks of plan.csv"),)
        )
    violations = (*_judge_pins(healed), *_judge_changes(healed), *_judge_claims(healed))
    of_review = (_MINUTES,) if (folder / FOLDER / "minutes.csv").exists() else ()
    return Verification(violations, not_checked=(_NOT_REPEATED, _NOT_KNOWN, *of_review))


def _read(folder: Path) -> _Healed:
    place, geopackage = folder / FOLDER, folder / "communities.gpkg"
    before, after = read_result_table(place / "plan_before.csv"), read_result_table(folder / "plan.csv")
    blocks = pd.DataFrame(read_result_layer(geopackage, layer="blocks")).set_index("block_id")
    today: dict[str, str] = {}
    if "communities_today" in list_result_layers(geopackage, layer="communities_today"):
        layer = read_result_layer(geopackage, layer="communities_today")
        today = dict(zip(layer["community_id"], layer["community_name"], strict=True))
    claims = read_json(place / "heal.json")
    return _Healed(
        before=dict(zip(before["block_id"], before["community_id"], strict=True)),
        after=dict(zip(after["block_id"], after["community_id"], strict=True)),
        names=dict(zip(before["community_id"], before["community_name"], strict=True)),
        names_after=dict(zip(after["community_id"], after["community_name"], strict=True)),
        blocks=blocks,
        today=today,
        changes=read_result_table(place / "changes.csv"),
        claims=claims,
        moved=dict(claims["moved"]),
        sha256=hashlib.sha256((place / "plan_before.csv").read_bytes()).hexdigest(),
        pins=load_pins(place / "pins.yaml"),
    )


# --- pins -------------------------------------------------------------------------------------------------


def _judge_pins(healed: _Healed) -> Iterator[Violation]:
    for number, pin in enumerate(healed.pins, start=1):
        wrong = _find_wrong(healed, pin)
        if wrong is not None:
            message = Message(
                f"Pin {number} ({pin.reason}) does not hold: {wrong.en}.",
                f"第 {number} 条要求（{pin.reason}）不成立：{wrong.zh}。",
            )
            yield Violation("pins", None, _blocks_of(healed, pin), f"pin {number} broken", "every pin holds", message)
    asked = {_bearer(healed, _key_of(pin.rename, healed.names)) for pin in healed.pins if pin.rename is not None}
    for key in sorted(healed.names.keys() & healed.names_after.keys() - asked):
        if healed.names[key] != healed.names_after[key]:
            yield disagree("pins", "plan.csv", "name", key, healed.names_after[key], healed.names[key])
    n_before, n_after = len({*healed.before.values()}), len({*healed.after.values()})
    wanted = n_before + sum((pin.into or 1) - 1 - (pin.merge is not None) for pin in healed.pins)
    if n_after != wanted:
        yield disagree("pins", "plan.csv", "number of communities", None, n_after, f"{wanted}, by merge and split")


def _find_wrong(healed: _Healed, pin: Pin) -> Message | None:
    """Say what is wrong with a pin, if anything."""
    own = _blocks_of(healed, pin)
    unknown = sorted({*own} - healed.after.keys())
    if unknown or not own:
        named = name_some(unknown or ["-"])
        return Message(f"there is no {named.en}", f"没有 {named.zh}")
    places = [healed.after[block] for block in own]
    if pin.in_ is not None:
        heirs = _heirs(healed, _key_of(pin.in_, healed.names))
        if not {*places} <= heirs:
            return Message(f"they lie in {name_some(sorted({*places})).en}", f"位于 {name_some(sorted({*places})).zh}")
    elif pin.apart is not None:
        if len({*places}) < len(places):
            return Message("two of them lie in one community", "其中有两个同属一个社区")
    elif pin.keep is not None:
        if len({*places}) > 1 or sum(place == places[0] for place in healed.after.values()) != len(own):
            return Message("it has other blocks now", "其地块有变")
    elif pin.split is not None:
        n = pin.into or 2
        if (n_parts := len(_hold_share(healed, own, n))) < n:
            return Message(
                f"only {n_parts} communities hold half of an even share of its residents",
                f"只有 {n_parts} 个社区含有其居民均分数的一半以上",
            )
    elif pin.merge is not None:
        members = _merged_with(healed, {_key_of(word, healed.names) for word in pin.merge})
        blocks_of = {key: [block for block, was in healed.before.items() if was == key] for key in members}
        if not set.intersection(*(_hold_share(healed, blocks, len(members)) for blocks in blocks_of.values())):
            return Message(
                "no community holds half of an even share of the residents of each",
                "没有一个社区同时含有各社区居民均分数的一半以上",
            )
    elif pin.rename is not None:
        heir = _bearer(healed, _key_of(pin.rename, healed.names))
        bearers = name_some(sorted(key for key, name in healed.names_after.items() if name == pin.to) or ["-"])
        if bearers != name_some([heir]):
            return Message(f"the name is borne by {bearers.en}", f"该名称属于 {bearers.zh}")
    elif len({*places}) > 1:
        return Message(f"they lie in {name_some(sorted({*places})).en}", f"位于 {name_some(sorted({*places})).zh}")
    return None


def _blocks_of(healed: _Healed, pin: Pin) -> tuple[str, ...]:
    """Give the blocks that a pin speaks of."""
    named = pin.blocks or pin.together or pin.apart
    if named is not None:
        return (*named, pin.with_) if pin.with_ is not None else named
    if pin.estate is not None:
        return tuple(healed.blocks.index[healed.blocks["name"] == pin.estate])
    if pin.whole is not None:
        return tuple(healed.blocks.index[healed.blocks["current"] == _key_of(pin.whole, healed.today)])
    keys = {
        _key_of(word, healed.names)
        for word in (pin.keep, pin.split, pin.rename, *(pin.merge or ()))
        if word is not None
    }
    return tuple(block for block, key in healed.before.items() if key in keys)


def _key_of(word: str, names: dict[str, str]) -> str:
    """Give the key of a community that is named by key or name; "" for none."""
    return word if word in names else next((key for key, name in names.items() if name == word), "")


def _heirs(healed: _Healed, key: str) -> set[str]:
    """Give what continues a community of the plan before, and those merged with it: their keys, and who has most."""
    merged = _merged_with(healed, {key})
    return merged | {_main_heir(healed, merged)}


def _merged_with(healed: _Healed, keys: set[str]) -> set[str]:
    """Give some communities of the plan before with all that are merged with them."""
    pairs = [{_key_of(word, healed.names) for word in pin.merge} for pin in healed.pins if pin.merge is not None]
    for _ in pairs:
        keys = keys.union(*(pair for pair in pairs if pair & keys))
    return keys


def _hold_share(healed: _Healed, blocks: Collection[str], n: int) -> set[str]:
    """Give who holds half of an even share (of n) of the residents of blocks; of the blocks if nobody lives there."""
    lived = healed.residents[[*blocks]]
    held = (lived if lived.any() else lived + 1).groupby([healed.after[block] for block in blocks]).sum()
    return {str(key) for key in held.index[held * 2 * n >= held.sum()]}


def _bearer(healed: _Healed, key: str) -> str:
    """Give who bears the key of a community of the plan before, else who has most of its residents."""
    return key if key in healed.names_after else _main_heir(healed, {key})


def _main_heir(healed: _Healed, keys: set[str]) -> str:
    """Give the community that has most residents of some of the plan before; "" for none."""
    own = [block for block, was in healed.before.items() if was in keys]
    by_heir = healed.residents[own].groupby([healed.after[block] for block in own]).sum()
    return str(by_heir.idxmax()) if own else ""


# --- changes ----------------------------------------------------------------------------------------------


def _judge_changes(healed: _Healed) -> Iterator[Violation]:
    """`changes.csv` lists each block whose community differs, with its counts, and no other."""
    counts = [name for name in ("households", "people") if name in healed.blocks]
    columns = ["block_id", "from_id", "to_id", *counts]
    if [*healed.changes.columns] != [*columns, "reason"]:
        yield disagree("pins", "changes.csv", "columns", None, [*healed.changes.columns], [*columns, "reason"])
        return
    sizes = healed.blocks[counts].astype(str)
    wanted = {
        (block, was, healed.after[block], *sizes.loc[block])
        for block, was in healed.before.items()
        if healed.after[block] != was
    }
    given = [tuple(row) for row in healed.changes[columns].itertuples(index=False)]
    odd = sorted({row[0] for row in {*given} ^ wanted}) or sorted({row[0] for row in given if given.count(row) > 1})
    if odd:
        some = name_some(odd)
        message = Message(
            f"healed/changes.csv is not the difference of plan.csv and plan_before.csv in blocks {some.en}.",
            f"healed/changes.csv 与 plan.csv 和 plan_before.csv 的差异不符，地块：{some.zh}。",
        )
        yield Violation("pins", None, tuple(odd), f"{len(odd)} blocks differ", "the difference of the plans", message)
    for block, reason in zip(healed.changes["block_id"], healed.changes["reason"], strict=True):
        pin = _pin_of(healed, reason)
        if reason not in (*BESIDES, " ".join(BESIDES[::-1])) and (pin is None or block not in _blocks_of(healed, pin)):
            yield disagree("pins", "changes.csv", "reason", None, f"{reason} ({block})", "a pin that names the block")


def _pin_of(healed: _Healed, reason: str) -> Pin | None:
    """Give the pin that a reason names by number and words."""
    named = {f"{number}: {pin.reason}": pin for number, pin in enumerate(healed.pins, start=1)}
    return named.get(reason)


def _judge_claims(healed: _Healed) -> Iterator[Violation]:
    """What `heal.json` says of the plan before, the pins and the moves is what the other files say."""
    moved = [block for block, was in healed.before.items() if healed.after[block] != was]
    asked = {*healed.changes["block_id"][[_pin_of(healed, one) is not None for one in healed.changes["reason"]]]}
    by_pins = int(healed.residents[[block for block in moved if block in asked]].sum())
    told = {
        "plan_before_sha256": (healed.claims.get("plan_before_sha256"), healed.sha256),
        "pins": (healed.claims.get("pins"), len(healed.pins)),
        "moved.blocks": (healed.moved.get("blocks"), len(moved)),
        "moved.by_pins": (healed.moved.get("by_pins"), by_pins),
        "moved.besides": (healed.moved.get("besides"), int(healed.residents[moved].sum()) - by_pins),
    }
    for what, (found, right) in told.items():
        if found != right:
            yield disagree("pins", "heal.json", what, None, found, right)
