"""Shortest ways from every block, as far as lengths reach: what `length_rows` looks at most, compiled."""

from heapq import heappop, heappush

import numpy as np

from redistrict.solver.compiled import compiled

_N_AROUND = 8
"""Trees grow from blocks so far apart that one of this part of the most lies between."""


@compiled()
def find_heavy_trees(start, neighbour, edge, length, size, upper, reaches, least_breach, first):  # type: ignore[no-untyped-def]
    """Give, for every block, the row of the tree of shortest ways from it that is broken most.

    A tree is cut off after some of its blocks, nearest first: with the first that makes it heavier than the most times
    one of `reaches`, and as far as lengths reach. The factor of an edge is what hangs below it, but no more than what
    the row asks for in all.

    Returns
    -------
    edge, factor : (n,) int64
        Row after row.
    end, least : (n_rows,) int64
    """
    n_blocks, n_quantities = size.shape
    way, parent, by = np.full(n_blocks, np.inf), np.full(n_blocks, -1, np.int64), np.full(n_blocks, -1, np.int64)
    below = np.zeros(n_blocks, np.int64)
    edges, factors, ends, leasts = [np.int64(0)], [np.int64(0)], [np.int64(0)], [np.int64(0)]
    is_near = np.zeros(n_blocks, np.bool_)
    for turn in range(n_blocks):
        root = (first + turn) % n_blocks
        if is_near[root]:
            continue
        order = _nearest_first(start, neighbour, edge, length, root, 1.0, -1, way, parent, by)
        best, best_count, best_q = 0.0, 0, 0
        for q in range(n_quantities):
            total, step = 0, 0
            for count in range(1, order.size + 1):
                total += size[order[count - 1], q]
                is_stop = count == order.size or (step < reaches.size and total > reaches[step] * upper[q])
                if total <= upper[q] or not is_stop:
                    continue
                while step < reaches.size and total > reaches[step] * upper[q]:
                    step += 1
                asked = total - upper[q]
                _hang(order[:count], parent, size[:, q], below)
                held, squares = 0.0, 0.0
                for block in order[1:count]:
                    factor = min(below[block], asked) / asked
                    held += factor * length[by[block]]
                    squares += factor * factor
                if 1.0 - held > least_breach and 1.0 - held > best * np.sqrt(squares):
                    best, best_count, best_q = (1.0 - held) / np.sqrt(max(squares, 1e-9)), count, q
        if best_count > 1:
            tree = order[:best_count]
            _hang(tree, parent, size[:, best_q], below)
            asked = size[:, best_q][tree].sum() - upper[best_q]
            for block in tree[1:]:
                if below[block] > 0:
                    edges.append(by[block])
                    factors.append(min(below[block], asked))
            ends.append(np.int64(len(edges) - 1))
            leasts.append(asked)
        held = 0.0
        for block in order:
            held += (size[block] / upper).max() * _N_AROUND
            if held > 1.0:
                break
            is_near[block] = True
        way[order], parent[order], by[order] = np.inf, -1, -1
    return np.array(edges)[1:], np.array(factors)[1:], np.array(ends)[1:], np.array(leasts)[1:]


@compiled()
def find_ways_around(start, neighbour, edge, length, ends_of, longs, least_breach):  # type: ignore[no-untyped-def]
    """Give, for every edge of some that is longer than the shortest way around it, the row that says so.

    Returns
    -------
    As `find_heavy_trees`.
    """
    n_blocks = start.size - 1
    way, parent, by = np.full(n_blocks, np.inf), np.full(n_blocks, -1, np.int64), np.full(n_blocks, -1, np.int64)
    edges, factors, ends = [np.int64(0)], [np.int64(0)], [np.int64(0)]
    for e in longs:
        if length[e] <= least_breach:
            continue
        first, last = ends_of[e]
        limit = length[e] - least_breach
        order = _nearest_first(start, neighbour, edge, length, first, limit, e, way, parent, by)
        if way[last] < limit:
            edges.append(e)
            factors.append(np.int64(-1))
            block = np.int64(last)
            while block != first:
                edges.append(by[block])
                factors.append(np.int64(1))
                block = parent[block]
            ends.append(np.int64(len(edges) - 1))
        way[order], parent[order], by[order] = np.inf, -1, -1
    return np.array(edges)[1:], np.array(factors)[1:], np.array(ends)[1:], np.zeros(len(ends) - 1, np.int64)


@compiled()
def _nearest_first(start, neighbour, edge, length, root, limit, closed, way, parent, by):  # type: ignore[no-untyped-def]
    """Give the blocks nearer than a limit, nearest first; `way`, `parent` and `by`, the last edge, are set for them."""
    way[root] = 0.0
    heap = [(0.0, np.int64(root))]
    order = [np.int64(0)]
    while heap:
        far, block = heappop(heap)
        if far > way[block]:
            continue
        order.append(block)
        for p in range(start[block], start[block + 1]):
            other, e = np.int64(neighbour[p]), np.int64(edge[p])
            there = far + length[e]
            if e != closed and there < limit and there < way[other]:
                way[other], parent[other], by[other] = there, block, e
                heappush(heap, (there, other))
    return np.array(order)[1:]


@compiled()
def _hang(tree, parent, size, below):  # type: ignore[no-untyped-def]
    """Tell what each block of a tree weighs with all that hangs on it; parents stand before children."""
    for block in tree:
        below[block] = size[block]
    for t in range(tree.size - 1, 0, -1):
        below[parent[tree[t]]] += below[tree[t]]
