"""About the layers: what they show, what of, made from what, and in which coordinates; as text and as QGIS keeps it."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyproj import CRS

from redistrict.messages import Language, Message
from redistrict.model.result import NOT_PROVED, PROVED, SolveStatus
from redistrict.report.about_data import tell_data
from redistrict.report.gis.qgis import LAYER_NAMES
from redistrict.report.summary import Report
from redistrict.report.title_block import say_crs

_LANGUAGES = {"zh": "ZHO", "en": "ENG", "both": "ZHO"}
_NO_LICENCE = Message(
    "The licences of the data it was made from apply: see sources.", "适用所用源数据的许可条款：见数据来源。"
)
_STATES = {SolveStatus.OPTIMAL: PROVED, SolveStatus.FEASIBLE: NOT_PROVED}


@dataclass(frozen=True)
class About:
    """What is told of every layer of a result.

    Attributes
    ----------
    title : Message
        Heading of the result.
    facts : tuple of Message
        What everyone must know of the data (synthetic, estimated), the state of the plan, and its dates where known.
    sources : tuple of str
        Files that it was made from, with their checksums.
    licence : Message
        Of the data; where the scenario does not say, that theirs apply.
    """

    title: Message
    facts: tuple[Message, ...]
    sources: tuple[str, ...]
    licence: Message


def tell_about(report: Report) -> About:
    """Gather from a report what is told of its layers; nothing in it depends on when the files are written."""
    scenario = report.scenario
    label, licence = scenario.data.label, scenario.data.licence
    state = _STATES[report.result.status]
    facts = [
        *((label.message,) if label else ()),
        Message(f"A plan made by computer (redistrict), {state.en}.", f"由程序（redistrict）求得的方案，{state.zh}。"),
        *_tell_dates(report),
        *tell_data(scenario.data),
        *(() if licence else (_NO_LICENCE,)),
    ]
    sources = tuple(map(_name_source, report.provenance["inputs"]))
    return About(scenario.heading, tuple(facts), sources, licence.message if licence else _NO_LICENCE)


def describe(about: About, layer: str, crs: CRS, language: Language) -> str:
    """Give the description of a layer: title, facts, coordinates and sources, in plain text."""
    system = say_crs(crs)
    placed = Message(f"Coordinate system: {system.en}.", f"坐标系：{system.zh}。")
    told = [*about.facts, placed, Message("Sources:", "数据来源：")]
    lines = [f"{about.title.in_language(language)}: {LAYER_NAMES[layer].in_language(language)}"]
    lines += [message.in_language(language) for message in told]
    return "\n".join([*lines, *about.sources])


def write_qmd(about: About, layer: str, crs: CRS, language: Language) -> str:
    """Give the metadata of a layer as QGIS saves them; ArcGIS and others read the description from the GeoPackage."""
    name = LAYER_NAMES[layer].in_language(language)
    root = ET.Element("qgis", version="3.0")
    texts = {
        "identifier": layer,
        "language": _LANGUAGES[language],
        "type": "dataset",
        "title": f"{about.title.in_language(language)}: {name}",
        "abstract": describe(about, layer, crs, language),
        "license": about.licence.in_language(language),
    }
    for tag, text in texts.items():
        ET.SubElement(root, tag).text = _printable(text)
    system = ET.SubElement(ET.SubElement(root, "crs"), "spatialrefsys")
    ET.SubElement(system, "authid").text = ":".join(crs.to_authority() or ())
    ET.SubElement(system, "description").text = crs.name
    for source in about.sources:
        ET.SubElement(root, "history").text = _printable(source)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}\n"


def _tell_dates(report: Report) -> list[Message]:
    done = report.scenario.procedure
    words = {"Proposed": ("提出", done.proposal), "Approved": ("批准", done.approval)}
    return [Message(f"{en}: {day}.", f"{zh}：{day}。") for en, (zh, day) in words.items() if day is not None]


def _name_source(source: Mapping[str, Any]) -> str:
    layer = f", {source['layer']}" if source["layer"] else ""
    return f"{source['key']}: {source['file']}{layer} (SHA-256 {source['sha256']})"


def _printable(text: str) -> str:
    """Leave out the control characters that XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
