"""Keys as spreadsheets and exports spoil them: digits lost, turned into dates, or written otherwise."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from redistrict.geo.alike import fold, show
from redistrict.messages import Message, name_some

_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
_CUT = re.compile(r"\d{15}0+")
"""What a spreadsheet makes of more than 15 digits."""
_DATE = re.compile(
    r"\d{1,2}月\d{1,2}日|\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T].*)?|\d{4}年.*日|[345]\d{4}|"
    r"(?:\d{1,2}-)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:-\d{1,4})?",
    re.IGNORECASE,
)
"""Days, and numbers of days since the end of 1899 (30000 is in 1982), as spreadsheets make them of 1-2 or 3/4."""


def say_lost_digits(keys: Sequence[str], column: str, where: str) -> list[Message]:
    """Name keys such as 4.20201E+11: numbers of which only the first digits are left; or repeated, the first 15."""
    lost = sorted(
        key for key, n in Counter(keys).items() if _LOST_DIGITS.fullmatch(key) or (n > 1 and _CUT.fullmatch(key))
    )
    if not lost:
        return []
    named = name_some(lost, limit=3)
    return [
        Message(
            f"{where}: keys in '{column}' are numbers that have lost their last digits: {named.en}; save the column as "
            "text, from the original data.",
            f"{where}：“{column}”中的编号被存成数字，末尾几位已丢失：{named.zh}；请从原始数据重新按文本保存。",
        )
    ]


def say_alike_keys(lost: Collection[str], unused: Collection[str], wanted: Collection[str]) -> Message | None:
    """Say which keys without a row look like keys of rows that no block has; none where no two do.

    Dates among the rows are told as well, where the keys of the blocks, `wanted`, are none.
    """
    likely = {_plain_key(key): key for key in unused}
    pairs = [f"'{show(key)}' = '{show(likely[_plain_key(key)])}'" for key in lost if _plain_key(key) in likely]
    if pairs:
        named = name_some(pairs, limit=3)
        return Message(
            f" These look like the same key, written differently: {named.en} (spreadsheets drop leading zeros and add "
            ".0; wide digits, apostrophes and invisible characters differ as well); keep the keys as text in both "
            "files, written alike.",
            f"以下编号疑似相同而写法不同：{named.zh}（电子表格会丢掉开头的 0 或加上 .0；全角字符、撇号和不可见字符"
            "也会造成不同）；请在两个文件中都按文本保存编号，写法一致。",
        )
    cut = [key for key in lost if len(key) > 15 and key.isdigit() and key[:15].ljust(len(key), "0") in unused]
    if cut:
        named = name_some(cut, limit=3)
        return Message(
            f" The table has only the first 15 digits of {named.en}: save its keys as text, from the original data.",
            f"表中只有 {named.zh} 的前 15 位：请从原始数据重新按文本保存编号。",
        )
    dates = [key for key in unused if _DATE.fullmatch(key)]
    if not dates or any(_DATE.fullmatch(key) for key in wanted):
        return None
    named = name_some(dates, limit=3)
    return Message(
        f" Keys of the table look like dates that a spreadsheet made of them: {named.en}; format the column as text "
        "and write the keys anew.",
        f"表中的编号疑似被电子表格转成了日期：{named.zh}；请将该列设为文本格式并重新填写编号。",
    )


def _plain_key(key: str) -> str:
    """Give a key without what spreadsheets and census files add to it, or take away."""
    plain = fold(key.rpartition("US")[2]).strip("'’‘`").removesuffix(".0")
    return plain.lstrip("0") or "0"
