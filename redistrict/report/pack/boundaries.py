"""The annex of boundaries: lines by what they follow, and the coordinates of all boundary points (界址点成果表)."""

from itertools import groupby

from redistrict.messages import Message
from redistrict.report.facts import Row
from redistrict.report.pack.document import Element, Heading, Table, Text, number
from redistrict.report.pack.matter import Matter
from redistrict.report.style import class_word

_EDGES = {"south": Message("south edge", "南侧边线"), "west": Message("west edge", "西侧边线")}


def build_boundaries(matter: Matter) -> list[Element]:
    """Give both tables; none for a result that was made before there were any."""
    say, tables = matter.say, matter.facts.tables
    if not tables["boundaries"]:
        return []
    edges = (
        say(
            " Where a south or west edge is named, the line runs along the blocks there, and the whole street belongs "
            "to the community on its other side; where none is, it runs on the centreline.",
            "注明南侧或西侧边线的，界线沿该侧地块边缘，整条街道归另一侧社区；未注明的，界线沿中线。",
        )
        if matter.scenario.output.boundary == "edge"
        else ""
    )
    note = say(
        "A line runs from node to node between the same two communities; bearings are from the north of the grid. "
        "Metres in brackets lie beside the line named, not on it. Coordinates are in metres in the system of the data, "
        "and in CGCS2000 degrees. Between two points the straight line is at most 2 m off the border; "
        "boundary_points.csv gives each community's round with distances and bearings.",
        "界线自交会点至交会点，两侧社区不变；方位角为坐标方位角。括号内的米数表示位于所称线状地物旁侧，不在其中心线上。"
        "坐标为数据坐标系的米制坐标和 CGCS2000 经纬度。相邻两点间直线与界线相差不超过 2 米；"
        "各社区依次经过的界址点、边长和方位角见 boundary_points.csv。",
    )
    return [
        Text(note + edges),
        Heading(say("Boundary lines", "界线"), 2),
        _list_lines(matter),
        Heading(say("Boundary points", "界址点成果表"), 2),
        _list_points(matter),
    ]


def _list_lines(matter: Matter) -> Table:
    say = matter.say
    rows = []
    for line, group in groupby(matter.facts.tables["boundaries"], key=lambda row: row["line"]):
        parts = list(group)
        one = parts[0]
        beyond = one["beyond_name"] or say("edge of the built-up area", "建成区边缘")
        ends = f"{one['from_point']}–{one['to_point']}"
        course = say("; ", "；").join(_say_course(matter, part) for part in parts)
        rows.append(
            (
                line,
                f"{one['community_name']} – {beyond}",
                ends,
                _fixed(one["line_m"], 2),
                _fixed(one["bearing"], 2),
                course,
            )
        )
    headers = (
        say("Line", "界线"),
        say("Between", "两侧社区"),
        say("From – to", "起止点"),
        say("Length, m", "长度（m）"),
        say("Bearing", "方位角"),
        say("Course", "走向"),
    )
    return Table(headers, tuple(rows), (0.07, 0.22, 0.14, 0.11, 0.1, 0.36), "clcrrl")


def _say_course(matter: Matter, row: Row) -> str:
    """Say what a part of a line follows, for how many metres, and how many of them beside it."""
    say, length_m = matter.say, number(row["length_m"])
    word = row["road_name"] or (matter.tell(class_word(row["road_class"])) if row["road_class"] else "")
    if row.get("side") in _EDGES:
        edge = matter.tell(_EDGES[row["side"]])
        return say(f"{edge} of {word or 'the street'} {length_m} m", f"{word or '街道'}{edge} {length_m} m")
    beside_m = float(row["length_m"]) - float(row["on_line_m"])
    if not word:
        return say(f"no road or barrier {length_m} m", f"无线状地物 {length_m} m")
    beside = say(f" ({number(round(beside_m, 1))} m)", f"（{number(round(beside_m, 1))} m）") if beside_m >= 1 else ""
    return f"{word} {length_m} m{beside}"


def _fixed(text: str, n_digits: int) -> str:
    """Write a number with all its digits, as a surveyor does; a dash where there is none."""
    return f"{float(text):.{n_digits}f}" if text else "—"


def _list_points(matter: Matter) -> Table:
    """Give every point once, in the order of its number."""
    say = matter.say
    kinds = {"node": say("node", "交会点"), "turn": say("turn", "转折点")}
    digits = {"east_m": 3, "north_m": 3, "longitude": 8, "latitude": 8}
    once = {row["point"]: row for row in matter.facts.tables["boundary_points"]}
    rows = tuple(
        (key, kinds[row["point_type"]], *(_fixed(row[name], n) for name, n in digits.items()), row["stands_there"])
        for key, row in once.items()
    )
    headers = (
        say("Point", "点号"),
        say("Type", "类型"),
        say("East, m", "东坐标（m）"),
        say("North, m", "北坐标（m）"),
        say("Longitude", "经度"),
        say("Latitude", "纬度"),
        say("What runs there", "所在线状地物"),
    )
    return Table(headers, rows, (0.09, 0.09, 0.15, 0.15, 0.15, 0.14, 0.23), "ccrrrrl")
