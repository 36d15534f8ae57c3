"""Connectedness from roots: what is not reached from the root of its community is cut off.

The root of a community is a block that may lie nowhere else, or, where it is asked to have one, the first of its blocks
in some order. A piece away from the root is cut off by fences: sets of blocks of which none can be left out and one of
which every way from the piece to the root takes. They are sought from either side, at every distance at which the
answer has no block of the community. Where a block is torn off again and again, a flow leads from it to the root, for
there are more fences than can be said.

References
----------
Fischetti, Leitner, Ljubic, Luipersbeck, Monaci, Resch, Salvagnin and Sinnl (2017), "Thinning out Steiner trees: a
node-based model for uniform edge costs", Mathematical Programming Computation 9 (minimal node separators towards a
root); Validi, Buchanan and Lykhovyd (2022), as in `labelled`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import Adjacency
from redistrict.solver.exact.separators import reach

_TIMES = 3
"""As often a block is torn off before a flow leads from it to the root: a flow is worth many fences, and is slow."""


class Roots:
    """Adds to a model what holds the blocks of each community that has a root together with it."""

    def __init__(
        self,
        model: cp_model.CpModel,
        problem: AreaProblem,
        adjacency: Adjacency,
        lower: NDArray[np.int64],
        x: Sequence[Sequence[cp_model.IntVar]],
        allowed: NDArray[np.bool_],
    ) -> None:
        self._model, self._size, self._adjacency, self._lower = model, problem.size, adjacency, lower
        self._x, self._allowed, self._is_sure = x, allowed, allowed.sum(axis=1) == 1
        self._places = [{*np.flatnonzero(column).tolist()} for column in allowed.T]
        self._order: dict[int, dict[int, int]] = {}
        self._is_root: dict[int, dict[int, cp_model.IntVar]] = {}
        self._torn, self._flows = Counter[tuple[int, int]](), set[tuple[int, int]]()
        for c in range(problem.n_communities):
            own = np.flatnonzero(self._is_sure & allowed[:, c])
            if own.size:
                self._order[c] = {int(own[problem.size[own].sum(axis=1).argmax()]): 0}

    def __contains__(self, c: int) -> bool:
        """Whether a community has a root."""
        return c in self._order

    def is_root(self, block: int, c: int) -> bool:
        """Whether a block is the root of a community for sure."""
        return self._order.get(c) == {block: 0}

    def fix(self, block: int, c: int) -> None:
        """Let a block lie in a community, as its root."""
        self._model.add_bool_and(self._x[block][c])
        self._order[c] = {block: 0}

    def choose(self, c: int, order: Sequence[int]) -> None:
        """Let the root of a community be the first of its blocks in some order, that holds all it may have."""
        is_root = {i: self._model.new_bool_var(f"root_{i}_{c}") for i in order if self._allowed[i, c]}
        self._order[c], self._is_root[c] = {i: n for n, i in enumerate(is_root)}, is_root
        before = list[cp_model.IntVar]()
        for i, var in is_root.items():
            self._model.add_implication(var, self._x[i][c])
            before.append(var)
            self._model.add_bool_or([*before, self._x[i][c].negated()])
        self._model.add_exactly_one(before)

    def lead(self, c: int, pieces: Sequence[list[int]]) -> None:
        """Cut off an answer with a community in pieces: those away from its root."""
        inside, order = {i for piece in pieces for i in piece}, self._order[c]
        root = min(order.keys() & inside, key=order.__getitem__)
        at_root = next(piece for piece in pieces if root in piece)
        for piece in pieces:
            if piece is not at_root:
                unless = self._unless_any(c, piece)
                for fence, behind in self._fences(c, piece, at_root, inside):
                    ways = [*(self._x[i][c] for i in sorted(fence)), *self._roots_among(c, behind)]
                    self._model.add_bool_or([*ways, *unless])
                self._lead_flow(c, piece)

    def _fences(
        self, c: int, piece: list[int], at_root: list[int], inside: set[int]
    ) -> Iterator[tuple[set[int], set[int]]]:
        """Give fences between a piece and that with the root, each with the blocks on the side of the piece."""
        places, said = self._places[c], set[frozenset[int]]()
        for near, far in ((piece, at_root), (at_root, piece)):
            ring = seen = {*near}
            while True:
                ring = (self._adjacency.around(ring) & places) - seen
                if ring & inside:
                    break
                fence = ring & self._adjacency.around(reach(far, places - ring, self._adjacency))
                fence &= self._adjacency.around(reach(near, places - fence, self._adjacency))
                if frozenset(fence) not in said:
                    said.add(frozenset(fence))
                    yield fence, reach(piece, places - fence, self._adjacency)
                if not fence:
                    break
                seen |= ring

    def _roots_among(self, c: int, blocks: Collection[int]) -> list[cp_model.IntVar]:
        """Give the literals that one of some blocks is the root, if they are enough to be the whole community."""
        if c not in self._is_root or (self._size[list(blocks)].sum(axis=0) < self._lower[c]).any():
            return []
        return [self._is_root[c][i] for i in sorted(blocks)]

    def _unless_any(self, c: int, piece: list[int]) -> list[cp_model.LiteralT]:
        """Give the literal that none of a piece lies in a community, as a list; none if one of them must lie there."""
        if self._is_sure[piece].any():
            return []
        if len(piece) == 1:
            return [self._x[piece[0]][c].negated()]
        none = self._model.new_bool_var(f"none_{c}_{piece[0]}")
        for i in piece:
            self._model.add_implication(self._x[i][c], none.negated())
        return [none]

    def _lead_flow(self, c: int, piece: list[int]) -> None:
        """Lead a flow from the block of a piece that was torn off most often, one for sure in it before others."""
        self._torn.update((i, c) for i in piece)
        block = max(piece, key=lambda i: (self._is_sure[i], self._torn[i, c], int(self._size[i, 0]), -i))
        if self._torn[block, c] >= _TIMES and (block, c) not in self._flows:
            self._flows.add((block, c))
            self._add_flow(c, block)

    def _add_flow(self, c: int, block: int) -> None:
        """Let a unit flow from a block, if it lies in a community, through others of it to the root."""
        model, is_root, order = self._model, self._is_root.get(c, {}), self._order[c]
        sure = {*np.flatnonzero(self._is_sure & self._allowed[:, c]).tolist()}
        ends = reach([next(iter(order))], sure, self._adjacency) if c not in self._is_root else set[int]()
        between = sorted(self._places[c] - ends)
        into: dict[int, list[cp_model.IntVar]] = {i: [] for i in between}
        out: dict[int, list[cp_model.IntVar]] = {i: [] for i in between}
        for i in between:
            beside = self._adjacency.around([i]) & self._places[c]
            for j in sorted(beside - ends - {block}):
                out[i].append(model.new_bool_var(f"flow_{block}_{i}_{j}"))
                into[j].append(out[i][-1])
            if beside & ends:
                out[i].append(model.new_bool_var(f"flow_{block}_{i}"))
            if i in is_root:
                out[i].append(model.new_bool_var(f"flow_{block}_{i}"))
                model.add_implication(out[i][-1], is_root[i])
        for i in between:
            if i == block:
                model.add(cp_model.LinearExpr.sum(out[i]) == self._x[i][c])
            else:
                model.add(cp_model.LinearExpr.sum(out[i]) == cp_model.LinearExpr.sum(into[i]))
                model.add(cp_model.LinearExpr.sum(into[i]) <= self._x[i][c])
