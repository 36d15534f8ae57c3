"""Random dirty towns from file to verdict: the builder and the judge agree, or the run says why there is no plan."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity

from redistrict.errors import DataError, InfeasibleScenarioError, ScenarioError, SolverError
from redistrict.geo.blocks import read_blocks
from redistrict.geo.graph import ContiguityGraph, build_graph
from redistrict.geo.roads import read_surroundings
from redistrict.jobs.run import run
from redistrict.jobs.verify import verify
from redistrict.judge import verify_files, verify_plan
from redistrict.model.areas import Area
from redistrict.model.problem import Problem, build_problem
from redistrict.report.check_certificate import check
from redistrict.scenario.models import Communities, Scenario, Sizes, Solve, Tolerance
from redistrict.scenario.section import CountRange
from redistrict.scenario.sources import BarrierSource, BlockColumns, BlockSource, Data, StructureSource

ORIGIN = (500_000.0, 3_340_000.0)
KEYS = {
    "number": lambda at: at + 1,
    "code": lambda at: f"0{at:02d}",
    "awkward": lambda at: ("NA", "=1+1", "'=x", "007", "甲-1", "7.0", "nan", "\u4e00 \u4e8c")[at % 8] + f"/{at}",
}
DISTRICTS = {"none": ("东区",), "one": ("东区",), "halves": ("东区", "西区"), "stripes": ("东区", "西区", "东区")}
pytestmark = pytest.mark.first
EXPECTED_REFUSALS = (DataError, ScenarioError, InfeasibleScenarioError, SolverError)


@dataclass(frozen=True)
class Dirt:
    """What a random town is like; `seed` decides the rest.

    Attributes
    ----------
    street_m : widest street, 0 for an exact tiling
    slip_m : by how much neighbours may overlap or gape
    barrier, opening : what runs between two columns, and what leads across
    """

    seed: int
    n_columns: int
    n_rows: int
    street_m: int
    staggered: bool
    turn: int
    slip_m: float
    missing: int
    islands: int
    empty_islands: bool
    oversize: int
    empty: int
    multipart: int
    districts: str
    barrier: str
    opening: str
    keys: str
    quantities: tuple[str, ...]
    crs: str
    around: str
    count: str
    by_district: bool
    exceptions: str
    tolerance: float
    blocks_per_community: int


def mostly(usual: object, *others: object) -> list[object]:
    """Give choices among which the usual one comes twice."""
    return [usual, usual, *others]


TOWNS: dict[str, Sequence] = {
    "n_columns": range(3, 8),
    "n_rows": range(3, 7),
    "street_m": [0, 6, 12, 25, 38, 50],
    "staggered": [False, True],
    "turn": mostly(0, 17, 45, 90),
    "slip_m": mostly(0.0, 0.3, 0.8),
    "missing": mostly(0, 2, 5),
    "islands": mostly(0, 1, 3),
    "empty_islands": [False, True],
    "oversize": mostly(0, 1, 2),
    "empty": mostly(0, 3, 8),
    "multipart": mostly(0, 1, 2),
    "districts": sorted(DISTRICTS),
    "barrier": mostly("none", "river", "rail", "pond"),
    "opening": ["none", "bridge", "underpass"],
    "keys": sorted(KEYS),
    "quantities": mostly(("households", "people"), ("households",), ("people",)),
    "crs": ["EPSG:4547", "EPSG:4490"],
    "around": ["targets", "means"],
    "count": ["auto", "number", "range"],
    "by_district": mostly(False, True),
    "exceptions": mostly("widen", "refuse"),
    "tolerance": [0.15, 0.3, 0.5],
    "blocks_per_community": range(3, 8),
}
"""What there is to choose from for each field of `Dirt`."""
NUMBERS = range(24)
SLOW = pytest.mark.slow(covers=["redistrict/"])
IN_THE_GATE = 1
"""So many of them; the others, and what all come to, are for the slow tests."""
MADE_AGAIN = 6
"""Of so many results one is made again from its plan; of the others only the judge reads the files."""


def draw_town(number: int) -> Dirt:
    """Draw the town of this number."""
    rng = np.random.default_rng(number)
    return Dirt(seed=number, **choose(TOWNS, rng))


def choose(table: dict[str, Sequence], rng: np.random.Generator) -> dict[str, object]:
    """Choose for every field."""
    return {name: choices[rng.integers(len(choices))] for name, choices in table.items()}


def draw_blocks(dirt: Dirt, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw rows and columns of blocks, with the dirt that is asked for, before turning."""
    widths, heights = rng.integers(45, 200, dirt.n_columns), rng.integers(45, 200, dirt.n_rows)
    streets = rng.integers(min(5, dirt.street_m), dirt.street_m + 1, (2, max(dirt.n_columns, dirt.n_rows)))
    left = np.cumsum([0, *(widths + streets[0][: dirt.n_columns])])
    low = np.cumsum([0, *(heights + streets[1][: dirt.n_rows])])
    lift = rng.integers(0, 60, dirt.n_columns) * dirt.staggered
    column, row = np.divmod(np.arange(dirt.n_columns * dirt.n_rows), dirt.n_rows)
    west, south = left[column].astype(float), (low[row] + lift[column]).astype(float)
    far = rng.permutation(column.size)[: dirt.islands]
    west[far] += left[-1] + rng.integers(100, 900)
    slip = rng.uniform(-dirt.slip_m / 2, dirt.slip_m / 2, (4, column.size))
    boxes = shapely.box(
        west + slip[0], south + slip[1], west + widths[column] + slip[2], south + heights[row] + slip[3]
    )
    households = rng.integers(40, 400, column.size)
    people = (households * rng.uniform(2.5, 3.5, column.size)).astype(int)
    nobody = rng.permutation(column.size)[: dirt.empty]
    nobody = np.append(nobody, far) if dirt.empty_islands else nobody
    households[nobody] = people[nobody] = 0
    crowded = rng.permutation(column.size)[: dirt.oversize]
    households[crowded] *= 15
    people[crowded] *= 15
    stripes = np.array(DISTRICTS[dirt.districts])
    table = {
        "key": [KEYS[dirt.keys](at) for at in range(column.size)],
        "households": households,
        "people": people,
        "district": stripes[column * len(stripes) // dirt.n_columns],
    }
    frame = gpd.GeoDataFrame(table, geometry=boxes)
    frame.attrs["street"] = (float(left[dirt.n_columns // 2]) - streets[0][dirt.n_columns // 2 - 1] / 2, float(low[-1]))
    return _merge_some(frame, dirt, rng).sample(frac=1, random_state=dirt.seed)


def _merge_some(frame: gpd.GeoDataFrame, dirt: Dirt, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Leave some blocks out and make some of two pieces."""
    gone = rng.permutation(len(frame))[: dirt.missing + dirt.multipart]
    shapes = frame.geometry.to_numpy().copy()
    for lost in gone[: dirt.multipart]:
        other = int(rng.choice(np.setdiff1d(np.arange(len(frame)), gone)))
        shapes[other] = shapely.union(shapes[other], shapes[lost])
    return frame.set_geometry(shapes).drop(index=gone).reset_index(drop=True)


def _barriers(dirt: Dirt, x: float, top: float, rng: np.random.Generator) -> tuple[list, list]:
    """Draw what runs down the street at `x`, and what leads across it."""
    half = float(rng.choice([1, max(1, dirt.street_m / 3), max(1, dirt.street_m / 2 - 1)]))
    rivers = {
        "none": [],
        "river": [shapely.box(x - half, -200, x + half, top + 300)],
        "rail": [shapely.LineString([(x, -200), (x, top + 300)])],
        "pond": [shapely.box(x - half, top / 4, x + half, top / 2)],
    }
    y = float(rng.uniform(0, top))
    across = {
        "none": [],
        "bridge": [shapely.LineString([(x - half - 15, y), (x + half + 15, y)])],
        "underpass": [shapely.Point(x, y)],
    }
    return rivers[dirt.barrier], across[dirt.opening]


def write_layer(folder: Path, name: str, layer: gpd.GeoDataFrame, dirt: Dirt) -> None:
    turned = layer.rotate(dirt.turn, origin=(0, 0)).translate(*ORIGIN)
    layer.set_geometry(turned).set_crs("EPSG:4547").to_crs(dirt.crs).to_file(folder / "town.gpkg", layer=name)


def make_scenario(dirt: Dirt, folder: Path) -> Scenario:
    """Write the town's layers and give a scenario that names them."""
    rng = np.random.default_rng(dirt.seed)
    blocks = draw_blocks(dirt, rng)
    write_layer(folder, "blocks", blocks, dirt)
    barriers, openings = _barriers(dirt, *blocks.attrs["street"], rng)
    for name, shapes in (("barriers", barriers), ("openings", openings)):
        if shapes:
            write_layer(folder, name, gpd.GeoDataFrame(geometry=shapes), dirt)
    path = folder / "town.gpkg"
    columns = BlockColumns(
        id="key",
        district=None if dirt.districts == "none" else "district",
        **{name: name for name in dirt.quantities},
    )
    data = Data(
        blocks=BlockSource(path=path, layer="blocks", columns=columns),
        barriers=(BarrierSource(path=path, layer="barriers"),) if barriers else (),
        structures=(StructureSource(path=path, layer="openings", kind=dirt.opening),) if openings else (),
    )
    return Scenario(
        name="town",
        data=data,
        communities=_communities(dirt, blocks, rng),
        solve=Solve(seed=dirt.seed, effort=0.02, workers=1, time_limit_s=20),
    )


def _communities(dirt: Dirt, blocks: gpd.GeoDataFrame, rng: np.random.Generator) -> Communities:
    k = max(1, len(blocks) // dirt.blocks_per_community)
    usual = blocks["households"] < 400
    target = {name: max(1, int(blocks.loc[usual, name].sum()) // k) for name in dirt.quantities}
    count = {"auto": "auto", "number": k, "range": CountRange(min=max(1, k - 1), max=k + 1)}[dirt.count]
    given = {}
    if dirt.by_district and dirt.districts != "none":
        given["东区"] = max(1, k // 2) if rng.random() < 0.5 else CountRange(min=1, max=k)
    return Communities(
        target=Sizes(**target),
        tolerance=Tolerance(households=dirt.tolerance, people=dirt.tolerance),
        around=dirt.around,
        lead=dirt.quantities[int(rng.integers(len(dirt.quantities)))],
        count=count,
        count_by_district=given,
        exceptions=dirt.exceptions,
    )


def read_plan(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "plan.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig").replace(
        r"\A'(?='*[=+\-@＝＋－＠\t\r])", "", regex=True
    )


def doubtful(shapes: np.ndarray, dirt: Dirt) -> list[list[int]]:
    """Give the blocks that face each other along so few metres that builder and judge may differ."""
    upright = shapely.affinity.rotate(shapely.geometrycollections(list(shapes)), -dirt.turn, origin=ORIGIN)
    parts, block = shapely.get_parts(shapely.get_parts(upright), return_index=True)
    i, j = shapely.STRtree(parts).query(parts, predicate="dwithin", distance=42.0)
    box = shapely.bounds(parts)
    facing_m = np.minimum(box[i, 2:], box[j, 2:]) - np.maximum(box[i, :2], box[j, :2])
    few = ((facing_m > 0.0) & (facing_m < 8.0)).any(axis=1) & (block[i] < block[j])
    return np.column_stack([block[i], block[j]])[few].tolist()


def _faults(
    plan: pd.Series, graph: ContiguityGraph, problem: Problem, district: list[str], doubtful: list[list[int]]
) -> Iterator[tuple]:
    """Give moves of one block that surely break a rule: block, community, rule, community to be named."""
    whole = nx.Graph([*graph.edges.tolist(), *doubtful])
    whole.add_nodes_from(range(graph.n_blocks))
    linked = set(graph.edges[graph.is_link].ravel().tolist())  # where two blocks are as near, either may be joined
    names = sorted(set(plan))
    area_of = {block: area for area in problem.areas for block in area.blocks}
    for block, home in enumerate(plan):
        for name in names:
            if name == home:
                continue
            after = plan.copy()
            after[block] = name
            old, new = (np.flatnonzero(after == at).tolist() for at in (home, name))
            if len({district[i] for i in new}) > 1:
                yield block, name, "district", name
                continue
            for members, whose in ((old, home), (new, name)):
                if members and not linked & set(members) and not nx.is_connected(whole.subgraph(members)):
                    yield block, name, "contiguity", whose
            if old and all(area_of[i] is area_of[block] for i in new):
                for whose, quantity in misses(problem, area_of[block], plan, {home: old, name: new}):
                    yield block, name, quantity, whose


def misses(problem: Problem, area: Area, plan: Sequence, after: dict[str, list[int]]) -> Iterator[tuple[str, str]]:
    """Give the communities that miss the bounds of their area after a move, with the quantity that does."""
    if area.exception is not None:
        return
    limits = area.limits(len({plan[i] for i in area.blocks}))
    for whose, members in after.items():
        total = problem.size[members].sum(axis=0)
        for q, quantity in enumerate(problem.quantities):
            if not limits.lower[q] <= total[q] <= limits.upper[q]:
                yield whose, quantity


def _check_faults(scenario: Scenario, out: Path, dirt: Dirt, n_faults: int) -> Counter:
    """Plant faults, one at a time, and require the judge to name each."""
    rows = read_plan(out).set_index("block_id")
    blocks = read_blocks(scenario.data)
    graph = build_graph(blocks, read_surroundings(scenario.data, blocks.crs), scenario.contiguity)
    problem = build_problem(blocks, graph, scenario.communities, scenario.objective)
    plan = rows["community_id"].loc[list(blocks.ids)].reset_index(drop=True)
    faults = list(_faults(plan, graph, problem, blocks.frame["district"].tolist(), doubtful(blocks.shapes, dirt)))
    found = Counter()
    rng = np.random.default_rng(dirt.seed)
    names = rows.drop_duplicates("community_id").set_index("community_id")["community_name"]
    for rule in ("district", "contiguity", "households", "people"):
        some = [fault for fault in faults if fault[2] == rule]
        for at in rng.permutation(len(some))[:n_faults]:
            block, to, _, whose = some[at]
            after = rows.copy()
            after.loc[blocks.ids[block], ["community_id", "community_name"]] = [to, names[to]]
            verdict = verify_plan(scenario, after.reset_index())
            named = {(violation.rule, violation.community) for violation in verdict.violations}
            assert (rule, whose) in named, f"{blocks.ids[block]} to {to}: {rule} of {whose} not in {named}"
            found[rule] += 1
    return found


def check_town(dirt: Dirt, folder: Path, *, n_faults: int) -> Counter:
    """Run one town and require agreement or a refusal with a sentence; give what happened."""
    scenario, out = make_scenario(dirt, folder), folder / "out"
    try:
        run(scenario, out=out)
    except EXPECTED_REFUSALS as error:
        refusal = error
    else:
        return Counter(["delivered"]) + _check_delivery(scenario, out, dirt, n_faults)
    assert refusal.problems
    assert all(problem.en and problem.zh for problem in refusal.problems)
    assert not out.exists()
    return Counter([type(refusal).__name__])


def _check_delivery(scenario: Scenario, out: Path, dirt: Dirt, n_faults: int) -> Counter:
    """Require a sound and complete delivery, and a judge that names planted faults; give the faults by rule."""
    verdict = verify(out) if dirt.seed % MADE_AGAIN == 0 else verify_files(scenario, out)
    assert verdict.ok, verdict
    assert check(out / "certificate") == []
    plan = read_plan(out)
    layer = gpd.read_file(scenario.data.blocks.path, layer="blocks")
    assert sorted(plan["block_id"]) == sorted(layer["key"].astype(str))
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert set(plan["community_id"]) == {row["id"] for row in report["communities"]}
    return _check_faults(scenario, out, dirt, n_faults)


@cache
def happened(number: int) -> Counter:
    """Run the town of this number, once in a process, and give what happened."""
    with TemporaryDirectory() as folder:
        return check_town(draw_town(number), Path(folder), n_faults=1)


@pytest.mark.parametrize("number", [pytest.param(n, marks=[SLOW] * (n >= IN_THE_GATE)) for n in NUMBERS])
def test_every_town_ends_in_a_verified_plan_or_a_reason(number: int) -> None:
    """A run delivers what the judge accepts or says why it cannot, and the judge names every planted fault."""
    assert happened(number)


@SLOW
def test_towns_meet_every_end() -> None:
    """Half of the towns get a plan, some are refused, and faults of each rule are planted and named."""
    ends = sum(map(happened, NUMBERS), Counter())
    n_refused = sum(ends[kind.__name__] for kind in EXPECTED_REFUSALS)
    assert ends["delivered"] + n_refused == len(NUMBERS)
    assert ends["delivered"] >= len(NUMBERS) / 2
    assert n_refused >= len(NUMBERS) / 8
    assert min(ends[rule] for rule in ("district", "contiguity", "households", "people")) >= 3
