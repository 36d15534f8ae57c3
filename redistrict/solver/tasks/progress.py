"""Progress: what a long search says while it works."""

from collections.abc import Callable
from dataclasses import dataclass

from redistrict.messages import Message


@dataclass(frozen=True)
class Progress:
    """Where a run stands: phase, share of the effort done (0 .. 1), best cost and bound in weighted centimetres."""

    phase: Message
    fraction: float
    cost: int | None = None
    bound: int | None = None


OnProgress = Callable[[Progress], None]
