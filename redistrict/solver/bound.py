"""An honest lower bound on the cost of any plan of an area, however large."""

from redistrict.messages import Message
from redistrict.problem import AreaProblem

WHAT_IT_COVERS = Message(
    "The bound counts, for every frontage, the cheaper of cutting it and crossing it; it does not yet count that "
    "communities must stay small, so the true optimum lies well above it.",
    "下界对每一段临界边取“切开”与“跨越”中较低的代价；尚未计入社区规模限制，因此真正的最优值明显高于下界。",
)


def edge_bound(problem: AreaProblem) -> int:
    """Give the sum over edges of the cheaper of cutting and crossing it, plus the least deviation.

    Every plan either cuts an edge or holds it inside, so no plan costs less. The deviations of all communities
    add up to at least the distance of the total from n_communities times the target.
    """
    edges = problem.base_cost + int(problem.edge_weight[problem.edge_weight < 0].sum())
    total = problem.size.sum(axis=0)
    least = abs(total - problem.n_communities * problem.target) @ problem.deviation_rate
    return edges + int(least)
