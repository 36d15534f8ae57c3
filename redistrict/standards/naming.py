"""Names of a healed plan: those of the plan before stay with who keeps most of its residents."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.current import CurrentPlan
from redistrict.messages import Language
from redistrict.model.before import PlanBefore
from redistrict.model.plan import Plan
from redistrict.model.succession import Succession, trace_succession

Named = tuple[str, str]


def keep_names(
    plan: Plan,
    before: PlanBefore,
    residents: NDArray[np.int64],
    *,
    today: Sequence[Named | None],
    taken: Collection[str],
    districts: Sequence[str],
    language: Language,
) -> list[Named]:
    """Give every community a key and a name.

    1. A community that continues one of the plan before, by the rule of `succession`, bears its key and name; of
       several that most residents of come from that one (it is split), the one that continues today's of this key.
    2. Any other that continues one of today's bears that one's, but for what the plan before gave away.
    3. What is new gets a running number in its district, and no key or name there has been.
    4. The name that a pin gives goes to who bears the key, else to who has most of its residents (it was merged).

    Parameters
    ----------
    residents : (n_blocks,) int64
    today : sequence of (str, str) or None
        Key and name of the community of today that each continues; none where it is new.
    taken : collection of str
        Keys and names of today's communities.
    districts : sequence of str
        District of each community.
    """
    traced = trace_succession(plan.assignment, before.of_block, residents)
    heir = traced.successor.copy()
    for c, (source, continued) in enumerate(zip(traced.source.tolist(), today, strict=True)):
        if continued is not None and source >= 0 and continued[0] == before.ids[source]:
            heir[source] = c
    predecessor = {c: old for old, c in enumerate(heir.tolist()) if c >= 0}
    given = {*before.ids, *before.names}
    used = given | {*taken} | {name for _, name in before.renamed}
    named = []
    for c, (continued, district) in enumerate(zip(today, districts, strict=True)):
        if c in predecessor:
            named.append((before.ids[predecessor[c]], before.names[predecessor[c]]))
        elif continued is not None and given.isdisjoint(continued):
            named.append(continued)
        else:
            choices = (new_name(district, n, language, is_new=bool(taken)) for n in count(1))
            named.append(next(choice for choice in choices if used.isdisjoint(choice)))
            used.update(named[-1])
    for old, name in before.renamed:
        own = before.of_block == old
        heirs = [c for c, (key, _) in enumerate(named) if key == before.ids[old]]
        most = int(np.bincount(plan.assignment[own], residents[own]).argmax())
        named[heirs[0] if heirs else most] = (named[heirs[0] if heirs else most][0], name)
    return named


def follow_names(
    succession: Succession, ids: Sequence[str], current: CurrentPlan, plan: Plan, residents: NDArray[np.int64]
) -> Succession:
    """Let each community continue that of today whose key it bears, so that names and lineage say the same."""
    number = {key: old for old, key in enumerate(current.ids)}
    predecessor = np.array([number.get(key, -1) for key in ids], dtype=np.int64)
    successor = np.full(len(current), -1, dtype=np.int64)
    successor[predecessor[predecessor >= 0]] = np.flatnonzero(predecessor >= 0)
    stays = (current.of_block >= 0) & (current.of_block == predecessor[plan.assignment])
    kept = np.zeros(len(ids), dtype=np.int64)
    np.add.at(kept, plan.assignment[stays], residents[stays])
    return replace(succession, predecessor=predecessor, successor=successor, kept=kept)


def new_name(district: str, number: int, language: Language, *, is_new: bool, width: int = 2) -> Named:
    """Give the key and the name of the community of this number in its district.

    Parameters
    ----------
    is_new : bool
        Whether there are communities today, from which it is told apart as new (新设).
    width : int
        Digits of the number in the key, at least.
    """
    mark, new = (("N", "New ") if language == "en" else ("新", "新设")) if is_new else ("", "")
    key = f"{mark}{number:0{width}d}"
    text = f"{district} {new}Community {number}".strip() if language == "en" else f"{district}{new}第{number}社区"
    return (f"{district}-{key}" if district else key), text


def short_name(district: str, name: str) -> str:
    """Give a name of `new_name` without district and 社区, as there is room for on a map; "" for any other name."""
    number = int((re.findall(r"[0-9]{1,6}", name) or ["0"])[-1])
    shorts: dict[tuple[Language, bool], str] = {
        ("zh", True): f"新设第{number}",
        ("zh", False): f"第{number}",
        ("en", True): f"New {number}",
        ("en", False): f"No. {number}",
    }
    made = {new_name(district, number, *way[:1], is_new=way[1])[1]: short for way, short in shorts.items()}
    return made.get(name, "")
