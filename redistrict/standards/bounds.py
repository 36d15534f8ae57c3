"""The four bounds (四至) of every community in words, as an approval (批复) gives them: 东至苏州路，南至磁湖岸线."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from redistrict.geo.rays import FloatArray, IntArray, line_segments, meet_segments
from redistrict.geo.roads import Surroundings, feature_lines
from redistrict.messages import Message, join, plain
from redistrict.standards.border_net import BorderNet, build_net
from redistrict.standards.sides import Pieces, cut_border, find_sides

Kind = Literal["road", "water", "rail", "hill", "neighbour", "district", "open"]

_NAMED: tuple[Kind, ...] = ("road", "water", "rail", "hill")
_RAILWAYS = ("铁路", "铁道", "线", "Railway", "Railroad", "Line")
_HILLS = ("山", "岭", "峰", "Hill", "Mountain")
_LAKES = ("湖", "海", "水库", "Lake", "Sea", "Reservoir")

_DIRECTIONS = (Message("east", "东"), Message("south", "南"), Message("west", "西"), Message("north", "北"))
_WALK = (1, 0, 1, 0)
"""East and west sides are walked to the south, south and north sides to the east."""
_MOST_LINES = 3
_LEAST_SHARE = 0.08
_TOLERANCE_M = 5.0
_DEPTHS_M = (0.3, 1.0, 2.5)
"""Pieces may lie this far beside the border: what they run along is looked for in so many places on either side."""


class BorderLine(NamedTuple):
    """What a side runs along for some metres: a line, a community, a district, or open ground (`name` is "")."""

    name: str
    kind: Kind
    length_m: float


@dataclass(frozen=True)
class Side:
    """One of the four sides.

    Attributes
    ----------
    text : Message
        ``东至苏州路，与磁湖社区相邻`` / ``east to 苏州路, next to 磁湖社区``.
    named_share : float
        Share of the side along a road, river, lake, railway or hill with a name, 0 to 1; 0 for a side of no length.
    length_m : float
        Metres of border on this side; 0 where the community ends in a point.
    lines : tuple of BorderLine
        Everything the side runs along, from west to east or from north to south; the lengths sum to `length_m`.
    """

    text: Message
    named_share: float
    length_m: float
    lines: tuple[BorderLine, ...]


@dataclass(frozen=True)
class FourBounds:
    """The four sides, and the share (0 to 1) of the whole border, bays and holes too, along a line with a name."""

    east: Side
    south: Side
    west: Side
    north: Side
    named_border_share: float

    @property
    def text(self) -> Message:
        """All four in one sentence."""
        return join((side.text for side in (self.east, self.south, self.west, self.north)), mark=";")


class _Key(NamedTuple):
    kind: Kind
    name: str


@dataclass(frozen=True, eq=False)
class Borders:
    """The borders of all communities in short pieces, and what lies along each piece.

    Attributes
    ----------
    net : BorderNet
        The lines and boundary points the pieces are cut from.
    pieces : Pieces
    side : (n_pieces,) int64
        0 east, 1 south, 2 west, 3 north, -1 none.
    axes : (n_communities, 4, 2) float64
        Unit vectors to the community's own east, south, west and north.
    beyond : (n_pieces,) int64
        Community on the other side, -1 where there is none.
    holder : (n_pieces,) int64
        1 where the community has the whole of the street the piece runs along, -1 where the one beyond has it, else 0.
    feature : (n_pieces,) int64
        What the piece runs along, with a name or without: a position among all roads, then all barriers; -1 nothing.
    """

    net: BorderNet
    pieces: Pieces
    side: IntArray
    axes: FloatArray
    beyond: IntArray
    holder: IntArray
    feature: IntArray


@dataclass(frozen=True, eq=False)
class _Border:
    """The pieces of one community: what each runs along, its metres, its side, and its place along the four axes."""

    keys: Sequence[_Key]
    key: IntArray
    length_m: FloatArray
    side: IntArray
    place_m: FloatArray


def trace_borders(
    outlines: NDArray[np.object_],
    surroundings: Surroundings,
    *,
    max_gap_m: float,
    moved: NDArray[np.object_] | None = None,
) -> Borders:
    """Cut the borders of all communities into short pieces, and find what each runs along.

    Parameters
    ----------
    outlines : (k,) polygons or multipolygons
        The communities, in metres.
    surroundings : Surroundings
        Roads and barriers, in the CRS of the outlines.
    max_gap_m : float
        Widest street between two blocks that face each other, in metres; outlines at the edge of the built-up area
        lie half of it beyond the blocks.
    moved : (k,) polygons or multipolygons, optional
        What each holds beyond the middle of streets; by default nothing.
    """
    net = build_net(outlines)
    pieces = cut_border(net)
    side, axes = find_sides(pieces, net.smoothed(len(outlines)))
    line = net.line[pieces.course]
    beyond = np.where(pieces.is_forward, net.beyond[line], net.community[line])
    holder = _find_holders(pieces, beyond, moved)
    feature = _find_features(pieces, beyond >= 0, holder, surroundings, max_gap_m)
    return Borders(net, pieces, side, axes, beyond, holder, _agree(pieces, feature))


def _find_holders(pieces: Pieces, beyond: IntArray, moved: NDArray[np.object_] | None) -> IntArray:
    """Tell who has the street along each piece, as `Borders` has it: whose ground beyond the middle begins there."""
    if moved is None:
        return np.zeros(beyond.size, dtype=np.int64)
    parts, owner = shapely.get_parts(moved, return_index=True)
    tree, balance = shapely.STRtree(parts), np.zeros(beyond.size, dtype=np.int64)
    for whose, side in ((pieces.community, 1), (beyond, -1)):
        for depth_m in _DEPTHS_M:
            places = shapely.points(pieces.middle - side * depth_m * pieces.normal)
            piece, part = tree.query(places, predicate="intersects")
            balance[piece[owner[part] == whose[piece]]] += side
    return np.asarray(np.sign(balance))


def _agree(pieces: Pieces, feature: IntArray) -> IntArray:
    """Let both communities beside a piece of border say of it what the first of them does."""
    order = np.lexsort((~pieces.is_forward, pieces.place, pieces.course))
    is_first = pieces.is_forward[order]
    agreed = np.empty_like(feature)
    agreed[order] = feature[order][is_first][np.cumsum(is_first) - 1]
    return agreed


def say_edges(borders: Borders) -> tuple[Message]:
    """Say how much of the borders between communities runs along an edge of a street, and how much in the middle."""
    pieces = borders.pieces
    shared = pieces.is_forward & (borders.beyond >= 0)
    edge_km, middle_km = (
        float(pieces.length_m[shared & some].sum()) / 1000 for some in (borders.holder != 0, borders.holder == 0)
    )
    return (
        Message(
            f"Boundaries between communities: {edge_km:,.1f} km along the south or west edge of a street; "
            f"{middle_km:,.1f} km on centrelines, where blocks touch or one side would fall apart without its half.",
            f"社区间界线：{edge_km:,.1f} km 沿街道南侧或西侧边线；{middle_km:,.1f} km 沿中线（地块相接，或一侧社区失去"
            "半幅街道后不再连片）。",
        ),
    )


def describe_bounds(
    borders: Borders, names: Sequence[str], districts: Sequence[str], surroundings: Surroundings, *, max_gap_m: float
) -> tuple[FourBounds, ...]:
    """Say of every community what bounds it to the east, south, west and north.

    A side is the border seen from that direction (see `redistrict.standards.sides`). Each piece of it runs along
    the nearest road or barrier in its street; where that has no name, or there is none, along the next community,
    the district line, or the edge of the built-up area. The text names the longest three of at least 8 % of the
    side, in the order one meets them, from west to east or from north to south.

    Where a community ends in a point there is no side to speak of: one shorter than the widest street is put into
    words by all of the border that is within such a distance of the point.

    Parameters
    ----------
    borders : Borders
        As `trace_borders` gives them for the same surroundings and gap.
    names, districts : (k,) str
        Name and district of each.
    surroundings : Surroundings
    max_gap_m : float
        Widest street between two blocks that face each other, in metres.
    """
    pieces = borders.pieces
    keys, key = _find_keys(borders, names, districts, surroundings)
    place_m = np.einsum("nsx,nx->ns", borders.axes[pieces.community], pieces.middle)
    cuts = np.searchsorted(pieces.community, np.arange(1, len(names)))
    columns = (np.split(column, cuts) for column in (key, pieces.length_m, borders.side, place_m))
    each = (_Border(keys, *column) for column in zip(*columns, strict=True))
    return tuple(_describe(border, max_gap_m + _TOLERANCE_M) for border in each)


def _describe(border: _Border, street_m: float) -> FourBounds:
    whole = _walk(border, np.ones(border.side.size, dtype=bool), 0)
    east, south, west, north = (_describe_side(border, s, street_m) for s in range(4))
    return FourBounds(east, south, west, north, _named_share(whole))


def _describe_side(border: _Border, s: int, street_m: float) -> Side:
    lines = told = _walk(border, border.side == s, s)
    length_m = _length_m(lines)
    if length_m < street_m:
        towards_m = border.place_m[:, s]
        told = _walk(border, towards_m >= towards_m.max() - street_m, s)
    return Side(_say(_DIRECTIONS[s], told), _named_share(lines), length_m, lines)


def _walk(border: _Border, mine: NDArray[np.bool_], s: int) -> tuple[BorderLine, ...]:
    """Give what the chosen pieces run along, by their mean place on a walk along side `s`."""
    found, line = np.unique(border.key[mine], return_inverse=True)
    length_m = np.bincount(line, border.length_m[mine], minlength=found.size)
    where_m = np.bincount(line, border.length_m[mine] * border.place_m[mine, _WALK[s]], minlength=found.size)
    order = np.argsort(where_m / length_m, kind="stable")
    keys = [border.keys[k] for k in found[order]]
    return tuple(BorderLine(key.name, key.kind, float(m)) for key, m in zip(keys, length_m[order], strict=True))


def _named_share(lines: Sequence[BorderLine]) -> float:
    return _length_m([line for line in lines if line.kind in _NAMED]) / _length_m(lines) if lines else 0.0


def _length_m(lines: Sequence[BorderLine]) -> float:
    return sum((line.length_m for line in lines), start=0.0)


def _say(direction: Message, lines: Sequence[BorderLine]) -> Message:
    """Put the main lines into words; where more than three matter, the last words are "and others" (等).

    Short stretches matter only where the longer ones leave more than half of the side unsaid.
    """
    total_m = _length_m(lines)
    longest = sorted(lines, key=lambda line: -line.length_m)
    matter = [line for line in longest if line.length_m >= _LEAST_SHARE * total_m]
    if _length_m(matter) < total_m / 2:
        matter = longest
    main = [line for line in lines if line in matter[:_MOST_LINES]]
    groups = [list(group) for _, group in groupby(main, key=lambda line: line.kind == "neighbour")]
    said = join(_say_group(group, more=group is groups[-1] and len(matter) > len(main)) for group in groups)
    return Message(f"{direction.en} {said.en}", f"{direction.zh}{said.zh}")


def _say_group(lines: Sequence[BorderLine], *, more: bool) -> Message:
    nouns = [_noun(line) for line in lines]
    *first, last = [noun.en for noun in nouns] + ["others"] * more
    en = f"{', '.join(first)} and {last}" if first else last
    zh = "、".join(noun.zh for noun in nouns) + "等" * more
    return Message(f"next to {en}", f"与{zh}相邻") if lines[0].kind == "neighbour" else Message(f"to {en}", f"至{zh}")


def _noun(line: BorderLine) -> Message:
    if line.kind == "open":
        return Message("the edge of the built-up area", "建成区边缘")
    if line.kind == "district":
        return Message(f"the district line with {line.name}", f"与{line.name}的区界")
    if line.kind == "water" and line.name.endswith(_LAKES):
        return Message(f"the shore of {line.name}", f"{line.name}岸线")
    return plain(line.name)


def _find_keys(
    borders: Borders, names: Sequence[str], districts: Sequence[str], surroundings: Surroundings
) -> tuple[list[_Key], IntArray]:
    """Give all that borders run along, sorted, and the position there of what each piece runs along."""
    stride = len(names) + 1
    pairs, pair = np.unique(borders.pieces.community * stride + borders.beyond + 1, return_inverse=True)
    of_pair = [_beyond_key(p // stride, p % stride - 1, names, districts) for p in pairs.tolist()]
    of_feature = _feature_keys(surroundings)
    keys = sorted({*of_feature, *of_pair})
    position = {key: n for n, key in enumerate(keys)}
    line = np.array([position[key] if key.name else -1 for key in of_feature] + [-1])[borders.feature]
    return keys, np.where(line >= 0, line, np.array([position[key] for key in of_pair], dtype=np.int64)[pair])


def _beyond_key(c: int, beyond: int, names: Sequence[str], districts: Sequence[str]) -> _Key:
    if beyond < 0:
        return _Key("open", "")
    if districts[beyond] != districts[c]:
        return _Key("district", districts[beyond])
    return _Key("neighbour", names[beyond])


def _feature_keys(surroundings: Surroundings) -> list[_Key]:
    """Name all roads, then all barriers; the kind of a barrier is told by its name."""
    roads = [_Key("road", name) for name in surroundings.roads["name"]]
    return roads + [_Key(_barrier_kind(name), name) for name in surroundings.barriers["name"]]


def _barrier_kind(name: str) -> Kind:
    if name.endswith(_RAILWAYS):
        return "rail"
    return "hill" if name.endswith(_HILLS) else "water"


def _find_features(
    pieces: Pieces, is_shared: NDArray[np.bool_], holder: IntArray, surroundings: Surroundings, max_gap_m: float
) -> IntArray:
    """Give the road or barrier each piece runs along, -1 where there is none.

    It is the nearest that a ray square to the piece meets and that runs within 45 degrees of it; one without a name
    counts, so that no piece is given the name of the next street. Two communities meet in the middle of a street,
    and a line in it is off by a quarter of the widest at most; where one of them has the street, it is there, and off
    by half the widest. Where nobody lies beyond, the outline ends up to
    half the widest street past the blocks, and its street is as far inside, or outside with nothing in between.
    Of two that are equally near, the first by kind and name counts.
    """
    parts, feature = shapely.get_parts(feature_lines(surroundings), return_index=True)
    part, a, b = line_segments(parts)
    near_m, far_m = max_gap_m / 4 + _TOLERANCE_M, max_gap_m / 2 + _TOLERANCE_M
    piece, segment, distance_m = meet_segments(pieces.rays, a, b, from_m=-far_m, to_m=far_m)
    run = (b - a)[segment]
    across = np.abs(np.sum(run * pieces.normal[piece], axis=1)) / np.hypot(run[:, 0], run[:, 1])
    middle = np.where(holder[piece] == 0, np.abs(distance_m) <= near_m, holder[piece] * distance_m <= _TOLERANCE_M)
    keep = (across <= np.sqrt(0.5)) & (middle | ~is_shared[piece])
    piece, hit, distance_m = piece[keep], feature[part[segment[keep]]], np.abs(distance_m[keep])
    keys = _feature_keys(surroundings)
    rank = np.argsort(sorted(range(len(keys)), key=keys.__getitem__))
    order = np.lexsort((rank[hit], distance_m, piece))
    piece, hit = piece[order], hit[order]
    nearest, first = np.unique(piece, return_index=True)
    found = np.full(is_shared.size, -1)
    found[nearest] = hit[first]
    return found
