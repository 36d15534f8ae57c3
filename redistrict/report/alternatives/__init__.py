"""Alternatives side by side: alternatives.html and alternatives.csv.

Read `content` (the plans and how far they are from each other), `words` (what each does otherwise), then `maps`, `page`
and `table`. The plans are read from their finished folders, and compared by the room next door; it solves nothing.
"""
