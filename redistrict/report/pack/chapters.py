"""The chapters before the single communities: cover, the problem today, and the proposal."""

import shapely

from redistrict.messages import QUANTITY_WORDS, Message
from redistrict.report.about_data import list_terms
from redistrict.report.pack.annexes import build_annexes
from redistrict.report.pack.city_map import BORDER_MM, DISTRICT_MM, CityMap, Sign, lay_out
from redistrict.report.pack.document import (
    Contents,
    Cover,
    Document,
    Element,
    Heading,
    Picture,
    Table,
    Text,
    number,
)
from redistrict.report.pack.drawings import HILL, INK, MAIN_ROADS, RAIL, RED, WATER, WHITE, Areas
from redistrict.report.pack.matter import Matter
from redistrict.report.pack.sheets import build_sheets, table_of_communities
from redistrict.report.pack.units import build_units
from redistrict.report.style import PALETTE, ROAD_CLASSES, by_importance, class_word, colour_communities
from redistrict.report.tables.diagnosis import EVERYTHING, PrintedTable
from redistrict.standards.diagnosis import Group
from redistrict.standards.lineage import Fate

_NORMAL, _SMALL, _LARGE = "#ece9e1", "#f2c46d", "#b5a6dc"
_NONE = "—"
_FIGURES = (
    Message("Communities", "社区数（个）"),
    Message("Smallest community", "最小社区规模"),
    Message("Largest community", "最大社区规模"),
    Message("In several pieces", "不连片社区（个）"),
    Message("Workers today, and posts", "社区工作者（人／岗位）"),
    Message("Premises reach the minimum", "用房达最低面积（个）"),
    Message("Premises reach the norm", "用房达配建标准（个）"),
    Message("Service fund (yuan a year)", "服务经费（元／年）"),
)
"""Figures compared before and after."""


def build_document(matter: Matter) -> Document:
    """Put together the whole pack in the matter's language."""
    say, first = matter.say, 2 if matter.today else 1
    return (
        _cover(matter),
        Contents(say("Contents", "目录")),
        *(_today(matter, matter.today.diagnosis.everything) if matter.today else ()),
        *_proposal(matter, first),
        _chapter(matter, first + 1, "The communities one by one", "分社区方案"),
        Text(
            say(
                "Each community has one page: its ground as divided today and as proposed, its four bounds in words, "
                "estates, residents, staff, premises, and the communities of today it comes from.",
                "以下逐一列出各社区的调整前后示意图、四至、小区、户数、人口、人员、用房和沿革，每个社区一页。"
                "序号与本表一致。",
            )
        ),
        table_of_communities(matter),
        *build_units(matter),
        *build_sheets(matter),
        *build_annexes(matter),
    )


def _chapter(matter: Matter, n: int, en: str, zh: str) -> Heading:
    return Heading(matter.say(f"Chapter {n}. {en}", f"{'一二三'[n - 1]}、{zh}"), 1)


def _cover(matter: Matter) -> Cover:
    say, report, today = matter.say, matter.facts.report, matter.today
    totals = report["totals"]
    n_new = report["n_communities"]
    change = say(f"{n_new}", f"{n_new} 个")
    if today:
        n_old = len(today.diagnosis.everything)
        change = say(f"{n_old} today, {n_new} proposed", f"现有 {n_old} 个，调整为 {n_new} 个")
    return Cover(
        mark=say("Annex", "附件"),
        title=matter.title,
        subtitle=say("Material for approval", "（报批材料）"),
        warning=matter.warning,
        facts=(
            (say("Communities", "社区数"), change),
            *(
                (say(QUANTITY_WORDS[name].en.capitalize(), QUANTITY_WORDS[name].zh), number(totals[key]))
                for name, key in (("households", "households"), ("people", "population"))
                if totals[key] is not None
            ),
            (say("Community workers", "社区工作者岗位"), number(totals["workers"])),
            (say("Check of the plan", "方案核验"), say("passed: no rule is broken", "通过，未发现违反规则之处")),
            (say("SHA-256 of the plan", "方案指纹（SHA-256）"), matter.facts.digests["plan.csv"]),
            *((matter.tell(name), matter.tell(value)) for name, value in list_terms(matter.scenario.data)),
            (say("Submitted by", "报送单位"), ""),
            (say("Date", "日期"), say("", "        年      月      日")),
        ),
    )


# --- the problem today ----------------------------------------------------------------------------------


def _today(matter: Matter, group: Group) -> list[Element]:
    say, report = matter.say, matter.today
    assert report is not None, "called with a diagnosis only"
    parts: list[Element] = [_chapter(matter, 1, "The problem today", "社区现状与存在问题")]
    parts += [Text(sentence) for sentence in _faults(matter, group)]
    if matter.histogram:
        parts.append(Picture(matter.histogram))
    for table in report.tables():
        parts += [Heading(matter.tell(table.title), 2), _as_table(matter, table)]
    parts += lay_out(_map_of_today(matter, group), say("Map 1. Communities today", "图1 现有社区分布与问题"))
    return parts


def _faults(matter: Matter, group: Group) -> list[str]:
    """Say in sentences what the tables show."""
    say, steps = matter.say, group.steps
    small, large = group.smallest, group.largest
    found = [
        say(
            f"There are {len(group)} communities today. The smallest, {small.name}, holds {small.size:,}, the largest, "
            f"{large.name}, {large.size:,}.",
            f"现有社区 {len(group)} 个，规模最小的是{small.name}（{small.size:,}），"
            f"最大的是{large.name}（{large.size:,}）。",
        )
    ]
    if group.bands() is not None:
        n_small, n_large = len(group.too_small()), len(group.too_large())
        found.append(
            say(
                f"{n_small} communities have under {steps[0]:,} households, {n_large} have {steps[-1]:,} or more.",
                f"不足 {steps[0]:,} 户的社区 {n_small} 个，{steps[-1]:,} 户及以上的 {n_large} 个，规模悬殊。",
            )
        )
    n_pieces, n_enclaves = len(group.in_pieces()), len(group.enclaves())
    found.append(
        say(
            f"{n_pieces} communities lie in several pieces, {n_enclaves} wholly inside another.",
            f"不连片的社区 {n_pieces} 个，完全被另一社区包围的 {n_enclaves} 个。",
        )
    )
    if group.crossing_m() is not None:
        n = len(group.crossed())
        found.append(say(f"{n} communities are crossed by main roads.", f"被主要道路穿越的社区 {n} 个。"))
    return found


def _as_table(matter: Matter, table: PrintedTable) -> Table:
    headers = tuple(map(matter.tell, table.headers))
    every = EVERYTHING.in_language("both")
    rows = [tuple(matter.tell(EVERYTHING) if cell == every else cell for cell in row) for row in table.rows]
    n = len(headers) - 1
    return Table(headers, tuple(rows), (0.16, *[0.84 / n] * n), "l" + "r" * n)


def _map_of_today(matter: Matter, group: Group) -> CityMap:
    """Colour today's communities by size, with a red outline where they lie in several pieces."""
    say, steps, rows = matter.say, group.steps, group.communities
    small, large = (group.too_small(), group.too_large()) if group.bands() else ((), ())
    pieces = group.in_pieces()
    today = matter.ground.today
    assert today is not None, "the diagnosis needs today's communities"
    legend = [
        Sign(
            say(f"under {steps[0]:,} households: {len(small)}", f"不足 {steps[0]:,} 户：{len(small)} 个"), _SMALL, INK
        ),
        Sign(say(f"{steps[-1]:,} and above: {len(large)}", f"{steps[-1]:,} 户及以上：{len(large)} 个"), _LARGE, INK),
        Sign(say(f"in several pieces: {len(pieces)}", f"不连片：{len(pieces)} 个"), WHITE, RED),
    ]
    return CityMap(
        ground=matter.ground,
        areas=today,
        fills=tuple(_SMALL if row in small else _LARGE if row in large else _NORMAL for row in rows),
        marked=tuple(n for n, row in enumerate(rows) if row in pieces),
        legend=(*legend, *_legend_of_ground(matter, today)),
        block=matter.block,
        language=matter.language,
    )


# --- the proposal ---------------------------------------------------------------------------------------


def _proposal(matter: Matter, n: int) -> list[Element]:
    say, report = matter.say, matter.facts.report
    parts: list[Element] = [
        _chapter(matter, n, "The proposal", "调整方案"),
        *map(Text, _changes(matter)),
        Heading(say("Figures before and after", "调整前后对照"), 2),
        _table_of_figures(matter),
        Heading(say("By district", "分区情况"), 2),
        _table_of_districts(matter),
    ]
    growth = report["standards"]["growth"]
    if growth and growth["messages"]:
        parts.append(Heading(say("As estates fill up", "后续年度规模"), 2))
        parts += [Text(matter.pick(message)) for message in growth["messages"]]
    if report["pins"]:
        parts.append(Heading(say("What was asked (pins)", "固定要求"), 2))
        parts += [Text(matter.pick(one["message"])) for one in report["pins"]]
    if report["exceptions"]:
        parts.append(Heading(say("Exceptions", "例外情况"), 2))
        parts += [Text(matter.pick(message)) for message in report["exceptions"]]
    parts += lay_out(_map_of_plan(matter), say(f"Map {n}. Communities as proposed", f"图{n} 拟调整社区分布"))
    return parts


def _changes(matter: Matter) -> list[str]:
    """Say what changes for residents and staff."""
    say, standards = matter.say, matter.facts.report["standards"]
    found = []
    lineage, transition = standards["lineage"], standards["transition"]
    if lineage:
        today, new = _fates(matter, lineage["today"]), _fates(matter, lineage["new"])
        share = f"{lineage['moved_share']:.1%}"
        found.append(
            say(
                f"Of today's communities: {today}; of the new ones: {new}. {share} of residents change community.",
                f"原社区中，{today}；调整后的社区中，{new}。{share} 的居民所属社区发生变化。",
            )
        )
    if transition:
        surplus, vacant = sum(transition["surplus"].values()), sum(transition["vacancies"].values())
        found.append(
            say(
                f"Staff: {transition['staff']} today, {transition['posts']} posts; {transition['with_residents']} go "
                f"with residents, {transition['elsewhere']} elsewhere; {surplus} without a post, {vacant} vacant.",
                f"社区工作者现有 {transition['staff']} 人，岗位 {transition['posts']} 个；"
                f"随居民到岗 {transition['with_residents']} 人，调往他处 {transition['elsewhere']} 人，"
                f"富余 {surplus} 人，空缺 {vacant} 个。",
            )
        )
    return found


def _fates(matter: Matter, counts: dict[str, int]) -> str:
    """Count what becomes of communities, in words."""
    words = {fate.value.en: fate.value for fate in Fate}
    listed = [matter.say(f"{n} {fate}", f"{words[fate].zh} {n} 个") for fate, n in counts.items()]
    return matter.say(", ", "、").join(listed)


def _table_of_figures(matter: Matter) -> Table:
    """Set figures of today beside those of the plan, whose communities are all of one piece."""
    say, report = matter.say, matter.facts.report
    totals, standards = report["totals"], report["standards"]
    group = matter.today.diagnosis.everything if matter.today else None
    premises = standards["premises"] or {}
    sizes = [row["population"] if row["households"] is None else row["households"] for row in report["communities"]]
    old = _figures_of(group) if group else (None,) * len(_FIGURES)
    new = (
        *(report["n_communities"], min(sizes), max(sizes), 0),
        *(totals["workers"], premises.get("reach"), premises.get("reach_norm"), standards["fund_yuan"]),
    )
    rows = [(matter.tell(label), *pair) for label, *pair in zip(_FIGURES, old, new, strict=True)]
    metres = (group.crossing_m() if group else None) or {}
    for name, length in by_importance(totals["crossing_m"]):
        if name in MAIN_ROADS:
            word = class_word(name)
            label = say(f"{word.en} inside communities (km)", f"社区内{word.zh}（公里）")
            rows.append((label, metres[name] / 1000 if name in metres else None, length / 1000))
    cells = tuple((label, number(before), number(after)) for label, before, after in rows)
    headers = (say("Figure", "指标"), say("Today", "现状"), say("Proposed", "方案"))
    return Table(headers, cells, (0.5, 0.25, 0.25), "lrr")


def _figures_of(group: Group) -> tuple[float | None, ...]:
    """Give the figures of `_FIGURES` for today's communities."""
    least, norm = (group.count(name) or (None,) for name in ("reaches_minimum", "reaches_norm"))
    n_pieces, staff, fund = len(group.in_pieces()), group.total("staff"), group.total("fund_yuan")
    return (len(group), group.smallest.size, group.largest.size, n_pieces, staff, least[0], norm[0], fund)


def _table_of_districts(matter: Matter) -> Table:
    say, report = matter.say, matter.facts.report
    old = matter.today.diagnosis.by_district if matter.today else {}
    workers = report["standards"]["staffing"]["by_district"]
    new = report["totals"]["communities_by_district"]
    rows = tuple(
        (name or _NONE, number(len(old[name]) if name in old else None), number(n), number(workers.get(name)))
        for name, n in new.items()
    )
    headers = (
        say("District", "区"),
        say("Communities today", "现有社区"),
        say("Proposed", "拟设社区"),
        say("Posts", "岗位"),
    )
    return Table(headers, rows, (0.4, 0.2, 0.2, 0.2), "lrrr")


def _map_of_plan(matter: Matter) -> CityMap:
    colours = colour_communities(matter.facts.communities.geometry)
    return CityMap(
        ground=matter.ground,
        areas=matter.ground.new,
        fills=tuple(PALETTE[colour % len(PALETTE)] for colour in colours),
        marked=(),
        legend=_legend_of_ground(matter, matter.ground.new),
        block=matter.block,
        language=matter.language,
    )


def _legend_of_ground(matter: Matter, areas: Areas) -> tuple[Sign, ...]:
    """Name the borders, the main roads, and the water, hills and railways that are there."""
    say, ground = matter.say, matter.ground
    there = [name for name in MAIN_ROADS if name in set(ground.roads["road_class"])]
    barriers, shapes = ground.barriers["road_class"].to_numpy(), ground.barriers.geometry.to_numpy()
    is_area = shapely.get_dimensions(shapes) == 2
    several = len(set(areas.districts)) > 1
    return (
        Sign(say("community boundary", "社区界线"), INK, width_mm=BORDER_MM),
        *((Sign(say("district boundary", "区界"), INK, width_mm=DISTRICT_MM),) if several else ()),
        *(Sign(matter.tell(class_word(name)), ROAD_CLASSES[name][1], width_mm=0.9) for name in there),
        *((Sign(say("water", "水域"), WATER),) if (is_area & (barriers != "hill")).any() else ()),
        *((Sign(say("hills", "山体"), HILL),) if (is_area & (barriers == "hill")).any() else ()),
        *(
            (Sign(_say_lines(matter, set(barriers[~is_area])), RAIL, width_mm=0.35, dash_mm=1.2),)
            if (~is_area).any()
            else ()
        ),
    )


def _say_lines(matter: Matter, classes: set[str]) -> str:
    """Name the barriers that are lines."""
    return matter.say(", ", "、").join(matter.tell(class_word(name)) for name in sorted(classes))
