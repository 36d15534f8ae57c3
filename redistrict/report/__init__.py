"""The report: every published number computed once, and everything written from it.

Read `summary` (the numbers), `layers` (the shapes) and `exports`; then the deliverable you are after: `map/`
(map.html), `tables/` (CSV and workbook), `gis/` (GeoPackage, shapefile, GeoJSON), `pictures/`, `compare/`, `pack/`
and `notice/`; `certificate` with `check_certificate`, a script for others, and `manifest` (what there is). `check`
and `failure` put into words what can be reached and why there is no plan; `delivery` moves a folder in whole,
`result_folder` and `facts` read it back; `style`, `svg`, `provenance`, `about_data`, `origins`, `office_json`, `today`,
`before_after` and `offline` are shared. Writers render: what one shows beyond `summary` (the metres crossed on the
map) is counted in that one place, and none changes the plan.
"""
