"""What residents are told of a plan: every community, and which blocks lie in it and where they lay before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd

from redistrict.messages import QUANTITY_UNITS, Language, Message, count_of, join
from redistrict.report.about_data import list_terms
from redistrict.report.facts import Facts, Row
from redistrict.scenario.models import Scenario
from redistrict.scenario.notice import Notice
from redistrict.scenario.procedure import Period, Procedure, Step
from redistrict.standards.procedure import list_periods

QUANTITIES = ("households", "people")


@dataclass(frozen=True)
class Home:
    """A block as a resident looks for it.

    Attributes
    ----------
    key, name : str
        The name may be "".
    community : int
        Its new community.
    before : str
        Name of today's community; "" where none is known.
    size : Message or None
        Households and people, where enough people live in it to say so.
    """

    key: str
    name: str
    community: int
    before: str
    size: Message | None


@dataclass(frozen=True)
class Place:
    """A new community as residents are told of it.

    Attributes
    ----------
    key, name, district : str
    unit : str
        Unit of the innermost level it belongs to (its street); "" where there are no levels.
    size : Message
        Households and people.
    workers : int
    rooms : str
        Names of its premises; "" where none are known.
    bounds : Message
        East, south, west and north end in words.
    before : tuple of (str, Message or None)
        Today's communities that it takes residents from, the most first, with how many where these are enough.
    estates : tuple of str
        Names of its blocks, each once.
    """

    key: str
    name: str
    district: str
    unit: str
    size: Message
    workers: int
    rooms: str
    bounds: Message
    before: tuple[tuple[str, Message | None], ...]
    estates: tuple[str, ...]

    @property
    def group(self) -> str:
        """District and unit it lies in."""
        return " ".join(filter(None, (self.district, self.unit)))


@dataclass(frozen=True, eq=False)
class Told:
    """Everything the notice says.

    Attributes
    ----------
    title : str
    warning : str
        What every reader must know of the data; "" if nothing.
    data : tuple of (Message, Message)
        Name and value of what is known of the data: their date, their licence.
    notice : Notice
    steps : mapping of Step to Period
        First and last day of every step of the procedure; empty where neither scenario nor rule packs speak of one.
    approval_number : str
        "" where it is not known.
    language : {"zh", "en"}
    places : tuple of Place
        In the order of `communities`.
    homes : tuple of Home
        In the order of `blocks`.
    communities, blocks, roads : GeoDataFrame
        In one metric CRS; roads with `road_class` and `name`.
    """

    title: str
    warning: str
    data: tuple[tuple[Message, Message], ...]
    notice: Notice
    steps: Mapping[Step, Period]
    approval_number: str
    language: Language
    places: tuple[Place, ...]
    homes: tuple[Home, ...]
    communities: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame

    def tell(self, words: Message) -> str:
        """Give a message in the notice's language."""
        return words.in_language(self.language)

    @property
    def groups(self) -> tuple[str, ...]:
        """Districts, or the units in them such as streets, by name, in the order of their communities."""
        return tuple(dict.fromkeys(place.group for place in self.places))


def gather_told(scenario: Scenario, facts: Facts, roads: gpd.GeoDataFrame, language: Language) -> Told:
    """Gather what residents are told from a finished result.

    Parameters
    ----------
    roads : GeoDataFrame
        Streets and waters to find one's way by.
    language : {"zh", "en"}
    """
    label, frame, done = scenario.data.label, facts.blocks, scenario.procedure
    has_steps = done != Procedure() or bool(facts.report["standards"]["procedure"])
    number = {key: c for c, key in enumerate(facts.communities["community_id"])}
    names = {row["old_id"]: row["old_name"] for row in facts.tables["lineage"] if row["old_id"]}
    homes = tuple(
        Home(
            key=row["block_id"],
            name=row["name"],
            community=number[row["community_id"]],
            before=names.get(row["current"] or "", ""),
            size=_size_of(row) if _residents(row) >= scenario.notice.min_people else None,
        )
        for row in frame.drop(columns="geometry").to_dict("records")
    )
    return Told(
        title=scenario.heading.in_language(language),
        warning=label.message.in_language(language) if label else "",
        data=list_terms(scenario.data),
        notice=scenario.notice,
        steps=list_periods(scenario) if has_steps else {},
        approval_number=done.approval_number or "",
        language=language,
        places=tuple(
            _gather_place(facts, key, [home for home in homes if home.community == c], scenario.notice.min_people)
            for key, c in number.items()
        ),
        homes=homes,
        communities=facts.communities,
        blocks=frame,
        roads=roads,
    )


def _gather_place(facts: Facts, key: str, homes: Sequence[Home], min_people: int) -> Place:
    staffing = facts.rows_of("staffing", key)[0]
    unit = next((list(row["units"].values())[-1:] for row in facts.report["communities"] if row["id"] == key), [])
    rooms = [row["sites_used"] for row in facts.rows_of("premises", key)]
    bounds = facts.rows_of("bounds", key)[0]
    taken = [row for row in facts.rows_of("lineage", key, key="new_id") if row["old_id"]]
    taken.sort(key=lambda row: -_residents(row))
    return Place(
        key=key,
        name=staffing["community_name"],
        district=staffing["district"],
        unit=unit[0] if unit else "",
        size=_size_of(staffing),
        workers=int(staffing["workers"]),
        rooms=rooms[0] if rooms else "",
        bounds=Message(bounds["bounds_en"], bounds["bounds_zh"]),
        before=tuple(
            (row["old_name"], _size_of(row) if _residents(row) >= min_people else None)
            for row in taken
            if _residents(row)
        ),
        estates=tuple(sorted({home.name for home in homes if home.name})),
    )


def _residents(row: Row) -> int:
    return int(row.get("people") or row.get("households") or 0)


def _size_of(row: Row) -> Message:
    """Give households and people of a row, as far as it has them."""
    known = [(int(row[q]), QUANTITY_UNITS[q]) for q in QUANTITIES if row.get(q) not in ("", None)]
    return join(count_of(n, unit) for n, unit in known)
