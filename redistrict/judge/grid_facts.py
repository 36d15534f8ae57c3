"""Grid facts: the grids of each community as clauses look at them, from delivered tables and the judge's sums."""

from pathlib import Path

import numpy as np
import pandas as pd

from redistrict.errors import DataError
from redistrict.judge.case import Case, add_up
from redistrict.judge.clause_kinds import GridHeld, Grids
from redistrict.judge.grids import FILES, find_bounds
from redistrict.judge.pieces import find_pieces
from redistrict.judge.reading import read_result_table
from redistrict.scenario.clauses import GridCount, GridOnePiece, GridPosts, GridSize
from redistrict.scenario.rulepack import load_rulepack


def read_grid_facts(case: Case, folder: Path) -> Grids | None:
    """Give the grids of each community; none where the scenario or no clause asks for them.

    Tables that cannot be used hold no grids here; what is wrong with them is told by `judge_grids`.
    """
    rules = case.scenario.grids
    clauses = (clause for name in case.scenario.standards.rules for clause in load_rulepack(name).clauses)
    if rules is None or not any(
        isinstance(clause, GridCount | GridSize | GridOnePiece | GridPosts) for clause in clauses
    ):
        return None
    held: list[list[GridHeld]] = [[] for _ in case.plan.names]
    try:
        of_block, rows = (read_result_table(folder / name) for name in FILES)
        code_of = dict(zip(of_block["block_id"], of_block["grid"], strict=True))
        codes, grid = np.unique([code_of[str(key)] for key in case.ground.ids], return_inverse=True)
        posts = pd.to_numeric(rows.set_index("grid")["grid_workers"]).astype(int).loc[codes].tolist()
    except (OSError, ValueError, KeyError, DataError):
        return Grids(held, *find_bounds(rules))
    households = add_up(case.ground.counts["households"], grid, len(codes))
    piece = find_pieces(case.survey, grid, case.all_links, community=case.plan.community)
    for g, code in enumerate(codes.tolist()):
        own = np.flatnonzero((grid == g) & (case.plan.community >= 0))
        if not own.size:
            continue
        n_pieces = np.unique(piece[own]).size
        held[case.plan.community[own[0]]].append(GridHeld(code, households[g], posts[g], n_pieces))
    return Grids(held, *find_bounds(rules))
