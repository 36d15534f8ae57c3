"""Rehealed: what a healed plan changes, and why, counted from the two plans and the pins.

`heal` writes it with what is proved; `verify` writes it once more, where only that is taken over.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from redistrict.geo.blocks import Blocks
from redistrict.jobs.deliverable import Deliverable
from redistrict.jobs.pinned import Asked, explain_moves, look_up, put_edits, take_basis
from redistrict.model.before import PlanBefore, with_pins
from redistrict.report.healing import BESIDES, Healing, Proof, list_moves, write_healed
from redistrict.report.summary import Report
from redistrict.report.tables.files import write_plan
from redistrict.scenario.pins import Pin, dump_pins
from redistrict.solver.heal import Edited
from redistrict.standards.staffing import workers_needed

_KINDS = {
    "area": (str,),
    "communities": (list,),
    "is_fewest": (bool,),
    "at_most_fewer": (int,),
    "is_cheapest": (bool,),
    "is_everywhere": (bool,),
    "depth": (int, type(None)),
}
"""What `heal.json` says of one proof."""


def list_changes(
    blocks: Blocks, before: PlanBefore, report: Report, asked: Sequence[Asked], edited: Edited
) -> pd.DataFrame:
    """List the blocks that move as `list_moves`, with the pin by which each does (0: none) and its reason."""
    why, moves = explain_moves(asked, edited), list_moves(blocks, before, report)
    besides = BESIDES.in_language(report.scenario.output.language)
    moves["pin"] = [why[i].pin if i in why else 0 for i in moves.index]
    moves["reason"] = [f"{why[i].pin}: {why[i].reason}" if i in why else besides for i in moves.index]
    return moves


def write_again(folder: Path, made: Deliverable, before: PlanBefore, pins: tuple[Pin, ...], proved: str) -> None:
    """Write the folder `healed` as `heal` would have, but for the minutes of a review.

    Parameters
    ----------
    before : PlanBefore
        Without what the pins ask.
    proved : str
        What `heal.json` says is proved, as JSON; what names no area or community there is, or says more, is left out.

    Raises
    ------
    ScenarioError
        If the pins name what there is not.
    """
    city, path = made.city, folder / "plan_before.csv"
    names = np.array([before.ids, before.names], dtype=object)[:, before.of_block]
    rows = made.layers.blocks.assign(community_id=names[0], community_name=names[1])
    write_plan(path, replace(made.layers, blocks=rows))
    plan_csv = path.read_bytes()
    path.unlink()
    basis = take_basis(city.problem, city.blocks, city.records.current, before)
    asked = look_up(basis, pins)
    moves = list_changes(city.blocks, with_pins(before, pins), made.report, asked, put_edits(basis, asked))
    areas, keys = {area.name for area in city.problem.areas}, {row.id for row in made.report.communities}
    told = [_as_proof(one) for one in json.loads(proved) if _is_proof(one, areas, keys, len(city.blocks))]
    proofs = tuple(dict.fromkeys(told))
    sizes = {"communities": _count_before(made, before)}
    healing = Healing(made.report, sizes, hashlib.sha256(plan_csv).hexdigest(), moves, proofs, len(pins))
    write_healed(folder, healing, plan_before=plan_csv, pins=dump_pins(pins), minutes=None)


def _count_before(made: Deliverable, before: PlanBefore) -> list[dict[str, Any]]:
    """Count the communities of the plan before, as `report.json` told of them."""
    blocks, staffing = made.city.blocks, made.report.scenario.standards.staffing
    rows = []
    for c, (key, name) in enumerate(zip(before.ids, before.names, strict=True)):
        sums = dict(zip(blocks.quantities, blocks.size[before.of_block == c].sum(axis=0).tolist(), strict=True))
        households, people = sums.get("households"), sums.get("people")
        workers = workers_needed(households, people, staffing)
        rows.append({"id": key, "name": name, "households": households, "population": people, "workers": workers})
    return rows


def _is_proof(one: Any, areas: Collection[str], keys: Collection[str], n_blocks: int) -> bool:
    if not isinstance(one, Mapping) or one.keys() != _KINDS.keys():
        return False
    fits = all(type(one[key]) in kinds for key, kinds in _KINDS.items())
    fits = fits and (one["depth"] is None or 0 <= one["depth"] <= n_blocks)
    return fits and one["area"] in areas and all(isinstance(key, str) and key in keys for key in one["communities"])


def _as_proof(one: Mapping[str, Any]) -> Proof:
    return Proof(
        one["area"],
        tuple(one["communities"]),
        one["at_most_fewer"],
        one["is_cheapest"],
        one["is_everywhere"],
        one["depth"],
    )
