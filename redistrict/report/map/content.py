"""The content of the map page, and how it is packed as JSON: column by column, texts in one or two languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries

from redistrict.messages import Language, Message
from redistrict.model.prices import COST_PER_METRE
from redistrict.model.quantities import quantity_words
from redistrict.report.levels import LevelRows
from redistrict.report.map.cards import ON_PAGE, Card, Row, name_others, signed_percent
from redistrict.report.map.faults import FaultGroup
from redistrict.report.map.figures import Figure
from redistrict.report.map.geometry import Rings, pack_points, pack_polygons, place_names, project_lines, simplify
from redistrict.report.map.lettering import pack_grounds, pack_short, pack_spots
from redistrict.report.map.spelling import spell_names
from redistrict.report.map.words import WORDS, say
from redistrict.report.style import (
    BARRIERS,
    CROSSING_FILLS,
    CROSSING_LOOKS,
    DEVIATION_SCALE,
    OTHER_CROSSING,
    OTHER_ROAD,
    ROAD_CLASSES,
    by_importance,
    class_word,
    colour_communities,
    crossing_class,
    crossing_steps,
    deviation_class,
    fill_of,
    outline_districts,
)
from redistrict.report.title_block import Line
from redistrict.scenario.models import Objective
from redistrict.standards.diagnosis import is_main_road
from redistrict.standards.why_here import Forbidden, Move

MAX_OUTLINED_BLOCKS = 20_000
"""Above this many blocks the page would be too heavy: it shows communities only, and says so."""


@dataclass(frozen=True, eq=False)
class Era:
    """The communities of one time, new or today's.

    Attributes
    ----------
    communities : GeoDataFrame
        `community_id`, `community_name`, `is_exception`, `crossing_m` (weighted metres of road inside); for each
        quantity present `households` or `people`, and where there is a target its signed share of deviation,
        `households_deviation` or `people_deviation`; of the plan also `district`; polygons.
    cards : tuple of Card
        What the page says of each.
    """

    communities: GeoDataFrame
    cards: tuple[Card, ...]


@dataclass(frozen=True, eq=False)
class MapPage:
    """Everything the map page shows; layers in a metric CRS.

    Attributes
    ----------
    title : Message
        Heading of the page.
    label : Message or None
        What every reader must know about the data (synthetic, estimated).
    language : {"zh", "en", "both"}
        Language of the page; with both, the reader chooses.
    tiles : str or None
        Address of map tiles under the plan, with {z}, {x} and {y}.
    figures : tuple of Figure
        What the panel says of today and of the plan.
    facts : tuple of (Message, str)
        Rows of the summary: name and ready text.
    notes : tuple of Message
        Remarks below the summary.
    faults : tuple of FaultGroup
        What to look at first.
    new, old : Era, Era or None
        The plan, and today's communities where the data have them.
    blocks : GeoDataFrame
        `block_id`, `name` (may be ""), `new` and `old` (positions in the two eras, -1 for none), the quantities
        present; polygons.
    estates : tuple of (str, int, Message)
        Deliveries: name, position of the block, and what is delivered when.
    moves : tuple of Move
        Why each block lies where it does.
    roads : GeoDataFrame
        `road_class`, `name`; lines, water or rail of class `barrier`, hills of class `hill`; may be empty.
    crossings : GeoDataFrame
        See `crossings`; may be empty.
    sites : GeoDataFrame
        `name`, `text` (Message), `is_used`; points; may be empty.
    targets : dict of str to float
        Target of each quantity, shown in the legend; left out where communities have different targets.
    objective : Objective
        What a metre of road inside costs.
    per_metre : int
        Units of cost in a weighted metre.
    grids : GeoDataFrame or None
        `grid` (its code), `households`; polygons.
    level : LevelRows or None
        Innermost level: the panel lists the communities by its units, such as streets.
    by_district : LevelRows or None
        The districts as a level: the panel lists the communities by them where there is no other level.
    others : tuple of str
        Further quantities, as keys with their words; the plan's communities and the blocks have a column of each.
    sheet : tuple of Line
        What a printed sheet says of itself.
    """

    title: Message
    label: Message | None
    language: Language
    tiles: str | None
    figures: tuple[Figure, ...]
    facts: tuple[tuple[Message, str], ...]
    notes: tuple[Message, ...]
    faults: tuple[FaultGroup, ...]
    new: Era
    old: Era | None
    blocks: GeoDataFrame
    estates: tuple[tuple[str, int, Message], ...]
    moves: tuple[Move, ...]
    roads: GeoDataFrame
    crossings: GeoDataFrame
    sites: GeoDataFrame
    targets: dict[str, float]
    objective: Objective
    per_metre: int = COST_PER_METRE
    grids: GeoDataFrame | None = None
    level: LevelRows | None = None
    by_district: LevelRows | None = None
    others: tuple[str, ...] = ()
    sheet: tuple[Line, ...] = ()

    @property
    def listed(self) -> LevelRows | None:
        """What the communities are listed by."""
        return self.level or self.by_district


def pack_page(page: MapPage) -> dict[str, object]:
    """Pack the whole page as JSON values; texts become lists of one or two languages."""
    language = page.language
    outlined = len(page.blocks) <= MAX_OUTLINED_BLOCKS
    notes = page.notes if outlined else (*page.notes, _blocks_left_out(len(page.blocks)))
    eras = [era for era in (page.new, page.old) if era is not None]
    steps = crossing_steps(np.concatenate([era.communities["crossing_m"] for era in eras]))
    colours = [colour_communities(era.communities.geometry) for era in eras]
    new, *old = (_pack_era(*one, steps, language, page.others) for one in zip(eras, colours, strict=True))
    packed: dict[str, object] = {
        "language": language,
        "words": {key: say(word, language) for key, word in (WORDS | name_others(page.others)).items()},
        "others": [ON_PAGE + key for key in page.others],
        "title": say(page.title, language),
        "label": say(page.label, language) if page.label else None,
        "tiles": page.tiles,
        "figures": [[one.key, say(one.words, language), one.today, one.plan] for one in page.figures],
        "facts": [[say(name, language), value] for name, value in page.facts],
        "notes": [say(note, language) for note in notes],
        "faults": [_pack_faults(group, language) for group in page.faults],
        "targets": {key: float(value) for key, value in sorted(page.targets.items())},
        "palette": [fill_of(colour) for colour in range(len(set().union(*colours)))],
        "scale": DEVIATION_SCALE,
        "crossing_scale": [steps, CROSSING_FILLS[: len(steps) + 1]],
        "new": new,
        "old": old[0] if old else None,
        "blocks": _pack_blocks(page.blocks, page.others) if outlined else None,
        "estates": [[name, block, say(text, language)] for name, block, text in page.estates] if outlined else [],
        "moves": _pack_moves(page.moves, page.per_metre, language) if outlined else None,
        "roads": _pack_roads(page.roads, language),
        "crossing_classes": _pack_crossing_classes(page.crossings, page.objective, language),
        "short": pack_short(page.new.communities),
        "grounds": pack_grounds(page.new.communities, page.level, _barriers(page.roads)),
        "crossings": _pack_crossings(page.crossings),
        "served_share": f"{page.objective.served_share:.0%}",
        "grids": None if page.grids is None else _pack_grids(page.grids),
        "districts": _pack_districts(page.new.communities),
        "sheet": [[say(line.name, language), say(line.value, language)] for line in page.sheet],
        "sites": {
            "name": _texts(page.sites["name"]),
            "text": [say(text, language) for text in page.sites["text"]],
            "used": page.sites["is_used"].tolist(),
            "spot": pack_points(page.sites.geometry),
        },
        "spelling": spell_names(_list_names(page)),
    }
    return packed if page.listed is None else packed | {"units": _pack_units(page.listed, page.new, language)}


def _list_names(page: MapPage) -> list[str]:
    """List every name that may be looked for."""
    eras = [era.communities["community_name"] for era in (page.new, page.old) if era is not None]
    units = page.listed.units if page.listed else ()
    columns = [*eras, page.blocks["name"], page.roads["name"], page.sites["name"]]
    own = [name for column in columns for name in _texts(column)] + [name for name, *_ in page.estates]
    return own + [name for unit in units for name in (unit.name, unit.district)]


def _pack_units(level: LevelRows, era: Era, language: Language) -> dict[str, object]:
    """Pack every unit that has communities: district, name, sums, and its communities by number."""
    title, number = level.title, {key: c for c, key in enumerate(_texts(era.communities["community_id"]))}
    units = [unit for unit in level.units if unit.communities]
    sums = [{"households": one.households, "people": one.population, "workers": one.workers} for one in units]
    return {
        "title": say(Message(f"Communities by {title.en}", f"分{title.zh}社区名单"), language),
        "kind": say(Message(title.en.capitalize(), title.zh), language),
        "district": [unit.district for unit in units],
        "name": [unit.name for unit in units],
        "sums": [{key: n for key, n in one.items() if n is not None} for one in sums],
        "communities": [[number[key] for key in unit.communities] for unit in units],
    }


def _blocks_left_out(n_blocks: int) -> Message:
    """Say that the page holds no blocks."""
    return Message(
        f"{n_blocks} blocks are too many to outline on this page: see the layers delivered beside it.",
        f"地块数为 {n_blocks}，数量过多，本页不显示地块边界：请查看随附的图层文件。",
    )


def _pack_faults(group: FaultGroup, language: Language) -> dict[str, object]:
    return {
        "title": say(group.title, language),
        "grave": group.is_grave,
        "faults": [[fault.community, say(fault.text, language)] for fault in group.faults],
    }


def _pack_era(
    era: Era, colours: list[int], steps: list[int], language: Language, others: Sequence[str]
) -> dict[str, Sequence[object]]:
    """Pack communities column by column."""
    communities = era.communities
    packed: dict[str, Sequence[object]] = {
        "id": _texts(communities["community_id"]),
        "name": _texts(communities["community_name"]),
        "exception": communities["is_exception"].tolist(),
        "crossing_class": [crossing_class(cost_m, steps) for cost_m in communities["crossing_m"]],
        "crossing": _numbers(communities["crossing_m"].round()),
        "colour": colours,
        **pack_spots(communities.geometry),
        "shape": pack_polygons(simplify(communities.geometry)),
        "card": [_pack_card(card, language) for card in era.cards],
    }
    for name, column in _quantities(communities, others).items():
        packed[name] = _numbers(communities[column])
        if f"{column}_deviation" in communities:
            deviations = communities[f"{column}_deviation"].astype(float)
            packed[f"{name}_deviation"] = ["" if np.isnan(share) else signed_percent(share) for share in deviations]
            packed[f"{name}_class"] = [deviation_class(share) for share in deviations]
    return packed


def _pack_card(card: Card, language: Language) -> list[object]:
    return [[say(head, language), [_pack_row(row, language) for row in rows]] for head, rows in card]


def _pack_row(row: Row, language: Language) -> list[object]:
    """Pack a line of a card; a label that is one of the page's own words is left out."""
    label = None if row.label == WORDS.get(row.key) else say(row.label, language)
    return [row.key, label, say(row.value, language)]


def _pack_blocks(blocks: GeoDataFrame, others: Sequence[str]) -> dict[str, Sequence[object]]:
    """Pack the blocks column by column."""
    packed: dict[str, Sequence[object]] = {
        "id": _texts(blocks["block_id"]),
        "name": _texts(blocks["name"]),
        "new": blocks["new"].tolist(),
        "old": blocks["old"].tolist(),
        "shape": pack_polygons(simplify(blocks.geometry)),
    }
    return packed | {name: _numbers(blocks[column]) for name, column in _quantities(blocks, others).items()}


def _pack_moves(moves: Sequence[Move], per_metre: int, language: Language) -> dict[str, object]:
    """Pack the moves column by column; costs in weighted metres."""
    quantities = sorted({rule.quantity for move in moves for rule in move.forbidden} - {""})
    return {
        "quantities": {name: say(quantity_words(name), language) for name in quantities},
        "block": [move.block for move in moves],
        "community": [move.community for move in moves],
        "cost": [None if move.cost_change is None else round(move.cost_change / per_metre) for move in moves],
        "rules": [[_pack_rule(rule) for rule in move.forbidden] for move in moves],
    }


def _pack_rule(rule: Forbidden) -> list[object]:
    return [rule.rule, rule.quantity, rule.found, rule.allowed] if rule.found or rule.allowed else [rule.rule]


def _barriers(roads: GeoDataFrame) -> GeoDataFrame:
    """Give the water, railways and hills of `roads`, with names as text."""
    own = roads[roads["road_class"].isin(BARRIERS)]
    return own.assign(name=_texts(own["name"]))


def _pack_roads(roads: GeoDataFrame, language: Language) -> list[dict[str, object]]:
    """Pack barriers and roads class by class, the most important last, so that it is drawn on top."""
    named = roads.assign(road_class=_texts(roads["road_class"]), name=_texts(roads["name"]))
    ranks = {name: rank for rank, name in enumerate([*ROAD_CLASSES, None, *BARRIERS])}
    present = sorted(set(named["road_class"]), key=lambda name: (-ranks.get(name, ranks[None]), name))
    return [_pack_class(named[named["road_class"] == name], name, language) for name in present]


def _pack_class(roads: GeoDataFrame, name: str, language: Language) -> dict[str, object]:
    """Pack one class of roads: its look, its lines and areas, and where each name is written."""
    _, colour, width = ROAD_CLASSES.get(name, (None, *OTHER_ROAD))
    parts = roads.explode(ignore_index=True)
    areas, lines = parts[parts.geom_type == "Polygon"], parts[parts.geom_type == "LineString"]
    order = np.argsort(lines["name"].to_numpy(dtype=object), kind="stable")
    texts, first = np.unique(lines["name"].to_numpy(dtype=object)[order], return_index=True)
    groups = np.split(lines.geometry.to_numpy()[order], first[1:]) if len(texts) else []
    merged = shapely.line_merge([shapely.multilinestrings(group) for group in groups])
    shapes = GeoSeries(merged, crs=roads.crs)
    return {
        "class": name,
        "label": say(class_word(name), language),
        "colour": colour,
        "width": width,
        "lines": project_lines(shapes),
        "stretches": list(zip(texts.tolist(), shapely.get_num_geometries(merged).tolist(), strict=True)),
        "areas": pack_polygons(areas.geometry.simplify(1.0)),
        "names": place_names(texts.tolist(), shapes),
    }


def _pack_crossing_classes(
    crossings: GeoDataFrame, objective: Objective, language: Language
) -> dict[str, dict[str, object]]:
    """Pack name, price and look of each class inside communities, the most important first."""
    packed: dict[str, dict[str, object]] = {}
    for name, _ in by_importance(dict.fromkeys(_texts(crossings["road_class"]), 0.0)):
        colour, width = CROSSING_LOOKS.get(name, OTHER_CROSSING)
        packed[name] = {
            "label": say(class_word(name), language),
            "price": say(_say_price(objective.crossing.get(name, 0.0)), language),
            "local": not is_main_road(name, objective),
            "colour": colour,
            "width": width,
        }
    return packed


def _say_price(weight: float | Literal["never"]) -> Message:
    if weight == "never":
        return Message("never to be crossed", "不得穿越")
    return Message(f"price {weight:g}", f"单价 {weight:g}")


def _pack_crossings(crossings: GeoDataFrame) -> list[list[object]]:
    """Pack each group of stretches as new and old community, class, whether it is served, and lines."""
    classes = _texts(crossings["road_class"])
    return [
        [int(row.new), int(row.old), classes[n], bool(row.is_served), project_lines(crossings.geometry.iloc[[n]])]
        for n, row in enumerate(crossings.itertuples())
    ]


def _pack_grids(grids: GeoDataFrame) -> dict[str, Sequence[object]]:
    """Pack grids column by column."""
    return {
        "code": _texts(grids["grid"]),
        "households": _numbers(grids["households"]),
        "spot": pack_points(GeoSeries(grids.representative_point(), crs=grids.crs)),
        "shape": pack_polygons(simplify(grids.geometry)),
    }


def _pack_districts(communities: GeoDataFrame) -> list[Rings]:
    """Pack the outline of every district where there are several."""
    if "district" not in communities:
        return []
    shapes = outline_districts(simplify(communities.geometry).to_numpy(), _texts(communities["district"]))
    return pack_polygons(GeoSeries(shapes, crs=communities.crs))


def _quantities(layer: GeoDataFrame, others: Sequence[str]) -> dict[str, str]:
    """Give the columns of the quantities `layer` has, by their name on the page."""
    columns = {name: name for name in ("households", "people")} | {ON_PAGE + key: str(key) for key in others}
    return {name: column for name, column in columns.items() if column in layer.columns}


def _texts(column: pd.Series) -> list[str]:
    """Give a column as text, "" where it is empty."""
    return ["" if pd.isna(value) else str(value) for value in column]


def _numbers(column: pd.Series) -> list[int | float | None]:
    """Give a column as JSON numbers, none where it is empty."""
    values = (None if pd.isna(value) else float(value) for value in column)
    return [int(value) if value is not None and value.is_integer() else value for value in values]
