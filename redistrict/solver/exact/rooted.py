"""Connectedness said whole: every block that is not at the root of its community hangs on one nearer to it.

Blocks that lie in a community for sure, and hang together, count as one. Where few blocks are free this is a small
model, and it needs no cuts.

References
----------
Miller, Tucker and Zemlin (1960), "Integer programming formulation of traveling salesman problems", Journal of the ACM 7
(ranks that grow along every arc, here along those of a forest).
"""

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from redistrict.solver.exact.labelled import LabelledModel
from redistrict.solver.exact.separators import pieces_of


@dataclass(frozen=True)
class _Node:
    """A block, or blocks that lie in one community for sure and hang together.

    Attributes
    ----------
    blocks : list of int
    is_root : bool
        The root of a community is among them.
    """

    blocks: list[int]
    is_root: bool


def hang_on_roots(built: LabelledModel) -> bool:
    """Let every community be in one piece, if each has a root; tell whether that was said."""
    if None in built.roots:
        return False
    nodes = _list_nodes(built)
    node_of = {i: n for n, node in enumerate(nodes) for i in node.blocks}
    start, neighbour = built.adjacency.start, built.adjacency.neighbour
    rank = [built.model.new_int_var(0, 0 if node.is_root else len(nodes), "rank") for node in nodes]
    for n, node in enumerate(nodes):
        if node.is_root:
            continue
        around = {node_of[j] for i in node.blocks for j in neighbour[start[i] : start[i + 1]].tolist()} - {n}
        arcs = [_hang(built, node, nodes[m], rank[n], rank[m]) for m in sorted(around)]
        built.model.add_exactly_one(arcs)
    return True


def _list_nodes(built: LabelledModel) -> list[_Node]:
    is_sure = built.allowed.sum(axis=1) == 1
    nodes = [_Node([i], is_root=False) for i in np.flatnonzero(~is_sure).tolist()]
    for c, root in enumerate(built.roots):
        sure = np.flatnonzero(is_sure & built.allowed[:, c]).tolist()
        nodes += [_Node(piece, root in piece) for piece in pieces_of(sure, built.adjacency)]
    return nodes


def _hang(
    built: LabelledModel, node: _Node, on: _Node, rank: cp_model.IntVar, rank_on: cp_model.IntVar
) -> cp_model.IntVar:
    """Give the variable that a node hangs on another, which lies in the same community and nearer to its root."""
    hangs = built.model.new_bool_var("hangs")
    built.model.add(rank > rank_on).only_enforce_if(hangs)
    i, j = node.blocks[0], on.blocks[0]
    for c in np.flatnonzero(built.allowed[i]).tolist():
        built.model.add_bool_or([built.x[j][c], built.x[i][c].negated(), hangs.negated()])
    return hangs
