"""Pictures as PNG and SVG: of today's communities and of a plan; the only room that draws with matplotlib.

Read `diagnosis` (histogram, map of faults, and the choice of a font), then `plan` (sizes, deviations, search, staff,
crossings). The same numbers give the same bytes.
"""
