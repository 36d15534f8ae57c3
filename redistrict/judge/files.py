"""The written files of a result, each checked against the plan and the judge's own sums."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import ceil, floor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import GEOSException

from redistrict.errors import DataError
from redistrict.judge.border import COLUMNS as LINE_COLUMNS
from redistrict.judge.border import check_lines, trace_border
from redistrict.judge.bounds import COLUMNS as BOUND_COLUMNS
from redistrict.judge.bounds import check_bounds
from redistrict.judge.case import Assignment, Case, Ints, assign
from redistrict.judge.compactness import measure_compactness
from redistrict.judge.costs import check_costs
from redistrict.judge.faults import Drawn
from redistrict.judge.grid_facts import read_grid_facts
from redistrict.judge.grids import judge_grids
from redistrict.judge.ground import Ground, read_ground
from redistrict.judge.neck_widths import check_neck_widths
from redistrict.judge.necks import check_neck_cost
from redistrict.judge.office import COLUMNS, COUNTED, check_office
from redistrict.judge.outlines import NO_LINES, judge_outlines
from redistrict.judge.pins import FOLDER
from redistrict.judge.reading import Geometries, list_result_layers, read_result_layer, read_result_table
from redistrict.judge.repaired import check_repaired
from redistrict.judge.rules import find_missing_columns, judge_case
from redistrict.judge.told import read_json, section
from redistrict.judge.told import rows as told_rows
from redistrict.judge.units import check_units, list_homes, name_fields
from redistrict.judge.verification import Verification, Violation, disagree
from redistrict.messages import Message, name_some
from redistrict.scenario.models import Scenario
from redistrict.scenario.office import Staffing
from redistrict.scenario.section import Quantity

T = TypeVar("T")

FINE_M = 0.02
"""How far a vertex may be off in a file."""
TODAY = "communities_today"
SHAPEFILE_FIELDS = {
    "COMM_ID": "community_id",
    "NAME": "community_name",
    "DISTRICT": "district",
    "HH": "households",
    "POP": "people",
    "DWELLINGS": "dwellings",
    "WORKERS": "workers",
}
REPORT_KEYS = {"id": "community_id", "name": "community_name", "population": "people"}


def verify_files(scenario: Scenario, result_dir: Path) -> Verification:
    """Judge the plan of a result directory, and every delivered file against the plan.

    Parameters
    ----------
    result_dir : Path
        Directory with `plan.csv`, `report.json`, `staffing.csv`, `communities.gpkg`, `communities.geojson` and
        `shapefile/communities.shp`; `lineage.csv` is checked where it is there.

    Returns
    -------
    Verification
        Violations of the plan's rules, of `report` (the report's numbers), of `outline` (the polygons on the ground)
        and of `files` (all else); and notes on what is in pieces, joined by a link, or wholly inside another.

    Raises
    ------
    DataError
        If the data the scenario names cannot be read.
    """
    ground = read_ground(scenario)
    plan = _read(result_dir / "plan.csv", read_result_table)
    if isinstance(plan, Violation):
        return Verification((plan,))
    violations, freed = find_missing_columns(plan), tuple[str, ...]()
    if not violations:
        case = Case(scenario, ground, assign(ground, plan), _named_exceptions(result_dir / "report.json"))
        freed = tuple(case.plan.names[c] for c in case.freed)
        violations = [*judge_case(case, plan), *_check_named(case)]
        expected = _expect(case, plan)
        violations += _check_report(result_dir / "report.json", expected)
        violations += _check_costs(result_dir, case)
        violations += _check_units(result_dir, expected, plan)
        violations += _check_staffing(result_dir / "staffing.csv", expected)
        violations += _check_office(result_dir, expected)
        if scenario.data.repair == "mend":
            violations += check_repaired(result_dir, ground)
        layers = _check_layers(result_dir, expected)
        found = Verification((*violations, *layers.violations), layers.notes, freed)
        return found + judge_grids(case, result_dir)
    return Verification(tuple(violations), exceptions=freed)


def _named_exceptions(path: Path) -> frozenset[str]:
    """Give the communities that a report names as exceptions; none if it cannot be read, which is told elsewhere."""
    report = _read(path, _read_json)
    named = [] if isinstance(report, Violation) else told_rows(report, "communities")
    return frozenset(str(row.get("id")) for row in named if row.get("exception"))


def _check_named(case: Case) -> Iterator[Violation]:
    """Check that where some communities are freed the report names none that is inside the bounds."""
    if case.scenario.communities.exceptions != "nearest":
        return
    for community, name in enumerate(case.plan.names):
        if name in case.named and community not in {*case.freed, *case.special}:
            yield disagree("report", "report.json", "exception", name, "named", "a community inside the bounds")


@dataclass(frozen=True, eq=False)
class _Expected:
    """What the files must say: by the plan, and by the judge's own sums over the original blocks.

    Attributes
    ----------
    communities : DataFrame
        Indexed by `community_id`: `community_name`, `district`, `workers` and each quantity with a column.
    """

    case: Case
    communities: pd.DataFrame

    @property
    def ground(self) -> Ground:
        """The judge's own reading of the data."""
        return self.case.ground

    @property
    def community(self) -> Ints:
        """Row of `communities` each block of the ground belongs to, or -1, (n,)."""
        return self.case.plan.community


def _expect(case: Case, plan: pd.DataFrame) -> _Expected:
    ground, assignment, staffing = case.ground, case.plan, case.scenario.standards.staffing
    first = plan.drop_duplicates("community_id").set_index("community_id")
    table = first.loc[list(assignment.names), ["community_name", "district"]]
    there = assignment.community >= 0
    for quantity, counts in ground.held.items():
        sums = np.zeros(len(table), dtype=np.int64)
        np.add.at(sums, assignment.community[there], counts[there])
        table[quantity] = sums
    if ground.dwellings is not None:
        table["dwellings"] = np.bincount(assignment.community[there], ground.dwellings[there], len(table)).astype(int)
    quantities = list(ground.counts)
    table["workers"] = [
        count_workers(staffing, dict(zip(quantities, map(int, row), strict=True)))
        for row in table[quantities].to_numpy()
    ]
    return _Expected(case, table)


def count_workers(staffing: Staffing, sums: Mapping[Quantity, int]) -> int:
    """Count the workers of a community by the scenario's staffing rule, in exact fractions."""
    ratios = {"households": staffing.households_per_worker, "people": staffing.people_per_worker}
    needs = [Fraction(total) / Fraction(str(ratios[quantity])) for quantity, total in sums.items()]
    need = max(needs) if staffing.combine == "larger" else sum(needs, Fraction(0)) / len(needs)
    rounded = ceil(need) if staffing.rounding == "up" else floor(need + Fraction(1, 2))
    return max(rounded, staffing.minimum)


def _read_json(path: Path) -> dict[str, Any]:
    content = read_json(path)
    told, totals = content.get("communities") or [], content.get("totals") or {}
    if not isinstance(told, list) or not all(isinstance(row, dict) for row in told) or not isinstance(totals, dict):
        raise ValueError("communities or totals are not what a run writes there")
    return content


def _read(path: Path, read: Callable[[Path], T]) -> T | Violation:
    """Read one file, or say that it is missing or unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # what GDAL says of broken rings; they raise, or are judged
            return read(path)
    except DataError as error:
        return Violation("files", None, (), str(error), "a readable file", error.problems[0])
    except (OSError, ValueError, DataSourceError, DataLayerError, GEOSException) as error:
        message = Message(f"{path.name} is missing or unreadable: {error}", f"{path.name} 缺失或无法读取：{error}")
        return Violation("files", None, (), str(error), "a readable file", message)


def _check_report(path: Path, expected: _Expected) -> Iterator[Violation]:
    report = _read(path, _read_json)
    if isinstance(report, Violation):
        yield report
        return
    table = expected.communities
    if report.get("n_communities") != len(table):
        yield disagree("report", path.name, "n_communities", None, report.get("n_communities"), len(table))
    totals = section(report, "totals")
    for quantity in expected.ground.counts:
        key = "population" if quantity == "people" else quantity
        if totals.get(key) != int(table[quantity].sum()):
            yield disagree("report", path.name, f"totals.{key}", None, totals.get(key), table[quantity].sum())
    for name, right in _count_totals(expected).items():
        if name in totals and totals[name] != right:
            yield disagree("report", path.name, f"totals.{name}", None, totals[name], right)
    others_told = section(totals, "others")
    for other in expected.ground.others:
        if others_told.get(other) != int(table[other].sum()):
            right, found = table[other].sum(), others_told.get(other)
            yield disagree("report", path.name, f"totals.others.{other}", None, found, right)
    held = [
        {**row, **{key: section(row, "others").get(key) for key in expected.ground.others}}
        for row in told_rows(report, "communities")
    ]
    table_told = pd.DataFrame(held or [{"id": ""}]).rename(columns=REPORT_KEYS)
    if "n_blocks" in table_told.columns:
        n_blocks = np.bincount(expected.community[expected.community >= 0], minlength=len(table))
        expected = replace(expected, communities=table.assign(n_blocks=n_blocks))
    yield from _check_table("report", path.name, table_told, expected, list(expected.communities.columns))


def _count_totals(expected: _Expected) -> dict[str, Any]:
    """Count what is no sum of a quantity: blocks, workers, and communities by district."""
    districts = expected.communities["district"].tolist()
    return {
        "blocks": int((expected.community >= 0).sum()),
        "workers": int(expected.communities["workers"].sum()),
        "communities_by_district": {name: districts.count(name) for name in set(districts)},
    }


def _check_costs(result_dir: Path, case: Case) -> Iterator[Violation]:
    """Check the published cost; a report that cannot be read is told of elsewhere."""
    report, crossings = _read(result_dir / "report.json", _read_json), pd.DataFrame()
    if (result_dir / "crossings.csv").exists():
        found = _read(result_dir / "crossings.csv", read_result_table)
        if isinstance(found, Violation):
            yield found
            return
        crossings = found
    if not isinstance(report, Violation):
        yield from check_costs(case, report, crossings)


def _check_units(result_dir: Path, expected: _Expected, plan: pd.DataFrame) -> Iterator[Violation]:
    """Check what is published of levels; a report that cannot be read is told of elsewhere."""
    report = _read(result_dir / "report.json", _read_json)
    if expected.ground.levels and not isinstance(report, Violation):
        yield from check_units(expected.case, report, plan, expected.communities)


def _check_staffing(path: Path, expected: _Expected) -> Iterator[Violation]:
    rows = _read(path, read_result_table)
    if isinstance(rows, Violation):
        yield rows
        return
    yield from _check_table("files", path.name, rows, expected, ["workers"])


def _check_office(folder: Path, expected: _Expected) -> Iterator[Violation]:
    """Check the tables of the office that are there."""
    case, tables = expected.case, dict[str, pd.DataFrame]()
    for name, columns in COLUMNS.items():
        if (folder / name).exists():
            rows = _read_table(folder / name, [*columns, *(case.ground.counts if name in COUNTED else ())])
            if isinstance(rows, Violation):
                yield rows
            else:
                tables[name] = rows
    report = _read(folder / "report.json", _read_json)
    told = {} if isinstance(report, Violation) else report
    is_healed = (folder / FOLDER).exists()
    communities = _with_compactness(folder / "communities.gpkg", expected)
    grids = read_grid_facts(case, folder)
    yield from check_office(case, tables, communities, told, is_healed=is_healed, grids=grids)


def _with_compactness(geopackage: Path, expected: _Expected) -> pd.DataFrame:
    """Add how compact the polygons handed over are; a layer that cannot be read is told of elsewhere."""
    layer = _read(geopackage, partial(read_result_layer, layer="communities"))
    if isinstance(layer, Violation):
        return expected.communities
    found = _check_layer("communities.gpkg", layer, expected, list(expected.communities.columns)).drawn
    return expected.communities.assign(compactness=measure_compactness(found[0])) if found else expected.communities


def _check_border(folder: Path, drawn: Drawn) -> Iterator[Violation]:
    """Check what the tables that are there say of the borders of communities."""
    border = trace_border(drawn)
    for name, columns, check in (
        ("boundaries.csv", LINE_COLUMNS, check_lines),
        ("bounds.csv", BOUND_COLUMNS, check_bounds),
    ):
        if (folder / name).exists():
            rows = _read_table(folder / name, columns)
            yield from [rows] if isinstance(rows, Violation) else check(drawn.case, border, rows)


def _check_necks(path: Path, drawn: Drawn) -> Iterator[Violation]:
    """Check the least necks of a report, and their cost; one that cannot be read is told of elsewhere."""
    report = _read(path, _read_json)
    if not isinstance(report, Violation):
        yield from check_neck_widths(drawn, told_rows(report, "communities"))
        cost_m = section(section(report, "totals"), "cost_parts").get("neck")
        yield from check_neck_cost(drawn, shapely.STRtree(drawn.case.ground.polygons), cost_m)


def _read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame | Violation:
    """Read a table with these columns, or say what is wrong with it."""
    rows = _read(path, read_result_table)
    if isinstance(rows, pd.DataFrame) and (missing := [name for name in columns if name not in rows.columns]):
        return disagree("files", path.name, "missing column", None, ", ".join(missing), "all columns")
    return rows


def _check_table(
    rule: str, file: str, rows: pd.DataFrame, expected: _Expected, columns: list[str]
) -> Iterator[Violation]:
    """Check that the rows name every community once, and agree with what is expected in `columns`."""
    missing = [column for column in ["community_id", *columns] if column not in rows.columns]
    if missing:
        yield disagree(rule, file, "missing column", None, ", ".join(missing), "all columns")
        return
    rows = rows.assign(community_id=rows["community_id"].map(_text))
    rows = rows[rows["community_id"] != ""]  # a line of totals
    given, wanted = sorted(rows["community_id"]), sorted(expected.communities.index)
    if given != wanted:
        odd = name_some(sorted(set(given) ^ set(wanted)) or given).en
        yield disagree(rule, file, "list of communities", None, f"{len(given)} ({odd})", len(wanted))
        return
    rows = rows.set_index("community_id")
    for column in columns:
        for community, value in expected.communities[column].items():
            found = _text(rows.at[community, column])
            if found != _text(value):
                yield disagree(rule, file, column, str(community), found or "-", value)


def _text(value: Any) -> str:
    """Write a value as the same text whether it was read as text, whole number or float."""
    if isinstance(value, list | dict):
        return repr(value)
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _check_layers(result_dir: Path, expected: _Expected) -> Verification:
    """Check columns and polygons of every layer; a fault of polygons that stands in several files is told once."""
    units = list_homes(expected.case)
    expected = replace(expected, communities=expected.communities.assign(**units))
    others = enumerate(expected.case.scenario.communities.others)
    fields = SHAPEFILE_FIELDS | name_fields(units) | {f"Q{2 * n + 1}_{key.upper()}"[:10]: key for n, key in others}
    geopackage = result_dir / "communities.gpkg"
    shapefile = result_dir / "shapefile" / "communities.shp"
    layers = {
        "communities.gpkg": _read(geopackage, partial(read_result_layer, layer="communities")),
        "communities.shp": _read(shapefile, read_result_layer),
        "communities.geojson": _read(result_dir / "communities.geojson", read_result_layer),
    }
    violations, drawn = [], []
    for name, layer in layers.items():
        if isinstance(layer, Violation):
            violations.append(layer)
            continue
        rows = layer.rename(columns=fields) if name.endswith("shp") else layer
        found = _check_layer(name, rows, expected, list(expected.communities.columns))
        violations += found.violations
        drawn += found.drawn
    blocks = _read(geopackage, partial(read_result_layer, layer="blocks"))
    violations += [blocks] if isinstance(blocks, Violation) else _check_blocks(blocks, expected)
    today = _check_today(geopackage, expected)
    for one in drawn[:1]:
        if shapely.is_valid(one.shapes).all():
            violations += [*_check_border(result_dir, one), *_check_necks(result_dir / "report.json", one)]
    outlines = judge_outlines(expected.case, drawn, today.drawn, _read_centred(geopackage, expected))
    return Verification((*violations, *today.violations, *outlines.violations), outlines.notes)


def _read_centred(geopackage: Path, expected: _Expected) -> Geometries:
    """Read the boundaries told to stay on the centreline; none if they cannot be read."""
    layer = _read(geopackage, partial(read_result_layer, layer="boundaries"))
    if isinstance(layer, Violation) or layer.crs is None or "side" not in layer.columns:
        return NO_LINES
    lines: Geometries = layer[layer["side"] == "centreline"].to_crs(expected.ground.crs).geometry.to_numpy()
    return lines


class _Layer(NamedTuple):
    """What is wrong with a layer's columns, and its polygons where there are any to judge."""

    violations: list[Violation]
    drawn: list[Drawn]


def _check_layer(file: str, rows: gpd.GeoDataFrame, expected: _Expected, columns: list[str]) -> _Layer:
    """Check the columns of a layer, and bring its polygons to the ground's CRS and the order of the communities."""
    found = [*_check_table("files", file, pd.DataFrame(rows), expected, columns)]
    if any(fault.community is None for fault in found):
        return _Layer(found, [])
    if rows.crs is None or shapely.is_missing(rows.geometry.to_numpy()).any():
        fault = disagree("files", file, "geometry", None, "without a CRS or missing", "polygons")
        return _Layer([*found, fault], [])
    placed = rows.set_index(rows["community_id"].map(_text)).to_crs(expected.ground.crs)
    shapes = placed.geometry.loc[expected.communities.index].to_numpy()
    if np.isinf(shapely.bounds(shapes)).any():
        return _Layer([*found, disagree("files", file, "geometry", None, "outside its CRS", "polygons")], [])
    return _Layer(found, [Drawn(file, FINE_M, expected.case, shapes)])


def _check_today(geopackage: Path, expected: _Expected) -> _Layer:
    """Check the layer of today's communities, where there is one, against what the data say of today."""
    layers = _read(geopackage, partial(list_result_layers, layer=TODAY))
    if isinstance(layers, Violation) or TODAY not in layers:
        return _Layer([], [])
    ground, columns = expected.ground, ["n_blocks", *expected.ground.counts]
    table = pd.DataFrame(dict(ground.counts)).assign(community_id=ground.today, n_blocks=1)
    sums = table[ground.today != ""].groupby("community_id")[columns].sum()
    number = {key: c for c, key in enumerate(sums.index)} | {"": -1}
    plan = Assignment(tuple(sums.index), np.array([number[key] for key in ground.today], dtype=np.intp))
    today = _Expected(replace(expected.case, plan=plan), sums)
    layer = read_result_layer(geopackage, layer=TODAY)
    return _check_layer(f"communities.gpkg ({TODAY})", layer, today, columns)


def _check_blocks(layer: pd.DataFrame, expected: _Expected) -> Iterator[Violation]:
    """Check that the layer of blocks puts each block where the plan does."""
    missing = [column for column in ("block_id", "community_id") if column not in layer.columns]
    if missing:
        yield disagree("files", "blocks", "missing column", None, ", ".join(missing), "all columns")
        return
    names = [*expected.communities.index, ""]
    wanted = sorted(zip(expected.ground.ids, [names[c] for c in expected.community], strict=True))
    given = sorted(zip(layer["block_id"].map(_text), layer["community_id"].map(_text), strict=True))
    if given != wanted:
        odd = tuple(sorted({block for block, _ in set(given) ^ set(wanted)}))
        some = name_some(odd)
        message = Message(
            f"communities.gpkg, layer blocks: {len(odd)} blocks are not where the plan puts them: {some.en}.",
            f"communities.gpkg 的 blocks 图层中有 {len(odd)} 个地块与方案不符：{some.zh}。",
        )
        yield Violation("files", None, odd, f"{len(odd)} blocks differ", "as in the plan", message)
