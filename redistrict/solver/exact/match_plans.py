"""Distance of two plans: how many residents would have to change community to get from one to the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import linear_sum_assignment  # type: ignore[import-untyped]

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Matching:
    """Which community of a plan is which of another, so that as many residents as can be stay where they are.

    Attributes
    ----------
    partner : (k,) int64
        Community of the first plan for each of the second, -1 where it has none.
    is_changed : (n_blocks,) bool
        Blocks whose community of the second plan is not the partner of theirs in the first.
    n_changed : int
        Their residents: the distance.
    """

    partner: IntArray
    is_changed: NDArray[np.bool_]
    n_changed: int


def match_plans(first: NDArray[np.int32], second: NDArray[np.int32], residents: IntArray) -> Matching:
    """Match the communities of two plans; ties go to more blocks in common.

    Parameters
    ----------
    first, second : (n_blocks,) int32
        Community of each block, 0 .. k-1.
    residents : (n_blocks,) int64
        People or households.

    Notes
    -----
    Names do not count, only who is together with whom. It is the distance of partitions, here of residents: the fewest
    that must be moved between classes (Day 1981), which is all less the best assignment (Gusfield 2002), and a metric.

    References
    ----------
    Day, W. H. E. (1981). The complexity of computing metric distances between partitions. Mathematical Social
    Sciences, 1(3), 269-287. https://doi.org/10.1016/0165-4896(81)90042-1
    Gusfield, D. (2002). Partition-distance: a problem and class of perfect graphs arising in clustering. Information
    Processing Letters, 82(3), 159-164. https://doi.org/10.1016/S0020-0190(01)00263-0
    """
    n_second, n_first = int(second.max(initial=-1)) + 1, int(first.max(initial=-1)) + 1
    n = max(n_second, n_first)
    common = np.zeros((n, n), dtype=np.int64)
    np.add.at(common, (second, first), residents * (len(residents) + 1) + 1)
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    rows, columns = np.divmod(np.arange(n * n), max(1, n))
    solver.add_arcs_with_cost(rows, columns, -common.ravel())
    status = solver.solve()
    assert status == solver.OPTIMAL, f"every square matrix has an assignment: {status}"
    partner = np.array([solver.right_mate(c) for c in range(n_second)], dtype=np.int64)
    partner[partner >= n_first] = -1
    is_changed = np.asarray(partner[second] != first)
    return Matching(partner, is_changed, int(residents[is_changed].sum()))
