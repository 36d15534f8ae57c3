"""The command line: what a planner types, and all that is printed.

Read `app` (one function a command), then `console` (lines, tables, progress), `help_texts` and `spoken` (what the
library below says, in the planner's language). A command loads its job when it is called, so that `--help` answers at
once. Nothing is decided here: a command reads options, calls one job and prints what it says.
"""
