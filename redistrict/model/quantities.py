"""Quantities: what communities are balanced in, today and in later years, and what each must hold at least."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from redistrict.geo.blocks import Blocks
from redistrict.geo.projects import Projects
from redistrict.messages import QUANTITY_WORDS, Message

SITES = "sites"
"""Premises in a block: every community needs one, where the scenario says so."""
_AT = "@"


def base_of(quantity: str) -> str:
    """Give `households` for ``households@2028``: the quantity whose target and tolerance hold."""
    return quantity.partition(_AT)[0]


def is_counted_today(quantity: str) -> bool:
    """Tell whether it is a count of today, with a target to deviate from."""
    return quantity in QUANTITY_WORDS


def quantity_words(quantity: str) -> Message:
    """Give the words for a quantity: 户数, 2028年户数, 办公服务用房."""
    if quantity == SITES:
        return Message("premises", "办公服务用房")
    base, _, year = quantity.partition(_AT)
    en, zh = QUANTITY_WORDS[base]
    return Message(f"{en} in {year}", f"{year}年{zh}") if year else Message(en, zh)


def with_growth(blocks: Blocks, projects: Projects, years: tuple[int, ...]) -> Blocks:
    """Add the counts of later years as quantities, so that the plan must hold in each of them."""
    added = {year: blocks.size + projects.added_by(year, len(blocks)) for year in years}
    columns = {f"{q}{_AT}{year}": size[:, n] for year, size in added.items() for n, q in enumerate(blocks.quantities)}
    return _with_columns(blocks, columns)


def with_sites(blocks: Blocks, block_of_site: NDArray[np.int64]) -> Blocks:
    """Add the number of premises in each block as a quantity."""
    return _with_columns(blocks, {SITES: np.bincount(block_of_site, minlength=len(blocks)).astype(np.int64)})


def _with_columns(blocks: Blocks, columns: dict[str, NDArray[np.int64]]) -> Blocks:
    return replace(blocks, frame=blocks.frame.assign(**columns), quantities=(*blocks.quantities, *columns))
