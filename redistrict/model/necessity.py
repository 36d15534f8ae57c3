"""Necessity: what is proved of communities that lie outside the bounds."""

from enum import Enum


class Necessity(Enum):
    """No plan has fewer of them, or as many by less; no plan has none; or nothing is proved."""

    LEAST = "least"
    NEEDED = "needed"
    UNPROVED = "unproved"
