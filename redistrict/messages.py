"""Messages for people: every sentence a planner sees, in English and in Chinese."""

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Literal, NamedTuple

from redistrict.block_term import BlockTerm, put_term

Language = Literal["zh", "en", "both"]

_CALLED: ContextVar[tuple[BlockTerm, tuple[str, ...]]] = ContextVar("_CALLED", default=("block", ()))


def call_blocks(term: BlockTerm, kept: Sequence[str] = ()) -> None:
    """Let messages that are read from here on, in this context, call blocks by `term`, but for texts to be `kept`."""
    _CALLED.set((term, tuple(kept)))


class _Pair(NamedTuple):
    written_en: str
    written_zh: str


class Message(_Pair):
    """One sentence in both languages; values (names, numbers) stand in both alike.

    It is kept as it was written, and read with the word for blocks that is in force (`call_blocks`).
    """

    __slots__ = ()

    def __new__(cls, en: str, zh: str) -> "Message":
        """Keep a sentence as it is written."""
        return super().__new__(cls, en, zh)

    @property
    def en(self) -> str:
        """The sentence in English."""
        return put_term(*self, *_CALLED.get())[0]

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return put_term(*self, *_CALLED.get())[1]

    def _asdict(self) -> dict[str, str]:
        """Give the sentence in each language, as JSON holds it."""
        return {"en": self.en, "zh": self.zh}

    def __str__(self) -> str:
        return self.en

    def __add__(self, more: "Message") -> "Message":  # type: ignore[override]
        """Put `more` right after it, in each language."""
        return Message(self.en + more.en, self.zh + more.zh)

    def in_language(self, language: Language) -> str:
        """Give the sentence in `language`; `both` puts the Chinese first."""
        if language == "both":
            return self.en if self.en == self.zh else f"{self.zh} {self.en}"
        return self.zh if language == "zh" else self.en


QUANTITY_WORDS = {"households": Message("households", "户数"), "people": Message("people", "人口")}
"""The quantities a community is balanced in, as words."""

QUANTITY_UNITS = {"households": Message("households", "户"), "people": Message("people", "人")}
"""The same, as units after a number."""

CLASS_WORDS = {
    "motorway": Message("motorway", "高速公路"),
    "trunk": Message("trunk road", "快速路"),
    "primary": Message("primary road", "主干道"),
    "secondary": Message("secondary road", "次干道"),
    "tertiary": Message("tertiary road", "支路"),
    "residential": Message("residential street", "街坊路"),
    "rail": Message("railway", "铁路"),
    "river": Message("river or lake", "水域"),
    "lake": Message("lake", "湖泊"),
    "hill": Message("hill", "山体"),
}
"""The usual words for classes of roads and barriers; other classes go by what the scenario calls them."""

NOTHING = Message("", "")


def plain(text: object) -> Message:
    """Give a name or a number, which is the same in both languages."""
    return Message(f"{text}", f"{text}")


def under(key: str) -> Message:
    """Give the key of the scenario that a sentence is about, to stand before it."""
    return Message(f"{key}: ", f"{key}：")


def join(parts: Iterable[Message], *, mark: Literal[",", ";"] = ",") -> Message:
    """Put clauses into one sentence, with a comma or a semicolon between them."""
    both = list(parts)
    return Message(f"{mark} ".join(p.en for p in both), {",": "，", ";": "；"}[mark].join(p.zh for p in both))


def list_of(items: Iterable[object]) -> Message:
    """List things in one sentence; what is no message is the same in both languages."""
    both = [item if isinstance(item, Message) else plain(item) for item in items]
    return Message(", ".join(item.en for item in both), "、".join(item.zh for item in both))


def say_amount(n: int, words: Message) -> Message:
    """Say how many there are of something: ``1,200 households``, ``户数 1,200``."""
    return Message(f"{n:,} {words.en}", f"{words.zh} {n:,}")


def count_of(n: int, unit: Message) -> Message:
    """Give a number with its unit: ``1,200 households``, ``1,200 户``."""
    return Message(f"{n:,} {unit.en}", f"{n:,} {unit.zh}")


def name_some(ids: Sequence[object], *, limit: int = 5) -> Message:
    """Name the first few of `ids` and count the rest: ``a, b, c and 7 more``."""
    shown, rest = list_of(ids[:limit]), len(ids) - limit
    return shown if rest <= 0 else shown + Message(f" and {rest} more", f" 等共 {len(ids)} 个")


def find_nearest(word: str, words: Sequence[str]) -> str | None:
    """Give the one of `words` that `word` is probably a slip for; none where nothing is near."""
    near = get_close_matches(word, words, n=1)
    return near[0] if near else None


def did_you_mean(word: str, words: Sequence[str]) -> Message:
    """Ask for the nearest of `words`, in brackets; nothing where none is near."""
    near = find_nearest(word, words)
    return NOTHING if near is None else Message(f" (did you mean '{near}'?)", f"（是否为“{near}”？）")
