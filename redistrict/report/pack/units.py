"""The communities unit by unit (street by street), as each street office proposes them and the district approves."""

from typing import Any

from redistrict.report.facts import Row
from redistrict.report.pack.document import Element, Heading, Table, Text, number
from redistrict.report.pack.matter import Matter


def build_units(matter: Matter) -> list[Element]:
    """Give a table for every unit of the innermost level; nothing where the scenario has no levels."""
    levels = matter.facts.report["levels"]
    if not levels:
        return []
    level = levels[-1]
    title = matter.pick(level["title"])
    parts: list[Element] = [Heading(matter.say(f"The communities by {title}", f"分{title}社区名单"), 2, breaks=True)]
    if "街道" in level["title"]["zh"]:
        parts.append(
            Text(
                matter.say(
                    "Each street office proposes its communities; the government of the district, or of the city "
                    "without districts, approves them (Organic Law of Urban Residents' Committees 2026, article 3).",
                    "居民委员会的设立、撤销、规模调整，由街道办事处提出，报不设区的市、市辖区的人民政府批准"
                    "（《城市居民委员会组织法》第三条）。以下按街道列出。",
                )
            )
        )
    names = {row["id"]: row["name"] for row in matter.facts.report["communities"]}
    for unit in level["units"]:
        if unit["communities"]:
            where = " ".join(filter(None, (unit["district"], unit["name"])))
            parts += [Heading(where, 2), Text(_sum_up(matter, unit)), _table_of(matter, unit, names)]
    return parts


def _sum_up(matter: Matter, unit: dict[str, Any]) -> str:
    n, changed = unit["n_communities"], unit["residents_changed"]
    return matter.say(
        f"{n} communities, {number(unit['workers'])} posts; {number(changed)} residents come from another unit.",
        f"共 {n} 个社区，工作者岗位 {number(unit['workers'])} 个；其中 {number(changed)} 名居民由其他单位划入。",
    )


def _table_of(matter: Matter, unit: dict[str, Any], names: dict[str, str]) -> Table:
    say, facts = matter.say, matter.facts
    sizes = {row["id"]: (row["households"], row["population"]) for row in facts.report["communities"]}
    bounds: dict[str, Row] = {row["community_id"]: row for row in facts.tables["bounds"]}
    rows = tuple(
        (names[key], *map(number, sizes[key]), bounds[key][f"bounds_{matter.language}"]) for key in unit["communities"]
    )
    headers = (say("Community", "社区"), say("Households", "户数"), say("People", "人口"), say("Four bounds", "四至"))
    return Table(headers, rows, (0.2, 0.1, 0.1, 0.6), "lrrl")
