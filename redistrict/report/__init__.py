"""The report: every published number computed once, and everything written from it.

Read `summary` (the numbers), `layers` (the shapes) and `exports`; then the deliverable you are after: `map/`
(map.html), `tables/` (CSV and workbook), `gis/` (GeoPackage, shapefile, GeoJSON), `pictures/`, `compare/` and
`pack/`. `check` and `failure` put into words what can be reached and why there is no plan; `delivery` moves a
folder in whole. Writers only render: none counts anything again, and none changes the plan.
"""
