"""Check a plan against its certificate with nothing but Python: `python check_certificate.py [FOLDER]`.

By blocks.csv (district and counts of every block) and edges.csv (which blocks are neighbours, the metres they share,
what it costs to have the pair inside a community or parted) alone, for every community of certificate.json:
  1. each block is in exactly one community, and all of a community in its district;
  2. the tree has only pairs of edges.csv, with the metres that stand there, and joins all blocks; where today's
     communities stay whole, pieces of one of them may be joined by that (`today` in blocks.csv);
  3. sums are those of the blocks, and inside the bounds, but in communities named as exceptions;
  4. costs of roads inside and of borders add up, by community and in all;
  5. what the edges show of the bound: no plan costs less than the cheaper of both costs of every pair, summed.
It shares no code with the program that made the plan, and believes nothing else of it: that blocks.csv and edges.csv
are right is judged by `redistrict verify`, from the original data. 用 Python 自带功能核对方案证书。
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

Pair = frozenset[str]


class Edge(NamedTuple):
    """Metres of frontage, and the cost of the pair when it is inside a community and when it is parted."""

    frontage_m: Decimal
    inside: Decimal
    parted: Decimal


class Town(NamedTuple):
    """What is known of blocks and neighbours."""

    district: dict[str, str]
    counts: dict[str, dict[str, int]]
    edges: dict[Pair, Edge]
    today: dict[str, str]


def check(folder: Path) -> list[str]:
    """Give what is wrong with the certificate in a folder, one line each; nothing: it holds."""
    try:
        town = read_town(folder)
        certificate = json.loads((folder / "certificate.json").read_text(encoding="utf-8"), parse_float=Decimal)
        return [*check_cover(town, certificate), *check_communities(town, certificate), *check_costs(town, certificate)]
    except (OSError, ValueError, ArithmeticError, KeyError, TypeError, AttributeError) as error:
        return [f"unreadable 无法读取: {type(error).__name__}: {error}"]


def read_town(folder: Path) -> Town:
    """Read the tables of blocks and of pairs of neighbours."""
    district, counts, today = {}, {}, {}
    for row in _rows(folder / "blocks.csv"):
        key = row.pop("block_id")
        if key in counts:
            raise ValueError(f"block {key} stands twice in blocks.csv")
        today[key], district[key] = row.pop("today", ""), row.pop("district")
        counts[key] = {name: int(value) for name, value in row.items()}
    edges = {}
    for row in _rows(folder / "edges.csv"):
        pair = frozenset((row["block_a"], row["block_b"]))
        if len(pair) != 2 or pair in edges or not pair <= counts.keys():
            raise ValueError(f"edges.csv: {sorted(pair)} is no pair of blocks, or stands twice")
        edges[pair] = Edge(*(Decimal(row[name]) for name in ("frontage_m", "inside_cost", "parted_cost")))
    return Town(district, counts, edges, today)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Give the rows of a table, less the apostrophe that keeps a spreadsheet from taking text for a formula."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {name: _bare(text) for name, text in row.items()}


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in tuple("=+-@\t\r") else text


def check_cover(town: Town, certificate: dict[str, Any]) -> Iterator[str]:
    """Rule 1: each block is in exactly one community."""
    held = Counter(block for one in certificate["communities"] for block in one["blocks"])
    for block in sorted(held.keys() | town.counts.keys()):
        if held[block] != 1 or block not in town.counts:
            yield f"block {block} is in {held[block]} communities 地块 {block} 属于 {held[block]} 个社区"


def check_communities(town: Town, certificate: dict[str, Any]) -> Iterator[str]:
    """Rules 1 to 3, of every community."""
    for one in certificate["communities"]:
        name, blocks = one["id"], [block for block in one["blocks"] if block in town.counts]
        if {town.district[block] for block in blocks} != {one["district"]}:
            yield f"{name} is not within district {one['district']} 社区 {name} 不在同一区内"
        yield from _check_tree(town, one, set(blocks))
        for quantity, told in one["sums"].items():
            total, (low, high) = sum(town.counts[block][quantity] for block in blocks), one["bounds"][quantity]
            if total != told:
                yield f"{name} has {total} {quantity}, not {told} 社区 {name} 的 {quantity} 合计为 {total}"
            is_inside = (low is None or total >= low) and (high is None or total <= high)
            if not is_inside and not one["exception"]:
                yield f"{name}: {total} {quantity} outside {low} to {high} 社区 {name} 的 {quantity} 超出规模限制"


def _check_tree(town: Town, one: dict[str, Any], blocks: set[str]) -> Iterator[str]:
    """Rule 2: the tree is made of neighbours inside the community, and joins them all."""
    root = {block: block for block in blocks}

    def find(block: str) -> str:
        while root[block] != block:
            block = root[block]
        return block

    for a, b, metres in one["tree"]:
        edge = town.edges.get(frozenset((a, b)))
        if metres == "today":
            is_right = town.today.get(a, "") == town.today.get(b, "") != ""
        else:
            is_right = edge is not None and edge.frontage_m == Decimal(metres)
        if not is_right or not {a, b} <= blocks:
            yield f"{one['id']}: {a} and {b} are not neighbours there 社区 {one['id']}：{a} 与 {b} 并非相邻"
            continue
        root[find(a)] = find(b)
    n_pieces = len({find(block) for block in blocks})
    if n_pieces != 1:
        yield f"{one['id']} is in {n_pieces} pieces 社区 {one['id']} 分成 {n_pieces} 片"


def check_costs(town: Town, certificate: dict[str, Any]) -> Iterator[str]:
    """Rules 4 and 5: every cost is the sum over its edges."""
    of = {block: one["id"] for one in certificate["communities"] for block in one["blocks"]}
    inside, parted, total = Counter[str](), Counter[str](), Decimal(0)
    for pair, edge in town.edges.items():
        a, b = (of.get(block) for block in pair)
        if a is not None and a == b:
            inside[a] += edge.inside  # type: ignore[assignment]
            continue
        total += edge.parted
        for community in (a, b):
            parted[community or ""] += edge.parted  # type: ignore[assignment]
    for one in certificate["communities"]:
        for key, sums in (("crossing_cost", inside), ("boundary_cost", parted)):
            if Decimal(one[key]) != sums[one["id"]]:
                yield f"{one['id']}: {key} is {sums[one['id']]}, not {one[key]} 社区 {one['id']} 的代价不符"
    costs = certificate["costs"]
    if Decimal(costs["crossing"]) != sum(inside.values()) or Decimal(costs["boundary"]) != total:
        yield "the costs in all do not add up 总代价不符"
    if Decimal(certificate["bound"]["by_edges"]) != sum(min(edge.inside, edge.parted) for edge in town.edges.values()):
        yield "what the edges show of the bound does not add up 相邻关系证明的下界不符"


def main() -> int:
    """Check the folder given, or that of this file, and tell what is wrong."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    faults = check(folder)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write("\n".join(faults or ["ok: the certificate holds 证书成立"]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
