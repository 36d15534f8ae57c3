"""Names alike: those that a reader takes for one and a computer for several."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from redistrict.messages import Message, name_some


def find_alike(names: Iterable[str]) -> list[list[tuple[str, int]]]:
    """Give the names that differ in width, case, blanks or invisible characters only, and how often each stands.

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
    """Give a name as the eye sees it: one width (NFKC), small letters, without blanks and invisible characters."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one for one in plain if unicodedata.category(one)[0] not in "CZ")


def say_alike(names: Iterable[str], where: str, *, known: Collection[str] = ()) -> list[Message]:
    """Name the groups that look like one name each, with advice; not those whose names are all `known`."""
    groups = [group for group in find_alike(names) if not all(name in known for name, _ in group)]
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
