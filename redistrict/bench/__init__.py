"""Benchmarks: cases, peers on the very same weights and time, tables and pictures.

Read `run` (case after case), `instances` (what is divided), `match` (all contestants on one instance), `ours` and
`rivals` (who they are), `judge` and `record`. For programs of others there are `export` (the cases as plain JSON),
`referee` (judges answers, and shares no code with the rest) and `contest` (all answers as a table). It records and
never gates: nothing here asserts a time or a cost, and no plan of a peer ever reaches a planner.
"""
