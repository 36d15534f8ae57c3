"""Messages for people: every sentence a planner sees, in English and in Chinese."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

Language = Literal["zh", "en", "both"]


class Message(NamedTuple):
    """One sentence in both languages; values (names, numbers) stand in both alike."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def in_language(self, language: Language) -> str:
        """Give the sentence in `language`; `both` puts the Chinese first."""
        if language == "both":
            return self.en if self.en == self.zh else f"{self.zh} {self.en}"
        return self.zh if language == "zh" else self.en


QUANTITY_WORDS = {"households": Message("households", "户数"), "people": Message("people", "人口")}
"""The quantities a community is balanced in, as words."""


def name_some(ids: Sequence[object], *, limit: int = 5) -> Message:
    """Name the first few of `ids` and count the rest: ``a, b, c and 7 more``."""
    shown = [str(i) for i in ids[:limit]]
    rest = len(ids) - limit
    if rest <= 0:
        return Message(", ".join(shown), "、".join(shown))
    return Message(f"{', '.join(shown)} and {rest} more", f"{'、'.join(shown)} 等共 {len(ids)} 个")


def find_nearest(word: str, words: Sequence[str]) -> str | None:
    """Give the one of `words` that `word` is probably a slip for; none where nothing is near."""
    near = get_close_matches(word, words, n=1)
    return near[0] if near else None
