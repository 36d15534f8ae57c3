"""Declared and found: the encoding a table is read in, with what is said where the two differ, or text fits neither."""

from collections.abc import Mapping, Sequence

import pandas as pd

from redistrict.errors import DataError
from redistrict.geo.encoding import choose_encoding, find_codec, fits, fits_most, guess_encoding, other_chinese
from redistrict.geo.tables import as_text
from redistrict.messages import Message, name_some
from redistrict.scenario.sources import Source

BYTES = "ISO-8859-1"
"""What files are read in first: it has a character for each byte."""
_LOST = "\ufffd"


def settle_encoding(
    source: Source, texts: Mapping[bytes, int], in_file: str | None, key: str, notes: list[Message]
) -> str:
    """Give the encoding of a table, with a note where it is another than declared, or where nothing is.

    Parameters
    ----------
    texts : mapping of bytes to int
        Column names and values, and the first row of each (0: the names).
    in_file : str or None
        What the file declares.

    Raises
    ------
    DataError
        As `open_raw`.
    """
    where, where_zh = f"{key}: {source.path.name}", f"{key}：{source.path.name}"
    by_hand = _by_hand(source, key)
    declared = by_hand or in_file
    high = [text for text in texts if not text.isascii()]
    found = choose_encoding(texts, declared)
    if found is None or (by_hand is not None and found != by_hand and not fits_most(high, by_hand)):
        raise DataError(_no_fit(where, where_zh, texts, by_hand or "utf-8", found))
    if by_hand is not None:
        if found != by_hand:
            notes.append(_looks_otherwise(where, where_zh, texts, by_hand, found))
        return by_hand
    if declared is not None and found != declared:
        notes.append(_read_otherwise(where, where_zh, texts, declared, found))
    elif high and declared is not None and (other := other_chinese(high, declared)) is not None:
        so, else_so = (_first_unfit(texts, "ascii", codec) for codec in (declared, other))
        notes.append(
            Message(
                f"{where} declares its text as {declared} and is read as that ({so.en}), but would read as well in "
                f"{other} ({else_so.en}); write 'encoding: {other}' there if that is right.",
                f"{where_zh} 注明的编码为 {declared}，按此读取（{so.zh}），但按 {other} 同样通顺（{else_so.zh}）；"
                f"如后者正确，请写明 encoding: {other}。",
            )
        )
    elif declared is None and high and found != "utf-8":
        shown = "GB18030" if found == "gb18030" else found
        notes.append(
            Message(
                f"{where} does not name its text encoding; it is read as {shown}. If the names are wrong, "
                "write 'encoding:' there.",
                f"{where} 没有注明文字编码，按 {shown} 读取；如名称有误，请在此处写明 encoding:。",
            )
        )
    return found


def _by_hand(source: Source, key: str) -> str | None:
    """Give the codec of the encoding the scenario names, if it names one."""
    by_hand = None if source.encoding is None else find_codec(source.encoding)
    if source.encoding is not None and by_hand is None:
        raise DataError(
            Message(
                f"{key}.encoding: '{source.encoding}' is no encoding known here; write utf-8, gb18030 or big5.",
                f"{key}.encoding：无法识别编码“{source.encoding}”；请写 utf-8、gb18030 或 big5。",
            )
        )
    return by_hand


def _first_unfit(texts: Mapping[bytes, int], encoding: str, likely: str | None) -> Message:
    """Name the first row whose text does not fit, and the text as it would be read in the likely encoding."""
    high = [text for text in texts if not text.isascii()]
    unfit = [text for text in high if not fits(text, encoding)] or high
    first = min(unfit, key=lambda text: (texts[text] == 0, texts[text]))
    shown, row = first.decode(likely or "latin-1", errors="replace").strip()[:40], texts[first]
    place = Message(f"row {row}", f"第 {row} 行") if row else Message("a column's name", "字段名")
    return Message(f"{place.en}: '{shown}'", f"{place.zh}：“{shown}”")


def _no_fit(where: str, where_zh: str, texts: Mapping[bytes, int], encoding: str, likely: str | None) -> Message:
    en, zh = _first_unfit(texts, encoding, likely)
    hint = f"it looks like {likely}: write encoding: {likely}" if likely else "write its 'encoding:'"
    hint_zh = f"疑似 {likely}，请写 encoding: {likely}" if likely else "请写明 encoding:"
    return Message(
        f"{where}: text is not {encoding} ({en}); {hint}.", f"{where_zh}：文字不是 {encoding}（{zh}）；{hint_zh}。"
    )


def _looks_otherwise(where: str, where_zh: str, texts: Mapping[bytes, int], encoding: str, likely: str) -> Message:
    en, zh = _first_unfit(texts, encoding, likely)
    return Message(
        f"{where}: 'encoding: {encoding}' is kept to, but the text looks like {likely} ({en}); write "
        f"encoding: {likely} if names come out wrong.",
        f"{where_zh}：按 encoding: {encoding} 读取，但文字疑似 {likely}（{zh}）；"
        f"如名称有误，请改为 encoding: {likely}。",
    )


def _read_otherwise(where: str, where_zh: str, texts: Mapping[bytes, int], declared: str, found: str) -> Message:
    en, zh = _first_unfit(texts, declared, found)
    return Message(
        f"{where} declares its text as {declared}, but it is {found} ({en}) and is read as that; write "
        f"'encoding: {found}' there.",
        f"{where_zh} 注明的编码为 {declared}，但文字实为 {found}（{zh}），按后者读取；请写明 encoding: {found}。",
    )


def settle_beside_utf8(source: Source, texts: Mapping[bytes, int], key: str) -> str:
    """Give the encoding of a file that should hold UTF-8, but for which the scenario names another.

    Parameters
    ----------
    texts : mapping of bytes to int
        As `settle_encoding`; of the columns that are used.

    Raises
    ------
    DataError
        If it is UTF-8, or if there is no such encoding.
    """
    by_hand = _by_hand(source, key)
    high = [text for text, row in texts.items() if row and not text.isascii()]
    if by_hand in (None, "utf-8") or not high:
        return "utf-8"
    if any(not fits(text, "utf-8") for text in high):
        is_mixed = any(fits(text, "utf-8") for text in high)
        return "utf-8" if is_mixed else str(by_hand)
    name = source.path.name
    raise DataError(
        Message(
            f"{key}.encoding: the text of {name} is UTF-8, as in every file of its kind, and 'encoding: "
            f"{source.encoding}' does not apply; leave it out.",
            f"{key}.encoding：{name} 的文字是 UTF-8（此类文件均如此），encoding: {source.encoding} 不适用；请删去。",
        )
    )


def refuse_unfit(frame: pd.DataFrame, columns: Sequence[str], encoding: str, source: Source, key: str) -> None:
    """Refuse text that holds, before its end, what is no character of the encoding: it was written in another.

    Parameters
    ----------
    frame : DataFrame
        Rows with their text as it stands in the file, in `BYTES`.
    columns : sequence of str
        Columns that are used.

    Raises
    ------
    DataError
        For each column, naming the rows and the likely encoding.
    """
    texts = {value for name in columns for value in frame[name] if isinstance(value, str)}
    high = {_as_stored(value) for value in texts if not value.isascii()}
    strange = {text for text in high if not fits(text, encoding)}
    if not strange:
        return
    likely = guess_encoding(strange) or "latin-1"
    advice = Message(
        f"write 'encoding: {likely}' there, or save the layer anew in UTF-8",
        f"请写明 encoding: {likely}，或将图层重新保存为 UTF-8",
    )
    if source.encoding is not None or high != strange:
        advice = Message("correct them, or save the layer anew in one encoding", "请更正，或用同一种编码重新保存图层")
    problems = []
    for name in columns:
        column = [_as_stored(value) for value in frame[name]]
        rows = [at for at, text in enumerate(column) if text in strange]
        shown = [column[at].decode(likely, errors="replace").strip()[:40] for at in rows]
        if rows:
            en = name_some([f"{frame.index[at]}: '{text}'" for at, text in zip(rows, shown, strict=True)]).en
            zh = name_some([f"{frame.index[at]}：“{text}”" for at, text in zip(rows, shown, strict=True)]).zh
            problems.append(
                Message(
                    f"{key}: {source.path.name}: {len(rows)} texts in '{name}' are not {encoding}; as {likely} they "
                    f"are (by row) {en}; {advice.en}.",
                    f"{key}：{source.path.name} 的“{name}”中有 {len(rows)} 处文字不是 {encoding}；按 {likely} 读取为"
                    f"（行号：文字）{zh}；{advice.zh}。",
                )
            )
    raise DataError(problems)


def _as_stored(value: object) -> bytes:
    return value.encode(BYTES, errors="ignore") if isinstance(value, str) else b""


def lost_characters(
    frame: pd.DataFrame, columns: Sequence[str], encoding: str, source: Source, key: str
) -> list[Message]:
    """Say in which rows a character could not be decoded, one note for each column."""
    notes = []
    for name in columns:
        text, called = as_text(frame[name]), as_text(frame[columns[0]])
        rows = [at for at, value in enumerate(text) if _LOST in value]
        if rows:
            named = name_some([f"{frame.index[at]} ({called[at]})" for at in rows])
            example = text[rows[0]]
            notes.append(
                Message(
                    f"{key}: {source.path.name}: {len(rows)} texts in '{name}' hold half a character, or one "
                    f"that is not {encoding} (rows {named.en}; '{example}'); write them out, or make the column wider.",
                    f"{key}：{source.path.name} 的“{name}”中有 {len(rows)} 处文字含半个字或非 {encoding} "
                    f"字符（第 {named.zh} 行，“{example}”）；请补全文字或加宽字段。",
                )
            )
    return notes
