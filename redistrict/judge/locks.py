"""Locks: which words of a table say that a community of today stays as it is, as the judge reads them."""

import re
import unicodedata
from collections.abc import Iterable

from redistrict.errors import DataError
from redistrict.messages import Message, name_some

YES = re.compile(
    r"1(\.0)?|y(es)?|t(rue)?|on|lock(ed)?|keep|[√✓✔☑✅是有对锁]|已?锁定|保留|保持不变|不[变动]|村改居|不[作予]?调整|[保维]持现状"
)
NO = re.compile(
    r"|0(\.0)?|no?|f(alse)?|off|none|null|n/?a|nan|unlocked|open|[x×✗✘✕✖❌/-]|--|[–—]{1,2}|"
    r"[否无非未不空]|不是|没有|不锁定?|[未非]锁定|(可以?|需)?调整"
)
REMARK = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]$")
DOUBTS = ("部分", "待", "拟", "除", "未", "?")


def are_locked(words: Iterable[object], column: str) -> list[bool]:
    """Tell which words say yes; the name of the column, where it stands in it, does too.

    Raises
    ------
    DataError
        If a word says neither yes nor no.
    """
    plain = [_plain(str(word)) for word in words]
    locked = [_says_yes(word, _plain(column)) for word in plain]
    odd = sorted({word for word, yes in zip(plain, locked, strict=True) if not yes and NO.fullmatch(word) is None})
    if odd:
        some = name_some(odd)
        raise DataError(
            Message(f"Neither yes nor no in '{column}': {some.en}.", f"“{column}”中既非“是”也非“否”：{some.zh}。")
        )
    return locked


def _says_yes(word: str, column: str) -> bool:
    return YES.fullmatch(word) is not None or (word == column and NO.fullmatch(word) is None)


def _plain(word: str) -> str:
    one_width = unicodedata.normalize("NFKC", word).casefold()
    bare = "".join(
        one for one in one_width if unicodedata.category(one)[0] not in ("C", "Z") and one not in "\ufe0e\ufe0f"
    )
    remark = REMARK.search(bare)
    if remark is None or remark.start() == 0 or any(doubt in remark[1] for doubt in DOUBTS):
        return bare
    return bare[: remark.start()]
