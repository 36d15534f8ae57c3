"""Layers for geographic information systems: GeoPackage with styles, guarded shapefile, GeoJSON.

Read `layers` (what is in them), `border_lines` (which road a boundary follows) and `border_points`, `vectors` (how
files are written and read back), then `qgis` and `qgis_xml` (how QGIS shows them). Nothing is published that does not
read back as it was written.
"""
