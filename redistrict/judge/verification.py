"""Verification: what the judge found."""

from collections.abc import Sequence
from dataclasses import dataclass

from redistrict.messages import Message

MOST_SHOWN, MOST_SAID = 200, 2000
"""Letters of a value and of a sentence; a value may be a whole file."""
MOST_NAMED = 50
"""Files that are named one by one; whoever wants to hide one may put ten thousand there."""


@dataclass(frozen=True)
class Violation:
    """One broken rule.

    Attributes
    ----------
    rule : str
        The rule's key: `coverage`, `contiguity`, `district`, `households`, `people`, `count`, `change`, `locked`,
        `never`, `extent`, `compactness`, `enclave`, `neck`, `site`, `max_moved_share`, `outline`, `report`,
        `files`, `grids`, `scenario`, `manifest`, `signature`, `runs`, `remade`, `pins`, `sweep`.
    community : str or None
        Community id, or none when the rule speaks of the plan as a whole.
    blocks : tuple of str
        The blocks concerned.
    found, allowed : str
        What was found and what the scenario allows, as short text with units; what is long is cut in the middle.
    message : Message
        The whole sentence for people; cut likewise.
    """

    rule: str
    community: str | None
    blocks: tuple[str, ...]
    found: str
    allowed: str
    message: Message

    def __post_init__(self) -> None:
        """Cut what is too long to be read."""
        object.__setattr__(self, "found", _cut(self.found, MOST_SHOWN))
        object.__setattr__(self, "allowed", _cut(self.allowed, MOST_SHOWN))
        object.__setattr__(self, "message", Message(*(_cut(text, MOST_SAID) for text in self.message)))


@dataclass(frozen=True)
class Verification:
    """The judge's verdict on one plan: `ok` is "no violations".

    Attributes
    ----------
    violations : tuple of Violation
    notes : tuple of Message
        What the judge saw on the ground that breaks no rule.
    exceptions : tuple of str
        Communities outside the bounds that pass, because the scenario frees some and the report names them.
    not_checked : tuple of Message
        What the folder says or holds that nothing was found to check by.
    not_compared : tuple of str
        Files that are not as made again, perhaps because other programs made them; named in `not_checked` as well.
    """

    violations: tuple[Violation, ...]
    notes: tuple[Message, ...] = ()
    exceptions: tuple[str, ...] = ()
    not_checked: tuple[Message, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """No rule is broken."""
        return not self.violations

    def __add__(self, more: "Verification") -> "Verification":
        """Put what another look at the same plan found after this."""
        return Verification(
            (*self.violations, *more.violations),
            (*self.notes, *more.notes),
            (*self.exceptions, *more.exceptions),
            (*self.not_checked, *more.not_checked),
            (*self.not_compared, *more.not_compared),
        )


def name_first(violations: Sequence[Violation]) -> tuple[Violation, ...]:
    """Give the first fifty of many that one rule found, and how many more there are."""
    if (rest := len(violations) - MOST_NAMED) <= 0:
        return tuple(violations)
    message = Message(f"There are {rest:,} more of these.", f"此类问题另有 {rest:,} 处。")
    more = Violation(violations[0].rule, None, (), f"{rest:,} more", "none", message)
    return (*violations[:MOST_NAMED], more)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def disagree(rule: str, file: str, what: str, community: str | None, found: object, allowed: object) -> Violation:
    """Say that a file says something else than plan and data give."""
    where = "" if community is None else f" of community {community}"
    where_zh = "" if community is None else f"社区 {community} 的 "
    message = Message(
        f"{file}: {what}{where} is {found}; the plan and the data give {allowed}.",
        f"{file}：{where_zh}{what} 为 {found}，而按方案与数据应为 {allowed}。",
    )
    return Violation(rule, community, (), str(found), str(allowed), message)
