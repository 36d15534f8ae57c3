"""Fonts with Chinese characters that are installed on this machine, and which of them a text needs."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from redistrict.errors import OutputError
from redistrict.messages import Message, name_some

_SONG = ("simsun", "notoserifcjk", "notoserifsc", "sourcehanserif", "stsong", "songti")
_HEI = (
    "simhei",
    "notosanscjk",
    "notosanssc",
    "sourcehansans",
    "msyh",
    "wqy",
    "deng",
    "pingfang",
    "stheiti",
    "droidsansfallback",
)
"""Starts of file names, the best first: Song (宋体) for text, Hei (黑体) for headings."""

_FOLDERS = (
    Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
    Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "Microsoft/Windows/Fonts",
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts").expanduser(),
    Path("~/.fonts").expanduser(),
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
)
_BOLD, _UNEVEN = re.compile(r"bold$|bd$"), re.compile(r"thin|light|medium|black|heavy|bold|msyhl|bd$|ext")
_SIMPLIFIED = (" SC", " CN", " GB")
_NO_EMBEDDING = 0x0002
_STAND_INS = "〓□?"
"""What is printed for a character no font has, the best first: printers set 〓 for a missing type."""


@dataclass(frozen=True)
class Face:
    """One font of a file; a collection (.ttc) holds several."""

    path: Path
    number: int

    @cached_property
    def characters(self) -> frozenset[int]:
        """The characters it has, as code points; none where its licence forbids embedding."""
        with TTFont(self.path, fontNumber=self.number, lazy=True) as font:
            allowed = "OS/2" not in font or not font["OS/2"].fsType & _NO_EMBEDDING
            return frozenset(font.getBestCmap()) if allowed else frozenset()


@dataclass(frozen=True)
class Fonts:
    """What a document is set in: text, headings, faces for the characters those lack, and what no face has.

    `stand_in` is printed for each of the characters `lacking`.
    """

    text: Face
    heading: Face
    spare: tuple[Face, ...]
    lacking: tuple[int, ...] = ()
    stand_in: str = ""

    def note(self) -> Message | None:
        """Say which characters are not printed as they are; none where all are."""
        if not self.lacking:
            return None
        named = _name_characters(self.lacking)
        return Message(
            f"No installed font has these characters, and the PDF prints {self.stand_in} for them: {named.en}. Install "
            "a font that has them (Noto Sans CJK SC, or fonts for rare characters) and run again.",
            f"已安装的字体都缺少以下字符，PDF 中以“{self.stand_in}”代替：{named.zh}。"
            "请安装含有这些字符的字体（思源黑体 Noto Sans CJK SC 或生僻字字体）后重试。",
        )


def choose_fonts(characters: str) -> Fonts:
    """Find installed fonts that hold as many of the characters as can be.

    Raises
    ------
    OutputError
        If there is no Chinese font at all, saying what to install.
    """
    wanted = {ord(char) for char in characters}
    texts, headings = list(_find_faces(_SONG + _HEI, bold=False)), list(_find_faces(_HEI + _SONG, bold=True))
    if not texts:
        raise OutputError(_missing(sorted(wanted)))
    text, heading = (min(faces, key=lambda face: len(wanted - face.characters)) for faces in (texts, headings))
    lacking = wanted - (text.characters & heading.characters)
    spare = []
    while lacking:
        face = max(texts, key=lambda face: len(lacking & face.characters))
        if not lacking & face.characters:
            break
        spare.append(face)
        lacking -= face.characters
    there = frozenset[int]().union(*(face.characters for face in (text, heading, *spare)))
    stand_in = next((char for char in _STAND_INS if ord(char) in there), "?") if lacking else ""
    return Fonts(text, heading, tuple(spare), tuple(sorted(lacking)), stand_in)


def _find_faces(starts: Sequence[str], *, bold: bool) -> Iterator[Face]:
    """Give the fonts whose file names begin so, the best first; of a collection the simplified Chinese face."""
    found = {_plain_name(path): path for folder in _FOLDERS if folder.is_dir() for path in sorted(_font_files(folder))}
    order = sorted(found, key=lambda name: (not (bold and _BOLD.search(name)), bool(_UNEVEN.search(name)), name))
    for start in starts:
        for name in order:
            if name.startswith(start):
                with suppress(OSError, TTLibError):  # a broken font file
                    yield _open(found[name])


def _font_files(folder: Path) -> Iterator[Path]:
    return folder.rglob("*.[tToO][tT][fFcC]")


def _plain_name(path: Path) -> str:
    return path.stem.lower().replace("-", "").replace("_", "")


def _open(path: Path) -> Face:
    if path.suffix.lower() != ".ttc":
        TTFont(path, lazy=True).close()
        return Face(path, 0)
    with TTCollection(path, lazy=True) as collection:
        names = [str(font["name"].getBestFamilyName()) for font in collection.fonts]
    numbers = [n for n, name in enumerate(names) if name.endswith(_SIMPLIFIED)]
    return Face(path, numbers[0] if numbers else 0)


def _name_characters(characters: Sequence[int]) -> Message:
    return name_some([f"{chr(code)} (U+{code:04X})" for code in characters])


def _missing(characters: Sequence[int]) -> Message:
    named = _name_characters(characters)
    return Message(
        f"No installed font has these characters: {named.en}. Install a Chinese font and run again: Noto Sans CJK SC "
        "(Linux packages fonts-noto-cjk, google-noto-sans-cjk-fonts), or on Windows SimSun or Microsoft YaHei "
        "(optional feature 'Chinese (Simplified) Supplemental Fonts'). Nothing was written.",
        f"已安装的字体都缺少以下字符：{named.zh}。请安装中文字体后重试：Linux 可安装 Noto Sans CJK SC"
        "（软件包 fonts-noto-cjk 或 google-noto-sans-cjk-fonts），Windows 可安装宋体或微软雅黑"
        "（可选功能“中文(简体)补充字体”）。未写出任何文件。",
    )
