"""Whole numbers: households and people of blocks, and the premises, staff, tasks and norms of communities."""

import city_plan as plan
import numpy as np
import pandas as pd
from city_blocks import Blocks, IntArray
from city_plan import FloatArray

MOST_HOUSEHOLDS = 880
N_PREMISES_MET, PREMISES_MIN_M2 = 79, 300
N_STAFF, N_PARTY, N_COLLEGE, AGE_SUM = 910, 641, 470, 34_034
N_CONVERTED = 15


def share_out(parts: FloatArray, total: int, *, most: int) -> IntArray:
    """Share a total out as whole numbers in proportion to `parts`, none above `most`, none below 1.

    Largest remainder; what a full block cannot take goes to the others.
    """
    wish = parts / parts.sum() * total
    for _ in range(30):
        over = wish > most
        if not over.any():
            break
        wish = np.where(over, most, wish * (total - most * over.sum()) / wish[~over].sum())
    whole: IntArray = np.maximum(1, np.floor(wish)).astype(np.int64)
    order = np.argsort(-(wish - whole), kind="stable")
    rest = total - int(whole.sum())
    whole[order[: max(rest, 0)]] += 1
    if rest < 0:
        whole[np.argsort(-whole, kind="stable")[:-rest]] -= 1
    return whole


def count_households(blocks: Blocks, community: IntArray, target: IntArray) -> IntArray:
    """Give every block whole households so that each community has exactly its own."""
    households = np.zeros(len(blocks.shapes), dtype=np.int64)
    for c, total in enumerate(target.tolist()):
        mine = np.flatnonzero((community == c) & (blocks.weight > 0))
        households[mine] = share_out(blocks.weight[mine], total, most=MOST_HOUSEHOLDS)
    return households


def count_people(blocks: Blocks, households: IntArray, rng: np.random.Generator) -> IntArray:
    """Give every block whole people so that each district has exactly its own, 2.7 to 3.7 per household."""
    spread = np.where(households < 60, 0.2, 0.12)
    ratio = 3.2 + rng.normal(0, spread) + np.where(blocks.kind == "village", 0.08, 0.0)
    ratio = np.clip(ratio, 2.85, 3.55)
    people = np.zeros(len(households), dtype=np.int64)
    for number, district in enumerate(plan.DISTRICTS):
        mine = np.flatnonzero((blocks.district == number) & (households > 0))
        people[mine] = share_out(ratio[mine] * households[mine], district.people, most=10**6)
    return people


def make_premises(target: IntArray, rng: np.random.Generator) -> IntArray:
    """Give each community's premises in m²: 79 reach 300 m², the larger communities more often."""
    chance = target / target.max() + rng.normal(0, 0.35, len(target))
    met = np.zeros(len(target), dtype=bool)
    met[np.argsort(-chance, kind="stable")[:N_PREMISES_MET]] = True
    large = PREMISES_MIN_M2 + 10 * rng.integers(0, 25, len(target))
    small = 60 + 10 * rng.integers(0, 23, len(target))
    return np.where(met, large, small).astype(np.int64)


def make_staff(community_ids: list[str], target: IntArray, rng: np.random.Generator) -> pd.DataFrame:
    """Give the 910 workers: 641 party members, 470 with college, ages adding up to a mean of 37.4."""
    n_each = 3 + share_out(target.astype(float), N_STAFF - 3 * len(target), most=50)
    ages = np.clip(np.round(rng.normal(37.4, 7.5, N_STAFF)), 22, 58).astype(np.int64)
    while (rest := AGE_SUM - int(ages.sum())) != 0:
        movable = np.flatnonzero((ages < 58) if rest > 0 else (ages > 22))
        ages[rng.permutation(movable)[: abs(rest)]] += np.sign(rest)
    party, college = np.zeros(N_STAFF, dtype=np.int64), np.zeros(N_STAFF, dtype=np.int64)
    party[rng.permutation(N_STAFF)[:N_PARTY]] = 1
    college[np.argsort(ages + rng.normal(0, 12, N_STAFF), kind="stable")[:N_COLLEGE]] = 1
    return pd.DataFrame({
        "staff_id": [f"S{k + 1:04d}" for k in range(N_STAFF)],
        "community_id": np.repeat(community_ids, n_each),
        "is_party_member": party,
        "has_college": college,
        "age": ages,
    })  # fmt: skip


_CLASSES: tuple[tuple[str, str, int, float], ...] = (
    ("计划生育", "Family planning", 15, 0.600), ("党的建设", "Party building", 8, 0.035),
    ("综合治理", "Public order", 8, 0.040), ("民政救助", "Civil affairs and relief", 8, 0.045),
    ("就业再就业", "Employment", 8, 0.040), ("信访调解", "Petitions and mediation", 7, 0.025),
    ("安全生产", "Work safety", 7, 0.025), ("平安创建", "Safe neighbourhood", 7, 0.020),
    ("环境卫生", "Cleaning and environment", 7, 0.030), ("社区医疗", "Community health", 7, 0.020),
    ("文化体育", "Culture and sport", 7, 0.015), ("社区教育", "Community education", 7, 0.010),
    ("社会保障", "Social insurance", 7, 0.030), ("残疾人工作", "Disabled residents", 7, 0.015),
    ("老龄工作", "Older residents", 7, 0.015), ("妇女儿童", "Women and children", 7, 0.010),
    ("青少年工作", "Young people", 7, 0.005), ("征兵双拥", "Recruitment and veterans", 7, 0.010),
    ("统计普查", "Statistics and census", 7, 0.010),
)  # fmt: skip
_STEPS = ("登记台帐", "入户走访", "宣传教育", "报表统计", "档案整理", "会议学习", "检查迎检", "帮扶服务", "信息录入",
          "证明出具", "协会活动", "流动人口核查", "随访回访", "奖励申报", "责任书签订")  # fmt: skip


def make_tasks() -> pd.DataFrame:
    """Give the 145 tasks in 19 classes; family planning takes 60 % of the time, the other shares are assumed."""
    rows = [(zh, en, f"{zh}{_STEPS[k]}", share / n) for zh, en, n, share in _CLASSES for k in range(n)]
    return pd.DataFrame({
        "class_zh": [r[0] for r in rows], "class_en": [r[1] for r in rows],
        "item_no": range(1, len(rows) + 1), "item_zh": [r[2] for r in rows], "time_share": [r[3] for r in rows],
    })  # fmt: skip


_NORMS: tuple[tuple[str, float, str, str], ...] = (
    ("premises_m2_per_100_households", 20, "m2", "每个社区要按照每100户20m2的标准"),
    ("premises_min_m2", 300, "m2", "建设一所不低于300m2的社区综合服务中心"),
    ("service_fund_per_household", 10, "yuan/year", "按照每户10元的标准落实社区开展服务工作必须的经费"),
    ("developer_m2_per_1000_homes", 100, "m2", "每开发1000户商品房,开发商必须无偿提供100(m2)的社区工作服务活动用房"),
    ("target_households", 2_500, "households", "调整后的社区规模以2500户、8000人左右为宜"),
    ("target_people", 8_000, "people", "调整后的社区规模以2500户、8000人左右为宜"),
    ("households_per_worker", 250, "households", "按照每250户、800人左右居民配备一名社区工作者"),
    ("people_per_worker", 800, "people", "按照每250户、800人左右居民配备一名社区工作者"),
    ("workers_needed_about", 900, "workers", "县区约需900名社区工作者"),
    ("people_counted", 662_800, "people", "(不含铁山)常住非农业户口居民约有66.28万人"),
    ("communities_after", 83, "communities", "调整后应是83个社区"),
    ("communities_fewer", 41, "communities", "比目前社区总数减少41个,缩减33%"),
    ("communities_mergeable_in_practice", 15, "communities", "实际可合并、减少的社区有15个左右"),
    ("task_classes", 19, "classes", "社区居委会承担着共19大类、145小项工作"),
    ("task_items", 145, "items", "社区居委会承担着共19大类、145小项工作"),
    ("family_planning_time_share", 0.6, "share", "计划生育工作要占去他们60%的时间和精力"),
)  # fmt: skip


def make_norms() -> pd.DataFrame:
    """Give the norms and targets of the report, each with the (repaired) sentence it comes from."""
    return pd.DataFrame(_NORMS, columns=["key", "value", "unit", "source"])


def mark_converted(village_share: FloatArray, district: IntArray) -> IntArray:
    """Mark the 15 communities that were villages: those with most village homes, few in each district.

    At most 6 in the development zone, 3 in every other district; assumed.
    """
    marked = np.zeros(len(village_share), dtype=np.int64)
    room = [3, 3, 3, 3, 6]
    for c in np.argsort(-village_share, kind="stable").tolist():
        if room[district[c]] > 0 and marked.sum() < N_CONVERTED:
            marked[c] = 1
            room[district[c]] -= 1
    return marked
