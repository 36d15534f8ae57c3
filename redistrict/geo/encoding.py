"""Encoding: which one the text of a table is in, by what declares it and by the bytes themselves.

A declaration (the scenario's `encoding:`, a `.cpg` file, the language byte of a dBASE table) holds unless the bytes
speak clearly against it: where most text does not fit it, or where it is a Western one, which fits everything.
"""

import codecs
import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

GB18030 = "gb18030"
"""Read for GB2312, GBK and code page 936 as well: it holds all of them."""

_LANGUAGES = {
    **dict.fromkeys((0x4D, 0x7A), GB18030),
    **dict.fromkeys((0x4F, 0x78), "cp950"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    0xC9: "cp1251",
}
"""Language byte of a dBASE table -> encoding. The Western ones are left out: programs write them by default."""

_WESTERN = {"cp1252", "iso8859-1", "iso8859-15", "cp850", "cp437", "latin-1"}
_CHINESE = (GB18030, "cp950")
_CLEARLY = 0.2
"""By this share more of the characters must be common ones for another encoding of Chinese than the declared one."""


def find_codec(name: str) -> str | None:
    """Give the Python codec of an encoding as files name it (``UTF-8``, ``ANSI 936``, ``88591``); none if unknown."""
    word = name.strip().lower()
    if number := re.search(r"8859[_-]?(\d{1,2})$", word):
        word = f"iso8859-{number[1]}"
    elif number := re.fullmatch(r"(?:ansi|cp|ms|windows|oem|dos|ibm)?[\s_-]*(\d{3,5})", word):
        word = {"936": GB18030, "54936": GB18030, "65001": "utf-8"}.get(number[1], f"cp{number[1]}")
    try:
        found = codecs.lookup(word).name
        "a".encode(found)
    except (LookupError, ValueError):  # unknown, no encoding of text, or no name at all
        return None
    return {"gb2312": GB18030, "gbk": GB18030, "big5": "cp950", "utf-8-sig": "utf-8"}.get(found, found)


def declared_encoding(path: Path, layer: str | None) -> str | None:
    """Give the encoding that a shapefile or dBASE table declares: in its `.cpg`, else in its language byte.

    Parameters
    ----------
    path : Path
        The file, or a folder of such files.
    layer : str or None
        Which of several; none: the one named like the file, or the only one.
    """
    parts = _parts(path, layer)
    named = find_codec(parts.get(".cpg", b"").decode("ascii", errors="replace"))
    language = parts.get(".dbf", b"")[29:30]
    return named or (_LANGUAGES.get(language[0]) if language else None)


def _parts(path: Path, layer: str | None) -> dict[str, bytes]:
    """Give the beginning of each part of a shapefile, by its suffix in small letters."""
    try:
        folder, stem = (path, layer) if path.is_dir() else (path.parent, path.stem)
        beside = sorted(one for one in folder.iterdir() if stem in (None, one.stem) and one.is_file())
        return {one.suffix.lower(): _beginning(one) for one in beside if one.suffix.lower() in (".cpg", ".dbf")}
    except OSError:  # GDAL says what is wrong
        return {}


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(32)


def choose_encoding(texts: Iterable[bytes], declared: str | None) -> str | None:
    """Choose the encoding that text is read in: the declared one, or what the bytes say clearly instead.

    Parameters
    ----------
    texts : iterable of bytes
        Column names and values, each once.
    declared : str or None
        A Python codec.

    Returns
    -------
    str or None
        A Python codec; none where nothing is declared and no encoding known here fits. What is not recognised counts
        as GB18030 if it can be that.
    """
    high = [text for text in texts if not text.isascii()]
    if not high:
        return declared or "utf-8"
    likely = guess_encoding(high)
    if declared is None or not fits_most(high, declared):
        return likely or (GB18030 if fits_most(high, GB18030) else declared)
    if likely is None or likely == declared:
        return declared
    if declared in _CHINESE and likely in _CHINESE:
        is_clear = _common_share(high, likely) > _common_share(high, declared) + _CLEARLY
        is_clear |= all(fits(text, likely) for text in high) and not all(fits(text, declared) for text in high)
    elif declared == "utf-8":
        is_clear = not all(_is_sense(text) for text in high)
    else:
        is_clear = likely == "utf-8" or (declared in _WESTERN and likely in _CHINESE) or declared in _CHINESE
    return likely if is_clear else declared


def guess_encoding(high: Collection[bytes]) -> str | None:
    """Guess the encoding of text beyond ASCII: UTF-8, one of Chinese, or Western; none where nothing fits.

    UTF-8 is recognised by its form. Chinese in GB18030 or Big5 is what consists of common characters, Western text
    has its letters beyond ASCII one by one.
    """
    n_fit = {encoding: sum(fits(text, encoding) for text in high) for encoding in _CHINESE}
    share = {encoding: _common_share(high, encoding) * n_fit[encoding] / len(high) for encoding in _CHINESE}
    is_utf8 = fits_most(high, "utf-8") and not _is_chinese_by_chance(high)
    if is_utf8 and not (share[GB18030] == 1 and not all(_is_sense(text) for text in high)):
        return "utf-8"
    best = max(share, key=lambda encoding: share[encoding])
    if share[best] > 0.5 and fits_most(high, best):
        return best
    lonely = [len(run) == 1 for text in high for run in re.findall(rb"[\x80-\xff]+", text)]
    return "cp1252" if sum(lonely) > 0.8 * len(lonely) and fits_most(high, "cp1252") else None


def other_chinese(high: Collection[bytes], declared: str) -> str | None:
    """Give GB18030 where text declared as Big5 reads as well in it: which of the two is right, nobody can tell."""
    reads_as_well = _common_share(high, GB18030) >= _common_share(high, "cp950")
    return GB18030 if declared == "cp950" and reads_as_well and all(fits(text, GB18030) for text in high) else None


def fits(text: bytes, encoding: str) -> bool:
    """Tell whether text can be in an encoding; it may be cut in the middle of a character."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(text)
    except UnicodeDecodeError:
        return False
    return True


def fits_most(high: Collection[bytes], encoding: str) -> bool:
    """Tell whether at least half of the texts beyond ASCII fit."""
    return 2 * sum(fits(text, encoding) for text in high) >= len(high)


def _is_sense(text: bytes) -> bool:
    """Tell whether text is UTF-8, of characters that there are."""
    return fits(text, "utf-8") and all(unicodedata.category(one) != "Cn" for one in text.decode(errors="ignore"))


def _is_chinese_by_chance(high: Collection[bytes]) -> bool:
    """Tell whether text that looks like UTF-8 is made of pairs of GB2312 only: in UTF-8, Chinese takes three bytes."""
    runs = [run for text in high for run in re.findall(rb"[\x80-\xff]+", text)]
    return all(re.fullmatch(rb"(?:[\xc2-\xdf][\xa1-\xbf])+", run) and fits(run, "gb2312") for run in runs)


def _common_share(high: Collection[bytes], encoding: str) -> float:
    """Give the share of characters beyond ASCII that are common, of those texts that fit."""
    text = "".join(raw.decode(encoding, errors="ignore") for raw in high if fits(raw, encoding))
    beyond = [character for character in text if not character.isascii()]
    return sum(_is_common(character, encoding) for character in beyond) / max(1, len(beyond))


def _is_common(character: str, encoding: str) -> bool:
    """Tell whether a character is in GB2312, or among those of Big5 in common use (first byte up to C6)."""
    big5 = character.encode("big5", errors="ignore")
    is_traditional = bool(big5) and big5[0] <= 0xC6
    return is_traditional or (encoding == GB18030 and bool(character.encode("gb2312", errors="ignore")))
