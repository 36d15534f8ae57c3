"""Containers: where the one layer that is read lies, taken out of a zip archive and named as GDAL finds it."""

import shutil
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

import pyogrio

from redistrict.errors import DataError
from redistrict.messages import Message, did_you_mean, name_some
from redistrict.scenario.admission import list_layer_files
from redistrict.scenario.sources import Source, TableSource

_STYLES = "layer_styles"
"""Where QGIS keeps how the layers of a database are drawn."""


def find_layer(source: Source, folder: Path, key: str) -> Path:
    """Give a file as GDAL finds it.

    That is the layer of a zip archive, taken out of it, a copy where a shapefile has a suffix neither small nor
    capital (`.Shp`) or a .prj in another encoding than UTF-8, and one called `.csv` of a table that is called `.txt`;
    all in `folder`.

    Raises
    ------
    DataError
        If there are several layers and none is named, or not the one that is named.
    """
    path = source.path
    if path.suffix.lower() == ".zip" and is_zipfile(path):
        path = _take_out(source, folder, key)
    elif path.suffix.lower() in {".shp", ".dbf"}:
        path = _in_small_letters(path, folder)
    elif path.suffix.lower() == ".txt" and not path.read_bytes().lstrip().startswith((b"<", b"{", b"[")):
        path = Path(shutil.copyfile(path, folder / f"{path.stem}.csv"))
    return _with_plain_prj(path, folder) if path.suffix.lower() == ".shp" else path


def _take_out(source: Source, folder: Path, key: str) -> Path:
    """Copy the layer of an archive and what belongs to it; what else lies there is left alone."""
    with ZipFile(source.path) as archive:
        layers = list_layer_files(archive)
        names = list(dict.fromkeys(PurePosixPath(layer.filename).stem for layer in layers))
        if len(layers) > 1:
            layers = [one for one in layers if PurePosixPath(one.filename).stem == (source.layer or names[0])]
        if not layers or (len(names) > 1 and source.layer is None):
            raise DataError(say_layers(names, source, key))
        if len(layers) > 1:
            raise DataError(_say_twice(layers, source, key))
        layer = PurePosixPath(layers[0].filename)
        for member in archive.infolist():
            one = PurePosixPath(member.filename)
            if one.parent == layer.parent and one.stem.lower() == layer.stem.lower() and not member.is_dir():
                _unpack(archive, member, _place(one, folder))
    return _place(layer, folder)


def _unpack(archive: ZipFile, member: ZipInfo, place: Path) -> None:
    try:
        with archive.open(member) as stream, place.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
    except (EOFError, RuntimeError, zlib.error) as error:  # cut off, encrypted or damaged behind its beginning
        raise BadZipFile(f"{member.filename}: {error}") from error


def _place(member: PurePosixPath, folder: Path) -> Path:
    """Give the file that a member becomes; its name leads nowhere, on no system."""
    return folder / f"{member.stem}{member.suffix.lower()}".replace("\\", "_").replace(":", "_")


def _in_small_letters(path: Path, folder: Path) -> Path:
    if all(part.suffix in (part.suffix.lower(), part.suffix.upper()) for part in _list_parts(path)):
        return path
    return _copy_parts(path, folder)


def _list_parts(path: Path) -> list[Path]:
    return sorted(one for one in path.parent.iterdir() if one.stem == path.stem and one.is_file())


def _with_plain_prj(path: Path, folder: Path) -> Path:
    """Give a shapefile whose coordinate system GDAL can read: programs in Chinese name it in GB2312, or in UTF-16.

    GBK takes a stray byte and the letter behind it for a character, GB2312 does not: what is damaged stays so.
    """
    prj = next((part for part in _list_parts(path) if part.suffix.lower() == ".prj"), None)
    content = b"" if prj is None else prj.read_bytes()
    text = _decode(content, "utf-16" if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "gb2312")
    if _decode(content, "utf-8") is None and text is not None:
        path = path if path.parent == folder else _copy_parts(path, folder)
        path.with_suffix(".prj").write_text(text, encoding="utf-8")
    return path


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _copy_parts(path: Path, folder: Path) -> Path:
    for part in _list_parts(path):
        shutil.copyfile(part, folder / f"{part.stem}{part.suffix.lower()}")
    return folder / f"{path.stem}{path.suffix.lower()}"


def choose_layer(path: Path, source: Source, key: str) -> str | None:
    """Give the layer that is read, none where there is but one.

    Styles are no layer, and tables without shapes are none where shapes are asked for.

    Parameters
    ----------
    path : Path
        As `find_layer` gives it.

    Raises
    ------
    DataError
        If there are several and none is named, or not the one that is named, with those there are.
    """
    shape_of = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    names = list(shape_of)
    if source.layer is None and len(names) > 1:
        is_table = isinstance(source, TableSource)
        layers = [name for name in names if name != _STYLES and (is_table or shape_of[name] is not None)]
        if len(layers) == 1:
            return layers[0]
        raise DataError(say_layers(layers or names, source, key))
    if source.layer not in (None, *names):
        raise DataError(say_layers(names, source, key))
    return source.layer


def say_layers(names: Sequence[str], source: Source, key: str) -> Message:
    """Say which layers there are, one of which the scenario is to name."""
    listed = ", ".join(names)
    if source.layer is None:
        return Message(
            f"{key}.layer: {source.path.name} has several layers; name one of: {listed}.",
            f"{key}.layer：{source.path.name} 有多个图层，请指定其中之一：{listed}。",
        )
    hint = did_you_mean(source.layer, names)
    return Message(
        f"{key}.layer: {source.path.name} has no layer '{source.layer}'{hint.en}; it has: {listed}.",
        f"{key}.layer：{source.path.name} 没有图层“{source.layer}”{hint.zh}；现有图层：{listed}。",
    )


def _say_twice(layers: Sequence[ZipInfo], source: Source, key: str) -> Message:
    named = name_some([layer.filename for layer in layers])
    return Message(
        f"{key}: {source.path.name} holds several layers of one name ({named.en}); unpack it and name one as 'path:'.",
        f"{key}：{source.path.name} 中有多个同名图层（{named.zh}）；请解压后在 path: 中写明其中之一。",
    )
