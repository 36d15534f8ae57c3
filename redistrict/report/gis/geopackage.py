"""Aliases, descriptions and metadata of a GeoPackage: what GDAL can write of these, pyogrio cannot ask it for.

The tables are those of the extensions Schema and Metadata of the standard (OGC 12-128r15, annexes F.8 and F.9); QGIS
and GDAL show the aliases in place of the names of columns, and QGIS the metadata of its own kind.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import geopandas as gpd

from redistrict.messages import Language, Message
from redistrict.report.gis.about import About, describe, write_qmd
from redistrict.report.gis.qgis import LAYER_NAMES, list_aliases
from redistrict.report.tables.columns import Form, Titles, find_column

_SPEC = "http://www.geopackage.org/spec120/#extension_"
_QGIS = "http://mrcc.com/qgis.dtd"
_TABLES = """
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT,
  row_id_value INTEGER, timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""
_EXTENSIONS = {
    "gpkg_data_columns": "schema",
    "gpkg_data_column_constraints": "schema",
    "gpkg_metadata": "metadata",
    "gpkg_metadata_reference": "metadata",
}
_FORMS: dict[Form, Message] = {
    "text": Message("text", "文本"),
    "code": Message("key or code", "编号或代码"),
    "count": Message("whole number", "整数"),
    "deviation": Message("share with a sign: 0.1 is 10 % above the target", "带符号的比例：0.1 表示高于目标 10%"),
    "share": Message("share: 1 is 100 %", "比例：1 表示 100%"),
    "metres": Message("number", "数值"),
    "amount": Message("number", "数值"),
    "km2": Message("number", "数值"),
    "ratio": Message("ratio to 1", "与 1 之比"),
}


def describe_geopackage(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    about: About,
    *,
    language: Language,
    levels: Titles,
    written: datetime,
) -> None:
    """Say in a GeoPackage what its layers and their columns are, and what they were made from.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Those in the file, as `build_gis` gives them.
    language : {"zh", "en", "both"}
        Of aliases and texts; the description of a column begins with its heading in both.
    levels : mapping
        Titles of levels by key, and columns of further quantities, for the headings of their columns.
    written : datetime
        When the metadata are said to be from.
    """
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_TABLES)
        extensions = [(table, f"gpkg_{name}", _SPEC + name) for table, name in _EXTENSIONS.items()]
        base.executemany("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", extensions)
        for number, (name, layer) in enumerate(layers.items(), start=1):
            told = (LAYER_NAMES[name].in_language(language), describe(about, name, layer.crs, language), name)
            base.execute("UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?", told)
            columns = _list_columns(name, layer, language, levels)
            base.executemany("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", columns)
            metadata = (number, _QGIS, write_qmd(about, name, layer.crs, language))
            base.execute("INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)", metadata)
            stamp = f"{written:%Y-%m-%dT%H:%M:%S}.000Z"
            reference = (name, stamp, number)
            base.execute("INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, NULL)", reference)


def _list_columns(
    name: str, layer: gpd.GeoDataFrame, language: Language, levels: Titles
) -> list[tuple[str, str, str | None, str, str]]:
    """Give layer, column, alias, title and description; titles that two columns share are no aliases."""
    aliases = list_aliases(layer, language, levels)
    times = Counter(aliases.values())
    rows = []
    for column, alias in aliases.items():
        words, form = find_column(column, levels)
        text = f"{words.in_language('both')}: {_FORMS[form].in_language(language)}"
        rows.append((name, column, alias if times[alias] == 1 else None, alias, text))
    return rows
