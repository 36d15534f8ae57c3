"""Quantities: what communities are balanced in, today and in later years, and what each must hold at least."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.projects import Projects
from redistrict.messages import QUANTITY_WORDS, Message

SITES = "sites"
"""Premises in a block: every community needs one, where the scenario says so."""
_AT = "@"


class Other(str):
    """A further quantity of the scenario: its key, which has its words with it as `people@2028` has its year."""

    words: Message

    def __new__(cls, key: str, words: Message) -> "Other":
        """Give the key as a text that knows its words."""
        made = super().__new__(cls, key)
        made.words = words
        return made

    def __getnewargs__(self) -> tuple[str, Message]:  # type: ignore[override]
        """Give what a copy is made of, in another process too."""
        return str(self), self.words


def base_of(quantity: str) -> str:
    """Give `households` for ``households@2028``: the quantity whose target and tolerance hold."""
    return quantity if isinstance(quantity, Other) else quantity.partition(_AT)[0]


def is_counted_today(quantity: str) -> bool:
    """Tell whether it is a count of today, with a target or a mean to deviate from."""
    return quantity in QUANTITY_WORDS or isinstance(quantity, Other)


def counts_residents(quantity: str) -> bool:
    """Tell whether it counts who lives there today."""
    return quantity in QUANTITY_WORDS


def quantity_words(quantity: str) -> Message:
    """Give the words for a quantity: 户数, 2028年户数, 办公服务用房."""
    if quantity == SITES:
        return Message("premises", "办公服务用房")
    if isinstance(quantity, Other):
        return quantity.words
    base, _, year = quantity.partition(_AT)
    en, zh = QUANTITY_WORDS[base]
    return Message(f"{en} in {year}", f"{year}年{zh}") if year else Message(en, zh)


def with_growth(blocks: Blocks, projects: Projects, years: tuple[int, ...]) -> Blocks:
    """Add the counts of later years as quantities, so that the plan must hold in each of them."""
    added = {year: blocks.size + projects.added_by(year, len(blocks)) for year in years}
    columns = {f"{q}{_AT}{year}": size[:, n] for year, size in added.items() for n, q in enumerate(blocks.quantities)}
    return _with_columns(blocks, columns)


def with_others(blocks: Blocks, words: Mapping[str, Message]) -> Blocks:
    """Add the further quantities, as the blocks have them, by key."""
    return replace(blocks, quantities=(*blocks.quantities, *(Other(key, text) for key, text in words.items())))


def list_others(quantities: Iterable[str]) -> list[Other]:
    """Give the further quantities among some."""
    return [quantity for quantity in quantities if isinstance(quantity, Other)]


def tolerance_key(quantity: str) -> str:
    """Give the key of the scenario that holds its tolerance."""
    if isinstance(quantity, Other):
        return f"communities.others.{quantity}.tolerance"
    return f"communities.tolerance.{base_of(quantity)}"


def with_sites(blocks: Blocks, block_of_site: NDArray[np.int64]) -> Blocks:
    """Add the number of premises in each block as a quantity."""
    return _with_columns(blocks, {SITES: np.bincount(block_of_site, minlength=len(blocks)).astype(np.int64)})


def _with_columns(blocks: Blocks, columns: dict[str, NDArray[np.int64]]) -> Blocks:
    return replace(blocks, frame=blocks.frame.assign(**columns), quantities=(*blocks.quantities, *columns))
