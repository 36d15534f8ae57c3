"""Verification: what the judge found."""

from dataclasses import dataclass

from redistrict.messages import Message


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
        What was found and what the scenario allows, as short text with units.
    message : Message
        The whole sentence for people.
    """

    rule: str
    community: str | None
    blocks: tuple[str, ...]
    found: str
    allowed: str
    message: Message


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


def disagree(rule: str, file: str, what: str, community: str | None, found: object, allowed: object) -> Violation:
    """Say that a file says something else than plan and data give."""
    where = "" if community is None else f" of community {community}"
    where_zh = "" if community is None else f"社区 {community} 的 "
    message = Message(
        f"{file}: {what}{where} is {found}; the plan and the data give {allowed}.",
        f"{file}：{where_zh}{what} 为 {found}，而按方案与数据应为 {allowed}。",
    )
    return Violation(rule, community, (), str(found), str(allowed), message)
