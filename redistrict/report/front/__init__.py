"""The trade-off front: front.html and front.csv.

Read `content` (the plans by their measures), then `page` (a picture for each measure, and a table) and `table`. The
plans are read from their finished folders, with the lines of a comparison; it solves nothing.
"""
