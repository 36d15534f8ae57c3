"""Jobs: one module a command, from its first line to its last; the way in for every program that is no shell.

Read `run`, the table of contents of the whole program, with `inputs` (what a scenario names, read), then `check`,
`verify`, `diagnose`, `compare`, `pack` and `doctor`. `sweep` runs many scenarios, of which `sweep_points` knows what
is there, and `verify_sweep` judges them. `grids` writes a finished result with its communities `gridded`.
`heal` changes a `finished` result as pins ask: `pinned` looks up what they name, `clashes` tells what contradicts,
`unhealed` why there is no plan, `exactly` pins a repair block by block, `rehealed` lists what moves and why.
`deliverable` describes and writes a plan, for `run`, `heal` and `remake`, by which `verify` makes a finished result
again. `fonts` foretells pictures that this machine cannot letter. Jobs put rooms together and hold no knowledge of
their own: no geometry, no counting, no drawing, no printing.
"""
