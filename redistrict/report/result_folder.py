"""A finished result folder, read back: its report, and the communities and blocks of its GeoPackage."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from redistrict.paths import is_file
from redistrict.report.provenance import file_sha256
from redistrict.scenario.admission import admit
from redistrict.scenario.sources import Source


@dataclass(frozen=True, eq=False)
class ResultFolder:
    """The files of a result, each value as it is published there.

    Attributes
    ----------
    report : dict
        `report.json`.
    communities, blocks : GeoDataFrame
        Layers of `communities.gpkg`.
    digests : dict of str to str
        SHA-256 of every file that counts.
    """

    report: dict[str, Any]
    communities: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    digests: dict[str, str]


def list_missing(folder: Path, names: Sequence[str]) -> list[str]:
    """Name the files a folder lacks."""
    return [name for name in names if not is_file(folder / name)]


def read_result(folder: Path, names: Sequence[str]) -> ResultFolder:
    """Read a result folder that lacks nothing.

    Parameters
    ----------
    names : sequence of str
        Files that count: their digests are taken.

    Raises
    ------
    DataError
        If a layer is none, but leads elsewhere or would run.
    OSError, ValueError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError
        If a file cannot be read, or is not what it should be.
    """
    return ResultFolder(
        report=json.loads((folder / "report.json").read_bytes()),
        communities=_read_layer(folder / "communities.gpkg", "communities"),
        blocks=_read_layer(folder / "communities.gpkg", "blocks"),
        digests={name: file_sha256(folder / name) for name in names},
    )


def _read_layer(path: Path, layer: str) -> gpd.GeoDataFrame:
    admit(Source(path=path, layer=layer), path.name)
    return gpd.read_file(path, layer=layer)
