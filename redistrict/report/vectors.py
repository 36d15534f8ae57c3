"""Vector files: communities.gpkg and the guarded shapefile."""

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from redistrict.errors import OutputError
from redistrict.messages import Message
from redistrict.report.layers import Layers

_FIELDS = (
    ("community_id", "COMM_ID", "社区编号", "community id"),
    ("community_name", "NAME", "社区名称", "community name"),
    ("district", "DISTRICT", "所属区", "district"),
    ("households", "HH", "户数", "households"),
    ("people", "POP", "人口", "people"),
    ("workers", "WORKERS", "社区工作者", "community workers"),
    ("n_blocks", "BLOCKS", "地块数", "blocks"),
    (
        "households_deviation",
        "DEV_HH",
        "户数偏差（占目标比例）",
        "deviation of households, share of the target",
    ),
    ("people_deviation", "DEV_POP", "人口偏差（占目标比例）", "deviation of people, share of the target"),
)
_MAX_TEXT_BYTES = 254


def write_geopackage(path: Path, layers: Layers) -> None:
    """Write the layers `communities` and `blocks`."""
    layers.communities.to_file(path, layer="communities", driver="GPKG")
    layers.blocks.to_file(path, layer="blocks", driver="GPKG")


def write_shapefile(folder: Path, layers: Layers, *, encoding: str) -> None:
    """Write `communities.shp` with ASCII field names and a dictionary of them, read it again and compare.

    Raises
    ------
    OutputError
        If a text cannot be written in the encoding or is too long for a shapefile, or what is read back differs.
    """
    folder.mkdir()
    fields = [field for field in _FIELDS if field[0] in layers.communities.columns]
    table = layers.communities[[*(name for name, *_ in fields), "geometry"]]
    _check_texts(table, encoding)
    short = table.rename(columns={name: field for name, field, *_ in fields})
    path = folder / "communities.shp"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Normalized/laundered field name.*")
        short.to_file(path, driver="ESRI Shapefile", encoding=encoding.upper(), index=False)
    dictionary = pd.DataFrame([(field, zh, en) for _, field, zh, en in fields], columns=["field", "字段", "meaning"])
    dictionary.to_csv(folder / "fields.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    _compare(short, gpd.read_file(path), path)


def _check_texts(table: gpd.GeoDataFrame, encoding: str) -> None:
    problems = []
    for column in ("community_id", "community_name", "district"):
        for text in sorted(set(table[column])):
            try:
                n_bytes = len(text.encode(encoding))
            except UnicodeEncodeError:
                problems.append(
                    Message(
                        f"The shapefile cannot hold '{text}' in {encoding}; set output.shapefile_encoding to "
                        "utf-8 or gb18030.",
                        f"shapefile 的 {encoding} 编码无法保存“{text}”；"
                        "请将 output.shapefile_encoding 设为 utf-8 或 gb18030。",
                    )
                )
                continue
            if n_bytes > _MAX_TEXT_BYTES:
                problems.append(
                    Message(
                        f"'{text}' takes {n_bytes} bytes in {encoding}; a shapefile holds {_MAX_TEXT_BYTES}.",
                        f"“{text}”在 {encoding} 中占 {n_bytes} 字节；shapefile 最多 {_MAX_TEXT_BYTES} 字节。",
                    )
                )
    if problems:
        raise OutputError(problems)


def _compare(written: gpd.GeoDataFrame, read: gpd.GeoDataFrame, path: Path) -> None:
    texts = read.select_dtypes(exclude="geometry")
    same_names = list(texts.columns) == [name for name in written.columns if name != "geometry"]
    same = same_names and len(read) == len(written)
    for name in texts.columns if same else ():
        before, after = written[name].tolist(), read[name].tolist()
        same &= all(_same(a, b) for a, b in zip(before, after, strict=True))
    same = same and bool((written.geometry.area - read.geometry.area).abs().max() < 1.0)
    if not same:
        raise OutputError(
            Message(
                f"{path.name} does not read back as it was written; use communities.gpkg and report this.",
                f"{path.name} 写出后读回的内容不一致；请改用 communities.gpkg 并反馈此问题。",
            )
        )


def _same(before: Any, after: Any) -> bool:
    if pd.isna(before) or pd.isna(after):
        return bool(pd.isna(after) and (pd.isna(before) or before == ""))
    if isinstance(before, float) and isinstance(after, float):
        return abs(before - after) < 1e-9
    return bool(before == after)
