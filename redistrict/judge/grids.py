"""Grids: every block in one grid, each inside its community, in one piece, of its size or a named exception."""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from redistrict.errors import DataError
from redistrict.judge.case import Case, Ints, add_up
from redistrict.judge.pieces import find_pieces
from redistrict.judge.reading import (
    as_text,
    column,
    geometries,
    read_layer,
    read_result_layer,
    read_result_table,
    text_column,
)
from redistrict.judge.told import read_json
from redistrict.judge.verification import Verification, Violation, disagree
from redistrict.messages import Message, name_some
from redistrict.scenario.grids import Grids, GridSource

FILES = ("grids.csv", "grid_list.csv")
_LIST = ("grid", "community_id", "n_blocks", "households", "grid_workers", "continues_id", "exception_en")
_FINE_M2, _MOST_OF_A_BLOCK = 1.0, 0.5
"""What two grids may share of ground, and how much of a block lies in its grid at least."""
_NOT_CHECKED = Message(
    "that grids outside their size could not be divided otherwise, and that the grids cost as little as can be",
    "超出规模的网格确无其他划分、网格划分确为最优",
)


def judge_grids(case: Case, folder: Path) -> Verification:
    """Judge the grids of a result; violations of `grids`.

    Where the scenario asks for none there must be no files of them.
    """
    rules = case.scenario.grids
    if rules is None:
        stray = [name for name in FILES if (folder / name).exists()]
        return Verification(
            tuple(disagree("grids", name, "file", None, "there", "no grids are asked") for name in stray)
        )
    try:
        of_block, rows = (read_result_table(folder / name) for name in FILES)
        layer = read_result_layer(folder / "communities.gpkg", layer="grids")
        told = read_json(folder / "report.json")["grids"]
        missing = [*_missing(of_block, ("block_id", "community_id", "grid")), *_missing(rows, _LIST)]
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        violations = [*_judge(case, rules, of_block, rows), *_judge_told(rows, told)]
        if {*map(str, case.ground.ids)} <= {*of_block["block_id"]}:
            violations += _judge_layer(case, of_block, layer)
    except (OSError, ValueError, KeyError, TypeError, DataError, DataSourceError, DataLayerError) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return Verification((disagree("grids", "grids.csv", "its files", None, said, "grids and their list"),))
    return Verification(tuple(violations), not_checked=(_NOT_CHECKED,))


def _missing(rows: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return [name for name in columns if name not in rows.columns]


def _judge(case: Case, rules: Grids, of_block: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Violation]:
    if sorted(of_block["block_id"]) != sorted(map(str, case.ground.ids)):
        odd = set(of_block["block_id"]) ^ set(map(str, case.ground.ids)) or {"a block twice"}
        yield disagree("grids", FILES[0], "list of blocks", None, name_some(sorted(odd)).en, "every block once")
        return
    code_of = dict(zip(of_block["block_id"], of_block["grid"], strict=True))
    codes = sorted(set(code_of.values()))
    if sorted(rows["grid"]) != codes:
        odd = set(rows["grid"]) ^ set(codes) or {"a grid twice"}
        yield disagree("grids", FILES[1], "list of grids", None, name_some(sorted(odd)).en, "every grid once")
        return
    place = {code: g for g, code in enumerate(codes)}
    grid = np.array([place[code_of[str(key)]] for key in case.ground.ids], dtype=np.intp)
    table = rows.set_index("grid").loc[codes]
    yield from _judge_homes(case, rules, grid, codes, table)
    yield from _judge_pieces(case, grid, codes)
    yield from _judge_counts(case, rules, grid, codes, table)
    yield from _judge_today(case, rules.today, grid, codes, table)


def _judge_homes(case: Case, rules: Grids, grid: Ints, codes: list[str], table: pd.DataFrame) -> Iterator[Violation]:
    """Check that each grid lies in one community, and is coded after it, 1, 2, ... without a gap."""
    numbers: dict[str, list[int]] = {}
    for g, code in enumerate(codes):
        own = np.flatnonzero(grid == g)
        homes = sorted({case.plan.names[c] if c >= 0 else "" for c in case.plan.community[own].tolist()})
        if len(homes) != 1:
            yield _broken(case, code, own, f"lies in {name_some(homes).en}", f"跨 {name_some(homes).zh}")
            continue
        if table.at[code, "community_id"] != homes[0]:
            yield disagree("grids", FILES[1], f"community of {code}", None, table.at[code, "community_id"], homes[0])
        pattern = re.escape(rules.code).replace(r"\{community\}", re.escape(homes[0]))
        width = re.search(r"\{number(?::0([1-9]))?\}", rules.code)
        found = re.fullmatch(re.sub(r"\\\{number(:0[1-9])?\\\}", r"([0-9]+)", pattern), code)
        least = int(width[1] or 1) if width else 1
        if found is None or found[1] != str(int(found[1])).zfill(least):
            yield _broken(case, code, own, f"its code is not of {rules.code}", f"编码不符合 {rules.code}")
        else:
            numbers.setdefault(homes[0], []).append(int(found[1]))
    for home, own_numbers in numbers.items():
        if sorted(own_numbers) != list(range(1, len(own_numbers) + 1)):
            said = ", ".join(map(str, sorted(own_numbers)))
            yield disagree("grids", FILES[0], "numbers of grids", home, said, "1, 2, ... without a gap")


def _judge_pieces(case: Case, grid: Ints, codes: list[str]) -> Iterator[Violation]:
    piece = find_pieces(case.survey, grid, case.all_links, community=case.plan.community)
    for g, code in enumerate(codes):
        own = np.flatnonzero(grid == g)
        n = len(np.unique(piece[own]))
        if n > 1:
            yield _broken(case, code, own, f"is in {n} pieces", f"分为 {n} 片，不连通")


def _judge_counts(case: Case, rules: Grids, grid: Ints, codes: list[str], table: pd.DataFrame) -> Iterator[Violation]:
    """Check sums and posts, and that those outside the bounds, and no others, are named."""
    sums = {name: add_up(counts, grid, len(codes)) for name, counts in case.ground.counts.items()}
    low, high = find_bounds(rules)
    for g, code in enumerate(codes):
        right = {"n_blocks": int((grid == g).sum()), "grid_workers": rules.workers}
        right |= {name: total[g] for name, total in sums.items()}
        for name, value in right.items():
            if name in table and str(table.at[code, name]) != str(value):
                yield disagree("grids", FILES[1], f"{name} of {code}", None, table.at[code, name], value)
        n, why = sums["households"][g], str(table.at[code, "exception_en"])
        if not low <= n <= high and not why:
            own = np.flatnonzero(grid == g)
            yield _broken(
                case, code, own, f"has {n} households, not {low} to {high}", f"{n} 户，不在 {low}–{high} 之间"
            )
        if low <= n <= high and why:
            yield disagree("grids", FILES[1], f"exception of {code}", None, why, "none: it is of its size")


def find_bounds(rules: Grids) -> tuple[int, int]:
    """Give the fewest and the most households of a grid."""
    tolerance = Fraction(str(rules.tolerance))
    low = rules.least or ceil(rules.households * (1 - tolerance))
    return low, rules.most or floor(rules.households * (1 + tolerance))


def _judge_today(
    case: Case, source: GridSource | None, grid: Ints, codes: list[str], table: pd.DataFrame
) -> Iterator[Violation]:
    """Check which of today's grids holds most households of each."""
    named = table["continues_id"]
    if source is None:
        stray = named[named != ""]
        if len(stray):
            yield disagree("grids", FILES[1], "continues_id", None, name_some(stray.tolist()).en, "empty")
        return
    layer = read_layer(source, source.columns.model_dump().values())
    keys = as_text(column(layer, source.columns.id, source))
    order = np.argsort(keys.astype(str), kind="stable")
    shapes, keys = shapely.make_valid(geometries(layer, case.ground.crs)[order]), keys[order]
    names = text_column(layer, source.columns.name, source)[order]
    tree, held = shapely.STRtree(shapes), dict[tuple[int, int], int]()
    for b, polygon in enumerate(case.ground.polygons):
        near = tree.query(polygon)
        shared = [(round(float(shapely.area(shapely.intersection(polygon, shapes[s]))), 4), -int(s)) for s in near]
        if shared and max(shared)[0] > 0:
            key = (int(grid[b]), -max(shared)[1])
            held[key] = held.get(key, 0) + int(case.ground.counts["households"][b])
    for g, code in enumerate(codes):
        own = [(n, -s) for (place, s), n in held.items() if place == g and n > 0]
        right = str(keys[-max(own)[1]]) if own else ""
        name = str(names[-max(own)[1]] or right) if own else ""
        for what, found, wanted in (
            ("continues_id", named[code], right),
            ("continues_name", table.at[code, "continues_name"], name),
        ):
            if found != wanted:
                yield disagree("grids", FILES[1], f"{what} of {code}", None, found or "-", wanted or "-")


def _judge_told(rows: pd.DataFrame, told: dict[str, Any]) -> Iterator[Violation]:
    """Check the totals of the report against the list."""
    right = {"count": len(rows), "workers": int(pd.to_numeric(rows["grid_workers"]).sum())}
    for name, value in right.items():
        if told[name] != value:
            yield disagree("grids", "report.json", f"grids.{name}", None, told[name], value)
    named = sorted(one["grid"] for one in told["exceptions"])
    freed = sorted(rows.loc[rows["exception_en"] != "", "grid"])
    if named != freed:
        yield disagree("grids", "report.json", "grids.exceptions", None, name_some(named).en, name_some(freed).en)


def _judge_layer(case: Case, of_block: pd.DataFrame, layer: gpd.GeoDataFrame) -> Iterator[Violation]:
    """Check that each polygon of the layer holds most of every block of its grid, and that no two overlap."""
    file = "communities.gpkg (grids)"
    codes = sorted(set(of_block["grid"]))
    if layer.crs is None or sorted(layer["grid"]) != codes or not layer.geometry.is_valid.all():
        yield disagree("grids", file, "its polygons", None, f"{len(layer)}", f"{len(codes)} valid ones, one a grid")
        return
    shape_of = dict(zip(layer["grid"], geometries(layer, case.ground.crs), strict=True))
    code_of = dict(zip(of_block["block_id"], of_block["grid"], strict=True))
    polygons = case.ground.polygons
    homes = np.array([shape_of[code_of[str(key)]] for key in case.ground.ids], dtype=object)
    held = shapely.area(shapely.intersection(polygons, homes)) / shapely.area(polygons)
    if (astray := np.flatnonzero(held < _MOST_OF_A_BLOCK)).size:
        named = name_some(case.keys(astray))
        yield disagree("grids", file, "blocks outside their grid", None, named.en, "none")
    shapes = np.array([shape_of[code] for code in codes], dtype=object)
    i, j = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    i, j = i[i < j], j[i < j]
    shared_m2 = shapely.area(shapely.intersection(shapes[i], shapes[j]))
    for n in np.flatnonzero(shared_m2 > _FINE_M2).tolist():
        yield disagree("grids", file, f"{codes[i[n]]} and {codes[j[n]]} share, m²", None, f"{shared_m2[n]:.1f}", "none")


def _broken(case: Case, code: str, blocks: Ints, en: str, zh: str) -> Violation:
    message = Message(f"Grid {code} {en}.", f"网格 {code}：{zh}。")
    home = case.plan.community[blocks[0]]
    community = case.plan.names[home] if home >= 0 else None
    return Violation("grids", community, case.keys(blocks), en, "as the scenario's grids ask", message)
