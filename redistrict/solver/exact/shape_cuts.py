"""Cuts that keep the shape of communities in exact models, added where an answer has one that may not be so.

The perimeter of a community may be at most ``sqrt(4 pi area / least)``, a concave function of its area: it stays below
every tangent of it. Tangents alone leave a hair, so the community itself is forbidden, too: connected, it is not that
one only if it leaves one of its blocks out, or holds one beside them. A community around others must open its ring, or
take in each block inside. One with a neck must do without a block on either side of it, or go around it, or, where
necks have a price, pay for the parts it has.
"""

from collections.abc import Collection, Mapping
from math import ceil, floor, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from redistrict.model.compactness import Compactness
from redistrict.model.enclosure import Enclosure
from redistrict.model.necks import Necks
from redistrict.model.problem import AreaProblem
from redistrict.solver.adjacency import Adjacency
from redistrict.solver.surround import find_cut_off

_UNIT = 100
"""Perimeters in these models are counted in so many millimetres, rounded to the side on which nothing is lost."""


class ShapeCuts:
    """Adds cuts to a model of an area; what they need of each community is made once."""

    def __init__(self, model: cp_model.CpModel, problem: AreaProblem, adjacency: Adjacency) -> None:
        self._model = model
        self._compactness = problem.compactness
        self._enclosure = problem.enclosure
        self._necks = problem.necks
        self._adjacency = adjacency
        self._together: dict[int, list[tuple[int, cp_model.IntVar]]] = {}
        self._loose: dict[int, cp_model.IntVar] = {}
        self._charged: set[tuple[int, frozenset[int]]] = set()

    def charge_necks(self, name: int, hinted: Collection[int]) -> list[cp_model.LinearExpr]:
        """Give the cost of the parts that a community has behind necks, where they have a price.

        Parameters
        ----------
        hinted : collection of int
            Blocks of the community in the hint, if there is one.
        """
        if self._necks is None or self._necks.price is None:
            return []
        if name not in self._loose:
            self._loose[name] = self._model.new_int_var(0, self._necks.counts.size, f"loose_{name}")
        self._model.add_hint(self._loose[name], max(0, len(self._necks.parts_of(hinted)) - 1))
        return [self._necks.price * self._loose[name]]

    def cut_off(self, name: int, variables: Mapping[int, cp_model.IntVar], members: list[int]) -> bool:
        """Forbid a connected community that has not the shape it must have; tell whether it was one.

        Parameters
        ----------
        name : int
            Of the community in the model.
        variables : mapping of int to BoolVar
            For each block that it may hold, whether it does.
        members : list of int
        """
        row = np.zeros((1, len(self._adjacency.start) - 1), dtype=bool)
        row[0, members] = True
        is_thin = self._compactness is not None and self._cut_off_thin(self._compactness, name, variables, row)
        is_ring = self._enclosure is not None and self._open_ring(self._enclosure, variables, row)
        return (
            (self._necks is not None and self._widen_neck(self._necks, name, variables, members)) or is_ring or is_thin
        )

    def _cut_off_thin(
        self, asked: Compactness, name: int, variables: Mapping[int, cp_model.IntVar], row: NDArray[np.bool_]
    ) -> bool:
        outlines, members = asked.outlines_of(row), np.flatnonzero(row).tolist()
        if asked.excess(outlines)[0] == 0:
            return False
        self._stay_below_tangent(asked, name, variables, float(outlines[0, 0]))
        start, neighbour = self._adjacency.start, self._adjacency.neighbour
        around = {j for i in members for j in neighbour[start[i] : start[i + 1]].tolist()} - set(members)
        inside = [variables[i].negated() for i in members]
        self._model.add_bool_or([*inside, *(variables[j] for j in sorted(around) if j in variables)])
        return True

    def _open_ring(self, asked: Enclosure, variables: Mapping[int, cp_model.IntVar], row: NDArray[np.bool_]) -> bool:
        behind = find_cut_off(asked, row)[0]
        inside = np.flatnonzero(behind & asked.must_get_out).tolist()
        beside = np.unique(np.concatenate([asked.pairs[behind[asked.pairs[:, n]], 1 - n] for n in (0, 1)]))
        ring = [variables[i].negated() for i in beside[~behind[beside]].tolist()]
        for node in inside:
            self._model.add_bool_or([*ring, *([variables[node]] if node in variables else [])])
        return bool(inside)

    def _widen_neck(
        self, asked: Necks, name: int, variables: Mapping[int, cp_model.IntVar], members: list[int]
    ) -> bool:
        """A block of a part behind a neck lies with the main part only if the way over wide neighbours leads on."""
        main, *loose = asked.parts_of(members) or [[]]
        if asked.price is not None:
            return bool(loose) and self._charge(asked, name, variables, [main, *loose])
        for part in loose:
            ways = self._ways_out(asked, variables, part)
            for i in part:
                if asked.counts[i]:
                    self._model.add_bool_or([*ways, variables[i].negated(), variables[main[0]].negated()])
        return bool(loose)

    def _charge(
        self, asked: Necks, name: int, variables: Mapping[int, cp_model.IntVar], parts: list[list[int]]
    ) -> bool:
        """A community with a block of each part, and no way out of any, has as many parts; tell whether that is new."""
        key = name, frozenset(i for part in parts for i in part)
        if name not in self._loose or key in self._charged:
            return False
        self._charged.add(key)
        loose, n = self._loose[name], len(parts) - 1
        ways = {var.index: var for part in parts for var in self._ways_out(asked, variables, part)}
        first = [variables[part[0]] for part in parts]
        self._model.add(loose >= n - n * sum(ways.values()) - n * sum(1 - var for var in first))
        return True

    def _ways_out(
        self, asked: Necks, variables: Mapping[int, cp_model.IntVar], part: list[int]
    ) -> list[cp_model.IntVar]:
        start, beside = asked.rows
        around = {j for i in part for j in beside[start[i] : start[i + 1]].tolist()}
        return [variables[j] for j in sorted(around - set(part)) if j in variables]

    def _stay_below_tangent(
        self, asked: Compactness, name: int, variables: Mapping[int, cp_model.IntVar], area: float
    ) -> None:
        """The perimeter stays below the tangent at this area."""
        most = sqrt(4 * pi * area / asked.least)
        slope = most / (2 * area)
        pairs = self._pairs(asked, name, variables)
        own = [floor((int(asked.around[i]) - slope * int(asked.area[i])) / _UNIT) for i in variables]
        shared = [floor(-2 * int(asked.border[p]) / _UNIT) for p, _ in pairs]
        terms, weights = [*variables.values(), *(var for _, var in pairs)], [*own, *shared]
        self._model.add(cp_model.LinearExpr.weighted_sum(terms, weights) <= ceil(most / 2 / _UNIT))

    def _pairs(
        self, asked: Compactness, name: int, variables: Mapping[int, cp_model.IntVar]
    ) -> list[tuple[int, cp_model.IntVar]]:
        """Give the pairs of cells that may lie in a community together, and whether they do."""
        if name not in self._together:
            found = []
            for p, (i, j) in enumerate(asked.pairs.tolist()):
                if i in variables and j in variables:
                    var = self._model.new_bool_var(f"together_{i}_{j}_{name}")
                    self._model.add_implication(var, variables[i])
                    self._model.add_implication(var, variables[j])
                    found.append((p, var))
            self._together[name] = found
        return self._together[name]
