"""The sides of a comparison: plans of finished results as their files tell them, and today's communities."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from redistrict.errors import OutputError
from redistrict.messages import QUANTITY_WORDS, Message
from redistrict.model.measures import boundary_m
from redistrict.report.result_folder import list_missing, read_result
from redistrict.scenario import Scenario
from redistrict.scenario.delivered import load_delivered
from redistrict.scenario.models import Tolerance
from redistrict.standards.diagnosis import Diagnosis, Today, plan_today

Value = float | Message | None
"""What a side says of one line: a number, a sentence, or nothing."""

_NEEDED = ("scenario.yaml", "report.json", "communities.gpkg")
_SLACK = 1e-6
"""Deviations are published with six decimals."""


@dataclass(frozen=True, eq=False)
class Side:
    """One plan of a comparison.

    Attributes
    ----------
    name : Message
    folder : str
        Name of the result's folder, "" for today.
    scenario : Scenario
        For today the scenario whose targets and standards it is measured by.
    facts : dict of str to Value
        What the plan adds up to, by the key of its line (`lines`).
    ids, names : tuple of str
    areas : GeoDataFrame
        Area of each community in the same order, with the `deviation` of its people (else households), a signed share.
    households : tuple of int
        Of each community; empty where the data have none.
    community_of : dict of str to int
        Position of the community of each block, -1 for none.
    yardstick : tuple
        What sizes are measured against: target, tolerance, and around what the bounds lie.
    sha256, inputs : str, dict of str to str
        SHA-256 of `report.json`, and of each input by its key; "" and nothing for today.
    """

    name: Message
    folder: str
    scenario: Scenario
    facts: dict[str, Value]
    ids: tuple[str, ...]
    names: tuple[str, ...]
    areas: gpd.GeoDataFrame
    households: tuple[int, ...]
    community_of: dict[str, int]
    yardstick: tuple[object, ...]
    sha256: str
    inputs: dict[str, str]

    @property
    def is_today(self) -> bool:
        """Whether these are today's communities."""
        return not self.folder


def read_side(folder: Path) -> tuple[Side, gpd.GeoDataFrame]:
    """Read a finished result: its plan, and its blocks with their counts.

    Raises
    ------
    OutputError
        If the folder is not a finished result, or one of its files says nothing usable.
    ScenarioError
        If its scenario cannot be read.
    """
    missing = list_missing(folder, _NEEDED)
    if missing:
        raise OutputError(
            Message(
                f"{folder} lacks {', '.join(missing)}: it is not a finished result; run its scenario again.",
                f"{folder} 缺少 {'、'.join(missing)}，不是完整的成果；请重新运行方案。",
            )
        )
    scenario = load_delivered(folder)
    try:
        return _read_files(folder, scenario)
    except (OSError, ValueError, KeyError, TypeError, DataSourceError, DataLayerError) as error:
        raise OutputError(
            Message(
                f"{folder}: report.json and communities.gpkg do not make one result ({error!r}); run it again.",
                f"{folder}：report.json 与 communities.gpkg 不能构成完整的成果（{error!r}）；请重新运行方案。",
            )
        ) from error


def _read_files(folder: Path, scenario: Scenario) -> tuple[Side, gpd.GeoDataFrame]:
    result = read_result(folder, ["report.json"])
    report, blocks = result.report, result.blocks
    rows = report["communities"]
    ids = tuple(str(row["id"]) for row in rows)
    place = {key: c for c, key in enumerate(ids)}
    areas = result.communities.set_index("community_id").loc[list(ids)]
    deviations = _list_deviations(report)
    households = [row["households"] for row in rows]
    side = Side(
        name=scenario.heading,
        folder=folder.resolve().name,
        scenario=scenario,
        facts=list_facts(report, scenario.communities.tolerance),
        ids=ids,
        names=tuple(str(row["name"]) for row in rows),
        areas=_draw(deviations, areas.geometry),
        households=() if None in households else tuple(households),
        community_of={str(b): place[c] for b, c in zip(blocks["block_id"], blocks["community_id"], strict=True)},
        yardstick=find_yardstick(scenario),
        sha256=result.digests["report.json"],
        inputs={str(one["key"]): str(one["sha256"]) for one in report["provenance"]["inputs"]},
    )
    return side, blocks


def describe_today(today: Today, diagnosis: Diagnosis, scenario: Scenario) -> Side:
    """Give today's communities, measured by the targets and standards of `scenario`."""
    current, everything = today.current, diagnosis.everything
    rows, tolerance = everything.communities, scenario.communities.tolerance
    deviations = {q: [getattr(row, f"{q}_deviation") for row in rows] for q in QUANTITY_WORDS}
    n_short, short_m2 = everything.premises_short() or (None, None)
    facts: dict[str, Value] = {
        "communities": len(rows),
        "workers": everything.total("workers_needed"),
        "boundary_m": float(boundary_m(today.graph, plan_today(current)).sum()) / 2,
        "premises_short": n_short,
        "premises_short_m2": short_m2,
        **_crossings(everything.crossing_m() or {}),
        **_balance(deviations, tolerance),
    }
    households = [row.households for row in rows if row.households is not None]
    return Side(
        name=Message("Today", "现状"),
        folder="",
        scenario=scenario,
        facts=facts,
        ids=current.ids,
        names=current.names,
        areas=_draw(deviations, gpd.GeoSeries(today.areas, crs=today.blocks.crs)),
        households=tuple(households),
        community_of=dict(zip(today.blocks.ids, current.of_block.tolist(), strict=True)),
        yardstick=(scenario.communities.target, tolerance, "targets"),
        sha256="",
        inputs={},
    )


def find_yardstick(scenario: Scenario) -> tuple[object, ...]:
    """Give what sizes are measured against: target, tolerance, and around what the bounds lie."""
    return (scenario.communities.target, scenario.communities.tolerance, scenario.communities.around)


def list_facts(report: Mapping[str, Any], tolerance: Tolerance) -> dict[str, Value]:
    """Give what a report publishes, and how balanced that is; nothing for what its data did not allow.

    Raises
    ------
    KeyError, TypeError
        If it is no report.
    """
    return _published(report) | _balance(_list_deviations(report), tolerance)


def _list_deviations(report: Mapping[str, Any]) -> dict[str, list[float | None]]:
    columns = {"households": "households_deviation", "people": "population_deviation"}
    return {q: [row[column] for row in report["communities"]] for q, column in columns.items()}


def _published(report: Mapping[str, Any]) -> dict[str, Value]:
    totals, office = report["totals"], report["standards"]
    lineage, premises, transition, growth = (
        office.get(key) or {} for key in ("lineage", "premises", "transition", "growth")
    )
    surplus, seconds = transition.get("surplus"), report["provenance"].get("timings_s", {})
    return {
        "communities": report["n_communities"],
        "workers": totals["workers"],
        "cost": report["cost"],
        **{f"cost_{name}": metres for name, metres in totals["cost_parts"].items()},
        **_crossings(totals["crossing_m"]),
        "boundary_m": totals["boundary_m"],
        "moved": lineage.get("moved"),
        "moved_share": lineage.get("moved_share"),
        "premises_short": premises.get("short_of_norm"),
        "premises_short_m2": premises.get("shortfall_m2"),
        "staff_left": None if surplus is None else sum(surplus.values()),
        "first_year": _first_year(growth),
        "seconds": sum(seconds.values()) if seconds else None,
    }


def _crossings(metres: Mapping[str, float]) -> dict[str, Value]:
    """Give the classes that cross anything; the others cross nothing."""
    return {f"crossing_{name}": length for name, length in metres.items() if length}


def _first_year(growth: Mapping[str, Any]) -> Value:
    if not growth.get("years"):
        return None
    if growth["first_year"] is not None:
        return int(growth["first_year"])
    last = growth["years"][-1]
    return Message(f"none to {last}", f"至{last}年均符合")


def _draw(deviations: Mapping[str, list[float | None]], areas: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Give the areas with the deviation of people, or of households where people have none."""
    shown = deviations["people"] if None not in deviations["people"] else deviations["households"]
    return gpd.GeoDataFrame({"deviation": shown}, geometry=areas.to_numpy(), crs=areas.crs)


def _balance(deviations: Mapping[str, list[float | None]], tolerance: Tolerance) -> dict[str, Value]:
    """Give the largest deviation of each quantity, and the share of communities where all keep the tolerance."""
    known = {q: _absolute(values) for q, values in deviations.items() if None not in values}
    within = [values <= getattr(tolerance, q) + _SLACK for q, values in known.items()]
    worst: dict[str, Value] = {f"{q}_worst": float(values.max()) for q, values in known.items()}
    return worst | {"within": float(np.logical_and.reduce(within).mean()) if within else None}


def _absolute(values: list[float | None]) -> NDArray[np.float64]:
    return np.abs(pd.Series(values, dtype=float).to_numpy())
