"""Findings in the data as one page that opens without a network: sentences, a map to zoom into, and a table (`page`).

It shows what the command redistrict check says and what `geo/findings.py` has found; it decides nothing.
"""
