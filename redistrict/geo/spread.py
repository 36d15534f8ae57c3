"""Spread: counts known for larger or other areas (census tracts, today's communities), shared out over the blocks.

Each area's households and people go to the blocks that lie in it, in proportion to the ground they share, or to a
column of theirs such as floor area or dwellings; whole numbers by largest remainder, so that every area's sum holds
(areal interpolation: Goodchild and Lam 1980, "Areal interpolation: a variant of the traditional spatial problem",
Geo-Processing 1; with a column it is the dasymetric kind).
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from redistrict.geo.area_totals import find_area_totals
from redistrict.geo.counts import AS_ZERO
from redistrict.geo.metric import to_metric
from redistrict.geo.repair import repair_polygons
from redistrict.geo.source import read_source
from redistrict.geo.tables import as_text, read_keys, read_numbers
from redistrict.messages import Message, count_of, join, name_some, under
from redistrict.scenario.sources import GROUND, BlockSource, SpreadSource, column_of, list_columns

_KEY = "data.blocks.spread"
_AREAS = Message("areas", "个统计区")
_DIGITS = 6
"""Shares are rounded to so many decimals of one resident before whole numbers are made of them."""
_SPARSE = 0.5
"""Areas of whose ground blocks cover less than this share are named."""
_OPEN = 0.75
"""Areas of whose ground more than this share lies in no block are named with their counts."""
_OUTSIDE = 0.75
"""Blocks of whose ground less than this share lies in areas are named."""
_TWICE = 1.01
"""A block that areas cover by more than this share of its ground lies in areas that overlap."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Texts = NDArray[np.object_]


def read_spread(
    source: BlockSource,
    raw: pd.DataFrame,
    blocks: gpd.GeoSeries,
    ids: Texts,
    problems: list[Message],
    notes: list[Message],
) -> dict[str, IntArray]:
    """Give the counts that come from areas, in the order of the blocks; nothing where the scenario names no areas.

    Parameters
    ----------
    raw : DataFrame
        Rows of the block layer.
    blocks : GeoSeries
        Valid polygons in the metric CRS.
    ids : (n_blocks,) str
    problems, notes : list of Message
        What is wrong, and what was lost or chosen, is added.
    """
    spread = source.spread
    if spread is None:
        return {}
    columns = spread.columns
    layer = read_source(spread, list_columns(columns), key=_KEY, notes=notes)
    keys = read_keys(layer[columns.id], f"{_KEY}.columns.id", problems)
    named = {name: column_of(columns, name) for name in (*source.quantities, *source.others)}
    held = {name: column for name, column in named.items() if column is not None}
    counts = {
        name: read_numbers(layer[column], keys.tolist(), f"{_KEY}.columns.{name}", problems, notes, whole=True).astype(
            np.int64
        )
        for name, column in held.items()
    }
    if source.blanks == "refuse":
        _refuse_blanks(layer, keys, list(held.values()), problems)
    weight = None
    if spread.by != GROUND:
        weight = read_numbers(raw[spread.by], ids.tolist(), f"{_KEY}.by", problems, notes, whole=False)
    areas = _read_areas(layer, CRS(blocks.crs), keys, problems, notes)
    if not problems:
        _refuse_totals(find_area_totals(keys, np.column_stack(list(counts.values())), areas), problems)
    if problems:
        return dict.fromkeys(counts, np.zeros(len(ids), dtype=np.int64))
    shapes = np.asarray(blocks.to_numpy(), dtype=object)
    area, block = shapely.STRtree(shapes).query(areas, predicate="intersects")
    ground_m2 = shapely.area(shapely.intersection(areas[area], shapes[block]))
    of_block = ground_m2 / shapely.area(shapes)[block]
    share = ground_m2 if weight is None else weight[block] * of_block
    covered_m2 = np.bincount(area, ground_m2, minlength=len(keys)).astype(np.float64)
    used = share > 0
    area, block, share = area[used], block[used], share[used]
    covered = np.bincount(block, of_block[used], minlength=len(ids)).astype(np.float64)
    is_weighed = np.bincount(area, minlength=len(keys)) > 0
    _say_blocks(source, ids, covered, problems, notes)
    _refuse_without_weight(spread, keys, counts, (covered_m2 > 0) & ~is_weighed, problems)
    share_covered = covered_m2 / np.maximum(shapely.area(areas), 1e-9)
    _note_open(keys, counts, np.where(covered_m2 > 0, 1 - share_covered, 0.0), notes)
    _say_areas(spread, keys, counts, areas, covered_m2, share_covered, problems, notes)
    order = np.lexsort((ids[block].astype(str), area))
    area, block, share = area[order], block[order], share[order]
    return {name: _share_out(n, area, block, share, len(ids)) for name, n in counts.items()}


def _refuse_blanks(layer: pd.DataFrame, keys: Texts, columns: list[str], problems: list[Message]) -> None:
    """Refuse areas without a count; a column that is blank throughout has a message of its own."""
    for column in columns:
        blank = as_text(layer[column]) == ""
        if blank.any() and not blank.all():
            named = name_some(keys[blank].tolist())
            problems.append(
                Message(
                    f"{_KEY}: '{column}' is empty for {int(blank.sum())} of {len(keys)} areas: {named.en}; "
                    "fill it in. ",
                    f"{_KEY}：“{column}”在 {len(keys)} 个统计区中有 {int(blank.sum())} 个为空：{named.zh}；请补全。",
                )
                + AS_ZERO
            )


def _share_out(n: IntArray, area: IntArray, block: IntArray, share: FloatArray, n_blocks: int) -> IntArray:
    """Share the count of each area out over its blocks by largest remainder; ties go to the block named first."""
    total = np.bincount(area, share, minlength=len(n))
    quota = np.round(n[area] * share / total[area], _DIGITS)
    whole = np.floor(quota).astype(np.int64)
    left = n - np.bincount(area, whole, minlength=len(n)).astype(np.int64)
    order = np.lexsort((-np.round(quota - whole, _DIGITS), area))
    first = np.searchsorted(area[order], area[order])
    more = np.arange(len(area)) - first < left[area[order]]
    whole[order[more]] += 1
    found = np.zeros(n_blocks, dtype=np.int64)
    np.add.at(found, block, whole)
    return found


def _read_areas(layer: gpd.GeoDataFrame, crs: CRS, keys: Texts, problems: list[Message], notes: list[Message]) -> Texts:
    """Give the polygons of the areas in the blocks' CRS."""
    shapes = np.asarray(layer.geometry.to_numpy(), dtype=object)
    wrong = ~(shapely.get_dimensions(shapes) == 2)
    if wrong.any():
        named = name_some(keys[wrong].tolist())
        problems.append(
            Message(
                f"{_KEY}: {int(wrong.sum())} areas are no polygons: {named.en}; draw them or delete the rows.",
                f"{_KEY}：{int(wrong.sum())} 个统计区不是面：{named.zh}；请补绘或删除这些记录。",
            )
        )
        return shapes
    metric = np.asarray(to_metric(layer, crs, key=_KEY).geometry.to_numpy(), dtype=object)
    shapes, repairs = repair_polygons(metric, keys, _AREAS)
    notes += [under(_KEY) + repair for repair in repairs]
    return shapes


def _refuse_totals(totals: list[str], problems: list[Message]) -> None:
    if totals:
        named = name_some(totals)
        problems.append(
            Message(
                f"{_KEY}: areas {named.en} are totals (called so, or with the sum of the areas they cover), whose "
                "residents would count twice; delete them.",
                f"{_KEY}：统计区 {named.zh} 为合计（名称如此，或数量等于其所覆盖各区之和），会重复计数；请删除。",
            )
        )


def _say_blocks(
    source: BlockSource, ids: Texts, covered: FloatArray, problems: list[Message], notes: list[Message]
) -> None:
    """Say which blocks get nothing or little, since they lie in no area, and which lie in several that overlap."""
    lost, twice = ids[covered == 0].tolist(), ids[covered > _TWICE].tolist()
    if lost:
        named = name_some(lost)
        is_zero = source.blanks == "zero"
        advice = (
            Message("they count as empty.", "按无人居住计。")
            if is_zero
            else Message(
                "if nobody lives there, write 'blanks: zero' under data.blocks.",
                "如无人居住，请在 data.blocks 下写 blanks: zero。",
            )
        )
        (notes if is_zero else problems).append(
            Message(
                f"{_KEY}: {len(lost)} blocks get no count from any area: {named.en}; ",
                f"{_KEY}：{len(lost)} 个地块没有从任何统计区分得数量：{named.zh}；",
            )
            + advice
        )
    part = (covered > 0) & (covered < _OUTSIDE)
    if part.any():
        named = name_some([f"{key} {share:.0%}" for key, share in zip(ids[part], covered[part], strict=True)])
        notes.append(
            Message(
                f"{_KEY}: {int(part.sum())} blocks lie with less than {_OUTSIDE:.0%} of their ground in areas, and get "
                f"no count for the rest: {named.en}; check whether areas are missing there.",
                f"{_KEY}：{int(part.sum())} 个地块在统计区内的面积不足 {_OUTSIDE:.0%}，其余部分未分得数量：{named.zh}；"
                "请核对是否缺少统计区。",
            )
        )
    if twice:
        named = name_some(twice)
        notes.append(
            Message(
                f"{_KEY}: {len(twice)} blocks lie in areas that overlap, and get a share of each: {named.en}.",
                f"{_KEY}：{len(twice)} 个地块位于相互重叠的统计区内，从各区分别分得数量：{named.zh}。",
            )
        )


def _refuse_without_weight(
    spread: SpreadSource,
    keys: Texts,
    counts: dict[str, IntArray],
    is_weightless: NDArray[np.bool_],
    problems: list[Message],
) -> None:
    """Name the areas with residents that lie over blocks which all have 0 in the column counts are shared by."""
    lost = is_weightless & np.any(list(counts.values()), axis=0)
    if lost.any():
        named, n = name_some(keys[lost].tolist()), _sum_of(counts, lost)
        problems.append(
            Message(
                f"{_KEY}: all blocks in {named.en} have 0 in '{spread.by}', so that their counts ({n.en}) would go to "
                "nobody; fill the column in there.",
                f"{_KEY}：{named.zh} 内所有地块的“{spread.by}”均为 0，其数量（{n.zh}）无处分配；请补全该列。",
            )
        )


def _note_open(keys: Texts, counts: dict[str, IntArray], open_share: FloatArray, notes: list[Message]) -> None:
    """Name the areas with residents that lie mostly in no block, and how many go to the few blocks there."""
    lives = np.any(list(counts.values()), axis=0)
    rows = [n for n in np.argsort(-open_share, kind="stable").tolist() if open_share[n] > _OPEN and lives[n]]
    if not rows:
        return
    sums = [_sum_of(counts, np.arange(len(keys)) == n) for n in rows]
    some = [(f"{keys[n]} {open_share[n]:.0%}", told) for n, told in zip(rows, sums, strict=True)]
    en, zh = name_some([f"{a} ({n.en})" for a, n in some]).en, name_some([f"{a}（{n.zh}）" for a, n in some]).zh
    notes.append(
        Message(
            f"{_KEY}: {len(rows)} areas lie with more than {_OPEN:.0%} of their ground in no block, and all their "
            f"counts go to the blocks in the rest: {en}; check whether blocks are missing there.",
            f"{_KEY}：{len(rows)} 个统计区超过 {_OPEN:.0%} 的面积不在任何地块内，其数量全部分配给其余部分的地块：{zh}；"
            "请核对是否缺少地块。",
        )
    )


def _sum_of(counts: dict[str, IntArray], rows: NDArray[np.bool_]) -> Message:
    units = {"households": Message("households", "户"), "people": Message("people", "人")}
    return join(count_of(int(n[rows].sum()), units[name]) for name, n in counts.items())


def _say_areas(
    spread: SpreadSource,
    keys: Texts,
    counts: dict[str, IntArray],
    areas: Texts,
    covered_m2: FloatArray,
    share: FloatArray,
    problems: list[Message],
    notes: list[Message],
) -> None:
    """Say how much of the areas no block covers, and whose counts go to nobody."""
    reached = covered_m2 > 0
    if (~reached).any():
        lost = _sum_of(counts, ~reached)
        named = name_some(keys[~reached].tolist())
        (problems if not reached.any() else notes).append(
            Message(
                f"{_KEY}: {int((~reached).sum())} areas of {spread.path.name} reach no block and are left out "
                f"({lost.en}): {named.en}. Does the layer lie where the blocks lie?",
                f"{_KEY}：{spread.path.name} 中有 {int((~reached).sum())} 个统计区没有对应的地块，未计入（{lost.zh}）："
                f"{named.zh}。请核对图层位置。",
            )
        )
    if not reached.any():
        return
    sparse = reached & (share < _SPARSE)
    worst = np.flatnonzero(sparse)[np.argsort(share[sparse], kind="stable")].tolist()
    named = name_some([f"{keys[n]} {1 - share[n]:.0%}" for n in worst])
    open_share = 1 - covered_m2[reached].sum() / shapely.area(areas[reached]).sum()
    more = Message(f"; most in {named.en}", f"，最多的是 {named.zh}") if worst else Message("", "")
    notes.append(
        Message(
            f"{_KEY}: counts of {int(reached.sum())} areas are spread over the blocks; {max(0.0, open_share):.1%} of "
            f"their ground lies in no block (streets, water)",
            f"{_KEY}：已将 {int(reached.sum())} 个统计区的数量分配到地块；其面积的 {max(0.0, open_share):.1%} "
            f"不在任何地块内（道路、水面）",
        )
        + more
        + Message(".", "。")
    )
