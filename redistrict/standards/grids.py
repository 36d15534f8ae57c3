"""What the office counts of grids: codes, households, posts, what each continues, and why some miss their size."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redistrict.errors import ScenarioError
from redistrict.geo.blocks import Blocks
from redistrict.geo.grids_today import GridsToday
from redistrict.messages import Message, name_some
from redistrict.scenario.grids import Grids
from redistrict.standards.office import Office


@dataclass(frozen=True)
class Grid:
    """One grid.

    Attributes
    ----------
    code : str
    community : int
        Row of the office's communities.
    n_blocks, households : int
    people : int or None
        None where the data have no people.
    workers : int
        Posts of grid workers.
    continues, continues_name : str
        Today's grid that holds most of its households, "" where none does.
    exception : Message or None
        Why it lies outside the bounds.
    """

    code: str
    community: int
    n_blocks: int
    households: int
    people: int | None
    workers: int
    continues: str
    continues_name: str
    exception: Message | None


@dataclass(frozen=True, eq=False)
class GridPlan:
    """The grids of all communities.

    Attributes
    ----------
    grids : tuple of Grid
        By community, then by their first block.
    of_block : (n_blocks,) int32
        Row of `grids`.
    divided : tuple of str
        Names of which a community has blocks in several grids.
    """

    grids: tuple[Grid, ...]
    of_block: NDArray[np.int32]
    divided: tuple[str, ...]

    def notes(self) -> tuple[Message, ...]:
        """Say how many there are, and name those outside the bounds and the estates that are divided."""
        n, workers = len(self.grids), sum(grid.workers for grid in self.grids)
        sizes = [grid.households for grid in self.grids]
        said = [
            Message(
                f"{n} grids of {min(sizes)} to {max(sizes)} households; {workers:,} posts of grid workers.",
                f"共 {n} 个网格，每个 {min(sizes)}–{max(sizes)} 户；需网格员 {workers:,} 人。",
            )
        ]
        if freed := [grid.code for grid in self.grids if grid.exception]:
            named = name_some(freed)
            said.append(
                Message(
                    f"{len(freed)} grids are exceptions from the size: {named.en} (grid_list.csv says why).",
                    f"{len(freed)} 个网格是规模限制的例外：{named.zh}（原因见 grid_list.csv）。",
                )
            )
        if self.divided:
            named = name_some(self.divided)
            said.append(
                Message(
                    f"{len(self.divided)} estates of one name lie in several grids: {named.en}.",
                    f"{len(self.divided)} 个同名小区分属多个网格：{named.zh}。",
                )
            )
        return tuple(said)


def count_grids(
    rules: Grids,
    blocks: Blocks,
    office: Office,
    community: NDArray[np.int32],
    grid: NDArray[np.int32],
    today: GridsToday | None,
) -> GridPlan:
    """Give every grid with its code and counts.

    Parameters
    ----------
    community, grid : (n_blocks,) int32
        Community of each block in the office's order, and grid in any numbers, each inside one community.
    today : GridsToday or None

    Raises
    ------
    ScenarioError
        If two grids get the same code.
    """
    _, first, which = np.unique(grid, return_index=True, return_inverse=True)
    order = np.lexsort((first, community[first]))
    of_block = np.argsort(order)[which].astype(np.int32)
    home = community[first][order]
    number = np.arange(len(home)) - np.searchsorted(home, home) + 1
    households, people = (_add_up(blocks, name, of_block) for name in ("households", "people"))
    assert households is not None, "grids are refused where the data have no households"
    why = _find_exceptions(rules, blocks, office, of_block, home)
    held = _find_continued(of_block, blocks.size[:, blocks.quantities.index("households")], today)
    codes = [rules.code_of(office.ids[c], n) for c, n in zip(home.tolist(), number.tolist(), strict=True)]
    _refuse_repeated(codes)
    grids = tuple(
        Grid(
            code=codes[g],
            community=int(home[g]),
            n_blocks=int((of_block == g).sum()),
            households=int(households[g]),
            people=None if people is None else int(people[g]),
            workers=rules.workers,
            continues="" if today is None or held[g] < 0 else today.ids[held[g]],
            continues_name="" if today is None or held[g] < 0 else today.names[held[g]],
            exception=why[g],
        )
        for g in range(len(home))
    )
    return GridPlan(grids, of_block, _list_divided(blocks, community, of_block))


def _add_up(blocks: Blocks, quantity: str, of_block: NDArray[np.int32]) -> NDArray[np.int64] | None:
    if quantity not in blocks.quantities:
        return None
    return np.bincount(of_block, blocks.size[:, blocks.quantities.index(quantity)]).astype(np.int64)


def _find_exceptions(
    rules: Grids, blocks: Blocks, office: Office, of_block: NDArray[np.int32], home: NDArray[np.int32]
) -> list[Message | None]:
    """Say of each grid outside the bounds whether a block, the sums of its community, or its map forbid better."""
    households = blocks.size[:, blocks.quantities.index("households")]
    low, high = rules.lower, rules.upper
    found: list[Message | None] = []
    for g, c in enumerate(home.tolist()):
        own = np.flatnonzero(of_block == g)
        size, total = int(households[own].sum()), int(households[np.isin(of_block, np.flatnonzero(home == c))].sum())
        largest = own[np.argmax(households[own])]
        span = Message(f"{size} households, not {low} to {high}: ", f"{size} 户，不在 {low}–{high} 户之间：")
        if low <= size <= high:
            found.append(None)
        elif households[largest] > high:
            key, n = blocks.ids[largest], int(households[largest])
            found.append(span + Message(f"block {key} alone has {n}", f"地块 {key} 已有 {n} 户"))
        elif not any(n * low <= total <= n * high for n in range(1, total // max(low, 1) + 2)):
            name = office.names[c]
            found.append(
                span + Message(f"the {total} of {name} cannot be shared out", f"{name}共 {total} 户，无法按此规模分配")
            )
        else:
            found.append(span + Message("no division inside the size was found", "未找到符合规模的划分"))
    return found


def _find_continued(
    of_block: NDArray[np.int32], households: NDArray[np.int64], today: GridsToday | None
) -> NDArray[np.int64]:
    """Give today's grid that holds most households of each grid, the first by key of several; -1 where none does."""
    n = int(of_block.max()) + 1
    if today is None or not today.ids:
        return np.full(n, -1, dtype=np.int64)
    shared = np.zeros((n, len(today.ids)), dtype=np.int64)
    known = today.of_block >= 0
    np.add.at(shared, (of_block[known], today.of_block[known]), households[known])
    return np.where(shared.max(axis=1) > 0, shared.argmax(axis=1), -1)


def _list_divided(blocks: Blocks, community: NDArray[np.int32], of_block: NDArray[np.int32]) -> tuple[str, ...]:
    held: dict[tuple[int, str], set[int]] = {}
    for c, name, g in zip(community.tolist(), blocks.frame["name"].tolist(), of_block.tolist(), strict=True):
        if name:
            held.setdefault((c, name), set()).add(g)
    return tuple(sorted({name for (_, name), grids in held.items() if len(grids) > 1}))


def _refuse_repeated(codes: list[str]) -> None:
    if repeated := sorted(code for code, n in Counter(codes).items() if n > 1):
        named = name_some(repeated)
        raise ScenarioError(
            Message(
                f"grids.code: several grids get the code {named.en}; put a sign between {{community}} and {{number}}.",
                f"grids.code：多个网格的编码相同（{named.zh}）；请在 {{community}} 与 {{number}} 之间加分隔符。",
            )
        )
