"""Ensembles: valid plans drawn at random, to see where one plan stands among all.

Read `spanning_tree` and `cycle_walk` (one step of a chain, compiled), then `chains` (a chain of one unit under all
limits), `sample` (the chains of all units put together) and `convergence`.
"""
