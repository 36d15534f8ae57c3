"""Provenance: what a result was made from, and with what."""

import hashlib
import platform
from glob import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyogrio
import shapely

from redistrict.report.about_data import data_json
from redistrict.scenario.models import Scenario
from redistrict.scenario.sources import Source
from redistrict.version import __version__

_PACKAGES = (
    "folium",
    "fpdf2",
    "geopandas",
    "matplotlib",
    "networkx",
    "numba",
    "numpy",
    "ortools",
    "pandas",
    "pyogrio",
    "pypinyin",
    "pyproj",
    "python-docx",
    "shapely",
    "xlsxwriter",
)


def collect_provenance(scenario: Scenario, scenario_text: str) -> dict[str, Any]:
    """Give versions, date and licence of the data, and the SHA-256 of the scenario and of every input file."""
    return {
        "redistrict": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "geos": shapely.geos_version_string,
        "gdal": pyogrio.__gdal_version_string__,
        "packages": {name: version(name) for name in _PACKAGES},
        "scenario": scenario.name,
        "scenario_sha256": hashlib.sha256(scenario_text.encode("utf-8")).hexdigest(),
        "effort": scenario.solve.effort,
        "data": data_json(scenario.data),
        "inputs": [
            {"key": key, "file": source.path.name, "layer": source.layer, "sha256": file_sha256(source.path)}
            for key, source in list_sources(scenario)
        ],
    }


def list_sources(scenario: Scenario) -> list[tuple[str, Source]]:
    """Give every input of a scenario with its place in the YAML file."""
    data = scenario.data
    names = ("current", "premises", "projects", "start")
    single = {f"data.{name}": getattr(data, name) for name in names}
    counts, spread = data.blocks.counts, data.blocks.spread
    grids = scenario.grids.today if scenario.grids else None
    return [
        ("data.blocks", data.blocks),
        *((("data.blocks.counts", counts),) if counts is not None else ()),
        *((("data.blocks.spread", spread),) if spread is not None else ()),
        *((f"data.roads[{n}]", source) for n, source in enumerate(data.roads)),
        *((f"data.barriers[{n}]", source) for n, source in enumerate(data.barriers)),
        *((f"data.structures[{n}]", source) for n, source in enumerate(data.structures)),
        *((key, source) for key, source in single.items() if source is not None),
        *((f"levels[{n}].layer", level.layer) for n, level in enumerate(scenario.levels) if level.layer is not None),
        *((("grids.today", grids),) if grids is not None else ()),
    ]


def list_parts(path: Path) -> list[Path]:
    """Give the files that one input consists of, in the order of their names: a shapefile and a folder have several."""
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(part for part in path.parent.glob(f"{escape(path.stem)}.*") if part.is_file())
    return [path]


def file_sha256(path: Path) -> str:
    """Give the SHA-256 of a file; of a shapefile or a folder (.gdb), of its parts in the order of their names."""
    digest = hashlib.sha256()
    for part in list_parts(path):
        if part.is_file():
            with part.open("rb") as stream:
                while chunk := stream.read(1 << 20):
                    digest.update(chunk)
    return digest.hexdigest()
