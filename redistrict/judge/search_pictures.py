"""The pictures of the search, which nobody can draw again: whether they are pictures, and nothing but that.

A browser runs what stands in an SVG and loads what it names, so only what a drawing library writes may stand there.
"""

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from redistrict.judge.inventory import show, take_inventory
from redistrict.judge.verification import Verification, Violation
from redistrict.messages import Message

DRAWING, DRAWN = "pictures/search.svg", "pictures/search.png"
ELEMENTS = frozenset(
    (
        *("svg", "metadata", "rdf:RDF", "cc:Work", "cc:Agent", "dc:type", "dc:format", "dc:date", "dc:creator"),
        *("dc:title", "defs", "style", "g", "path", "use", "clipPath", "rect"),
    )
)
"""What a line chart with its letters as outlines consists of."""
NO_STYLE = ("\\", "@", '"', "'", "/*")
"""What styles of such a chart do without: by these a style can load a file, or hide that it does."""
MOST_BYTES = 50_000_000
PNG = b"\x89PNG\r\n\x1a\n"


def judge_search_pictures(folder: Path) -> Verification:
    """Name what is no picture, and what a picture runs, loads or leads to; what it shows is listed as not checked."""
    there = take_inventory(folder).files
    wrong = [
        (name, found)
        for name, find in ((DRAWN, _find_wrong_in_png), (DRAWING, _find_wrong_in_svg))
        if name in there and (found := find(folder / name)) is not None
    ]
    return Verification(tuple(_say(name, found) for name, found in wrong))


def _find_wrong_in_png(path: Path) -> str | None:
    """Go from chunk to chunk (PNG, ISO/IEC 15948: length, type, content, CRC) to the end of picture and file."""
    content, at, kind = path.read_bytes(), len(PNG), b""
    if not content.startswith(PNG):
        return "no PNG"
    while kind != b"IEND":
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        end = at + 8 + length
        if int.from_bytes(content[end : end + 4], "big") != zlib.crc32(content[at + 4 : end]) or len(kind) < 4:
            return "no whole PNG"
        at = end + 4
    return None if at == len(content) else f"{len(content) - at:,} bytes after the end"


def _find_wrong_in_svg(path: Path) -> str | None:
    if path.stat().st_size > MOST_BYTES:
        return f"{path.stat().st_size:,} bytes"
    found: list[str] = []
    inside: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        inside.append(name)
        if name not in ELEMENTS:
            found.append(f"<{name}>")
        found.extend(_find_wrong_attributes(attributes))

    def read_text(text: str) -> None:
        if inside[-1:] == ["style"] and (any(mark in text for mark in NO_STYLE) or "(" in text):
            found.append(text)

    parser = expat.ParserCreate()
    parser.buffer_text, parser.buffer_size = True, 1 << 20
    parser.StartElementHandler, parser.CharacterDataHandler = start, read_text
    parser.EndElementHandler = lambda _: inside.pop()
    parser.ProcessingInstructionHandler = lambda target, _: found.append(f"<?{target}")
    parser.StartDoctypeDeclHandler = lambda name, *more: found.append(f"<!DOCTYPE {name} [") if more[-1] else None
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(path.read_bytes(), True)
    except (expat.ExpatError, ValueError) as error:
        return f"no SVG ({error})"
    return found[0] if found else None


def _find_wrong_attributes(attributes: Mapping[str, str]) -> Iterator[str]:
    for name, value in attributes.items():
        plain = name.rpartition(":")[2].lower()
        loads = value.lower().replace("url(#", "").count("url(") or any(mark in value for mark in NO_STYLE)
        if (
            plain.startswith("on")
            or (plain in ("href", "src", "base") and not value.startswith("#"))
            or (not name.startswith(("xmlns", "rdf:")) and loads)
        ):
            yield f"{name}={value}"


def _refuse_entity(*_: object) -> None:
    raise ValueError("declares entities")


def _say(name: str, found: str) -> Violation:
    said = show(found[:60])
    message = Message(
        f"{name} holds what no run writes ({said}): do not open it, and take it from the folder or run again.",
        f"{name} 含运行不会写入的内容（{said}）：请勿打开，请删除或重新运行。",
    )
    return Violation("files", None, (), said, "a picture and nothing else", message)
