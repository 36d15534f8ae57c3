"""Joining: units too small for a community, and such parts of units, put to a neighbouring unit (`pieces: join`)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.components import components
from redistrict.geo.graph import ContiguityGraph
from redistrict.messages import Message, name_some
from redistrict.model.areas import falls_short, usual_bounds
from redistrict.scenario.models import Communities


def join_small(
    blocks: Blocks, edges: NDArray[np.int32], graph: ContiguityGraph, rules: Communities, residents: NDArray[np.int64]
) -> tuple[Blocks, tuple[Message, ...]]:
    """Put every piece of a unit of the innermost hard level that is too small for a community to a neighbouring unit.

    The smallest goes first, to the unit inside the same one of the level above with which it shares most frontage (the
    first by name where several do), and may grow with what is put to it. One without such a neighbour stays.

    Parameters
    ----------
    edges : (n, 2) int32
        Blocks that may lie in one community.
    residents : (n_blocks,) int64

    Returns
    -------
    blocks, notes
        Blocks with the units by which they are divided, and what each joining costs.
    """
    hard = [n for n, level in enumerate(blocks.levels) if level.is_hard]
    asked = blocks.levels[hard[-1]].asked if hard else None
    if asked is None or asked.pieces != "join" or rules.change != "redraw":
        return blocks, ()
    level = blocks.levels[hard[-1]]
    above = blocks.levels[hard[-2]].of_block if len(hard) > 1 else blocks.frame["district"].to_numpy(dtype=object)
    usual, lead, unit = usual_bounds(blocks, rules), blocks.quantities.index(rules.lead), level.unit.copy()
    border_m = _frontage(edges, graph)
    left: set[int] = set()
    while True:
        within = edges[unit[edges[:, 0]] == unit[edges[:, 1]]]
        totals = {tuple(piece): blocks.size[piece].sum(axis=0) for piece in components(len(blocks), within)}
        short = [
            piece for piece, total in totals.items() if falls_short(total.tolist(), usual) and piece[0] not in left
        ]
        if not short:
            break
        piece = np.array(min(short, key=lambda one: (int(totals[one][lead]), one)))
        shared = np.zeros(len(level.names))
        for here, there in (edges.T, edges[:, ::-1].T):
            out = np.isin(here, piece) & (unit[there] != unit[piece[0]]) & (above[there] == above[piece[0]])
            np.add.at(shared, unit[there[out]], border_m[out])
        if not shared.any():
            left.add(int(piece[0]))
            continue
        unit[piece] = shared.argmax()
    unit.setflags(write=False)
    levels = list(blocks.levels)
    levels[hard[-1]] = replace(level, unit=unit)
    return replace(blocks, levels=tuple(levels)), _say_joined(blocks, hard[-1], unit, residents)


def _frontage(edges: NDArray[np.int32], graph: ContiguityGraph) -> NDArray[np.float64]:
    """Give the frontage along edges, of which some may be links that are not in the graph."""
    known = {(i, j): m for (i, j), m in zip(graph.edges.tolist(), graph.frontage_m.tolist(), strict=True)}
    return np.array([max(known.get((i, j), 0.0), 1e-6) for i, j in edges.tolist()])


def _say_joined(
    blocks: Blocks, number: int, unit: NDArray[np.int32], residents: NDArray[np.int64]
) -> tuple[Message, ...]:
    """Say of every two units how many blocks and residents change from the one to the other."""
    level, notes = blocks.levels[number], []
    moved = np.flatnonzero(unit != level.unit)
    for old, new in sorted(set(zip(level.unit[moved].tolist(), unit[moved].tolist(), strict=True))):
        own = moved[(level.unit[moved] == old) & (unit[moved] == new)]
        named, n = name_some([blocks.ids[i] for i in own.tolist()]), int(residents[own].sum())
        notes.append(
            Message(
                f"levels[{number}].pieces: {own.size} blocks of {level.names[old]} ({named.en}), too small for a "
                f"community, are put to {level.names[new]}: {n:,} residents change.",
                f"levels[{number}].pieces：{level.names[old]} 的 {own.size} 个地块（{named.zh}）规模不足一个社区，"
                f"并入{level.names[new]}：{n:,} 名居民改变所属单位。",
            )
        )
    return tuple(notes)
