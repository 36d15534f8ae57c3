"""Ensembles: ensemble.html and its tables.

Read `content` (where a plan stands among those drawn, and how often neighbours lie together), then `page` (a picture
for each measure), `borders` (the map) and `tables`. It draws no plan and solves nothing.
"""
