"""Columns: what each column of the tables is called for people, and how its values are shown."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from redistrict.messages import QUANTITY_WORDS, Language, Message, plain
from redistrict.model.quantities import quantity_words
from redistrict.report.style import class_word

Form = Literal["text", "code", "count", "deviation", "share", "metres", "amount", "km2", "ratio"]
"""`code` is a key or short word, `deviation` a signed share, `amount` square metres or yuan, `ratio` a number to 1."""


class Column(NamedTuple):
    """Heading and form of a column."""

    words: Message
    form: Form


_TABLE: tuple[tuple[str, str, str, Form], ...] = (
    ("community_id", "community id", "社区编号", "code"),
    ("community_name", "community", "社区名称", "text"),
    ("district", "district", "所属区", "code"),
    ("n_communities", "communities", "社区数", "count"),
    ("residents_changed", "residents whose unit changes", "改变所属单位的居民", "count"),
    ("premises_m2", "premises, m²", "用房（平方米）", "amount"),
    ("n_blocks", "blocks", "地块数", "count"),
    ("area_km2", "area, km²", "面积（平方公里）", "km2"),
    ("households", *QUANTITY_WORDS["households"], "count"),
    ("people", *QUANTITY_WORDS["people"], "count"),
    ("dwellings", "dwellings", "住宅套数", "count"),
    ("households_deviation", "households off target, share", "户数偏差（占目标比例）", "deviation"),
    ("people_deviation", "people off target, share", "人口偏差（占目标比例）", "deviation"),
    ("workers", "community workers", "社区工作者", "count"),
    ("boundary_m", "border with other communities, m", "与其他社区的边界（米）", "metres"),
    ("extent_m", "from block to block at most, m", "地块间最远距离（米）", "metres"),
    ("compactness", "compactness, circle = 100 %", "紧凑度（圆形为 100%）", "share"),
    ("neck_m", "least neck, m (none: 64 or wider)", "最窄连接处（米，空白为 64 米以上）", "metres"),
    ("east", "east", "东", "text"),
    ("south", "south", "南", "text"),
    ("west", "west", "西", "text"),
    ("north", "north", "北", "text"),
    ("named_border_share", "border along a line with a name", "有名界线占比", "share"),
    ("exception", "exception", "例外", "text"),
    ("grid", "grid", "网格编码", "code"),
    ("grid_workers", "grid workers", "网格员", "count"),
    ("continues_id", "continues today's, id", "沿用网格编号", "code"),
    ("continues_name", "continues today's", "沿用网格", "text"),
    ("colour", "colour number", "着色号", "count"),
    ("block_id", "block id", "地块编号", "code"),
    ("name", "name", "名称", "text"),
    ("current", "community today", "现社区编号", "code"),
    ("filled", "posts filled", "到岗", "count"),
    ("vacant", "posts vacant", "空缺", "count"),
    ("from_id", "from, id", "原社区编号", "code"),
    ("from_name", "from", "原社区", "text"),
    ("from_district", "from district", "原所属区", "code"),
    ("to_id", "to, id", "新社区编号", "code"),
    ("to_name", "to", "新社区", "text"),
    ("to_district", "to district", "新所属区", "code"),
    ("kind", "how", "方式", "code"),
    ("required_m2", "required, m²", "应有面积（平方米）", "amount"),
    ("existing_m2", "existing, m²", "现有面积（平方米）", "amount"),
    ("used_m2", "used, m²", "使用面积（平方米）", "amount"),
    ("shortfall_m2", "short by, m²", "缺口（平方米）", "amount"),
    ("sites_used", "sites used", "使用的用房", "text"),
    ("sites_idle", "sites idle", "闲置的用房", "text"),
    ("mean_distance_m", "mean distance of residents, m", "居民平均距离（米）", "metres"),
    ("worst_distance_m", "longest distance, m", "最远距离（米）", "metres"),
    ("worst_block", "farthest block", "最远地块", "code"),
    ("fund_yuan", "service fund, yuan", "服务经费（元）", "amount"),
    ("rooms_owed_m2", "rooms owed by developers, m²", "开发商应交用房（平方米）", "amount"),
    ("old_id", "old community, id", "原社区编号", "code"),
    ("old_name", "old community", "原社区", "text"),
    ("old_fate", "what becomes of it", "原社区去向", "code"),
    ("new_id", "new community, id", "新社区编号", "code"),
    ("new_name", "new community", "新社区", "text"),
    ("new_fate", "what the new one is", "新社区来历", "code"),
    ("blocks", "blocks", "地块数", "count"),
    ("keeps_name", "keeps name", "沿用名称", "code"),
    ("road_class", "class", "类别", "code"),
    ("road_name", "road, railway or river", "道路、铁路或河流", "text"),
    ("length_m", "length, m", "长度（米）", "metres"),
    ("cost_m", "cost, weighted m", "代价（加权米）", "metres"),
    ("served_m", "served, m", "有通道长度（米）", "metres"),
    ("empty_m", "beside blocks where nobody lives, m", "一侧无居民长度（米）", "metres"),
    ("served_by", "served by", "通道", "code"),
    ("divides", "divides the community", "分割社区", "code"),
    ("blocks_facing", "blocks facing it", "沿线地块", "count"),
    ("blocks_main", "blocks on the main side", "主侧地块", "count"),
    ("blocks_beyond", "blocks beyond", "另侧地块", "count"),
    ("residents_beyond", "residents beyond", "另侧居民", "count"),
    ("pack", "rule pack", "规则包", "text"),
    ("clause", "clause", "条款", "text"),
    ("strength", "strength", "强度", "code"),
    ("outcome", "outcome", "结论", "code"),
    ("found", "found", "现值", "text"),
    ("allowed", "asked", "要求", "text"),
    ("reason", "reason of the waiver", "豁免理由", "text"),
    ("beyond_id", "community beyond, id", "相邻社区编号", "code"),
    ("beyond_name", "community beyond", "相邻社区", "text"),
    ("beyond_district", "district beyond", "相邻区", "code"),
    ("line", "boundary line", "界线编号", "code"),
    ("from_point", "from point", "起点", "code"),
    ("to_point", "to point", "止点", "code"),
    ("line_m", "length of the whole line, m", "整条界线长度（米）", "metres"),
    ("bearing", "bearing from grid north, degrees", "坐标方位角（度）", "metres"),
    ("side", "side of the street, or centreline", "位于街道哪一侧或中线", "code"),
    ("on_line_m", "on the line it follows, m", "位于所沿线上的长度（米）", "metres"),
    ("point", "boundary point", "界址点号", "code"),
    ("point_type", "type of point", "界址点类型", "code"),
    ("east_m", "east coordinate, m", "东坐标（米）", "metres"),
    ("north_m", "north coordinate, m", "北坐标（米）", "metres"),
    ("longitude", "longitude, CGCS2000, degrees", "经度（CGCS2000，度）", "text"),
    ("latitude", "latitude, CGCS2000, degrees", "纬度（CGCS2000，度）", "text"),
    ("stands_there", "what runs there", "所在线状地物", "text"),
    ("communities", "communities that meet there", "相交社区", "text"),
    ("ring", "ring", "环", "count"),
    ("step", "step of the round", "环上序号", "count"),
    ("next_point", "next point", "下一点", "code"),
    ("distance_m", "distance to the next point, m", "至下一点距离（米）", "metres"),
    ("staff", "workers today", "现有工作者", "count"),
    ("fate", "what becomes of it", "去向", "code"),
    ("item", "item", "项目", "text"),
    ("value", "value", "内容", "text"),
)
COLUMNS = {name: Column(Message(en, zh), form) for name, en, zh, form in _TABLE}
"""Every column that has a heading of its own, by its name in the CSV files and layers."""

_WORDS = {
    "pass": Message("pass", "符合"),
    "fail": Message("fail", "不符合"),
    "waived": Message("waived", "豁免"),
    "unknown": Message("unknown", "无法核对"),
    "must": Message("must", "应当"),
    "generally": Message("generally", "一般"),
    "should": Message("should", "宜"),
    "bridge": Message("bridge", "桥"),
    "underpass": Message("underpass", "下穿通道"),
    "signal": Message("signal", "信号灯"),
}


Titles = Mapping[str, Message | Column]
"""What columns are called whose names come from the scenario."""


def title_others(others: Iterable[str]) -> dict[str, Column]:
    """Give the columns of further quantities and of their deviations, by name."""
    found: dict[str, Column] = {}
    for key in others:
        words = quantity_words(key)
        off = Message(f"{words.en} off target, share", f"{words.zh}偏差（占目标比例）")
        found |= {str(key): Column(words, "count"), f"{key}_deviation": Column(off, "deviation")}
    return found


def find_column(name: str, levels: Titles | None = None) -> Column:
    """Give heading and form of a column; metres inside of a class of road are named for the class.

    Parameters
    ----------
    levels : mapping, optional
        Titles of levels by key, and columns of further quantities; without them these are called by their name.
    """
    if name in COLUMNS:
        return COLUMNS[name]
    if not name.startswith("crossing_"):
        found = (levels or {}).get(name, plain(name))
        return found if isinstance(found, Column) else Column(found, "code")
    word = class_word(name.removeprefix("crossing_").removesuffix("_m"))
    return Column(Message(f"{word.en} inside, m", f"穿越{word.zh}（米）"), "metres")


def in_lines(words: Message, language: Language) -> str:
    """Give a text for a cell; of two languages the Chinese stands above the English."""
    return f"{words.zh}\n{words.en}" if language == "both" and words.zh != words.en else words.in_language(language)


def put_in_words(name: str, token: str, language: Language) -> str:
    """Give the usual words for what a column of keys holds: classes, outcomes, structures; others as they stand."""
    if name == "road_class":
        return class_word(token).in_language(language)
    if name in ("outcome", "strength", "served_by"):
        return "; ".join(_WORDS.get(part, plain(part)).in_language(language) for part in token.split("; "))
    return token
