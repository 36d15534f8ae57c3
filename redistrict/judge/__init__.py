"""The judge: re-derives everything about a finished plan from the original data, by means of its own.

Read `rules` (what must hold) and `case` (what the rules ask), then `reading` with `text`, `ground`, `spread`,
`levels`, `looks`, `between`, `frontage` and `pieces` (the judge's own way from files to neighbours), `agreement`
(whether the engine read the same), `change` (today's communities), `joined` (pieces of levels), `asked` (the
scenario's pins; `across` finds their roads), `outlines` (the polygons as handed over; `splits`, `holdings`, `holes`
and `edges` are parts of it, `faults` tells what they find), `border` and `bounds` (what runs along them),
`neck_widths` (the least necks published), `costs` (the published cost), `office` (its tables, with `lineage`,
`crossings`, `today`, `procedure`, `clauses`, `clause_kinds`, `grid_facts` and `walks`; `lines` gives roads and barriers
by name), `grids` (what a community is divided into), `files` (all written files), `pins` (what was asked of a healed
plan), `claims` (what a report says of its search), `makers` (and of the programs that made it),
`search_pictures` (that they are pictures), `question` (the approved one or its own), `manifest` with `inventory`
(whether files are those of the run), `signature` and `run_log` (who answers for them), `likeness` (two folders, file by
file) and `sweep` (the table of many results; `sweep_places` looks first where they lie). It shares no code with the
reader, the graph builder, the solver or the report, so that a mistake there cannot hide here, and it repairs nothing.
"""

from redistrict.judge.claims import judge_claims
from redistrict.judge.files import verify_files
from redistrict.judge.makers import judge_makers
from redistrict.judge.manifest import judge_links, judge_manifest
from redistrict.judge.pins import judge_healed
from redistrict.judge.question import as_approved, judge_question
from redistrict.judge.rules import verify_plan
from redistrict.judge.run_log import judge_run_log
from redistrict.judge.search_pictures import judge_search_pictures
from redistrict.judge.signature import judge_signature
from redistrict.judge.sweep import judge_sweep

__all__ = [
    "as_approved",
    "judge_claims",
    "judge_healed",
    "judge_links",
    "judge_makers",
    "judge_manifest",
    "judge_question",
    "judge_run_log",
    "judge_search_pictures",
    "judge_signature",
    "judge_sweep",
    "verify_files",
    "verify_plan",
]
