"""Places: points from the columns of longitude and latitude of a table without shapes."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from redistrict.errors import DataError
from redistrict.geo.tables import as_numbers, as_text
from redistrict.messages import NOTHING, Message, name_some
from redistrict.scenario.sources import PLACES, SiteSource, Source


def find_places(source: Source, fields: Sequence[str], key: str) -> tuple[str, ...]:
    """Name the two columns that hold the place of each row: those of the scenario, else those named like it.

    Raises
    ------
    DataError
        If it is a list of premises and has none, with the columns there are. Other sources need shapes: they get ().
    """
    if not isinstance(source, SiteSource):
        return ()
    if source.columns.x is not None and source.columns.y is not None:
        return source.columns.x, source.columns.y
    small = {name.strip().lower(): name for name in fields}
    for x, y in PLACES:
        if x in small and y in small:
            return small[x], small[y]
    listed = ", ".join(fields)
    raise DataError(
        Message(
            f"{key}: {source.path.name} has no shapes; name its columns of longitude and latitude as 'x' and 'y' under "
            f"{key}.columns. Its columns are: {listed}.",
            f"{key}：{source.path.name} 没有图形；请在 {key}.columns 的 x、y 中写明经度和纬度所在的列。"
            f"现有字段：{listed}。",
        )
    )


def place_rows(
    table: pd.DataFrame, columns: Sequence[str], source: Source, key: str, notes: list[Message]
) -> gpd.GeoDataFrame:
    """Put each row of a table where its two columns say; a row with an empty cell has no place.

    Degrees are taken for WGS 84 where the scenario says no `crs:`, with a note; metres have no system then.

    Raises
    ------
    DataError
        Naming the rows with something else than a number.
    """
    xy = np.column_stack([_read_coordinates(table[name], key) for name in columns])
    known = np.isfinite(xy).all(axis=1)
    places = np.full(len(xy), None, dtype=object)
    places[known] = shapely.points(xy[known])
    in_degrees = bool((np.abs(xy[known]) <= 180).all())  # a latitude beyond 90 is told as swapped axes
    crs = "EPSG:4326" if source.crs is None and in_degrees else None
    x, y = columns
    degrees = Message(
        ", as degrees of WGS 84; write 'crs: gcj02' if they come from a web map",
        "，按 WGS 84 经纬度计；如取自网络地图，请写 crs: gcj02",
    )
    taken = degrees if crs else NOTHING
    notes.append(
        Message(
            f"{key}: the places of {source.path.name} are taken from its columns '{x}' and '{y}'{taken.en}.",
            f"{key}：{source.path.name} 的位置取自“{x}”“{y}”两列{taken.zh}。",
        )
    )
    return gpd.GeoDataFrame(table, geometry=places, crs=crs)


def _read_coordinates(values: pd.Series, key: str) -> NDArray[np.float64]:
    """Give a column of coordinates, NaN where a cell is empty."""
    numbers = as_numbers(values)
    wrong = ~np.isfinite(numbers) & (as_text(values) != "")
    if wrong.any():
        rows = name_some(values.index[wrong].tolist())
        found = name_some([str(value) for value in values[wrong]], limit=3)
        raise DataError(
            Message(
                f"{key}: '{values.name}' must hold coordinates as numbers, such as 115.0512; found {found.en} "
                f"(rows {rows.en}).",
                f"{key}：“{values.name}”必须是数字坐标，如 115.0512；现值为 {found.zh}（第 {rows.zh} 行）。",
            )
        )
    return numbers
