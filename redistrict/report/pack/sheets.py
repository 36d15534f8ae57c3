"""One page a community: sketches before and after, four bounds, estates, residents, staff, premises, lineage, grids."""

from typing import Any

from redistrict.messages import QUANTITY_UNITS
from redistrict.report.facts import Row
from redistrict.report.pack.document import Element, Heading, Map, Table, number
from redistrict.report.pack.drawings import Sketch
from redistrict.report.pack.grids import say_grids
from redistrict.report.pack.matter import Matter
from redistrict.report.style import say_neck

_SKETCH_MM, _BY_GRIDS_MM, _BY_ENGLISH_MM = 84.0, 12.0, 12.0
"""Height of the sketches, and how much lower they are where grids are listed below or words are longer."""
_NONE = "—"
_SIDES = ("east", "south", "west", "north")


def table_of_communities(matter: Matter) -> Table:
    """Give one row a community: what becomes of it, size, staff and premises."""
    say = matter.say
    rows = []
    for c, row in enumerate(matter.facts.report["communities"]):
        premises = _first(matter.facts.rows_of("premises", row["id"]))
        area = f"{number(premises.get('existing_m2'))} / {number(premises.get('required_m2'))}"
        sizes = (number(row["households"]), number(row["population"]), number(row["workers"]))
        rows.append((f"{c + 1}", row["name"], row["district"] or _NONE, _fate(matter, row["id"]), *sizes, area))
    headers = (
        say("No.", "序号"),
        say("Community", "社区"),
        say("District", "区"),
        say("Change", "类型"),
        say("Households", "户数"),
        say("People", "人口"),
        say("Posts", "岗位"),
        say("Premises: there is / norm, m²", "用房：现有／标准（m²）"),
    )
    return Table(headers, tuple(rows), (0.07, 0.23, 0.13, 0.1, 0.11, 0.1, 0.08, 0.18), "cllcrrrr")


def build_sheets(matter: Matter) -> list[Element]:
    """Give the pages of all communities."""
    parts: list[Element] = []
    has_grids, is_english = bool(matter.facts.tables["grid_list"]), matter.language == "en"
    height_mm = _SKETCH_MM - _BY_GRIDS_MM * has_grids - _BY_ENGLISH_MM * is_english
    for c, row in enumerate(matter.facts.report["communities"]):
        parts += [
            Heading(f"{c + 1}. {row['name']}", 2, breaks=True),
            Map(Sketch(matter.ground, c, matter.language), height_mm),
            _table_of_facts(matter, row),
            _table_of_words(matter, row),
        ]
    return parts


def _table_of_facts(matter: Matter, row: dict[str, Any]) -> Table:
    """Give the figures, two a line."""
    say, facts = matter.say, matter.facts
    staff, premises = (_first(facts.rows_of(name, row["id"])) for name in ("staffing", "premises"))
    cells = [
        (say("Key", "社区编号"), row["id"]),
        (say("District", "所属区"), row["district"] or _NONE),
        (say("Households", "户数"), _with_deviation(matter, row["households"], row["households_deviation"])),
        (say("People", "人口"), _with_deviation(matter, row["population"], row["population_deviation"])),
        (say("Blocks", "地块数"), number(row["n_blocks"])),
        (say("Area of the blocks", "地块面积"), f"{row['area_km2']:.2f} km²"),
        (say("Widest, block to block", "地块间最远距离"), f"{row['extent_m']:,.0f} m"),
        (say("Compactness, circle 100 %", "紧凑度（圆形 100%）"), f"{row['compactness']:.0%}"),
        (say("Border with communities", "与其他社区的边界"), f"{row['boundary_m']:,.0f} m"),
        (say("Least neck", "最窄连接处"), matter.tell(say_neck(row["neck_m"]))),
        (say("Posts", "工作者岗位"), number(row["workers"])),
        (say("Filled / vacant", "已落实／空缺"), f"{number(staff.get('filled'))} / {number(staff.get('vacant'))}"),
    ]
    if premises:
        reach = f"{number(premises['existing_m2'])} / {number(premises['required_m2'])} m²"
        cells += [
            (say("Premises / norm", "用房：现有／标准"), reach),
            (say("Premises lacking", "用房缺口"), f"{number(premises['shortfall_m2'])} m²"),
            (say("Premises in use", "使用的用房"), premises["sites_used"] or _NONE),
            (say("Premises left idle", "闲置的用房"), premises["sites_idle"] or _NONE),
        ]
        if "fund_yuan" in premises:
            cells += [
                (say("Service fund (yuan a year)", "服务经费（元／年）"), number(premises["fund_yuan"])),
                (say("Rooms developers owe", "开发商应配建用房"), f"{number(premises.get('rooms_owed_m2'))} m²"),
            ]
    lines = tuple((*cells[n], *cells[n + 1]) for n in range(0, len(cells), 2))
    label = 0.27 if matter.language == "en" else 0.2
    return Table((), lines, (label, 0.5 - label, label, 0.5 - label), "hlhl")


def _table_of_words(matter: Matter, row: dict[str, Any]) -> Table:
    """Give what is told in words."""
    say, facts, language = matter.say, matter.facts, matter.language
    bounds = _first(facts.rows_of("bounds", row["id"]))
    findings = facts.rows_of("rules", row["id"])
    kept = sum(one["outcome"] == "pass" for one in findings)
    lines = [
        (say("Four bounds", "四至"), "\n".join(bounds[f"{side}_{language}"] for side in _SIDES)),
        (say("Estates", "居民小区"), _estates(matter, row["id"])),
    ]
    origin = _origin(matter, row["id"])
    if origin:
        lines.append((say("Comes from", "沿革"), origin))
    if grids := say_grids(matter, row["id"]):
        lines.append((say("Grids (households)", "网格（户数）"), grids))
    if row["exception"]:
        lines.append((say("Exception", "例外"), matter.pick(row["exception"])))
    if findings:
        broken = [one[f"message_{language}"] for one in findings if one["outcome"] not in ("pass", "waived")]
        counted = say(f"{kept} of {len(findings)} clauses met.", f"共核对 {len(findings)} 条，符合 {kept} 条。")
        lines.append((say("Rules", "规则核对"), "\n".join([counted, *broken])))
    return Table((), tuple(lines), (0.14, 0.86), "hl")


def _with_deviation(matter: Matter, size: int | None, deviation: float | None) -> str:
    if deviation is None:
        return number(size)
    return matter.say(f"{number(size)} ({deviation:+.1%} of the target)", f"{number(size)}（较目标 {deviation:+.1%}）")


def _estates(matter: Matter, community: str) -> str:
    """Name the blocks people live in, in the order of their keys."""
    blocks = matter.facts.blocks
    quantity = "households" if "households" in blocks else "people"
    lived_in = blocks[(blocks["community_id"] == community) & (blocks[quantity] > 0)]
    names = [name for name in dict.fromkeys(lived_in["name"]) if name]
    if not names:
        return matter.say("The data name none.", "数据未载小区名称。")
    return matter.say(f"{len(names)}: {', '.join(names)}", f"共 {len(names)} 个：{'、'.join(names)}")


def _origin(matter: Matter, community: str) -> str:
    """Say which of today's communities it is made of, and how much comes from each."""
    found = []
    for row in matter.facts.rows_of("lineage", community, key="new_id"):
        name = row["old_name"] or matter.say("without a community today", "现无社区")
        counts = [
            matter.say(f"{number(row['blocks'])} blocks", f"{number(row['blocks'])} 个地块"),
            *(
                matter.say(f"{number(row[key])} {unit.en}", f"{number(row[key])} {unit.zh}")
                for key, unit in QUANTITY_UNITS.items()
                if key in row
            ),
            *([matter.say("keeps the name", "沿用名称")] if row["keeps_name"] == "1" else []),
        ]
        found.append(matter.say(f"{name} ({', '.join(counts)})", f"{name}（{'，'.join(counts)}）"))
    return matter.say("; ".join(found), "；".join(found))


def _fate(matter: Matter, community: str) -> str:
    row = _first(matter.facts.rows_of("lineage", community, key="new_id"))
    return row.get(f"new_fate_{matter.language}", _NONE)


def _first(rows: list[Row]) -> Row:
    """Give the only row, or nothing where the table has none."""
    return rows[0] if rows else {}
