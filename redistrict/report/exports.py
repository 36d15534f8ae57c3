"""Exports: what other programs open — GeoPackage, shapefile, GeoJSON, boundary tables, workbook and pictures."""

from collections.abc import Sequence
from pathlib import Path

from redistrict.geo.roads import Surroundings
from redistrict.report.gis.about import describe, tell_about, write_qmd
from redistrict.report.gis.border_points import list_rounds
from redistrict.report.gis.geopackage import describe_geopackage
from redistrict.report.gis.layers import build_gis
from redistrict.report.gis.vectors import WGS84, WRITTEN, write_geojson, write_geopackage, write_shapefile
from redistrict.report.layers import Layers
from redistrict.report.pictures.diagnosis import Lettering
from redistrict.report.pictures.plan import draw_plan
from redistrict.report.summary import Report
from redistrict.report.tables.columns import Titles, title_others
from redistrict.report.tables.files import write_csv
from redistrict.report.tables.workbook import write_workbook
from redistrict.solver.tasks.progress import Progress
from redistrict.spent import spend


def write_exports(
    folder: Path,
    report: Report,
    layers: Layers,
    surroundings: Surroundings,
    *,
    trace: Sequence[Progress],
    lettering: Lettering,
) -> None:
    """Write every export into `folder`; the same report gives the same bytes.

    Parameters
    ----------
    trace : sequence of Progress
        What the search told of itself, the earliest first.
    lettering : Lettering
        Font and language of the pictures.

    Raises
    ------
    OutputError
        If a text does not fit the shapefile, or a file does not read back as it was written.
    """
    output, gis, about = report.scenario.output, build_gis(report, layers, surroundings), tell_about(report)
    levels = {level.key: level.title for level in report.levels}
    others = title_others(report.others)
    titles: Titles = {**levels, **others}
    language, geopackage = output.language, folder / "communities.gpkg"
    write_geopackage(geopackage, gis, language=language, levels=titles)
    describe_geopackage(geopackage, gis, about, language=language, levels=titles, written=WRITTEN)
    encoding = output.shapefile_encoding
    write_shapefile(folder / "shapefile", gis["communities"], encoding=encoding, levels=levels, others=others)
    metadata = write_qmd(about, "communities", gis["communities"].crs, language)
    (folder / "shapefile" / "communities.qmd").write_text(metadata, encoding="utf-8", newline="\n")
    for name in ("communities", "boundaries", "boundary_points"):
        told = describe(about, name, WGS84, language)
        write_geojson(folder / f"{name}.geojson", gis[name], description=told)
    write_csv(folder / "boundaries.csv", gis["boundaries"].drop(columns="geometry"))
    write_csv(folder / "boundary_points.csv", list_rounds(report.office, surroundings, gis["boundary_points"]))
    write_workbook(folder / "report.xlsx", report, layers)
    with spend("drawing"):
        draw_plan(folder / "pictures", report, trace, lettering)
