"""The search: proposes plans, and never claims more of them than that they keep the rules.

Read `area_options` (what is searched), `rounds` (in which order), `search_area` (one area: starts, recombined),
then its parts: `seeds` (first plans), `anneal` (compiled moves) and `anneal_terms` (what they weigh), `coarsen` (blocks
moved in clusters), `candidates` and `cover` (recombination), `split_area` and `straight_cuts` (large areas in parts),
`polish` (pairs redrawn at the end), `nearest` (where nothing is inside the bounds), `repair` (an edited plan, near to
the one before).
"""
