"""Progress: what a long search says while it works."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from redistrict.messages import Message
from redistrict.model.prices import COST_PER_METRE


@dataclass(frozen=True)
class Progress:
    """Where a run stands: phase, share of the effort done (0 .. 1), best cost and bound, and units of cost a metre."""

    phase: Message
    fraction: float
    cost: int | None = None
    bound: int | None = None
    per_metre: int = COST_PER_METRE

    @property
    def cost_m(self) -> float | None:
        """The cost in weighted metres."""
        return None if self.cost is None else self.cost / self.per_metre

    @property
    def bound_m(self) -> float | None:
        """The bound in weighted metres."""
        return None if self.bound is None else self.bound / self.per_metre


OnProgress = Callable[[Progress], None]


def told_between(on_progress: OnProgress | None, low: float, high: float) -> OnProgress:
    """Tell all that is told as a part of the whole, between two fractions."""

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(replace(progress, fraction=low + progress.fraction * (high - low)))

    return tell


def told_without_bound(on_progress: OnProgress | None) -> OnProgress:
    """Tell all but the bound."""

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(replace(progress, bound=None))

    return tell
