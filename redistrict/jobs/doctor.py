"""Look at the machine and at a scenario's files: facts that explain most failed runs, as values."""

import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numba
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from redistrict.errors import DataError
from redistrict.geo.source import GCJ02, parse_crs, sniff_encoding
from redistrict.messages import Message
from redistrict.report.provenance import list_sources
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import Source
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
_AREA_MARGIN_DEG = 3.0


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
    return tuple(_examine_source(key, source) for key, source in list_sources(scenario))


def _same(name: str, value: str) -> Fact:
    return Fact(Message(name, name), Message(value, value))


def _cjk_font() -> Fact:
    """Look for a font with Chinese characters: without one a browser shows boxes on the map."""
    folders = [Path(name) for name in _FONT_FOLDERS]
    folders += [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", Path.home() / ".local/share/fonts"]
    files = sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*.[to]t[fc]"))
    found = [path.name for path in files if path.name.lower().replace("-", "").startswith(_CJK_FONTS)]
    missing = Message("none found: maps viewed here may show boxes", "未找到：在本机看地图时汉字可能显示为方框")
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
    """Compile a tiny function with a cache, as the search does: where none can be written it would fail."""
    name = Message("compiler cache", "编译缓存")
    try:
        compiled = numba.njit(cache=True)(_add_one)
        compiled(1)
    except (RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        en, zh = (
            f"{reason}; set NUMBA_CACHE_DIR to a writable folder",
            "不可写，请把 NUMBA_CACHE_DIR 设为可写的文件夹",
        )
        return Fact(name, Message(en, zh), ok=False)
    path = str(compiled.stats.cache_path)
    return Fact(name, Message(path, path))


def _examine_source(key: str, source: Source) -> Fact:
    """Read the head of one layer only: encoding, feature count, CRS and where on earth it lies."""
    name = Message(key, key)
    if not source.path.exists():
        return Fact(name, Message(f"there is no file {source.path}", f"找不到文件 {source.path}"), ok=False)
    sniffed = source.encoding or sniff_encoding(source.path)
    try:
        info = pyogrio.read_info(
            source.path,
            layer=source.layer,
            encoding=sniffed,
            force_feature_count=True,
            force_total_bounds=True,
        )
        crs = _crs(info["crs"], source, key)
        where, ok = _place(crs, info["total_bounds"])
    except (DataSourceError, DataLayerError, DataError, CRSError, ValueError, LookupError) as error:
        reason = error.problems[0] if isinstance(error, DataError) else Message(str(error), str(error))
        en, zh = f"{source.path.name}: {reason.en}", f"{source.path.name}：{reason.zh}"
        return Fact(name, Message(en, zh), ok=False)
    encoding, label = sniffed or info["encoding"] or "UTF-8", f"{crs.name} ({crs.to_string()[:40]})"
    n = f"{info['features']:,}"
    return Fact(
        name,
        Message(
            f"{source.path.name}: {n} features, {encoding}, {label}, {where.en}",
            f"{source.path.name}：{n} 个要素，{encoding}，{label}，{where.zh}",
        ),
        ok=ok and not (key == "data.blocks" and info["features"] == 0),
    )


def _crs(found: str | None, source: Source, key: str) -> CRS:
    """Give the CRS the layer will be read in: the scenario's word, else the file's own."""
    if source.crs is not None:
        return CRS.from_epsg(4326) if source.crs.lower() == GCJ02 else parse_crs(source.crs, f"{key}.crs")
    if found is None:
        raise DataError(Message(f"no CRS in the file; give it as {key}.crs", f"文件没有坐标系，请写明 {key}.crs"))
    return CRS.from_user_input(found)


def _place(crs: CRS, bounds: tuple[float, float, float, float] | None) -> tuple[Message, bool]:
    """Give the bounds in degrees, and whether they lie where the CRS is meant to be used."""
    if bounds is None:
        return Message("no bounds", "无范围"), True
    transformer = Transformer.from_crs(crs, 4326, always_xy=True)
    west, south, east, north = transformer.transform_bounds(*bounds)
    text = f"{west:.4f} {south:.4f} {east:.4f} {north:.4f}"
    area, margin = crs.area_of_use, _AREA_MARGIN_DEG
    inside = area is None or (
        area.west - margin <= west
        and east <= area.east + margin
        and area.south - margin <= south
        and north <= area.north + margin
    )
    if inside:
        return Message(f"bounds {text}", f"范围 {text}"), True
    en, zh = f"bounds {text} lie outside the area of this CRS", f"范围 {text} 超出该坐标系的适用区域"
    return Message(en, zh), False
