"""Why not: why an area has no plan, and what would help.

Read `binding` (which limits no plan keeps together), `impossible_places` (places that prove it), `cut_blocks` (what
hangs on a single block) and `what_would_help` (numbers and tolerances that admit a plan). It says only what is proved,
or what a plan found shows.
"""
