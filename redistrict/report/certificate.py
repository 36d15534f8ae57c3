"""The certificate: for every community what shows that it is allowed, to be checked from blocks and edges alone.

`check_certificate.py` goes with it: a script of its own that needs nothing but Python.
"""

import json
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from redistrict.messages import Message
from redistrict.model.measures import community_sizes, community_targets
from redistrict.model.problem import edge_costs
from redistrict.report.tables.files import write_csv
from redistrict.standards.city import PlannedCity

CHECKER = "check_certificate.py"
TODAY = "today"
_WHAT_IT_SHOWS = Message(
    "Each community covers its blocks once, in one piece, in one district, with these sums inside these bounds; "
    "costs in weighted metres. Costs of deviation, moved residents, idle staff, necks and levels: report.json. "
    "Of the bound, what the edges show is witnessed: each is inside a community or parted, so no plan costs less than "
    "the cheaper of both, summed. What the bound is above that is the search's word.",
    "每个社区的地块各属一次、连成一片、在同一区内，合计在限制之内；代价单位为加权米。"
    "偏差、居民变动、人员富余、狭窄连接和换街道的代价见 report.json。下界中由相邻关系证明的部分可在此核对："
    "每对相邻地块不在同一社区内即被切开，故任何方案的代价都不低于两者较低者之和；高出的部分为搜索所称。",
)


def write_certificate(folder: Path, city: PlannedCity, ids: tuple[str, ...]) -> None:
    """Write certificate, tables of blocks and edges, and the script that checks them, into a new folder.

    Parameters
    ----------
    ids : tuple of str
        Key of each community.
    """
    folder.mkdir()
    blocks, edges = tabulate(city)
    write_csv(folder / "blocks.csv", blocks)
    write_csv(folder / "edges.csv", edges)
    (folder / "certificate.json").write_text(_as_text(build_certificate(city, ids)), encoding="utf-8", newline="\n")
    script = resources.files("redistrict.report").joinpath(CHECKER).read_text(encoding="utf-8")
    (folder / CHECKER).write_text(script, encoding="utf-8", newline="\n")


def _as_text(certificate: dict[str, Any]) -> str:
    """Write a certificate as JSON with each community on a line of its own."""
    head = {key: value for key, value in certificate.items() if key != "communities"}
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in certificate["communities"])
    return f'{json.dumps(head, ensure_ascii=False)[:-1]},\n"communities": [\n{lines}\n]}}\n'


def tabulate(city: PlannedCity) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every block with its counts, and every pair of neighbours with metres and costs, as exact text."""
    problem, ids = city.problem, np.array(city.blocks.ids, dtype=object)
    held = dict(zip(problem.quantities, problem.size.T, strict=True))
    blocks = pd.DataFrame({"block_id": ids, "district": city.blocks.frame["district"].to_numpy()} | held)
    if problem.mergers is not None:
        blocks["today"] = problem.mergers.part
    rows, inside, parted = _edges(city)
    a, b = ids[city.graph.edges[rows]].T
    metres = {
        "frontage_m": [_metres(value) for value in city.graph.frontage_m[rows].tolist()],
        "inside_cost": [_cost(value, problem.per_metre) for value in inside.tolist()],
        "parted_cost": [_cost(value, problem.per_metre) for value in parted.tolist()],
    }
    return blocks, pd.DataFrame({"block_a": a, "block_b": b} | metres)


def build_certificate(city: PlannedCity, ids: tuple[str, ...]) -> dict[str, Any]:
    """Give what a plan claims of each community: blocks, spanning tree, sums, bounds and costs."""
    plan = city.plan.assignment
    rows, inside, parted = _edges(city)
    a, b = plan[city.graph.edges[rows]].T
    crossing = np.bincount(a[a == b], inside[a == b], len(ids))
    border = np.bincount(a[a != b], parted[a != b], len(ids)) + np.bincount(b[a != b], parted[a != b], len(ids))
    sums, bounds = community_sizes(city.problem, city.plan).tolist(), _bounds(city)
    trees = _span(city, len(ids))
    quantities, unit = city.problem.quantities, city.problem.per_metre
    district, keys = city.blocks.frame["district"].to_numpy(dtype=object), np.array(city.blocks.ids, dtype=object)
    return {
        "what_it_shows": _WHAT_IT_SHOWS._asdict(),
        "status": city.result.status.value,
        "bound": {"claimed": city.result.bound_m, "by_edges": _cost(np.minimum(inside, parted).sum(), unit)},
        "costs": {"crossing": _cost(inside[a == b].sum(), unit), "boundary": _cost(parted[a != b].sum(), unit)},
        "communities": [
            {
                "id": key,
                "district": district[plan == c][0],
                "blocks": keys[plan == c].tolist(),
                "tree": trees[c],
                "sums": dict(zip(quantities, sums[c], strict=True)),
                "bounds": dict(zip(quantities, bounds[c], strict=True)),
                "exception": city.exceptions[c] is not None,
                "crossing_cost": _cost(crossing[c], unit),
                "boundary_cost": _cost(border[c], unit),
            }
            for c, key in enumerate(ids)
        ],
    }


def _edges(city: PlannedCity) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """Give the edges inside areas, and what each costs inside a community and parted; others are always parted."""
    area = np.empty(len(city.blocks), dtype=np.int64)
    for number, one in enumerate(city.problem.areas):
        area[list(one.blocks)] = number
    a, b = area[city.graph.edges].T
    rows = np.flatnonzero(a == b)
    inside, parted = edge_costs(city.graph, city.scenario.objective, city.problem.per_metre)
    return rows, inside[rows], parted[rows]


def _bounds(city: PlannedCity) -> list[list[tuple[int | None, int | None]]]:
    """Give fewest and most of each quantity; where today's communities are merged only mergers have a most."""
    problem, plan = city.problem, city.plan
    _, lower, upper = community_targets(problem, plan)
    if problem.mergers is None:
        return [list(zip(low, high, strict=True)) for low, high in zip(lower.tolist(), upper.tolist(), strict=True)]
    n_parts = [np.unique(problem.mergers.part[plan.assignment == c]).size for c in range(plan.n_communities)]
    return [[(None, most if n > 1 else None) for most in high] for n, high in zip(n_parts, upper.tolist(), strict=True)]


def _span(city: PlannedCity, k: int) -> list[list[tuple[str, str, str]]]:
    """Give a spanning tree of each community by its longest frontages; of one in pieces, a tree of each piece.

    Where today's communities stay whole, pieces of one of them are joined as that: `today` instead of metres.
    """
    graph, plan, ids = city.graph, city.plan.assignment, city.blocks.ids
    trees: list[list[tuple[str, str, str]]] = [[] for _ in range(k)]
    root = list(range(len(ids)))

    def find(block: int) -> int:
        while root[block] != block:
            root[block] = block = root[root[block]]
        return block

    rows = _edges(city)[0]
    for e in rows[np.argsort(-graph.frontage_m[rows], kind="stable")].tolist():
        i, j = graph.edges[e].tolist()
        if plan[i] == plan[j] and find(i) != find(j):
            root[find(i)] = find(j)
            trees[plan[i]].append((ids[i], ids[j], _metres(float(graph.frontage_m[e]))))
    first: dict[int, int] = {}
    for j, part in enumerate(city.problem.mergers.part.tolist() if city.problem.mergers else ()):
        i = first.setdefault(part, j)
        if find(i) != find(j):
            root[find(i)] = find(j)
            trees[plan[i]].append((ids[i], ids[j], TODAY))
    return trees


def _metres(value: float) -> str:
    return f"{value:.3f}"


def _cost(units: float, per_metre: int) -> str:
    """Write whole units of cost as weighted metres, exactly: a metre has a power of ten of them."""
    return f"{Decimal(int(units)) / per_metre:f}"
