"""Told: states, events and repairs as the JSON values that browsers are told; every text as ``[zh, en]``."""

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np

from redistrict.jobs.pinned import Asked, look_up
from redistrict.messages import Message
from redistrict.model.areas import NO_BOUND, Area
from redistrict.review.desk import Desk
from redistrict.review.figures import Figures, count_figures
from redistrict.review.said import Names, name_all, say_event, say_pin
from redistrict.review.shown import Shown, key_of
from redistrict.review.state import Event, Held, Review
from redistrict.scenario.pins import dump_pin

Json = dict[str, Any]
_NEWEST = 200


def both(message: Message) -> list[str]:
    """Give a text in both languages, the Chinese first."""
    return [message.zh, message.en]


def tell_desk(desk: Desk) -> Json:
    """Give what does not change: the result as its map shows it, and what a page counts with while somebody paints."""
    problem, basis, road = desk.problem, desk.basis, _road_edges(desk)
    pairs = problem.edges
    return {
        "page": desk.page,
        "edges": {
            "a": pairs[:, 0].tolist(),
            "b": pairs[:, 1].tolist(),
            "cost": [round(cost / problem.per_metre, 1) for cost in problem.crossing_cost.tolist()],
            "is_crossing": [pair in road for pair in map(tuple, pairs.tolist())],
        },
        "areas": [{"name": area.name, "bounds": _tell_bounds(desk, area)} for area in problem.areas],
        "area_of": basis.area_of.tolist(),
        "bases": {q: desk.page["targets"].get(q) for q in basis.blocks.quantities},
        "staffing": desk.scenario.standards.staffing.model_dump(mode="json"),
        "residents": desk.residents.tolist(),
        "result": desk.folder.name,
        "base_ids": list(basis.before.ids),
    }


def _road_edges(desk: Desk) -> set[tuple[int, ...]]:
    """Give the pairs of blocks with a road, river or railway between them."""
    graph = desk.finished.inputs.graph
    return {*map(tuple, graph.edges[graph.crossing_m.sum(axis=1) > 0].tolist())}


def _tell_bounds(desk: Desk, area: Area) -> dict[str, list[int | None]]:
    """Give least and most of each quantity in one community of an area; none where there is no bound."""
    n = len(np.unique(desk.basis.before.of_block[list(area.blocks)]))
    limits = min(area.options, key=lambda option: abs(option.n_communities - n))
    ends = dict(zip(desk.problem.quantities, zip(limits.lower, limits.upper, strict=True), strict=True))
    return {q: [ends[q][0], None if ends[q][1] >= NO_BOUND else ends[q][1]] for q in desk.basis.blocks.quantities}


def tell_state(desk: Desk, events: Sequence[Event], review: Review, shown: Shown) -> Json:
    """Give everything that a page shows of a state; `events` are all up to it."""
    figures = count_figures(desk, shown)
    pins = [held.pin for held in review.moment.pins]
    asked = look_up(desk.basis, pins)
    names = name_all(desk, events)
    n_faults = sum(map(len, figures.faults)) + len(figures.of_all)
    return {
        "event": len(events),
        **tell_plan(desk, shown, figures, asked),
        "pins": [
            _tell_pin(desk, held, one, names, is_waiting=_is_waiting(desk, one, held, review, shown))
            for held, one in zip(review.moment.pins, asked, strict=True)
        ],
        "comments": [{**vars(one), "on": dict(one.on)} for one in review.comments],
        "versions": [{"name": one.name, "event": one.event, "author": one.author} for one in review.versions],
        "log": [tell_event(event, names) for event in events[-_NEWEST:]],
        "can_undo": review.at > 0,
        "can_redo": review.at + 1 < len(review.history),
        "is_healed": is_repaired(events, review) and not n_faults,
        "faults": [both(message) for message in figures.of_all],
        "n_faults": n_faults,
        "cost_m": round(figures.cost_m, 2),
        "cost_before_m": round(desk.cost / desk.problem.per_metre, 2),
    }


def is_repaired(events: Sequence[Event], review: Review) -> bool:
    """Tell whether all that is asked is in the repair that was accepted, and nothing else is."""
    moment = review.moment
    if moment.repair is None:
        return not moment.pins
    return bool(events[moment.repair - 1].body["pins"] == [dump_pin(held.pin) for held in moment.pins])


def tell_plan(desk: Desk, shown: Shown, figures: Figures, asked: Sequence[Asked]) -> Json:
    """Give a plan with the figures of its communities."""
    before = desk.basis.before
    was = {key: key_of(np.flatnonzero(before.of_block == c)) for c, key in enumerate(before.ids)}
    locked = {before.ids[one.communities[0]] for one in asked if one.form == "keep"}
    colours = _colour(desk, shown)
    communities = [
        {
            "id": key,
            "name": shown.names[c],
            "households": _one(figures, "households", c),
            "people": _one(figures, "people", c),
            "deviation": {q: shares[c] for q, shares in figures.deviation.items()},
            "workers": int(figures.workers[c]),
            "road_m": round(float(figures.road_m[c]), 1),
            "shape": shown.keys[c],
            "colour": colours[c],
            "is_locked": key in locked,
            "is_touched": was.get(key) != shown.keys[c],
            "faults": [both(message) for message in figures.faults[c]],
        }
        for c, key in enumerate(shown.ids)
    ]
    n_blocks, residents = figures.moved
    moved = {"blocks": n_blocks, "residents": residents}
    return {"of_block": shown.of_block.tolist(), "communities": communities, "moved": moved}


def _one(figures: Figures, quantity: str, c: int) -> int | None:
    return int(figures.sizes[quantity][c]) if quantity in figures.sizes else None


def _colour(desk: Desk, shown: Shown) -> list[int]:
    """Give each community the colour it has in the result, if no neighbour has it, else the first that is free."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(shown.ids)))
    graph.add_edges_from(shown.of_block[desk.finished.inputs.graph.cells.pairs].tolist())
    colour: dict[int, int] = {}
    for c in sorted(graph, key=lambda c: shown.ids[c] not in desk.colours):
        used = {colour[other] for other in graph[c] if other in colour and other != c}
        wanted = desk.colours.get(shown.ids[c])
        free = next(n for n in range(len(used) + 1) if n not in used)
        colour[c] = free if wanted is None or wanted in used else wanted
    return [colour[c] for c in range(len(shown.ids))]


# --- pins and events --------------------------------------------------------------------------------------


def _tell_pin(desk: Desk, held: Held, one: Asked, names: Names, *, is_waiting: bool) -> Json:
    return {
        "event": held.event,
        "author": held.author,
        "form": one.form,
        "text": both(say_pin(held.pin, names)),
        "reason": one.reason,
        "blocks": list(one.blocks),
        "communities": [desk.basis.before.ids[c] for c in one.communities],
        "is_waiting": is_waiting,
    }


def _is_waiting(desk: Desk, one: Asked, held: Held, review: Review, shown: Shown) -> bool:
    """Tell whether the plan shown does not keep to a pin yet."""
    if one.form == "split":
        return held.event > (review.moment.repair or 0)
    if one.form == "rename":
        return False
    if one.form in ("in", "keep"):
        return not _holds_place(desk, one, shown)
    homes = shown.of_block[list(one.blocks)].tolist()
    return len({*homes}) != (len(homes) if one.form == "apart" else 1)


def _holds_place(desk: Desk, one: Asked, shown: Shown) -> bool:
    """Tell whether blocks lie in the community that continues the one named, and, if it is kept, no others do."""
    homes = np.unique(shown.of_block[list(one.blocks)])
    if homes.size != 1:
        return False
    if one.form == "keep":
        return int((shown.of_block == homes[0]).sum()) == len(one.blocks)
    key = desk.basis.before.ids[one.communities[0]]
    return key not in shown.ids or shown.ids[int(homes[0])] == key


def tell_event(event: Event, names: Names) -> Json:
    """Give one event as the minutes have it."""
    kept = {"event": event.n, "author": event.author, "at": event.at, "kind": event.kind}
    return {**kept, "text": both(say_event(event, names))}


def since(desk: Desk, events: Sequence[Event], n: int) -> list[Json]:
    """Give the events after one, or the newest of them."""
    names = name_all(desk, events)
    return [tell_event(event, names) for event in events[n:][-_NEWEST:]]
