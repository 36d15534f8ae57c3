"""Repaired: the delivered layer of mended blocks, beside what the judge makes of the original file."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from redistrict.errors import DataError
from redistrict.judge.ground import Ground
from redistrict.judge.reading import as_text, read_result_layer
from redistrict.judge.verification import Violation
from redistrict.messages import Message, name_some

FILE = "repaired_blocks.gpkg"
OFF_SHARE, OFF_M2 = 0.001, 0.5
"""How much of a block may lie elsewhere: roundings along its border."""


def check_repaired(result_dir: Path, ground: Ground) -> Iterator[Violation]:
    """Name the blocks of the layer whose key, counts or ground are not what mending the original file gives."""
    try:
        layer = read_result_layer(result_dir / FILE, layer="repaired_blocks")
        counted = ground.held | ({} if ground.dwellings is None else {"dwellings": ground.dwellings})
        table = pd.DataFrame({name: layer[name].to_numpy() for name in ("block_id", *counted)})
    except (DataError, DataLayerError, DataSourceError, KeyError, OSError) as error:
        message = Message(f"{FILE} cannot be read: {error}.", f"无法读取 {FILE}：{error}。")
        yield Violation("files", None, (), "unreadable", "a layer of blocks", message)
        return
    shape = dict(zip(as_text(table["block_id"]), layer.geometry.to_crs(ground.crs).to_numpy(), strict=True))
    counts = table.set_index(as_text(table["block_id"]))[list(counted)]
    wrong = set(shape) ^ set(ground.ids) or {key for key in shape if len(layer) != len(shape)}
    for n, key in enumerate(ground.ids):
        if key not in wrong:
            is_counted = all(counts.loc[key, q] == values[n] for q, values in counted.items())
            off_m2 = shapely.area(shapely.symmetric_difference(shape[key], ground.polygons[n]))
            if not is_counted or not off_m2 <= OFF_M2 + OFF_SHARE * ground.polygons[n].area:
                wrong.add(key)
    if wrong:
        odd = tuple(sorted(map(str, wrong)))
        some = name_some(odd)
        message = Message(
            f"{FILE}: {len(odd)} blocks do not have the key, counts or ground that mending the original gives: "
            f"{some.en}.",
            f"{FILE}：{len(odd)} 个地块的编号、人数或范围与按原始数据修复的结果不符：{some.zh}。",
        )
        yield Violation("files", None, odd, f"{len(odd)} blocks differ", "as mended from the original", message)
