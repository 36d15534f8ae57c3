"""Reports: one summary, computed once, rendered as tables, layers and a map."""
