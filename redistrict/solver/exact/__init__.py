"""The exact part: optima with a proof, and bounds no plan can go below.

Read `solve_exactly` (which way is tried when) and `proof` (what is known meanwhile); then `listing` (communities
listed and covered), `representatives` (a model of all blocks, with `separators` and `terms`), `merge` (whole
communities put together), `nearest_cover` and `least_cover` (what comes nearest where nothing is inside the bounds),
`set_partition` (what models that choose among communities share), `divide_pair` and `divide_group` (a handful of
communities divided anew) and `heal_group` (an edited plan repaired), both with `labelled`, `edge_bound`,
`length_bound` (with `length_rows` and `length_trees`) and `price_bound`. A number
leaves here only if it is true for every plan, whatever the search has seen.
"""
