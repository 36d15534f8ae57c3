"""The question: whether a result answers the scenario that was approved, or one of its own."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message, name_some
from redistrict.scenario.models import Scenario

HOW = ("solve.", "output.")
"""Keys that say how to search and how to write, not what is asked."""
ASKED = ("output.boundary", "output.tiles")
"""But where boundaries run is asked, and from whose server the map may load pictures."""

OWN = Message(
    "Judged by the scenario in the folder itself: whoever changed the plan could have changed the question, too. Give "
    "the approved one by --scenario.",
    "按成果文件夹中自带的方案文件核验：改动成果的人也可能改动了方案文件。请用 --scenario 指定经批准的方案文件。",
)

GRIDS = Message(
    "The scenario given says nothing of grids: they are judged by the section in the folder itself.",
    "指定的方案文件没有 grids 一节：网格按成果文件夹中自带的一节核验。",
)


def as_approved(own: Scenario, approved: Scenario | None) -> Scenario:
    """Give the scenario to judge a result by: the approved one, with the grids that the finished result was given.

    Grids divide communities and change none of them, so they may be asked for after the plan was approved.
    """
    if approved is None or not _are_grids_later(own, approved):
        return approved or own
    return approved.model_copy(update={"grids": own.grids})


def _are_grids_later(own: Scenario, approved: Scenario) -> bool:
    return approved.grids is None and own.grids is not None


def judge_question(own: Scenario, approved: Scenario | None) -> Verification:
    """Name every key in which the scenario of a result differs from the approved one; none given is noted.

    Where the data lie may differ, as what they are is judged by the manifest.
    """
    if approved is None:
        return Verification((), (OWN,))
    found, right = flat(own.model_dump()), flat(as_approved(own, approved).model_dump())
    differ = sorted(key for key in found.keys() | right.keys() if found.get(key) != right.get(key))
    how = [key for key in differ if key.startswith(HOW) and key not in ASKED]
    asked = [key for key in differ if key not in how]
    return Verification(
        tuple(_differs(key, found.get(key), right.get(key)) for key in asked),
        (*_searched_otherwise(how), *((GRIDS,) if _are_grids_later(own, approved) else ())),
    )


def flat(value: Any, key: str = "") -> dict[str, str]:
    """Give every leaf by its key with dots; of a path only the name of the file."""
    if isinstance(value, dict):
        return {leaf: text for name, item in value.items() for leaf, text in flat(item, f"{key}.{name}").items()}
    if isinstance(value, list | tuple):
        return {leaf: text for n, item in enumerate(value) for leaf, text in flat(item, f"{key}[{n}]").items()}
    is_file = isinstance(value, PurePath) or (key.startswith(".standards.rules") and isinstance(value, str))
    return {key.removeprefix("."): PurePath(value).name if is_file else str(value)}


def _differs(key: str, found: str | None, right: str | None) -> Violation:
    message = Message(
        f"scenario.yaml: {key} is {found or 'not given'}; the scenario given says {right or 'nothing'}.",
        f"scenario.yaml：{key} 为 {found or '未给出'}，而指定的方案文件为 {right or '未给出'}。",
    )
    return Violation("scenario", None, (), f"{key} = {found}", f"{right}", message)


def _searched_otherwise(keys: list[str]) -> Iterator[Message]:
    if keys:
        some = name_some(keys)
        yield Message(
            f"Searched or written otherwise than the scenario given says, which changes no rule: {some.en}",
            f"搜索或输出设置与指定的方案文件不同（不影响规则）：{some.zh}",
        )
