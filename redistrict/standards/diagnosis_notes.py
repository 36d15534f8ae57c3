"""Remarks on the data of today's communities: what was read, what is left out, and for want of what."""

from collections.abc import Sequence

import numpy as np

from redistrict.geo.current import note_over_districts
from redistrict.geo.sites import note_stray_sites
from redistrict.messages import QUANTITY_WORDS, Message, join, name_some, say_amount
from redistrict.standards.diagnosis import CommunityToday, Today


def describe_data(today: Today) -> tuple[Message, ...]:
    """Say what was read differently from what stands there, what could not be used, and what is missing."""
    notes = (
        *today.blocks.notes,
        *today.road_notes,
        *today.current.notes,
        *(today.sites.notes if today.sites else ()),
        *today.graph.notes,
        *_blocks_without(today),
        *note_over_districts(today.current, today.blocks),
        *_stray_sites(today),
        *_absent(today),
    )
    return tuple(dict.fromkeys(notes))  # some were told while reading


def _blocks_without(today: Today) -> list[Message]:
    blocks = today.blocks
    left = np.flatnonzero(today.current.of_block < 0)
    if not left.size:
        return []
    named = name_some([blocks.ids[i] for i in left.tolist()])
    sums = zip(blocks.quantities, blocks.size[left].sum(axis=0).tolist(), strict=True)
    held = join(say_amount(n, QUANTITY_WORDS[q]) for q, n in sums)
    return [
        Message(
            f"{left.size} blocks ({held.en}) have no community today and are in no figure: {named.en}.",
            f"{left.size} 个地块（{held.zh}）目前没有所属社区，未计入各项数字：{named.zh}。",
        )
    ]


def _stray_sites(today: Today) -> list[Message]:
    sites = today.sites
    return [] if sites is None else note_stray_sites(sites.ids, sites.community, today.current.ids)


def _absent(today: Today) -> list[Message]:
    """Say which figures are left out because the scenario names no data for them."""
    absent = {
        "data.blocks.columns.households": (
            "households" not in today.blocks.quantities,
            Message("bands, full norm of premises and service fund", "规模分组、用房完整标准和服务经费"),
        ),
        "data.premises": (today.sites is None, Message("premises", "办公服务用房")),
        "data.current.columns.staff": (today.current.staff is None, Message("today's staff", "现有社区工作者")),
        "data.roads": (not today.has_roads, Message("roads inside communities", "穿越社区的道路")),
    }
    return [
        Message(f"Not counted, for want of {key}: {what.en}.", f"缺少 {key}，未统计：{what.zh}。")
        for key, (is_absent, what) in absent.items()
        if is_absent
    ]


def _called(key: str, name: str) -> str:
    return key if key == name else f"{key} {name}"


def name_communities(rows: Sequence[CommunityToday]) -> Message:
    """Name the first few communities by key and name, and count the rest."""
    return name_some([_called(row.id, row.name) for row in rows])
