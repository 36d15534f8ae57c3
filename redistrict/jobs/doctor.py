"""Look at the machine and at a scenario's files: facts that explain most failed runs, as values."""

import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pyogrio
import pyproj
import shapely
from pyogrio.errors import CRSError as UnreadableCRSError
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from redistrict.errors import DataError
from redistrict.geo.georeference import check_bounds, declared_crs, say_unreadable_crs
from redistrict.geo.misplaced import FAR_M
from redistrict.geo.readings import Bounds, lies_in_use, locate, measure_apart
from redistrict.geo.source import opened, read_source
from redistrict.messages import Message
from redistrict.report.font_remedy import FONT_REMEDY
from redistrict.report.provenance import list_sources
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import Source, TableSource
from redistrict.version import __version__

_PACKAGES = ("geopandas", "numpy", "numba", "ortools", "folium", "pydantic", "typer")
_CJK_FONTS = (
    "notosanscjk",
    "notoserifcjk",
    "sourcehan",
    "wqy",
    "msyh",
    "simhei",
    "simsun",
    "deng",
    "pingfang",
)
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")


@dataclass(frozen=True)
class Fact:
    """One thing that was looked at; `ok` is whether it stands in the way of a run."""

    name: Message
    value: Message
    ok: bool = True


def examine_machine(folder: Path) -> tuple[Fact, ...]:
    """Give versions, cores, fonts, and whether `folder` and the compiler's cache can be written."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return (
        _same("Python", f"{platform.python_version()}, {platform.platform()}"),
        _same("redistrict", __version__),
        *(_same(name, version(name)) for name in _PACKAGES),
        _same("shapely", f"{shapely.__version__}, GEOS {shapely.geos_version_string}"),
        _same("pyogrio", f"{pyogrio.__version__}, GDAL {pyogrio.__gdal_version_string__}"),
        _same("pyproj", f"{pyproj.__version__}, PROJ {pyproj.proj_version_str}"),
        Fact(Message("CPU cores", "处理器核数"), Message(str(cores), str(cores))),
        _cjk_font(),
        _writable(folder),
        _numba_cache(),
    )


def examine_data(scenario: Scenario) -> tuple[Fact, ...]:
    """Give encoding, CRS and bounds of every layer the scenario names, or why it cannot be read."""
    seen = [_examine_source(key, source) for key, source in list_sources(scenario)]
    return (seen[0].fact, *(_compare(layer, seen[0].bounds) for layer in seen[1:]))


@dataclass(frozen=True)
class _Seen:
    """What is told of a layer, and where it lies in degrees; none where it has no place or is not read."""

    fact: Fact
    bounds: Bounds | None = None


def _compare(layer: _Seen, home: Bounds | None) -> Fact:
    """Add to what is told of a layer how far it lies from the blocks, where it lies elsewhere."""
    apart_m = 0.0 if layer.bounds is None or home is None else measure_apart(layer.bounds, home)
    if apart_m <= FAR_M:
        return layer.fact
    km = f"{apart_m / 1000:,.1f}"
    far = Message(f"; {km} km from the blocks: see 'redistrict check'", f"；距地块 {km} 公里：请运行 redistrict check")
    return replace(layer.fact, value=layer.fact.value + far, ok=False)


def _same(name: str, value: str) -> Fact:
    return Fact(Message(name, name), Message(value, value))


def _cjk_font() -> Fact:
    """Look for a font with Chinese characters: without one a browser shows boxes on the map."""
    folders = [Path(name) for name in _FONT_FOLDERS]
    folders += [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", Path.home() / ".local/share/fonts"]
    files = sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*.[to]t[fc]"))
    found = [path.name for path in files if path.name.lower().replace("-", "").startswith(_CJK_FONTS)]
    missing = Message(
        "none found: maps viewed here may show boxes, and a pack may be refused. ",
        "未找到：在本机看地图时汉字可能显示为方框，报批材料也可能无法生成。",
    )
    missing += FONT_REMEDY
    return Fact(Message("Chinese font", "中文字体"), Message(found[0], found[0]) if found else missing)


def _writable(folder: Path) -> Fact:
    """Try to write where results go by default."""
    name = Message("current folder", "当前文件夹")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Fact(name, Message(f"{folder}: writable", f"{folder}：可写"))
    except OSError as error:
        reason = error.strerror or str(error)
        en, zh = f"{folder}: not writable ({reason}); use --out", f"{folder}：不可写（{reason}），请用 --out"
        return Fact(name, Message(en, zh), ok=False)


def _add_one(number: int) -> int:
    return number + 1


def _numba_cache() -> Fact:
    """Compile a tiny function with a cache, as the search does: where none can be written each run compiles anew."""
    name = Message("compiler cache", "编译缓存")
    try:
        compiled = numba.njit(cache=True)(_add_one)
        compiled(1)
    except (RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        en, zh = (
            f"{reason}: each run takes half a minute longer; set NUMBA_CACHE_DIR to a writable folder",
            "不可写，每次运行会多用约半分钟；请把 NUMBA_CACHE_DIR 设为可写的文件夹",
        )
        return Fact(name, Message(en, zh), ok=False)
    path = str(compiled.stats.cache_path)
    return Fact(name, Message(path, path))


def _examine_source(key: str, source: Source) -> _Seen:
    """Tell of one layer encoding, feature count, CRS and where on earth it lies, and whether its shapes can be read."""
    name = Message(key, key)
    try:
        with opened(source, key, [], source.named if isinstance(source, TableSource) else []) as raw:
            info = pyogrio.read_info(raw.path, force_feature_count=True, force_total_bounds=True, **raw.options)
        place = _Place(Message("a table", "表格"), None, ok=True)
        if raw.has_shapes:
            place = _locate(info, source, key)
            read_source(source, (), key=key, notes=[])
    except DataError as error:
        return _Seen(Fact(name, error.problems[0], ok=False))
    except (UnreadableCRSError, UnboundLocalError):  # pyogrio stumbles so over a system that is no text
        return _Seen(Fact(name, say_unreadable_crs(source, key), ok=False))
    except (DataSourceError, DataLayerError, CRSError, ValueError, LookupError) as error:
        wrong = Message(f"{source.path.name}: {error}", f"{source.path.name}：{error}")
        return _Seen(Fact(name, wrong, ok=False))
    encoding, n = raw.encoding.upper(), f"{info['features']:,}"
    told = Message(
        f"{source.path.name}: {n} features, {encoding}, {place.words.en}",
        f"{source.path.name}：{n} 个要素，{encoding}，{place.words.zh}",
    )
    ok = place.ok and not (key == "data.blocks" and info["features"] == 0)
    return _Seen(Fact(name, told, ok=ok), place.bounds)


@dataclass(frozen=True)
class _Place:
    """Where a layer lies: in words, in degrees, and whether its CRS is meant to be used there."""

    words: Message
    bounds: Bounds | None
    ok: bool


def _locate(info: Mapping[str, Any], source: Source, key: str) -> _Place:
    """Give the CRS a layer will be read in, and the bounds it has in degrees.

    Raises
    ------
    DataError
        If there is no CRS, or the coordinates cannot be what it says.
    """
    crs = declared_crs(source, CRS.from_user_input(info["crs"]) if info["crs"] else None, key)
    label, bounds = f"{crs.name} ({crs.to_string()[:40]})", info["total_bounds"]
    if bounds is None or not np.isfinite(bounds).all():
        return _Place(Message(f"{label}, no bounds", f"{label}，无范围"), None, ok=True)
    check_bounds(bounds, crs, source, key)
    found = locate(bounds, crs)
    text = " ".join(f"{value:.4f}" for value in found or ())
    if found is not None and lies_in_use(found, crs):
        return _Place(Message(f"{label}, bounds {text}", f"{label}，范围 {text}"), found, ok=True)
    en, zh = f"bounds {text} lie outside the area of this CRS", f"范围 {text} 超出该坐标系的适用区域"
    return _Place(Message(f"{label}, {en}", f"{label}，{zh}"), found, ok=False)
