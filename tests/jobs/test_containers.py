"""Layers in zip archives: the one there is gets read, whatever lies beside it; several or none are named (issue 16)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from redistrict.judge.reading import read_layer
from redistrict.scenario.sources import Source

from .small_town import make_blocks, tell, write_scenario

Parts = Mapping[str, bytes]
JUNK = {"readme.pdf": b"%PDF-1.7", "map.jpg": b"\xff\xd8\xff", "notes.txt": "说明".encode("gbk"), "b.shp.xml": b"<x/>"}


def _gbk(name: str) -> str:
    """Give a name as an archive holds it that a Chinese Windows packed, as it comes out of one."""
    return name.encode("gbk").decode("cp437")


def _renamed(turn: Callable[[str], str]) -> Callable[[Parts], Parts]:
    return lambda parts: {turn(name): content for name, content in parts.items()}


def _beside(more: Parts) -> Callable[[Parts], Parts]:
    return lambda parts: {**more, **parts}


GOOD: dict[str, Callable[[Parts], Parts]] = {
    "in one folder": _renamed(lambda name: f"x/{name}"),
    "in a folder of a folder, a readme above": lambda parts: {
        "说明.txt": b"-", **{f"x/y/{name}": content for name, content in parts.items()}},
    "in a Chinese folder": _renamed(lambda name: f"黄石/{name.replace('b.', '地块.')}"),
    "in a folder in GBK": _renamed(lambda name: _gbk(f"黄石/{name.replace('b.', '地块.')}")),
    "beside a picture and a readme": _beside(JUNK),
    "with suffixes like .Shp": _renamed(str.title),
    "with folders as Windows parts them": _renamed(lambda name: f"x\\..\\..\\{name}"),
}  # fmt: skip
BAD: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "two layers": (_beside({"c.geojson": b"{}"}), "b.zip has several layers; name one of: c, b."),
    "one name in two folders": (
        lambda parts: {f"{year}/{name}": content for year in (2024, 2025) for name, content in parts.items()},
        "several layers of one name (2024/b.shp, 2025/b.shp); unpack it",
    ),
    "no layer": (lambda _: JUNK, "b.zip holds no layer of a kind that is read"),
}


def _parts(folder: Path) -> Parts:
    (folder / "layer").mkdir()
    make_blocks().to_file(folder / "layer" / "b.shp", encoding="utf-8")
    return {part.name: part.read_bytes() for part in sorted((folder / "layer").iterdir())}


def _pack(folder: Path, parts: Parts, name: str = "b.zip") -> Path:
    with ZipFile(folder / name, "w") as archive:
        for member, content in parts.items():
            one = ZipInfo(member)
            one.filename = member
            archive.writestr(one, content)
    return write_scenario(folder, {"b.gpkg": name})


@pytest.mark.parametrize("packed", GOOD)
def test_the_one_layer_of_an_archive_is_read(tmp_path: Path, packed: str) -> None:
    """Engine and judge find the layer, wherever it lies and whatever lies beside it."""
    code, said = tell("check", _pack(tmp_path, GOOD[packed](_parts(tmp_path)), "B.ZIP"))
    assert (code, "16 blocks" in said) == (0, True), said


@pytest.mark.parametrize("packed", BAD)
def test_an_archive_without_one_layer_is_refused_with_those_there_are(tmp_path: Path, packed: str) -> None:
    """Several layers, or none, are named."""
    turn, words = BAD[packed]
    code, said = tell("check", _pack(tmp_path, turn(_parts(tmp_path))))
    assert (code, words in said) == (3, True), said


def test_one_of_several_layers_is_read_by_its_name(tmp_path: Path) -> None:
    """With `layer:` engine and judge read that one of an archive."""
    parts = _parts(tmp_path)
    _pack(tmp_path, {**parts, **{name.replace("b.", "c."): content for name, content in parts.items()}})
    scenario = write_scenario(tmp_path, {"path: b.gpkg": "path: b.zip, layer: c"})
    code, said = tell("check", scenario)
    assert (code, "16 blocks" in said) == (0, True), said
    assert len(read_layer(Source(path=tmp_path / "b.zip", layer="c"), ("id",))) == 16
