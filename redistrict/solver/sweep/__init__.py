"""Sweeps over a map that remember only its frontier: all connected sets of blocks, counted, priced or listed.

Read `reach` (what hangs together with a block), `frontier` (the order of blocks and what must be remembered),
`frontier_pieces`, `key_table` (keys met, each once) and `extend_sets` (one step, compiled), `cheapest_community`
(the cheapest set at given prices), `build_diagram` and `diagram` (all sets as ways through a graph),
`diagram_paths` (those below a limit), `boxed_program` and `dual_prices` (the prices that promise most). No
heuristics: what is left out here is proved not to matter.
"""
