"""An honest lower bound on the cost of any plan of an area, however large."""

from redistrict.messages import Message
from redistrict.model.problem import AreaProblem

WHAT_IT_COVERS = Message(
    "No plan with these numbers of communities, inside these limits, costs less than the bound. It counts the roads "
    "crossed, the borders and the distance from the targets; that residents move or change street, workers stay idle "
    "and parts hang by necks is taken to cost nothing. In large areas it counts every frontage at the cheaper of "
    "cutting and crossing it, and what must be cut or crossed besides since blocks that weigh too much part and blocks "
    "that weigh too little join: there the true optimum lies above it.",
    "在这些社区数量和限制条件下，任何方案的代价都不会低于该下界。下界计入跨路、边界和规模偏差；"
    "居民变动、街道变更、人员冗余和狭窄连接按零代价计。较大的区域按每段临界边“切开”与“跨越”中较低者计，"
    "并计入因合计过大必须切开、过小必须相连而多出的部分；真正的最优值高于下界。",
)
NOT_BOUNDED = Message(
    "The scenario asks for no bound (solve.bound: none): how much cheaper another plan could be is not known.",
    "方案文件不要求下界（solve.bound: none）：其他方案的代价还能低多少未知。",
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
