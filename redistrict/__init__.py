"""Redraw community boundaries: contiguous, balanced, along the roads, with a proof of how good the plan is."""

__version__ = "0.1.0"
