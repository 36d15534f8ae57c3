"""Separators: the smallest fences between two blocks, for contiguity cuts."""

from collections.abc import Collection, Iterable

from redistrict.solver.adjacency import Adjacency


def pieces_of(members: Collection[int], adjacency: Adjacency) -> list[list[int]]:
    """Give the connected pieces of a set of blocks, each sorted, ordered by their first block."""
    left = set(members)
    pieces = []
    for block in sorted(members):
        if block in left:
            piece = reach([block], left, adjacency)
            left -= piece
            pieces.append(sorted(piece))
    return pieces


def minimal_separator(a: int, b: int, piece: Iterable[int], adjacency: Adjacency) -> list[int]:
    """Give a minimal set of blocks without which `a` cannot reach `b`.

    Starts from the neighbours of the connected `piece` around `a` and keeps those that `b` can reach without
    passing another of them: every block kept touches both sides, so none can be left out.

    Raises
    ------
    ValueError
        If `b` lies in the piece or next to it.
    """
    inner = set(piece)
    fence = adjacency.around(inner) - inner
    if b in inner or b in fence:
        raise ValueError(f"no separator lies between blocks {a} and {b}: the piece reaches both")
    everywhere = set(range(len(adjacency.start) - 1))
    outer = reach([b], everywhere - fence, adjacency)
    return sorted(fence & adjacency.around(outer))


def reach(sources: Iterable[int], allowed: Collection[int], adjacency: Adjacency) -> set[int]:
    """Give the sources and all blocks that are reached from there through allowed ones."""
    seen = set(sources)
    ring = list(seen)
    while ring:
        block = ring.pop()
        for other in adjacency.near[block]:
            if other in allowed and other not in seen:
                seen.add(other)
                ring.append(other)
    return seen
