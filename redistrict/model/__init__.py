"""The model: the values between geometry and solver.

Read `problem` (the integers the solver may see) with `areas` (what is divided on its own, and inside what bounds),
`quantities`, `terms`, `dear`, `mergers`, `subgraph` and `apportion`; then `plan`, `result` and `measures` (from a plan
to numbers), `succession` (who continues whom), and `grids` (every community as a question of its own). Frozen values
and pure functions: nothing here searches, reads files or draws.
"""
