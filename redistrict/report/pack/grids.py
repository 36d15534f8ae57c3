"""Grids: the annex with the counts of every one, and the line on the page of their community."""

from redistrict.report.pack.document import Element, Table, number
from redistrict.report.pack.matter import Matter

_NONE = "—"


def build_grids(matter: Matter) -> list[Element]:
    """Give every grid with its counts, and what it continues or why it is an exception; nothing if there are none."""
    say, rows = matter.say, []
    for row in matter.facts.tables["grid_list"]:
        exception = matter.say(row["exception_en"], row["exception_zh"]) if "exception_en" in row else ""
        remark = exception or say("continues ", "沿用") * bool(row["continues_name"]) + row["continues_name"]
        counts = (number(row.get(name)) for name in ("n_blocks", "households", "people", "grid_workers"))
        rows.append((row["grid"], row["community_name"], *counts, remark or _NONE))
    headers = (
        say("Code", "网格编码"),
        say("Community", "社区"),
        say("Blocks", "地块数"),
        say("Households", "户数"),
        say("People", "人口"),
        say("Posts", "网格员"),
        say("Remark", "说明"),
    )
    table = Table(headers, tuple(rows), (0.2, 0.18, 0.09, 0.11, 0.1, 0.09, 0.23), "llrrrrl")
    return [table] if rows else []


def say_grids(matter: Matter, community: str) -> str:
    """Give the grids of a community with their households, and today's grid that each mostly continues; "" if none."""
    found = []
    for row in matter.facts.rows_of("grid_list", community):
        n, today = number(row["households"]), row["continues_name"]
        en, zh = (f", continues {today}", f"，沿用{today}") if today else ("", "")
        found.append(matter.say(f"{row['grid']} ({n}{en})", f"{row['grid']}（{n}{zh}）"))
    return matter.say(f"{len(found)}: {', '.join(found)}", f"共 {len(found)} 个：{'、'.join(found)}") if found else ""
