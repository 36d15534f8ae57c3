"""Healing: what a healed plan changes against the plan before, and what is proved of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from redistrict.geo.blocks import Blocks
from redistrict.messages import Message, plain
from redistrict.model.before import PlanBefore
from redistrict.report.summary import Report
from redistrict.report.tables.files import write_csv

FOLDER = "healed"
MINUTES = "minutes.csv"
BESIDES = Message("balance or contiguity", "规模或连通")
_SIZES = ("households", "population", "workers")
_HEADERS = (
    Message("community", "社区"),
    Message("households", "户数"),
    Message("people", "人口"),
    Message("workers", "工作者"),
)


@dataclass(frozen=True)
class Proof:
    """What is proved of one area.

    Attributes
    ----------
    area : str
    communities : tuple of str
        Keys of those that may change in what is proved.
    fewer : int
        No plan that changes only these moves more than so many residents fewer.
    is_cheapest : bool
        No plan that moves as few, and changes no other communities than this one, costs less.
    is_everywhere : bool
        That holds for all plans.
    depth : int or None
        It holds for plans whose blocks lay at most so many blocks away from the community that they join; none: for
        those from anywhere.
    """

    area: str
    communities: tuple[str, ...]
    fewer: int
    is_cheapest: bool
    is_everywhere: bool
    depth: int | None = None

    def message(self, *, is_searching: bool = False) -> Message:
        """Say it in words; as long as the search goes on, more may be proved."""
        n = len(self.communities)
        near, near_zh = "", ""
        if self.depth is not None:
            near = f" with blocks at most {self.depth} away from the community they join"
            near_zh = f"、且调入地块距所并入社区不超过 {self.depth} 个地块"
        whose = "" if self.is_everywhere else f" that changes only these {n} communities{near}"
        among_zh = "所有方案中，" if self.is_everywhere else f"只调整这 {n} 个社区{near_zh}的方案中，"
        if self.fewer:
            end = Message("the effort was spent before more was proved", "搜索量用完，未能证明更多")
            if is_searching:
                end = Message("more is not proved yet", "尚未证明更多")
            return Message(
                f"{self.area}: no plan{whose} moves more than {self.fewer:,} residents fewer; {end.en}.",
                f"{self.area}：{among_zh}变动居民至多再少 {self.fewer:,} 人；{end.zh}。",
            )
        cost = Message(
            ", and none that moves as few, in the same communities and with blocks close by, costs less",
            "；变动同样少、只涉及相同社区且只调整邻近地块的方案中也没有代价更低的",
        )
        said = Message(
            f"{self.area}: no plan{whose} moves fewer residents",
            f"{self.area}：{among_zh}没有变动更少居民的",
        )
        return said + (cost if self.is_cheapest else plain("")) + Message(".", "。")


@dataclass(frozen=True, eq=False)
class Healing:
    """A healed plan, with what it changes.

    Attributes
    ----------
    report : Report
    before : dict
        `report.json` of the plan before.
    sha256 : str
        Of `plan.csv` of the plan before.
    moves : DataFrame
        See `list_moves`, with `pin` (0: none) and `reason`.
    proofs : tuple of Proof
    n_pins : int
    folder : str or None
        Where the result is; none where nothing was written.
    """

    report: Report
    before: dict[str, Any]
    sha256: str
    moves: pd.DataFrame
    proofs: tuple[Proof, ...]
    n_pins: int
    folder: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        is_asked = self.moves["pin"] > 0
        return {
            "plan_before_sha256": self.sha256,
            "pins": self.n_pins,
            "moved": {
                "blocks": len(self.moves),
                "by_pins": count_moved(self.moves[is_asked]),
                "besides": count_moved(self.moves[~is_asked]),
            },
            "proved": [
                {
                    "area": one.area,
                    "communities": list(one.communities),
                    "is_fewest": one.fewer == 0,
                    "at_most_fewer": one.fewer,
                    "is_cheapest": one.is_cheapest,
                    "is_everywhere": one.is_everywhere,
                    "depth": one.depth,
                }
                for one in self.proofs
            ],
            "communities": list(self._list_changed()),
        }

    def table(self) -> tuple[tuple[Message, ...], list[tuple[str, ...]]]:
        """Give the figures of the changed communities, before and after, as headers and rows."""
        rows = []
        for one in self._list_changed():
            was, now = (one[when] or dict.fromkeys(_SIZES) for when in ("before", "after"))
            cells = [f"{_shown(was[size])} → {_shown(now[size])}" for size in _SIZES]
            rows.append((f"{one['id']} {one['name']}", *cells))
        return _HEADERS, rows

    def messages(self) -> Iterator[Message]:
        """Say what moves, and what is proved."""
        yield say_moves(self.moves, self.n_pins)
        if len(self.moves):
            n_besides = count_moved(self.moves[self.moves["pin"] == 0])
            yield Message(
                f"Besides the blocks that the pins name, {n_besides:,} residents move for balance or contiguity.",
                f"除各条要求所涉地块外，因规模或连通另变动居民 {n_besides:,} 人（户）。",
            )
        if not self.proofs:
            yield Message(
                "Nothing else has to move: no plan moves fewer residents.", "无需其他变动：没有方案变动更少居民。"
            )
        yield from (proof.message() for proof in self.proofs)
        if self.folder is not None:
            yield Message(
                f"Results are in {self.folder}; `redistrict compare` puts them beside the plan before.",
                f"结果在 {self.folder}；可用 redistrict compare 与原方案并排比较。",
            )

    def _list_changed(self) -> Iterator[dict[str, Any]]:
        """Give the communities that lose or get a block, with their sizes before and after."""
        then = {row["id"]: row for row in self.before["communities"]}
        now = {row["id"]: row for row in self.report.to_json()["communities"]}
        for key in sorted({*self.moves["from_id"], *self.moves["to_id"]}):
            name = (now.get(key) or then[key])["name"]
            sizes = [{size: rows[key][size] for size in _SIZES} if key in rows else None for rows in (then, now)]
            yield {"id": key, "name": name, "before": sizes[0], "after": sizes[1]}


def list_moves(blocks: Blocks, before: PlanBefore, report: Report) -> pd.DataFrame:
    """List the blocks that lie in another community than in the plan before.

    Returns
    -------
    DataFrame
        `block_id`, `from_id`, `to_id`, and the counts there are; its index is the block's position.
    """
    assert report.result.plan is not None
    old = np.array(before.ids, dtype=object)[before.of_block]
    new = np.array([row.id for row in report.communities], dtype=object)[report.result.plan.assignment]
    counts = {name: blocks.size[:, q] for q, name in enumerate(blocks.quantities)}
    table = pd.DataFrame({"block_id": list(blocks.ids), "from_id": old, "to_id": new, **counts})
    moves: pd.DataFrame = table[old != new]
    return moves


def count_moved(moves: pd.DataFrame) -> int:
    """Count the people, or the households where the data have no people, of blocks that move."""
    return int(moves["people" if "people" in moves.columns else "households"].sum())


def say_moves(moves: pd.DataFrame, n_pins: int) -> Message:
    """Say how many pins there are and what moves."""
    n, residents = len(moves), count_moved(moves)
    return Message(
        f"Healed by pins ({n_pins}): blocks in another community than in the plan before {n}, with {residents:,} "
        f"residents ({FOLDER}/changes.csv).",
        f"按 {n_pins} 条固定要求修复：与原方案社区不同的地块 {n} 个，居民 {residents:,} 人（户）"
        f"（{FOLDER}/changes.csv）。",
    )


def write_healed(
    folder: Path, healing: Healing, *, plan_before: bytes, pins: str, minutes: pd.DataFrame | None
) -> None:
    """Write `plan_before.csv`, `pins.yaml`, `changes.csv` and `heal.json`, and `minutes.csv` where there was a review.

    Parameters
    ----------
    folder : Path
        The result folder.
    plan_before : bytes
        `plan.csv` of the plan before.
    pins : str
        The pins as YAML.
    minutes : DataFrame or None
        Who asked what in a review, and when.
    """
    place = folder / FOLDER
    place.mkdir()
    (place / "plan_before.csv").write_bytes(plan_before)
    (place / "pins.yaml").write_text(pins, encoding="utf-8", newline="\n")
    if minutes is not None:
        write_csv(place / MINUTES, minutes)
    write_csv(place / "changes.csv", healing.moves.drop(columns="pin"))
    text = json.dumps(healing.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
    (place / "heal.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _shown(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
