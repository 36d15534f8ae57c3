"""The engine: integers in (`Problem`), the best plan found and what is proved of it out (`Result`).

Read `strategy` (who works when), then `search/` (proposes plans), `exact/` (proves them, or bounds their cost),
`sweep/` (enumerates connected sets for the proofs) and `why_not/` (says why there is no plan). `heal` repairs a plan
that was edited, `grids` divides the communities of one. `tasks/` runs everything on threads and remembers it; `costs`,
`adjacency` and `journal_forms` are shared. It never sees geometry, names or files, and the same problem and seed give
the same plan whatever the number of workers.
"""
