"""Faults of delivered polygons: each told once, with community, place, blocks and every file it stands in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.judge.case import Case
from redistrict.judge.reading import Geometries
from redistrict.judge.verification import Violation
from redistrict.messages import Message, list_of, name_some

Ints = NDArray[np.intp]

LEAST_NECK_M = 1.0  # a community that hangs together by less is in pieces to whoever walks it
CRUMB_M2 = 1.0  # pieces and strips smaller than this come from rounding coordinates
SAME_PLACE_M = 0.1  # two files round off the place of one fault differently


@dataclass(frozen=True, eq=False)
class Drawn:
    """The polygons of one layer, in the ground's CRS and the order of the communities.

    Attributes
    ----------
    file : str
        Name of the file, and of the layer where it is not that of the plan.
    rounding_m : float
        How far a vertex may be off by the file's grid.
    case : Case
        Whose polygons they are: the plan's communities, or today's.
    shapes : (k,) polygons or multipolygons
    """

    file: str
    rounding_m: float
    case: Case
    shapes: Geometries


@dataclass(frozen=True, eq=False)
class Fault:
    """What is wrong with one polygon of a layer, and where.

    Attributes
    ----------
    community : int
        Number of the community.
    kind : str
        A key of `_KINDS`.
    place : geometry
        The spot; its coordinates are told.
    found : Message
    blocks : (n,)
        Positions of the blocks concerned, none where it is about ground without blocks.
    """

    drawn: Drawn
    community: int
    kind: str
    place: shapely.Geometry
    found: Message
    blocks: Ints

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """Whom it is about: one fault has the same key in every file."""
        case = self.drawn.case
        return case.plan.names[self.community], self.kind, case.keys(self.blocks)


def tell_once(faults: Iterable[Fault]) -> Iterator[Violation]:
    """Tell every fault once, by the first file that has it, naming all that do."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[list[Fault]]] = {}
    for fault in faults:
        alike = groups.setdefault(fault.key, [])
        same = next((group for group in alike if _is_same(group, fault)), None)
        if same is None:
            alike.append([fault])
        else:
            same.append(fault)
    for alike in groups.values():
        yield from map(_tell, alike)


def _is_same(group: list[Fault], fault: Fault) -> bool:
    """Whether a fault of another file is at the same place."""
    apart = all(one.drawn.file != fault.drawn.file for one in group)
    return apart and bool(shapely.dwithin(group[0].place, fault.place, SAME_PLACE_M))


_NONE, _ITS_BLOCKS = Message("none", "无"), Message("its blocks and no others", "恰好包含本社区地块")
_KINDS = {
    "invalid": (Message("is no valid polygon", "图形无效"), Message("a valid polygon", "有效图形")),
    "pieces": (Message("lies in pieces on the ground", "在地面上分成几片"), Message("one piece", "一片")),
    "neck": (
        Message("hangs together by a neck too thin", "连接处过窄"),
        Message(f"one piece, {LEAST_NECK_M:g} m wide at least", f"一片，最窄处不小于 {LEAST_NECK_M:g} 米"),
    ),
    "overlap": (Message("covers ground of another community", "与其他社区重叠"), _NONE),
    "gap": (Message("leaves a gap to its neighbour", "与相邻社区之间留有空隙"), _NONE),
    "hole": (Message("has a hole that is no other community", "内部有不属于任何社区的空洞"), _NONE),
    "land": (Message("takes land that belongs to no block", "占用不属于任何地块的土地"), _NONE),
    "edge": (
        Message("does not have the street south or west of it to the far edge", "未取得其南侧或西侧街道的全部"),
        Message("the whole street, or boundaries told to stay on the centreline", "整条街道，或注明沿中线的界线"),
    ),
    "misses": (Message("leaves blocks of its own out", "缺少本社区的地块"), _ITS_BLOCKS),
    "covers": (Message("covers blocks of another community", "侵占其他社区的地块"), _ITS_BLOCKS),
}


def _tell(group: list[Fault]) -> Violation:
    """Say what is wrong with an outline, and where, in the coordinates of the data."""
    fault, files = group[0], list_of(one.drawn.file for one in group)
    (name, kind, keys), crs, found = fault.key, fault.drawn.case.ground.crs.name, fault.found
    what, allowed = _KINDS[kind]
    x, y = shapely.get_coordinates(shapely.point_on_surface(fault.place))[0]
    some = name_some(keys)
    en, zh = (f" Blocks: {some.en}.", f"地块：{some.zh}。") if keys else ("", "")
    message = Message(
        f"{files.en}: community {name} {what.en} at {x:.1f}, {y:.1f} ({crs}): {found.en}; allowed: {allowed.en}.{en}",
        f"{files.zh}：社区 {name} {what.zh}，位置 {x:.1f}, {y:.1f}（{crs}）：{found.zh}；允许：{allowed.zh}。{zh}",
    )
    return Violation("outline", name, keys, found.en, allowed.en, message)


def say_m2(area: shapely.Geometry | float) -> Message:
    """Give an area in words."""
    m2 = area if isinstance(area, float) else area.area
    return Message(f"{m2:,.1f} m²", f"{m2:,.1f} 平方米")


def thick(area: shapely.Geometry, width_m: float) -> shapely.Geometry | None:
    """Give what is wider than `width_m` and larger than a crumb of an area, if there is any."""
    core = shapely.buffer(shapely.set_precision(area, 0), -width_m / 2, join_style="mitre")
    if core.is_empty or area.area < CRUMB_M2 / 2:
        return None
    return shapely.buffer(core, width_m / 2, join_style="mitre")
