"""The judge: re-derives everything about a finished plan from the original data, by means of its own.

Read `rules` (what must hold) and `case` (what the rules ask), then `reading`, `ground`, `looks`, `between`, `frontage`
and `pieces` (the judge's own way from files to neighbours), `change` (today's communities), `outlines` (the polygons as
handed over; `splits`, `holdings` and `holes` are parts of it, `faults` tells what they find), `files` (all written
files) and `manifest` (whether they are the very files of the run). It shares no code with the reader, the graph
builder, the solver or the report, so that a mistake there cannot hide here, and it repairs nothing.
"""

from redistrict.judge.files import verify_files
from redistrict.judge.manifest import judge_manifest
from redistrict.judge.rules import verify_plan

__all__ = ["judge_manifest", "verify_files", "verify_plan"]
