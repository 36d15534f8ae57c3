"""Sweeps side by side: sweep.json, sweep.csv and sweep.html, written anew after every point.

Read `record` (what has become of each point, and what was done for it), `content` (the figures of the points that have
a plan, by the lines of the room next door), then `table` and `page`. Everything comes from `sweep.json` and the
finished folders of the points, so that it can be made again; it solves nothing.
"""
