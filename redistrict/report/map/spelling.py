"""How names are spelled in pinyin, packed for the searches of pages."""

from collections.abc import Iterable


def spell_names(names: Iterable[str]) -> dict[str, object]:
    """Give how every Chinese character in `names` is read, without tones.

    Returns
    -------
    dict
        `readings`: character -> its readings as one text, the usual one first. `names`: name -> character -> reading,
        where it is read otherwise in the phrases of the name (重 in 重庆路).
    """
    usual: dict[str, list[str]] = {}
    special: dict[str, dict[str, str]] = {}
    for name in sorted(set(names)):
        for char, (reading, *_) in zip(name, _read(name), strict=True):
            if reading == char:
                continue
            if char not in usual:
                usual[char] = _read(char)[0]
            if reading != usual[char][0]:
                special.setdefault(name, {})[char] = reading
    return {"readings": {char: " ".join(usual[char]) for char in sorted(usual)}, "names": special}


def _read(text: str) -> list[list[str]]:
    """Give the readings of each character, the one of its phrase alone where it stands in a known phrase."""
    from pypinyin import Style, pinyin  # its dictionaries take 0.2 s to load: only where a page is written

    return pinyin(text, style=Style.NORMAL, heteronym=True, errors=list)  # type: ignore[arg-type]  # lists may be given
