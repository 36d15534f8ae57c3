"""Repairs: what a repair comes to, as a plan to show, as JSON, and as what stands in the log once it is accepted."""

from redistrict.jobs.exactly import pin_exactly
from redistrict.jobs.heal import Repaired, list_proofs
from redistrict.jobs.pinned import explain_moves
from redistrict.messages import Message
from redistrict.model.before import with_pins
from redistrict.model.plan import canonical_plan
from redistrict.report.healing import BESIDES
from redistrict.review.desk import Desk
from redistrict.review.figures import count_figures
from redistrict.review.shown import Shown, show_repaired
from redistrict.review.told import Json, both, tell_plan
from redistrict.scenario.pins import dump_pin
from redistrict.standards.office import name_plan


def show_repair(desk: Desk, repaired: Repaired) -> Shown:
    """Give the plan of a repair, with the keys and names that a result made of it has."""
    plan, basis = canonical_plan(repaired.labels), desk.basis
    before, language = with_pins(basis.before, repaired.pins), desk.scenario.output.language
    ids, names = name_plan(desk.problem, plan, basis.blocks, basis.current, before, language)
    of_block = [ids[c] for c in plan.assignment.tolist()]
    return show_repaired(desk, of_block, dict(zip(ids, names, strict=True)))


def tell_repair(desk: Desk, repaired: Repaired, *, is_searching: bool) -> Json:
    """Give a repair with its figures, its moves against the result, why each is made, and what is proved (so far)."""
    shown = show_repair(desk, repaired)
    why = explain_moves(repaired.asked, repaired.edited)
    moves = list_moves(desk, shown)
    reasons: list[Message] = [
        why[i].name if i in why else BESIDES for i in (desk.place[block] for block, _, _ in moves)
    ]
    proofs = list_proofs(desk.problem, repaired, [shown.ids[c] for c in shown.of_block.tolist()])
    return {
        **tell_plan(desk, shown, count_figures(desk, shown), repaired.asked),
        "moves": moves,
        "why": [both(message) for message in reasons],
        "proofs": [both(proof.message(is_searching=is_searching)) for proof in proofs],
    }


def note_repair(desk: Desk, repaired: Repaired, *, is_answer: bool) -> Json:
    """Give what the log keeps of a repair: its pins, its moves, and the names that the result does not have.

    Of one that its pins alone do not give again: `exactly`, the pins that do, with these.
    """
    shown = show_repair(desk, repaired)
    known = dict(zip(desk.basis.before.ids, desk.basis.before.names, strict=True))
    ids = [shown.ids[c] for c in shown.of_block.tolist()]
    exactly = () if is_answer else pin_exactly(desk.basis, repaired, ids, desk.scenario.output.language)
    return {
        "pins": [dump_pin(pin) for pin in repaired.pins],
        **({"exactly": [dump_pin(pin) for pin in exactly]} if exactly else {}),
        "moves": list_moves(desk, shown),
        "names": {key: name for key, name in zip(shown.ids, shown.names, strict=True) if known.get(key) != name},
    }


def list_moves(desk: Desk, shown: Shown) -> list[list[str]]:
    """Give each block that lies in another community than in the result, with the two."""
    before, keys = desk.basis.before, desk.basis.blocks.ids
    pairs = ((before.ids[old], shown.ids[new]) for old, new in zip(before.of_block, shown.of_block, strict=True))
    return [[key, old, new] for key, (old, new) in zip(keys, pairs, strict=True) if old != new]
