"""Names alike: those that a reader takes for one and a computer for several."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from redistrict.messages import Message, name_some

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def find_alike(names: Iterable[str], fold: Callable[[str], str]) -> list[list[tuple[str, int]]]:
    """Give the names that are one when folded, and how often each stands.

    Returns
    -------
    list of groups of (name, count)
        Sorted; each of two names or more.
    """
    groups = defaultdict(list)
    for name, n in sorted(Counter(name for name in names if name).items()):
        groups[fold(name)].append((name, n))
    return [group for group in groups.values() if len(group) > 1]


def fold(name: str) -> str:
    """Give a name as a hasty reader takes it: one width (NFKC), small letters, without blanks and what is not seen."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one for one in plain if not _is_unseen(one) and not one.isspace())


def fold_unseen(name: str) -> str:
    """Give a name as it looks: one width, blanks alike, without what is not seen."""
    plain = "".join(one for one in name.translate(_FULL_WIDTH) if one.isspace() or not _is_unseen(one))
    return " ".join(plain.split())


def _is_unseen(one: str) -> bool:
    """Whether it is a mark of control or format; rare characters that a font may have for itself are seen."""
    return unicodedata.category(one) in {"Cc", "Cf"}


def refuse_alike(names: Sequence[str], where: str, problems: list[Message], notes: list[Message]) -> None:
    """Refuse names that look the same, and note those that a hasty reader takes for one."""
    found = say_alike(names, where, fold=fold_unseen)
    problems += found
    notes += [] if found else say_alike(names, where)


def say_alike(
    names: Iterable[str], where: str, *, known: Collection[str] = (), fold: Callable[[str], str] = fold
) -> list[Message]:
    """Name the groups that look like one name each, with advice; not those whose names are all `known`."""
    groups = [group for group in find_alike(names, fold) if not all(name in known for name, _ in group)]
    if not groups:
        return []
    named = name_some([" = ".join(f"'{show(name)}' ({n})" for name, n in group) for group in groups], limit=3)
    return [
        Message(
            f"{where}: these look like one name, written differently (width, case, blanks, invisible characters): "
            f"{named.en}; write them alike, or tell them apart clearly.",
            f"{where}：以下名称看似相同而写法不同（全角半角、大小写、空格、不可见字符）：{named.zh}；"
            "请统一写法，或明确区分。",
        )
    ]


def show(name: str) -> str:
    r"""Give a name with what cannot be seen in it written out, as ``\u200b``."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in name)
