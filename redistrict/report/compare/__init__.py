"""The comparison of plans: compare.html, compare.xlsx and the printed table.

Read `sides` (the plans, read from finished folders, and today's communities), `partitions` (how far two agree),
`lines` (the table and the differences), then `maps`, `page` and `workbook`. It reads results as delivered and
solves nothing.
"""
