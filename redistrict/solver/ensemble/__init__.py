"""Ensembles: valid plans drawn at random, to see where one plan stands among all.

Read `cycle_walk` (one step of a chain, compiled), then `chains` (a chain of one unit under all limits) and `sample`
(the chains of all units put together).
"""
